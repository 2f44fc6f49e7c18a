// Login by password and by refresh token, and log-out.
#include "services/auth/handlers/handlers.h"

#include "services/auth/accounts.h"
#include "services/auth/tokens/device.h"
#include "services/auth/handlers/ways.h"
#include "services/auth/lockout.h"
#include "services/auth/tokens/revocations.h"
#include "services/auth/tokens/sessions.h"

bool way_hash(struct rpc_call *call, const char *password, const char **hash, struct err *err)
{
    struct auth *auth = call->service;
    *hash = NULL;
    if (!*password) return true;
    char *text = arena_alloc(call->arena, PASSWORD_HASH_LEN);
    *hash = text;
    return text ? password_hash(auth->hashing, password, text, err)
                : err_fail(err, INTERNAL_ERROR, "out of memory");
}

// Only now is the password here in clear: an outdated hash is made anew, and saved with the login. Best
// effort.
static void renew_hash(struct rpc_call *call, struct account *account, const char *password)
{
    struct err err;
    const char *hash;
    if (way_hash(call, password, &hash, &err)) account->row->password_hash = hash;
}

bool way_password(struct rpc_call *call, struct account *account, const char *password, bool *fits,
                  struct err *err)
{
    struct auth *auth = call->service;
    bool has_password = account->row && *account->row->password_hash;
    const char *hash = has_password ? account->row->password_hash : auth->dummy_hash;
    enum password_match match;
    if (!password_verify(auth->hashing, hash, password, &match, err)) return false;
    *fits = has_password && match;
    if (*fits && match == PASSWORD_OUTDATED) renew_hash(call, account, password);
    return true;
}

struct locks {
    struct lockout both[2]; // of the account, or of its device; of the address
};

// A device that the account knows is judged by its own tries, so others can't lock it out.
static struct locks locks_of(const struct rpc_call *call, const struct account *account,
                             const Auth__LoginRequest *request)
{
    const struct auth *auth = call->service;
    struct uuid device;
    if (device_is_known(auth, account, request->device_token, call->now_ms, &device))
        return (struct locks){{lockout_device(auth, account->row->id, device.text)}};
    return (struct locks){
        {account->row ? lockout_account(auth, account->row->id) : lockout_unknown(auth, request->username),
         lockout_address(auth, call->caller->address)}};
}

static bool check_locks(struct rpc_call *call, const struct locks *locks, struct err *err)
{
    return lockout_check_both(call->service, locks->both, call->arena, call->now_ms, err);
}

static bool refuse_login(struct rpc_call *call, const struct locks *locks, struct err *err)
{
    return lockout_note_failure(call->service, &locks->both[0], call->arena, call->now_ms, err) &&
           lockout_note_failure(call->service, &locks->both[1], call->arena, call->now_ms, err) &&
           err_fail(err, BAD_CREDENTIALS, "wrong username or password");
}

// Locks are checked again after hashing, because guesses made at once must not all be answered.
HANDLER(log_in, Auth__LoginRequest, Auth__Session)
{
    struct auth *auth = call->service;
    struct account account;
    bool fits;
    if (!account_by_username(auth, request->username, call->arena, &account, err)) return false;
    const struct locks locks = locks_of(call, &account, request);
    const struct session_start start = {AUTH__LOGIN_KIND__VALUE__PASSWORD, call->caller->address};
    if (!check_locks(call, &locks, err) || !way_password(call, &account, request->password, &fits, err) ||
        !check_locks(call, &locks, err))
        return false;
    if (!fits) return refuse_login(call, &locks, err);
    return lockout_clear(auth, &locks.both[0], call->arena, err) &&
           session_open(auth, &account, &start, call->arena, call->now_ms, reply, err);
}

HANDLER(refresh_session, Auth__RefreshRequest, Auth__Session)
{
    return session_refresh(call->service, request->refresh_token, call->caller->address, call->arena,
                           call->now_ms, reply, err);
}

HANDLER(log_out, Auth__LogoutRequest, Google__Protobuf__Empty)
{
    struct auth *auth = call->service;
    char other[40];
    uint32_t counter;
    if (*request->refresh_token &&
        session_token_read(auth, request->refresh_token, call->now_ms, other, &counter) &&
        !session_end(auth, other, call->caller->user_id, call->arena, call->now_ms, err))
        return false;
    if (call->caller->key) // has no session: the token ends, and not the key
        return revocations_add_session(auth, call->caller->session_id, call->caller->user_id, call->now_ms,
                                       err);
    return session_end(auth, call->caller->session_id, call->caller->user_id, call->arena, call->now_ms, err);
}

const struct rpc_method login_methods[] = {
    RPC_METHOD("auth.Login", log_in),
    RPC_METHOD("auth.Refresh", refresh_session),
    RPC_METHOD("auth.Logout", log_out),
    {0},
};
