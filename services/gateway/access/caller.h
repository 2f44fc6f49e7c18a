// The caller: the user that a token speaks for, or nobody in particular, and the caller's address.
#ifndef GATEWAY_ACCESS_CALLER_H
#define GATEWAY_ACCESS_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "services/gateway/access/token.h"

struct caller {
    bool known;           // claims name the user; else nobody in particular
    unsigned revocations; // that had been heard before the token was last checked
    struct token_claims claims;
    int64_t checked_ms;    // monotonic: of that check
    const char *address;   // the client's
    const char *household; // the unit that limits per address count
};

#endif
