// Changing the password when logged in.
#include "services/auth/handlers/handlers.h"

#include "services/auth/handlers/ways.h"
#include "services/auth/tokens/revocations.h"
#include "services/auth/tokens/sessions.h"

// The password is asked for in the call itself, whatever was shown before; who has none shows something else.
static bool check_current(struct rpc_call *call, struct account *account, const char *current,
                          struct err *err)
{
    bool fits;
    if (!*current)
        return !*account->row->password_hash ||
               err_field(err, INVALID_FIELD, "current_password", "current_password is required");
    if (!way_password(call, account, current, &fits, err)) return false;
    if (!fits) err_set(err, CONSE__REASON__VALUE__BAD_CREDENTIALS, "current_password", "wrong password");
    return proof_note(call, fits, err);
}

// Another change of the password since has ended the session, and is found by that.
static bool change_once(struct rpc_call *call, bool shown, const char *hash, struct account *account,
                        struct err *err)
{
    if (!caller_load(call, account, err) || (!shown && !proof_need_strong(call, account, err))) return false;
    account->row->password_hash = hash;
    account->row->proof = NULL;
    account_void_sessions(account, call->arena, call->now_ms);
    return account_save(call->service, account, err);
}

static bool set_password(struct rpc_call *call, bool shown, const char *hash, struct account *account,
                         struct err *err)
{
    for (int tries = 0; !change_once(call, shown, hash, account, err);)
        if (!account_again(&tries, err)) return false;
    return revocations_add_user(call->service, account->row->id, account->row->generation, call->now_ms, err);
}

// A session of its own follows: who shares the present one by a stolen token is left behind.
HANDLER(change_password, Auth__ChangePasswordRequest, Auth__Session)
{
    struct account account;
    const char *hash;
    const bool shown = *request->current_password;
    const struct session_start start = {AUTH__LOGIN_KIND__VALUE__PASSWORD, call->caller->address};
    if (!caller_load(call, &account, err) || !check_current(call, &account, request->current_password, err) ||
        (!shown && !proof_need_strong(call, &account, err)))
        return false;
    return way_hash(call, request->new_password, &hash, err) &&
           set_password(call, shown, hash, &account, err) &&
           session_open(call->service, &account, &start, call->arena, call->now_ms, reply, err);
}

const struct rpc_method password_methods[] = {
    RPC_METHOD("auth.ChangePassword", change_password),
    {0},
};
