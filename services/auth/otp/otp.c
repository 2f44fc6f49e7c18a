#include "services/auth/otp/otp.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "services/auth/otp/delivery.h"

enum { CODE_LEN = 6, HASH_LEN = 32, TRIES = 8 };

static void hash_code(const struct key *key, const char *phone, const char *code, uint8_t hash[HASH_LEN])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key->bytes, sizeof key->bytes);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)phone, strlen(phone) + 1);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)code, strlen(code));
    crypto_auth_hmacsha256_final(&state, hash);
}

bool otp_bring_back(const struct auth *auth, ProtobufCMessage *row, int64_t now_ms, struct arena *arena)
{
    Accounts__Otp *otp = (Accounts__Otp *)row;
    bool changed = auth_bring_back(&otp->sent_at, now_ms, arena);
    return auth_bring_back(&otp->expires_at, now_ms + auth->settings.otp_ms, arena) || changed;
}

struct stored {
    Accounts__Otp *row; // NULL: there is none
    uint64_t version;
};

// CONFLICT when another change was quicker.
static bool otp_load(struct auth *auth, const char *phone, struct arena *arena, int64_t now_ms,
                     struct stored *stored, struct err *err)
{
    ProtobufCMessage *row;
    if (!store_get(auth->store, &auth_tables[AUTH_OTPS], phone, arena, &row, &stored->version, err))
        return false;
    stored->row = (Accounts__Otp *)row;
    if (!row || !otp_bring_back(auth, row, now_ms, arena)) return true;
    return auth_save(auth, AUTH_OTPS, row, stored->version++, err);
}

static const char too_soon[] = "a code was sent to this phone a moment ago";

static bool refuse_soon(const Accounts__Otp *before, int64_t pause_ms, int64_t now_ms, struct err *err)
{
    int64_t left_ms = before ? stamp_ms(before->sent_at) + pause_ms - now_ms : 0;
    if (left_ms <= 0) return true;
    err_fail(err, OTP_TOO_SOON, too_soon);
    err_retry_after(err, left_ms);
    return false;
}

// A code that arrived in spite of the failure stays valid, but nobody has to wait for another.
static void forget_pause(struct auth *auth, Accounts__Otp *otp, uint64_t version, struct arena *arena)
{
    struct err err;
    otp->sent_at = stamp_new(arena, 0);
    if (!auth_save(auth, AUTH_OTPS, &otp->base, version, &err) && !err_is(&err, CONFLICT))
        log_err(LOG_WARN, "a code's pause stays", &err);
}

static void make_code(char code[CODE_LEN + 1])
{
    for (size_t i = 0; i < CODE_LEN; i++) code[i] = (char)('0' + randombytes_uniform(10));
    code[CODE_LEN] = 0;
}

bool otp_send(struct auth *auth, const char *phone, const struct otp_sender *sender, struct arena *arena,
              int64_t now_ms, struct err *err)
{
    Accounts__Otp otp = ACCOUNTS__OTP__INIT;
    struct stored before;
    if (!otp_load(auth, phone, arena, now_ms, &before, err))
        return err_is(err, CONFLICT) ? err_fail(err, OTP_TOO_SOON, too_soon) : false;
    if (!otp_pace_check(auth, phone, sender, arena, now_ms, err) ||
        !refuse_soon(before.row, auth->settings.otp_pause_ms, now_ms, err))
        return false;

    char code[CODE_LEN + 1];
    uint8_t hash[HASH_LEN];
    AUTO_KEY struct key key;
    keyring_in_use(auth->keys, AUTH_KEY_OTP, &key);
    make_code(code);
    hash_code(&key, phone, code, hash);
    otp.phone = phone;
    otp.sender = sender->name;
    otp.code_hash = (ProtobufCBinaryData){sizeof hash, hash};
    otp.sent_at = stamp_new(arena, now_ms);
    otp.expires_at = stamp_new(arena, now_ms + auth->settings.otp_ms);
    // Stored before it is sent: a code that arrives always works.
    if (!auth_save(auth, AUTH_OTPS, &otp.base, before.version, err))
        return err_is(err, CONFLICT) ? err_fail(err, OTP_TOO_SOON, too_soon) : false;
    bool sent = delivery_send(auth, phone, code, err);
    sodium_memzero(code, sizeof code);
    if (sent) return otp_pace_note(auth, phone, sender, arena, now_ms, err);
    forget_pause(auth, &otp, before.version + 1, arena);
    return false;
}

