// Who lives, for operators.
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/version.h"
#include "lib/replica/state.h"

struct listing {
    struct arena *arena;
    Replica__ListReply *reply;
    struct store_rows leases;
};

static bool list_leases(const struct listing *listing, Replica__Process *process)
{
    const struct store_rows *rows = &listing->leases;
    process->leases = arena_array(listing->arena, rows->count + 1, sizeof *process->leases);
    for (size_t i = 0; process->leases && i < rows->count; i++) {
        const Replica__Lease *lease = (const Replica__Lease *)rows->messages[i];
        if (strcmp(lease->holder, process->id) == 0) process->leases[process->n_leases++] = lease->id;
    }
    return process->leases != NULL;
}

static bool list_add(const struct listing *listing, const Replica__Beat *beat, int64_t age_ms,
                     struct err *err)
{
    Replica__Process process = REPLICA__PROCESS__INIT;
    process.id = arena_str(listing->arena, beat->id);
    process.service = arena_str(listing->arena, beat->service);
    process.address = arena_str(listing->arena, beat->address);
    process.host = arena_str(listing->arena, beat->host);
    process.version = arena_str(listing->arena, beat->version);
    process.format = beat->format;
    process.age_ms = age_ms;
    if (!list_leases(listing, &process) || listing->arena->failed)
        return err_fail(err, INTERNAL_ERROR, "out of memory");
    Replica__ListReply *reply = listing->reply;
    reply->processes[reply->n_processes++] = arena_copy(listing->arena, &process, sizeof process);
    return true;
}

static bool list_seen(const struct listing *listing, const struct beats *beats, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < beats->count; i++) {
        const struct beat *beat = &beats->all[i];
        Replica__Beat shown = REPLICA__BEAT__INIT;
        shown.id = beat->id;
        shown.service = beat->service;
        shown.address = beat->address;
        shown.host = beat->host;
        shown.version = beat->version;
        shown.format = beat->format;
        if (beats_is_own(beats, beat->service) && beat_lives(beat))
            ok = list_add(listing, &shown, clock_mono_ms() - beat->changed_ms, err);
    }
    return ok;
}

static bool find_all(struct store *store, const struct store_table *tables,
                     const ProtobufCMessageDescriptor *type, struct arena *arena, struct store_rows *rows,
                     struct err *err)
{
    const struct store_query query = {.limit = BEATS_MOST, .page_token = ""};
    while (tables->type != type) tables++;
    return store_find(store, tables, &query, arena, rows, err);
}

// A tool has not watched the rows: the writers' times have to do. Processes of other services have no
// address.
static bool list_rows(const struct listing *listing, struct store *store, const struct store_table *tables,
                      struct err *err)
{
    struct store_rows rows;
    bool ok = find_all(store, tables, &replica__beat__descriptor, listing->arena, &rows, err);
    for (size_t i = 0; ok && i < rows.count; i++) {
        const Replica__Beat *row = (const Replica__Beat *)rows.messages[i];
        int64_t age_ms = clock_unix_ms() - row->time_ms;
        if (*row->address && age_ms < BEATS_LIVE_MS)
            ok = list_add(listing, row, age_ms > 0 ? age_ms : 0, err);
    }
    return ok;
}

static bool list_alone(const struct listing *listing, const struct replica *replica, struct err *err)
{
    Replica__Beat shown = REPLICA__BEAT__INIT;
    beats_fill(&replica->beats, &shown);
    if (!list_add(listing, &shown, 0, err)) return false;
    Replica__Process *process = listing->reply->processes[0];
    process->leases = arena_array(listing->arena, replica->leases_count, sizeof *process->leases);
    if (!process->leases) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (size_t i = 0; i < replica->leases_count; i++)
        process->leases[process->n_leases++] = replica->leases[i].name;
    return true;
}

static bool list_shared(struct listing *listing, struct replica *replica, struct store *store,
                        const struct store_table *tables, struct err *err)
{
    if (!find_all(store, tables, &replica__lease__descriptor, listing->arena, &listing->leases, err))
        return false;
    if (!replica) return list_rows(listing, store, tables, err);
    pthread_mutex_lock(&replica->mutex);
    bool ok = list_seen(listing, &replica->beats, err);
    pthread_mutex_unlock(&replica->mutex);
    return ok;
}

bool replica_list(struct replica *replica, struct store *store, const struct store_table *tables,
                  struct arena *arena, Replica__ListReply *reply, struct err *err)
{
    struct listing listing = {.arena = arena, .reply = reply};
    reply->shared = store_is_shared(store);
    reply->processes = arena_array(arena, BEATS_MOST, sizeof *reply->processes);
    if (!reply->processes) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (replica && replica->alone) return list_alone(&listing, replica, err);
    return list_shared(&listing, replica, store, tables, err);
}
