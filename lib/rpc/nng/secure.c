#include "lib/rpc/nng/secure.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <nng/supplemental/tls/engine.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/rpc/tls/identity.h"

static const char priorities[] = "SECURE128:-VERS-ALL:+VERS-TLS1.3";
static const uint8_t sp[] = {0, 'S', 'P', 0}; // how NNG begins without TLS

enum {
    FLIGHT_BYTES = 8192,  // of what a side says at once in a handshake
    RECORD_BYTES = 16000, // with its head and tag it fits into NNG's buffer of 16 KB
    COMPLAIN_MS = 5000,   // between two equal lines of the log
    COMPLAINTS = 16,
};

struct nng_tls_engine_config {
    bool listens;
    char expected[IDENTITY_NAME]; // whom a dialer dials
};

struct nng_tls_engine_conn { // zeros until it begins
    void *stream;            // NNG's
    struct rpc_identity *identity;
    gnutls_session_t session;
    bool listens, judged, done, failed;
    char expected[IDENTITY_NAME], why[IDENTITY_WHY];
    uint8_t head[sizeof sp];
    size_t head_len, unsent; // unsent: of the record that GnuTLS holds
    uint8_t flight[FLIGHT_BYTES];
    size_t flight_len;
};

// ---- Log

static struct complaint {
    int64_t at_ms; // monotonic; 0: none
    char line[IDENTITY_NAME + IDENTITY_WHY];
} complaints[COMPLAINTS];
static size_t next_complaint;
static pthread_mutex_t complaints_mutex = PTHREAD_MUTEX_INITIALIZER; // guards both

static bool is_known(const char *line, int64_t now_ms)
{
    for (size_t i = 0; i < COMPLAINTS; i++)
        if (complaints[i].at_ms && now_ms - complaints[i].at_ms < COMPLAIN_MS &&
            strcmp(complaints[i].line, line) == 0)
            return true;
    return false;
}

// Who is refused comes again at once, and again.
static bool is_new(const char *line)
{
    int64_t now_ms = clock_mono_ms();
    pthread_mutex_lock(&complaints_mutex);
    bool is = !is_known(line, now_ms);
    if (is) {
        struct complaint *complaint = &complaints[next_complaint++ % COMPLAINTS];
        complaint->at_ms = now_ms;
        snprintf(complaint->line, sizeof complaint->line, "%s", line);
    }
    pthread_mutex_unlock(&complaints_mutex);
    return is;
}

static void conn_complain(const struct nng_tls_engine_conn *conn)
{
    char line[sizeof complaints->line];
    snprintf(line, sizeof line, "%s%s", conn->expected, conn->why);
    if (!is_new(line)) return;
    if (conn->listens)
        log_warn("a caller's TLS fails", F_STR("because", conn->why));
    else
        log_warn("TLS with a service fails", F_STR("service", conn->expected), F_STR("because", conn->why));
}

static void conn_explain(struct nng_tls_engine_conn *conn, int fault)
{
    if (conn->why[0]) return;
    if (conn->head_len == sizeof sp && memcmp(conn->head, sp, sizeof sp) == 0)
        snprintf(conn->why, sizeof conn->why, "it speaks tcp:// without TLS");
    else if (fault == GNUTLS_E_FATAL_ALERT_RECEIVED)
        snprintf(conn->why, sizeof conn->why, "it refuses us: %s",
                 gnutls_alert_get_name(gnutls_alert_get(conn->session)));
    else if (fault == GNUTLS_E_CERTIFICATE_REQUIRED || fault == GNUTLS_E_NO_CERTIFICATE_FOUND)
        snprintf(conn->why, sizeof conn->why, "it has no certificate");
    else
        snprintf(conn->why, sizeof conn->why, "%s", gnutls_strerror(fault));
}

static int conn_fail(struct nng_tls_engine_conn *conn, int fault)
{
    conn->failed = true;
    conn_explain(conn, fault);
    conn_complain(conn);
    return NNG_EPEERAUTH; // of all errors the one after which NNG's listener goes on at once
}

// ---- Between GnuTLS and NNG

// What is left stays for the next time.
static void flight_send(struct nng_tls_engine_conn *conn)
{
    size_t len = conn->flight_len;
    if (!len || nng_tls_engine_send(conn->stream, conn->flight, &len) != 0) return;
    conn->flight_len -= len;
    memmove(conn->flight, conn->flight + len, conn->flight_len);
}

static ssize_t flight_add(struct nng_tls_engine_conn *conn, const void *bytes, size_t len)
{
    if (conn->flight_len == FLIGHT_BYTES) flight_send(conn);
    size_t room = FLIGHT_BYTES - conn->flight_len;
    if (!room) return gnutls_transport_set_errno(conn->session, EAGAIN), -1;
    if (len > room) len = room;
    memcpy(conn->flight + conn->flight_len, bytes, len);
    conn->flight_len += len;
    return (ssize_t)len;
}

