#include <math.h>

#include "services/ai/skill/handicap.h"
#include "tests/test.h"

enum { MAFIA = 5, CITIZENS = 5, SEATS = MAFIA + CITIZENS, PLAYERS = 60, TYPECAST = 6 };

// A town where everyone plays equally well and the mafia wins three games of ten. The first TYPECAST players
// are only ever dealt mafia, the next TYPECAST only citizens.
struct town {
    struct rating players[PLAYERS];
    struct rating sides[2], decks[2];
    double forecasts; // sum of the mafia's chances before each game
    unsigned short seed[3];
};

static void town_init(struct town *town)
{
    for (int i = 0; i < PLAYERS; i++) town->players[i] = rating_defaults.prior;
    for (int i = 0; i < 2; i++) town->sides[i] = town->decks[i] = handicap_prior;
    town->forecasts = 0;
    memcpy(town->seed, (unsigned short[]){4, 8, 15}, sizeof town->seed);
}

static bool may_sit(int player, int seat)
{
    if (player < TYPECAST) return seat < MAFIA;
    return player >= 2 * TYPECAST || seat >= MAFIA;
}

static void seat(struct town *town, int *seats)
{
    bool taken[PLAYERS] = {false};
    for (int i = 0; i < SEATS; i++) {
        do seats[i] = (int)(erand48(town->seed) * PLAYERS);
        while (taken[seats[i]] || !may_sit(seats[i], i));
        taken[seats[i]] = true;
    }
}

static void rate(struct town *town, struct rating *dealt, bool mafia_wins)
{
    struct handicap_side sides[] = {
        {dealt, &town->sides[0], &town->decks[0], MAFIA, mafia_wins},
        {dealt + MAFIA, &town->sides[1], &town->decks[1], CITIZENS, !mafia_wins},
    };
    double chances[2];
    assert_true(handicap_forecast(&rating_defaults, sides, 2, chances));
    town->forecasts += chances[0];
    struct handicap_said said[2];
    assert_true(handicap_update(&rating_defaults, sides, 2, said));
}

static void rate_without_handicap(struct rating *dealt, bool mafia_wins)
{
    struct rating_team teams[] = {{dealt, .size = MAFIA, .rank = !mafia_wins},
                                  {dealt + MAFIA, .size = CITIZENS, .rank = mafia_wins}};
    for (int i = 0; i < SEATS; i++) dealt[i].mu -= 25;
    assert_true(rating_update(&rating_defaults, teams, 2));
    for (int i = 0; i < SEATS; i++) dealt[i].mu += 25;
}

static void play(struct town *town, bool with_handicap)
{
    int seats[SEATS];
    struct rating dealt[SEATS];
    seat(town, seats);
    for (int i = 0; i < SEATS; i++) dealt[i] = town->players[seats[i]];
    bool mafia_wins = erand48(town->seed) < 0.3;
    if (with_handicap)
        rate(town, dealt, mafia_wins);
    else
        rate_without_handicap(dealt, mafia_wins);
    for (int i = 0; i < SEATS; i++) town->players[seats[i]] = dealt[i];
}

// How much better the typecast citizens look than the typecast mafia, though they play alike.
static double average_gap(bool with_handicap)
{
    struct town town;
    town_init(&town);
    double gap = 0;
    for (int game = 0; game < 6000; game++) {
        play(&town, with_handicap);
        if (game < 1000) continue;
        for (int i = 0; i < TYPECAST; i++)
            gap += (town.players[TYPECAST + i].mu - town.players[i].mu) / (5000 * TYPECAST);
    }
    return gap;
}

static void the_weak_side_is_not_punished(void **state)
{
    (void)state;
    double plain = average_gap(false), fair = average_gap(true);
    if (!(plain > 2 && fabs(fair) < plain / 4)) fail_msg("gap %.2f, with handicap %.2f", plain, fair);
}

static void the_forecast_learns_how_often_the_side_wins(void **state)
{
    (void)state;
    struct town town;
    town_init(&town);
    for (int game = 0; game < 6000; game++) {
        if (game == 1000) town.forecasts = 0;
        play(&town, true);
    }
    double mean = town.forecasts / 5000;
    if (fabs(mean - 0.3) > 0.03) fail_msg("mean forecast %.3f for a side that wins 0.3", mean);
    assert_true(town.sides[0].mu < 0 && town.sides[1].mu > 0);
}

