// Changes of a table that would bring its chances nearer to even.
#include <math.h>
#include <string.h>

#include "services/ai/standings/deals.h"
#include "services/ai/standings/foretell.h"
#include "services/ai/standings/lists.h"

enum { DEALS = 128 };
enum { CARDS_TRIED = 6, PLAYERS_TRIED = 6, WAITING_TRIED = 8 }; // those that promise most

struct trying {
    const struct table_known *known;
    struct deals_sum before;
    struct table_swap *swaps;
    size_t count;
};

static int compare_swaps(const void *a, const void *b)
{
    const double x = ((const struct table_swap *)a)->unevenness,
                 y = ((const struct table_swap *)b)->unevenness;
    return (x > y) - (x < y);
}

static void judge_swap(struct trying *trying, const struct deals *changed, struct table_swap *swap)
{
    struct deals_sum sum;
    if (!deals_sum(changed, DEALS, &sum)) return;
    if (sum.unevenness > trying->before.unevenness - FORETELL_LEAST_GAIN) return;
    memcpy(swap->chances, sum.chances, sizeof swap->chances);
    swap->unevenness = sum.unevenness;
    trying->count =
        list_keep_first(trying->swaps, trying->count, TABLE_SWAPS, sizeof *swap, swap, compare_swaps);
}

struct promise {
    size_t out, in;
    double much;
};

static int compare_promises(const void *a, const void *b)
{
    const double x = ((const struct promise *)a)->much, y = ((const struct promise *)b)->much;
    return (x < y) - (x > y);
}

// ---- Cards

// What is said of roles is of games in which they were dealt, so it counts as often as they are.
static void set_shifts(const struct table_known *known, size_t out, size_t in, double *shifts)
{
    const double share = (double)known->deals.player_count / (double)known->deals.card_count;
    memset(shifts, 0, HANDICAP_MAX_SIDES * sizeof *shifts);
    shifts[known->cards[out].side] -= share * known->cards[out].effect;
    shifts[known->cards[in].side] += share * known->cards[in].effect;
}

static uint32_t fewer_of(uint32_t a, uint32_t b) { return a < b ? a : b; }

// How much weaker the stronger side gets.
static double promise_of(const struct trying *trying, size_t out, size_t in)
{
    const size_t sides = trying->known->told.count;
    double shifts[HANDICAP_MAX_SIDES], much = 0;
    set_shifts(trying->known, out, in, shifts);
    for (size_t i = 0; i < sides; i++) much -= shifts[i] * (trying->before.chances[i] - 1.0 / (double)sides);
    return much;
}

static void try_card(struct trying *trying, size_t out, size_t in)
{
    const struct known_card *cards = trying->known->cards;
    struct deals changed = trying->known->deals;
    struct table_swap swap = {
        .of_cards = true, .out = out, .in = in, .games = fewer_of(cards[out].games, cards[in].games)};
    uint8_t *card = memchr(changed.cards, (int)cards[out].side, changed.card_count);
    set_shifts(trying->known, out, in, changed.shifts);
    *card = (uint8_t)cards[in].side;
    judge_swap(trying, &changed, &swap);
}

static bool may_change(const struct table_known *known, size_t out, size_t in)
{
    const struct known_card *cards = known->cards;
    return cards[out].side != cards[in].side && cards[out].games && cards[in].games &&
           known->table->cards[out].copies;
}

static void try_cards(struct trying *trying)
{
    const size_t kinds = trying->known->table->card_count;
    struct promise promises[CARDS_TRIED];
    size_t count = 0;
    for (size_t out = 0; out < kinds; out++)
        for (size_t in = 0; in < kinds; in++) {
            if (!may_change(trying->known, out, in)) continue;
            const struct promise promise = {out, in, promise_of(trying, out, in)};
            count = list_keep_first(promises, count, CARDS_TRIED, sizeof promise, &promise, compare_promises);
        }
    for (size_t i = 0; i < count; i++) try_card(trying, promises[i].out, promises[i].in);
}

// ---- Players

static void try_player(struct trying *trying, size_t out, size_t in)
{
    const struct table_known *known = trying->known;
    struct deals changed = known->deals;
    struct table_swap swap = {
        .out = out, .in = in, .games = fewer_of(known->players[out].games, known->waiting[in].games)};
    changed.players[out] = known->waiting[in].belief;
    judge_swap(trying, &changed, &swap);
}

static void try_waiting(struct trying *trying, size_t out)
{
    const struct table_wishes *wishes = trying->known->wishes;
    size_t tried = 0;
    for (size_t in = 0; in < wishes->waiting_count && tried < WAITING_TRIED; in++) {
        if (!wishes->may_come[in]) continue;
        try_player(trying, out, in);
        tried++;
    }
}

// Who plays least like the others, against who has waited longest.
static void try_players(struct trying *trying)
{
    const struct deals *deals = &trying->known->deals;
    const bool *may_go = trying->known->wishes->may_go;
    struct promise promises[PLAYERS_TRIED];
    size_t count = 0;
    double average = 0;
    for (size_t i = 0; i < deals->player_count; i++)
        average += deals->players[i].mu / (double)deals->player_count;
    for (size_t i = 0; may_go && i < deals->player_count; i++) {
        const struct promise promise = {i, 0, fabs(deals->players[i].mu - average)};
        if (may_go[i])
            count =
                list_keep_first(promises, count, PLAYERS_TRIED, sizeof promise, &promise, compare_promises);
    }
    for (size_t i = 0; i < count; i++) try_waiting(trying, promises[i].out);
}

size_t table_swaps(const struct table_known *known, struct table_swap swaps[TABLE_SWAPS])
{
    struct trying trying = {.known = known, .swaps = swaps};
    if (!known->fits || !known->wishes || !deals_sum(&known->deals, DEALS, &trying.before)) return 0;
    try_cards(&trying);
    try_players(&trying);
    return trying.count;
}
