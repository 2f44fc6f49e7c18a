#include "services/gateway/stream/topics.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "lib/bus/bus.h"
#include "services/gateway/stream/hub.h"
#include "services/gateway/stream/names.h"

enum { SHARDS = 64 };

struct topic {
    struct name name;
    uint64_t loops; // bit per loop that listens
    char text[];
};

struct shard {
    pthread_mutex_t lock;
    struct names topics;
};

struct topics {
    struct shard shards[SHARDS];
    uint8_t key[crypto_shorthash_KEYBYTES];
    struct hub *hubs[TOPICS_LOOPS_MOST];
    struct bus_subscriber *events, *chain;
};

// ---- Who listens

uint64_t topics_hash(const struct topics *topics, const char *stream)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)stream, strlen(stream), topics->key);
    return hash;
}

// The top bits choose the shard, the others the bucket in it.
static struct shard *shard_of(struct topics *topics, uint64_t hash) { return &topics->shards[hash >> 58]; }

static struct topic *get_topic(struct names *topics, const char *stream, uint64_t hash)
{
    struct topic *topic = (struct topic *)names_find(topics, stream, hash);
    if (topic) return topic;
    size_t size = strlen(stream) + 1;
    topic = calloc(1, sizeof *topic + size);
    if (!topic) return NULL;
    memcpy(topic->text, stream, size);
    topic->name = (struct name){.hash = hash, .text = topic->text};
    if (names_add(topics, &topic->name)) return topic;
    free(topic);
    return NULL;
}

bool topics_want(struct topics *topics, const char *stream, uint64_t hash, size_t index)
{
    struct shard *shard = shard_of(topics, hash);
    pthread_mutex_lock(&shard->lock);
    struct topic *topic = get_topic(&shard->topics, stream, hash);
    if (topic) topic->loops |= UINT64_C(1) << index;
    pthread_mutex_unlock(&shard->lock);
    return topic;
}

void topics_unwant(struct topics *topics, const char *stream, uint64_t hash, size_t index)
{
    struct shard *shard = shard_of(topics, hash);
    pthread_mutex_lock(&shard->lock);
    struct topic *topic = (struct topic *)names_find(&shard->topics, stream, hash);
    topic->loops &= ~(UINT64_C(1) << index);
    bool unwanted = topic->loops == 0;
    if (unwanted) names_remove(&shard->topics, &topic->name);
    pthread_mutex_unlock(&shard->lock);
    if (unwanted) free(topic);
}

static uint64_t loops_of(struct topics *topics, const char *stream, uint64_t hash)
{
    struct shard *shard = shard_of(topics, hash);
    pthread_mutex_lock(&shard->lock);
    const struct topic *topic = (const struct topic *)names_find(&shard->topics, stream, hash);
    uint64_t loops = topic ? topic->loops : 0;
    pthread_mutex_unlock(&shard->lock);
    return loops;
}

// ---- What is told

struct news *topics_news(const Bus__Notice *notice, uint64_t hash)
{
    size_t stream_size = strlen(notice->stream) + 1, kind_size = strlen(notice->kind) + 1;
    struct news *news = malloc(sizeof *news + stream_size + kind_size);
    struct shared *payload =
        notice->payload.len ? shared_create(notice->payload.data, notice->payload.len) : NULL;
    if (!news || (notice->payload.len && !payload)) return free(news), shared_drop(payload), NULL;
    atomic_init(&news->holders, 1);
    news->hash = hash;
    news->seq = notice->seq;
    news->time_ms = notice->time ? stamp_ms(notice->time) : 0;
    news->payload = payload;
    memcpy(news->stream, notice->stream, stream_size);
    news->kind = memcpy(news->stream + stream_size, notice->kind, kind_size);
    return news;
}

void topics_publish(struct topics *topics, const Bus__Notice *notice)
{
    uint64_t hash = topics_hash(topics, notice->stream), loops = loops_of(topics, notice->stream, hash);
    struct news *news = loops ? topics_news(notice, hash) : NULL;
    for (size_t i = 0; loops; i++, loops >>= 1)
        if (loops & 1) hub_push(topics->hubs[i], news);
    news_drop(news);
}

// On the subscriber's thread, as the next.
static bool is_wanted(void *arg, const char *stream)
{
    struct topics *topics = arg;
    return loops_of(topics, stream, topics_hash(topics, stream));
}

static bool on_notice(void *arg, const Bus__Notice *notice)
{
    topics_publish(arg, notice);
    return true;
}

static void on_hint(void *arg, const Bus__Notice *hint)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = hint->stream;
    notice.kind = NEWS_HINT;
    topics_publish(arg, &notice);
}

// ---- Life

bool topics_create(struct topics **out, struct err *err)
{
    struct topics *topics = calloc(1, sizeof *topics);
    if (!topics) return err_fail(err, INTERNAL_ERROR, "no memory");
    for (size_t i = 0; i < SHARDS; i++) pthread_mutex_init(&topics->shards[i].lock, NULL);
    crypto_shorthash_keygen(topics->key);
    *out = topics;
    return true;
}

void topics_join(struct topics *topics, struct hub *hub, size_t index) { topics->hubs[index] = hub; }

// Streams of one service, by these patterns.
static bool follow_service(struct topics *topics, const struct topics_options *options, const char *service,
                           const char *const *patterns, struct bus_subscriber **out, struct err *err)
{
    const struct topics_place *place = strcmp(service, "chain") == 0 ? &options->chain : &options->events;
    const struct bus_subscriber_options subscriber = {.self = CONSE__ASKER__VALUE__GATEWAY,
                                                      .pattern = patterns[0],
                                                      .address = place->bus,
                                                      .feed_service = service,
                                                      .feed_address = place->feed,
                                                      .bus_keys = options->bus_keys,
                                                      .handler = on_notice,
                                                      .wanted = is_wanted,
                                                      .hint = on_hint,
                                                      .arg = topics};
    if (!bus_subscriber_start(out, &subscriber, err)) return false;
    for (size_t i = 1; patterns[i]; i++)
        if (!bus_subscriber_add(*out, patterns[i], err)) return false;
    return true;
}

bool topics_start(struct topics *topics, const struct topics_options *options, struct err *err)
{
    static const char *const events[] = {"events.*", "users.*", "chat.*", "topics.*", NULL};
    static const char *const chain[] = {"market.*", "orders.*", NULL};
    return follow_service(topics, options, "events", events, &topics->events, err) &&
           (!options->chain.bus || follow_service(topics, options, "chain", chain, &topics->chain, err));
}

void topics_stop(struct topics *topics)
{
    if (!topics) return;
    bus_subscriber_stop(topics->events);
    bus_subscriber_stop(topics->chain);
    topics->events = topics->chain = NULL;
}

void topics_destroy(struct topics *topics)
{
    if (!topics) return;
    for (size_t i = 0; i < SHARDS; i++) {
        names_finish(&topics->shards[i].topics);
        pthread_mutex_destroy(&topics->shards[i].lock);
    }
    free(topics);
}
