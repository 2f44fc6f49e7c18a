// What a wallet gives back: only the permitted message with both signatures is taken. The input is the bytes
// themselves, or changes to bytes that are good.
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "services/chain/permit/testing/made.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

struct given {
    uint8_t bytes[2 * SOLANA_PACKET_MAX];
    size_t len;
};

// Each three bytes of the input put one byte into one place; what is left is added at the end.
static struct given change_good(const struct permit_bytes *good, const uint8_t *input, size_t len)
{
    struct given given = {.len = good->len};
    memcpy(given.bytes, good->bytes, good->len);
    size_t changes = len ? input[0] % 8 : 0;
    for (input++, len = len ? len - 1 : 0; changes && len >= 3; changes--, input += 3, len -= 3)
        given.bytes[(input[0] << 8 | input[1]) % good->len] = input[2];
    size_t more = len % 16;
    memcpy(given.bytes + given.len, input, more);
    given.len += more;
    return given;
}

static void judge_given(const struct made *made, const struct permit_bytes *good, const uint8_t *bytes,
                        size_t len)
{
    struct err err;
    if (permit_judge(&made->permit, bytes, len, &err)) {
        assert(len == good->len && memcmp(bytes, good->bytes, len) == 0);
        return;
    }
    assert(err_is(&err, MALFORMED) || err_is(&err, PERMIT_MISMATCH));
    assert(len != good->len || memcmp(bytes, good->bytes, len) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    static struct made made;
    static struct permit_bytes good;
    struct err err;
    if (sodium_init() < 0) return 0;
    if (!good.len) {
        made = made_terms();
        bool is_made = made_sign(&made, &err);
        good = made.permit;
        bool is_signed = solana_transaction_sign(good.bytes, good.len, &made.wallet, &err);
        assert(is_made && is_signed);
    }
    if (len && input[0] & 0x80) {
        struct given given = change_good(&good, input + 1, len - 1);
        judge_given(&made, &good, given.bytes, given.len);
    } else {
        judge_given(&made, &good, input, len);
    }
    return 0;
}
