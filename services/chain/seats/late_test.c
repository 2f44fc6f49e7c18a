// A ticket that is found when its hold is over: the money is taken, and events asked for a place, in one
// append; what events says of it, whenever it says it, seats or gives all back, once.
#include "services/chain/testing/tickets.h"

#define URL "shared:late"
enum { DAY_MS = 24 * 3600 * 1000, SLOT = 1000 };

static struct lamports lamports;

static struct payment payment_now(unsigned number)
{
    struct payment payment;
    assert_true(evening_payment(&lamports.evening, number, &payment));
    return payment;
}

static char letter_now(void) { return evening_letter(&lamports.evening, 1); }

static void pass(int64_t ms)
{
    lamports_see(&lamports, 100);
    evening_pass(&lamports.evening, ms);
}

static void let_hold_pass(void)
{
    lamports_begin(&lamports);
    pass(EVENING_HOLD_S * 1000);
    assert_int_equal(letter_now(), 'X');
}

// As the read-back finds it: no permit of it lives.
static void find_ticket(struct lamports *of, bool finalized)
{
    struct book_call b;
    struct watched watched;
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(hold_id(1).text, id);
    tickets_begin(of, &b);
    tickets_fill(&watched, till_find_payment(&b.book->till, id));
    tickets_end(of, &b);
    tickets_see(of, &watched, (struct said){.present = true, .finalized = finalized, .slot = SLOT});
}

static void ask_place(void)
{
    let_hold_pass();
    find_ticket(&lamports, true);
    assert_int_equal(letter_now(), 'W');
}

static int set_up(void **state)
{
    (void)state;
    lamports_init(&lamports, house_at(NULL));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lamports_close(&lamports);
    return 0;
}

static void expect_told(const char *expected)
{
    char told[256];
    evening_told(&lamports.evening, 1, told, sizeof told);
    assert_string_equal(told, expected);
}

static void expect_back(char letter)
{
    struct payment payment = payment_now(1);
    assert_int_equal(letter_now(), letter);
    assert_int_equal(payment.standing.kept, 0);
    assert_int_equal(payment_owed(&payment), EVENING_PRICE);
    assert_int_equal(payment.refund_count, 1);
    assert_int_equal(payment.refunds[0].to, REFUND_TO_PAYER);
}

static void expect_seated(void)
{
    struct payment payment = payment_now(1);
    assert_int_equal(letter_now(), 'S');
    assert_int_equal(payment.standing.kept, EVENING_PRICE);
    assert_int_equal(payment.receipt_count, 1);
    assert_int_equal(payment.refund_count, 0);
    assert_int_equal(payment.standing.waits_until_ms, 0);
}

static void a_place_that_is_given_is_paid_for(void **state)
{
    (void)state;
    let_hold_pass();
    find_ticket(&lamports, false);
    assert_int_equal(letter_now(), 'X'); // a fork may take it
    find_ticket(&lamports, true);
    assert_int_equal(letter_now(), 'W');
    assert_int_equal(payment_now(1).standing.kept, EVENING_PRICE);
    expect_told("1O 1L 1F 1L");
    lamports_hold_again(&lamports, 1, ANN, 2);
    expect_seated();
    expect_told("1O 1L 1F 1L 1C");
}

// The question is the first word since the end, and asks for what is free.
static void events_are_asked_for_a_place(void **state)
{
    (void)state;
    struct arena arena;
    struct store_entries page;
    struct err err = {0};
    ask_place();
    arena_init(&arena, 1 << 20);
    assert_true(book_rows_catch_up(&lamports.evening.house->chain, &err));
    assert_true(store_read(lamports.evening.house->chain.store, TOLD_STREAM, 4, 1, &arena, &page, &err));
    const Money__FromChain *told =
        money__from_chain__unpack(&arena.allocator, page.entries[0].len, page.entries[0].data);
    assert_int_equal(told->body_case, MONEY__FROM_CHAIN__BODY_CLOSED);
    assert_int_equal(told->closed->next, MONEY__PAYMENT_CLOSED__NEXT__TO_FRONT);
    assert_string_equal(told->hold_id, hold_id(1).text);
    arena_finish(&arena);
}

static void a_place_that_is_refused_gives_all_back(void **state)
{
    (void)state;
    ask_place();
    evening_end(&lamports.evening, 1, MONEY__SEAT_ENDING__BY__NO_PLACE);
    expect_back('X');
    evening_end(&lamports.evening, 1, MONEY__SEAT_ENDING__BY__NO_PLACE);
    expect_back('X');
    expect_told("1O 1L 1F 1L 1L");
}

