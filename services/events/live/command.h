// One call on one event: the event locked, the caller's right judged, entries collected; left by itself at
// the end of the handler.
//     AUTO_COMMAND struct command command = {.call = call};
//     return command_begin(&command, err) && rules_...(command.game, &command.entries, err) &&
//            command_commit(...)
#ifndef EVENTS_LIVE_COMMAND_H
#define EVENTS_LIVE_COMMAND_H

#include "lib/schema/passport.h"
#include "lib/rpc/server.h"
#include "services/events/live/aggregates.h"
#include "services/events/game/view/view.h"

enum { UNCHANGED_SINCE = 4 }; // CONSE_FORMAT

struct command {
    struct rpc_call *call;
    struct events *events;
    struct aggregate *aggregate;
    struct game *game;
    struct entries entries;
    struct viewer viewer;         // the caller, when the command began
    ProtobufCBinaryData attached; // to the append of its entries; store.h
};

#define AUTO_COMMAND __attribute__((cleanup(command_end)))

// The viewer that the caller is, for the game as it is now. A caller that has lost the level sees no more
// than others.
struct viewer command_viewer(const struct command *command);
// Without judging a right: for feeds and lists.
MUST_CHECK bool command_enter(struct command *command, const char *event_id, struct err *err);
// The same in a copy that has the entry at_least, if the store has it. Who follows asks again and again: a
// copy that has it may have been confirmed five seconds ago, unless `fresh`.
MUST_CHECK bool command_follow(struct command *command, const char *event_id, uint64_t at_least, bool fresh,
                               struct err *err);
// Enters the event that the method's route_key names and judges the caller's right as its owner, then the
// acts that the call names (If-Match).
MUST_CHECK bool command_begin(struct command *command, struct err *err);
// For reads: a viewer to whom the god shows the game late gets the game of that time.
MUST_CHECK bool command_look(struct command *command, struct err *err);
// The game as it was the event's delay ago.
MUST_CHECK bool command_look_late(struct command *command, struct err *err);
// For a new event.
MUST_CHECK bool command_begin_new(struct command *command, const char *event_id, struct err *err);
// Queues the decided entries; the reply must be filled. It rests on the entries and waits for the rows. A key
// is kept in any case, by an entry that nobody sees when there are no others.
MUST_CHECK bool command_commit(struct command *command, const ProtobufCMessage *reply, struct err *err);
void command_end(struct command *command);
// Opens the deal secrets of an event that is locked or dealt; NULL before.
MUST_CHECK bool command_secrets(struct command *command, const struct deal_secrets **secrets,
                                struct err *err);

bool caller_is_dev(const struct rpc_call *call);
// True when filled; else the arena is full and err says so.
MUST_CHECK bool filled(const void *reply_part, struct err *err);

struct randomness system_randomness(void);

#endif
