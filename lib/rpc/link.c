#include "lib/rpc/link.h"

#include <nng/protocol/reqrep0/req.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/rpc/address.h"
#include "lib/rpc/frame.h"
#include "lib/rpc/nng/secure.h"
#include "lib/rpc/nng/socket.h"
#include "lib/rpc/tls/identity.h"
#include "lib/thread/wait.h"

enum {
    RECONNECT_MIN_MS = 10,
    RECONNECT_MAX_MS = 100,
    MOST_QUEUED = 1024, // messages
    REDIAL_MS = 400,
    REDIAL_TCP_MS = 1500,
    CLOSE_MS = 1000,
    CUT_MS = 100,
    COMPLAIN_MS = 5000, // between two lines of the log
};

// NNG ends the connections of a dialer that was closed, but some of them only after a while.
static bool is_dialed(const struct rpc_link *link, nng_pipe pipe)
{
    return nng_pipe_dialer(pipe).id == atomic_load(&link->dialed);
}

static void link_gain(struct rpc_link *link, nng_pipe pipe)
{
    uint32_t id = (uint32_t)nng_pipe_id(pipe);
    if (link->gone_pipe == id || !is_dialed(link, pipe)) return;
    atomic_store(&link->pipe, id);
    if (is_dialed(link, pipe) || !atomic_compare_exchange_strong(&link->pipe, &id, 0))
        eventfd_write(link->event_fd, 1);
}

static void link_miss(struct rpc_link *link, uint32_t id)
{
    uint32_t pipe = id;
    if (!atomic_compare_exchange_strong(&link->pipe, &pipe, 0)) {
        link->gone_pipe = id;
        return;
    }
    atomic_fetch_add(&link->losses, 1);
    eventfd_write(link->event_fd, 1);
}

// NNG holds a lock of the socket here, so events come one at a time. A short-lived pipe may be reported gone
// before it is reported added. What waits to be sent was meant for the previous connection, until its owner
// sees its loss; an owner that nobody asks does not look, and may as well have the new one by then.
static void on_pipe(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
    struct rpc_link *link = arg;
    if (event == NNG_PIPE_EV_ADD_POST) return link_gain(link, pipe);
    if (event == NNG_PIPE_EV_REM_POST) return link_miss(link, (uint32_t)nng_pipe_id(pipe));
    bool wanted = atomic_load(&link->idle) || !rpc_link_lost(link);
    if (!wanted || !is_dialed(link, pipe)) nng_pipe_close(pipe);
}

// A message is never sent twice: not after a time, and not to the next connection.
static int set_options(nng_socket socket)
{
    int rv = nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, RPC_MAX_MESSAGE_BYTES);
    if (rv == 0) rv = nng_socket_set_ms(socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
    if (rv == 0) rv = nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, RECONNECT_MIN_MS);
    if (rv == 0) rv = nng_socket_set_ms(socket, NNG_OPT_RECONNMAXT, RECONNECT_MAX_MS);
    return rv;
}

static int watch_pipes(struct rpc_link *link)
{
    int rv = nng_pipe_notify(link->socket, NNG_PIPE_EV_ADD_PRE, on_pipe, link);
    if (rv == 0) rv = nng_pipe_notify(link->socket, NNG_PIPE_EV_ADD_POST, on_pipe, link);
    if (rv == 0) rv = nng_pipe_notify(link->socket, NNG_PIPE_EV_REM_POST, on_pipe, link);
    return rv;
}

static void link_lose(struct rpc_link *link, uint32_t pipe)
{
    if (!atomic_compare_exchange_strong(&link->pipe, &pipe, 0)) return;
    log_warn("NNG has not told of a lost connection", F_STR("address", link->address));
    atomic_fetch_add(&link->losses, 1);
    link->redial_ms = 0; // at once
}

int64_t rpc_link_watch(struct rpc_link *link, int epoll_fd, int64_t now_ms)
{
    int64_t next_ms;
    uint32_t pipe = atomic_load(&link->pipe);
    if (pipe != link->watch.pipe) {
        rpc_watch_end(&link->watch);
        if (pipe) rpc_watch_begin(&link->watch, pipe, epoll_fd);
        bool ended = pipe && link->watch.fd < 0 && rpc_secure_is(link->address);
        if (ended) link_lose(link, pipe); // NNG 1.5.2 tells of no end right after a handshake by TLS
    }
    if (rpc_watch_ended(&link->watch, now_ms, &next_ms)) link_lose(link, link->watch.pipe);
    return next_ms;
}

