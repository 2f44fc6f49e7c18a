// Showing anew who one is, within a session.
#include "services/auth/handlers/handlers.h"

#include "services/auth/handlers/ways.h"
#include "services/auth/sessions.h"

bool proof_need(struct rpc_call *call, const struct account *account, struct err *err)
{
    return session_check_proof(call->service, call->caller->session_id, account, call->arena, call->now_ms,
                               err);
}

static bool prove_by_password(struct rpc_call *call, struct account *account,
                              const Auth__ProveRequest *request, struct err *err)
{
    const struct password_try attempt = {"", request->password, request->device_token};
    return way_password(call, account, &attempt, err);
}

// A number that was typed and never proven shows nothing.
static bool prove_by_code(struct rpc_call *call, const struct account *account,
                          const Auth__ProveRequest *request, struct err *err)
{
    if (!account->row->phone_verified)
        return err_field(err, INVALID_FIELD, "code", "the account has no proven phone");
    return way_code(call, account, request->code, request->device_token, err);
}

static bool prove_by_wallet(struct rpc_call *call, const struct account *account,
                            const Auth__ProveRequest *request, struct err *err)
{
    Auth__WalletVerifyRequest answer = AUTH__WALLET_VERIFY_REQUEST__INIT;
    if (!*request->message) return err_field(err, INVALID_FIELD, "message", "message is required");
    if (!request->signature.len) return err_field(err, INVALID_FIELD, "signature", "signature is required");
    answer.message = request->message;
    answer.signature = request->signature;
    return way_wallet(call, &answer, account->row->wallet, err);
}

static bool prove_by_one(struct rpc_call *call, struct account *account, const Auth__ProveRequest *request,
                         struct err *err)
{
    const bool password = *request->password, code = *request->code,
               wallet = *request->message || request->signature.len;
    if (password + code + wallet != 1)
        return err_field(err, INVALID_FIELD,
                         password && code ? "code"
                         : wallet         ? "message"
                                          : "password",
                         "exactly one of password, code, and message with signature is needed");
    return password ? prove_by_password(call, account, request, err)
           : code   ? prove_by_code(call, account, request, err)
                    : prove_by_wallet(call, account, request, err);
}

HANDLER(prove, Auth__ProveRequest, Google__Protobuf__Empty)
{
    struct auth *auth = call->service;
    struct account account;
    return account_get(auth, call->caller->user_id, call->arena, &account, err) &&
           prove_by_one(call, &account, request, err) &&
           session_prove(auth, call->caller->session_id, &account, call->arena, call->now_ms, err);
}

const struct rpc_method proof_methods[] = {
    RPC_METHOD("auth.Prove", prove),
    {0},
};
