#include "services/gateway/http/testing/secure.h"

#include <sys/epoll.h>

enum { GUESTS = 4 };

// What goes on behind a connection that left HTTP: all that comes is sent back.
static struct echo {
    struct loop *loop;
    struct http_socket *socket;
    struct loop_source source;
} echoes[GUESTS];

static struct {
    int taken, lost, drained;
    bool lingers; // at the first word of a drain
    struct err err;
} seen;

static void echo_close(struct echo *echo)
{
    loop_unwatch(echo->loop, &echo->source);
    http_socket_close(echo->socket);
    *echo = (struct echo){0};
}

static void echo_say(struct echo *echo, const char *bytes, size_t len)
{
    struct pieces pieces;
    pieces_init(&pieces);
    pieces_copy(&pieces, bytes, len);
    assert_int_equal(http_socket_send(echo->socket, &pieces), PIECES_ALL);
}

static void on_ready(void *arg, uint32_t events)
{
    struct echo *echo = arg;
    char bytes[HTTP_SOCKET_READ];
    ssize_t n = http_socket_receive(echo->socket, bytes, sizeof bytes);
    (void)events;
    if (n > 0)
        echo_say(echo, bytes, (size_t)n);
    else if (n == 0 || errno != EAGAIN)
        echo_close(echo);
}

static void on_taken(void *arg, struct http_socket *socket, int fd, const char *early, size_t len)
{
    struct house *house = arg;
    struct echo *echo = &echoes[seen.taken++ % GUESTS];
    struct err err;
    assert_is_own(fd);
    *echo = (struct echo){.loop = house->loop, .socket = socket, .source = {fd, on_ready, echo}};
    if (len) echo_say(echo, early, len);
    assert_true(loop_watch(house->loop, &echo->source, EPOLLIN, &err));
}

static void on_lost(void *arg)
{
    (void)arg;
    seen.lost++;
}

static void on_drain(void *arg, bool at_once)
{
    (void)arg;
    seen.drained++;
    for (int i = 0; i < GUESTS; i++)
        if (echoes[i].socket && (at_once || !seen.lingers)) echo_close(&echoes[i]);
}

static const struct http_socket_owner owner = {"echo", on_taken, on_lost, on_drain};

static void upgrade(struct house *house, struct http_exchange *exchange)
{
    struct http_answer head = {0};
    http_answer_add(&head, "X-Hall", "of echoes");
    if (http_upgrade(exchange, &head, &owner, house, &seen.err)) return;
    http_answer(exchange, &(struct http_answer){.status = err_is(&seen.err, MALFORMED) ? 400 : 503});
}

static void open_house(struct house *house, const struct http_options *options)
{
    memset(&seen, 0, sizeof seen);
    memset(echoes, 0, sizeof echoes);
    house_open(house, options);
    house->complete = upgrade;
}

static const char asks[] =
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: other, ECHO\r\n\r\n";

static void read_until(struct house *house, int fd, char *text, size_t size, const char *wanted)
{
    HOUSE_UNTIL(house, (house_read_text(fd, text, size), strstr(text, wanted) != NULL));
}

static int guest(struct house *house)
{
    char text[1000] = "";
    int fd = house_client(house, "127.0.0.1");
    house_send(fd, asks);
    read_until(house, fd, text, sizeof text, "\r\n\r\n");
    assert_ptr_equal(strstr(text, "HTTP/1.1 101 "), text);
    return fd;
}

static void a_connection_leaves_and_bytes_go_both_ways(void **state)
{
    struct house house;
    struct http_options options = house_options();
    char text[2000] = "", request[300];
    (void)state;
    open_house(&house, &options);
    int fd = house_client(&house, "127.0.0.1");
    house.complete = NULL; // it may have asked for other things before
    house.answer.status = 204;
    house_get(fd);
    read_until(&house, fd, text, sizeof text, "\r\n\r\n");
    house.complete = upgrade;
    *text = 0;
    snprintf(request, sizeof request, "%searly", asks);
    house_send(fd, request);
    read_until(&house, fd, text, sizeof text, "\r\n\r\nearly");
    assert_ptr_equal(strstr(text, "HTTP/1.1 101 "), text);
    assert_non_null(strstr(text, "\r\nUpgrade: echo\r\n"));
    assert_non_null(strstr(text, "\r\nConnection: Upgrade\r\n"));
    assert_non_null(strstr(text, "\r\nX-Hall: of echoes\r\n"));
    assert_int_equal(house.ended, 2); // the exchange is over, the connection is not
    assert_int_equal(house.status, 101);
    assert_true(house.sent);
    house_send(fd, " and late");
    read_until(&house, fd, text, sizeof text, "early and late");
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 1);
    close(fd);
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 0);
    assert_null(echoes[0].socket);
    house_close(&house);
}

