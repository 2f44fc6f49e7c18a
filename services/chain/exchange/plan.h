// What becomes of an order that comes, by the orders that rest: what it meets, what is left, and what that
// moves. Pure; the version of these rules is EXCHANGE_RULES.
#ifndef CHAIN_EXCHANGE_PLAN_H
#define CHAIN_EXCHANGE_PLAN_H

#include "ledger.pb-c.h"
#include "services/chain/exchange/exchange.h"

struct exchange_terms {
    uint32_t account, asset;
    int64_t price;
    uint32_t quantity;
    uint32_t fee_bp;
    uint8_t side;   // enum market_side
    bool immediate; // IOC
    bool post_only;
};

struct exchange_fill {
    uint64_t order; // that rests
    uint32_t account;
    uint32_t quantity;
    uint32_t left;
    int64_t price;
};

struct exchange_plan {
    struct exchange_fill fills[EXCHANGE_FILLS_MAX];
    size_t count;
    uint32_t filled, rest;
    int64_t value; // of what is filled
    int64_t fee;
    Ledger__Order__Reason reason; // why something was withdrawn, or UNSPECIFIED
};

// The account of a role's book, and of the revenue.
struct exchange_parties {
    uint32_t escrow, revenue;
};

// What is wrong with an order's terms for everybody; NULL: nothing.
const char *exchange_terms_wrong(const struct exchange_terms *terms);
// Of a price: what who sells is charged.
int64_t exchange_fee(int64_t value, uint32_t fee_bp);
struct ledger_owner exchange_escrow_owner(const struct exchange_role *role);
struct ledger_owner exchange_revenue_owner(void);
// False: one of them has no account yet.
bool exchange_find_parties(const struct exchange_role *role, const struct ledger_accounts *accounts,
                           struct exchange_parties *parties);

// The role must have a market.
void exchange_plan_order(const struct exchange *exchange, const struct exchange_terms *terms,
                         struct exchange_plan *plan);
// What it moves, as ledger_net leaves it; how many.
size_t exchange_plan_postings(const struct exchange_terms *terms, const struct exchange_plan *plan,
                              const struct exchange_parties *parties,
                              struct ledger_posting postings[LEDGER_POSTINGS_MAX]);
// The cards it moves, which must be there; how many.
size_t exchange_plan_cards(const struct exchange *exchange, const struct exchange_terms *terms,
                           const struct exchange_plan *plan, uint32_t cards[EXCHANGE_QUANTITY_MAX]);

// What goes back when orders of one role are withdrawn: postings and cards. The count may be 0.
size_t exchange_withdraw_postings(const struct exchange *exchange, uint32_t escrow, const uint64_t *orders,
                                  size_t count, struct ledger_posting postings[LEDGER_POSTINGS_MAX]);
size_t exchange_withdraw_cards(const struct exchange *exchange, const uint64_t *orders, size_t count,
                               uint32_t cards[EXCHANGE_QUANTITY_MAX]);

#endif
