// Seats, the waitlist, edits and votes: what is accepted, what is refused and why, and what follows.
#include "services/events/testing/game.h"

static void seats_are_given_once_and_then_the_waitlist(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &terms);
    for (unsigned i = 0; i < 5; i++) assert_true(world_reserve(world, USER + i, false));
    assert_int_equal(world->game.seats_taken, 2);
    assert_int_equal(world->game.waiting_count, 3);
    size_t before = world->kept_count;
    assert_true(world_reserve(world, USER, false)); // again: the same seat, nothing new
    assert_int_equal(world->kept_count, before);
    assert_int_equal(world_person(world, USER)->seat, 1);

    assert_true(DO(world, USER, leave, id_of(USER), world_secrets(world)));
    assert_int_equal(world_person(world, USER + 2)->seat, 1); // the first one waiting
    assert_int_equal(world->game.waiting_count, 2);
    assert_int_equal(game_waiting_place(&world->game, game_person(&world->game, id_of(USER + 3))), 1);
    assert_false(DO(world, USER, leave, id_of(USER), world_secrets(world)));
    assert_refused(world, NOT_FOUND);
    assert_replays(world);
    world_destroy(world);
}

static void a_full_event_without_waitlist_refuses(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(1);
    terms.waitlist = false;
    world_open(world, (struct world_deck){2, 2}, &terms);
    assert_true(world_reserve(world, USER, false));
    assert_false(world_reserve(world, USER + 1, false));
    assert_refused(world, EVENT_FULL);
    assert_false(world_reserve(world, GOD, false));
    assert_refused(world, GOD_MAY_NOT_PLAY);
    world_destroy(world);
}

static void more_seats_promote_and_taken_seats_stay(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(1);
    world_open(world, (struct world_deck){2, 2}, &terms);
    for (unsigned i = 0; i < 3; i++) assert_true(world_reserve(world, USER + i, false));
    terms.max_players = 3;
    assert_true(DO(world, GOD, edit, &terms));
    assert_int_equal(world->game.seats_taken, 3);
    terms.max_players = 2;
    assert_false(DO(world, GOD, edit, &terms));
    assert_refused(world, IN_USE);
    world_destroy(world);
}

static void votes_are_counted_once_per_user(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &terms);
    for (unsigned i = 0; i < 300; i++)
        assert_true(DO(world, USER + i, vote, i % 3 ? EVENTS__VOTE__VALUE__UP : EVENTS__VOTE__VALUE__DOWN));
    assert_int_equal(world->game.upvotes, 200);
    assert_int_equal(world->game.downvotes, 100);
    for (unsigned i = 0; i < 300; i++) assert_true(DO(world, USER + i, vote, EVENTS__VOTE__VALUE__NONE));
    assert_int_equal(world->game.upvotes + world->game.downvotes, 0);
    size_t before = world->kept_count;
    assert_true(DO(world, USER, vote, EVENTS__VOTE__VALUE__NONE));
    assert_int_equal(world->kept_count, before);
    assert_replays(world);
    world_destroy(world);
}

static void a_vote_is_changed_so_often_and_not_after_the_end(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &terms);
    for (int i = 0; i < GAME_MAX_VOTES_EACH; i++)
        assert_true(DO(world, USER, vote, i % 2 ? EVENTS__VOTE__VALUE__UP : EVENTS__VOTE__VALUE__DOWN));
    assert_replays(world);
    assert_false(DO(world, USER, vote, EVENTS__VOTE__VALUE__NONE));
    assert_refused(world, TOO_MANY_CHANGES);
    assert_true(DO(world, USER, vote, EVENTS__VOTE__VALUE__UP)); // it is that already
    assert_true(DO(world, USER + 1, vote, EVENTS__VOTE__VALUE__UP));
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    assert_false(DO(world, USER + 2, vote, EVENTS__VOTE__VALUE__UP));
    assert_refused(world, EVENT_OVER);
    assert_int_equal(world->game.upvotes, 2);
    world_destroy(world);
}

