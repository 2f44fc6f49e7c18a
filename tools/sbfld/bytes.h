#ifndef SBFLD_BYTES_H
#define SBFLD_BYTES_H

// Little-endian numbers at any address, and a buffer that grows up to a maximum.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t bytes_get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline void bytes_put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (8 * i));
}

static inline uint64_t bytes_get_u64(const uint8_t *at)
{
    return bytes_get_u32(at) | (uint64_t)bytes_get_u32(at + 4) << 32;
}

static inline void bytes_put_u64(uint8_t *at, uint64_t value)
{
    bytes_put_u32(at, (uint32_t)value);
    bytes_put_u32(at + 4, (uint32_t)(value >> 32));
}

static inline uint64_t align_up(uint64_t value, uint64_t alignment)
{
    return (value + alignment - 1) / alignment * alignment;
}

enum { BUFFER_MAX_BYTES = 64 << 20 };

struct buffer {
    uint8_t *bytes;
    size_t size, capacity;
    bool failed; // out of memory or above the maximum; sticky
};

// The offset of the appended bytes. NULL appends zeros.
size_t buffer_append(struct buffer *, const void *from, size_t size);
size_t buffer_append_string(struct buffer *, const char *); // with its NUL
void buffer_align(struct buffer *, size_t alignment);
void buffer_finish(struct buffer *);

#endif
