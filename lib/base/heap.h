// The process's heap: set up for services, whose memory comes in waves, and given back to the system when a
// wave has passed. malloc keeps what lies between blocks that live on.
#ifndef LIB_BASE_HEAP_H
#define LIB_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEAP_PAUSE_MS = 5000 }; // between looks, the shortest

struct heap {
    int64_t next_ms, pause_ms; // monotonic; zero to begin with
};

void heap_init(void); // before threads start
// From one thread, every HEAP_PAUSE_MS: gives back what is not used when it is much. Takes milliseconds then,
// in which others wait for memory.
void heap_tend(struct heap *heap, int64_t now_ms);

#endif
