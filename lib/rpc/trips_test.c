// Round trips: replies meet their messages, dropped messages are never sent, and the maximum holds.
#include "lib/rpc/trips.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

#include "tests/test.h"

enum { PATIENCE_MS = 10 * 1000 };

struct ends {
    nng_socket near, far;
    struct rpc_trips trips;
    int event_fd;
};

static void listen_at(struct ends *ends, const char *address)
{
    assert_int_equal(nng_rep0_open(&ends->far), 0);
    assert_int_equal(nng_socket_set_ms(ends->far, NNG_OPT_RECVTIMEO, PATIENCE_MS), 0);
    assert_int_equal(nng_listen(ends->far, address, NULL, 0), 0);
}

static void dial(struct ends *ends, const char *address)
{
    assert_int_equal(nng_req0_open(&ends->near), 0);
    assert_int_equal(nng_socket_set_ms(ends->near, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE), 0);
    assert_int_equal(nng_socket_set_ms(ends->near, NNG_OPT_RECONNMINT, 10), 0);
    assert_int_equal(nng_dial(ends->near, address, NULL, NNG_FLAG_NONBLOCK), 0);
    ends->event_fd = eventfd(0, EFD_NONBLOCK);
    rpc_trips_init(&ends->trips, ends->near, ends->event_fd);
}

static void close_ends(struct ends *ends)
{
    rpc_trips_finish(&ends->trips);
    nng_close(ends->near);
    nng_close(ends->far);
    close(ends->event_fd);
}

static nng_msg *message_of(const char *text)
{
    nng_msg *message;
    assert_int_equal(nng_msg_alloc(&message, 0), 0);
    assert_int_equal(nng_msg_append(message, text, strlen(text)), 0);
    return message;
}

static void send_text(struct ends *ends, const char *text)
{
    assert_true(rpc_trips_send(&ends->trips, message_of(text), strlen(text)));
}

static void assert_text(nng_msg *message, const char *text)
{
    assert_int_equal(nng_msg_len(message), strlen(text));
    assert_memory_equal(nng_msg_body(message), text, strlen(text));
}

static nng_msg *far_takes(struct ends *ends, const char *text)
{
    nng_msg *message;
    assert_int_equal(nng_recvmsg(ends->far, &message, 0), 0);
    assert_text(message, text);
    return message;
}

static nng_msg *near_takes(struct ends *ends)
{
    for (;;) {
        uint64_t number;
        nng_msg *message = rpc_trips_receive(&ends->trips, &number);
        if (message) assert_int_equal(number, nng_msg_len(message)); // as send_text counts
        if (message) return message;
        struct pollfd told = {.fd = ends->event_fd, .events = POLLIN};
        assert_int_equal(poll(&told, 1, PATIENCE_MS), 1);
        eventfd_t ignored;
        eventfd_read(ends->event_fd, &ignored);
    }
}

static void a_reply_comes_back(void **state)
{
    struct ends ends = {0};
    (void)state;
    listen_at(&ends, "inproc://trips-reply");
    dial(&ends, "inproc://trips-reply");
    for (int i = 0; i < 100; i++) {
        send_text(&ends, "ask");
        assert_int_equal(nng_sendmsg(ends.far, far_takes(&ends, "ask"), 0), 0);
        nng_msg *reply = near_takes(&ends);
        assert_text(reply, "ask");
        nng_msg_free(reply);
        assert_int_equal(ends.trips.count, 0);
    }
    close_ends(&ends);
}

static void what_was_dropped_is_not_sent_later(void **state)
{
    struct ends ends = {0};
    uint64_t number;
    (void)state;
    dial(&ends, "inproc://trips-dropped"); // nobody is there yet
    for (int i = 0; i < 5; i++) send_text(&ends, "dropped");
    assert_int_equal(ends.trips.count, 5);
    rpc_trips_drop(&ends.trips);
    assert_int_equal(ends.trips.count, 0);
    assert_null(rpc_trips_receive(&ends.trips, &number));
    send_text(&ends, "kept");
    listen_at(&ends, "inproc://trips-dropped");
    nng_msg_free(far_takes(&ends, "kept"));
    rpc_trips_drop(&ends.trips);
    close_ends(&ends);
}

static void no_more_are_under_way_than_may_be(void **state)
{
    struct ends ends = {0};
    nng_msg *message = message_of("one too many");
    int sent = 0;
    (void)state;
    dial(&ends, "inproc://trips-bounded");
    while (rpc_trips_send(&ends.trips, message, 1) && ++sent < 10000) message = message_of("another");
    assert_int_equal(sent, 128);
    nng_msg_free(message); // still ours
    rpc_trips_drop(&ends.trips);
    assert_true(rpc_trips_send(&ends.trips, message_of("room again"), 1));
    close_ends(&ends);
}

static void a_lost_connection_ends_the_trip(void **state)
{
    struct ends ends = {0};
    uint64_t number;
    (void)state;
    listen_at(&ends, "inproc://trips-lost");
    dial(&ends, "inproc://trips-lost");
    send_text(&ends, "never answered");
    nng_msg_free(far_takes(&ends, "never answered"));
    nng_close(ends.far);
    struct pollfd told = {.fd = ends.event_fd, .events = POLLIN};
    assert_int_equal(poll(&told, 1, PATIENCE_MS), 1);
    assert_null(rpc_trips_receive(&ends.trips, &number));
    assert_int_equal(ends.trips.count, 0);
    listen_at(&ends, "inproc://trips-lost");
    send_text(&ends, "the next");
    nng_msg_free(far_takes(&ends, "the next")); // and not the one before
    close_ends(&ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_comes_back),
        cmocka_unit_test(what_was_dropped_is_not_sent_later),
        cmocka_unit_test(no_more_are_under_way_than_may_be),
        cmocka_unit_test(a_lost_connection_ends_the_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
