#include "services/auth/lockout.h"

#include <stdio.h>

#include "lib/base/stamp.h"
#include "lib/base/text.h"
#include "lib/net/network.h"

enum { TRIES = 8, NOTE_TRIES = 256, DAY_MS = 24 * 3600 * 1000, PAGE = 100 };

static struct lockout of_tries(const struct auth *auth, int64_t after)
{
    return (struct lockout){
        .after = after,
        .base_ms = auth->settings.lockout_base_ms,
        .most_ms = auth->settings.lockout_max_ms,
        .forget_ms = DAY_MS,
        .reason = CONSE__REASON__VALUE__ACCOUNT_LOCKED,
        .sentence = "too many failed tries at this account",
    };
}

struct lockout lockout_account(const struct auth *auth, const char *account_id)
{
    struct lockout lockout = of_tries(auth, auth->settings.lockout_after);
    snprintf(lockout.key, sizeof lockout.key, "account:%s", account_id);
    return lockout;
}

struct lockout lockout_unknown(const struct auth *auth, const char *username)
{
    struct lockout lockout = of_tries(auth, auth->settings.lockout_after);
    char name[64];
    text_lower(name, sizeof name, username);
    snprintf(lockout.key, sizeof lockout.key, "account:unknown:%s", name);
    return lockout;
}

struct lockout lockout_device(const struct auth *auth, const char *account_id, const char *device_id)
{
    struct lockout lockout = of_tries(auth, auth->settings.lockout_after);
    lockout.sentence = "too many failed tries from this device";
    snprintf(lockout.key, sizeof lockout.key, "device:%s:%s", account_id, device_id);
    return lockout;
}

// Many people may be behind one address: their occasional mistakes must not add up.
static struct lockout of_address(const struct auth *auth, const char *kind, const char *address)
{
    struct lockout lockout = of_tries(auth, *address ? auth->settings.lockout_address_after : 0);
    char household[NETWORK_TEXT];
    lockout.forget_ms = 60000;
    lockout.reason = CONSE__REASON__VALUE__ADDRESS_LOCKED;
    lockout.sentence = "too many failed tries from this address";
    network_household(household, address);
    snprintf(lockout.key, sizeof lockout.key, "%s:%s", kind, household);
    return lockout;
}

struct lockout lockout_address(const struct auth *auth, const char *address)
{
    return of_address(auth, "address", address);
}

struct lockout lockout_codes(const struct auth *auth, const char *address)
{
    return of_address(auth, "codes", address);
}

static int64_t lock_ms(const struct lockout *lockout, uint32_t failures)
{
    if (failures < lockout->after) return 0;
    int64_t doublings = failures - lockout->after;
    return doublings > 30 || lockout->base_ms << doublings > lockout->most_ms ? lockout->most_ms
                                                                              : lockout->base_ms << doublings;
}

static bool lockout_shorten(Accounts__Lockout *row, int64_t longest_ms, int64_t now_ms, struct arena *arena)
{
    bool shorter = auth_bring_back(&row->until, now_ms + longest_ms, arena);
    if (shorter) auth_bring_back(&row->last_failure, now_ms, arena);
    return shorter;
}

bool lockout_bring_back(const struct auth *auth, ProtobufCMessage *row, int64_t now_ms, struct arena *arena)
{
    Accounts__Lockout *lockout = (Accounts__Lockout *)row;
    const struct auth_settings *settings = &auth->settings;
    int64_t most_ms = settings->lockout_max_ms > settings->otp_pause_max_ms ? settings->lockout_max_ms
                                                                            : settings->otp_pause_max_ms;
    bool shorter = lockout_shorten(lockout, most_ms, now_ms, arena);
    return auth_bring_back(&lockout->last_failure, now_ms, arena) || shorter;
}

struct stored {
    Accounts__Lockout *row; // NULL: there is none
    uint64_t version;
};

static bool load_as_is(struct auth *auth, const char *key, struct arena *arena, struct stored *stored,
                       struct err *err)
{
    ProtobufCMessage *row;
    if (!store_get(auth->store, &auth_tables[AUTH_LOCKOUTS], key, arena, &row, &stored->version, err))
        return false;
    stored->row = (Accounts__Lockout *)row;
    return true;
}

// A lock that is longer than its rule gives from now is stored again, so that it ends.
static bool lockout_load(struct auth *auth, const struct lockout *lockout, struct arena *arena,
                         int64_t now_ms, struct stored *stored, struct err *err)
{
    for (int i = 0; i < TRIES; i++) {
        if (!load_as_is(auth, lockout->key, arena, stored, err)) return false;
        Accounts__Lockout *row = stored->row;
        if (!row || !lockout_shorten(row, lock_ms(lockout, row->failures), now_ms, arena)) return true;
        stored->version++;
        if (auth_save(auth, AUTH_LOCKOUTS, &row->base, stored->version - 1, err)) return true;
        if (!err_is(err, CONFLICT)) break;
    }
    return false;
}

