#include "lib/base/heap.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

enum {
    ARENAS = 2,               // more would cost each idle service memory that its few threads never need
    LARGE_BYTES = 256 * 1024, // mapped one by one, and gone when they are freed
    SLACK_BYTES = 16 * 1024 * 1024, // that may lie unused while it is needed again and again
    WAVE_BYTES = 2 * 1024 * 1024,   // of which so much less is in use than was has passed
    LONGEST_PAUSE_MS = 10 * 60 * 1000,
};

void heap_init(void)
{
    mallopt(M_ARENA_MAX, ARENAS);
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES); // glibc would raise it with the first large block that is freed
}

// Memory of the process that is no file's; 0 when it is not known.
static size_t anonymous_bytes(void)
{
    size_t all, resident, shared;
    FILE *file = fopen("/proc/self/statm", "re");
    int count = file ? fscanf(file, "%zu %zu %zu", &all, &resident, &shared) : 0;
    if (file) fclose(file);
    return count == 3 && resident > shared ? (resident - shared) * (size_t)sysconf(_SC_PAGESIZE) : 0;
}

struct use {
    size_t used;   // of blocks that are not mapped one by one
    size_t unused; // at least, and resident: not all of what is mapped need be touched
};

static struct use heap_look(void)
{
    struct mallinfo2 info = mallinfo2();
    size_t needed = info.uordblks + info.hblkhd, resident = anonymous_bytes();
    return (struct use){info.uordblks, resident > needed ? resident - needed : 0};
}

// The most that was used since memory was given back last is above what is used now.
static bool wave_has_passed(struct heap *heap, const struct use *use)
{
    if (use->used > heap->most) heap->most = use->used;
    return heap->most - use->used > WAVE_BYTES;
}

// The rest is not the heap's, or lies in pieces: trying again soon is useless.
static void put_off(struct heap *heap, bool helped, int64_t now_ms)
{
    bool first = heap->pause_ms < HEAP_PAUSE_MS;
    heap->pause_ms = helped || first ? HEAP_PAUSE_MS : heap->pause_ms * 2;
    if (heap->pause_ms > LONGEST_PAUSE_MS) heap->pause_ms = LONGEST_PAUSE_MS;
    heap->again_ms = now_ms + heap->pause_ms;
}

void heap_tend(struct heap *heap, int64_t now_ms)
{
    if (now_ms < heap->next_ms) return;
    heap->next_ms = now_ms + HEAP_PAUSE_MS;
    const struct use use = heap_look();
    bool passed = wave_has_passed(heap, &use), much = use.unused > SLACK_BYTES && now_ms >= heap->again_ms;
    if (!much && !passed) return;
    malloc_trim(0);
    heap->most = use.used;
    if (much) put_off(heap, heap_look().unused <= use.unused / 2, now_ms);
}
