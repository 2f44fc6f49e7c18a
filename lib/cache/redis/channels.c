#include "lib/cache/redis/channels.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cache/redis/connection.h"

struct channels {
    struct redis_connection *connection;
};

bool channels_open(struct channels **out, const char *url, struct err *err)
{
    struct redis_place place;
    if (!redis_place_parse(&place, url, err)) return false;
    struct channels *channels = calloc(1, sizeof *channels);
    if (!channels) return err_fail(err, INTERNAL_ERROR, "out of memory");
    bool opened = redis_open(&channels->connection, &place, err);
    sodium_memzero(&place, sizeof place);
    if (opened) return *out = channels, true;
    channels_close(channels);
    return false;
}

void channels_close(struct channels *channels)
{
    if (!channels) return;
    redis_close(channels->connection);
    free(channels);
}

bool channels_publish(struct channels *channels, const char *channel, const void *bytes, size_t len,
                      struct err *err)
{
    const char *args[] = {"PUBLISH", channel, bytes};
    const size_t lens[] = {7, strlen(channel), len};
    redisContext *redis = redis_use(channels->connection, err);
    if (!redis) return false;
    redisReply *reply = redisCommandArgv(redis, 3, args, lens);
    bool ok = reply && reply->type != REDIS_REPLY_ERROR;
    if (!ok)
        err_fail(err, SERVICE_AWAY, "the Redis of channels does not answer: %.120s",
                 reply ? reply->str : redis->errstr);
    freeReplyObject(reply);
    if (!ok) redis_drop(channels->connection);
    return ok;
}
