// A text that decodes to 32 or 64 bytes is the text that encoding gives back.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/base58.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void round_trip(const char *text, size_t len)
{
    uint8_t value[64];
    char again[BASE58_SIGNATURE_TEXT];
    if (!base58_decode(value, len, text)) return;
    assert(base58_encode(again, sizeof again, value, len));
    assert(strcmp(again, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *text = malloc(len + 1);
    memcpy(text, bytes, len);
    text[len] = 0;
    round_trip(text, 32);
    round_trip(text, 64);
    if (len <= BASE58_MAX_BYTES) {
        char encoded[2 * BASE58_MAX_BYTES];
        uint8_t back[BASE58_MAX_BYTES];
        assert(base58_encode(encoded, sizeof encoded, bytes, len));
        assert(base58_decode(back, len, encoded) && memcmp(back, bytes, len) == 0);
    }
    free(text);
    return 0;
}
