#include "services/chain/handlers/dealt.h"

#include <inttypes.h>

#include "lib/base/stamp.h"

const char *dealt_role_id(const struct exchange_role *role, struct arena *arena)
{
    return arena_str(arena, uuid_text(role->role_id).text);
}

static const char *role_of(const struct book *book, uint32_t asset, struct arena *arena)
{
    return arena_str(arena, book->assets[asset].role_id);
}

// ---- Orders

static const char *show_average(int64_t value, uint32_t filled, struct arena *arena)
{
    if (!filled) return "";
    int64_t hundredths = value % filled * 100 / filled;
    return arena_printf(arena, "%" PRId64 ".%02" PRId64, value / filled, hundredths);
}

static Chain__CardOrder *make_order(const struct book *book, uint64_t number, uint32_t asset,
                                    int64_t created_ms, struct arena *arena)
{
    Chain__CardOrder *shown = arena_new(arena, Chain__CardOrder);
    if (!shown) return NULL;
    chain__card_order__init(shown);
    shown->id = shown->seq = number;
    shown->role_id = role_of(book, asset, arena);
    shown->created_at = stamp_new(arena, created_ms);
    shown->time_in_force = LEDGER__ORDER__TIME_IN_FORCE__GTC;
    return shown;
}

static Chain__CardOrder *fill_progress(Chain__CardOrder *shown, uint32_t filled, int64_t value, bool open,
                                       struct arena *arena)
{
    shown->filled = filled;
    shown->remaining = shown->quantity - filled;
    shown->average_price = show_average(value, filled, arena);
    if (!shown->remaining)
        shown->state = CHAIN__CARD_ORDER__STATE__FILLED;
    else if (!open)
        shown->state = CHAIN__CARD_ORDER__STATE__CANCELLED;
    else
        shown->state = filled ? CHAIN__CARD_ORDER__STATE__PARTIAL : CHAIN__CARD_ORDER__STATE__OPEN;
    return arena->failed ? NULL : shown;
}

Chain__CardOrder *dealt_open(const struct book *book, const struct exchange_order *order, struct arena *arena)
{
    Chain__CardOrder *shown = make_order(book, order->number, order->asset, order->created_ms, arena);
    if (!shown) return NULL;
    shown->seq = order->changed;
    shown->side = order->side == MARKET_BUY ? LEDGER__ORDER__SIDE__BUY : LEDGER__ORDER__SIDE__SELL;
    shown->price = order->price;
    shown->quantity = order->quantity;
    shown->post_only = order->post_only;
    return fill_progress(shown, order->filled, order->value, true, arena);
}

Chain__CardOrder *dealt_placed(const struct book *book, const Ledger__Entry *entry, uint64_t number,
                               struct arena *arena)
{
    const Ledger__Ordered *ordered = entry->ordered;
    Chain__CardOrder *shown = make_order(book, number, ordered->asset, entry->time_ms, arena);
    int64_t value = 0;
    uint32_t filled = 0;
    if (!shown) return NULL;
    shown->side = ordered->side;
    shown->price = ordered->price;
    shown->quantity = ordered->quantity;
    shown->time_in_force = ordered->time_in_force;
    shown->post_only = ordered->post_only;
    shown->reason = ordered->reason;
    for (size_t i = 0; i < ordered->n_fills; i++) {
        value += ordered->fills[i]->price * ordered->fills[i]->quantity;
        filled += ordered->fills[i]->quantity;
    }
    return fill_progress(shown, filled, value, ordered->rest, arena);
}

Chain__CardOrder *dealt_closed(const struct book *book, const Ledger__OrderRow *row, struct arena *arena)
{
    Chain__CardOrder *shown = make_order(book, row->number, row->asset, row->created_ms, arena);
    if (!shown) return NULL;
    shown->seq = row->closed;
    shown->side = row->side;
    shown->price = row->price;
    shown->quantity = row->quantity;
    shown->time_in_force = row->time_in_force;
    shown->post_only = row->post_only;
    shown->reason = row->reason;
    return fill_progress(shown, row->filled, row->value, false, arena);
}

// ---- Trades

