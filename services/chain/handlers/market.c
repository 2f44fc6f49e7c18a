// Books, trades and prices of role cards.
#include <string.h>

#include "lib/base/stamp.h"
#include "market.pb-c.h"
#include "services/chain/handlers/dealt.h"
#include "services/chain/rows/rows.h"
#include "services/chain/tables.h"

enum { PAGE = 50, MINUTE_MS = 60000, DAY_MS = 24 * 60 * MINUTE_MS, QUARTER = 15, QUARTERS = 97 };

static bool find_role(const struct book_call *b, const char *role_id, uint32_t *asset, struct err *err)
{
    *asset = book_asset_find(b->book, LEDGER__ASSET__KIND__CARD, role_id);
    return *asset || err_field(err, NOT_FOUND, "role_id", "there are no cards of this role");
}

// Where in the book's stream who has read it goes on.
static void write_cursor(struct rpc_call *call, const struct exchange_role *role)
{
    struct cursor cursor = {.offset = role->told};
    uint8_t key[DEALT_KEY];
    dealt_key(call->service, "market", role->role_id, key);
    cursor_epoch(key, cursor.epoch);
    cursor_write(&cursor, call->cursor);
}

HANDLER(get_book, Chain__GetBookRequest, Chain__BookSnapshot)
{
    AUTO_BOOK struct book_call b = {.call = call};
    uint32_t asset, depth = request->depth > 0 ? (uint32_t)request->depth : DEALT_DEPTH;
    if (!book_begin(&b, err) || !find_role(&b, request->role_id, &asset, err)) return false;
    write_cursor(call, exchange_role(&b.book->exchange, asset));
    return dealt_book(exchange_role(&b.book->exchange, asset), depth, reply, b.arena) ||
           book_filled(NULL, err);
}

// ---- Trades

// What a list is of, found before the store is read without the ledger's lock.
struct subject {
    uint32_t account; // 0: everybody's
    uint32_t asset;   // 0: of all roles
};

static bool find_subject(struct rpc_call *call, const char *role_id, bool own, struct subject *subject,
                         struct err *err)
{
    AUTO_BOOK struct book_call b = {.call = call};
    const struct ledger_owner owner = book_user(call->caller->user_id);
    *subject = (struct subject){.account = 0};
    if (!book_begin(&b, err)) return false;
    if (*role_id && !find_role(&b, role_id, &subject->asset, err)) return false;
    if (own) subject->account = ledger_accounts_find(&b.book->accounts, &owner);
    return !own || rows_reach(&b, err);
}

static bool find_trades(struct rpc_call *call, const Chain__ListCardTradesRequest *request,
                        const struct subject *subject, struct store_rows *rows, struct err *err)
{
    const struct chain *chain = call->service;
    struct store_query query = {.index = subject->asset ? "by_role" : "by_account",
                                .descending = true,
                                .limit = request->page_size > 0 ? (uint32_t)request->page_size : PAGE,
                                .page_token = request->page_token};
    query.equal[query.equal_count++].number = subject->account;
    if (subject->asset) query.equal[query.equal_count++].number = subject->asset;
    return store_find(chain->store, &chain_tables[CHAIN_TRADES], &query, call->arena, rows, err);
}

static bool show_trades(struct rpc_call *call, const struct store_rows *rows,
                        Chain__ListCardTradesReply *reply, struct err *err)
{
    AUTO_BOOK struct book_call b = {.call = call};
    if (!book_begin(&b, err)) return false;
    reply->trades = arena_array(b.arena, rows->count + 1, sizeof *reply->trades);
    for (size_t i = 0; i < rows->count && !b.arena->failed; i++)
        reply->trades[reply->n_trades++] =
            dealt_trade(b.book, (const Ledger__TradeRow *)rows->messages[i], b.arena);
    reply->next_page_token = rows->next_page_token;
    return !b.arena->failed || book_filled(NULL, err);
}

