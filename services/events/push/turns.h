// Whose turn it is to be sent something, where many owners have something coming and receivers may be slow.
// Of those that are due the owner goes first whose last turn was longest ago; one owner, and one site, has so
// many turns at once; and an owner who was slow lately shares few of them with all others that were, and
// rests after each. So who is not slow waits for others' first slow turns alone. Pure: the time is an
// argument, monotonic.
#ifndef EVENTS_PUSH_TURNS_H
#define EVENTS_PUSH_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/ids.h"
#include "lib/net/outside_url.h"

enum {
    TURN_NAME = 65,
    TURN_SITE = OUTSIDE_HOST + 6,     // with the port
    TURN_SLOW_MS = 1000,              // who takes so long is slow,
    TURN_SLOW_FOR_MS = 5 * 60 * 1000, // for so long,
    TURN_RESTS = 2                    // and rests so many times as long as it took
};

struct turns;

struct turns_limits {
    size_t most;                      // that have something coming; further ones are not taken
    unsigned of_owner, to_site, slow; // at once
};

struct turn_of {
    char name[TURN_NAME];     // of what is sent
    char owner[UUID_LEN + 1]; // its owner
    char site[TURN_SITE];     // where it goes; "" when that is not known yet
};

MUST_CHECK bool turns_create(struct turns **turns, const struct turns_limits *limits, struct err *err);
void turns_destroy(struct turns *turns); // NULL is fine

// There is something for it now. While its turn goes on, it has another one after that.
void turns_ring(struct turns *turns, const struct turn_of *of, int64_t now_ms);
// Begins the next turn. False: there is none; *next_ms: when there may be, unless a turn ends before.
bool turns_take(struct turns *turns, int64_t now_ms, struct turn_of *taken, int64_t *next_ms);
// In a turn, before something goes to this site. False: it has no place now; the turn is to end, and the next
// one begins when it has.
bool turns_enter(struct turns *turns, const char *name, const char *site, int64_t now_ms);
// Ends a turn, in which something was waited for so long. again_ms: when the next one is due; INT64_MAX: when
// it is rung.
struct turn_end {
    int64_t again_ms, took_ms;
    bool forget; // when it is not due again; what stays has its place
};
void turns_give(struct turns *turns, const char *name, const struct turn_end *end, int64_t now_ms);
void turns_clear(struct turns *turns); // forgets all but what is under way

// The last two labels of a URL's host, or its address, and the port: whoever has a name has all names below
// it.
// "" when it is none.
void turn_site(char site[TURN_SITE], const char *url, bool loopback);

#endif
