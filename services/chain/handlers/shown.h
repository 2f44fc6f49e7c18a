// The ledger as people see it. Private to the room.
#ifndef CHAIN_HANDLERS_SHOWN_H
#define CHAIN_HANDLERS_SHOWN_H

#include "services/chain/handlers/handlers.h"

// In base58; NULL when the arena is full.
const char *shown_account(const struct book *book, uint32_t account, struct arena *arena);

struct shown_balances {
    Chain__Balance **balances;
    size_t count;
};
// CONSE always, others when there is something. LEDGER_NO_ACCOUNT has nothing. False when the arena is full.
bool shown_balances(const struct book *book, uint32_t account, struct shown_balances *out,
                    struct arena *arena);

// A transaction as the holder of an account may know it; LEDGER_NO_ACCOUNT: as who may know all. NULL when
// the arena is full.
Chain__Transaction *shown_transaction(const struct book *book, const Ledger__Entry *entry, uint64_t number,
                                      uint32_t viewer, const char *memo, struct arena *arena);

// Of a call that made it, or once did: the transaction, and what the account has now.
bool shown_answer(struct book_call *b, const Ledger__Entry *entry, uint64_t number, uint32_t whose,
                  Chain__TransactionReply *reply, struct err *err);

#endif
