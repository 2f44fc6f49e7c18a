// What is foretold when an event is locked is kept until its game ends, and counts once, whatever is killed.
#include <math.h>

#include "services/ai/testing/club.h"

enum { PEOPLE = 9 };

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

static const Ai__Calibration *calibration(struct club *club)
{
    const Ai__Calibration *reply = club_ask(club, "ai.GetCalibration", "{}");
    if (!reply) fail_msg("%s", club->err.message);
    return reply;
}

// Of newcomers both sides are as likely.
static void a_game_comes_true_for_one_side(void **state)
{
    struct club *club = *state;
    club_begin(club, PEOPLE);
    club_lock(club, false);
    assert_int_equal(calibration(club)->forecasts, 0);
    club_tell(club);
    const Ai__Calibration *reply = calibration(club);
    assert_int_equal(reply->n_bins, 10);
    assert_int_equal(reply->forecasts, 2);
    assert_true(fabs(reply->brier - 0.25) < 1e-9);
    uint64_t around_even = reply->bins[4]->forecasts + reply->bins[5]->forecasts;
    assert_int_equal(around_even, 2);
    assert_int_equal(reply->dealt->forecasts, 2);
    club_expect_equal_bytes(club);
}

// The chance that counts is the one of the lock, though it would be another by the end.
static void what_was_foretold_stays(void **state)
{
    struct club *club = *state;
    club_begin(club, PEOPLE);
    const struct uuid first = club->event;
    club_lock(club, false);
    for (int i = 0; i < 30; i++) club_play(club, PEOPLE);
    const uint64_t before = calibration(club)->forecasts;
    club_begin(club, PEOPLE);
    club->event = first;
    club_tell(club);
    const Ai__Calibration *reply = calibration(club);
    assert_int_equal(before, 0);
    assert_int_equal(reply->forecasts, 2);
    assert_true(fabs(reply->brier - 0.25) < 1e-9);
    assert_true(reply->dealt->brier < 0.25);
}

static void a_game_that_was_not_locked_here_is_not_counted(void **state)
{
    struct club *club = *state;
    for (int i = 0; i < 3; i++) club_play(club, PEOPLE);
    const Ai__Calibration *reply = calibration(club);
    assert_true(!reply->forecasts && reply->brier_of_case == AI__CALIBRATION__BRIER_OF__NOT_SET);
    assert_int_equal(reply->dealt->forecasts, 6);
}

static void the_last_lock_counts(void **state)
{
    struct club *club = *state;
    for (int i = 0; i < 30; i++) club_play(club, PEOPLE);
    club_begin(club, PEOPLE);
    club_lock(club, false);
    club->game.n_players = PEOPLE - 1;
    club_lock(club, false);
    club_tell(club);
    assert_int_equal(calibration(club)->forecasts, 2);
    club_expect_equal_bytes(club);
}

static void of_what_is_called_off_nothing_is_kept(void **state)
{
    struct club *club = *state;
    club_begin(club, PEOPLE);
    club_lock(club, false);
    club_lock(club, true);
    club_tell(club);
    assert_int_equal(calibration(club)->forecasts, 0);
    club_expect_equal_bytes(club);
}

// A side that nobody was on has not won, and of sides that win together none was foretold.
static void games_that_two_sides_won_are_not_counted(void **state)
{
    struct club *club = *state;
    club_begin(club, PEOPLE);
    club_lock(club, false);
    club->winners[1] = WOLVES;
    club->game.n_winning_side_ids = 2;
    club_tell(club);
    assert_int_equal(calibration(club)->forecasts, 0);
}

static void a_lock_that_is_heard_behind_the_end_counts_nothing(void **state)
{
    struct club *club = *state;
    club_begin(club, PEOPLE);
    club_tell(club);
    club_lock(club, false);
    club_tell(club);
    assert_int_equal(calibration(club)->forecasts, 0);
    club_expect_equal_bytes(club);
}

static void a_kill_and_a_snapshot_make_no_difference(void **state)
{
    struct club *club = *state;
    struct err err = {0};
    for (int i = 0; i < 12; i++) {
        club_begin(club, PEOPLE);
        club_lock(club, false);
        club_restart(club);
        club->locked--;
        club_lock(club, false); // it is read again, and known
        assert_true(board_read_on(club->ai.board, &err));
        assert_true(standings_keep(board_hold(club->ai.board), &club->ai, &err));
        board_release(club->ai.board);
        club_restart(club);
        club_tell(club);
        club_expect_equal_bytes(club);
    }
    assert_int_equal(calibration(club)->forecasts, 24);
}

static void a_games_lock_is_read_without_the_rest(void **state)
{
    struct club *club = *state;
    uint8_t bytes[CLUB_REQUEST];
    club_begin(club, 6);
    club->game.lock = 77;
    assert_true(game__finished_game__get_packed_size(&club->game) <= sizeof bytes);
    const size_t len = game__finished_game__pack(&club->game, bytes);
    Game__FinishedGameLock *lock = game__finished_game_lock__unpack(NULL, len, bytes);
    assert_int_equal(lock->lock, 77);
    game__finished_game_lock__free_unpacked(lock, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_game_comes_true_for_one_side),
        TEST(what_was_foretold_stays),
        TEST(a_game_that_was_not_locked_here_is_not_counted),
        TEST(the_last_lock_counts),
        TEST(of_what_is_called_off_nothing_is_kept),
        TEST(games_that_two_sides_won_are_not_counted),
        TEST(a_lock_that_is_heard_behind_the_end_counts_nothing),
        TEST(a_kill_and_a_snapshot_make_no_difference),
        cmocka_unit_test_setup_teardown(a_games_lock_is_read_without_the_rest, club_in_a_file, club_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
