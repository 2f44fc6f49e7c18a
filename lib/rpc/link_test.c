// A link whose owner does not look.
#include "lib/rpc/link.h"

#include <arpa/inet.h>
#include <nng/protocol/reqrep0/rep.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/rpc/nng/secure.h"
#include "lib/rpc/tls/identity.h"
#include "lib/rpc/tls/testing/authority.h"
#include "rpc.pb-c.h"
#include "tests/test.h"

enum {
    PATIENCE_MS = 10 * 1000,
    STAYS_MS = 300,
    STEP_MS = 5,
    AWAY = 200,
    AWAY_MS = 2000,
    LOOKS = 200,
    RARELY_MS = 500,
    HOUR_S = 3600,
    NO_PIPE = 0x7ffffff0 // which no connection is
};

struct peer {
    nng_socket socket;
    atomic_int came, left; // connections
};

static void on_connection(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
    struct peer *peer = arg;
    (void)pipe;
    atomic_fetch_add(event == NNG_PIPE_EV_ADD_POST ? &peer->came : &peer->left, 1);
}

static void peer_prepare(struct peer *peer)
{
    *peer = (struct peer){0};
    assert_int_equal(nng_rep0_open(&peer->socket), 0);
    assert_int_equal(nng_pipe_notify(peer->socket, NNG_PIPE_EV_ADD_POST, on_connection, peer), 0);
    assert_int_equal(nng_pipe_notify(peer->socket, NNG_PIPE_EV_REM_POST, on_connection, peer), 0);
}

static void peer_open(struct peer *peer, const char *address)
{
    peer_prepare(peer);
    assert_int_equal(nng_listen(peer->socket, address, NULL, 0), 0);
}

// Whether it is one within that time.
static bool becomes_one(atomic_int *count, int64_t time_ms)
{
    int64_t until_ms = clock_mono_ms() + time_ms;
    while (atomic_load(count) == 0 && clock_mono_ms() < until_ms) poll(NULL, 0, STEP_MS);
    return atomic_load(count) > 0;
}

// One that came just before it may still be sent away.
static bool comes_to_stay(struct peer *peer)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    do atomic_store(&peer->left, 0);
    while (becomes_one(&peer->left, STAYS_MS) && clock_mono_ms() < until_ms);
    return atomic_load(&peer->left) == 0 && atomic_load(&peer->came) > 0;
}

struct place {
    char folder[64], address[96];
    struct rpc_seals seals;
    struct rpc_link link;
    struct peer peer;
};

static void place_open(struct place *place)
{
    struct err err;
    test_folder_make(place->folder);
    snprintf(place->address, sizeof place->address, "ipc://%s/peer.ipc", place->folder);
    rpc_seals_init(&place->seals, NULL, "events");
    peer_open(&place->peer, place->address);
    assert_true(rpc_link_open(&place->link, place->address, &place->seals, eventfd(0, EFD_NONBLOCK), &err));
    assert_true(becomes_one(&place->peer.came, PATIENCE_MS));
}

static void place_close(struct place *place)
{
    assert_true(rpc_link_close(&place->link));
    close(place->link.event_fd);
    nng_close(place->peer.socket);
    rpc_seals_finish(&place->seals);
    test_folder_remove(place->folder);
}

static void peer_restart(struct place *place)
{
    uint32_t losses = atomic_load(&place->link.losses);
    nng_close(place->peer.socket);
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (atomic_load(&place->link.losses) == losses && clock_mono_ms() < until_ms) poll(NULL, 0, STEP_MS);
    peer_open(&place->peer, place->address);
    assert_true(becomes_one(&place->peer.came, PATIENCE_MS));
}

static void an_idle_link_keeps_its_next_connection_before_anybody_looks(void **state)
{
    struct place place;
    (void)state;
    place_open(&place);
    rpc_link_flush(&place.link);
    peer_restart(&place);
    assert_false(becomes_one(&place.peer.left, STAYS_MS));
    assert_true(rpc_link_lost(&place.link));
    rpc_link_forget(&place.link);
    assert_false(rpc_link_lost(&place.link));
    place_close(&place);
}

// The peer has it whole: one that closes in the middle of a message frees no pipe any more (see
// rpc_socket_cut).
static void send_request(struct place *place)
{
    Rpc__Request request = RPC__REQUEST__INIT;
    nng_msg *message;
    assert_true(rpc_link_add(&place->link, CONSE__CLASS__READ, (const ProtobufCMessage *)&request));
    rpc_link_flush(&place->link);
    assert_int_equal(place->link.trips.count, 1);
    assert_int_equal(nng_recvmsg(place->peer.socket, &message, 0), 0);
    nng_msg_free(message);
}

static void a_link_with_a_message_under_way_takes_none_before_its_loss_is_seen(void **state)
{
    struct place place;
    (void)state;
    place_open(&place);
    send_request(&place);
    peer_restart(&place);
    assert_true(becomes_one(&place.peer.left, PATIENCE_MS));
    rpc_link_forget(&place.link);
    assert_true(comes_to_stay(&place.peer));
    place_close(&place);
}

