#include "lib/cache/redis/shelf.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cache/redis/connection.h"
#include "lib/cache/redis/sealing.h"

struct shelf {
    struct redis_connection *connection;
    struct sealing sealing;
};

bool shelf_open(struct shelf **out, const char *url, const uint8_t *key, struct err *err)
{
    struct redis_place place;
    if (!redis_place_parse(&place, url, err)) return false;
    struct shelf *shelf = calloc(1, sizeof *shelf);
    if (!shelf) return err_fail(err, INTERNAL_ERROR, "out of memory");
    sealing_init(&shelf->sealing, key);
    bool opened = redis_open(&shelf->connection, &place, err);
    sodium_memzero(&place, sizeof place);
    if (opened) return *out = shelf, true;
    shelf_close(shelf);
    return false;
}

void shelf_close(struct shelf *shelf)
{
    if (!shelf) return;
    redis_close(shelf->connection);
    sealing_forget(&shelf->sealing);
    free(shelf);
}

static const char PREFIX[] = "conse:shelf:";

// ---- Asking

// NULL: err says why, and the connection is dropped.
static redisReply *shelf_ask(struct shelf *shelf, int count, const char **args, const size_t *lens,
                             struct err *err)
{
    redisContext *redis = redis_use(shelf->connection, err);
    if (!redis) return NULL;
    redisReply *reply = redisCommandArgv(redis, count, args, lens);
    if (reply && reply->type != REDIS_REPLY_ERROR) return reply;
    err_fail(err, SERVICE_AWAY, "the cache does not answer: %.120s", reply ? reply->str : redis->errstr);
    freeReplyObject(reply);
    redis_drop(shelf->connection);
    return NULL;
}

bool shelf_put(struct shelf *shelf, const char *name, const void *value, size_t len, int64_t ttl_ms,
               struct err *err)
{
    char text[SEALING_NAME], ttl[24];
    uint8_t sealed[SHELF_VALUE + SEALING_MORE];
    if (len > SHELF_VALUE) return err_fail(err, INTERNAL_ERROR, "a value of %zu bytes", len);
    sealing_name(&shelf->sealing, text, PREFIX, name);
    size_t sealed_len = sealing_close(&shelf->sealing, sealed, value, len);
    int ttl_len = snprintf(ttl, sizeof ttl, "%lld", (long long)(ttl_ms > 0 ? ttl_ms : 1));
    const char *args[] = {"SET", text, (const char *)sealed, "PX", ttl};
    const size_t lens[] = {3, strlen(text), sealed_len, 2, (size_t)ttl_len};
    redisReply *reply = shelf_ask(shelf, 5, args, lens, err);
    freeReplyObject(reply);
    return reply;
}

static bool take_value(const struct shelf *shelf, redisReply *reply, void *value, size_t size, long *len)
{
    *len = -1;
    if (!reply) return false;
    if (reply->type == REDIS_REPLY_STRING)
        *len = sealing_open(&shelf->sealing, reply->str, reply->len, value, size);
    freeReplyObject(reply);
    return true;
}

// One step of the server.
bool shelf_take(struct shelf *shelf, const char *name, void *value, size_t size, long *len, struct err *err)
{
    static const char script[] = "local value = redis.call('GET', KEYS[1])\n"
                                 "if value then redis.call('DEL', KEYS[1]) end\n"
                                 "return value\n";
    char text[SEALING_NAME];
    sealing_name(&shelf->sealing, text, PREFIX, name);
    const char *args[] = {"EVAL", script, "1", text};
    const size_t lens[] = {4, sizeof script - 1, 1, strlen(text)};
    return take_value(shelf, shelf_ask(shelf, 4, args, lens, err), value, size, len);
}

bool shelf_get(struct shelf *shelf, const char *name, void *value, size_t size, long *len, struct err *err)
{
    char text[SEALING_NAME];
    sealing_name(&shelf->sealing, text, PREFIX, name);
    const char *args[] = {"GET", text};
    const size_t lens[] = {3, strlen(text)};
    return take_value(shelf, shelf_ask(shelf, 2, args, lens, err), value, size, len);
}
