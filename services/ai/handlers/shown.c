#include "services/ai/handlers/shown.h"

#include <string.h>

#include "lib/base/stamp.h"
#include "lib/names/names.h"

enum { PERCENTILE_FROM = 100 };

#define Z 3.0                         // of what is shown
#define PROVISIONAL_ABOVE 4.0         // sigma
#define NINETY_FIVE 1.959963984540054 // deviations to either side that have 95 in a hundred

bool shows_rating(const struct ai *ai, const char *reader_id, const char *user_id)
{
    return strcmp(reader_id, user_id) == 0 || !names_opted_out(ai->names, user_id, NAMES_NO_RATING);
}

static Ai__RatingFormula *shown_formula(struct arena *arena)
{
    Ai__RatingFormula *formula = arena_new(arena, Ai__RatingFormula);
    if (!formula) return NULL;
    ai__rating_formula__init(formula);
    formula->rating = "mu - z * sigma";
    formula->z = Z;
    formula->change = "(sigma^2 + tau^2) / scale * (result - expected)";
    formula->tau = standings_options.tau;
    formula->idle_tau = standings_options.idle_tau;
    formula->sigma_most = standings_options.prior.sigma;
    formula->provisional_above = PROVISIONAL_ABOVE;
    return formula;
}

static double shown_number(struct rating belief) { return belief.mu - Z * belief.sigma; }

static void fill_belief(Ai__Rating *shown, struct rating belief)
{
    shown->mu = belief.mu;
    shown->sigma = belief.sigma;
    shown->rating = shown_number(belief);
    shown->low = belief.mu - NINETY_FIVE * belief.sigma;
    shown->high = belief.mu + NINETY_FIVE * belief.sigma;
    shown->provisional = belief.sigma > PROVISIONAL_ABOVE;
}

Ai__Rating *shown_rating(struct board *board, const struct standings *standings, const char *user_id,
                         uint32_t number, int64_t day, struct arena *arena)
{
    static const struct standings_player nobody = {.games = 0};
    const struct standings_player *player = number ? &standings->players[number - 1] : &nobody;
    size_t count;
    Ai__Rating *shown = arena_new(arena, Ai__Rating);
    if (!shown) return NULL;
    ai__rating__init(shown);
    if (!board_place(board, day, number, &shown->place, &count)) return NULL;
    shown->user_id = arena_str(arena, user_id);
    shown->formula = shown_formula(arena);
    shown->ranked = (uint32_t)count;
    fill_belief(shown, standings_belief(player, day));
    shown->games = player->games;
    shown->won = player->won;
    if (shown->place && count >= PERCENTILE_FROM) {
        shown->percentile_of_case = AI__RATING__PERCENTILE_OF_PERCENTILE;
        shown->percentile = 100.0 * (double)(count - shown->place) / (double)count;
    }
    return shown->user_id && shown->formula ? shown : NULL;
}

Ai__RatingShown *shown_numbers(struct rating belief, struct arena *arena)
{
    Ai__RatingShown *shown = arena_new(arena, Ai__RatingShown);
    if (!shown) return NULL;
    ai__rating_shown__init(shown);
    shown->mu = belief.mu;
    shown->sigma = belief.sigma;
    shown->rating = shown_number(belief);
    return shown;
}

Ai__RatingShown *shown_now(const struct standings *standings, uint32_t number, int64_t day, bool *provisional,
                           struct arena *arena)
{
    const struct rating belief =
        number ? standings_belief(&standings->players[number - 1], day) : standings_options.prior;
    *provisional = belief.sigma > PROVISIONAL_ABOVE;
    return shown_numbers(belief, arena);
}

static Ai__RatingShown *shown_belief(const Standings__Belief *belief, struct arena *arena)
{
    return shown_numbers((struct rating){belief->mu, belief->sigma}, arena);
}

static Ai__RatingWhy *shown_why(const Standings__ResultRow *row, struct arena *arena)
{
    Ai__RatingWhy *why = arena_new(arena, Ai__RatingWhy);
    if (!why) return NULL;
    ai__rating_why__init(why);
    why->expected = row->expected;
    why->result = row->won;
    why->scale = row->scale;
    why->side_id = arena_str(arena, row->side_id);
    why->handicap = row->handicap;
    why->text = arena_printf(arena, "%s with %.0f %% chance to win: %+.2f", row->won ? "won" : "lost",
                             100 * row->expected, row->after->mu - row->before->mu);
    return why->side_id && why->text ? why : NULL;
}

Ai__RatingChange *shown_change(const Standings__ResultRow *row, struct arena *arena)
{
    Ai__RatingChange *change = arena_new(arena, Ai__RatingChange);
    if (!change) return NULL;
    ai__rating_change__init(change);
    change->event_id = arena_str(arena, row->event_id);
    change->time = stamp_new(arena, row->time_ms);
    change->before = shown_belief(row->before, arena);
    change->after = shown_belief(row->after, arena);
    change->change = row->after->mu - row->before->mu;
    change->why = shown_why(row, arena);
    change->claimed = row->claimed;
    return arena->failed ? NULL : change;
}
