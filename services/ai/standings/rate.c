#include "services/ai/standings/rate.h"

#include <math.h>
#include <string.h>

#include "services/ai/skill/handicap.h"
#include "services/ai/skill/temper.h"
#include "services/ai/standings/lists.h"
#include "services/ai/standings/state.h"
#include "services/ai/standings/table.h"

struct game_rating {
    const struct standings *standings;
    Standings__Game *game;
    struct arena *arena;
    struct rating players[HANDICAP_MAX_PLAYERS]; // side by side
    Standings__Game__Player *whose[HANDICAP_MAX_PLAYERS];
    struct rating sides[HANDICAP_MAX_SIDES], decks[HANDICAP_MAX_SIDES];
    struct handicap_side lines[HANDICAP_MAX_SIDES];
    struct handicap_said said[HANDICAP_MAX_SIDES];
    double chances[HANDICAP_MAX_SIDES];
};

static struct rating belief_of(const struct standings *standings, uint32_t player, int64_t finished_ms)
{
    if (!player) return standings_options.prior;
    return standings_belief(&standings->players[player - 1], finished_ms / STANDINGS_DAY_MS);
}

static uint32_t line_up_players(struct game_rating *rating, size_t side, uint32_t first)
{
    uint32_t next = first;
    for (size_t i = 0; i < rating->game->n_players; i++) {
        Standings__Game__Player *player = rating->game->players[i];
        if (player->side != side + 1) continue;
        rating->players[next] = belief_of(rating->standings, player->player, rating->game->finished_ms);
        rating->whose[next] = player;
        player->before = standings_stored(rating->arena, rating->players[next]);
        next++;
    }
    return next;
}

static void line_up_side(struct game_rating *rating, size_t at)
{
    Standings__Game *game = rating->game;
    Standings__Game__Side *side = game->sides[at];
    uint8_t key[STANDINGS_ID];
    standings_side_key(side->side_id.data, key);
    rating->sides[at] = standings_ease(rating->standings, key, NULL);
    rating->decks[at] = handicap_prior;
    side->side_before = standings_stored(rating->arena, rating->sides[at]);
    if (game->deck_id.len != STANDINGS_ID) return;
    standings_deck_key(game->deck_id.data, side->side_id.data, key);
    rating->decks[at] = standings_ease(rating->standings, key, NULL);
    side->deck_before = standings_stored(rating->arena, rating->decks[at]);
}

static void line_up(struct game_rating *rating)
{
    uint32_t first = 0;
    for (size_t i = 0; i < rating->game->n_sides; i++) {
        uint32_t next = line_up_players(rating, i, first);
        line_up_side(rating, i);
        rating->lines[i] =
            (struct handicap_side){&rating->players[first], &rating->sides[i], &rating->decks[i],
                                   next - first, rating->game->sides[i]->won};
        first = next;
    }
}

// Of sides that win together none was foretold.
static void take_chances(struct game_rating *rating)
{
    Standings__Game *game = rating->game;
    const uint32_t count = (uint32_t)game->n_sides;
    const double slope = rating->standings->slope;
    uint32_t won = 0, winner = 0;
    for (uint32_t i = 0; i < count; i++)
        if (game->sides[i]->won) won++, winner = i;
    game->slope =
        won == 1 ? temper_learn(slope, rating->chances, count, winner, rating->standings->contests) : slope;
    temper_chances(rating->chances, count, slope);
    for (uint32_t i = 0; i < count; i++) game->sides[i]->chance = rating->chances[i];
}

static void take_results(struct game_rating *rating)
{
    Standings__Game *game = rating->game;
    uint32_t count = 0;
    game->scale = rating->said[0].scale;
    for (size_t i = 0; i < game->n_sides; i++) {
        game->sides[i]->expected = rating->said[i].expected;
        game->sides[i]->deviation = rating->said[i].deviation;
        game->sides[i]->side_after = standings_stored(rating->arena, rating->sides[i]);
        if (game->sides[i]->deck_before)
            game->sides[i]->deck_after = standings_stored(rating->arena, rating->decks[i]);
        count += rating->lines[i].size;
    }
    for (uint32_t i = 0; i < count; i++)
        rating->whose[i]->after = standings_stored(rating->arena, rating->players[i]);
}