static void newcomers_of_any_number_are_even(void **state)
{
    (void)state;
    struct town town;
    town_init(&town);
    struct handicap_side sides[] = {
        {town.players, &town.sides[0], &town.decks[0], 2, 0},
        {town.players + 2, &town.sides[1], &town.decks[1], 8, 0},
    };
    double chances[2];
    assert_true(handicap_forecast(&rating_defaults, sides, 2, chances));
    assert_true(fabs(chances[0] - 0.5) < 1e-12);
}

static void too_much_is_refused_whole(void **state)
{
    (void)state;
    static struct rating crowd[HANDICAP_MAX_PLAYERS + 1];
    struct rating side[2] = {handicap_prior, handicap_prior}, deck[2] = {handicap_prior, handicap_prior};
    for (int i = 0; i <= HANDICAP_MAX_PLAYERS; i++) crowd[i] = rating_defaults.prior;
    struct handicap_side sides[] = {
        {crowd, &side[0], &deck[0], 1, true},
        {crowd + 1, &side[1], &deck[1], HANDICAP_MAX_PLAYERS, false},
    };
    struct handicap_said said[HANDICAP_MAX_SIDES + 1];
    assert_false(handicap_update(&rating_defaults, sides, 2, said));
    sides[1].size = 0;
    assert_false(handicap_update(&rating_defaults, sides, 2, said));
    sides[1].size = HANDICAP_MAX_PLAYERS - 1;
    assert_false(handicap_update(&rating_defaults, sides, HANDICAP_MAX_SIDES + 1, said));
    assert_false(handicap_update(&rating_defaults, sides, 1, said));
    assert_true(crowd[0].mu == 25 && crowd[0].sigma == 25.0 / 3 && side[0].mu == 0);
    assert_true(handicap_update(&rating_defaults, sides, 2, said));
    assert_true(crowd[0].mu > 25 && crowd[1].mu < 25 && side[0].mu > 0 && deck[1].mu < 0);
}

// ---- Who wins with whom

enum { WOLF, TOWN, LONER, SIDES };

struct table {
    struct rating players[SIDES][4], sides[SIDES], decks[SIDES];
    struct handicap_side lines[SIDES];
    struct handicap_said said[SIDES];
    struct rating_options options;
};

static double drawn(unsigned short seed[3], double from, double to)
{
    return from + erand48(seed) * (to - from);
}

static void table_draw(struct table *table, unsigned short seed[3])
{
    *table = (struct table){.options = rating_defaults};
    table->options.limit_sigma = true;
    for (int i = 0; i < SIDES; i++) {
        for (int k = 0; k < 4; k++)
            table->players[i][k] = (struct rating){drawn(seed, -20, 70), drawn(seed, 0.2, 9)};
        table->sides[i] = (struct rating){drawn(seed, -15, 15), drawn(seed, 0.2, 9)};
        table->decks[i] = (struct rating){drawn(seed, -15, 15), drawn(seed, 0.2, 9)};
        table->lines[i] = (struct handicap_side){table->players[i], &table->sides[i], &table->decks[i],
                                                 1 + (uint32_t)(erand48(seed) * 4), erand48(seed) < 0.5};
    }
}

static void no_winner_ever_shows_less(void **state)
{
    (void)state;
    unsigned short seed[3] = {1, 2, 3};
    for (int game = 0, rated = 0; rated < 100000; game++) {
        struct table table, before;
        table_draw(&table, seed);
        before = table;
        if (!handicap_update(&table.options, table.lines, SIDES, table.said)) continue;
        rated++;
        for (int i = 0; i < SIDES; i++)
            for (uint32_t k = 0; k < table.lines[i].size; k++) {
                const struct rating *was = &before.players[i][k], *is = &table.players[i][k];
                assert_true(is->sigma <= was->sigma);
                assert_true(table.lines[i].won ? is->mu > was->mu : is->mu < was->mu);
                if (table.lines[i].won) assert_true(rating_ordinal(*is) > rating_ordinal(*was));
            }
    }
}

