#include "services/events/chat/rooms.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/stamp.h"

enum { LOAD_ARENA = 32 << 20, ROOMS_OF_EVENT = 1000 };

static struct open_room *room_of(const struct live_object *object) { return (struct open_room *)object; }

static bool apply_stored(void *arg, const ProtobufCBinaryData *link, struct err *err)
{
    struct open_room *open = arg;
    bool newer;
    if (talk_apply(&open->talk, link, &newer)) return true;
    if (newer)
        return err_fail(err, STORE_NEWER, "a newer version of the program wrote entry %llu of room %s",
                        (unsigned long long)open->talk.chain.seq + 1, open->live.id.text);
    return err_fail(err, STORE_CORRUPT, "room %s does not verify behind entry %llu", open->live.id.text,
                    (unsigned long long)open->talk.deeds_count);
}

static bool read_on(struct open_room *open, struct err *err)
{
    struct arena arena;
    arena_init(&arena, LOAD_ARENA);
    bool ok = live_catch_up(&open->live, open->events->store, room_stream(&open->room).text,
                            open->talk.chain.seq + 1, apply_stored, open, &arena, err);
    arena_finish(&arena);
    if (ok) atomic_store(&open->durable_seq, open->talk.chain.seq);
    return ok;
}

static void begin_room(struct live_object *object, void *events)
{
    struct open_room *open = room_of(object);
    open->events = events;
    talk_init(&open->talk);
}

static bool load_room(struct live_object *object, void *events, struct err *err)
{
    struct open_room *open = room_of(object);
    begin_room(object, events);
    if (!room_parse(&open->room, object->id.text)) return err_fail(err, NOT_FOUND, "there is no such room");
    return read_on(open, err);
}

static bool catch_up(struct live_object *object, void *context, struct err *err)
{
    (void)context;
    return read_on(room_of(object), err);
}

static uint64_t seq_of(const struct live_object *object) { return room_of(object)->talk.chain.seq; }

static void name_stream(const struct live_object *object, char out[LIVE_STREAM])
{
    snprintf(out, LIVE_STREAM, "chat.%s", object->id.text);
}

static void forget_talk(struct live_object *object) { talk_finish(&room_of(object)->talk); }

// Whether there is such a room follows from its event.
static bool is_always(const struct live_object *object) { return object->loaded; }

static size_t weigh_room(const struct live_object *object) { return talk_bytes(&room_of(object)->talk); }

static const struct live_kind kind = {
    .name = "room",
    .log = "rooms.load",
    .size = sizeof(struct open_room),
    .load = load_room,
    .catch_up = catch_up,
    .seq = seq_of,
    .stream = name_stream,
    .begin = begin_room,
    .forget = forget_talk,
    .exists = is_always,
    .weigh = weigh_room,
};

bool rooms_open(struct events *events, struct err *err)
{
    return live_open(&events->rooms, &kind, events, events->store, (size_t)events->settings.memory_bytes / 4,
                     err);
}

bool room_enter(struct events *events, const struct room *room, struct live_need *need,
                struct open_room **open, struct err *err)
{
    struct live_object *object;
    bool entered = live_enter(events->rooms, room_id(room).text, need, &object, err);
    *open = entered ? room_of(object) : NULL;
    return entered;
}

bool room_enter_at_hand(struct events *events, const struct room *room, struct live_need *need,
                        struct open_room **open, bool *waits, struct err *err)
{
    struct live_object *object;
    bool entered = live_enter_at_hand(events->rooms, room_id(room).text, need, &object, waits, err);
    *open = entered ? room_of(object) : NULL;
    return entered;
}

void room_let_go(struct open_room *open) { live_let_go(&open->live); }
void room_give_back(struct open_room *open) { live_give_back(open->events->rooms, &open->live); }

void room_leave(struct open_room *open) { live_leave(open->events->rooms, &open->live); }

// ---- Writing

bool room_add(struct open_room *open, const Chat__Entry *entry, struct arena *arena,
              ProtobufCBinaryData *link, struct err *err)
{
    uint8_t salt[HASH_CHAIN_SALT];
    randombytes_buf(salt, sizeof salt);
    if (talk_add(&open->talk, entry, salt, arena, link)) return true;
    room_spoil(open);
    return err_fail(err, CALL_TOO_LARGE, "the message needs more memory than a call may use");
}

struct sending {
    struct open_room *open;
    uint64_t seq;
    int64_t time_ms;
};

static void tell_readers(const struct sending *sending)
{
    struct events *events = sending->open->events;
    if (!events->publisher) return;
    Google__Protobuf__Timestamp time = stamp_of(sending->time_ms);
    Bus__Notice notice = BUS__NOTICE__INIT;
    struct room_text stream = room_stream(&sending->open->room);
    notice.stream = stream.text;
    notice.seq = sending->seq;
    notice.time = &time;
    bus_publish(events->publisher, &notice);
}

static void room_done(void *arg, bool durable)
{
    struct sending *sending = arg;
    struct live_object *object = &sending->open->live;
    if (durable) {
        atomic_store(&sending->open->durable_seq, sending->seq);
        tell_readers(sending);
    }
    free(sending);
    live_written(object, durable);
}

void room_queue(struct open_room *open, const ProtobufCBinaryData *link, uint64_t after,
                const struct store_write *sealed)
{
    struct store_write write = *sealed;
    struct sending *sending = malloc(sizeof *sending);
    if (!sending) abort(); // what was decided can't be taken back
    *sending = (struct sending){open, open->talk.chain.seq, open->talk.newest_ms};
    write.done = room_done;
    write.arg = sending;
    write.after = after;
    live_append(&open->live, open->events->store, room_stream(&open->room).text, open->talk.chain.seq, link,
                1, write);
}

void room_spoil(struct open_room *open) { atomic_store(&open->live.failed, true); }

bool rooms_remove(struct events *events, const char *event_id, uint64_t after, struct arena *arena,
                  struct err *err)
{
    char prefix[sizeof "chat.." + UUID_LEN];
    struct store_head *heads;
    size_t count;
    const struct store_write write = {.after = after};
    snprintf(prefix, sizeof prefix, "chat.%s.", event_id);
    if (!store_heads(events->store, prefix, "", ROOMS_OF_EVENT, arena, &heads, &count, err)) return false;
    for (size_t i = 0; i < count; i++) store_delete_stream(events->store, heads[i].stream, 0, &write);
    return true;
}
