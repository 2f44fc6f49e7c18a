#include "services/gateway/proxy/chunks.h"

#include <stdbool.h>

enum { DIGITS_MOST = 15, EXTENSION_MOST = 256, TRAILERS_MOST = 4096 };

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_text(char c) { return c == '\t' || ((unsigned char)c >= 0x20 && c != 0x7f); }

static enum chunks_state chunks_when(bool holds, enum chunks_state next)
{
    return holds ? next : CHUNKS_BROKEN;
}

static enum chunks_state take_digit(struct chunks *chunks, char c)
{
    int digit = hex_digit(c);
    if (digit < 0 && chunks->state == CHUNKS_SIZE) return CHUNKS_BROKEN;
    if (digit < 0) {
        chunks->count = 0;
        return c == '\r' ? CHUNKS_SIZE_LF : chunks_when(c == ';', CHUNKS_EXTENSION);
    }
    if (chunks->state == CHUNKS_SIZE) chunks->left = chunks->count = 0;
    chunks->left = chunks->left << 4 | (unsigned)digit;
    return chunks_when(++chunks->count <= DIGITS_MOST, CHUNKS_DIGITS);
}

static enum chunks_state take_text(struct chunks *chunks, char c, unsigned most, enum chunks_state at_end)
{
    if (c == '\r') return at_end;
    return chunks_when(is_text(c) && ++chunks->count <= most, chunks->state);
}

// What is neither data nor behind the end.
static enum chunks_state take_one(struct chunks *chunks, char c)
{
    switch (chunks->state) {
    case CHUNKS_SIZE:
    case CHUNKS_DIGITS:
        return take_digit(chunks, c);
    case CHUNKS_EXTENSION:
        return take_text(chunks, c, EXTENSION_MOST, CHUNKS_SIZE_LF);
    case CHUNKS_SIZE_LF:
        chunks->count = 0;
        return chunks_when(c == '\n', chunks->left ? CHUNKS_DATA : CHUNKS_LINE);
    case CHUNKS_DATA_CR:
        return chunks_when(c == '\r', CHUNKS_DATA_LF);
    case CHUNKS_DATA_LF:
        return chunks_when(c == '\n', CHUNKS_SIZE);
    case CHUNKS_LINE:
        if (c == '\r') return CHUNKS_END_LF;
        return chunks_when(is_text(c) && ++chunks->count <= TRAILERS_MOST, CHUNKS_TRAILER);
    case CHUNKS_TRAILER:
        return take_text(chunks, c, TRAILERS_MOST, CHUNKS_TRAILER_LF);
    case CHUNKS_TRAILER_LF:
        return chunks_when(c == '\n', CHUNKS_LINE);
    case CHUNKS_END_LF:
        return chunks_when(c == '\n', CHUNKS_DONE);
    default:
        return CHUNKS_BROKEN;
    }
}

static bool is_over(const struct chunks *chunks)
{
    return chunks->state == CHUNKS_DONE || chunks->state == CHUNKS_BROKEN;
}

size_t chunks_take(struct chunks *chunks, const char *bytes, size_t len, struct chunks_run *run)
{
    size_t at = 0;
    *run = (struct chunks_run){bytes, 0};
    while (at < len && !is_over(chunks) && chunks->state != CHUNKS_DATA)
        chunks->state = take_one(chunks, bytes[at++]);
    if (at == len || is_over(chunks)) return at;
    run->bytes = bytes + at;
    run->len = len - at < chunks->left ? len - at : (size_t)chunks->left;
    chunks->left -= run->len;
    if (!chunks->left) chunks->state = CHUNKS_DATA_CR;
    return at + run->len;
}
