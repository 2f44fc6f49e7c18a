// Requests to what people named: a name is asked once, each of its addresses is judged, and the one that was
// judged is the one that is met.
#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/net/outside.h"
#include "tests/test.h"

// ---- A server that gives each connection the same reply, and keeps what it was sent

struct server {
    int listener;
    const char *reply; // NULL: it stays silent
    size_t padding;    // bytes behind the reply
    atomic_int connections;
    char got[4096];
    pthread_t thread;
    unsigned port;
};

static void serve_one(struct server *server, int fd)
{
    size_t len = 0;
    for (ssize_t n; !strstr(server->got, "\r\n\r\nnews") && len < sizeof server->got - 1; len += (size_t)n)
        if ((n = recv(fd, server->got + len, sizeof server->got - 1 - len, 0)) <= 0) break;
    if (server->reply) send(fd, server->reply, strlen(server->reply), MSG_NOSIGNAL);
    for (size_t i = 0; i < server->padding; i++)
        if (send(fd, "x", 1, MSG_NOSIGNAL) != 1) break;
    char rest[16];
    if (!server->reply)
        while (recv(fd, rest, sizeof rest, 0) > 0) continue;
}

static void *serve_all(void *arg)
{
    struct server *server = arg;
    for (int fd; (fd = accept(server->listener, NULL, NULL)) >= 0; close(fd)) {
        memset(server->got, 0, sizeof server->got);
        server->connections++;
        serve_one(server, fd);
    }
    return NULL;
}

static void server_start(struct server *server, const char *reply, size_t padding)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    *server = (struct server){.reply = reply, .padding = padding};
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(server->listener, 8), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&at, &len), 0);
    server->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&server->thread, NULL, serve_all, server), 0);
}

static void server_stop(struct server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
}

// ---- A resolver whose answers differ from time to time

struct oracle {
    const char *const *answers; // of each question: addresses with blanks between them
    size_t asked;
    char host[OUTSIDE_HOST];
};

static void add_text(struct outside_addresses *addresses, const char *text)
{
    struct sockaddr_storage *address = &addresses->all[addresses->count++];
    memset(address, 0, sizeof *address);
    address->ss_family = strchr(text, ':') ? AF_INET6 : AF_INET;
    void *bytes = address->ss_family == AF_INET6 ? (void *)&((struct sockaddr_in6 *)address)->sin6_addr
                                                 : (void *)&((struct sockaddr_in *)address)->sin_addr;
    assert_int_equal(inet_pton(address->ss_family, text, bytes), 1);
}

static bool oracle_ask(void *arg, const char *host, int64_t until_ms, struct outside_addresses *addresses,
                       struct err *err)
{
    struct oracle *oracle = arg;
    char answer[256], *rest = answer;
    (void)until_ms, (void)err;
    snprintf(answer, sizeof answer, "%s", oracle->answers[oracle->asked++]);
    snprintf(oracle->host, sizeof oracle->host, "%s", host);
    addresses->count = 0;
    for (char *word; (word = strsep(&rest, " "));) add_text(addresses, word);
    return true;
}

static bool post_to(const struct outside *outside, const char *url, int64_t timeout_ms,
                    struct http_reply *reply, struct err *err)
{
    static const char *const headers[] = {"Content-Type: text/plain", "X-One: two", NULL};
    const struct outside_request request = {
        .url = url, .headers = headers, .body = "news", .len = 4, .timeout_ms = timeout_ms};
    return outside_post(outside, &request, reply, err);
}

static void not_sent(const struct outside *outside, const char *url, Conse__Reason__Value reason)
{
    struct http_reply reply;
    struct err err = {0};
    assert_false(post_to(outside, url, 0, &reply, &err));
    if (err.reason != reason) fail_msg("%s: %s %s", url, err_name(&err), err.message);
}

#define OK_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

