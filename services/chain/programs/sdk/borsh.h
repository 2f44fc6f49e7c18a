#ifndef CHAIN_PROGRAMS_SDK_BORSH_H
#define CHAIN_PROGRAMS_SDK_BORSH_H

// Borsh with bounds. A reader or writer that meets a bound stays failed, gives zeros and writes nothing more;
// check it once at the end. Values that were read borrow the input.

#include "services/chain/programs/sdk/abi.h"

struct borsh_reader {
    const uint8_t *at;
    uint64_t left;
    bool failed;
};

struct borsh_writer {
    uint8_t *start;
    uint64_t size, capacity;
    bool failed;
};

const uint8_t *borsh_read_bytes(struct borsh_reader *, uint64_t size); // NULL when there are fewer
uint8_t borsh_read_u8(struct borsh_reader *);
bool borsh_read_bool(struct borsh_reader *); // a byte other than 0 and 1 fails
uint16_t borsh_read_u16(struct borsh_reader *);
uint32_t borsh_read_u32(struct borsh_reader *);
uint64_t borsh_read_u64(struct borsh_reader *);
bool borsh_read_string(struct borsh_reader *, uint64_t max_bytes,
                       struct slice *);           // false: too long or not UTF-8
bool borsh_finished(const struct borsh_reader *); // nothing failed, nothing left

void borsh_write_u8(struct borsh_writer *, uint8_t);
void borsh_write_u32(struct borsh_writer *, uint32_t);
void borsh_write_u64(struct borsh_writer *, uint64_t);
void borsh_write_pubkey(struct borsh_writer *, const struct pubkey *);
void borsh_write_string(struct borsh_writer *, const struct slice *);

#endif
