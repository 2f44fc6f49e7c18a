#include "services/chain/market/market.h"
#include "services/chain/market/testing/market_model.h"
#include "tests/test.h"

enum { CAPACITY = 1000 };
static const enum market_side BUY = MARKET_BUY;
static const enum market_side SELL = MARKET_SELL;

static struct market_result apply(struct market *market, struct market_command command)
{
    struct market_result result;

    market_apply(market, &command, &result);
    return result;
}

static struct market_result add(struct market *market, unsigned side, uint64_t id, uint32_t quantity,
                                int64_t price)
{
    return apply(
        market,
        (struct market_command){
            .kind = MARKET_ADD, .side = (uint8_t)side, .order_id = id, .quantity = quantity, .price = price});
}

static struct market_result add_owned(struct market *market, unsigned side, uint64_t id, uint64_t owner,
                                      int64_t price)
{
    return apply(market, (struct market_command){.kind = MARKET_ADD,
                                                 .side = (uint8_t)side,
                                                 .order_id = id,
                                                 .owner_id = owner,
                                                 .quantity = 10,
                                                 .price = price});
}

static struct market_result take(struct market *market, unsigned side, uint64_t id, uint32_t quantity,
                                 int64_t price)
{
    return apply(market, (struct market_command){.kind = MARKET_ADD,
                                                 .side = (uint8_t)side,
                                                 .order_id = id,
                                                 .quantity = quantity,
                                                 .price = price,
                                                 .time_in_force = MARKET_IOC});
}

static struct market_result cancel(struct market *market, uint64_t id)
{
    return apply(market, (struct market_command){.kind = MARKET_CANCEL, .order_id = id});
}

static struct market_result modify(struct market *market, uint64_t id, uint32_t quantity, int64_t price)
{
    return apply(market, (struct market_command){
                             .kind = MARKET_MODIFY, .order_id = id, .quantity = quantity, .price = price});
}

static void assert_trade(const struct market_result *result, size_t i, uint64_t maker, uint32_t quantity,
                         int64_t price)
{
    assert_true(i < result->trade_count);
    assert_int_equal(result->trades[i].maker_order_id, maker);
    assert_int_equal(result->trades[i].quantity, quantity);
    assert_int_equal(result->trades[i].price, price);
}

static void assert_best(struct market *market, enum market_side side, int64_t price, uint64_t quantity)
{
    struct market_level best;

    assert_true(market_best(market, side, &best));
    assert_int_equal(best.price, price);
    assert_int_equal(best.quantity, quantity);
}

static void assert_empty(struct market *market, enum market_side side)
{
    struct market_level best;

    assert_false(market_best(market, side, &best));
    assert_int_equal(market_depth(market, side, &best, 1), 0);
}

static int set_up(void **state)
{
    *state = market_create(CAPACITY, 0x5EED);
    return *state == NULL;
}

static int tear_down(void **state)
{
    market_destroy(*state);
    return 0;
}

static void better_price_goes_first_whatever_the_arrival(void **state)
{
    struct market *market = *state;

    add(market, BUY, 1, 10, 90);
    add(market, BUY, 2, 10, 95);
    add(market, BUY, 3, 10, 92);
    struct market_result sold = take(market, SELL, 4, 30, 90);
    assert_trade(&sold, 0, 2, 10, 95);
    assert_trade(&sold, 1, 3, 10, 92);
    assert_trade(&sold, 2, 1, 10, 90);

    add(market, SELL, 5, 10, 105);
    add(market, SELL, 6, 10, 100);
    struct market_result bought = take(market, BUY, 7, 15, 105);
    assert_trade(&bought, 0, 6, 10, 100);
    assert_trade(&bought, 1, 5, 5, 105);
    assert_int_equal(bought.trades[1].maker_left, 5);
}

static void arrival_decides_within_a_price_and_survives_cancels(void **state)
{
    struct market *market = *state;

    for (uint64_t id = 1; id <= 8; id++) add(market, BUY, id, 10, 100);
    cancel(market, 1);
    cancel(market, 4);
    cancel(market, 8);
    assert_best(market, BUY, 100, 50);
    struct market_result first = take(market, SELL, 9, 15, 100);
    assert_trade(&first, 0, 2, 10, 100);
    assert_trade(&first, 1, 3, 5, 100);
    struct market_result second = take(market, SELL, 10, 100, 100);
    assert_int_equal(second.trade_count, 4);
    assert_trade(&second, 0, 3, 5, 100);
    assert_trade(&second, 1, 5, 10, 100);
    assert_trade(&second, 2, 6, 10, 100);
    assert_trade(&second, 3, 7, 10, 100);
    assert_int_equal(second.withdrawn, 65);
    assert_empty(market, BUY);
}

