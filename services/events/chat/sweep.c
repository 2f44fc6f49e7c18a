// Looking at rooms for texts whose time is over. A room is looked at again when a text may be due: a deletion
// that comes later than the look is due later than the next one.
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/events/chat/erase.h"
#include "services/events/live/aggregates.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

enum { FIRST_MS = 30 * 1000, PERIOD_MS = 10 * 60 * 1000, PAGE = 100, BATCH = 100, ARENA = 32 << 20 };
static const int64_t NEVER_MS = INT64_C(253402300799999);

struct eraser {
    struct events *events;
    struct periodic *thread;
    atomic_bool stopping;
};

// A look at one room.
struct erasing {
    struct events *events;
    int64_t now_ms, due_ms; // due: when it is to be looked at again
    struct room room;
    bool gone;      // the event was deleted
    bool all;       // nothing is kept any more
    uint64_t *seqs; // of entries whose texts are due
    size_t count;
    struct arena *arena;
};

// ---- What is due

static bool look_at_event(struct erasing *look, struct err *err)
{
    struct aggregate *aggregate;
    if (!aggregate_enter(look->events, look->room.event_id.text, &aggregate, err)) {
        look->gone = err_is(err, NOT_FOUND);
        return look->gone;
    }
    look->all = erase_is_due(look->events, &aggregate->game, look->now_ms);
    aggregate_leave(aggregate);
    return true;
}

static void choose_texts(struct erasing *look, struct said *said, int64_t keep_ms)
{
    for (size_t i = 0; i < (size_t)said->revision; i++) {
        const struct wording *wording = talk_nth_wording(said, i);
        if (wording->erased) continue;
        int64_t passed = talk_passed_ms(said, i);
        bool due = look->all || (passed && passed + keep_ms <= look->now_ms);
        if (due)
            look->seqs[look->count++] = wording->seq;
        else if (passed && passed + keep_ms < look->due_ms)
            look->due_ms = passed + keep_ms;
    }
}

static bool choose_entries(struct erasing *look, const struct talk *talk, struct err *err)
{
    int64_t keep_ms = look->events->settings.deleted_text_ms;
    look->due_ms = look->all ? NEVER_MS : look->now_ms + keep_ms;
    look->seqs = arena_array(look->arena, talk->deeds_count + 1, sizeof *look->seqs);
    if (!look->seqs) return err_fail(err, CALL_TOO_LARGE, "the room is too large");
    for (size_t i = 0; i < talk->count; i++) choose_texts(look, &talk->messages[i], keep_ms);
    return true;
}

static bool look_at_room(struct erasing *look, struct err *err)
{
    struct open_room *open;
    struct live_need need = {.fresh_from_ns = clock_mono_ns()};
    if (!room_enter(look->events, &look->room, &need, &open, err)) return false;
    bool chosen = choose_entries(look, &open->talk, err);
    room_leave(open);
    return chosen;
}

// ---- Erasing

static bool make_redaction(struct erasing *look, const char *stream, uint64_t seq, ProtobufCBinaryData *out,
                           ProtobufCBinaryData *stub, struct err *err)
{
    struct store_entries page;
    Chat__Redaction redaction = CHAT__REDACTION__INIT;
    *stub = (ProtobufCBinaryData){0, NULL};
    if (!store_read(look->events->store, stream, seq, 1, look->arena, &page, err)) return false;
    if (!page.count || page.first_seq != seq || !talk_stub(&page.entries[0], look->arena, stub)) return true;
    redaction.stream = stream;
    redaction.seq = seq;
    redaction.stub = *stub;
    out->len = chat__redaction__get_packed_size(&redaction);
    out->data = arena_alloc(look->arena, out->len);
    if (!out->data) return err_fail(err, CALL_TOO_LARGE, "the room is too large");
    chat__redaction__pack(&redaction, out->data);
    return true;
}

// First it is told, then done: who is killed in between does both again.
static bool erase_batch(struct erasing *look, const char *stream, const uint64_t *seqs, size_t count,
                        struct err *err)
{
    struct store *store = look->events->store;
    ProtobufCBinaryData told[BATCH], stubs[BATCH];
    uint64_t places[BATCH], ticket;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (!make_redaction(look, stream, seqs[i], &told[n], &stubs[n], err)) return false;
        places[n] = seqs[i];
        n += stubs[n].data != NULL;
    }
    if (!n) return true;
    ticket = store_append_next(store, REDACTIONS_STREAM, told, n, NULL);
    for (size_t i = 0; i < n; i++) {
        const struct store_write write = {.after = ticket};
        ticket = store_redact(store, stream, places[i], stubs[i], &write);
    }
    return store_wait(store, ticket, err);
}

