// Listening continues whatever clients come and leave.
#include "lib/rpc/nng/listener.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

#include "lib/base/clock.h"
#include "tests/test.h"

enum { PATIENCE_MS = 10 * 1000, LEAVERS = 200 };

struct place {
    char folder[64], path[96], address[112];
    nng_socket socket;
    struct rpc_listener *listener;
};

static void open_place(struct place *place)
{
    struct err err;
    *place = (struct place){0};
    test_folder_make(place->folder);
    snprintf(place->path, sizeof place->path, "%s/here.ipc", place->folder);
    snprintf(place->address, sizeof place->address, "ipc://%s", place->path);
    assert_int_equal(nng_rep0_open(&place->socket), 0);
    assert_true(rpc_listener_open(&place->listener, place->socket, place->address, &err));
}

static void close_place(struct place *place)
{
    rpc_listener_close(place->listener);
    nng_close(place->socket);
    test_folder_remove(place->folder);
}

// Connects and is gone before the handshake.
static void come_and_leave(const struct place *place)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    snprintf(to.sun_path, sizeof to.sun_path, "%s", place->path);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) poll(NULL, 0, 1); // it is just listening anew
    close(fd);
}

static bool is_heard(struct place *place)
{
    nng_socket client;
    nng_msg *message;
    assert_int_equal(nng_req0_open(&client), 0);
    nng_socket_set_ms(client, NNG_OPT_SENDTIMEO, 1000);
    nng_socket_set_ms(place->socket, NNG_OPT_RECVTIMEO, 500);
    bool heard = nng_dial(client, place->address, NULL, 0) == 0 && nng_send(client, "ask", 4, 0) == 0 &&
                 nng_recvmsg(place->socket, &message, 0) == 0;
    if (heard) nng_msg_free(message);
    nng_close(client);
    return heard;
}

static bool is_heard_in_time(struct place *place)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (clock_mono_ms() < until_ms)
        if (is_heard(place)) return true;
    return false;
}

static void clients_that_leave_in_the_handshake_do_not_make_it_deaf(void **state)
{
    struct place place;
    (void)state;
    open_place(&place);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < LEAVERS; i++) come_and_leave(&place);
        assert_true(is_heard_in_time(&place));
    }
    close_place(&place);
}

// Greeted, and gone: NNG goes on after that.
static void come_and_listen(const struct place *place)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    char greeting[8];
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    snprintf(to.sun_path, sizeof to.sun_path, "%s", place->path);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(read(fd, greeting, sizeof greeting), sizeof greeting);
    close(fd);
}

static void whoever_a_deaf_listener_greeted_is_heard(void **state)
{
    struct place place;
    nng_socket client;
    nng_msg *message;
    (void)state;
    open_place(&place);
    for (int i = 0; i < LEAVERS; i++) come_and_leave(&place);
    assert_int_equal(nng_req0_open(&client), 0);
    nng_socket_set_ms(client, NNG_OPT_RECONNMINT, 10);
    nng_socket_set_ms(client, NNG_OPT_REQ_RESENDTIME, PATIENCE_MS);
    nng_socket_set_ms(place.socket, NNG_OPT_RECVTIMEO, PATIENCE_MS);
    assert_int_equal(nng_dial(client, place.address, NULL, 0), 0); // greeted, deaf or not
    assert_int_equal(nng_send(client, "ask", 4, 0), 0);
    assert_int_equal(nng_recvmsg(place.socket, &message, 0), 0);
    nng_msg_free(message);
    nng_close(client);
    close_place(&place);
}

static uint32_t pipe_of_call(struct place *place, nng_socket client)
{
    nng_msg *message;
    nng_socket_set_ms(place->socket, NNG_OPT_RECVTIMEO, PATIENCE_MS);
    assert_int_equal(nng_send(client, "ask", 4, 0), 0);
    assert_int_equal(nng_recvmsg(place->socket, &message, 0), 0);
    uint32_t id = (uint32_t)nng_pipe_id(nng_msg_get_pipe(message));
    nng_msg_free(message);
    return id;
}

static void clients_that_leave_later_do_not_cut_those_who_stay(void **state)
{
    struct place place;
    nng_socket stays;
    (void)state;
    open_place(&place);
    assert_int_equal(nng_req0_open(&stays), 0);
    assert_int_equal(nng_dial(stays, place.address, NULL, 0), 0);
    uint32_t pipe = pipe_of_call(&place, stays);
    int64_t until_ms =
        clock_mono_ms() + RPC_LISTENER_CALM_MS + (RPC_LISTENER_CHECKS + 2) * RPC_LISTENER_CHECK_MS;
    while (clock_mono_ms() < until_ms) {
        come_and_listen(&place);
        assert_true(is_heard(&place));
    }
    assert_int_equal(pipe_of_call(&place, stays), pipe);
    nng_close(stays);
    close_place(&place);
}

static void the_socket_is_the_owners_alone(void **state)
{
    struct place place;
    struct stat about;
    (void)state;
    open_place(&place);
    assert_int_equal(stat(place.path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    close_place(&place);
}

static void an_address_that_is_taken_is_refused(void **state)
{
    struct place place;
    struct rpc_listener *second;
    nng_socket socket;
    struct err err = {0};
    (void)state;
    open_place(&place);
    assert_int_equal(nng_rep0_open(&socket), 0);
    assert_false(rpc_listener_open(&second, socket, place.address, &err));
    assert_non_null(strstr(err.message, place.address));
    nng_close(socket);
    assert_true(is_heard_in_time(&place));
    close_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_that_leave_in_the_handshake_do_not_make_it_deaf),
        cmocka_unit_test(whoever_a_deaf_listener_greeted_is_heard),
        cmocka_unit_test(clients_that_leave_later_do_not_cut_those_who_stay),
        cmocka_unit_test(the_socket_is_the_owners_alone),
        cmocka_unit_test(an_address_that_is_taken_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
