#include "services/ai/discord/discord.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/ai/discord/links.h"
#include "services/ai/discord/signature.h"
#include "services/ai/discord/tally.h"
#include "services/ai/discord/work.h"

enum { WORKERS = 8, IDLE_MS = 500, FAILED_MS = 2000, SWEEP_MS = 60000, ARENA = 16 << 20 };

struct worker {
    struct discord *discord;
    struct periodic *thread;
    char job[SNOWFLAKE]; // under way; guarded by the mutex
};

struct discord {
    struct ai *ai;
    const struct rpc_method *const *methods;
    struct api *api;
    struct worker workers[WORKERS];
    int64_t up_since_ms, sweep_ms; // unix; monotonic, of the first worker
    struct metric *summaries;
    pthread_mutex_t mutex;
    bool stopping; // guarded by it
};

// ---- Settings

bool discord_is_set_up(const struct discord_settings *settings)
{
    return settings->public_key && *settings->public_key;
}

bool discord_check_settings(const struct discord_settings *settings, struct err *err)
{
    uint8_t key[SIGNATURE_KEY];
    if (!discord_is_set_up(settings)) return true;
    if (strlen(settings->public_key) != 2 * sizeof key || !hex_decode(key, sizeof key, settings->public_key))
        return err_field(err, INVALID_FIELD, "CONSE_DISCORD_PUBLIC_KEY",
                         "CONSE_DISCORD_PUBLIC_KEY must be 64 hex digits");
    return *settings->token || err_field(err, INVALID_FIELD, "CONSE_DISCORD_TOKEN",
                                         "CONSE_DISCORD_TOKEN must be the token of the application's bot");
}

// ---- Which job

static bool is_taken(const struct discord *discord, const char *id)
{
    for (size_t i = 0; i < WORKERS; i++)
        if (strcmp(discord->workers[i].job, id) == 0) return true;
    return false;
}

static Discord__JobRow *take_of(struct worker *worker, const struct store_rows *rows, uint64_t *version,
                                bool *more)
{
    struct discord *discord = worker->discord;
    Discord__JobRow *taken = NULL;
    *more = false;
    pthread_mutex_lock(&discord->mutex);
    for (size_t i = 0; i < rows->count && !*more; i++) {
        Discord__JobRow *row = (Discord__JobRow *)rows->messages[i];
        if (is_taken(discord, row->id)) continue;
        *more = taken != NULL;
        if (taken) continue;
        taken = row;
        *version = rows->versions[i];
        snprintf(worker->job, sizeof worker->job, "%s", row->id);
    }
    pthread_mutex_unlock(&discord->mutex);
    return taken;
}

static void wake_workers(struct discord *discord, size_t from, size_t to)
{
    pthread_mutex_lock(&discord->mutex);
    for (size_t i = from; i < to && !discord->stopping; i++) periodic_wake(discord->workers[i].thread);
    pthread_mutex_unlock(&discord->mutex);
}

static void give_back(struct worker *worker)
{
    pthread_mutex_lock(&worker->discord->mutex);
    worker->job[0] = 0;
    pthread_mutex_unlock(&worker->discord->mutex);
}

// Answers that are made go first. NULL: there is none.
static Discord__JobRow *take_job(struct worker *worker, struct arena *arena, uint64_t *version, bool *more,
                                 struct err *err)
{
    static const Discord__JobRow__State states[] = {DISCORD__JOB_ROW__STATE__MADE,
                                                    DISCORD__JOB_ROW__STATE__WAITING};
    Discord__JobRow *row = NULL;
    *more = false;
    for (size_t i = 0; i < 2 && !row; i++) {
        struct store_rows rows;
        if (!jobs_in(worker->discord->ai->store, states[i], arena, &rows, err)) return NULL;
        row = take_of(worker, &rows, version, more);
    }
    return row;
}

// ---- One job

static bool is_over(const Discord__JobRow *row) { return clock_unix_ms() >= row->received_ms + JOB_LIFE_MS; }

static bool give_up(struct work *work, struct err *err)
{
    log_warn("a command of Discord stays without an answer", F_STR("job", work->row->id));
    work->row->state = DISCORD__JOB_ROW__STATE__DONE;
    work->row->token = (ProtobufCBinaryData){0, NULL};
    work->row->n_messages = 0;
    return job_move(work->ai->store, work->row, &work->version, err);
}

// Best effort: its answer is worth more.
static void count_summary(const struct discord *discord)
{
    struct err err = {0};
    metric_add(discord->summaries, 1);
    if (!tally_add(discord->ai->store, clock_unix_ms(), &err)) log_err(LOG_WARN, "ai.discord", &err);
}

static bool work_on(struct work *work, const struct discord *discord, struct err *err)
{
    if (is_over(work->row) || !job_token(work->row, discord->ai->settings.discord.token, work->token))
        return give_up(work, err);
    bool ok = work->begun || work_make(work, err);
    if (ok && work->row->summary && !work->begun) count_summary(discord);
    ok = ok && replica_holds(work->ai->replica, AI_ANSWERS) && work_send(work, err);
    sodium_memzero(work->token, sizeof work->token);
    return ok;
}