static void trades_are_at_the_resting_price_in_both_directions(void **state)
{
    struct market *market = *state;

    add(market, SELL, 1, 10, 100);
    struct market_result bought = take(market, BUY, 2, 10, 105);
    assert_trade(&bought, 0, 1, 10, 100);
    add(market, BUY, 3, 10, 200);
    struct market_result sold = take(market, SELL, 4, 10, 195);
    assert_trade(&sold, 0, 3, 10, 200);
}

static void remainder_rests_at_its_own_limit(void **state)
{
    struct market *market = *state;

    add(market, SELL, 1, 5, 100);
    add(market, SELL, 2, 10, 105);
    struct market_result bought = add(market, BUY, 3, 12, 102);
    assert_int_equal(bought.filled, 5);
    assert_int_equal(bought.resting, 7);
    assert_best(market, BUY, 102, 7);
    assert_best(market, SELL, 105, 10);
    struct market_result sold = take(market, SELL, 4, 7, 102);
    assert_trade(&sold, 0, 3, 7, 102);
}

static void immediate_or_cancel_never_rests(void **state)
{
    struct market *market = *state;

    add(market, SELL, 1, 10, 100);
    struct market_result bought = take(market, BUY, 2, 15, 100);
    assert_int_equal(bought.filled, 10);
    assert_int_equal(bought.withdrawn, 5);
    assert_int_equal(market_count(market), 0);
    assert_int_equal(cancel(market, 2).outcome, MARKET_UNKNOWN);
}

static void modify_is_cancel_and_add(void **state)
{
    struct market *market = *state;
    struct market_order order;

    add_owned(market, BUY, 1, 7, 100);
    add_owned(market, BUY, 2, 8, 100);
    struct market_result moved = modify(market, 1, 10, 100);
    assert_int_equal(moved.resting, 10);
    assert_int_equal(moved.before.quantity, 10);
    struct market_result sold = take(market, SELL, 3, 10, 100);
    assert_trade(&sold, 0, 2, 10, 100);

    modify(market, 1, 4, 99);
    assert_true(market_find(market, 1, &order));
    assert_int_equal(order.owner_id, 7);
    assert_int_equal(order.side, BUY);
    assert_int_equal(order.price, 99);
    assert_int_equal(order.quantity, 4);
    assert_int_equal(market_quantity_at(market, BUY, 100), 0);
}

static void modify_that_crosses_trades_at_the_resting_price(void **state)
{
    struct market *market = *state;

    add(market, SELL, 1, 10, 100);
    add(market, BUY, 2, 10, 90);
    struct market_result bought = modify(market, 2, 12, 105);
    assert_trade(&bought, 0, 1, 10, 100);
    assert_int_equal(bought.resting, 2);
    assert_best(market, BUY, 105, 2);
    struct market_result gone = modify(market, 1, 5, 100);
    assert_int_equal(gone.outcome, MARKET_UNKNOWN);
}

static void moving_one_order_leaves_its_neighbour(void **state)
{
    struct market *market = *state;

    add(market, BUY, 1, 10, 100);
    add(market, BUY, 2, 10, 100);
    modify(market, 1, 10, 99);
    assert_best(market, BUY, 100, 10);
    struct market_result sold = take(market, SELL, 3, 10, 100);
    assert_trade(&sold, 0, 2, 10, 100);
}

static void owner_never_trades_with_himself(void **state)
{
    struct market *market = *state;

    add_owned(market, SELL, 1, 5, 99);
    add_owned(market, SELL, 2, 7, 100);
    add_owned(market, SELL, 3, 6, 100);
    struct market_result bought =
        apply(market, (struct market_command){.order_id = 4, .owner_id = 7, .quantity = 30, .price = 100});
    assert_int_equal(bought.outcome, MARKET_SELF_TRADE);
    assert_int_equal(bought.trade_count, 1);
    assert_trade(&bought, 0, 1, 10, 99);
    assert_int_equal(bought.withdrawn, 20);
    assert_int_equal(bought.resting, 0);
    assert_best(market, SELL, 100, 20);
    assert_empty(market, BUY);

    add_owned(market, BUY, 5, 7, 98);
    assert_int_equal(modify(market, 5, 10, 100).outcome, MARKET_SELF_TRADE);
    assert_int_equal(cancel(market, 5).outcome, MARKET_UNKNOWN);
    assert_int_equal(add(market, SELL, 6, 1, 200).outcome, MARKET_DONE);
    assert_int_equal(take(market, BUY, 7, 21, 200).trade_count, 3);
}

