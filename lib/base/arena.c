#include "lib/base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASAN 1
#endif
#endif
#ifdef ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum { ALIGN = 16, FIRST_BLOCK = 8 * 1024, KEEP_BLOCK = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size; // of bytes
    size_t used;
    _Alignas(ALIGN) unsigned char bytes[];
};

static void *allocator_alloc(void *data, size_t size) { return arena_alloc(data, size); }
static void allocator_free(void *data, void *pointer) { (void)data, (void)pointer; }

void arena_init(struct arena *arena, size_t cap_bytes)
{
    *arena = (struct arena){.cap_bytes = cap_bytes};
    arena->allocator = (ProtobufCAllocator){allocator_alloc, allocator_free, arena};
}

static void block_destroy(struct arena_block *block)
{
    UNPOISON(block->bytes, block->size);
    free(block);
}

static void free_after(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;
        block_destroy(block);
        block = next;
    }
}

void arena_finish(struct arena *arena)
{
    free_after(arena->blocks);
    arena->blocks = NULL;
}

void arena_reset(struct arena *arena)
{
    struct arena_block *kept = arena->blocks;
    if (kept) {
        free_after(kept->next);
        kept->next = NULL;
        if (kept->size > KEEP_BLOCK) {
            block_destroy(kept);
            kept = NULL;
        }
    }
    if (kept) {
        kept->used = 0;
        POISON(kept->bytes, kept->size);
    }
    arena->blocks = kept;
    arena->used_bytes = 0;
    arena->failed = false;
}

static bool arena_grow(struct arena *arena, size_t wanted)
{
    size_t size = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
    if (size > KEEP_BLOCK) size = KEEP_BLOCK;
    if (size < wanted) size = wanted;
    struct arena_block *block = malloc(sizeof *block + size);
    if (!block) return false;
    block->size = size;
    block->used = 0;
    block->next = arena->blocks;
    POISON(block->bytes, size);
    arena->blocks = block;
    return true;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size == 0) size = 1;
    if (arena->failed || size > arena->cap_bytes) return arena->failed = true, NULL;
    size_t rounded = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (arena->used_bytes + rounded > arena->cap_bytes) return arena->failed = true, NULL;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < rounded) {
        if (!arena_grow(arena, rounded)) return arena->failed = true, NULL;
        block = arena->blocks;
    }
    void *pointer = block->bytes + block->used;
    block->used += rounded;
    arena->used_bytes += rounded;
    UNPOISON(pointer, size);
    return memset(pointer, 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) return arena->failed = true, NULL;
    return arena_alloc(arena, count * size);
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    void *copy = arena_alloc(arena, size);
    if (copy && size) memcpy(copy, bytes, size);
    return copy;
}

char *arena_strn(struct arena *arena, const char *text, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);
    if (copy && len) memcpy(copy, text, len);
    return copy;
}

char *arena_str(struct arena *arena, const char *text) { return arena_strn(arena, text, strlen(text)); }

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = len < 0 ? NULL : arena_alloc(arena, (size_t)len + 1);
    if (text) vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}