static void nobody_comes_and_goes_for_ever(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(1);
    world_open(world, (struct world_deck){2, 2}, &terms);
    for (int i = 0; i < GAME_MAX_ARRIVALS_EACH; i++) {
        bool waits = i % 2;
        if (waits) assert_true(world_reserve(world, USER + 1, false));
        assert_true(world_reserve(world, USER, false));
        assert_true(DO(world, USER, leave, id_of(USER), NULL));
        if (waits) assert_true(DO(world, USER + 1, leave, id_of(USER + 1), NULL));
    }
    assert_false(world_reserve(world, USER, false));
    assert_refused(world, TOO_MANY_CHANGES);
    assert_int_equal(world_person(world, USER + 1)->arrivals, GAME_MAX_ARRIVALS_EACH / 2);
    assert_replays(world);
    world_destroy(world);
}

static bool ban(struct world *world, unsigned user, const char *reason)
{
    char user_id[UUID_LEN + 1];
    const struct banned banned = {strcpy(user_id, id_of(user)), "somebody", reason, "user_id"};
    return DO(world, GOD, ban, &banned, world_secrets(world));
}

static void bans_have_a_limit_and_are_lifted_in_any_order(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &terms);
    for (unsigned i = 0; i < GAME_MAX_BANS; i++) assert_true(ban(world, USER + i, "loud"));
    assert_false(ban(world, USER + GAME_MAX_BANS, "loud"));
    assert_refused(world, LIMIT_REACHED);
    assert_true(ban(world, USER + 7, "")); // has one
    for (unsigned i = 0; i < GAME_MAX_BANS; i += 2) assert_true(DO(world, GOD, unban, id_of(USER + i)));
    assert_int_equal(world->game.bans_count, GAME_MAX_BANS / 2);
    assert_null(game_ban(&world->game, id_of(USER + 8)));
    assert_string_equal(game_ban(&world->game, id_of(USER + 7))->reason, "");
    assert_string_equal(game_ban(&world->game, id_of(USER + 9))->reason, "loud");
    assert_replays(world);
    world_destroy(world);
}

// In a locked event the seat is given back as by leaving: the deal is burned. When nobody can leave any more,
// the ban stands and frees nothing.
static void a_ban_in_a_locked_event_burns_the_deal(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(9);
    world_open(world, (struct world_deck){4, 3}, &terms);
    for (unsigned i = 0; i < 7; i++) assert_true(world_reserve(world, USER + i, false));
    for (unsigned i = 0; i < 5; i++) {
        assert_true(DO(world, GOD, lock));
        assert_true(ban(world, USER + i, ""));
        assert_int_equal(world->game.burned_count, i + 1);
        assert_int_equal(world->game.state, EVENTS__EVENT__STATE__OPEN);
    }
    assert_true(DO(world, GOD, lock));
    assert_true(ban(world, USER + 5, ""));
    assert_non_null(game_ban(&world->game, id_of(USER + 5)));
    assert_int_equal(world_person(world, USER + 5)->seat, 6);
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__LOCKED);
    assert_replays(world);
    world_destroy(world);
}

// Else they would move up to a seat when somebody leaves after the unlock.
static void who_waits_and_is_banned_moves_up_no_more(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){4, 3}, &terms);
    for (unsigned i = 0; i < 9; i++) assert_true(world_reserve(world, USER + i, false));
    for (unsigned i = 0; i < 5; i++) {
        assert_true(DO(world, GOD, lock));
        assert_true(DO(world, GOD, unlock, world_secrets(world)));
    }
    assert_true(DO(world, GOD, lock));
    assert_true(rules_roster_frozen(&world->game));
    assert_true(ban(world, USER + 2, "loud"));
    assert_true(ban(world, USER + 1, "loud")); // has a seat, and keeps it
    assert_true(DO(world, GOD, unlock, world_secrets(world)));
    assert_true(DO(world, USER, leave, id_of(USER), NULL));
    assert_int_equal(world_person(world, USER + 1)->seat, 2);
    assert_int_equal(world_person(world, USER + 2)->seat, 0);
    assert_int_equal(world_person(world, USER + 3)->seat, 1);
    assert_replays(world);
    world_destroy(world);
}