// What events says before it has heard the question, and after.
static void whatever_overtakes_the_answer_gives_all_back(void **state)
{
    (void)state;
    ask_place();
    evening_lock(&lamports.evening);
    expect_back('G');
    evening_end(&lamports.evening, 1, MONEY__SEAT_ENDING__BY__NO_PLACE);
    lamports_hold_again(&lamports, 1, ANN, 2);
    expect_back('G');
}

static void a_cancelled_event_gives_all_back(void **state)
{
    (void)state;
    ask_place();
    evening_call_off(&lamports.evening);
    expect_back('O');
}

static void who_leaves_the_waitlist_gets_all_back(void **state)
{
    (void)state;
    ask_place();
    evening_end(&lamports.evening, 1, MONEY__SEAT_ENDING__BY__OWNER);
    expect_back('L');
}

// events whose store was restored tells the old hold again: that is no answer.
static void an_old_hold_that_is_told_again_is_no_answer(void **state)
{
    (void)state;
    let_hold_pass();
    lamports_hold(&lamports, 1, ANN);
    assert_int_equal(letter_now(), 'X');
    find_ticket(&lamports, true);
    lamports_hold(&lamports, 1, ANN);
    assert_int_equal(letter_now(), 'W');
    lamports_hold_again(&lamports, 1, ANN, 2);
    expect_seated();
}

// events is silent: an older program, or one that is away.
static void nobody_waits_for_an_answer_longer_than_a_day(void **state)
{
    (void)state;
    ask_place();
    pass(DAY_MS - 1000);
    assert_int_equal(payment_now(1).standing.kept, EVENING_PRICE);
    pass(1000);
    expect_back('W');
    lamports_hold_again(&lamports, 1, ANN, 2); // the answer, at last
    assert_int_equal(letter_now(), 'H');
    struct payment payment = payment_now(1);
    assert_int_equal(payment_owed(&payment), EVENING_PRICE);
}

static void a_kill_behind_the_question_asks_it_once(void **state)
{
    (void)state;
    ask_place();
    lamports_restart(&lamports);
    find_ticket(&lamports, true); // it is read again
    assert_int_equal(letter_now(), 'W');
    expect_told("1O 1L 1F 1L");
    lamports_hold_again(&lamports, 1, ANN, 2);
    lamports_restart(&lamports);
    lamports_hold_again(&lamports, 1, ANN, 2); // by events whose store was restored
    expect_seated();
    expect_told("1O 1L 1F 1L 1C");
}

static void two_processes_ask_once(void **state)
{
    (void)state;
    static struct lamports other;
    lamports_close(&lamports);
    shared_store_register();
    lamports_init(&lamports, house_at(URL));
    lamports_init(&other, house_at(URL));
    let_hold_pass();
    other.evening.house->now_ms = lamports.evening.house->now_ms;
    other.evening.told = lamports.evening.told;
    find_ticket(&other, true);
    find_ticket(&lamports, true);
    assert_int_equal(letter_now(), 'W');
    assert_int_equal(payment_now(1).receipt_count, 1);
    lamports_hold_again(&other, 1, ANN, 2);
    lamports_hold_again(&lamports, 1, ANN, 2);
    expect_seated();
    expect_told("1O 1L 1F 1L 1C");
    lamports_close(&other);
    lamports_close(&lamports);
    shared_store_drop(URL);
    lamports_init(&lamports, house_at(NULL));
}

static void who_has_another_place_is_not_asked_for(void **state)
{
    (void)state;
    let_hold_pass();
    lamports_hold(&lamports, 2, ANN);
    find_ticket(&lamports, true);
    expect_back('X');
    assert_int_equal(evening_letter(&lamports.evening, 2), 'H');
}

static void another_place_overtakes_the_question(void **state)
{
    (void)state;
    ask_place();
    lamports_hold(&lamports, 2, ANN);
    expect_back('L');
    evening_end(&lamports.evening, 1, MONEY__SEAT_ENDING__BY__NO_PLACE);
    expect_back('L');
    assert_int_equal(evening_letter(&lamports.evening, 2), 'H');
}

// The ledger was restored: events gave the place to a question that it has forgotten.
static void an_answer_to_what_is_forgotten_is_a_hold(void **state)
{
    (void)state;
    let_hold_pass();
    struct payment_key reference = payment_now(1).standing.reference;
    lamports_hold_again(&lamports, 1, ANN, 2);
    assert_int_equal(letter_now(), 'H');
    struct payment payment = payment_now(1);
    assert_memory_equal(&payment.standing.reference, &reference, sizeof reference);
    find_ticket(&lamports, true);
    expect_seated();
}

