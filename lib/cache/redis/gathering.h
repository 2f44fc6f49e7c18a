// What processes say of one thing, gathered through one Redis: each puts a part of its own, which counts
// until its time is over, and gets the parts of the others. And values that the first one keeps for all. With
// a key Redis learns nothing. Calls block, at most some hundred milliseconds; one thread.
#ifndef LIB_CACHE_REDIS_GATHERING_H
#define LIB_CACHE_REDIS_GATHERING_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct gathering;

enum { GATHERING_PART = 256 << 10 };

// key: 32 bytes of this use alone, or NULL. INVALID_FIELD when the URL is none (place.h); a Redis that is
// away is no error yet.
MUST_CHECK bool gathering_open(struct gathering **gathering, const char *url, const uint8_t *key,
                               struct err *err);
void gathering_close(struct gathering *gathering); // NULL is fine

struct gathering_part {
    const void *bytes; // at most GATHERING_PART
    size_t len;        // 0: none any more
    int64_t life_ms;
};

// other: called for each part of others that counts; what it gets is borrowed. SERVICE_AWAY when Redis does
// not answer; the part may be there then.
MUST_CHECK bool gathering_tell(struct gathering *gathering, const char *name,
                               const struct gathering_part *own,
                               void (*other)(void *arg, const void *bytes, size_t len), void *arg,
                               struct err *err);
// Keeps the value, when there is none yet and own->len is not 0, and gives the one that is kept: *len is -1
// without one.
MUST_CHECK bool gathering_keep(struct gathering *gathering, const char *name,
                               const struct gathering_part *own, void *value, size_t size, long *len,
                               struct err *err);

#endif
