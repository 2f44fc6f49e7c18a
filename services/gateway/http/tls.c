#include "services/gateway/http/tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>

const char tls_priorities[] = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

enum { MAX_CHAIN = 16, KEEP_MS = 60 * 1000 }; // by then handshakes with a replaced identity have ended

static bool tls_fail(struct err *err, const char *file, int fault)
{
    return err_fail(err, INVALID_FIELD, "%s: %s", file, gnutls_strerror(fault));
}

static bool load_chain(struct tls_identity *identity, const char *file, struct err *err)
{
    gnutls_datum_t pem;
    int fault = gnutls_load_file(file, &pem);
    if (fault < 0) return tls_fail(err, file, fault);
    unsigned length = MAX_CHAIN;
    fault = gnutls_pcert_list_import_x509_raw(identity->chain, &length, &pem, GNUTLS_X509_FMT_PEM,
                                              GNUTLS_X509_CRT_LIST_FAIL_IF_UNSORTED);
    gnutls_free(pem.data);
    if (fault < 0) return tls_fail(err, file, fault);
    identity->length = length;
    return true;
}

static bool find_end(struct tls_identity *identity, const char *file, struct err *err)
{
    gnutls_x509_crt_t certificate;
    int fault = gnutls_pcert_export_x509(&identity->chain[0], &certificate);
    if (fault < 0) return tls_fail(err, file, fault);
    identity->ends_s = gnutls_x509_crt_get_expiration_time(certificate);
    gnutls_x509_crt_deinit(certificate);
    return true;
}

static bool load_key(struct tls_identity *identity, const char *file, struct err *err)
{
    gnutls_datum_t pem;
    int fault = gnutls_load_file(file, &pem);
    if (fault < 0) return tls_fail(err, file, fault);
    fault = gnutls_privkey_init(&identity->key);
    if (fault >= 0) fault = gnutls_privkey_import_x509_raw(identity->key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_memset(pem.data, 0, pem.size);
    gnutls_free(pem.data);
    return fault >= 0 || tls_fail(err, file, fault);
}

// Both sides must have the same public key.
static bool check_pair(const struct tls_identity *identity, const char *file, struct err *err)
{
    unsigned char a[64], b[64];
    size_t a_len = sizeof a, b_len = sizeof b;
    gnutls_pubkey_t key;
    if (gnutls_pubkey_init(&key) < 0) return err_fail(err, INTERNAL_ERROR, "no memory");
    int fault = gnutls_pubkey_import_privkey(key, identity->key, 0, 0);
    if (fault >= 0) fault = gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, a, &a_len);
    if (fault >= 0)
        fault = gnutls_pubkey_get_key_id(identity->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256, b, &b_len);
    gnutls_pubkey_deinit(key);
    if (fault < 0) return tls_fail(err, file, fault);
    return (a_len == b_len && gnutls_memcmp(a, b, a_len) == 0) ||
           err_fail(err, INVALID_FIELD, "%s does not belong to the certificate", file);
}

bool tls_identity_load(struct tls_identity **out, const char *cert_file, const char *key_file,
                       struct err *err)
{
    struct tls_identity *identity = calloc(1, sizeof *identity);
    if (!identity) return err_fail(err, INTERNAL_ERROR, "no memory");
    identity->chain = calloc(MAX_CHAIN, sizeof *identity->chain);
    if (!identity->chain || !load_chain(identity, cert_file, err) || !find_end(identity, cert_file, err) ||
        !load_key(identity, key_file, err) || !check_pair(identity, key_file, err)) {
        tls_identity_destroy(identity);
        return false;
    }
    *out = identity;
    return true;
}

void tls_identity_destroy(struct tls_identity *identity)
{
    while (identity) {
        struct tls_identity *older = identity->older;
        for (unsigned i = 0; i < identity->length; i++) gnutls_pcert_deinit(&identity->chain[i]);
        if (identity->key) gnutls_privkey_deinit(identity->key);
        free(identity->chain);
        free(identity);
        identity = older;
    }
}

void tls_store_init(struct tls_store *store)
{
    pthread_mutex_init(&store->lock, NULL);
    store->newest = NULL;
}

void tls_store_finish(struct tls_store *store)
{
    tls_identity_destroy(store->newest);
    pthread_mutex_destroy(&store->lock);
}

void tls_store_replace(struct tls_store *store, struct tls_identity *identity, int64_t mono_ms)
{
    struct tls_identity **link = &identity->older;
    pthread_mutex_lock(&store->lock);
    identity->older = store->newest;
    if (identity->older) identity->older->replaced_ms = mono_ms;
    while (*link && mono_ms - (*link)->replaced_ms < KEEP_MS) link = &(*link)->older;
    tls_identity_destroy(*link);
    *link = NULL;
    store->newest = identity;
    pthread_mutex_unlock(&store->lock);
}

const struct tls_identity *tls_store_newest(struct tls_store *store)
{
    pthread_mutex_lock(&store->lock);
    const struct tls_identity *identity = store->newest;
    pthread_mutex_unlock(&store->lock);
    return identity;
}