// What a side says at once in a handshake is written at once: a second write to who has left would be EPIPE,
// which NNG 1.5.2 takes for a close of the listener.
static ssize_t stream_push(gnutls_transport_ptr_t arg, const void *bytes, size_t len)
{
    struct nng_tls_engine_conn *conn = arg;
    if (!conn->done || conn->flight_len) return flight_add(conn, bytes, len);
    int rv = nng_tls_engine_send(conn->stream, bytes, &len);
    if (rv == 0) return (ssize_t)len;
    gnutls_transport_set_errno(conn->session, rv == NNG_EAGAIN ? EAGAIN : EIO);
    return -1;
}

static ssize_t stream_pull(gnutls_transport_ptr_t arg, void *bytes, size_t len)
{
    struct nng_tls_engine_conn *conn = arg;
    int rv = nng_tls_engine_recv(conn->stream, bytes, &len);
    if (rv) {
        gnutls_transport_set_errno(conn->session, rv == NNG_EAGAIN ? EAGAIN : EIO);
        return -1;
    }
    for (size_t i = 0; i < len && conn->head_len < sizeof sp; i++)
        conn->head[conn->head_len++] = ((const uint8_t *)bytes)[i];
    return (ssize_t)len;
}

static int stream_wait(gnutls_transport_ptr_t arg, unsigned ms)
{
    (void)arg;
    (void)ms;
    return 1; // to pull tells whether there is something
}

