// The ways in and out: password, refresh, one-time code, wallet; and the keys that others verify us by.
#include "services/auth/handlers.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/ids.h"
#include "lib/stamp.h"
#include "services/auth/accounts.h"
#include "services/auth/lockout.h"
#include "services/auth/otp.h"
#include "services/auth/revocations.h"
#include "services/auth/sessions.h"
#include "services/auth/siws.h"

// An account without a password, and nobody's account, take as long as a wrong password.
static bool password_fits(struct auth *auth, const struct account *account, const char *password, bool *fits,
                          struct err *err)
{
    bool has_password = account->row && *account->row->password_hash;
    const char *hash = has_password ? account->row->password_hash : auth->dummy_hash;
    if (!password_verify(auth->hashing, hash, password, fits, err)) return false;
    *fits = *fits && has_password;
    return true;
}

struct lock_keys {
    char account[LOCKOUT_KEY], address[LOCKOUT_KEY];
};

// Unknown usernames have a lock of their own, so that locking tells nothing about who exists.
static void lock_keys(struct lock_keys *keys, const struct rpc_call *call, const struct account *account,
                      const char *username)
{
    char unknown[64];
    snprintf(unknown, sizeof unknown, "unknown:%s", username);
    lockout_account_key(keys->account, account->row ? account->row->id : unknown);
    lockout_address_key(keys->address, call->caller->address);
}

static bool check_locks(struct rpc_call *call, const struct lock_keys *keys, struct err *err)
{
    return lockout_check(call->service, keys->account, call->arena, call->now_ms, err) &&
           (!*call->caller->address ||
            lockout_check(call->service, keys->address, call->arena, call->now_ms, err));
}

static bool refuse_login(struct rpc_call *call, const struct lock_keys *keys, struct err *err)
{
    if (!lockout_note_failure(call->service, keys->account, call->arena, call->now_ms, err)) return false;
    if (*call->caller->address &&
        !lockout_note_failure(call->service, keys->address, call->arena, call->now_ms, err))
        return false;
    return err_fail(err, BAD_CREDENTIALS, "wrong username or password");
}

HANDLER(login, Auth__LoginRequest, Auth__Session)
{
    struct auth *auth = call->service;
    struct account account;
    struct lock_keys keys;
    bool fits;
    if (!account_by_username(auth, request->username, call->arena, &account, err)) return false;
    lock_keys(&keys, call, &account, request->username);
    if (!check_locks(call, &keys, err) || !password_fits(auth, &account, request->password, &fits, err))
        return false;
    if (!fits) return refuse_login(call, &keys, err);
    return lockout_clear(auth, keys.account, call->arena, err) &&
           session_open(auth, &account, call->arena, call->now_ms, reply, err);
}

HANDLER(refresh, Auth__RefreshRequest, Auth__Session)
{
    return session_refresh(call->service, request->refresh_token, call->arena, call->now_ms, reply, err);
}

HANDLER(logout, Auth__LogoutRequest, Google__Protobuf__Empty)
{
    struct auth *auth = call->service;
    char other[40];
    uint32_t counter;
    if (*request->refresh_token && refresh_read(auth->refresh_key, request->refresh_token, other, &counter) &&
        !session_end(auth, other, call->caller->user_id, call->arena, call->now_ms, err))
        return false;
    return session_end(auth, call->caller->session_id, call->caller->user_id, call->arena, call->now_ms, err);
}

HANDLER(send_otp, Auth__SendOtpRequest, Google__Protobuf__Empty)
{
    return otp_send(call->service, request->phone, call->arena, call->now_ms, err);
}

static struct account sign_up_phone(struct rpc_call *call, const char *phone)
{
    char username[32];
    snprintf(username, sizeof username, "player-%08x", randombytes_random());
    return account_new(call->arena, username, arena_str(call->arena, phone), call->now_ms);
}

// Whoever typed this number at sign-up had not shown that it is his: unless it is the one who asks now, with
// a token, his password and sessions end here.
static bool claim_phone(struct rpc_call *call, struct account *account, struct err *err)
{
    bool himself = strcmp(call->caller->user_id, account->row->id) == 0;
    bool unproven = !account->row->phone_verified && account->version && !himself;
    account->row->phone_verified = true;
    if (!unproven) return account_save(call->service, account, err);
    account->row->password_hash = "";
    account_void_tokens(account, call->arena, call->now_ms);
    return account_save(call->service, account, err) &&
           revocations_add_user(call->service, account->row->id, account->row->generation, call->now_ms,
                                err) &&
           session_end_all(call->service, account->row->id, call->arena, call->now_ms, err);
}

