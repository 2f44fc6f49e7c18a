// What was paid behind the end of its hold: chain asks for a place, and gets a free one, the first in the
// waitlist, or none.
#include "services/events/testing/game.h"
#include "services/events/testing/money.h"

// The user's hold is over, as by its time.
static void let_pass(struct world *world, unsigned user)
{
    assert_true(world_reserve(world, user, false));
    chain_close(world, user, MONEY__PAYMENT_CLOSED__NEXT__GONE);
    chain_final(world, world->game.holds_count - 1);
    assert_int_equal(world_person(world, user)->seat, 0);
}

static struct uuid id_of_hold(struct world *world, unsigned user) { return hold_of(world, user)->id; }

static void ask_place(struct world *world, unsigned user)
{
    chain_close(world, user, MONEY__PAYMENT_CLOSED__NEXT__TO_FRONT);
}

static int place_of(struct world *world, unsigned user)
{
    return game_waiting_place(&world->game, game_person(&world->game, id_of(user)));
}

static Game__Entry__BodyCase newest(const struct world *world)
{
    return world->kept[world->kept_count - 1].which;
}

static void expect_refused(struct world *world, unsigned user)
{
    assert_int_equal(newest(world), GAME__ENTRY__BODY_HOLD_ENDING);
    assert_int_equal(hold_of(world, user)->state, HOLD_CLOSED);
    assert_false(hold_of(world, user)->waits);
    assert_false(hold_of(world, user)->final); // until the money is back
    assert_replays(world);
}

static void a_free_place_is_held_anew_and_paid(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    let_pass(world, USER);
    const struct uuid id = id_of_hold(world, USER);
    ask_place(world, USER);
    assert_int_equal(newest(world), GAME__ENTRY__BODY_SEAT_HELD);
    assert_int_equal(world_person(world, USER)->seat, 1);
    assert_int_equal(world->game.holds_count, 1);
    assert_string_equal(hold_of(world, USER)->id.text, id.text);
    assert_int_equal(hold_of(world, USER)->state, HOLD_HELD);
    assert_false(hold_of(world, USER)->final);
    assert_false(DO(world, GOD, lock));
    assert_refused(world, HOLDS_OPEN);
    assert_true(chain_confirmed(world, USER));
    assert_true(DO(world, GOD, lock));
    assert_replays(world);
    world_destroy(world);
}

// The place was taken between the question and the answer.
static void who_paid_for_a_taken_place_is_the_first_to_wait(void **state)
{
    (void)state;
    struct world *world = world_priced(1, 500);
    let_pass(world, USER);
    const struct uuid id = id_of_hold(world, USER);
    assert_true(world_reserve(world, USER + 1, false));
    assert_true(world_reserve(world, USER + 2, false));
    ask_place(world, USER);
    assert_int_equal(place_of(world, USER), 1);
    assert_int_equal(place_of(world, USER + 2), 2);
    assert_true(hold_of(world, USER)->waits);
    assert_replays(world);
    chain_close(world, USER + 1, MONEY__PAYMENT_CLOSED__NEXT__GONE);
    const struct hold *hold = game_hold_of(&world->game, game_person(&world->game, id_of(USER)));
    assert_string_equal(hold->id.text, id.text); // by what they paid
    assert_false(hold->waits);
    assert_int_equal(place_of(world, USER + 2), 1);
    assert_replays(world);
    world_destroy(world);
}

static void without_a_place_and_a_waitlist_it_goes_back(void **state)
{
    (void)state;
    struct world *world = world_priced(1, 500);
    let_pass(world, USER);
    assert_true(world_reserve(world, USER + 1, false));
    world->game.terms.waitlist = false; // edited since
    ask_place(world, USER);
    assert_int_equal(newest(world), GAME__ENTRY__BODY_HOLD_ENDING);
    assert_false(hold_of(world, USER)->final);
    chain_final(world, 0);
    assert_true(hold_of(world, USER)->final);
    world_destroy(world);
}

// It was locked while the question was on its way.
static void a_locked_event_has_no_place(void **state)
{
    (void)state;
    struct world *world = world_priced(3, 500);
    let_pass(world, USER);
    assert_true(world_reserve(world, USER + 1, false));
    assert_true(chain_confirmed(world, USER + 1));
    assert_true(DO(world, GOD, lock));
    ask_place(world, USER);
    expect_refused(world, USER);
    world_destroy(world);
}

