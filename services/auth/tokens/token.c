#include "services/auth/tokens/token.h"

#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/ids.h"
#include "lib/base/log.h"

enum {
    BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
    KEY_TEXT = 44,
    KID_LEN = 43,
    PUBLISHED = 2, // of a span: the newest and the one before
    MINUTE_MS = 60000,
};

struct token_key {
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    char x[KEY_TEXT];      // public key
    char kid[KID_LEN + 1]; // thumbprint of the public key, RFC 7638
};

struct token_span {
    int64_t span;     // number of the time span they sign in; -1: not loaded
    uint64_t changes; // of the ring when they were loaded
    struct key_set set;
    struct token_key keys[KEYS_MOST]; // of the set
};

struct token_keys {
    struct keyring *ring;
    int64_t span_ms;
    pthread_mutex_t mutex;
    struct token_span loaded[TOKEN_KEYS]; // by span modulo
};

static void token_thumbprint(char kid[KID_LEN + 1], const char *x)
{
    char json[128];
    uint8_t hash[crypto_hash_sha256_BYTES];
    int n = snprintf(json, sizeof json, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}", x);
    crypto_hash_sha256(hash, (const uint8_t *)json, (size_t)n);
    sodium_bin2base64(kid, KID_LEN + 1, hash, sizeof hash, BASE64);
}

static void token_name(char name[32], int64_t span) { snprintf(name, 32, "token/%" PRId64, span); }

static void token_derive(struct token_key *key, const uint8_t seed[KEY_BYTES])
{
    uint8_t public[crypto_sign_PUBLICKEYBYTES];
    crypto_sign_seed_keypair(public, key->secret, seed);
    sodium_bin2base64(key->x, sizeof key->x, public, sizeof public, BASE64);
    token_thumbprint(key->kid, key->x);
}

static bool token_load(const struct token_keys *keys, int64_t span, struct token_span *loaded,
                       struct err *err)
{
    char name[32];
    token_name(name, span);
    loaded->changes = keyring_changes(keys->ring);
    if (!keyring_load(keys->ring, name, &loaded->set, err)) return false;
    for (size_t i = 0; i < loaded->set.count; i++) token_derive(&loaded->keys[i], loaded->set.keys[i].bytes);
    loaded->span = span;
    return true;
}

static bool is_current(const struct token_keys *keys, const struct token_span *slot, int64_t span)
{
    return slot->span == span &&
           (!keyring_has_rows(keys->ring) || slot->changes == keyring_changes(keys->ring));
}

// The span's keys, loaded (or made) the first time; the caller holds the mutex. NULL: err says why.
static const struct token_span *span_of(struct token_keys *keys, int64_t span, struct err *err)
{
    struct token_span *slot = &keys->loaded[span % TOKEN_KEYS];
    return is_current(keys, slot, span) || token_load(keys, span, slot, err) ? slot : NULL;
}

static size_t place_in_use(const struct token_span *span)
{
    return (size_t)(key_in_use(&span->set) - span->set.keys);
}

// Copies the key that signs in a span.
static bool key_of(struct token_keys *keys, int64_t span, struct token_key *key, struct err *err)
{
    pthread_mutex_lock(&keys->mutex);
    const struct token_span *found = span_of(keys, span, err);
    if (found) *key = found->keys[place_in_use(found)];
    pthread_mutex_unlock(&keys->mutex);
    return found != NULL;
}

bool token_keys_open(struct token_keys **keys, struct keyring *ring, int64_t span_ms, struct err *err)
{
    *keys = calloc(1, sizeof **keys);
    if (!*keys) return err_fail(err, INTERNAL_ERROR, "out of memory");
    (*keys)->span_ms = span_ms;
    (*keys)->ring = ring;
    pthread_mutex_init(&(*keys)->mutex, NULL);
    for (int i = 0; i < TOKEN_KEYS; i++) (*keys)->loaded[i].span = -1;
    return true;
}

void token_keys_close(struct token_keys *keys)
{
    if (!keys) return;
    pthread_mutex_destroy(&keys->mutex);
    sodium_memzero(keys, sizeof *keys);
    free(keys);
}

