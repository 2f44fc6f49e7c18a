// Access tokens: JWT (RFC 7519) signed with Ed25519 (RFC 8037), and the keys that sign them. A key signs for
// a fixed span of time; the one before, the one in use and the next are published, so that a verifier never
// meets an unknown key. A span whose key was rotated has several. Thread-safe.
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "auth.pb-c.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/keys/keyring.h"

enum { TOKEN_MAX = 1024, TOKEN_KEYS = 3 };

struct token_keys;

// In the ring, which must stay open, "token/N" belongs to the N-th span since 1970.
MUST_CHECK bool token_keys_open(struct token_keys **keys, struct keyring *ring, int64_t span_ms,
                                struct err *err);
void token_keys_close(struct token_keys *keys);
// Reads the published keys again and makes those that are absent; the old keys stay when it fails.
MUST_CHECK bool token_keys_reload(struct token_keys *keys, int64_t now_ms, struct err *err);
enum { TOKEN_ROTATED = 3 };
// Makes other keys for this span and the next, and writes their ids. IN_USE while tokens, which live for
// access_ms, may be left of the key that would no longer be published. At once: what earlier keys signed is
// void.
MUST_CHECK bool token_keys_rotate(struct token_keys *keys, const struct rotation *rotation, int64_t access_ms,
                                  char ids[TOKEN_ROTATED][64], size_t *count, struct err *err);
// Drops keys of spans that are no longer published.
MUST_CHECK bool token_keys_sweep(struct token_keys *keys, int64_t now_ms, struct err *err);

struct token_claims {
    const char *user_id, *username, *session_id;
    Auth__Level__Value level;
    uint64_t generation;
    int64_t issued_s, expires_s; // unix seconds
    const char *key_id;          // of the API key that the token is given for; NULL: a log-in's
    bool read_only;
};

MUST_CHECK bool token_issue(struct token_keys *keys, const struct token_claims *claims, char token[TOKEN_MAX],
                            struct err *err);
// The keys that are published now.
MUST_CHECK bool token_jwks(struct token_keys *keys, int64_t now_ms, struct arena *arena, Auth__Jwks *jwks,
                           struct err *err);

// Refresh tokens: "<session id>.<counter>.<MAC>", so that nothing secret is stored.
enum { REFRESH_MAX = 128 };
void refresh_make(const uint8_t key[32], const char *session_id, uint32_t counter, char token[REFRESH_MAX]);
// False when the token is not one that refresh_make made with this key.
bool refresh_read(const uint8_t key[32], const char *token, char session_id[40], uint32_t *counter);

#endif
