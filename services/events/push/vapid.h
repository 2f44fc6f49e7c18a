// Who we are to push services (RFC 8292): a P-256 key of the installation, and the token that it signs.
#ifndef EVENTS_PUSH_VAPID_H
#define EVENTS_PUSH_VAPID_H

#include <openssl/evp.h>

#include "lib/keys/keyring.h"

#define VAPID_KEY "vapid" // in the ring: its first key is meant, since browsers subscribe for one

enum { VAPID_TOKEN = 1024, VAPID_PUBLIC = 88 };

struct vapid {
    EVP_PKEY *key;
    char public_text[VAPID_PUBLIC]; // base64url, as browsers take it
};

MUST_CHECK bool vapid_open(struct vapid *vapid, struct keyring *keys, struct err *err);
void vapid_close(struct vapid *vapid); // also one that was not opened

// The value of the header Authorization for a push service's URL. contact: of the operator, a URL.
MUST_CHECK bool vapid_authorize(const struct vapid *vapid, const char *endpoint, const char *contact,
                                int64_t now_ms, char authorization[VAPID_TOKEN], struct err *err);

#endif