static bool is_open(const struct lockout *lockout, const Accounts__Lockout *row, int64_t now_ms,
                    struct err *err)
{
    int64_t left_ms = row ? stamp_ms(row->until) - now_ms : 0;
    if (left_ms <= 0) return true;
    err_set(err, lockout->reason, NULL, "%s", lockout->sentence);
    err_retry_after(err, left_ms);
    return false;
}

bool lockout_check(struct auth *auth, const struct lockout *lockout, struct arena *arena, int64_t now_ms,
                   struct err *err)
{
    struct stored stored;
    if (!lockout->after) return true;
    return lockout_load(auth, lockout, arena, now_ms, &stored, err) &&
           is_open(lockout, stored.row, now_ms, err);
}

bool lockout_check_both(struct auth *auth, const struct lockout both[2], struct arena *arena, int64_t now_ms,
                        struct err *err)
{
    struct err first;
    if (lockout_check(auth, &both[0], arena, now_ms, &first))
        return lockout_check(auth, &both[1], arena, now_ms, err);
    if (lockout_check(auth, &both[1], arena, now_ms, err) || err->retry_after_s < first.retry_after_s)
        *err = first;
    return false;
}

static uint32_t lockout_remembered(const struct lockout *lockout, const Accounts__Lockout *row,
                                   int64_t now_ms)
{
    int64_t last_ms = stamp_ms(row->last_failure), until_ms = stamp_ms(row->until);
    int64_t rest_ms = now_ms - (until_ms > last_ms ? until_ms : last_ms);
    int64_t forgotten = rest_ms > DAY_MS ? row->failures : rest_ms > 0 ? rest_ms / lockout->forget_ms : 0;
    return forgotten < row->failures ? row->failures - (uint32_t)forgotten : 0;
}

static bool note_once(struct auth *auth, const struct lockout *lockout, struct arena *arena, int64_t now_ms,
                      struct err *err)
{
    Accounts__Lockout fresh = ACCOUNTS__LOCKOUT__INIT;
    struct stored stored;
    if (!lockout_load(auth, lockout, arena, now_ms, &stored, err) ||
        !is_open(lockout, stored.row, now_ms, err))
        return false;
    Accounts__Lockout *row = stored.row ? stored.row : &fresh;
    row->key = lockout->key;
    row->failures = lockout_remembered(lockout, row, now_ms) + 1;
    row->last_failure = stamp_new(arena, now_ms);
    int64_t locked_ms = lock_ms(lockout, row->failures);
    row->until = locked_ms ? stamp_new(arena, now_ms + locked_ms) : NULL;
    return auth_save(auth, AUTH_LOCKOUTS, &row->base, stored.version, err);
}

bool lockout_note_failure(struct auth *auth, const struct lockout *lockout, struct arena *arena,
                          int64_t now_ms, struct err *err)
{
    if (!lockout->after) return true;
    for (int i = 0; i < NOTE_TRIES; i++) {
        if (note_once(auth, lockout, arena, now_ms, err)) return true;
        if (!err_is(err, CONFLICT))
            break; // others fail, or clear the row, at the same time: one wins each time
    }
    return false;
}

bool lockout_clear(struct auth *auth, const struct lockout *lockout, struct arena *arena, struct err *err)
{
    struct stored stored;
    if (!load_as_is(auth, lockout->key, arena, &stored, err)) return false;
    if (!stored.row || auth_remove(auth, AUTH_LOCKOUTS, lockout->key, stored.version, err)) return true;
    return err_is(err, CONFLICT); // a failure came in between: it counts
}

bool lockout_find(struct auth *auth, const char *prefix, uint32_t limit, struct arena *arena,
                  struct store_rows *rows, struct err *err)
{
    const struct store_value from = {.text = prefix};
    const struct store_query query = {.from = &from, .prefix = true, .limit = limit, .page_token = ""};
    return store_find(auth->store, &auth_tables[AUTH_LOCKOUTS], &query, arena, rows, err);
}

const char *lockout_devices(const char *account_id, struct arena *arena)
{
    return arena_printf(arena, "device:%s:", account_id);
}

bool lockout_clear_prefix(struct auth *auth, const char *prefix, struct arena *arena, struct err *err)
{
    struct store_rows rows;
    do {
        if (!lockout_find(auth, prefix, PAGE, arena, &rows, err)) return false;
        for (size_t i = 0; i < rows.count; i++) {
            const char *key = ((const Accounts__Lockout *)rows.messages[i])->key;
            if (!auth_remove(auth, AUTH_LOCKOUTS, key, rows.versions[i], err) && !err_is(err, CONFLICT))
                return false;
        }
    } while (rows.count == PAGE);
    return true;
}

bool lockout_clear_account(struct auth *auth, const char *account_id, struct arena *arena, struct err *err)
{
    const struct lockout own = lockout_account(auth, account_id);
    const char *devices = lockout_devices(account_id, arena);
    if (!devices) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return lockout_clear(auth, &own, arena, err) && lockout_clear_prefix(auth, devices, arena, err);
}
