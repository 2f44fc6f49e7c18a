#include "services/events/push/push.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "lib/thread/wait.h"
#include "services/events/push/courier.h"
#include "services/events/push/crier.h"
#include "services/events/push/feeder.h"
#include "services/events/push/turns.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

enum {
    COURIERS = 8,
    MOST_WAITING = 1024,
    ROUNDS_MOST = 4096,
    LOOK_MS = 500,          // at the lease
    PACE_MS = 25,           // from a round over events with news to the next: commits come by hundreds
    LATE_MS = 1000,         // at events that some see late
    IDLE_MS = 5000,         // a topic at most without a look, because other processes may ask for one
    SWEEP_EVERY_MS = 30000, // over the topics, because any process may end between an entry and its news
    ALL_EVERY_MS = 600000,  // over all events, for topics of all
    FAILED_MS = 2000,       // after a failure of our own
    ARENA = 32 << 20,
    PAGE = 200,
    TOKEN = 512,
};

struct places_waiting {
    struct uuid ids[MOST_WAITING];
    size_t count;
    bool overflown;
};

static const struct turns_limits limits = {
    .most = ROUNDS_MOST, .of_owner = 2, .to_site = COURIERS / 2, .slow = COURIERS / 2 - 1};

struct push {
    struct events *events;
    struct outside outside;
    struct crier *crier; // NULL: there is none
    pthread_t planner, couriers[COURIERS];
    unsigned couriers_count;
    bool planning;
    pthread_mutex_t mutex; // guards the fields below
    pthread_cond_t planner_wake, courier_wake;
    struct places_waiting now, later;
    int64_t later_ms, sweep_ms, all_ms; // monotonic
    int64_t round_ms;                   // when the next round may begin
    size_t round;                       // of now: how many are left of the one under way
    struct turns *rounds;               // of topics with webhooks
    bool holding;                       // the lease, at the last look
    atomic_bool stopping;
};

// ---- What waits

static void places_add(struct places_waiting *waiting, const char *event_id)
{
    for (size_t i = 0; i < waiting->count; i++)
        if (strcmp(waiting->ids[i].text, event_id) == 0) return;
    if (waiting->count < MOST_WAITING)
        snprintf(waiting->ids[waiting->count++].text, sizeof waiting->ids->text, "%s", event_id);
    else
        waiting->overflown = true;
}

void push_wake(struct push *push, const char *event_id)
{
    pthread_mutex_lock(&push->mutex);
    if (push->holding) {
        places_add(&push->now, event_id);
        if (clock_mono_ms() >= push->round_ms) pthread_cond_signal(&push->planner_wake); // else it wakes then
    }
    pthread_mutex_unlock(&push->mutex);
}

void push_ring(struct push *push, const struct turn_of *topic)
{
    pthread_mutex_lock(&push->mutex);
    if (push->holding) turns_ring(push->rounds, topic, clock_mono_ms()); // the sweep knows who found no room
    pthread_cond_signal(&push->courier_wake);
    pthread_mutex_unlock(&push->mutex);
}

static void ring_row(struct push *push, const Push__TopicRow *row)
{
    struct turn_of topic = turn_of_topic(push->events, row);
    if (row->webhook) push_ring(push, &topic);
}

// ---- Couriers

static bool take_round(struct push *push, char name[TOPIC_NAME])
{
    struct turn_of topic;
    bool taken = false;
    pthread_mutex_lock(&push->mutex);
    for (int64_t next_ms; !atomic_load(&push->stopping) && !taken;) {
        taken = turns_take(push->rounds, clock_mono_ms(), &topic, &next_ms);
        if (!taken) wait_until(&push->courier_wake, &push->mutex, next_ms);
    }
    if (taken) snprintf(name, TOPIC_NAME, "%s", topic.name);
    pthread_mutex_unlock(&push->mutex);
    return taken;
}

// due: of the wall clock; kept from going far into the future, since others may give it something to do.
static void give_round(struct push *push, const char *name, int64_t due_ms, const struct courier *courier)
{
    int64_t now_ms = clock_mono_ms(), from_now_ms = due_ms - clock_unix_ms();
    if (from_now_ms > IDLE_MS) from_now_ms = IDLE_MS;
    struct turn_end end = {.again_ms = from_now_ms > 0 ? now_ms + from_now_ms : now_ms,
                           .took_ms = courier->took_ms,
                           .forget = courier->idle};
    if (courier->idle && due_ms == INT64_MAX) end.again_ms = INT64_MAX;
    pthread_mutex_lock(&push->mutex);
    turns_give(push->rounds, name, &end, now_ms);
    pthread_cond_signal(&push->courier_wake);
    pthread_mutex_unlock(&push->mutex);
}

