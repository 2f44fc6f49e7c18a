// People deal in role cards: what they are answered, and what everybody sees of it afterwards.
#include "events.pb-c.h"
#include "lib/base/cursor.h"
#include "market.pb-c.h"
#include "services/chain/book/erase.h"
#include "services/chain/book/orders.h"
#include "services/chain/exchange/parts.h"
#include "services/chain/exchange/told.h"
#include "services/chain/testing/house.h"

#define MAFIA "01890000-0000-7000-8000-000000000011"
#define CITY "01890000-0000-7000-8000-000000000012"
#define NOBODYS "01890000-0000-7000-8000-000000000019"
#define NIGHT "01890000-0000-7000-8000-000000000021"

#define SIDE(word) LEDGER__ORDER__SIDE__##word
#define REASON(word) LEDGER__ORDER__REASON__##word
#define STATE(word) CHAIN__CARD_ORDER__STATE__##word

static void give_cards(struct house *house, const char *user_id, const char *role_id, int count)
{
    char request[256];
    snprintf(request, sizeof request, "{'user_id': '%s', 'role_id': '%s', 'event_id': '" NIGHT "'}", user_id,
             role_id);
    house->operates = true;
    for (int i = 0; i < count; i++) house_must(house, DEV, "chain.MakeCard", request);
    house->operates = false;
}

static int set_up(void **state)
{
    struct house *house = *state = house_at(NULL);
    house_must(house, DEV, "chain.Grant", "{'to_username': 'ann', 'amount': '100000', 'memo': 'start'}");
    house_must(house, DEV, "chain.Grant", "{'to_username': 'bob', 'amount': '100000', 'memo': 'start'}");
    give_cards(house, ANN, MAFIA, 5);
    give_cards(house, BOB, CITY, 2);
    return 0;
}

static int tear_down(void **state)
{
    house_close(*state);
    return 0;
}

static const Chain__CardOrder *place_order(struct house *house, const char *user_id, const char *side,
                                           int price, int quantity, const char *more)
{
    char request[512];
    snprintf(request, sizeof request,
             "{'role_id': '" MAFIA "', 'side': '%s', 'price': '%d', 'quantity': %d%s}", side, price, quantity,
             more);
    return ((const Chain__PlaceOrderReply *)house_must(house, user_id, "chain.PlaceOrder", request))->order;
}

static size_t cards_of(struct house *house, const char *user_id)
{
    return ((const Chain__ListCardsReply *)house_must(house, user_id, "chain.ListCards", "{}"))->n_cards;
}

// ---- Trades

static void orders_meet_at_the_price_of_who_was_there(void **state)
{
    struct house *house = *state;
    const Chain__CardOrder *sold = place_order(house, ANN, "SELL", 1000, 3, "");
    assert_int_equal(sold->state, STATE(OPEN));
    assert_int_equal(sold->remaining, 3);
    uint64_t id = sold->id;
    const Chain__PlaceOrderReply *bought =
        house_must(house, BOB, "chain.PlaceOrder",
                   "{'role_id': '" MAFIA "', 'side': 'BUY', 'price': '1200', 'quantity': 2}");
    assert_int_equal(bought->order->state, STATE(FILLED));
    assert_string_equal(bought->order->average_price, "1000.00");
    assert_int_equal(bought->n_trades, 1);
    assert_int_equal(bought->trades[0]->price, 1000);
    assert_int_equal(bought->trades[0]->part, CHAIN__CARD_TRADE__PART__TAKER);
    assert_int_equal(house_balance(house, BOB), 98000);
    assert_int_equal(house_balance(house, ANN), 102000);
    assert_int_equal(cards_of(house, BOB), 4);

    const Chain__ListOrdersReply *own = house_must(house, ANN, "chain.ListOrders", "{'state': 'OPEN'}");
    assert_int_equal(own->n_orders, 1);
    assert_int_equal(own->orders[0]->id, id);
    assert_int_equal(own->orders[0]->state, STATE(PARTIAL));
    assert_int_equal(own->orders[0]->filled, 2);
}

