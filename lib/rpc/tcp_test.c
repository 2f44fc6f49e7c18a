// The fate of calls over tcp when the peer dies or falls silent, also when NNG does not notice.
#include "lib/rpc/testing/jam.h"
#include "lib/rpc/testing/process.h"

#include <arpa/inet.h>
#include <sys/socket.h>

enum { CALLS = 100, AT_ONCE_MS = 1000 };

// ---- The peer

static bool is_free(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool is_free = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (fd >= 0) close(fd);
    return is_free;
}

// The slow address is the next port.
static void take_address(char *address, size_t size)
{
    int port = 20000 + getpid() % 5000 * 2;
    while (port < 32000 && !(is_free(port) && is_free(port + 1))) port += 2;
    snprintf(address, size, "tcp://127.0.0.1:%d", port);
}

struct peer {
    struct world world;
    struct jam jam;
    char address[64];
    pid_t pid;
};

static void peer_open(struct peer *peer, const char *gate)
{
    *peer = (struct peer){0};
    take_address(peer->address, sizeof peer->address);
    peer->pid = process_spawn(peer->address, gate);
    world_connect(&peer->world, peer->address, process_keys_of(peer->address));
}

static void peer_close(struct peer *peer)
{
    process_kill(peer->pid);
    rpc_client_destroy(peer->world.client);
    arena_finish(&peer->world.arena);
}

static void call_all(struct peer *peer, struct outcome *outcomes)
{
    memset(outcomes, 0, CALLS * sizeof *outcomes);
    for (int i = 0; i < CALLS; i++) world_call(&peer->world, "events.ListSides", PATIENCE_MS, &outcomes[i]);
    world_turn_for(&peer->world, 100);
    for (int i = 0; i < CALLS; i++) assert_int_equal(outcomes[i].calls, 0);
}

static void assert_all_away(struct peer *peer, struct outcome *outcomes)
{
    int64_t began_ms = clock_mono_ms();
    for (int i = 0; i < CALLS; i++) {
        world_wait(&peer->world, &outcomes[i]);
        assert_true(err_is(&outcomes[i].err, SERVICE_AWAY));
    }
    assert_in_range(clock_mono_ms() - began_ms, 0, AT_ONCE_MS);
}

static void assert_given_up(struct peer *peer)
{
    int64_t until_ms = clock_mono_ms() + AT_ONCE_MS;
    while (rpc_client_connected(peer->world.client) && clock_mono_ms() < until_ms)
        world_turn(&peer->world, 10);
    assert_false(rpc_client_connected(peer->world.client));
}

static void assert_comes_back(struct peer *peer)
{
    struct outcome outcome = {0};
    int64_t began_ms = clock_mono_ms();
    peer->pid = process_spawn(peer->address, "open");
    assert_true(rpc_client_wait(peer->world.client, PATIENCE_MS));
    world_call(&peer->world, "events.ListSides", PATIENCE_MS, &outcome);
    world_wait(&peer->world, &outcome);
    if (!outcome.ok) fail_msg("%s", outcome.err.message);
    assert_in_range(clock_mono_ms() - began_ms, 0, AT_ONCE_MS);
}

// ---- Tests

static void a_killed_peer_fails_its_calls_at_once_and_comes_back(void **state)
{
    (void)state;
    static struct outcome outcomes[CALLS];
    struct peer peer;
    peer_open(&peer, "shut");
    call_all(&peer, outcomes);
    process_kill(peer.pid);
    assert_all_away(&peer, outcomes);
    assert_false(rpc_client_connected(peer.world.client));
    assert_comes_back(&peer);
    peer_close(&peer);
}

static void so_it_is_when_nng_no_longer_tells_of_lost_pipes(void **state)
{
    (void)state;
    static struct outcome outcomes[CALLS];
    struct peer peer;
    peer_open(&peer, "shut");
    call_all(&peer, outcomes);
    jam_begin(&peer.jam);
    process_kill(peer.pid);
    assert_all_away(&peer, outcomes);
    assert_false(rpc_client_connected(peer.world.client));
    assert_comes_back(&peer);
    process_kill(peer.pid);
    assert_given_up(&peer);
    assert_comes_back(&peer);
    jam_end(&peer.jam);
    peer_close(&peer);
}

