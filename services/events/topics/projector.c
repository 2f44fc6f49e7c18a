#include "services/events/topics/projector.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "lib/replica/replica.h"
#include "lib/thread/wait.h"
#include "services/events/topics/finished.h"
#include "services/events/topics/inbox.h"
#include "services/events/topics/locked.h"
#include "services/events/live/rows.h"
#include "services/events/money/tell.h"
#include "services/events/tables.h"
#include "services/events/streams.h"

enum {
    MOST_WAITING = 4096,
    SWEEP_PAGE = 200,
    ARENA = 32 << 20,
    LATER_MS = 500,
    TOKEN = 512,
    SWEEP_EVERY_MS = 30000, // of a shared store, because any of its processes may end between entry and row
    LEASE_LOOK_MS = 500,
};

// Events to be served, each once; when there are too many, all are looked at.
struct waiting {
    struct uuid ids[MOST_WAITING];
    size_t count;
    bool overflown;
};

struct projector {
    struct events *events;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct waiting now, later;
    int64_t later_ms; // monotonic, when they are to be served
    int64_t sweep_ms; // monotonic, when all are to be looked at
    bool stopping;
    uint64_t rows_ticket; // of the newest row rebuilt; the thread's own
    atomic_bool caught_up;
    struct arena arena;
};

static bool projector_waits(const struct waiting *waiting) { return waiting->count || waiting->overflown; }

static void waiting_add(struct waiting *waiting, const char *event_id)
{
    for (size_t i = 0; i < waiting->count; i++)
        if (strcmp(waiting->ids[i].text, event_id) == 0) return;
    if (waiting->count < MOST_WAITING)
        memcpy(waiting->ids[waiting->count++].text, event_id, UUID_LEN + 1);
    else
        waiting->overflown = true;
}

void projector_wake(struct projector *projector, const char *event_id)
{
    if (!projector) return;
    pthread_mutex_lock(&projector->mutex);
    waiting_add(&projector->now, event_id);
    pthread_cond_signal(&projector->changed);
    pthread_mutex_unlock(&projector->mutex);
}

void projector_wake_later(struct projector *projector, const char *event_id)
{
    if (!projector) return;
    pthread_mutex_lock(&projector->mutex);
    if (!projector_waits(&projector->later)) projector->later_ms = clock_mono_ms() + LATER_MS;
    waiting_add(&projector->later, event_id);
    pthread_cond_signal(&projector->changed);
    pthread_mutex_unlock(&projector->mutex);
}

bool projector_caught_up(const struct projector *projector) { return atomic_load(&projector->caught_up); }

static bool projector_stopping(struct projector *projector)
{
    pthread_mutex_lock(&projector->mutex);
    bool stop = projector->stopping;
    pthread_mutex_unlock(&projector->mutex);
    return stop;
}

static bool projector_renew(struct projector *projector, const char *event_id, bool sweeping, struct err *err)
{
    struct aggregate *aggregate;
    if (!aggregate_enter(projector->events, event_id, &aggregate, err)) return false;
    bool ok = rows_refresh(aggregate, sweeping, &projector->arena, err);
    if (aggregate->rows.ticket > projector->rows_ticket) projector->rows_ticket = aggregate->rows.ticket;
    aggregate_leave(aggregate);
    return ok;
}

// Topics are served even if rows can't be, and rows of a deleted event are removed.
static bool serve_both(struct projector *projector, const char *event_id, bool sweeping, struct err *err)
{
    bool renewed = projector_renew(projector, event_id, sweeping, err);
    if (!renewed && err_is(err, NOT_FOUND))
        return money_mourn(projector->events, event_id, &projector->arena, err) &&
               rows_forget(projector->events, event_id, &projector->arena, err);
    arena_reset(&projector->arena);
    struct err second;
    bool handed_out = inbox_run(projector->events, event_id, &projector->arena, renewed ? err : &second);
    arena_reset(&projector->arena);
    bool told = money_run(projector->events, event_id, &projector->arena, handed_out ? err : &second);
    arena_reset(&projector->arena);
    bool locked = locked_run(projector->events, event_id, &projector->arena, told ? err : &second);
    arena_reset(&projector->arena);
    return renewed && handed_out && told && locked &&
           finished_run(projector->events, event_id, &projector->arena, err);
}

