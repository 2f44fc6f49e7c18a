// Sockets on a real server, plain and with TLS: what a client sends and gets is as on the wire.
#include "services/gateway/socket/socket.h"

#include <malloc.h>

#include "services/gateway/http/testing/secure.h"
#include "services/gateway/socket/frames.h"

enum { MOST = 1 << 20, LARGE = 1 << 20 };

static struct world {
    struct house house;
    struct socket *socket; // that was opened last; NULL: it is over
    struct socket_times times;
    struct session_op *op; // that was started last
    struct buf got;        // behind the head of the 101
    int inits, starts, stops, overs, refused, writables, slows, silences;
    bool answers, ends; // an operation at once; the socket, when one starts
    bool later;         // an init, by the test
    char token[64];
    bool with_tls;
    struct secure secure; // the client's, then
} world;

// ---- The owner

static void on_init(void *arg, const char *token)
{
    (void)arg;
    world.inits++;
    snprintf(world.token, sizeof world.token, "%s", token ? token : "-");
    if (!world.later) socket_admit(world.socket, NULL);
}

static void on_start(void *arg, struct session_op *op, const json_t *payload)
{
    (void)arg;
    world.starts++;
    world.op = op;
    op->arg = &world;
    assert_non_null(json_string_value(json_object_get(payload, "query")));
    if (world.ends) socket_end(world.socket, FEED_REVOKED, 0);
    if (!world.answers) return;
    socket_next(world.socket, op, "{\"data\":1}", 10);
    socket_complete(world.socket, op);
}

static void on_stop(void *arg, void *op_arg)
{
    (void)arg;
    assert_ptr_equal(op_arg, &world);
    world.stops++;
}

static void on_over(void *arg)
{
    (void)arg;
    world.overs++;
    world.socket = NULL;
}

static void on_writable(void *arg)
{
    (void)arg;
    assert_true(socket_has_room(world.socket));
    world.writables++;
}

static void on_slow(void *arg)
{
    (void)arg;
    world.slows++;
}

static void on_silent(void *arg)
{
    (void)arg;
    world.silences++;
    socket_end(world.socket, FEED_SLOW, 0);
}

static const struct socket_owner socket_owner = {on_init, on_start,  on_stop, on_writable,
                                                 on_slow, on_silent, on_over};

static void answer(struct house *house, struct http_exchange *exchange)
{
    static const struct cors cors = {""};
    struct handshake handshake;
    struct err err;
    struct socket_request request = {.loop = house->loop,
                                     .http = exchange,
                                     .handshake = &handshake,
                                     .times = &world.times,
                                     .owner = &socket_owner};
    struct http_answer refusal = {.status = 400, .close = true};
    if (handshake_check(exchange, &cors, &handshake, &err) && (world.socket = socket_open(&request, &err)))
        return;
    world.refused++;
    http_answer(exchange, &refusal);
}

// ---- A client

#define ASKS                                                                                                 \
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "      \
    "13\r\n"                                                                                                 \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define OURS "Sec-WebSocket-Protocol: graphql-transport-ws\r\n"
#define INIT "{\"type\":\"connection_init\",\"payload\":{\"authorization\":\"Bearer x\"}}"
#define SUBSCRIBE "{\"id\":\"a\",\"type\":\"subscribe\",\"payload\":{\"query\":\"{me}\"}}"
#define ACK "{\"type\":\"connection_ack\"}"

static void client_frame(struct buf *out, unsigned first, const char *payload, size_t len)
{
    uint8_t head[FRAMES_HEAD];
    size_t size = frames_head(head, 0, len);
    head[0] = (uint8_t)first;
    head[1] |= 0x80;
    buf_append(out, head, size);
    buf_append(out, "\0\0\0\0", 4); // a mask that changes nothing
    buf_append(out, payload, len);
}

static int connect_client(void)
{
    if (!world.with_tls) return house_client(&world.house, "127.0.0.1");
    secure_connect(&world.secure, &world.house);
    return world.secure.fd;
}

static void hang_up(int fd)
{
    if (world.with_tls)
        secure_leave(&world.secure);
    else
        close(fd);
}

static void send_bytes(int fd, const struct buf *bytes)
{
    if (world.with_tls) return secure_send_bytes(&world.secure, bytes->bytes, bytes->len);
    assert_int_equal(send(fd, bytes->bytes, bytes->len, MSG_NOSIGNAL), (ssize_t)bytes->len);
}

