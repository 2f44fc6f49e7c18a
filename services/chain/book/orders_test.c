// Random orders on two roles' books: after each, the escrow is what the resting orders promise, cards are
// where the balances say, and balances follow from the trades; loaded again, everything is the same. And
// what the service makes of orders is what the simplest book makes of them.
#include "services/chain/market/testing/market_model.h"
#include "services/chain/testing/stage.h"

#define URL "shared:orders"

enum { COMMANDS = 10000, COMPARED = 3000 };

// ---- Commands

static void place_one(struct stage *stage)
{
    int who = (int)pick_below(stage, PEOPLE), role = (int)pick_below(stage, ROLES);
    struct err err = {0};
    struct exchange_terms terms = {.account = stage->accounts[who],
                                   .asset = stage->assets[role],
                                   .price = 90 + pick_below(stage, 21),
                                   .quantity = 1 + pick_below(stage, 5),
                                   .fee_bp = FEE,
                                   .side = (uint8_t)pick_below(stage, 2),
                                   .immediate = pick_below(stage, 8) == 0};
    terms.post_only = !terms.immediate && pick_below(stage, 8) == 0;
    assert_null(exchange_terms_wrong(&terms));
    if (!book_may_order(stage->b.book, &terms, &err)) return;
    const Ledger__Entry *entry = book_order(&stage->b, &terms, NULL);
    assert_non_null(entry);
    wealth_order(stage, role, who, entry->ordered);
}

static void withdraw_own(struct stage *stage)
{
    uint32_t account = stage->accounts[pick_below(stage, PEOPLE)];
    const struct exchange_person *person = exchange_person(&stage->b.book->exchange, account);
    if (!person || !person->count) return;
    if (pick_below(stage, 8)) {
        wealth_withdraw(stage, exchange_order(&stage->b.book->exchange, person->oldest));
        book_withdraw_one(&stage->b, person->oldest, LEDGER__ORDER__REASON__USER);
        return;
    }
    for (uint64_t next = person->oldest; next; next = exchange_order(&stage->b.book->exchange, next)->newer)
        wealth_withdraw(stage, exchange_order(&stage->b.book->exchange, next));
    size_t count = person->count;
    assert_int_equal(book_withdraw_own(&stage->b, account, 0, LEDGER__ORDER__REASON__TIMER), count);
}

static void withdraw_role(struct stage *stage)
{
    int role = (int)pick_below(stage, ROLES);
    const struct exchange_role *all = exchange_role(&stage->b.book->exchange, stage->assets[role]);
    struct market_order resting;
    for (int side = MARKET_BUY; side <= MARKET_SELL; side++)
        for (struct market_walk walk = {.side = (enum market_side)side};
             market_next(all->market, &walk, &resting);)
            wealth_withdraw(stage, exchange_order(&stage->b.book->exchange, resting.order_id));
    while (book_withdraw_role(&stage->b, stage->assets[role], LEDGER__ORDER__REASON__ADMIN)) continue;
}
static void run_command(struct stage *stage, int turn)
{
    uint32_t kind = pick_below(stage, 100);
    enter_stage(stage);
    if (kind < 80)
        place_one(stage);
    else if (kind < 99 || turn % 10)
        withdraw_own(stage);
    else
        withdraw_role(stage);
    check_all(stage, stage->b.book);
    leave_stage(stage, turn % 100 == 99);
}
static void random_orders_keep_what_always_holds(void **state)
{
    struct stage stage;
    (void)state;
    open_stage(&stage, NULL);
    for (int turn = 0; turn < COMMANDS; turn++) run_command(&stage, turn);
    const struct merkle_hash before = hash_now(&stage);
    house_restart(stage.house);
    const struct merkle_hash from_entries = hash_now(&stage);
    assert_memory_equal(&before, &from_entries, sizeof before);

    keep_snapshot(&stage);
    uint64_t seq = enter_stage(&stage)->seq;
    book_end(&stage.b);
    house_restart(stage.house);
    assert_int_equal(enter_stage(&stage)->snapshot_seq, seq);
    book_end(&stage.b);
    const struct merkle_hash from_snapshot = hash_now(&stage);
    assert_memory_equal(&before, &from_snapshot, sizeof before);
    for (int turn = 0; turn < 500; turn++) run_command(&stage, turn);
    leave_stage((enter_stage(&stage), &stage), true);
    house_close(stage.house);
}
// ---- As the simplest book does it

struct simple {
    struct model model;
    struct market_result expected;
};

static uint32_t filled_of(const Ledger__Ordered *ordered)
{
    uint32_t filled = 0;
    for (size_t i = 0; i < ordered->n_fills; i++) filled += ordered->fills[i]->quantity;
    return filled;
}

