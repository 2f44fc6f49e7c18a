// What a key's account has is its holder's alone. Which entries may take from such an account, and what they
// have to show, is said here and nowhere else.
#ifndef CHAIN_BOOK_HOLDERS_H
#define CHAIN_BOOK_HOLDERS_H

#include "services/chain/book/messages.h"
#include "services/chain/ledger/order.h"

// The format from which on programs know such entries, and snapshots that remember them.
enum { HOLDERS_FORMAT = 5 };

// The order that the entry carries out; false: it carries out none, or is not of the form that such entries
// have.
bool holders_order(const struct book *book, const Ledger__Entry *entry, struct ledger_order *order);
// Whether somebody's signature may give to the account: it is a person's or a key's.
bool holders_may_receive(const struct book *book, uint32_t account);

// When a message was signed; 0, which is never timely, when it says no such time.
uint64_t holders_issued_ms(const struct coinixerr_transaction *transaction);

// INTERNAL_ERROR: the entry takes from a key's account and may not. The signature is not checked: that is
// done before an entry is decided, and by who trusts nobody.
MUST_CHECK bool holders_check(struct book *book, const Ledger__Entry *entry, struct err *err);
// STORE_CORRUPT: the signature of an entry that may follow is not the holder's.
// seen: as messages_verify takes it.
MUST_CHECK bool holders_verify(const struct book *book, const Ledger__Entry *entry, struct ledger_map *seen,
                               struct err *err);
// Remembers what the entry carries out, so that nothing does it again. It has been checked.
// Takes back what was applied, whose postings were given back.
void holders_undo(struct book *book, const Ledger__Entry *entry);
void holders_apply(struct book *book, const Ledger__Entry *entry);

#endif
