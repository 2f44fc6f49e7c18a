// Rooms in memory while they are used; lib/live loads and evicts them. An event's lock is taken before those
// of its rooms. Thread-safe.
#ifndef EVENTS_CHAT_ROOMS_H
#define EVENTS_CHAT_ROOMS_H

#include "lib/live/live.h"
#include "services/events/chat/room.h"
#include "services/events/chat/talk.h"
#include "services/events/events.h"

// Locked between enter and leave.
struct open_room {
    struct live_object live; // ticket: of the newest entries decided here
    struct events *events;
    struct room room;
    struct talk talk;
    atomic_uint_fast64_t durable_seq; // newest entry on disk
};

// For events->rooms; live.h has the results.
MUST_CHECK bool rooms_open(struct events *events, struct err *err);
// Of a room that the caller knows to be; one without entries is empty.
MUST_CHECK bool room_enter(struct events *events, const struct room *room, struct live_need *need,
                           struct open_room **open, struct err *err);
void room_leave(struct open_room *open);
// With the event locked: false with *waits when it would have to wait. See live.h.
MUST_CHECK bool room_enter_at_hand(struct events *events, const struct room *room, struct live_need *need,
                                   struct open_room **open, bool *waits, struct err *err);
void room_let_go(struct open_room *open);
void room_give_back(struct open_room *open);

// Adds the entry under the room's lock and queues it for the disk, resting on ticket `after` (0: none); what
// the call's reply rests on follows. `write` is the call's from rpc_seal, or NULL. When false the room is
// loaded again.
MUST_CHECK bool room_add(struct open_room *open, const Chat__Entry *entry, struct arena *arena,
                         ProtobufCBinaryData *link, struct err *err);
void room_queue(struct open_room *open, const ProtobufCBinaryData *link, uint64_t after,
                const struct store_write *sealed);
// Ends the streams of an event's rooms, for good, behind the ticket of its own end.
MUST_CHECK bool rooms_remove(struct events *events, const char *event_id, uint64_t after, struct arena *arena,
                             struct err *err);
// What was added and not queued is undone by loading the room again.
void room_spoil(struct open_room *open);

#endif