// At the end everybody reads the whole log, and assistants read the god's at any time.
static void bans_are_read_by_nobody_in_the_log(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &terms);
    assert_true(ban(world, USER, "a thief"));
    assert_true(DO(world, GOD, unban, id_of(USER)));
    for (size_t i = world->kept_count - 2; i < world->kept_count; i++)
        assert_true(audience_sealed(world->kept[i].audience));
    assert_replays(world);
    world_destroy(world);
}

// Also when the place was a guest's that they had taken over.
static void who_left_a_claimed_seat_is_not_held_by_the_god(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    struct uuid guest_id;
    char user_id[UUID_LEN + 1];
    world_open(world, (struct world_deck){2, 2}, &terms);
    assert_true(DO(world, GOD, reserve_guest, "anna", &guest_id));
    const struct claiming claiming = {guest_id.text, strcpy(user_id, id_of(USER)), "user", false};
    assert_true(DO(world, USER, claim, &claiming));
    assert_true(DO(world, USER, leave, id_of(USER), NULL));
    assert_false(DO(world, GOD, reserve_for, id_of(USER), "user"));
    assert_refused(world, USER_LEFT);
    assert_true(world_reserve(world, USER, false)); // they came themselves
    assert_true(DO(world, GOD, leave, id_of(USER), NULL));
    assert_true(DO(world, GOD, reserve_for, id_of(USER), "user"));
    assert_replays(world);
    world_destroy(world);
}

// The god gives no seat to who gave theirs back, and uses up nobody's arrivals.
static void nobody_is_held_by_the_god(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(1);
    world_open(world, (struct world_deck){2, 2}, &terms);
    for (int i = 0; i <= GAME_MAX_ARRIVALS_EACH; i++) {
        assert_true(DO(world, GOD, reserve_for, id_of(USER), "user"));
        assert_true(DO(world, GOD, reserve_for, id_of(USER + 1), "next"));
        assert_true(DO(world, GOD, leave, id_of(USER + 1), NULL));
        assert_true(DO(world, GOD, leave, id_of(USER), NULL));
    }
    assert_int_equal(world_person(world, USER)->arrivals, 0);
    for (unsigned i = 0; i < 2; i++) { // with a seat, and waiting
        assert_true(DO(world, GOD, reserve_for, id_of(USER + i), "user"));
        if (i == 0) assert_true(DO(world, USER, leave, id_of(USER), NULL));
        if (i == 0) assert_true(world_reserve(world, USER + 9, false));
        if (i == 1) assert_true(DO(world, USER + 1, leave, id_of(USER + 1), NULL));
        assert_false(DO(world, GOD, reserve_for, id_of(USER + i), "user"));
        assert_refused(world, USER_LEFT);
    }
    assert_replays(world);
    assert_true(world_reserve(world, USER + 1, false)); // they came themselves
    assert_true(DO(world, GOD, leave, id_of(USER + 1), NULL));
    assert_true(DO(world, GOD, reserve_for, id_of(USER + 1), "user"));
    assert_replays(world);
    world_destroy(world);
}

// Whoever was seated by the god, or took over a guest's seat, had no time to give theirs.
static void a_nonce_is_given_once_also_later(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(3);
    struct uuid guest_id;
    char user_id[UUID_LEN + 1];
    world_open(world, (struct world_deck){3, 1}, &terms);
    assert_true(DO(world, GOD, reserve_guest, "anna", &guest_id));
    const struct claiming claiming = {guest_id.text, strcpy(user_id, id_of(USER)), "user100", false};
    assert_true(DO(world, USER, claim, &claiming));
    assert_true(DO(world, GOD, reserve_for, id_of(USER + 1), "user101"));
    assert_true(world_reserve(world, USER + 2, false));
    uint64_t act = world->game.act;
    for (unsigned i = 0; i < 3; i++) {
        assert_true(world_reserve(world, USER + i, true));
        const struct person *person = world_person(world, USER + i);
        assert_int_equal(person->nonce_len, DEAL_NONCE);
        assert_int_equal(person->nonce[0], USER + i);
        assert_int_equal(person->arrivals, i == 2);
        const struct audience audience = world->kept[world->kept_count - 1].audience;
        assert_int_equal(audience.kind, AUDIENCE_OWNER);
        assert_int_equal(audience.who, person - world->game.people);
    }
    assert_int_equal(world->game.act, act);
    size_t before = world->kept_count;
    assert_true(world_reserve(world, USER, true)); // they have given one
    assert_int_equal(world->kept_count, before);
    assert_true(DO(world, GOD, lock));
    assert_replays(world);
    world_destroy(world);
}

