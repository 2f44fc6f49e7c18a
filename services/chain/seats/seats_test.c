// What events tell of seats that cost something has its effect on the ledger, once; what the clock ends is
// ended.
#include "services/chain/testing/evening.h"

static int set_up(void **state)
{
    struct evening *evening = calloc(1, sizeof *evening);
    evening_init(evening, house_at(NULL));
    *state = evening;
    return 0;
}

static int tear_down(void **state)
{
    struct evening *evening = *state;
    house_close(evening->house);
    free(evening);
    return 0;
}

static void a_hold_begins_and_its_time_ends(void **state)
{
    struct evening *evening = *state;
    struct payment payment;
    evening_hold(evening, 1, ANN, 0);
    assert_true(evening_payment(evening, 1, &payment));
    assert_int_equal(payment.standing.price, EVENING_PRICE);
    assert_int_equal(payment.standing.hold_ends_ms, evening->house->now_ms + EVENING_HOLD_S * 1000);
    evening_pass(evening, EVENING_HOLD_S * 1000 - 1);
    assert_int_equal(evening_letter(evening, 1), 'H');
    house_restart(evening->house);
    evening_pass(evening, 1);
    assert_int_equal(evening_letter(evening, 1), 'X');
}

static void who_was_promoted_waits_again_once(void **state)
{
    struct evening *evening = *state;
    evening_hold(evening, 1, ANN, 1);
    evening_pass(evening, EVENING_HOLD_S * 1000);
    assert_int_equal(evening_letter(evening, 1), 'W');
    evening_hold(evening, 1, ANN, 2);
    assert_int_equal(evening_letter(evening, 1), 'H');
    evening_pass(evening, EVENING_HOLD_S * 1000);
    assert_int_equal(evening_letter(evening, 1), 'X');

    evening_hold(evening, 2, BOB, 1);
    evening_pass(evening, EVENING_HOLD_S * 1000);
    assert_int_equal(evening_letter(evening, 2), 'W');
    evening_hold(evening, 3, BOB, 2); // under another id
    assert_int_equal(evening_letter(evening, 2), 'L');
    assert_int_equal(evening_letter(evening, 3), 'H');
}

static void what_is_told_again_does_nothing(void **state)
{
    struct evening *evening = *state;
    struct err err = {0};
    Money__FromEvents told = MONEY__FROM_EVENTS__INIT;
    Money__SeatEnding ending = MONEY__SEAT_ENDING__INIT;
    const struct uuid id = hold_id(1);
    evening_hold(evening, 1, ANN, 0);
    ending.hold_id = id.text;
    ending.by = MONEY__SEAT_ENDING__BY__OWNER;
    told.event_id = evening->id;
    told.body_case = MONEY__FROM_EVENTS__BODY_SEAT_ENDING;
    told.seat_ending = &ending;
    assert_true(evening_hand_over(evening, &told, (struct bus_place){1, 1}, &err)); // a number that was there
    assert_int_equal(evening_letter(evening, 1), 'H');
    house_restart(evening->house);
    assert_true(evening_hand_over(evening, &told, (struct bus_place){1, 1}, &err));
    assert_int_equal(evening_letter(evening, 1), 'H');
    assert_true(evening_hand_over(evening, &told, (struct bus_place){2, 1}, &err)); // another store's
    assert_int_equal(evening_letter(evening, 1), 'L');
}

// A lock of which the event was opened again, told by events whose store was restored.
static void an_old_lock_that_is_told_again_is_done(void **state)
{
    struct evening *evening = *state;
    struct err err = {0};
    Money__FromEvents told = MONEY__FROM_EVENTS__INIT;
    Money__GameLocked locked = MONEY__GAME_LOCKED__INIT;
    evening_fund_user(evening, ANN, EVENING_PRICE);
    evening_hold(evening, 1, ANN, 0);
    evening_pay(evening, ANN, 1);
    told.time_ms = evening->house->now_ms;
    evening_lock(evening);
    evening->house->now_ms += 1000;
    evening_unlock(evening);
    evening_hold(evening, 2, BOB, 0);
    house_restart(evening->house);
    told.event_id = evening->id;
    told.god_id = GOD;
    told.body_case = MONEY__FROM_EVENTS__BODY_GAME_LOCKED;
    told.game_locked = &locked;
    assert_true(evening_hand_over(evening, &told, (struct bus_place){2, 1}, &err));
    assert_int_equal(evening_letter(evening, 1), 'S');
    assert_int_equal(evening_letter(evening, 2), 'H');
    told.time_ms = evening->house->now_ms;
    assert_true(evening_hand_over(evening, &told, (struct bus_place){2, 2}, &err)); // another one
    assert_int_equal(evening_letter(evening, 1), 'K');
    assert_int_equal(evening_letter(evening, 2), 'G');
}