static int64_t patience_ms(const struct rpc_link *link, int64_t now_ms)
{
    if (!link->dialer.id) return rpc_socket_look_ms(link->away_ms, now_ms);
    return rpc_address_is_tcp(link->address) ? REDIAL_TCP_MS : REDIAL_MS;
}

static int link_dial(struct rpc_link *link, int64_t now_ms)
{
    if (!rpc_socket_is_bound(link->address)) {
        if (!link->away_ms) link->away_ms = now_ms;
        return 0;
    }
    link->away_ms = 0;
    char program[IDENTITY_NAME];
    rpc_identity_name(program, link->session.seals->service);
    int rv = rpc_secure_dialer(&link->dialer, link->socket, link->address, program);
    if (rv) return rv;
    atomic_store(&link->dialed, link->dialer.id); // it may be connected before its start returns
    return nng_dialer_start(link->dialer, NNG_FLAG_NONBLOCK);
}

// False: it has a connection at this moment.
static bool link_hang_up(struct rpc_link *link)
{
    atomic_store(&link->dialed, 0);
    if (atomic_load(&link->pipe) != 0) {
        atomic_store(&link->dialed, link->dialer.id);
        return false;
    }
    if (link->dialer.id) nng_dialer_close(link->dialer);
    link->dialer.id = 0;
    return true;
}

int64_t rpc_link_redial(struct rpc_link *link, int64_t now_ms)
{
    if (atomic_load(&link->pipe) != 0) {
        link->redial_ms = INT64_MAX;
        return INT64_MAX;
    }
    if (link->redial_ms == INT64_MAX)
        link->redial_ms = rpc_socket_is_bound(link->address) ? now_ms + patience_ms(link, now_ms) : now_ms;
    if (now_ms < link->redial_ms || !link_hang_up(link)) return link->redial_ms;
    int rv = link_dial(link, now_ms);
    if (rv) log_warn("cannot dial", F_STR("address", link->address), F_STR("error", nng_strerror(rv)));
    link->redial_ms = now_ms + patience_ms(link, now_ms);
    return link->redial_ms;
}

bool rpc_link_open(struct rpc_link *link, const char *address, struct rpc_seals *seals, int event_fd,
                   struct err *err)
{
    *link = (struct rpc_link){.event_fd = event_fd};
    rpc_session_init(&link->session, seals);
    rpc_watch_init(&link->watch);
    snprintf(link->address, sizeof link->address, "%s", address);
    link->queue_end = &link->queue;
    int64_t now_ms = clock_mono_ms();
    int rv = nng_req0_open(&link->socket);
    if (rv) return err_fail(err, INTERNAL_ERROR, "cannot open a socket: %s", nng_strerror(rv));
    rpc_trips_init(&link->trips, link->socket, event_fd);
    rv = set_options(link->socket);
    if (rv == 0) rv = watch_pipes(link);
    if (rv == 0) rv = link_dial(link, now_ms);
    link->redial_ms = now_ms + patience_ms(link, now_ms);
    if (rv == 0) return true;
    if (!rpc_link_close(link)) abort(); // it never had a connection
    return err_fail(err, INTERNAL_ERROR, "cannot dial %s: %s", address, nng_strerror(rv));
}

static void drop_messages(struct rpc_link *link)
{
    if (link->reads.message) nng_msg_free(link->reads.message);
    if (link->writes.message) nng_msg_free(link->writes.message);
    link->reads = link->writes = (struct rpc_outgoing){0};
    while (link->queue) {
        struct rpc_queued *queued = link->queue;
        link->queue = queued->next;
        nng_msg_free(queued->message);
        free(queued);
    }
    link->queue_end = &link->queue;
    link->queued = 0;
}

struct closing { // shared by the closer and the thread that closes; the last one frees it
    nng_socket socket;
    sem_t closed;
    atomic_int holders;
};

