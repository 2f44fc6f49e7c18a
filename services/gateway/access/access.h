// The user that a bearer token speaks for. A token is verified with auth's published keys, remembered by hash
// until it expires, and void once its session or generation is revoked. One for all loops; any thread.
#ifndef GATEWAY_ACCESS_ACCESS_H
#define GATEWAY_ACCESS_ACCESS_H

#include "auth.pb-c.h"
#include "lib/base/err.h"
#include "services/gateway/access/token.h"

enum { ACCESS_LIFE_MS = 60 * 60 * 1000 }; // the longest that CONSE_ACCESS_TTL allows, so that of a revocation

struct access;

enum access_verdict {
    ACCESS_GOOD,
    ACCESS_BAD,         // err says TOKEN_INVALID
    ACCESS_UNKNOWN_KEY, // fetch the keys and check again
};

MUST_CHECK bool access_create(struct access **access, struct err *err);
void access_destroy(struct access *access);

// Tokens signed with a key that is no longer published stop being valid.
void access_set_keys(struct access *access, const Auth__Jwks *jwks);
bool access_has_keys(struct access *access);
// Records a revocation. False without memory; it must then come again.
MUST_CHECK bool access_revoke(struct access *access, const Auth__Revocation *revocation, struct err *err);

// Called after each that was heard, in the thread that heard it. Set before the first comes.
void access_on_revocation(struct access *access, void (*heard)(void *arg), void *arg);

// How many were heard. While there are no more than before a token was checked, the token needs no other
// check.
unsigned access_revocations(const struct access *access);
// Whether a token that was good has been revoked since. Any thread.
bool access_is_revoked(struct access *access, const struct token_claims *claims);

// authorization is the header's value: "Bearer <token>".
enum access_verdict access_check(struct access *access, const char *authorization, int64_t unix_ms,
                                 struct token_claims *claims, struct err *err);

#endif
