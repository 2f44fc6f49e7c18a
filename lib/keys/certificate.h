// The certificate of a key with which a service signs in the installation's name: the identity's signature
// over the key, and over what it may sign. Pure.
#ifndef LIB_KEYS_CERTIFICATE_H
#define LIB_KEYS_CERTIFICATE_H

#include <stdbool.h>

#include "lib/keys/keyring.h"

enum { PUBLIC_KEY = 32 };

enum certificate_use {
    CERTIFIES_CHECKPOINTS, // of events: "conse/checkpoint-key/1"
    CERTIFIES_LEDGER,      // blocks and whitelists: "conse/ledger-key/1"
};

void signing_public(const uint8_t seed[KEY_BYTES], uint8_t public_key[PUBLIC_KEY]);

// Ed25519 over the use's word || public_key; seed is the identity's.
void certificate_make(const uint8_t seed[KEY_BYTES], enum certificate_use use,
                      const uint8_t public_key[PUBLIC_KEY], uint8_t certificate[KEY_CERTIFICATE]);
// identity is the identity's public key.
bool certificate_check(const uint8_t identity[PUBLIC_KEY], enum certificate_use use,
                       const uint8_t public_key[PUBLIC_KEY], const uint8_t certificate[KEY_CERTIFICATE]);

#endif
