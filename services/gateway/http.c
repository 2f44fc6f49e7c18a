// The server: the library's daemon in the loop, its TLS, start and stop.
#include "services/gateway/http_connection.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"

enum {
    SWEEP_MS = 250,
    ACCEPT_ROUNDS = 1000,
    RUNS_PER_TURN = 4,
    POOL_HEADROOM = 4096, // of a connection's memory, beside the headers
};

// ---- In the loop

static void on_sweep(void *arg)
{
    struct http_server *server = arg;
    connection_sweep(server);
    server->due = true;
    loop_timer_set(server->loop, &server->sweep, loop_now_ms(server->loop) + SWEEP_MS);
}

static void on_ready(void *arg, uint32_t events)
{
    struct http_server *server = arg;
    (void)events;
    server->due = true;
}

void http_server_run(struct http_server *server)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;
    for (int i = 0; server->due && i < RUNS_PER_TURN; i++) {
        server->due = false;
        MHD_run(server->daemon);
        if (MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES && wait_ms == 0) server->due = true;
    }
    if (server->due) loop_again(server->loop);
}

// ---- TLS

static int on_certificate(gnutls_session_t session, const gnutls_datum_t *names, int names_count,
                          const gnutls_pk_algorithm_t *algorithms, int algorithms_count,
                          gnutls_pcert_st **chain, unsigned *length, gnutls_privkey_t *key)
{
    struct connection *connection = connection_of(gnutls_session_get_ptr(session));
    (void)names, (void)names_count, (void)algorithms, (void)algorithms_count;
    if (!connection) return -1;
    const struct tls_identity *identity = tls_store_newest(&connection->server->tls);
    *chain = identity->chain;
    *length = identity->length;
    *key = identity->key;
    return 0;
}

bool http_server_tls(struct http_server *server) { return tls_store_newest(&server->tls) != NULL; }

bool http_server_reload(struct http_server *server, struct err *err)
{
    struct tls_identity *identity;
    if (!server->options.tls_cert) return true;
    if (!tls_identity_load(&identity, server->options.tls_cert, server->options.tls_key, err)) return false;
    tls_store_replace(&server->tls, identity, clock_mono_ms());
    return true;
}

// ---- Start and stop

static void on_library_log(void *arg, const char *format, va_list args)
{
    char line[256];
    (void)arg;
    vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\n")] = 0;
    log_debug("http", F_STR("detail", line));
}

static bool start_daemon(struct http_server *server, struct err *err)
{
    const struct http_options *o = &server->options;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     (server->options.tls_cert ? MHD_USE_TLS : 0);
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(intptr_t)on_certificate},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
        {MHD_OPTION_END, 0, NULL},
    };
    if (!server->options.tls_cert) tls[0].option = MHD_OPTION_END;
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, request_take, server, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, server,
        MHD_OPTION_LISTEN_SOCKET, server->listen_fd, MHD_OPTION_NOTIFY_CONNECTION, connection_notify, server,
        MHD_OPTION_NOTIFY_COMPLETED, request_completed, server, MHD_OPTION_URI_LOG_CALLBACK, request_target,
        server, MHD_OPTION_UNESCAPE_CALLBACK, request_unescape, server, MHD_OPTION_CONNECTION_LIMIT,
        o->max_connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, o->max_per_address,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, o->max_header_bytes + POOL_HEADROOM, MHD_OPTION_ARRAY, tls,
        MHD_OPTION_END);
    if (!server->daemon) return err_fail(err, INTERNAL_ERROR, "the HTTP server did not start");
    server->source = (struct loop_source){
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, on_ready, server};
    server->due = true;
    return loop_watch(server->loop, &server->source, EPOLLIN, err);
}

bool http_server_start(struct http_server **out, struct loop *loop, const struct http_options *options,
                       struct err *err)
{
    struct http_server *server = calloc(1, sizeof *server);
    struct tls_identity *identity = NULL;
    if (!server) return err_errno(err, errno, "http");
    server->options = *options;
    server->loop = loop;
    server->lingers.loop = loop;
    server->listen_fd = server->source.fd = -1;
    server->sweep = (struct loop_timer){.fire = on_sweep, .arg = server};
    tls_store_init(&server->tls);
    bool ok = !options->tls_cert || tls_identity_load(&identity, options->tls_cert, options->tls_key, err);
    if (ok && identity) tls_store_replace(&server->tls, identity, clock_mono_ms());
    ok = ok && listen_open(&server->listen_fd, options->listen, server->address, err) &&
         start_daemon(server, err);
    if (!ok) return http_server_stop(server), false;
    loop_timer_set(loop, &server->sweep, loop_now_ms(loop) + SWEEP_MS);
    *out = server;
    return true;
}

const char *http_server_address(const struct http_server *server) { return server->address; }

size_t http_server_connections(const struct http_server *server) { return server->count; }

void http_server_quiesce(struct http_server *server)
{
    if (server->quiesced) return;
    struct pollfd waiting = {.fd = server->listen_fd, .events = POLLIN};
    for (int i = 0;
         i < ACCEPT_ROUNDS && poll(&waiting, 1, 0) > 0 && server->count < server->options.max_connections;
         i++)
        MHD_run(server->daemon); // takes in what the kernel has accepted already
    server->due = true;
    server->quiesced = true;
    server->quiesced_ms = loop_now_ms(server->loop);
    MHD_quiesce_daemon(server->daemon);
    close(server->listen_fd);
    server->listen_fd = -1;
}

void http_server_stop(struct http_server *server)
{
    if (!server) return;
    loop_timer_clear(server->loop, &server->sweep);
    if (server->source.fd >= 0) loop_unwatch(server->loop, &server->source);
    if (server->daemon) {
        MHD_run(server->daemon);         // resumes what was answered last
        MHD_stop_daemon(server->daemon); // closes the listening socket unless quiesced
    } else if (server->listen_fd >= 0) {
        close(server->listen_fd);
    }
    linger_finish(&server->lingers);
    tls_store_finish(&server->tls);
    free(server);
}
