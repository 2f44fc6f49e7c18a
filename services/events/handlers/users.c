// What everybody with an account may know of others.
#include <string.h>

#include "services/events/handlers/handlers.h"
#include "services/events/handlers/named.h"
#include "services/events/tables.h"

enum { IDS_MOST = 100, GAMES_MOST = 1000, GAMES_PAGE = 100, GAMES_ARENA = 4 << 20 };

static Events__Profile *profile_of(const struct name_told *told, struct arena *arena)
{
    Events__Profile *profile = arena_new(arena, Events__Profile);
    if (!profile) return NULL;
    events__profile__init(profile);
    profile->id = arena_str(arena, told->user_id.text);
    profile->username = arena_str(arena, told->username);
    profile->level = (Events__Profile__Level)told->level;
    return arena->failed ? NULL : profile;
}

// One page of a user's seats; the token becomes that of the next.
static bool count_page(struct events *events, struct store_query *query, struct arena *arena, int32_t *games,
                       struct err *err)
{
    struct store_rows rows;
    if (!store_find(events->store, &events_tables[EVENTS_SEATS], query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const Game__SeatRow *seat = (const Game__SeatRow *)rows.messages[i];
        *games += seat && seat->done; // one that can't be read is left out, as in lists
    }
    query->page_token = rows.next_page_token;
    return true;
}

static bool count_games(struct events *events, const char *user_id, int32_t *games, struct err *err)
{
    struct store_query query = {.index = "by_user",
                                .equal = {{.text = user_id}},
                                .equal_count = 1,
                                .limit = GAMES_PAGE,
                                .page_token = "",
                                .descending = true};
    struct arena arena;
    char token[512];
    bool ok = true;
    arena_init(&arena, GAMES_ARENA);
    for (int looked = 0; ok && looked < GAMES_MOST; looked += GAMES_PAGE) {
        ok = count_page(events, &query, &arena, games, err);
        if (!ok || !*query.page_token) break;
        snprintf(token, sizeof token, "%s", query.page_token);
        query.page_token = token;
        arena_reset(&arena);
    }
    arena_finish(&arena);
    return ok;
}

HANDLER(get_profile, Events__GetProfileRequest, Events__ProfileReply)
{
    struct events *events = call->service;
    struct name_told told;
    if (!names_get(events->names, request->user_id, &told))
        return err_fail(err, NOT_FOUND, "there is no such user");
    reply->user = profile_of(&told, call->arena);
    if (!filled(reply->user, err)) return false;
    reply->user->games__case = EVENTS__PROFILE__GAMES__GAMES;
    return count_games(events, request->user_id, &reply->user->games, err);
}

static bool add_profile(Events__ListProfilesReply *reply, const struct name_told *told, struct arena *arena)
{
    for (size_t i = 0; i < reply->n_users; i++)
        if (strcmp(reply->users[i]->id, told->user_id.text) == 0) return true;
    reply->users[reply->n_users] = profile_of(told, arena);
    return reply->users[reply->n_users] && ++reply->n_users;
}

static bool refuse_ids(struct err *err)
{
    return err_field(err, INVALID_FIELD, "ids", "ids are at most %d ids of users, with commas between them",
                     IDS_MOST);
}

static bool list_by_id(struct rpc_call *call, const char *ids, Events__ListProfilesReply *reply,
                       struct err *err)
{
    const struct events *events = call->service;
    for (size_t count = 1;; count++) {
        struct name_told told;
        struct uuid id = {{0}};
        size_t len = strcspn(ids, ",");
        if (len != UUID_LEN || count > IDS_MOST) return refuse_ids(err);
        memcpy(id.text, ids, UUID_LEN);
        uuid_lower(id.text);
        if (!uuid_check(id.text)) return refuse_ids(err);
        if (names_get(events->names, id.text, &told) && !add_profile(reply, &told, call->arena))
            return filled(NULL, err);
        if (!ids[len]) return true;
        ids += len + 1;
    }
}

HANDLER(list_profiles, Events__ListProfilesRequest, Events__ListProfilesReply)
{
    const struct events *events = call->service;
    struct name_told told;
    bool by_name;
    if (!named_once(request->ids, "ids", request->username, &by_name, err)) return false;
    reply->users = arena_array(call->arena, IDS_MOST, sizeof *reply->users);
    if (!filled(reply->users, err)) return false;
    if (!by_name) return list_by_id(call, request->ids, reply, err);
    if (!names_look_up(events->names, request->username, &told)) return true;
    return add_profile(reply, &told, call->arena) || filled(NULL, err);
}

const struct rpc_method user_methods[] = {
    RPC_METHOD("events.GetProfile", get_profile),
    RPC_METHOD("events.ListProfiles", list_profiles),
    {0},
};
