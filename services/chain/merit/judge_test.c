// Every limit at its edge: what is enough, and what is one less.
#include "tests/test.h"

#include "services/chain/merit/judge.h"

static const struct merit_limits limits = {
    .players = 5, .phases = 3, .minutes = 20, .games = 3, .god_games = 5};

enum { START = 1000, LONG = 20 * 60000 };

static void games_are_judged_at_every_edge(void **state)
{
    (void)state;
    static const struct {
        struct merit_game_facts game;
        enum merit_verdict verdict;
    } rows[] = {
        {{START, START + LONG, 0, 5, 1, 3, 0}, MERIT_REWARDED},
        {{START, START + LONG, 0, 5, 5, 3, 4}, MERIT_REWARDED},
        {{START, START + LONG, 0, 4, 1, 3, 0}, MERIT_FEW_PLAYERS}, // the installation's least
        {{START, START + LONG, 0, 8, 8, 3, 0}, MERIT_REWARDED},
        {{START, START + LONG, 0, 8, 9, 3, 0}, MERIT_FEW_PLAYERS}, // the event's
        {{START, START + LONG, 0, 0, 0, 3, 0}, MERIT_FEW_PLAYERS},
        {{START, START + LONG, 0, 5, 1, 2, 0}, MERIT_FEW_PHASES},
        {{START, START + LONG, 0, 5, 1, 0, 0}, MERIT_FEW_PHASES},
        {{START, START + LONG - 1, 0, 5, 1, 3, 0}, MERIT_SHORT},
        {{0, LONG * INT64_C(1000), 0, 5, 1, 3, 0}, MERIT_SHORT}, // it never began
        {{START + LONG, START, 0, 5, 1, 3, 0}, MERIT_SHORT},     // a clock that went back
        {{START, START + LONG, MERIT_LATE_MS, 5, 1, 3, 0}, MERIT_REWARDED},
        {{START, START + LONG, MERIT_LATE_MS + 1, 5, 1, 3, 0}, MERIT_OLD},
        {{START, START + LONG, -MERIT_AHEAD_MS, 5, 1, 3, 0}, MERIT_REWARDED}, // by another clock
        {{START, START + LONG, -MERIT_AHEAD_MS - 1, 5, 1, 3, 0}, MERIT_OLD},
        {{START, START + LONG, 0, 5, 1, 3, 5}, MERIT_GOD_DAY},
        {{START, START + LONG, 0, 5, 1, 3, 6}, MERIT_GOD_DAY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (merit_judge_game(&rows[i].game, &limits) != rows[i].verdict) fail_msg("row %zu", i);
}

static void players_are_judged_at_every_edge(void **state)
{
    (void)state;
    static const struct {
        struct merit_player_facts player;
        enum merit_verdict verdict;
    } rows[] = {
        {{true, true, true, false, true, 0}, MERIT_REWARDED},
        {{true, true, true, false, true, 2}, MERIT_REWARDED},
        {{true, true, true, false, true, 3}, MERIT_PLAYER_DAY},
        {{false, true, true, false, true, 0}, MERIT_NO_ROLE},
        {{true, false, true, false, true, 0}, MERIT_ABSENT},
        {{true, true, false, false, true, 0}, MERIT_UNPROVED},
        {{true, true, true, true, false, 0}, MERIT_HELD},
        {{true, true, true, true, true, 9}, MERIT_HELD},
        {{false, true, true, true, false, 0}, MERIT_NO_ROLE}, // nothing is held for who left
        {{true, false, true, true, false, 0}, MERIT_ABSENT},
        {{true, true, true, false, false, 0}, MERIT_UNVERIFIED},
        {{false, false, false, false, false, 0}, MERIT_NO_ROLE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (merit_judge_player(&rows[i].player, &limits) != rows[i].verdict) fail_msg("row %zu", i);
}

// A limit of nothing takes everything; one of no games gives nothing.
static void limits_are_settings(void **state)
{
    (void)state;
    const struct merit_limits none = {.games = 1, .god_games = 1}, closed = {.games = 0};
    const struct merit_game_facts game = {START, START, 0, 0, 0, 0, 0};
    const struct merit_player_facts player = {true, true, true, false, true, 0};
    assert_int_equal(merit_judge_game(&game, &none), MERIT_REWARDED);
    assert_int_equal(merit_judge_game(&game, &closed), MERIT_GOD_DAY);
    assert_int_equal(merit_judge_player(&player, &none), MERIT_REWARDED);
    assert_int_equal(merit_judge_player(&player, &closed), MERIT_PLAYER_DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(games_are_judged_at_every_edge),
        cmocka_unit_test(players_are_judged_at_every_edge),
        cmocka_unit_test(limits_are_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