static void what_has_left_rests_for_as_long_as_it_likes(void **state)
{
    enum { SHORT_MS = 50 };
    struct house house;
    struct http_options options = house_options();
    char text[100] = "";
    (void)state;
    options.idle_timeout_ms = options.stall_timeout_ms = options.request_timeout_ms = SHORT_MS;
    open_house(&house, &options);
    int fd = guest(&house);
    for (int64_t begun_ms = clock_mono_ms(); clock_mono_ms() - begun_ms < 1000;)
        loop_turn(house.loop); // sweeps pass
    house_send(fd, "still here");
    read_until(&house, fd, text, sizeof text, "still here");
    close(fd);
    house_close(&house);
}

static bool is_closed(struct house *house, int fd)
{
    char text[100] = "";
    (void)house;
    return house_read_text(fd, text, sizeof text);
}

static void it_is_counted_and_gives_no_place_away(void **state)
{
    struct house house;
    struct http_options options = house_options();
    (void)state;
    options.max_connections = options.max_per_address = 2;
    open_house(&house, &options);
    int first = guest(&house), second = guest(&house);
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 2);
    int third = house_client(&house, "127.0.0.1"), fourth = house_client(&house, "127.0.0.2");
    HOUSE_UNTIL(&house, is_closed(&house, third));
    HOUSE_UNTIL(&house, is_closed(&house, fourth));
    close(first);
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 1);
    int fifth = guest(&house);
    close(second);
    close(third);
    close(fourth);
    close(fifth);
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 0);
    house_close(&house);
}

static void a_drain_ends_it(void **state)
{
    struct house house;
    struct http_options options = house_options();
    (void)state;
    open_house(&house, &options);
    int fd = guest(&house);
    http_server_quiesce(house.server);
    assert_int_equal(seen.drained, 1);
    HOUSE_UNTIL(&house, is_closed(&house, fd));
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 0);
    close(fd);
    house_close(&house);
}

static void a_stop_ends_who_lingers(void **state)
{
    struct house house;
    struct http_options options = house_options();
    (void)state;
    open_house(&house, &options);
    seen.lingers = true;
    int fd = guest(&house);
    http_server_quiesce(house.server);
    assert_false(is_closed(&house, fd));
    assert_int_equal(http_server_connections(house.server), 1);
    house_close(&house);
    assert_int_equal(seen.drained, 2);
    assert_true(is_closed(&house, fd));
    close(fd);
}

static void who_does_not_ask_for_it_is_answered_otherwise(void **state)
{
    static const struct {
        const char *request, *why;
    } rows[] = {
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "Upgrade must name echo"},
        {"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: echoes, ech\r\nConnection: Upgrade\r\n\r\n",
         "Upgrade must name echo"},
        {"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\n\r\n", "Connection must name Upgrade"},
        {"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\nConnection: upgraded\r\n\r\n",
         "Connection must name Upgrade"},
        {"GET / HTTP/1.0\r\nHost: x\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n",
         "HTTP/1.1 is needed to go on with echo"},
    };
    struct house house;
    struct http_options options = house_options();
    (void)state;
    open_house(&house, &options);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1000] = "";
        int fd = house_client(&house, "127.0.0.1");
        house_send(fd, rows[i].request);
        read_until(&house, fd, text, sizeof text, "\r\n\r\n");
        assert_non_null(strstr(text, " 400 "));
        assert_string_equal(seen.err.message, rows[i].why);
        close(fd);
    }
    assert_int_equal(seen.taken, 0);
    house_close(&house);
}

static void none_leaves_while_the_server_stops(void **state)
{
    struct house house;
    struct http_options options = house_options();
    char text[1000] = "";
    (void)state;
    open_house(&house, &options);
    house.complete = NULL; // later
    int fd = house_client(&house, "127.0.0.1");
    house_send(fd, asks);
    HOUSE_UNTIL(&house, house.begun == 1);
    http_server_quiesce(house.server);
    upgrade(&house, house.exchange);
    read_until(&house, fd, text, sizeof text, "\r\n\r\n");
    assert_non_null(strstr(text, " 503 "));
    close(fd);
    house_close(&house);
}

