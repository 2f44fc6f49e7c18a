// Bounded cursors over Solana's two encodings: Borsh (little-endian, u32 lengths) and compact-u16 lengths.
// Failure is sticky: after it reads give zeros, writes are dropped, and `failed` says so, so a caller checks
// once, at the end. Pure.
#ifndef CHAIN_SOLANA_WIRE_H
#define CHAIN_SOLANA_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/chain/solana/key.h"

struct solana_reader {
    const uint8_t *at;
    size_t left;
    bool failed;
};

struct solana_writer {
    uint8_t *bytes;
    size_t size;
    size_t len;
    bool failed;
};

// Borrows the bytes; what the read functions return points into them.
struct solana_reader solana_reader(const void *bytes, size_t len);
const uint8_t *solana_read_bytes(struct solana_reader *r, size_t len); // NULL once failed
uint8_t solana_read_u8(struct solana_reader *r);
uint16_t solana_read_u16(struct solana_reader *r);
uint32_t solana_read_u32(struct solana_reader *r);
uint64_t solana_read_u64(struct solana_reader *r);
int64_t solana_read_i64(struct solana_reader *r);
bool solana_read_bool(struct solana_reader *r); // also an option's tag; only 0 and 1 are taken
struct solana_key solana_read_key(struct solana_reader *r);
// A string of at most size - 1 bytes of UTF-8 without NUL.
void solana_read_string(struct solana_reader *r, char *out, size_t size);
// Number of items of a vector; the bytes left must be able to hold them.
uint32_t solana_read_count(struct solana_reader *r, size_t item_bytes);
// A compact-u16 in its shortest form, no other.
uint16_t solana_read_compact(struct solana_reader *r);
// Everything was read and nothing failed.
bool solana_read_done(const struct solana_reader *r);

struct solana_writer solana_writer(void *bytes, size_t size);
void solana_write_bytes(struct solana_writer *w, const void *bytes, size_t len);
void solana_write_u8(struct solana_writer *w, uint8_t value);
void solana_write_u16(struct solana_writer *w, uint16_t value);
void solana_write_u32(struct solana_writer *w, uint32_t value);
void solana_write_u64(struct solana_writer *w, uint64_t value);
void solana_write_i64(struct solana_writer *w, int64_t value);
void solana_write_bool(struct solana_writer *w, bool value);
void solana_write_key(struct solana_writer *w, const struct solana_key *key);
void solana_write_string(struct solana_writer *w, const char *text);
void solana_write_compact(struct solana_writer *w, size_t value); // fails over 65535

#endif
