#include "lib/store/testing/shared.h"

#include <stdlib.h>
#include <string.h>

#include "lib/store/testing/shared_process.h"

static const char SCHEME[] = "shared:";

struct shared_process *shared_store_enter(void *backend)
{
    struct shared_process *process = backend;
    pthread_mutex_lock(&process->server->lock);
    return process;
}

void shared_store_leave(struct shared_process *process) { pthread_mutex_unlock(&process->server->lock); }

static void shared_store_wait(struct shared_process *process)
{
    pthread_cond_wait(&process->server->changed, &process->server->lock);
}

static void shared_store_tell(struct shared_process *process)
{
    pthread_cond_broadcast(&process->server->changed);
}

// ---- Open and close

static bool shared_store_open(void **backend, const struct store_opening *opening, struct err *err)
{
    (void)err;
    struct shared_process *process = shared_store_alloc(sizeof *process);
    process->server = shared_store_server_named(opening->path);
    process->self = shared_store_copy_text(opening->self);
    process->generation = process->server->generation;
    process->models = opening->models;
    process->model_count = opening->model_count;
    shared_store_enter(process);
    for (size_t i = 0; i < opening->model_count; i++) {
        const struct store_model *model = &opening->models[i];
        shared_store_table_index(shared_store_table_of(process->server, model->table->name), model);
    }
    shared_store_leave(process);
    *backend = process;
    return true;
}

static void shared_store_close(void *backend)
{
    struct shared_process *process = backend;
    shared_store_server_destroy(process->past);
    free(process->self);
    free(process);
}

static uint64_t shared_store_generation(void *backend)
{
    return ((const struct shared_process *)backend)->generation;
}

static void shared_store_closing(void *backend)
{
    struct shared_process *process = shared_store_enter(backend);
    process->closing = true;
    shared_store_tell(process);
    shared_store_leave(process);
}

void shared_store_hold_read(struct shared_process *process)
{
    process->read_held = process->holds_reads;
    shared_store_tell(process);
    while (process->holds_reads && !process->closing) shared_store_wait(process);
    process->read_held = false;
}

// ---- Writes

static const struct shared_fault BUSY = {CONSE__REASON__VALUE__SERVICE_BUSY, "too many writes are waiting"};
static const struct shared_fault AWAY = {CONSE__REASON__VALUE__STORE_AWAY, SHARED_AWAY};
static const struct shared_fault REFUSED = {CONSE__REASON__VALUE__CONFLICT,
                                            "a test refuses this table's rows"};
static const struct shared_fault UNKNOWN = {CONSE__REASON__VALUE__OUTCOME_UNKNOWN,
                                            "the store was closed before the server had answered"};

static void wait_at_barrier(struct shared_process *process)
{
    while (process->holds && !process->closing) {
        process->held = true;
        shared_store_tell(process);
        shared_store_wait(process);
    }
    process->held = false;
}

// False when nobody told how it ended.
static bool send_once(struct shared_process *process, const struct store_job *job, struct shared_fault *fault)
{
    process->sends++;
    if (process->away || process->wire == SHARED_LOSES_REQUESTS) return false;
    *fault = shared_store_server_execute(process->server, job, process->self);
    return process->wire == SHARED_SOUND;
}

static struct shared_fault send_until_known(struct shared_process *process, const struct store_job *job)
{
    struct shared_fault fault;
    while (!send_once(process, job, &fault)) {
        if (process->closing) return UNKNOWN;
        unsigned changes = process->changes;
        process->lost = true;
        shared_store_tell(process);
        while (process->changes == changes && !process->closing) shared_store_wait(process);
        process->lost = false;
    }
    return fault;
}

static bool is_refused(const struct shared_process *process, const struct store_job *job)
{
    return job->model && process->refused && strcmp(job->model->table->name, process->refused) == 0;
}

static struct shared_fault shared_store_write(struct shared_process *process, const struct store_job *job)
{
    if (job->kind == STORE_REFUSED) return BUSY;
    wait_at_barrier(process);
    if (is_refused(process, job)) return REFUSED;
    return process->away ? AWAY : send_until_known(process, job);
}

static bool shared_store_commit(void *backend, struct store_job *jobs, struct store_failures *failures)
{
    struct shared_process *process = shared_store_enter(backend);
    for (struct store_job *job = jobs; job; job = job->next) {
        if (store_failures_doomed(failures, job)) continue;
        struct shared_fault fault = shared_store_write(process, job);
        if (fault.reason) store_failures_add(failures, job, fault.reason, fault.why);
    }
    shared_store_leave(process);
    return true;
}

