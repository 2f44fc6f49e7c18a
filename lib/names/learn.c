// How names are taken in: a page of auth.names goes into the table first, with the place where it ends, then
// into memory.
#include "lib/names/learn.h"

#include <stdlib.h>
#include <string.h>

#include "auth.pb-c.h"
#include "lib/base/stamp.h"

enum { ARENA = 8 << 20, TRIES = 8 };

// A page on its way into the table.
struct lesson {
    struct names *names;
    const struct bus_batch *batch;
    struct arena arena;
    struct lesson_row {
        Names__Row row;
        uint64_t stored; // version of what the table has
        bool known;      // it has this name, or a newer one
    } rows[BUS_BATCH_MOST];
    size_t count;
};

static uint32_t opted_out(const Auth__OptOuts *of)
{
    if (!of) return 0;
    return (of->rating ? NAMES_NO_RATING : 0) | (of->tips ? NAMES_NO_TIPS : 0) |
           (of->suggestions ? NAMES_NO_SUGGESTIONS : 0) | (of->llm ? NAMES_NO_LLM : 0);
}

static bool lesson_read(struct lesson *lesson, const Bus__Notice *notice, Names__Row *row, struct err *err)
{
    const Auth__Name *name =
        auth__name__unpack(&lesson->arena.allocator, notice->payload.len, notice->payload.data);
    *row = (Names__Row)NAMES__ROW__INIT;
    if (name) {
        row->user_id = name->user_id;
        row->username = name->username;
        row->level = name->level;
        row->version = name->version;
        row->generation = lesson->batch->place.generation;
        row->deleted = name->deleted;
        row->suspended = name->suspended;
        row->suspended_until_ms = stamp_ms(name->suspended_until);
        if (lesson->names->wallets) row->wallet = name->wallet;
        row->verified = lesson->names->wallets && name->verified;
        row->opted_out = opted_out(name->opted_out);
    }
    return (name && names_row_is_good(row)) || err_fail(err, STORE_CORRUPT, "entry %llu of %s is no name",
                                                        (unsigned long long)notice->seq, NAMES_STREAM);
}

// The same version is told again when there is more to tell of it.
static bool is_older(const Names__Row *row, const Names__Row *other)
{
    return row->version < other->version ||
           (row->version == other->version &&
            ((!*row->wallet && *other->wallet) || (!row->verified && other->verified) ||
             (!row->opted_out && other->opted_out)));
}

// Of a user that comes more than once in a page, the newest counts.
static void lesson_add(struct lesson *lesson, const Names__Row *row)
{
    size_t at = 0;
    while (at < lesson->count && strcmp(lesson->rows[at].row.user_id, row->user_id) != 0) at++;
    if (at < lesson->count && !is_older(&lesson->rows[at].row, row)) return;
    lesson->rows[at].row = *row;
    if (at == lesson->count) lesson->count++;
}

static bool lesson_read_all(struct lesson *lesson, struct err *err)
{
    for (size_t i = 0; i < lesson->batch->count; i++) {
        Names__Row row;
        if (!lesson_read(lesson, lesson->batch->notices[i], &row, err)) return false;
        lesson_add(lesson, &row);
    }
    return true;
}

// Finds those that the table does not have yet; another process may have stored them.
static bool lesson_sift(struct lesson *lesson, struct err *err)
{
    const struct names *names = lesson->names;
    for (size_t i = 0; i < lesson->count; i++) {
        struct lesson_row *told = &lesson->rows[i];
        const Names__Row *kept;
        if (!store_get(names->store, names->table, told->row.user_id, &lesson->arena,
                       (ProtobufCMessage **)&kept, &told->stored, err))
            return false;
        if (!kept) told->stored = 0;
        told->known = kept && kept->generation == told->row.generation && !is_older(kept, &told->row);
        if (told->known) told->row = *kept;
    }
    return true;
}

static bool is_place_reached(const Bus__Consumed *row, const struct bus_place *place)
{
    return row && row->generation == place->generation && row->seq >= place->seq;
}