static bool set_password(struct rpc_call *call, struct account *account, const char *password,
                         struct err *err)
{
    struct auth *auth = call->service;
    char *hash = arena_alloc(call->arena, PASSWORD_HASH_LEN);
    if (!hash || !password_hash(auth->hashing, password, hash, err)) return false;
    account->row->password_hash = hash;
    account_void_tokens(account, call->arena, call->now_ms);
    return account_save(auth, account, err) &&
           revocations_add_user(auth, account->row->id, account->row->generation, call->now_ms, err) &&
           session_end_all(auth, account->row->id, call->arena, call->now_ms, err);
}

static bool unlock(struct rpc_call *call, const struct account *account, struct err *err)
{
    char key[LOCKOUT_KEY];
    lockout_account_key(key, account->row->id);
    return lockout_clear(call->service, key, call->arena, err);
}

HANDLER(verify_otp, Auth__VerifyOtpRequest, Auth__Session)
{
    struct auth *auth = call->service;
    struct account account;
    if (!otp_use(auth, request->phone, request->code, call->arena, call->now_ms, err)) return false;
    if (!account_by_phone(auth, request->phone, call->arena, &account, err)) return false;
    if (!account.row) account = sign_up_phone(call, request->phone);
    if (!account.row) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (!claim_phone(call, &account, err)) return false;
    if (*request->new_password && !set_password(call, &account, request->new_password, err)) return false;
    return unlock(call, &account, err) && session_open(auth, &account, call->arena, call->now_ms, reply, err);
}

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

// The challenge is used up before the signature is looked at: one answer per challenge.
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

static bool find_or_link(struct rpc_call *call, const char *address, struct account *account, struct err *err)
{
    struct auth *auth = call->service;
    if (!*call->caller->user_id) {
        if (!account_by_wallet(auth, address, call->arena, account, err)) return false;
        return account->row ||
               err_fail(err, WALLET_PROOF_INVALID, "no account has this wallet; log in and link it first");
    }
    if (!account_get(auth, call->caller->user_id, call->arena, account, err)) return false;
    account_set_wallet(account, address);
    return account_save(auth, account, err);
}

HANDLER(wallet_verify, Auth__WalletVerifyRequest, Auth__Session)
{
    struct auth *auth = call->service;
    Accounts__Challenge *challenge = NULL;
    struct account account;
    if (!take_challenge(call, request->message, &challenge, err)) return false;
    enum siws_verdict verdict =
        siws_verify(challenge->message, challenge->address, stamp_ms(challenge->expires_at), request->message,
                    request->signature.data, call->now_ms);
    if (verdict == SIWS_EXPIRED) return err_fail(err, WALLET_PROOF_INVALID, "the challenge has expired");
    if (verdict != SIWS_OK)
        return err_fail(err, WALLET_PROOF_INVALID, "the signature is not the wallet's over this message");
    return find_or_link(call, challenge->address, &account, err) &&
           session_open(auth, &account, call->arena, call->now_ms, reply, err);
}

HANDLER(get_jwks, Auth__JwksRequest, Auth__Jwks)
{
    struct auth *auth = call->service;
    return token_jwks(auth->tokens, call->now_ms, call->arena, reply, err);
}

HANDLER(get_identity, Auth__IdentityRequest, Auth__Identity)
{
    struct auth *auth = call->service;
    return identity_sign(auth->identity, auth->identity_seed, call->arena, call->now_ms, reply, err);
}

const struct rpc_method login_methods[] = {
    RPC_METHOD("auth.Login", login),
    RPC_METHOD("auth.Refresh", refresh),
    RPC_METHOD("auth.Logout", logout),
    RPC_METHOD("auth.SendOtp", send_otp),
    RPC_METHOD("auth.VerifyOtp", verify_otp),
    RPC_METHOD("auth.WalletChallenge", wallet_challenge),
    RPC_METHOD("auth.WalletVerify", wallet_verify),
    RPC_METHOD("auth.GetJwks", get_jwks),
    RPC_METHOD("auth.GetIdentity", get_identity),
    RPC_MORE(feed_methods),
};
