// P-256 keys, by OpenSSL.
#ifndef EVENTS_PUSH_P256_H
#define EVENTS_PUSH_P256_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { P256_PUBLIC = 65, P256_SECRET = 32 };

EVP_PKEY *p256_draw(void); // a new pair; NULL when it can't be made
// The pair whose secret number follows from the seed: the same for the same one.
EVP_PKEY *p256_derive(const uint8_t seed[32]);
// A public key from its uncompressed point; NULL when that is none of the curve.
EVP_PKEY *p256_public(const uint8_t point[P256_PUBLIC]);
bool p256_point(const EVP_PKEY *key, uint8_t point[P256_PUBLIC]);
// What both sides know of each other.
bool p256_agree(EVP_PKEY *own, EVP_PKEY *other, uint8_t shared[P256_SECRET]);
// ECDSA with SHA-256, as r and s side by side.
bool p256_sign(EVP_PKEY *key, const void *text, size_t len, uint8_t signature[64]);

#endif
