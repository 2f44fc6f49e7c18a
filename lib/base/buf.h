// A growing byte buffer with a maximum fixed at init. Overflow is sticky: appends are dropped and `failed`
// stays set.
#ifndef LIB_BASE_BUF_H
#define LIB_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *bytes; // always followed by a NUL, "" when empty
    size_t len;
    size_t size;
    size_t max;
    bool failed;
};

void buf_init(struct buf *buf, size_t max);
void buf_finish(struct buf *buf);
void buf_reset(struct buf *buf); // keeps the memory

void buf_append(struct buf *buf, const void *bytes, size_t len);
void buf_str(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_u64(struct buf *buf, uint64_t value);
void buf_i64(struct buf *buf, int64_t value);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Makes room for len more bytes at the end, which the caller fills; NULL when that passes the maximum. The
// bytes count as appended.
void *buf_room(struct buf *buf, size_t len);
// The bytes, which the caller frees; the buffer is empty afterwards.
char *buf_take(struct buf *buf, size_t *len);

#endif
