// How many follow streams at once: of one user, of one address without a token, and in all. One for all
// loops; any thread.
#ifndef GATEWAY_FEED_QUOTA_H
#define GATEWAY_FEED_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

struct feed_quota;

struct feed_limits {
    int64_t most, per_user, per_address;
    int64_t per_live_address; // an address where somebody with a seat in a live event follows it
};

MUST_CHECK bool feed_quota_create(struct feed_quota **quota, const struct feed_limits *limits,
                                  struct err *err);
void feed_quota_destroy(struct feed_quota *quota); // NULL is fine
// who: a known caller's id, or the household. SERVICE_BUSY or TOO_MANY_STREAMS.
MUST_CHECK bool feed_quota_take(struct feed_quota *quota, bool known, const char *who, struct err *err);
MUST_CHECK bool feed_quota_has_place(struct feed_quota *quota, struct err *err); // for one more: SERVICE_BUSY
void feed_quota_give(struct feed_quota *quota, bool known, const char *who);
// Somebody with a seat in a live event follows from this household, or no longer does.
void feed_quota_seat(struct feed_quota *quota, const char *household, bool comes);

#endif
