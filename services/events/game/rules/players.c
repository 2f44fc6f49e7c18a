// What the god records of a player: statuses, changes, abilities, chains, last entries, scores.
#include <string.h>

#include "services/events/game/rules/rules.h"
#include "services/events/game/status.h"

bool rules_need_player(const struct game *game, const char *user_id, int *player, struct err *err)
{
    *player = game_player(game, user_id);
    return *player != GAME_NO_ONE || err_fail(err, NOT_A_PLAYER, "this user is not a player of the event");
}

bool rules_need_running(const struct game *game, struct err *err)
{
    if (!rules_need_playing(game, err)) return false;
    return game->state == EVENTS__EVENT__STATE__RUNNING ||
           err_fail(err, EVENT_NOT_RUNNING, "the event is %s", rules_state_name(game->state));
}

static bool was_told(const struct person *person, Events__Status__Value status)
{
    bool role = status == EVENTS__STATUS__VALUE__ROLE_CHANGED;
    return person->statuses.told >> status & 1 && person->told_side == person->side &&
           (!role || (person->told_role == person->role && person->told_left == person->abilities_left));
}

static void tell_change(struct game *game, struct entries *entries, int player, Events__Status__Value status)
{
    const struct person *person = &game->people[player];
    if (was_told(person, status)) return;
    bool role = status == EVENTS__STATUS__VALUE__ROLE_CHANGED;
    struct uuid user_id = person->user_id, role_id;
    strcpy(role_id.text, game_role_id(game, role ? person->role : person->told_role));
    ENTRY(entries, game, CHANGE_TOLD, ChangeTold, change_told, .user_id = user_id.text, .status = status,
          .role_id = role_id.text, .side_id = game_side_id(game, person->side));
}

static bool has_already(const struct game *game, int player, Events__Status__Value status)
{
    const struct statuses *statuses = &game->people[player].statuses;
    if (status == EVENTS__STATUS__VALUE__DEFAULT) return !statuses->on && !statuses->told;
    return statuses->on >> status & 1 && statuses->until[status] >= status_until(game, status);
}

unsigned rules_voting_facts(const struct game *game, int player)
{
    const struct person *person = &game->people[player];
    bool alive = person_alive(person);
    return (unsigned)alive << 1 | (alive && !person_silenced(person));
}

static void add_card_opening(struct game *game, struct entries *entries, int player)
{
    const struct person *person = &game->people[player];
    bool with_role = game->terms.reveal_on_death == EVENTS__REVEAL_ON_DEATH__VALUE__ROLE;
    bool known = person->opened_side == person->side && (!with_role || person->opened_role == person->role);
    if (known || game->terms.reveal_on_death == EVENTS__REVEAL_ON_DEATH__VALUE__NONE) return;
    struct uuid user_id = person->user_id;
    ENTRY(entries, game, CARD_OPENED, CardOpened, card_opened, .user_id = user_id.text,
          .role_id = with_role ? game_role_id(game, person->role) : "",
          .side_id = game_side_id(game, person->side));
}

static void add_status_alone(struct game *game, struct entries *entries, int player,
                             Events__Status__Value status)
{
    struct uuid user_id = game->people[player].user_id;
    ENTRY(entries, game, STATUS_SET, StatusSet, status_set, .user_id = user_id.text, .status = status,
          .until_phase = status_until(game, status));
}

// Only a death opens the card: another status of one who is dead would tell what was changed since.
void rules_add_status(struct game *game, struct entries *entries, int player, Events__Status__Value status)
{
    const struct person *person = &game->people[player];
    bool alive = person_alive(person);
    add_status_alone(game, entries, player, status);
    if (alive && !person_alive(person)) add_card_opening(game, entries, player);
}

// A role given again has all its uses again.
static bool plays_already(const struct game *game, int player, const Game__RoleFacts *role, const char *side)
{
    const struct person *person = &game->people[player];
    const struct role_facts *mine = game_role(game, person->role);
    bool same = !role || (mine && strcmp(mine->id.text, role->role_id) == 0 &&
                          person->abilities_left == mine->abilities);
    return same && strcmp(game_side_id(game, person->side), side) == 0;
}

static bool check_change(const struct game *game, const struct player_update *update, struct err *err)
{
    bool known = !update->role || game_find_role(game, update->role->role_id);
    if (!known && game->roles_count == GAME_MAX_ROLES)
        return err_fail(err, LIMIT_REACHED, "too many roles came into the game");
    return game->sides_count + 2 <= GAME_MAX_SIDES ||
           err_fail(err, LIMIT_REACHED, "too many sides came into the game");
}

static void add_change(struct game *game, struct entries *entries, int player,
                       const struct player_update *update)
{
    const char *side = update->side_id || !update->role ? update->side_id : update->role->side_id;
    struct uuid user_id = game->people[player].user_id;
    if (!side || plays_already(game, player, update->role, side)) return;
    ENTRY(entries, game, ROLE_CHANGED, RoleChanged, role_changed, .user_id = user_id.text,
          .role = (Game__RoleFacts *)update->role, .side_id = side, .joins = entries->count > 0);
}

