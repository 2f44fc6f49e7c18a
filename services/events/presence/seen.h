// Who sees whose presence in an event. A function of the game, what the gateways know, the viewer's class and
// the time, and nothing else: during a night everybody but who leads sees how it was when the night began,
// and members of a side that meets also each other as they are now. In the arena.
#ifndef EVENTS_PRESENCE_SEEN_H
#define EVENTS_PRESENCE_SEEN_H

#include "services/events/chat/rights.h"
#include "services/events/live/command.h"

enum {
    NIGHT_BEGINS_MS = 5000, // so long who is there now is taken for who was there when it began
    SEEN_OTHERS = 100,
};

enum seen_class {
    SEEN_LEADER,
    SEEN_TABLE,
    SEEN_LATE, // who sees the game late sees nobody while it goes on
    SEEN_SIDE, // of the table, and reads the room of a side
    SEEN_CLASSES
};

struct seer {
    enum seen_class class;
    struct uuid side; // of SEEN_SIDE
};

// A user of this level.
struct seer seer_of(struct aggregate *aggregate, const char *user_id, uint32_t level, int64_t now_ms);

struct seen {
    struct events *events;
    const struct game *game; // with names
    const Events__FollowPresenceRequest *known;
    uint64_t night_ms; // when the night began that it is; 0: none
    uint32_t night_age_ms;
    int64_t now_ms;
    struct arena *arena;
};

// NULL when the arena is full.
Events__EventPresence *seen_show(const struct seen *seen, const struct seer *seer);

#endif
