// Processes of other services, which tell this one of themselves; and what all that live say of themselves.
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/skew.h"
#include "lib/base/version.h"
#include "lib/replica/state.h"

enum { ROW_ARENA = 64 << 10 };

// ---- To hear

static bool has_room(const struct beats *beats)
{
    size_t heard = 0;
    for (size_t i = 0; i < beats->count; i++)
        heard += beat_lives(&beats->all[i]) && !beats_is_own(beats, beats->all[i].service);
    return heard < REPLICA_STATEMENTS_MOST;
}

static bool may_hear(const struct beats *beats, const Replica__Statement *statement, struct err *err)
{
    const struct beat *known = beats_find(beats, statement->id);
    const char *service = strcmp(statement->id, beats->id) == 0 ? beats->service
                          : known                               ? known->service
                                                                : statement->service;
    if (strcmp(service, statement->service) != 0 || beats_is_own(beats, service))
        return err_field(err, INVALID_FIELD, "statement.id", "is a process of another service");
    return known || has_room(beats) || err_fail(err, SERVICE_BUSY, "too many processes are heard of");
}

// Nobody else writes the row, but another process of this service may just have: then it is CONFLICT, and the
// teller comes again.
static bool write_row(struct beats *beats, Replica__Beat *row, uint64_t *ticket, struct err *err)
{
    struct arena arena;
    ProtobufCMessage *stored;
    uint64_t version;
    arena_init(&arena, ROW_ARENA);
    bool ok = store_get(beats->store, beats->table, row->id, &arena, &stored, &version, err);
    const Replica__Beat *before = ok ? (const Replica__Beat *)stored : NULL;
    if (before && strcmp(before->service, row->service) != 0)
        ok = err_field(err, INVALID_FIELD, "statement.id", "is a process of another service");
    row->counter = before ? before->counter + 1 : 1;
    if (ok)
        *ticket =
            store_put(beats->store, beats->table, &row->base, before ? version : 0, &(struct store_write){0});
    arena_finish(&arena);
    return ok;
}

bool replica_hear(struct replica *replica, Replica__Statement *statement, const Replica__TellRequest *request,
                  uint64_t *ticket, struct err *err)
{
    *ticket = 0;
    if (!replica) return err_fail(err, SERVICE_BUSY, "nobody is heard of by a tool");
    struct beats *beats = &replica->beats;
    Replica__Beat row = REPLICA__BEAT__INIT;
    row.id = statement->id;
    row.service = statement->service;
    row.version = statement->version;
    row.format = request->format;
    row.time_ms = clock_unix_ms();
    row.statement = statement;
    row.health = request->health;
    row.config = request->config;
    pthread_mutex_lock(&replica->mutex);
    bool ok = may_hear(beats, statement, err);
    if (ok && replica->alone) beats_hear(beats, &row);
    pthread_mutex_unlock(&replica->mutex);
    return ok && (replica->alone || write_row(beats, &row, ticket, err));
}

int64_t replica_hear_clock(struct replica *replica, const char *id, int64_t clock_ms, int64_t now_ms)
{
    pthread_mutex_lock(&replica->mutex);
    clocks_hear(&replica->clocks, id, clock_ms - now_ms, clock_mono_ms());
    int64_t agreed_ms = clocks_agreed_ms(&replica->clocks, clock_mono_ms());
    pthread_mutex_unlock(&replica->mutex);
    skew_note(-agreed_ms, 0);
    return now_ms + agreed_ms;
}

// ---- To tell

static bool add_statement(const struct statement *statement, struct arena *arena,
                          struct replica_statements *out, struct err *err)
{
    if (!*statement->id || out->count == REPLICA_STATEMENTS_MOST) return true;
    struct statement *kept = arena_copy(arena, statement, sizeof *statement);
    struct statement_message *shown = arena_new(arena, struct statement_message);
    if (!kept || !shown) return err_fail(err, INTERNAL_ERROR, "out of memory");
    statement_show(kept, shown);
    out->all[out->count++] = &shown->message;
    return true;
}

static int by_service_and_id(const void *a, const void *b)
{
    const Replica__Statement *one = *(Replica__Statement *const *)a, *two = *(Replica__Statement *const *)b;
    int order = strcmp(one->service, two->service);
    return order ? order : strcmp(one->id, two->id);
}

bool replica_statements(struct replica *replica, struct arena *arena, struct replica_statements *out,
                        struct err *err)
{
    *out = (struct replica_statements){0};
    if (!replica) return true;
    struct beats *beats = &replica->beats;
    pthread_mutex_lock(&replica->mutex);
    bool ok = statement_measure(&beats->self, err) && add_statement(&beats->self, arena, out, err);
    for (size_t i = 0; ok && i < beats->count; i++)
        if (beat_lives(&beats->all[i]) && strcmp(beats->all[i].id, beats->id) != 0)
            ok = add_statement(&beats->all[i].statement, arena, out, err);
    pthread_mutex_unlock(&replica->mutex);
    qsort(out->all, out->count, sizeof *out->all, by_service_and_id);
    return ok;
}

// ---- With how they do

static Replica__Health *keep_health(const struct health *health, struct arena *arena)
{
    struct health *kept = arena_copy(arena, health, sizeof *health);
    struct health_message *shown = kept ? arena_new(arena, struct health_message) : NULL;
    if (shown) health_show(kept, shown);
    return shown ? &shown->message : NULL;
}

static bool add_known(struct replica_known *known, size_t *count, const struct statement *statement,
                      const struct health *health, struct arena *arena, struct err *err)
{
    struct replica_statements one = {0};
    if (!add_statement(statement, arena, &one, err) || !one.count || *count == REPLICA_STATEMENTS_MOST)
        return one.count || !*statement->id;
    known[*count].statement = one.all[0];
    known[*count].health = health->known ? keep_health(health, arena) : NULL;
    if (health->known && !known[*count].health) return err_fail(err, INTERNAL_ERROR, "out of memory");
    ++*count;
    return true;
}

static int known_by_service_and_id(const void *a, const void *b)
{
    return by_service_and_id(&((const struct replica_known *)a)->statement,
                             &((const struct replica_known *)b)->statement);
}

bool replica_known(struct replica *replica, struct arena *arena, struct replica_known *known, size_t *count,
                   struct err *err)
{
    struct health own;
    *count = 0;
    if (!replica) return true;
    struct beats *beats = &replica->beats;
    pthread_mutex_lock(&replica->mutex);
    health_measure(&beats->meter, &own);
    known[0] = (struct replica_known){.format = CONSE_FORMAT, .config = beats->meter.source.config};
    bool ok = statement_measure(&beats->self, err) && add_known(known, count, &beats->self, &own, arena, err);
    for (size_t i = 0; ok && i < beats->count && *count < REPLICA_STATEMENTS_MOST; i++) {
        const struct beat *beat = &beats->all[i];
        if (!beat_lives(beat) || strcmp(beat->id, beats->id) == 0) continue;
        known[*count] =
            (struct replica_known){.format = beat->format, .age_ms = clock_mono_ms() - beat->changed_ms};
        if (beat->config) known[*count].config = arena_str(arena, beat->config);
        ok = add_known(known, count, &beat->statement, &beat->health, arena, err);
    }
    pthread_mutex_unlock(&replica->mutex);
    if (ok) qsort(known, *count, sizeof *known, known_by_service_and_id);
    return ok;
}
