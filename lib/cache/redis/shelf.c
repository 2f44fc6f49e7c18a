#include "lib/cache/redis/shelf.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cache/redis/connection.h"

enum {
    NAME_BYTES = 16,
    NAME_TEXT = 64,
    SEALED_MORE = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES
};

struct shelf {
    struct redis_connection *connection;
    uint8_t key[SHELF_KEY];
    bool keyed;
};

_Static_assert((int)SHELF_KEY == crypto_secretbox_KEYBYTES, "it seals");

bool shelf_open(struct shelf **out, const char *url, const uint8_t *key, struct err *err)
{
    struct redis_place place;
    if (!redis_place_parse(&place, url, err)) return false;
    struct shelf *shelf = calloc(1, sizeof *shelf);
    if (!shelf) return err_fail(err, INTERNAL_ERROR, "out of memory");
    shelf->keyed = key;
    if (key) memcpy(shelf->key, key, sizeof shelf->key);
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
    sodium_memzero(shelf->key, sizeof shelf->key);
    free(shelf);
}

static void name_value(const struct shelf *shelf, char out[NAME_TEXT], const char *name)
{
    uint8_t hash[NAME_BYTES];
    char hex[2 * NAME_BYTES + 1];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)name, strlen(name),
                       shelf->keyed ? shelf->key : NULL, shelf->keyed ? sizeof shelf->key : 0);
    snprintf(out, NAME_TEXT, "conse:shelf:%s", sodium_bin2hex(hex, sizeof hex, hash, sizeof hash));
}

// ---- Values

static size_t seal_value(const struct shelf *shelf, uint8_t *out, const void *value, size_t len)
{
    uint8_t *nonce = out;
    if (!shelf->keyed) return memcpy(out, value, len), len;
    randombytes_buf(nonce, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(out + crypto_secretbox_NONCEBYTES, value, len, nonce, shelf->key);
    return len + SEALED_MORE;
}

static long open_value(const struct shelf *shelf, const redisReply *reply, void *value, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)reply->str;
    size_t more = shelf->keyed ? SEALED_MORE : 0;
    if (reply->len < more || reply->len - more > size) return -1;
    size_t len = reply->len - more;
    if (!shelf->keyed) return memcpy(value, bytes, len), (long)len;
    bool good = crypto_secretbox_open_easy(value, bytes + crypto_secretbox_NONCEBYTES,
                                           reply->len - crypto_secretbox_NONCEBYTES, bytes, shelf->key) == 0;
    return good ? (long)len : -1;
}

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
    char text[NAME_TEXT], ttl[24];
    uint8_t sealed[SHELF_VALUE + SEALED_MORE];
    if (len > SHELF_VALUE) return err_fail(err, INTERNAL_ERROR, "a value of %zu bytes", len);
    name_value(shelf, text, name);
    size_t sealed_len = seal_value(shelf, sealed, value, len);
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
    if (reply->type == REDIS_REPLY_STRING) *len = open_value(shelf, reply, value, size);
    freeReplyObject(reply);
    return true;
}

// One step of the server.
bool shelf_take(struct shelf *shelf, const char *name, void *value, size_t size, long *len, struct err *err)
{
    static const char script[] = "local value = redis.call('GET', KEYS[1])\n"
                                 "if value then redis.call('DEL', KEYS[1]) end\n"
                                 "return value\n";
    char text[NAME_TEXT];
    name_value(shelf, text, name);
    const char *args[] = {"EVAL", script, "1", text};
    const size_t lens[] = {4, sizeof script - 1, 1, strlen(text)};
    return take_value(shelf, shelf_ask(shelf, 4, args, lens, err), value, size, len);
}

bool shelf_get(struct shelf *shelf, const char *name, void *value, size_t size, long *len, struct err *err)
{
    char text[NAME_TEXT];
    name_value(shelf, text, name);
    const char *args[] = {"GET", text};
    const size_t lens[] = {3, strlen(text)};
    return take_value(shelf, shelf_ask(shelf, 2, args, lens, err), value, size, len);
}
