// Whether the server is there. A thread sleeps until somebody finds that it is not; then it pings until it
// is, and meanwhile everything else is refused at once.
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/mongo/mongo.h"
#include "lib/thread/wait.h"

enum { PING_PAUSE_MS = 250 };

struct mongo_watch {
    atomic_bool away, closing;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
    pthread_t thread;
};

static bool watch_ping(struct mongo_store *store)
{
    bson_t *ping = BCON_NEW("ping", BCON_INT32(1));
    struct mongo_fault fault;
    enum mongo_answer answer = mongo_command(store, ping, NULL, &fault);
    bson_destroy(ping);
    return answer == MONGO_DONE;
}

static void watch_set(struct mongo_watch *watch, bool away)
{
    pthread_mutex_lock(&watch->lock);
    if (watch->away != away) {
        if (away)
            log_warn("the store's server does not answer");
        else
            log_info("the store's server answers again");
    }
    watch->away = away;
    pthread_cond_broadcast(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
}

static void watch_pause(struct mongo_watch *watch)
{
    int64_t until_ms = clock_mono_ms() + PING_PAUSE_MS;
    pthread_mutex_lock(&watch->lock);
    while (!watch->stopping && clock_mono_ms() < until_ms)
        wait_until(&watch->changed, &watch->lock, until_ms);
    pthread_mutex_unlock(&watch->lock);
}

// False when it is time to stop.
static bool watch_wait(struct mongo_watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    while (!watch->stopping && !watch->away) pthread_cond_wait(&watch->changed, &watch->lock);
    bool go_on = !watch->stopping;
    pthread_mutex_unlock(&watch->lock);
    return go_on;
}

static void *watch_main(void *arg)
{
    struct mongo_store *store = arg;
    while (watch_wait(store->watch)) {
        if (watch_ping(store))
            watch_set(store->watch, false);
        else
            watch_pause(store->watch);
    }
    return NULL;
}

static void watch_free(struct mongo_watch *watch)
{
    pthread_cond_destroy(&watch->changed);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}

bool mongo_watch_start(struct mongo_store *store, struct err *err)
{
    struct mongo_watch *watch = calloc(1, sizeof *watch);
    if (!watch) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_init(&watch->lock, NULL);
    wait_init(&watch->changed);
    store->watch = watch;
    if (pthread_create(&watch->thread, NULL, watch_main, store) == 0) return true;
    store->watch = NULL;
    watch_free(watch);
    return err_fail(err, INTERNAL_ERROR, "no thread for the store");
}

void mongo_watch_stop(struct mongo_store *store)
{
    struct mongo_watch *watch = store->watch;
    if (!watch) return;
    pthread_mutex_lock(&watch->lock);
    watch->stopping = true;
    pthread_cond_broadcast(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    watch_free(watch);
    store->watch = NULL;
}

bool mongo_is_away(const struct mongo_store *store) { return store->watch && store->watch->away; }

void mongo_is_lost(struct mongo_store *store)
{
    if (store->watch && !pthread_equal(pthread_self(), store->watch->thread)) watch_set(store->watch, true);
}

bool mongo_is_closing(const struct mongo_store *store) { return store->watch && store->watch->closing; }

void mongo_close_soon(struct mongo_store *store)
{
    struct mongo_watch *watch = store->watch;
    pthread_mutex_lock(&watch->lock);
    watch->closing = true;
    pthread_cond_broadcast(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
}

bool mongo_wait_back(struct mongo_store *store, int64_t pause_ms)
{
    struct mongo_watch *watch = store->watch;
    int64_t until_ms = clock_mono_ms() + pause_ms;
    pthread_mutex_lock(&watch->lock);
    while (!watch->closing && (watch->away || clock_mono_ms() < until_ms))
        wait_until(&watch->changed, &watch->lock, watch->away ? INT64_MAX : until_ms);
    bool go_on = !watch->closing;
    pthread_mutex_unlock(&watch->lock);
    return go_on;
}

bool mongo_wait_until(struct mongo_store *store, int64_t until_ms)
{
    struct mongo_watch *watch = store->watch;
    if (!watch) return false;
    pthread_mutex_lock(&watch->lock);
    while (watch->away && !watch->closing && clock_mono_ms() < until_ms)
        wait_until(&watch->changed, &watch->lock, until_ms);
    bool there = !watch->away;
    pthread_mutex_unlock(&watch->lock);
    return there;
}
