// What taking a connection from the library leans on, with the library that is installed: its suspended
// connection is out of the kernel's set, it closes the number that it knows, and nothing else of it touches
// the socket.
#include "services/gateway/http/testing/house.h"

#include <sys/epoll.h>
#include <unistd.h>

enum { GUESTS = 64 };

static struct {
    struct http_socket *sockets[GUESTS];
    int fds[GUESTS];
    int taken, lost, drained;
    bool later; // it is taken when the test says so
} seen;

static void on_taken(void *arg, struct http_socket *socket, int fd, const char *early, size_t len)
{
    (void)arg;
    assert_true(!early && !len);
    assert_is_own(fd);
    seen.sockets[seen.taken] = socket;
    seen.fds[seen.taken++] = fd;
}

static void on_lost(void *arg)
{
    (void)arg;
    seen.lost++;
}

static void close_guest(int i)
{
    if (!seen.sockets[i]) return;
    http_socket_close(seen.sockets[i]);
    seen.sockets[i] = NULL;
}

static void on_drain(void *arg, bool at_once)
{
    (void)arg;
    seen.drained++;
    for (int i = 0; at_once && i < seen.taken; i++) close_guest(i);
}

static const struct http_socket_owner owner = {NULL, on_taken, on_lost, on_drain};

static bool take(struct http_exchange *exchange)
{
    struct http_answer head = {.status = 200};
    http_answer_add(&head, "Content-Type", "text/event-stream");
    return http_take_over(exchange, &head, &owner, NULL);
}

static void on_complete(struct house *house, struct http_exchange *exchange)
{
    (void)house;
    if (!seen.later && !take(exchange)) http_answer(exchange, &(struct http_answer){.status = 503});
}

static void open_house(struct house *house)
{
    struct http_options options = house_options();
    memset(&seen, 0, sizeof seen);
    options.idle_timeout_ms = options.stall_timeout_ms = options.request_timeout_ms = 200;
    house_open(house, &options);
    house->complete = on_complete;
}

static void read_until(struct house *house, int fd, char *text, size_t size, const char *wanted)
{
    HOUSE_UNTIL(house, (house_read_text(fd, text, size), strstr(text, wanted) != NULL));
}

