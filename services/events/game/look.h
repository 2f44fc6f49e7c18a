// What a name looks like to a reader: two names that can be mistaken for each other have a look in common,
// whatever letters they are written in.
#ifndef EVENTS_GAME_LOOK_H
#define EVENTS_GAME_LOOK_H

#include <stdbool.h>
#include <stdint.h>

struct look {
    uint64_t large, small; // of its letters as capitals, and as small ones; 0: not looked at yet
};

struct look look_of(const char *name);
bool look_alike(const struct look *a, const struct look *b);

// Whether something is seen of it, no blank is at its beginning or end, and nothing in it looks like the ~ of
// a mark.
bool look_is_clear(const char *name);

#endif
