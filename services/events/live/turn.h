// One call on one event: rights checked, the event locked, its entries collected; left by itself at the end
// of the handler.
//     AUTO_TURN struct turn turn = {.call = call};
//     return turn_begin(&turn, request->event_id, AS_GOD, err) && rules_...(turn.game, &turn.moves, err) &&
//     turn_commit(...)
#ifndef EVENTS_LIVE_TURN_H
#define EVENTS_LIVE_TURN_H

#include "lib/rpc/server.h"
#include "services/events/live/aggregates.h"
#include "services/events/game/view/view.h"

enum right {
    AS_ANYONE,
    AS_USER, // logged in
    AS_GOD,  // of this event, or a dev who has no seat in it
};

struct turn {
    struct rpc_call *call;
    struct events *events;
    struct aggregate *aggregate;
    struct game *game;
    struct moves moves;
    struct viewer viewer; // the caller, when the turn began
};

#define AUTO_TURN __attribute__((cleanup(turn_end)))

// As whom the caller sees the game as it is now. Who has no longer the level sees no more than others.
struct viewer turn_viewer(const struct turn *turn);
// Level first, then existence, then ownership.
MUST_CHECK bool turn_begin(struct turn *turn, const char *event_id, enum right right, struct err *err);
// For reads: whom the god lets see the game late gets the game as it was then.
MUST_CHECK bool turn_look(struct turn *turn, struct err *err);
// For a new event.
MUST_CHECK bool turn_begin_new(struct turn *turn, const char *event_id, struct err *err);
// Queues what was decided; the reply must be filled. after: a ticket that the entries rest on, or 0.
MUST_CHECK bool turn_commit(struct turn *turn, const ProtobufCMessage *reply, struct err *err);
void turn_end(struct turn *turn);
// Opens the deal secrets of an event that is locked or dealt; *secret is the one in use, NULL before.
MUST_CHECK bool turn_secret(struct turn *turn, const uint8_t **secret, struct err *err);

enum { LEVEL_DEV = 1, LEVEL_GOD = 2, LEVEL_PLAYER = 3 };
MUST_CHECK bool need_user(const struct rpc_call *call, struct err *err);
MUST_CHECK bool need_god(const struct rpc_call *call, struct err *err); // level god or dev
MUST_CHECK bool need_dev(const struct rpc_call *call, struct err *err);
bool caller_is_dev(const struct rpc_call *call);
// True when filled; else the arena is full and err says so.
MUST_CHECK bool filled(const void *reply_part, struct err *err);

struct randomness system_randomness(void);

#endif
