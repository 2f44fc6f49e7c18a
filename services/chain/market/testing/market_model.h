// The simplest order book, for tests alone: all resting orders in one array, in order of arrival; every
// question is a walk over it.
#ifndef CHAIN_TESTING_MARKET_MODEL_H
#define CHAIN_TESTING_MARKET_MODEL_H

#include "services/chain/market/market.h"

#include <string.h>

enum { MODEL_ORDERS = 1024 };

struct model {
    struct market_order orders[MODEL_ORDERS];
    struct market_trade trades[MODEL_ORDERS];
    size_t count;
    size_t max_orders;
};

static inline struct market_order *model_find(struct model *model, uint64_t id)
{
    for (size_t i = 0; i < model->count; i++)
        if (model->orders[i].order_id == id) return &model->orders[i];
    return NULL;
}

static inline void model_remove(struct model *model, struct market_order *order)
{
    size_t behind = model->count - (size_t)(order - model->orders) - 1;

    memmove(order, order + 1, behind * sizeof(*order));
    model->count--;
}

static inline bool model_better(unsigned side, int64_t price, int64_t than)
{
    return side == MARKET_BUY ? price > than : price < than;
}

static inline struct market_order *model_best(struct model *model, unsigned side)
{
    struct market_order *best = NULL;

    for (size_t i = 0; i < model->count; i++)
        if (model->orders[i].side == side &&
            (!best || model_better(side, model->orders[i].price, best->price)))
            best = &model->orders[i];
    return best;
}

static inline uint32_t model_match(struct model *model, const struct market_command *taker,
                                   struct market_result *result)
{
    uint32_t left = taker->quantity;

    while (left) {
        struct market_order *maker = model_best(model, !taker->side);

        if (!maker || model_better(taker->side, maker->price, taker->price)) break;
        if (maker->owner_id && maker->owner_id == taker->owner_id) {
            result->outcome = MARKET_SELF_TRADE;
            break;
        }
        uint32_t quantity = left < maker->quantity ? left : maker->quantity;
        maker->quantity -= quantity;
        left -= quantity;
        result->filled += quantity;
        model->trades[result->trade_count++] =
            (struct market_trade){maker->order_id, maker->owner_id, maker->price, quantity, maker->quantity};
        if (!maker->quantity) model_remove(model, maker);
    }
    return left;
}

static inline void model_add(struct model *model, const struct market_command *command,
                             struct market_result *result)
{
    uint32_t left = model_match(model, command, result);

    if (!left) return;
    if (result->outcome == MARKET_SELF_TRADE || command->time_in_force == MARKET_IOC) {
        result->withdrawn = left;
    } else if (model->count == model->max_orders) {
        result->outcome = MARKET_FULL;
    } else {
        model->orders[model->count++] =
            (struct market_order){command->order_id, command->owner_id, command->price, left, command->side};
        result->resting = left;
    }
}

static inline void model_change(struct model *model, const struct market_command *command,
                                struct market_result *result)
{
    struct market_order *order = model_find(model, command->order_id);
    struct market_command anew = *command;

    if (!order) {
        result->outcome = MARKET_UNKNOWN;
        return;
    }
    result->before = *order;
    anew.owner_id = order->owner_id;
    anew.side = order->side;
    anew.time_in_force = MARKET_GTC;
    model_remove(model, order);
    if (command->kind == MARKET_MODIFY)
        model_add(model, &anew, result);
    else
        result->withdrawn = result->before.quantity;
}

static inline void model_apply(struct model *model, const struct market_command *command,
                               struct market_result *result)
{
    *result = (struct market_result){.outcome = MARKET_DONE, .trades = model->trades};
    if (command->kind > MARKET_MODIFY || (command->kind != MARKET_CANCEL && !command->quantity) ||
        (command->kind == MARKET_ADD && (command->side > MARKET_SELL || command->time_in_force > MARKET_IOC)))
        result->outcome = MARKET_INVALID;
    else if (command->kind != MARKET_ADD)
        model_change(model, command, result);
    else if (model_find(model, command->order_id))
        result->outcome = MARKET_DUPLICATE;
    else
        model_add(model, command, result);
}

// The side's next order after the given one in priority; NULL before the first, NULL at the end.
static inline struct market_order *model_next(struct model *model, unsigned side,
                                              const struct market_order *after)
{
    struct market_order *next = NULL;

    for (size_t i = 0; i < model->count; i++) {
        struct market_order *order = &model->orders[i];
        bool behind = !after || model_better(side, after->price, order->price) ||
                      (after->price == order->price && order > after);

        if (order->side == side && behind && (!next || model_better(side, order->price, next->price)))
            next = order;
    }
    return next;
}

static inline bool model_same_order(const struct market_order *a, const struct market_order *b)
{
    return a->order_id == b->order_id && a->owner_id == b->owner_id && a->price == b->price &&
           a->quantity == b->quantity && a->side == b->side;
}

static inline bool model_same_trade(const struct market_trade *a, const struct market_trade *b)
{
    return a->maker_order_id == b->maker_order_id && a->maker_owner_id == b->maker_owner_id &&
           a->price == b->price && a->quantity == b->quantity && a->maker_left == b->maker_left;
}

static inline bool model_same_result(const struct market_result *a, const struct market_result *b)
{
    bool same = a->outcome == b->outcome && a->filled == b->filled && a->resting == b->resting &&
                a->withdrawn == b->withdrawn && a->trade_count == b->trade_count &&
                model_same_order(&a->before, &b->before);

    for (size_t i = 0; same && i < a->trade_count; i++) same = model_same_trade(&a->trades[i], &b->trades[i]);
    return same;
}

static inline bool model_same_side(struct model *model, const struct market *market, enum market_side side)
{
    struct market_walk walk = {.side = side};
    struct market_order *expected = NULL;
    struct market_order order;

    while (market_next(market, &walk, &order)) {
        expected = model_next(model, side, expected);
        if (!expected || !model_same_order(expected, &order)) return false;
    }
    return !model_next(model, side, expected);
}

static inline uint64_t model_quantity_at(const struct model *model, unsigned side, int64_t price)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < model->count; i++)
        if (model->orders[i].side == side && model->orders[i].price == price)
            sum += model->orders[i].quantity;
    return sum;
}

// Best first, every level with the quantity that the array adds up to, and no level missing.
static inline bool model_same_depth(struct model *model, const struct market *market, enum market_side side)
{
    struct market_level levels[MODEL_ORDERS];
    size_t count = market_depth(market, side, levels, MODEL_ORDERS);
    uint64_t shown = 0;
    uint64_t held = 0;

    for (size_t i = 0; i < count; i++) {
        if (i && !model_better(side, levels[i - 1].price, levels[i].price)) return false;
        if (levels[i].quantity != model_quantity_at(model, side, levels[i].price)) return false;
        if (market_quantity_at(market, side, levels[i].price) != levels[i].quantity) return false;
        shown += levels[i].quantity;
    }
    for (size_t i = 0; i < model->count; i++)
        held += model->orders[i].side == side ? model->orders[i].quantity : 0;
    return shown == held;
}

static inline bool model_same_book(struct model *model, const struct market *market)
{
    return model->count == market_count(market) && model_same_side(model, market, MARKET_BUY) &&
           model_same_side(model, market, MARKET_SELL) && model_same_depth(model, market, MARKET_BUY) &&
           model_same_depth(model, market, MARKET_SELL);
}

#endif