static void what_was_judged_is_what_is_met(void **state)
{
    static const char *const answers[] = {"127.0.0.1", "10.0.0.1"}; // it would be bound anew
    struct oracle oracle = {answers, 0, ""};
    const struct outside outside = {.loopback = true, .resolve = oracle_ask, .arg = &oracle};
    struct server server;
    struct http_reply reply;
    struct err err;
    char url[64];
    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1/", 1); // which is not asked
    setenv("all_proxy", "http://127.0.0.1:1/", 1);
    server_start(&server, OK_REPLY, 0);
    snprintf(url, sizeof url, "http://Rebind.test:%u/a?b=c", server.port);
    if (!post_to(&outside, url, 0, &reply, &err)) fail_msg("%s", err.message);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body.bytes, "hi");
    http_reply_finish(&reply);
    server_stop(&server);
    assert_int_equal(oracle.asked, 1);
    assert_string_equal(oracle.host, "rebind.test");
    assert_int_equal(server.connections, 1);
    assert_non_null(strstr(server.got, "POST /a?b=c HTTP/1.1\r\n"));
    assert_non_null(strstr(server.got, "X-One: two\r\n"));
    assert_null(strstr(server.got, "Expect"));
    assert_non_null(strstr(server.got, "\r\n\r\nnews"));
    unsetenv("http_proxy");
    unsetenv("all_proxy");
}

// One address among many is enough to refuse the name.
static void every_address_is_judged(void **state)
{
    static const char *const bad[] = {"127.0.0.1",
                                      "::1",
                                      "1.1.1.1 127.0.0.1",
                                      "127.0.0.1 1.1.1.1",
                                      "8.8.8.8 169.254.169.254",
                                      "2600::1 fd00::1",
                                      "10.0.0.1",
                                      "2600::1 ::ffff:8.8.8.8",
                                      "100.64.0.1",
                                      "64:ff9b::808:808",
                                      "1.1.1.1 1.0.0.1 0.0.0.0",
                                      "2002:808:808::1",
                                      "224.0.0.1",
                                      "fe80::1"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct oracle oracle = {&bad[i], 0, ""};
        const struct outside outside = {.resolve = oracle_ask, .arg = &oracle};
        not_sent(&outside, "https://example.com/", CONSE__REASON__VALUE__INVALID_FIELD);
        assert_int_equal(oracle.asked, 1);
    }
}

static void with_loopback_only_this_machine_is_open(void **state)
{
    static const char *const mixed[] = {"127.0.0.1 10.0.0.1"}, *const inner[] = {"10.0.0.1"},
                             *const far[] = {"1.1.1.1"};
    struct oracle oracle;
    const struct outside outside = {.loopback = true, .resolve = oracle_ask, .arg = &oracle};
    (void)state;
    oracle = (struct oracle){mixed, 0, ""};
    not_sent(&outside, "http://example.com/", CONSE__REASON__VALUE__INVALID_FIELD);
    oracle = (struct oracle){inner, 0, ""};
    not_sent(&outside, "https://example.com/", CONSE__REASON__VALUE__INVALID_FIELD);
    oracle = (struct oracle){far, 0, ""}; // by http, or on another port
    not_sent(&outside, "http://example.com/", CONSE__REASON__VALUE__INVALID_FIELD);
    oracle = (struct oracle){far, 0, ""};
    not_sent(&outside, "https://example.com:444/", CONSE__REASON__VALUE__INVALID_FIELD);
}