static void filled_order_is_gone_and_its_id_is_free(void **state)
{
    struct market *market = *state;
    struct market_order order;

    add(market, BUY, 1, 10, 100);
    add(market, SELL, 2, 10, 100);
    assert_int_equal(market_count(market), 0);
    assert_false(market_find(market, 1, &order));
    assert_int_equal(cancel(market, 1).outcome, MARKET_UNKNOWN);
    assert_int_equal(modify(market, 1, 5, 101).outcome, MARKET_UNKNOWN);
    assert_int_equal(add(market, SELL, 1, 10, 200).outcome, MARKET_DONE);
    struct market_result bought = take(market, BUY, 3, 10, 200);
    assert_trade(&bought, 0, 1, 10, 200);
}

static void live_id_is_refused(void **state)
{
    struct market *market = *state;

    add(market, BUY, 1, 10, 100);
    assert_int_equal(add(market, SELL, 1, 10, 100).outcome, MARKET_DUPLICATE);
    assert_int_equal(take(market, SELL, 1, 10, 100).outcome, MARKET_DUPLICATE);
    assert_best(market, BUY, 100, 10);
}

static void every_resting_order_can_be_cancelled(void **state)
{
    struct market *market = *state;

    for (uint64_t id = 0; id < CAPACITY; id++)
        assert_int_equal(add(market, id & 1, id << 40, 5, (int64_t)(id & 1 ? 1000 + id : id)).outcome,
                         MARKET_DONE);
    for (uint64_t id = 0; id < CAPACITY; id++) assert_int_equal(cancel(market, id << 40).withdrawn, 5);
    assert_int_equal(market_count(market), 0);
    assert_empty(market, BUY);
    assert_empty(market, SELL);
}

static void nonsense_is_refused_and_changes_nothing(void **state)
{
    struct market *market = *state;

    add(market, BUY, 1, 10, 100);
    assert_int_equal(add(market, SELL, 2, 0, 100).outcome, MARKET_INVALID);
    assert_int_equal(add(market, 2, 2, 10, 100).outcome, MARKET_INVALID);
    assert_int_equal(
        apply(market, (struct market_command){.order_id = 2, .quantity = 1, .time_in_force = 2}).outcome,
        MARKET_INVALID);
    assert_int_equal(apply(market, (struct market_command){.order_id = 1, .kind = 3, .quantity = 1}).outcome,
                     MARKET_INVALID);
    assert_int_equal(modify(market, 1, 0, 100).outcome, MARKET_INVALID);
    assert_int_equal(cancel(market, 99).outcome, MARKET_UNKNOWN);
    assert_best(market, BUY, 100, 10);
    assert_int_equal(market_count(market), 1);
    assert_null(market_create(0, 1));
    assert_null(market_create(MARKET_ORDERS_MAX + 1, 1));
}

static void full_book_refuses_resting_but_still_trades(void **state)
{
    struct market *market = *state;

    for (uint64_t id = 1; id <= CAPACITY; id++) add(market, SELL, id, 10, 1000 + (int64_t)id);
    assert_int_equal(add(market, SELL, 5000, 10, 3000).outcome, MARKET_FULL);
    assert_int_equal(add(market, BUY, 5000, 10, 10).outcome, MARKET_FULL);
    assert_int_equal(modify(market, CAPACITY, 11, 5000).outcome, MARKET_DONE);
    assert_int_equal(take(market, BUY, 5001, 10, 10).withdrawn, 10);
    assert_int_equal(add(market, BUY, 5002, 5, 1001).filled, 5);
    struct market_result swept = add(market, BUY, 5003, 10, 1001);
    assert_int_equal(swept.filled, 5);
    assert_int_equal(swept.resting, 5);
    assert_int_equal(market_count(market), CAPACITY);
}

static void slots_are_used_again(void **state)
{
    struct market *market = *state;

    for (uint64_t id = 1; id <= 20 * CAPACITY; id++) {
        assert_int_equal(add(market, id & 1, id, 1, (int64_t)(id * 0x9E3779B97F4A7C15u)).outcome,
                         MARKET_DONE);
        if (id % 3)
            cancel(market, id);
        else if (market_count(market) > CAPACITY / 2)
            take(market, BUY, 1u << 30, 1000, INT64_MAX), take(market, SELL, 1u << 30, 1000, INT64_MIN);
    }
    assert_true(market_count(market) <= CAPACITY);
}