// NNG 1.5.2 closes the sockets of dials that failed by one thread, which its poller keeps waiting the longer
// the more of them there are.
static void who_is_away_costs_no_descriptors(void **state)
{
    static struct rpc_link links[AWAY];
    char folder[64], address[96];
    struct rpc_seals seals;
    struct err err;
    (void)state;
    test_folder_make(folder);
    snprintf(address, sizeof address, "ipc://%s/away.ipc", folder);
    rpc_seals_init(&seals, NULL, "events");
    int event_fd = eventfd(0, EFD_NONBLOCK);
    for (int i = 0; i < AWAY; i++) assert_true(rpc_link_open(&links[i], address, &seals, event_fd, &err));
    int first = test_descriptors(), most = first;
    int64_t until_ms = clock_mono_ms() + AWAY_MS;
    for (int64_t now_ms; (now_ms = clock_mono_ms()) < until_ms; poll(NULL, 0, STEP_MS)) {
        for (int i = 0; i < AWAY; i++) rpc_link_redial(&links[i], now_ms);
        int count = test_descriptors();
        if (count > most) most = count;
    }
    assert_true(most <= first);
    for (int i = 0; i < AWAY; i++) assert_true(rpc_link_close(&links[i]));
    close(event_fd);
    rpc_seals_finish(&seals);
    test_folder_remove(folder);
}

// Its time passes as the test says.
static void who_comes_after_long_is_found_at_the_next_look(void **state)
{
    struct place place = {0};
    struct err err;
    (void)state;
    test_folder_make(place.folder);
    snprintf(place.address, sizeof place.address, "ipc://%s/away.ipc", place.folder);
    rpc_seals_init(&place.seals, NULL, "events");
    int event_fd = eventfd(0, EFD_NONBLOCK);
    assert_true(rpc_link_open(&place.link, place.address, &place.seals, event_fd, &err));
    int64_t now_ms = clock_mono_ms(), next_ms = now_ms;
    for (int i = 0; i < LOOKS; i++, next_ms = rpc_link_redial(&place.link, now_ms)) now_ms = next_ms;
    assert_int_equal(next_ms - now_ms, RARELY_MS);
    peer_open(&place.peer, place.address);
    rpc_link_redial(&place.link, next_ms);
    assert_true(becomes_one(&place.peer.came, PATIENCE_MS));
    assert_true(rpc_link_close(&place.link));
    nng_close(place.peer.socket);
    close(event_fd);
    rpc_seals_finish(&place.seals);
    test_folder_remove(place.folder);
}

// By TLS, where it is itself on both sides.
static void secure_place_open(struct place *place, struct authority *authority)
{
    nng_listener listener;
    nng_sockaddr at;
    struct err err;
    test_folder_make(place->folder);
    authority_open(authority, place->folder);
    authority_sign(authority, "conse-events", "conse-events", HOUR_S);
    if (!rpc_identity_load(place->folder, "conse-events", &err)) fail_msg("%s", err.message);
    rpc_seals_init(&place->seals, NULL, "events");
    peer_prepare(&place->peer);
    assert_int_equal(rpc_secure_listener(&listener, place->peer.socket, "tls+tcp://127.0.0.1:0"), 0);
    assert_int_equal(nng_listener_start(listener, 0), 0);
    assert_int_equal(nng_listener_get_addr(listener, NNG_OPT_LOCADDR, &at), 0);
    snprintf(place->address, sizeof place->address, "tls+tcp://127.0.0.1:%d", ntohs(at.s_in.sa_port));
    assert_true(rpc_link_open(&place->link, place->address, &place->seals, eventfd(0, EFD_NONBLOCK), &err));
    assert_true(becomes_one(&place->peer.came, PATIENCE_MS));
}

// As NNG leaves it when the connection ended right after the handshake: it has one, and there is no socket.
static void a_connection_by_tls_that_ended_unsaid_is_dialed_again_at_once(void **state)
{
    struct place place = {0};
    struct authority authority;
    int epoll_fd = epoll_create1(0);
    (void)state;
    signal(SIGPIPE, SIG_IGN); // as services do
    secure_place_open(&place, &authority);
    uint32_t losses = atomic_load(&place.link.losses);
    int64_t now_ms = clock_mono_ms();
    atomic_store(&place.peer.came, 0);
    atomic_store(&place.link.pipe, NO_PIPE);
    rpc_link_watch(&place.link, epoll_fd, now_ms);
    assert_int_equal(atomic_load(&place.link.losses), losses + 1);
    assert_true(rpc_link_lost(&place.link));
    rpc_link_forget(&place.link);
    assert_true(rpc_link_redial(&place.link, now_ms) > now_ms);
    assert_true(comes_to_stay(&place.peer));
    place_close(&place);
    close(epoll_fd);
    rpc_identity_unload();
    authority_close(&authority);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_away_costs_no_descriptors),
        cmocka_unit_test(who_comes_after_long_is_found_at_the_next_look),
        cmocka_unit_test(an_idle_link_keeps_its_next_connection_before_anybody_looks),
        cmocka_unit_test(a_link_with_a_message_under_way_takes_none_before_its_loss_is_seen),
        cmocka_unit_test(a_connection_by_tls_that_ended_unsaid_is_dialed_again_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