// From a hundred-thousandth of a point up to a newcomer's.
static void nor_does_who_is_known_to_a_hair(void **state)
{
    (void)state;
    unsigned short seed[3] = {3, 2, 1};
    for (int rated = 0, together = 0; rated < 100000 || !together;) {
        struct table table, before;
        table_draw(&table, seed);
        for (int i = 0; i < SIDES; i++)
            for (int k = 0; k < 4; k++) table.players[i][k].sigma = 8 * pow(10, drawn(seed, -6, 0));
        before = table;
        if (!handicap_update(&table.options, table.lines, SIDES, table.said)) continue;
        rated++;
        together += table.lines[0].won + table.lines[1].won + table.lines[2].won > 1;
        for (int i = 0; i < SIDES; i++)
            for (uint32_t k = 0; table.lines[i].won && k < table.lines[i].size; k++) {
                const struct rating *was = &before.players[i][k], *is = &table.players[i][k];
                assert_true(is->mu >= was->mu && is->sigma <= was->sigma);
                assert_true(rating_ordinal(*is) >= rating_ordinal(*was));
            }
    }
}

static void a_change_follows_from_what_was_expected(void **state)
{
    (void)state;
    unsigned short seed[3] = {4, 5, 6};
    for (int game = 0; game < 2000; game++) {
        struct table table, before;
        table_draw(&table, seed);
        before = table;
        if (!handicap_update(&table.options, table.lines, SIDES, table.said)) continue;
        double winners = 0, sum = 0;
        for (int i = 0; i < SIDES; i++) {
            const struct rating *was = &before.players[i][0];
            const struct handicap_said *said = &table.said[i];
            double gain = (was->sigma * was->sigma + table.options.tau * table.options.tau) / said->scale;
            double change = gain * (table.lines[i].won - said->expected);
            assert_true(fabs(table.players[i][0].mu - was->mu - change) < 1e-9);
            if (table.lines[i].won)
                winners = said->expected;
            else
                sum += said->expected;
        }
        assert_true(fabs(sum + winners - 1) < 1e-12);
    }
}

// Of two teams it is what the rating says, with the ease of sides as teammates.
static void two_sides_are_rated_as_two_teams(void **state)
{
    (void)state;
    struct rating players[] = {{31, 4}, {22, 7}, {18, 2}}, side[] = {{3, 2}, {-4, 1}},
                  deck[] = {{1, 5}, {2, 3}};
    const double average = (31 + 22 + 18) / 3.0;
    struct rating wolves[] = {{31 - average, 4}, side[0], deck[0]};
    struct rating town[] = {{22 - average, 7}, {18 - average, 2}, side[1], deck[1]};
    struct rating_team teams[] = {{wolves, .size = 3, .rank = 1}, {town, .size = 4, .rank = 0}};
    struct handicap_side lines[] = {{players, &side[0], &deck[0], 1, false},
                                    {players + 1, &side[1], &deck[1], 2, true}};
    struct handicap_said said[2];
    assert_true(rating_update(&rating_defaults, teams, 2));
    assert_true(handicap_update(&rating_defaults, lines, 2, said));
    assert_true(fabs(players[0].mu - average - wolves[0].mu) < 1e-12);
    assert_true(fabs(players[2].mu - average - town[1].mu) < 1e-12);
    assert_true(fabs(players[2].sigma - town[1].sigma) < 1e-12 && fabs(deck[1].mu - town[3].mu) < 1e-12);
}

static void a_game_that_all_won_says_nothing(void **state)
{
    (void)state;
    unsigned short seed[3] = {7, 8, 9};
    struct table table, before;
    for (int won = 0; won < 2; won++) {
        table_draw(&table, seed);
        for (int i = 0; i < SIDES; i++) table.lines[i].won = won;
        before = table;
        assert_false(handicap_update(&table.options, table.lines, SIDES, table.said));
        assert_memory_equal(before.players, table.players, sizeof table.players);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_weak_side_is_not_punished),
        cmocka_unit_test(the_forecast_learns_how_often_the_side_wins),
        cmocka_unit_test(newcomers_of_any_number_are_even),
        cmocka_unit_test(too_much_is_refused_whole),
        cmocka_unit_test(no_winner_ever_shows_less),
        cmocka_unit_test(nor_does_who_is_known_to_a_hair),
        cmocka_unit_test(a_change_follows_from_what_was_expected),
        cmocka_unit_test(two_sides_are_rated_as_two_teams),
        cmocka_unit_test(a_game_that_all_won_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