// Every power of two around zero and the ends of the range: the trie splits at every height, and the order
// still holds.
static void sparse_prices_keep_their_order(void **state)
{
    struct market *market = *state;
    struct market_level levels[CAPACITY];
    uint64_t id = 1;
    size_t count;

    for (unsigned bit = 0; bit < 63; bit++) {
        add(market, SELL, id++, 1, INT64_MIN + ((int64_t)1 << bit));
        add(market, SELL, id++, 1, INT64_MAX - ((int64_t)1 << bit));
        add(market, SELL, id++, 1, (int64_t)1 << bit);
        add(market, SELL, id++, 1, -((int64_t)1 << bit));
    }
    add(market, SELL, id++, 1, INT64_MAX);
    add(market, SELL, id++, 1, INT64_MIN);
    count = market_depth(market, SELL, levels, CAPACITY);
    assert_int_equal(levels[0].price, INT64_MIN);
    assert_int_equal(levels[count - 1].price, INT64_MAX);
    for (size_t i = 1; i < count; i++) assert_true(levels[i - 1].price < levels[i].price);
    struct market_result all = take(market, BUY, id, UINT32_MAX, INT64_MAX);
    assert_int_equal(all.trade_count, id - 1);
    assert_empty(market, SELL);
}

static void one_order_sweeps_thousands(void **state)
{
    struct market *market = market_create(6000, 1);

    (void)state;
    for (uint64_t id = 1; id <= 5000; id++) add(market, SELL, id, 1, 100);
    struct market_result swept = take(market, BUY, 5001, 5000, 100);
    assert_int_equal(swept.trade_count, 5000);
    for (size_t i = 0; i < 5000; i++) assert_trade(&swept, i, i + 1, 1, 100);
    assert_int_equal(market_count(market), 0);
    market_destroy(market);
}

static void level_sums_do_not_overflow(void **state)
{
    struct market *market = *state;

    for (uint64_t id = 1; id <= 3; id++) add(market, BUY, id, UINT32_MAX, 5);
    assert_best(market, BUY, 5, 3 * (uint64_t)UINT32_MAX);
    assert_int_equal(take(market, SELL, 9, UINT32_MAX, 5).filled, UINT32_MAX);
    assert_best(market, BUY, 5, 2 * (uint64_t)UINT32_MAX);
}

static uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state += 0x9E3779B97F4A7C15u;

    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

// Prices of four kinds: a handful of ticks and a wide band, in both of which asks lie above most bids; single
// bits anywhere; anything.
static int64_t random_price(uint64_t *random, unsigned kind, unsigned side)
{
    uint64_t r = next_random(random);

    switch (kind) {
    case 0:
        return (int64_t)(r % 12 + 9 * side);
    case 1:
        return (int64_t)(r % 5000 + 4000 * side) - 4500;
    case 2:
        return (int64_t)((uint64_t)1 << (r % 64)) + (int64_t)(r >> 62);
    default:
        return (int64_t)r;
    }
}

static struct market_command random_command(uint64_t *random, unsigned kind)
{
    uint64_t r = next_random(random);
    static const uint8_t kinds[16] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2};
    struct market_command command = {
        .kind = kinds[r & 15],
        .side = r >> 4 & 1,
        .time_in_force = (r >> 5 & 7) == 0,
        .order_id = (r >> 8) % 600,
        .owner_id = (r >> 24) % 6,
        .quantity = (uint32_t)(r >> 32) % 40,
        .price = random_price(random, kind, r >> 4 & 1),
    };

    if ((r >> 58) == 0) command.quantity = (uint32_t)next_random(random);
    return command;
}

static size_t random_messages(void)
{
    const char *wanted = getenv("CONSE_MARKET_MESSAGES");

    return wanted ? strtoul(wanted, NULL, 10) : 10 * 1000 * 1000;
}

