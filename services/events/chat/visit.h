// One call on one room: its event locked and then the room, the caller's right to read it judged; left by
// itself at the end of the handler.
//     AUTO_VISIT struct visit visit = {.command = {.call = call}};
//     return visit_begin(&visit, request->room_id, VISIT_READS, err) && ...
#ifndef EVENTS_CHAT_VISIT_H
#define EVENTS_CHAT_VISIT_H

#include "services/events/chat/rights.h"
#include "services/events/chat/rooms.h"
#include "services/events/live/command.h"

struct visit {
    struct command command;
    struct room room;
    struct room_viewer viewer;
    struct room_right right;
    struct open_room *open;
    int64_t now_ms; // of what is written: not before the room's newest entry
};

#define AUTO_VISIT __attribute__((cleanup(visit_end)))

enum visit_purpose {
    VISIT_READS,
    VISIT_WRITES, // in the room: its event's copy is confirmed first, because no append to the event finds
                  // out
    VISIT_LEADS,  // writes in the event's log
};

// NOT_FOUND for who may not read, whatever there is.
MUST_CHECK bool visit_begin(struct visit *visit, const char *room_id, enum visit_purpose purpose,
                            struct err *err);
void visit_end(struct visit *visit);
bool visit_absent(struct err *err); // NOT_FOUND, always the same

struct room_viewer visit_viewer(const struct rpc_call *call);
// For a visit that was filled by hand.
MUST_CHECK bool visit_enter_room(struct visit *visit, struct err *err);
MUST_CHECK bool visit_follow_room(struct visit *visit, uint64_t at_least,
                                  struct err *err); // a copy that has it
// The newest entry that the caller may see; and of the messages behind a cursor, how many they have to read.
uint64_t visit_head(const struct visit *visit);
int32_t visit_unread(const struct visit *visit, uint64_t cursor);
// The caller's right to write now: the room's rules, and mutes.
MUST_CHECK bool visit_may_write(const struct visit *visit, struct err *err);
// Adds the entry; then the reply is filled, and visit_commit queues it.
MUST_CHECK bool visit_add(struct visit *visit, Chat__Entry *entry, ProtobufCBinaryData *link,
                          struct err *err);
MUST_CHECK bool visit_commit(struct visit *visit, const ProtobufCBinaryData *link,
                             const ProtobufCMessage *reply, struct err *err);

// Up to where the caller has read the room.
MUST_CHECK bool visit_cursor(struct events *events, const char *user_id, const char *room_id,
                             struct arena *arena, uint64_t *seq, struct err *err);

#endif
