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
#include "services/events/push/turns.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

enum {
    RINGERS = 8,
    MOST_WAITING = 4096,
    SWEEP_EVERY_MS = 30000, // over all browsers, because any process may end between an entry and its news
    LOOK_MS = 500,          // at the lease
    FAILED_MS = 2000,       // after a failure of our own
    ARENA = 8 << 20,
    PAGE = 200,
    TOKEN = 512,
};

static const struct turns_limits limits = {
    .most = MOST_WAITING, .of_owner = 1, .to_site = RINGERS / 2, .slow = RINGERS / 2 - 1};

struct bells {
    struct events *events;
    struct outside outside;
    pthread_t ringers[RINGERS];
    unsigned count;
    pthread_mutex_t mutex; // guards the fields below
    pthread_cond_t changed;
    struct turns *turns; // of users who may have news
    int64_t sweep_ms;    // monotonic
    bool holding, sweeping;
    atomic_bool stopping;
};

// ---- Who waits

void bells_wake(struct bells *bells, const char *user_id)
{
    struct turn_of of = {.site = ""};
    snprintf(of.name, sizeof of.name, "%s", user_id);
    snprintf(of.owner, sizeof of.owner, "%s", user_id);
    pthread_mutex_lock(&bells->mutex);
    if (bells->holding) turns_ring(bells->turns, &of, clock_mono_ms()); // the sweep knows who found no room
    pthread_cond_signal(&bells->changed);
    pthread_mutex_unlock(&bells->mutex);
}

static void note_lease(struct bells *bells)
{
    bool holds = replica_holds(bells->events->replica, EVENTS_PUSH);
    if (holds && !bells->holding) bells->sweep_ms = 0;
    bells->holding = holds;
    if (!holds) turns_clear(bells->turns);
}

// What a thread does next.
struct doing {
    bool sweep; // looks at all browsers
    bool rings;
    struct turn_of of;
};

static bool find_something(struct bells *bells, struct doing *doing, int64_t *next_ms)
{
    int64_t now_ms = clock_mono_ms(), due_ms = INT64_MAX;
    *next_ms = now_ms + LOOK_MS;
    note_lease(bells);
    if (!bells->holding) return false;
    doing->sweep = !bells->sweeping && now_ms >= bells->sweep_ms;
    if (doing->sweep) return true;
    doing->rings = turns_take(bells->turns, now_ms, &doing->of, &due_ms);
    if (due_ms < *next_ms) *next_ms = due_ms;
    return doing->rings;
}

// False: it is time to stop.
static bool take_something(struct bells *bells, struct doing *doing)
{
    bool found = false;
    *doing = (struct doing){.sweep = false};
    pthread_mutex_lock(&bells->mutex);
    for (int64_t next_ms; !atomic_load(&bells->stopping) && !found;) {
        found = find_something(bells, doing, &next_ms);
        if (!found) wait_until(&bells->changed, &bells->mutex, next_ms);
    }
    if (doing->sweep) bells->sweeping = true, bells->sweep_ms = clock_mono_ms() + SWEEP_EVERY_MS;
    pthread_mutex_unlock(&bells->mutex);
    return found;
}

static void give_turn(struct bells *bells, const char *user_id, int64_t again_ms, int64_t took_ms)
{
    int64_t from_now_ms = again_ms - clock_unix_ms();
    pthread_mutex_lock(&bells->mutex);
    int64_t now_ms = clock_mono_ms();
    const struct turn_end end = {.again_ms = again_ms == INT64_MAX ? INT64_MAX
                                             : from_now_ms > 0     ? now_ms + from_now_ms
                                                                   : now_ms,
                                 .took_ms = took_ms,
                                 .forget = true};
    turns_give(bells->turns, user_id, &end, now_ms);
    pthread_cond_signal(&bells->changed);
    pthread_mutex_unlock(&bells->mutex);
}

// ---- Work

// Of the bell that is being rung.
struct entering {
    struct bells *bells;
    const char *user_id;
};

static bool enter_site(void *arg, const char *endpoint)
{
    const struct entering *entering = arg;
    struct bells *bells = entering->bells;
    char site[TURN_SITE];
    turn_site(site, endpoint, bells->events->settings.push_loopback);
    pthread_mutex_lock(&bells->mutex);
    bool may = turns_enter(bells->turns, entering->user_id, site, clock_mono_ms());
    pthread_mutex_unlock(&bells->mutex);
    return may;
}

static void ring_one(struct bells *bells, const char *user_id, struct arena *arena)
{
    struct entering entering = {bells, user_id};
    struct bell bell = {bells->events, &bells->outside, arena, enter_site, &entering, 0};
    int64_t now_ms = clock_unix_ms(), again_ms = INT64_MAX;
    struct err err = {0};
    if (replica_holds(bells->events->replica, EVENTS_PUSH) &&
        !bell_ring(&bell, user_id, now_ms, &again_ms, &err)) {
        log_err(LOG_WARN, "events.browsers", &err);
        again_ms = now_ms + FAILED_MS;
    }
    give_turn(bells, user_id, again_ms, bell.took_ms);
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
    struct doing doing;
    struct arena arena;
    arena_init(&arena, ARENA);
    for (; take_something(bells, &doing); arena_reset(&arena)) {
        if (doing.rings)
            ring_one(bells, doing.of.name, &arena);
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
    if (!bells) return err_fail(err, INTERNAL_ERROR, "out of memory");
    *bells = (struct bells){.events = events};
    bells->outside =
        (struct outside){.loopback = events->settings.push_loopback, .stopping = &bells->stopping};
    pthread_mutex_init(&bells->mutex, NULL);
    wait_init(&bells->changed);
    *opened = bells;
    return turns_create(&bells->turns, &limits, err);
}

void bells_close(struct bells *bells)
{
    if (!bells) return;
    pthread_mutex_destroy(&bells->mutex);
    pthread_cond_destroy(&bells->changed);
    turns_destroy(bells->turns);
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
