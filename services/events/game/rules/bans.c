// Whom the event keeps out.
#include <string.h>

#include "services/events/game/rules/rules.h"

static bool may_ban(const struct game *game, const struct banned *banned, struct err *err)
{
    int person = game_person(game, banned->user_id);
    if (!rules_need_not_over(game, err) || !rules_need_room(game, err)) return false;
    if (strcmp(game->god_id.text, banned->user_id) == 0 ||
        game_assistant(game, banned->user_id) != GAME_NO_ONE)
        return err_field(err, INVALID_FIELD, banned->field, "who leads the event is not banned from it");
    if (person != GAME_NO_ONE && game->people[person].guest)
        return err_field(err, INVALID_FIELD, banned->field,
                         "a guest has no account; it is enough to take their seat back");
    return game_ban(game, banned->user_id) || game->bans_count < GAME_MAX_BANS ||
           err_fail(err, LIMIT_REACHED, "an event has at most %d bans", GAME_MAX_BANS);
}

// Whoever has a seat when the cards are dealt, or when the roster is frozen, keeps it; the ban counts when
// they come again. Who waits does not: they would move up to a seat.
static bool free_seat_of(struct game *game, struct entries *entries, const char *user_id,
                         const struct deal_secrets *secrets, struct err *err)
{
    int person = game_person(game, user_id);
    bool waits = game_waiting_place(game, person),
         stays = (rules_roster_frozen(game) && !waits) ||
                 (game->state != EVENTS__EVENT__STATE__OPEN && game->state != EVENTS__EVENT__STATE__LOCKED);
    return stays || !game_takes_part(game, person) || rules_leave(game, entries, user_id, secrets, err);
}

bool rules_ban(struct game *game, struct entries *entries, const struct banned *banned,
               const struct deal_secrets *secrets, struct err *err)
{
    if (!may_ban(game, banned, err)) return false;
    const struct ban *ban = game_ban(game, banned->user_id);
    if (ban && strcmp(ban->reason, banned->reason) == 0) return true;
    if (!free_seat_of(game, entries, banned->user_id, secrets, err)) return false;
    ENTRY(entries, game, BANNED, Banned, banned, .user_id = banned->user_id, .username = banned->username,
          .reason = banned->reason);
    return true;
}

bool rules_unban(struct game *game, struct entries *entries, const char *user_id, struct err *err)
{
    if (!rules_need_not_over(game, err) || !rules_need_room(game, err)) return false;
    if (!game_ban(game, user_id)) return true;
    ENTRY(entries, game, UNBANNED, Unbanned, unbanned, .user_id = user_id);
    return true;
}
