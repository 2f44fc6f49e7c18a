// A folder with an authority and the certificates that it signs, for tests.
#ifndef LIB_RPC_TLS_TESTING_AUTHORITY_H
#define LIB_RPC_TLS_TESTING_AUTHORITY_H

#include <gnutls/x509.h>
#include <stdint.h>

struct authority {
    const char *folder;
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t certificate;
};

// Writes ca.crt; the folder's name is borrowed.
void authority_open(struct authority *authority, const char *folder);
void authority_close(struct authority *authority);
// Writes FILE.crt and FILE.key of a program, which end so many seconds from now on.
void authority_sign(struct authority *authority, const char *file, const char *program, int64_t ends_in_s);

#endif