static void nobody_moves_up_while_the_lock_waits(void **state)
{
    (void)state;
    struct world *world = world_priced(3, 500);
    let_pass(world, USER);
    assert_true(world_reserve(world, USER + 1, false));
    assert_true(world_reserve(world, USER + 2, false));
    assert_true(chain_confirmed(world, USER + 1));
    assert_true(DO(world, GOD, lock_ending));
    ask_place(world, USER);
    assert_int_equal(place_of(world, USER), 1);
    chain_close(world, USER + 2, MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__LOCKED);
    assert_true(chain_said_closed(world, USER, MONEY__PAYMENT_CLOSED__NEXT__GONE)); // it goes back
    assert_true(DO(world, GOD, unlock, world_secrets(world)));
    assert_int_equal(world->game.holds_count, 4); // who waits has another hold, to be paid
    assert_int_equal(hold_of(world, USER)->state, HOLD_HELD);
    assert_replays(world);
    world_destroy(world);
}

static void a_cancelled_event_has_no_place(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    let_pass(world, USER);
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    ask_place(world, USER);
    expect_refused(world, USER);
    world_destroy(world);
}

static void who_is_kept_out_gets_no_place(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    const struct banned banned = {id_of(USER), "user100", "rude", "user_id"};
    let_pass(world, USER);
    assert_true(DO(world, GOD, ban, &banned, world_secrets(world)));
    ask_place(world, USER);
    expect_refused(world, USER);
    world_destroy(world);
}

// They reserved again: that place is held, or waited for.
static void who_has_a_place_gets_no_other(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    let_pass(world, USER);
    const struct uuid id = id_of_hold(world, USER);
    assert_true(world_reserve(world, USER, false));
    Money__FromChain said = MONEY__FROM_CHAIN__INIT;
    Money__PaymentClosed closed = MONEY__PAYMENT_CLOSED__INIT;
    closed.next = MONEY__PAYMENT_CLOSED__NEXT__TO_FRONT;
    said.hold_id = id.text;
    said.event_id = world->game.id.text;
    said.body_case = MONEY__FROM_CHAIN__BODY_CLOSED;
    said.closed = &closed;
    assert_true(chain_says(world, &said));
    assert_int_equal(newest(world), GAME__ENTRY__BODY_HOLD_ENDING);
    assert_int_equal(world->game.seats_taken, 1);
    assert_int_equal(hold_of(world, USER)->state, HOLD_HELD);
    assert_replays(world);
    world_destroy(world);
}

static void who_leaves_the_waitlist_gets_it_back(void **state)
{
    (void)state;
    struct world *world = world_priced(1, 500);
    let_pass(world, USER);
    assert_true(world_reserve(world, USER + 1, false));
    ask_place(world, USER);
    assert_true(DO(world, USER, leave, id_of(USER), world_secrets(world)));
    assert_int_equal(world->kept[world->kept_count - 2].which, GAME__ENTRY__BODY_HOLD_ENDING);
    assert_int_equal(newest(world), GAME__ENTRY__BODY_WAITLIST_LEFT);
    assert_false(hold_of(world, USER)->waits);
    assert_false(chain_said_closed(world, USER, MONEY__PAYMENT_CLOSED__NEXT__GONE)); // no news
    assert_true(world_reserve(world, USER, false));
    assert_true(DO(world, USER, leave, id_of(USER), world_secrets(world)));
    assert_int_not_equal(world->kept[world->kept_count - 2].which, GAME__ENTRY__BODY_HOLD_ENDING);
    assert_replays(world);
    world_destroy(world);
}

// Two processes hear it, or one that was killed before it stored its place.
static void a_question_is_answered_once(void **state)
{
    (void)state;
    struct world *world = world_priced(1, 500);
    let_pass(world, USER);
    assert_true(world_reserve(world, USER + 1, false));
    ask_place(world, USER);
    size_t before = world->kept_count;
    const struct payments_told place = world->game.told;
    Money__FromChain said;
    Money__PaymentClosed closed = MONEY__PAYMENT_CLOSED__INIT;
    say_of(&said, world, USER, MONEY__FROM_CHAIN__BODY_CLOSED);
    closed.next = MONEY__PAYMENT_CLOSED__NEXT__TO_FRONT;
    said.closed = &closed;
    assert_true(DO(world, 0, payment, &said, &place));
    assert_int_equal(world->kept_count, before);
    assert_int_equal(world->game.waiting_count, 1);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_free_place_is_held_anew_and_paid),
        cmocka_unit_test(who_paid_for_a_taken_place_is_the_first_to_wait),
        cmocka_unit_test(without_a_place_and_a_waitlist_it_goes_back),
        cmocka_unit_test(a_locked_event_has_no_place),
        cmocka_unit_test(nobody_moves_up_while_the_lock_waits),
        cmocka_unit_test(a_cancelled_event_has_no_place),
        cmocka_unit_test(who_is_kept_out_gets_no_place),
        cmocka_unit_test(who_has_a_place_gets_no_other),
        cmocka_unit_test(who_leaves_the_waitlist_gets_it_back),
        cmocka_unit_test(a_question_is_answered_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
