// The blocks of the cluster that deals depend on.
#include "services/events/game/fold/fold.h"

// Of a deal that is locked, or of the next one while a deal may be taken back.
bool fold_beacon_wanted(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const int32_t k = entry->beacon_wanted->k;
    bool locked = game->state == EVENTS__EVENT__STATE__LOCKED && k == game->k,
         dealt = game->state == EVENTS__EVENT__STATE__REVEALED && k == game->k + 1;
    struct beacon *beacon = locked ? &game->beacon : &game->next_beacon;
    *audience = AUDIENCE(PUBLIC);
    if ((!locked && !dealt) || beacon->k) return false;
    beacon->k = k;
    beacon->wanted_ms = entry->time_ms;
    if (!game->beacon_from) game->beacon_from = game->chain.seq;
    return true;
}

static struct beacon *awaited_beacon(struct game *game, int32_t k)
{
    struct beacon *beacon = k > 0 ? game_beacon(game, (uint32_t)k) : NULL;
    return beacon && beacon_is_awaited(beacon) ? beacon : NULL;
}

bool fold_beacon_named(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct beacon *beacon = awaited_beacon(game, entry->beacon_named->k);
    *audience = AUDIENCE(PUBLIC);
    if (!beacon || beacon->slot || !entry->beacon_named->slot) return false;
    beacon->slot = entry->beacon_named->slot;
    return true;
}

bool fold_beacon_found(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__BeaconFound *found = entry->beacon_found;
    struct beacon *beacon = awaited_beacon(game, found->k);
    *audience = AUDIENCE(PUBLIC);
    if (!beacon || !beacon->slot || beacon->slot != found->slot || found->block_slot < found->slot)
        return false;
    beacon->block = found->block_slot;
    return fold_hash(beacon->hash, &found->hash);
}

bool fold_beacon_given_up(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct beacon *beacon = awaited_beacon(game, entry->beacon_given_up->k);
    *audience = AUDIENCE(PUBLIC);
    return beacon && entry->beacon_given_up->reason[0] &&
           fold_text(&beacon->given_up, entry->beacon_given_up->reason);
}

void fold_beacon_burn(struct game *game)
{
    static const struct beacon none;
    beacon_finish(&game->beacon);
    game->beacon = game->next_beacon;
    game->next_beacon = none;
}
