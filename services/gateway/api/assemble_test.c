#include "auth.pb-c.h"
#include "events.pb-c.h"
#include "lib/base/clock.h"
#include "services/gateway/api/assemble.h"
#include "services/gateway/access/limits.h"
#include "services/gateway/api/wire.h"
#include "tests/test.h"

static struct arena arena;
static struct err err;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    err = (struct err){0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static const char *const path_names[] = {"event_id", "user_id", NULL};
static const char *const path_values[] = {"e1", "u1"};
static const char *const no_names[] = {NULL};

struct request {
    const char *method, *target, *body;
    size_t len;
    enum media media;
    bool with_path;
};

static ProtobufCMessage *assembled(const struct request *request)
{
    struct target *target = arena_new(&arena, struct target);
    ProtobufCMessage *message;
    assert_true(target_parse(request->target ? request->target : "/", target, &arena, &err));
    struct assembly assembly = {
        .method = schema_method(request->method),
        .param_names = request->with_path ? path_names : no_names,
        .param_values = path_values,
        .target = target,
        .takes_body = !request->target,
        .media = request->media ? request->media : MEDIA_JSON,
        .body = request->body,
        .body_len = request->len    ? request->len
                    : request->body ? strlen(request->body)
                                    : 0,
    };
    assert_non_null(assembly.method);
    return assemble(&assembly, &arena, &message, &err) ? message : NULL;
}

static void joins_path_and_body(void **state)
{
    (void)state;
    Events__ScoreRequest *r = (void *)assembled(
        &(struct request){.method = "events.ScorePlayer", .body = "{\"score\":200}", .with_path = true});
    assert_non_null(r);
    assert_string_equal(r->event_id, "e1");
    assert_string_equal(r->user_id, "u1");
    assert_int_equal(r->score, 200);
    assert_null(assembled(
        &(struct request){.method = "events.ScorePlayer", .body = "{\"user_id\":\"x\"}", .with_path = true}));
    assert_string_equal(err.field, "user_id");
}

static void types_the_query(void **state)
{
    (void)state;
    Events__ListEventsRequest *r = (void *)assembled(&(struct request){
        .method = "events.ListEvents",
        .target = "/events?status=OPEN&page_size=7&q=a%20b&starts_before=2026-12-01T00:00:00Z"});
    assert_non_null(r);
    assert_int_equal(r->status, EVENTS__EVENT__STATE__OPEN);
    assert_int_equal(r->page_size, 7);
    assert_string_equal(r->q, "a b");
    static const char *const bad[][2] = {
        {"/events?status=open", "status"},   {"/events?page_size=x", "page_size"},
        {"/events?nope=1", "nope"},          {"/events?q=a&q=b", "q"},
        {"/events?page_size=", "page_size"}, {"/events?starts_after=now", "starts_after"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_null(assembled(&(struct request){.method = "events.ListEvents", .target = bad[i][0]}));
        assert_string_equal(err.field, bad[i][1]);
        assert_true(err_is(&err, MALFORMED));
    }
    assert_null(assembled(&(struct request){.method = "events.CancelReservation",
                                            .target = "/events/e1/reservations/u1?user_id=u2",
                                            .with_path = true}));
    assert_null(
        assembled(&(struct request){.method = "events.ListEvents", .target = "/events", .body = "{}"}));
}

static void takes_protobuf(void **state)
{
    uint8_t bytes[256];
    Events__ScoreRequest score = EVENTS__SCORE_REQUEST__INIT;
    (void)state;
    score.score = 9;
    score.score__case = EVENTS__SCORE_REQUEST__SCORE__SCORE;
    struct request request = {
        .method = "events.ScorePlayer", .body = (char *)bytes, .media = MEDIA_PROTOBUF, .with_path = true};
    request.len = events__score_request__pack(&score, bytes);
    Events__ScoreRequest *r = (void *)assembled(&request);
    assert_non_null(r);
    assert_int_equal(r->score, 9);
    assert_string_equal(r->event_id, "e1");
    score.user_id = "someone";
    request.len = events__score_request__pack(&score, bytes);
    assert_null(assembled(&request));
    assert_string_equal(err.field, "user_id");
}

static void wire_refused(const ProtobufCMessageDescriptor *type, const char *bytes, size_t len,
                         const char *field)
{
    err = (struct err){0};
    assert_false(wire_check(type, (const uint8_t *)bytes, len, &err));
    assert_true(err_is(&err, MALFORMED));
    assert_string_equal(err.field, field);
}

static void looks_at_wire_bytes(void **state)
{
    const ProtobufCMessageDescriptor *login = &auth__login_request__descriptor,
                                     *event = &events__create_event_request__descriptor;
    (void)state;
    assert_true(wire_check(login, (const uint8_t *)"\x0a\x01x\x12\x01y", 6, &err));
    assert_true(wire_check(login, NULL, 0, &err));
    wire_refused(login, "\x0a\x03x\0y", 5, "username"); // NUL
    wire_refused(login, "\x0a\x01\xff", 3, "username"); // not UTF-8
    wire_refused(login, "\x4a\x01x", 3, "#9");          // unknown
    wire_refused(login, "\x0a\x05x", 3, "");            // cut
    wire_refused(login, "\x0a", 1, "");
    wire_refused(login, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11, "");
    wire_refused(login, "\x0b\x0c", 2, ""); // groups
    wire_refused(login, "\x02", 1, "");     // field 0
    wire_refused(event, "\x2a\x04\x12\x02\0\0", 6, "starts_at.zone");
    wire_refused(event, "\x4a\x02\x10\x00", 4, "price.currency"); // enum zero
    wire_refused(event, "\x4a\x02\x10\x63", 4, "price.currency");
}

static void takes_raw_bodies(void **state)
{
    static const char *const names[] = {"id", NULL}, *const values[] = {"e1"};
    struct target target = {0};
    ProtobufCMessage *message;
    struct assembly assembly = {.method = schema_method("events.PutEventImage"),
                                .param_names = names,
                                .param_values = values,
                                .target = &target,
                                .takes_body = true,
                                .body = "\x89PNG\0",
                                .body_len = 5};
    (void)state;
    assert_true(assemble(&assembly, &arena, &message, &err));
    const Events__PutImageRequest *r = (const Events__PutImageRequest *)message;
    assert_int_equal(r->image.len, 5);
    assert_string_equal(r->id, "e1");
}

static void takes_headers_beside_a_raw_body(void **state)
{
    static const char *const names[] = {NULL};
    static const struct schema_header taken[] = {{"x-id", 1}, {"x-none", 1}, {NULL, 0}};
    const char *headers[] = {"e1", NULL};
    struct schema_method method = *schema_method("events.PutEventImage");
    struct target target = {0};
    ProtobufCMessage *message;
    struct assembly assembly = {.method = &method,
                                .param_names = names,
                                .param_values = names,
                                .target = &target,
                                .takes_body = true,
                                .body = "\x89PNG\0",
                                .body_len = 5,
                                .headers = headers};
    (void)state;
    method.raw_body.headers = taken;
    assert_true(assemble(&assembly, &arena, &message, &err));
    assert_string_equal(((const Events__PutImageRequest *)message)->id, "e1");
}

static void reads_limits(void **state)
{
    static const char *const bad[] = {"",     "5",     "/",   "5/",    "/5",    "5/5x",
                                      "-1/1", "0.5/1", "1/0", "nan/1", "1e9/1", "5 / 5"};
    struct bucket bucket;
    (void)state;
    assert_true(limits_parse("120/2", &bucket, &err));
    assert_true(bucket.burst == 120 && bucket.per_second == 2);
    assert_true(limits_parse("1/0.5", &bucket, &err));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (limits_parse(bad[i], &bucket, &err)) fail_msg("%s was accepted", bad[i]);
}

static void limits_by_class_and_key(void **state)
{
    struct limits limits = {.classes = {{2, 1}, {1, 1}}};
    (void)state;
    clock_hold_mono(0);
    assert_true(cache_open(&limits.cache, 1 << 20, &err));
    assert_true(limits_take(&limits, LIMIT_AUTH, "a").allowed);
    assert_true(limits_take(&limits, LIMIT_AUTH, "a").allowed);
    struct bucket_state refused = limits_take(&limits, LIMIT_AUTH, "a");
    assert_false(refused.allowed);
    assert_int_equal(refused.retry_after_s, 1);
    assert_true(limits_take(&limits, LIMIT_AUTH, "b").allowed);
    assert_true(limits_take(&limits, LIMIT_OTHER, "a").allowed);
    assert_false(limits_take(&limits, LIMIT_OTHER, "a").allowed);
    clock_hold_mono(1000);
    assert_true(limits_take(&limits, LIMIT_AUTH, "a").allowed);
    clock_hold_mono(-1);
    cache_close(limits.cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(joins_path_and_body), TEST(types_the_query),         TEST(takes_protobuf),
        TEST(looks_at_wire_bytes), TEST(takes_raw_bodies),        TEST(takes_headers_beside_a_raw_body),
        TEST(reads_limits),        TEST(limits_by_class_and_key),
    };
    return cmocka_run_group_tests_name("assemble", tests, NULL, NULL);
}
