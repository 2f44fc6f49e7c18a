// The kernel's socket of an NNG connection: the right one of both sides, guarded, and its end.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/rpc/nng/socket.h"
#include "tests/test.h"

enum { PATIENCE_MS = 5000 };

struct line { // both sides of one connection
    nng_socket here, there;
    nng_pipe from_here, from_there;
};

static nng_pipe pipe_of(nng_socket from, nng_socket to)
{
    nng_msg *message;
    assert_int_equal(nng_msg_alloc(&message, 0), 0);
    assert_int_equal(nng_sendmsg(from, message, 0), 0);
    assert_int_equal(nng_recvmsg(to, &message, 0), 0);
    nng_pipe pipe = nng_msg_get_pipe(message);
    nng_msg_free(message);
    return pipe;
}

static void line_open(struct line *line, const char *address, const char *host)
{
    nng_listener listener;
    nng_sockaddr at;
    char url[64];
    assert_int_equal(nng_pair0_open(&line->here), 0);
    assert_int_equal(nng_pair0_open(&line->there), 0);
    assert_int_equal(nng_listen(line->there, address, &listener, 0), 0);
    snprintf(url, sizeof url, "%s", address);
    if (host) {
        assert_int_equal(nng_listener_get_addr(listener, NNG_OPT_LOCADDR, &at), 0);
        uint16_t port = at.s_family == NNG_AF_INET6 ? at.s_in6.sa_port : at.s_in.sa_port;
        snprintf(url, sizeof url, "tcp://%s:%d", host, ntohs(port));
    }
    assert_int_equal(nng_dial(line->here, url, NULL, 0), 0);
    line->from_here = pipe_of(line->there, line->here);
    line->from_there = pipe_of(line->here, line->there);
}

static void line_close(struct line *line)
{
    nng_close(line->here);
    nng_close(line->there);
}

static int option(int fd, int level, int name)
{
    int value = 0;
    socklen_t len = sizeof value;
    assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
    return value;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_in6 at = {0};
    socklen_t len = sizeof at;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    return at.sin6_port; // where IPv4 has it too
}

static uint16_t local_port(nng_pipe pipe)
{
    nng_sockaddr at;
    assert_int_equal(nng_pipe_get_addr(pipe, NNG_OPT_LOCADDR, &at), 0);
    return at.s_family == NNG_AF_INET6 ? at.s_in6.sa_port : at.s_in.sa_port;
}

static void check_line(const char *address, const char *host)
{
    struct line line;
    line_open(&line, address, host);
    int here = rpc_socket_find(line.from_here), there = rpc_socket_find(line.from_there);
    assert_true(here >= 0 && there >= 0 && here != there);
    assert_int_equal(port_of(here), local_port(line.from_here));
    assert_int_equal(port_of(there), local_port(line.from_there));
    rpc_socket_guard(here);
    assert_int_equal(option(here, SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_int_equal(option(here, IPPROTO_TCP, TCP_USER_TIMEOUT), 2000);
    assert_int_equal(option(there, IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
    assert_false(rpc_socket_ended(here));
    nng_close(line.there);
    struct pollfd ended = {.fd = here, .events = POLLRDHUP};
    assert_int_equal(poll(&ended, 1, 10000), 1);
    assert_true(rpc_socket_ended(here));
    close(here);
    close(there);
    nng_close(line.here);
}

static void both_sides_are_told_apart(void **state)
{
    (void)state;
    check_line("tcp://127.0.0.1:0", "127.0.0.1");
}

static void so_they_are_over_ipv6(void **state)
{
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    bool has_ipv6 = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (fd >= 0) close(fd);
    (void)state;
    if (!has_ipv6) skip(); // as in many containers
    check_line("tcp://[::1]:0", "[::1]");
}

static void what_is_no_tcp_has_none(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, "inproc://no-socket", NULL);
    assert_int_equal(rpc_socket_find(line.from_here), -1);
    line_close(&line);
    assert_int_equal(rpc_socket_find(line.from_here), -1); // gone
}

static void on_loss(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
    (void)pipe;
    (void)event;
    atomic_store((atomic_bool *)arg, true);
}

static void what_was_accepted_at_a_path_is_cut(void **state)
{
    char folder[TEST_FOLDER_BYTES], address[64];
    atomic_bool lost = false;
    struct line line;
    (void)state;
    test_folder_make(folder);
    snprintf(address, sizeof address, "ipc://%s/socket", folder);
    line_open(&line, address, NULL);
    int here = rpc_socket_find(line.from_here), there = rpc_socket_find(line.from_there);
    assert_true(here >= 0 && there >= 0);
    struct stat dialled, accepted;
    assert_int_equal(fstat(here, &dialled), 0);
    assert_int_equal(fstat(there, &accepted), 0);
    assert_int_not_equal(dialled.st_ino, accepted.st_ino);
    assert_int_equal(nng_pipe_notify(line.there, NNG_PIPE_EV_REM_POST, on_loss, &lost), 0);
    rpc_socket_cut(line.from_there);
    for (int i = 0; i < PATIENCE_MS && !atomic_load(&lost); i++) poll(NULL, 0, 1);
    assert_true(atomic_load(&lost));
    close(here);
    close(there);
    line_close(&line);
    test_folder_remove(folder);
}

static void a_path_is_bound_while_a_process_has_its_socket(void **state)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char folder[TEST_FOLDER_BYTES], address[sizeof at.sun_path + 8];
    nng_socket listener;
    (void)state;
    test_folder_make(folder);
    snprintf(at.sun_path, sizeof at.sun_path, "%s/socket", folder);
    snprintf(address, sizeof address, "ipc://%s", at.sun_path);
    assert_false(rpc_socket_is_bound(address));
    assert_int_equal(nng_pair0_open(&listener), 0);
    assert_int_equal(nng_listen(listener, address, NULL, 0), 0);
    assert_true(rpc_socket_is_bound(address));
    nng_close(listener);
    assert_false(rpc_socket_is_bound(address));
    int killed = socket(AF_UNIX, SOCK_STREAM, 0); // its file stays
    assert_int_equal(bind(killed, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(killed, 1), 0);
    assert_true(rpc_socket_is_bound(address));
    close(killed);
    assert_int_equal(access(at.sun_path, F_OK), 0);
    assert_false(rpc_socket_is_bound(address));
    assert_true(rpc_socket_is_bound("tcp://127.0.0.1:1"));
    assert_true(rpc_socket_is_bound("inproc://nobody"));
    test_folder_remove(folder);
}

static void who_is_away_long_is_looked_for_less_often(void **state)
{
    enum { SINCE_MS = 7000 };
    static const int64_t rows[][2] = {{0, 50}, {800, 50}, {1600, 100}, {8000, 500}, {INT64_C(1) << 40, 500}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(rpc_socket_look_ms(SINCE_MS, SINCE_MS + rows[i][0]), rows[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_are_told_apart),
        cmocka_unit_test(so_they_are_over_ipv6),
        cmocka_unit_test(what_is_no_tcp_has_none),
        cmocka_unit_test(what_was_accepted_at_a_path_is_cut),
        cmocka_unit_test(a_path_is_bound_while_a_process_has_its_socket),
        cmocka_unit_test(who_is_away_long_is_looked_for_less_often),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
