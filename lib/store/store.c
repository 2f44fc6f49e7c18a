#include "lib/store/store.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/pulse.h"
#include "lib/base/log.h"
#include "lib/base/metrics.h"
#include "lib/store/backend.h"
#include "lib/store/barrier.h"
#include "lib/store/page.h"

enum {
    BUSY_JOBS = 8192,
    BUSY_BYTES = 16 << 20,
    GROUP_JOBS = 1024, // committed at once
    DEFAULT_LIMIT = 100,
    MAX_LIMIT = 1000,
    BARRIER_MS = 500,
};

struct store {
    const struct store_backend *backend;
    void *opened;
    struct store_model *models;
    size_t model_count;
    struct store_failures *failures;
    struct store_barrier *barrier; // of a shared one
    struct metric *reads, *waiting, *is_full;
    struct histogram *commits;
    pthread_mutex_t listening; // held while the listener is called
    void (*on_commit)(void *arg, uint64_t durable);
    void *on_commit_arg;

    pthread_mutex_t lock; // of the queue and the last ticket
    pthread_cond_t queued, decided;
    struct store_job *first, **last;
    uint64_t last_ticket;
    bool idle; // the commit thread waits
    bool stopping;
    uint32_t waiters;
    atomic_size_t jobs, bytes; // queued or being committed
    atomic_uint_fast64_t durable;
    atomic_bool full;
    pthread_t thread;
    struct pulse pulse; // of the commit thread; a shared store waits for its server as long as it is away
};

// ---- The commit thread

static struct store_job *take_group(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    while (!store->first && !store->stopping) {
        store->idle = true;
        pthread_cond_wait(&store->queued, &store->lock);
    }
    store->idle = false;
    struct store_job *group = store->first, *last = group;
    for (int i = 1; last && last->next && i < GROUP_JOBS; i++) last = last->next;
    if (last) {
        store->first = last->next;
        last->next = NULL;
        if (!store->first) store->last = &store->first;
    }
    pthread_mutex_unlock(&store->lock);
    return group;
}

// Tells the writers, in ticket order, and frees the jobs; returns the last ticket.
static uint64_t store_settle(struct store *store, struct store_job *job)
{
    uint64_t ticket = 0;
    while (job) {
        struct store_job *next = job->next;
        ticket = job->ticket;
        if (job->done) job->done(job->arg, !job->failed);
        atomic_fetch_sub(&store->jobs, 1);
        atomic_fetch_sub(&store->bytes, job->size);
        metric_add(store->waiting, -1);
        free(job);
        job = next;
    }
    return ticket;
}

// Under one lock, so that a write queued by a caller that could know of the group's failures has a ticket
// behind the fence.
static void store_publish(struct store *store, uint64_t decided)
{
    pthread_mutex_lock(&store->lock);
    store_failures_fence(store->failures, decided, store->last_ticket);
    atomic_store(&store->durable, decided);
    if (store->waiters) pthread_cond_broadcast(&store->decided);
    pthread_mutex_unlock(&store->lock);
    pthread_mutex_lock(&store->listening);
    if (store->on_commit) store->on_commit(store->on_commit_arg, decided);
    pthread_mutex_unlock(&store->listening);
}

static void commit_group(struct store *store, struct store_job *group)
{
    int64_t began_ns = clock_mono_ns();
    bool full = !store->backend->commit(store->opened, group, store->failures);
    histogram_observe(store->commits, clock_mono_ns() - began_ns);
    metric_set(store->is_full, full);
    atomic_store(&store->full, full);
}

static void *commit_loop(void *arg)
{
    struct store *store = arg;
    struct store_job *group;
    pulse_join(&store->pulse, "commit");
    while ((group = take_group(store))) {
        if (!store->backend->shared) pulse_work(&store->pulse, clock_mono_ms());
        commit_group(store, group);
        store_publish(store, store_settle(store, group));
        pulse_rest(&store->pulse);
    }
    pulse_leave(&store->pulse);
    return NULL;
}

// ---- Open and close

static bool init_models(struct store *store, const struct store_table *tables, struct err *err)
{
    while (tables && tables[store->model_count].name) store->model_count++;
    store->models = calloc(store->model_count + 1, sizeof *store->models);
    if (!store->models) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (size_t i = 0; i < store->model_count; i++)
        if (!store_model_init(&store->models[i], &tables[i], err)) return false;
    return true;
}

static bool open_backend(struct store *store, const struct store_options *options, struct err *err)
{
    struct store_opening opening = {.models = store->models,
                                    .metrics = options->metrics,
                                    .model_count = store->model_count,
                                    .ballast = options->ballast,
                                    .self = options->self ? options->self : ""};
    store->backend = store_backend_of(options->url, &opening.path, err);
    return store->backend && store->backend->open(&store->opened, &opening, err);
}

