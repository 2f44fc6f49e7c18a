#include "lib/cache/redis/sharing.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/cache/redis/connection.h"
#include "lib/cache/redis/sealing.h"
#include "lib/thread/periodic.h"

enum {
    EVERY_MS = 200,
    AT_ONCE = 2048,   // things of a round
    OF_A_SCRIPT = 64, // that one call settles
    MOST_ARGS = 3 + OF_A_SCRIPT * (1 + SHARING_WORDS),
};

// The arguments of one call of the script.
struct script_call {
    int count;
    const char *args[MOST_ARGS];
    size_t lens[MOST_ARGS];
    char names[OF_A_SCRIPT][SEALING_NAME], words[OF_A_SCRIPT][SHARING_WORDS][SHARING_WORD];
};

struct sharing {
    const struct sharing_kind *kind;
    void *arg;
    struct redis_connection *connection;
    struct periodic *thread;
    struct sealing sealing; // of names
    char sha1[41];          // of the script, as the server names it; "" until it is loaded
    bool away;
    struct metric *told, *failed;
    struct script_call call;
    char *items;
};

static const void *item_at(const struct sharing *sharing, size_t at)
{
    return sharing->items + at * sharing->kind->item;
}

// ---- One call of the script

static void add_text(struct script_call *call, const char *text)
{
    call->args[call->count] = text;
    call->lens[call->count++] = strlen(text);
}

static void call_make(struct sharing *sharing, size_t from, size_t count, char keys[SHARING_WORD])
{
    struct script_call *call = &sharing->call;
    *call = (struct script_call){.count = 0};
    snprintf(keys, SHARING_WORD, "%zu", count);
    add_text(call, "EVALSHA");
    add_text(call, sharing->sha1);
    add_text(call, keys);
    for (size_t i = 0; i < count; i++) {
        sealing_name(&sharing->sealing, call->names[i], sharing->kind->prefix,
                     sharing->kind->name(item_at(sharing, from + i)));
        add_text(call, call->names[i]);
    }
    for (size_t i = 0; i < count; i++) {
        sharing->kind->words(sharing->arg, item_at(sharing, from + i), call->words[i]);
        for (int word = 0; word < SHARING_WORDS; word++) add_text(call, call->words[i][word]);
    }
}

static bool is_answer(const redisReply *reply, size_t count)
{
    bool right = reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == count;
    for (size_t i = 0; right && i < count; i++) right = reply->element[i]->type == REDIS_REPLY_STRING;
    return right;
}

static bool refuse_answer(const redisContext *redis, const redisReply *reply, struct err *err)
{
    const char *said = reply && reply->type == REDIS_REPLY_ERROR ? reply->str : "another answer";
    return err_fail(err, SERVICE_AWAY, "the cache does not answer: %.120s", reply ? said : redis->errstr);
}

static bool tell_once(struct sharing *sharing, redisContext *redis, size_t from, size_t count,
                      struct err *err)
{
    char keys[SHARING_WORD];
    call_make(sharing, from, count, keys);
    redisReply *reply = redisCommandArgv(redis, sharing->call.count, sharing->call.args, sharing->call.lens);
    bool right = is_answer(reply, count);
    if (!right && reply && reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOSCRIPT", 8) == 0)
        sharing->sha1[0] = 0; // the server was started again
    for (size_t i = 0; right && i < count; i++)
        sharing->kind->settle(sharing->arg, item_at(sharing, from + i), reply->element[i]->str);
    if (!right) refuse_answer(redis, reply, err);
    freeReplyObject(reply);
    return right;
}

static bool load_script(struct sharing *sharing, redisContext *redis, struct err *err)
{
    redisReply *reply = redisCommand(redis, "SCRIPT LOAD %s", sharing->kind->script);
    bool loaded = reply && reply->type == REDIS_REPLY_STRING && reply->len + 1 == sizeof sharing->sha1;
    if (loaded)
        memcpy(sharing->sha1, reply->str, sizeof sharing->sha1);
    else
        refuse_answer(redis, reply, err);
    freeReplyObject(reply);
    return loaded;
}

static bool tell_items(struct sharing *sharing, size_t from, size_t count, struct err *err)
{
    for (int tries = 0; tries < 2; tries++) {
        redisContext *redis = redis_use(sharing->connection, err);
        if (!redis || (!sharing->sha1[0] && !load_script(sharing, redis, err))) break;
        if (tell_once(sharing, redis, from, count, err)) return true;
        if (sharing->sha1[0]) break;
    }
    redis_drop(sharing->connection);
    return false;
}

// ---- Rounds

// In the log when it begins and when it ends.
static void note_away(struct sharing *sharing, bool away, const struct err *err)
{
    if (away && !sharing->away) log_err(LOG_WARN, sharing->kind->apart, err);
    if (!away && sharing->away) log_info(sharing->kind->together);
    sharing->away = away;
}

static bool tell_part(struct sharing *sharing, size_t from, size_t count)
{
    struct err err;
    bool told = tell_items(sharing, from, count, &err);
    note_away(sharing, !told, &err);
    metric_add(told ? sharing->told : sharing->failed, 1);
    return told;
}

static int64_t sharing_round(void *arg)
{
    struct sharing *sharing = arg;
    size_t count = sharing->kind->collect(sharing->arg, sharing->items, AT_ONCE), at = 0;
    for (bool told = true; at < count && told;) {
        size_t part = count - at < OF_A_SCRIPT ? count - at : OF_A_SCRIPT;
        told = tell_part(sharing, at, part);
        if (told) at += part;
    }
    for (; at < count; at++) sharing->kind->again(sharing->arg, item_at(sharing, at));
    return EVERY_MS;
}

// ---- Life

static void make_metrics(struct sharing *sharing, struct metrics *metrics)
{
    static const char name[] = "conse_cache_exchanges_total",
                      help[] = "Exchanges with other processes through the cache.";
    char labels[96];
    snprintf(labels, sizeof labels, "what=\"%s\",result=\"done\"", sharing->kind->what);
    sharing->told = metrics_counter(metrics, name, help, labels);
    snprintf(labels, sizeof labels, "what=\"%s\",result=\"failed\"", sharing->kind->what);
    sharing->failed = metrics_counter(metrics, name, help, labels);
}

bool sharing_start(struct sharing **out, const struct sharing_options *options, struct err *err)
{
    struct redis_place place;
    if (!redis_place_parse(&place, options->url, err)) return false;
    struct sharing *sharing = calloc(1, sizeof *sharing);
    char *items = calloc(AT_ONCE, options->kind->item);
    if (!sharing || !items) return free(sharing), free(items), err_fail(err, INTERNAL_ERROR, "out of memory");
    *sharing = (struct sharing){.kind = options->kind, .arg = options->arg, .items = items};
    sealing_init(&sharing->sealing, options->key);
    make_metrics(sharing, options->metrics);
    bool opened = redis_open(&sharing->connection, &place, err);
    sodium_memzero(&place, sizeof place);
    if (opened && periodic_start(&sharing->thread, "cannot start sharing through the cache", EVERY_MS,
                                 sharing_round, sharing, err))
        return *out = sharing, true;
    sharing_stop(sharing);
    return false;
}

void sharing_stop(struct sharing *sharing)
{
    if (!sharing) return;
    periodic_stop(sharing->thread);
    redis_close(sharing->connection);
    sealing_forget(&sharing->sealing);
    free(sharing->items);
    free(sharing);
}
