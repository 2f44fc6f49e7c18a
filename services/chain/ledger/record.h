// What a block's Merkle tree is over: one record for each entry of the ledger. A record hides what it is of.
// Its lines, one for each posting, and its detail open one by one to who is given their blinds; the key of
// all blinds never leaves the ledger. Pure. docs/ledger.md says the same for who verifies.
//
// Layout, integers little-endian: u8 version 2, u8 kind, u64 number, u64 time_ms, detail[32], u16 count and
// lines[32].
#ifndef CHAIN_LEDGER_RECORD_H
#define CHAIN_LEDGER_RECORD_H

#include "lib/base/merkle.h"
#include "services/chain/ledger/accounts.h"

enum {
    LEDGER_RECORD_VERSION = 2,
    LEDGER_KEY_BYTES = 16,
    LEDGER_DETAIL = 65535, // the place of the detail's blind
    LEDGER_RECORD_BYTES_MAX = 1 + 1 + 8 + 8 + 32 + 2 + LEDGER_POSTINGS_MAX * 32,
};

// SHA-256("conse/ledger/blind/1", key, u16 place).
struct merkle_hash ledger_blind(const uint8_t key[LEDGER_KEY_BYTES], uint16_t place);
// SHA-256("conse/ledger/line/1", blind, account[32], u32 asset, i64 amount).
struct merkle_hash ledger_line(const struct merkle_hash *blind, const struct ledger_account *account,
                               uint32_t asset, int64_t amount);
// SHA-256("conse/ledger/detail/1", blind, body).
struct merkle_hash ledger_detail(const struct merkle_hash *blind, const void *body, size_t length);

struct ledger_record {
    uint8_t kind;
    uint64_t number; // of the entry, in the ledger
    uint64_t time_ms;
    struct merkle_hash detail;
    const struct merkle_hash *lines;
    size_t count; // at most LEDGER_POSTINGS_MAX
};
size_t ledger_record_encode(const struct ledger_record *record, uint8_t bytes[LEDGER_RECORD_BYTES_MAX]);

#endif