static void an_idle_connection_is_given_up_too(void **state)
{
    (void)state;
    struct peer peer;
    peer_open(&peer, "open");
    jam_begin(&peer.jam);
    process_kill(peer.pid);
    assert_given_up(&peer);
    assert_comes_back(&peer);
    jam_end(&peer.jam);
    peer_close(&peer);
}

static void a_stopped_peer_holds_nobody_longer_than_the_deadline(void **state)
{
    (void)state;
    struct peer peer;
    struct outcome first = {0}, second = {0}, after = {0};
    peer_open(&peer, "open");
    assert_int_equal(kill(peer.pid, SIGSTOP), 0);
    assert_int_equal(waitpid(peer.pid, NULL, WUNTRACED), peer.pid);
    int64_t began_ms = clock_mono_ms();
    world_call(&peer.world, "events.ListSides", 200, &first);
    world_turn(&peer.world, 0);
    world_call(&peer.world, "events.PutEventImage", 300, &second);
    world_wait(&peer.world, &first);
    assert_in_range(clock_mono_ms() - began_ms, 200, 290);
    world_wait(&peer.world, &second);
    assert_in_range(clock_mono_ms() - began_ms, 300, 600);
    assert_true(err_is(&first.err, DEADLINE_PASSED));
    assert_true(err_is(&second.err, OUTCOME_UNKNOWN)); // it writes
    assert_int_equal(kill(peer.pid, SIGCONT), 0);
    world_call(&peer.world, "events.ListSides", PATIENCE_MS, &after);
    world_wait(&peer.world, &after);
    assert_true(after.ok);
    peer_close(&peer);
}

// ---- Strangers

static int connect_to(const char *address)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    at.sin_port = htons((uint16_t)atoi(strrchr(address, ':') + 1));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

// Speaks NNG's protocol, and has no key: many requests at once, of which the first is refused.
static void hurry(const char *address)
{
    enum { REQUESTS = 64 };
    static const char hello[8] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};
    static const char request[24] = {0, 0, 0, 0, 0, 0, 0, 16, (char)0x80, 0, 0, 1};
    char bytes[256];
    int fd = connect_to(address);
    assert_int_equal(write(fd, hello, sizeof hello), sizeof hello);
    assert_int_equal(read(fd, bytes, sizeof hello), sizeof hello);
    for (int i = 0; i < REQUESTS; i++)
        if (send(fd, request, sizeof request, MSG_NOSIGNAL) < 0) break;
    struct pollfd ended = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&ended, 1, PATIENCE_MS), 1);
    close(fd);
}

static void strangers_in_a_hurry_leave_nothing_behind(void **state)
{
    enum { STRANGERS = 300 };
    struct peer peer;
    (void)state;
    peer_open(&peer, "open");
    int first = test_descriptors_of(peer.pid);
    for (int i = 0; i < STRANGERS; i++) hurry(peer.address);
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (test_descriptors_of(peer.pid) > first && clock_mono_ms() < until_ms) poll(NULL, 0, 5);
    assert_in_range(test_descriptors_of(peer.pid), 0, first);
    peer_close(&peer);
}

int main(int argc, char **argv)
{
    int status;
    if (process_serve(argc, argv, &status)) return status;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_in_a_hurry_leave_nothing_behind),
        cmocka_unit_test(a_stopped_peer_holds_nobody_longer_than_the_deadline),
        cmocka_unit_test(a_killed_peer_fails_its_calls_at_once_and_comes_back),
        cmocka_unit_test(so_it_is_when_nng_no_longer_tells_of_lost_pipes),
        cmocka_unit_test(an_idle_connection_is_given_up_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
