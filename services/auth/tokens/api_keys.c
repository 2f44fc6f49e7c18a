#include "services/auth/tokens/api_keys.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "services/auth/tokens/revocations.h"

static const struct store_table *const table = &auth_tables[AUTH_API_KEYS];

enum {
    SECRET_BYTES = 32,
    SECRET_TEXT = 44,
    MAC_BYTES = crypto_auth_hmacsha256_BYTES,
    BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
    PAGE = 100,
    USED_MS = 3600 * 1000, // uses within it are one write
};

#define PREFIX "conse-key."

static void key_mac(const struct key *by, const char *id, const char *secret, uint8_t mac[MAC_BYTES])
{
    char text[128];
    int n = snprintf(text, sizeof text, "conse/api-key/1%s.%s", id, secret);
    crypto_auth_hmacsha256(mac, (const uint8_t *)text, (size_t)n, by->bytes);
    sodium_memzero(text, sizeof text);
}

// Its id, and where its secret begins; false when it does not look like a key.
static bool key_read(const char *key, struct uuid *id, const char **secret)
{
    const size_t prefix = strlen(PREFIX);
    if (strncmp(key, PREFIX, prefix) != 0 || strlen(key) != prefix + UUID_LEN + 1 + SECRET_TEXT - 1)
        return false;
    memcpy(id->text, key + prefix, UUID_LEN);
    id->text[UUID_LEN] = 0;
    *secret = key + prefix + UUID_LEN + 1;
    return (*secret)[-1] == '.' && uuid_check(id->text);
}

// There are few: only API_KEYS_MOST of one epoch, and the next one that is made removes those of earlier
// ones.
static bool keys_find(struct auth *auth, const char *user_id, struct arena *arena, struct store_rows *rows,
                      struct err *err)
{
    const struct store_query query = {
        .index = "by_user", .equal = {{.text = user_id}}, .equal_count = 1, .limit = PAGE, .page_token = ""};
    return store_find(auth->store, table, &query, arena, rows, err);
}