static void assert_as_expected(const struct market_result *expected, const Ledger__Ordered *ordered)
{
    const bool own = ordered->reason == LEDGER__ORDER__REASON__SELF_TRADE;
    assert_int_equal(expected->outcome, own ? MARKET_SELF_TRADE : MARKET_DONE);
    assert_int_equal(expected->filled, filled_of(ordered));
    assert_int_equal(expected->resting, ordered->rest);
    assert_int_equal(expected->withdrawn, ordered->quantity - ordered->rest - expected->filled);
    assert_int_equal(expected->trade_count, ordered->n_fills);
    for (size_t i = 0; i < ordered->n_fills; i++) {
        const struct market_trade *trade = &expected->trades[i];
        const Ledger__Fill *fill = ordered->fills[i];
        assert_int_equal(trade->maker_order_id, fill->order);
        assert_int_equal(trade->maker_owner_id, fill->account);
        assert_int_equal(trade->price, fill->price);
        assert_int_equal(trade->quantity, fill->quantity);
        assert_int_equal(trade->maker_left, fill->left);
    }
}

static void compare_order(struct stage *stage, struct simple *simple)
{
    struct err err = {0};
    const struct exchange_terms terms = {.account = stage->accounts[pick_below(stage, PEOPLE)],
                                         .asset = stage->assets[0],
                                         .price = 90 + pick_below(stage, 21),
                                         .quantity = 1 + pick_below(stage, 5),
                                         .side = (uint8_t)pick_below(stage, 2),
                                         .immediate = pick_below(stage, 4) == 0};
    if (!book_may_order(stage->b.book, &terms, &err)) return;
    const Ledger__Entry *entry = book_order(&stage->b, &terms, NULL);
    assert_non_null(entry);
    const struct market_command command = {.kind = MARKET_ADD,
                                           .order_id = stage->b.book->seq,
                                           .owner_id = terms.account,
                                           .price = terms.price,
                                           .quantity = terms.quantity,
                                           .side = terms.side,
                                           .time_in_force = terms.immediate ? MARKET_IOC : MARKET_GTC};
    model_apply(&simple->model, &command, &simple->expected);
    assert_as_expected(&simple->expected, entry->ordered);
}

static void compare_withdrawal(struct stage *stage, struct simple *simple)
{
    if (!simple->model.count) return;
    const struct market_order chosen = simple->model.orders[pick_below(stage, (uint32_t)simple->model.count)];
    const struct market_command command = {.kind = MARKET_CANCEL, .order_id = chosen.order_id};
    book_withdraw_one(&stage->b, chosen.order_id, LEDGER__ORDER__REASON__USER);
    model_apply(&simple->model, &command, &simple->expected);
    assert_int_equal(simple->expected.withdrawn, chosen.quantity);
}

// Also after the ledger was loaded again, from its entries.
static void the_service_trades_as_the_simplest_book(void **state)
{
    static struct simple simple = {.model.max_orders = MODEL_ORDERS};
    struct stage stage;
    (void)state;
    open_stage(&stage, NULL);
    for (int turn = 0; turn < COMPARED; turn++) {
        enter_stage(&stage);
        if (pick_below(&stage, 4))
            compare_order(&stage, &simple);
        else
            compare_withdrawal(&stage, &simple);
        const struct exchange_role *role = exchange_role(&stage.b.book->exchange, stage.assets[0]);
        if (role->market) assert_true(model_same_book(&simple.model, role->market));
        leave_stage(&stage, turn % 100 == 99);
        if (turn % 1000 == 999) house_restart(stage.house);
    }
    house_close(stage.house);
}

// ---- Two processes

static void two_processes_have_one_market(void **state)
{
    struct stage one;
    (void)state;
    shared_store_register();
    open_stage(&one, URL);
    struct stage two = one;
    two.house = house_at(URL);
    for (int turn = 0; turn < 400; turn++) {
        struct stage *stage = turn / 50 % 2 ? &two : &one, *other = turn / 50 % 2 ? &one : &two;
        struct err err = {0};
        stage->b = (struct book_call){.chain = &stage->house->chain, .arena = &stage->house->arena};
        assert_true(book_begin_own(&stage->b, stage->house->now_ms, true, &err));
        book_end(&stage->b);
        run_command(stage, 99);
        other->wealth = stage->wealth;
    }
    struct err err = {0};
    one.b = (struct book_call){.chain = &one.house->chain, .arena = &one.house->arena};
    assert_true(book_begin_own(&one.b, one.house->now_ms, true, &err));
    book_end(&one.b);
    const struct merkle_hash first = hash_now(&one), second = hash_now(&two);
    assert_memory_equal(&first, &second, sizeof first);
    house_close(two.house);
    house_close(one.house);
    shared_store_drop(URL);
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_orders_keep_what_always_holds),
        cmocka_unit_test(the_service_trades_as_the_simplest_book),
        cmocka_unit_test(two_processes_have_one_market),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
