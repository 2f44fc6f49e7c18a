// The identity's certificates of the keys that sign the ledger's blocks, and what else is signed in its name.
// auth, which alone has the identity, is asked for them on a thread of its own; they are kept in memory.
#ifndef CHAIN_CERTIFIER_H
#define CHAIN_CERTIFIER_H

#include "lib/keys/certificate.h"

struct bus_keys;
struct certifier;

struct certifier_source {
    struct keyring *keys; // must be open for as long
    const char *auth;     // where auth is asked
    struct bus_keys *bus_keys;
};

MUST_CHECK bool certifier_start(struct certifier **certifier, const struct certifier_source *source,
                                struct err *err);
void certifier_stop(struct certifier *certifier); // NULL is fine

// False: there is none yet, or `certifier` is NULL. Never blocks.
bool certifier_get(struct certifier *certifier, const uint8_t public_key[PUBLIC_KEY],
                   uint8_t certificate[KEY_CERTIFICATE]);

#endif