static void random_messages_match_the_obvious_book(void **state)
{
    enum { MODEL_CAPACITY = 250 };
    struct market *market = market_create(MODEL_CAPACITY, 99);
    static struct model model;
    size_t messages = random_messages();
    uint64_t random = 2026;
    size_t outcomes[MARKET_FULL + 1] = {0};
    size_t resting = 0;

    (void)state;
    model.max_orders = MODEL_CAPACITY;
    for (size_t i = 1; i <= messages; i++) {
        struct market_command command = random_command(&random, (i / 5000) % 4);
        struct market_result expected;
        struct market_result result;

        model_apply(&model, &command, &expected);
        market_apply(market, &command, &result);
        outcomes[result.outcome]++;
        resting += market_count(market);
        if (!model_same_result(&expected, &result)) fail_msg("message %zu: another result", i);
        if (i % 1000 == 0 && !model_same_book(&model, market)) fail_msg("message %zu: another book", i);
    }
    for (unsigned i = 0; i <= MARKET_FULL; i++) assert_true(outcomes[i] > messages / 10000);
    print_message("%zu messages, %zu orders resting on average: done %zu, self trade %zu, unknown %zu, "
                  "duplicate %zu, invalid %zu, full %zu\n",
                  messages, resting / messages, outcomes[0], outcomes[1], outcomes[2], outcomes[3],
                  outcomes[4], outcomes[5]);
    market_destroy(market);
}

static void assert_same_book(const struct market *a, const struct market *b)
{
    for (unsigned side = BUY; side <= SELL; side++) {
        struct market_walk walk_a = {.side = side};
        struct market_walk walk_b = {.side = side};
        struct market_order order_a;
        struct market_order order_b;

        while (market_next(a, &walk_a, &order_a)) {
            assert_true(market_next(b, &walk_b, &order_b));
            assert_true(model_same_order(&order_a, &order_b));
        }
        assert_false(market_next(b, &walk_b, &order_b));
    }
}

static void replay(struct market *market, const struct market_command *journal, size_t length)
{
    struct market_result result;

    for (size_t i = 0; i < length; i++) market_apply(market, &journal[i], &result);
}

static void journal_gives_the_same_book_under_any_seed(void **state)
{
    enum { LENGTH = 20000 };
    struct market_command *journal = calloc(LENGTH, sizeof(*journal));
    struct market *again = market_create(CAPACITY, UINT64_MAX);
    uint64_t random = 7;

    for (size_t i = 0; i < LENGTH; i++) journal[i] = random_command(&random, (i / 100) % 4);
    replay(*state, journal, LENGTH);
    replay(again, journal, LENGTH);
    assert_true(market_count(again) > 50);
    assert_same_book(*state, again);
    market_destroy(again);
    free(journal);
}

// What a snapshot relies on: the walk's sequence, added to an empty book, is the book, and both go on alike.
//
static void walk_rebuilds_the_book(void **state)
{
    struct market *rebuilt = market_create(CAPACITY, 3);
    uint64_t random = 8;

    for (int i = 0; i < 5000; i++) apply(*state, random_command(&random, 1));
    for (unsigned side = BUY; side <= SELL; side++) {
        struct market_walk walk = {.side = side};
        struct market_order order;

        while (market_next(*state, &walk, &order))
            assert_int_equal(apply(rebuilt, (struct market_command){.order_id = order.order_id,
                                                                    .owner_id = order.owner_id,
                                                                    .price = order.price,
                                                                    .quantity = order.quantity,
                                                                    .side = order.side})
                                 .resting,
                             order.quantity);
    }
    assert_true(market_count(rebuilt) > 50);
    assert_same_book(*state, rebuilt);
    for (int i = 0; i < 5000; i++) {
        struct market_command command = random_command(&random, 1);

        apply(*state, command);
        apply(rebuilt, command);
    }
    assert_same_book(*state, rebuilt);
    market_destroy(rebuilt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(better_price_goes_first_whatever_the_arrival),
        TEST(arrival_decides_within_a_price_and_survives_cancels),
        TEST(trades_are_at_the_resting_price_in_both_directions),
        TEST(remainder_rests_at_its_own_limit),
        TEST(immediate_or_cancel_never_rests),
        TEST(modify_is_cancel_and_add),
        TEST(modify_that_crosses_trades_at_the_resting_price),
        TEST(moving_one_order_leaves_its_neighbour),
        TEST(owner_never_trades_with_himself),
        TEST(filled_order_is_gone_and_its_id_is_free),
        TEST(live_id_is_refused),
        TEST(every_resting_order_can_be_cancelled),
        TEST(nonsense_is_refused_and_changes_nothing),
        TEST(full_book_refuses_resting_but_still_trades),
        TEST(slots_are_used_again),
        TEST(sparse_prices_keep_their_order),
        cmocka_unit_test(one_order_sweeps_thousands),
        TEST(level_sums_do_not_overflow),
        TEST(journal_gives_the_same_book_under_any_seed),
        TEST(walk_rebuilds_the_book),
        cmocka_unit_test(random_messages_match_the_obvious_book),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
