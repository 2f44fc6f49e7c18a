#include "services/gateway/proxy/request_head.h"

#include <string.h>

#include "services/gateway/proxy/rules.h"
#include "tests/test.h"

static const struct proxy_prefix prefix = {.path = "/media/"};
static const struct proxy_upstream upstream = {.authority = "10.0.0.5:8080"};

static struct request_head_source source_of(const struct proxy_prefix *of)
{
    return (struct request_head_source){.prefix = of,
                                        .upstream = &upstream,
                                        .method = "GET",
                                        .path = "/media/a%20b?c=d",
                                        .host = "play.example",
                                        .client = "192.0.2.1",
                                        .scheme = "https",
                                        .traceparent = "00-1-2-01",
                                        .length = -1};
}

static void assert_head(const struct request_head_source *source, const char *const *headers,
                        const char *expected)
{
    struct buf out;
    buf_init(&out, 8192);
    request_head_begin(&out, source);
    for (; headers[0]; headers += 2) request_head_take(&out, source, headers[0], headers[1]);
    request_head_end(&out, source);
    assert_string_equal(out.bytes, expected);
    buf_finish(&out);
}

#define FORWARDED                                                                                            \
    "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: play.example\r\n"           \
    "Forwarded: for=192.0.2.1;proto=https;host=\"play.example\"\r\nVia: 1.1 conse\r\ntraceparent: "          \
    "00-1-2-01\r\n"

static void what_belongs_to_the_request_goes_on(void **state)
{
    const struct request_head_source source = source_of(&prefix);
    static const char *const headers[] = {"Host",     "play.example", "Accept",    "*/*",        "Range",
                                          "bytes=0-", "Origin",       "https://a", "User-Agent", "x y",
                                          "Via",      "1.0 edge",     NULL};
    (void)state;
    assert_head(&source, headers,
                "GET /media/a%20b?c=d HTTP/1.1\r\nHost: 10.0.0.5:8080\r\nAccept: */*\r\nRange: bytes=0-\r\n"
                "Origin: https://a\r\nUser-Agent: x y\r\nVia: 1.0 edge\r\n" FORWARDED
                "Connection: close\r\n\r\n");
}

static void what_ends_at_this_hop_does_not(void **state)
{
    struct request_head_source source = source_of(&prefix);
    static const char *const headers[] = {"Connection",
                                          "close, X-Own",
                                          "Connection",
                                          "x-two",
                                          "X-Own",
                                          "1",
                                          "X-Two",
                                          "2",
                                          "Keep-Alive",
                                          "5",
                                          "TE",
                                          "trailers",
                                          "Trailer",
                                          "X",
                                          "Transfer-Encoding",
                                          "chunked",
                                          "Upgrade",
                                          "h2c",
                                          "HTTP2-Settings",
                                          "x",
                                          "Proxy-Connection",
                                          "close",
                                          "Proxy-Authorization",
                                          "Basic x",
                                          "Expect",
                                          "100-continue",
                                          NULL};
    (void)state;
    source.connection = "close, X-Own, x-two";
    assert_head(&source, headers,
                "GET /media/a%20b?c=d HTTP/1.1\r\nHost: 10.0.0.5:8080\r\n" FORWARDED
                "Connection: close\r\n\r\n");
}

