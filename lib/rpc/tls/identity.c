#include "lib/rpc/tls/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/private_file.h"

enum { FILE_MOST = 256 * 1024, CHAIN_MOST = 8, NAMES_SHOWN = 96 };

struct rpc_identity {
    gnutls_certificate_credentials_t credentials;
    int64_t ends_s;
    atomic_int holders;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; // guards the next
static struct rpc_identity *current;

static const char *const programs[] = {
    "conse-gateway", "conse-auth", "conse-events", "conse-chain", "conse-ai", "consectl", NULL};

void rpc_identity_name(char name[IDENTITY_NAME], const char *service)
{
    snprintf(name, IDENTITY_NAME, "conse-%s", service);
}

static bool is_program(const char *name)
{
    const char *const *program = programs;
    while (*program && strcmp(*program, name) != 0) program++;
    return *program != NULL;
}

// ---- Files

static bool read_pem(int fd, const char *path, gnutls_datum_t *pem, struct err *err)
{
    ssize_t len = 0, part = 1;
    pem->data = malloc(FILE_MOST);
    if (!pem->data) return err_fail(err, INTERNAL_ERROR, "out of memory");
    while (part > 0 && len < FILE_MOST) {
        part = read(fd, pem->data + len, (size_t)(FILE_MOST - len));
        if (part > 0) len += part;
    }
    if (part < 0) return err_errno(err, errno, path);
    pem->size = (unsigned)len;
    return len < FILE_MOST || err_fail(err, INVALID_FIELD, "%s is too long", path);
}

static bool load_pem(const char *path, bool secret, gnutls_datum_t *pem, struct err *err)
{
    *pem = (gnutls_datum_t){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_errno(err, errno, path);
    bool ok = (!secret || private_file_check(fd, path, err)) && read_pem(fd, path, pem, err);
    close(fd);
    return ok;
}

static void wipe_pem(gnutls_datum_t *pem)
{
    if (pem->data) gnutls_memset(pem->data, 0, pem->size);
    free(pem->data);
    *pem = (gnutls_datum_t){0};
}

struct files {
    char ca[PATH_MAX], certificate[PATH_MAX], key[PATH_MAX];
};

static bool take_ca(struct rpc_identity *identity, const char *path, struct err *err)
{
    gnutls_datum_t pem;
    bool ok = load_pem(path, false, &pem, err);
    int count =
        ok ? gnutls_certificate_set_x509_trust_mem(identity->credentials, &pem, GNUTLS_X509_FMT_PEM) : 1;
    wipe_pem(&pem);
    return ok && (count > 0 || err_fail(err, INVALID_FIELD, "%s: %s", path,
                                        count < 0 ? gnutls_strerror(count) : "it has no certificate"));
}

static bool take_pair(struct rpc_identity *identity, const struct files *files,
                      const gnutls_datum_t *certificate, struct err *err)
{
    gnutls_datum_t key;
    bool ok = load_pem(files->key, true, &key, err);
    int fault = ok ? gnutls_certificate_set_x509_key_mem2(identity->credentials, certificate, &key,
                                                          GNUTLS_X509_FMT_PEM, NULL, 0)
                   : 0;
    wipe_pem(&key);
    if (fault == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        return err_fail(err, INVALID_FIELD, "%s does not belong to %s", files->key, files->certificate);
    return ok && (fault >= 0 || err_fail(err, INVALID_FIELD, "%s: %s", files->key, gnutls_strerror(fault)));
}

// ---- Names

// The next DNS name of a certificate, from *at on.
static bool next_name(gnutls_x509_crt_t certificate, unsigned *at, char name[IDENTITY_NAME])
{
    for (;; (*at)++) {
        size_t size = IDENTITY_NAME - 1;
        int kind = gnutls_x509_crt_get_subject_alt_name(certificate, *at, name, &size, NULL);
        if (kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return false;
        if (kind != GNUTLS_SAN_DNSNAME || size >= IDENTITY_NAME) continue;
        name[size] = 0;
        (*at)++;
        if (strlen(name) == size) return true; // one with a zero inside is nobody's
    }
}

// Whether it names the program; "": any of ours.
static bool has_name(gnutls_x509_crt_t certificate, const char *expected)
{
    char name[IDENTITY_NAME];
    for (unsigned at = 0; next_name(certificate, &at, name);)
        if (*expected ? strcmp(name, expected) == 0 : is_program(name)) return true;
    return false;
}

static void list_names(gnutls_x509_crt_t certificate, char names[NAMES_SHOWN])
{
    char name[IDENTITY_NAME];
    size_t len = 0;
    snprintf(names, NAMES_SHOWN, "nobody");
    for (unsigned at = 0; len < NAMES_SHOWN && next_name(certificate, &at, name);)
        len += (size_t)snprintf(names + len, NAMES_SHOWN - len, "%s%s", len ? ", " : "", name);
    for (char *c = names; *c; c++)
        if (*c < ' ' || *c > '~') *c = '?';
}

static bool check_leaf(struct rpc_identity *identity, gnutls_x509_crt_t leaf, const char *path,
                       const char *program, struct err *err)
{
    char names[NAMES_SHOWN];
    identity->ends_s = gnutls_x509_crt_get_expiration_time(leaf);
    if (identity->ends_s <= time(NULL)) return err_fail(err, INVALID_FIELD, "%s has ended", path);
    if (has_name(leaf, program)) return true;
    list_names(leaf, names);
    return err_fail(err, INVALID_FIELD, "%s is of %s, not of %s (subjectAltName DNS:%s)", path, names,
                    program, program);
}

static bool check_own(struct rpc_identity *identity, const gnutls_datum_t *pem, const char *path,
                      const char *program, struct err *err)
{
    gnutls_x509_crt_t chain[CHAIN_MOST];
    unsigned count = CHAIN_MOST;
    int fault = gnutls_x509_crt_list_import(chain, &count, pem, GNUTLS_X509_FMT_PEM,
                                            GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED);
    if (fault < 0) return err_fail(err, INVALID_FIELD, "%s: %s", path, gnutls_strerror(fault));
    bool ok = (count > 0 || err_fail(err, INVALID_FIELD, "%s has no certificate", path)) &&
              check_leaf(identity, chain[0], path, program, err);
    for (unsigned i = 0; i < count; i++) gnutls_x509_crt_deinit(chain[i]);
    return ok;
}

// ---- Life

static bool identity_fill(struct rpc_identity *identity, const struct files *files, const char *program,
                          struct err *err)
{
    gnutls_datum_t certificate;
    if (gnutls_certificate_allocate_credentials(&identity->credentials) < 0)
        return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (!take_ca(identity, files->ca, err)) return false;
    bool ok = load_pem(files->certificate, false, &certificate, err) &&
              check_own(identity, &certificate, files->certificate, program, err) &&
              take_pair(identity, files, &certificate, err);
    wipe_pem(&certificate);
    return ok;
}

static void identity_replace(struct rpc_identity *identity)
{
    pthread_mutex_lock(&mutex);
    struct rpc_identity *older = current;
    current = identity;
    pthread_mutex_unlock(&mutex);
    rpc_identity_drop(older);
}

bool rpc_identity_load(const char *folder, const char *program, struct err *err)
{
    struct files files;
    int len = snprintf(files.ca, PATH_MAX, "%s/ca.crt", folder);
    int more = snprintf(files.certificate, PATH_MAX, "%s/%s.crt", folder, program);
    if (len >= PATH_MAX || more >= PATH_MAX)
        return err_fail(err, INVALID_FIELD, "the folder's path is too long");
    snprintf(files.key, PATH_MAX, "%s/%s.key", folder, program);
    struct rpc_identity *identity = calloc(1, sizeof *identity);
    if (!identity) return err_fail(err, INTERNAL_ERROR, "out of memory");
    atomic_store(&identity->holders, 1);
    if (!identity_fill(identity, &files, program, err)) return rpc_identity_drop(identity), false;
    identity_replace(identity);
    return true;
}

void rpc_identity_unload(void) { identity_replace(NULL); }

struct rpc_identity *rpc_identity_hold(void)
{
    pthread_mutex_lock(&mutex);
    struct rpc_identity *identity = current;
    if (identity) atomic_fetch_add(&identity->holders, 1);
    pthread_mutex_unlock(&mutex);
    return identity;
}

void rpc_identity_drop(struct rpc_identity *identity)
{
    if (!identity || atomic_fetch_sub(&identity->holders, 1) > 1) return;
    if (identity->credentials) gnutls_certificate_free_credentials(identity->credentials);
    free(identity);
}

int64_t rpc_identity_ends_s(void)
{
    struct rpc_identity *identity = rpc_identity_hold();
    int64_t ends_s = identity ? identity->ends_s : 0;
    rpc_identity_drop(identity);
    return ends_s;
}

bool rpc_identity_is_loaded(void) { return rpc_identity_ends_s() != 0; }

gnutls_certificate_credentials_t rpc_identity_credentials(const struct rpc_identity *identity)
{
    return identity->credentials;
}

// ---- Peers

static bool judge_chain(gnutls_session_t session, bool dialled, char why[IDENTITY_WHY])
{
    unsigned status = 0;
    gnutls_datum_t text = {0};
    const char *purpose = dialled ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT;
    gnutls_typed_vdata_st asked = {.type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)purpose};
    int fault = gnutls_certificate_verify_peers(session, &asked, 1, &status);
    if (fault < 0) return snprintf(why, IDENTITY_WHY, "%s", gnutls_strerror(fault)), false;
    if (status == 0) return true;
    snprintf(why, IDENTITY_WHY, "its certificate is not trusted");
    if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) < 0) return false;
    snprintf(why, IDENTITY_WHY, "%s", (const char *)text.data);
    gnutls_free(text.data);
    return false;
}

static bool judge_name(gnutls_x509_crt_t certificate, const char *expected, char why[IDENTITY_WHY])
{
    char names[NAMES_SHOWN];
    if (has_name(certificate, expected)) return true;
    list_names(certificate, names);
    snprintf(why, IDENTITY_WHY, "its certificate is of %s, not of %s", names,
             *expected ? expected : "a program of ours");
    return false;
}

bool rpc_identity_judge(gnutls_session_t session, const char *expected, char why[IDENTITY_WHY])
{
    unsigned count = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    gnutls_x509_crt_t leaf;
    if (!chain || !count) return snprintf(why, IDENTITY_WHY, "it has no certificate"), false;
    if (!judge_chain(session, *expected != 0, why)) return false;
    int fault = gnutls_x509_crt_init(&leaf);
    if (fault < 0) return snprintf(why, IDENTITY_WHY, "%s", gnutls_strerror(fault)), false;
    fault = gnutls_x509_crt_import(leaf, &chain[0], GNUTLS_X509_FMT_DER);
    bool ok = fault >= 0 && judge_name(leaf, expected, why);
    if (fault < 0) snprintf(why, IDENTITY_WHY, "%s", gnutls_strerror(fault));
    gnutls_x509_crt_deinit(leaf);
    return ok;
}
