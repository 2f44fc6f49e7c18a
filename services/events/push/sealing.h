// What a browser alone can read (RFC 8291, by the coding aes128gcm of RFC 8188). All messages have one
// length.
#ifndef EVENTS_PUSH_SEALING_H
#define EVENTS_PUSH_SEALING_H

#include "lib/base/err.h"
#include "services/events/push/p256.h"

// TEXT: of what is said, with one byte for its end, filled with zeros.
enum {
    SEALING_AUTH = 16,
    SEALING_TEXT = 128,
    SEALING_HEAD = 16 + 4 + 1 + P256_PUBLIC,
    SEALED = SEALING_HEAD + SEALING_TEXT + 16
};

struct sealing_to {
    uint8_t point[P256_PUBLIC]; // the browser's public key,
    uint8_t auth[SEALING_AUTH]; // and what it shares with us
};

// A new key and salt each time. text: at most SEALING_TEXT - 1 bytes.
MUST_CHECK bool sealing_close(const struct sealing_to *to, const void *text, size_t len,
                              uint8_t sealed[SEALED], struct err *err);

#endif