// A failure that may pass is tried again; an internal fault, and what a newer program wrote, wait for the
// next wake or start.
static void projector_serve(struct projector *projector, const char *event_id, bool sweeping)
{
    struct err err = {0};
    if (!serve_both(projector, event_id, sweeping, &err)) {
        bool newer = err_is(&err, STORE_NEWER); // who loads it says so
        if (!newer && !err_is(&err, SERVICE_BUSY) && !err_is(&err, STORE_FULL))
            log_err(LOG_WARN, "events.project", &err);
        if (!newer && !err_internal(&err)) projector_wake_later(projector, event_id);
    }
    arena_reset(&projector->arena);
}

static bool is_event_stream(const char *stream) { return uuid_check(stream + strlen(EVENTS_PREFIX)); }

// Those of older programs don't.
static bool names_image(const Game__EventRow *row)
{
    return row->image_id[0] || !row->summary || !row->summary->image_url[0];
}

static bool money_is_told(const Game__EventRow *row, const Game__NoticeRow *notice)
{
    return !row->summary || !row->summary->payment_terms || notice->money == row->seq;
}

// Of one that is locked now, or was told of and is called off; the next deal's is told with what happens
// then.
static bool table_is_told(const Game__EventRow *row, const Game__NoticeRow *notice)
{
    if (row->state > EVENTS__EVENT__STATE__DONE) return !notice->locked || notice->let_go;
    return row->state < EVENTS__EVENT__STATE__LOCKED || row->state == EVENTS__EVENT__STATE__DONE ||
           notice->locked;
}

static bool projector_current(struct projector *projector, const struct store_head *head, struct arena *arena)
{
    ProtobufCMessage *row = NULL, *notice = NULL;
    uint64_t version;
    struct err err;
    const char *id = head->stream + strlen(EVENTS_PREFIX);
    return store_get(projector->events->store, &events_tables[EVENTS_EVENTS], id, arena, &row, &version,
                     &err) &&
           store_get(projector->events->store, &events_tables[EVENTS_NOTICES], id, arena, &notice, &version,
                     &err) &&
           row && notice && names_image((Game__EventRow *)row) && ((Game__EventRow *)row)->seq == head->seq &&
           money_is_told((Game__EventRow *)row, (Game__NoticeRow *)notice) &&
           table_is_told((Game__EventRow *)row, (Game__NoticeRow *)notice) &&
           ((Game__NoticeRow *)notice)->seq == head->seq &&
           (((Game__EventRow *)row)->state != EVENTS__EVENT__STATE__DONE ||
            ((Game__NoticeRow *)notice)->finished);
}

// *after becomes the name of the last one, NULL when there are no more.
static void sweep_page(struct projector *projector, char **after, struct arena *arena)
{
    struct store_head *heads;
    size_t count = 0;
    struct err err = {0};
    if (!store_heads(projector->events->store, EVENTS_PREFIX, *after, SWEEP_PAGE, arena, &heads, &count,
                     &err))
        log_err(LOG_WARN, "events.sweep", &err);
    for (size_t i = 0; i < count && !projector_stopping(projector); i++)
        if (is_event_stream(heads[i].stream) && !projector_current(projector, &heads[i], arena))
            projector_serve(projector, heads[i].stream + strlen(EVENTS_PREFIX), true);
    free(*after);
    *after = count == SWEEP_PAGE ? strdup(heads[count - 1].stream) : NULL;
}

static void sweep_events(struct projector *projector, struct arena *arena)
{
    char *after = strdup("");
    while (after && !projector_stopping(projector)) {
        sweep_page(projector, &after, arena);
        arena_reset(arena);
    }
    free(after);
}

// Rows without an event: a deletion leaves them when its rows could not be stored.
static size_t sweep_rows(struct projector *projector, char token[TOKEN], struct arena *arena)
{
    const struct store_query query = {.limit = SWEEP_PAGE, .page_token = token};
    struct store *store = projector->events->store;
    struct store_rows rows;
    struct err err = {0};
    uint64_t head;
    if (!store_find(store, &events_tables[EVENTS_EVENTS], &query, arena, &rows, &err)) {
        log_err(LOG_WARN, "events.sweep", &err);
        return 0;
    }
    for (size_t i = 0; i < rows.count && !projector_stopping(projector); i++) {
        const char *id = ((const Game__EventRow *)rows.messages[i])->id;
        if (uuid_check(id) && store_head(store, events_stream(id).text, &head, &err) && !head)
            projector_serve(projector, id, true);
    }
    snprintf(token, TOKEN, "%s", rows.next_page_token);
    return rows.count;
}

