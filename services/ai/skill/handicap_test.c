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
        {dealt, &town->sides[0], &town->decks[0], MAFIA, !mafia_wins},
        {dealt + MAFIA, &town->sides[1], &town->decks[1], CITIZENS, mafia_wins},
    };
    double chances[2];
    assert_true(handicap_forecast(&rating_defaults, sides, 2, chances));
    town->forecasts += chances[0];
    assert_true(handicap_update(&rating_defaults, sides, 2));
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
        {crowd, &side[0], &deck[0], 1, 0},
        {crowd + 1, &side[1], &deck[1], HANDICAP_MAX_PLAYERS, 1},
    };
    assert_false(handicap_update(&rating_defaults, sides, 2));
    sides[1].size = 0;
    assert_false(handicap_update(&rating_defaults, sides, 2));
    sides[1].size = HANDICAP_MAX_PLAYERS - 1;
    assert_false(handicap_update(&rating_defaults, sides, HANDICAP_MAX_SIDES + 1));
    assert_false(handicap_update(&rating_defaults, sides, 1));
    assert_true(crowd[0].mu == 25 && crowd[0].sigma == 25.0 / 3 && side[0].mu == 0);
    assert_true(handicap_update(&rating_defaults, sides, 2));
    assert_true(crowd[0].mu > 25 && crowd[1].mu < 25 && side[0].mu > 0 && deck[1].mu < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_weak_side_is_not_punished),
        cmocka_unit_test(the_forecast_learns_how_often_the_side_wins),
        cmocka_unit_test(newcomers_of_any_number_are_even),
        cmocka_unit_test(too_much_is_refused_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
