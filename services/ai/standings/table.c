#include "services/ai/standings/table.h"

#include <math.h>
#include <string.h>

#include "services/ai/standings/deals.h"
#include "services/ai/standings/foretell.h"

enum { DEALS = 512 };

// ---- Who plays

static struct known_player known_of(const struct standings *standings, uint32_t number, int64_t day)
{
    if (!number || number > standings->player_count) return (struct known_player){standings_options.prior, 0};
    const struct standings_player *player = &standings->players[number - 1];
    return (struct known_player){standings_belief(player, day), player->games};
}

static bool seat_players(const struct standings *standings, struct table_known *known, struct arena *arena)
{
    const struct table *table = known->table;
    known->players = arena_array(arena, table->player_count + 1, sizeof *known->players);
    for (size_t i = 0; known->players && i < table->player_count; i++) {
        known->players[i] = known_of(standings, table->players[i], table->day);
        known->told.newcomers += !known->players[i].games;
    }
    known->fits = table->player_count > 0 && table->player_count <= HANDICAP_MAX_PLAYERS;
    for (size_t i = 0; known->players && known->fits && i < table->player_count; i++)
        known->deals.players[known->deals.player_count++] = known->players[i].belief;
    return known->players;
}

static bool line_up_waiting(const struct standings *standings, struct table_known *known, struct arena *arena)
{
    const struct table_wishes *wishes = known->wishes;
    known->waiting = arena_array(arena, wishes->waiting_count + 1, sizeof *known->waiting);
    for (size_t i = 0; known->waiting && i < wishes->waiting_count; i++)
        known->waiting[i] = known_of(standings, wishes->waiting[i], known->table->day);
    return known->waiting;
}

// ---- The cards

static bool add_side(const struct standings *standings, struct table_known *known,
                     const uint8_t side[STANDINGS_ID])
{
    struct deals *deals = &known->deals;
    struct table_told *told = &known->told;
    uint8_t key[STANDINGS_ID];
    if (told->count == HANDICAP_MAX_SIDES) return false;
    struct table_side *added = &told->sides[told->count];
    memcpy(added->side, side, STANDINGS_ID);
    standings_side_key(side, key);
    deals->sides[told->count] = standings_ease(standings, key, &added->games);
    deals->decks[told->count] = handicap_prior;
    if (known->table->deck) {
        standings_deck_key(known->table->deck, side, key);
        deals->decks[told->count] = standings_ease(standings, key, &added->deck_games);
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

static bool lay_cards(const struct standings *standings, struct table_known *known)
{
    struct deals *deals = &known->deals;
    for (size_t i = 0; i < known->table->card_count; i++) {
        const struct table_card *card = &known->table->cards[i];
        const size_t side = place_of_side(&known->told, card->side);
        if (side == known->told.count && !add_side(standings, known, card->side)) return false;
        if (card->copies > TABLE_CARDS_MOST - deals->card_count) return false;
        memset(deals->cards + deals->card_count, (int)side, card->copies);
        deals->card_count += card->copies;
    }
    return known->told.count >= 2 && deals->card_count >= deals->player_count;
}

static bool look_at_cards(const struct standings *standings, struct table_known *known, struct arena *arena)
{
    const struct table *table = known->table;
    known->cards = arena_array(arena, table->card_count + 1, sizeof *known->cards);
    for (size_t i = 0; known->cards && i < table->card_count; i++) {
        struct known_card *card = &known->cards[i];
        card->side = place_of_side(&known->told, table->cards[i].side);
        card->effect = outcomes_role_effect(&standings->outcomes, table->cards[i].role, &card->games);
    }
    return known->cards;
}

static uint64_t seed_of(const struct table *table)
{
    uint64_t halves[2];
    memcpy(halves, table->event, sizeof halves);
    return halves[0] ^ halves[1];
}

struct table_known *table_read(const struct standings *standings, const struct table *table,
                               const struct table_wishes *wishes, struct arena *arena)
{
    struct table_known *known = arena_new(arena, struct table_known);
    if (!known) return NULL;
    memset(known, 0, sizeof *known);
    known->table = table;
    known->wishes = wishes;
    known->deals.slope = standings->slope;
    known->deals.seed = seed_of(table);
    if (!seat_players(standings, known, arena)) return NULL;
    known->fits = known->fits && lay_cards(standings, known);
    if (!known->fits || !wishes) return known;
    return line_up_waiting(standings, known, arena) && look_at_cards(standings, known, arena) ? known : NULL;
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
    return FORETELL_NINETY * deals->slope * sqrt(variance) / scale;
}

bool table_foretell(const struct table_known *known, struct table_told *told)
{
    struct deals_sum sum;
    *told = known->told;
    if (!known->fits || !deals_sum(&known->deals, DEALS, &sum)) return told->count = 0, false;
    const double by = doubt_of(&known->deals);
    for (size_t i = 0; i < told->count; i++) {
        told->sides[i].chance = sum.chances[i];
        told->sides[i].low = foretell_moved(sum.chances[i], -by);
        told->sides[i].high = foretell_moved(sum.chances[i], by);
    }
    told->unevenness = sum.unevenness;
    return true;
}
