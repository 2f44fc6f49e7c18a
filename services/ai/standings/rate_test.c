// Ratings as the stream of games makes them: winners never show less than on the day of the game before it.
#include "services/ai/standings/rate.h"

#include <math.h>
#include <sodium.h>

#include "tests/test.h"

enum { PEOPLE = 60, SIDES = 4, SEATS = 12, DECKS = 5, GAMES = 100000 };

struct league {
    struct standings standings;
    struct arena arena;
    unsigned short seed[3];
    int64_t now_ms;
    uint32_t games, together; // that several sides won
};

static uint32_t below(struct league *league, uint32_t n) { return (uint32_t)(erand48(league->seed) * n); }

static ProtobufCBinaryData id_of(struct league *league, unsigned kind, uint32_t number)
{
    uint8_t id[STANDINGS_ID] = {(uint8_t)kind};
    memcpy(id + sizeof id - sizeof number, &number, sizeof number); // where ids are random
    return (ProtobufCBinaryData){sizeof id, arena_copy(&league->arena, id, sizeof id)};
}

static void append(struct league *league, const Standings__Entry *entry)
{
    struct err err = {0};
    if (!standings_apply(&league->standings, league->standings.seq + 1, entry, &err))
        fail_msg("%s", err.message);
}

static void meet_all(struct league *league)
{
    for (uint32_t i = 0; i < PEOPLE; i++) {
        Standings__Entry entry = STANDINGS__ENTRY__INIT;
        Standings__PlayerMet met = STANDINGS__PLAYER_MET__INIT;
        met.user_id = id_of(league, 1, i);
        entry.body_case = STANDINGS__ENTRY__BODY_PLAYER_MET;
        entry.player_met = &met;
        append(league, &entry);
    }
}

// Some are known to a hair, as nobody becomes by playing.
static void know_one(struct league *league)
{
    struct standings_player *player = &league->standings.players[below(league, PEOPLE)];
    if (player->games) player->belief.sigma = 8 * pow(10, -6 * erand48(league->seed));
}

struct evening {
    Standings__Game game;
    Standings__Game__Side sides[SIDES], *side_list[SIDES];
    Standings__Game__Player players[SEATS], *player_list[SEATS];
};

static void sit_down(struct league *league, struct evening *evening)
{
    const uint32_t first = below(league, PEOPLE), step = 1 + below(league, PEOPLE / SEATS - 1);
    const uint32_t sides = 2 + below(league, SIDES - 1);
    standings__game__init(&evening->game);
    for (uint32_t i = 0; i < sides; i++) {
        standings__game__side__init(evening->side_list[i] = &evening->sides[i]);
        evening->sides[i].side_id = id_of(league, 2, i);
        evening->sides[i].won = below(league, 2);
    }
    for (uint32_t i = 0; i < SEATS; i++) {
        standings__game__player__init(evening->player_list[i] = &evening->players[i]);
        evening->players[i].player = (first + i * step) % PEOPLE + 1;
        evening->players[i].side = i < sides ? i + 1 : 1 + below(league, sides);
    }
    evening->game.event_id = id_of(league, 3, league->games++);
    evening->game.deck_id = id_of(league, 4, below(league, DECKS));
    evening->game.finished_ms = league->now_ms;
    evening->game.sides = evening->side_list;
    evening->game.n_sides = sides;
    evening->game.players = evening->player_list;
    evening->game.n_players = SEATS;
}

static double shown(const Standings__Belief *belief) { return belief->mu - 3 * belief->sigma; }

static void check_winners(const struct league *league, const Standings__Game *game)
{
    for (size_t i = 0; i < game->n_players; i++) {
        const Standings__Game__Player *player = game->players[i];
        const struct rating that_day = standings_belief(&league->standings.players[player->player - 1],
                                                        game->finished_ms / STANDINGS_DAY_MS);
        assert_true(player->before->mu == that_day.mu && player->before->sigma == that_day.sigma);
        if (game->sides[player->side - 1]->won) assert_true(shown(player->after) >= shown(player->before));
    }
}

// False when nobody lost, or won.
static bool play(struct league *league)
{
    struct evening evening;
    Standings__Entry entry = STANDINGS__ENTRY__INIT;
    uint32_t won = 0;
    arena_reset(&league->arena);
    league->now_ms += (int64_t)(erand48(league->seed) * 3 * STANDINGS_DAY_MS);
    sit_down(league, &evening);
    assert_true(rate_game(&league->standings, &evening.game, &league->arena));
    if (evening.game.verdict != STANDINGS__GAME__VERDICT__RATED) return false;
    check_winners(league, &evening.game);
    for (size_t i = 0; i < evening.game.n_sides; i++) won += evening.sides[i].won;
    league->together += won > 1;
    entry.body_case = STANDINGS__ENTRY__BODY_GAME;
    entry.game = &evening.game;
    append(league, &entry);
    return true;
}

static void no_winner_shows_less_than_that_day(void **state)
{
    (void)state;
    static struct league league = {.seed = {1, 2, 3}};
    arena_init(&league.arena, 1 << 20);
    standings_init(&league.standings);
    meet_all(&league);
    for (int rated = 0; rated < GAMES; rated += play(&league)) know_one(&league);
    assert_true(league.together > GAMES / 10);
    print_message("%d games, %u with several winning sides: no winner shows less\n", GAMES, league.together);
    standings_finish(&league.standings);
    arena_finish(&league.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_winner_shows_less_than_that_day)};
    if (sodium_init() < 0) return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