static Chain__CardTrade *make_trade(struct arena *arena, int64_t time_ms)
{
    Chain__CardTrade *shown = arena_new(arena, Chain__CardTrade);
    if (!shown) return NULL;
    chain__card_trade__init(shown);
    shown->time = stamp_new(arena, time_ms);
    return shown;
}

static const char *trade_id(uint64_t number, size_t place, struct arena *arena)
{
    return arena_printf(arena, "%" PRIu64 "-%zu", number, place);
}

Chain__CardTrade *dealt_fill(const struct book *book, const Ledger__Entry *entry, uint64_t number,
                             size_t place, struct arena *arena)
{
    const Ledger__Ordered *ordered = entry->ordered;
    const Ledger__Fill *fill = ordered->fills[place];
    Chain__CardTrade *shown = make_trade(arena, entry->time_ms);
    if (!shown) return NULL;
    shown->id = trade_id(number, place, arena);
    shown->role_id = role_of(book, ordered->asset, arena);
    shown->price = fill->price;
    shown->quantity = fill->quantity;
    shown->side = ordered->side;
    shown->order_id = number;
    shown->part = CHAIN__CARD_TRADE__PART__TAKER;
    if (ordered->side == LEDGER__ORDER__SIDE__SELL)
        shown->fee = exchange_fee(fill->price * fill->quantity, ordered->fee_bp);
    return arena->failed ? NULL : shown;
}

Chain__CardTrade *dealt_trade(const struct book *book, const Ledger__TradeRow *row, struct arena *arena)
{
    Chain__CardTrade *shown = make_trade(arena, row->time_ms);
    uint64_t number = 0;
    unsigned place = 0;
    if (!shown) return NULL;
    sscanf(row->id, "%" SCNu64 "-%u", &number, &place);
    shown->id = trade_id(number, place, arena);
    shown->role_id = role_of(book, row->asset, arena);
    shown->price = row->price;
    shown->quantity = row->quantity;
    shown->side = row->side;
    if (row->account) {
        shown->order_id = row->order;
        shown->part = row->maker ? CHAIN__CARD_TRADE__PART__MAKER : CHAIN__CARD_TRADE__PART__TAKER;
        shown->fee = row->fee;
    }
    return arena->failed ? NULL : shown;
}

Chain__CardTrade *dealt_last(const struct exchange_role *role, struct arena *arena)
{
    Chain__CardTrade *shown = role->last.price ? make_trade(arena, role->last.time_ms) : NULL;
    if (!shown) return NULL;
    shown->id = trade_id(role->last.number, role->last.place, arena);
    shown->role_id = dealt_role_id(role, arena);
    shown->price = role->last.price;
    shown->quantity = role->last.quantity;
    shown->side = role->last.side == MARKET_BUY ? LEDGER__ORDER__SIDE__BUY : LEDGER__ORDER__SIDE__SELL;
    return shown;
}

// ---- Books

Chain__BookLevel *dealt_level(const struct market_level *level, struct arena *arena)
{
    Chain__BookLevel *shown = arena_new(arena, Chain__BookLevel);
    if (!shown) return NULL;
    chain__book_level__init(shown);
    shown->price = level->price;
    shown->quantity = level->quantity;
    shown->orders = level->orders;
    return shown;
}

static Chain__BookLevel **show_side(const struct exchange_role *role, enum market_side side, uint32_t depth,
                                    size_t *count, struct arena *arena)
{
    struct market_level levels[DEALT_DEPTH_MAX];
    Chain__BookLevel **shown = arena_array(arena, depth + 1, sizeof *shown);
    size_t found = role->market ? market_depth(role->market, side, levels, depth) : 0;
    for (size_t i = 0; i < found && !arena->failed; i++) shown[(*count)++] = dealt_level(&levels[i], arena);
    return shown;
}

bool dealt_book(const struct exchange_role *role, uint32_t depth, Chain__BookSnapshot *shown,
                struct arena *arena)
{
    shown->role_id = dealt_role_id(role, arena);
    shown->depth = depth;
    shown->bids = show_side(role, MARKET_BUY, depth, &shown->n_bids, arena);
    shown->asks = show_side(role, MARKET_SELL, depth, &shown->n_asks, arena);
    shown->checksum = exchange_checksum(role);
    shown->last = dealt_last(role, arena);
    shown->stopped = exchange_is_stopped(role);
    return !arena->failed;
}
