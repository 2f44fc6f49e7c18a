#include "lib/rpc/tls/testing/authority.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { DAY_S = 86400 };

static void need(int fault)
{
    if (fault >= 0) return;
    fprintf(stderr, "authority: %s\n", gnutls_strerror(fault));
    abort();
}

static void file_write(const char *folder, const char *name, const char *suffix, gnutls_datum_t *pem)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s.%s", folder, name, suffix);
    FILE *file = fopen(path, "w");
    if (!file || fwrite(pem->data, 1, pem->size, file) != pem->size || fclose(file) != 0) abort();
    if (chmod(path, 0600) != 0) abort();
    gnutls_free(pem->data);
}

static gnutls_x509_privkey_t key_make(void)
{
    gnutls_x509_privkey_t key;
    need(gnutls_x509_privkey_init(&key));
    need(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
                                      0));
    return key;
}

static gnutls_x509_crt_t certificate_make(gnutls_x509_privkey_t key, const char *name, int64_t ends_in_s)
{
    static unsigned char serial[] = {1, 0};
    gnutls_x509_crt_t made;
    serial[1]++;
    need(gnutls_x509_crt_init(&made));
    need(gnutls_x509_crt_set_version(made, 3));
    need(gnutls_x509_crt_set_serial(made, serial, sizeof serial));
    need(gnutls_x509_crt_set_activation_time(made, time(NULL) - 2 * DAY_S));
    need(gnutls_x509_crt_set_expiration_time(made, time(NULL) + ends_in_s));
    need(gnutls_x509_crt_set_dn_by_oid(made, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned)strlen(name)));
    need(gnutls_x509_crt_set_key(made, key));
    return made;
}

static void certificate_write(struct authority *authority, gnutls_x509_crt_t made, const char *file)
{
    gnutls_datum_t pem;
    need(gnutls_x509_crt_sign2(made, authority->certificate, authority->key, GNUTLS_DIG_SHA256, 0));
    need(gnutls_x509_crt_export2(made, GNUTLS_X509_FMT_PEM, &pem));
    file_write(authority->folder, file, "crt", &pem);
}

void authority_open(struct authority *authority, const char *folder)
{
    authority->folder = folder;
    authority->key = key_make();
    authority->certificate = certificate_make(authority->key, "authority", DAY_S);
    need(gnutls_x509_crt_set_basic_constraints(authority->certificate, 1, 0));
    need(gnutls_x509_crt_set_key_usage(authority->certificate, GNUTLS_KEY_KEY_CERT_SIGN));
    certificate_write(authority, authority->certificate, "ca");
}

void authority_close(struct authority *authority)
{
    gnutls_x509_crt_deinit(authority->certificate);
    gnutls_x509_privkey_deinit(authority->key);
}

void authority_sign(struct authority *authority, const char *file, const char *program, int64_t ends_in_s)
{
    gnutls_datum_t pem;
    gnutls_x509_privkey_t key = key_make();
    gnutls_x509_crt_t made = certificate_make(key, program, ends_in_s);
    need(gnutls_x509_crt_set_subject_alt_name(made, GNUTLS_SAN_DNSNAME, program, (unsigned)strlen(program),
                                              GNUTLS_FSAN_SET));
    certificate_write(authority, made, file);
    need(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem));
    file_write(authority->folder, file, "key", &pem);
    gnutls_x509_crt_deinit(made);
    gnutls_x509_privkey_deinit(key);
}
