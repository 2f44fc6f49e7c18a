// What the market's entries do: whether one may follow, then that it does.
#ifndef CHAIN_EXCHANGE_FOLD_H
#define CHAIN_EXCHANGE_FOLD_H

#include "ledger.pb-c.h"
#include "services/chain/exchange/exchange.h"

// Whether the entry is one of the market.
bool exchange_is_of(const Ledger__Entry *entry);
// It follows rules that this program does not know.
bool exchange_is_newer(const Ledger__Entry *entry);
// What is wrong with it; NULL: it may follow, and there is memory for it. Cards are there for it when its
// postings can be made.
const char *exchange_check(struct exchange *exchange, const struct ledger_accounts *accounts,
                           const Ledger__Entry *entry);
// Makes what was checked the newest of the market; `number` is the entry's.
void exchange_apply(struct exchange *exchange, const Ledger__Entry *entry, uint64_t number);

#endif
