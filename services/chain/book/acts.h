// What calls do of which the audit tells: the append carries it, and the rows' thread adds it to the audit
// (rows/acts.c). Said after book_begin and before book_commit; what is borrowed lives until then. Without
// memory the call is refused at its commit.
#ifndef CHAIN_BOOK_ACTS_H
#define CHAIN_BOOK_ACTS_H

#include "money.pb-c.h"
#include "services/chain/book/call.h"

void book_act_granted(struct book_call *b, const char *user_id, Money__Currency__Value currency,
                      uint64_t amount);
void book_act_settled(struct book_call *b, const char *event_id);
void book_act_card(struct book_call *b, const char *role_id, const char *user_id);
void book_act_stopped(struct book_call *b, const char *role_id, bool stopped);
// kind: of those of lists. count: mints, or entries of wallets.
void book_act_list(struct book_call *b, Audit__AuditKind__Value kind, const char *name, size_t count);

#endif
