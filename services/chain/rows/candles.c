// Candles: a trade counts in one of each length. The rows of a page are changed in memory, and stored at its
// end; what a row has of an entry is not counted again.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/chain/rows/page.h"

enum { ID_BYTES = 48, MINUTE_MS = 60000 };

static const uint32_t lengths[ROWS_CANDLE_LENGTHS] = {1, 15, 60, 1440};

static void candle_id(uint32_t asset, uint32_t minutes, int64_t start_ms, char id[ID_BYTES])
{
    snprintf(id, ID_BYTES, "%010" PRIu32 "-%04" PRIu32 "-%015" PRId64, asset, minutes, start_ms);
}

static Ledger__CandleRow *find_candle(const struct rows_page *page, const char *id)
{
    for (size_t i = page->candle_count; i-- > 0;)
        if (strcmp(page->candles[i]->id, id) == 0) return page->candles[i];
    return NULL;
}

static Ledger__CandleRow *make_candle(struct rows_page *page, const struct rows_trade *trade,
                                      uint32_t minutes, const char *id)
{
    Ledger__CandleRow *row = arena_new(page->arena, Ledger__CandleRow);
    if (!row) return NULL;
    ledger__candle_row__init(row);
    row->id = arena_str(page->arena, id);
    row->asset = trade->asset;
    row->minutes = minutes;
    row->start_ms = trade->time_ms - trade->time_ms % ((int64_t)minutes * MINUTE_MS);
    row->open = row->high = row->low = trade->price;
    return row->id ? row : NULL;
}

static bool get_candle(struct rows_page *page, const struct rows_trade *trade, uint32_t minutes,
                       Ledger__CandleRow **row, struct err *err)
{
    char id[ID_BYTES];
    uint64_t version;
    candle_id(trade->asset, minutes, trade->time_ms - trade->time_ms % ((int64_t)minutes * MINUTE_MS), id);
    if ((*row = find_candle(page, id))) return true;
    if (!store_get(page->chain->store, &chain_tables[CHAIN_CANDLES], id, page->arena,
                   (ProtobufCMessage **)row, &version, err))
        return false;
    if (!*row) *row = make_candle(page, trade, minutes, id);
    if (!*row) return err_fail(err, INTERNAL_ERROR, "out of memory");
    page->candles[page->candle_count++] = *row;
    return true;
}

static void count_trade(Ledger__CandleRow *row, const struct rows_trade *trade)
{
    if (trade->price > row->high) row->high = trade->price;
    if (trade->price < row->low) row->low = trade->price;
    row->close = trade->price;
    row->volume += trade->quantity;
    row->value += trade->price * trade->quantity;
    row->trades++;
}

bool rows_page_candles_add(struct rows_page *page, const struct rows_trade *trade, struct err *err)
{
    for (int i = 0; i < ROWS_CANDLE_LENGTHS; i++) {
        Ledger__CandleRow *row;
        if (!get_candle(page, trade, lengths[i], &row, err)) return false;
        if (row->entry < trade->entry) count_trade(row, trade);
    }
    return true;
}

void rows_page_candles_done(struct rows_page *page, uint64_t entry)
{
    for (size_t i = 0; i < page->candle_count; i++)
        if (page->candles[i]->entry < entry) page->candles[i]->entry = entry;
}

void rows_page_candles_put(struct rows_page *page)
{
    for (size_t i = 0; i < page->candle_count; i++)
        rows_page_put(page, CHAIN_CANDLES, &page->candles[i]->base, page->candles[i]->entry);
    page->candle_count = 0;
}