// False when it is to be tried again a while later.
static bool work_step(struct worker *worker, struct arena *arena, bool *any)
{
    struct discord *discord = worker->discord;
    struct err err = {0};
    uint64_t version = 0;
    bool more;
    Discord__JobRow *row = take_job(worker, arena, &version, &more, &err);
    *any = row != NULL;
    if (!row) return !err.reason;
    if (more) wake_workers(discord, 1, WORKERS);
    struct work work = {.ai = discord->ai,
                        .methods = discord->methods,
                        .api = discord->api,
                        .arena = arena,
                        .row = row,
                        .version = version,
                        .until_ms = clock_mono_ms() + row->received_ms + JOB_LIFE_MS - clock_unix_ms(),
                        .up_since_ms = discord->up_since_ms,
                        .begun = row->state == DISCORD__JOB_ROW__STATE__MADE};
    bool ok = work_on(&work, discord, &err);
    if (!ok && err.reason && !err_is(&err, CONFLICT)) log_err(LOG_WARN, "ai.discord", &err);
    if (ok) give_back(worker); // else it is left alone for a while
    return ok;
}

// ---- Threads

static void sweep_rows(struct discord *discord, struct arena *arena)
{
    struct err err = {0};
    bool more = false;
    if (clock_mono_ms() < discord->sweep_ms || !replica_clock_agrees(discord->ai->replica)) return;
    if (!jobs_sweep(discord->ai->store, clock_unix_ms(), &more, arena, &err) ||
        !links_sweep(discord->ai->store, clock_unix_ms(), &more, arena, &err))
        log_err(LOG_WARN, "ai.discord", &err), more = false;
    discord->sweep_ms = clock_mono_ms() + (more ? 0 : SWEEP_MS);
}

// The first one looks for what other processes stored; the others are woken.
static int64_t worker_run(void *arg)
{
    struct worker *worker = arg;
    struct discord *discord = worker->discord;
    bool first = worker == discord->workers, ok = true, any = true;
    struct arena arena;
    if (!replica_holds(discord->ai->replica, AI_ANSWERS)) return IDLE_MS;
    give_back(worker);
    arena_init(&arena, ARENA);
    if (first) sweep_rows(discord, &arena);
    while (ok && any && replica_holds(discord->ai->replica, AI_ANSWERS)) {
        arena_reset(&arena);
        ok = work_step(worker, &arena, &any);
    }
    arena_finish(&arena);
    if (!ok) return FAILED_MS;
    return first ? IDLE_MS : INT32_MAX;
}

// The first one last, since it wakes the others.
static bool start_workers(struct discord *discord, struct err *err)
{
    for (size_t i = WORKERS; i-- > 0;) {
        struct worker *worker = &discord->workers[i];
        worker->discord = discord;
        if (!periodic_start(&worker->thread, "answers to Discord", i ? INT32_MAX : 0, worker_run, worker,
                            err))
            return false;
    }
    return true;
}

bool discord_start(struct discord **out, struct ai *ai, const struct rpc_method *const *methods,
                   struct err *err)
{
    *out = NULL;
    if (!discord_is_set_up(&ai->settings.discord)) return true;
    struct discord *discord = calloc(1, sizeof *discord);
    if (!discord) return err_fail(err, INTERNAL_ERROR, "out of memory");
    discord->ai = ai;
    discord->methods = methods;
    discord->up_since_ms = clock_unix_ms();
    discord->summaries = metrics_counter(ai->metrics, "conse_discord_summaries_total",
                                         "Summaries that were made for Discord.", "");
    pthread_mutex_init(&discord->mutex, NULL);
    struct metric *refused = metrics_gauge(ai->metrics, "conse_discord_token_refused",
                                           "1 since Discord refused the bot's token.", "");
    if (api_create(&discord->api, &ai->settings.discord, refused, err) && start_workers(discord, err))
        return *out = discord, true;
    discord_stop(discord);
    discord_destroy(discord);
    return false;
}

const char *discord_note(struct discord *discord)
{
    return discord && api_is_refused(discord->api)
               ? "Discord refuses CONSE_DISCORD_TOKEN: no messages are read until the next start"
               : NULL;
}

void discord_stop(struct discord *discord)
{
    if (!discord) return;
    pthread_mutex_lock(&discord->mutex);
    discord->stopping = true;
    pthread_mutex_unlock(&discord->mutex);
    if (discord->api) api_stop(discord->api);
    for (size_t i = 0; i < WORKERS; i++) periodic_stop(discord->workers[i].thread);
}

void discord_destroy(struct discord *discord)
{
    if (!discord) return;
    api_destroy(discord->api);
    pthread_mutex_destroy(&discord->mutex);
    free(discord);
}

void discord_wake(struct discord *discord)
{
    if (discord) wake_workers(discord, 0, 1);
}