// The copy in memory is read anew; those of other processes forget by the same clock what was deleted or
// replaced, and show none of an event whose time is over.
static bool forget_copy(struct erasing *look, struct err *err)
{
    struct open_room *open;
    if (!room_enter(look->events, &look->room, NULL, &open, err)) return false;
    room_spoil(open);
    room_leave(open);
    return true;
}

static bool erase_entries(struct erasing *look, const char *stream, struct err *err)
{
    for (size_t at = 0; at < look->count; at += BATCH) {
        size_t left = look->count - at;
        if (!erase_batch(look, stream, look->seqs + at, left < BATCH ? left : BATCH, err)) return false;
    }
    if (!look->count) return true;
    log_info("texts were erased", F_STR("room", stream), F_INT("entries", look->count));
    return forget_copy(look, err);
}

static bool note_due(struct erasing *look, struct err *err)
{
    struct room_text id = room_id(&look->room);
    Chat__RoomRow row = CHAT__ROOM_ROW__INIT;
    row.id = id.text;
    row.due_ms = look->due_ms;
    return store_wait(look->events->store,
                      store_put_made(look->events->store, &events_tables[EVENTS_ROOMS], &row.base,
                                     (uint64_t)look->now_ms, NULL),
                      err);
}

static bool erase_room(struct erasing *look, const char *stream, struct err *err)
{
    if (!room_parse(&look->room, stream + strlen("chat."))) return true;
    if (!look_at_event(look, err)) return false;
    if (look->gone) // what a deletion left
        return store_wait(look->events->store, store_delete_stream(look->events->store, stream, 0, NULL),
                          err);
    return look_at_room(look, err) && erase_entries(look, stream, err) && note_due(look, err);
}

static bool is_due(struct events *events, const char *stream, int64_t now_ms, struct arena *arena, bool *due,
                   struct err *err)
{
    Chat__RoomRow *row;
    uint64_t version;
    bool found = store_get(events->store, &events_tables[EVENTS_ROOMS], stream + strlen("chat."), arena,
                           (ProtobufCMessage **)&row, &version, err);
    *due = found && (!row || row->due_ms <= now_ms);
    return found;
}

static bool look_at_stream(struct events *events, const char *stream, int64_t now_ms, struct err *err)
{
    struct arena arena;
    bool due;
    arena_init(&arena, ARENA);
    struct erasing look = {.events = events, .now_ms = now_ms, .arena = &arena};
    bool ok = is_due(events, stream, now_ms, &arena, &due, err) && (!due || erase_room(&look, stream, err));
    arena_finish(&arena);
    return ok;
}

bool erase_look(struct events *events, int64_t now_ms, const atomic_bool *stopping, struct err *err)
{
    char after[ROOM_STREAM] = "";
    if (!replica_holds(events->replica, EVENTS_SWEEPS) || !replica_clock_agrees(events->replica)) return true;
    for (size_t count = PAGE; count == PAGE && !atomic_load(stopping);) {
        struct store_head *heads;
        struct arena arena;
        arena_init(&arena, ARENA);
        bool ok = store_heads(events->store, "chat.", after, PAGE, &arena, &heads, &count, err);
        for (size_t i = 0; ok && i < count && !atomic_load(stopping); i++) {
            struct err of_one; // which does not delay others
            if (!look_at_stream(events, heads[i].stream, now_ms, &of_one))
                log_err(LOG_WARN, "events.rooms", &of_one);
            snprintf(after, sizeof after, "%s", heads[i].stream);
        }
        arena_finish(&arena);
        if (!ok) return false;
    }
    return true;
}

// ---- The thread

// So a text stands no longer than twice the time for which it is kept.
static int64_t next_look_ms(const struct eraser *eraser, int64_t most_ms)
{
    int64_t keep_ms = eraser->events->settings.deleted_text_ms;
    return keep_ms < most_ms ? keep_ms : most_ms;
}

static int64_t eraser_work(void *arg)
{
    struct eraser *eraser = arg;
    struct err err = {0};
    if (!store_accepts(eraser->events->store, NULL)) return next_look_ms(eraser, FIRST_MS);
    if (!erase_look(eraser->events, clock_unix_ms(), &eraser->stopping, &err))
        log_err(LOG_WARN, "events.rooms", &err);
    return next_look_ms(eraser, PERIOD_MS);
}

bool eraser_start(struct eraser **started, struct events *events, struct err *err)
{
    struct eraser *eraser = *started = calloc(1, sizeof *eraser);
    if (!eraser) return err_fail(err, INTERNAL_ERROR, "out of memory");
    eraser->events = events;
    return periodic_start(&eraser->thread, "rooms thread", next_look_ms(eraser, FIRST_MS), eraser_work,
                          eraser, err);
}

void eraser_stop(struct eraser *eraser)
{
    if (!eraser) return;
    atomic_store(&eraser->stopping, true);
    periodic_stop(eraser->thread);
    free(eraser);
}
