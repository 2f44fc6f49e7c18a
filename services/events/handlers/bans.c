// Whom an event keeps out.
#include <string.h>

#include "services/events/handlers/handlers.h"
#include "services/events/handlers/named.h"
#include "services/events/topics/places.h"

// Bans are of accounts, whatever seat they took over.
static const char *account_of(const struct command *command, const char *user_id)
{
    int person = game_person(command->game, user_id);
    bool claimed = person != GAME_NO_ONE && command->game->people[person].account.text[0];
    return claimed ? arena_str(command->call->arena, command->game->people[person].account.text) : user_id;
}

// A user that auth has told of, or one that came to the event. By an id that is of nobody, nobody is banned.
static bool find_banned(const struct command *command, const Events__BanRequest *request,
                        struct banned *banned, struct err *err)
{
    bool by_name;
    struct name_told told;
    if (!named_once(request->user_id, "user_id", request->username, &by_name, err)) return false;
    banned->field = by_name ? "username" : "user_id";
    const char *user_id = account_of(command, request->user_id);
    int person = by_name ? GAME_NO_ONE : game_person(command->game, user_id);
    bool known = by_name ? names_look_up(command->events->names, request->username, &told)
                         : names_get(command->events->names, user_id, &told);
    if (!known && person == GAME_NO_ONE)
        return err_field(err, NOT_FOUND, banned->field, "there is no such user");
    banned->user_id = known ? arena_str(command->call->arena, told.user_id.text) : user_id;
    banned->username =
        arena_str(command->call->arena, known ? told.username : command->game->people[person].username);
    banned->reason = request->reason;
    return filled(banned->username, err);
}

static Events__Ban *show_ban(struct command *command, const struct ban *ban)
{
    struct name_told told;
    struct arena *arena = command->call->arena;
    Events__Ban *shown = ban ? view_ban(ban, arena) : NULL;
    if (shown && names_get(command->events->names, ban->user_id.text, &told))
        shown->user->username = arena_str(arena, told.username);
    return shown;
}

HANDLER(ban_user, Events__BanRequest, Events__BanReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    const struct deal_secrets *secrets;
    struct banned banned;
    if (!command_begin(&command, err) || !find_banned(&command, request, &banned, err)) return false;
    reply->existing = game_ban(command.game, banned.user_id) != NULL;
    if (!command_secrets(&command, &secrets, err) ||
        !rules_ban(command.game, &command.entries, &banned, secrets, err))
        return false;
    reply->ban = command.entries.failed ? NULL : show_ban(&command, game_ban(command.game, banned.user_id));
    return filled(reply->ban, err) && command_commit(&command, &reply->base, err);
}

HANDLER(list_bans, Events__EventRequest, Events__ListBansReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err)) return false;
    place_tell(&command);
    reply->bans = arena_array(call->arena, command.game->bans_count + 1, sizeof *reply->bans);
    if (!filled(reply->bans, err)) return false;
    for (; reply->n_bans < command.game->bans_count; reply->n_bans++) {
        reply->bans[reply->n_bans] = show_ban(&command, &command.game->bans[reply->n_bans]);
        if (!filled(reply->bans[reply->n_bans], err)) return false;
    }
    return true;
}

HANDLER(unban_user, Events__SeatRequest, Google__Protobuf__Empty)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           rules_unban(command.game, &command.entries, account_of(&command, request->user_id), err) &&
           command_commit(&command, &reply->base, err);
}

const struct rpc_method ban_methods[] = {
    RPC_METHOD("events.BanUser", ban_user),
    RPC_METHOD("events.ListBans", list_bans),
    RPC_METHOD("events.UnbanUser", unban_user),
    {0},
};
