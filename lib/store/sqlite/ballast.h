// Room that a store reserves for a full disk: real blocks in a file beside it. A start that finds no room
// gives up a piece of it, so that acknowledged writes are recovered. It is filled up again when there is
// clearly more room than it needs, and until then the store takes no writes. One thread at a time.
#ifndef LIB_STORE_SQLITE_BALLAST_H
#define LIB_STORE_SQLITE_BALLAST_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/err.h"

enum {
    BALLAST_BYTES = 32 << 20,
    BALLAST_PIECE = 2 << 20,   // given up at once
    BALLAST_CLEARLY = 16 << 20 // must remain free after it is filled up
};

struct ballast {
    char *path; // STORE.ballast
    off_t held;
    bool given; // some of it is given up; the length of the file records that
};

// Reads what is there from the last run. Takes the path.
MUST_CHECK bool ballast_find(struct ballast *ballast, char *path, struct err *err);
void ballast_finish(struct ballast *ballast);
// Makes the first file when there is room; else the store runs without it.
void ballast_make(struct ballast *ballast);
// False when there is nothing to give up.
bool ballast_give(struct ballast *ballast);
// True when nothing is missing, or nothing is missing any more.
bool ballast_fill(struct ballast *ballast);

#endif