static bool shared_store_is_away(void *backend)
{
    struct shared_process *process = shared_store_enter(backend);
    bool away = process->away;
    shared_store_leave(process);
    return away;
}

// ---- The backend

static const struct store_backend store_shared = {
    .scheme = SCHEME,
    .shared = true,
    .open = shared_store_open,
    .close = shared_store_close,
    .generation = shared_store_generation,
    .commit = shared_store_commit,
    .closing = shared_store_closing,
    .away = shared_store_is_away,
    .barrier = shared_store_barrier,
    .probe = shared_store_probe,
    .get = shared_store_get,
    .find = shared_store_find,
    .read = shared_store_read,
    .attached = shared_store_attached,
    .read_snapshot = shared_store_read_snapshot,
    .head = shared_store_head,
    .oldest = shared_store_oldest,
    .heads = shared_store_heads,
    .command_find = shared_store_command_find,
    .commands = shared_store_commands,
    .each = shared_store_each,
};

void shared_store_register(void) { store_backend_add(&store_shared); }

void shared_store_drop(const char *url) { shared_store_server_drop(url + strlen(SCHEME)); }

// ---- What a test decides

static struct shared_process *shared_store_of(struct store *store)
{
    return shared_store_enter(store_opened(store));
}

void shared_store_hold(struct store *store)
{
    struct shared_process *process = shared_store_of(store);
    process->holds = true;
    shared_store_leave(process);
}

void shared_store_await_held(struct store *store)
{
    struct shared_process *process = shared_store_of(store);
    while (!process->held) shared_store_wait(process);
    shared_store_leave(process);
}

void shared_store_release(struct store *store)
{
    struct shared_process *process = shared_store_of(store);
    process->holds = false;
    shared_store_tell(process);
    shared_store_leave(process);
}

void shared_store_set_wire(struct store *store, enum shared_wire wire)
{
    struct shared_process *process = shared_store_of(store);
    process->wire = wire;
    process->lost = false;
    process->changes++;
    shared_store_tell(process);
    shared_store_leave(process);
}

void shared_store_await_lost(struct store *store)
{
    struct shared_process *process = shared_store_of(store);
    while (!process->lost) shared_store_wait(process);
    shared_store_leave(process);
}

void shared_store_set_away(struct store *store, bool away)
{
    struct shared_process *process = shared_store_of(store);
    process->away = away;
    process->lost = false;
    process->changes++;
    shared_store_tell(process);
    shared_store_leave(process);
}

void shared_store_depose(struct store *store)
{
    struct shared_process *process = shared_store_of(store);
    shared_store_server_destroy(process->past);
    process->past = shared_store_past_of(process);
    shared_store_leave(process);
}

void shared_store_fail_probes(struct store *store, bool fail)
{
    struct shared_process *process = shared_store_of(store);
    process->probes_fail = fail;
    shared_store_leave(process);
}

void shared_store_hold_barriers(struct store *store, bool hold)
{
    struct shared_process *process = shared_store_of(store);
    process->holds_reads = hold;
    shared_store_tell(process);
    shared_store_leave(process);
}

void shared_store_await_barrier(struct store *store)
{
    struct shared_process *process = shared_store_of(store);
    while (!process->read_held) shared_store_wait(process);
    shared_store_leave(process);
}

void shared_store_refuse(struct store *store, const char *table)
{
    struct shared_process *process = shared_store_of(store);
    process->refused = table;
    shared_store_leave(process);
}

unsigned shared_store_sends(struct store *store)
{
    struct shared_process *process = shared_store_of(store);
    unsigned sends = process->sends;
    shared_store_leave(process);
    return sends;
}

unsigned shared_store_probes(struct store *store)
{
    struct shared_process *process = shared_store_of(store);
    unsigned probes = process->probes;
    shared_store_leave(process);
    return probes;
}

unsigned shared_store_reads(struct store *store)
{
    struct shared_process *process = shared_store_of(store);
    unsigned reads = process->reads;
    shared_store_leave(process);
    return reads;
}

unsigned shared_store_barriers(struct store *store)
{
    struct shared_process *process = shared_store_of(store);
    unsigned barriers = process->barriers;
    shared_store_leave(process);
    return barriers;
}

void shared_store_replace(struct store *store)
{
    struct shared_process *process = shared_store_of(store);
    process->server->generation++;
    shared_store_leave(process);
}
