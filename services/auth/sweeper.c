#include "services/auth/sweeper.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "services/auth/retention.h"
#include "services/auth/revocations.h"

enum { TICK_S = 1, PERIOD_S = 300, DAY_MS = 86400000, PAGE = 100, ARENA = 4 << 20 };

struct sweeper {
    struct auth *auth;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool stopping;
};

static const struct {
    enum auth_table table;
    const char *index; // over the time after which a row has served
    int64_t keep_ms;   // longer than that
} kinds[] = {
    {AUTH_SESSIONS, "by_expiry", DAY_MS},
    {AUTH_OTPS, "by_expiry", DAY_MS},
    {AUTH_CHALLENGES, "by_expiry", 0}, // anyone may have many made
    {AUTH_LOCKOUTS, "by_last_failure", DAY_MS},
};

static const char *row_id(const struct store_table *table, const ProtobufCMessage *row)
{
    const ProtobufCFieldDescriptor *key =
        protobuf_c_message_descriptor_get_field_by_name(table->type, table->key);
    return *(const char *const *)((const char *)row + key->offset);
}

// Removes the oldest rows of one kind; *more when there may be others.
static bool sweep_page(struct auth *auth, size_t kind, int64_t before_ms, struct arena *arena, bool *more,
                       struct err *err)
{
    const struct store_table *table = &auth_tables[kinds[kind].table];
    const struct store_value to = {.number = before_ms * 1000};
    const struct store_query query = {.index = kinds[kind].index, .to = &to, .limit = PAGE, .page_token = ""};
    struct store_rows rows;
    if (!store_find(auth->store, table, &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!auth_remove(auth, kinds[kind].table, row_id(table, rows.messages[i]), rows.versions[i], err) &&
            !err_is(err, CONFLICT))
            return false;
    *more = rows.count == PAGE;
    return true;
}

bool sweep(struct auth *auth, int64_t now_ms, struct err *err)
{
    struct arena arena;
    bool ok = true;
    arena_init(&arena, ARENA);
    for (size_t kind = 0; ok && kind < sizeof kinds / sizeof *kinds; kind++)
        for (bool more = true; ok && more; arena_reset(&arena))
            ok = sweep_page(auth, kind, now_ms - kinds[kind].keep_ms, &arena, &more, err);
    arena_finish(&arena);
    return ok && retention_trim(auth, now_ms, err) && store_expire_commands(auth->store, now_ms, err);
}

// False when the service stops.
static bool wait_tick(struct sweeper *sweeper)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += TICK_S;
    pthread_mutex_lock(&sweeper->mutex);
    int waited = 0;
    while (!sweeper->stopping && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&sweeper->changed, &sweeper->mutex, &until);
    bool stopping = sweeper->stopping;
    pthread_mutex_unlock(&sweeper->mutex);
    return !stopping;
}

static void *run(void *arg)
{
    struct sweeper *sweeper = arg;
    struct err err;
    for (int64_t tick = 0; tick == 0 || wait_tick(sweeper); tick++) {
        if (!revocations_pay(sweeper->auth, clock_unix_ms(), &err))
            log_err(LOG_WARN, "revocations are owed", &err);
        if (tick % (PERIOD_S / TICK_S) == 0 && !sweep(sweeper->auth, clock_unix_ms(), &err))
            log_err(LOG_WARN, "sweep failed", &err);
    }
    return NULL;
}

bool sweeper_start(struct sweeper **sweeper, struct auth *auth, struct err *err)
{
    struct sweeper *s = calloc(1, sizeof *s);
    if (!s) return err_fail(err, INTERNAL_ERROR, "out of memory");
    s->auth = auth;
    pthread_mutex_init(&s->mutex, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int failed = pthread_create(&s->thread, NULL, run, s);
    if (failed) return free(s), err_errno(err, failed, "sweeper");
    *sweeper = s;
    return true;
}

void sweeper_stop(struct sweeper *sweeper)
{
    if (!sweeper) return;
    pthread_mutex_lock(&sweeper->mutex);
    sweeper->stopping = true;
    pthread_cond_signal(&sweeper->changed);
    pthread_mutex_unlock(&sweeper->mutex);
    pthread_join(sweeper->thread, NULL);
    pthread_cond_destroy(&sweeper->changed);
    pthread_mutex_destroy(&sweeper->mutex);
    free(sweeper);
}
