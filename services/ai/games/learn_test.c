// Finished games count once, in one order, whatever is killed, restored or told again.
#include "services/ai/testing/club.h"

enum { PEOPLE = 6, WOLF = 0, CITIZEN = 2 };

static int set_up(void **state)
{
    *state = club_at(NULL);
    return 0;
}

static int tear_down(void **state)
{
    club_close(*state);
    return 0;
}

static uint64_t head_of(struct club *club)
{
    uint64_t head;
    struct err err = {0};
    assert_true(store_head(club->ai.store, STANDINGS_STREAM, &head, &err));
    return head;
}

// ---- Once

static void winners_gain_and_losers_lose(void **state)
{
    struct club *club = *state;
    club_play(club, PEOPLE);
    assert_true(club_belief(club, WOLF).mu < 25 && club_belief(club, CITIZEN).mu > 25);
    assert_int_equal(club_games(club, WOLF), 1);
    club_expect_equal_bytes(club);
}

static void a_game_that_is_told_again_counts_once(void **state)
{
    struct club *club = *state;
    club_play(club, PEOPLE);
    const struct rating before = club_belief(club, CITIZEN);
    club_tell(club);
    club_restart(club);
    club_tell(club);
    assert_true(club_belief(club, CITIZEN).mu == before.mu);
    assert_int_equal(club_games(club, CITIZEN), 1);
    club_expect_equal_bytes(club);
}

static void what_was_read_is_not_read_again(void **state)
{
    struct club *club = *state;
    struct err err = {0};
    club_play(club, PEOPLE);
    uint64_t head = head_of(club);
    club_begin(club, PEOPLE); // another game under the same number
    assert_true(club_hand_over(club, (struct bus_place){1, club->told}, &err));
    assert_int_equal(head_of(club), head);
    assert_int_equal(club_games(club, CITIZEN), 1);
}

// Whose store was restored tells all from its first entry.
static void a_stream_that_begins_anew_counts_nothing_again(void **state)
{
    struct club *club = *state;
    club_play(club, PEOPLE);
    const struct rating before = club_belief(club, CITIZEN);
    club->generation++;
    club->told = 0;
    club_tell(club);
    assert_true(club_belief(club, CITIZEN).mu == before.mu);
    club_play(club, PEOPLE);
    assert_int_equal(club_games(club, CITIZEN), 2);
    club_expect_equal_bytes(club);
}

// The place is stored though nothing came of what was read.
static void a_start_goes_on_where_it_was(void **state)
{
    struct club *club = *state;
    club_play(club, PEOPLE);
    club->generation++;
    club->told = 0;
    club_tell(club);
    uint64_t head = head_of(club);
    club_restart(club);
    struct err err = {0};
    assert_true(club_hand_over(club, (struct bus_place){club->generation, club->told}, &err));
    assert_int_equal(head_of(club), head);
}

static void a_snapshot_makes_no_difference(void **state)
{
    struct club *club = *state;
    struct err err = {0};
    for (unsigned i = 0; i < 20; i++) club_play(club, PEOPLE + i % 3);
    assert_true(board_read_on(club->ai.board, &err));
    assert_true(standings_keep(board_hold(club->ai.board), &club->ai, &err));
    board_release(club->ai.board);
    club_restart(club);
    for (unsigned i = 0; i < 20; i++) club_play(club, PEOPLE + i % 3);
    club_expect_equal_bytes(club);
    assert_int_equal(club_games(club, WOLF), 40);
}

// ---- Which count

static void a_game_that_nobody_lost_does_not_count(void **state)
{
    struct club *club = *state;
    club_begin(club, PEOPLE);
    club->winners[1] = WOLVES;
    club->game.n_winning_side_ids = 2;
    club_tell(club);
    club_begin(club, PEOPLE);
    club->game.n_winning_side_ids = 0;
    club_tell(club);
    assert_int_equal(club_games(club, WOLF), 0);
    club_expect_equal_bytes(club);
}

static void who_was_not_there_is_not_rated(void **state)
{
    struct club *club = *state;
    club_begin(club, PEOPLE);
    club->players[CITIZEN].attendance = EVENTS__ATTENDANCE__VALUE__ABSENT;
    club->players[CITIZEN + 1].side = 0;
    club->players[CITIZEN + 2].attendance = EVENTS__ATTENDANCE__VALUE__ATTENDANCE_UNSPECIFIED;
    club_tell(club);
    assert_int_equal(club_games(club, CITIZEN) + club_games(club, CITIZEN + 1), 0);
    assert_int_equal(club_games(club, CITIZEN + 2), 1);
}

static void sides_that_win_together_both_gain(void **state)
{
    struct club *club = *state;
    for (int i = 0; i < 30; i++) {
        club_begin(club, 9);
        club->players[8].side = 3;
        club->winners[1] = LONER;
        club->game.n_winning_side_ids = 2;
        const struct rating town = club_belief(club, 5), loner = club_belief(club, 8);
        club_tell(club);
        if (!i) continue;
        assert_true(rating_ordinal(club_belief(club, 5)) > rating_ordinal(town));
        assert_true(rating_ordinal(club_belief(club, 8)) > rating_ordinal(loner));
    }
}