static size_t players_of(const Standings__Game *game)
{
    size_t count = 0;
    for (size_t i = 0; i < game->n_players; i++) count += game->players[i]->side > 0;
    return count;
}

bool rate_game(const struct standings *standings, Standings__Game *game, struct arena *arena)
{
    game->verdict = STANDINGS__GAME__VERDICT__TOO_LARGE;
    if (game->n_sides > HANDICAP_MAX_SIDES || players_of(game) > HANDICAP_MAX_PLAYERS) return true;
    struct game_rating *rating = arena_new(arena, struct game_rating);
    if (!rating) return false;
    memset(rating, 0, sizeof *rating);
    rating->standings = standings;
    rating->game = game;
    rating->arena = arena;
    line_up(rating);
    bool rated =
        handicap_forecast(&standings_options, rating->lines, (uint32_t)game->n_sides, rating->chances) &&
        handicap_update(&standings_options, rating->lines, (uint32_t)game->n_sides, rating->said);
    game->verdict = rated ? STANDINGS__GAME__VERDICT__RATED : STANDINGS__GAME__VERDICT__NO_CONTEST;
    if (rated) take_results(rating), take_chances(rating);
    return !arena->failed;
}

bool rate_claim(const struct standings *standings, const Standings__Game *game,
                Standings__GuestClaimed *claimed, struct arena *arena)
{
    const Standings__Game__Side *side = game->sides[claimed->side - 1];
    const struct handicap_said said = {side->expected, side->deviation, game->scale};
    const struct rating before = belief_of(standings, claimed->player, game->finished_ms);
    claimed->won = side->won;
    claimed->before = standings_stored(arena, before);
    claimed->after = standings_stored(arena, handicap_move(&standings_options, before, &said, side->won));
    return !arena->failed;
}

static bool read_cards(const Standings__Foretold *told, struct table *table, struct arena *arena)
{
    struct table_card *cards = arena_array(arena, told->n_cards + 1, sizeof *cards);
    for (size_t i = 0; cards && i < told->n_cards; i++) {
        const Standings__Foretold__Card *from = told->cards[i];
        if (from->role_id.len != STANDINGS_ID || from->side_id.len != STANDINGS_ID) continue;
        memcpy(cards[table->card_count].role, from->role_id.data, STANDINGS_ID);
        memcpy(cards[table->card_count].side, from->side_id.data, STANDINGS_ID);
        cards[table->card_count++].copies = from->copies;
    }
    table->cards = cards;
    return cards;
}

static bool store_chances(Standings__Foretold *told, const struct table_told *made, struct arena *arena)
{
    Standings__Foretold__Chance *chances =
        list_of_messages(arena, made->count, sizeof *chances, (void ***)&told->chances);
    for (; chances && told->n_chances < made->count; told->n_chances++) {
        const struct table_side *side = &made->sides[told->n_chances];
        standings__foretold__chance__init(&chances[told->n_chances]);
        chances[told->n_chances].side_id =
            (ProtobufCBinaryData){STANDINGS_ID, arena_copy(arena, side->side, STANDINGS_ID)};
        chances[told->n_chances].chance = fmin(side->chance, 1);
    }
    return !arena->failed;
}

bool rate_table(const struct standings *standings, Standings__Foretold *told, int64_t day,
                struct arena *arena)
{
    struct table table = {.deck = told->deck_id.len == STANDINGS_ID ? told->deck_id.data : NULL,
                          .players = told->players,
                          .player_count = told->n_players,
                          .day = day};
    struct table_told made;
    told->n_chances = 0;
    if (!read_cards(told, &table, arena)) return false;
    memcpy(table.event, told->event_id.data, STANDINGS_ID);
    const struct table_known *known = table_read(standings, &table, NULL, arena);
    return known && (!table_foretell(known, &made) || store_chances(told, &made, arena));
}

bool rate_parts(const struct standings *standings, Standings__Game *game, struct arena *arena)
{
    game->model = 0;
    for (size_t i = 0; i < game->n_players; i++) {
        if (!game->players[i]->part) continue;
        game->model = standings->classes.version;
        if (!classes_reward(&standings->classes, game->players[i], arena)) return false;
    }
    return true;
}