// The hashes of nonces are fixed at the lock.
static void no_nonce_is_taken_after_the_lock(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 1}, &terms);
    for (unsigned i = 0; i < 2; i++) assert_true(world_reserve(world, USER + i, false));
    assert_true(DO(world, GOD, lock));
    size_t before = world->kept_count;
    assert_true(world_reserve(world, USER, true));
    assert_int_equal(world->kept_count, before);
    assert_int_equal(world_person(world, USER)->nonce_len, 0);
    world_destroy(world);
}

static bool order(struct world *world, const unsigned *users, size_t count)
{
    char texts[8][UUID_LEN + 1];
    const char *user_ids[8];
    for (size_t i = 0; i < count; i++) user_ids[i] = strcpy(texts[i], id_of(users[i]));
    return DO(world, GOD, order_seats, user_ids, count);
}

static void seats_are_ordered_as_the_god_names_them(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(4);
    world_open(world, (struct world_deck){4, 1}, &terms);
    for (unsigned i = 0; i < 4; i++) assert_true(world_reserve(world, USER + i, true));
    assert_true(DO(world, USER + 1, leave, id_of(USER + 1), NULL)); // seat 2 is free
    assert_true(order(world, (unsigned[]){USER + 3, USER, USER + 2}, 3));
    assert_int_equal(world_person(world, USER + 3)->seat, 1);
    assert_int_equal(world_person(world, USER)->seat, 2);
    assert_int_equal(world_person(world, USER + 2)->seat, 3);
    assert_int_equal(world_person(world, USER)->nonce_len, DEAL_NONCE);
    size_t before = world->kept_count;
    assert_true(order(world, (unsigned[]){USER + 3, USER, USER + 2}, 3)); // it is so
    assert_int_equal(world->kept_count, before);
    assert_false(order(world, (unsigned[]){USER + 3, USER}, 2));
    assert_refused(world, ROSTER_CHANGED);
    assert_false(order(world, (unsigned[]){USER + 3, USER, USER + 1}, 3));
    assert_refused(world, ROSTER_CHANGED);
    assert_false(order(world, (unsigned[]){USER + 3, USER, USER}, 3));
    assert_refused(world, INVALID_FIELD);
    assert_true(world_reserve(world, USER + 1, false));
    assert_int_equal(world_person(world, USER + 1)->seat, 4);
    assert_replays(world);
    assert_true(DO(world, GOD, lock));
    assert_false(order(world, (unsigned[]){USER, USER + 1, USER + 2, USER + 3}, 4));
    assert_refused(world, EVENT_NOT_OPEN);
    world_destroy(world);
}

static void attendance_ends_with_the_seat(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &terms);
    assert_true(world_reserve(world, USER, false));
    assert_true(DO(world, GOD, attendance, id_of(USER), EVENTS__ATTENDANCE__VALUE__LATE));
    size_t before = world->kept_count;
    assert_true(DO(world, GOD, attendance, id_of(USER), EVENTS__ATTENDANCE__VALUE__LATE));
    assert_int_equal(world->kept_count, before);
    assert_false(DO(world, GOD, attendance, id_of(USER + 1), EVENTS__ATTENDANCE__VALUE__LATE));
    assert_refused(world, NOT_A_PLAYER);
    assert_replays(world);
    assert_true(DO(world, USER, leave, id_of(USER), NULL));
    assert_true(world_reserve(world, USER, false));
    assert_int_equal(world_person(world, USER)->attendance, 0);
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    assert_false(DO(world, GOD, attendance, id_of(USER), EVENTS__ATTENDANCE__VALUE__PRESENT));
    assert_refused(world, EVENT_OVER);
    world_destroy(world);
}

