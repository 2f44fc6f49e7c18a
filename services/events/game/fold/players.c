// Players while the game is played: statuses, roles, sides, abilities, scores.
#include "services/events/game/fold/fold.h"

#include <string.h>

#include "services/events/game/status.h"

static struct audience audience_of_statuses(uint32_t on, uint32_t told, int person)
{
    if (on & STATUSES_PUBLIC) return AUDIENCE(PUBLIC);
    return (on & STATUSES_OWN) || told ? AUDIENCE_OF(PERSON, person) : AUDIENCE(GOD);
}

static bool known_status(int status) { return status > 0 && status < GAME_STATUSES; }

// Nobody holds them any more.
static void end_chains(struct game *game, int player)
{
    game->people[player].chained_since = (uint16_t)game->chained_count;
}

// DEFAULT ends everything; all viewers that saw something of it see it.
bool fold_status_set(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__StatusSet *set = entry->status_set;
    int player = game_player(game, set->user_id);
    if (player == GAME_NO_ONE || !known_status(set->status) || set->until_phase < 0 ||
        set->until_phase > INT16_MAX)
        return false;
    struct statuses *statuses = &game->people[player].statuses;
    if (set->status == EVENTS__STATUS__VALUE__DEFAULT) {
        *audience = audience_of_statuses(statuses->on, statuses->told, player);
        *statuses = (struct statuses){0};
        end_chains(game, player);
        return true;
    }
    statuses->on |= (uint16_t)(1U << set->status);
    if (set->until_phase > statuses->until[set->status])
        statuses->until[set->status] = (int16_t)set->until_phase;
    *audience = audience_of_statuses(1U << set->status, 0, player);
    return true;
}

// The player is told with everybody: their own view must not say less, or other.
bool fold_card_opened(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__CardOpened *opened = entry->card_opened;
    int player = game_player(game, opened->user_id);
    int role = game_find_role(game, opened->role_id), side = fold_side(game, opened->side_id);
    *audience = AUDIENCE(PUBLIC);
    if (player == GAME_NO_ONE || !game->dealt || !side || (*opened->role_id && !role)) return false;
    struct person *person = &game->people[player];
    person->opened_side = person->told_side = (uint8_t)side;
    if (!role) return true;
    person->opened_role = person->told_role = (uint16_t)role;
    person->told_left = person->abilities_left;
    return true;
}

bool fold_status_ended(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->status_ended->user_id);
    Events__Status__Value status = entry->status_ended->status;
    if (player == GAME_NO_ONE || !known_status(status) || !person_has(&game->people[player], status))
        return false;
    struct statuses *statuses = &game->people[player].statuses;
    *audience = audience_of_statuses(1U << status, statuses->told & 1U << status, player);
    statuses->on &= (uint16_t) ~(1U << status);
    statuses->told &= (uint16_t) ~(1U << status);
    statuses->until[status] = 0;
    if (status == EVENTS__STATUS__VALUE__CHAINED) end_chains(game, player);
    return true;
}

bool fold_role_changed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__RoleChanged *changed = entry->role_changed;
    int player = game_player(game, changed->user_id);
    int side = fold_side(game, changed->side_id);
    if (player == GAME_NO_ONE || !side || !game->dealt) return false;
    struct person *person = &game->people[player];
    if (changed->role) {
        int role = game_find_role(game, changed->role->role_id);
        if (!role && !fold_role(game, changed->role)) return false;
        if (!role) role = (int)game->roles_count;
        person->role = (uint16_t)role;
        person->abilities_left = (int16_t)game->roles[role - 1].abilities;
        person->statuses.on |= STATUS_BIT(ROLE_CHANGED);
    }
    if (side != person->side) person->statuses.on |= STATUS_BIT(SIDE_CHANGED);
    person->side = (uint8_t)side;
    *audience = AUDIENCE(GOD);
    return true;
}

bool fold_change_told(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->change_told->user_id);
    Events__Status__Value status = entry->change_told->status;
    if (player == GAME_NO_ONE) return false;
    struct person *person = &game->people[player];
    person->statuses.on |= (uint16_t)(1U << status & (STATUS_BIT(ROLE_CHANGED) | STATUS_BIT(SIDE_CHANGED)));
    person->statuses.told |= (uint16_t)(1U << status & (STATUS_BIT(ROLE_CHANGED) | STATUS_BIT(SIDE_CHANGED)));
    if (status == EVENTS__STATUS__VALUE__ROLE_CHANGED) {
        person->told_role = person->role;
        person->told_left = person->abilities_left;
    }
    person->told_side = person->side;
    *audience = AUDIENCE_OF(PERSON, player);
    return true;
}

// Games of older programs may have more uses than are kept.
static bool keep_use(struct game *game, const Game__Entry *entry, int player)
{
    if (game->uses_count == GAME_MAX_USES) return true;
    struct use *use = array_add(&game->uses, &game->uses_count, sizeof *use);
    if (!use) return false;
    use->time_ms = entry->time_ms;
    use->phase = (int32_t)game->phases_count;
    use->person = (uint16_t)player;
    use->target = (uint16_t)(game_player(game, entry->ability_used->target_id) + 1);
    use->left = (int16_t)entry->ability_used->left;
    return true;
}

// Uses of a role that the player was not told of would reveal it to them.
bool fold_ability_used(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->ability_used->user_id);
    int32_t left = entry->ability_used->left;
    if (player == GAME_NO_ONE || left < 0 || left > GAME_UNLIMITED) return false;
    struct person *person = &game->people[player];
    bool told = person->role == person->told_role;
    person->abilities_left = (int16_t)left;
    if (told) person->told_left = (int16_t)left;
    *audience = told ? AUDIENCE_OF(PERSON, player) : AUDIENCE(GOD);
    return keep_use(game, entry, player);
}

// Like uses; what is chained already is kept once.
static bool keep_chained(struct game *game, int player, int to)
{
    if (game->chained_count == GAME_MAX_CHAINED || game_is_chained(game, player, to)) return true;
    struct chained *chained = array_add(&game->chained, &game->chained_count, sizeof *chained);
    if (!chained) return false;
    *chained = (struct chained){(uint16_t)player, (uint16_t)to};
    return true;
}

bool fold_chained(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->chained->user_id), to = game_player(game, entry->chained->to_id);
    *audience = AUDIENCE(GOD);
    return player != GAME_NO_ONE && to != GAME_NO_ONE && keep_chained(game, player, to);
}

bool fold_last_move_drawn(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->last_move_drawn->user_id);
    if (player == GAME_NO_ONE) return false;
    *audience = AUDIENCE_OF(PERSON, player);
    for (size_t i = 0; i < game->moves_count; i++) {
        struct last_move_facts *move = &game->moves[i];
        if (move->left && strcmp(move->id.text, entry->last_move_drawn->last_move_id) == 0)
            return move->left--, true;
    }
    return false;
}

bool fold_scored(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->scored->user_id);
    if (player == GAME_NO_ONE || entry->scored->score < 0 || entry->scored->score > 255) return false;
    game->people[player].score = (int16_t)entry->scored->score;
    game->people[player].scored = true;
    *audience = AUDIENCE(GOD);
    return true;
}
