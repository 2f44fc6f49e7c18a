#include "services/events/live/snapshot/snapshot_holds.h"

#include <string.h>

#include "services/events/game/fold/fold.h"
#include "services/events/live/snapshot/snapshot_parts.h"

static void save_hold(Game__Snapshot__Hold *saved, const struct hold *hold, struct arena *arena)
{
    saved->id = hold->id.text;
    saved->person = hold->person;
    saved->price = price_message(&hold->price, arena);
    saved->state = hold->state;
    saved->ends_ms = hold->ends_ms;
    saved->ends_by = hold->ends_by;
    saved->comp = hold->comp;
    saved->settled = hold->settled;
    saved->final = hold->final;
    saved->waits = hold->waits;
    saved->seq = hold->seq;
}

static void save_told(Game__Snapshot *saved, const struct payments_told *told, struct arena *arena)
{
    Game__PaymentTold message = GAME__PAYMENT_TOLD__INIT;
    message.generation = told->generation;
    message.seq = told->seq;
    saved->told = arena_copy(arena, &message, sizeof message);
}

void snapshot_save_holds(Game__Snapshot *saved, const struct game *game, struct arena *arena)
{
    saved->acted_ms = game->acted_ms;
    saved->locking = game->locking;
    saved->end_taken_back = game->end_taken_back;
    saved->cluster_address = game->cluster_address;
    saved->earliest_start_ms = game->earliest_start_ms;
    if (game->told.seq) save_told(saved, &game->told, arena);
    if (!game->holds_count) return;
    saved->holds =
        snapshot_messages(arena, &game__snapshot__hold__descriptor, game->holds_count, &saved->n_holds);
    for (size_t i = 0; i < saved->n_holds; i++) save_hold(saved->holds[i], &game->holds[i], arena);
}

static bool hold_fits(const struct game *game, const Game__Snapshot__Hold *saved)
{
    return snapshot_within(saved->person, game->people_count) &&
           snapshot_within(saved->state, HOLD_CLOSED + 1) &&
           snapshot_within(saved->ends_by, MONEY__SEAT_ENDING__BY__KICKED_REFUNDED + 1) &&
           saved->ends_ms >= 0 && saved->seq <= game->chain.seq && game->holds_count < GAME_MAX_HOLDS;
}

static bool restore_hold(struct game *game, const Game__Snapshot__Hold *saved)
{
    if (!hold_fits(game, saved)) return false;
    struct hold *hold = array_add(&game->holds, &game->holds_count, sizeof *hold);
    if (!hold) return false;
    hold->person = (uint16_t)saved->person;
    hold->state = (uint8_t)saved->state;
    hold->ends_ms = saved->ends_ms;
    hold->ends_by = (uint8_t)saved->ends_by;
    hold->comp = saved->comp;
    hold->settled = saved->settled;
    hold->final = saved->final;
    hold->waits = saved->waits;
    hold->seq = saved->seq;
    return price_read(&hold->price, saved->price) && fold_id(&hold->id, saved->id);
}

// Each of the people who has a hold has one of their own.
static bool are_theirs(const struct game *game)
{
    for (size_t i = 0; i < game->people_count; i++) {
        unsigned hold = game->people[i].hold;
        if (hold && (hold > game->holds_count || game->holds[hold - 1].person != i)) return false;
    }
    return true;
}

bool snapshot_restore_holds(struct game *game, const Game__Snapshot *saved)
{
    size_t address = strlen(saved->cluster_address);
    bool ok = saved->acted_ms >= 0 && address < sizeof game->cluster_address;
    if (ok) memcpy(game->cluster_address, saved->cluster_address, address + 1);
    game->earliest_start_ms = saved->earliest_start_ms;
    ok &= !game_is_on_cluster(game) || game->earliest_start_ms; // of format 7 and before: it is made anew
    game->acted_ms = saved->acted_ms;
    game->locking = saved->locking;
    game->end_taken_back = saved->end_taken_back;
    if (saved->told) game->told = (struct payments_told){saved->told->generation, saved->told->seq};
    for (size_t i = 0; ok && i < saved->n_holds; i++) ok = restore_hold(game, saved->holds[i]);
    return ok && are_theirs(game);
}
