#include "lib/replica/replica.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/version.h"
#include "lib/replica/state.h"

enum { TICK_MS = 500, LOOK_MS = 100 };

static const char SWEEP[] = "beats"; // the lease to remove rows of dead processes

static const struct store_table *table_of(const struct store_table *tables,
                                          const ProtobufCMessageDescriptor *type)
{
    while (tables->name && tables->type != type) tables++;
    return tables->name ? tables : NULL;
}

bool replica_is_of_processes(const struct store_table *table)
{
    return table->type == &replica__lease__descriptor || table->type == &replica__beat__descriptor;
}

static void add_lease(struct replica *replica, const struct replica_options *options, const char *name)
{
    assert(replica->leases_count < REPLICA_LEASES_MOST);
    struct lease *lease = &replica->leases[replica->leases_count++];
    lease->name = name;
    lease->store = options->store;
    lease->table = table_of(options->tables, &replica__lease__descriptor);
    lease->self = replica->beats.id;
    lease_init(lease);
}

static void replica_fill(struct replica *replica, const struct replica_options *options)
{
    pthread_mutex_init(&replica->mutex, NULL);
    struct beats *beats = &replica->beats;
    beats->store = options->store;
    beats->table = table_of(options->tables, &replica__beat__descriptor);
    beats->service = options->service;
    beats->address = options->address;
    replica->beats.meter.source = options->health;
    beats_init(beats);
    for (const char *const *name = options->leases; *name; name++) add_lease(replica, options, *name);
    add_lease(replica, options, SWEEP);
}

// In the log when it begins and when it ends.
static void note_clocks(struct replica *replica)
{
    const struct beat *other = beats_find_apart(&replica->beats);
    bool before = atomic_exchange(&replica->apart, other != NULL);
    atomic_store(&replica->ahead_ms, beats_ahead_ms(&replica->beats));
    if (other && !before)
        log_warn("clocks are more than a minute apart: nothing is removed for its age",
                 F_STR("other", other->address), F_STR("host", other->host),
                 F_INT("ahead_ms", other->ahead_ms));
    if (!other && before) log_info("clocks agree again");
}

static void note_formats(struct replica *replica)
{
    atomic_store(&replica->least_format, beats_least_format(&replica->beats));
    atomic_store(&replica->seen_ms, replica->beats.seen_ms);
}

// Newer programs write what this one does not know until they have seen it.
static bool await_newer(struct beats *beats, struct err *err)
{
    bool waits = beats_wait_for_newer(beats);
    if (waits) log_info("a newer program lives: waiting until it knows of this one");
    for (; waits; waits = beats_wait_for_newer(beats)) {
        usleep(LOOK_MS * 1000);
        if (clock_mono_ms() - beats->sent_ms >= BEATS_EVERY_MS) beats_give(beats);
        if (!beats_see(beats, err)) return false;
    }
    return true;
}

// The others see this process before it sees them: of two that begin at once, one knows of the other.
static bool replica_enter(struct replica *replica, struct err *err)
{
    struct beats *beats = &replica->beats;
    if (!statement_measure(&beats->self, err)) return false;
    beats_give(beats);
    if (!store_wait(beats->store, beats->ticket, err) || !beats_see(beats, err)) return false;
    if (!await_newer(beats, err)) return false;
    note_formats(replica);
    return true;
}

bool replica_open(struct replica **out, const struct replica_options *options, struct err *err)
{
    struct replica *replica = calloc(1, sizeof *replica);
    if (!replica) return err_fail(err, INTERNAL_ERROR, "out of memory");
    replica->alone = !store_is_shared(options->store);
    replica_fill(replica, options);
    if (!replica->alone && !replica_enter(replica, err)) {
        replica_close(replica);
        return false;
    }
    *out = replica;
    return true;
}

static void tend_beats(struct replica *replica)
{
    struct beats *beats = &replica->beats;
    struct err err;
    pthread_mutex_lock(&replica->mutex);
    if (clock_mono_ms() - beats->sent_ms >= BEATS_EVERY_MS) {
        if (!beats_see(beats, &err)) log_err(LOG_WARN, "replicas", &err);
        note_formats(replica);
        note_clocks(replica);
        if (replica_holds(replica, SWEEP)) beats_sweep(beats);
        beats_give(beats);
    }
    pthread_mutex_unlock(&replica->mutex);
}

void replica_tend(struct replica *replica)
{
    for (size_t i = 0; i < replica->leases_count; i++) lease_tend(&replica->leases[i]);
    tend_beats(replica);
}

static int64_t replica_work(void *arg)
{
    replica_tend(arg);
    return TICK_MS;
}

bool replica_start(struct replica *replica, struct err *err)
{
    return !replica || replica->alone ||
           periodic_start(&replica->thread, "cannot start the replica's thread", 0, replica_work, replica,
                          err);
}

void replica_leave(struct replica *replica)
{
    struct err err;
    if (!replica || replica->alone) return;
    pthread_mutex_lock(&replica->mutex);
    uint64_t ticket = beats_end(&replica->beats);
    pthread_mutex_unlock(&replica->mutex);
    if (ticket && !store_wait(replica->beats.store, ticket, &err)) log_err(LOG_WARN, "replicas", &err);
}

void replica_close(struct replica *replica)
{
    if (!replica) return;
    periodic_stop(replica->thread);
    for (size_t i = 0; i < replica->leases_count && !replica->alone; i++)
        lease_give_back(&replica->leases[i]);
    if (!replica->alone) beats_end(&replica->beats);
    beats_finish(&replica->beats);
    pthread_mutex_destroy(&replica->mutex);
    free(replica);
}

const char *replica_id(const struct replica *replica) { return replica->beats.id; }

bool replica_holds(const struct replica *replica, const char *lease)
{
    if (!replica || replica->alone) return true;
    for (size_t i = 0; i < replica->leases_count; i++)
        if (strcmp(replica->leases[i].name, lease) == 0) return lease_held(&replica->leases[i]);
    assert(!"a lease that was not asked for at open");
    return false;
}

bool replica_clock_agrees(const struct replica *replica) { return !replica || !atomic_load(&replica->apart); }

int64_t replica_clock_ahead_ms(const struct replica *replica)
{
    return replica ? atomic_load(&replica->ahead_ms) : 0;
}

bool replica_all_know(const struct replica *replica, uint32_t format)
{
    if (!replica || replica->alone) return format <= CONSE_FORMAT;
    bool seen = clock_mono_ms() - atomic_load(&replica->seen_ms) < BEATS_LIVE_MS;
    return seen && format <= atomic_load(&replica->least_format);
}
