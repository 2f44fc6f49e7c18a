// What is told twice, or made twice, counts once: of several processes that follow, and of rows that are made
// again.
#include <pthread.h>
#include <sched.h>

#include "lib/base/clock.h"
#include "services/chain/testing/evening.h"

enum { START = 5000 };
#define URL "shared:learn"

// As if the place that rows had reached was lost.
static void lose_place(struct house *house)
{
    struct arena arena;
    struct err err = {0};
    ProtobufCMessage *row;
    uint64_t version;
    const struct store_write write = {.done = NULL};
    arena_init(&arena, 1 << 16);
    assert_true(store_get(house->chain.store, &chain_tables[CHAIN_PLACES], BOOK_STREAM, &arena, &row,
                          &version, &err));
    assert_non_null(row);
    uint64_t ticket =
        store_delete(house->chain.store, &chain_tables[CHAIN_PLACES], BOOK_STREAM, version, &write);
    assert_true(store_wait(house->chain.store, ticket, &err));
    arena_finish(&arena);
}

static void what_is_made_again_is_told_once(void **state)
{
    (void)state;
    struct evening evening;
    char told[256];
    evening_init(&evening, house_at(NULL));
    evening_fund_user(&evening, ANN, START);
    evening_hold(&evening, 1, ANN, 0);
    evening_pay(&evening, ANN, 1);
    evening_call_off(&evening);
    for (int i = 0; i < 3; i++) {
        evening_told(&evening, 1, told, sizeof told);
        assert_string_equal(told, "1O 1C 1L 1F");
        const Chain__Payment *paid = evening_calls(&evening, ANN, "chain.GetPayment", 1); // from its row
        assert_int_equal(paid->state, CHAIN__PAYMENT__STATE__REFUNDED);
        assert_int_equal(paid->n_refunds, 1);
        lose_place(evening.house);
    }
    house_close(evening.house);
}

static void say_locked(struct evening *evening, uint64_t seq, bool locked)
{
    evening->told = seq - 1;
    if (locked)
        evening_lock(evening);
    else
        evening_unlock(evening);
}

// Each process follows events, at its own pace.
static void what_another_process_did_is_passed_over(void **state)
{
    (void)state;
    shared_store_register();
    struct evening one, two;
    evening_init(&one, house_at(URL));
    evening_init(&two, house_at(URL));
    evening_give(&one, 1, ANN);
    say_locked(&one, 2, true);
    say_locked(&one, 3, false);
    say_locked(&two, 2, true);
    assert_int_equal(evening_letter(&two, 1), 'S');
    say_locked(&two, 4, true);
    say_locked(&one, 4, true);
    assert_int_equal(evening_letter(&one, 1), 'K');
    house_close(two.house);
    house_close(one.house);
    shared_store_drop(URL);
}

// ---- Who goes first

struct follower {
    struct house *house;
    Bus__Notice notice, *page;
    uint8_t packed[128];
    struct bus_batch batch;
    bool learnt;
};

// What evening_lock tells.
static void hand_page(struct follower *follower)
{
    Money__FromEvents told = MONEY__FROM_EVENTS__INIT;
    Money__GameLocked locked = MONEY__GAME_LOCKED__INIT;
    told.event_id = EVENING;
    told.body_case = MONEY__FROM_EVENTS__BODY_GAME_LOCKED;
    told.game_locked = &locked;
    bus__notice__init(&follower->notice);
    follower->page = &follower->notice;
    follower->notice.seq = 1;
    follower->notice.payload.len = money__from_events__pack(&told, follower->packed);
    follower->notice.payload.data = follower->packed;
    follower->batch = (struct bus_batch){.notices = &follower->page, .count = 1, .place = {1, 1}};
}

static void *follow_page(void *arg)
{
    struct follower *follower = arg;
    struct err err = {0};
    follower->learnt = seats_learn(&follower->house->chain, &follower->batch, follower->house->now_ms, &err);
    return NULL;
}

