#include "services/ai/standings/outcomes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"
#include "services/ai/standings/lists.h"

#define ROLE_PRIOR 4.0 // how much is known of a role before its first game: that it matters little

void outcomes_finish(struct outcomes *outcomes)
{
    free(outcomes->open);
    free(outcomes->roles);
    idmap_finish(&outcomes->by_role);
    *outcomes = (struct outcomes){.open_count = 0};
}

static bool is_id(const ProtobufCBinaryData *bytes) { return bytes->len == OUTCOMES_ID; }

uint32_t outcomes_winner(const Standings__Game *game)
{
    uint32_t winner = 0;
    for (uint32_t i = 0; i < game->n_sides; i++) {
        if (!game->sides[i]->won) continue;
        if (winner) return 0;
        winner = i + 1;
    }
    return winner;
}

static double held_chance(double chance) { return fmin(fmax(chance, 0), 1); }

static void tally_add(struct outcomes_tally *tally, double told, bool won)
{
    const double chance = held_chance(told);
    const int at = (int)(chance * OUTCOMES_BINS);
    struct outcomes_bin *bin = &tally->bins[at < OUTCOMES_BINS ? at : OUTCOMES_BINS - 1];
    bin->count++;
    bin->won += won;
    bin->chances += chance;
    tally->brier += (won - chance) * (won - chance);
}

// ---- Forecasts of games that have not ended

bool outcomes_check(const Standings__Foretold *told)
{
    if (!is_id(&told->event_id) || told->n_chances > OUTCOMES_SIDES) return false;
    for (size_t i = 0; i < told->n_chances; i++)
        if (!is_id(&told->chances[i]->side_id) || !(told->chances[i]->chance >= 0) ||
            told->chances[i]->chance > 1)
            return false;
    return true;
}

// The count when nothing was foretold of it.
static size_t find_open(const struct outcomes *outcomes, const uint8_t event[OUTCOMES_ID])
{
    size_t at = 0;
    while (at < outcomes->open_count && memcmp(outcomes->open[at].event, event, OUTCOMES_ID) != 0) at++;
    return at;
}

static void drop_open(struct outcomes *outcomes, size_t at)
{
    if (at >= outcomes->open_count) return;
    outcomes->open_count--;
    memmove(&outcomes->open[at], &outcomes->open[at + 1],
            (outcomes->open_count - at) * sizeof *outcomes->open);
}

bool outcomes_expect(struct outcomes *outcomes, const Standings__Foretold *told)
{
    drop_open(outcomes, find_open(outcomes, told->event_id.data));
    if (!told->n_chances) return true;
    if (outcomes->open_count == OUTCOMES_OPEN) drop_open(outcomes, 0);
    struct outcomes_game *all =
        list_with_room(outcomes->open, outcomes->open_count, &outcomes->open_room, sizeof *outcomes->open);
    if (!all) return false;
    outcomes->open = all;
    struct outcomes_game *game = &all[outcomes->open_count++];
    *game = (struct outcomes_game){.count = told->n_chances};
    memcpy(game->event, told->event_id.data, OUTCOMES_ID);
    for (size_t i = 0; i < told->n_chances; i++) {
        memcpy(game->chances[i].side, told->chances[i]->side_id.data, OUTCOMES_ID);
        game->chances[i].chance = told->chances[i]->chance;
    }
    return true;
}

static void settle_open(struct outcomes *outcomes, const Standings__Game *game, uint32_t winner)
{
    const size_t at = find_open(outcomes, game->event_id.data);
    if (at == outcomes->open_count) return;
    const struct outcomes_game *told = &outcomes->open[at];
    for (size_t i = 0; winner && i < told->count; i++)
        tally_add(&outcomes->kept, told->chances[i].chance,
                  memcmp(told->chances[i].side, game->sides[winner - 1]->side_id.data, OUTCOMES_ID) == 0);
    drop_open(outcomes, at);
}

// ---- Roles

