#include "services/auth/sweeper.h"

#include <stddef.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/auth/erasure.h"
#include "services/auth/lockout.h"
#include "services/auth/names.h"
#include "services/auth/otp/otp.h"
#include "services/auth/reports.h"
#include "services/auth/retention.h"
#include "services/auth/tokens/revocations.h"
#include "services/auth/tokens/sessions.h"
#include "services/auth/former_names.h"

#define AT(field) offsetof(struct auth_settings, field)
#define NO_LIFE SIZE_MAX

enum { TICK_MS = 1000, PERIOD_MS = 300000, DAY_MS = 86400000, PAGE = 100, ARENA = 4 << 20 };

struct sweeper {
    struct auth *auth;
    struct periodic *thread;
    int64_t swept_ms; // monotonic
};

static const struct kind {
    enum auth_table table;
    const char *index;      // over the time after which a row is no longer needed
    int64_t keep_ms;        // longer than that
    size_t life;            // the setting that gives the most from now, in struct auth_settings
    bring_back *bring_back; // a row that a clock ahead gave more; NULL: it is removed
} kinds[] = {
    {AUTH_SESSIONS, "by_expiry", DAY_MS, AT(refresh_ms), session_bring_back},
    {AUTH_OTPS, "by_expiry", DAY_MS, AT(otp_ms), otp_bring_back},
    {AUTH_CHALLENGES, "by_expiry", 0, AT(siws_ms), NULL}, // anyone may have many made
    {AUTH_RELEASED, "by_expiry", 0, AT(username_kept_ms), former_names_bring_back},
    {AUTH_LOCKOUTS, "by_last_failure", DAY_MS, NO_LIFE, lockout_bring_back},
    {AUTH_REPORTS, "by_resolved", 365LL * DAY_MS, NO_LIFE, report_bring_back},
};

// Rows of one kind on one side of a time.
struct side {
    struct auth *auth;
    const struct kind *kind;
    struct store_value bound;
    bool ahead; // what is later than the bound, instead of what is earlier
    int64_t now_ms;
};

static bool sweep_row(const struct side *side, ProtobufCMessage *row, uint64_t version, struct arena *arena,
                      struct err *err)
{
    const struct kind *kind = side->kind;
    if (!side->ahead || !kind->bring_back)
        return auth_remove(side->auth, kind->table, store_row_id(&auth_tables[kind->table], row), version,
                           err);
    return !kind->bring_back(side->auth, row, side->now_ms, arena) ||
           auth_save(side->auth, kind->table, row, version, err);
}

// *more when there may be others.
static bool sweep_page(const struct side *side, struct arena *arena, bool *more, struct err *err)
{
    const struct store_query query = {.index = side->kind->index,
                                      .from = side->ahead ? &side->bound : NULL,
                                      .to = side->ahead ? NULL : &side->bound,
                                      .limit = PAGE,
                                      .page_token = ""};
    struct store_rows rows;
    if (!store_find(side->auth->store, &auth_tables[side->kind->table], &query, arena, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!sweep_row(side, rows.messages[i], rows.versions[i], arena, err) && !err_is(err, CONFLICT))
            return false;
    *more = rows.count == PAGE;
    return true;
}

static bool sweep_side(const struct side *side, struct err *err)
{
    struct arena arena;
    bool ok = true;
    arena_init(&arena, ARENA);
    for (bool more = true; ok && more; arena_reset(&arena)) ok = sweep_page(side, &arena, &more, err);
    arena_finish(&arena);
    return ok;
}

static int64_t life_ms(const struct auth *auth, const struct kind *kind)
{
    if (kind->life == NO_LIFE) return 0;
    return *(const int64_t *)((const char *)&auth->settings + kind->life);
}

bool sweep(struct auth *auth, int64_t now_ms, struct err *err)
{
    if (!replica_holds(auth->replica, AUTH_SWEEP) || !replica_clock_agrees(auth->replica)) return true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct kind *kind = &kinds[i];
        struct side side = {.auth = auth, .kind = kind, .now_ms = now_ms};
        side.bound.number = (now_ms - kind->keep_ms) * 1000;
        if (!sweep_side(&side, err)) return false;
        side.ahead = true;
        side.bound.number = (now_ms + life_ms(auth, kind) + 1) * 1000; // a millisecond later, at least
        if (!sweep_side(&side, err)) return false;
    }
    return erasure_sweep(auth, now_ms, err) && retention_trim(auth, now_ms, err) &&
           names_compact(auth, err) && audit_collect(auth->audit, err) &&
           token_keys_sweep(auth->tokens, now_ms, err) && store_expire_commands(auth->store, now_ms, err);
}

static int64_t sweeper_work(void *arg)
{
    struct sweeper *sweeper = arg;
    struct err err;
    if (!revocations_pay(sweeper->auth, clock_unix_ms(), &err) && !err_is(&err, STORE_FULL))
        log_err(LOG_WARN, "revocations are owed", &err);
    if (!names_pay(sweeper->auth, &err) && !err_is(&err, STORE_FULL))
        log_err(LOG_WARN, "names are owed", &err);
    if (!audit_pay(sweeper->auth->audit, &err) && !err_is(&err, STORE_FULL))
        log_err(LOG_WARN, "entries of the audit are owed", &err);
    audit_check_some(sweeper->auth->audit);
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
