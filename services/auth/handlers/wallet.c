// Sign-In With Solana: challenges, and what a signed one does.
#include "services/auth/handlers/handlers.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/stamp.h"
#include "services/auth/accounts.h"
#include "services/auth/handlers/ways.h"
#include "services/auth/tokens/sessions.h"
#include "services/auth/siws.h"

static void challenge_id(char id[65], const char *message)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const uint8_t *)message, strlen(message));
    hex_encode(id, hash, sizeof hash);
}

static void make_nonce(char nonce[SIWS_NONCE_LEN + 1])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for (int i = 0; i < SIWS_NONCE_LEN; i++) nonce[i] = letters[randombytes_uniform(sizeof letters - 1)];
    nonce[SIWS_NONCE_LEN] = 0;
}

HANDLER(wallet_challenge, Auth__WalletChallengeRequest, Auth__WalletChallengeReply)
{
    struct auth *auth = call->service;
    int64_t now_s = call->now_ms / 1000 * 1000, expires_ms = now_s + auth->settings.siws_ms;
    char nonce[SIWS_NONCE_LEN + 1], id[65], *message = arena_alloc(call->arena, SIWS_MESSAGE_MAX);
    make_nonce(nonce);
    const struct siws parts = {
        auth->settings.domain, auth->settings.public_url, request->address, nonce, now_s, expires_ms};
    if (!message || !siws_message(message, &parts))
        return err_fail(err, INTERNAL_ERROR,
                        "CONSE_DOMAIN and CONSE_PUBLIC_URL do not fit into a sign-in message");
    challenge_id(id, message);
    Accounts__Challenge row = ACCOUNTS__CHALLENGE__INIT;
    row.id = id;
    row.message = message;
    row.address = request->address;
    row.user_id = call->caller->user_id;
    row.expires_at = reply->expires_at = stamp_new(call->arena, expires_ms);
    reply->message = message;
    return auth_save(auth, AUTH_CHALLENGES, &row.base, 0, err);
}

static const char not_open[] = "the message is not an open challenge";

static bool find_challenge(struct rpc_call *call, const char *message, Accounts__Challenge **challenge,
                           uint64_t *version, struct err *err)
{
    struct auth *auth = call->service;
    char id[65];
    ProtobufCMessage *row;
    challenge_id(id, message);
    if (!store_get(auth->store, &auth_tables[AUTH_CHALLENGES], id, call->arena, &row, version, err))
        return false;
    *challenge = (Accounts__Challenge *)row;
    return row || err_fail(err, WALLET_PROOF_INVALID, not_open);
}

static bool use_up(struct rpc_call *call, const Accounts__Challenge *challenge, uint64_t version,
                   struct err *err)
{
    if (auth_remove(call->service, AUTH_CHALLENGES, challenge->id, version, err)) return true;
    return err_is(err, CONFLICT) ? err_fail(err, WALLET_PROOF_INVALID, not_open) : false;
}

// A wrong answer uses the challenge up: there is one answer per challenge. A right one leaves that to the
// caller.
static bool check_answer(struct rpc_call *call, const Accounts__Challenge *challenge, uint64_t version,
                         const Auth__WalletVerifyRequest *answer, struct err *err)
{
    struct auth *auth = call->service;
    int64_t expires_ms = stamp_ms(challenge->expires_at);
    enum siws_verdict verdict = siws_verify(challenge->message, challenge->address, expires_ms,
                                            answer->message, answer->signature.data, call->now_ms);
    bool is_ahead = expires_ms > call->now_ms + auth->settings.siws_ms; // made by a clock that was ahead
    if (verdict == SIWS_OK && !is_ahead) return true;
    if (!use_up(call, challenge, version, err)) return false;
    if (verdict == SIWS_EXPIRED || is_ahead)
        return err_fail(err, WALLET_PROOF_INVALID, "the challenge has expired");
    return err_fail(err, WALLET_PROOF_INVALID, "the signature is not the wallet's over this message");
}

bool way_wallet(struct rpc_call *call, const Auth__WalletVerifyRequest *answer, const struct account *account,
                struct err *err)
{
    Accounts__Challenge *challenge;
    uint64_t version;
    if (!find_challenge(call, answer->message, &challenge, &version, err)) return false;
    if (strcmp(challenge->address, account->row->wallet) != 0)
        return err_fail(err, WALLET_PROOF_INVALID, "the challenge is for a wallet that is not the account's");
    if (strcmp(challenge->user_id, account->row->id) != 0)
        return err_fail(err, WALLET_PROOF_INVALID, "the account has not asked for this challenge");
    return check_answer(call, challenge, version, answer, err) && use_up(call, challenge, version, err);
}

// The account's own wallet shows who signs; another one will open the account, and shows who one is for more
// than a code does: so a code is not enough while there is a password.
static bool may_link(struct rpc_call *call, const char *address, struct account *account, struct err *err)
{
    return caller_account(call, account, err) &&
           (strcmp(account->row->wallet, address) == 0 || proof_need_strong(call, account, err));
}

static bool link_once(struct rpc_call *call, const char *address, struct account *account, struct err *err)
{
    if (!may_link(call, address, account, err)) return false;
    account_set_wallet(account, address);
    return account_save(call->service, account, err);
}

static bool link_wallet(struct rpc_call *call, const char *address, struct account *account, struct err *err)
{
    for (int tries = 0; !link_once(call, address, account, err);)
        if (!account_again(&tries, err)) return false;
    return true;
}

static bool find_or_link(struct rpc_call *call, const char *address, struct account *account, struct err *err)
{
    if (*call->caller->user_id) return link_wallet(call, address, account, err);
    if (!account_by_wallet(call->service, address, call->arena, account, err)) return false;
    return account->row ||
           err_fail(err, WALLET_PROOF_INVALID, "no account has this wallet; log in and link it first");
}

HANDLER(wallet_verify, Auth__WalletVerifyRequest, Auth__Session)
{
    Accounts__Challenge *challenge;
    struct account account;
    uint64_t version;
    const struct session_start start = {AUTH__LOGIN_KIND__VALUE__WALLET, call->caller->address};
    if (!find_challenge(call, request->message, &challenge, &version, err) ||
        !check_answer(call, challenge, version, request, err))
        return false;
    // Without a proof the challenge stays open, so that it may be answered after that.
    if (*call->caller->user_id && !may_link(call, challenge->address, &account, err)) return false;
    return use_up(call, challenge, version, err) && find_or_link(call, challenge->address, &account, err) &&
           session_open(call->service, &account, &start, call->arena, call->now_ms, reply, err);
}

static bool unlink_once(struct rpc_call *call, struct err *err)
{
    struct account account;
    if (!caller_account(call, &account, err)) return false;
    if (!*account.row->wallet) return true;
    if (!proof_need(call, &account, err)) return false;
    account_set_wallet(&account, "");
    if (!account_has_way_in(&account))
        return err_fail(err, LAST_LOGIN, "the account would have no way to log in; set a password first");
    return account_save(call->service, &account, err);
}

HANDLER(unlink_wallet, Auth__UnlinkWalletRequest, Google__Protobuf__Empty)
{
    for (int tries = 0; !unlink_once(call, err);)
        if (!account_again(&tries, err)) return false;
    return true;
}

const struct rpc_method wallet_methods[] = {
    RPC_METHOD("auth.WalletChallenge", wallet_challenge),
    RPC_METHOD("auth.WalletVerify", wallet_verify),
    RPC_METHOD("auth.UnlinkWallet", unlink_wallet),
    {0},
};
