// What is foretold when a game is locked comes true as often as it says. With CONSE_CALIBRATION=whole it is
// 400 000 simulated games of five seeds and each tenth alone; else a part of them, more coarsely.
#include <math.h>
#include <sodium.h>

#include "services/ai/standings/rate.h"
#include "tests/test.h"

enum { PLAYERS = 200, DECKS = 40, SEATS = 10, CARDS = 12, WOLVES = 4, SETTLED = 2000 };
enum { SEEDS_WHOLE = 5, GAMES_WHOLE = 80000, GAMES_PART = 6000 };

// Skill is spread, and so is how easy decks are for the wolves. Of a deck's twelve cards ten are dealt.
struct town {
    double skill[PLAYERS], ease[DECKS];
    unsigned short seed[3];
    struct standings standings;
    struct arena arena;
    uint32_t games;
};

static double drawn(struct town *town, double deviation)
{
    double a = erand48(town->seed) + 1e-12, b = erand48(town->seed);
    return deviation * sqrt(-2 * log(a)) * cos(2 * M_PI * b);
}

static uint32_t below(struct town *town, uint32_t n) { return (uint32_t)(erand48(town->seed) * n); }

static ProtobufCBinaryData id_of(struct town *town, unsigned kind, uint32_t number)
{
    uint8_t id[STANDINGS_ID] = {(uint8_t)kind};
    memcpy(id + 4, &number, sizeof number);
    return (ProtobufCBinaryData){sizeof id, arena_copy(&town->arena, id, sizeof id)};
}

static void append(struct town *town, const Standings__Entry *entry)
{
    struct err err = {0};
    if (!standings_apply(&town->standings, town->standings.seq + 1, entry, &err)) fail_msg("%s", err.message);
}

static void town_init(struct town *town, unsigned short seed)
{
    memset(town, 0, sizeof *town);
    memcpy(town->seed, (unsigned short[]){seed, 5, 9}, sizeof town->seed);
    arena_init(&town->arena, 1 << 20);
    standings_init(&town->standings);
    for (int i = 0; i < DECKS; i++) town->ease[i] = drawn(town, 2);
    for (uint32_t i = 0; i < PLAYERS; i++) {
        Standings__Entry entry = STANDINGS__ENTRY__INIT;
        Standings__PlayerMet met = STANDINGS__PLAYER_MET__INIT;
        town->skill[i] = drawn(town, 4);
        met.user_id = id_of(town, 1, i);
        entry.body_case = STANDINGS__ENTRY__BODY_PLAYER_MET;
        entry.player_met = &met;
        append(town, &entry);
    }
}

static void town_finish(struct town *town)
{
    standings_finish(&town->standings);
    arena_finish(&town->arena);
}

struct evening {
    uint32_t deck, seats[SEATS]; // numbers
    bool wolf[SEATS];
};

static void sit_down(struct town *town, struct evening *evening)
{
    bool taken[PLAYERS] = {false}, cards[CARDS];
    evening->deck = below(town, DECKS);
    for (uint32_t i = 0; i < CARDS; i++) cards[i] = i < WOLVES;
    for (uint32_t i = 0; i < SEATS; i++) {
        uint32_t player, with = i + below(town, CARDS - i);
        do player = below(town, PLAYERS);
        while (taken[player]);
        taken[player] = true;
        evening->seats[i] = player + 1;
        evening->wolf[i] = cards[with];
        cards[with] = cards[i];
    }
}

static bool wolves_win(struct town *town, const struct evening *evening)
{
    double average = 0, ahead = 0;
    for (int i = 0; i < SEATS; i++) average += town->skill[evening->seats[i] - 1] / SEATS;
    for (int i = 0; i < SEATS; i++)
        ahead += (evening->wolf[i] ? 1 : -1) * (town->skill[evening->seats[i] - 1] - average);
    const double odds = ahead / (M_SQRT2 * standings_options.beta) + town->ease[evening->deck];
    return erand48(town->seed) < 1 / (1 + exp(-odds));
}

