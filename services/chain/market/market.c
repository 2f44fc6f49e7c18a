#include "services/chain/market/market.h"
#include "services/chain/market/index.h"
#include "services/chain/market/ladder.h"

#include <stdlib.h>

struct resting {
    uint64_t id;
    uint64_t owner;
    uint32_t quantity;
    uint32_t next;
    uint32_t previous;
    uint32_t level;
};

struct market {
    struct resting *orders; // slot 0 is none
    struct market_trade *trades;
    struct market_index index;
    struct market_ladder ladder;
    uint32_t max_orders;
    uint32_t count;
    uint32_t free_order;
    uint32_t fresh_order;
};

// A command fills at most all resting orders, so the trades have room for one each.
struct market *market_create(uint32_t max_orders, uint64_t seed)
{
    struct market *market = NULL;

    if (max_orders && max_orders <= MARKET_ORDERS_MAX) market = calloc(1, sizeof(*market));
    if (!market) return NULL;
    market->max_orders = max_orders;
    market->fresh_order = 1;
    market->orders = calloc((size_t)max_orders + 1, sizeof(*market->orders));
    market->trades = calloc(max_orders, sizeof(*market->trades));
    bool indexed = market_index_init(&market->index, max_orders, seed);
    bool laddered = market_ladder_init(&market->ladder, max_orders);
    if (market->orders && market->trades && indexed && laddered) return market;
    market_destroy(market);
    return NULL;
}

void market_destroy(struct market *market)
{
    if (!market) return;
    market_ladder_finish(&market->ladder);
    market_index_finish(&market->index);
    free(market->trades);
    free(market->orders);
    free(market);
}

static struct market_order order_view(const struct market *market, uint32_t slot)
{
    const struct resting *order = &market->orders[slot];
    const struct market_price *level = &market->ladder.levels[order->level];

    return (struct market_order){order->id, order->owner, level->price, order->quantity,
                                 (uint8_t)level->side};
}

static uint32_t slot_take(struct market *market)
{
    uint32_t slot = market->free_order;

    market->count++;
    if (!slot) return market->fresh_order++;
    market->free_order = market->orders[slot].next;
    return slot;
}

static void slot_give(struct market *market, uint32_t slot)
{
    market->count--;
    market->orders[slot].next = market->free_order;
    market->free_order = slot;
}

static void market_rest(struct market *market, const struct market_command *command, uint32_t quantity)
{
    uint32_t slot = slot_take(market);
    uint32_t number = market_ladder_get(&market->ladder, command->side, command->price);
    struct market_price *level = &market->ladder.levels[number];

    market->orders[slot] =
        (struct resting){command->order_id, command->owner_id, quantity, 0, level->tail, number};
    if (level->tail)
        market->orders[level->tail].next = slot;
    else
        level->head = slot;
    level->tail = slot;
    level->quantity += quantity;
    level->orders++;
    market_index_put(&market->index, command->order_id, slot);
}

// Takes an order out of queue, index and pool; its remainder is subtracted from the level's sum.
static void market_withdraw(struct market *market, uint32_t slot)
{
    struct resting *order = &market->orders[slot];
    struct market_price *level = &market->ladder.levels[order->level];

    level->quantity -= order->quantity;
    level->orders--;
    if (order->previous)
        market->orders[order->previous].next = order->next;
    else
        level->head = order->next;
    if (order->next)
        market->orders[order->next].previous = order->previous;
    else
        level->tail = order->previous;
    if (!level->head) market_ladder_remove(&market->ladder, order->level);
    market_index_remove(&market->index, order->id);
    slot_give(market, slot);
}

static void market_fill(struct market *market, struct market_price *level, uint32_t quantity,
                        struct market_result *result)
{
    uint32_t slot = level->head;
    struct resting *maker = &market->orders[slot];

    maker->quantity -= quantity;
    level->quantity -= quantity;
    market->trades[result->trade_count++] =
        (struct market_trade){maker->id, maker->owner, level->price, quantity, maker->quantity};
    result->filled += quantity;
    if (!maker->quantity) market_withdraw(market, slot);
}

static bool market_crosses(const struct market_command *taker, const struct market_price *level)
{
    return taker->side == MARKET_BUY ? level->price <= taker->price : level->price >= taker->price;
}

// Returns what is left of the taker; stops at the owner's own order.
static uint32_t market_match(struct market *market, const struct market_command *taker,
                             struct market_result *result)
{
    const uint32_t *best = &market->ladder.best[!taker->side];
    uint32_t left = taker->quantity;

    while (left && *best) {
        struct market_price *level = &market->ladder.levels[*best];
        const struct resting *maker = &market->orders[level->head];
        uint32_t quantity = left < maker->quantity ? left : maker->quantity;

        if (!market_crosses(taker, level)) break;
        if (maker->owner == taker->owner_id && maker->owner) {
            result->outcome = MARKET_SELF_TRADE;
            break;
        }
        left -= quantity;
        market_fill(market, level, quantity, result);
    }
    return left;
}

