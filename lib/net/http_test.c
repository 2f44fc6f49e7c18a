#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

#include "lib/net/http.h"
#include "tests/test.h"

static void assert_reached(const char *address, bool tls, const char *expected)
{
    char url[64];
    http_listener_url(url, sizeof url, address, tls);
    assert_string_equal(url, expected);
}

static void a_listener_is_reached_from_its_own_machine(void **state)
{
    (void)state;
    assert_reached("127.0.0.1:7438", false, "http://127.0.0.1:7438");
    assert_reached("play.example.org:443", true, "https://play.example.org:443");
    assert_reached(":7438", false, "http://127.0.0.1:7438");
    assert_reached("0.0.0.0:7438", false, "http://127.0.0.1:7438");
    assert_reached("[::]:7438", false, "http://[::1]:7438");
    assert_reached("[::1]:7438", false, "http://[::1]:7438");
}

static void where_nobody_listens_the_answer_is_an_error(void **state)
{
    (void)state;
    const struct http_request request = {.method = "GET", .url = "http://127.0.0.1:1/", .timeout_ms = 5000};
    struct http_reply reply;
    struct err err;
    assert_false(http_do(&request, &reply, &err));
    assert_true(err_is(&err, SERVICE_AWAY));
}

// ---- A server that gives each request the next of its replies, however it came

struct server {
    int listener, connections;
    const char *const *replies; // NULL ends them: the connection stays silent then
    char url[64];
    char request[4096]; // the newest
    pthread_t thread;
};

static void answer(struct server *server, int fd)
{
    char *request = server->request;
    for (; *server->replies; server->replies++) {
        ssize_t len = recv(fd, request, sizeof server->request - 1, 0); // small requests come whole
        if (len <= 0) return;
        request[len] = 0;
        send(fd, *server->replies, strlen(*server->replies), MSG_NOSIGNAL);
    }
    char more[256];
    while (recv(fd, more, sizeof more, 0) > 0) continue;
}

static void *serve(void *arg)
{
    struct server *server = arg;
    for (int fd; (fd = accept(server->listener, NULL, NULL)) >= 0; close(fd)) {
        server->connections++;
        answer(server, fd);
    }
    return NULL;
}

static void server_start(struct server *server, const char *const *replies)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    *server = (struct server){.replies = replies};
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(server->listener, 8), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&at, &len), 0);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d/", ntohs(at.sin_port));
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

// When no client is connected any more.
static void server_stop(struct server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
}

static bool ask(struct http_client *client, const struct server *server, struct http_reply *reply,
                struct err *err)
{
    const struct http_request request = {
        .method = "POST", .url = server->url, .body = "{}", .timeout_ms = 300, .max_reply_bytes = 8};
    return http_client_do(client, &request, reply, err);
}

static void a_client_keeps_its_connection(void **state)
{
    static const char *const replies[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none",
        "HTTP/1.1 429 Wait\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 503 Wait\r\nRetry-After: 999999\r\nContent-Length: 0\r\n\r\n", NULL};
    struct server server;
    struct http_client *client;
    struct http_reply reply;
    struct err err;
    (void)state;
    server_start(&server, replies);
    assert_true(http_client_create(&client, &err));
    assert_true(ask(client, &server, &reply, &err));
    assert_int_equal(reply.status, 200);
    assert_int_equal(reply.retry_after_s, 0);
    assert_string_equal(reply.body.bytes, "one");
    http_reply_finish(&reply);
    assert_true(ask(client, &server, &reply, &err));
    assert_int_equal(reply.status, 429);
    assert_int_equal(reply.retry_after_s, 7);
    http_reply_finish(&reply);
    assert_true(ask(client, &server, &reply, &err));
    assert_int_equal(reply.retry_after_s, 6 * 3600);
    http_reply_finish(&reply);
    assert_false(ask(client, &server, &reply, &err)); // silence
    assert_true(err_is(&err, DEADLINE_PASSED));
    http_client_destroy(client);
    server_stop(&server);
    assert_int_equal(server.connections, 1);
}

