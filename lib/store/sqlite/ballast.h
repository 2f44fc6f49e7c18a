// Room that a store keeps for the day the disk is full: real blocks in a file beside it. A start that finds
// no room gives up a piece of it, so that what was acknowledged is recovered. It is filled up again when
// there is clearly more room than it needs, and until then the store takes no writes. One thread at a time.
#ifndef LIB_STORE_SQLITE_BALLAST_H
#define LIB_STORE_SQLITE_BALLAST_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/err.h"

enum {
    BALLAST_BYTES = 32 << 20,
    BALLAST_PIECE = 2 << 20,   // given up at once
    BALLAST_CLEARLY = 16 << 20 // that must be left when it has been filled up
};

struct ballast {
    char *path; // STORE.ballast
    off_t held;
    bool given; // some of it; the length of the file remembers that
};

// What is there from the last time. Takes the path.
MUST_CHECK bool ballast_find(struct ballast *ballast, char *path, struct err *err);
void ballast_finish(struct ballast *ballast);
// Makes the first one when there is room; else the store goes without.
void ballast_make(struct ballast *ballast);
// False when there is nothing to give.
bool ballast_give(struct ballast *ballast);
// True when nothing is missing, or no more.
bool ballast_fill(struct ballast *ballast);

#endif