// A key that is not in use, and can't be made for want of room, is made when it is needed.
static bool token_load_or_wait(const struct token_keys *keys, int64_t span, bool in_use,
                               struct token_span *loaded, struct err *err)
{
    loaded->span = -1;
    if (token_load(keys, span, loaded, err)) return true;
    if (in_use || !err_is(err, STORE_FULL)) return false;
    log_err(LOG_WARN, "a token key is not made yet", err);
    return true;
}

bool token_keys_reload(struct token_keys *keys, int64_t now_ms, struct err *err)
{
    struct token_span fresh[TOKEN_KEYS] = {0};
    int64_t now = now_ms / keys->span_ms;
    bool ok = keyring_read(keys->ring, err);
    for (int64_t span = now - 1; ok && span <= now + 1; span++)
        ok = token_load_or_wait(keys, span, span == now, &fresh[span % TOKEN_KEYS], err);
    if (ok) {
        pthread_mutex_lock(&keys->mutex);
        memcpy(keys->loaded, fresh, sizeof fresh);
        pthread_mutex_unlock(&keys->mutex);
    }
    sodium_memzero(fresh, sizeof fresh);
    return ok;
}

static void append_base64(struct buf *buf, const void *bytes, size_t len)
{
    size_t room = sodium_base64_ENCODED_LEN(len, BASE64);
    char *text = buf_room(buf, room);
    if (!text) return;
    sodium_bin2base64(text, room, bytes, len, BASE64);
    buf->len--; // the NUL is not part of it
}

// No value needs JSON escapes: ids and usernames have a small alphabet.
static void append_claims(struct buf *token, const struct token_claims *claims)
{
    char json[640], key[64] = "";
    if (claims->key_id) snprintf(key, sizeof key, ",\"key\":\"%s\"", claims->key_id);
    int n = snprintf(
        json, sizeof json,
        "{\"iss\":\"conse\",\"sub\":\"%s\",\"name\":\"%s\",\"lvl\":%d,\"sid\":\"%s\",\"gen\":%" PRIu64
        ",\"iat\":%" PRId64 ",\"exp\":%" PRId64 "%s%s}",
        claims->user_id, claims->username, (int)claims->level, claims->session_id, claims->generation,
        claims->issued_s, claims->expires_s, key, claims->read_only ? ",\"ro\":true" : "");
    append_base64(token, json, (size_t)n);
}

bool token_issue(struct token_keys *keys, const struct token_claims *claims, char token[TOKEN_MAX],
                 struct err *err)
{
    struct token_key key;
    if (!key_of(keys, claims->issued_s * 1000 / keys->span_ms, &key, err))
        return err_is(err, STORE_FULL) ? err_fail(err, STORE_FULL, "the disk is full") : false;

    struct buf text;
    char header[128];
    uint8_t signature[crypto_sign_BYTES];
    buf_init(&text, TOKEN_MAX - 1);
    int n = snprintf(header, sizeof header, "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"%s\"}", key.kid);
    append_base64(&text, header, (size_t)n);
    buf_char(&text, '.');
    append_claims(&text, claims);
    crypto_sign_detached(signature, NULL, (const uint8_t *)text.bytes, text.len, key.secret);
    buf_char(&text, '.');
    append_base64(&text, signature, sizeof signature);
    bool fits = !text.failed;
    snprintf(token, TOKEN_MAX, "%.*s", (int)text.len, text.bytes);
    buf_finish(&text);
    sodium_memzero(&key, sizeof key);
    return fits || err_fail(err, INTERNAL_ERROR, "token is too long");
}

static bool is_rotated_soon(struct token_keys *keys, int64_t access_ms, int64_t now_ms, int64_t *left_ms,
                            struct err *err)
{
    AUTO_KEYS struct key_set set;
    char name[32];
    token_name(name, now_ms / keys->span_ms);
    *left_ms = 0;
    if (!keyring_load(keys->ring, name, &set, err)) return false;
    if (set.count >= PUBLISHED) *left_ms = set.keys[0].made_ms + access_ms + MINUTE_MS - now_ms;
    return true;
}

static bool check_room(struct token_keys *keys, int64_t access_ms, int64_t now_ms, struct err *err)
{
    int64_t left_ms;
    return is_rotated_soon(keys, access_ms, now_ms, &left_ms, err) &&
           (left_ms <= 0 ||
            err_fail(err, IN_USE, "the key before the last one still has tokens: rotate again in %lld s",
                     (long long)(left_ms / 1000 + 1)));
}

