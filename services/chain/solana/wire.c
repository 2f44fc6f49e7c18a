#include "services/chain/solana/wire.h"

#include <string.h>

#include "lib/base/text.h"

enum { COMPACT_BYTES = 3, COMPACT_MAX = 0xffff };

struct solana_reader solana_reader(const void *bytes, size_t len)
{
    return (struct solana_reader){.at = bytes, .left = len};
}

const uint8_t *solana_read_bytes(struct solana_reader *r, size_t len)
{
    if (r->failed || len > r->left) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *bytes = r->at;
    r->at += len;
    r->left -= len;
    return bytes;
}

static uint64_t read_little_endian(struct solana_reader *r, size_t len)
{
    const uint8_t *bytes = solana_read_bytes(r, len);
    uint64_t value = 0;
    for (size_t i = len; bytes && i-- > 0;) value = value << 8 | bytes[i];
    return value;
}

uint8_t solana_read_u8(struct solana_reader *r) { return (uint8_t)read_little_endian(r, 1); }

uint16_t solana_read_u16(struct solana_reader *r) { return (uint16_t)read_little_endian(r, 2); }

uint32_t solana_read_u32(struct solana_reader *r) { return (uint32_t)read_little_endian(r, 4); }

uint64_t solana_read_u64(struct solana_reader *r) { return read_little_endian(r, 8); }

int64_t solana_read_i64(struct solana_reader *r) { return (int64_t)read_little_endian(r, 8); }

bool solana_read_bool(struct solana_reader *r)
{
    uint8_t value = solana_read_u8(r);
    if (value > 1) r->failed = true;
    return value == 1;
}

struct solana_key solana_read_key(struct solana_reader *r)
{
    struct solana_key key = {{0}};
    const uint8_t *bytes = solana_read_bytes(r, sizeof key.bytes);
    if (bytes) memcpy(key.bytes, bytes, sizeof key.bytes);
    return key;
}

void solana_read_string(struct solana_reader *r, char *out, size_t size)
{
    uint32_t len = solana_read_u32(r);
    const uint8_t *bytes = solana_read_bytes(r, len);
    out[0] = 0;
    if (!bytes || len >= size || !text_is_utf8((const char *)bytes, len)) {
        r->failed = true;
        return;
    }
    memcpy(out, bytes, len);
    out[len] = 0;
}

uint32_t solana_read_count(struct solana_reader *r, size_t item_bytes)
{
    uint32_t count = solana_read_u32(r);
    if (!r->failed && item_bytes && count > r->left / item_bytes) r->failed = true;
    return r->failed ? 0 : count;
}

uint16_t solana_read_compact(struct solana_reader *r)
{
    uint32_t value = 0;
    for (int i = 0; i < COMPACT_BYTES && !r->failed; i++) {
        uint8_t byte = solana_read_u8(r);
        value |= (uint32_t)(byte & 0x7f) << (7 * i);
        bool longer_than_needed = i > 0 && byte == 0;
        if (longer_than_needed || value > COMPACT_MAX) break;
        if (!(byte & 0x80)) return (uint16_t)(r->failed ? 0 : value);
    }
    r->failed = true;
    return 0;
}

bool solana_read_done(const struct solana_reader *r) { return !r->failed && r->left == 0; }

struct solana_writer solana_writer(void *bytes, size_t size)
{
    return (struct solana_writer){.bytes = bytes, .size = size};
}

void solana_write_bytes(struct solana_writer *w, const void *bytes, size_t len)
{
    if (w->failed || len > w->size - w->len) {
        w->failed = true;
        return;
    }
    if (len) memcpy(w->bytes + w->len, bytes, len);
    w->len += len;
}

static void write_little_endian(struct solana_writer *w, uint64_t value, size_t len)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < len; i++) bytes[i] = (uint8_t)(value >> (8 * i));
    solana_write_bytes(w, bytes, len);
}

void solana_write_u8(struct solana_writer *w, uint8_t value) { write_little_endian(w, value, 1); }

void solana_write_u16(struct solana_writer *w, uint16_t value) { write_little_endian(w, value, 2); }

void solana_write_u32(struct solana_writer *w, uint32_t value) { write_little_endian(w, value, 4); }

void solana_write_u64(struct solana_writer *w, uint64_t value) { write_little_endian(w, value, 8); }

void solana_write_i64(struct solana_writer *w, int64_t value) { write_little_endian(w, (uint64_t)value, 8); }

void solana_write_bool(struct solana_writer *w, bool value) { write_little_endian(w, value, 1); }

void solana_write_key(struct solana_writer *w, const struct solana_key *key)
{
    solana_write_bytes(w, key->bytes, sizeof key->bytes);
}

void solana_write_string(struct solana_writer *w, const char *text)
{
    size_t len = strlen(text);
    if (len > UINT32_MAX) w->failed = true;
    solana_write_u32(w, (uint32_t)len);
    solana_write_bytes(w, text, len);
}

void solana_write_compact(struct solana_writer *w, size_t value)
{
    if (value > COMPACT_MAX) w->failed = true;
    for (; value > 0x7f; value >>= 7) solana_write_u8(w, (uint8_t)(value | 0x80));
    solana_write_u8(w, (uint8_t)value);
}
