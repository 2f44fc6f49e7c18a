// Rate limits: a token bucket per class and key (an address or a user). Thread-safe like the cache beneath.
#ifndef GATEWAY_ACCESS_LIMITS_H
#define GATEWAY_ACCESS_LIMITS_H

#include "lib/cache/cache.h"
#include "lib/base/err.h"

enum limit_class { LIMIT_AUTH, LIMIT_OTHER, LIMIT_JOIN, LIMIT_CLASSES };

struct limit_charge {
    enum limit_class class;
    const char *key;
    double tokens;
};

struct limits {
    struct cache *cache;
    struct bucket classes[LIMIT_CLASSES];
};

// "120/2": burst and tokens per second; both at least one thousandth, at most a million.
MUST_CHECK bool limits_parse(const char *text, struct bucket *bucket, struct err *err);
// A limit that cannot be kept lets calls pass.
struct bucket_state limits_take(const struct limits *limits, enum limit_class class, const char *key);
// Charges what an admitted request turned out to cost beside its one token.
struct bucket_state limits_charge(const struct limits *limits, const struct limit_charge *charge);

#endif
