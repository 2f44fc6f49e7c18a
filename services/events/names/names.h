// What people are called and may do now, as auth tells on auth.names. It is kept in a table, so that events
// starts and serves without auth, and in memory. What is shown of a game goes by it, and nothing that is
// stored or hashed of a game does. Thread-safe.
#ifndef EVENTS_NAMES_NAMES_H
#define EVENTS_NAMES_NAMES_H

#include "lib/bus/consumer.h"
#include "lib/store/store.h"
#include "services/events/game/game.h"

#define NAMES_STREAM "auth.names"

struct names;

MUST_CHECK bool names_open(struct names **names, struct store *store, struct err *err);
void names_close(struct names *names); // after names_unfollow; NULL is fine

struct names_source {
    const char *bus, *feed; // auth's addresses
    const uint8_t *bus_key;
};

// Follows auth, whether it is there or not, on a thread of its own.
MUST_CHECK bool names_follow(struct names *names, const struct names_source *source, struct err *err);
void names_unfollow(struct names *names);
// Takes in a page of auth.names; blocks until it is durable. What the follower does.
MUST_CHECK bool names_learn(struct names *names, const struct bus_batch *batch, struct err *err);

// Gives the game's people the names they have now, no two alike: one whose name is not known, or is by now
// another's, gets a mark behind it. Call it before the game is shown; cheap when nothing is new.
void names_show(struct names *names, struct game *game);

enum names_standing { NAMES_GOD, NAMES_NO_GOD, NAMES_UNKNOWN };

// Whether the user may lead events now. UNKNOWN: nothing was heard of them, and there may be something to
// hear.
enum names_standing names_standing(struct names *names, const char *user_id);

#endif