static uint32_t place_of_role(const struct outcomes *outcomes, const uint8_t role[OUTCOMES_ID])
{
    const struct uuid text = uuid_text(role);
    const uint32_t *at = idmap_find(&outcomes->by_role, text.text);
    return at ? *at : 0;
}

double outcomes_role_effect(const struct outcomes *outcomes, const uint8_t role[OUTCOMES_ID], uint32_t *games)
{
    const uint32_t place = place_of_role(outcomes, role);
    const struct outcomes_role *known = place ? &outcomes->roles[place - 1] : NULL;
    *games = known ? known->games : 0;
    return known ? known->gained / (known->known + ROLE_PRIOR) : 0;
}

static struct outcomes_role *add_role(struct outcomes *outcomes, const uint8_t role[OUTCOMES_ID])
{
    const struct uuid text = uuid_text(role);
    struct outcomes_role *roles =
        list_with_room(outcomes->roles, outcomes->role_count, &outcomes->role_room, sizeof *outcomes->roles);
    if (!roles) return NULL;
    outcomes->roles = roles;
    uint32_t *place = idmap_add(&outcomes->by_role, text.text);
    if (!place) return NULL;
    struct outcomes_role *added = &roles[outcomes->role_count++];
    *place = (uint32_t)outcomes->role_count;
    *added = (struct outcomes_role){.games = 0};
    memcpy(added->role, role, OUTCOMES_ID);
    return added;
}

static const uint8_t *role_of(const Standings__Game__Player *player)
{
    return player->side && player->fate && is_id(&player->fate->role_id) ? player->fate->role_id.data : NULL;
}

// A role that several of a side have counts once.
static bool is_first(const Standings__Game *game, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        const uint8_t *other = role_of(game->players[i]);
        if (other && game->players[i]->side == game->players[at]->side &&
            memcmp(other, role_of(game->players[at]), OUTCOMES_ID) == 0)
            return false;
    }
    return true;
}

static bool note_roles(struct outcomes *outcomes, const Standings__Game *game)
{
    for (size_t i = 0; i < game->n_players; i++) {
        const uint8_t *role = role_of(game->players[i]);
        if (!role || !is_first(game, i)) continue;
        const uint32_t place = place_of_role(outcomes, role);
        struct outcomes_role *known = place ? &outcomes->roles[place - 1] : add_role(outcomes, role);
        if (!known) return false;
        const Standings__Game__Side *side = game->sides[game->players[i]->side - 1];
        const double chance = held_chance(side->chance);
        known->games++;
        known->gained += side->won - chance;
        known->known += chance * (1 - chance);
    }
    return true;
}

// Of sides that win together no chance was foretold.
bool outcomes_note(struct outcomes *outcomes, const Standings__Game *game)
{
    const uint32_t winner = game->verdict ? 0 : outcomes_winner(game);
    settle_open(outcomes, game, winner);
    if (!winner) return true;
    for (size_t i = 0; i < game->n_sides; i++)
        tally_add(&outcomes->dealt, game->sides[i]->chance, game->sides[i]->won);
    return note_roles(outcomes, game);
}

// ---- Snapshots

static bool save_bins(const struct outcomes_tally *tally, Standings__Snapshot__Bin ***list, size_t *count,
                      struct arena *arena)
{
    Standings__Snapshot__Bin *rows = list_of_messages(arena, OUTCOMES_BINS, sizeof *rows, (void ***)list);
    for (size_t i = 0; rows && i < OUTCOMES_BINS; i++) {
        standings__snapshot__bin__init(&rows[i]);
        rows[i].count = tally->bins[i].count;
        rows[i].won = tally->bins[i].won;
        rows[i].chances = tally->bins[i].chances;
    }
    *count = OUTCOMES_BINS;
    return rows;
}

