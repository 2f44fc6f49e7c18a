// The server: the library's daemon in the loop, start and stop.
#include "services/gateway/http/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/net/mhd_refusal.h"

enum {
    SWEEP_MS = 250,
    ACCEPT_ROUNDS = 1000,
    RUNS_PER_TURN = 4,
    WAITED_MS = 1,
    MORE_CONNECTIONS = 64,
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

static void on_waited(void *arg)
{
    struct http_server *server = arg;
    server->due = true;
    if (server->waiting > 0)
        loop_timer_set(server->loop, &server->waited, loop_now_ms(server->loop) + WAITED_MS);
}

// For the library a waiting connection always has something to do. Whether there is more is seen by what the
// run has brought, and checked by the timer.
static bool has_more(struct http_server *server)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;
    bool at_once = MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES && wait_ms == 0;
    return at_once && (server->waiting == 0 || server->moved);
}

static void run_library(struct http_server *server)
{
    mhd_refuse_by(refusal_take, server);
    MHD_run(server->daemon);
}

void http_server_run(struct http_server *server)
{
    takeover_run(server);
    for (int i = 0; server->due && i < RUNS_PER_TURN; i++) {
        server->due = server->moved = false;
        run_library(server);
        server->due |= has_more(server);
    }
    if (server->due) loop_again(server->loop);
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

// From 1.0 on the library accepts more in a head than the standard, unless told not to; what 0.9 accepts in
// the same way is found in framing.c.
#if MHD_VERSION >= 0x01000000
#define STRICTNESS MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1,
#else
#define STRICTNESS
#endif

static bool start_daemon(struct http_server *server, struct err *err)
{
    const struct http_options *o = &server->front->options;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE | MHD_USE_ERROR_LOG |
                     (o->tls_cert ? MHD_USE_TLS : 0);
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(intptr_t)front_certificate},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)tls_priorities},
        {MHD_OPTION_END, 0, NULL},
    };
    // The connection_limit decides. At its own bound the library would leave connections in the kernel's
    // queue, and it counts those that give way until it has closed them.
    unsigned most = o->max_connections + MORE_CONNECTIONS;
    if (!o->tls_cert) tls[0].option = MHD_OPTION_END;
    server->daemon = MHD_start_daemon(
        flags, 0, connection_admit, server, request_take, server, MHD_OPTION_EXTERNAL_LOGGER, on_library_log,
        server, MHD_OPTION_LISTEN_SOCKET, server->listen_fd, MHD_OPTION_NOTIFY_CONNECTION, connection_notify,
        server, MHD_OPTION_NOTIFY_COMPLETED, request_completed, server, MHD_OPTION_URI_LOG_CALLBACK,
        request_target, server, MHD_OPTION_UNESCAPE_CALLBACK, request_unescape, server,
        MHD_OPTION_CONNECTION_LIMIT, most, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        o->max_header_bytes + HTTP_ENTRIES_BYTES + HTTP_REPLY_BYTES, STRICTNESS MHD_OPTION_ARRAY, tls,
        MHD_OPTION_END);
    if (!server->daemon) return err_fail(err, INTERNAL_ERROR, "the HTTP server did not start");
    server->source = (struct loop_source){
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, on_ready, server};
    server->due = true;
    return loop_watch(server->loop, &server->source, EPOLLIN, err);
}

bool http_server_start(struct http_server **out, struct http_front *front, struct loop *loop,
                       const struct http_application *application, struct err *err)
{
    struct http_server *server = calloc(1, sizeof *server);
    if (!server) return err_errno(err, errno, "http");
    server->front = front;
    server->application = *application;
    server->loop = loop;
    server->lingers.loop = loop;
    server->listen_fd = server->source.fd = server->dead_fd = -1;
    server->sweep = (struct loop_timer){.fire = on_sweep, .arg = server};
    server->waited = (struct loop_timer){.fire = on_waited, .arg = server};
    bool ok = places_create(&server->places, front->options.max_per_address, err) &&
              front_listen(front, &server->listen_fd, err) && start_daemon(server, err);
    if (!ok) return http_server_stop(server), false;
    loop_timer_set(loop, &server->sweep, loop_now_ms(loop) + SWEEP_MS);
    *out = server;
    return true;
}

size_t http_server_connections(const struct http_server *server) { return server->count; }

void http_server_quiesce(struct http_server *server)
{
    if (server->quiesced) return;
    struct pollfd waiting = {.fd = server->listen_fd, .events = POLLIN};
    for (int i = 0; i < ACCEPT_ROUNDS && poll(&waiting, 1, 0) > 0 &&
                    server->count < server->front->options.max_connections;
         i++)
        run_library(server); // takes in what the kernel has accepted already
    server->due = true;
    server->quiesced = true;
    server->quiesced_ms = loop_now_ms(server->loop);
    MHD_quiesce_daemon(server->daemon);
    close(server->listen_fd);
    server->listen_fd = -1;
    upgrade_drain(server, false);
}

void http_server_stop(struct http_server *server)
{
    if (!server) return;
    loop_timer_clear(server->loop, &server->sweep);
    loop_timer_clear(server->loop, &server->waited);
    if (server->source.fd >= 0) loop_unwatch(server->loop, &server->source);
    if (server->daemon) {
        MHD_quiesce_daemon(server->daemon);
        takeover_run(server);
        upgrade_drain(server, true);
        run_library(server); // resumes what was answered last
        MHD_stop_daemon(server->daemon);
        kept_finish(&server->kept);
    }
    if (server->listen_fd >= 0) close(server->listen_fd);
    if (server->dead_fd >= 0) close(server->dead_fd);
    linger_finish(&server->lingers);
    places_destroy(server->places);
    free(server);
}