// Content that was put in the place of ours by a restore: what this process knows of the store is wrong, and
// what it writes goes nowhere.
static _Noreturn void store_end_replaced(uint64_t generation, uint64_t found)
{
    log_error("the store's content was replaced: this process ends", F_INT("generation", generation),
              F_INT("found", found));
    _exit(1);
}

static bool ask_generation(void *arg, struct err *err)
{
    struct store *store = arg;
    uint64_t found, opened = store_generation(store);
    if (!store->backend->barrier(store->opened, &found, err)) return false;
    if (found != opened) store_end_replaced(opened, found);
    return true;
}

static bool start_threads(struct store *store, struct err *err)
{
    if (store->backend->shared &&
        !store_barrier_start(&store->barrier, ask_generation, store, BARRIER_MS, err))
        return false;
    return pthread_create(&store->thread, NULL, commit_loop, store) == 0 ||
           err_fail(err, INTERNAL_ERROR, "no thread for the store");
}

static void store_free(struct store *store)
{
    store_barrier_stop(store->barrier);
    if (store->opened) store->backend->close(store->opened);
    pthread_cond_destroy(&store->queued);
    pthread_cond_destroy(&store->decided);
    pthread_mutex_destroy(&store->listening);
    pthread_mutex_destroy(&store->lock);
    store_failures_destroy(store->failures);
    free(store->models);
    free(store);
}

static void make_metrics(struct store *store, struct metrics *metrics)
{
    store->reads = metrics_counter(metrics, "conse_store_reads_total", "Reads of streams' entries", "");
    store->waiting = metrics_gauge(metrics, "conse_store_waiting", "Writes that are not durable yet.", "");
    store->is_full = metrics_gauge(metrics, "conse_store_full", "1 while writes find no room.", "");
    store->commits = metrics_histogram(metrics, "conse_store_commit_seconds",
                                       "Time until a group of writes was durable.", "");
}

bool store_open(struct store **out, const struct store_options *options, struct err *err)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_init(&store->lock, NULL);
    pthread_mutex_init(&store->listening, NULL);
    pthread_cond_init(&store->queued, NULL);
    pthread_cond_init(&store->decided, NULL);
    store->last = &store->first;
    store->on_commit = options->on_commit;
    store->on_commit_arg = options->arg;
    store->failures = store_failures_create();
    make_metrics(store, options->metrics);
    bool ok = store->failures || err_fail(err, INTERNAL_ERROR, "out of memory");
    ok = ok && init_models(store, options->tables, err) && open_backend(store, options, err) &&
         start_threads(store, err);
    if (!ok) return store_free(store), false;
    *out = store;
    return true;
}

void store_close(struct store *store)
{
    if (!store) return;
    pthread_mutex_lock(&store->lock);
    store->stopping = true;
    pthread_cond_signal(&store->queued);
    pthread_mutex_unlock(&store->lock);
    if (store->backend->closing) store->backend->closing(store->opened);
    pthread_join(store->thread, NULL);
    store_free(store);
}

void store_listen(struct store *store, void (*on_commit)(void *arg, uint64_t durable), void *arg)
{
    pthread_mutex_lock(&store->listening);
    store->on_commit = on_commit;
    store->on_commit_arg = arg;
    pthread_mutex_unlock(&store->listening);
}

bool store_is_shared(const struct store *store) { return store->backend->shared; }

uint64_t store_generation(const struct store *store) { return store->backend->generation(store->opened); }

void *store_opened(struct store *store) { return store->opened; }

// ---- Tickets

uint64_t store_durable(const struct store *store) { return atomic_load(&store->durable); }

enum store_outcome store_outcome(const struct store *store, uint64_t ticket, struct err *err)
{
    if (ticket > store_durable(store)) return STORE_PENDING;
    return store_failures_find(store->failures, ticket, err) ? STORE_FAILED : STORE_DURABLE;
}

bool store_wait(struct store *store, uint64_t ticket, struct err *err)
{
    if (ticket > store_durable(store)) {
        assert(!pthread_equal(pthread_self(), store->thread));
        pthread_mutex_lock(&store->lock);
        assert(ticket <= store->last_ticket);
        store->waiters++;
        while (ticket > store_durable(store)) pthread_cond_wait(&store->decided, &store->lock);
        store->waiters--;
        pthread_mutex_unlock(&store->lock);
    }
    return !store_failures_find(store->failures, ticket, err);
}

static bool store_refuses(struct err *err, Conse__Reason__Value reason, const char *why)
{
    if (!err) return false;
    err_set(err, reason, NULL, "%s", why);
    err->retry_after_s = 1;
    return false;
}

