// Publishing to channels of a Redis, which whoever has subscribed hears. Nothing is kept: who was away has
// missed it. Calls block, at most some hundred milliseconds; one thread.
#ifndef LIB_CACHE_REDIS_CHANNELS_H
#define LIB_CACHE_REDIS_CHANNELS_H

#include <stddef.h>

#include "lib/base/err.h"

struct channels;

// INVALID_FIELD when the URL is none (place.h); a Redis that is away is no error yet.
MUST_CHECK bool channels_open(struct channels **channels, const char *url, struct err *err);
void channels_close(struct channels *channels); // NULL is fine
// SERVICE_AWAY when Redis does not answer; it may have been published then.
MUST_CHECK bool channels_publish(struct channels *channels, const char *channel, const void *bytes,
                                 size_t len, struct err *err);

#endif