// The answer comes late: the connection is suspended by then, and its client gone.
static void an_owner_is_told_when_the_client_has_left_before(void **state)
{
    static const struct linger none = {.l_onoff = 1};
    struct house house;
    struct http_options options = house_options();
    (void)state;
    open_house(&house, &options);
    house.complete = NULL;
    int fd = house_client(&house, "127.0.0.1");
    house_send(fd, asks);
    HOUSE_UNTIL(&house, house.begun == 1);
    for (int64_t begun_ms = clock_mono_ms(); clock_mono_ms() - begun_ms < 20;) loop_turn(house.loop);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
    upgrade(&house, house.exchange);
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 0);
    assert_int_equal(seen.taken + seen.lost, 1);
    assert_int_equal(seen.lost, 1);
    assert_false(house.sent);
    house_close(&house);
}

// ---- With TLS

static void echo_over_tls(struct secure *secure, struct house *house)
{
    static const char late[] = " and late";
    char request[300];
    snprintf(request, sizeof request, "%searly", asks);
    gnutls_record_send(secure->session, request, strlen(request));
    HOUSE_UNTIL(house, secure_read(secure, "\r\n\r\nearly"));
    assert_ptr_equal(strstr(secure->text, "HTTP/1.1 101 "), secure->text);
    assert_int_equal(house->ended, 1);
    assert_true(house->sent);
    for (int64_t begun_ms = clock_mono_ms(); clock_mono_ms() - begun_ms < 600;)
        loop_turn(house->loop); // sweeps pass
    gnutls_record_send(secure->session, late, strlen(late));
    HOUSE_UNTIL(house, secure_read(secure, "early and late"));
    assert_int_equal(http_server_connections(house->server), 1);
}

static void open_secure_house(struct house *house, struct secure *secure)
{
    struct http_options options = house_options();
    secure_options(secure, &options);
    options.idle_timeout_ms = options.stall_timeout_ms = 300;
    open_house(house, &options);
    secure_connect(secure, house);
}

static void it_leaves_with_its_tls(void **state)
{
    struct house house;
    struct secure secure = {.fd = -1};
    (void)state;
    open_secure_house(&house, &secure);
    echo_over_tls(&secure, &house);
    gnutls_record_send(secure.session, "!", 1);
    gnutls_bye(secure.session, GNUTLS_SHUT_WR);
    shutdown(secure.fd, SHUT_WR);
    HOUSE_UNTIL(&house, secure_read(&secure, "late!"));
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 0);
    assert_null(echoes[0].socket);
    house_close(&house);
    secure_close(&secure);
}

static void a_client_with_tls_that_vanishes_is_noticed(void **state)
{
    struct house house;
    struct secure secure = {.fd = -1};
    (void)state;
    open_secure_house(&house, &secure);
    echo_over_tls(&secure, &house);
    secure_close(&secure);
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 0);
    house_close(&house);
}

static void a_stop_ends_it_with_its_tls(void **state)
{
    struct house house;
    struct secure secure = {.fd = -1};
    (void)state;
    open_secure_house(&house, &secure);
    seen.lingers = true;
    echo_over_tls(&secure, &house);
    http_server_quiesce(house.server);
    house_close(&house);
    assert_int_equal(seen.drained, 2);
    secure_close(&secure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_leaves_and_bytes_go_both_ways),
        cmocka_unit_test(what_has_left_rests_for_as_long_as_it_likes),
        cmocka_unit_test(it_is_counted_and_gives_no_place_away),
        cmocka_unit_test(a_drain_ends_it),
        cmocka_unit_test(a_stop_ends_who_lingers),
        cmocka_unit_test(who_does_not_ask_for_it_is_answered_otherwise),
        cmocka_unit_test(none_leaves_while_the_server_stops),
        cmocka_unit_test(an_owner_is_told_when_the_client_has_left_before),
        cmocka_unit_test(it_leaves_with_its_tls),
        cmocka_unit_test(a_client_with_tls_that_vanishes_is_noticed),
        cmocka_unit_test(a_stop_ends_it_with_its_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
