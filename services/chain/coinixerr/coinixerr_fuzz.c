#include "services/chain/coinixerr/coinixerr.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void expect(bool holds)
{
    if (!holds) abort();
}

// Canonical: what decodes encodes to the same bytes, and its text stays within its bound. Half the inputs are
// laid over a good request.
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct coinixerr_transaction transaction = {.to.text = "1$", .has_signature = true};
    uint8_t message[COINIXERR_MESSAGE_MAX];
    uint8_t again[COINIXERR_BYTES_MAX];
    char text[COINIXERR_TEXT_MAX];
    size_t length = size < sizeof(message) ? size : sizeof(message);

    memcpy(message, bytes, length);
    if (size && bytes[size - 1] & 1) {
        memset(transaction.to.text + 2, 'A', COINIXERR_DIGEST_CHARS - 2);
        transaction.to.text[93] = '$';
        transaction.from = transaction.to;
        length = coinixerr_encode(&transaction, message);
        expect(length > 0);
        for (size_t i = 0; i + 1 < size; i += 2) message[bytes[i] * 2 % length] ^= bytes[i + 1];
    }
    if (coinixerr_decode(&transaction, message, length)) {
        expect(coinixerr_encode(&transaction, again) == length);
        expect(memcmp(again, message, length) == 0);
        expect(coinixerr_signed_text(&transaction, text) < sizeof(text));
    }
    return 0;
}