static void closing_drop(struct closing *closing)
{
    if (atomic_fetch_sub(&closing->holders, 1) > 1) return;
    sem_destroy(&closing->closed);
    free(closing);
}

static void *closing_main(void *arg)
{
    struct closing *closing = arg;
    nng_close(closing->socket);
    sem_post(&closing->closed);
    closing_drop(closing);
    return NULL;
}

static bool close_in_time(nng_socket socket)
{
    struct closing *closing = calloc(1, sizeof *closing);
    pthread_t thread;
    if (!closing) return false;
    closing->socket = socket;
    atomic_store(&closing->holders, 2);
    sem_init(&closing->closed, 0, 0);
    if (pthread_create(&thread, NULL, closing_main, closing) != 0) {
        free(closing);
        return nng_close(socket) == 0;
    }
    pthread_detach(thread);
    bool closed = wait_semaphore(&closing->closed, clock_mono_ms() + CLOSE_MS);
    closing_drop(closing);
    return closed;
}

// The reason is that of rpc_socket_cut.
void rpc_link_cut(struct rpc_link *link)
{
    if (link->watch.fd >= 0)
        shutdown(link->watch.fd, SHUT_RDWR);
    else
        nng_pipe_close((nng_pipe){atomic_load(&link->pipe)});
}

// Before NNG closes it, while replies may come.
static void end_connection(struct rpc_link *link)
{
    int64_t until_ms = clock_mono_ms() + CUT_MS;
    if (link->watch.fd < 0 || link->trips.count == 0) return;
    rpc_link_cut(link);
    while (atomic_load(&link->pipe) == link->watch.pipe && clock_mono_ms() < until_ms) poll(NULL, 0, 1);
}

bool rpc_link_close(struct rpc_link *link)
{
    if (link->closed) return true;
    link->closed = true;
    end_connection(link);
    rpc_watch_end(&link->watch);
    drop_messages(link);
    rpc_trips_finish(&link->trips);
    if (close_in_time(link->socket)) return true;
    log_error("NNG does not close a socket", F_STR("address", link->address));
    return false;
}

bool rpc_link_lost(const struct rpc_link *link)
{
    return atomic_load(&link->losses) != atomic_load(&link->seen_losses);
}

bool rpc_link_connected(const struct rpc_link *link)
{
    return !link->closed && atomic_load(&link->pipe) != 0 && link->session.begun && !rpc_link_lost(link);
}

// A peer that does not take our greeting closes the connection, and has the reason in its log.
static void complain_unanswered(struct rpc_link *link)
{
    int64_t now_ms = clock_mono_ms();
    if (!link->session.greeting || now_ms - link->complained_ms < COMPLAIN_MS) return;
    link->complained_ms = now_ms;
    log_warn("connection lost before its greeting was answered", F_STR("address", link->address));
}

void rpc_link_forget(struct rpc_link *link)
{
    complain_unanswered(link);
    uint32_t losses = atomic_load(&link->losses);
    rpc_trips_drop(&link->trips);
    drop_messages(link);
    rpc_session_end(&link->session);
    atomic_store(&link->seen_losses, losses); // from here on a new connection is taken
}

static bool link_enqueue(struct rpc_link *link, struct rpc_outgoing *outgoing)
{
    if (!outgoing->message) return true;
    struct rpc_queued *queued = malloc(sizeof *queued);
    if (!queued) return false;
    *queued = (struct rpc_queued){.message = outgoing->message};
    *link->queue_end = queued;
    link->queue_end = &queued->next;
    link->queued++;
    *outgoing = (struct rpc_outgoing){0};
    return true;
}

static bool has_room(const struct rpc_outgoing *outgoing, size_t len)
{
    if (!outgoing->message) return true;
    return outgoing->frames < RPC_MAX_FRAMES &&
           nng_msg_len(outgoing->message) + RPC_FRAME_HEAD + len <= RPC_BATCH_BYTES;
}

static bool add_frame(struct rpc_outgoing *outgoing, const ProtobufCMessage *request, size_t len)
{
    if (!outgoing->message && nng_msg_alloc(&outgoing->message, 0) != 0) return false;
    outgoing->frames++;
    return rpc_frame_append(outgoing->message, request, len);
}