// A full pool can refuse only an order that matched none: an order that matched and has a remainder has
// filled a maker and freed its slot.
static void market_add(struct market *market, const struct market_command *command,
                       struct market_result *result)
{
    uint32_t left = market_match(market, command, result);

    if (!left) return;
    if (result->outcome == MARKET_SELF_TRADE || command->time_in_force == MARKET_IOC) {
        result->withdrawn = left;
    } else if (market->count == market->max_orders) {
        result->outcome = MARKET_FULL;
    } else {
        market_rest(market, command, left);
        result->resting = left;
    }
}

static void apply_add(struct market *market, const struct market_command *command,
                      struct market_result *result)
{
    if (!command->quantity || command->side > MARKET_SELL || command->time_in_force > MARKET_IOC)
        result->outcome = MARKET_INVALID;
    else if (market_index_find(&market->index, command->order_id))
        result->outcome = MARKET_DUPLICATE;
    else
        market_add(market, command, result);
}

static void apply_cancel(struct market *market, const struct market_command *command,
                         struct market_result *result)
{
    uint32_t slot = market_index_find(&market->index, command->order_id);

    if (!slot) {
        result->outcome = MARKET_UNKNOWN;
        return;
    }
    result->before = order_view(market, slot);
    result->withdrawn = result->before.quantity;
    market_withdraw(market, slot);
}

static void apply_modify(struct market *market, const struct market_command *command,
                         struct market_result *result)
{
    struct market_command anew = *command;
    uint32_t slot;

    if (!command->quantity) {
        result->outcome = MARKET_INVALID;
        return;
    }
    slot = market_index_find(&market->index, command->order_id);
    if (!slot) {
        result->outcome = MARKET_UNKNOWN;
        return;
    }
    result->before = order_view(market, slot);
    market_withdraw(market, slot);
    anew.owner_id = result->before.owner_id;
    anew.side = result->before.side;
    anew.time_in_force = MARKET_GTC;
    market_add(market, &anew, result);
}

void market_apply(struct market *market, const struct market_command *command, struct market_result *result)
{
    *result = (struct market_result){.outcome = MARKET_DONE, .trades = market->trades};
    switch (command->kind) {
    case MARKET_ADD:
        apply_add(market, command, result);
        break;
    case MARKET_CANCEL:
        apply_cancel(market, command, result);
        break;
    case MARKET_MODIFY:
        apply_modify(market, command, result);
        break;
    default:
        result->outcome = MARKET_INVALID;
    }
}

bool market_find(const struct market *market, uint64_t order_id, struct market_order *order)
{
    uint32_t slot = market_index_find(&market->index, order_id);

    if (slot) *order = order_view(market, slot);
    return slot != 0;
}

static struct market_level level_view(const struct market *market, uint32_t level)
{
    const struct market_price *at = &market->ladder.levels[level];

    return (struct market_level){at->price, at->quantity, at->orders};
}

bool market_best(const struct market *market, enum market_side side, struct market_level *best)
{
    uint32_t level = market->ladder.best[side];

    if (level) *best = level_view(market, level);
    return level != 0;
}

bool market_level_at(const struct market *market, enum market_side side, int64_t price,
                     struct market_level *level)
{
    uint32_t number = market_ladder_find(&market->ladder, side, price);

    if (number) *level = level_view(market, number);
    return number != 0;
}

uint32_t market_count(const struct market *market) { return market->count; }

uint64_t market_quantity_at(const struct market *market, enum market_side side, int64_t price)
{
    uint32_t level = market_ladder_find(&market->ladder, side, price);

    return level ? market->ladder.levels[level].quantity : 0;
}

size_t market_depth(const struct market *market, enum market_side side, struct market_level *levels,
                    size_t capacity)
{
    uint32_t level = market->ladder.best[side];
    size_t count = 0;

    for (; level && count < capacity; level = market_ladder_next(&market->ladder, level))
        levels[count++] = level_view(market, level);
    return count;
}

bool market_next(const struct market *market, struct market_walk *walk, struct market_order *order)
{
    if (!walk->started) {
        walk->started = true;
        walk->level = market->ladder.best[walk->side];
        walk->order = walk->level ? market->ladder.levels[walk->level].head : 0;
    }
    if (!walk->order) return false;
    *order = order_view(market, walk->order);
    walk->order = market->orders[walk->order].next;
    if (!walk->order) {
        walk->level = market_ladder_next(&market->ladder, walk->level);
        walk->order = walk->level ? market->ladder.levels[walk->level].head : 0;
    }
    return true;
}
