// What the tests of the server share: a front with one server, driven by hand, and clients that read when
// they are told to. The application answers with what the test prepared.
#ifndef GATEWAY_HTTP_TESTING_HOUSE_H
#define GATEWAY_HTTP_TESTING_HOUSE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "lib/base/clock.h"
#include "services/gateway/http/http.h"
#include "tests/test.h"

enum { HOUSE_PATIENCE_MS = 20000 };

struct house {
    struct reply_budget *replies;
    struct http_front *front;
    struct http_server *server;
    struct loop *loop;
    struct loop_timer tick;
    struct http_options options;
    void (*begin)(struct house *house, struct http_exchange *exchange);    // or NULL
    void (*complete)(struct house *house, struct http_exchange *exchange); // answers; NULL: by `answer`
    struct http_answer answer;      // to every request, from `complete`; status 0: later
    struct http_exchange *exchange; // the one that was begun last
    int begun, ended, expired, left;
    int status; // of the one that ended last
    bool sent;
};

static inline void house_on_begin(void *arg, struct http_exchange *exchange)
{
    struct house *house = arg;
    house->begun++;
    house->exchange = exchange;
    if (house->begin) house->begin(house, exchange);
}

static inline void house_on_complete(void *arg, struct http_exchange *exchange)
{
    struct house *house = arg;
    if (house->complete) return house->complete(house, exchange);
    if (house->answer.status) http_answer(exchange, &house->answer);
}

static inline void house_on_end(void *arg, struct http_exchange *exchange, int status, bool sent)
{
    struct house *house = arg;
    (void)exchange;
    house->ended++;
    house->status = status;
    house->sent = sent;
}

static inline void house_on_expire(void *arg, struct http_exchange *exchange)
{
    struct house *house = arg;
    house->expired++;
    http_answer(exchange, &(struct http_answer){.status = 504});
}

static inline void house_on_leave(void *arg, struct http_exchange *exchange)
{
    struct house *house = arg;
    house->left++;
    http_answer(exchange, &(struct http_answer){.status = 499});
}

static inline void house_on_turn(void *arg) { http_server_run(((struct house *)arg)->server); }

// No turn waits long, whatever comes.
static inline void house_on_tick(void *arg)
{
    struct house *house = arg;
    loop_timer_set(house->loop, &house->tick, loop_now_ms(house->loop) + 5);
}

static inline struct http_options house_options(void)
{
    return (struct http_options){.listen = "127.0.0.1:0",
                                 .servers = 1,
                                 .max_connections = 64,
                                 .max_per_address = 64,
                                 .max_header_bytes = 4096,
                                 .header_timeout_ms = HOUSE_PATIENCE_MS,
                                 .idle_timeout_ms = HOUSE_PATIENCE_MS,
                                 .request_timeout_ms = HOUSE_PATIENCE_MS,
                                 .stall_timeout_ms = HOUSE_PATIENCE_MS,
                                 .max_bodies_bytes = 1 << 20};
}

static inline void house_open(struct house *house, const struct http_options *options)
{
    struct err err;
    struct http_application application = {.arg = house,
                                           .begin = house_on_begin,
                                           .complete = house_on_complete,
                                           .end = house_on_end,
                                           .expire = house_on_expire,
                                           .leave = house_on_leave};
    struct reply_budget_options replies = {64 << 20, 64 << 20, NULL};
    *house = (struct house){.options = *options};
    const struct loop_options loop = {house_on_turn, NULL, house};
    if (!reply_budget_create(&house->replies, &replies, &err)) fail_msg("%s", err.message);
    house->options.replies = house->replies;
    house->tick = (struct loop_timer){.fire = house_on_tick, .arg = house};
    if (!loop_create(&house->loop, &loop, &err) || !http_front_open(&house->front, &house->options, &err) ||
        !http_server_start(&house->server, house->front, house->loop, &application, &err))
        fail_msg("%s", err.message);
    house_on_tick(house);
}

static inline void house_close(struct house *house)
{
    http_server_stop(house->server);
    http_front_close(house->front);
    reply_budget_destroy(house->replies);
    loop_timer_clear(house->loop, &house->tick);
    loop_destroy(house->loop);
}

// Turns until the condition holds; fails when that takes too long.
#define HOUSE_UNTIL(house, condition)                                                                        \
    do {                                                                                                     \
        int64_t until_ms = clock_mono_ms() + HOUSE_PATIENCE_MS;                                              \
        while (!(condition) && clock_mono_ms() < until_ms) loop_turn((house)->loop);                         \
        assert_true(condition);                                                                              \
    } while (0)

// ---- Clients

// Connected from an address of this machine ("127.0.0.2"); never blocks.
static inline int house_client(const struct house *house, const char *from)
{
    const char *address = http_front_address(house->front);
    struct sockaddr_in to = {.sin_family = AF_INET}, own = {.sin_family = AF_INET};
    to.sin_port = htons((uint16_t)atoi(strrchr(address, ':') + 1));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    inet_pton(AF_INET, from, &own.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

static inline void house_send(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static inline void house_get(int fd) { house_send(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); }

// Reads what is there into text, at most size - 1 bytes in all; true when the connection has ended.
static inline bool house_read_text(int fd, char *text, size_t size)
{
    size_t len = strlen(text);
    for (;;) {
        ssize_t n = recv(fd, text + len, size - 1 - len, 0);
        if (n < 0 && errno == EAGAIN) return false;
        if (n <= 0) return true;
        len += (size_t)n;
        text[len] = 0;
    }
}

// Reads what is there, at most `most` bytes; true when the connection has ended.
static inline bool house_read(int fd, size_t most, size_t *total)
{
    static char bytes[64 * 1024];
    while (most > 0) {
        ssize_t n = recv(fd, bytes, most < sizeof bytes ? most : sizeof bytes, 0);
        if (n < 0 && errno == EAGAIN) return false;
        if (n <= 0) return true;
        *total += (size_t)n;
        most -= (size_t)n;
    }
    return false;
}

// What a socket is like that left the library.
static inline void assert_is_own(int fd)
{
    int at_once = 0;
    socklen_t size = sizeof at_once;
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, &size), 0);
    assert_true(at_once);
}

#endif
