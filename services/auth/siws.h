// Sign-In With Solana: the message that a wallet signs, and the check of the reply. Pure.
#ifndef AUTH_SIWS_H
#define AUTH_SIWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIWS_MESSAGE_MAX = 1024, SIWS_NONCE_LEN = 22 };

struct siws {
    const char *domain;  // "play.example.org"
    const char *uri;     // "https://play.example.org"
    const char *address; // base58
    const char *nonce;   // letters and digits
    int64_t issued_ms, expires_ms;
};

// False when a part has a line break or another control character, or the message would be too long.
bool siws_message(char out[SIWS_MESSAGE_MAX], const struct siws *parts);

enum siws_verdict { SIWS_OK, SIWS_MESSAGE_DIFFERS, SIWS_EXPIRED, SIWS_BAD_SIGNATURE };

// issued is the message that the server made for this address; message and signature came back. The message
// is compared byte by byte, never parsed: a parser can be led to read another address or time than the wallet
// showed.
enum siws_verdict siws_verify(const char *issued, const char *address, int64_t expires_ms,
                              const char *message, const uint8_t signature[64], int64_t now_ms);

#endif
