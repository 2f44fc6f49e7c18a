#include "lib/cache/redis/gathering.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cache/redis/connection.h"
#include "lib/cache/redis/sealing.h"

enum { ME_BYTES = 8, NUMBER = 24 };

// Each key is a hash: what each process said, and when. The time is the server's.
static const char TELL[] = "local t = redis.call('TIME')\n"
                           "local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
                           "local me, own, life = ARGV[1], ARGV[2], tonumber(ARGV[3])\n"
                           "local all, others = redis.call('HGETALL', KEYS[1]), {}\n"
                           "for i = 1, #all, 2 do\n"
                           "  local at, part = string.match(all[i + 1], '^(%d+):(.*)$')\n"
                           "  if not at or now - at > life then\n"
                           "    redis.call('HDEL', KEYS[1], all[i])\n"
                           "  elseif all[i] ~= me then\n"
                           "    others[#others + 1] = part\n"
                           "  end\n"
                           "end\n"
                           "if own == '' then\n"
                           "  redis.call('HDEL', KEYS[1], me)\n"
                           "else\n"
                           "  redis.call('HSET', KEYS[1], me, string.format('%.0f', now) .. ':' .. own)\n"
                           "  redis.call('PEXPIRE', KEYS[1], life)\n"
                           "end\n"
                           "return others\n";

static const char KEEP[] =
    "if ARGV[1] ~= '' then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') end\n"
    "return redis.call('GET', KEYS[1])\n";

struct gathering {
    struct redis_connection *connection;
    struct sealing sealing;
    char me[2 * ME_BYTES + 1]; // this process, as long as it lives
    uint8_t sealed[GATHERING_PART + SEALING_MORE], opened[GATHERING_PART];
};

bool gathering_open(struct gathering **out, const char *url, const uint8_t *key, struct err *err)
{
    struct redis_place place;
    uint8_t me[ME_BYTES];
    if (!redis_place_parse(&place, url, err)) return false;
    struct gathering *gathering = calloc(1, sizeof *gathering);
    if (!gathering) return err_fail(err, INTERNAL_ERROR, "out of memory");
    randombytes_buf(me, sizeof me);
    sodium_bin2hex(gathering->me, sizeof gathering->me, me, sizeof me);
    sealing_init(&gathering->sealing, key);
    bool opened = redis_open(&gathering->connection, &place, err);
    sodium_memzero(&place, sizeof place);
    if (opened) return *out = gathering, true;
    gathering_close(gathering);
    return false;
}

void gathering_close(struct gathering *gathering)
{
    if (!gathering) return;
    redis_close(gathering->connection);
    sealing_forget(&gathering->sealing);
    free(gathering);
}

// ---- Asking

struct script {
    int count;
    const char *args[7];
    size_t lens[7];
};

static void add_bytes(struct script *script, const void *bytes, size_t len)
{
    script->args[script->count] = bytes;
    script->lens[script->count++] = len;
}

static void add_text(struct script *script, const char *text) { add_bytes(script, text, strlen(text)); }

static size_t seal_part(struct gathering *gathering, const struct gathering_part *own)
{
    if (!own->len) return 0;
    return sealing_close(&gathering->sealing, gathering->sealed, own->bytes, own->len);
}

// NULL: err says why, and the connection is dropped.
static redisReply *run_script(struct gathering *gathering, const struct script *script, struct err *err)
{
    redisContext *redis = redis_use(gathering->connection, err);
    if (!redis) return NULL;
    redisReply *reply = redisCommandArgv(redis, script->count, (const char **)script->args, script->lens);
    if (reply && reply->type != REDIS_REPLY_ERROR) return reply;
    err_fail(err, SERVICE_AWAY, "the cache does not answer: %.120s", reply ? reply->str : redis->errstr);
    freeReplyObject(reply);
    redis_drop(gathering->connection);
    return NULL;
}

static bool is_small(const struct gathering_part *own, struct err *err)
{
    return own->len <= GATHERING_PART || err_fail(err, INTERNAL_ERROR, "a part of %zu bytes", own->len);
}

bool gathering_tell(struct gathering *gathering, const char *name, const struct gathering_part *own,
                    void (*other)(void *arg, const void *bytes, size_t len), void *arg, struct err *err)
{
    char key[SEALING_NAME], life[NUMBER];
    struct script script = {.count = 0};
    if (!is_small(own, err)) return false;
    sealing_name(&gathering->sealing, key, "conse:gathered:", name);
    snprintf(life, sizeof life, "%lld", (long long)own->life_ms);
    add_text(&script, "EVAL");
    add_text(&script, TELL);
    add_text(&script, "1");
    add_text(&script, key);
    add_text(&script, gathering->me);
    add_bytes(&script, gathering->sealed, seal_part(gathering, own));
    add_text(&script, life);
    redisReply *reply = run_script(gathering, &script, err);
    if (!reply) return false;
    for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++) {
        const redisReply *part = reply->element[i];
        long len = part->type != REDIS_REPLY_STRING
                       ? -1
                       : sealing_open(&gathering->sealing, part->str, part->len, gathering->opened,
                                      sizeof gathering->opened);
        if (len >= 0) other(arg, gathering->opened, (size_t)len);
    }
    freeReplyObject(reply);
    return true;
}

bool gathering_keep(struct gathering *gathering, const char *name, const struct gathering_part *own,
                    void *value, size_t size, long *len, struct err *err)
{
    char key[SEALING_NAME], life[NUMBER];
    struct script script = {.count = 0};
    if (!is_small(own, err)) return false;
    sealing_name(&gathering->sealing, key, "conse:kept:", name);
    snprintf(life, sizeof life, "%lld", (long long)own->life_ms);
    add_text(&script, "EVAL");
    add_text(&script, KEEP);
    add_text(&script, "1");
    add_text(&script, key);
    add_bytes(&script, gathering->sealed, seal_part(gathering, own));
    add_text(&script, life);
    redisReply *reply = run_script(gathering, &script, err);
    if (!reply) return false;
    *len = -1;
    if (reply->type == REDIS_REPLY_STRING)
        *len = sealing_open(&gathering->sealing, reply->str, reply->len, value, size);
    freeReplyObject(reply);
    return true;
}
