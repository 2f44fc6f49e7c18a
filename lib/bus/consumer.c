#include "lib/bus/consumer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum { BATCH_BYTES = 1 << 20, ARENA_BYTES = 8 << 20 };

struct bus_consumer {
    char *stream;
    bus_apply *apply;
    void *arg;
    pthread_mutex_t starting; // held until subscriber is set
    struct bus_subscriber *subscriber;
    struct bus_place place;
    struct arena arena; // of what waits
    Bus__Notice *waiting[BUS_BATCH_MOST];
    size_t count, bytes;
    uint64_t lost;
    atomic_bool behind;         // something was taken that is not applied
    _Atomic int64_t refused_ms; // monotonic: when something was not applied last; 0: never
    _Atomic int64_t reached_ms; // monotonic: when all that was known was applied last, or its start
    struct bus_consumer *next;  // of the process
};

static pthread_mutex_t running = PTHREAD_MUTEX_INITIALIZER; // guards the list
static struct bus_consumer *all_running;

// ---- What waits to be applied

static void batch_drop(struct bus_consumer *consumer)
{
    consumer->count = consumer->bytes = consumer->lost = 0;
    arena_reset(&consumer->arena);
}

static bool batch_add(struct bus_consumer *consumer, const Bus__Notice *notice)
{
    size_t len = bus__notice__get_packed_size(notice);
    uint8_t *bytes = arena_alloc(&consumer->arena, len);
    if (!bytes) return false;
    bus__notice__pack(notice, bytes);
    Bus__Notice *copy = bus__notice__unpack(&consumer->arena.allocator, len, bytes);
    if (!copy) return false;
    uint64_t before = consumer->count ? consumer->waiting[consumer->count - 1]->seq : consumer->place.seq;
    if (before) consumer->lost += notice->seq - before - 1; // a new consumer takes what is there
    consumer->waiting[consumer->count++] = copy;
    consumer->bytes += len;
    return true;
}

static bool batch_is_full(const struct bus_consumer *consumer)
{
    return consumer->count == BUS_BATCH_MOST || consumer->bytes >= BATCH_BYTES;
}

static bool batch_apply(struct bus_consumer *consumer)
{
    struct err err = {0};
    struct bus_batch batch = {
        .notices = consumer->waiting,
        .count = consumer->count,
        .place = {consumer->place.generation, consumer->waiting[consumer->count - 1]->seq},
        .lost = consumer->lost};
    bool ok = consumer->apply(consumer->arg, &batch, &err);
    if (ok) consumer->place = batch.place;
    if (!ok) log_err(LOG_WARN, consumer->stream, &err);
    if (ok) atomic_store(&consumer->behind, false);
    batch_drop(consumer);
    return ok;
}

// ---- What comes

static void follow_generation(struct bus_consumer *consumer)
{
    uint64_t generation = bus_subscriber_generation(consumer->subscriber);
    if (generation == consumer->place.generation) return;
    batch_drop(consumer);
    consumer->place = (struct bus_place){generation, consumer->place.generation ? 0 : consumer->place.seq};
}

static bool consumer_take(struct bus_consumer *consumer, const Bus__Notice *notice)
{
    follow_generation(consumer);
    atomic_store(&consumer->behind, true);
    bool added = batch_add(consumer, notice);
    bool newest = notice->seq >= bus_subscriber_head(consumer->subscriber, consumer->stream);
    if (added && !newest && !batch_is_full(consumer)) return true;
    if (!added)
        log_warn("no memory for an entry", F_STR("stream", consumer->stream), F_INT("seq", notice->seq));
    if (added && batch_apply(consumer)) {
        if (newest) atomic_store(&consumer->reached_ms, clock_mono_ms());
        return true;
    }
    atomic_store(&consumer->refused_ms, clock_mono_ms());
    batch_drop(consumer);
    bus_subscriber_seek(consumer->subscriber, consumer->stream, consumer->place.seq);
    return false;
}

static bool on_entry(void *arg, const Bus__Notice *notice)
{
    struct bus_consumer *consumer = arg;
    pthread_mutex_lock(&consumer->starting);
    bool taken = consumer_take(consumer, notice);
    pthread_mutex_unlock(&consumer->starting);
    return taken;
}

