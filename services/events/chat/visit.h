// One call on one room: its event locked and then the room, the caller's right to read it judged; left by
// itself at the end of the handler. Nothing waits for the store with the event locked: a room that is not at
// hand is fetched with the event left, and then all is judged anew.
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
    struct open_room *kept; // in memory until the visit ends; not locked by that
    struct {
        int64_t fresh_from_ns; // its copy was confirmed since; 0: as the call needs it
        uint64_t at_least;     // it has this entry, if the store has it
    } wanted;
    uint64_t after;  // what is committed rests on this ticket; 0: on the event's
    uint64_t cursor; // up to where the caller has read, when that was looked up
    int64_t now_ms;  // of what is written: not before the room's newest entry
};

#define AUTO_VISIT __attribute__((cleanup(visit_end)))

enum visit_purpose {
    VISIT_READS,
    VISIT_WRITES, // in the room: its event's copy is confirmed first, because no append to the event finds
                  // out
    VISIT_LEADS,  // writes in the event's log
    VISIT_OWN,    // what the caller said, whether they may read the room or not
};

// NOT_FOUND for who may not read, whatever there is.
MUST_CHECK bool visit_begin(struct visit *visit, const char *room_id, enum visit_purpose purpose,
                            struct err *err);
void visit_end(struct visit *visit);
bool visit_absent(struct err *err); // NOT_FOUND, always the same

struct room_viewer visit_viewer(const struct rpc_call *call);
// For visits that enter the event by themselves, by visit->room: with the event locked. False with *again
// when that has been left, the room been fetched, and both are to be entered anew; VISIT_ROUNDS times at
// most.
enum { VISIT_ROUNDS = 8 };
MUST_CHECK bool visit_enter_room(struct visit *visit, bool *again, struct err *err);
void visit_leave(struct visit *visit);  // to enter it anew
bool visit_come_later(struct err *err); // after so many rounds
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

// Up to where a user has read a room. It reads the store: before something is locked.
MUST_CHECK bool visit_cursor(struct events *events, const char *user_id, const char *room_id,
                             struct arena *arena, uint64_t *seq, struct err *err);

#endif
