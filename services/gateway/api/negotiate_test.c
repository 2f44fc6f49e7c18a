#include "services/gateway/access/cors.h"
#include "services/gateway/api/negotiate.h"
#include "tests/test.h"

static void chooses_the_media_type(void **state)
{
    static const struct {
        const char *accept;
        enum media media;
    } rows[] = {
        {NULL, MEDIA_JSON},
        {"*/*", MEDIA_JSON},
        {"application/json", MEDIA_JSON},
        {"application/x-protobuf", MEDIA_PROTOBUF},
        {"APPLICATION/X-PROTOBUF ; q=1", MEDIA_PROTOBUF},
        {"application/x-protobuf, application/json", MEDIA_JSON},
        {"application/json;q=0.5, application/x-protobuf", MEDIA_PROTOBUF},
        {"text/html, application/*;q=0.8", MEDIA_JSON},
        {"text/html,*/*;q=0.1", MEDIA_JSON},
        {"*/*, application/json;q=0", MEDIA_PROTOBUF},
        {"text/html", MEDIA_NONE},
        {"application/json;q=0", MEDIA_NONE},
        {"", MEDIA_NONE},
        {"application/jsonx", MEDIA_NONE},
        {",;q=,", MEDIA_NONE},
        {"application/json;q=888888888888888", MEDIA_JSON},
        {"application/json;q=-1e99", MEDIA_NONE},
        {"application/json;q=nan", MEDIA_NONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (negotiate_accept(rows[i].accept) != rows[i].media) fail_msg("%s", rows[i].accept);
}

static void reads_content_types(void **state)
{
    (void)state;
    assert_int_equal(negotiate_content_type("application/json"), MEDIA_JSON);
    assert_int_equal(negotiate_content_type("Application/JSON; charset=\"UTF-8\""), MEDIA_JSON);
    assert_int_equal(negotiate_content_type("application/json;charset=latin1"), MEDIA_NONE);
    assert_int_equal(negotiate_content_type("application/x-protobuf"), MEDIA_PROTOBUF);
    assert_int_equal(negotiate_content_type("application/json ; a=b; charset=utf-8"), MEDIA_JSON);
    assert_int_equal(negotiate_content_type("application/json;charset=utf-8x"), MEDIA_NONE);
    assert_int_equal(negotiate_content_type("application/json, text/plain"), MEDIA_NONE);
    assert_int_equal(negotiate_content_type("text/plain, application/json"), MEDIA_NONE);
    assert_int_equal(negotiate_content_type("application/json,"), MEDIA_NONE);
    assert_int_equal(negotiate_content_type(",application/json"), MEDIA_NONE);
    assert_int_equal(negotiate_content_type("application/json text/plain"), MEDIA_NONE);
    assert_int_equal(negotiate_content_type("application/jsonx"), MEDIA_NONE);
    assert_int_equal(negotiate_content_type("text/plain"), MEDIA_NONE);
    assert_int_equal(negotiate_content_type(NULL), MEDIA_NONE);
    assert_int_equal(negotiate_content_type(""), MEDIA_NONE);
    static const char *const images[] = {"image/png", "image/webp", NULL};
    assert_true(negotiate_is_one_of("image/png", images));
    assert_true(negotiate_is_one_of("image/webp; q=1", images));
    assert_true(negotiate_is_one_of("application/octet-stream", images));
    assert_false(negotiate_is_one_of("text/html", images));
    assert_false(negotiate_is_one_of("image/png, text/html", images));
    assert_false(negotiate_is_one_of("image/svg+xml", images));
    assert_false(negotiate_is_one_of(NULL, images));
}

static void reads_encodings(void **state)
{
    (void)state;
    assert_true(negotiate_gzip("gzip, deflate, br"));
    assert_true(negotiate_gzip("br;q=1, *;q=0.1"));
    assert_false(negotiate_gzip("gzip;q=0, *"));
    assert_false(negotiate_gzip("identity"));
    assert_false(negotiate_gzip("identity;q=0.9, gzip;q=0.5"));
    assert_false(negotiate_gzip("gzip;q=0.5, identity"));
    assert_false(negotiate_gzip("identity, *;q=0.5"));
    assert_true(negotiate_gzip("identity;q=0.5, gzip;q=0.9"));
    assert_true(negotiate_gzip("gzip;q=0.5, identity;q=0.5"));
    assert_true(negotiate_gzip("identity;q=0, gzip;q=0.1"));
    assert_true(negotiate_gzip("gzip;q=0.001"));
    assert_false(negotiate_gzip(""));
    assert_false(negotiate_gzip(NULL));
    assert_true(negotiate_brotli("gzip, deflate, br"));
    assert_true(negotiate_brotli("br;q=0.5, gzip;q=0.5"));
    assert_false(negotiate_brotli("br;q=0.4, gzip;q=0.5"));
    assert_false(negotiate_brotli("br;q=0"));
    assert_false(negotiate_brotli("gzip, *"));
    assert_false(negotiate_brotli("identity, br;q=0.5"));
    assert_false(negotiate_brotli(NULL));
}

static void compares_tags(void **state)
{
    (void)state;
    assert_true(negotiate_matches("\"a\"", "\"a\""));
    assert_true(negotiate_matches("W/\"a\"", "\"a\""));
    assert_true(negotiate_matches("\"b\", \"a\"", "\"a\""));
    assert_true(negotiate_matches("*", "\"a\""));
    assert_false(negotiate_matches("\"ab\"", "\"a\""));
    assert_false(negotiate_matches("\"b\"", "\"a\""));
    assert_false(negotiate_matches("\"a\"x", "\"a\""));
    assert_false(negotiate_matches(NULL, "\"a\""));
}

static const char *value_of(const struct http_answer *answer, const char *name)
{
    for (size_t i = 0; i < answer->count; i++)
        if (strcmp(answer->fields[i].name, name) == 0) return answer->fields[i].value;
    return NULL;
}

void http_answer_add(struct http_answer *answer, const char *name, const char *value)
{
    answer->fields[answer->count++] = (struct http_field){name, value};
}

static void allows_only_configured_origins(void **state)
{
    struct cors cors = {"https://a.example, https://b.example"};
    struct http_answer answer = {0};
    (void)state;
    assert_true(cors_allows(&cors, "https://b.example"));
    assert_false(cors_allows(&cors, "https://b.example.evil"));
    assert_false(cors_allows(&cors, "https://a"));
    assert_false(cors_allows(&cors, ""));
    cors_answer(&cors, "https://evil.example", &answer);
    cors_answer(&cors, NULL, &answer);
    assert_int_equal(answer.count, 0);
    cors_preflight(&cors, "https://a.example", "GET, OPTIONS", &answer);
    assert_string_equal(value_of(&answer, "Access-Control-Allow-Origin"), "https://a.example");
    assert_string_equal(value_of(&answer, "Access-Control-Allow-Methods"), "GET, OPTIONS");
    cors.origins = "*";
    answer.count = 0;
    cors_answer(&cors, "https://any.example", &answer);
    assert_string_equal(value_of(&answer, "Access-Control-Allow-Origin"), "*");
    cors.origins = "";
    assert_false(cors_allows(&cors, "https://a.example"));
}

static void a_browser_prefers_a_page(void **state)
{
    (void)state;
    assert_true(negotiate_html("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
    assert_true(negotiate_html("Text/HTML"));
    const char *const others[] = {NULL,
                                  "",
                                  "*/*",
                                  "application/*",
                                  "application/json, text/html",
                                  "text/*",
                                  "text/html;q=0",
                                  "text/html;q=0.5, application/json"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) assert_false(negotiate_html(others[i]));
}

static void graphql_is_answered_as_it_is_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *accept;
        enum media media;
    } rows[] = {
        {NULL, MEDIA_JSON},
        {"*/*", MEDIA_JSON},
        {"application/*", MEDIA_JSON},
        {"application/json", MEDIA_JSON},
        {"application/graphql-response+json", MEDIA_GRAPHQL},
        {"application/graphql-response+json; charset=utf-8", MEDIA_GRAPHQL},
        {"application/graphql-response+json, application/json", MEDIA_GRAPHQL},
        {"application/graphql-response+json, */*", MEDIA_GRAPHQL},
        {"application/graphql-response+json;q=0.4, application/json;q=0.5", MEDIA_JSON},
        {"application/graphql-response+json;q=0, application/json", MEDIA_JSON},
        {"application/json;q=0, application/graphql-response+json", MEDIA_GRAPHQL},
        {"application/graphql-response+json;q=0", MEDIA_NONE},
        {"text/html", MEDIA_NONE},
        {"", MEDIA_NONE},
        {"text/event-stream", MEDIA_EVENTS},
        {"text/event-stream, multipart/mixed", MEDIA_EVENTS},
        {"text/event-stream, */*;q=0.5", MEDIA_EVENTS},
        {"text/event-stream;q=0", MEDIA_NONE},
        {"application/graphql-response+json, application/json, text/event-stream", MEDIA_GRAPHQL},
        {"text/event-stream, application/json", MEDIA_JSON},
        {"text/event-stream, */*", MEDIA_JSON},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(negotiate_graphql(rows[i].accept), rows[i].media);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_browser_prefers_a_page),
        cmocka_unit_test(chooses_the_media_type),
        cmocka_unit_test(graphql_is_answered_as_it_is_asked_for),
        cmocka_unit_test(reads_content_types),
        cmocka_unit_test(reads_encodings),
        cmocka_unit_test(compares_tags),
        cmocka_unit_test(allows_only_configured_origins),
    };
    return cmocka_run_group_tests_name("negotiate", tests, NULL, NULL);
}