static void say(int fd, unsigned first, const char *payload, size_t len)
{
    struct buf frame;
    buf_init(&frame, MOST);
    client_frame(&frame, first, payload, len);
    send_bytes(fd, &frame);
    buf_finish(&frame);
}

static void say_text(int fd, const char *text) { say(fd, 0x81, text, strlen(text)); }

// True once the connection has ended.
static bool listen_to(int fd)
{
    char bytes[4096];
    for (;;) {
        ssize_t len = world.with_tls ? secure_receive(&world.secure, bytes, sizeof bytes)
                                     : recv(fd, bytes, sizeof bytes, 0);
        if (len < 0 && errno == EAGAIN) return false;
        if (len <= 0) return true;
        buf_append(&world.got, bytes, (size_t)len);
    }
}

static bool got(int fd, const void *wanted, size_t len)
{
    listen_to(fd);
    return memmem(world.got.bytes, world.got.len, wanted, len) != NULL;
}

static void expect(int fd, enum frames_opcode opcode, const char *payload, size_t len)
{
    struct buf frame;
    buf_init(&frame, MOST);
    frames_write(&frame, opcode, payload, len);
    HOUSE_UNTIL(&world.house, got(fd, frame.bytes, frame.len));
    buf_finish(&frame);
}

static void expect_text(int fd, const char *text) { expect(fd, FRAMES_TEXT, text, strlen(text)); }

static void expect_close(int fd, uint16_t code, const char *reason)
{
    struct buf frame;
    buf_init(&frame, MOST);
    frames_close(&frame, code, reason);
    HOUSE_UNTIL(&world.house, got(fd, frame.bytes, frame.len));
    assert_memory_equal(world.got.bytes + world.got.len - frame.len, frame.bytes, frame.len); // the last
    buf_finish(&frame);
}

static int open_client(const char *more)
{
    struct buf bytes;
    int fd = connect_client();
    buf_init(&bytes, MOST);
    buf_printf(&bytes, ASKS "%s\r\n", more);
    send_bytes(fd, &bytes);
    buf_finish(&bytes);
    HOUSE_UNTIL(&world.house, got(fd, "\r\n\r\n", 4));
    return fd;
}

static int open_ready(void)
{
    int fd = open_client(OURS);
    say_text(fd, INIT);
    expect_text(fd, ACK);
    return fd;
}

static void leave(int fd)
{
    hang_up(fd);
    HOUSE_UNTIL(&world.house, world.overs == 1);
    HOUSE_UNTIL(&world.house, http_server_connections(world.house.server) == 0);
}

static void set_up_world(bool with_tls)
{
    struct http_options options = house_options();
    world = (struct world){.times = socket_times, .with_tls = with_tls};
    if (with_tls) secure_options(&world.secure, &options);
    buf_init(&world.got, 64 << 20);
    house_open(&world.house, &options);
    world.house.complete = answer;
}

static int set_up(void **state)
{
    (void)state;
    set_up_world(false);
    return 0;
}

static int set_up_with_tls(void **state)
{
    (void)state;
    set_up_world(true);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_close(&world.house);
    if (world.with_tls) test_folder_remove(world.secure.folder);
    buf_finish(&world.got);
    assert_null(world.socket);
    return 0;
}

// ---- The tests

