#include "services/ai/standings/check.h"

#include <inttypes.h>
#include <math.h>

#include "services/ai/standings/rate.h"

static bool is_near(double a, double b) { return fabs(a - b) <= 1e-9 * (1 + fabs(b)); }

static bool is_same(const Standings__Belief *a, const Standings__Belief *b)
{
    if (!a || !b) return !a && !b;
    return is_near(a->mu, b->mu) && is_near(a->sigma, b->sigma);
}

// The game without what was made of it.
static Standings__Game *copy_digest(const Standings__Game *game, struct arena *arena)
{
    Standings__Game *copy = arena_copy(arena, game, sizeof *game);
    if (!copy) return NULL;
    copy->scale = 0;
    copy->model = 0;
    copy->sides = arena_array(arena, game->n_sides + 1, sizeof *copy->sides);
    copy->players = arena_array(arena, game->n_players + 1, sizeof *copy->players);
    for (size_t i = 0; copy->sides && i < game->n_sides; i++) {
        Standings__Game__Side *side = copy->sides[i] = arena_new(arena, Standings__Game__Side);
        if (!side) return NULL;
        standings__game__side__init(side);
        side->side_id = game->sides[i]->side_id;
        side->won = game->sides[i]->won;
    }
    for (size_t i = 0; copy->players && i < game->n_players; i++) {
        Standings__Game__Player *player = copy->players[i] = arena_new(arena, Standings__Game__Player);
        if (!player) return NULL;
        standings__game__player__init(player);
        player->player = game->players[i]->player;
        player->side = game->players[i]->side;
        player->seat = game->players[i]->seat;
        player->part = game->players[i]->part;
    }
    return arena->failed ? NULL : copy;
}

static bool sides_agree(const Standings__Game *stored, const Standings__Game *made)
{
    for (size_t i = 0; i < stored->n_sides; i++) {
        const Standings__Game__Side *a = stored->sides[i], *b = made->sides[i];
        if (!is_near(a->expected, b->expected) || !is_near(a->deviation, b->deviation) ||
            !is_near(a->chance, b->chance) || !is_same(a->side_before, b->side_before) ||
            !is_same(a->side_after, b->side_after) || !is_same(a->deck_before, b->deck_before) ||
            !is_same(a->deck_after, b->deck_after))
            return false;
    }
    return true;
}

static bool are_near(const double *a, const double *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_near(a[i], b[i])) return false;
    return true;
}

static bool rewards_agree(const Standings__Game *stored, const Standings__Game *made)
{
    for (size_t i = 0; i < stored->n_players; i++) {
        const Standings__Game__Player *a = stored->players[i], *b = made->players[i];
        if (a->n_marks != b->n_marks || !are_near(a->marks, b->marks, a->n_marks) || a->class_ != b->class_ ||
            a->coins != b->coins)
            return false;
    }
    return stored->model == made->model;
}

static bool games_agree(const Standings__Game *stored, const Standings__Game *made)
{
    if (stored->verdict != made->verdict) return false;
    if (stored->verdict) return true;
    for (size_t i = 0; i < stored->n_players; i++)
        if (!is_same(stored->players[i]->before, made->players[i]->before) ||
            !is_same(stored->players[i]->after, made->players[i]->after))
            return false;
    return is_near(stored->scale, made->scale) && is_near(stored->slope, made->slope) &&
           sides_agree(stored, made);
}

static bool numbers_fit(const struct standings *standings, const Standings__Game *game)
{
    for (size_t i = 0; i < game->n_players; i++)
        if (game->players[i]->player > standings->player_count || game->players[i]->side > game->n_sides)
            return false;
    for (size_t i = 0; i < game->n_sides; i++)
        if (game->sides[i]->side_id.len != STANDINGS_ID) return false;
    return true;
}

static bool check_game(const struct standings *standings, const Standings__Game *game, struct arena *arena)
{
    if (!numbers_fit(standings, game)) return false;
    Standings__Game *made = copy_digest(game, arena);
    return made && rate_game(standings, made, arena) && rate_parts(standings, made, arena) &&
           games_agree(game, made) && rewards_agree(game, made);
}

static bool check_model(const struct standings *standings, const Standings__ModelFitted *stored,
                        struct arena *arena)
{
    const Standings__ModelFitted *made = classes_fit(&standings->classes, arena);
    if (!made || standings->game_count % CLASSES_EVERY || stored->version != made->version ||
        stored->count != made->count || stored->n_mean != made->n_mean || stored->n_sd != made->n_sd ||
        stored->n_centroids != made->n_centroids)
        return false;
    return are_near(stored->mean, made->mean, made->n_mean) && are_near(stored->sd, made->sd, made->n_sd) &&
           are_near(stored->centroids, made->centroids, made->n_centroids);
}

static bool check_claim(const struct standings *standings, const Standings__GuestClaimed *claimed,
                        const Standings__Game *played, struct arena *arena)
{
    Standings__GuestClaimed made = *claimed;
    if (!played || !claimed->side || claimed->side > played->n_sides ||
        claimed->player > standings->player_count)
        return false;
    return rate_claim(standings, played, &made, arena) && made.won == claimed->won &&
           is_same(claimed->before, made.before) && is_same(claimed->after, made.after);
}

static bool check_foretold(const struct standings *standings, const Standings__Foretold *stored, int64_t day,
                           struct arena *arena)
{
    Standings__Foretold made = *stored;
    if (stored->event_id.len != STANDINGS_ID || !rate_table(standings, &made, day, arena)) return false;
    for (size_t i = 0; i < stored->n_chances; i++)
        if (made.n_chances != stored->n_chances ||
            !is_near(stored->chances[i]->chance, made.chances[i]->chance))
            return false;
    return made.n_chances == stored->n_chances;
}

bool check_entry(const struct standings *standings, const Standings__Entry *entry,
                 const Standings__Game *played, struct arena *arena, struct err *err)
{
    bool ok = true;
    if (entry->body_case == STANDINGS__ENTRY__BODY_GAME)
        ok = check_game(standings, entry->game, arena);
    else if (entry->body_case == STANDINGS__ENTRY__BODY_GUEST_CLAIMED)
        ok = check_claim(standings, entry->guest_claimed, played, arena);
    else if (entry->body_case == STANDINGS__ENTRY__BODY_MODEL_FITTED)
        ok = check_model(standings, entry->model_fitted, arena);
    else if (entry->body_case == STANDINGS__ENTRY__BODY_FORETOLD)
        ok = check_foretold(standings, entry->foretold, entry->time_ms / STANDINGS_DAY_MS, arena);
    if (arena->failed) return err_fail(err, INTERNAL_ERROR, "no memory for a game");
    return ok || err_fail(err, STORE_CORRUPT,
                          "entry %" PRIu64 " of " STANDINGS_STREAM " does not follow from its game",
                          standings->seq + 1);
}
