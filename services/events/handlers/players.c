// What the god records of players while the game is played.
#include <string.h>

#include "services/events/catalogue/catalogue.h"
#include "services/events/catalogue/decks.h"
#include "services/events/handlers/handlers.h"
#include "services/events/handlers/pages.h"
#include "services/events/handlers/titles.h"
#include "services/events/tables.h"
#include "services/events/topics/places.h"

// A disabled item stays in the games that have it, and enters no other.
static bool check_role(struct command *command, const char *role_id, struct err *err)
{
    const Events__Role *role = (const Events__Role *)catalogue_find(command->events->catalogue, EVENTS_ROLES,
                                                                    role_id, command->call->arena);
    return !role || !role->disabled || game_find_role(command->game, role_id) ||
           err_field(err, INVALID_FIELD, "role_id", "this role is disabled");
}

static bool check_side(struct command *command, const char *side_id, struct err *err)
{
    const Events__Side *side = (const Events__Side *)catalogue_find(command->events->catalogue, EVENTS_SIDES,
                                                                    side_id, command->call->arena);
    if (!side) return err_field(err, INVALID_FIELD, "side_id", "there is no such side");
    return !side->disabled || game_has_side(command->game, side_id) ||
           err_field(err, INVALID_FIELD, "side_id", "this side is disabled");
}

static bool find_update(struct command *command, const Events__UpdatePlayerRequest *request,
                        struct player_update *update, struct err *err)
{
    Game__RoleFacts *role = NULL;
    if (request->role_id__case &&
        !(role_facts_find(command->events, request->role_id, command->call->arena, &role, err) &&
          check_role(command, request->role_id, err)))
        return false;
    if (request->side_id__case && !check_side(command, request->side_id, err)) return false;
    *update = (struct player_update){.user_id = request->user_id,
                                     .status = request->status__case ? request->status : 0,
                                     .role = role,
                                     .side_id = request->side_id__case ? request->side_id : NULL};
    return true;
}

bool players_reply(struct command *command, const char *user_id, Events__PlayerReply *reply, struct err *err)
{
    int player;
    struct arena *arena = command->call->arena;
    struct viewer viewer = view_as_god(command->game);
    if (!rules_need_player(command->game, user_id, &player, err)) return false;
    reply->player = command->entries.failed ? NULL : view_player(command->game, &viewer, player, arena);
    bool ok = reply->player && titles_player(command->events, reply->player, arena);
    return ok ? command_commit(command, &reply->base, err) : filled(NULL, err);
}

// A change of role or side is told to the player when the status that says so is set, with it or later.
HANDLER(update_player, Events__UpdatePlayerRequest, Events__PlayerReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    struct player_update update;
    if (!command_begin(&command, err) || !find_update(&command, request, &update, err) ||
        !rules_update(command.game, &command.entries, &update, err))
        return false;
    return players_reply(&command, request->user_id, reply, err);
}

HANDLER(use_ability, Events__UseAbilityRequest, Events__UseAbilityReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err) || !rules_use_ability(command.game, &command.entries, request, err))
        return false;
    reply->left = command.game->people[game_player(command.game, request->user_id)].abilities_left;
    return command_commit(&command, &reply->base, err);
}

HANDLER(chain_player, Events__ChainRequest, Google__Protobuf__Empty)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           rules_chain(command.game, &command.entries, request->user_id, request->to_id, err) &&
           command_commit(&command, &reply->base, err);
}

HANDLER(add_note, Events__NoteRequest, Google__Protobuf__Empty)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) && rules_note(command.game, &command.entries, request, err) &&
           command_commit(&command, &reply->base, err);
}

HANDLER(list_notes, Events__ListNotesRequest, Events__ListNotesReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    struct view_page page;
    if (!command_begin(&command, err) || !command_look(&command, err) ||
        !page_choose(&page, request->page_size, request->page_token,
                     view_notes_count(command.game, &command.viewer), err))
        return false;
    place_tell(&command);
    bool ok = view_notes_page(command.game, &command.viewer, &page, reply, call->arena);
    return ok ? page_token(&page, &reply->next_page_token, call->arena, err) : filled(NULL, err);
}

HANDLER(list_uses, Events__ListUsesRequest, Events__ListUsesReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    struct view_page page;
    if (!command_begin(&command, err) || !command_look(&command, err) ||
        !page_choose(&page, request->page_size, request->page_token, command.game->uses_count, err))
        return false;
    place_tell(&command);
    bool ok = view_uses(command.game, &page, reply, call->arena);
    return ok ? page_token(&page, &reply->next_page_token, call->arena, err) : filled(NULL, err);
}

HANDLER(add_table_note, Events__TableNoteRequest, Google__Protobuf__Empty)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) && rules_table_note(command.game, &command.entries, request, err) &&
           command_commit(&command, &reply->base, err);
}

HANDLER(draw_last_move, Events__SeatRequest, Events__LastMoveDrawReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    struct uuid drawn;
    if (!command_begin(&command, err)) return false;
    if (!rules_draw(command.game, &command.entries, request->user_id, &drawn, err)) return false;
    reply->last_move = (Events__LastMove *)catalogue_find(command.events->catalogue, EVENTS_LAST_MOVES,
                                                          drawn.text, call->arena);
    return filled(reply->last_move, err) && command_commit(&command, &reply->base, err);
}

HANDLER(score_player, Events__ScoreRequest, Google__Protobuf__Empty)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           rules_score(command.game, &command.entries, request->user_id, request->score, err) &&
           command_commit(&command, &reply->base, err);
}

HANDLER(undo_act, Events__UndoRequest, Events__EventReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) && rules_undo(command.game, &command.entries, request->seq, err) &&
           events_reply(&command, reply, err);
}

const struct rpc_method player_methods[] = {
    RPC_METHOD("events.UpdatePlayer", update_player),
    RPC_METHOD("events.UseAbility", use_ability),
    RPC_METHOD("events.ChainPlayer", chain_player),
    RPC_METHOD("events.AddNote", add_note),
    RPC_METHOD("events.AddTableNote", add_table_note),
    RPC_METHOD("events.ListNotes", list_notes),
    RPC_METHOD("events.ListUses", list_uses),
    RPC_METHOD("events.DrawLastMove", draw_last_move),
    RPC_METHOD("events.ScorePlayer", score_player),
    RPC_METHOD("events.Undo", undo_act),
    {0},
};
