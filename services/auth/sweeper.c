#include "services/auth/sweeper.h"

#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "lib/thread/periodic.h"
#include "services/auth/retention.h"
#include "services/auth/revocations.h"

enum { TICK_MS = 1000, PERIOD_MS = 300000, DAY_MS = 86400000, PAGE = 100, ARENA = 4 << 20 };

struct sweeper {
    struct auth *auth;
    struct periodic *thread;
    int64_t swept_ms; // monotonic
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

static int64_t sweeper_work(void *arg)
{
    struct sweeper *sweeper = arg;
    struct err err;
    if (!revocations_pay(sweeper->auth, clock_unix_ms(), &err))
        log_err(LOG_WARN, "revocations are owed", &err);
    if (clock_mono_ms() - sweeper->swept_ms >= PERIOD_MS) {
        sweeper->swept_ms = clock_mono_ms();
        if (!sweep(sweeper->auth, clock_unix_ms(), &err)) log_err(LOG_WARN, "sweep failed", &err);
    }
    return TICK_MS;
}

bool sweeper_start(struct sweeper **started, struct auth *auth, struct err *err)
{
    struct sweeper *sweeper = calloc(1, sizeof *sweeper);
    if (!sweeper) return err_fail(err, INTERNAL_ERROR, "out of memory");
    sweeper->auth = auth;
    sweeper->swept_ms = clock_mono_ms() - PERIOD_MS;
    if (!periodic_start(&sweeper->thread, "sweeper", 0, sweeper_work, sweeper, err))
        return free(sweeper), false;
    *started = sweeper;
    return true;
}

void sweeper_stop(struct sweeper *sweeper)
{
    if (!sweeper) return;
    periodic_stop(sweeper->thread);
    free(sweeper);
}
