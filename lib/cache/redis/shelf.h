// Short-lived values that all processes reach through one Redis: put by one, taken or read by any. With a key
// their names are hashed and the values sealed, so that Redis learns nothing. Calls block, at most some
// hundred milliseconds; one thread.
#ifndef LIB_CACHE_REDIS_SHELF_H
#define LIB_CACHE_REDIS_SHELF_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct shelf;

enum { SHELF_KEY = 32, SHELF_VALUE = 1024 };

// key: of this use alone, or NULL. INVALID_FIELD when the URL is none (place.h); a Redis that is away is no
// error yet.
MUST_CHECK bool shelf_open(struct shelf **shelf, const char *url, const uint8_t *key, struct err *err);
void shelf_close(struct shelf *shelf); // NULL is fine

// SERVICE_AWAY when Redis does not answer; a put, or a take, may have happened then.
MUST_CHECK bool shelf_put(struct shelf *shelf, const char *name, const void *value, size_t len,
                          int64_t ttl_ms, struct err *err);
// *len is -1 when it is not there, or is not ours. Of all that take one value, one gets it.
MUST_CHECK bool shelf_take(struct shelf *shelf, const char *name, void *value, size_t size, long *len,
                           struct err *err);
MUST_CHECK bool shelf_get(struct shelf *shelf, const char *name, void *value, size_t size, long *len,
                          struct err *err);

#endif
