#include "services/ai/standings/deals.h"

#include <math.h>
#include <string.h>

#include "services/ai/skill/temper.h"

// A deal that is going on.
struct dealing {
    const struct deals *deals;
    uint8_t cards[TABLE_CARDS_MOST];
    uint64_t random;
    struct rating dealt[HANDICAP_MAX_PLAYERS]; // side by side
    struct handicap_side lines[HANDICAP_MAX_SIDES];
    uint8_t places[HANDICAP_MAX_SIDES]; // of the lines among the sides
    uint32_t count;                     // of lines
};

// splitmix64
static uint64_t draw_number(uint64_t *random)
{
    uint64_t x = *random += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

// The first players' cards; the others stay where they are.
static void shuffle_cards(struct dealing *dealing)
{
    const size_t count = dealing->deals->card_count;
    for (size_t i = 0; i < dealing->deals->player_count; i++) {
        const size_t with = i + (size_t)(draw_number(&dealing->random) % (count - i));
        const uint8_t card = dealing->cards[i];
        dealing->cards[i] = dealing->cards[with];
        dealing->cards[with] = card;
    }
}

// A side that nobody was dealt does not play.
static void line_up(struct dealing *dealing)
{
    const struct deals *deals = dealing->deals;
    uint32_t next = 0;
    dealing->count = 0;
    for (uint8_t side = 0; side < deals->side_count; side++) {
        const uint32_t first = next;
        for (size_t i = 0; i < deals->player_count; i++)
            if (dealing->cards[i] == side) dealing->dealt[next++] = deals->players[i];
        if (next == first) continue;
        dealing->places[dealing->count] = side;
        dealing->lines[dealing->count++] =
            (struct handicap_side){&dealing->dealt[first], (struct rating *)&deals->sides[side],
                                   (struct rating *)&deals->decks[side], next - first, false};
    }
}

static void shift_chances(const struct dealing *dealing, double *chances)
{
    double sum = 0;
    for (uint32_t i = 0; i < dealing->count; i++)
        sum += chances[i] *= exp(dealing->deals->shifts[dealing->places[i]]);
    for (uint32_t i = 0; i < dealing->count; i++) chances[i] /= sum;
}

// Of one side alone there are no chances.
static bool add_deal(struct dealing *dealing, struct deals_sum *sum)
{
    double chances[HANDICAP_MAX_SIDES], most = 0;
    shuffle_cards(dealing);
    line_up(dealing);
    if (!handicap_forecast(&standings_options, dealing->lines, dealing->count, chances)) return false;
    temper_chances(chances, dealing->count, dealing->deals->slope);
    shift_chances(dealing, chances);
    for (uint32_t i = 0; i < dealing->count; i++) {
        sum->chances[dealing->places[i]] += chances[i];
        most = fmax(most, fabs(chances[i] - 1.0 / dealing->count));
    }
    sum->unevenness += most;
    return true;
}

bool deals_sum(const struct deals *deals, int count, struct deals_sum *sum)
{
    struct dealing dealing = {.deals = deals, .random = deals->seed};
    int looked_at = 0;
    *sum = (struct deals_sum){.unevenness = 0};
    memcpy(dealing.cards, deals->cards, deals->card_count);
    for (int i = 0; i < count; i++) looked_at += add_deal(&dealing, sum);
    for (size_t i = 0; i < deals->side_count; i++) sum->chances[i] /= looked_at ? looked_at : 1;
    sum->unevenness /= looked_at ? looked_at : 1;
    return looked_at > 0;
}