static void projector_sweep(struct projector *projector)
{
    char token[TOKEN] = "";
    struct arena arena;
    arena_init(&arena, ARENA);
    sweep_events(projector, &arena);
    while (!projector_stopping(projector) && sweep_rows(projector, token, &arena) && *token)
        arena_reset(&arena);
    arena_finish(&arena);
}

static bool take_first(struct waiting *waiting, struct uuid *event_id)
{
    if (!waiting->count) return false;
    *event_id = waiting->ids[0];
    waiting->count--;
    memmove(waiting->ids, waiting->ids + 1, waiting->count * sizeof *waiting->ids);
    return true;
}

// Those that are due join the others; the list before them is empty then.
static void take_later(struct projector *projector)
{
    if (!projector_waits(&projector->later) || clock_mono_ms() < projector->later_ms) return;
    projector->now = projector->later;
    projector->later.count = 0;
    projector->later.overflown = false;
}

static int64_t projector_until_ms(const struct projector *projector)
{
    int64_t later_ms = projector_waits(&projector->later) ? projector->later_ms : INT64_MAX;
    return later_ms < projector->sweep_ms ? later_ms : projector->sweep_ms;
}

// Waits for work; false when it is time to stop.
static bool next_event(struct projector *projector, struct uuid *event_id, bool *all)
{
    struct waiting *now = &projector->now;
    pthread_mutex_lock(&projector->mutex);
    for (;;) {
        if (!projector_waits(now)) take_later(projector);
        bool sweep = clock_mono_ms() >= projector->sweep_ms;
        if (projector->stopping || projector_waits(now) || sweep) break;
        wait_until(&projector->changed, &projector->mutex, projector_until_ms(projector));
    }
    bool go = !projector->stopping;
    event_id->text[0] = 0;
    *all = !take_first(now, event_id) && now->overflown;
    if (*all) now->overflown = false;
    pthread_mutex_unlock(&projector->mutex);
    return go;
}

// A process may have ended between the role's row and what is told of it.
static void tell_roles(struct projector *projector)
{
    struct err err;
    if (!money_tell_roles(projector->events, &projector->arena, &err))
        log_err(LOG_WARN, "events.sweep", &err);
    arena_reset(&projector->arena);
}

// A row that fails is rebuilt half a second later.
static void catch_up(struct projector *projector)
{
    struct err err;
    projector_sweep(projector);
    tell_roles(projector);
    if (projector->rows_ticket && !store_wait(projector->events->store, projector->rows_ticket, &err))
        log_err(LOG_WARN, "events.sweep", &err);
    atomic_store(&projector->caught_up, true);
}

// Alone, once; of several processes one looks at all again and again.
static void look_at_all(struct projector *projector)
{
    bool shared = store_is_shared(projector->events->store);
    bool mine = !shared || replica_holds(projector->events->replica, EVENTS_SWEEPS);
    if (mine)
        catch_up(projector);
    else
        atomic_store(&projector->caught_up, false);
    projector->sweep_ms = !shared ? INT64_MAX : clock_mono_ms() + (mine ? SWEEP_EVERY_MS : LEASE_LOOK_MS);
}

static void *projector_run(void *arg)
{
    struct projector *projector = arg;
    struct uuid event_id;
    bool all;
    look_at_all(projector);
    while (next_event(projector, &event_id, &all)) {
        if (event_id.text[0]) projector_serve(projector, event_id.text, false);
        if (all) projector_sweep(projector);
        if (clock_mono_ms() >= projector->sweep_ms) look_at_all(projector);
    }
    return NULL;
}

bool projector_start(struct projector **started, struct events *events, struct err *err)
{
    struct projector *projector = *started = calloc(1, sizeof *projector);
    if (!projector) return err_fail(err, INTERNAL_ERROR, "out of memory");
    projector->events = events;
    arena_init(&projector->arena, ARENA);
    pthread_mutex_init(&projector->mutex, NULL);
    wait_init(&projector->changed);
    int failed = pthread_create(&projector->thread, NULL, projector_run, projector);
    if (!failed) return true;
    free(projector);
    *started = NULL;
    return err_errno(err, failed, "projector thread");
}

void projector_stop(struct projector *projector)
{
    if (!projector) return;
    pthread_mutex_lock(&projector->mutex);
    projector->stopping = true;
    pthread_cond_signal(&projector->changed);
    pthread_mutex_unlock(&projector->mutex);
    pthread_join(projector->thread, NULL);
}

void projector_destroy(struct projector *projector)
{
    if (!projector) return;
    arena_finish(&projector->arena);
    pthread_mutex_destroy(&projector->mutex);
    pthread_cond_destroy(&projector->changed);
    free(projector);
}
