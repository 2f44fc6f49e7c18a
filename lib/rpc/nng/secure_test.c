// Connections by TLS: messages of every size, who is taken and who is not, and a renewal.
#include <arpa/inet.h>
#include <fcntl.h>
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/rpc/address.h"
#include "lib/rpc/nng/listener.h"
#include "lib/rpc/nng/secure.h"
#include "lib/rpc/nng/socket.h"
#include "lib/rpc/tls/identity.h"
#include "lib/rpc/tls/testing/authority.h"
#include "tests/test.h"

enum { HOUR_S = 3600, PATIENCE_MS = 10000, REFUSED_MS = 300, LEAVERS = 200 };

static char folder[TEST_FOLDER_BYTES];
static struct authority ours;

static int group_set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN); // as services do
    test_folder_make(folder);
    authority_open(&ours, folder);
    authority_sign(&ours, "conse-auth", "conse-auth", HOUR_S);
    authority_sign(&ours, "conse-events", "conse-events", HOUR_S);
    authority_sign(&ours, "conse-stranger", "conse-stranger", HOUR_S);
    return 0;
}

static int group_tear_down(void **state)
{
    (void)state;
    rpc_identity_unload();
    authority_close(&ours);
    test_folder_remove(folder);
    return 0;
}

static void be(const char *from, const char *program)
{
    struct err err;
    if (!rpc_identity_load(from, program, &err)) fail_msg("%s", err.message);
}

// One process is both sides: each keeps the identity that it begins with. What listens begins when a
// connection comes, so a connection is of one program on both sides, unless it is refused anyhow.
struct line {
    nng_socket here, there;
};

static void line_open(struct line *line, const char *program, const char *scheme)
{
    nng_listener listener;
    nng_dialer dialer;
    nng_sockaddr at;
    char url[64];
    assert_int_equal(nng_pair0_open(&line->here), 0);
    assert_int_equal(nng_pair0_open(&line->there), 0);
    assert_int_equal(rpc_secure_listener(&listener, line->there, "tls+tcp://127.0.0.1:0"), 0);
    assert_int_equal(nng_listener_start(listener, 0), 0);
    assert_int_equal(nng_listener_get_addr(listener, NNG_OPT_LOCADDR, &at), 0);
    snprintf(url, sizeof url, "%s://127.0.0.1:%d", scheme, ntohs(at.s_in.sa_port));
    assert_int_equal(rpc_secure_dialer(&dialer, line->here, url, program), 0);
    assert_int_equal(nng_dialer_start(dialer, NNG_FLAG_NONBLOCK), 0);
}

static void line_close(struct line *line)
{
    nng_close(line->here);
    nng_close(line->there);
}

static nng_pipe send_across(nng_socket from, nng_socket to, size_t len)
{
    nng_msg *message;
    assert_int_equal(nng_socket_set_ms(from, NNG_OPT_SENDTIMEO, PATIENCE_MS), 0);
    assert_int_equal(nng_socket_set_ms(to, NNG_OPT_RECVTIMEO, PATIENCE_MS), 0);
    assert_int_equal(nng_msg_alloc(&message, len), 0);
    for (size_t i = 0; i < len; i++) ((uint8_t *)nng_msg_body(message))[i] = (uint8_t)(i * 31 + i / 251);
    assert_int_equal(nng_sendmsg(from, message, 0), 0);
    assert_int_equal(nng_recvmsg(to, &message, 0), 0);
    assert_int_equal(nng_msg_len(message), len);
    for (size_t i = 0; i < len; i++)
        assert_true(((uint8_t *)nng_msg_body(message))[i] == (uint8_t)(i * 31 + i / 251));
    nng_pipe pipe = nng_msg_get_pipe(message);
    nng_msg_free(message);
    return pipe;
}

static void messages_of_every_size_come_across(void **state)
{
    static const size_t sizes[] = {0, 1, 15999, 16000, 16001, 16384, 16385, 100000, 1000000};
    struct line line;
    (void)state;
    be(folder, "conse-auth");
    line_open(&line, "conse-auth", "tls+tcp");
    nng_socket_set_size(line.here, NNG_OPT_RECVMAXSZ, 0);
    nng_socket_set_size(line.there, NNG_OPT_RECVMAXSZ, 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        send_across(line.here, line.there, sizes[i]);
        send_across(line.there, line.here, sizes[i]);
    }
    line_close(&line);
}

