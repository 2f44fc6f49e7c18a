#include <jansson.h>

#include "lib/base/reason.h"
#include "services/gateway/api/openapi.h"
#include "services/gateway/api/problem.h"
#include "services/gateway/ask/trace.h"
#include "tests/test.h"

static const char *stamp;

static json_t *problem_of(const struct err *err, const char *path)
{
    struct buf text;
    buf_init(&text, 4096);
    problem_write(&text, &(struct problem){err, path, "0af7651916cd43dd8448eb211c80319c", stamp, 17});
    json_t *tree = json_loadb(text.bytes, text.len, JSON_REJECT_DUPLICATES, NULL);
    buf_finish(&text);
    assert_non_null(tree);
    return tree;
}

static const char *text_of(const json_t *tree, const char *name)
{
    return json_string_value(json_object_get(tree, name));
}

static void writes_the_members(void **state)
{
    struct err err;
    (void)state;
    err_field(&err, MALFORMED, "roles[2].copies", "roles[2].copies must be an integer");
    json_t *tree = problem_of(&err, "/decks/\"\xff");
    assert_string_equal(text_of(tree, "type"), "/docs#MALFORMED");
    assert_string_equal(text_of(tree, "title"), "Bad Request");
    assert_int_equal(json_integer_value(json_object_get(tree, "status")), 400);
    assert_string_equal(text_of(tree, "detail"), "roles[2].copies must be an integer");
    assert_string_equal(text_of(tree, "instance"), "/decks/\"?");
    assert_string_equal(text_of(tree, "code"), "MALFORMED");
    assert_string_equal(text_of(tree, "trace_id"), "0af7651916cd43dd8448eb211c80319c");
    assert_string_equal(text_of(json_array_get(json_object_get(tree, "errors"), 0), "field"),
                        "roles[2].copies");
    json_decref(tree);
}

static void keeps_faults_of_ours_to_itself(void **state)
{
    struct err err;
    (void)state;
    err_fail(&err, INTERNAL_ERROR, "table users: disk I/O error at /secret/path");
    json_t *tree = problem_of(&err, "/");
    assert_null(strstr(text_of(tree, "detail"), "secret"));
    assert_null(json_object_get(tree, "errors"));
    json_decref(tree);
}

static void says_what_work_is_wanted(void **state)
{
    struct err err;
    (void)state;
    err_fail(&err, PROOF_WANTED, "many ask");
    stamp = "c3RhbXA";
    json_t *tree = problem_of(&err, "/auth/login");
    stamp = NULL;
    const json_t *proof = json_object_get(tree, "proof");
    assert_string_equal(text_of(proof, "stamp"), "c3RhbXA");
    assert_int_equal(json_integer_value(json_object_get(proof, "bits")), 17);
    json_decref(tree);
}

static void gives_every_reason_its_status(void **state)
{
    static const struct {
        Conse__Reason__Value reason;
        int status;
    } rows[] = {
        {CONSE__REASON__VALUE__MALFORMED, 400},          {CONSE__REASON__VALUE__TOKEN_INVALID, 401},
        {CONSE__REASON__VALUE__LEVEL_TOO_LOW, 403},      {CONSE__REASON__VALUE__NO_ROUTE, 404},
        {CONSE__REASON__VALUE__METHOD_NOT_ALLOWED, 405}, {CONSE__REASON__VALUE__NOT_ACCEPTABLE, 406},
        {CONSE__REASON__VALUE__EVENT_FULL, 409},         {CONSE__REASON__VALUE__USERNAME_TAKEN, 409},
        {CONSE__REASON__VALUE__CONFLICT, 409},           {CONSE__REASON__VALUE__LENGTH_REQUIRED, 411},
        {CONSE__REASON__VALUE__BODY_TOO_LARGE, 413},     {CONSE__REASON__VALUE__MEDIA_TYPE_UNSUPPORTED, 415},
        {CONSE__REASON__VALUE__DECK_TOO_SMALL, 422},     {CONSE__REASON__VALUE__IDEMPOTENCY_MISMATCH, 422},
        {CONSE__REASON__VALUE__RATE_LIMITED, 429},       {CONSE__REASON__VALUE__CLIENT_GONE, 499},
        {CONSE__REASON__VALUE__INTERNAL_ERROR, 500},     {CONSE__REASON__VALUE__REPLY_TOO_LARGE, 500},
        {CONSE__REASON__VALUE__SERVICE_AWAY, 503},       {CONSE__REASON__VALUE__DEADLINE_PASSED, 504},
        {CONSE__REASON__VALUE__STORE_FULL, 507},
    };
    size_t count;
    const struct reason *all = reason_all(&count);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (problem_status(rows[i].reason) != rows[i].status) fail_msg("%s", all[rows[i].reason].name);
    for (size_t i = 1; i < count; i++) {
        int status = problem_status((Conse__Reason__Value)i);
        if (all[i].name && (status < 400 || strcmp(problem_title(status), "Error") == 0))
            fail_msg("%s: %d", all[i].name, status);
    }
}

