#include "services/events/live/snapshot/snapshot_beacons.h"

#include "services/events/game/fold/fold.h"
#include "services/events/live/snapshot/snapshot_parts.h"

static Game__Snapshot__Beacon *save_beacon(const struct beacon *beacon, struct arena *arena)
{
    Game__Snapshot__Beacon saved = GAME__SNAPSHOT__BEACON__INIT;
    if (!beacon->k) return NULL;
    saved.k = beacon->k;
    saved.wanted_ms = beacon->wanted_ms;
    saved.slot = beacon->slot;
    saved.block_slot = beacon->block;
    if (beacon->block) saved.hash = snapshot_bytes(beacon->hash, DEAL_HASH);
    if (beacon->given_up) saved.given_up = beacon->given_up;
    return arena_copy(arena, &saved, sizeof saved);
}

void snapshot_save_beacons(Game__Snapshot *saved, const struct game *game, struct arena *arena)
{
    saved->beacon_from = game->beacon_from;
    saved->beacon = save_beacon(&game->beacon, arena);
    saved->next_beacon = save_beacon(&game->next_beacon, arena);
}

static bool beacon_fits(const Game__Snapshot__Beacon *saved, int32_t k)
{
    bool found = saved->block_slot;
    return saved->k == k && saved->wanted_ms >= 0 &&
           (!found || (saved->slot && saved->block_slot >= saved->slot && !saved->given_up[0]));
}

static bool restore_beacon(struct beacon *beacon, const Game__Snapshot__Beacon *saved, int32_t k)
{
    if (!saved) return true;
    if (!beacon_fits(saved, k)) return false;
    beacon->k = saved->k;
    beacon->wanted_ms = saved->wanted_ms;
    beacon->slot = saved->slot;
    beacon->block = saved->block_slot;
    return (!beacon->block || fold_hash(beacon->hash, &saved->hash)) &&
           (!saved->given_up[0] || fold_text(&beacon->given_up, saved->given_up));
}

bool snapshot_restore_beacons(struct game *game, const Game__Snapshot *saved)
{
    bool open = game->state == EVENTS__EVENT__STATE__OPEN;
    game->beacon_from = saved->beacon_from;
    if ((open && saved->beacon) || (!game->dealt && saved->next_beacon)) return false;
    return saved->beacon_from <= saved->seq && restore_beacon(&game->beacon, saved->beacon, game->k) &&
           restore_beacon(&game->next_beacon, saved->next_beacon, game->k + 1);
}