static bool tells_change(Events__Status__Value status)
{
    return status == EVENTS__STATUS__VALUE__ROLE_CHANGED || status == EVENTS__STATUS__VALUE__SIDE_CHANGED;
}

// A change is told after it was made. Any other status comes before it, because the hidden change is the
// entry that can say that both are one act; the card that a death opens is the one of after the change.
bool rules_update(struct game *game, struct entries *entries, const struct player_update *update,
                  struct err *err)
{
    int player;
    if (!rules_need_playing(game, err) || !rules_need_player(game, update->user_id, &player, err))
        return false;
    bool changes = update->role || update->side_id, tells = tells_change(update->status);
    if (changes && !check_change(game, update, err)) return false;
    const struct person *person = &game->people[player];
    unsigned before = rules_voting_facts(game, player);
    bool alive = person_alive(person);
    if (update->status && !tells && !has_already(game, player, update->status))
        add_status_alone(game, entries, player, update->status);
    add_change(game, entries, player, update);
    if (tells) tell_change(game, entries, player, update->status);
    if (alive && !person_alive(person)) add_card_opening(game, entries, player);
    if (rules_voting_facts(game, player) != before) rules_add_poll_change(game, entries);
    return true;
}

static void add_god_note(struct game *game, struct entries *entries, const char *user_id, const char *text)
{
    ENTRY(entries, game, NOTED, Noted, noted, .audience = EVENTS__NOTE__AUDIENCE__GOD, .text = text,
          .user_id = user_id, .joins = true);
}

bool rules_use_ability(struct game *game, struct entries *entries, const Events__UseAbilityRequest *use,
                       struct err *err)
{
    int player, target;
    if (!rules_need_running(game, err) || !rules_need_player(game, use->user_id, &player, err)) return false;
    if (use->target_id[0] && !rules_need_player(game, use->target_id, &target, err)) return false;
    int left = game->people[player].abilities_left;
    if (left == 0) return err_fail(err, ABILITY_SPENT, "no use of the role's ability is left");
    if (game->uses_count == GAME_MAX_USES)
        return err_fail(err, LIMIT_REACHED, "abilities are used at most %d times in a game", GAME_MAX_USES);
    if (use->note[0] && !rules_need_note(game, err)) return false;
    ENTRY(entries, game, ABILITY_USED, AbilityUsed, ability_used, .user_id = use->user_id,
          .target_id = use->target_id, .left = left == GAME_UNLIMITED ? left : left - 1);
    if (use->note[0]) add_god_note(game, entries, use->user_id, use->note);
    return true;
}

bool rules_chain(struct game *game, struct entries *entries, const char *user_id, const char *to_id,
                 struct err *err)
{
    int player, to;
    if (!rules_need_playing(game, err) || !rules_need_player(game, user_id, &player, err)) return false;
    if (!rules_need_player(game, to_id, &to, err)) return false;
    if (player == to) return err_field(err, INVALID_FIELD, "to_id", "a player is not chained to himself");
    bool chained = game_is_chained(game, player, to),
         first = !person_has(&game->people[player], EVENTS__STATUS__VALUE__CHAINED);
    if (!chained && game->chained_count == GAME_MAX_CHAINED)
        return err_fail(err, LIMIT_REACHED, "a game has at most %d chains", GAME_MAX_CHAINED);
    if (first)
        ENTRY(entries, game, STATUS_SET, StatusSet, status_set, .user_id = user_id,
              .status = EVENTS__STATUS__VALUE__CHAINED);
    if (!chained)
        ENTRY(entries, game, CHAINED, Chained, chained, .user_id = user_id, .to_id = to_id, .joins = first);
    return true;
}

bool rules_draw(struct game *game, struct entries *entries, const char *user_id, struct uuid *last_move_id,
                struct err *err)
{
    int player;
    if (!rules_need_running(game, err) || !rules_need_player(game, user_id, &player, err)) return false;
    uint32_t left = 0;
    for (size_t i = 0; i < game->moves_count; i++) left += (uint32_t)game->moves[i].left;
    if (left == 0) return err_fail(err, NO_LAST_MOVE_LEFT, "every last-move card of the deck is drawn");
    int64_t pick = entries_random_below(entries, left);
    size_t drawn = 0;
    for (; pick >= game->moves[drawn].left; drawn++) pick -= game->moves[drawn].left;
    *last_move_id = game->moves[drawn].id;
    ENTRY(entries, game, LAST_MOVE_DRAWN, LastMoveDrawn, last_move_drawn, .user_id = user_id,
          .last_move_id = last_move_id->text);
    return true;
}

bool rules_score(struct game *game, struct entries *entries, const char *user_id, int32_t score,
                 struct err *err)
{
    int player;
    if (!rules_need_playing(game, err) || !rules_need_player(game, user_id, &player, err)) return false;
    if (game->people[player].scored && game->people[player].score == score) return true;
    ENTRY(entries, game, SCORED, Scored, scored, .user_id = user_id, .score = score);
    return true;
}