static void goes_on_with_a_good_trace_only(void **state)
{
    static const char good[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    static const char *const bad[] = {"",
                                      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                                      "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                                      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                                      "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                      "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x"};
    struct trace_source source;
    struct trace trace, other;
    (void)state;
    trace_source_init(&source, false);
    trace_begin(&source, good, &trace);
    assert_string_equal(trace.id, "0af7651916cd43dd8448eb211c80319c");
    assert_int_equal(strlen(trace.parent), TRACEPARENT_LEN);
    assert_memory_equal(trace.parent, good, 36);
    assert_memory_not_equal(trace.parent + 36, good + 36, 16); // our own span
    assert_string_equal(trace.parent + 52, "-00");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        trace_begin(&source, bad[i], &trace);
        if (strcmp(trace.id, "0af7651916cd43dd8448eb211c80319c") == 0) fail_msg("%s was taken", bad[i]);
    }
    trace_begin(&source, NULL, &other);
    assert_string_not_equal(trace.id, other.id);
}

// A real validator looks at the whole in tests/e2e; here what only we know.
static void describes_every_route(void **state)
{
    struct routes *routes;
    struct err err;
    size_t len, count;
    char *text;
    (void)state;
    const struct route_row *table = routes_table(&count);
    assert_true(routes_create(&routes, table, count, &err));
    assert_true(openapi_make(routes, &text, &len, &err));
    json_t *api = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    const struct route *all = routes_all(routes, &count);
    for (size_t i = 0; i < count; i++) {
        char verb[8] = "";
        for (const char *c = verb_name(all[i].verb), *end = c; *end; end++)
            verb[end - c] = (char)(*end | 0x20);
        json_t *operation =
            json_object_get(json_object_get(json_object_get(api, "paths"), all[i].path), verb);
        if (!route_described(&all[i])) { // docs/realtime.md tells of streams
            assert_null(operation);
            continue;
        }
        if (!json_is_object(operation)) fail_msg("%s %s is missing", verb, all[i].path);
        assert_int_equal(json_array_size(json_object_get(operation, "security")) == 0,
                         all[i].level == CONSE__METHOD__LEVEL__PUBLIC);
    }
    json_t *schemas = json_object_get(json_object_get(api, "components"), "schemas");
    json_t *level = json_object_get(schemas, "auth.SetLevelRequest");
    assert_null(json_object_get(json_object_get(level, "properties"), "user_id")); // it is in the path
    assert_int_equal(json_array_size(json_object_get(
                         json_object_get(json_object_get(level, "properties"), "level"), "enum")),
                     3);
    json_decref(api);
    free(text);
    routes_destroy(routes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_members),
        cmocka_unit_test(keeps_faults_of_ours_to_itself),
        cmocka_unit_test(says_what_work_is_wanted),
        cmocka_unit_test(gives_every_reason_its_status),
        cmocka_unit_test(goes_on_with_a_good_trace_only),
        cmocka_unit_test(describes_every_route),
    };
    return cmocka_run_group_tests_name("problem", tests, NULL, NULL);
}
