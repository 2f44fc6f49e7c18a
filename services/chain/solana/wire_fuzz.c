// The input is a program of reads, each by one byte, over the rest of the input: nothing may be read out of
// bounds, failure must stick, and a value that was read must be written back to the bytes it came from.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/chain/solana/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { TEXT = 32 };

// Reads one value of the kind and writes it again.
static void step(struct solana_reader *r, struct solana_writer *w, uint8_t kind)
{
    char text[TEXT];
    struct solana_key key;
    switch (kind % 9) {
    case 0:
        solana_write_u8(w, solana_read_u8(r));
        break;
    case 1:
        solana_write_u16(w, solana_read_u16(r));
        break;
    case 2:
        solana_write_u32(w, solana_read_u32(r));
        break;
    case 3:
        solana_write_u64(w, solana_read_u64(r));
        break;
    case 4:
        solana_write_i64(w, solana_read_i64(r));
        break;
    case 5:
        solana_write_bool(w, solana_read_bool(r));
        break;
    case 6:
        solana_write_compact(w, solana_read_compact(r));
        break;
    case 7:
        solana_read_string(r, text, sizeof text);
        assert(strlen(text) < sizeof text);
        solana_write_string(w, text);
        break;
    default:
        key = solana_read_key(r);
        solana_write_key(w, &key);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0 || bytes[0] > len - 1) return 0;
    const uint8_t *body = bytes + 1 + bytes[0];
    size_t body_len = len - 1 - bytes[0];
    struct solana_reader r = solana_reader(body, body_len);
    uint8_t *out = malloc(len + 64);
    struct solana_writer w = solana_writer(out, len + 64);
    size_t good = 0;
    for (size_t i = 0; i < bytes[0]; i++) {
        bool failed = r.failed;
        step(&r, &w, bytes[1 + i]);
        assert(!failed || r.failed);
        if (r.failed) break;
        good = body_len - r.left;
        assert(!w.failed && w.len == good);
    }
    assert(memcmp(out, body, good) == 0);
    uint32_t count = solana_read_count(&r, 8);
    assert(count <= r.left / 8);
    free(out);
    return 0;
}
