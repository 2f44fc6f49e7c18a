// What a viewer may see of players.
#include "services/events/game/view/view.h"

#include <string.h>

#include "services/events/game/status.h"

static unsigned visible_statuses(const struct statuses *statuses, const struct viewer *viewer, int person)
{
    if (viewer->god) return statuses->on;
    unsigned open = statuses->on & ~(unsigned)(STATUSES_HIDDEN | STATUSES_OWN);
    return viewer->person == person ? open | (statuses->on & STATUSES_OWN) | statuses->told : open;
}

static bool fill_statuses(Events__Player *player, const struct statuses *statuses, unsigned visible,
                          struct arena *arena)
{
    player->statuses = arena_array(arena, GAME_STATUSES, sizeof *player->statuses);
    if (!player->statuses) return false;
    for (int i = 1; i < GAME_STATUSES; i++) {
        if (!(visible >> i & 1)) continue;
        Events__Status *status = arena_new(arena, Events__Status);
        if (!status) return false;
        events__status__init(status);
        status->status = (Events__Status__Value)i;
        status->until_phase = statuses->until[i];
        player->statuses[player->n_statuses++] = status;
    }
    return true;
}

// The role and the side are the true ones for the god, the told ones for the player themselves, and for
// others what was opened of them.
Events__Player *view_player_then(const struct game *game, const struct viewer *viewer,
                                 const struct player_then *then, struct arena *arena)
{
    const struct person *person = &game->people[then->person];
    Events__Player *player = arena_new(arena, Events__Player);
    if (!player) return NULL;
    events__player__init(player);
    bool own = viewer->person == then->person;
    unsigned role = viewer->god ? then->role : own ? then->told_role : then->opened_role;
    unsigned side = viewer->god ? then->side : own ? then->told_side : then->opened_side;
    struct person at = {.statuses = then->statuses};
    player->user_id = arena_str(arena, person->user_id.text);
    player->username = arena_str(arena, person_name(person));
    player->guest = person->guest;
    player->seat = person->seat;
    player->alive = person_alive(&at);
    player->role_id = arena_str(arena, game_role_id(game, role));
    player->side_id = arena_str(arena, game_side_id(game, side));
    player->fouls = then->fouls;
    player->score = viewer->god ? person->score : 0;
    if (viewer->god) player->told_role_id = arena_str(arena, game_role_id(game, then->told_role));
    if (viewer->god) player->told_side_id = arena_str(arena, game_side_id(game, then->told_side));
    return fill_statuses(player, &then->statuses, visible_statuses(&then->statuses, viewer, then->person),
                         arena)
               ? player
               : NULL;
}

static void fill_left(Events__Player *player, const struct person *person, int32_t left)
{
    if (!person->card) return;
    player->abilities_left__case = EVENTS__PLAYER__ABILITIES_LEFT__ABILITIES_LEFT;
    player->abilities_left = left;
}

static bool fill_chained(Events__Player *player, const struct game *game, int person, struct arena *arena)
{
    size_t since = game->people[person].chained_since, count = game->chained_count - since;
    player->chained_to = arena_array(arena, count + 1, sizeof *player->chained_to);
    for (size_t i = since; player->chained_to && i < game->chained_count; i++)
        if (game->chained[i].from == person)
            player->chained_to[player->n_chained_to++] =
                arena_str(arena, game->people[game->chained[i].to].user_id.text);
    return player->chained_to;
}

Events__Player *view_player(const struct game *game, const struct viewer *viewer, int person,
                            struct arena *arena)
{
    struct player_then now = game_player_now(game, person);
    Events__Player *player = view_player_then(game, viewer, &now, arena);
    const struct person *of = &game->people[person];
    if (player && viewer->god) fill_left(player, of, of->abilities_left);
    if (player && !viewer->god && viewer->person == person) fill_left(player, of, of->told_left);
    const struct hold *hold = game_hold_of(game, person);
    if (player) player->account_id = arena_str(arena, person_account(of));
    if (player) player->held = hold && hold->state == HOLD_HELD;
    if (player && (viewer->god || viewer->person == person)) player->attendance = of->attendance;
    if (player && viewer->god) player->card_shown = of->card_shown;
    if (player && viewer->god && person_has(of, EVENTS__STATUS__VALUE__CHAINED) &&
        !fill_chained(player, game, person, arena))
        return NULL;
    return player;
}
