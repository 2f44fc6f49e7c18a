// What calls do on the market of role cards: each adds entries to a call's. A count, or a number, of entries
// that could not be added is of no use: then nothing will be committed.
#ifndef CHAIN_BOOK_ORDERS_H
#define CHAIN_BOOK_ORDERS_H

#include "money.pb-c.h"
#include "services/chain/book/call.h"
#include "services/chain/exchange/plan.h"

// The first CONSE_FORMAT whose programs know entries of the market; see replica_all_know.
enum { BOOK_MARKET_SINCE = 5, BOOK_SWITCHES_SINCE = 17 }; // the latter: that the catalogue stops a role
// Before that nothing is to be added to a call: SERVICE_BUSY.
MUST_CHECK bool book_has_market(const struct book_call *b, struct err *err);

// The asset of a role's cards, which is added when there is none. 0: there are too many roles.
uint32_t book_add_role(struct book_call *b, const char *role_id);
// A card that a user won in an event; its number, or 0.
uint32_t book_make_card(struct book_call *b, const char *user_id, const char *role_id, const char *event_id);
// The same for an account, with the proof that it was dealt to it, or NULL.
uint32_t book_give_card(struct book_call *b, uint32_t account, const char *role_id, const uint8_t event[16],
                        Ledger__DealProof *deal);
// One that its winner has, in no order.
void book_take_card_back(struct book_call *b, uint32_t account, uint32_t asset, uint32_t card);

// Whether the account may place this order, whose terms are not wrong; the account must be there.
MUST_CHECK bool book_may_order(const struct book *book, const struct exchange_terms *terms, struct err *err);
// Places it. client: EXCHANGE_CLIENT_BYTES, or NULL.
const Ledger__Entry *book_order(struct book_call *b, const struct exchange_terms *terms,
                                const uint8_t *client);

// Withdraws an account's open orders, of one role or of all (asset 0); how many.
size_t book_withdraw_own(struct book_call *b, uint32_t account, uint32_t asset, Ledger__Order__Reason reason);
void book_withdraw_one(struct book_call *b, uint64_t order, Ledger__Order__Reason reason);
// Withdraws open orders of a role, as many as one entry may have; how many. 0: there are none.
size_t book_withdraw_role(struct book_call *b, uint32_t asset, Ledger__Order__Reason reason);

// When the account's orders are withdrawn; 0: never.
void book_set_cancel(struct book_call *b, uint32_t account, int64_t at_ms);
// Does so for one account whose time has come. False: there is none.
bool book_cancel_due(struct book_call *b);
// From now on a role's cards are dealt in, or not.
void book_stop_role(struct book_call *b, uint32_t asset, bool stopped);
// The same of a role that the catalogue has so. Orders are withdrawn; what is left of them is unfinished.
void book_switch_role(struct book_call *b, const Money__RoleSwitched *switched);

#endif