static void the_fee_is_kept_from_who_sells(void **state)
{
    struct house *house = *state;
    house->chain.settings.market_fee_bp = 150;
    place_order(house, BOB, "BUY", 333, 1, "");
    const Chain__PlaceOrderReply *sold =
        house_must(house, ANN, "chain.PlaceOrder",
                   "{'role_id': '" MAFIA "', 'side': 'SELL', 'price': '300', 'quantity': 1}");
    assert_int_equal(sold->trades[0]->fee, 4);
    assert_int_equal(house_balance(house, ANN), 100000 + 333 - 4);
    assert_int_equal(house_balance(house, BOB), 100000 - 333);
    house_restart(house);
    assert_int_equal(house_balance(house, ANN), 100000 + 333 - 4);
}

static void what_is_left_is_withdrawn_or_rests(void **state)
{
    struct house *house = *state;
    const Chain__CardOrder *order = place_order(house, ANN, "SELL", 50, 1, ", 'time_in_force': 'IOC'");
    assert_int_equal(order->state, STATE(CANCELLED));
    assert_int_equal(order->reason, REASON(IMMEDIATE));
    place_order(house, ANN, "SELL", 50, 1, "");
    order = place_order(house, BOB, "BUY", 50, 3, ", 'post_only': true");
    assert_int_equal(order->state, STATE(CANCELLED));
    assert_int_equal(order->reason, REASON(POST_ONLY));
    assert_int_equal(order->filled, 0);
    order = place_order(house, BOB, "BUY", 49, 1, ", 'post_only': true");
    assert_int_equal(order->state, STATE(OPEN));
    order = place_order(house, ANN, "BUY", 50, 1, "");
    assert_int_equal(order->reason, REASON(SELF_TRADE));
    order = place_order(house, BOB, "BUY", 50, 3, "");
    assert_int_equal(order->state, STATE(PARTIAL));
    assert_int_equal(house_balance(house, BOB), 100000 - 49 - 50 - 100);
}