static void say(int i, const char *text)
{
    assert_int_equal(send(seen.fds[i], text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static int guest(struct house *house)
{
    char text[1000] = "";
    int fd = house_client(house, "127.0.0.1"), before = seen.taken;
    house_get(fd);
    HOUSE_UNTIL(house, seen.taken == before + 1);
    read_until(house, fd, text, sizeof text, "\r\n\r\n");
    assert_ptr_equal(strstr(text, "HTTP/1.1 200 OK\r\nDate: "), text);
    assert_non_null(strstr(text, "\r\nContent-Type: text/event-stream\r\n"));
    assert_non_null(strstr(text, "\r\nConnection: close\r\n"));
    assert_null(strstr(text, "Content-Length"));
    return fd;
}

static void assert_goes_on(struct house *house, int i, int fd)
{
    char text[100] = "";
    say(i, "and on");
    read_until(house, fd, text, sizeof text, "and on");
}

static void an_answer_goes_on_after_the_library_has_let_go(void **state)
{
    struct house house;
    char text[1000] = "";
    (void)state;
    open_house(&house);
    int fd = guest(&house);
    assert_int_equal(house.ended, 1);
    assert_int_equal(house.status, 200);
    assert_true(house.sent);
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 1);
    for (int64_t begun_ms = clock_mono_ms(); clock_mono_ms() - begun_ms < 600;)
        loop_turn(house.loop); // deadlines and sweeps pass
    assert_goes_on(&house, 0, fd);
    assert_int_equal(house_read_text(fd, text, sizeof text), false); // not closed
    close_guest(0);
    HOUSE_UNTIL(&house, house_read_text(fd, text, sizeof text));
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 0);
    close(fd);
    house_close(&house);
}

static void so_it_does_on_a_connection_that_had_other_requests(void **state)
{
    struct house house;
    char text[1000] = "";
    (void)state;
    open_house(&house);
    int fd = house_client(&house, "127.0.0.1");
    house.complete = NULL;
    house.answer.status = 204;
    house_get(fd);
    read_until(&house, fd, text, sizeof text, "\r\n\r\n");
    house.complete = on_complete;
    *text = 0;
    house_get(fd);
    read_until(&house, fd, text, sizeof text, "\r\n\r\n");
    assert_ptr_equal(strstr(text, "HTTP/1.1 200 "), text);
    assert_goes_on(&house, 0, fd);
    close(fd);
    house_close(&house);
}

// Waiting, and suspended because it took long.
static void an_exchange_may_be_taken_later(void **state)
{
    struct house house;
    (void)state;
    for (int wait_ms = 0; wait_ms <= 50; wait_ms += 50) {
        open_house(&house);
        char text[1000] = "";
        int fd = house_client(&house, "127.0.0.1");
        seen.later = true;
        house_get(fd);
        HOUSE_UNTIL(&house, house.begun == 1);
        int64_t begun_ms = clock_mono_ms();
        do loop_turn(house.loop);
        while (clock_mono_ms() - begun_ms < wait_ms);
        assert_true(take(house.exchange));
        assert_false(take(house.exchange));
        read_until(&house, fd, text, sizeof text, "\r\n\r\n");
        assert_goes_on(&house, 0, fd);
        close(fd);
        house_close(&house);
    }
}

static int open_files(void)
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd++) count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void many_come_and_go_and_leave_nothing(void **state)
{
    struct house house;
    int fds[GUESTS];
    (void)state;
    open_house(&house);
    int first = guest(&house);
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 1);
    int before = open_files();
    for (int i = 1; i < GUESTS; i++) fds[i] = guest(&house);
    HOUSE_UNTIL(&house, http_server_connections(house.server) == GUESTS);
    assert_int_equal(open_files(), before + 2 * (GUESTS - 1)); // theirs and ours
    for (int i = 1; i < GUESTS; i++) assert_goes_on(&house, i, fds[i]);
    for (int i = 1; i < GUESTS; i++) close(fds[i]), close_guest(i);
    assert_int_equal(open_files(), before);
    assert_int_equal(http_server_connections(house.server), 1);
    house_close(&house);
    close(first);
    assert_int_equal(seen.drained, 1);
}

static void none_is_taken_once_the_server_stops(void **state)
{
    struct house house;
    char text[1000] = "";
    (void)state;
    open_house(&house);
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    seen.later = true;
    HOUSE_UNTIL(&house, house.begun == 1);
    http_server_quiesce(house.server);
    assert_false(take(house.exchange));
    http_answer(house.exchange, &(struct http_answer){.status = 503});
    read_until(&house, fd, text, sizeof text, "HTTP/1.1 503 ");
    close(fd);
    house_close(&house);
}

// ---- Whose owner says all, and takes the body

static struct {
    size_t len;
    char early[8192];
} streamed;

static void on_taken_whole(void *arg, struct http_socket *socket, int fd, const char *early, size_t len)
{
    (void)arg;
    seen.sockets[seen.taken] = socket;
    seen.fds[seen.taken++] = fd;
    assert_true(len < sizeof streamed.early);
    if (len) memcpy(streamed.early, early, len);
    streamed.early[streamed.len = len] = 0;
}

static const struct http_socket_owner whole_owner = {NULL, on_taken_whole, on_lost, on_drain};

static void on_begin_streaming(struct house *house, struct http_exchange *exchange)
{
    (void)house;
    http_stream_body(exchange);
}

static void on_complete_streaming(struct house *house, struct http_exchange *exchange)
{
    (void)house;
    assert_true(http_take_over(exchange, NULL, &whole_owner, NULL));
}