static int conn_judge(gnutls_session_t session)
{
    struct nng_tls_engine_conn *conn = gnutls_session_get_ptr(session);
    conn->judged = rpc_identity_judge(session, conn->expected, conn->why);
    return conn->judged ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

static int session_open(struct nng_tls_engine_conn *conn)
{
    unsigned side = conn->listens ? GNUTLS_SERVER : GNUTLS_CLIENT;
    int fault = gnutls_init(&conn->session, side | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS);
    if (fault < 0) return conn->session = NULL, fault;
    fault = gnutls_priority_set_direct(conn->session, priorities, NULL);
    if (fault >= 0)
        fault = gnutls_credentials_set(conn->session, GNUTLS_CRD_CERTIFICATE,
                                       rpc_identity_credentials(conn->identity));
    if (fault < 0) return fault;
    if (conn->listens) gnutls_certificate_server_set_request(conn->session, GNUTLS_CERT_REQUIRE);
    gnutls_session_set_ptr(conn->session, conn);
    gnutls_session_set_verify_function(conn->session, conn_judge);
    gnutls_transport_set_ptr(conn->session, conn);
    gnutls_transport_set_push_function(conn->session, stream_push);
    gnutls_transport_set_pull_function(conn->session, stream_pull);
    gnutls_transport_set_pull_timeout_function(conn->session, stream_wait);
    return 0;
}

// ---- A connection; NNG holds its lock

static atomic_uint shaken; // accepted, by a handshake that ended well, and not freed

uint32_t rpc_secure_accepted(void) { return atomic_load(&shaken); }

static int conn_init(nng_tls_engine_conn *conn, void *stream, nng_tls_engine_config *config)
{
    conn->stream = stream;
    conn->listens = config->listens;
    snprintf(conn->expected, sizeof conn->expected, "%s", config->expected);
    conn->identity = rpc_identity_hold();
    bool aimless = !conn->listens && !conn->expected[0];
    if (!conn->identity || aimless) return NNG_ENOTSUP;
    return session_open(conn) < 0 ? NNG_ENOMEM : 0;
}

static void conn_fini(nng_tls_engine_conn *conn)
{
    if (conn->done && conn->listens) atomic_fetch_sub(&shaken, 1);
    if (conn->session) gnutls_deinit(conn->session);
    rpc_identity_drop(conn->identity);
}

static void conn_close(nng_tls_engine_conn *conn)
{
    if (conn->done && !conn->failed) gnutls_bye(conn->session, GNUTLS_SHUT_WR);
}

static bool is_again(int fault) { return fault == GNUTLS_E_AGAIN || fault == GNUTLS_E_INTERRUPTED; }

static int conn_handshake(nng_tls_engine_conn *conn)
{
    int fault = GNUTLS_E_INTERNAL_ERROR;
    if (conn->done && conn->flight_len) flight_send(conn);
    if (conn->done) return 0;
    if (conn->failed || !conn->session) return NNG_EPEERAUTH;
    do fault = gnutls_handshake(conn->session);
    while (fault < 0 && !is_again(fault) && !gnutls_error_is_fatal(fault));
    bool well = fault == 0 && conn->judged;
    if (!well && !is_again(fault)) gnutls_alert_send_appropriate(conn->session, fault);
    flight_send(conn);
    if (is_again(fault)) return NNG_EAGAIN;
    conn->done = well;
    if (well && conn->listens) atomic_fetch_add(&shaken, 1);
    if (well) return 0;
    return conn_fail(conn, fault);
}

// A caller is refused after its own handshake has ended: the alert is the first that it reads.
static int conn_recv(nng_tls_engine_conn *conn, uint8_t *bytes, size_t *len)
{
    ssize_t got;
    int rv = conn_handshake(conn);
    if (rv) return rv;
    if (conn->failed) return NNG_ECRYPTO;
    do got = gnutls_record_recv(conn->session, bytes, *len);
    while (got < 0 && !is_again((int)got) && !gnutls_error_is_fatal((int)got));
    if (is_again((int)got)) return NNG_EAGAIN;
    if (got == 0) return NNG_ECONNSHUT;
    if (got < 0) return conn_fail(conn, (int)got);
    *len = (size_t)got;
    return 0;
}

// NNG asks again for the same bytes when there was no room for all of their record.
static int conn_send(nng_tls_engine_conn *conn, const uint8_t *bytes, size_t *len)
{
    int rv = conn_handshake(conn);
    if (rv) return rv;
    if (conn->failed) return NNG_ECRYPTO;
    size_t wanted = *len < RECORD_BYTES ? *len : RECORD_BYTES;
    ssize_t sent = conn->unsent ? gnutls_record_send(conn->session, NULL, 0)
                                : gnutls_record_send(conn->session, bytes, wanted);
    if (sent < 0 && is_again((int)sent)) {
        if (!conn->unsent) conn->unsent = wanted;
        return NNG_EAGAIN;
    }
    if (sent < 0) return conn_fail(conn, (int)sent);
    *len = conn->unsent ? conn->unsent : (size_t)sent;
    conn->unsent = 0;
    return 0;
}

static bool conn_verified(nng_tls_engine_conn *conn) { return conn->done && conn->judged; }

// ---- What NNG is told; certificates are the process's, so most of it changes nothing

static int config_init(nng_tls_engine_config *config, nng_tls_mode mode)
{
    config->listens = mode == NNG_TLS_MODE_SERVER;
    return 0;
}

static void config_fini(nng_tls_engine_config *config) { (void)config; }

static int config_server(nng_tls_engine_config *config, const char *name)
{
    int len = snprintf(config->expected, sizeof config->expected, "%s", name);
    return !config->listens && len > 0 && (size_t)len < sizeof config->expected ? 0 : NNG_EINVAL;
}

static int config_auth(nng_tls_engine_config *config, nng_tls_auth_mode mode)
{
    (void)config;
    (void)mode; // both sides always have certificates
    return 0;
}

static int config_ca(nng_tls_engine_config *config, const char *certificates, const char *revoked)
{
    (void)config;
    (void)certificates;
    (void)revoked;
    return NNG_ENOTSUP;
}

static int config_own(nng_tls_engine_config *config, const char *certificate, const char *key,
                      const char *password)
{
    (void)config;
    (void)certificate;
    (void)key;
    (void)password;
    return NNG_ENOTSUP;
}

static int config_version(nng_tls_engine_config *config, nng_tls_version least, nng_tls_version most)
{
    (void)config;
    return least <= NNG_TLS_1_3 && most >= NNG_TLS_1_3 ? 0 : NNG_ENOTSUP;
}

static nng_tls_engine_config_ops config_ops = {
    .size = sizeof(struct nng_tls_engine_config),
    .init = config_init,
    .fini = config_fini,
    .server = config_server,
    .auth = config_auth,
    .ca_chain = config_ca,
    .own_cert = config_own,
    .version = config_version,
};

static nng_tls_engine_conn_ops conn_ops = {
    .size = sizeof(struct nng_tls_engine_conn),
    .init = conn_init,
    .fini = conn_fini,
    .close = conn_close,
    .handshake = conn_handshake,
    .recv = conn_recv,
    .send = conn_send,
    .verified = conn_verified,
};

static nng_tls_engine engine = {
    .version = NNG_TLS_ENGINE_VERSION,
    .config_ops = &config_ops,
    .conn_ops = &conn_ops,
    .name = "conse",
    .description = "GnuTLS with both sides' certificates",
};

// NNG sets its own engine when it starts, so ours is set after a socket was opened.
static int secure_prepare(void)
{
    return rpc_identity_is_loaded() ? nng_tls_engine_register(&engine) : NNG_ENOTSUP;
}

// NNG takes a scheme in either case.
bool rpc_secure_is(const char *address) { return strncasecmp(address, "tls+", 4) == 0; }

int rpc_secure_dialer(nng_dialer *dialer, nng_socket socket, const char *address, const char *program)
{
    bool secure = rpc_secure_is(address);
    int rv = secure ? secure_prepare() : 0;
    if (rv == 0) rv = nng_dialer_create(dialer, socket, address);
    if (rv || !secure) return rv;
    rv = nng_dialer_set_string(*dialer, NNG_OPT_TLS_SERVER_NAME, program);
    if (rv) nng_dialer_close(*dialer);
    return rv;
}

int rpc_secure_listener(nng_listener *listener, nng_socket socket, const char *address)
{
    int rv = rpc_secure_is(address) ? secure_prepare() : 0;
    return rv ? rv : nng_listener_create(listener, socket, address);
}
