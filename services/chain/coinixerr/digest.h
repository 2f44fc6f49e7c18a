// Addresses and hashes as the coiniXerr protocol has them: what is left of an encoded Argon2i hash (version
// 19, 4096 KiB, 3 passes, one lane, 32 bytes) without its first 27 characters. One takes 4 MiB and some
// milliseconds. Pure, thread-safe.
#ifndef CHAIN_COINIXERR_DIGEST_H
#define CHAIN_COINIXERR_DIGEST_H

#include "services/chain/coinixerr/coinixerr.h"

enum { COINIXERR_SALT_BYTES = 68 };

// A digest shows the salt that it was made with, so a salt is no secret.
struct coinixerr_salt {
    uint8_t bytes[COINIXERR_SALT_BYTES];
};

// An installation's own, by what it is for ("address", "hash"): of a secret, which it does not show.
struct coinixerr_salt coinixerr_salt_of(const uint8_t secret[32], const char *purpose);
bool coinixerr_has_salt(const struct coinixerr_digest *digest, const struct coinixerr_salt *salt);

// False without memory.
bool coinixerr_digest_make(struct coinixerr_digest *digest, const struct coinixerr_salt *salt,
                           const void *bytes, size_t length);
// Whether it is of these bytes, with the salt that it shows; false also without memory.
bool coinixerr_digest_fits(const struct coinixerr_digest *digest, const void *bytes, size_t length);

#endif
