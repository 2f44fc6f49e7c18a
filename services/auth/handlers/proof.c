// Showing anew who one is, within a session.
#include "services/auth/handlers/handlers.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "services/auth/handlers/ways.h"
#include "services/auth/tokens/sessions.h"

bool caller_account(struct rpc_call *call, struct account *account, struct err *err)
{
    if (account_get(call->service, call->caller->user_id, call->arena, account, err)) return true;
    return err_is(err, NOT_FOUND) ? err_fail(err, TOKEN_INVALID, "the account was deleted") : false;
}

bool caller_load(struct rpc_call *call, struct account *account, struct err *err)
{
    bool goes_on;
    return caller_account(call, account, err) && account_check_open(account, call->now_ms, err) &&
           session_goes_on(call->service, call->caller->session_id, account, call->arena, call->now_ms,
                           &goes_on, err) &&
           (goes_on || err_fail(err, PROOF_NEEDED, "this token is of no session that goes on; log in"));
}

static bool proof_fail(struct err *err)
{
    return err_fail(err, PROOF_NEEDED, "show anew who you are, by a password, a one-time code or a wallet");
}

// Of this session and this time; a clock may have been set since.
static bool proof_is_recent(const struct rpc_call *call, const Accounts__Proof *proof)
{
    const struct auth *auth = call->service;
    return proof && strcmp(proof->session_id, call->caller->session_id) == 0 &&
           llabs(call->now_ms - stamp_ms(proof->time)) < auth->settings.proof_ms;
}

bool proof_need(struct rpc_call *call, struct account *account, struct err *err)
{
    bool goes_on;
    const Accounts__Proof *proof = account->row->proof;
    if (!proof_is_recent(call, proof)) return proof_fail(err);
    if (!session_goes_on(call->service, proof->session_id, account, call->arena, call->now_ms, &goes_on, err))
        return false;
    account->row->proof = NULL;
    return goes_on || proof_fail(err);
}

bool proof_need_strong(struct rpc_call *call, struct account *account, struct err *err)
{
    const Accounts__Proof *proof = account->row->proof;
    if (proof && proof->kind == AUTH__LOGIN_KIND__VALUE__CODE && *account->row->password_hash)
        return err_fail(err, PROOF_NEEDED, "show anew who you are, by the password or the wallet");
    return proof_need(call, account, err);
}

static bool proof_spend_once(struct rpc_call *call, struct account *account, struct err *err)
{
    return caller_account(call, account, err) && proof_need(call, account, err) &&
           account_save(call->service, account, err);
}

bool proof_spend(struct rpc_call *call, struct account *account, struct err *err)
{
    for (int tries = 0; !proof_spend_once(call, account, err);)
        if (!account_again(&tries, err)) return false;
    return true;
}

bool proof_note(struct rpc_call *call, bool right, struct err *err)
{
    struct err failure;
    bool noted = session_note_proof(call->service, call->caller->session_id, right, call->arena, call->now_ms,
                                    &failure);
    if (!noted) *err = failure;
    return noted && right;
}

static bool show_password(struct rpc_call *call, struct account *account, const Auth__ProveRequest *request,
                          struct err *err)
{
    bool fits;
    return way_password(call, account, request->password, &fits, err) &&
           (fits || err_fail(err, BAD_CREDENTIALS, "wrong password"));
}

// A number that was typed and never proven shows nothing.
static bool show_code(struct rpc_call *call, const struct account *account, const Auth__ProveRequest *request,
                      struct err *err)
{
    if (!account->row->phone_verified)
        return err_field(err, INVALID_FIELD, "code", "the account has no proven phone");
    return way_code(call, account, request->code, request->device_token, err);
}

static bool show_wallet(struct rpc_call *call, const struct account *account,
                        const Auth__ProveRequest *request, struct err *err)
{
    Auth__WalletVerifyRequest answer = AUTH__WALLET_VERIFY_REQUEST__INIT;
    if (!*request->message) return err_field(err, INVALID_FIELD, "message", "message is required");
    if (!request->signature.len) return err_field(err, INVALID_FIELD, "signature", "signature is required");
    answer.message = request->message;
    answer.signature = request->signature;
    return way_wallet(call, &answer, account, err);
}

static bool find_way(const Auth__ProveRequest *request, Auth__LoginKind__Value *kind, struct err *err)
{
    const bool password = *request->password, code = *request->code,
               wallet = *request->message || request->signature.len;
    *kind = password ? AUTH__LOGIN_KIND__VALUE__PASSWORD
            : code   ? AUTH__LOGIN_KIND__VALUE__CODE
                     : AUTH__LOGIN_KIND__VALUE__WALLET;
    return password + code + wallet == 1 ||
           err_field(err, INVALID_FIELD,
                     password && code ? "code"
                     : wallet         ? "message"
                                      : "password",
                     "exactly one of password, code, and message with signature is needed");
}

static bool proof_show(struct rpc_call *call, struct account *account, const Auth__ProveRequest *request,
                       Auth__LoginKind__Value kind, struct err *err)
{
    bool right = kind == AUTH__LOGIN_KIND__VALUE__PASSWORD ? show_password(call, account, request, err)
                 : kind == AUTH__LOGIN_KIND__VALUE__CODE   ? show_code(call, account, request, err)
                                                           : show_wallet(call, account, request, err);
    bool wrong = !right && (err_is(err, BAD_CREDENTIALS) || err_is(err, OTP_INVALID) ||
                            err_is(err, WALLET_PROOF_INVALID));
    return right || wrong ? proof_note(call, right, err) : false;
}

static bool keep_once(struct rpc_call *call, struct account *account, Accounts__Proof *proof, struct err *err)
{
    account->row->proof = proof;
    return account_save(call->service, account, err);
}

// Loaded again when another change was quicker: a new password, which ends the session, makes the proof void.
static bool keep_proof(struct rpc_call *call, struct account *account, Auth__LoginKind__Value kind,
                       struct err *err)
{
    Accounts__Proof proof = ACCOUNTS__PROOF__INIT;
    Google__Protobuf__Timestamp time = stamp_of(call->now_ms);
    proof.session_id = call->caller->session_id;
    proof.time = &time;
    proof.kind = kind;
    for (int tries = 0; !keep_once(call, account, &proof, err);)
        if (!account_again(&tries, err) || !caller_load(call, account, err)) return false;
    return true;
}

HANDLER(prove, Auth__ProveRequest, Google__Protobuf__Empty)
{
    struct account account;
    Auth__LoginKind__Value kind;
    return find_way(request, &kind, err) && caller_load(call, &account, err) &&
           proof_show(call, &account, request, kind, err) && keep_proof(call, &account, kind, err);
}

const struct rpc_method proof_methods[] = {
    RPC_METHOD("auth.Prove", prove),
    {0},
};
