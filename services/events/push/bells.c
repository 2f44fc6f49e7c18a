#include "services/events/push/bells.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "lib/thread/wait.h"
#include "services/events/push/browsers.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

enum {
    RINGERS = 4,
    MOST_WAITING = 4096,
    SWEEP_EVERY_MS = 30000, // over all browsers, because any process may end between an entry and its news
    LOOK_MS = 500,          // at the lease
    FAILED_MS = 2000,       // after a failure of our own
    ARENA = 8 << 20,
    PAGE = 200,
    TOKEN = 512,
};

// A user who may have news.
struct calling {
    struct uuid user_id;
    int64_t due_ms; // monotonic
    bool busy;      // a thread has it
    bool again;     // meanwhile there was more
};

struct bells {
    struct events *events;
    struct outside outside;
    pthread_t ringers[RINGERS];
    unsigned count;
    pthread_mutex_t mutex; // guards the fields below
    pthread_cond_t changed;
    struct calling *calls;
    size_t calls_count;
    int64_t sweep_ms; // monotonic
    bool holding, sweeping;
    atomic_bool stopping;
};

// ---- Who waits

static struct calling *call_find(struct bells *bells, const char *user_id)
{
    for (size_t i = 0; i < bells->calls_count; i++)
        if (strcmp(bells->calls[i].user_id.text, user_id) == 0) return &bells->calls[i];
    return NULL;
}

// Called with the mutex. Of those without room the sweep knows.
static void call_add(struct bells *bells, const char *user_id)
{
    struct calling *call = call_find(bells, user_id);
    if (!call && bells->calls_count == MOST_WAITING) return;
    if (!call) {
        call = &bells->calls[bells->calls_count++];
        *call = (struct calling){.busy = false};
        snprintf(call->user_id.text, sizeof call->user_id.text, "%s", user_id);
    }
    call->again = call->busy;
    if (!call->busy) call->due_ms = 0;
    pthread_cond_signal(&bells->changed);
}

void bells_wake(struct bells *bells, const char *user_id)
{
    pthread_mutex_lock(&bells->mutex);
    if (bells->holding) call_add(bells, user_id);
    pthread_mutex_unlock(&bells->mutex);
}

static void note_lease(struct bells *bells)
{
    bool holds = replica_holds(bells->events->replica, EVENTS_PUSH);
    if (holds && !bells->holding) bells->sweep_ms = 0;
    bells->holding = holds;
    size_t kept = 0;
    for (size_t i = 0; !holds && i < bells->calls_count; i++)
        if (bells->calls[i].busy) bells->calls[kept++] = bells->calls[i];
    if (!holds) bells->calls_count = kept;
}

static struct calling *due_call(struct bells *bells, int64_t *next_ms)
{
    struct calling *best = NULL;
    for (size_t i = 0; i < bells->calls_count; i++) {
        struct calling *call = &bells->calls[i];
        if (!call->busy && (!best || call->due_ms < best->due_ms)) best = call;
    }
    if (best && best->due_ms > clock_mono_ms()) {
        if (best->due_ms < *next_ms) *next_ms = best->due_ms;
        best = NULL;
    }
    return best;
}

// *user_id: whose bell is to be rung; "": all browsers are to be looked at. False: it is time to stop.
static bool take_call(struct bells *bells, struct uuid *user_id)
{
    struct calling *call = NULL;
    bool sweep = false;
    pthread_mutex_lock(&bells->mutex);
    for (int64_t next_ms; !atomic_load(&bells->stopping) && !call && !sweep;) {
        next_ms = clock_mono_ms() + LOOK_MS;
        note_lease(bells);
        if (bells->holding) call = due_call(bells, &next_ms);
        sweep = bells->holding && !call && !bells->sweeping && clock_mono_ms() >= bells->sweep_ms;
        if (!call && !sweep) wait_until(&bells->changed, &bells->mutex, next_ms);
    }
    user_id->text[0] = 0;
    if (call) *user_id = call->user_id, call->busy = true, call->again = false;
    if (sweep) bells->sweeping = true, bells->sweep_ms = clock_mono_ms() + SWEEP_EVERY_MS;
    pthread_mutex_unlock(&bells->mutex);
    return call || sweep;
}

