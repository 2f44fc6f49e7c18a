// The wall clocks of the processes that told of themselves, and what they agree on: the middle one of them
// and ours. One thread at a time; the owner locks. All-zero is empty.
#ifndef LIB_REPLICA_CLOCKS_H
#define LIB_REPLICA_CLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/replica/statement.h"

enum { CLOCKS_MOST = 64, CLOCKS_LIVE_MS = 30000 };

struct clocks {
    struct {
        char id[STATEMENT_ID];
        int64_t ahead_ms, heard_ms; // of ours; monotonic
    } all[CLOCKS_MOST];
    size_t count;
};

// The process's clock is ahead of ours. The one that was silent for the longest gives room.
void clocks_hear(struct clocks *clocks, const char *id, int64_t ahead_ms, int64_t mono_ms);
// How far the agreed clock is ahead of ours. Of the two in the middle the one nearer to ours counts.
int64_t clocks_agreed_ms(const struct clocks *clocks, int64_t mono_ms);

#endif
