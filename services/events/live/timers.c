#include "services/events/live/timers.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/events/live/aggregates.h"
#include "services/events/live/commit.h"
#include "services/events/live/rows.h"
#include "services/events/live/command.h"
#include "services/events/names/leaders.h"
#include "services/events/tables.h"

enum {
    PERIOD_MS = 100,
    FULL_PERIOD_MS = 1000,
    FORGET_EVERY_MS = 600000,
    AT_ONCE = 100,
    PAGE_TOKEN = 512,
    ARENA = 8 << 20
};

struct timers {
    struct events *events;
    struct periodic *thread;
    int64_t forgot_ms; // monotonic, when old commands were forgotten
    int64_t ahead_ms;  // most that the wall clock was ahead of the monotonic one since it was set back
    bool mended;       // no timer is left that a clock set which was ahead
    struct leaders leaders;
};

static bool needs_secret(const struct game *game) { return game->dealt && !game_over(game); }

// due: its row said that there is something to do.
static bool tick_locked(struct aggregate *aggregate, int64_t now_ms, bool due, struct arena *arena,
                        struct err *err)
{
    struct events *events = aggregate->events;
    if (needs_secret(&aggregate->game) && !aggregate_secrets(aggregate, arena, err)) return false;
    struct entries entries = {.arena = arena,
                              .now_ms = aggregate_time(aggregate, now_ms),
                              .actor = "",
                              .randomness = system_randomness()};
    rules_tick(&aggregate->game, &entries, aggregate->secrets, &events->reminders);
    if (entries.count || entries.failed)
        return commit_queue(aggregate, &entries, commit_create(aggregate, &entries), NULL, err);
    int64_t due_ms = rules_due(&aggregate->game, &events->reminders);
    bool stale = due && (!due_ms || due_ms > now_ms) && atomic_load(&aggregate->live.pending) == 0;
    return !stale || rows_renew(aggregate, arena, err);
}

// Once, because it occurs again at every look.
static void timers_complain(struct aggregate *aggregate, const struct err *err)
{
    if (!aggregate->complained && !err_is(err, SERVICE_BUSY) && !err_is(err, STORE_FULL))
        log_err(LOG_ERROR, "events.timer", err);
    aggregate->complained = true;
}

// since_ns: when the row was looked for. Another process may have written the event until then.
static bool timers_tick(struct events *events, const char *event_id, int64_t now_ms, int64_t since_ns,
                        bool due)
{
    struct live_need need = {.fresh_from_ns = since_ns};
    struct aggregate *aggregate;
    struct err err = {0};
    struct arena arena;
    if (!uuid_check(event_id)) return false;
    if (!aggregate_enter_fresh(events, event_id, &need, &aggregate, &err)) {
        if (err_is(&err, NOT_FOUND)) events->hooks->behind(events, event_id, true);
        return false;
    }
    arena_init(&arena, ARENA);
    bool ok = tick_locked(aggregate, now_ms, due, &arena, &err);
    if (ok)
        aggregate->complained = false;
    else
        timers_complain(aggregate, &err);
    aggregate_leave(aggregate);
    arena_finish(&arena);
    return ok;
}

// token is that of the next page, "" after the last.
static bool look_at_page(struct events *events, int64_t now_ms, char token[PAGE_TOKEN], size_t *worked)
{
    const struct store_value from = {.number = 1}, to = {.number = now_ms};
    const int64_t since_ns = clock_mono_ns();
    const struct store_query query = {
        .index = "by_due", .from = &from, .to = &to, .limit = AT_ONCE, .page_token = token};
    struct store_rows rows;
    struct err err = {0};
    struct arena arena;
    arena_init(&arena, ARENA);
    bool ok = store_find(events->store, &events_tables[EVENTS_EVENTS], &query, &arena, &rows, &err);
    if (!ok) log_err(LOG_ERROR, "events.timers", &err);
    for (size_t i = 0; ok && i < rows.count; i++)
        *worked +=
            timers_tick(events, ((const Game__EventRow *)rows.messages[i])->id, now_ms, since_ns, true);
    if (ok) snprintf(token, PAGE_TOKEN, "%s", rows.next_page_token);
    arena_finish(&arena);
    return ok;
}

