// Shutting an account for a time, and letting it in again.
#include "services/auth/handlers/handlers.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "services/auth/accounts.h"
#include "services/auth/handlers/acts.h"
#include "services/auth/tokens/revocations.h"

static bool suspension_make(struct rpc_call *call, const Auth__SuspendRequest *request,
                            Auth__Suspension **suspension, struct err *err)
{
    *suspension = NULL;
    if (request->until && stamp_ms(request->until) <= call->now_ms) return true;
    Auth__Suspension *made = arena_new(call->arena, Auth__Suspension);
    if (!made) return err_fail(err, INTERNAL_ERROR, "out of memory");
    auth__suspension__init(made);
    made->since = stamp_new(call->arena, call->now_ms);
    made->until = request->until;
    made->reason = request->reason;
    made->by_id = call->caller->user_id;
    *suspension = made;
    return made->since || err_fail(err, INTERNAL_ERROR, "out of memory");
}

// Said once more, as when its answer was lost.
static bool is_same(const Auth__Suspension *before, const Auth__Suspension *now)
{
    return before && now && stamp_ms(before->until) == stamp_ms(now->until) &&
           strcmp(before->reason, now->reason) == 0 && strcmp(before->by_id, now->by_id) == 0;
}

// Tokens given before the account was read are void by their generation; later ones are not given.
static bool set_once(struct rpc_call *call, const char *user_id, Auth__Suspension *suspension,
                     struct account *account, struct err *err)
{
    if (!account_get(call->service, user_id, call->arena, account, err)) return false;
    if (!suspension && !account->row->suspension) return true;
    const bool is_act = !is_same(account->row->suspension, suspension);
    account_set_suspension(account, suspension);
    if (suspension) account_void_tokens(account, call->arena, call->now_ms);
    if (is_act && !act_suspension(call, account, suspension, err)) return false;
    if (!account_save(call->service, account, err)) return false;
    log_info(suspension ? "user suspended" : "user let in again", F_STR("user", user_id),
             F_STR("by", call->caller->username));
    return !suspension ||
           revocations_add_user(call->service, user_id, account->row->generation, call->now_ms, err);
}

static bool suspension_set(struct rpc_call *call, const char *user_id, Auth__Suspension *suspension,
                           Auth__UserReply *reply, struct err *err)
{
    struct account account;
    for (int tries = 0; !set_once(call, user_id, suspension, &account, err);)
        if (!account_again(&tries, err)) return false;
    reply->user = account_shown(&account, call->now_ms);
    return true;
}

HANDLER(suspend_user, Auth__SuspendRequest, Auth__UserReply)
{
    Auth__Suspension *suspension;
    if (strcmp(request->user_id, call->caller->user_id) == 0)
        return err_field(err, INVALID_FIELD, "user_id", "nobody suspends themselves");
    return suspension_make(call, request, &suspension, err) &&
           suspension_set(call, request->user_id, suspension, reply, err);
}

HANDLER(unsuspend_user, Auth__UserRequest, Auth__UserReply)
{
    return suspension_set(call, request->user_id, NULL, reply, err);
}

const struct rpc_method suspension_methods[] = {
    RPC_METHOD("auth.SuspendUser", suspend_user),
    RPC_METHOD("auth.UnsuspendUser", unsuspend_user),
    {0},
};