static void an_end_frees_the_place(void **state)
{
    static const Money__SeatEnding__By by[] = {MONEY__SEAT_ENDING__BY__OWNER, MONEY__SEAT_ENDING__BY__GOD,
                                               MONEY__SEAT_ENDING__BY__LOCK};
    struct evening *evening = *state;
    for (unsigned i = 0; i < 3; i++) {
        evening_hold(evening, i + 1, ANN, 0);
        evening_end(evening, i + 1, by[i]);
        assert_int_equal(evening_letter(evening, i + 1), "LLX"[i]);
        evening_end(evening, i + 1, by[i]);
    }
    evening_end(evening, 9, MONEY__SEAT_ENDING__BY__OWNER); // of nobody's
}

static void what_makes_no_sense_stops_nothing(void **state)
{
    struct evening *evening = *state;
    Money__SeatHeld held = MONEY__SEAT_HELD__INIT;
    held.hold_id = "no id";
    evening_tell(evening, MONEY__FROM_EVENTS__BODY_SEAT_HELD, &held);
    const struct uuid id = hold_id(1);
    held.hold_id = id.text;
    held.user_id = ANN;
    held.price = EVENING_PRICE;
    held.terms = &evening->terms;
    held.currency = MONEY__CURRENCY__VALUE__LAMPORTS;
    evening_tell(evening, MONEY__FROM_EVENTS__BODY_SEAT_HELD, &held);
    assert_int_equal(evening_letter(evening, 1), '-');
    evening_lock(evening);
    evening_call_off(evening);
    evening_hold(evening, 1, ANN, 0);
    assert_int_equal(evening_letter(evening, 1), 'H');
}

static void a_seat_without_a_payment_is_over_with_the_game(void **state)
{
    struct evening *evening = *state;
    evening_give(evening, 1, ANN);
    assert_int_equal(evening_letter(evening, 1), 'S');
    evening_lock(evening);
    assert_int_equal(evening_letter(evening, 1), 'K');
    evening_unlock(evening);
    assert_int_equal(evening_letter(evening, 1), 'S');
    evening_lock(evening);
    evening_finish(evening, (const char *const[]){ANN}, 1);
    assert_int_equal(evening_letter(evening, 1), '-'); // there was no pot
    evening_give(evening, 2, BOB);
    assert_int_equal(evening_letter(evening, 2), '-'); // and the event is over
}

static void an_event_that_is_called_off_is_no_more(void **state)
{
    struct evening *evening = *state;
    evening_hold(evening, 1, ANN, 0);
    evening_hold(evening, 2, BOB, 0);
    evening_end(evening, 2, MONEY__SEAT_ENDING__BY__OWNER);
    evening_call_off(evening);
    assert_int_equal(evening_letter(evening, 1), '-');
    assert_int_equal(evening_letter(evening, 2), '-');
    house_restart(evening->house);
    evening_hold(evening, 3, ANN, 0);
    assert_int_equal(evening_letter(evening, 3), '-');
}

static bool is_stored(struct evening *evening, const void *bytes, size_t len)
{
    struct store_entries page;
    struct arena arena;
    struct err err = {0};
    bool found = false;
    arena_init(&arena, 32 << 20);
    assert_true(store_read(evening->house->chain.store, BOOK_STREAM, 1, 500, &arena, &page, &err));
    assert_false(page.more);
    for (size_t i = 0; i < page.count; i++)
        found |= memmem(page.entries[i].data, page.entries[i].len, bytes, len) != NULL;
    arena_finish(&arena);
    return found;
}

// Seats are of accounts, which are somebody's by one entry alone.
static void who_leaves_is_named_no_more(void **state)
{
    struct evening *evening = *state;
    const struct ledger_owner ann = book_user(ANN);
    for (unsigned i = 1; i < 20; i++) evening_hold(evening, i, i == 1 ? ANN : BOB, 0);
    assert_true(is_stored(evening, ann.id, 16));
    house_teach(evening->house, (struct name_news){.user_id = ANN, .name = "deleted-a1", .deleted = true});
    assert_false(is_stored(evening, ann.id, 16));
    assert_false(is_stored(evening, ANN, strlen(ANN)));
    house_restart(evening->house);
    evening_end(evening, 1, MONEY__SEAT_ENDING__BY__GOD);
    assert_int_equal(evening_letter(evening, 1), 'L');
}

static void who_is_gone_gets_no_account(void **state)
{
    struct evening *evening = *state;
    const struct ledger_owner eve = book_user(EVE);
    house_teach(evening->house, (struct name_news){.user_id = EVE, .name = "deleted-e1", .deleted = true});
    evening_hold(evening, 1, EVE, 0); // of which events had told before
    assert_false(is_stored(evening, eve.id, 16));
    assert_int_equal(evening_letter(evening, 1), 'H');
    evening_end(evening, 1, MONEY__SEAT_ENDING__BY__OWNER);
    assert_int_equal(evening_letter(evening, 1), 'L');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_hold_begins_and_its_time_ends),
        TEST(who_was_promoted_waits_again_once),
        TEST(what_is_told_again_does_nothing),
        TEST(an_old_lock_that_is_told_again_is_done),
        TEST(an_end_frees_the_place),
        TEST(what_makes_no_sense_stops_nothing),
        TEST(a_seat_without_a_payment_is_over_with_the_game),
        TEST(an_event_that_is_called_off_is_no_more),
        TEST(who_leaves_is_named_no_more),
        TEST(who_is_gone_gets_no_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
