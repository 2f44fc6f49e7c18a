#include "services/ai/standings/table.h"

#include <math.h>
#include <string.h>

#include "services/ai/standings/deals.h"
#include "services/ai/standings/foretell.h"

enum { DEALS = 512, DEALS_FOR_SWAPS = 128 };
enum { CARDS_TRIED = 6, PLAYERS_TRIED = 6, WAITING_TRIED = 8 }; // swaps, of those that promise most

#define LEAST_GAIN 0.01 // of a swap: how much nearer the chances come to even

// ---- Who plays

static struct rating belief_of(const struct standings *standings, uint32_t number, int64_t day)
{
    return number && number <= standings->player_count
               ? standings_belief(&standings->players[number - 1], day)
               : standings_options.prior;
}

static uint32_t games_of(const struct standings *standings, uint32_t number)
{
    return number && number <= standings->player_count ? standings->players[number - 1].games : 0;
}

static bool seat_players(const struct table *table, struct deals *deals, struct table_told *told)
{
    if (!table->player_count || table->player_count > HANDICAP_MAX_PLAYERS) return false;
    deals->player_count = table->player_count;
    for (size_t i = 0; i < table->player_count; i++) {
        deals->players[i] = belief_of(deals->standings, table->players[i], table->day);
        told->newcomers += !games_of(deals->standings, table->players[i]);
    }
    return true;
}

// ---- The cards

static bool add_side(const struct table *table, struct deals *deals, const uint8_t side[STANDINGS_ID],
                     struct table_told *told)
{
    uint8_t key[STANDINGS_ID];
    if (told->count == HANDICAP_MAX_SIDES) return false;
    struct table_side *added = &told->sides[told->count];
    memcpy(added->side, side, STANDINGS_ID);
    standings_side_key(side, key);
    deals->sides[told->count] = standings_ease(deals->standings, key, &added->games);
    deals->decks[told->count] = handicap_prior;
    if (table->deck) {
        standings_deck_key(table->deck, side, key);
        deals->decks[told->count] = standings_ease(deals->standings, key, &added->deck_games);
    }
    deals->side_count = ++told->count;
    return true;
}

static size_t place_of_side(const struct table_told *told, const uint8_t side[STANDINGS_ID])
{
    size_t at = 0;
    while (at < told->count && memcmp(told->sides[at].side, side, STANDINGS_ID) != 0) at++;
    return at;
}

static bool lay_cards(const struct table *table, struct deals *deals, struct table_told *told)
{
    for (size_t i = 0; i < table->card_count; i++) {
        const struct table_card *card = &table->cards[i];
        const size_t side = place_of_side(told, card->side);
        if (side == told->count && !add_side(table, deals, card->side, told)) return false;
        if (card->copies > TABLE_CARDS_MOST - deals->card_count) return false;
        memset(deals->cards + deals->card_count, (int)side, card->copies);
        deals->card_count += card->copies;
    }
    return told->count >= 2 && deals->card_count >= table->player_count;
}

static uint64_t seed_of(const struct table *table)
{
    uint64_t halves[2];
    memcpy(halves, table->event, sizeof halves);
    return halves[0] ^ halves[1];
}

static bool set_table(const struct standings *standings, const struct table *table, struct deals *deals,
                      struct table_told *told)
{
    *told = (struct table_told){.count = 0};
    memset(deals, 0, sizeof *deals);
    deals->standings = standings;
    deals->seed = seed_of(table);
    return seat_players(table, deals, told) && lay_cards(table, deals, told);
}

// ---- Chances

static double square_of(double x) { return x * x; }

// How far a chance may lie from what is told, in log odds: so uncertain are all who play, and how easy it is
// for them.
static double doubt_of(const struct deals *deals)
{
    double variance = 0;
    for (size_t i = 0; i < deals->player_count; i++) variance += square_of(deals->players[i].sigma);
    for (size_t i = 0; i < deals->side_count; i++)
        variance += square_of(deals->sides[i].sigma) + square_of(deals->decks[i].sigma);
    const double scale = sqrt(variance + (double)deals->side_count * square_of(standings_options.beta));
    return FORETELL_NINETY * deals->standings->slope * sqrt(variance) / scale;
}

bool table_foretell(const struct standings *standings, const struct table *table, struct table_told *told)
{
    struct deals deals;
    struct deals_sum sum;
    if (!set_table(standings, table, &deals, told) || !deals_sum(&deals, DEALS, &sum)) return false;
    const double by = doubt_of(&deals);
    for (size_t i = 0; i < told->count; i++) {
        told->sides[i].chance = sum.chances[i];
        told->sides[i].low = foretell_moved(sum.chances[i], -by);
        told->sides[i].high = foretell_moved(sum.chances[i], by);
    }
    told->unevenness = sum.unevenness;
    return true;
}

// ---- Swaps

struct trying {
    const struct table *table;
    struct deals deals;
    struct table_told told;
    struct deals_sum before;
    struct table_swap *swaps;
    size_t count;
};

// Among the best, the most even first.
static void keep_swap(struct trying *trying, const struct table_swap *swap)
{
    size_t at = trying->count;
    while (at > 0 && trying->swaps[at - 1].unevenness > swap->unevenness) at--;
    if (at == TABLE_SWAPS) return;
    if (trying->count < TABLE_SWAPS) trying->count++;
    memmove(&trying->swaps[at + 1], &trying->swaps[at], (trying->count - at - 1) * sizeof *trying->swaps);
    trying->swaps[at] = *swap;
}

