// Sign-In With Solana: challenges, and what a signed one does.
#include "services/auth/handlers/handlers.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/stamp.h"
#include "services/auth/accounts.h"
#include "services/auth/sessions.h"
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
    row.expires_at = reply->expires_at = stamp_new(call->arena, expires_ms);
    reply->message = message;
    return auth_save(auth, AUTH_CHALLENGES, &row.base, 0, err);
}

// The challenge is used up before the signature is checked: one answer per challenge.
static bool take_challenge(struct rpc_call *call, const char *message, Accounts__Challenge **challenge,
                           struct err *err)
{
    struct auth *auth = call->service;
    char id[65];
    uint64_t version;
    ProtobufCMessage *row;
    challenge_id(id, message);
    if (!store_get(auth->store, &auth_tables[AUTH_CHALLENGES], id, call->arena, &row, &version, err))
        return false;
    if (!row) return err_fail(err, WALLET_PROOF_INVALID, "the message is not an open challenge");
    *challenge = (Accounts__Challenge *)row;
    if (auth_remove(auth, AUTH_CHALLENGES, id, version, err)) return true;
    return err_is(err, CONFLICT) ? err_fail(err, WALLET_PROOF_INVALID, "the message is not an open challenge")
                                 : false;
}

static bool link_once(struct rpc_call *call, const char *address, struct account *account, struct err *err)
{
    if (!account_get(call->service, call->caller->user_id, call->arena, account, err)) return false;
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
    struct auth *auth = call->service;
    Accounts__Challenge *challenge = NULL;
    struct account account;
    if (!take_challenge(call, request->message, &challenge, err)) return false;
    int64_t expires_ms = stamp_ms(challenge->expires_at);
    enum siws_verdict verdict = siws_verify(challenge->message, challenge->address, expires_ms,
                                            request->message, request->signature.data, call->now_ms);
    bool is_ahead = expires_ms > call->now_ms + auth->settings.siws_ms; // made by a clock that was ahead
    if (verdict == SIWS_EXPIRED || is_ahead)
        return err_fail(err, WALLET_PROOF_INVALID, "the challenge has expired");
    if (verdict != SIWS_OK)
        return err_fail(err, WALLET_PROOF_INVALID, "the signature is not the wallet's over this message");
    return find_or_link(call, challenge->address, &account, err) &&
           session_open(auth, &account, call->arena, call->now_ms, reply, err);
}

const struct rpc_method wallet_methods[] = {
    RPC_METHOD("auth.WalletChallenge", wallet_challenge),
    RPC_METHOD("auth.WalletVerify", wallet_verify),
    {0},
};