// ---- Life

static bool consumer_subscribe(struct bus_consumer *consumer, const struct bus_consumer_options *options,
                               struct err *err)
{
    const struct bus_cursor cursor = {options->stream, options->from.seq};
    const struct bus_subscriber_options follow = {.self = options->self,
                                                  .pattern = options->stream,
                                                  .address = options->address,
                                                  .feed_service = options->feed_service,
                                                  .feed_address = options->feed_address,
                                                  .bus_keys = options->bus_keys,
                                                  .fetch_private = true,
                                                  .from_start = true,
                                                  .cursors = &cursor,
                                                  .cursors_count = 1,
                                                  .generation = options->from.generation,
                                                  .handler = on_entry,
                                                  .arg = consumer};
    pthread_mutex_lock(&consumer->starting);
    bool ok = bus_subscriber_start(&consumer->subscriber, &follow, err);
    pthread_mutex_unlock(&consumer->starting);
    return ok;
}

static void consumer_list(struct bus_consumer *consumer)
{
    pthread_mutex_lock(&running);
    consumer->next = all_running;
    all_running = consumer;
    pthread_mutex_unlock(&running);
}

static void consumer_unlist(const struct bus_consumer *consumer)
{
    pthread_mutex_lock(&running);
    struct bus_consumer **at = &all_running;
    while (*at && *at != consumer) at = &(*at)->next;
    if (*at) *at = consumer->next;
    pthread_mutex_unlock(&running);
}

bool bus_consumer_start(struct bus_consumer **out, const struct bus_consumer_options *options,
                        struct err *err)
{
    struct bus_consumer *consumer = calloc(1, sizeof *consumer);
    if (!consumer) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_init(&consumer->starting, NULL);
    arena_init(&consumer->arena, ARENA_BYTES);
    consumer->apply = options->apply;
    consumer->arg = options->arg;
    consumer->place = options->from;
    atomic_store(&consumer->reached_ms, clock_mono_ms());
    consumer->stream = strdup(options->stream);
    bool ok = consumer->stream || err_fail(err, INTERNAL_ERROR, "out of memory");
    if (ok && consumer_subscribe(consumer, options, err))
        return consumer_list(consumer), *out = consumer, true;
    bus_consumer_stop(consumer);
    return false;
}

void bus_consumer_stop(struct bus_consumer *consumer)
{
    if (!consumer) return;
    consumer_unlist(consumer);
    bus_subscriber_stop(consumer->subscriber);
    pthread_mutex_destroy(&consumer->starting);
    arena_finish(&consumer->arena);
    free(consumer->stream);
    free(consumer);
}

// What the subscriber has reached it may have given back since, and what it gave may wait here: the age is
// read before.
int64_t bus_consumer_age_ms(const struct bus_consumer *consumer)
{
    int64_t now_ms = clock_mono_ms(), age_ms = bus_subscriber_age_ms(consumer->subscriber);
    int64_t refused_ms = atomic_load(&consumer->refused_ms);
    bool reached = age_ms != INT64_MAX && !atomic_load(&consumer->behind) &&
                   (!refused_ms || now_ms - age_ms > refused_ms);
    return reached ? age_ms : INT64_MAX;
}

static int64_t consumer_lag_ms(struct bus_consumer *consumer)
{
    int64_t age_ms = bus_consumer_age_ms(consumer), now_ms = clock_mono_ms();
    if (age_ms != INT64_MAX && now_ms - age_ms > atomic_load(&consumer->reached_ms))
        atomic_store(&consumer->reached_ms, now_ms - age_ms);
    int64_t lag_ms = now_ms - atomic_load(&consumer->reached_ms);
    return lag_ms > 0 ? lag_ms : 0;
}

int64_t bus_consumers_lag_ms(void)
{
    int64_t most_ms = 0;
    pthread_mutex_lock(&running);
    for (struct bus_consumer *consumer = all_running; consumer; consumer = consumer->next) {
        int64_t lag_ms = consumer_lag_ms(consumer);
        if (lag_ms > most_ms) most_ms = lag_ms;
    }
    pthread_mutex_unlock(&running);
    return most_ms;
}