bool api_keys_list(struct auth *auth, const struct account *account, struct arena *arena,
                   struct api_keys *keys, struct err *err)
{
    struct store_rows rows;
    *keys = (struct api_keys){.count = 0};
    if (!keys_find(auth, account->row->id, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count && keys->count < API_KEYS_MOST; i++) {
        Accounts__ApiKey *row = (Accounts__ApiKey *)rows.messages[i];
        if (row->epoch == account->row->epoch) keys->rows[keys->count++] = row;
    }
    return true;
}

// Keys that were ended with the account's sessions make room.
static bool keys_count(struct auth *auth, const char *user_id, uint64_t epoch, struct arena *arena,
                       size_t *count, struct err *err)
{
    struct store_rows rows;
    *count = 0;
    if (!keys_find(auth, user_id, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const Accounts__ApiKey *row = (const Accounts__ApiKey *)rows.messages[i];
        if (row->epoch >= epoch)
            ++*count;
        else if (!auth_remove(auth, AUTH_API_KEYS, row->id, rows.versions[i], err) && !err_is(err, CONFLICT))
            return false;
    }
    return true;
}

static bool keys_check(struct auth *auth, const Accounts__ApiKey *row, bool added, struct arena *arena,
                       struct err *err)
{
    size_t count;
    return keys_count(auth, row->user_id, row->epoch, arena, &count, err) &&
           (count < API_KEYS_MOST + (size_t)added ||
            err_fail(err, LIMIT_REACHED, "an account has at most %d API keys; delete one first",
                     API_KEYS_MOST));
}

static bool is_within(struct auth *auth, const ProtobufCMessage *row, bool added, struct arena *arena,
                      struct err *err)
{
    return keys_check(auth, (const Accounts__ApiKey *)row, added, arena, err);
}

static const struct auth_room room = {is_within, AUTH_API_KEYS};

bool api_keys_check_room(struct auth *auth, const struct account *account, struct arena *arena,
                         struct err *err)
{
    Accounts__ApiKey row = ACCOUNTS__API_KEY__INIT;
    row.user_id = account->row->id;
    row.epoch = account->row->epoch;
    return keys_check(auth, &row, false, arena, err);
}

bool api_key_create(struct auth *auth, const struct account *account, Accounts__ApiKey *row,
                    char key[API_KEY_MAX], struct arena *arena, int64_t now_ms, struct err *err)
{
    AUTO_KEY struct key by;
    uint8_t bytes[SECRET_BYTES];
    char secret[SECRET_TEXT];
    keyring_in_use(auth->keys, AUTH_KEY_REFRESH, &by);
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(secret, sizeof secret, bytes, sizeof bytes, BASE64);
    sodium_memzero(bytes, sizeof bytes);
    row->id = arena_str(arena, uuid_new(now_ms).text);
    row->user_id = account->row->id;
    row->epoch = account->row->epoch;
    row->created_at = stamp_new(arena, now_ms);
    row->mac.len = MAC_BYTES;
    row->mac.data = arena_alloc(arena, MAC_BYTES);
    if (arena->failed) return err_fail(err, INTERNAL_ERROR, "out of memory");
    row->key_number = by.number;
    key_mac(&by, row->id, secret, row->mac.data);
    snprintf(key, API_KEY_MAX, PREFIX "%s.%s", row->id, secret);
    sodium_memzero(secret, sizeof secret);
    return auth_add_within(auth, &room, &row->base, arena, err);
}

static bool key_load(struct auth *auth, const char *id, struct arena *arena, Accounts__ApiKey **row,
                     uint64_t *version, struct err *err)
{
    return store_get(auth->store, table, id, arena, (ProtobufCMessage **)row, version, err);
}

// Tokens first: when the second step fails, the key is still listed and may be deleted again.
static bool key_end(struct auth *auth, const Accounts__ApiKey *row, uint64_t version, int64_t now_ms,
                    struct err *err)
{
    return revocations_add_key(auth, row->id, row->user_id, now_ms, err) &&
           auth_remove(auth, AUTH_API_KEYS, row->id, version, err);
}

bool api_key_delete(struct auth *auth, const char *user_id, const char *id, struct arena *arena,
                    int64_t now_ms, struct err *err)
{
    for (int tries = 0;;) {
        Accounts__ApiKey *row;
        uint64_t version;
        if (!key_load(auth, id, arena, &row, &version, err)) return false;
        if (!row || strcmp(row->user_id, user_id) != 0)
            return err_fail(err, NOT_FOUND, "there is no such API key");
        if (key_end(auth, row, version, now_ms, err)) return true;
        if (!account_again(&tries, err)) return false; // its use was noted meanwhile
    }
}

static bool key_invalid(struct err *err)
{
    return err_fail(err, KEY_INVALID, "the API key is unknown, expired or ended");
}

// What the stored key is compared with takes no shorter when there is none.
static bool is_right(struct auth *auth, const Accounts__ApiKey *row, const char *id, const char *secret,
                     struct err *err)
{
    static const uint8_t none[MAC_BYTES];
    AUTO_KEY struct key by = {0};
    uint8_t mac[MAC_BYTES];
    bool known = row && row->mac.len == MAC_BYTES;
    if (!keyring_find(auth->keys, AUTH_KEY_REFRESH, known && row->key_number ? row->key_number : 1, &by, err))
        return err_is(err, NOT_FOUND) ? key_invalid(err) : false;
    key_mac(&by, id, secret, mac);
    return (sodium_memcmp(mac, known ? row->mac.data : none, MAC_BYTES) == 0 && known) || key_invalid(err);
}

// Best effort: a key works also while the disk is full.
static void key_note_use(struct auth *auth, Accounts__ApiKey *row, uint64_t version, struct arena *arena,
                         int64_t now_ms)
{
    struct err err;
    const int64_t ago_ms = now_ms - stamp_ms(row->last_used_at);
    if (row->last_used_at && ago_ms < USED_MS && ago_ms > -USED_MS) return;
    row->last_used_at = stamp_new(arena, now_ms);
    if (row->last_used_at && !auth_save(auth, AUTH_API_KEYS, &row->base, version, &err) &&
        !err_is(&err, CONFLICT) && !err_is(&err, STORE_FULL))
        log_err(LOG_WARN, "the use of an API key is not noted", &err);
}

// Levels count down: 1 is the strongest.
static Auth__Level__Value weaker_level(Auth__Level__Value a, Auth__Level__Value b) { return a > b ? a : b; }

static bool key_fill(struct auth *auth, const Accounts__ApiKey *row, const struct account *account,
                     struct arena *arena, int64_t now_ms, Auth__ApiKeyToken *reply, struct err *err)
{
    const int64_t end_ms = now_ms + auth->settings.access_ms, key_ms = stamp_ms(row->expires_at);
    const struct uuid session_id = uuid_new(now_ms);
    const struct token_claims claims = {
        .user_id = account->row->id,
        .username = account->row->user->username,
        .session_id = session_id.text,
        .level = weaker_level(row->level, account->row->level),
        .generation = account->row->generation,
        .issued_s = now_ms / 1000,
        .expires_s = (row->expires_at && key_ms < end_ms ? key_ms : end_ms) / 1000,
        .key_id = row->id,
        .read_only = row->read_only,
    };
    char *access = arena_alloc(arena, TOKEN_MAX);
    if (!access) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (claims.expires_s <= claims.issued_s) return key_invalid(err); // within its last second
    if (!token_issue(auth->tokens, &claims, access, err)) return false;
    reply->access_token = access;
    reply->expires_in = (int32_t)(claims.expires_s - claims.issued_s);
    reply->token_type = "Bearer";
    return true;
}

bool api_key_exchange(struct auth *auth, const char *key, struct arena *arena, int64_t now_ms,
                      Auth__ApiKeyToken *reply, struct err *err)
{
    struct uuid id;
    struct account account;
    const char *secret;
    Accounts__ApiKey *row;
    uint64_t version;
    if (!key_read(key, &id, &secret)) return key_invalid(err);
    if (!key_load(auth, id.text, arena, &row, &version, err)) return false;
    if (!is_right(auth, row, id.text, secret, err)) return false;
    if (!account_load(auth, row->user_id, arena, &account, err)) return false;
    if (!account.row || row->epoch != account.row->epoch) return key_invalid(err);
    if (row->expires_at && stamp_ms(row->expires_at) <= now_ms) return key_invalid(err);
    if (!account_check_open(&account, now_ms, err)) return false;
    key_note_use(auth, row, version, arena, now_ms);
    return key_fill(auth, row, &account, arena, now_ms, reply, err);
}

bool api_keys_remove(struct auth *auth, const char *user_id, struct err *err)
{
    return auth_remove_of(auth, AUTH_API_KEYS, "by_user", user_id, err);
}
