// The game as it runs: phases and what the god records of players.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "services/events/catalogue/catalogue.h"
#include "services/events/catalogue/decks.h"
#include "services/events/handlers/handlers.h"
#include "services/events/handlers/packed.h"
#include "services/events/live/reports.h"
#include "services/events/topics/event_log.h"
#include "services/events/tables.h"

enum { PHASES_PAGE = 20, PHASES_PAGE_BYTES = 128 << 10 };

static bool reply_phase(struct command *command, Events__PhaseReply *reply, struct err *err)
{
    reply->phase = command->entries.failed ? NULL
                                           : view_phase(command->game, (int32_t)command->game->phases_count,
                                                        command->call->arena);
    return filled(reply->phase, err) && command_commit(command, &reply->base, err);
}

HANDLER(open_phase, Events__OpenPhaseRequest, Events__PhaseReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           rules_open_phase(command.game, &command.entries, request->kind, duration_ms(request->timer),
                            err) &&
           reply_phase(&command, reply, err);
}

HANDLER(update_phase, Events__UpdatePhaseRequest, Events__PhaseReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    enum pause pause = !request->pause__case ? PAUSE_KEEP : request->pause ? PAUSE_ON : PAUSE_OFF;
    return command_begin(&command, err) &&
           rules_time_phase(command.game, &command.entries, pause, duration_ms(request->extend), err) &&
           reply_phase(&command, reply, err);
}

HANDLER(close_phase, Events__EventRequest, Events__PhaseReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) && rules_close_phase(command.game, &command.entries, err) &&
           reply_phase(&command, reply, err);
}

// A token is the number of the phase at which the next page begins.
static bool choose_page(struct view_page *page, const Events__ListPhasesRequest *request,
                        const struct game *game, struct err *err)
{
    char canonical[24];
    long first = request->page_token[0] ? strtol(request->page_token, NULL, 10) : 1;
    *page = (struct view_page){.first = (int32_t)first,
                               .most = request->page_size ? (size_t)request->page_size : PHASES_PAGE,
                               .most_bytes = PHASES_PAGE_BYTES};
    if (!request->page_token[0]) return true;
    snprintf(canonical, sizeof canonical, "%ld", first);
    return (first > 0 && first <= game_closed_phases(game) && strcmp(canonical, request->page_token) == 0) ||
           err_field(err, BAD_PAGE_TOKEN, "page_token", "is not a page token of this list");
}

static bool add_kept(struct command *command, struct view_page *page, Events__ListPhasesReply *reply)
{
    enum { PHASES_FIELD = 1 };
    struct arena *arena = command->call->arena;
    size_t count = 0;
    const ProtobufCBinaryData *kept =
        reports_page(&command->aggregate->reports, command->game, page, &count, arena);
    for (size_t i = 0; kept && i < count; i++)
        if (!packed_add(&reply->base, PHASES_FIELD, kept[i], arena)) return false;
    return kept;
}

HANDLER(list_phases, Events__ListPhasesRequest, Events__ListPhasesReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    struct view_page page;
    if (!command_begin(&command, err) || !command_look(&command, err) ||
        !choose_page(&page, request, command.game, err))
        return false;
    bool ok = reports_fit(&command.viewer)
                  ? add_kept(&command, &page, reply)
                  : view_phases(command.game, &command.viewer, &page, reply, call->arena);
    if (!ok) return filled(NULL, err);
    if (page.next) reply->next_page_token = arena_printf(call->arena, "%d", page.next);
    return filled(reply->next_page_token, err);
}

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

static bool game_change(struct command *command, const Events__UpdatePlayerRequest *request, struct err *err)
{
    Game__RoleFacts *role = NULL;
    bool to_side = request->side_id__case;
    if (request->role_id__case &&
        !(role_facts_find(command->events, request->role_id, command->call->arena, &role, err) &&
          check_role(command, request->role_id, err)))
        return false;
    if (to_side && !check_side(command, request->side_id, err)) return false;
    if (!role && !to_side) return true;
    return rules_change(command->game, &command->entries, request->user_id, role,
                        to_side ? request->side_id : NULL, err);
}

// A change of role or side is told to the player when the status that says so is set, with it or later.
HANDLER(update_player, Events__UpdatePlayerRequest, Events__PlayerReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err) || !game_change(&command, request, err)) return false;
    if (request->status__case &&
        !rules_status(command.game, &command.entries, request->user_id, request->status, err))
        return false;
    int player;
    struct viewer viewer = view_as_god(command.game);
    if (!rules_need_player(command.game, request->user_id, &player, err)) return false;
    reply->player = command.entries.failed ? NULL : view_player(command.game, &viewer, player, call->arena);
    return filled(reply->player, err) && command_commit(&command, &reply->base, err);
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

static bool check_sides(struct command *command, const Events__FinishRequest *request, struct err *err)
{
    for (size_t i = 0; i < request->n_winning_side_ids; i++) {
        if (!catalogue_find(command->events->catalogue, EVENTS_SIDES, request->winning_side_ids[i],
                            command->call->arena))
            return err_field(err, INVALID_FIELD, "winning_side_ids", "there is no such side");
        for (size_t j = 0; j < i; j++)
            if (strcmp(request->winning_side_ids[i], request->winning_side_ids[j]) == 0)
                return err_field(err, INVALID_FIELD, "winning_side_ids", "a side is named twice");
    }
    return true;
}

HANDLER(finish_event, Events__FinishRequest, Events__EventReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    const struct deal_secrets *secrets;
    if (!command_begin(&command, err) || !check_sides(&command, request, err)) return false;
    if (!command_secrets(&command, &secrets, err)) return false;
    if (!rules_finish(command.game, &command.entries, secrets, request->winning_side_ids,
                      request->n_winning_side_ids, err))
        return false;
    struct viewer everyone = view_as_public(command.game);
    reply->event = command.entries.failed
                       ? NULL
                       : view_event(command.game, &everyone, call->caller->user_id, call->arena);
    return filled(reply->event, err) && command_commit(&command, &reply->base, err);
}

HANDLER(read_log, Events__LogRequest, Events__LogReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) && command_look(&command, err) &&
           event_log_read(&command, request, reply, err);
}

const struct rpc_method game_methods[] = {
    RPC_METHOD("events.OpenPhase", open_phase),
    RPC_METHOD("events.UpdatePhase", update_phase),
    RPC_METHOD("events.ClosePhase", close_phase),
    RPC_METHOD("events.ListPhases", list_phases),
    RPC_METHOD("events.UpdatePlayer", update_player),
    RPC_METHOD("events.UseAbility", use_ability),
    RPC_METHOD("events.ChainPlayer", chain_player),
    RPC_METHOD("events.AddNote", add_note),
    RPC_METHOD("events.DrawLastMove", draw_last_move),
    RPC_METHOD("events.ScorePlayer", score_player),
    RPC_METHOD("events.FinishEvent", finish_event),
    RPC_METHOD("events.ReadLog", read_log),
    {0},
};