bool token_keys_rotate(struct token_keys *keys, const struct rotation *rotation, int64_t access_ms,
                       char ids[TOKEN_ROTATED][64], size_t *count, struct err *err)
{
    int64_t now = rotation->now_ms / keys->span_ms;
    *count = 0;
    if (!rotation->at_once && !check_room(keys, access_ms, rotation->now_ms, err)) return false;
    for (int64_t span = rotation->at_once ? now - 1 : now; span <= now + 1; span++) {
        AUTO_KEYS struct key_set set;
        char name[32];
        token_name(name, span);
        if (!keyring_load(keys->ring, name, &set, err) ||
            !keyring_rotate(keys->ring, name, rotation, ids[(*count)++], err))
            return false;
    }
    return true;
}

bool token_keys_sweep(struct token_keys *keys, int64_t now_ms, struct err *err)
{
    return keyring_drop_below(keys->ring, "token/", now_ms / keys->span_ms - 1, err);
}

static bool add_key(const struct token_key *key, struct arena *arena, Auth__Jwks *jwks)
{
    Auth__Jwks__Key *out = arena_new(arena, Auth__Jwks__Key);
    if (!out) return false;
    auth__jwks__key__init(out);
    out->kty = "OKP";
    out->crv = "Ed25519";
    out->use = "sig";
    out->alg = "EdDSA";
    out->x = arena_str(arena, key->x);
    out->kid = arena_str(arena, key->kid);
    jwks->keys[jwks->n_keys++] = out;
    return !arena->failed;
}

// The one that signs, those that will, and the one before the newest.
static bool add_span(const struct token_span *span, struct arena *arena, Auth__Jwks *jwks, struct err *err)
{
    size_t least = place_in_use(span) + 1, count = least > PUBLISHED ? least : PUBLISHED;
    for (size_t i = 0; i < count && i < span->set.count; i++)
        if (!add_key(&span->keys[i], arena, jwks)) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return true;
}

static bool publish_span(struct token_keys *keys, int64_t span, struct arena *arena, Auth__Jwks *jwks,
                         struct err *err)
{
    pthread_mutex_lock(&keys->mutex);
    const struct token_span *found = span_of(keys, span, err);
    bool ok = found && add_span(found, arena, jwks, err);
    pthread_mutex_unlock(&keys->mutex);
    return ok;
}

bool token_jwks(struct token_keys *keys, int64_t now_ms, struct arena *arena, Auth__Jwks *jwks,
                struct err *err)
{
    int64_t now = now_ms / keys->span_ms;
    jwks->keys = arena_array(arena, TOKEN_KEYS * KEYS_MOST, sizeof *jwks->keys);
    if (!jwks->keys) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (int64_t span = now - 1; span <= now + 1; span++) {
        if (publish_span(keys, span, arena, jwks, err)) continue;
        if (span == now) return false;
        log_err(LOG_WARN, "a token key is not published", err); // the one in use works without it
    }
    return true;
}

static void refresh_mac(const uint8_t key[32], const char *session_id, uint32_t counter, char mac[KEY_TEXT])
{
    char text[64];
    uint8_t hash[32];
    int n = snprintf(text, sizeof text, "conse/refresh/1%s.%" PRIu32, session_id, counter);
    crypto_auth_hmacsha256(hash, (const uint8_t *)text, (size_t)n, key);
    sodium_bin2base64(mac, KEY_TEXT, hash, sizeof hash, BASE64);
}

void refresh_make(const uint8_t key[32], const char *session_id, uint32_t counter, char token[REFRESH_MAX])
{
    char mac[KEY_TEXT];
    refresh_mac(key, session_id, counter, mac);
    snprintf(token, REFRESH_MAX, "%s.%" PRIu32 ".%s", session_id, counter, mac);
}

bool refresh_read(const uint8_t key[32], const char *token, char session_id[40], uint32_t *counter)
{
    char again[REFRESH_MAX];
    size_t len = strlen(token);
    if (len >= REFRESH_MAX || sscanf(token, "%36[0-9a-f-].%10" SCNu32 ".", session_id, counter) != 2)
        return false;
    if (!uuid_check(session_id)) return false;
    refresh_make(key, session_id, *counter, again);
    return strlen(again) == len && sodium_memcmp(again, token, len) == 0;
}