static long status_of(const char *url)
{
    const struct http_request request = {
        .method = "GET", .url = url, .timeout_ms = 5000, .max_reply_bytes = 8};
    struct http_reply reply;
    struct err err;
    assert_true(http_do(&request, &reply, &err));
    http_reply_finish(&reply);
    return reply.status;
}

static void a_proxy_of_the_environment_is_for_other_machines(void **state)
{
    static const char *const own[] = {"HTTP/1.1 204 Own\r\n\r\n", "HTTP/1.1 204 Own\r\n\r\n", NULL};
    static const char *const others[] = {"HTTP/1.1 205 Other\r\nContent-Length: 0\r\n\r\n", NULL};
    struct server server, proxy;
    char localhost[64];
    (void)state;
    server_start(&server, own);
    server_start(&proxy, others);
    snprintf(localhost, sizeof localhost, "http://LocalHost%s", strrchr(server.url, ':'));
    assert_int_equal(setenv("http_proxy", proxy.url, 1), 0);
    assert_int_equal(status_of(server.url), 204);
    assert_int_equal(status_of(localhost), 204);
    assert_int_equal(status_of("http://127.example/"), 205);
    unsetenv("http_proxy");
    server_stop(&server);
    server_stop(&proxy);
}

static void one_that_is_to_stop_gets_no_reply(void **state)
{
    static const char *const replies[] = {NULL};
    const atomic_bool stopping = true;
    struct server server;
    struct http_reply reply;
    struct err err;
    (void)state;
    server_start(&server, replies);
    const struct http_request request = {
        .method = "POST", .url = server.url, .body = "{}", .stopping = &stopping, .timeout_ms = 600000};
    assert_false(http_do(&request, &reply, &err)); // long before its time
    assert_true(err_is(&err, SERVICE_AWAY));
    server_stop(&server);
}

static void headers_go_out_and_come_in(void **state)
{
    static const char *const replies[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Left: 4\r\nX-Left: 3\r\nX-Long: "
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        "\r\n\r\n",
        NULL};
    static const char *const sent[] = {"Authorization: Bot abc", "X-Other: d", NULL};
    struct http_wanted wanted[] = {{.name = "x-left"}, {.name = "X-Long"}, {.name = "X-None", .value = "?"}};
    struct server server;
    struct http_reply reply;
    struct err err;
    (void)state;
    server_start(&server, replies);
    const struct http_request request = {.method = "GET",
                                         .url = server.url,
                                         .headers = sent,
                                         .wanted = wanted,
                                         .wanted_count = 3,
                                         .timeout_ms = 5000,
                                         .max_reply_bytes = 8};
    assert_true(http_do(&request, &reply, &err));
    http_reply_finish(&reply);
    server_stop(&server);
    assert_non_null(strstr(server.request, "\r\nAuthorization: Bot abc\r\nX-Other: d\r\n"));
    assert_string_equal(wanted[0].value, "4"); // the first one
    assert_string_equal(wanted[1].value, "");
    assert_string_equal(wanted[2].value, "");
}

static void a_reply_over_the_bound_is_refused(void **state)
{
    static const char *const replies[] = {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789", NULL};
    struct server server;
    struct http_client *client;
    struct http_reply reply;
    struct err err;
    (void)state;
    server_start(&server, replies);
    assert_true(http_client_create(&client, &err));
    assert_false(ask(client, &server, &reply, &err));
    assert_true(err_is(&err, REPLY_TOO_LARGE));
    http_client_destroy(client);
    server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listener_is_reached_from_its_own_machine),
        cmocka_unit_test(where_nobody_listens_the_answer_is_an_error),
        cmocka_unit_test(a_client_keeps_its_connection),
        cmocka_unit_test(a_proxy_of_the_environment_is_for_other_machines),
        cmocka_unit_test(one_that_is_to_stop_gets_no_reply),
        cmocka_unit_test(headers_go_out_and_come_in),
        cmocka_unit_test(a_reply_over_the_bound_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
