#include "lib/service/admin.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/net/mhd_refusal.h"

enum { CONNECTIONS = 16, IDLE_S = 10, CONNECTION_BYTES = 16 * 1024, METRICS_MAX = 4 * 1024 * 1024 };

struct admin {
    struct MHD_Daemon *daemon;
    struct admin_options options;
};

static enum MHD_Result admin_answer(struct MHD_Connection *connection, unsigned status, struct buf *body,
                                    const char *type)
{
    size_t len;
    char *bytes = buf_take(body, &len);
    struct MHD_Response *response = MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free(bytes);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (status == MHD_HTTP_BAD_REQUEST)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result queued = mhd_queue_answer(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static void write_note(const struct admin *admin, struct buf *body)
{
    const char *note = admin->options.note ? admin->options.note(admin->options.arg) : NULL;
    if (note) buf_printf(body, "%s\n", note);
}

static unsigned admin_fill(const struct admin *admin, const char *path, struct buf *body)
{
    bool good = true;
    if (strcmp(path, "/metrics") == 0) {
        metrics_write(admin->options.metrics, body);
        return body->failed ? MHD_HTTP_INTERNAL_SERVER_ERROR : MHD_HTTP_OK;
    }
    if (strcmp(path, "/readyz") == 0)
        good = !admin->options.ready || admin->options.ready(admin->options.arg);
    else if (strcmp(path, "/livez") == 0)
        good = !admin->options.live || admin->options.live(admin->options.arg);
    else
        return buf_str(body, "not found\n"), MHD_HTTP_NOT_FOUND;
    buf_str(body, good ? "ok\n" : path[1] == 'r' ? "not ready\n" : "hangs\n");
    if (path[1] == 'r') write_note(admin, body);
    return good ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static enum MHD_Result look_at(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    bool *sound = arg;
    (void)kind, (void)name;
    for (; value && *value; value++) *sound &= (unsigned char)*value >= 0x20 || *value == '\t';
    return *sound ? MHD_YES : MHD_NO;
}

// Some readers take a bare CR in a header for an end of line.
static bool is_sound(struct MHD_Connection *connection)
{
    bool sound = true;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, look_at, &sound);
    return sound;
}

static enum MHD_Result admin_handle(void *arg, struct MHD_Connection *connection, const char *path,
                                    const char *method, const char *version, const char *upload,
                                    size_t *upload_len, void **seen)
{
    (void)version, (void)upload;
    static const char mark[1];
    if (!*seen) { // the header is in; libmicrohttpd comes again when the body is
        *seen = (void *)mark;
        return MHD_YES;
    }
    if (*upload_len) { // the body is ignored; the answer comes after it
        *upload_len = 0;
        return MHD_YES;
    }
    const struct admin *admin = arg;
    struct buf body;
    buf_init(&body, METRICS_MAX);
    bool get = strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    unsigned status = !is_sound(connection) ? MHD_HTTP_BAD_REQUEST
                      : get                 ? admin_fill(admin, path, &body)
                                            : MHD_HTTP_METHOD_NOT_ALLOWED;
    return admin_answer(connection, status, &body, "text/plain; version=0.0.4; charset=utf-8");
}

static struct addrinfo *parse_address(const char *address, struct err *err)
{
    const char *colon = strrchr(address, ':');
    char host[128];
    if (!colon || (size_t)(colon - address) >= sizeof host)
        return err_fail(err, INVALID_FIELD, "%s is not HOST:PORT", address), NULL;
    bool bracketed = address[0] == '[' && colon > address + 1 && colon[-1] == ']';
    int len = (int)(colon - address) - (bracketed ? 2 : 0);
    snprintf(host, sizeof host, "%.*s", len, address + (bracketed ? 1 : 0));
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
                    *found = NULL;
    int rv = getaddrinfo(host[0] ? host : NULL, colon + 1, &hints, &found);
    if (rv) return err_fail(err, INVALID_FIELD, "%s: %s", address, gai_strerror(rv)), NULL;
    return found;
}

static struct MHD_Daemon *start_daemon(struct admin *admin, const struct addrinfo *at)
{
    unsigned flags =
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | (at->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0);
    return MHD_start_daemon(flags, 0, NULL, NULL, admin_handle, admin, MHD_OPTION_SOCK_ADDR, at->ai_addr,
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned)IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
                            MHD_OPTION_THREAD_STACK_SIZE, (size_t)256 * 1024, MHD_OPTION_END);
}

bool admin_start(struct admin **out, const struct admin_options *options, struct err *err)
{
    struct addrinfo *at = parse_address(options->address, err);
    if (!at) return false;
    struct admin *admin = calloc(1, sizeof *admin);
    if (admin) {
        admin->options = *options;
        admin->daemon = start_daemon(admin, at);
    }
    freeaddrinfo(at);
    if (admin && admin->daemon) {
        *out = admin;
        return true;
    }
    free(admin);
    return err_fail(err, INTERNAL_ERROR, "cannot listen at %s for operators; is the port taken?",
                    options->address);
}

void admin_stop(struct admin *admin)
{
    if (!admin) return;
    MHD_stop_daemon(admin->daemon);
    free(admin);
}

uint16_t admin_port(const struct admin *admin)
{
    return MHD_get_daemon_info(admin->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}
