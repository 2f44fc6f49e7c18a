#include "lib/bus/dialers.h"

#include <nng/protocol/pubsub0/sub.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/bus/wire.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/rpc/address.h"
#include "lib/rpc/nng/secure.h"
#include "lib/rpc/nng/socket.h"

enum {
    REDIAL_MS = 500,
    REDIAL_TCP_MS = 1500,
    SILENT_MS = 1000, // four announcements
    MOST_DOUBLED = 6,
    CUT_MS = 100,
    RECEIVE_QUEUE = 1024,
    RECONNECT_MIN_MS = 10,
    RECONNECT_MAX_MS = 100,
};

static void on_pipe(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
    struct bus_dialers *dialers = arg;
    int id = nng_dialer_id(nng_pipe_dialer(pipe));
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct bus_dialer *dialer = &dialers->all[i];
        uint32_t its = (uint32_t)nng_pipe_id(pipe);
        if (atomic_load(&dialer->id) != id) continue;
        if (event == NNG_PIPE_EV_ADD_POST)
            atomic_store(&dialer->pipe, its);
        else
            atomic_compare_exchange_strong(&dialer->pipe, &its, 0);
    }
    if (event != NNG_PIPE_EV_ADD_POST) return;
    atomic_fetch_add(&dialers->connections, 1);
    eventfd_write(dialers->event_fd, 1);
}

bool bus_dialers_subscribe(struct bus_dialers *dialers, const char *pattern, bool on)
{
    char prefix[BUS_MAX_STREAM + 2];
    size_t len = bus_wire_prefix(pattern, prefix, sizeof prefix);
    const char *option = on ? NNG_OPT_SUB_SUBSCRIBE : NNG_OPT_SUB_UNSUBSCRIBE;
    int rv = nng_socket_set(dialers->socket, option, prefix, len);
    if (rv) log_warn("cannot subscribe", F_STR("topic", pattern), F_STR("error", nng_strerror(rv)));
    return rv == 0;
}

static int set_options(struct bus_dialers *dialers)
{
    nng_socket socket = dialers->socket;
    int rv = nng_socket_set_int(socket, NNG_OPT_RECVBUF, RECEIVE_QUEUE);
    if (rv == 0) rv = nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, BUS_MAX_MESSAGE);
    if (rv == 0) rv = nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, RECONNECT_MIN_MS);
    if (rv == 0) rv = nng_socket_set_ms(socket, NNG_OPT_RECONNMAXT, RECONNECT_MAX_MS);
    if (rv == 0) rv = nng_pipe_notify(socket, NNG_PIPE_EV_ADD_POST, on_pipe, dialers);
    if (rv == 0) rv = nng_pipe_notify(socket, NNG_PIPE_EV_REM_POST, on_pipe, dialers);
    if (rv == 0) rv = nng_socket_get_int(socket, NNG_OPT_RECVFD, &dialers->receive_fd);
    return rv;
}

bool bus_dialers_open(struct bus_dialers *dialers, const char *service, const char *addresses, int event_fd,
                      struct err *err)
{
    rpc_identity_name(dialers->program, service);
    dialers->event_fd = event_fd;
    for (size_t i = 0; i < PEERS_MAX; i++) dialers->all[i].held_fd = -1;
    int rv = nng_sub0_open(&dialers->socket);
    if (rv == 0) rv = set_options(dialers);
    if (rv == 0)
        rv = nng_socket_set(dialers->socket, NNG_OPT_SUB_SUBSCRIBE, BUS_HEADS_TOPIC, sizeof BUS_HEADS_TOPIC);
    if (rv) return err_fail(err, INTERNAL_ERROR, "cannot subscribe at %s: %s", addresses, nng_strerror(rv));
    return peers_open(&dialers->addresses, addresses, event_fd, err);
}

// ---- Connections

static void dialer_let_go(struct bus_dialer *dialer)
{
    if (dialer->held_fd >= 0) close(dialer->held_fd);
    dialer->held_fd = -1;
    dialer->held_pipe = 0;
}

static void dialer_hold(struct bus_dialer *dialer)
{
    uint32_t pipe = atomic_load(&dialer->pipe);
    if (pipe == dialer->held_pipe) return;
    dialer_let_go(dialer);
    dialer->held_pipe = pipe;
    if (pipe) dialer->held_fd = rpc_socket_find((nng_pipe){pipe});
}

// Ends its connection. False: there is none, or none that can be ended so.
static bool dialer_cut(struct bus_dialer *dialer)
{
    if (dialer->held_fd < 0 || rpc_socket_ended(dialer->held_fd)) return false;
    return shutdown(dialer->held_fd, SHUT_RDWR) == 0;
}

static void dialer_hang_up(struct bus_dialer *dialer)
{
    if (dialer->dialer.id) nng_dialer_close(dialer->dialer);
    dialer->dialer.id = 0;
}

// Waits a moment until NNG has freed the connection.
static void dialer_end(struct bus_dialer *dialer)
{
    int64_t until_ms = clock_mono_ms() + CUT_MS;
    dialer_hold(dialer);
    bool cut = dialer_cut(dialer);
    while (cut && atomic_load(&dialer->pipe) == dialer->held_pipe && clock_mono_ms() < until_ms)
        poll(NULL, 0, 1);
    dialer_let_go(dialer);
    dialer_hang_up(dialer);
    dialer->address[0] = 0;
}