static bool save_game(const struct outcomes_game *game, Standings__Foretold *row, struct arena *arena)
{
    Standings__Foretold__Chance *chances =
        list_of_messages(arena, game->count, sizeof *chances, (void ***)&row->chances);
    row->event_id = (ProtobufCBinaryData){OUTCOMES_ID, (uint8_t *)game->event};
    for (; chances && row->n_chances < game->count; row->n_chances++) {
        Standings__Foretold__Chance *chance = &chances[row->n_chances];
        standings__foretold__chance__init(chance);
        chance->side_id = (ProtobufCBinaryData){OUTCOMES_ID, (uint8_t *)game->chances[row->n_chances].side};
        chance->chance = game->chances[row->n_chances].chance;
    }
    return chances;
}

static bool save_open(const struct outcomes *outcomes, struct arena *arena, Standings__Snapshot *snapshot)
{
    Standings__Foretold *rows =
        list_of_messages(arena, outcomes->open_count, sizeof *rows, (void ***)&snapshot->foretold);
    for (; rows && snapshot->n_foretold < outcomes->open_count; snapshot->n_foretold++) {
        standings__foretold__init(&rows[snapshot->n_foretold]);
        if (!save_game(&outcomes->open[snapshot->n_foretold], &rows[snapshot->n_foretold], arena))
            return false;
    }
    return rows;
}

static bool save_roles(const struct outcomes *outcomes, struct arena *arena, Standings__Snapshot *snapshot)
{
    Standings__Snapshot__Role *rows =
        list_of_messages(arena, outcomes->role_count, sizeof *rows, (void ***)&snapshot->roles);
    for (size_t i = 0; rows && i < outcomes->role_count; i++) {
        standings__snapshot__role__init(&rows[i]);
        rows[i].role_id = (ProtobufCBinaryData){OUTCOMES_ID, outcomes->roles[i].role};
        rows[i].games = outcomes->roles[i].games;
        rows[i].gained = outcomes->roles[i].gained;
        rows[i].known = outcomes->roles[i].known;
    }
    snapshot->n_roles = outcomes->role_count;
    return rows;
}

bool outcomes_save(const struct outcomes *outcomes, struct arena *arena, Standings__Snapshot *snapshot)
{
    snapshot->brier = outcomes->dealt.brier;
    snapshot->kept_brier = outcomes->kept.brier;
    return save_bins(&outcomes->dealt, &snapshot->bins, &snapshot->n_bins, arena) &&
           save_bins(&outcomes->kept, &snapshot->kept_bins, &snapshot->n_kept_bins, arena) &&
           save_open(outcomes, arena, snapshot) && save_roles(outcomes, arena, snapshot);
}

static bool load_bins(struct outcomes_tally *tally, Standings__Snapshot__Bin *const *rows, size_t count)
{
    if (count != OUTCOMES_BINS) return false;
    for (size_t i = 0; i < OUTCOMES_BINS; i++)
        tally->bins[i] = (struct outcomes_bin){rows[i]->count, rows[i]->won, rows[i]->chances};
    return true;
}

static bool load_open(struct outcomes *outcomes, const Standings__Snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->n_foretold; i++)
        if (!outcomes_check(snapshot->foretold[i]) || !outcomes_expect(outcomes, snapshot->foretold[i]))
            return false;
    return true;
}

static bool load_roles(struct outcomes *outcomes, const Standings__Snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->n_roles; i++) {
        const Standings__Snapshot__Role *row = snapshot->roles[i];
        struct outcomes_role *role = is_id(&row->role_id) ? add_role(outcomes, row->role_id.data) : NULL;
        if (!role) return false;
        role->games = row->games;
        role->gained = row->gained;
        role->known = row->known;
    }
    return true;
}

bool outcomes_load(struct outcomes *outcomes, const Standings__Snapshot *snapshot)
{
    outcomes->dealt.brier = snapshot->brier;
    outcomes->kept.brier = snapshot->kept_brier;
    return load_bins(&outcomes->dealt, snapshot->bins, snapshot->n_bins) &&
           load_bins(&outcomes->kept, snapshot->kept_bins, snapshot->n_kept_bins) &&
           load_open(outcomes, snapshot) && load_roles(outcomes, snapshot);
}
