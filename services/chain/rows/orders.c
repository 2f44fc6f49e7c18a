// Closed orders, and trades.
#include <inttypes.h>
#include <stdio.h>

#include "services/chain/book/walk.h"
#include "services/chain/exchange/plan.h"
#include "services/chain/rows/page.h"

enum { ID_BYTES = 32 };

void rows_page_put(struct rows_page *page, enum chain_table table, const ProtobufCMessage *row,
                   uint64_t number)
{
    const struct store_write write = {.done = NULL};
    page->ticket = store_put_made(page->chain->store, &chain_tables[table], row, number, &write);
    page->queued++;
}

// ---- Closed orders

// What an order met when it came.
static int64_t value_taken(const Ledger__Ordered *ordered)
{
    int64_t value = 0;
    for (size_t i = 0; i < ordered->n_fills; i++)
        value += ordered->fills[i]->price * ordered->fills[i]->quantity;
    return value;
}

static uint32_t quantity_taken(const Ledger__Ordered *ordered)
{
    uint32_t quantity = 0;
    for (size_t i = 0; i < ordered->n_fills; i++) quantity += ordered->fills[i]->quantity;
    return quantity;
}

struct ending {
    uint64_t order, closed; // entries
    uint32_t left;          // of what rested
    Ledger__Order__Reason reason;
};

static void put_order(struct rows_page *page, const Ledger__Entry *entry, const struct ending *ending)
{
    const Ledger__Ordered *ordered = entry->ordered;
    Ledger__OrderRow row = LEDGER__ORDER_ROW__INIT;
    char id[ID_BYTES];
    uint32_t sold = ordered->rest - ending->left; // while it rested
    snprintf(id, sizeof id, "%020" PRIu64, ending->order);
    row.id = id;
    row.number = ending->order;
    row.account = ordered->account;
    row.asset = ordered->asset;
    row.side = ordered->side;
    row.price = ordered->price;
    row.quantity = ordered->quantity;
    row.time_in_force = ordered->time_in_force;
    row.post_only = ordered->post_only;
    row.filled = quantity_taken(ordered) + sold;
    row.value = value_taken(ordered) + ordered->price * sold;
    row.reason = ending->reason;
    row.is_filled = row.filled == row.quantity;
    row.closed = ending->closed;
    row.created_ms = entry->time_ms;
    rows_page_put(page, CHAIN_ORDERS, &row.base, ending->closed);
}

// An order that rested, by the entry with which it came.
static bool close_order(struct rows_page *page, const struct ending *ending, struct err *err)
{
    const Ledger__Entry *entry = walk_read(page->chain, ending->order, page->arena, err);
    if (err->reason) return false;
    if (!entry && page->arena->failed) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (!entry || entry->body_case != LEDGER__ENTRY__BODY_ORDERED || ending->left > entry->ordered->rest)
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the ledger is no order", ending->order);
    put_order(page, entry, ending);
    return true;
}

bool rows_page_withdrawn(struct rows_page *page, uint64_t number, const Ledger__Withdrawn *withdrawn,
                         struct err *err)
{
    for (size_t i = 0; i < withdrawn->n_orders; i++) {
        const struct ending ending = {withdrawn->orders[i]->order, number, withdrawn->orders[i]->left,
                                      withdrawn->reason};
        if (!close_order(page, &ending, err)) return false;
    }
    return true;
}

// ---- Trades

// One row for everybody, and one for each of the two.
static void put_trade(struct rows_page *page, uint64_t number, const Ledger__Entry *entry, size_t place)
{
    const Ledger__Ordered *ordered = entry->ordered;
    const Ledger__Fill *fill = ordered->fills[place];
    const bool buys = ordered->side == LEDGER__ORDER__SIDE__BUY;
    const int64_t fee = exchange_fee(fill->price * fill->quantity, ordered->fee_bp);
    Ledger__TradeRow row = LEDGER__TRADE_ROW__INIT;
    char id[ID_BYTES];
    snprintf(id, sizeof id, "%020" PRIu64 "-%03zu", number, place);
    row.id = id;
    row.asset = ordered->asset;
    row.price = fill->price;
    row.quantity = fill->quantity;
    row.side = ordered->side;
    row.time_ms = entry->time_ms;
    rows_page_put(page, CHAIN_TRADES, &row.base, number);
    snprintf(id, sizeof id, "%020" PRIu64 "-%03zuT", number, place);
    row.account = ordered->account;
    row.order = number;
    row.fee = buys ? 0 : fee;
    rows_page_put(page, CHAIN_TRADES, &row.base, number);
    snprintf(id, sizeof id, "%020" PRIu64 "-%03zuM", number, place);
    row.account = fill->account;
    row.order = fill->order;
    row.side = buys ? LEDGER__ORDER__SIDE__SELL : LEDGER__ORDER__SIDE__BUY;
    row.maker = true;
    row.fee = buys ? fee : 0;
    rows_page_put(page, CHAIN_TRADES, &row.base, number);
}

static bool add_fill(struct rows_page *page, uint64_t number, const Ledger__Entry *entry, size_t place,
                     struct err *err)
{
    const Ledger__Fill *fill = entry->ordered->fills[place];
    const struct rows_trade trade = {entry->ordered->asset, fill->quantity, fill->price, entry->time_ms,
                                     number};
    const struct ending ending = {.order = fill->order, .closed = number};
    put_trade(page, number, entry, place);
    return rows_page_candles_add(page, &trade, err) && (fill->left || close_order(page, &ending, err));
}

bool rows_page_order(struct rows_page *page, uint64_t number, const Ledger__Entry *entry, struct err *err)
{
    const struct ending ending = {.order = number, .closed = number, .reason = entry->ordered->reason};
    for (size_t i = 0; i < entry->ordered->n_fills; i++)
        if (!add_fill(page, number, entry, i, err)) return false;
    rows_page_candles_done(page, number);
    if (!entry->ordered->rest) put_order(page, entry, &ending);
    return true;
}
