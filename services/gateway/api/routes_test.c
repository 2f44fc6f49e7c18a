#include "services/gateway/api/routes.h"
#include "tests/test.h"

static struct arena arena;
static struct routes *routes;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    routes = routes_create();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    routes_destroy(routes);
    return 0;
}

static bool parse(const char *raw, struct target *target, struct err *err)
{
    memset(err, 0, sizeof *err);
    return target_parse(raw, target, &arena, err);
}

static struct route_match match(const char *verb, const char *raw)
{
    struct target target;
    struct err err;
    assert_true(parse(raw, &target, &err));
    return routes_match(routes, verb, &target);
}

static void finds_the_row_and_its_parameters(void **state)
{
    (void)state;
    struct route_match m = match("PUT", "/events/e1/polls/p%202/ballot");
    assert_string_equal(m.route->method, "events.CastBallot");
    assert_string_equal(m.params[0], "e1");
    assert_string_equal(m.params[1], "p 2");
    assert_string_equal(routes_params(routes, m.route)[1], "poll_id");
    assert_string_equal(match("PATCH", "/events/e1/phases/current").route->method, "events.UpdatePhase");
    assert_string_equal(match("HEAD", "/events/e1").route->method, "events.GetEvent");
    assert_string_equal(match("GET", "http://host:80/events?x=y").route->method, "events.ListEvents");
    assert_int_equal(match("GET", "/").route->page, PAGE_ROOT);
    assert_int_equal(match("GET", "http://host").route->page, PAGE_ROOT);
    assert_string_equal(match("GET", "/events/a%2Fb").params[0], "a/b");
}

static void knows_what_is_not_there(void **state)
{
    static const char *const absent[] = {"/nothing",
                                         "/event",
                                         "/events/e1/x",
                                         "/events/e1/polls",
                                         "/Events",
                                         "/events/{event_id}x/y",
                                         "/auth",
                                         "/events//log",
                                         "/auth/users/u/level/x",
                                         "/a/b/c/d/e/f/g/h/i/j/k/l"};
    char allow[ROUTE_ALLOW_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) assert_null(match("GET", absent[i]).route);
    assert_int_equal(match("GET", "/nothing").verbs, 0);
    struct route_match m = match("POST", "/events/e1");
    assert_null(m.route);
    routes_allow(m.verbs, allow);
    assert_string_equal(allow, "GET, HEAD, PATCH, DELETE, OPTIONS");
    assert_null(match("BREW", "/events/e1").route);
    assert_null(match("get", "/events/e1").route);
}

static void takes_targets_apart(void **state)
{
    struct target t;
    struct err err;
    (void)state;
    assert_true(parse("/events?q=a+b%26c&status=OPEN&&flag&x=%C3%A9", &t, &err));
    assert_string_equal(t.path, "/events");
    assert_int_equal(t.parameter_count, 4);
    assert_string_equal(t.parameters[0].value, "a b&c");
    assert_string_equal(t.parameters[2].name, "flag");
    assert_string_equal(t.parameters[2].value, "");
    assert_string_equal(t.parameters[3].value, "\xc3\xa9");
}

static void refuses_bad_targets(void **state)
{
    static const char *const malformed[] = {"",     "events",  "*",       "/%",      "/%4",        "/%zz",
                                            "/%00", "/a%00b",  "/\x01",   "/a b",    "/\x7f",      "/a#b",
                                            "/%ff", "/%c0%af", "/?a=%00", "/?%ff=1", "/?a=%e0%80", "//%"};
    static const char *const no_route[] = {"/events/", "//", "/1/2/3/4/5/6/7/8/9/10/11/12/13"};
    struct target t;
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        if (parse(malformed[i], &t, &err)) fail_msg("%s was accepted", malformed[i]);
        if (!err_is(&err, MALFORMED)) fail_msg("%s: %s", malformed[i], err_name(&err));
    }
    for (size_t i = 0; i < sizeof no_route / sizeof *no_route; i++) {
        assert_false(parse(no_route[i], &t, &err));
        assert_true(err_is(&err, NO_ROUTE));
    }
    char many[400] = "/?";
    for (int i = 0; i < 40; i++) strcat(many, "a=1&");
    assert_false(parse(many, &t, &err));
}

static void every_row_is_whole(void **state)
{
    size_t count, methods, called = 0;
    const struct route *table = routes_table(&count);
    const struct schema_method *all = schema_methods(&methods);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_int_not_equal(table[i].access, ROUTE_REFUSED);
        assert_true(table[i].status >= 200 && table[i].status < 400);
        if (table[i].flags & ROUTE_WAIT) {
            const struct schema_method *m = routes_method(routes, &table[i]);
            assert_non_null(protobuf_c_message_descriptor_get_field_by_name(m->request, "wait"));
            assert_int_equal(m->reply->fields[0].label, PROTOBUF_C_LABEL_REPEATED);
        }
    }
    // Every method of the services behind the gateway can be reached.
    for (size_t m = 0; m < methods; m++) {
        bool ours = strncmp(all[m].name, "auth.", 5) == 0 || strncmp(all[m].name, "events.", 7) == 0;
        bool found = !ours;
        for (size_t i = 0; i < count && !found; i++)
            found = table[i].method && strcmp(table[i].method, all[m].name) == 0;
        if (!found && !strstr(all[m].name, "dmin")) fail_msg("no route calls %s", all[m].name);
        called += ours && found;
    }
    assert_true(called >= 60);
}

// A write with a condition reads its object as the same caller: whoever may write may read.
static void who_may_write_may_read(void **state)
{
    size_t count;
    const struct route *table = routes_table(&count);
    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            if (table[i].verb != VERB_GET && table[j].verb == VERB_GET &&
                strcmp(table[i].path, table[j].path) == 0)
                assert_true(table[j].access <= table[i].access);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(finds_the_row_and_its_parameters),
        TEST(knows_what_is_not_there),
        TEST(takes_targets_apart),
        TEST(refuses_bad_targets),
        TEST(every_row_is_whole),
        cmocka_unit_test(who_may_write_may_read),
    };
    return cmocka_run_group_tests_name("routes", tests, NULL, NULL);
}
