#include "services/chain/exchange/plan.h"

#include <string.h>

const char *exchange_terms_wrong(const struct exchange_terms *terms)
{
    if (terms->side > MARKET_SELL) return "it is neither to buy nor to sell";
    if (terms->price < 1 || terms->price >= EXCHANGE_VALUE_MAX) return "it has no price";
    if (!terms->quantity || terms->quantity > EXCHANGE_QUANTITY_MAX) return "it has no quantity";
    if (terms->price > EXCHANGE_VALUE_MAX / terms->quantity) return "it is worth too much";
    if (terms->fee_bp > EXCHANGE_FEE_MAX) return "its fee is more than all";
    if (terms->immediate && terms->post_only) return "it can't both rest alone and not rest";
    return NULL;
}

int64_t exchange_fee(int64_t value, uint32_t fee_bp)
{
    return value / EXCHANGE_FEE_MAX * fee_bp + value % EXCHANGE_FEE_MAX * fee_bp / EXCHANGE_FEE_MAX;
}

// ---- Whose

struct ledger_owner exchange_escrow_owner(const struct exchange_role *role)
{
    struct ledger_owner owner = {.kind = LEDGER_BOOK};
    memcpy(owner.id, role->role_id, sizeof role->role_id);
    return owner;
}

struct ledger_owner exchange_revenue_owner(void)
{
    return (struct ledger_owner){.kind = LEDGER_FUND, .id = {LEDGER_REVENUE}};
}

bool exchange_find_parties(const struct exchange_role *role, const struct ledger_accounts *accounts,
                           struct exchange_parties *parties)
{
    const struct ledger_owner escrow = exchange_escrow_owner(role), revenue = exchange_revenue_owner();
    parties->escrow = ledger_accounts_find(accounts, &escrow);
    parties->revenue = ledger_accounts_find(accounts, &revenue);
    return parties->escrow != LEDGER_NO_ACCOUNT && parties->revenue != LEDGER_NO_ACCOUNT;
}

// ---- What it meets

static bool crosses_price(const struct exchange_terms *terms, int64_t price)
{
    return terms->side == MARKET_BUY ? price <= terms->price : price >= terms->price;
}

// Why it goes no further at this order, which it would meet.
static Ledger__Order__Reason stopped_by(const struct exchange_terms *terms, const struct exchange_plan *plan,
                                        const struct market_order *maker)
{
    if (terms->post_only) return LEDGER__ORDER__REASON__POST_ONLY;
    if (maker->owner_id == terms->account) return LEDGER__ORDER__REASON__SELF_TRADE;
    if (plan->count == EXCHANGE_FILLS_MAX) return LEDGER__ORDER__REASON__FILLS;
    return LEDGER__ORDER__REASON__REASON_UNSPECIFIED;
}

static void plan_fill(const struct exchange_terms *terms, struct exchange_plan *plan,
                      const struct market_order *maker, uint32_t quantity)
{
    int64_t value = maker->price * quantity;
    plan->fills[plan->count++] = (struct exchange_fill){.order = maker->order_id,
                                                        .account = (uint32_t)maker->owner_id,
                                                        .quantity = quantity,
                                                        .left = maker->quantity - quantity,
                                                        .price = maker->price};
    plan->filled += quantity;
    plan->value += value;
    plan->fee += exchange_fee(value, terms->fee_bp);
}

void exchange_plan_order(const struct exchange *exchange, const struct exchange_terms *terms,
                         struct exchange_plan *plan)
{
    const struct market *market = exchange_role(exchange, terms->asset)->market;
    struct market_walk walk = {.side = terms->side == MARKET_BUY ? MARKET_SELL : MARKET_BUY};
    struct market_order maker;
    uint32_t left = terms->quantity;
    plan->count = plan->filled = plan->rest = 0;
    plan->value = plan->fee = 0;
    plan->reason = LEDGER__ORDER__REASON__REASON_UNSPECIFIED;
    while (left && market_next(market, &walk, &maker) && crosses_price(terms, maker.price)) {
        plan->reason = stopped_by(terms, plan, &maker);
        if (plan->reason) return;
        uint32_t quantity = left < maker.quantity ? left : maker.quantity;
        plan_fill(terms, plan, &maker, quantity);
        left -= quantity;
    }
    if (left && terms->immediate)
        plan->reason = LEDGER__ORDER__REASON__IMMEDIATE;
    else
        plan->rest = left;
}

// ---- What that moves

struct moves {
    struct ledger_posting *postings;
    size_t count;
};

