#include "lib/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char empty[1];

void buf_init(struct buf *buf, size_t max) { *buf = (struct buf){.bytes = empty, .max = max}; }

void buf_finish(struct buf *buf)
{
    if (buf->bytes != empty) free(buf->bytes);
    buf->bytes = empty;
    buf->len = buf->size = 0;
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->size) buf->bytes[0] = 0;
}

static bool buf_reserve(struct buf *buf, size_t more)
{
    if (buf->failed || more > buf->max - buf->len) return buf->failed = true, false;
    size_t need = buf->len + more + 1;
    if (need <= buf->size) return true;
    size_t size = buf->size ? buf->size : 128;
    while (size < need) size *= 2;
    char *bytes = realloc(buf->size ? buf->bytes : NULL, size);
    if (!bytes) return buf->failed = true, false;
    buf->bytes = bytes;
    buf->size = size;
    return true;
}

void *buf_room(struct buf *buf, size_t len)
{
    if (!buf_reserve(buf, len)) return NULL;
    char *room = buf->bytes + buf->len;
    buf->len += len;
    buf->bytes[buf->len] = 0;
    return room;
}

void buf_append(struct buf *buf, const void *bytes, size_t len)
{
    void *room = buf_room(buf, len);
    if (room && len) memcpy(room, bytes, len);
}

void buf_str(struct buf *buf, const char *text) { buf_append(buf, text, strlen(text)); }

void buf_char(struct buf *buf, char c) { buf_append(buf, &c, 1); }

void buf_u64(struct buf *buf, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do digits[--at] = (char)('0' + value % 10);
    while (value /= 10);
    buf_append(buf, digits + at, sizeof digits - at);
}

void buf_i64(struct buf *buf, int64_t value)
{
    if (value < 0) buf_char(buf, '-');
    buf_u64(buf, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *room = len < 0 ? NULL : buf_room(buf, (size_t)len);
    if (room) vsnprintf(room, (size_t)len + 1, format, again);
    va_end(again);
}

char *buf_take(struct buf *buf, size_t *len)
{
    *len = buf->len;
    char *bytes = buf->bytes == empty ? calloc(1, 1) : buf->bytes;
    *buf = (struct buf){.bytes = empty, .max = buf->max};
    return bytes;
}
