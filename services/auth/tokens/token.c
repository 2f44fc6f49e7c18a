#include "services/auth/tokens/token.h"

#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/ids.h"
#include "lib/service/keys.h"
#include "lib/base/log.h"

enum { BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING, KEY_TEXT = 44, KID_LEN = 43, MAX_FOLDER = 512 };

struct token_key {
    int64_t span; // number of the time span it signs in; -1: not loaded
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    char x[KEY_TEXT];      // public key
    char kid[KID_LEN + 1]; // thumbprint of the public key, RFC 7638
};

struct token_keys {
    char folder[MAX_FOLDER];
    int64_t span_ms;
    pthread_mutex_t mutex;
    struct token_key loaded[TOKEN_KEYS]; // by span modulo
};

static void token_thumbprint(char kid[KID_LEN + 1], const char *x)
{
    char json[128];
    uint8_t hash[crypto_hash_sha256_BYTES];
    int n = snprintf(json, sizeof json, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}", x);
    crypto_hash_sha256(hash, (const uint8_t *)json, (size_t)n);
    sodium_bin2base64(kid, KID_LEN + 1, hash, sizeof hash, BASE64);
}

static bool token_load(const struct token_keys *keys, int64_t span, struct token_key *key, struct err *err)
{
    char name[32];
    uint8_t seed[KEY_BYTES], public[crypto_sign_PUBLICKEYBYTES];
    snprintf(name, sizeof name, "token-%" PRId64, span);
    if (!keys_load(keys->folder, name, seed, err)) return false;
    crypto_sign_seed_keypair(public, key->secret, seed);
    sodium_memzero(seed, sizeof seed);
    sodium_bin2base64(key->x, sizeof key->x, public, sizeof public, BASE64);
    token_thumbprint(key->kid, key->x);
    key->span = span;
    return true;
}

// Copies the span's key, loading it from its file (or making it) the first time.
static bool key_of(struct token_keys *keys, int64_t span, struct token_key *key, struct err *err)
{
    struct token_key *slot = &keys->loaded[span % TOKEN_KEYS];
    pthread_mutex_lock(&keys->mutex);
    bool ok = slot->span == span || token_load(keys, span, slot, err);
    if (ok) *key = *slot;
    pthread_mutex_unlock(&keys->mutex);
    return ok;
}

bool token_keys_open(struct token_keys **keys, const char *folder, int64_t span_ms, struct err *err)
{
    *keys = calloc(1, sizeof **keys);
    if (!*keys) return err_fail(err, INTERNAL_ERROR, "out of memory");
    (*keys)->span_ms = span_ms;
    snprintf((*keys)->folder, sizeof(*keys)->folder, "%s", folder);
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
                               struct token_key *key, struct err *err)
{
    key->span = -1;
    if (token_load(keys, span, key, err)) return true;
    if (in_use || !err_is(err, STORE_FULL)) return false;
    log_err(LOG_WARN, "a token key is not made yet", err);
    return true;
}

bool token_keys_reload(struct token_keys *keys, int64_t now_ms, struct err *err)
{
    struct token_key fresh[TOKEN_KEYS] = {0};
    bool ok = true;
    int64_t now = now_ms / keys->span_ms;
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

static bool fill_key(struct token_keys *keys, int64_t span, struct arena *arena, Auth__Jwks__Key *out,
                     struct err *err)
{
    struct token_key key;
    if (!key_of(keys, span, &key, err)) return false;
    auth__jwks__key__init(out);
    out->kty = "OKP";
    out->crv = "Ed25519";
    out->use = "sig";
    out->alg = "EdDSA";
    out->x = arena_str(arena, key.x);
    out->kid = arena_str(arena, key.kid);
    sodium_memzero(&key, sizeof key);
    return true;
}

bool token_jwks(struct token_keys *keys, int64_t now_ms, struct arena *arena, Auth__Jwks *jwks,
                struct err *err)
{
    int64_t now = now_ms / keys->span_ms;
    Auth__Jwks__Key *all = arena_array(arena, TOKEN_KEYS, sizeof *all);
    jwks->keys = arena_array(arena, TOKEN_KEYS, sizeof *jwks->keys);
    if (!all || !jwks->keys) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (int64_t span = now - 1; span <= now + 1; span++)
        if (fill_key(keys, span, arena, &all[jwks->n_keys], err)) {
            jwks->keys[jwks->n_keys] = &all[jwks->n_keys];
            jwks->n_keys++;
        } else if (span == now) {
            return false;
        } else {
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
