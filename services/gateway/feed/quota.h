// How many follow streams at once: of one user and of one address without a token, at all gateways that share
// a cache, and in all at this one. What this one holds is counted exactly. Of what the others hold it knows
// nothing until it has asked about a holder, within 200 ms after their first stream here, and then what they
// told when something of the holder changed here, or 15 s ago. So who comes to N gateways within that time
// has up to N times as many, and keeps them. One for all loops; any thread.
#ifndef GATEWAY_FEED_QUOTA_H
#define GATEWAY_FEED_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/metrics.h"

struct feed_quota;

struct feed_limits {
    int64_t most, per_user, per_address;
    int64_t per_live_address; // an address where somebody with a seat in a live event follows it
};

struct feed_quota_place { // the cache that gateways share
    const char *url;
    const uint8_t *key; // 32 bytes of this use alone, or NULL
    struct metrics *metrics;
};

// place NULL: nothing is shared. INVALID_FIELD when its URL is none.
MUST_CHECK bool feed_quota_create(struct feed_quota **quota, const struct feed_limits *limits,
                                  const struct feed_quota_place *place, struct err *err);
void feed_quota_destroy(struct feed_quota *quota); // NULL is fine
// As many reads may wait as streams may be open, apart from these; no reason is given. who: as below.
MUST_CHECK bool feed_quota_take_wait(struct feed_quota *quota, bool known, const char *who);
void feed_quota_give_wait(struct feed_quota *quota, bool known, const char *who);
// A socket of which it is not known yet whom it speaks for: TOO_MANY_STREAMS.
MUST_CHECK bool feed_quota_take_stranger(struct feed_quota *quota, const char *household, struct err *err);
void feed_quota_give_stranger(struct feed_quota *quota, const char *household);
// who: a known caller's id, or the household. SERVICE_BUSY or TOO_MANY_STREAMS.
MUST_CHECK bool feed_quota_take(struct feed_quota *quota, bool known, const char *who, struct err *err);
MUST_CHECK bool feed_quota_has_place(struct feed_quota *quota, struct err *err); // for one more: SERVICE_BUSY
void feed_quota_give(struct feed_quota *quota, bool known, const char *who);
// Somebody with a seat in a live event follows from this household, or no longer does.
void feed_quota_seat(struct feed_quota *quota, const char *household, bool comes);

#endif