static void a_game_that_is_none_is_passed_over(void **state)
{
    struct club *club = *state;
    club_begin(club, PEOPLE);
    club->players[3].user_id = "somebody";
    club_tell(club);
    assert_int_equal(club_games(club, WOLF), 0);
    club_play(club, PEOPLE);
    assert_int_equal(club_games(club, WOLF), 1);
}

// ---- Guests

static void a_guests_game_counts_when_an_account_takes_it_over(void **state)
{
    struct club *club = *state;
    club_begin(club, PEOPLE);
    club_make_guest(club, CITIZEN);
    club_tell(club);
    const struct rating other = club_belief(club, CITIZEN + 1);
    assert_int_equal(club_games(club, 20), 0);
    club_restart(club);
    club_claim(club, CITIZEN, 20);
    club_tell(club);
    club_tell(club);
    assert_int_equal(club_games(club, 20), 1);
    // A newcomer would have got the same in the game itself, and nobody else is moved.
    assert_true(club_belief(club, 20).mu == other.mu && club_belief(club, 20).sigma == other.sigma);
    assert_true(club_belief(club, CITIZEN + 1).mu == other.mu);
    club_expect_equal_bytes(club);
}

static void a_seat_is_taken_over_once(void **state)
{
    struct club *club = *state;
    club_begin(club, PEOPLE);
    club_make_guest(club, CITIZEN);
    club_tell(club);
    club_claim(club, CITIZEN, 20);
    club_tell(club);
    club->ids[CITIZEN] = club_person(21);
    club_tell(club);
    assert_int_equal(club_games(club, 20), 1);
    assert_int_equal(club_games(club, 21), 0);
}

// ---- Accounts that are gone

static void who_leaves_is_in_no_entry(void **state)
{
    struct club *club = *state;
    struct err err = {0};
    struct store_entries page;
    uint8_t id[STANDINGS_ID];
    const struct uuid who = club_person(CITIZEN);
    club_know(club, CITIZEN, false);
    for (int i = 0; i < 3; i++) club_play(club, PEOPLE);
    const struct rating other = club_belief(club, CITIZEN + 1);
    club_know(club, CITIZEN, true);
    assert_int_equal(club_games(club, CITIZEN), 0);
    uuid_bytes(who.text, id);
    arena_reset(&club->arena);
    assert_true(store_read(club->ai.store, STANDINGS_STREAM, 1, 500, &club->arena, &page, &err));
    for (size_t i = 0; i < page.count; i++)
        assert_null(memmem(page.entries[i].data, page.entries[i].len, id, sizeof id));
    club_expect_equal_bytes(club);
    club_restart(club);
    assert_true(club_belief(club, CITIZEN + 1).mu == other.mu);
    club_play(club, PEOPLE); // told of late
    assert_int_equal(club_games(club, CITIZEN), 0);
    assert_int_equal(club_games(club, CITIZEN + 1), 4);
    club_expect_equal_bytes(club);
}

// ---- Several processes

static void of_two_that_take_in_at_once_none_counts_twice(void **state)
{
    (void)state;
    shared_store_register();
    struct club *one = club_at("shared:club"), *two = club_at("shared:club");
    for (int i = 0; i < 6; i++) {
        struct club *first = i % 2 ? one : two, *second = i % 2 ? two : one;
        club_play(first, PEOPLE);
        second->told = first->told - 1;
        second->number = first->number - 1;
        club_play(second, PEOPLE);
    }
    assert_int_equal(club_games(one, WOLF), 6);
    assert_true(club_belief(one, WOLF).mu == club_belief(two, WOLF).mu);
    club_expect_equal_bytes(one);
    club_expect_equal_bytes(two);
    club_close(one);
    club_close(two);
    shared_store_drop("shared:club");
}

// The reply to an append is lost with the process that waits for it.
static void an_append_of_which_nobody_heard_counts_once(void **state)
{
    (void)state;
    shared_store_register();
    struct club *one = club_at("shared:lost"), *two = club_at("shared:lost");
    club_play(one, PEOPLE);
    two->told = one->told - 1;
    two->number = one->number - 1;
    club_play(two, PEOPLE); // the same, as after a crash before anybody heard of it
    club_play(two, PEOPLE);
    assert_int_equal(club_games(two, WOLF), 2);
    club_expect_equal_bytes(two);
    club_close(one);
    club_close(two);
    shared_store_drop("shared:lost");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(winners_gain_and_losers_lose),
        TEST(a_game_that_is_told_again_counts_once),
        TEST(what_was_read_is_not_read_again),
        TEST(a_stream_that_begins_anew_counts_nothing_again),
        TEST(a_start_goes_on_where_it_was),
        TEST(a_snapshot_makes_no_difference),
        TEST(a_game_that_nobody_lost_does_not_count),
        TEST(who_was_not_there_is_not_rated),
        TEST(sides_that_win_together_both_gain),
        TEST(a_game_that_is_none_is_passed_over),
        TEST(a_guests_game_counts_when_an_account_takes_it_over),
        TEST(a_seat_is_taken_over_once),
        TEST(who_leaves_is_in_no_entry),
        cmocka_unit_test(of_two_that_take_in_at_once_none_counts_twice),
        cmocka_unit_test(an_append_of_which_nobody_heard_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