static void lock(struct town *town, struct evening *evening)
{
    Standings__Entry entry = STANDINGS__ENTRY__INIT;
    Standings__Foretold told = STANDINGS__FORETOLD__INIT;
    Standings__Foretold__Card cards[2], *list[2];
    for (unsigned i = 0; i < 2; i++) {
        standings__foretold__card__init(list[i] = &cards[i]);
        cards[i].role_id = cards[i].side_id = id_of(town, 2, i);
        cards[i].copies = i ? CARDS - WOLVES : WOLVES;
    }
    told.event_id = id_of(town, 3, town->games);
    told.deck_id = id_of(town, 4, evening->deck);
    told.cards = list;
    told.n_cards = 2;
    told.players = evening->seats;
    told.n_players = SEATS;
    assert_true(rate_table(&town->standings, &told, 0, &town->arena));
    assert_int_equal(told.n_chances, 2);
    entry.body_case = STANDINGS__ENTRY__BODY_FORETOLD;
    entry.foretold = &told;
    append(town, &entry);
}

static void finish(struct town *town, const struct evening *evening)
{
    Standings__Entry entry = STANDINGS__ENTRY__INIT;
    Standings__Game game = STANDINGS__GAME__INIT;
    Standings__Game__Side sides[2], *side_list[2];
    Standings__Game__Player players[SEATS], *player_list[SEATS];
    const bool won = wolves_win(town, evening);
    for (unsigned i = 0; i < 2; i++) {
        standings__game__side__init(side_list[i] = &sides[i]);
        sides[i].side_id = id_of(town, 2, i);
        sides[i].won = i ? !won : won;
    }
    for (unsigned i = 0; i < SEATS; i++) {
        standings__game__player__init(player_list[i] = &players[i]);
        players[i].player = evening->seats[i];
        players[i].side = evening->wolf[i] ? 1 : 2;
    }
    game.event_id = id_of(town, 3, town->games);
    game.deck_id = id_of(town, 4, evening->deck);
    game.sides = side_list;
    game.n_sides = 2;
    game.players = player_list;
    game.n_players = SEATS;
    assert_true(rate_game(&town->standings, &game, &town->arena));
    assert_int_equal(game.verdict, STANDINGS__GAME__VERDICT__RATED);
    entry.body_case = STANDINGS__ENTRY__BODY_GAME;
    entry.game = &game;
    append(town, &entry);
}

static void play(struct town *town)
{
    struct evening evening;
    arena_reset(&town->arena);
    sit_down(town, &evening);
    lock(town, &evening);
    finish(town, &evening);
    town->games++;
}

// What came true behind the first games, in which little is known.
static void add_town(struct outcomes_tally *sum, unsigned short seed, int games)
{
    struct town *town = malloc(sizeof *town);
    struct outcomes_tally settled;
    town_init(town, seed);
    for (int i = 0; i < SETTLED; i++) play(town);
    settled = town->standings.outcomes.kept;
    for (int i = SETTLED; i < games; i++) play(town);
    const struct outcomes_tally *kept = &town->standings.outcomes.kept;
    for (int i = 0; i < OUTCOMES_BINS; i++) {
        sum->bins[i].count += kept->bins[i].count - settled.bins[i].count;
        sum->bins[i].won += kept->bins[i].won - settled.bins[i].won;
        sum->bins[i].chances += kept->bins[i].chances - settled.bins[i].chances;
    }
    assert_int_equal(town->standings.outcomes.open_count, 0);
    town_finish(town);
    free(town);
}

static void what_is_foretold_at_the_lock_comes_true(void **state)
{
    (void)state;
    const char *asked = getenv("CONSE_CALIBRATION");
    const bool whole = asked && strcmp(asked, "whole") == 0;
    struct outcomes_tally sum = {.brier = 0};
    for (int seed = 1; seed <= (whole ? SEEDS_WHOLE : 1); seed++)
        add_town(&sum, (unsigned short)seed, whole ? GAMES_WHOLE : GAMES_PART);
    for (int i = 0; i < OUTCOMES_BINS; i++) {
        const struct outcomes_bin *bin = &sum.bins[i];
        const double count = (double)bin->count, told = bin->chances / count, won = (double)bin->won / count;
        const double chance = sqrt(told * (1 - told) / count); // how far it may be by chance alone
        if (whole) print_message("tenth %d: %.0f chances, %.4f foretold, %.4f won\n", i, count, told, won);
        if (count < (whole ? 10000 : 200)) fail_msg("%.0f chances of tenth %d", count, i);
        if (fabs(told - won) > 0.02 + (whole ? 0 : 3 * chance))
            fail_msg("of tenth %d %.3f foretold, %.3f won", i, told, won);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_foretold_at_the_lock_comes_true)};
    if (sodium_init() < 0) return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