// The place goes last, so that it is never ahead of what it stands for.
static bool lesson_store(struct lesson *lesson, struct err *err)
{
    const struct names *names = lesson->names;
    struct store *store = names->store;
    Bus__Consumed row = BUS__CONSUMED__INIT, *kept;
    uint64_t version, ticket = 0;
    if (!store_get(store, names->consumed, NAMES_STREAM, &lesson->arena, (ProtobufCMessage **)&kept, &version,
                   err))
        return false;
    for (size_t i = 0; i < lesson->count; i++)
        if (!lesson->rows[i].known)
            ticket = store_put(store, names->table, &lesson->rows[i].row.base, lesson->rows[i].stored,
                               &(struct store_write){.after = ticket});
    row.stream = NAMES_STREAM;
    row.generation = lesson->batch->place.generation;
    row.seq = lesson->batch->place.seq;
    if (!is_place_reached(kept, &lesson->batch->place))
        ticket = store_put(store, names->consumed, &row.base, kept ? version : 0,
                           &(struct store_write){.after = ticket});
    return !ticket || store_wait(store, ticket, err);
}

// Several processes take in the same names: who loses finds what the other has stored.
static bool lesson_keep(struct lesson *lesson, struct err *err)
{
    for (int i = 0; i < TRIES; i++) {
        if (!lesson_sift(lesson, err)) return false;
        if (lesson_store(lesson, err)) return true;
        if (!err_is(err, CONFLICT)) return false;
    }
    return false;
}

static bool lesson_show(struct lesson *lesson, struct err *err)
{
    struct names *names = lesson->names;
    bool ok = true;
    pthread_rwlock_wrlock(&names->lock);
    for (size_t i = 0; ok && i < lesson->count; i++) ok = names_set(names, &lesson->rows[i].row);
    if (ok) names->place = lesson->batch->place;
    pthread_rwlock_unlock(&names->lock);
    return ok || err_fail(err, INTERNAL_ERROR, "no memory for names");
}

// What is written of them from now on, its writer sees to.
static bool lesson_forget(const struct lesson *lesson, struct err *err)
{
    struct names *names = lesson->names;
    for (size_t i = 0; names->forget && i < lesson->count; i++) {
        const Names__Row *row = &lesson->rows[i].row;
        if (!row->deleted) continue;
        names_set_leaving(names, row->user_id);
        if (!names->forget(names->forget_arg, row->user_id, err)) return false;
    }
    return true;
}

void names_on_deletion(struct names *names, names_forget *forget, void *arg)
{
    names->forget = forget;
    names->forget_arg = arg;
}

bool names_learn(struct names *names, const struct bus_batch *batch, struct err *err)
{
    struct lesson *lesson = calloc(1, sizeof *lesson);
    if (!lesson) return err_fail(err, INTERNAL_ERROR, "out of memory");
    lesson->names = names;
    lesson->batch = batch;
    arena_init(&lesson->arena, ARENA);
    bool ok = lesson_read_all(lesson, err) && lesson_forget(lesson, err) && lesson_keep(lesson, err) &&
              lesson_show(lesson, err);
    arena_finish(&lesson->arena);
    free(lesson);
    return ok;
}

// ---- Following auth

static bool on_names(void *arg, const struct bus_batch *batch, struct err *err)
{
    return names_learn(arg, batch, err);
}

bool names_follow(struct names *names, const struct names_source *source, struct err *err)
{
    const struct bus_consumer_options options = {.self = source->self,
                                                 .stream = NAMES_STREAM,
                                                 .address = source->bus,
                                                 .feed_service = "auth",
                                                 .feed_address = source->feed,
                                                 .bus_keys = source->bus_keys,
                                                 .from = names->place,
                                                 .apply = on_names,
                                                 .arg = names};
    return bus_consumer_start(&names->consumer, &options, err);
}

void names_unfollow(struct names *names)
{
    if (!names) return;
    bus_consumer_stop(names->consumer);
    names->consumer = NULL;
}
