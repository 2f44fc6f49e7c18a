// Bump memory with a fixed cap, freed all at once: one per worker, reset after each request. It is also a
// protobuf-c allocator. Refusal is sticky: after it every allocation returns NULL and `failed` stays set
// until the reset. Not thread-safe. Freed and unused memory is poisoned under AddressSanitizer.
#ifndef LIB_BASE_ARENA_H
#define LIB_BASE_ARENA_H

#include <protobuf-c/protobuf-c.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
    ProtobufCAllocator allocator; // pass &arena->allocator to protobuf-c; its free does nothing
    struct arena_block *blocks;   // newest first
    size_t used_bytes;
    size_t cap_bytes;
    bool failed;
};

void arena_init(struct arena *arena, size_t cap_bytes);
void arena_finish(struct arena *arena);
// Forgets everything; keeps one block of at most 64 KiB for the next request.
void arena_reset(struct arena *arena);

// Zeroed, aligned for any type. NULL when the cap is reached.
void *arena_alloc(struct arena *arena, size_t size);
void *arena_array(struct arena *arena, size_t count, size_t size);
void *arena_copy(struct arena *arena, const void *bytes, size_t size);
char *arena_str(struct arena *arena, const char *text);
char *arena_strn(struct arena *arena, const char *text, size_t len);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define arena_new(arena, type) ((type *)arena_alloc(arena, sizeof(type)))

#endif