static void operations_run_on_a_socket(void **state)
{
    (void)state;
    int fd = open_ready();
    assert_non_null(strstr(world.got.bytes, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    assert_non_null(strstr(world.got.bytes, OURS));
    assert_string_equal(world.token, "Bearer x");
    world.answers = true;
    say_text(fd, SUBSCRIBE);
    expect_text(fd, "{\"id\":\"a\",\"type\":\"next\",\"payload\":{\"data\":1}}");
    expect_text(fd, "{\"id\":\"a\",\"type\":\"complete\"}");
    world.answers = false;
    say_text(fd, SUBSCRIBE);
    HOUSE_UNTIL(&world.house, world.starts == 2);
    socket_error(world.socket, world.op, "[]", 2);
    expect_text(fd, "{\"id\":\"a\",\"type\":\"error\",\"payload\":[]}");
    say_text(fd, SUBSCRIBE);
    say_text(fd, "{\"id\":\"a\",\"type\":\"complete\"}");
    HOUSE_UNTIL(&world.house, world.stops == 1);
    leave(fd);
}

static void what_comes_with_the_request_is_not_lost(void **state)
{
    struct buf bytes;
    (void)state;
    world.answers = true;
    buf_init(&bytes, MOST);
    buf_str(&bytes, ASKS OURS "\r\n");
    client_frame(&bytes, 0x89, "p", 1);
    client_frame(&bytes, 0x81, INIT, strlen(INIT));
    client_frame(&bytes, 0x81, SUBSCRIBE, strlen(SUBSCRIBE));
    int fd = connect_client();
    send_bytes(fd, &bytes);
    expect(fd, FRAMES_PONG, "p", 1);
    expect_text(fd, ACK);
    expect_text(fd, "{\"id\":\"a\",\"type\":\"complete\"}");
    buf_finish(&bytes);
    leave(fd);
}

static void a_token_may_take_its_time(void **state)
{
    struct err err;
    (void)state;
    world.later = true;
    int fd = open_client(OURS);
    say_text(fd, INIT);
    HOUSE_UNTIL(&world.house, world.inits == 1);
    err_set(&err, IS(TOKEN_INVALID), NULL, "x");
    socket_refuse(world.socket, &err, "0");
    expect_close(fd, 4403, "TOKEN_INVALID");
    leave(fd);
}

// But not for ever: what it is worth may not be found out.
static void a_token_is_checked_in_time(void **state)
{
    (void)state;
    world.times.check = 30;
    world.later = true;
    int fd = open_client(OURS);
    say_text(fd, INIT);
    expect_close(fd, 1013, "the token is not checked in time");
    leave(fd);
}

static void another_protocol_is_closed(void **state)
{
    (void)state;
    int fd = open_client("Sec-WebSocket-Protocol: graphql-ws\r\n");
    expect_close(fd, 4406, "Subprotocol not acceptable");
    leave(fd);
}

static void a_client_that_says_nothing_is_closed(void **state)
{
    (void)state;
    world.times.init = 30;
    int fd = open_client(OURS);
    expect_close(fd, 4408, "Connection initialisation timeout");
    leave(fd);
}

static void a_message_has_an_end_in_time(void **state)
{
    (void)state;
    world.times.frame = 30;
    int fd = open_ready();
    say(fd, 0x01, "{", 1);
    say(fd, 0x89, "", 0); // a ping is no end
    expect_close(fd, 1013, "a message takes too long");
    leave(fd);
}

static void a_client_closes(void **state)
{
    (void)state;
    int fd = open_ready();
    say(fd, 0x88, "\x03\xe8", 2);
    expect_close(fd, 1000, "");
    HOUSE_UNTIL(&world.house, listen_to(fd)); // we send nothing more
    assert_int_equal(world.overs, 0);         // until it has closed
    leave(fd);
}

static void a_client_that_does_not_close_is_cut(void **state)
{
    (void)state;
    world.times.close = 30;
    int fd = open_ready();
    socket_end(world.socket, FEED_REVOKED, 0);
    socket_end(world.socket, FEED_EXPIRED, 0);
    say_text(fd, SUBSCRIBE); // too late
    expect_close(fd, 4403, "REVOKED");
    HOUSE_UNTIL(&world.house, world.overs == 1);
    assert_int_equal(world.starts, 0);
    hang_up(fd);
}

static void nothing_comes_behind_a_close(void **state)
{
    struct buf bytes;
    (void)state;
    world.ends = true;
    int fd = open_ready();
    buf_init(&bytes, MOST);
    client_frame(&bytes, 0x89, "p", 1);
    client_frame(&bytes, 0x81, SUBSCRIBE, strlen(SUBSCRIBE));
    client_frame(&bytes, 0x89, "q", 1);
    send_bytes(fd, &bytes);
    expect_close(fd, 4403, "REVOKED");
    say(fd, 0x89, "r", 1);
    HOUSE_UNTIL(&world.house, listen_to(fd));
    for (int i = 0; i < 5; i++) loop_turn(world.house.loop);
    assert_int_equal(world.overs, 0);  // nothing was sent that would have failed
    expect_close(fd, 4403, "REVOKED"); // is still the last
    buf_finish(&bytes);
    leave(fd);
}

static void who_is_admitted_may_send_documents(void **state)
{
    enum { LONG = 40 << 10 };
    char *text = calloc(1, LONG + sizeof SUBSCRIBE);
    (void)state;
    world.later = world.answers = true;
    int fd = open_client(OURS);
    say_text(fd, INIT);
    HOUSE_UNTIL(&world.house, world.inits == 1);
    socket_admit(world.socket, NULL);
    memset(text, ' ', LONG);
    memcpy(text + LONG, SUBSCRIBE, sizeof SUBSCRIBE);
    say_text(fd, text);
    expect_text(fd, "{\"id\":\"a\",\"type\":\"complete\"}");
    free(text);
    leave(fd);
}

static void a_bad_frame_closes(void **state)
{
    (void)state;
    int fd = open_ready();
    say(fd, 0x82, "x", 1);
    expect_close(fd, 1003, "");
    leave(fd);
}

static void who_takes_nothing_is_cut(void **state)
{
    char *large = calloc(1, 12 * LARGE);
    (void)state;
    world.times.stall = 100;
    int fd = open_ready();
    say_text(fd, SUBSCRIBE);
    HOUSE_UNTIL(&world.house, world.starts == 1);
    world.times.close = 100;
    socket_next(world.socket, world.op, large, 12 * LARGE); // more than the kernel takes
    HOUSE_UNTIL(&world.house, world.slows == 1);
    assert_int_equal(world.overs, 0);
    HOUSE_UNTIL(&world.house, world.overs == 1);
    assert_int_equal(world.slows, 1);
    hang_up(fd);
    free(large);
}

// However long it takes nothing: it has room to wait.
static void who_has_little_waiting_is_not_cut(void **state)
{
    enum { PART = 8 << 10, STALL_MS = 50 };
    char part[PART] = "";
    size_t sent = 0;
    (void)state;
    world.times.stall = STALL_MS;
    int fd = open_ready();
    say_text(fd, SUBSCRIBE);
    HOUSE_UNTIL(&world.house, world.starts == 1);
    for (; socket_has_room(world.socket); sent += PART) socket_next(world.socket, world.op, part, PART);
    assert_true(socket_waiting(world.socket) < FEED_FULL + 2 * PART);
    int64_t begun_ms = clock_mono_ms();
    while (clock_mono_ms() - begun_ms < 10 * STALL_MS) loop_turn(world.house.loop);
    assert_int_equal(world.slows + world.overs, 0);
    HOUSE_UNTIL(&world.house, (listen_to(fd), world.got.len > sent));
    assert_true(socket_has_room(world.socket));
    leave(fd);
}

static size_t memory_in_use(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static void who_has_much_waiting_gets_no_more(void **state)
{
    char *large = calloc(1, LARGE);
    (void)state;
    int fd = open_ready();
    say_text(fd, SUBSCRIBE);
    HOUSE_UNTIL(&world.house, world.starts == 1);
    size_t before = memory_in_use();
    for (int i = 0; i < 15; i++) socket_next(world.socket, world.op, large, LARGE);
    assert_true(memory_in_use() < before + 4 * LARGE);
    expect_close(fd, 1013, "SLOW");
    assert_int_equal(world.slows, 1);
    leave(fd);
    free(large);
}

static void what_is_shared_goes_out_together(void **state)
{
    static const char two[] = "{\"id\":\"a\",\"type\":\"next\",\"payload\":{\"data\":1}}";
    struct shared *payload = shared_create("{\"data\":1}", 10);
    (void)state;
    int fd = open_ready();
    say_text(fd, SUBSCRIBE);
    HOUSE_UNTIL(&world.house, world.starts == 1);
    size_t before = world.got.len;
    socket_share(world.socket, world.op, payload);
    socket_share(world.socket, world.op, payload);
    assert_int_equal(payload->holders, 3);
    listen_to(fd);
    assert_int_equal(world.got.len, before);
    socket_flush(world.socket);
    assert_int_equal(payload->holders, 1);
    expect_text(fd, two);
    HOUSE_UNTIL(&world.house, (listen_to(fd), world.got.len == before + 2 * (sizeof two - 1 + 2)));
    shared_drop(payload);
    leave(fd);
}

static void who_reads_again_has_room_again(void **state)
{
    char *large = calloc(1, 12 * LARGE);
    struct shared *payload = shared_create(large, 12 * LARGE);
    (void)state;
    int fd = open_ready();
    say_text(fd, SUBSCRIBE);
    HOUSE_UNTIL(&world.house, world.starts == 1);
    assert_true(socket_has_room(world.socket));
    socket_share(world.socket, world.op, payload);
    socket_flush(world.socket);
    assert_false(socket_has_room(world.socket));
    assert_int_equal(world.writables, 0);
    shared_drop(payload);
    HOUSE_UNTIL(&world.house, (listen_to(fd), world.writables == 1));
    leave(fd);
    free(large);
}

static void a_beat_is_a_ping(void **state)
{
    (void)state;
    int fd = open_ready();
    socket_beat(world.socket, 1700000000123, "{\"a\":\"aaaaaaaa.7\"}");
    expect_text(fd, "{\"type\":\"ping\",\"payload\":{\"server_time\":1700000000123,"
                    "\"cursors\":{\"a\":\"aaaaaaaa.7\"}}}");
    leave(fd);
}

static void who_answers_no_ping_is_away(void **state)
{
    (void)state;
    int fd = open_ready();
    world.times.pong = 300;
    socket_beat(world.socket, 1, "{}");
    world.answers = true;
    say_text(fd, SUBSCRIBE); // anything counts
    HOUSE_UNTIL(&world.house, world.starts == 1);
    int64_t begun_ms = clock_mono_ms();
    // Further pings give no more time.
    HOUSE_UNTIL(&world.house, (socket_beat(world.socket, 2, "{}"), listen_to(fd), world.silences == 1));
    assert_true(clock_mono_ms() - begun_ms >= 300);
    expect_close(fd, 1013, "SLOW");
    assert_int_equal(world.slows, 0);
    leave(fd);
}

static void who_is_slow_gets_all_of_a_large_answer(void **state)
{
    char *large = malloc(4 * LARGE);
    (void)state;
    memset(large, '1', 4 * LARGE);
    int fd = open_ready();
    say_text(fd, SUBSCRIBE);
    HOUSE_UNTIL(&world.house, world.starts == 1);
    socket_next(world.socket, world.op, large, 4 * LARGE);
    socket_complete(world.socket, world.op);
    HOUSE_UNTIL(&world.house, (listen_to(fd), world.got.len > 4 * LARGE));
    expect_text(fd, "{\"id\":\"a\",\"type\":\"complete\"}");
    assert_non_null(world.socket);
    leave(fd);
    free(large);
}

static void the_last_drain_ends_all(void **state)
{
    (void)state;
    int fd = open_ready();
    http_server_quiesce(world.house.server);
    HOUSE_UNTIL(&world.house, !listen_to(fd));
    assert_int_equal(world.overs, 0); // the feed ends it in its time
    socket_end(world.socket, FEED_DRAINING, 1500);
    expect_text(fd, "{\"type\":\"ping\",\"payload\":{\"bye\":{\"retry_ms\":1500}}}");
    expect_close(fd, 1012, "DRAINING");
    leave(fd);
}

static void who_was_not_admitted_goes_first(void **state)
{
    (void)state;
    int fd = open_client(OURS);
    http_server_quiesce(world.house.server);
    expect_close(fd, 1012, "DRAINING");
    leave(fd);
}

#define BOTH(name) TEST(name), cmocka_unit_test_setup_teardown(name, set_up_with_tls, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(operations_run_on_a_socket),
        BOTH(what_comes_with_the_request_is_not_lost),
        BOTH(a_token_may_take_its_time),
        BOTH(a_token_is_checked_in_time),
        BOTH(another_protocol_is_closed),
        BOTH(a_client_that_says_nothing_is_closed),
        BOTH(a_message_has_an_end_in_time),
        BOTH(a_client_closes),
        BOTH(a_client_that_does_not_close_is_cut),
        BOTH(nothing_comes_behind_a_close),
        BOTH(who_is_admitted_may_send_documents),
        BOTH(a_bad_frame_closes),
        BOTH(who_takes_nothing_is_cut),
        BOTH(who_has_little_waiting_is_not_cut),
        BOTH(who_has_much_waiting_gets_no_more),
        BOTH(what_is_shared_goes_out_together),
        BOTH(who_reads_again_has_room_again),
        BOTH(a_beat_is_a_ping),
        BOTH(who_answers_no_ping_is_away),
        BOTH(who_is_slow_gets_all_of_a_large_answer),
        BOTH(the_last_drain_ends_all),
        BOTH(who_was_not_admitted_goes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
