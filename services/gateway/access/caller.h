// Who asks: the user that a token speaks for, or nobody in particular, and from where.
#ifndef GATEWAY_ACCESS_CALLER_H
#define GATEWAY_ACCESS_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "services/gateway/access/token.h"

struct caller {
    bool known; // claims say who asks; else nobody in particular
    struct token_claims claims;
    int64_t checked_ms;    // monotonic: when the token was last looked at
    unsigned revocations;  // that had been heard before
    const char *address;   // the client's
    const char *household; // whom limits per address count
};

#endif