static void open_streaming(struct house *house)
{
    struct http_options options = house_options();
    memset(&seen, 0, sizeof seen);
    memset(&streamed, 0, sizeof streamed);
    house_open(house, &options);
    house->begin = on_begin_streaming;
    house->complete = on_complete_streaming;
}

// What has come with the head, in parts or not at all; the rest is read by the owner.
static void a_body_goes_on_to_who_takes_it(void **state)
{
    static const char *const first[] = {"", "ab", "abcdef"}, *const rest[] = {"abcdef", "cdef", ""};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct house house;
        char text[1000] = "", more[100] = "";
        open_streaming(&house);
        int fd = house_client(&house, "127.0.0.1");
        house_send(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n");
        house_send(fd, first[i]);
        if (*first[i]) {
            HOUSE_UNTIL(&house, seen.taken == 1);
            house_send(fd, rest[i]);
        } else {
            HOUSE_UNTIL(&house, house.begun == 1);
            house_send(fd, rest[i]);
            HOUSE_UNTIL(&house, seen.taken == 1);
        }
        assert_int_equal(house.ended, 1);
        assert_int_equal(house.status, 0);
        assert_true(house.sent);
        HOUSE_UNTIL(&house,
                    (house_read_text(seen.fds[0], more, sizeof more), streamed.len + strlen(more) == 6));
        assert_memory_equal("abcdef", streamed.early, streamed.len);
        assert_string_equal("abcdef" + streamed.len, more);
        say(0, "HTTP/1.1 204 No Content\r\n\r\n");
        read_until(&house, fd, text, sizeof text, "204 No Content");
        assert_ptr_equal(strstr(text, "HTTP/1.1 204"), text);
        close_guest(0);
        HOUSE_UNTIL(&house, house_read_text(fd, text, sizeof text));
        assert_null(strstr(text + 1, "HTTP/1.1"));
        close(fd);
        house_close(&house);
    }
}

static void who_waits_for_word_is_asked_for_the_body_that_is_streamed(void **state)
{
    struct house house;
    char text[1000] = "";
    (void)state;
    open_streaming(&house);
    int fd = house_client(&house, "127.0.0.1");
    house_send(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    read_until(&house, fd, text, sizeof text, "HTTP/1.1 100 Continue\r\n\r\n");
    assert_int_equal(seen.taken, 0);
    house_send(fd, "abc");
    HOUSE_UNTIL(&house, seen.taken == 1);
    assert_string_equal(streamed.early, "abc");
    close(fd);
    close_guest(0);
    house_close(&house);
}

static void without_a_body_it_is_taken_at_once(void **state)
{
    struct house house;
    char text[1000] = "";
    (void)state;
    open_streaming(&house);
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    HOUSE_UNTIL(&house, seen.taken == 1);
    assert_int_equal(streamed.len, 0);
    say(0, "said by the owner");
    read_until(&house, fd, text, sizeof text, "owner");
    assert_string_equal(text, "said by the owner");
    close(fd);
    close_guest(0);
    house_close(&house);
}

static void who_is_gone_is_noticed_by_the_owner(void **state)
{
    struct house house;
    (void)state;
    open_house(&house);
    int fd = guest(&house);
    char byte;
    close(fd);
    HOUSE_UNTIL(&house, recv(seen.fds[0], &byte, 1, 0) == 0);
    close_guest(0);
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 0);
    house_close(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_goes_on_after_the_library_has_let_go),
        cmocka_unit_test(so_it_does_on_a_connection_that_had_other_requests),
        cmocka_unit_test(an_exchange_may_be_taken_later),
        cmocka_unit_test(many_come_and_go_and_leave_nothing),
        cmocka_unit_test(none_is_taken_once_the_server_stops),
        cmocka_unit_test(a_body_goes_on_to_who_takes_it),
        cmocka_unit_test(who_waits_for_word_is_asked_for_the_body_that_is_streamed),
        cmocka_unit_test(without_a_body_it_is_taken_at_once),
        cmocka_unit_test(who_is_gone_is_noticed_by_the_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