static void what_cannot_be_placed_is_refused(void **state)
{
    struct house *house = *state;
    static const struct {
        const char *request;
        Conse__Reason__Value reason;
    } cases[] = {
        {"{'role_id': '" NOBODYS "', 'side': 'BUY', 'price': '1', 'quantity': 1}", IS(NOT_FOUND)},
        {"{'role_id': '" MAFIA "', 'price': '1', 'quantity': 1}", IS(INVALID_FIELD)},
        {"{'role_id': '" MAFIA "', 'side': 'BUY', 'price': '0', 'quantity': 1}", IS(INVALID_FIELD)},
        {"{'role_id': '" MAFIA "', 'side': 'BUY', 'price': '1', 'quantity': 1001}", IS(INVALID_FIELD)},
        {"{'role_id': '" MAFIA "', 'side': 'BUY', 'price': '9007199254740991', 'quantity': 2}",
         IS(INVALID_FIELD)},
        {"{'role_id': '" MAFIA "', 'side': 'BUY', 'price': '1', 'quantity': 1, 'post_only': true, "
         "'time_in_force': 'IOC'}",
         IS(INVALID_FIELD)},
        {"{'role_id': '" MAFIA "', 'side': 'BUY', 'price': '100001', 'quantity': 1}", IS(FUNDS_SHORT)},
        {"{'role_id': '" MAFIA "', 'side': 'SELL', 'price': '1', 'quantity': 6}", IS(CARDS_SHORT)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        house_refuses(house, ANN, "chain.PlaceOrder", cases[i].request, cases[i].reason);
    house_refuses(house, EVE, "chain.PlaceOrder",
                  "{'role_id': '" MAFIA "', 'side': 'BUY', 'price': '1', 'quantity': 1}", IS(FUNDS_SHORT));
}

// ---- Repetitions

static void a_client_s_name_makes_a_repetition_known(void **state)
{
    struct house *house = *state;
    uint64_t id = place_order(house, ANN, "SELL", 10, 2, ", 'client_order_id': 'one'")->id;
    house_restart(house);
    const Chain__PlaceOrderReply *again = house_must(
        house, ANN, "chain.PlaceOrder",
        "{'role_id': '" MAFIA "', 'side': 'SELL', 'price': '10', 'quantity': 2, 'client_order_id': 'one'}");
    assert_true(again->existing);
    assert_int_equal(again->order->id, id);
    house_refuses(house, ANN, "chain.PlaceOrder",
                  "{'role_id': '" MAFIA
                  "', 'side': 'SELL', 'price': '11', 'quantity': 2, 'client_order_id': 'one'}",
                  IS(IDEMPOTENCY_MISMATCH));
    assert_int_not_equal(place_order(house, BOB, "BUY", 1, 1, ", 'client_order_id': 'one'")->id, id);
    place_order(house, BOB, "BUY", 10, 2, "");
    house_seal(house);
    const Chain__CardOrder *filled = place_order(house, ANN, "SELL", 10, 2, ", 'client_order_id': 'one'");
    assert_int_equal(filled->id, id);
    assert_int_equal(filled->state, STATE(FILLED));
}

static void a_key_makes_a_repetition_known(void **state)
{
    struct house *house = *state;
    house->key = "once";
    uint64_t id = place_order(house, ANN, "SELL", 10, 2, "")->id;
    assert_int_equal(place_order(house, ANN, "SELL", 10, 2, "")->id, id);
    house->key = NULL;
    assert_int_equal(
        ((const Chain__ListOrdersReply *)house_must(house, ANN, "chain.ListOrders", "{}"))->n_orders, 1);
}

// ---- Withdrawals

static void cancel_refused(struct house *house, const char *user_id, uint64_t id, Conse__Reason__Value reason)
{
    char request[64];
    snprintf(request, sizeof request, "{'id': '%llu'}", (unsigned long long)id);
    house_refuses(house, user_id, "chain.CancelOrder", request, reason);
}

static void what_is_withdrawn_comes_back(void **state)
{
    struct house *house = *state;
    char request[64];
    uint64_t id = place_order(house, BOB, "BUY", 100, 10, "")->id;
    place_order(house, BOB, "BUY", 90, 1, "");
    assert_int_equal(house_balance(house, BOB), 100000 - 1000 - 90);
    cancel_refused(house, ANN, id, IS(NOT_FOUND));
    cancel_refused(house, ANN, 1, IS(NOT_FOUND));
    cancel_refused(house, ANN, 1000000, IS(NOT_FOUND));
    snprintf(request, sizeof request, "{'id': '%llu'}", (unsigned long long)id);
    const Chain__CancelOrderReply *cancelled = house_must(house, BOB, "chain.CancelOrder", request);
    assert_int_equal(cancelled->order->state, STATE(CANCELLED));
    assert_int_equal(cancelled->order->reason, REASON(USER));
    cancel_refused(house, BOB, id, IS(ORDER_CLOSED));
    assert_int_equal(house_balance(house, BOB), 100000 - 90);
    const Chain__CancelOrdersReply *all = house_must(house, BOB, "chain.CancelOrders", "{}");
    assert_int_equal(all->count, 1);
    assert_int_equal(house_balance(house, BOB), 100000);
}

static void a_time_to_cancel_is_kept(void **state)
{
    struct house *house = *state;
    place_order(house, BOB, "BUY", 100, 10, "");
    const Chain__CancelAfterReply *set = house_must(house, BOB, "chain.CancelAfter", "{'seconds': 60}");
    assert_int_equal(set->cancel_at->seconds, HOUSE_NOW + 60);
    house_refuses(house, EVE, "chain.CancelAfter", "{'seconds': 60}", IS(FUNDS_SHORT));
    set = house_must(house, BOB, "chain.CancelAfter", "{'seconds': 0}");
    assert_null(set->cancel_at);
}

static void a_role_that_is_stopped_gives_everything_back(void **state)
{
    struct house *house = *state;
    place_order(house, BOB, "BUY", 100, 10, "");
    place_order(house, ANN, "SELL", 200, 5, "");
    house->operates = true;
    const Chain__StopRoleReply *stopped =
        house_must(house, DEV, "chain.StopRole", "{'role_id': '" MAFIA "'}");
    assert_int_equal(stopped->count, 2);
    assert_false(stopped->more);
    house->operates = false;
    assert_int_equal(house_balance(house, BOB), 100000);
    house_refuses(house, BOB, "chain.PlaceOrder",
                  "{'role_id': '" MAFIA "', 'side': 'BUY', 'price': '1', 'quantity': 1}", IS(ROLE_STOPPED));
    house->operates = true;
    house_must(house, DEV, "chain.StopRole", "{'role_id': '" MAFIA "', 'go_on': true}");
    house->operates = false;
    place_order(house, BOB, "BUY", 1, 1, "");
}

// Whose account goes has nothing in the market any more, and nothing comes in its name.
static void who_leaves_leaves_the_market(void **state)
{
    struct house *house = *state;
    struct err err = {0};
    place_order(house, ANN, "SELL", 100, 2, "");
    place_order(house, ANN, "BUY", 50, 2, "");
    assert_true(erase_user(&house->chain, ANN, &err));
    const Chain__BookSnapshot *book = house_must(house, EVE, "chain.GetBook", "{'role_id': '" MAFIA "'}");
    assert_int_equal(book->n_asks + book->n_bids, 0);
    house_refuses(house, ANN, "chain.PlaceOrder",
                  "{'role_id': '" MAFIA "', 'side': 'BUY', 'price': '1', 'quantity': 1}", IS(NOT_FOUND));
    house->operates = true;
    house_refuses(house, DEV, "chain.MakeCard",
                  "{'user_id': '" ANN "', 'role_id': '" MAFIA "', 'event_id': '" NIGHT "'}", IS(NOT_FOUND));
    house_refuses(house, DEV, "chain.MakeCard",
                  "{'user_id': '" STRANGER "', 'role_id': '" MAFIA "', 'event_id': '" NIGHT "'}",
                  IS(NOT_FOUND));
}

// ---- All cards

static struct exchange_sum count_cards(struct house *house, bool *right)
{
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct exchange_sum sum;
    struct err err = {0};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    *right = exchange_count(&b.book->exchange, &b.book->accounts, &sum);
    book_end(&b);
    return sum;
}

static void every_card_that_was_made_is_somewhere(void **state)
{
    struct house *house = *state;
    bool right;
    const struct exchange_sum before = count_cards(house, &right);
    assert_true(right && before.made && before.held == before.made);
    place_order(house, ANN, "SELL", 100, 3, "");
    place_order(house, BOB, "BUY", 100, 2, "");
    house_restart(house);
    struct exchange_sum sum = count_cards(house, &right);
    assert_true(right);
    assert_int_equal(sum.made, before.made);
    assert_int_equal(sum.resting, 1);
    assert_int_equal(sum.held, before.made - 1);
    assert_int_equal(sum.taken_back, 0);
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct err err = {0};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    struct exchange_role *role = exchange_role(&b.book->exchange, EXCHANGE_FIRST_ASSET);
    role->cards.cards[role->cards.count - 1].next = 1; // one that is elsewhere
    book_end(&b);
    count_cards(house, &right);
    assert_false(right);
}

// ---- What everybody sees

static void books_show_levels_and_their_sum(void **state)
{
    struct house *house = *state;
    place_order(house, BOB, "BUY", 100, 10, "");
    place_order(house, BOB, "BUY", 100, 1, "");
    place_order(house, BOB, "BUY", 99, 2, "");
    place_order(house, ANN, "SELL", 101, 3, "");
    const Chain__BookSnapshot *book = house_must(house, EVE, "chain.GetBook", "{'role_id': '" MAFIA "'}");
    assert_int_equal(book->n_bids, 2);
    assert_int_equal(book->bids[0]->price, 100);
    assert_int_equal(book->bids[0]->quantity, 11);
    assert_int_equal(book->bids[0]->orders, 2);
    assert_int_equal(book->n_asks, 1);
    assert_int_equal(book->checksum, (uint32_t)0x8d04ef2);
    house_refuses(house, EVE, "chain.GetBook", "{'role_id': '" NOBODYS "'}", IS(NOT_FOUND));
}

static void trades_and_prices_are_listed(void **state)
{
    struct house *house = *state;
    place_order(house, ANN, "SELL", 100, 2, "");
    place_order(house, ANN, "SELL", 110, 1, "");
    place_order(house, BOB, "BUY", 110, 3, "");
    house_seal(house);
    const Chain__ListCardTradesReply *trades =
        house_must(house, EVE, "chain.ListCardTrades", "{'role_id': '" MAFIA "'}");
    assert_int_equal(trades->n_trades, 2);
    assert_int_equal(trades->trades[0]->price, 110);
    assert_int_equal(trades->trades[1]->quantity, 2);
    assert_int_equal(trades->trades[0]->order_id, 0);
    trades = house_must(house, ANN, "chain.ListCardTrades", "{'user_id': 'me', 'page_size': 1}");
    assert_int_equal(trades->n_trades, 1);
    assert_int_equal(trades->trades[0]->part, CHAIN__CARD_TRADE__PART__MAKER);
    assert_int_equal(trades->trades[0]->side, SIDE(SELL));
    assert_true(*trades->next_page_token);
    house_refuses(house, EVE, "chain.ListCardTrades", "{'user_id': '" ANN "'}", IS(INVALID_FIELD));

    const Chain__ListOrdersReply *closed = house_must(house, ANN, "chain.ListOrders", "{'state': 'FILLED'}");
    assert_int_equal(closed->n_orders, 2);
    assert_string_equal(closed->orders[0]->average_price, "110.00");

    const Chain__ListTickersReply *tickers = house_must(house, EVE, "chain.ListTickers", "{}");
    assert_int_equal(tickers->n_tickers, 2);
    assert_int_equal(tickers->tickers[0]->last->price, 110);
    assert_int_equal(tickers->tickers[0]->volume, 3);
    assert_int_equal(tickers->tickers[0]->before, 100);
    assert_int_equal(tickers->tickers[0]->cards, 5);
}

// Each trade counts once, however often rows are made.
static void candles_count_each_trade_once(void **state)
{
    struct house *house = *state;
    static const char *const intervals[] = {"1m", "15m", "1h", "1d"};
    char request[128];
    struct err err = {0};
    place_order(house, ANN, "SELL", 100, 2, "");
    place_order(house, ANN, "SELL", 90, 1, "");
    place_order(house, BOB, "BUY", 100, 2, "");
    house_seal(house);
    house->now_ms += 60000;
    place_order(house, BOB, "BUY", 105, 1, "");
    house_seal(house);
    struct store_write write = {.done = NULL};
    Ledger__PlaceRow *row;
    uint64_t version;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    const struct store_table *places = &chain_tables[CHAIN_PLACES];
    assert_true(store_get(house->chain.store, places, BOOK_STREAM, &arena, (ProtobufCMessage **)&row,
                          &version, &err));
    row->entry = 0;
    assert_true(store_wait(house->chain.store,
                           store_put(house->chain.store, places, &row->base, version, &write), &err));
    arena_finish(&arena);
    house_seal(house);
    for (size_t i = 0; i < 4; i++) {
        snprintf(request, sizeof request, "{'role_id': '" MAFIA "', 'interval': '%s'}", intervals[i]);
        const Chain__ListCandlesReply *candles = house_must(house, EVE, "chain.ListCandles", request);
        assert_int_equal(candles->n_candles, i ? 1 : 2);
        const Chain__Candle *first = candles->candles[candles->n_candles - 1];
        assert_int_equal(first->open, 90);
        assert_int_equal(first->high, 100);
        assert_int_equal(first->volume, i ? 3 : 2);
        assert_int_equal(first->trades, i ? 3 : 2);
    }
    house_refuses(house, EVE, "chain.ListCandles", "{'role_id': '" MAFIA "', 'interval': '2m'}",
                  IS(INVALID_FIELD));
}

static bool is_far(struct house *house, const char *side, int price)
{
    char request[128];
    snprintf(request, sizeof request, "{'role_id': '" MAFIA "', 'side': '%s', 'price': '%d'}", side, price);
    return ((const Chain__PriceHint *)house_must(house, EVE, "chain.GetPriceHint", request))->far;
}

static void a_hint_says_what_cards_cost(void **state)
{
    struct house *house = *state;
    place_order(house, ANN, "SELL", 120, 1, "");
    const char *request = "{'role_id': '" MAFIA "', 'side': 'BUY', 'price': '1000'}";
    const Chain__PriceHint *hint = house_must(house, EVE, "chain.GetPriceHint", request);
    assert_int_equal(hint->last + hint->bid + hint->spread, 0);
    assert_int_equal(hint->ask, 120);
    assert_false(hint->far);
    place_order(house, ANN, "SELL", 100, 1, "");
    place_order(house, BOB, "BUY", 100, 1, "");
    place_order(house, BOB, "BUY", 95, 1, "");
    hint = house_must(house, EVE, "chain.GetPriceHint", "{'role_id': '" MAFIA "'}");
    assert_int_equal(hint->last, 100);
    assert_int_equal(hint->bid, 95);
    assert_int_equal(hint->spread, 25);
    assert_false(hint->far);
    assert_false(is_far(house, "BUY", 110) || is_far(house, "SELL", 90) || is_far(house, "SELL", 1000));
    assert_true(is_far(house, "BUY", 111) && is_far(house, "SELL", 89));
    house_refuses(house, EVE, "chain.GetPriceHint", "{'role_id': '" EVE "'}", IS(NOT_FOUND));
}

static void cards_are_listed_page_by_page(void **state)
{
    struct house *house = *state;
    char next[32] = "", request[96];
    size_t count = 0, escrowed = 0;
    place_order(house, ANN, "SELL", 100, 2, "");
    do {
        snprintf(request, sizeof request, "{'page_size': 2, 'page_token': '%s'}", next);
        const Chain__ListCardsReply *page = house_must(house, ANN, "chain.ListCards", request);
        for (size_t i = 0; i < page->n_cards; i++) {
            assert_string_equal(page->cards[i]->event_id, NIGHT);
            escrowed += page->cards[i]->order_id != 0;
        }
        count += page->n_cards;
        snprintf(next, sizeof next, "%s", page->next_page_token);
    } while (*next);
    assert_int_equal(count, 5);
    assert_int_equal(escrowed, 2);
    house_refuses(house, ANN, "chain.ListCards", "{'page_token': 'x'}", IS(BAD_PAGE_TOKEN));
}

// ---- Streams

#define RESET(word) EVENTS__RESET__REASON__##word

static const Events__FollowReply *follow_it(struct house *house, const char *what, const char *after)
{
    char request[256];
    bool book = strcmp(what, "book") == 0;
    snprintf(request, sizeof request, "{'%s': '%s', 'viewers': [{'after': '%s'}]}",
             book ? "role_id" : "user_id", book ? MAFIA : ANN, after);
    return house_must(house, EVE, book ? "chain.FollowBook" : "chain.FollowOrders", request);
}

static void cursor_of(const Events__FollowReply *reply, char text[CURSOR_TEXT])
{
    struct cursor cursor = {.offset = reply->views[0]->place->offset};
    cursor_epoch(reply->views[0]->place->key.data, cursor.epoch);
    cursor_write(&cursor, text);
}

static void a_book_is_followed_by_its_changes(void **state)
{
    struct house *house = *state;
    char after[CURSOR_TEXT];
    const Events__FollowReply *told = follow_it(house, "book", "");
    assert_int_equal(told->n_snapshots, 1);
    cursor_of(told, after);
    place_order(house, ANN, "SELL", 100, 2, "");
    place_order(house, ANN, "SELL", 101, 2, "");
    place_order(house, BOB, "BUY", 101, 3, "");
    told = follow_it(house, "book", after);
    assert_int_equal(told->n_snapshots, 0);
    assert_int_equal(told->n_bodies, 3);
    const Chain__BookEntry *last = told->bodies[2]->book;
    assert_int_equal(last->n_asks, 2);
    assert_int_equal(last->asks[0]->quantity, 0);
    assert_int_equal(last->asks[1]->quantity, 1);
    assert_int_equal(last->n_trades, 2);
    uint32_t checksum = last->checksum;
    cursor_of(told, after);
    const Chain__BookSnapshot *book = house_must(house, EVE, "chain.GetBook", "{'role_id': '" MAFIA "'}");
    assert_int_equal(book->checksum, checksum);
    assert_int_equal(follow_it(house, "book", after)->n_bodies, 0);
    house_restart(house);
    told = follow_it(house, "book", after);
    assert_int_equal(told->n_snapshots, 0);
    assert_int_equal(told->views[0]->place->reset, RESET(NONE));
}

static void who_was_too_long_away_begins_anew(void **state)
{
    struct house *house = *state;
    char after[CURSOR_TEXT];
    cursor_of(follow_it(house, "book", ""), after);
    for (int i = 0; i < EXCHANGE_MESSAGES / 2; i++) {
        place_order(house, ANN, "BUY", 100, 1, "");
        house_must(house, ANN, "chain.CancelOrders", "{}");
    }
    const Events__FollowReply *told = follow_it(house, "book", after);
    assert_int_equal(told->n_snapshots, 0);
    assert_true(told->views[0]->more);
    place_order(house, ANN, "BUY", 100, 1, "");
    told = follow_it(house, "book", after);
    assert_int_equal(told->n_snapshots, 1);
    assert_int_equal(told->views[0]->place->reset, RESET(TOO_FAR));
    assert_int_equal(follow_it(house, "book", "AAAAAAAA.1")->views[0]->place->reset, RESET(EPOCH));
}

static void people_are_told_of_their_orders(void **state)
{
    struct house *house = *state;
    char after[CURSOR_TEXT];
    cursor_of(follow_it(house, "orders", ""), after);
    place_order(house, ANN, "SELL", 100, 2, "");
    place_order(house, BOB, "BUY", 100, 1, "");
    place_order(house, ANN, "SELL", 100, 1, ", 'time_in_force': 'IOC'");
    const Events__FollowReply *told = follow_it(house, "orders", after);
    assert_int_equal(told->n_bodies, 4);
    assert_int_equal(told->bodies[0]->orders->kind, CHAIN__ORDERS_ENTRY__KIND__ACCEPTED);
    assert_int_equal(told->bodies[1]->orders->kind, CHAIN__ORDERS_ENTRY__KIND__TRADE);
    assert_int_equal(told->bodies[1]->orders->trade->part, CHAIN__CARD_TRADE__PART__MAKER);
    assert_int_equal(told->bodies[3]->orders->kind, CHAIN__ORDERS_ENTRY__KIND__CANCELLED);
    assert_int_equal(told->bodies[3]->orders->order->reason, REASON(IMMEDIATE));
    told = follow_it(house, "orders", "");
    assert_int_equal(told->snapshots[0]->orders->n_orders, 1);
    house_restart(house);
    told = follow_it(house, "orders", after);
    assert_int_equal(told->n_bodies, 4);
}

// As much as happens to others in a busy hour.
static void tell_bob(struct house *house, int count)
{
    struct err err;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    {
        AUTO_BOOK struct book_call b = {.chain = &house->chain, .arena = &arena};
        assert_true(book_begin_own(&b, house->now_ms, false, &err));
        const struct ledger_owner bob = book_user(BOB);
        struct exchange_news news = {.order = {.account = ledger_accounts_find(&b.book->accounts, &bob)}};
        for (int i = 0; i < count; i++) exchange_tell(&b.book->exchange, &news);
    }
    arena_finish(&arena);
}

// What everybody is told is kept together, so what others do may take it from who was told little.
static void who_is_far_behind_takes_nothing_from_their_other_connections(void **state)
{
    struct house *house = *state;
    char early[CURSOR_TEXT], late[CURSOR_TEXT], request[256];
    cursor_of(follow_it(house, "orders", ""), early);
    place_order(house, ANN, "SELL", 100, 1, "");
    cursor_of(follow_it(house, "orders", early), late);
    tell_bob(house, EXCHANGE_NEWS - 1);
    place_order(house, ANN, "SELL", 101, 1, "");
    snprintf(request, sizeof request, "{'user_id': '" ANN "', 'viewers': [{'after': '%s'}, {'after': '%s'}]}",
             early, late);
    const Events__FollowReply *told = house_must(house, EVE, "chain.FollowOrders", request);
    assert_int_equal(told->views[0]->place->reset, RESET(TRIMMED));
    assert_true(told->views[0]->snapshot);
    assert_int_equal(told->views[1]->place->reset, RESET(NONE));
    assert_int_equal(told->views[1]->n_body, 1);
    assert_int_equal(told->bodies[told->views[1]->body[0]]->orders->order->price, 101);
    told = follow_it(house, "orders", late);
    assert_int_equal(told->n_snapshots, 0);
    assert_int_equal(told->n_bodies, 1);
}

static void of_what_is_not_there_nothing_is_told(void **state)
{
    struct house *house = *state;
    const Events__FollowReply *told =
        house_must(house, EVE, "chain.FollowBook", "{'role_id': '" NOBODYS "', 'viewers': [{}, {}]}");
    assert_int_equal(told->n_views, 2);
    assert_int_equal(told->views[1]->place->reset, RESET(RIGHTS));
    assert_int_equal(told->views[1]->place->key.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(orders_meet_at_the_price_of_who_was_there),
        TEST(the_fee_is_kept_from_who_sells),
        TEST(what_is_left_is_withdrawn_or_rests),
        TEST(what_cannot_be_placed_is_refused),
        TEST(a_client_s_name_makes_a_repetition_known),
        TEST(a_key_makes_a_repetition_known),
        TEST(what_is_withdrawn_comes_back),
        TEST(a_time_to_cancel_is_kept),
        TEST(a_role_that_is_stopped_gives_everything_back),
        TEST(who_leaves_leaves_the_market),
        TEST(every_card_that_was_made_is_somewhere),
        TEST(books_show_levels_and_their_sum),
        TEST(trades_and_prices_are_listed),
        TEST(candles_count_each_trade_once),
        TEST(a_hint_says_what_cards_cost),
        TEST(cards_are_listed_page_by_page),
        TEST(a_book_is_followed_by_its_changes),
        TEST(who_was_too_long_away_begins_anew),
        TEST(people_are_told_of_their_orders),
        TEST(who_is_far_behind_takes_nothing_from_their_other_connections),
        TEST(of_what_is_not_there_nothing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
