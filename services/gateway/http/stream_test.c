#include "services/gateway/http/testing/house.h"

enum { PIECE = 64 * 1024, STALL_MS = 500 };

// The owner of the stream that the house answers with.
static struct owner {
    struct http_stream *stream;
    int writable, ended;
    enum http_end why;
} owner;

static void on_writable(void *arg)
{
    (void)arg;
    owner.writable++;
}

static void on_ended(void *arg, enum http_end why)
{
    (void)arg;
    owner.ended++;
    owner.why = why;
    owner.stream = NULL;
}

static const struct http_stream_owner callbacks = {on_writable, on_ended};

static void begin_stream(struct house *house, struct http_exchange *exchange)
{
    struct http_answer head = {.status = 200};
    (void)house;
    http_answer_add(&head, "Content-Type", "text/csv");
    owner.stream = http_begin(exchange, &head, &callbacks, NULL);
    assert_non_null(owner.stream);
    assert_null(http_begin(exchange, &head, &callbacks, NULL)); // once
}

static void open_house(struct house *house)
{
    struct http_options options = house_options();
    options.stall_timeout_ms = STALL_MS;
    owner = (struct owner){0};
    house_open(house, &options);
    house->complete = begin_stream;
}

static enum http_room write_text(const char *text)
{
    struct shared *shared = shared_create(text, strlen(text));
    enum http_room room = http_write(owner.stream, shared, 0, shared->len);
    shared_drop(shared);
    return room;
}

static int ask(struct house *house, const char *request)
{
    int fd = house_client(house, "127.0.0.1");
    house_send(fd, request);
    HOUSE_UNTIL(house, house->begun == 1);
    return fd;
}