static void judge_swap(struct trying *trying, const struct deals *changed, struct table_swap *swap)
{
    struct deals_sum sum;
    if (!deals_sum(changed, DEALS_FOR_SWAPS, &sum)) return;
    if (sum.unevenness > trying->before.unevenness - LEAST_GAIN) return;
    memcpy(swap->chances, sum.chances, sizeof swap->chances);
    swap->unevenness = sum.unevenness;
    keep_swap(trying, swap);
}

struct promise {
    size_t out, in;
    double much;
};

// Keeps the `most` of most promise, in their order.
static size_t promise_add(struct promise *promises, size_t count, size_t most, struct promise promise)
{
    size_t at = count;
    while (at > 0 && promises[at - 1].much < promise.much) at--;
    if (at == most) return count;
    if (count < most) count++;
    memmove(&promises[at + 1], &promises[at], (count - at - 1) * sizeof *promises);
    promises[at] = promise;
    return count;
}

// ---- Cards

// What is said of roles is of games in which they were dealt, so it counts as often as they are.
static void set_shifts(const struct trying *trying, size_t out, size_t in, double *shifts, uint32_t *games)
{
    const struct table_card *cards = trying->table->cards;
    const struct outcomes *outcomes = &trying->deals.standings->outcomes;
    const double share = (double)trying->deals.player_count / (double)trying->deals.card_count;
    uint32_t of_out, of_in;
    memset(shifts, 0, HANDICAP_MAX_SIDES * sizeof *shifts);
    shifts[place_of_side(&trying->told, cards[out].side)] -=
        share * outcomes_role_effect(outcomes, cards[out].role, &of_out);
    shifts[place_of_side(&trying->told, cards[in].side)] +=
        share * outcomes_role_effect(outcomes, cards[in].role, &of_in);
    *games = of_out < of_in ? of_out : of_in;
}

// How much weaker the stronger side gets.
static double promise_of(const struct trying *trying, const double *shifts)
{
    double much = 0;
    for (size_t i = 0; i < trying->told.count; i++)
        much -= shifts[i] * (trying->before.chances[i] - 1.0 / (double)trying->told.count);
    return much;
}

static void try_card(struct trying *trying, size_t out, size_t in)
{
    const struct table_card *cards = trying->table->cards;
    struct deals changed = trying->deals;
    struct table_swap swap = {.of_cards = true, .out = out, .in = in};
    const uint8_t from = (uint8_t)place_of_side(&trying->told, cards[out].side);
    uint8_t *card = memchr(changed.cards, from, changed.card_count);
    set_shifts(trying, out, in, changed.shifts, &swap.games);
    *card = (uint8_t)place_of_side(&trying->told, cards[in].side);
    judge_swap(trying, &changed, &swap);
}

static void try_cards(struct trying *trying)
{
    const struct table *table = trying->table;
    struct promise promises[CARDS_TRIED + 1];
    double shifts[HANDICAP_MAX_SIDES];
    size_t count = 0;
    for (size_t out = 0; out < table->card_count; out++)
        for (size_t in = 0; in < table->card_count; in++) {
            uint32_t games;
            if (memcmp(table->cards[out].side, table->cards[in].side, STANDINGS_ID) == 0) continue;
            set_shifts(trying, out, in, shifts, &games);
            const struct promise promise = {out, in, promise_of(trying, shifts)};
            if (games && table->cards[out].copies) count = promise_add(promises, count, CARDS_TRIED, promise);
        }
    for (size_t i = 0; i < count; i++) try_card(trying, promises[i].out, promises[i].in);
}

// ---- Players

static void try_player(struct trying *trying, size_t out, size_t in, uint32_t number)
{
    struct deals changed = trying->deals;
    struct table_swap swap = {.out = out, .in = in};
    const uint32_t of_out = games_of(changed.standings, trying->table->players[out]);
    const uint32_t of_in = games_of(changed.standings, number);
    changed.players[out] = belief_of(changed.standings, number, trying->table->day);
    swap.games = of_out < of_in ? of_out : of_in;
    judge_swap(trying, &changed, &swap);
}

// Who plays least like the others, against who has waited longest.
static void try_players(struct trying *trying, const struct table_wishes *wishes)
{
    const struct deals *deals = &trying->deals;
    struct promise promises[PLAYERS_TRIED + 1];
    size_t count = 0;
    double average = 0;
    for (size_t i = 0; i < deals->player_count; i++)
        average += deals->players[i].mu / (double)deals->player_count;
    for (size_t i = 0; wishes->named && i < deals->player_count; i++)
        if (wishes->named[i])
            count = promise_add(promises, count, PLAYERS_TRIED,
                                (struct promise){i, 0, fabs(deals->players[i].mu - average)});
    for (size_t i = 0; i < count; i++)
        for (size_t in = 0; in < wishes->waiting_count && in < WAITING_TRIED; in++)
            if (wishes->waiting[in]) try_player(trying, promises[i].out, in, wishes->waiting[in]);
}

size_t table_swaps(const struct standings *standings, const struct table *table,
                   const struct table_wishes *wishes, struct table_swap swaps[TABLE_SWAPS])
{
    struct trying trying = {.table = table, .swaps = swaps};
    if (!set_table(standings, table, &trying.deals, &trying.told) ||
        !deals_sum(&trying.deals, DEALS_FOR_SWAPS, &trying.before))
        return 0;
    try_cards(&trying);
    try_players(&trying, wishes);
    return trying.count;
}