static void the_kernels_sockets_are_found(void **state)
{
    struct line line;
    (void)state;
    be(folder, "conse-auth");
    line_open(&line, "conse-auth", "tls+tcp");
    nng_pipe from_here = send_across(line.here, line.there, 1);
    nng_pipe from_there = send_across(line.there, line.here, 1);
    int here = rpc_socket_find(from_here), there = rpc_socket_find(from_there);
    assert_true(here >= 0 && there >= 0 && here != there);
    close(here);
    close(there);
    line_close(&line);
}

static void assert_refused(const char *program, const char *scheme)
{
    struct line line;
    char byte = 1;
    line_open(&line, program, scheme);
    assert_int_equal(nng_socket_set_ms(line.here, NNG_OPT_SENDTIMEO, REFUSED_MS), 0);
    assert_int_equal(nng_send(line.here, &byte, 1, 0), NNG_ETIMEDOUT); // there is no connection to take it
    line_close(&line);
}

static void who_is_not_the_one_is_refused(void **state)
{
    (void)state;
    be(folder, "conse-auth");
    assert_refused("conse-events", "tls+tcp");
    be(folder, "conse-stranger"); // the listener refuses it
    assert_refused("conse-stranger", "tls+tcp");
    be(folder, "conse-auth");
    assert_refused("conse-auth", "tcp");
}

enum leaves { AT_ONCE, GREETED, GREETED_AND_SHUT, SHAKEN, SHAKEN_AND_SAID, WAYS };

// Comes as a program of ours, and is gone again: by a reset, or as a process that ends.
static void come_and_leave(uint16_t port, enum leaves leaves, bool resets)
{
    static const uint8_t greeting[] = {0, 'S', 'P', 0, 0, 0x30, 0, 0}; // of a REQ socket
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct linger linger = {.l_onoff = resets};
    struct rpc_identity *identity = rpc_identity_hold();
    gnutls_session_t session;
    int fd = socket(AF_INET, SOCK_STREAM, 0), fault;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) poll(NULL, 0, 1); // it is just listening anew
    assert_int_equal(gnutls_init(&session, GNUTLS_CLIENT | (leaves < SHAKEN ? GNUTLS_NONBLOCK : 0)), 0);
    gnutls_set_default_priority(session);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, rpc_identity_credentials(identity));
    if (leaves < SHAKEN) fcntl(fd, F_SETFL, O_NONBLOCK);
    gnutls_transport_set_int(session, fd);
    if (leaves > AT_ONCE) do
            fault = gnutls_handshake(session);
        while (leaves >= SHAKEN && fault < 0 && !gnutls_error_is_fatal(fault));
    if (leaves == SHAKEN_AND_SAID) gnutls_record_send(session, greeting, sizeof greeting);
    if (leaves == GREETED_AND_SHUT) shutdown(fd, SHUT_WR);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(fd);
    gnutls_deinit(session);
    rpc_identity_drop(identity);
}

static uint16_t free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    close(fd);
    return ntohs(at.sin_port);
}

static bool is_heard(nng_socket there, const char *url)
{
    nng_socket client;
    nng_dialer dialer;
    nng_msg *message;
    assert_int_equal(nng_req0_open(&client), 0);
    nng_socket_set_ms(client, NNG_OPT_SENDTIMEO, 1000);
    nng_socket_set_ms(there, NNG_OPT_RECVTIMEO, 500);
    assert_int_equal(rpc_secure_dialer(&dialer, client, url, "conse-auth"), 0);
    bool heard = nng_dialer_start(dialer, NNG_FLAG_NONBLOCK) == 0 && nng_send(client, "ask", 4, 0) == 0 &&
                 nng_recvmsg(there, &message, 0) == 0;
    if (heard) nng_msg_free(message);
    nng_close(client);
    return heard;
}

