#include "lib/cache/redis/exchange.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/cache/buckets.h"
#include "lib/cache/redis/connection.h"
#include "lib/thread/periodic.h"

enum {
    EVERY_MS = 200,
    AT_ONCE = 2048,   // buckets of a round
    OF_A_SCRIPT = 64, // that one call settles
    NAME_BYTES = 16,
    NAME_TEXT = 64,
    NUMBER_TEXT = 32,
    PER_BUCKET = 3,
    MOST_ARGS = 3 + OF_A_SCRIPT * (1 + PER_BUCKET),
};

// Each key is a bucket; its arguments are burst, tokens per second, and tokens drawn. It answers what is
// left. The time is the server's, which never goes back within a bucket.
static const char SCRIPT[] = "local t = redis.call('TIME')\n"
                             "local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
                             "local left = {}\n"
                             "for i, key in ipairs(KEYS) do\n"
                             "  local burst, rate = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])\n"
                             "  local level = redis.call('HMGET', key, 'tokens', 'at')\n"
                             "  local tokens, at = tonumber(level[1]) or burst, tonumber(level[2]) or now\n"
                             "  if now > at then tokens = tokens + (now - at) / 1000 * rate; at = now end\n"
                             "  tokens = math.max(math.min(burst, tokens) - tonumber(ARGV[3 * i]), -burst)\n"
                             "  left[i] = string.format('%.17g', tokens)\n"
                             "  redis.call('HSET', key, 'tokens', left[i], 'at', at)\n"
                             "  redis.call('PEXPIRE', key, math.ceil((burst - tokens) / rate * 1000) + 1)\n"
                             "end\n"
                             "return left\n";

// The arguments of one call of the script.
struct script_call {
    int count;
    const char *args[MOST_ARGS];
    size_t lens[MOST_ARGS];
    char names[OF_A_SCRIPT][NAME_TEXT], numbers[OF_A_SCRIPT][PER_BUCKET][NUMBER_TEXT];
};

struct exchange {
    struct cache *cache;
    struct redis_connection *connection;
    struct periodic *thread;
    uint8_t key[crypto_generichash_KEYBYTES];
    bool keyed;
    char sha1[41]; // of the script, as the server names it; "" until it is loaded
    bool away;
    struct metric *exchanged, *failed;
    struct script_call call;
    struct cache_drawn drawn[AT_ONCE];
};

// ---- One call of the script

static void add_text(struct script_call *call, const char *text)
{
    call->args[call->count] = text;
    call->lens[call->count++] = strlen(text);
}

static void name_bucket(const struct exchange *exchange, char name[NAME_TEXT], const char *key)
{
    uint8_t hash[NAME_BYTES];
    char hex[2 * NAME_BYTES + 1];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)key, strlen(key),
                       exchange->keyed ? exchange->key : NULL, exchange->keyed ? sizeof exchange->key : 0);
    snprintf(name, NAME_TEXT, "conse:limit:%s", sodium_bin2hex(hex, sizeof hex, hash, sizeof hash));
}

static void call_make(struct exchange *exchange, const struct cache_drawn *drawn, size_t count,
                      char keys[NUMBER_TEXT])
{
    struct script_call *call = &exchange->call;
    *call = (struct script_call){.count = 0};
    snprintf(keys, NUMBER_TEXT, "%zu", count);
    add_text(call, "EVALSHA");
    add_text(call, exchange->sha1);
    add_text(call, keys);
    for (size_t i = 0; i < count; i++) {
        name_bucket(exchange, call->names[i], drawn[i].key);
        add_text(call, call->names[i]);
    }
    for (size_t i = 0; i < count; i++) {
        const double numbers[PER_BUCKET] = {drawn[i].bucket.burst, drawn[i].bucket.per_second,
                                            drawn[i].tokens};
        for (int n = 0; n < PER_BUCKET; n++) {
            snprintf(call->numbers[i][n], NUMBER_TEXT, "%.17g", numbers[n]);
            add_text(call, call->numbers[i][n]);
        }
    }
}

static bool is_answer(const redisReply *reply, size_t count)
{
    bool right = reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == count;
    for (size_t i = 0; right && i < count; i++) right = reply->element[i]->type == REDIS_REPLY_STRING;
    return right;
}