// The ticket of the newest entries that it wrote, and whether the newest ones are somebody else's.
static uint64_t own_ticket(struct house *house, bool *others)
{
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, 1 << 16);
    struct book_call b = {.chain = &house->chain, .arena = &arena};
    assert_true(book_begin_own(&b, house->now_ms, false, &err));
    uint64_t ticket = b.book->live.newest;
    *others = b.book->live.by[0];
    book_end(&b);
    arena_finish(&arena);
    return ticket;
}

static void start_as(struct evening *evening, const char *self)
{
    evening_init(evening, house_at(URL));
    evening->house->self = self;
    house_restart(evening->house);
    evening->house->fresh = true;
}

// Else both write, and who comes second has the whole ledger loaded again.
static void who_writes_the_ledger_learns_first(void **state)
{
    (void)state;
    struct evening one, two;
    pthread_t thread;
    bool others = false;
    shared_store_register();
    start_as(&one, "tcp://one:1");
    start_as(&two, "tcp://two:1");
    evening_fund_user(&two, ANN, START);
    evening_fund_user(&one, BOB, START);
    int64_t now_ms = clock_mono_ms() + 1;
    clock_hold_mono(now_ms);
    uint64_t before = own_ticket(two.house, &others);
    struct follower follower = {.house = two.house};
    hand_page(&follower);
    assert_int_equal(pthread_create(&thread, NULL, follow_page, &follower), 0);
    while (!others && own_ticket(two.house, &others) == before) sched_yield();
    evening_lock(&one);          // what the page says
    clock_hold_mono(now_ms + 1); // so the copy is not fresh any more
    pthread_join(thread, NULL);
    assert_true(follower.learnt);
    assert_int_equal(own_ticket(two.house, &others), before);
    clock_hold_mono(-1);
    house_close(two.house);
    house_close(one.house);
    shared_store_drop(URL);
}

// ---- Many

enum { LONG = 300, APPEND_MOST = 256 };

// A page of holds of one event.
static void hold_many(struct evening *evening)
{
    struct arena arena;
    struct err err = {0};
    Bus__Notice *notices[LONG];
    arena_init(&arena, 4 << 20);
    for (unsigned i = 0; i < LONG; i++) {
        Money__FromEvents told = MONEY__FROM_EVENTS__INIT;
        Money__SeatHeld held = MONEY__SEAT_HELD__INIT;
        const struct uuid id = hold_id(i + 1);
        held.hold_id = id.text;
        held.user_id = ANN;
        held.price = EVENING_PRICE;
        held.currency = MONEY__CURRENCY__VALUE__CONSE;
        held.terms = &evening->terms;
        told.event_id = EVENING;
        told.god_id = GOD;
        told.body_case = MONEY__FROM_EVENTS__BODY_SEAT_HELD;
        told.seat_held = &held;
        notices[i] = arena_new(&arena, Bus__Notice);
        bus__notice__init(notices[i]);
        notices[i]->seq = i + 1;
        notices[i]->payload.len = money__from_events__get_packed_size(&told);
        notices[i]->payload.data = arena_alloc(&arena, notices[i]->payload.len);
        money__from_events__pack(&told, notices[i]->payload.data);
    }
    const struct bus_batch batch = {.notices = notices, .count = LONG, .place = {1, LONG}};
    assert_true(seats_learn(&evening->house->chain, &batch, evening->house->now_ms, &err));
    evening->told = LONG;
    arena_finish(&arena);
}

// How far the ledger is, in entries, and in appends of this process.
struct reached {
    uint64_t entries, appends;
};

static struct reached reached_by(struct house *house)
{
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, 1 << 16);
    struct book_call b = {.chain = &house->chain, .arena = &arena};
    assert_true(book_begin_own(&b, house->now_ms, false, &err));
    const struct reached reached = {b.book->seq, b.book->live.ticket};
    book_end(&b);
    arena_finish(&arena);
    return reached;
}

