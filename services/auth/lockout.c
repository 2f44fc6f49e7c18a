#include "services/auth/lockout.h"

#include <stdio.h>

#include "lib/stamp.h"

enum { TRIES = 8, FORGET_MS = 24 * 3600 * 1000 };

void lockout_account_key(char key[LOCKOUT_KEY], const char *account_id)
{
    snprintf(key, LOCKOUT_KEY, "account:%s", account_id);
}

void lockout_address_key(char key[LOCKOUT_KEY], const char *address)
{
    snprintf(key, LOCKOUT_KEY, "address:%s", address);
}

static bool load(struct auth *auth, const char *key, struct arena *arena, Accounts__Lockout **row,
                 uint64_t *version, struct err *err)
{
    ProtobufCMessage *message;
    if (!store_get(auth->store, &auth_tables[AUTH_LOCKOUTS], key, arena, &message, version, err))
        return false;
    *row = (Accounts__Lockout *)message;
    return true;
}

bool lockout_check(struct auth *auth, const char *key, struct arena *arena, int64_t now_ms, struct err *err)
{
    Accounts__Lockout *row;
    uint64_t version;
    if (!load(auth, key, arena, &row, &version, err)) return false;
    int64_t left_ms = row ? stamp_ms(row->until) - now_ms : 0;
    if (left_ms <= 0) return true;
    err_fail(err, ACCOUNT_LOCKED, "too many failed logins");
    err->retry_after_s = (uint32_t)((left_ms + 999) / 1000);
    return false;
}

static int64_t lock_ms(const struct auth *auth, uint32_t failures)
{
    if (failures < auth->settings.lockout_after) return 0;
    uint32_t doublings = failures - (uint32_t)auth->settings.lockout_after;
    int64_t most = auth->settings.lockout_max_ms, base = auth->settings.lockout_base_ms;
    return doublings > 30 || base << doublings > most ? most : base << doublings;
}

static bool note_once(struct auth *auth, const char *key, struct arena *arena, int64_t now_ms,
                      struct err *err)
{
    Accounts__Lockout *row, fresh = ACCOUNTS__LOCKOUT__INIT;
    uint64_t version;
    if (!load(auth, key, arena, &row, &version, err)) return false;
    if (!row) row = &fresh;
    bool forgotten = now_ms - stamp_ms(row->last_failure) > FORGET_MS;
    row->key = key;
    row->failures = forgotten ? 1 : row->failures + 1;
    row->last_failure = stamp_new(arena, now_ms);
    row->until = stamp_new(arena, now_ms + lock_ms(auth, row->failures));
    return auth_save(auth, AUTH_LOCKOUTS, &row->base, version, err);
}

bool lockout_note_failure(struct auth *auth, const char *key, struct arena *arena, int64_t now_ms,
                          struct err *err)
{
    for (int i = 0; i < TRIES; i++)
        if (note_once(auth, key, arena, now_ms, err))
            return true;
        else if (!err_is(err, CONFLICT))
            return false;
    return false;
}

bool lockout_clear(struct auth *auth, const char *key, struct arena *arena, struct err *err)
{
    Accounts__Lockout *row;
    uint64_t version;
    if (!load(auth, key, arena, &row, &version, err)) return false;
    if (!row || auth_remove(auth, AUTH_LOCKOUTS, key, version, err)) return true;
    return err_is(err, CONFLICT); // a failure came in between: it counts
}
