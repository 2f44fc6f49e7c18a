// Life of a connection: connection_notify -> (request_target -> request_take begin [-> body]* -> complete ->
// request_completed)* -> closed. A connection waits, then is suspended, while the application has its
// exchange. The library has no timeouts then, and does not see the client of a suspended connection leave, so
// deadlines are swept here and parked exchanges watched.
#include "services/gateway/http/connection.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
    GRACE_MS = 500, // for requests that are on their way when no more connections are taken
    WAIT_MS = 2,
    MOST_WAITING = 256, // each costs a little at every run of the library
    QUICK_MS = 250,     // nobody looks whether the client of a quicker request is there
    LEFT_MS = 2000,     // how long the client may still read its answer
};

// Trusted proxies speak for many.
static const struct address *connection_counted(const struct http_server *server, const struct address *peer)
{
    return proxies_trust(&server->front->options.proxies, peer) ? NULL : peer;
}

// An idle connection on which nothing is waiting to be read.
static bool is_quiet(const struct connection *connection)
{
    char c;
    return connection->stage == STAGE_IDLE && recv(connection->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
}

static void connection_enter(struct connection *connection)
{
    struct http_server *server = connection->server;
    const struct address *address = connection_counted(server, &connection->peer);
    struct address household = address_household(&connection->peer);
    connection->entered = connection_limit_enter(server->front->connection_limit, address);
    if (connection->entered)
        places_enter(server->places, &connection->place, address ? &household : NULL);
    else // loops that admit at the same moment may let in one too many
        shutdown(connection->fd, SHUT_RDWR);
}

static void connection_leave(struct connection *connection)
{
    struct http_server *server = connection->server;
    if (!connection->entered) return;
    connection->entered = false;
    places_leave(server->places, &connection->place);
    connection_limit_leave(server->front->connection_limit, connection_counted(server, &connection->peer));
}

void connection_hand_over(struct connection *connection, struct http_socket *socket)
{
    struct http_server *server = connection->server;
    const struct address *address = connection_counted(server, &connection->peer);
    struct address household = address_household(&connection->peer);
    server->count++;
    socket->peer = connection->peer;
    socket->entered = connection->entered;
    if (!socket->entered) return;
    connection->entered = false;
    places_leave(server->places, &connection->place);
    places_enter(server->places, &socket->place, address ? &household : NULL);
    place_work(&socket->place);
}

void connection_leave_by(struct http_socket *socket)
{
    struct http_server *server = socket->server;
    server->count--;
    if (!socket->entered) return;
    places_leave(server->places, &socket->place);
    connection_limit_leave(server->front->connection_limit, connection_counted(server, &socket->peer));
}

// ---- When all places are taken

static struct connection *of_place(const struct place *place)
{
    return (struct connection *)((char *)place - offsetof(struct connection, place));
}

static bool still_rests(const struct place *place) { return is_quiet(of_place(place)); }

// No longer counted from here on; closed when the library handles it.
static bool make_room(struct http_server *server)
{
    struct place *place = places_give_way(server->places, still_rests);
    if (!place) return false;
    struct connection *connection = of_place(place);
    connection_leave(connection);
    connection->cut = true;
    metric_add(server->front->cuts[CUT_EVICTED], 1);
    shutdown(connection->fd, SHUT_RDWR);
    server->due = true;
    return true;
}

enum MHD_Result connection_admit(void *arg, const struct sockaddr *address, socklen_t len)
{
    struct http_server *server = arg;
    struct address peer = address_of(address);
    (void)len;
    switch (connection_limit_check(server->front->connection_limit, connection_counted(server, &peer))) {
    case CONNECTION_ROOM:
        return MHD_YES;
    case CONNECTION_FULL:
        return make_room(server) ? MHD_YES : MHD_NO;
    default:
        return MHD_NO;
    }
}

void connection_name_client(struct connection *connection, const struct address *client)
{
    connection->household = address_household(client);
    address_print(client, connection->exchange.client);
    address_print(&connection->household, connection->exchange.household);
}

static void connection_open(struct http_server *server, struct MHD_Connection *mhd, void **context)
{
    struct connection *connection = calloc(1, sizeof *connection);
    *context = connection;
    if (!connection) return;
    connection->server = server;
    connection->mhd = mhd;
    connection->watch.fd = -1;
    connection->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    connection->peer =
        address_of(MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
    connection_name_client(connection, &connection->peer);
    connection->deadline_ms = loop_now_ms(server->loop) + server->front->options.header_timeout_ms;
    buf_init(&connection->target, HTTP_MAX_TARGET);
    buf_init(&connection->body, 0);
    connection->next = server->connections;
    connection->link = &server->connections;
    if (connection->next) connection->next->link = &connection->next;
    server->connections = connection;
    server->count++;
    connection_enter(connection);
}

static void connection_close(struct connection *connection)
{
    if (!connection) return;
    *connection->link = connection->next;
    if (connection->next) connection->next->link = connection->link;
    connection->server->count--;
    connection_leave(connection);
    http_headers_finish(&connection->exchange.headers);
    buf_finish(&connection->target);
    buf_finish(&connection->body);
    free(connection);
}

void connection_notify(void *arg, struct MHD_Connection *mhd, void **context,
                       enum MHD_ConnectionNotificationCode code)
{
    ((struct http_server *)arg)->moved = true;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        connection_open(arg, mhd, context);
    else
        connection_close(*context);
}

struct connection *connection_of(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

int64_t connection_now_ms(const struct connection *connection)
{
    return loop_now_ms(connection->server->loop);
}

// ---- While the application has it

bool connection_is_out(const struct connection *connection)
{
    return connection->stage == STAGE_WAITING || connection->stage == STAGE_SUSPENDED;
}

void connection_end_wait(struct connection *connection)
{
    if (connection->stage == STAGE_WAITING) connection->server->waiting--;
}

static void connection_suspend(struct connection *connection)
{
    connection_end_wait(connection);
    connection->stage = STAGE_SUSPENDED;
    MHD_suspend_connection(connection->mhd);
}

void connection_wait(struct connection *connection)
{
    struct http_server *server = connection->server;
    int64_t now_ms = connection_now_ms(connection);
    if (connection->stage == STAGE_WAITING) {
        if (now_ms - connection->waiting_ms >= WAIT_MS) connection_suspend(connection);
        return;
    }
    if (server->waiting == MOST_WAITING) return connection_suspend(connection);
    connection->stage = STAGE_WAITING;
    connection->waiting_ms = now_ms;
    if (server->waiting++ == 0) loop_timer_set(server->loop, &server->waited, now_ms + WAIT_MS);
}

// ---- Ends

void connection_cut(struct connection *connection, enum cut_why why)
{
    static const struct linger none = {.l_onoff = 1};
    if (connection->cut) return;
    connection->cut = true;
    metric_add(connection->server->front->cuts[why], 1);
    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    shutdown(connection->fd, SHUT_RDWR);
}

// ---- Clients that leave

// The library notices a lost client where it reads; for exchanges that are out, and answers that nobody
// takes, it does not.
static void tell_left(struct connection *connection)
{
    const struct http_application *application = &connection->server->application;
    if (connection_is_out(connection)) application->leave(application->arg, &connection->exchange);
}

static void on_left(void *arg, uint32_t events)
{
    struct connection *connection = arg;
    bool at_once = connection->parked || (events & (EPOLLHUP | EPOLLERR));
    connection_unwatch(connection);
    connection->left_ms = connection_now_ms(connection);
    if (at_once) tell_left(connection);
}

static void connection_watch(struct connection *connection)
{
    struct err err;
    if (connection->watch.fd >= 0) return;
    connection->watch = (struct loop_source){connection->fd, on_left, connection};
    if (!loop_watch(connection->server->loop, &connection->watch, EPOLLRDHUP | EPOLLONESHOT, &err))
        connection->watch.fd = -1;
}

void connection_unwatch(struct connection *connection)
{
    connection->parked = false;
    if (connection->watch.fd < 0) return;
    loop_unwatch(connection->server->loop, &connection->watch);
    connection->watch.fd = -1;
}

void http_park(struct http_exchange *exchange, int64_t until_ms)
{
    struct connection *connection = (struct connection *)exchange;
    connection->deadline_ms = until_ms;
    connection->parked = true;
    connection_watch(connection);
}

// Quick requests are over before anybody looks.
static void look_for_left(struct connection *connection, int64_t now_ms)
{
    bool out = connection->stage == STAGE_SUSPENDED, answered = connection->stage == STAGE_ANSWERED;
    int64_t since_ms = out ? connection->waiting_ms : connection->progress.answered_ms;
    if ((!out && !answered) || now_ms - since_ms < QUICK_MS) return;
    if (!connection->left_ms) return connection_watch(connection);
    if (now_ms - connection->left_ms >= LEFT_MS) tell_left(connection);
}

// ---- Time

static void connection_overdue(struct connection *connection)
{
    const struct http_application *application = &connection->server->application;
    if (connection_is_out(connection))
        application->expire(application->arg, &connection->exchange);
    else if (connection->stage == STAGE_ANSWERED)
        connection_cut(connection, CUT_STALLED);
    else
        shutdown(connection->fd, SHUT_RDWR);
    connection->deadline_ms =
        connection_now_ms(connection) + connection->server->front->options.header_timeout_ms;
}

void connection_sweep(struct http_server *server)
{
    int64_t now = loop_now_ms(server->loop);
    for (struct connection *connection = server->connections, *next; connection; connection = next) {
        next = connection->next;
        look_for_left(connection, now);
        if (connection->deadline_ms <= now)
            connection_overdue(connection);
        else if (connection->stage == STAGE_ANSWERED)
            progress_check(connection, now);
        else if (server->quiesced && now - server->quiesced_ms >= GRACE_MS && is_quiet(connection))
            shutdown(connection->fd, SHUT_RDWR);
    }
}
