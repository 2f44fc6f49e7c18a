// The key that signs checkpoints. Without a master key it is the installation's identity, in a file that auth
// and events share. With one it is the events service's own: auth, which alone has the identity, certifies
// it, and the certificate is kept with it, so that events needs auth once. A key signs as soon as it is
// certified. Thread-safe.
#ifndef EVENTS_LIVE_SIGNER_H
#define EVENTS_LIVE_SIGNER_H

#include "lib/keys/certificate.h"

#define CHECKPOINT_KEY "checkpoint"

struct bus_keys;
struct signer;

struct signing {
    uint32_t number; // of the key, among those of its name
    bool own;        // then `certificate` goes with the signature
    uint8_t secret[64];
    uint8_t public_key[PUBLIC_KEY];
    uint8_t certificate[KEY_CERTIFICATE];
};

// Makes the key when there is none.
MUST_CHECK bool signer_open(struct signer **signer, struct keyring *ring, struct err *err);
void signer_close(struct signer *signer); // after signer_unfollow; NULL is fine

// Asks auth for the certificates that are missing, on a thread of its own; not when there is nothing to
// certify.
MUST_CHECK bool signer_follow(struct signer *signer, const char *auth, struct bus_keys *bus_keys,
                              struct err *err);
void signer_unfollow(struct signer *signer); // NULL is fine
void signer_wake(struct signer *signer);     // a key was rotated

// The key that needs a certificate; false when there is none.
bool signer_lacks(struct signer *signer, uint32_t *number, uint8_t public_key[PUBLIC_KEY]);
// Keeps the certificate that an identity gave. STORE_CORRUPT when it is not of this key.
MUST_CHECK bool signer_learn(struct signer *signer, uint32_t number, const uint8_t identity[PUBLIC_KEY],
                             const uint8_t certificate[KEY_CERTIFICATE], struct err *err);

// Copies the newest key that may sign; false until one is certified.
bool signer_get(struct signer *signer, struct signing *signing);

#endif