// All pages: what can't be done stays due, and must not block the rest.
size_t timers_look(struct events *events, int64_t now_ms)
{
    char token[PAGE_TOKEN] = "";
    size_t worked = 0;
    do
        if (!store_accepts(events->store, NULL) || !look_at_page(events, now_ms, token, &worked)) break;
    while (token[0]);
    return worked;
}

static bool mend_page(struct events *events, int64_t now_ms, char token[PAGE_TOKEN])
{
    const struct store_query query = {.index = "by_state",
                                      .equal = {{.number = EVENTS__EVENT__STATE__RUNNING}},
                                      .equal_count = 1,
                                      .limit = AT_ONCE,
                                      .page_token = token};
    const int64_t since_ns = clock_mono_ns();
    struct store_rows rows;
    struct err err = {0};
    struct arena arena;
    arena_init(&arena, ARENA);
    bool ok = store_find(events->store, &events_tables[EVENTS_EVENTS], &query, &arena, &rows, &err);
    if (!ok) log_err(LOG_ERROR, "events.timers", &err);
    for (size_t i = 0; ok && i < rows.count; i++) {
        const Game__EventRow *row = (const Game__EventRow *)rows.messages[i];
        if (row->due_ms > now_ms || !row->due_ms) timers_tick(events, row->id, now_ms, since_ns, false);
    }
    if (ok) snprintf(token, PAGE_TOKEN, "%s", rows.next_page_token);
    arena_finish(&arena);
    return ok;
}

bool timers_mend(struct events *events, int64_t now_ms)
{
    char token[PAGE_TOKEN] = "";
    do
        if (!store_accepts(events->store, NULL) || !mend_page(events, now_ms, token)) return false;
    while (token[0]);
    return true;
}

// Timers are set by the wall clock; one that was ahead left them too late.
static void notice_steps(struct timers *timers)
{
    enum { SMALL_STEP_MS = 1000 };
    int64_t now_ms = clock_unix_ms(), ahead_ms = now_ms - clock_mono_ms();
    if (ahead_ms < timers->ahead_ms - SMALL_STEP_MS) timers->mended = false;
    if (ahead_ms > timers->ahead_ms || !timers->mended) timers->ahead_ms = ahead_ms;
    if (!timers->mended) timers->mended = timers_mend(timers->events, now_ms);
}

static void forget_commands(struct events *events, int64_t now_ms)
{
    struct err err = {0};
    if (!store_expire_commands(events->store, now_ms, &err)) log_err(LOG_WARN, "events.forget", &err);
}

static void timers_do_due(struct timers *timers)
{
    notice_steps(timers);
    timers_look(timers->events, clock_unix_ms());
    if (clock_mono_ms() - timers->forgot_ms < FORGET_EVERY_MS) return;
    timers->forgot_ms = clock_mono_ms();
    if (replica_clock_agrees(timers->events->replica)) forget_commands(timers->events, clock_unix_ms());
}

// Who takes over looks at all timers once, as after a clock that was set.
static int64_t timers_work(void *arg)
{
    struct timers *timers = arg;
    const bool holds = replica_holds(timers->events->replica, EVENTS_TIMERS);
    if (holds)
        timers_do_due(timers);
    else
        timers->mended = false;
    leaders_tick(timers->events, &timers->leaders, !holds);
    timers->events->hooks->tick(timers->events);
    return store_is_full(timers->events->store) ? FULL_PERIOD_MS : PERIOD_MS;
}

bool timers_start(struct timers **started, struct events *events, struct err *err)
{
    struct timers *timers = calloc(1, sizeof *timers);
    if (!timers) return err_fail(err, INTERNAL_ERROR, "out of memory");
    timers->events = events;
    timers->forgot_ms = clock_mono_ms() - FORGET_EVERY_MS;
    leaders_init(&timers->leaders, events->metrics);
    if (!periodic_start(&timers->thread, "timers thread", PERIOD_MS, timers_work, timers, err))
        return free(timers), false;
    *started = timers;
    return true;
}

void timers_stop(struct timers *timers)
{
    if (!timers) return;
    periodic_stop(timers->thread);
    free(timers);
}