static void this_machine_is_closed_without_the_setting(void **state)
{
    struct server server;
    char url[64];
    const struct outside outside = {.loopback = false};
    (void)state;
    server_start(&server, OK_REPLY, 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", server.port);
    not_sent(&outside, url, CONSE__REASON__VALUE__INVALID_FIELD);
    not_sent(&outside, "https://localhost:8443/", CONSE__REASON__VALUE__INVALID_FIELD);
    server_stop(&server);
    assert_int_equal(server.connections, 0);
}

static void redirects_are_not_followed(void **state)
{
    struct server server, inner;
    struct http_reply reply;
    struct err err;
    char url[64], moved[160];
    const struct outside outside = {.loopback = true};
    (void)state;
    server_start(&inner, OK_REPLY, 0);
    snprintf(moved, sizeof moved,
             "HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:%u/\r\nContent-Length: 0\r\n\r\n", inner.port);
    server_start(&server, moved, 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", server.port);
    assert_true(post_to(&outside, url, 0, &reply, &err));
    assert_int_equal(reply.status, 307);
    http_reply_finish(&reply);
    server_stop(&server);
    server_stop(&inner);
    assert_int_equal(inner.connections, 0);
}

static void refuse_reply(const char *reply_text, size_t padding, int64_t timeout_ms,
                         Conse__Reason__Value reason)
{
    struct server server;
    struct http_reply reply;
    struct err err = {0};
    char url[64];
    const struct outside outside = {.loopback = true};
    server_start(&server, reply_text, padding);
    snprintf(url, sizeof url, "http://localhost:%u/", server.port);
    assert_false(post_to(&outside, url, timeout_ms, &reply, &err));
    if (err.reason != reason) fail_msg("%s %s", err_name(&err), err.message);
    server_stop(&server);
}

static void replies_have_bounds(void **state)
{
    (void)state;
    refuse_reply("HTTP/1.1 200 OK\r\n\r\n", OUTSIDE_REPLY_MOST + 1, 0, CONSE__REASON__VALUE__REPLY_TOO_LARGE);
    static char heads[OUTSIDE_REPLY_MOST + 2048] = "HTTP/1.1 200 OK\r\n";
    size_t len = strlen(heads);
    while (len < OUTSIDE_REPLY_MOST + 1024) len += (size_t)sprintf(heads + len, "X-%zu: %0900d\r\n", len, 0);
    strcpy(heads + len, "\r\n");
    refuse_reply(heads, 0, 0, CONSE__REASON__VALUE__REPLY_TOO_LARGE);
    refuse_reply(NULL, 0, 200, CONSE__REASON__VALUE__DEADLINE_PASSED);
    refuse_reply("no HTTP", 0, 0, CONSE__REASON__VALUE__SERVICE_AWAY);
}

static void *stop_soon(void *arg)
{
    struct server *server = ((void **)arg)[0];
    atomic_bool *stopping = ((void **)arg)[1];
    while (!atomic_load(&server->connections)) sched_yield();
    atomic_store(stopping, true);
    return NULL;
}

static void a_stop_ends_what_is_under_way(void **state)
{
    atomic_bool stopping = false;
    struct server server;
    struct http_reply reply;
    struct err err = {0};
    pthread_t thread;
    char url[64];
    const struct outside outside = {.loopback = true, .stopping = &stopping};
    void *both[] = {&server, &stopping};
    (void)state;
    server_start(&server, NULL, 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", server.port);
    assert_int_equal(pthread_create(&thread, NULL, stop_soon, both), 0);
    int64_t begun_ms = clock_mono_ms();
    assert_false(post_to(&outside, url, 60000, &reply, &err));
    assert_true(clock_mono_ms() - begun_ms < 30000);
    pthread_join(thread, NULL);
    server_stop(&server);
}

static void a_name_without_an_address_is_said_to_have_none(void **state)
{
    const struct outside outside = {.loopback = false};
    struct http_reply reply;
    struct err err = {0};
    (void)state;
    assert_false(post_to(&outside, "https://nowhere.invalid/", 0, &reply, &err));
    assert_true(err_is(&err, SERVICE_AWAY) || err_is(&err, DEADLINE_PASSED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_judged_is_what_is_met),
        cmocka_unit_test(every_address_is_judged),
        cmocka_unit_test(with_loopback_only_this_machine_is_open),
        cmocka_unit_test(this_machine_is_closed_without_the_setting),
        cmocka_unit_test(redirects_are_not_followed),
        cmocka_unit_test(replies_have_bounds),
        cmocka_unit_test(a_stop_ends_what_is_under_way),
        cmocka_unit_test(a_name_without_an_address_is_said_to_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
