// Base58 in the Bitcoin alphabet, in which Solana writes keys, signatures and hashes. Pure; for short values
// (the cost is quadratic).
#ifndef LIB_BASE_BASE58_H
#define LIB_BASE_BASE58_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BASE58_MAX_BYTES = 128, BASE58_KEY_TEXT = 45, BASE58_SIGNATURE_TEXT = 89 }; // sizes with the NUL

// False when len is over BASE58_MAX_BYTES or out (with its NUL) too small.
bool base58_encode(char *out, size_t size, const uint8_t *bytes, size_t len);
// Decodes to exactly len bytes, else returns false: each value has one text and one length.
bool base58_decode(uint8_t *out, size_t len, const char *text);

#endif
