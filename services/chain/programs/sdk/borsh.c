#include "services/chain/programs/sdk/borsh.h"

const uint8_t *borsh_read_bytes(struct borsh_reader *r, uint64_t size)
{
    if (r->failed || size > r->left) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *at = r->at;
    r->at += size;
    r->left -= size;
    return at;
}

static uint64_t read_little_endian(struct borsh_reader *r, unsigned size)
{
    const uint8_t *p = borsh_read_bytes(r, size);
    uint64_t value = 0;
    if (!p) return 0;
    for (unsigned i = size; i-- > 0;) value = value << 8 | p[i];
    return value;
}

uint8_t borsh_read_u8(struct borsh_reader *r) { return (uint8_t)read_little_endian(r, 1); }

bool borsh_read_bool(struct borsh_reader *r)
{
    uint8_t byte = borsh_read_u8(r);
    if (byte > 1) r->failed = true;
    return byte == 1;
}

uint16_t borsh_read_u16(struct borsh_reader *r) { return (uint16_t)read_little_endian(r, 2); }

uint32_t borsh_read_u32(struct borsh_reader *r) { return (uint32_t)read_little_endian(r, 4); }

uint64_t borsh_read_u64(struct borsh_reader *r) { return read_little_endian(r, 8); }

// Bytes of the UTF-8 sequence at p, 0 when it is none: overlong forms, surrogates and values over U+10FFFF
// are none.
static unsigned utf8_length(const uint8_t *p, uint64_t left)
{
    uint8_t lead = p[0], low = 0x80, high = 0xbf;
    if (lead < 0x80) return 1;
    if (lead < 0xc2 || lead > 0xf4) return 0;
    unsigned length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length > left) return 0;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
    if (p[1] < low || p[1] > high) return 0;
    for (unsigned i = 2; i < length; i++)
        if ((p[i] & 0xc0) != 0x80) return 0;
    return length;
}

static bool is_utf8(const uint8_t *text, uint64_t size)
{
    uint64_t step;
    for (uint64_t i = 0; i < size; i += step) {
        step = utf8_length(text + i, size - i);
        if (step == 0) return false;
    }
    return true;
}

bool borsh_read_string(struct borsh_reader *r, uint64_t max_bytes, struct slice *text)
{
    uint64_t size = borsh_read_u32(r);
    const uint8_t *bytes = size > max_bytes ? NULL : borsh_read_bytes(r, size);
    *text = (struct slice){bytes, size};
    if (!bytes || !is_utf8(bytes, size)) r->failed = true;
    return !r->failed;
}

bool borsh_finished(const struct borsh_reader *r) { return !r->failed && r->left == 0; }

// Room for size more bytes, NULL when there is none.
static uint8_t *writer_grow(struct borsh_writer *w, uint64_t size)
{
    if (w->failed || size > w->capacity - w->size) {
        w->failed = true;
        return NULL;
    }
    uint8_t *room = w->start + w->size;
    w->size += size;
    return room;
}

void borsh_write_u8(struct borsh_writer *w, uint8_t value)
{
    uint8_t *room = writer_grow(w, sizeof value);
    if (room) *room = value;
}

void borsh_write_u32(struct borsh_writer *w, uint32_t value)
{
    uint8_t *room = writer_grow(w, sizeof value);
    if (room) __builtin_memcpy(room, &value, sizeof value);
}

void borsh_write_u64(struct borsh_writer *w, uint64_t value)
{
    uint8_t *room = writer_grow(w, sizeof value);
    if (room) __builtin_memcpy(room, &value, sizeof value);
}

void borsh_write_pubkey(struct borsh_writer *w, const struct pubkey *key)
{
    uint8_t *room = writer_grow(w, sizeof *key);
    if (room) __builtin_memcpy(room, key, sizeof *key);
}

void borsh_write_string(struct borsh_writer *w, const struct slice *text)
{
    const uint8_t *from = text->start;
    borsh_write_u32(w, (uint32_t)text->size);
    uint8_t *room = writer_grow(w, text->size);
    for (uint64_t i = 0; room && i < text->size; i++) room[i] = from[i];
}
