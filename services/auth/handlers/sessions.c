// A person's sessions, as they see and end them, and as operators end them.
#include "services/auth/handlers/handlers.h"

#include <string.h>

#include "lib/base/log.h"
#include "services/auth/handlers/acts.h"
#include "services/auth/handlers/shown.h"
#include "services/auth/handlers/ways.h"
#include "services/auth/lockout.h"
#include "services/auth/tokens/revocations.h"
#include "services/auth/tokens/sessions.h"

Auth__OpenSession *session_shown(const struct rpc_call *call, const Accounts__Session *row)
{
    Auth__OpenSession *session = arena_new(call->arena, Auth__OpenSession);
    if (!session) return NULL;
    auth__open_session__init(session);
    session->id = row->id;
    session->created_at = row->created_at;
    session->last_used_at = row->rotated_at;
    session->expires_at = row->expires_at;
    session->kind = row->kind;
    session->network = row->network;
    session->current = strcmp(row->id, call->caller->session_id) == 0;
    return session;
}

HANDLER(list_sessions, Auth__ListSessionsRequest, Auth__ListSessionsReply)
{
    struct sessions sessions;
    struct account account;
    if (!caller_account(call, &account, err) ||
        !sessions_list(call->service, &account, call->arena, call->now_ms, &sessions, err))
        return false;
    reply->sessions = arena_array(call->arena, sessions.count, sizeof *reply->sessions);
    if (!reply->sessions) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (; reply->n_sessions < sessions.count; reply->n_sessions++)
        reply->sessions[reply->n_sessions] = session_shown(call, sessions.all[reply->n_sessions]);
    return !call->arena->failed || err_fail(err, INTERNAL_ERROR, "out of memory");
}

HANDLER(end_session, Auth__EndSessionRequest, Google__Protobuf__Empty)
{
    struct account account;
    bool goes_on;
    if (!caller_account(call, &account, err) || !session_goes_on(call->service, request->session_id, &account,
                                                                 call->arena, call->now_ms, &goes_on, err))
        return false;
    if (!goes_on) return err_fail(err, NOT_FOUND, "there is no such session");
    return session_end(call->service, request->session_id, account.row->id, call->arena, call->now_ms, err);
}

// One write ends all sessions, also of log-ins that are under way; the caller's is taken along afterwards.
// Killed in between, it has ended too.
static bool end_all_once(struct rpc_call *call, struct account *account, struct err *err)
{
    if (!caller_load(call, account, err)) return false;
    account_void_sessions(account, call->arena, call->now_ms);
    return account_save(call->service, account, err);
}

HANDLER(end_other_sessions, Auth__EndOtherSessionsRequest, Auth__Session)
{
    struct auth *auth = call->service;
    struct account account;
    for (int tries = 0; !end_all_once(call, &account, err);)
        if (!account_again(&tries, err)) return false;
    // A log-out may have ended the caller's session meanwhile: the tokens of the others end all the same.
    struct err failure;
    bool kept = session_keep(auth, call->caller, &account, call->arena, call->now_ms, reply, err);
    return revocations_add_user(auth, account.row->id, account.row->generation, call->now_ms,
                                kept ? err : &failure) &&
           kept;
}

static bool end_of_user_once(struct rpc_call *call, const char *user_id, struct account *account,
                             struct err *err)
{
    if (!account_get(call->service, user_id, call->arena, account, err)) return false;
    account_void_sessions(account, call->arena, call->now_ms);
    return act_sessions_ended(call, account, err) && account_save(call->service, account, err);
}

HANDLER(end_user_sessions, Auth__UserRequest, Google__Protobuf__Empty)
{
    struct account account;
    for (int tries = 0; !end_of_user_once(call, request->user_id, &account, err);)
        if (!account_again(&tries, err)) return false;
    log_info("sessions of a user ended", F_STR("user", request->user_id), F_STR("by", call->caller->user_id));
    return revocations_add_user(call->service, account.row->id, account.row->generation, call->now_ms, err);
}

static bool tell_unlock_once(struct rpc_call *call, const char *user_id, struct account *account,
                             struct err *err)
{
    return account_get(call->service, user_id, call->arena, account, err) &&
           act_unlocked(call, account, err) && account_save(call->service, account, err);
}

// Failures are rows of their own, so it is told first: what ends in between is told, and can be done again.
HANDLER(unlock_user, Auth__UserRequest, Google__Protobuf__Empty)
{
    struct account account;
    for (int tries = 0; !tell_unlock_once(call, request->user_id, &account, err);)
        if (!account_again(&tries, err)) return false;
    return lockout_clear_account(call->service, account.row->id, call->arena, err);
}

const struct rpc_method session_methods[] = {
    RPC_METHOD("auth.ListSessions", list_sessions),
    RPC_METHOD("auth.EndSession", end_session),
    RPC_METHOD("auth.EndOtherSessions", end_other_sessions),
    RPC_METHOD("auth.EndUserSessions", end_user_sessions),
    RPC_METHOD("auth.UnlockUser", unlock_user),
    {0},
};