static const char get[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

static void pieces_come_as_they_are_written(void **state)
{
    struct house house;
    char text[2000] = "";
    (void)state;
    open_house(&house);
    int fd = ask(&house, get);
    HOUSE_UNTIL(&house, (house_read_text(fd, text, sizeof text), strstr(text, "\r\n\r\n") != NULL));
    assert_non_null(strstr(text, "Transfer-Encoding: chunked"));
    assert_non_null(strstr(text, "text/csv"));
    static const char *const lines[] = {"moon\n", "sun\n", "stars\n"};
    for (int i = 0; i < 3; i++) { // the library waits for each
        for (int turns = 0; turns < 3; turns++) loop_turn(house.loop);
        assert_int_equal(write_text(lines[i]), HTTP_GO_ON);
        HOUSE_UNTIL(&house, (house_read_text(fd, text, sizeof text), strstr(text, lines[i]) != NULL));
    }
    struct shared *shared = shared_create("of a whole", 10);
    assert_int_equal(http_write(owner.stream, shared, 5, 5), HTTP_GO_ON);
    assert_int_equal(http_write(owner.stream, shared, 0, 0), HTTP_GO_ON);
    shared_drop(shared);
    http_end(owner.stream);
    HOUSE_UNTIL(&house, owner.ended == 1);
    assert_int_equal(owner.why, HTTP_END_DONE);
    HOUSE_UNTIL(&house, (house_read_text(fd, text, sizeof text), strstr(text, "whole\r\n0\r\n\r\n") != NULL));
    house_send(fd, get); // the connection goes on
    HOUSE_UNTIL(&house, house.begun == 2);
    http_end(owner.stream);
    HOUSE_UNTIL(&house, owner.ended == 2);
    close(fd);
    house_close(&house);
}

static size_t gone;

static void on_gone(void *arg, size_t len)
{
    (void)arg;
    gone += len;
}

static struct shared *large_piece(void)
{
    char *bytes = calloc(1, PIECE);
    struct shared *shared = shared_create(bytes, PIECE);
    free(bytes);
    shared->gone = on_gone;
    return shared;
}

static void a_writer_is_told_to_wait_and_when_to_go_on(void **state)
{
    struct house house;
    size_t got = 0;
    (void)state;
    open_house(&house);
    gone = 0;
    int fd = ask(&house, get);
    struct shared *piece = large_piece();
    enum http_room room = HTTP_GO_ON;
    int taken = 0;
    for (; room != HTTP_NO_ROOM; taken++) { // nobody reads
        room = http_write(owner.stream, piece, 0, PIECE);
        assert_true(taken < 200);
        if (room == HTTP_GO_ON) loop_turn(house.loop);
    }
    taken--;
    assert_int_equal(owner.writable, 0);
    HOUSE_UNTIL(&house, (house_read(fd, PIECE, &got), owner.writable == 1));
    http_end(owner.stream);
    HOUSE_UNTIL(&house, (house_read(fd, PIECE, &got), owner.ended == 1));
    assert_int_equal(owner.why, HTTP_END_DONE);
    HOUSE_UNTIL(&house, (house_read(fd, PIECE, &got), got > (size_t)taken * PIECE));
    assert_int_equal(gone, 0);
    shared_drop(piece);
    assert_int_equal(gone, PIECE);
    close(fd);
    house_close(&house);
}

static void who_takes_nothing_is_cut_and_who_has_nothing_to_take_is_not(void **state)
{
    struct house house;
    (void)state;
    open_house(&house);
    int fd = ask(&house, get);
    int64_t begun_ms = clock_mono_ms();
    while (clock_mono_ms() - begun_ms < 3 * STALL_MS) loop_turn(house.loop); // nothing is written
    assert_int_equal(owner.ended, 0);
    struct shared *piece = large_piece();
    while (http_write(owner.stream, piece, 0, PIECE) != HTTP_NO_ROOM) loop_turn(house.loop);
    shared_drop(piece);
    HOUSE_UNTIL(&house, owner.ended == 1);
    assert_int_equal(owner.why, HTTP_END_STALLED);
    assert_int_equal(house.ended, 1);
    close(fd);
    house_close(&house);
}

static void a_client_that_leaves_ends_it(void **state)
{
    struct house house;
    char text[2000] = "";
    (void)state;
    open_house(&house);
    int fd = ask(&house, get);
    HOUSE_UNTIL(&house, house_read_text(fd, text, sizeof text) || strstr(text, "\r\n\r\n"));
    close(fd); // while the library waits for more
    HOUSE_UNTIL(&house, owner.ended == 1);
    assert_int_equal(owner.why, HTTP_END_LEFT);
    HOUSE_UNTIL(&house, http_server_connections(house.server) == 0);
    house_close(&house);
}

static void head_and_old_clients_are_served(void **state)
{
    struct house house;
    char text[2000] = "";
    (void)state;
    open_house(&house);
    int fd = ask(&house, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    HOUSE_UNTIL(&house, owner.ended == 1);
    assert_int_equal(owner.why, HTTP_END_DONE);
    close(fd);
    fd = house_client(&house, "127.0.0.1");
    house_send(fd, "GET / HTTP/1.0\r\n\r\n");
    HOUSE_UNTIL(&house, house.begun == 2);
    write_text("moon");
    http_end(owner.stream);
    HOUSE_UNTIL(&house, house_read_text(fd, text, sizeof text)); // its end is that of the connection
    assert_null(strstr(text, "chunked"));
    assert_non_null(strstr(text, "\r\n\r\nmoon"));
    assert_int_equal(owner.ended, 2);
    close(fd);
    house_close(&house);
}

static void a_stop_ends_it_short(void **state)
{
    struct house house;
    char text[2000] = "";
    (void)state;
    open_house(&house);
    int fd = ask(&house, get);
    write_text("half");
    HOUSE_UNTIL(&house, (house_read_text(fd, text, sizeof text), strstr(text, "half") != NULL));
    house_close(&house);
    assert_int_equal(owner.ended, 1);
    assert_int_equal(owner.why, HTTP_END_DRAIN);
    assert_true(house_read_text(fd, text, sizeof text));
    assert_null(strstr(text, "\r\n0\r\n")); // nobody takes it for the whole
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_come_as_they_are_written),
        cmocka_unit_test(a_writer_is_told_to_wait_and_when_to_go_on),
        cmocka_unit_test(who_takes_nothing_is_cut_and_who_has_nothing_to_take_is_not),
        cmocka_unit_test(a_client_that_leaves_ends_it),
        cmocka_unit_test(head_and_old_clients_are_served),
        cmocka_unit_test(a_stop_ends_it_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