static void add_move(struct moves *moves, uint32_t account, uint32_t asset, int64_t amount)
{
    moves->postings[moves->count++] = (struct ledger_posting){account, asset, amount};
}

static void add_bought(struct moves *moves, const struct exchange_terms *terms,
                       const struct exchange_plan *plan, uint32_t escrow)
{
    const int64_t promised = terms->price * plan->rest;
    add_move(moves, terms->account, EXCHANGE_CONSE, -plan->value - promised);
    add_move(moves, terms->account, terms->asset, plan->filled);
    add_move(moves, escrow, EXCHANGE_CONSE, promised);
    add_move(moves, escrow, terms->asset, -(int64_t)plan->filled);
    for (size_t i = 0; i < plan->count; i++) {
        int64_t value = plan->fills[i].price * plan->fills[i].quantity;
        add_move(moves, plan->fills[i].account, EXCHANGE_CONSE, value - exchange_fee(value, terms->fee_bp));
    }
}

static void add_sold(struct moves *moves, const struct exchange_terms *terms,
                     const struct exchange_plan *plan, uint32_t escrow)
{
    add_move(moves, terms->account, terms->asset, -(int64_t)plan->filled - plan->rest);
    add_move(moves, terms->account, EXCHANGE_CONSE, plan->value - plan->fee);
    add_move(moves, escrow, terms->asset, plan->rest);
    add_move(moves, escrow, EXCHANGE_CONSE, -plan->value);
    for (size_t i = 0; i < plan->count; i++)
        add_move(moves, plan->fills[i].account, terms->asset, plan->fills[i].quantity);
}

size_t exchange_plan_postings(const struct exchange_terms *terms, const struct exchange_plan *plan,
                              const struct exchange_parties *parties,
                              struct ledger_posting postings[LEDGER_POSTINGS_MAX])
{
    struct moves moves = {postings, 0};
    if (terms->side == MARKET_BUY)
        add_bought(&moves, terms, plan, parties->escrow);
    else
        add_sold(&moves, terms, plan, parties->escrow);
    add_move(&moves, parties->revenue, EXCHANGE_CONSE, plan->fee);
    return ledger_net(postings, moves.count);
}

size_t exchange_plan_cards(const struct exchange *exchange, const struct exchange_terms *terms,
                           const struct exchange_plan *plan, uint32_t cards[EXCHANGE_QUANTITY_MAX])
{
    const struct exchange_cards *all = &exchange_role(exchange, terms->asset)->cards;
    size_t count = 0;
    if (terms->side == MARKET_SELL) {
        const struct card_queue *own = exchange_holder(exchange, terms->account, terms->asset);
        uint32_t moved = plan->filled + plan->rest;
        if (moved) cards_front(all, own, moved, cards);
        return moved;
    }
    for (size_t i = 0; i < plan->count; i++) {
        const struct exchange_order *maker = exchange_order(exchange, plan->fills[i].order);
        cards_front(all, &maker->cards, plan->fills[i].quantity, cards + count);
        count += plan->fills[i].quantity;
    }
    return count;
}

// ---- What goes back

size_t exchange_withdraw_postings(const struct exchange *exchange, uint32_t escrow, const uint64_t *orders,
                                  size_t count, struct ledger_posting postings[LEDGER_POSTINGS_MAX])
{
    struct moves moves = {postings, 0};
    for (size_t i = 0; i < count; i++) {
        const struct exchange_order *order = exchange_order(exchange, orders[i]);
        int64_t left = order->quantity - order->filled;
        bool buys = order->side == MARKET_BUY;
        add_move(&moves, order->account, buys ? (uint32_t)EXCHANGE_CONSE : order->asset,
                 buys ? order->price * left : left);
        add_move(&moves, escrow, buys ? (uint32_t)EXCHANGE_CONSE : order->asset,
                 buys ? -order->price * left : -left);
    }
    return ledger_net(postings, moves.count);
}

size_t exchange_withdraw_cards(const struct exchange *exchange, const uint64_t *orders, size_t count,
                               uint32_t cards[EXCHANGE_QUANTITY_MAX])
{
    size_t moved = 0;
    for (size_t i = 0; i < count; i++) {
        const struct exchange_order *order = exchange_order(exchange, orders[i]);
        const struct exchange_role *role = exchange_role(exchange, order->asset);
        cards_front(&role->cards, &order->cards, order->cards.count, cards + moved);
        moved += order->cards.count;
    }
    return moved;
}