HANDLER(list_card_trades, Chain__ListCardTradesRequest, Chain__ListCardTradesReply)
{
    struct store_rows rows;
    struct subject subject;
    const bool own = *request->user_id;
    if (!own && !*request->role_id) return err_field(err, INVALID_FIELD, "role_id", "is needed, or user_id");
    if (own && strcmp(request->user_id, "me") != 0 && strcmp(request->user_id, call->caller->user_id) != 0)
        return err_field(err, INVALID_FIELD, "user_id", "is the caller's own, or me");
    if (!find_subject(call, request->role_id, own, &subject, err)) return false;
    if (subject.account == LEDGER_NO_ACCOUNT) return true;
    return find_trades(call, request, &subject, &rows, err) && show_trades(call, &rows, reply, err);
}

// ---- Tickers

static bool find_candles(struct rpc_call *call, uint32_t asset, uint32_t minutes, struct store_query *query,
                         struct store_rows *rows, struct err *err)
{
    const struct chain *chain = call->service;
    query->index = "by_time";
    query->descending = true;
    query->equal[0].number = asset;
    query->equal[1].number = minutes;
    query->equal_count = 2;
    return store_find(chain->store, &chain_tables[CHAIN_CANDLES], query, call->arena, rows, err);
}

// By quarters of an hour.
static bool sum_day(struct rpc_call *call, uint32_t asset, Chain__Ticker *ticker, struct err *err)
{
    const struct store_value from = {.number = call->now_ms - DAY_MS};
    struct store_query query = {.from = &from, .limit = QUARTERS, .page_token = ""};
    struct store_rows rows;
    if (!find_candles(call, asset, QUARTER, &query, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const Ledger__CandleRow *row = (const Ledger__CandleRow *)rows.messages[i];
        ticker->volume += row->volume;
        ticker->before = row->open;
    }
    return true;
}

static Chain__BookLevel *show_best(const struct exchange_role *role, enum market_side side,
                                   struct arena *arena)
{
    struct market_level best;
    return role->market && market_best(role->market, side, &best) ? dealt_level(&best, arena) : NULL;
}

static Chain__Ticker *make_ticker(const struct exchange_role *role, struct arena *arena)
{
    Chain__Ticker *ticker = arena_new(arena, Chain__Ticker);
    if (!ticker) return NULL;
    chain__ticker__init(ticker);
    ticker->role_id = dealt_role_id(role, arena);
    ticker->last = dealt_last(role, arena);
    ticker->bid = show_best(role, MARKET_BUY, arena);
    ticker->ask = show_best(role, MARKET_SELL, arena);
    ticker->cards = role->cards.count;
    ticker->stopped = exchange_is_stopped(role);
    return ticker;
}

// Of one role, or of all; the first one's asset.
static bool make_tickers(struct rpc_call *call, const char *role_id, Chain__ListTickersReply *reply,
                         uint32_t *first, struct err *err)
{
    AUTO_BOOK struct book_call b = {.call = call};
    *first = BOOK_FIRST_CARD;
    if (!book_begin(&b, err) || (*role_id && !find_role(&b, role_id, first, err))) return false;
    uint32_t end = *role_id ? *first + 1 : b.book->assets_count;
    reply->tickers = arena_array(call->arena, end - *first + 1, sizeof *reply->tickers);
    for (uint32_t asset = *first; asset < end && !call->arena->failed; asset++)
        reply->tickers[reply->n_tickers++] =
            make_ticker(exchange_role(&b.book->exchange, asset), call->arena);
    return !call->arena->failed || book_filled(NULL, err);
}

HANDLER(list_tickers, Chain__ListTickersRequest, Chain__ListTickersReply)
{
    uint32_t first;
    if (!make_tickers(call, request->role_id, reply, &first, err)) return false;
    for (size_t i = 0; i < reply->n_tickers; i++)
        if (reply->tickers[i]->last && !sum_day(call, first + (uint32_t)i, reply->tickers[i], err))
            return false;
    return true;
}

// ---- Hints

static int64_t best_price(const struct exchange_role *role, enum market_side side)
{
    struct market_level best;
    return role->market && market_best(role->market, side, &best) ? best.price : 0;
}

static bool is_far(const Chain__PriceHintRequest *request, int64_t last)
{
    int64_t price = (int64_t)request->price;
    if (!price || !last) return false;
    if (request->side == LEDGER__ORDER__SIDE__BUY) return price * 10 > last * 11;
    return request->side == LEDGER__ORDER__SIDE__SELL && price * 10 < last * 9;
}

HANDLER(get_price_hint, Chain__PriceHintRequest, Chain__PriceHint)
{
    AUTO_BOOK struct book_call b = {.call = call};
    uint32_t asset;
    if (!book_begin(&b, err) || !find_role(&b, request->role_id, &asset, err)) return false;
    const struct exchange_role *role = exchange_role(&b.book->exchange, asset);
    reply->role_id = dealt_role_id(role, b.arena);
    reply->last = role->last.price;
    reply->bid = best_price(role, MARKET_BUY);
    reply->ask = best_price(role, MARKET_SELL);
    if (reply->bid && reply->ask) reply->spread = reply->ask - reply->bid;
    reply->far = is_far(request, reply->last);
    return !b.arena->failed || book_filled(NULL, err);
}

// ---- Candles

static uint32_t read_interval(const char *text)
{
    static const struct {
        const char *name;
        uint32_t minutes;
    } intervals[] = {{"", 60}, {"1m", 1}, {"15m", 15}, {"1h", 60}, {"1d", 1440}};
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++)
        if (strcmp(text, intervals[i].name) == 0) return intervals[i].minutes;
    return 0;
}