static void *courier_run(void *arg)
{
    struct push *push = arg;
    char name[TOPIC_NAME];
    struct arena arena;
    arena_init(&arena, ARENA);
    while (take_round(push, name)) {
        struct courier courier = {push->events, &push->outside, &arena, true, 0};
        int64_t now_ms = clock_unix_ms(), again_ms = INT64_MAX;
        struct err err = {0};
        if (replica_holds(push->events->replica, EVENTS_PUSH) &&
            !courier_step(&courier, name, now_ms, &again_ms, &err)) {
            if (!err_is(&err, CONFLICT)) log_err(LOG_WARN, "events.webhook", &err); // another process had it
            again_ms = now_ms + FAILED_MS;
        }
        give_round(push, name, again_ms, &courier);
        arena_reset(&arena);
    }
    arena_finish(&arena);
    return NULL;
}

// ---- Planning

static void on_fed(void *arg, const Push__TopicRow *row)
{
    struct push *push = arg;
    ring_row(push, row);
    crier_ring(push->crier, row->name);
}

static void look_at_event(struct push *push, const char *event_id, struct arena *arena)
{
    struct feeder feeder = {push->events, arena, on_fed, push};
    struct err err = {0};
    bool late = false, ok = feeder_look(&feeder, event_id, &late, &err);
    if (!ok) log_err(LOG_WARN, "events.topics", &err);
    if (late || !ok) {
        pthread_mutex_lock(&push->mutex);
        if (!push->later.count && !push->later.overflown) push->later_ms = clock_mono_ms() + LATE_MS;
        places_add(&push->later, event_id);
        pthread_mutex_unlock(&push->mutex);
    }
    arena_reset(arena);
}

static void look_at_all_events(struct push *push, struct arena *arena)
{
    char after[STREAM_LEN] = "";
    for (size_t count = PAGE; count == PAGE && !atomic_load(&push->stopping);) {
        struct store_head *heads;
        struct arena names;
        struct err err = {0};
        arena_init(&names, 1 << 20);
        count = 0;
        if (!store_heads(push->events->store, EVENTS_PREFIX, after, PAGE, &names, &heads, &count, &err))
            log_err(LOG_WARN, "events.topics", &err);
        for (size_t i = 0; i < count && !atomic_load(&push->stopping); i++) {
            const char *id = heads[i].stream + strlen(EVENTS_PREFIX);
            if (uuid_check(id)) look_at_event(push, id, arena);
            snprintf(after, sizeof after, "%s", heads[i].stream);
        }
        arena_finish(&names);
    }
}

// What the planner does with each row of the topics' table.
static void meet_topic(struct push *push, const Push__TopicRow *row, bool *every)
{
    ring_row(push, row);
    crier_ring(push->crier, row->name);
    *every |= strcmp(row->event_id, EVERY_EVENT) == 0;
    if (strcmp(row->event_id, EVERY_EVENT) != 0) push_wake(push, row->event_id);
}

