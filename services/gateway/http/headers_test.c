#include "services/gateway/http/http.h"
#include "tests/test.h"

static void sorts_headers_whatever_their_case(void **state)
{
    struct http_headers headers = {0};
    (void)state;
    http_headers_take(&headers, "HOST", "a");
    http_headers_take(&headers, "content-Type", "b");
    http_headers_take(&headers, "X-Else", "c");
    assert_string_equal(headers.host, "a");
    assert_string_equal(headers.content_type, "b");
    assert_null(headers.accept);
    assert_false(headers.ambiguous);
}

static void finds_headers_by_name(void **state)
{
    struct http_headers headers = {0};
    (void)state;
    http_headers_take(&headers, "X-Signature-Ed25519", "0a");
    assert_string_equal(*http_headers_find(&headers, "x-signature-ed25519"), "0a");
    assert_null(*http_headers_find(&headers, "x-signature-timestamp"));
    assert_null(http_headers_find(&headers, "x-else"));
}

static void what_counts_once_may_not_come_twice(void **state)
{
    static const char *const once[] = {"Host",
                                       "Authorization",
                                       "Content-Type",
                                       "Content-Length",
                                       "Content-Encoding",
                                       "Transfer-Encoding",
                                       "Idempotency-Key",
                                       "Sec-WebSocket-Key",
                                       "Sec-WebSocket-Version",
                                       "If-Unmodified-Since",
                                       "X-Signature-Ed25519",
                                       "X-Signature-Timestamp"};
    (void)state;
    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        struct http_headers headers = {0};
        http_headers_take(&headers, once[i], "a");
        assert_false(headers.ambiguous);
        http_headers_take(&headers, once[i], "a");
        assert_true(headers.ambiguous);
    }
}

static void a_list_in_several_lines_is_one_list(void **state)
{
    struct http_headers headers = {0};
    (void)state;
    for (int i = 0; i < 3; i++) {
        http_headers_take(&headers, "Accept", i ? "text/html" : "application/json");
        http_headers_take(&headers, "Accept-Encoding", "gzip");
        http_headers_take(&headers, "If-None-Match", "\"a\"");
        http_headers_take(&headers, "If-Match", "\"b\"");
        http_headers_take(&headers, "Expect", "x");
        http_headers_take(&headers, "Sec-WebSocket-Protocol", "y");
    }
    assert_string_equal(headers.accept, "application/json, text/html, text/html");
    assert_string_equal(headers.accept_encoding, "gzip, gzip, gzip");
    assert_string_equal(headers.if_none_match, "\"a\", \"a\", \"a\"");
    assert_string_equal(headers.if_match, "\"b\", \"b\", \"b\"");
    assert_string_equal(headers.expect, "x, x, x");
    assert_string_equal(headers.websocket_protocol, "y, y, y");
    assert_false(headers.ambiguous);
    http_headers_finish(&headers);
}

static void what_is_only_told_counts_for_nothing_when_it_comes_twice(void **state)
{
    struct http_headers headers = {0};
    (void)state;
    http_headers_take(&headers, "User-Agent", "a");
    http_headers_take(&headers, "User-Agent", "b");
    assert_string_equal(headers.user_agent, "");
    assert_false(headers.ambiguous);
    http_headers_finish(&headers);
}

static void lines_of_x_forwarded_for_are_kept_in_order(void **state)
{
    struct http_headers headers = {0};
    (void)state;
    http_headers_take(&headers, "X-Forwarded-For", "a");
    http_headers_take(&headers, "x-forwarded-for", "b");
    assert_int_equal(headers.forwarded_for.count, 2);
    assert_string_equal(headers.forwarded_for.lines[1], "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_headers_whatever_their_case),
        cmocka_unit_test(finds_headers_by_name),
        cmocka_unit_test(what_counts_once_may_not_come_twice),
        cmocka_unit_test(a_list_in_several_lines_is_one_list),
        cmocka_unit_test(what_is_only_told_counts_for_nothing_when_it_comes_twice),
        cmocka_unit_test(lines_of_x_forwarded_for_are_kept_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
