#include "services/gateway/proxy/answer_head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

static const struct answer_asked by_get = {0}, by_head = {.head = true}, by_socket = {.upgrade = true};

// Parsed in memory of its own, which lives as long as the test: a text, cut apart.
static char *text;

static const char *parse(struct answer_head *head, const char *bytes, const struct answer_asked *asked)
{
    const char *fault = NULL;
    size_t len = strlen(bytes);
    free(text);
    text = strdup(bytes);
    assert_non_null(text);
    assert_int_equal(answer_head_len(text, len), len);
    bool ok = answer_head_parse(head, text, len, asked, &fault);
    assert_true(ok == !fault);
    return fault;
}

static void assert_good(struct answer_head *head, const char *bytes, const struct answer_asked *asked)
{
    const char *fault = parse(head, bytes, asked);
    if (fault) fail_msg("%s: %s", bytes, fault);
}

#define assert_bad(bytes, part)                                                                              \
    do {                                                                                                     \
        struct answer_head bad;                                                                              \
        const char *fault = parse(&bad, bytes, &by_get);                                                     \
        if (!fault || !strstr(fault, part)) fail_msg("%s: %s", bytes, fault ? fault : "taken");              \
    } while (0)

static int end(void **state)
{
    (void)state;
    free(text);
    text = NULL;
    return 0;
}

