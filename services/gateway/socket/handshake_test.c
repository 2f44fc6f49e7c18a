#include "services/gateway/socket/handshake.h"

#include "tests/test.h"

#define KEY "dGhlIHNhbXBsZSBub25jZQ==" // of RFC 6455, section 1.3
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define OURS "graphql-transport-ws"

static const struct cors own = {""}, one = {"https://game.example"};

static const struct row {
    const char *name;
    const char *key, *version, *protocol, *origin;
    const struct cors *cors;
    int reason; // 0: taken
    bool spoken;
} rows[] = {
    {"a browser's", KEY, "13", OURS, "https://api.example", &own, 0, true},
    {"a program's", KEY, "13", OURS, NULL, &own, 0, true},
    {"a page's that may", KEY, "13", OURS, "https://game.example", &one, 0, true},
    {"a page's that may not", KEY, "13", OURS, "https://evil.example", &one, IS(ORIGIN_REFUSED), false},
    {"a page's where none may", KEY, "13", OURS, "https://game.example", &own, IS(ORIGIN_REFUSED), false},
    {"a page without a host", KEY, "13", OURS, "null", &own, IS(ORIGIN_REFUSED), false},
    {"no version", KEY, NULL, OURS, NULL, &own, IS(UPGRADE_REQUIRED), false},
    {"an older version", KEY, "8", OURS, NULL, &own, IS(UPGRADE_REQUIRED), false},
    {"a version that begins well", KEY, "130", OURS, NULL, &own, IS(UPGRADE_REQUIRED), false},
    {"several versions", KEY, "13, 8", OURS, NULL, &own, IS(UPGRADE_REQUIRED), false},
    {"no key", NULL, "13", OURS, NULL, &own, IS(MALFORMED), false},
    {"an empty key", "", "13", OURS, NULL, &own, IS(MALFORMED), false},
    {"a key of 15 bytes", "dGhlIHNhbXBsZSBub25j", "13", OURS, NULL, &own, IS(MALFORMED), false},
    {"a key of 17 bytes", "dGhlIHNhbXBsZSBub25jZWE=", "13", OURS, NULL, &own, IS(MALFORMED), false},
    {"a key of 18 bytes", "dGhlIHNhbXBsZSBub25jZWVl", "13", OURS, NULL, &own, IS(MALFORMED), false},
    {"a key of another alphabet", "dGhlIHNhbXBsZSBub25j_Q==", "13", OURS, NULL, &own, IS(MALFORMED), false},
    {"a key with more behind it", KEY "=", "13", OURS, NULL, &own, IS(MALFORMED), false},
    {"no protocol", KEY, "13", NULL, NULL, &own, 0, false},
    {"the older protocol", KEY, "13", "graphql-ws", NULL, &own, 0, false},
    {"one of several", KEY, "13", "graphql-ws ,\t" OURS " , x", NULL, &own, 0, true},
    {"one that only begins so", KEY, "13", OURS "2", NULL, &own, 0, false},
    {"one in capitals", KEY, "13", "GRAPHQL-TRANSPORT-WS", NULL, &own, 0, false},
};

static void what_a_request_must_say(void **state)
{
    (void)state;
    for (const struct row *row = rows; row < rows + sizeof rows / sizeof *rows; row++) {
        struct handshake handshake = {0};
        struct err err = {0};
        struct http_exchange http = {.method = "GET",
                                     .headers = {.host = "api.example",
                                                 .websocket_key = row->key,
                                                 .websocket_version = row->version,
                                                 .websocket_protocol = row->protocol,
                                                 .origin = row->origin}};
        bool taken = handshake_check(&http, row->cors, &handshake, &err);
        if (taken != !row->reason || (int)err.reason != row->reason ||
            (handshake.protocol != NULL) != row->spoken)
            fail_msg("%s: %s", row->name, taken ? "taken" : err_name(&err));
        if (taken) assert_string_equal(handshake.accept, ACCEPT);
    }
}

static void only_get_opens_a_socket(void **state)
{
    struct http_exchange http = {.method = "POST",
                                 .headers = {.websocket_key = KEY, .websocket_version = "13"}};
    struct handshake handshake;
    struct err err;
    (void)state;
    assert_false(handshake_check(&http, &own, &handshake, &err));
    assert_true(err_is(&err, MALFORMED));
}

static void who_asks_for_one(void **state)
{
    struct http_headers headers = {0};
    (void)state;
    assert_false(handshake_is_asked(&headers));
    headers.upgrade = "h2c, WebSocket";
    assert_true(handshake_is_asked(&headers));
    headers.upgrade = "websocket2";
    assert_false(handshake_is_asked(&headers));
}

static const char *field_of(const struct http_answer *answer, const char *name)
{
    for (size_t i = 0; i < answer->count; i++)
        if (strcmp(answer->fields[i].name, name) == 0) return answer->fields[i].value;
    return NULL;
}

static void what_is_answered(void **state)
{
    struct handshake handshake = {ACCEPT, OURS};
    struct http_answer spoken = {0}, silent = {0}, refused = {0}, other = {0};
    struct err err;
    (void)state;
    handshake_answer(&handshake, &spoken);
    assert_string_equal(field_of(&spoken, "Sec-WebSocket-Accept"), ACCEPT);
    assert_string_equal(field_of(&spoken, "Sec-WebSocket-Protocol"), OURS);
    handshake.protocol = NULL;
    handshake_answer(&handshake, &silent);
    assert_null(field_of(&silent, "Sec-WebSocket-Protocol"));
    err_set(&err, IS(UPGRADE_REQUIRED), NULL, "x");
    handshake_refuse(&err, &refused);
    assert_string_equal(field_of(&refused, "Sec-WebSocket-Version"), "13");
    assert_string_equal(field_of(&refused, "Upgrade"), "websocket");
    err_set(&err, IS(MALFORMED), NULL, "x");
    handshake_refuse(&err, &other);
    assert_int_equal(other.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_request_must_say),
        cmocka_unit_test(only_get_opens_a_socket),
        cmocka_unit_test(who_asks_for_one),
        cmocka_unit_test(what_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