static Chain__Candle *show_candle(const Ledger__CandleRow *row, int64_t now_ms, struct arena *arena)
{
    Chain__Candle *shown = arena_new(arena, Chain__Candle);
    if (!shown) return NULL;
    chain__candle__init(shown);
    shown->start = stamp_new(arena, row->start_ms);
    shown->open = row->open;
    shown->high = row->high;
    shown->low = row->low;
    shown->close = row->close;
    shown->volume = row->volume;
    shown->value = row->value;
    shown->trades = row->trades;
    shown->closed = row->start_ms + (int64_t)row->minutes * MINUTE_MS <= now_ms;
    return shown;
}

HANDLER(list_candles, Chain__ListCandlesRequest, Chain__ListCandlesReply)
{
    struct store_query query = {.limit = request->page_size > 0 ? (uint32_t)request->page_size : PAGE,
                                .page_token = request->page_token};
    struct store_rows rows;
    struct subject subject;
    uint32_t minutes = read_interval(request->interval);
    if (!minutes) return err_field(err, INVALID_FIELD, "interval", "is 1m, 15m, 1h or 1d");
    if (!find_subject(call, request->role_id, false, &subject, err) ||
        !find_candles(call, subject.asset, minutes, &query, &rows, err))
        return false;
    reply->candles = arena_array(call->arena, rows.count + 1, sizeof *reply->candles);
    for (size_t i = 0; i < rows.count && !call->arena->failed; i++)
        reply->candles[reply->n_candles++] =
            show_candle((const Ledger__CandleRow *)rows.messages[i], call->now_ms, call->arena);
    reply->next_page_token = rows.next_page_token;
    return !call->arena->failed || book_filled(NULL, err);
}

const struct rpc_method chain_market_methods[] = {
    RPC_METHOD("chain.GetBook", get_book),         RPC_METHOD("chain.ListCardTrades", list_card_trades),
    RPC_METHOD("chain.ListTickers", list_tickers), RPC_METHOD("chain.GetPriceHint", get_price_hint),
    RPC_METHOD("chain.ListCandles", list_candles), {0},
};