static bool add_alone(struct rpc_link *link, const ProtobufCMessage *request, size_t len)
{
    struct rpc_outgoing alone = {0};
    if (add_frame(&alone, request, len) && link_enqueue(link, &alone)) return true;
    if (alone.message) nng_msg_free(alone.message);
    return false;
}

bool rpc_link_add(struct rpc_link *link, Conse__Class class, const ProtobufCMessage *request)
{
    size_t len = protobuf_c_message_get_packed_size(request);
    if (class != CONSE__CLASS__READ && class != CONSE__CLASS__WRITE) return add_alone(link, request, len);
    struct rpc_outgoing *outgoing = class == CONSE__CLASS__READ ? &link->reads : &link->writes;
    if (!has_room(outgoing, len) && !link_enqueue(link, outgoing)) return false;
    return add_frame(outgoing, request, len);
}

bool rpc_link_full(const struct rpc_link *link) { return link->queued >= MOST_QUEUED; }

// For seals; without keys no clock is asked.
static int64_t sealing_ms(const struct rpc_link *link)
{
    return link->session.seals->requests.keys ? clock_unix_ms() : 0;
}

// A message is sealed when it leaves, because its time counts from then.
static bool send_queued(struct rpc_link *link, struct rpc_queued *queued)
{
    if (rpc_trips_full(&link->trips)) return false;
    if (!queued->counter &&
        !rpc_session_close(&link->session, queued->message, sealing_ms(link), &queued->counter))
        return false;
    return rpc_trips_send(&link->trips, queued->message, queued->counter);
}

static void link_greet(struct rpc_link *link)
{
    if (atomic_load(&link->pipe) == 0) return;
    nng_msg *greeting = rpc_session_greet(&link->session, sealing_ms(link));
    if (!greeting || rpc_trips_send(&link->trips, greeting, link->session.greeting)) return;
    nng_msg_free(greeting);
    rpc_session_end(&link->session); // to be tried again
}

static void link_send(struct rpc_link *link)
{
    link_greet(link);
    if (!link_enqueue(link, &link->reads) || !link_enqueue(link, &link->writes)) return;
    while (link->queue && send_queued(link, link->queue)) {
        struct rpc_queued *sent = link->queue;
        link->queue = sent->next;
        link->queued--;
        free(sent);
    }
    if (!link->queue) link->queue_end = &link->queue;
}

// Not idle before the loss is looked for: a connection that comes after it finds either.
void rpc_link_flush(struct rpc_link *link)
{
    if (link->closed) return;
    atomic_store(&link->idle, false);
    if (!rpc_link_lost(link)) link_send(link);
    atomic_store(&link->idle, link->trips.count == 0);
}

// Cuts off a peer whose reply is not authentic. True: the reply answers a call.
static bool link_open_reply(struct rpc_link *link, nng_msg *message, uint64_t counter)
{
    bool greeted = !link->session.begun;
    enum seal_fault fault = rpc_session_open(&link->session, message, sealing_ms(link), counter);
    if (fault == SEAL_FINE) return !greeted;
    log_warn("reply refused", F_STR("address", link->address), F_STR("because", seal_fault_text(fault)));
    rpc_link_cut(link);
    return false;
}

nng_msg *rpc_link_receive(struct rpc_link *link)
{
    nng_msg *message;
    uint64_t counter;
    while (!link->closed && (message = rpc_trips_receive(&link->trips, &counter)) != NULL) {
        rpc_watch_heard(&link->watch);
        if (link_open_reply(link, message, counter)) return message;
        nng_msg_free(message);
    }
    return NULL;
}

void rpc_link_attach(struct rpc_link *link, struct rpc_waiting *call)
{
    call->link = link;
    call->losses = atomic_load(&link->seen_losses);
    call->next = NULL;
    call->previous = link->last_call;
    *(link->last_call ? &link->last_call->next : &link->calls) = call;
    link->last_call = call;
    link->calls_count++;
}

void rpc_link_detach(struct rpc_link *link, struct rpc_waiting *call)
{
    *(call->previous ? &call->previous->next : &link->calls) = call->next;
    *(call->next ? &call->next->previous : &link->last_call) = call->previous;
    link->calls_count--;
}
