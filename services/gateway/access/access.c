#include "services/gateway/access/access.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/log.h"
#include "lib/cache/cache.h"

enum { HASH_BYTES = 16, KEY_SIZE = 48, TOKENS_BYTES = 8 * 1024 * 1024, REVOCATIONS_BYTES = 64 * 1024 * 1024 };

struct access {
    pthread_mutex_t lock; // guards keys
    struct token_keys keys;
    struct cache *tokens;      // hash of a token -> struct verified
    struct cache *revocations; // "s" session -> "", "u" user -> lowest good generation
    atomic_uint heard;         // revocations heard; saves lookups while there is nothing new to find
    void (*on_heard)(void *arg);
    void *on_heard_arg;
    atomic_uint withdrawals; // of keys: what was verified before the last replacement is verified again
};

struct verified {
    struct token_claims claims;
    unsigned withdrawals;
};

bool access_create(struct access **out, struct err *err)
{
    struct access *access = calloc(1, sizeof *access);
    if (!access) return err_fail(err, INTERNAL_ERROR, "no memory");
    pthread_mutex_init(&access->lock, NULL);
    if (!cache_open(&access->tokens, TOKENS_BYTES, err) ||
        !cache_open(&access->revocations, REVOCATIONS_BYTES, err))
        return access_destroy(access), false;
    *out = access;
    return true;
}

void access_destroy(struct access *access)
{
    if (!access) return;
    cache_close(access->tokens);
    cache_close(access->revocations);
    pthread_mutex_destroy(&access->lock);
    free(access);
}

static bool read_key(const Auth__Jwks__Key *published, struct token_key *key)
{
    size_t len;
    if (strcmp(published->kty, "OKP") != 0 || strcmp(published->crv, "Ed25519") != 0) return false;
    if (strlen(published->kid) == 0 || strlen(published->kid) >= TOKEN_KID_SIZE) return false;
    strcpy(key->kid, published->kid);
    return sodium_base642bin(key->public_key, sizeof key->public_key, published->x, strlen(published->x),
                             NULL, &len, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           len == sizeof key->public_key;
}

static bool has_key(const struct token_keys *keys, const struct token_key *key)
{
    for (size_t i = 0; i < keys->count; i++)
        if (memcmp(keys->keys[i].public_key, key->public_key, sizeof key->public_key) == 0) return true;
    return false;
}

void access_set_keys(struct access *access, const Auth__Jwks *jwks)
{
    struct token_keys keys = {.count = 0};
    bool withdrawn = false;
    for (size_t i = 0; i < jwks->n_keys && keys.count < TOKEN_MAX_KEYS; i++)
        if (read_key(jwks->keys[i], &keys.keys[keys.count])) keys.count++;
    pthread_mutex_lock(&access->lock);
    for (size_t i = 0; i < access->keys.count; i++) withdrawn |= !has_key(&keys, &access->keys.keys[i]);
    access->keys = keys;
    if (withdrawn) atomic_fetch_add(&access->withdrawals, 1);
    pthread_mutex_unlock(&access->lock);
}

static struct token_keys keys_of(struct access *access)
{
    pthread_mutex_lock(&access->lock);
    struct token_keys keys = access->keys;
    pthread_mutex_unlock(&access->lock);
    return keys;
}

bool access_has_keys(struct access *access) { return keys_of(access).count > 0; }

static void name_revocation(char key[KEY_SIZE], char kind, const char *id)
{
    key[0] = kind;
    key[KEY_SIZE - 1] = 0;
    strncpy(key + 1, id, KEY_SIZE - 2);
}

static bool revoke_session(struct access *access, const char *session_id, struct err *err)
{
    char key[KEY_SIZE];
    name_revocation(key, 's', session_id);
    return cache_set(access->revocations, key, "", 0, ACCESS_LIFE_MS, err);
}

// They may come in any order.
static bool revoke_user(struct access *access, const char *user_id, uint64_t generation, struct err *err)
{
    char key[KEY_SIZE];
    uint64_t known = 0;
    long len;
    name_revocation(key, 'u', user_id);
    if (!cache_get(access->revocations, key, &known, sizeof known, &len, err)) return false;
    if (known > generation) generation = known;
    return cache_set(access->revocations, key, &generation, sizeof generation, ACCESS_LIFE_MS, err);
}

bool access_revoke(struct access *access, const Auth__Revocation *revocation, struct err *err)
{
    bool kept =
        (!*revocation->session_id || revoke_session(access, revocation->session_id, err)) &&
        (!revocation->generation || revoke_user(access, revocation->user_id, revocation->generation, err));
    atomic_fetch_add(&access->heard, 1); // now it can be found
    if (access->on_heard) access->on_heard(access->on_heard_arg);
    return kept;
}

void access_on_revocation(struct access *access, void (*heard)(void *arg), void *arg)
{
    access->on_heard = heard;
    access->on_heard_arg = arg;
}

unsigned access_revocations(const struct access *access)
{
    return atomic_load_explicit(&access->heard, memory_order_acquire);
}

// A revocation that cannot be looked up counts as there.
static bool is_ended(struct access *access, const char *session_id)
{
    char key[KEY_SIZE];
    long len;
    struct err err;
    name_revocation(key, 's', session_id);
    return !cache_get(access->revocations, key, NULL, 0, &len, &err) || len >= 0;
}

// An API key is revoked like a session, and with it the tokens that were given for it.
bool access_is_revoked(struct access *access, const struct token_claims *claims)
{
    char key[KEY_SIZE];
    uint64_t lowest = 0;
    long len;
    struct err err;
    if (access_revocations(access) == 0) return false;
    if (is_ended(access, claims->session_id)) return true;
    if (*claims->key_id && is_ended(access, claims->key_id)) return true;
    name_revocation(key, 'u', claims->user_id);
    if (!cache_get(access->revocations, key, &lowest, sizeof lowest, &len, &err)) return true;
    return len == sizeof lowest && claims->generation < lowest;
}

static const char *bearer_of(const char *authorization)
{
    if (strncasecmp(authorization, "Bearer ", 7) != 0) return NULL;
    const char *token = authorization + 7 + strspn(authorization + 7, " ");
    return *token ? token : NULL;
}

static void name_of(const char *token, char name[2 * HASH_BYTES + 1])
{
    uint8_t hash[HASH_BYTES];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)token, strlen(token), NULL, 0);
    hex_encode(name, hash, sizeof hash);
}

