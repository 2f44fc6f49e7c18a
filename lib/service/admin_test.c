#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "lib/service/admin.h"
#include "tests/test.h"

struct fixture {
    struct metrics *metrics;
    struct admin *admin;
    atomic_bool ready, hangs, noted;
};

struct answer {
    long status;
    char body[4096];
    size_t len;
};

static bool is_ready(void *arg) { return atomic_load(&((struct fixture *)arg)->ready); }

static bool is_live(void *arg) { return !atomic_load(&((struct fixture *)arg)->hangs); }

static const char *note(void *arg)
{
    return atomic_load(&((struct fixture *)arg)->noted) ? "the key is refused" : NULL;
}

static int fixture_open(void **state)
{
    static struct fixture fixture;
    struct err err = {0};
    fixture.metrics = metrics_create();
    metric_add(metrics_counter(fixture.metrics, "conse_test_total", "Test.", ""), 9);
    struct admin_options options = {"127.0.0.1:0", fixture.metrics, is_ready, is_live, &fixture, note};
    if (!admin_start(&fixture.admin, &options, &err)) fail_msg("%s", err.message);
    *state = &fixture;
    return 0;
}

static int fixture_close(void **state)
{
    struct fixture *fixture = *state;
    admin_stop(fixture->admin);
    metrics_destroy(fixture->metrics);
    return 0;
}

static size_t keep(char *bytes, size_t size, size_t count, void *arg)
{
    struct answer *answer = arg;
    size_t len = size * count, room = sizeof answer->body - 1 - answer->len;
    memcpy(answer->body + answer->len, bytes, len < room ? len : room);
    answer->len += len < room ? len : room;
    return len;
}

static struct answer ask(struct fixture *fixture, const char *path, const char *post)
{
    struct answer answer = {0};
    char url[128];
    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", admin_port(fixture->admin), path);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
    if (post) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_easy_cleanup(curl);
    return answer;
}

static void a_process_lives_before_it_is_ready(void **state)
{
    struct fixture *fixture = *state;
    atomic_store(&fixture->ready, false);
    assert_int_equal(ask(fixture, "/livez", NULL).status, 200);
    assert_int_equal(ask(fixture, "/readyz", NULL).status, 503);
    assert_string_equal(ask(fixture, "/readyz", NULL).body, "not ready\n");
    atomic_store(&fixture->ready, true);
    assert_int_equal(ask(fixture, "/readyz", NULL).status, 200);
    atomic_store(&fixture->hangs, true);
    assert_int_equal(ask(fixture, "/livez", NULL).status, 503);
    atomic_store(&fixture->hangs, false);
}

static void what_is_to_be_mended_is_noted(void **state)
{
    struct fixture *fixture = *state;
    atomic_store(&fixture->ready, true);
    assert_string_equal(ask(fixture, "/readyz", NULL).body, "ok\n");
    atomic_store(&fixture->noted, true);
    const struct answer answer = ask(fixture, "/readyz", NULL);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "ok\nthe key is refused\n");
    assert_string_equal(ask(fixture, "/livez", NULL).body, "ok\n");
    atomic_store(&fixture->ready, false);
    assert_string_equal(ask(fixture, "/readyz", NULL).body, "not ready\nthe key is refused\n");
    atomic_store(&fixture->noted, false);
}

static void metrics_are_given_as_text(void **state)
{
    struct answer answer = ask(*state, "/metrics", NULL);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "\nconse_test_total 9\n"));
}

static void other_paths_and_methods_are_refused(void **state)
{
    assert_int_equal(ask(*state, "/", NULL).status, 404);
    assert_int_equal(ask(*state, "/metrics/../etc", NULL).status, 404);
    assert_int_equal(ask(*state, "/metrics", "body").status, 405);
}

// All that comes back for some bytes, until the connection ends.
static const char *converse(const struct fixture *fixture, const char *bytes)
{
    static char said[8192];
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(admin_port(fixture->admin)),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t len = 0;
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL), strlen(bytes));
    for (ssize_t n; len < sizeof said - 1 && (n = recv(fd, said + len, sizeof said - 1 - len, 0)) > 0;)
        len += (size_t)n;
    said[len] = 0;
    close(fd);
    return said;
}

static void assert_refused_once(const struct fixture *fixture, const char *bytes, const char *status)
{
    const char *said = converse(fixture, bytes);
    assert_memory_equal(said, "HTTP/1.1 ", 9);
    assert_memory_equal(said + 9, status, 3);
    assert_null(strstr(said + 9, "HTTP/1.1 "));
    assert_non_null(strstr(said, "\r\nContent-Type: text/plain"));
    assert_null(strstr(said, "<html>"));
}

static void unreadable_requests_get_one_line_of_text(void **state)
{
    static char many[16384], large[65536];
    strcpy(many, "GET /livez HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 400; i++) sprintf(many + strlen(many), "X%d: y\r\n", i);
    strcat(many, "\r\n");
    memset(large, 'a', sizeof large - 1);
    memcpy(large, "GET /", 5);
    assert_refused_once(*state, "GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n", "400");
    assert_refused_once(*state, "GET /livez HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n", "400");
    assert_refused_once(*state, "GET /livez HTTP/2.0\r\nHost: x\r\n\r\n", "505");
    assert_refused_once(*state, "GET /livez HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n", "400");
    assert_refused_once(*state, many, "431");
    assert_refused_once(*state, large, "414");
}

static void any_number_of_headers_gets_a_reply(void **state)
{
    static char request[16384];
    for (int count = 0; count < 300; count += 7) {
        strcpy(request, "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        for (int i = 0; i < count; i++) sprintf(request + strlen(request), "X%d: y\r\n", i);
        strcat(request, "\r\n");
        const char *said = converse(*state, request);
        if (strncmp(said, "HTTP/1.1 200", 12) != 0 && strncmp(said, "HTTP/1.1 431", 12) != 0)
            fail_msg("%d headers: %s", count, said);
    }
}

static void a_taken_port_and_a_bad_address_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct admin *admin;
    struct err err = {0};
    struct admin_options options = {.address = "no port", .metrics = fixture->metrics};
    assert_false(admin_start(&admin, &options, &err));
    assert_true(err_is(&err, INVALID_FIELD));
    options.address = "no.such.host.invalid:80";
    assert_false(admin_start(&admin, &options, &err));
    options.address = "127.0.0.1:http";
    assert_false(admin_start(&admin, &options, &err));
    char taken[32];
    snprintf(taken, sizeof taken, "127.0.0.1:%u", admin_port(fixture->admin));
    options.address = taken;
    assert_false(admin_start(&admin, &options, &err));
    assert_non_null(strstr(err.message, taken));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_lives_before_it_is_ready),
        cmocka_unit_test(what_is_to_be_mended_is_noted),
        cmocka_unit_test(metrics_are_given_as_text),
        cmocka_unit_test(other_paths_and_methods_are_refused),
        cmocka_unit_test(unreadable_requests_get_one_line_of_text),
        cmocka_unit_test(any_number_of_headers_gets_a_reply),
        cmocka_unit_test(a_taken_port_and_a_bad_address_are_refused),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