bool store_accepts(const struct store *store, struct err *err)
{
    if (atomic_load(&store->jobs) >= BUSY_JOBS || atomic_load(&store->bytes) >= BUSY_BYTES)
        return store_refuses(err, CONSE__REASON__VALUE__SERVICE_BUSY, "the disk is behind");
    if (store->backend->away && store->backend->away(store->opened))
        return store_refuses(err, CONSE__REASON__VALUE__STORE_AWAY, "the store's server can't be reached");
    return true;
}

bool store_is_full(const struct store *store) { return atomic_load(&store->full); }

// ---- Writes

static uint64_t store_enqueue(struct store *store, struct store_job *job)
{
    size_t jobs = atomic_fetch_add(&store->jobs, 1), bytes = atomic_fetch_add(&store->bytes, job->size);
    metric_add(store->waiting, 1);
    if (jobs >= 2 * BUSY_JOBS || bytes >= 2 * BUSY_BYTES) job->kind = STORE_REFUSED;
    if (store->backend->shared) store_job_mark(job);
    pthread_mutex_lock(&store->lock);
    uint64_t ticket = job->ticket = ++store->last_ticket;
    *store->last = job;
    store->last = &job->next;
    bool wake = store->idle;
    store->idle = false; // one wake is enough
    pthread_mutex_unlock(&store->lock);
    if (wake) pthread_cond_signal(&store->queued);
    return ticket;
}

static const struct store_model *model_of(const struct store *store, const struct store_table *table)
{
    const struct store_model *model = store->models;
    while (model->table != table) {
        assert(model->table && "a table that was not declared at open");
        model++;
    }
    return model;
}

uint64_t store_put(struct store *store, const struct store_table *table, const ProtobufCMessage *message,
                   uint64_t version, const struct store_write *write)
{
    assert(message->descriptor == table->type);
    return store_enqueue(store, store_job_put(model_of(store, table), message, version, write));
}

uint64_t store_delete(struct store *store, const struct store_table *table, const char *id, uint64_t version,
                      const struct store_write *write)
{
    return store_enqueue(store, store_job_delete(model_of(store, table), id, version, write));
}

static uint64_t enqueue_made(struct store *store, struct store_job *job)
{
    assert(job->version);
    job->made = true;
    return store_enqueue(store, job);
}

uint64_t store_put_made(struct store *store, const struct store_table *table, const ProtobufCMessage *message,
                        uint64_t version, const struct store_write *write)
{
    assert(message->descriptor == table->type);
    return enqueue_made(store, store_job_put(model_of(store, table), message, version, write));
}

uint64_t store_delete_made(struct store *store, const struct store_table *table, const char *id,
                           uint64_t version, const struct store_write *write)
{
    return enqueue_made(store, store_job_delete(model_of(store, table), id, version, write));
}

uint64_t store_append(struct store *store, const char *stream, uint64_t first_seq,
                      const ProtobufCBinaryData *entries, size_t count, const struct store_write *write)
{
    assert(first_seq && count && *stream);
    struct store_job *job = store_job_append(stream, entries, count, write);
    job->version = first_seq;
    return store_enqueue(store, job);
}

uint64_t store_append_next(struct store *store, const char *stream, const ProtobufCBinaryData *entries,
                           size_t count, const struct store_write *write)
{
    assert(count && *stream);
    struct store_job *job = store_job_append(stream, entries, count, write);
    job->at_end = true;
    return store_enqueue(store, job);
}

uint64_t store_delete_stream(struct store *store, const char *stream, uint64_t last_seq,
                             const struct store_write *write)
{
    return store_enqueue(store, store_job_delete_stream(stream, last_seq, write));
}

uint64_t store_redact(struct store *store, const char *stream, uint64_t seq, ProtobufCBinaryData stub,
                      const struct store_write *write)
{
    assert(seq && *stream);
    return store_enqueue(store, store_job_redact(stream, seq, stub, write));
}

uint64_t store_snapshot(struct store *store, const char *stream, uint64_t seq, ProtobufCBinaryData state)
{
    return store_enqueue(store, store_job_snapshot(stream, seq, state));
}

bool store_trim_stream(struct store *store, const char *stream, uint64_t before_seq, struct err *err)
{
    bool more = true;
    while (more) {
        more = false;
        struct store_job *job = store_job_trim_stream(stream, before_seq, &more);
        if (!store_wait(store, store_enqueue(store, job), err)) return false;
    }
    return true;
}

bool store_expire_commands(struct store *store, int64_t now_ms, struct err *err)
{
    bool more = true;
    while (more) {
        more = false;
        struct store_job *job = store_job_expire(now_ms - STORE_COMMAND_LIFE_MS, &more);
        if (!store_wait(store, store_enqueue(store, job), err)) return false;
    }
    return true;
}

// ---- Reads

