// Access tokens: JWTs signed with Ed25519, verified with published keys. Only EdDSA counts, whatever the
// header says. Pure.
#ifndef GATEWAY_ACCESS_TOKEN_H
#define GATEWAY_ACCESS_TOKEN_H

#include "lib/base/err.h"
#include "lib/base/ids.h"

enum { TOKEN_MAX_LEN = 2048, TOKEN_MAX_KEYS = 8, TOKEN_KID_SIZE = 64, TOKEN_NAME_SIZE = 40 };

struct token_key {
    char kid[TOKEN_KID_SIZE];
    uint8_t public_key[32];
};

struct token_keys {
    struct token_key keys[TOKEN_MAX_KEYS];
    size_t count;
};

struct token_claims {
    char user_id[UUID_LEN + 1], session_id[UUID_LEN + 1], username[TOKEN_NAME_SIZE];
    char key_id[UUID_LEN + 1]; // of the API key that it was given for; "": a log-in's
    bool read_only;
    uint32_t level; // auth.Level.Value
    uint64_t generation;
    int64_t issued_s, expires_s;
};

enum token_verdict {
    TOKEN_GOOD,
    TOKEN_BAD,
    TOKEN_EXPIRED,
    TOKEN_UNKNOWN_KEY, // well formed, but signed by a key that is not among these
};

enum token_verdict token_verify(const char *token, const struct token_keys *keys, int64_t now_s,
                                struct token_claims *claims);

#endif