static bool tell_once(struct exchange *exchange, redisContext *redis, const struct cache_drawn *drawn,
                      size_t count, struct err *err)
{
    char keys[NUMBER_TEXT];
    call_make(exchange, drawn, count, keys);
    redisReply *reply =
        redisCommandArgv(redis, exchange->call.count, exchange->call.args, exchange->call.lens);
    bool right = is_answer(reply, count);
    if (!right && reply && reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOSCRIPT", 8) == 0)
        exchange->sha1[0] = 0; // the server was started again
    for (size_t i = 0; right && i < count; i++)
        cache_settle(exchange->cache, &drawn[i], strtod(reply->element[i]->str, NULL));
    if (!right)
        err_fail(err, SERVICE_AWAY, "the cache does not answer: %.120s",
                 !reply                             ? redis->errstr
                 : reply->type == REDIS_REPLY_ERROR ? reply->str
                                                    : "another answer");
    freeReplyObject(reply);
    return right;
}

static bool load_script(struct exchange *exchange, redisContext *redis, struct err *err)
{
    redisReply *reply = redisCommand(redis, "SCRIPT LOAD %s", SCRIPT);
    bool loaded = reply && reply->type == REDIS_REPLY_STRING && reply->len + 1 == sizeof exchange->sha1;
    if (loaded)
        memcpy(exchange->sha1, reply->str, sizeof exchange->sha1);
    else
        err_fail(err, SERVICE_AWAY, "the cache takes no script: %.120s",
                 !reply                             ? redis->errstr
                 : reply->type == REDIS_REPLY_ERROR ? reply->str
                                                    : "another answer");
    freeReplyObject(reply);
    return loaded;
}

static bool exchange_tell(struct exchange *exchange, const struct cache_drawn *drawn, size_t count,
                          struct err *err)
{
    for (int tries = 0; tries < 2; tries++) {
        redisContext *redis = redis_use(exchange->connection, err);
        if (!redis || (!exchange->sha1[0] && !load_script(exchange, redis, err))) break;
        if (tell_once(exchange, redis, drawn, count, err)) return true;
        if (exchange->sha1[0]) break;
    }
    redis_drop(exchange->connection);
    return false;
}

// ---- Rounds

// In the log when it begins and when it ends.
static void note_away(struct exchange *exchange, bool away, const struct err *err)
{
    if (away && !exchange->away) log_err(LOG_WARN, "limits are not shared", err);
    if (!away && exchange->away) log_info("limits are shared again");
    exchange->away = away;
}

static bool exchange_part(struct exchange *exchange, const struct cache_drawn *drawn, size_t count)
{
    struct err err;
    bool told = exchange_tell(exchange, drawn, count, &err);
    note_away(exchange, !told, &err);
    metric_add(told ? exchange->exchanged : exchange->failed, 1);
    for (size_t i = 0; !told && i < count; i++) cache_tell_again(exchange->cache, &drawn[i]);
    return told;
}

static int64_t exchange_round(void *arg)
{
    struct exchange *exchange = arg;
    size_t count = cache_drawn(exchange->cache, exchange->drawn, AT_ONCE), at = 0;
    for (bool told = true; at < count;) {
        size_t part = count - at < OF_A_SCRIPT ? count - at : OF_A_SCRIPT;
        if (told)
            told = exchange_part(exchange, exchange->drawn + at, part);
        else
            for (size_t i = 0; i < part; i++) cache_tell_again(exchange->cache, &exchange->drawn[at + i]);
        at += part;
    }
    return EVERY_MS;
}

// ---- Life

static void make_metrics(struct exchange *exchange, struct metrics *metrics)
{
    static const char name[] = "conse_cache_exchanges_total",
                      help[] = "Exchanges of limits with other processes.";
    exchange->exchanged = metrics_counter(metrics, name, help, "result=\"done\"");
    exchange->failed = metrics_counter(metrics, name, help, "result=\"failed\"");
}

bool exchange_start(struct exchange **out, const struct exchange_options *options, struct err *err)
{
    struct redis_place place;
    if (!redis_place_parse(&place, options->url, err)) return false;
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange) return err_fail(err, INTERNAL_ERROR, "out of memory");
    exchange->cache = options->cache;
    exchange->keyed = options->key;
    if (options->key) memcpy(exchange->key, options->key, sizeof exchange->key);
    make_metrics(exchange, options->metrics);
    cache_exchange(options->cache);
    bool opened = redis_open(&exchange->connection, &place, err);
    sodium_memzero(&place, sizeof place);
    if (opened && periodic_start(&exchange->thread, "cannot start the exchange of limits", EVERY_MS,
                                 exchange_round, exchange, err))
        return *out = exchange, true;
    exchange_stop(exchange);
    return false;
}

void exchange_stop(struct exchange *exchange)
{
    if (!exchange) return;
    periodic_stop(exchange->thread);
    redis_close(exchange->connection);
    sodium_memzero(exchange->key, sizeof exchange->key);
    free(exchange);
}