static void what_only_we_may_say_is_said_anew(void **state)
{
    struct request_head_source source = source_of(&prefix);
    static const char *const headers[] = {"X-Forwarded-For",
                                          "1.2.3.4",
                                          "X-Forwarded-Host",
                                          "evil",
                                          "X-Forwarded-Port",
                                          "1",
                                          "Forwarded",
                                          "for=1.2.3.4",
                                          "X-Real-IP",
                                          "1.2.3.4",
                                          "X_Forwarded_For",
                                          "1.2.3.4",
                                          "Traceparent",
                                          "00-9-9-01",
                                          "Content-Length",
                                          "7",
                                          "X-Original-URL",
                                          "/admin",
                                          NULL};
    (void)state;
    source.length = 7;
    source.method = "POST";
    assert_head(&source, headers,
                "POST /media/a%20b?c=d HTTP/1.1\r\nHost: 10.0.0.5:8080\r\n" FORWARDED
                "Content-Length: 7\r\nConnection: close\r\n\r\n");
    source.client = "2001:db8::1";
    source.host = NULL;
    source.length = 0;
    assert_head(
        &source, (const char *const[]){NULL},
        "POST /media/a%20b?c=d HTTP/1.1\r\nHost: 10.0.0.5:8080\r\nX-Forwarded-For: 2001:db8::1\r\n"
        "X-Forwarded-Proto: https\r\nForwarded: for=\"[2001:db8::1]\";proto=https\r\nVia: 1.1 conse\r\n"
        "traceparent: 00-1-2-01\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

static void credentials_of_conse_do_not_go_on(void **state)
{
    struct proxy_prefix trusted = prefix;
    struct request_head_source source = source_of(&prefix);
    static const char *const headers[] = {
        "Authorization",
        "Bearer x",
        "Cookie",
        "a=1; __Secure-conse-refresh_token=r;b=2; =__Secure-conse-device_token=d",
        "Conse-Session",
        "cookie",
        "Conse-Proof",
        "p",
        NULL};
    static const char *const only[] = {"Cookie", "__Secure-conse-refresh_token=r", NULL};
    (void)state;
    assert_head(&source, headers,
                "GET /media/a%20b?c=d HTTP/1.1\r\nHost: 10.0.0.5:8080\r\nCookie: a=1; b=2\r\n" FORWARDED
                "Connection: close\r\n\r\n");
    assert_head(&source, only,
                "GET /media/a%20b?c=d HTTP/1.1\r\nHost: 10.0.0.5:8080\r\n" FORWARDED
                "Connection: close\r\n\r\n");
    trusted.authorization = true;
    source.prefix = &trusted;
    assert_head(&source, headers,
                "GET /media/a%20b?c=d HTTP/1.1\r\nHost: 10.0.0.5:8080\r\nAuthorization: Bearer x\r\nCookie: "
                "a=1; b=2\r\n" FORWARDED "Connection: close\r\n\r\n");
}

static void a_base_takes_the_prefix_s_place(void **state)
{
    struct proxy_prefix moved = {.path = "/media/", .base = "/v1/"};
    struct request_head_source source = source_of(&moved);
    (void)state;
    source.upgrade = true;
    assert_head(&source, (const char *const[]){NULL},
                "GET /v1/a%20b?c=d HTTP/1.1\r\nHost: 10.0.0.5:8080\r\n" FORWARDED
                "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
}

static void paths_that_could_be_others_are_refused(void **state)
{
    static const char *const good[] = {"/media/",
                                       "/media/a",
                                       "/media/...",
                                       "/media/.a",
                                       "/media/a..",
                                       "/media/a?../..",
                                       "/media/%41%2e%2e%2ea",
                                       "/media//a",
                                       "/media/a;b=..",
                                       "/media/%C3%A9",
                                       "/media/%25"};
    static const char *const bad[] = {"/media/..",
                                      "/media/../auth",
                                      "/media/./a",
                                      "/media/%2e%2E/a",
                                      "/media/.%2e",
                                      "/media/a/..?b",
                                      "/media/%2fa",
                                      "/media/a%5cb",
                                      "/media/a\\b",
                                      "/media/%00",
                                      "/media/%0d%0a",
                                      "/media/%zz",
                                      "/media/%4",
                                      "/media/a b",
                                      "/media/\x80",
                                      "/media/a#b",
                                      "/media/..;a/b",
                                      "media/",
                                      "*"};
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!request_path_check(good[i], &err)) fail_msg("%s: %s", good[i], err.message);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (request_path_check(bad[i], &err)) fail_msg("%s is taken", bad[i]);
        assert_true(err_is(&err, MALFORMED));
    }
}

static void a_whole_url_counts_as_its_path(void **state)
{
    (void)state;
    assert_string_equal(request_path("/a?b"), "/a?b");
    assert_string_equal(request_path("http://x/a?b"), "/a?b");
    assert_string_equal(request_path("HTTPS://x:1/a"), "/a");
    assert_string_equal(request_path("http://x?/media/"), "/");
    assert_string_equal(request_path("http://x"), "/");
    assert_string_equal(request_path("x:80"), "x:80");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_belongs_to_the_request_goes_on),
        cmocka_unit_test(what_ends_at_this_hop_does_not),
        cmocka_unit_test(what_only_we_may_say_is_said_anew),
        cmocka_unit_test(credentials_of_conse_do_not_go_on),
        cmocka_unit_test(a_base_takes_the_prefix_s_place),
        cmocka_unit_test(paths_that_could_be_others_are_refused),
        cmocka_unit_test(a_whole_url_counts_as_its_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