void bus_dialers_close(struct bus_dialers *dialers)
{
    for (size_t i = 0; i < PEERS_MAX; i++)
        if (dialers->all[i].address[0]) dialer_end(&dialers->all[i]);
    nng_close(dialers->socket);
    peers_close(dialers->addresses);
}

static struct bus_dialer *dialers_find(struct bus_dialers *dialers, const char *address)
{
    for (size_t i = 0; i < PEERS_MAX; i++)
        if (strcmp(dialers->all[i].address, address) == 0) return &dialers->all[i];
    return NULL;
}

// Of a connection the longer, the more before it were silent.
static int64_t patience_ms(const struct bus_dialer *dialer, bool connected, int64_t now_ms)
{
    if (!dialer->dialer.id) return rpc_socket_look_ms(dialer->away_ms, now_ms);
    int64_t patience_ms = rpc_address_is_tcp(dialer->address) ? REDIAL_TCP_MS : REDIAL_MS;
    uint32_t doubled = dialer->silent < MOST_DOUBLED ? dialer->silent : MOST_DOUBLED;
    return connected ? patience_ms << doubled : patience_ms;
}

static int dialers_start(struct bus_dialers *dialers, struct bus_dialer *dialer)
{
    int rv = rpc_secure_dialer(&dialer->dialer, dialers->socket, dialer->address, dialers->program);
    if (rv) return rv;
    atomic_store(&dialer->pipe, 0);
    atomic_store(&dialer->id, nng_dialer_id(dialer->dialer)); // before its first pipe
    return nng_dialer_start(dialer->dialer, NNG_FLAG_NONBLOCK);
}

// Anew, if it was before; nobody where nobody is.
static void dialers_dial(struct bus_dialers *dialers, struct bus_dialer *dialer, int64_t now_ms)
{
    dialer_hang_up(dialer);
    bool there = rpc_socket_is_bound(dialer->address);
    if (there || !dialer->away_ms) dialer->away_ms = there ? 0 : now_ms;
    int rv = there ? dialers_start(dialers, dialer) : 0;
    if (rv) log_warn("cannot subscribe", F_STR("address", dialer->address), F_STR("error", nng_strerror(rv)));
}

static void dialers_add(struct bus_dialers *dialers, const char *address, int64_t now_ms)
{
    struct bus_dialer *dialer = dialers_find(dialers, "");
    if (!dialer) {
        log_warn("too many publishers", F_STR("address", address));
        return;
    }
    dialer->silent = 0;
    dialer->away_ms = 0;
    snprintf(dialer->address, sizeof dialer->address, "%s", address);
    dialers_dial(dialers, dialer, now_ms);
    dialer->redial_ms = now_ms + patience_ms(dialer, false, now_ms);
}

static bool is_listed(const struct peers_list *list, const char *address)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->addresses[i], address) == 0) return true;
    return false;
}

static void dialers_compare(struct bus_dialers *dialers, const struct peers_list *list, int64_t now_ms)
{
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct bus_dialer *dialer = &dialers->all[i];
        if (dialer->address[0] && !is_listed(list, dialer->address)) dialer_end(dialer);
    }
    for (size_t i = 0; i < list->count; i++)
        if (!dialers_find(dialers, list->addresses[i])) dialers_add(dialers, list->addresses[i], now_ms);
}

void bus_dialers_heard(struct bus_dialers *dialers, nng_pipe pipe, int64_t now_ms)
{
    uint32_t id = (uint32_t)nng_pipe_id(pipe);
    if (id != dialers->heard_pipe) {
        int of = nng_dialer_id(nng_pipe_dialer(pipe));
        dialers->heard = NULL;
        dialers->heard_pipe = id;
        for (size_t i = 0; i < PEERS_MAX; i++)
            if (atomic_load(&dialers->all[i].id) == of) dialers->heard = &dialers->all[i];
    }
    if (dialers->heard) dialers->heard->heard_ms = now_ms;
}

// NNG dials again itself when its connection ends, or else the next time.
static void dialers_redial(struct bus_dialers *dialers, struct bus_dialer *dialer, int64_t now_ms)
{
    bool connected = atomic_load(&dialer->pipe) != 0;
    if (connected && now_ms - dialer->heard_ms <= SILENT_MS) {
        dialer->silent = 0;
        dialer->redial_ms = now_ms + patience_ms(dialer, true, now_ms);
    }
    bool left = !connected && dialer->dialer.id && !rpc_socket_is_bound(dialer->address);
    if (now_ms < dialer->redial_ms && !left) return;
    dialer->silent += connected;
    if (!connected || !dialer_cut(dialer)) dialers_dial(dialers, dialer, now_ms);
    dialer->redial_ms = now_ms + patience_ms(dialer, connected, now_ms);
}

int64_t bus_dialers_follow(struct bus_dialers *dialers, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    struct peers_list list;
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct bus_dialer *dialer = &dialers->all[i];
        if (!dialer->address[0]) continue;
        dialer_hold(dialer);
        dialers_redial(dialers, dialer, now_ms);
    }
    if (peers_changed(dialers->addresses, &dialers->version, &list)) dialers_compare(dialers, &list, now_ms);
    for (size_t i = 0; i < PEERS_MAX; i++) {
        const struct bus_dialer *dialer = &dialers->all[i];
        if (dialer->address[0] && dialer->redial_ms < next_ms) next_ms = dialer->redial_ms;
    }
    return next_ms;
}