// What was done since needed several appends, each of some hundred entries.
static void expect_steps(struct house *house, struct reached *since)
{
    const struct reached now = reached_by(house);
    const uint64_t entries = now.entries - since->entries, appends = now.appends - since->appends;
    assert_true(entries >= LONG);
    assert_true(appends > 1 && entries <= appends * APPEND_MOST);
    *since = now;
}

static void expect_letters(struct evening *evening, char letter)
{
    for (unsigned i = 1; i <= LONG; i++) assert_int_equal(evening_letter(evening, i), letter);
}

// A page goes into the ledger in several appends, each with the place that it reached.
static void a_long_page_is_taken_whole(void **state)
{
    (void)state;
    struct evening evening;
    struct reached reached;
    evening_init(&evening, house_at(NULL));
    reached = reached_by(evening.house);
    hold_many(&evening);
    expect_steps(evening.house, &reached);
    assert_int_equal(evening_letter(&evening, LONG), 'H');
    house_restart(evening.house);
    reached = reached_by(evening.house);
    evening_pass(&evening, EVENING_HOLD_S * 1000); // in several appends too
    expect_steps(evening.house, &reached);
    expect_letters(&evening, 'X');
    house_close(evening.house);
}

// Many hold a seat, and three are paid for.
static void begin_paid(struct evening *evening)
{
    evening_init(evening, house_at(NULL));
    evening_fund_user(evening, ANN, START);
    hold_many(evening);
    for (unsigned i = 1; i < 4; i++) evening_pay(evening, ANN, i);
}

// What happens to an event, which stands in one entry of what events tell, happens to all its payments.
static void an_event_of_many_payments_goes_in_steps(void **state)
{
    (void)state;
    struct evening evening;
    struct reached reached;
    begin_paid(&evening);
    reached = reached_by(evening.house);
    evening_lock(&evening);
    expect_steps(evening.house, &reached);
    assert_int_equal(evening_letter(&evening, 1), 'K');
    assert_int_equal(evening_letter(&evening, LONG), 'G');
    evening_finish(&evening, (const char *const[]){ANN}, 1);
    expect_steps(evening.house, &reached);
    expect_letters(&evening, 'O');
    evening_check(&evening);
    evening_pass(&evening, EVENING_PAYOUT_S * 1000);
    expect_steps(evening.house, &reached);
    assert_int_equal(evening_letter(&evening, LONG), '-'); // it is over
    assert_int_equal(evening_escrow(&evening), 0);
    evening_check(&evening);
    house_close(evening.house);
}

static void an_end_of_many_is_taken_back_in_steps(void **state)
{
    (void)state;
    struct evening evening;
    struct reached reached;
    begin_paid(&evening);
    evening_lock(&evening);
    evening_finish(&evening, (const char *const[]){ANN}, 1);
    reached = reached_by(evening.house);
    evening_undo(&evening);
    expect_steps(evening.house, &reached);
    evening_check(&evening);
    assert_int_equal(evening_user(&evening, ANN), START);
    assert_int_equal(evening_letter(&evening, 1), '-');
    house_close(evening.house);
}

static void many_are_called_off_in_steps(void **state)
{
    (void)state;
    struct evening evening;
    struct reached reached;
    begin_paid(&evening);
    reached = reached_by(evening.house);
    evening_call_off(&evening);
    expect_steps(evening.house, &reached);
    assert_int_equal(evening_user(&evening, ANN), START);
    assert_int_equal(evening_letter(&evening, 1), '-');
    house_close(evening.house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_made_again_is_told_once),
        cmocka_unit_test(what_another_process_did_is_passed_over),
        cmocka_unit_test(who_writes_the_ledger_learns_first),
        cmocka_unit_test(a_long_page_is_taken_whole),
        cmocka_unit_test(an_event_of_many_payments_goes_in_steps),
        cmocka_unit_test(an_end_of_many_is_taken_back_in_steps),
        cmocka_unit_test(many_are_called_off_in_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
