// Rate limits: a token bucket per class and key (an address or a user), of this gateway alone, or shared by
// all that name the same Redis. Thread-safe like the cache beneath.
#ifndef GATEWAY_ACCESS_LIMITS_H
#define GATEWAY_ACCESS_LIMITS_H

#include "lib/cache/cache.h"
#include "lib/base/err.h"
#include "lib/base/metrics.h"

// LIMIT_CROWD: what all together may ask of LIMIT_AUTH without a proof of work; LIMIT_PROOF: uses of a stamp.
enum limit_class { LIMIT_AUTH, LIMIT_OTHER, LIMIT_JOIN, LIMIT_CROWD, LIMIT_PROOF, LIMIT_CLASSES };

struct limit_charge {
    enum limit_class class;
    const char *key;
    double tokens;
};

struct sharing;

struct limits {
    struct cache *cache;
    struct sharing *exchange; // NULL: not shared
    struct bucket classes[LIMIT_CLASSES];
};

// Opens the cache; the classes stay as they are. place: "memory:", or the URL of a Redis
// (lib/cache/redis/place.h). key: 32 bytes that hash the names in it, or NULL. Close it also after a failure.
MUST_CHECK bool limits_open(struct limits *limits, const char *place, const uint8_t *key,
                            struct metrics *metrics, struct err *err);
void limits_close(struct limits *limits);

// "120/2": burst and tokens per second; both at least one thousandth, at most a million.
MUST_CHECK bool limits_parse(const char *text, struct bucket *bucket, struct err *err);
// A limit that cannot be kept lets calls pass.
struct bucket_state limits_take(const struct limits *limits, enum limit_class class, const char *key);
// Charges what an admitted request turned out to cost beside its one token.
struct bucket_state limits_charge(const struct limits *limits, const struct limit_charge *charge);

#endif
