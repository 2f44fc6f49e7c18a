// A certificate chain with its private key, read from PEM files and kept for the handshakes that began with
// it.
#ifndef GATEWAY_HTTP_TLS_H
#define GATEWAY_HTTP_TLS_H

#include <gnutls/abstract.h>

#include <pthread.h>

#include "lib/base/err.h"

// Protocol versions and ciphers, as GnuTLS names them.
extern const char tls_priorities[];

struct tls_identity {
    gnutls_pcert_st *chain;
    unsigned length;
    gnutls_privkey_t key;
    int64_t ends_s;      // the certificate, since 1970
    int64_t replaced_ms; // when a newer one took over
    struct tls_identity *older;
};

// Refuses a key that does not belong to the certificate.
MUST_CHECK bool tls_identity_load(struct tls_identity **identity, const char *cert_file, const char *key_file,
                                  struct err *err);
void tls_identity_destroy(struct tls_identity *identity); // with all older ones; NULL is fine

// The identity in use, which any thread may replace. Handshakes that began with an older one keep using it
// for a while.
struct tls_store {
    pthread_mutex_t lock;
    struct tls_identity *newest;
};

void tls_store_init(struct tls_store *store);
void tls_store_finish(struct tls_store *store);
void tls_store_replace(struct tls_store *store, struct tls_identity *identity, int64_t mono_ms); // takes it
const struct tls_identity *tls_store_newest(struct tls_store *store);                            // NULL: none

#endif