static void whoever_leaves_in_the_handshake_makes_nobody_deaf(void **state)
{
    struct rpc_listener *listener;
    nng_socket there;
    struct err err;
    char url[64];
    (void)state;
    be(folder, "conse-auth");
    uint16_t port = free_port();
    snprintf(url, sizeof url, "tls+tcp://127.0.0.1:%d", port);
    assert_int_equal(nng_rep0_open(&there), 0);
    assert_true(rpc_listener_open(&listener, there, url, &err));
    for (int way = 0; way < WAYS; way++) {
        for (int i = 0; i < LEAVERS; i++) come_and_leave(port, (enum leaves)way, i % 2);
        int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
        bool heard = false;
        while (!heard && clock_mono_ms() < until_ms) heard = is_heard(there, url);
        assert_true(heard);
    }
    rpc_listener_close(listener);
    nng_close(there);
}

static void a_renewed_identity_is_that_of_the_next_connection(void **state)
{
    struct line before, line;
    (void)state;
    be(folder, "conse-auth");
    line_open(&before, "conse-auth", "tls+tcp");
    send_across(before.here, before.there, 1);
    be(folder, "conse-events");
    line_open(&line, "conse-events", "tls+tcp");
    send_across(line.here, line.there, 1);
    send_across(before.here, before.there, 1);
    line_close(&line);
    line_close(&before);
}

static void without_an_identity_there_is_no_tls(void **state)
{
    struct err err = {0};
    nng_socket socket;
    nng_listener listener;
    nng_dialer dialer;
    (void)state;
    rpc_identity_unload();
    assert_int_equal(nng_pair0_open(&socket), 0);
    assert_int_equal(rpc_secure_listener(&listener, socket, "tls+tcp://127.0.0.1:0"), NNG_ENOTSUP);
    assert_int_equal(rpc_secure_dialer(&dialer, socket, "TLS+tcp://127.0.0.1:1", "conse-auth"), NNG_ENOTSUP);
    nng_close(socket);
    assert_false(rpc_address_check("tls+tcp://127.0.0.1:1", true, NULL, &err));
    assert_non_null(strstr(err.message, "CONSE_BUS_CERTIFICATES"));
    be(folder, "conse-auth");
    assert_true(rpc_address_check("tls+tcp://127.0.0.1:1", true, NULL, &err));
    assert_false(rpc_address_check("tls+tcp://127.0.0.1:1", false, NULL, &err));
}

static void assert_unloadable(const char *program, const char *why)
{
    struct err err = {0};
    assert_false(rpc_identity_load(folder, program, &err));
    if (!strstr(err.message, why)) fail_msg("%s: %s", why, err.message);
}

static void what_is_wrong_is_not_loaded(void **state)
{
    char key[64], kept[64];
    (void)state;
    be(folder, "conse-auth");
    int64_t ends_s = rpc_identity_ends_s();
    authority_sign(&ours, "conse-ai", "conse-ai", -1);
    assert_unloadable("conse-ai", "conse-ai.crt has ended");
    authority_sign(&ours, "conse-ai", "conse-chain", HOUR_S);
    assert_unloadable("conse-ai", "conse-ai.crt is of conse-chain, not of conse-ai");
    assert_unloadable("conse-gateway", "conse-gateway.crt");
    authority_sign(&ours, "conse-ai", "conse-ai", HOUR_S);
    snprintf(key, sizeof key, "%s/conse-ai.key", folder);
    snprintf(kept, sizeof kept, "%s/conse-ai.kept", folder);
    assert_int_equal(chmod(key, 0644), 0);
    assert_unloadable("conse-ai", "others may read");
    assert_int_equal(rename(key, kept), 0);
    authority_sign(&ours, "conse-ai", "conse-ai", HOUR_S);
    assert_int_equal(chmod(kept, 0600), 0);
    assert_int_equal(rename(kept, key), 0);
    assert_unloadable("conse-ai", "does not belong to");
    assert_int_equal(rpc_identity_ends_s(), ends_s); // as it was
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_every_size_come_across),
        cmocka_unit_test(the_kernels_sockets_are_found),
        cmocka_unit_test(who_is_not_the_one_is_refused),
        cmocka_unit_test(whoever_leaves_in_the_handshake_makes_nobody_deaf),
        cmocka_unit_test(a_renewed_identity_is_that_of_the_next_connection),
        cmocka_unit_test(without_an_identity_there_is_no_tls),
        cmocka_unit_test(what_is_wrong_is_not_loaded),
    };
    return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