static const char invalid[] = "the code is wrong, used or expired";

static bool is_usable(const struct auth *auth, const Accounts__Otp *otp, uint32_t tries, int64_t now_ms)
{
    return !otp->used && tries < auth->settings.otp_tries && stamp_ms(otp->expires_at) > now_ms;
}

// By any key that may have made it.
static bool is_right(const struct auth *auth, const Accounts__Otp *otp, const struct otp_try *attempt,
                     int64_t now_ms)
{
    AUTO_KEYS struct key_set set;
    bool right = false;
    keyring_get(auth->keys, AUTH_KEY_OTP, &set);
    for (size_t i = 0; i < set.count && key_serves(&set, i, auth->settings.otp_ms, now_ms); i++) {
        uint8_t hash[HASH_LEN];
        hash_code(&set.keys[i], attempt->phone, attempt->code, hash);
        right |= otp->code_hash.len == HASH_LEN && sodium_memcmp(hash, otp->code_hash.data, HASH_LEN) == 0;
    }
    return right;
}

enum use { CHECK, USE_UP };

static bool try_once(struct auth *auth, const struct otp_try *attempt, enum use use, struct arena *arena,
                     int64_t now_ms, struct err *err)
{
    struct stored stored;
    if (!otp_load(auth, attempt->phone, arena, now_ms, &stored, err)) return false;
    Accounts__Otp *otp = stored.row;
    if (!otp) return err_fail(err, OTP_INVALID, invalid);
    uint32_t *tries = strcmp(otp->sender, attempt->sender.name) == 0 ? &otp->tries : &otp->other_tries;
    if (!is_usable(auth, otp, *tries, now_ms)) return err_fail(err, OTP_INVALID, invalid);
    bool right = is_right(auth, otp, attempt, now_ms);
    if (right && use == CHECK) return true;
    otp->used = right;
    ++*tries;
    // The try is durable before its result is returned, so that parallel guesses share the limit.
    if (!auth_save(auth, AUTH_OTPS, &otp->base, stored.version, err)) return false;
    if (right) return otp_pace_clear(auth, attempt->phone, otp->sender, arena, err);
    return err_fail(err, OTP_INVALID, invalid);
}

static bool otp_attempt(struct auth *auth, const struct otp_try *attempt, enum use use, struct arena *arena,
                        int64_t now_ms, struct err *err)
{
    for (int i = 0; i < TRIES; i++)
        if (try_once(auth, attempt, use, arena, now_ms, err))
            return true;
        else if (!err_is(err, CONFLICT))
            return false;
    return err_fail(err, OTP_INVALID, invalid);
}

bool otp_check(struct auth *auth, const struct otp_try *attempt, struct arena *arena, int64_t now_ms,
               struct err *err)
{
    return otp_attempt(auth, attempt, CHECK, arena, now_ms, err);
}

bool otp_use(struct auth *auth, const struct otp_try *attempt, struct arena *arena, int64_t now_ms,
             struct err *err)
{
    return otp_attempt(auth, attempt, USE_UP, arena, now_ms, err);
}

bool otp_erase(struct auth *auth, const char *phone, struct arena *arena, struct err *err)
{
    ProtobufCMessage *row;
    uint64_t version;
    if (!store_get(auth->store, &auth_tables[AUTH_OTPS], phone, arena, &row, &version, err)) return false;
    if (row && !auth_remove(auth, AUTH_OTPS, phone, version, err) && !err_is(err, CONFLICT)) return false;
    return otp_pace_erase(auth, phone, arena, err);
}