static enum access_verdict access_bad(struct err *err, const char *why)
{
    err_fail(err, TOKEN_INVALID, "%s", why);
    return ACCESS_BAD;
}

static bool is_remembered(struct access *access, const char *name, struct verified *verified)
{
    struct err err;
    long len;
    return cache_get(access->tokens, name, verified, sizeof *verified, &len, &err) && len == sizeof *verified;
}

// A token that is not remembered is verified again.
static void token_remember(struct access *access, const char *name, const struct verified *verified,
                           int64_t ttl_ms)
{
    struct err err;
    if (!cache_set(access->tokens, name, verified, sizeof *verified, ttl_ms, &err))
        log_err(LOG_WARN, "tokens", &err);
}

static enum access_verdict access_verify(struct access *access, const char *token, int64_t unix_ms,
                                         struct token_claims *claims, struct err *err)
{
    char name[2 * HASH_BYTES + 1];
    struct verified verified;
    unsigned withdrawals = atomic_load(&access->withdrawals);
    name_of(token, name);
    if (is_remembered(access, name, &verified) && verified.withdrawals == withdrawals) {
        *claims = verified.claims;
        return claims->expires_s * 1000 > unix_ms ? ACCESS_GOOD
                                                  : access_bad(err, "the access token has expired");
    }
    const struct token_keys keys = keys_of(access);
    switch (token_verify(token, &keys, unix_ms / 1000, claims)) {
    case TOKEN_GOOD:
        break;
    case TOKEN_EXPIRED:
        return access_bad(err, "the access token has expired");
    case TOKEN_UNKNOWN_KEY:
        access_bad(err, "the access token is signed by an unknown key");
        return ACCESS_UNKNOWN_KEY;
    default:
        return access_bad(err, "the access token is not valid");
    }
    verified = (struct verified){*claims, withdrawals};
    token_remember(access, name, &verified, claims->expires_s * 1000 - unix_ms);
    return ACCESS_GOOD;
}

enum access_verdict access_check(struct access *access, const char *authorization, int64_t unix_ms,
                                 struct token_claims *claims, struct err *err)
{
    const char *token = bearer_of(authorization);
    if (!token) return access_bad(err, "Authorization must be: Bearer <access token>");
    enum access_verdict verdict = access_verify(access, token, unix_ms, claims, err);
    if (verdict == ACCESS_GOOD && access_is_revoked(access, claims))
        return access_bad(err, "the access token was revoked");
    return verdict;
}
