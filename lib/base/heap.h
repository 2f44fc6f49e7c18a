// The process's heap. Services need memory in waves: it is set up for that at start, and given back to the
// system after a wave. Otherwise malloc keeps the memory between blocks that are still in use.
#ifndef LIB_BASE_HEAP_H
#define LIB_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEAP_PAUSE_MS = 5000 }; // the shortest pause between two looks

struct heap {
    int64_t next_ms;            // of the next look; times are monotonic, zero to begin with
    int64_t again_ms, pause_ms; // when much that is unused is tried again, if it was tried in vain
    size_t most;                // in use since memory was given back
};

void heap_init(void); // before threads start
// Called by one thread, every HEAP_PAUSE_MS: gives unused memory back when there is much of it, or when less
// is in use than was. That takes milliseconds, in which other threads wait for memory.
void heap_tend(struct heap *heap, int64_t now_ms);

#endif
