#include "services/ai/standings/foretell.h"

#include <math.h>

#include "services/ai/skill/temper.h"
#include "services/ai/standings/lists.h"

struct foretelling {
    const struct standings *standings;
    const struct foretell_game *game;
    struct rating players[HANDICAP_MAX_PLAYERS]; // side by side
    struct rating sides[HANDICAP_MAX_SIDES], decks[HANDICAP_MAX_SIDES];
    struct handicap_side lines[HANDICAP_MAX_SIDES];
};

// ---- Who plays

static uint32_t line_up_players(struct foretelling *telling, size_t at, uint32_t first,
                                struct foretold_side *told)
{
    const struct foretell_side *side = &telling->game->sides[at];
    uint32_t next = first;
    for (size_t i = 0; i < side->user_count; i++, next++) {
        uint32_t number = standings_player(telling->standings, side->user_ids[i]);
        const struct standings_player *player = number ? &telling->standings->players[number - 1] : NULL;
        telling->players[next] =
            player ? standings_belief(player, telling->game->day) : standings_options.prior;
        told->newcomers += !player || !player->games;
    }
    for (uint32_t i = 0; i < side->others; i++) telling->players[next++] = standings_options.prior;
    told->newcomers += side->others;
    return next;
}

static void line_up_side(struct foretelling *telling, size_t at, struct foretold_side *told)
{
    const struct foretell_game *game = telling->game;
    uint8_t key[STANDINGS_ID];
    standings_side_key(game->sides[at].side, key);
    telling->sides[at] = standings_ease(telling->standings, key, &told->games);
    telling->decks[at] = handicap_prior;
    if (!game->deck) return;
    standings_deck_key(game->deck, game->sides[at].side, key);
    telling->decks[at] = standings_ease(telling->standings, key, &told->deck_games);
}

static bool game_fits(const struct foretell_game *game)
{
    size_t players = 0;
    if (game->count < 2 || game->count > HANDICAP_MAX_SIDES) return false;
    for (size_t i = 0; i < game->count; i++) {
        size_t own = game->sides[i].user_count + game->sides[i].others;
        if (!own || own > HANDICAP_MAX_PLAYERS) return false;
        players += own;
    }
    return players <= HANDICAP_MAX_PLAYERS;
}

static void line_up(struct foretelling *telling, struct foretold *foretold)
{
    uint32_t first = 0;
    for (size_t i = 0; i < telling->game->count; i++) {
        uint32_t next = line_up_players(telling, i, first, &foretold->sides[i]);
        line_up_side(telling, i, &foretold->sides[i]);
        telling->lines[i] = (struct handicap_side){&telling->players[first], &telling->sides[i],
                                                   &telling->decks[i], next - first, false};
        first = next;
    }
}

// ---- Chances

static bool find_chances(const struct foretelling *telling, double *chances)
{
    const uint32_t count = (uint32_t)telling->game->count;
    if (!handicap_forecast(&standings_options, telling->lines, count, chances)) return false;
    temper_chances(chances, count, telling->standings->slope);
    return true;
}

// Of all who play, and of how easy it is for them.
static double variance_of(const struct foretelling *telling)
{
    double variance = 0;
    for (size_t i = 0; i < telling->game->count; i++) {
        const struct handicap_side *line = &telling->lines[i];
        for (uint32_t k = 0; k < line->size; k++) variance += line->players[k].sigma * line->players[k].sigma;
        variance += line->side->sigma * line->side->sigma + line->deck->sigma * line->deck->sigma;
    }
    return variance;
}

double foretell_moved(double chance, double by)
{
    const double held = fmin(fmax(chance, 1e-12), 1 - 1e-12);
    return 1 / (1 + exp(-(log(held / (1 - held)) + by)));
}

static void fill_chances(const struct foretelling *telling, const double *chances, struct foretold *foretold)
{
    const double beta = standings_options.beta, variance = variance_of(telling);
    const double scale = sqrt(variance + (double)telling->game->count * beta * beta);
    const double by = FORETELL_NINETY * telling->standings->slope * sqrt(variance) / scale;
    for (size_t i = 0; i < telling->game->count; i++) {
        foretold->sides[i].chance = chances[i];
        foretold->sides[i].low = foretell_moved(chances[i], -by);
        foretold->sides[i].high = foretell_moved(chances[i], by);
    }
}

// ---- Swaps

static double chances_unevenness(const double *chances, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++) most = fmax(most, fabs(chances[i] - 1.0 / (double)count));
    return most;
}

static int compare_swaps(const void *a, const void *b)
{
    const double x = ((const struct foretold_swap *)a)->unevenness,
                 y = ((const struct foretold_swap *)b)->unevenness;
    return (x > y) - (x < y);
}

static void rating_exchange(struct rating *a, struct rating *b)
{
    const struct rating was = *a;
    *a = *b;
    *b = was;
}

static bool is_better(struct foretelling *telling, double wanted, struct foretold_swap *swap)
{
    if (!find_chances(telling, swap->chances)) return false;
    swap->unevenness = chances_unevenness(swap->chances, telling->game->count);
    return swap->unevenness <= wanted;
}

static void try_sides(struct foretelling *telling, size_t a, size_t b, double wanted,
                      struct foretold *foretold)
{
    const struct foretell_side *sides = telling->game->sides;
    for (size_t i = 0; i < sides[a].user_count; i++)
        for (size_t k = 0; k < sides[b].user_count; k++) {
            struct foretold_swap swap = {.side = a, .player = i, .with_side = b, .with_player = k};
            struct rating *one = &telling->lines[a].players[i], *other = &telling->lines[b].players[k];
            rating_exchange(one, other);
            bool better = is_better(telling, wanted, &swap);
            rating_exchange(one, other);
            if (better)
                foretold->swap_count = list_keep_first(foretold->swaps, foretold->swap_count, FORETELL_SWAPS,
                                                       sizeof swap, &swap, compare_swaps);
        }
}

bool foretell(const struct standings *standings, const struct foretell_game *game, struct foretold *foretold)
{
    struct foretelling telling = {.standings = standings, .game = game};
    double chances[HANDICAP_MAX_SIDES];
    *foretold = (struct foretold){.swap_count = 0};
    if (!game_fits(game)) return false;
    line_up(&telling, foretold);
    if (!find_chances(&telling, chances)) return false;
    fill_chances(&telling, chances, foretold);
    const double wanted = chances_unevenness(chances, game->count) - FORETELL_LEAST_GAIN;
    for (size_t a = 0; a < game->count; a++)
        for (size_t b = a + 1; b < game->count; b++) try_sides(&telling, a, b, wanted, foretold);
    return true;
}
