#include "tools/sbfld/bytes.h"

#include <stdlib.h>

static bool bytes_reserve(struct buffer *b, size_t size)
{
    if (b->failed || size > BUFFER_MAX_BYTES - b->size) return false;
    if (size <= b->capacity - b->size) return true;
    size_t capacity = (b->size + size) * 2;
    uint8_t *bytes = realloc(b->bytes, capacity);
    if (!bytes) return false;
    b->bytes = bytes;
    b->capacity = capacity;
    return true;
}

size_t buffer_append(struct buffer *b, const void *from, size_t size)
{
    size_t at = b->size;
    if (size == 0) return at;
    if (!bytes_reserve(b, size)) {
        b->failed = true;
        return at;
    }
    if (from)
        memcpy(b->bytes + at, from, size);
    else
        memset(b->bytes + at, 0, size);
    b->size += size;
    return at;
}

size_t buffer_append_string(struct buffer *b, const char *text)
{
    return buffer_append(b, text, strlen(text) + 1);
}

void buffer_align(struct buffer *b, size_t alignment)
{
    buffer_append(b, NULL, align_up(b->size, alignment) - b->size);
}

void buffer_finish(struct buffer *b)
{
    free(b->bytes);
    *b = (struct buffer){0};
}