static void give_call(struct bells *bells, const char *user_id, int64_t again_ms)
{
    int64_t from_now_ms = again_ms - clock_unix_ms();
    pthread_mutex_lock(&bells->mutex);
    struct calling *call = call_find(bells, user_id);
    if (call && again_ms == INT64_MAX && !call->again) {
        *call = bells->calls[--bells->calls_count];
    } else if (call) {
        call->busy = false;
        call->due_ms = call->again ? 0 : clock_mono_ms() + (from_now_ms > 0 ? from_now_ms : 0);
        pthread_cond_signal(&bells->changed);
    }
    pthread_mutex_unlock(&bells->mutex);
}

// ---- Work

static void ring_one(struct bells *bells, const char *user_id, struct arena *arena)
{
    struct bell bell = {bells->events, &bells->outside, arena};
    int64_t now_ms = clock_unix_ms(), again_ms = INT64_MAX;
    struct err err = {0};
    if (replica_holds(bells->events->replica, EVENTS_PUSH) &&
        !bell_ring(&bell, user_id, now_ms, &again_ms, &err)) {
        log_err(LOG_WARN, "events.browsers", &err);
        again_ms = now_ms + FAILED_MS;
    }
    give_call(bells, user_id, again_ms);
}

static bool meet_browser(struct bells *bells, const Push__BrowserRow *row, struct err *err)
{
    uint64_t head;
    if (!row) return true; // can't be read
    if (!store_head(bells->events->store, users_stream(row->user_id).text, &head, err)) return false;
    if (head > row->seq) bells_wake(bells, row->user_id);
    return true;
}

static bool sweep_page(struct bells *bells, char token[TOKEN], struct arena *arena, struct err *err)
{
    const struct store_query query = {.limit = PAGE, .page_token = token};
    struct store_rows rows;
    arena_reset(arena);
    if (!store_find(bells->events->store, &events_tables[EVENTS_BROWSERS], &query, arena, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!meet_browser(bells, (const Push__BrowserRow *)rows.messages[i], err)) return false;
    snprintf(token, TOKEN, "%s", rows.next_page_token);
    return true;
}

static void sweep_browsers(struct bells *bells, struct arena *arena)
{
    char token[TOKEN] = "";
    struct err err = {0};
    bool ok;
    do {
        ok = sweep_page(bells, token, arena, &err);
    } while (ok && *token && !atomic_load(&bells->stopping));
    if (!ok) log_err(LOG_WARN, "events.browsers", &err);
    pthread_mutex_lock(&bells->mutex);
    bells->sweeping = false;
    pthread_mutex_unlock(&bells->mutex);
}

static void *ringer_run(void *arg)
{
    struct bells *bells = arg;
    struct uuid user_id;
    struct arena arena;
    arena_init(&arena, ARENA);
    for (; take_call(bells, &user_id); arena_reset(&arena)) {
        if (user_id.text[0])
            ring_one(bells, user_id.text, &arena);
        else
            sweep_browsers(bells, &arena);
    }
    arena_finish(&arena);
    return NULL;
}

// ---- Start and stop

bool bells_open(struct bells **opened, struct events *events, struct err *err)
{
    struct bells *bells = calloc(1, sizeof *bells);
    struct calling *calls = calloc(MOST_WAITING, sizeof *calls);
    if (!bells || !calls) return free(bells), free(calls), err_fail(err, INTERNAL_ERROR, "out of memory");
    *bells = (struct bells){.events = events, .calls = calls};
    bells->outside =
        (struct outside){.loopback = events->settings.push_loopback, .stopping = &bells->stopping};
    pthread_mutex_init(&bells->mutex, NULL);
    wait_init(&bells->changed);
    *opened = bells;
    return true;
}

void bells_close(struct bells *bells)
{
    if (!bells) return;
    pthread_mutex_destroy(&bells->mutex);
    pthread_cond_destroy(&bells->changed);
    free(bells->calls);
    free(bells);
}

bool bells_start(struct bells *bells, struct err *err)
{
    int failed = 0;
    while (!failed && bells->count < RINGERS) {
        failed = pthread_create(&bells->ringers[bells->count], NULL, ringer_run, bells);
        bells->count += !failed;
    }
    return !failed || err_errno(err, failed, "browsers threads");
}

void bells_stop(struct bells *bells)
{
    if (!bells) return;
    pthread_mutex_lock(&bells->mutex);
    atomic_store(&bells->stopping, true);
    pthread_cond_broadcast(&bells->changed);
    pthread_mutex_unlock(&bells->mutex);
    while (bells->count) pthread_join(bells->ringers[--bells->count], NULL);
}
