// Phases, open and closed.
#include "lib/base/stamp.h"
#include "services/events/handlers/handlers.h"
#include "services/events/handlers/packed.h"
#include "services/events/handlers/pages.h"
#include "services/events/handlers/titles.h"
#include "services/events/live/reports.h"
#include "services/events/topics/places.h"

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
        !page_choose(&page, request->page_size, request->page_token, (size_t)game_closed_phases(command.game),
                     err))
        return false;
    place_tell(&command);
    const struct view_dress dress = titles_dress(command.events);
    page.dress = &dress;
    bool ok = reports_fit(&command.viewer)
                  ? add_kept(&command, &page, reply)
                  : view_phases(command.game, &command.viewer, &page, reply, call->arena);
    return ok ? page_token(&page, &reply->next_page_token, call->arena, err) : filled(NULL, err);
}

const struct rpc_method phase_methods[] = {
    RPC_METHOD("events.OpenPhase", open_phase),
    RPC_METHOD("events.UpdatePhase", update_phase),
    RPC_METHOD("events.ClosePhase", close_phase),
    RPC_METHOD("events.ListPhases", list_phases),
    {0},
};
