// Accounts that took over guests' seats. The person keeps the guest's id in this event, in entries and in the
// deal.
#include "services/events/game/fold/fold.h"

#include <string.h>

static bool fold_bind(struct game *game, int person, const char *user_id)
{
    uint32_t *bound = idmap_add(&game->claims, user_id);
    if (!bound || !fold_id(&game->people[person].account, user_id)) return false;
    *bound = (uint32_t)person + 1;
    return true;
}

// The account stays noted: it is told what comes of the seat.
void fold_unbind(struct game *game, int person)
{
    uint32_t *bound = idmap_find(&game->claims, game->people[person].account.text);
    if (game->people[person].account.text[0] && bound && *bound == (uint32_t)person + 1) *bound = 0;
}

bool fold_guest_claimed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__GuestClaimed *claimed = entry->guest_claimed;
    int person = game_player(game, claimed->guest_id);
    *audience = AUDIENCE(PUBLIC);
    if (person == GAME_NO_ONE || !game->people[person].guest) return false;
    if (game_takes_part(game, game_person(game, claimed->user_id))) return false;
    if (!fold_bind(game, person, claimed->user_id)) return false;
    game->people[person].guest = false;
    game->people[person].is_known = false; // so that the name is looked up
    game->claim_changes++;
    return true;
}

bool fold_guest_unclaimed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int person = game_player(game, entry->guest_unclaimed->guest_id);
    *audience = AUDIENCE(PUBLIC);
    if (person == GAME_NO_ONE || !game->people[person].account.text[0]) return false;
    if (game->dealt && !fold_seen(game, game->people[person].account.text)) return false;
    fold_unbind(game, person);
    game->people[person].account = (struct uuid){{0}};
    game->people[person].guest = true;
    game->people[person].is_known = false;
    game->claim_changes++;
    return true;
}

bool fold_seen(struct game *game, const char *user_id)
{
    if (game_has_seen(game, user_id)) return true;
    struct uuid *seen = array_add(&game->seen, &game->seen_count, sizeof *seen);
    return seen && fold_id(seen, user_id);
}