static bool meet_page(struct push *push, char token[TOKEN], bool *every, struct arena *arena, struct err *err)
{
    const struct store_query query = {.limit = PAGE, .page_token = token};
    struct store_rows rows;
    if (!store_find(push->events->store, &events_tables[EVENTS_TOPICS], &query, arena, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        if (rows.messages[i]) meet_topic(push, (const Push__TopicRow *)rows.messages[i], every);
    snprintf(token, TOKEN, "%s", rows.next_page_token);
    return true;
}

static void look_at_topics(struct push *push, bool all, struct arena *arena)
{
    char token[TOKEN] = "";
    struct err err = {0};
    bool every = false, ok = true;
    do {
        ok = meet_page(push, token, &every, arena, &err);
        arena_reset(arena);
    } while (ok && *token && !atomic_load(&push->stopping));
    if (ok && all && every) look_at_all_events(push, arena);
    if (ok && all) ok = push_sweep(push->events, clock_unix_ms(), &err);
    if (!ok) log_err(LOG_WARN, "events.topics", &err);
}

// What the planner is to do next.
enum planned { PLAN_STOP, PLAN_NOTHING, PLAN_EVENT, PLAN_TOPICS, PLAN_ALL };

static void note_lease(struct push *push)
{
    bool holds = replica_holds(push->events->replica, EVENTS_PUSH);
    if (holds && !push->holding) push->sweep_ms = push->all_ms = 0;
    push->holding = holds;
    if (holds) return;
    push->now.count = push->later.count = push->round = 0;
    push->now.overflown = push->later.overflown = false;
    turns_clear(push->rounds);
}

static void bring_later(struct push *push)
{
    if (clock_mono_ms() < push->later_ms) return;
    for (size_t i = 0; i < push->later.count; i++) places_add(&push->now, push->later.ids[i].text);
    push->now.overflown |= push->later.overflown;
    push->later.count = 0;
    push->later.overflown = false;
}

// An event with news is looked at once in a round, however many it had.
static bool next_of_round(struct push *push, int64_t now_ms)
{
    if (!push->now.count || (!push->round && now_ms < push->round_ms)) return false;
    if (!push->round) {
        push->round = push->now.count;
        push->round_ms = now_ms + PACE_MS;
    }
    push->round--;
    return true;
}

static enum planned plan_next(struct push *push, struct uuid *event_id)
{
    if (atomic_load(&push->stopping)) return PLAN_STOP;
    note_lease(push);
    if (!push->holding) return PLAN_NOTHING;
    bring_later(push);
    int64_t now_ms = clock_mono_ms();
    if (push->now.overflown || now_ms >= push->all_ms) {
        push->now.overflown = false;
        push->all_ms = now_ms + ALL_EVERY_MS;
        push->sweep_ms = now_ms + SWEEP_EVERY_MS;
        return PLAN_ALL;
    }
    if (now_ms >= push->sweep_ms) {
        push->sweep_ms = now_ms + SWEEP_EVERY_MS;
        return PLAN_TOPICS;
    }
    if (!next_of_round(push, now_ms)) return PLAN_NOTHING;
    *event_id = push->now.ids[0];
    memmove(push->now.ids, push->now.ids + 1, --push->now.count * sizeof *push->now.ids);
    return PLAN_EVENT;
}

static enum planned await_plan(struct push *push, struct uuid *event_id)
{
    pthread_mutex_lock(&push->mutex);
    enum planned planned = plan_next(push, event_id);
    if (planned == PLAN_NOTHING) {
        int64_t now_ms = clock_mono_ms();
        wait_until(&push->planner_wake, &push->mutex,
                   now_ms < push->round_ms ? push->round_ms : now_ms + LOOK_MS);
        planned = plan_next(push, event_id);
    }
    pthread_mutex_unlock(&push->mutex);
    return planned;
}

static void *planner_run(void *arg)
{
    struct push *push = arg;
    struct arena arena;
    struct uuid event_id;
    arena_init(&arena, ARENA);
    for (enum planned planned; (planned = await_plan(push, &event_id)) != PLAN_STOP; arena_reset(&arena)) {
        if (planned == PLAN_EVENT) look_at_event(push, event_id.text, &arena);
        if (planned == PLAN_TOPICS || planned == PLAN_ALL) look_at_topics(push, planned == PLAN_ALL, &arena);
    }
    arena_finish(&arena);
    return NULL;
}

// ---- Start and stop

bool push_open(struct push **opened, struct events *events, struct err *err)
{
    struct push *push = calloc(1, sizeof *push);
    if (!push) return err_fail(err, INTERNAL_ERROR, "out of memory");
    *push = (struct push){.events = events};
    push->outside = (struct outside){.loopback = events->settings.push_loopback, .stopping = &push->stopping};
    pthread_mutex_init(&push->mutex, NULL);
    wait_init(&push->planner_wake);
    wait_init(&push->courier_wake);
    *opened = push;
    return turns_create(&push->rounds, &limits, err) && crier_open(&push->crier, events, err);
}

void push_close(struct push *push)
{
    if (!push) return;
    pthread_mutex_destroy(&push->mutex);
    pthread_cond_destroy(&push->planner_wake);
    pthread_cond_destroy(&push->courier_wake);
    crier_close(push->crier);
    turns_destroy(push->rounds);
    free(push);
}

bool push_start(struct push *push, struct err *err)
{
    if (!crier_start(push->crier, err)) return false;
    int failed = pthread_create(&push->planner, NULL, planner_run, push);
    push->planning = !failed;
    while (!failed && push->couriers_count < COURIERS) {
        failed = pthread_create(&push->couriers[push->couriers_count], NULL, courier_run, push);
        push->couriers_count += !failed;
    }
    return !failed || err_errno(err, failed, "push threads");
}

void push_stop(struct push *push)
{
    if (push && !push->planning) crier_stop(push->crier);
    if (!push || !push->planning) return;
    pthread_mutex_lock(&push->mutex);
    atomic_store(&push->stopping, true);
    pthread_cond_broadcast(&push->planner_wake);
    pthread_cond_broadcast(&push->courier_wake);
    pthread_mutex_unlock(&push->mutex);
    pthread_join(push->planner, NULL);
    for (unsigned i = 0; i < push->couriers_count; i++) pthread_join(push->couriers[i], NULL);
    push->planning = false;
    crier_stop(push->crier);
}
