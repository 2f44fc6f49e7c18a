// A connection to the Redis of a place. It blocks, at most 200 ms for each answer; one thread. The process
// ignores SIGPIPE.
#ifndef LIB_CACHE_REDIS_CONNECTION_H
#define LIB_CACHE_REDIS_CONNECTION_H

#include <hiredis/hiredis.h>

#include "lib/cache/redis/place.h"

struct redis_connection;

// Begins to resolve the place's name, and connects to nothing.
MUST_CHECK bool redis_open(struct redis_connection **connection, const struct redis_place *place,
                           struct err *err);
void redis_close(struct redis_connection *connection); // NULL is fine

// The connection, made when there is none: to the place's addresses one after the other, of sentinels to the
// master that they name. NULL: err says why. After an error on it, redis_drop.
redisContext *redis_use(struct redis_connection *connection, struct err *err);
void redis_drop(struct redis_connection *connection);

#endif