// Whoever moves up from the waitlist came once.
static void moving_up_is_no_arrival(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(1);
    world_open(world, (struct world_deck){2, 2}, &terms);
    assert_true(world_reserve(world, USER, false));
    assert_true(world_reserve(world, USER + 1, false));
    assert_true(DO(world, USER, leave, id_of(USER), NULL));
    assert_int_equal(world_person(world, USER + 1)->seat, 1);
    assert_int_equal(world_person(world, USER + 1)->arrivals, 1);
    world_destroy(world);
}

// The last entries are the god's and the clock's: a full log does not strand the game.
static void the_end_of_the_log_is_the_gods(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    char poll_id[UUID_LEN + 1];
    assert_true(world_open_poll(world, false));
    strcpy(poll_id, world->game.polls[0].id.text);
    world->game.chain.seq = GAME_MAX_ENTRIES - GAME_RESERVE; // as if it were so long
    struct entries entries = world_entries(world, USER);
    struct err err;
    assert_false(rules_cast(&world->game, &entries, poll_id, "NONE", &err));
    assert_int_equal(err.reason, CONSE__REASON__VALUE__LIMIT_REACHED);
    entries = world_entries(world, USER + 9);
    assert_false(rules_vote(&world->game, &entries, EVENTS__VOTE__VALUE__UP, &err));
    assert_int_equal(err.reason, CONSE__REASON__VALUE__LIMIT_REACHED);
    entries = world_entries(world, GOD);
    assert_true(rules_close_poll(&world->game, &entries, poll_id, &err));
    assert_true(rules_open_phase(&world->game, &entries, EVENTS__PHASE__KIND__NIGHT, 0, &err));
    assert_false(entries.failed);
    world_destroy(world);
}

static void times_and_limits_are_checked(void **state)
{
    (void)state;
    struct err err;
    Game__Terms terms = world_terms(2);
    assert_true(rules_terms(&terms, EVENING - HOUR, &err));
    assert_false(rules_terms(&terms, EVENING + 25 * HOUR, &err));
    terms.expires_ms = terms.starts_ms;
    assert_false(rules_terms(&terms, EVENING - HOUR, &err));
    assert_int_equal(err.reason, CONSE__REASON__VALUE__TIME_INVALID);
    terms = world_terms(2);
    terms.min_players = 3;
    assert_false(rules_terms(&terms, EVENING - HOUR, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seats_are_given_once_and_then_the_waitlist),
        cmocka_unit_test(a_full_event_without_waitlist_refuses),
        cmocka_unit_test(more_seats_promote_and_taken_seats_stay),
        cmocka_unit_test(votes_are_counted_once_per_user),
        cmocka_unit_test(a_vote_is_changed_so_often_and_not_after_the_end),
        cmocka_unit_test(nobody_comes_and_goes_for_ever),
        cmocka_unit_test(bans_have_a_limit_and_are_lifted_in_any_order),
        cmocka_unit_test(a_ban_in_a_locked_event_burns_the_deal),
        cmocka_unit_test(who_waits_and_is_banned_moves_up_no_more),
        cmocka_unit_test(bans_are_read_by_nobody_in_the_log),
        cmocka_unit_test(who_left_a_claimed_seat_is_not_held_by_the_god),
        cmocka_unit_test(nobody_is_held_by_the_god),
        cmocka_unit_test(a_nonce_is_given_once_also_later),
        cmocka_unit_test(no_nonce_is_taken_after_the_lock),
        cmocka_unit_test(seats_are_ordered_as_the_god_names_them),
        cmocka_unit_test(attendance_ends_with_the_seat),
        cmocka_unit_test(moving_up_is_no_arrival),
        cmocka_unit_test(the_end_of_the_log_is_the_gods),
        cmocka_unit_test(times_and_limits_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
