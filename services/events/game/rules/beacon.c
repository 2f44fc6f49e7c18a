// Deals that depend on a block of the cluster: what they wait for, and what chain says of it.
#include <inttypes.h>

#include "services/events/game/rules/rules.h"

// Until then nobody goes without: who knows the secret could look at the block before it is finalized, and
// choose.
enum { GIVE_UP_AFTER_MS = 10 * 60 * 1000, LOOK_AGAIN_MS = 5000 };

void rules_add_beacon(struct game *game, struct entries *entries, int32_t k, const char *reason)
{
    ENTRY(entries, game, BEACON_WANTED, BeaconWanted, beacon_wanted, .k = k, .reason = reason);
}

static bool still_pending(int64_t left_ms, struct err *err)
{
    err_retry_after(err, left_ms);
    return false;
}

bool rules_need_beacon(const struct beacon *beacon, struct err *err)
{
    if (!beacon_is_awaited(beacon)) return true;
    if (beacon->slot)
        err_fail(err, BEACON_PENDING, "slot %" PRIu64 " of the cluster is not finalized yet", beacon->slot);
    else
        err_fail(err, BEACON_PENDING, "no slot of the cluster is named yet");
    return still_pending(LOOK_AGAIN_MS, err);
}

static bool may_give_up(const struct beacon *beacon, int64_t now_ms, struct err *err)
{
    int64_t left_ms = beacon->wanted_ms + GIVE_UP_AFTER_MS - now_ms;
    if (left_ms <= 0) return true;
    err_fail(err, BEACON_PENDING, "the deal can go without in %" PRId64 " s", (left_ms + 999) / 1000);
    return still_pending(left_ms, err);
}

bool rules_give_beacon_up(struct game *game, struct entries *entries, const char *reason, struct err *err)
{
    bool dealt = game->state == EVENTS__EVENT__STATE__REVEALED;
    const struct beacon *beacon = dealt ? &game->next_beacon : &game->beacon;
    if (!rules_need_not_over(game, err) || !rules_need_room(game, err)) return false;
    if ((!dealt && game->state != EVENTS__EVENT__STATE__LOCKED) || !beacon->k)
        return err_field(err, INVALID_FIELD, "without_beacon", "no beacon is waited for");
    if (!beacon_is_awaited(beacon)) return true;
    if (!may_give_up(beacon, entries->now_ms, err)) return false;
    ENTRY(entries, game, BEACON_GIVEN_UP, BeaconGivenUp, beacon_given_up, .k = beacon->k, .reason = reason);
    return true;
}

// ---- What chain says

// What another slot was named for came from a chain that was restored.
bool rules_beacon_is_news(const struct game *game, const Money__FromChain *said)
{
    const struct beacon *beacon;
    if (said->body_case == MONEY__FROM_CHAIN__BODY_BEACON_NAMED) {
        beacon = game_beacon(game, said->beacon_named->k);
        return beacon && beacon_is_awaited(beacon) && !beacon->slot && said->beacon_named->slot;
    }
    if (said->body_case != MONEY__FROM_CHAIN__BODY_BEACON_FOUND) return false;
    beacon = game_beacon(game, said->beacon_found->k);
    return beacon && beacon_is_awaited(beacon) && beacon->slot && beacon->slot == said->beacon_found->slot &&
           said->beacon_found->block_slot >= beacon->slot && said->beacon_found->hash.len == DEAL_HASH;
}

void rules_take_beacon(struct game *game, struct entries *entries, const Money__FromChain *said)
{
    if (said->body_case == MONEY__FROM_CHAIN__BODY_BEACON_NAMED) {
        ENTRY(entries, game, BEACON_NAMED, BeaconNamed, beacon_named, .k = (int32_t)said->beacon_named->k,
              .slot = said->beacon_named->slot);
        return;
    }
    const Money__BeaconFound *found = said->beacon_found;
    ENTRY(entries, game, BEACON_FOUND, BeaconFound, beacon_found, .k = (int32_t)found->k, .slot = found->slot,
          .block_slot = found->block_slot, .hash = found->hash);
}