static void who_takes_the_money_meanwhile_has_it(void **state)
{
    (void)state;
    struct watched watched;
    ask_place();
    lamports.cluster.now.clock_s += 32 * 24 * 3600;
    assert_true(tickets_watched(&lamports, 1, &watched));
    tickets_see(&lamports, &watched, (struct said){.finalized = true, .slot = SLOT + 1});
    struct payment payment = payment_now(1);
    assert_int_equal(payment_refunded(&payment), EVENING_PRICE);
    assert_int_equal(letter_now(), 'L');
    lamports_hold_again(&lamports, 1, ANN, 2); // the answer: it is a hold like others
    assert_int_equal(letter_now(), 'H');
    payment = payment_now(1);
    assert_memory_not_equal(&payment.standing.reference, &watched.reference, sizeof watched.reference);
}

// ---- Behind a restore of the ledger, of an event that was locked since

static bool hear_all(Bus__Notice *const *notices, size_t count, struct err *err)
{
    const struct bus_batch batch = {
        .notices = (Bus__Notice **)notices, .count = count, .place = {1, notices[count - 1]->seq}};
    return seats_learn(&lamports.evening.house->chain, &batch, lamports.evening.house->now_ms, err);
}

static void write_told(Bus__Notice *notice, uint8_t packed[128], Money__FromEvents__BodyCase which,
                       void *body)
{
    Money__FromEvents told = MONEY__FROM_EVENTS__INIT;
    told.time_ms = lamports.evening.house->now_ms;
    told.event_id = EVENING;
    told.body_case = which;
    told.seat_held = body;
    bus__notice__init(notice);
    notice->seq = ++lamports.evening.told;
    notice->payload.len = money__from_events__pack(&told, packed);
    notice->payload.data = packed;
}

// What came before it on its page is done, by one loading of the ledger.
static void a_lock_waits_until_it_is_known_who_has_paid(void **state)
{
    struct err err = {0};
    Bus__Notice notices[2];
    Bus__Notice *const page[] = {&notices[0], &notices[1]};
    Money__SeatGiven given = MONEY__SEAT_GIVEN__INIT;
    Money__GameLocked locked = MONEY__GAME_LOCKED__INIT;
    uint8_t packed[2][128];
    const struct uuid id = hold_id(2);
    (void)state;
    lamports_begin(&lamports);
    given.hold_id = id.text;
    given.user_id = BOB;
    write_told(&notices[0], packed[0], MONEY__FROM_EVENTS__BODY_SEAT_GIVEN, &given);
    write_told(&notices[1], packed[1], MONEY__FROM_EVENTS__BODY_GAME_LOCKED, &locked);
    atomic_store(&lamports.cluster.read_back, false);
    assert_false(hear_all(page, 2, &err));
    assert_true(err_is(&err, SERVICE_BUSY));
    assert_int_equal(letter_now(), 'H');
    assert_int_equal(evening_letter(&lamports.evening, 2), 'S');
    find_ticket(&lamports, true);
    assert_int_equal(letter_now(), 'S');
    assert_true(hear_all(page, 2, &err)); // nobody holds a seat any more
    assert_int_equal(letter_now(), 'K');
}

static void a_lock_ends_who_has_not_paid(void **state)
{
    (void)state;
    lamports_begin(&lamports);
    evening_lock(&lamports.evening);
    assert_int_equal(letter_now(), 'G');
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_place_that_is_given_is_paid_for),
        CASE(events_are_asked_for_a_place),
        CASE(a_place_that_is_refused_gives_all_back),
        CASE(whatever_overtakes_the_answer_gives_all_back),
        CASE(a_cancelled_event_gives_all_back),
        CASE(who_leaves_the_waitlist_gets_all_back),
        CASE(an_old_hold_that_is_told_again_is_no_answer),
        CASE(nobody_waits_for_an_answer_longer_than_a_day),
        CASE(a_kill_behind_the_question_asks_it_once),
        CASE(two_processes_ask_once),
        CASE(who_has_another_place_is_not_asked_for),
        CASE(another_place_overtakes_the_question),
        CASE(an_answer_to_what_is_forgotten_is_a_hold),
        CASE(who_takes_the_money_meanwhile_has_it),
        CASE(a_lock_waits_until_it_is_known_who_has_paid),
        CASE(a_lock_ends_who_has_not_paid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
