// A client with TLS for the tests of the server, and the server's certificate.
#ifndef GATEWAY_HTTP_TESTING_SECURE_H
#define GATEWAY_HTTP_TESTING_SECURE_H

#include <gnutls/gnutls.h>

#include "services/gateway/http/testing/house.h"

struct secure {
    char folder[TEST_FOLDER_BYTES], cert[64], key[64];
    const char *priorities; // NULL: GnuTLS's own
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;
    int fd;
    char text[1000]; // read so far
    bool ended;      // by the server's word
};

// Gives the server a certificate.
static inline void secure_options(struct secure *secure, struct http_options *options)
{
    char command[400];
    test_folder_make(secure->folder);
    snprintf(secure->cert, sizeof secure->cert, "%s/cert.pem", secure->folder);
    snprintf(secure->key, sizeof secure->key, "%s/key.pem", secure->folder);
    snprintf(command, sizeof command,
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x "
             "-keyout %s -out %s 2>/dev/null",
             secure->key, secure->cert);
    assert_int_equal(system(command), 0);
    options->tls_cert = secure->cert;
    options->tls_key = secure->key;
}

static inline void secure_shake(struct secure *secure, struct house *house)
{
    int done = -1;
    HOUSE_UNTIL(house, done == 0 || (done = gnutls_handshake(secure->session)) == 0);
}

static inline void secure_connect(struct secure *secure, struct house *house)
{
    secure->fd = house_client(house, "127.0.0.1");
    gnutls_certificate_allocate_credentials(&secure->credentials);
    gnutls_init(&secure->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
    if (secure->priorities)
        assert_int_equal(gnutls_priority_set_direct(secure->session, secure->priorities, NULL), 0);
    else
        gnutls_set_default_priority(secure->session);
    gnutls_credentials_set(secure->session, GNUTLS_CRD_CERTIFICATE, secure->credentials);
    gnutls_transport_set_int(secure->session, secure->fd);
    secure_shake(secure, house);
}

// The kernel has room for it.
static inline void secure_send_bytes(struct secure *secure, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = gnutls_record_send(secure->session, bytes, len);
        assert_true(sent > 0);
        bytes += sent;
        len -= (size_t)sent;
    }
}

static inline void secure_send(struct secure *secure, const char *text)
{
    secure_send_bytes(secure, text, strlen(text));
}

// As recv, from one record.
static inline ssize_t secure_receive(struct secure *secure, void *bytes, size_t size)
{
    ssize_t got = gnutls_record_recv(secure->session, bytes, size);
    if (got < 0) errno = got == GNUTLS_E_AGAIN ? EAGAIN : ECONNRESET;
    return got < 0 ? -1 : got;
}

// Reads what is there; true when it has the wanted text.
static inline bool secure_read(struct secure *secure, const char *wanted)
{
    size_t len = strlen(secure->text);
    ssize_t got = secure_receive(secure, secure->text + len, sizeof secure->text - 1 - len);
    if (got > 0) secure->text[len + (size_t)got] = 0;
    if (got == 0) secure->ended = true;
    return strstr(secure->text, wanted) != NULL;
}

static inline void secure_leave(struct secure *secure) // without a word
{
    gnutls_deinit(secure->session);
    gnutls_certificate_free_credentials(secure->credentials);
    close(secure->fd);
}

static inline void secure_close(struct secure *secure)
{
    secure_leave(secure);
    test_folder_remove(secure->folder);
}

#endif