static void how_a_body_ends_is_found(void **state)
{
    struct answer_head head;
    (void)state;
    assert_good(&head, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", &by_get);
    assert_int_equal(head.body, ANSWER_LENGTH);
    assert_int_equal(head.length, 5);
    assert_good(&head, "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked \r\n\r\n", &by_get);
    assert_int_equal(head.body, ANSWER_CHUNKED);
    assert_good(&head, "HTTP/1.0 200\r\n\r\n", &by_get);
    assert_int_equal(head.body, ANSWER_TO_END);
    assert_string_equal(head.reason, "");
    assert_good(&head, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", &by_get);
    assert_int_equal(head.body, ANSWER_NONE);
    assert_good(&head, "HTTP/1.1 204 No Content\r\n\r\n", &by_get);
    assert_int_equal(head.body, ANSWER_NONE);
    assert_good(&head, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", &by_head);
    assert_int_equal(head.body, ANSWER_NONE);
    assert_int_equal(head.length, 5);
    assert_good(&head, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", &by_get);
    assert_int_equal(head.status, 103);
}

static void a_head_is_whole_at_its_empty_line(void **state)
{
    static const char bytes[] = "HTTP/1.1 200 OK\r\nA: b\r\n\r\nrest";
    (void)state;
    for (size_t len = 0; len < sizeof bytes - 5; len++) assert_int_equal(answer_head_len(bytes, len), 0);
    assert_int_equal(answer_head_len(bytes, sizeof bytes - 1), sizeof bytes - 5);
}

static void what_could_be_read_in_two_ways_is_refused(void **state)
{
    (void)state;
    assert_bad("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "both");
    assert_bad("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", "twice");
    assert_bad("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", "twice");
    assert_bad("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n", "no number");
    assert_bad("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n", "no number");
    assert_bad("HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n", "no number");
    assert_bad("HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n", "no number");
    assert_bad("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "chunked");
    assert_bad("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", "chunked");
    assert_bad("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
               "chunked");
    assert_bad("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0");
    assert_bad("HTTP/1.1 200 OK\r\nA: b\nContent-Length: 5\r\n\r\n", "CR LF");
    assert_bad("HTTP/1.1 200 OK\r\nA: b\rContent-Length: 5\r\n\r\n", "CR LF");
    assert_bad("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "no header");
    assert_bad("HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n", "no header");
    assert_bad("HTTP/1.1 200 OK\r\nno header\r\n\r\n", "no header");
    assert_bad("HTTP/1.1 200 OK\r\n: x\r\n\r\n", "no header");
    assert_bad("HTTP/1.1 200 OK\r\nA: \x01\r\n\r\n", "control");
    assert_bad("HTTP/1.1 200 O\x7fK\r\n\r\n", "control");
}

static void what_is_no_answer_is_refused(void **state)
{
    (void)state;
    assert_bad("HTTP/2 200 OK\r\n\r\n", "first line");
    assert_bad("HTTP/1.1  200 OK\r\n\r\n", "first line");
    assert_bad("HTTP/1.1 20 OK\r\n\r\n", "first line");
    assert_bad("HTTP/1.1 2000 OK\r\n\r\n", "first line");
    assert_bad("ICY 200 OK\r\n\r\n", "first line");
    assert_bad("\r\n\r\n", "first line");
    assert_bad("HTTP/1.1 099 OK\r\n\r\n", "status");
    assert_bad("HTTP/1.1 600 OK\r\n\r\n", "status");
    assert_bad("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
               "nobody");
}

static void a_socket_is_switched_to_only_as_a_websocket(void **state)
{
    struct answer_head head;
    (void)state;
    assert_good(&head,
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: x, Upgrade\r\n"
                "Sec-WebSocket-Accept: abc\r\n\r\n",
                &by_socket);
    assert_non_null(
        parse(&head, "HTTP/1.1 101 S\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n", &by_socket));
    assert_non_null(parse(&head, "HTTP/1.1 101 S\r\nUpgrade: websocket\r\n\r\n", &by_socket));
    assert_non_null(parse(&head, "HTTP/1.1 101 S\r\nConnection: upgrade\r\n\r\n", &by_socket));
    assert_good(&head, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", &by_socket);
}

static void too_many_headers_are_refused(void **state)
{
    char bytes[8192];
    (void)state;
    int len = snprintf(bytes, sizeof bytes, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i <= ANSWER_FIELDS_MOST; i++)
        len += snprintf(bytes + len, sizeof bytes - (size_t)len, "A: %d\r\n", i);
    snprintf(bytes + len, sizeof bytes - (size_t)len, "\r\n");
    assert_bad(bytes, "too many");
}

static void assert_written(const char *bytes, const struct answer_asked *asked, bool chunked,
                           const char *expected)
{
    struct answer_head head;
    struct buf out;
    assert_good(&head, bytes, asked);
    buf_init(&out, 8192);
    answer_head_write(&out, &head, chunked);
    assert_string_equal(out.bytes, expected);
    buf_finish(&out);
}

static void what_ends_at_this_hop_does_not_go_on(void **state)
{
    (void)state;
    assert_written(
        "HTTP/1.1 200 Fine\r\nConnection: close, X-Own\r\nX-Own: 1\r\nKeep-Alive: timeout=5\r\n"
        "Proxy-Authenticate: Basic\r\nTrailer: X\r\nUpgrade: h2c\r\nServer: s\r\nContent-Length: 3\r\n"
        "Set-Cookie: a=1\r\nSet-Cookie: __Secure-conse-refresh_token=x; Path=/auth\r\n"
        "Set-Cookie:  =__Secure-conse-refresh_token=x\r\nSet-Cookie: b=2\r\n\r\n",
        &by_get, true,
        "HTTP/1.1 200 Fine\r\nServer: s\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nVia: 1.1 conse\r\n"
        "Content-Length: 3\r\nConnection: close\r\n\r\n");
}

static void how_the_body_goes_out_is_said_anew(void **state)
{
    (void)state;
    assert_written("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nVia: 1.1 edge\r\n\r\n", &by_get, true,
                   "HTTP/1.1 200 OK\r\nVia: 1.1 edge, 1.1 conse\r\nTransfer-Encoding: chunked\r\n"
                   "Connection: close\r\n\r\n");
    assert_written("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", &by_get, false,
                   "HTTP/1.1 200 OK\r\nVia: 1.1 conse\r\nConnection: close\r\n\r\n");
    assert_written("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", &by_head, true,
                   "HTTP/1.1 200 OK\r\nVia: 1.1 conse\r\nContent-Length: 7\r\nConnection: close\r\n\r\n");
    assert_written("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", &by_get, true,
                   "HTTP/1.1 204 No Content\r\nVia: 1.1 conse\r\nConnection: close\r\n\r\n");
    assert_written(
        "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: k\r\n\r\n",
        &by_socket, true,
        "HTTP/1.1 101 S\r\nSec-WebSocket-Accept: k\r\nVia: 1.1 conse\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\n\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_a_body_ends_is_found),
        cmocka_unit_test(a_head_is_whole_at_its_empty_line),
        cmocka_unit_test(what_could_be_read_in_two_ways_is_refused),
        cmocka_unit_test(what_is_no_answer_is_refused),
        cmocka_unit_test(a_socket_is_switched_to_only_as_a_websocket),
        cmocka_unit_test(too_many_headers_are_refused),
        cmocka_unit_test(what_ends_at_this_hop_does_not_go_on),
        cmocka_unit_test(how_the_body_goes_out_is_said_anew),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