bool store_get(struct store *store, const struct store_table *table, const char *id, struct arena *arena,
               ProtobufCMessage **message, uint64_t *version, struct err *err)
{
    *message = NULL;
    *version = 0;
    return store->backend->get(store->opened, model_of(store, table), id, arena, message, version, err);
}

static void check_query(const struct store_scan *scan)
{
    const struct store_query *query = scan->query;
    size_t fields = scan->index ? scan->index->count : 0;
    assert((scan->index || !query->index) && "an index that was not declared");
    assert(query->equal_count <= fields);
    assert((!query->prefix || !query->to) && "a prefix has no upper bound");
    (void)query, (void)fields;
}

bool store_find(struct store *store, const struct store_table *table, const struct store_query *query,
                struct arena *arena, struct store_rows *rows, struct err *err)
{
    const struct store_model *model = model_of(store, table);
    struct store_scan scan = {.model = model, .query = query};
    if (query->index) scan.index = store_model_index(model, query->index);
    check_query(&scan);
    scan.limit = query->limit ? query->limit : DEFAULT_LIMIT;
    if (scan.limit > MAX_LIMIT) scan.limit = MAX_LIMIT;
    *rows = (struct store_rows){.next_page_token = ""};
    if (query->page_token && *query->page_token && !store_page_parse(&scan, arena, err)) return false;
    if (!store->backend->find(store->opened, &scan, arena, rows, err)) return false;
    if (!rows->more) return true;
    rows->next_page_token = store_page_token(&scan, rows->messages[rows->count - 1], arena);
    return rows->next_page_token || err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
}

bool store_read(struct store *store, const char *stream, uint64_t from, size_t limit, struct arena *arena,
                struct store_entries *entries, struct err *err)
{
    if (from == 0) from = 1;
    *entries = (struct store_entries){.first_seq = from, .by = ""};
    if (limit == 0) return true;
    metric_add(store->reads, 1);
    return store->backend->read(store->opened, stream, from, limit, arena, entries, err);
}

bool store_attached(struct store *store, const char *stream, uint64_t seq, struct arena *arena,
                    ProtobufCBinaryData *attached, struct err *err)
{
    *attached = (ProtobufCBinaryData){0};
    return store->backend->attached(store->opened, stream, seq, arena, attached, err);
}

bool store_read_snapshot(struct store *store, const char *stream, struct arena *arena, uint64_t *seq,
                         ProtobufCBinaryData *state, struct err *err)
{
    *seq = 0;
    *state = (ProtobufCBinaryData){0};
    return store->backend->read_snapshot(store->opened, stream, arena, seq, state, err);
}

bool store_head(struct store *store, const char *stream, uint64_t *seq, struct err *err)
{
    *seq = 0;
    return store->backend->head(store->opened, stream, seq, err);
}

bool store_oldest(struct store *store, const char *stream, uint64_t *seq, struct err *err)
{
    *seq = 0;
    return store->backend->oldest(store->opened, stream, seq, err);
}

bool store_heads(struct store *store, const char *prefix, const char *after, size_t limit,
                 struct arena *arena, struct store_head **heads, size_t *count, struct err *err)
{
    *heads = NULL;
    *count = 0;
    return store->backend->heads(store->opened, prefix ? prefix : "", after ? after : "", limit, arena, heads,
                                 count, err);
}

bool store_barrier(struct store *store, int64_t since_ms, int64_t *at_ms, struct err *err)
{
    *at_ms = clock_mono_ms();
    return !store->barrier || store_barrier_pass(store->barrier, since_ms, at_ms, err);
}

bool store_probe(struct store *store, const char *stream, uint64_t seq, bool *current, struct err *err)
{
    *current = true;
    return !store->backend->shared || store->backend->probe(store->opened, stream, seq, current, err);
}

static const struct store_model *model_named(const struct store *store, const char *table)
{
    const struct store_model *model = store->models;
    while (strcmp(model->table->name, table) != 0) {
        model++;
        assert(model->table && "a table that was not declared at open");
    }
    return model;
}

bool store_command_find(struct store *store, const char *table, const uint8_t id[32], struct arena *arena,
                        bool *found, struct store_command *command, struct err *err)
{
    const struct store_model *model = table ? model_named(store, table) : NULL;
    *found = false;
    return store->backend->command_find(store->opened, model, id, arena, found, command, err);
}

bool store_commands(struct store *store, const char *stream, int64_t since_ms, struct arena *arena,
                    struct store_known **commands, size_t *count, struct err *err)
{
    *commands = NULL;
    *count = 0;
    return !store->backend->shared ||
           store->backend->commands(store->opened, stream, since_ms, arena, commands, count, err);
}

bool store_each(struct store *store, bool (*visit)(void *arg, const struct store_item *item, struct err *err),
                void *arg, struct err *err)
{
    return store->backend->each(store->opened, visit, arg, err);
}
