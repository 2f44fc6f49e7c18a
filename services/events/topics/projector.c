#include "services/events/topics/projector.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "services/events/topics/inbox.h"
#include "services/events/live/rows.h"
#include "services/events/tables.h"
#include "services/events/streams.h"

enum { MOST_WAITING = 4096, MOST_SERVED = 100000, SWEEP_PAGE = 200, ARENA = 32 << 20 };

struct projector {
    struct events *events;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct uuid waiting[MOST_WAITING];
    size_t waiting_count;
    bool overflown, stopping;
    struct arena arena;
    struct idmap served; // 1 for events whose last hand-out in this process went well
};

bool projector_broadcasts(Game__Entry__BodyCase which)
{
    return which == GAME__ENTRY__BODY_REMINDED || which == GAME__ENTRY__BODY_CANCELLED ||
           which == GAME__ENTRY__BODY_EXPIRED || which == GAME__ENTRY__BODY_FINISHED ||
           which == GAME__ENTRY__BODY_LOCKED || which == GAME__ENTRY__BODY_REOPENED ||
           which == GAME__ENTRY__BODY_EDITED || which == GAME__ENTRY__BODY_RESERVED ||
           which == GAME__ENTRY__BODY_SEAT_FREED;
}

void projector_wake(struct projector *projector, const char *event_id)
{
    if (!projector) return;
    pthread_mutex_lock(&projector->mutex);
    bool known = false;
    for (size_t i = 0; i < projector->waiting_count && !known; i++)
        known = strcmp(projector->waiting[i].text, event_id) == 0;
    if (!known && projector->waiting_count < MOST_WAITING)
        memcpy(projector->waiting[projector->waiting_count++].text, event_id, UUID_LEN + 1);
    else if (!known)
        projector->overflown = true;
    pthread_cond_signal(&projector->changed);
    pthread_mutex_unlock(&projector->mutex);
}

static bool stopping(struct projector *projector)
{
    pthread_mutex_lock(&projector->mutex);
    bool stop = projector->stopping;
    pthread_mutex_unlock(&projector->mutex);
    return stop;
}

static bool renew(struct projector *projector, const char *event_id, struct err *err)
{
    struct aggregate *aggregate;
    struct aggregates *aggregates = projector->events->aggregates;
    if (!aggregate_enter(aggregates, event_id, &aggregate, err)) return false;
    bool ok = aggregate->row_state ? (rows_put_votes(aggregate, &projector->arena), true)
                                   : rows_renew(aggregate, &projector->arena, err);
    aggregate_leave(aggregates, aggregate);
    return ok;
}

// A failure is logged and met again by the next wake or the next start.
static void serve(struct projector *projector, const char *event_id)
{
    struct err err = {0};
    if (projector->served.count > MOST_SERVED) idmap_finish(&projector->served);
    uint32_t *served = idmap_add(&projector->served, event_id);
    bool repeated = !served || !*served;
    bool ok = renew(projector, event_id, &err) &&
              inbox_run(projector->events, event_id, repeated, &projector->arena, &err);
    if (served) *served = ok;
    if (!ok && !err_is(&err, NOT_FOUND)) log_err(LOG_WARN, "events.handout", &err);
    if (!ok && err_is(&err, SERVICE_BUSY)) projector_wake(projector, event_id);
    arena_reset(&projector->arena);
}

static bool is_event_stream(const char *stream) { return strlen(stream) == strlen(EVENTS_PREFIX) + UUID_LEN; }

static bool current(struct projector *projector, const struct store_head *head, struct arena *arena)
{
    ProtobufCMessage *row = NULL, *notice = NULL;
    uint64_t version;
    struct err err;
    const char *id = head->stream + strlen(EVENTS_PREFIX);
    return store_get(projector->events->store, &events_tables[EVENTS_EVENTS], id, arena, &row, &version,
                     &err) &&
           store_get(projector->events->store, &events_tables[EVENTS_NOTICES], id, arena, &notice, &version,
                     &err) &&
           row && notice && ((Game__EventRow *)row)->seq == head->seq &&
           ((Game__NoticeRow *)notice)->seq == head->seq;
}

static size_t sweep_page(struct projector *projector, char after[STREAM_LEN], struct arena *arena)
{
    struct store_head *heads;
    size_t count = 0;
    struct err err = {0};
    if (!store_heads(projector->events->store, EVENTS_PREFIX, after, SWEEP_PAGE, arena, &heads, &count,
                     &err)) {
        log_err(LOG_WARN, "events.sweep", &err);
        return 0;
    }
    for (size_t i = 0; i < count && !stopping(projector); i++) {
        if (is_event_stream(heads[i].stream) && !current(projector, &heads[i], arena))
            serve(projector, heads[i].stream + strlen(EVENTS_PREFIX));
        snprintf(after, STREAM_LEN, "%s", heads[i].stream);
    }
    return count;
}

static void sweep(struct projector *projector)
{
    char after[STREAM_LEN] = "";
    struct arena arena;
    arena_init(&arena, ARENA);
    while (!stopping(projector) && sweep_page(projector, after, &arena) == SWEEP_PAGE) arena_reset(&arena);
    arena_finish(&arena);
}

// Waits for work; false when it is time to stop.
static bool next_event(struct projector *projector, struct uuid *event_id, bool *all)
{
    pthread_mutex_lock(&projector->mutex);
    while (!projector->stopping && !projector->waiting_count && !projector->overflown)
        pthread_cond_wait(&projector->changed, &projector->mutex);
    bool go = !projector->stopping;
    *all = projector->overflown && !projector->waiting_count;
    if (*all) projector->overflown = false;
    if (projector->waiting_count) {
        *event_id = projector->waiting[0];
        projector->waiting_count--;
        memmove(projector->waiting, projector->waiting + 1,
                projector->waiting_count * sizeof *projector->waiting);
    }
    pthread_mutex_unlock(&projector->mutex);
    return go;
}

static void *run(void *arg)
{
    struct projector *projector = arg;
    struct uuid event_id;
    bool all;
    sweep(projector);
    while (next_event(projector, &event_id, &all)) {
        if (all)
            sweep(projector);
        else
            serve(projector, event_id.text);
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
    pthread_cond_init(&projector->changed, NULL);
    int failed = pthread_create(&projector->thread, NULL, run, projector);
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
    arena_finish(&projector->arena);
    idmap_finish(&projector->served);
    pthread_mutex_destroy(&projector->mutex);
    pthread_cond_destroy(&projector->changed);
    free(projector);
}
