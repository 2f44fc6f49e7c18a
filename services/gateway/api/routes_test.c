#include "services/gateway/api/routes.h"
#include "tests/test.h"

static struct arena arena;
static struct routes *routes;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    size_t count;
    struct err err;
    const struct route_row *rows = routes_table(&count);
    return routes_create(&routes, rows, count, &err) ? 0 : -1;
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
    assert_string_equal(m.route->method->name, "events.CastBallot");
    assert_string_equal(m.params[0], "e1");
    assert_string_equal(m.params[1], "p 2");
    assert_string_equal(m.route->params[1], "poll_id");
    assert_string_equal(match("PATCH", "/events/e1/phases/current").route->method->name,
                        "events.UpdatePhase");
    assert_string_equal(match("HEAD", "/events/e1").route->method->name, "events.GetEvent");
    assert_string_equal(match("GET", "http://host:80/events?x=y").route->method->name, "events.ListEvents");
    assert_int_equal(match("GET", "/").route->page, PAGE_ROOT);
    assert_int_equal(match("GET", "http://host").route->page, PAGE_ROOT);
    assert_string_equal(match("GET", "/events/a%2Fb").params[0], "a/b");
    assert_int_equal(match("GET", "/c/event/e1").route->page, PAGE_CONSOLE);
    assert_int_equal(match("HEAD", "/assets/app-1.js").route->page, PAGE_FILE);
}

static void knows_what_is_not_there(void **state)
{
    static const char *const absent[] = {"/nothing",
                                         "/event",
                                         "/events/e1/x",
                                         "/events/e1/poll",
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

static bool has_route(const char *method)
{
    size_t count;
    const struct route *all = routes_all(routes, &count);
    for (size_t i = 0; i < count; i++)
        if (all[i].method && strcmp(all[i].method->name, method) == 0) return true;
    return false;
}

// Whoever may ask by the gateway may ask over HTTP, and nothing else is served.
static void every_method_for_the_gateway_has_a_route(void **state)
{
    size_t count;
    const struct schema_method *all = schema_methods(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        bool is_public = all[i].callers >> CONSE__ASKER__VALUE__GATEWAY & 1 &&
                         all[i].limit != CONSE__METHOD__LIMIT__INTERNAL;
        if (has_route(all[i].name) != is_public) fail_msg("a route to %s", all[i].name);
    }
}

static void a_row_has_what_the_passport_says(void **state)
{
    (void)state;
    const struct route *ballot = match("PUT", "/events/e1/polls/p/ballot").route,
                       *image = match("PUT", "/groups/g1/image").route,
                       *login = match("POST", "/auth/login").route, *home = match("GET", "/").route;
    assert_true(ballot->keyed && ballot->has_acts && ballot->takes_body);
    assert_int_equal(ballot->level, CONSE__METHOD__LEVEL__USER);
    struct route_match log = match("GET", "/events/e1/log");
    assert_string_equal(route_peer(log.route, &log), "e1");
    assert_false(log.route->has_acts);
    log = match("GET", "/groups/g1");
    assert_null(route_peer(log.route, &log));
    assert_true(image->raw_body && !image->keyed && !image->has_acts);
    assert_true(match("GET", "/groups/g1/image").route->raw_reply);
    assert_true(login->auth_limited && !login->keyed);
    assert_int_equal(home->level, CONSE__METHOD__LEVEL__PUBLIC);
    assert_string_equal(routes_service(routes, login->service), "auth");
    assert_string_equal(routes_service(routes, image->service), "events");
    assert_string_equal(routes_service(routes, match("GET", "/ratings").route->service), "ai");
    assert_null(routes_service(routes, 4));
}

static void a_bad_row_is_refused(void **state)
{
    static const struct {
        struct route_row row;
        const char *why;
    } bad[] = {
        {{VERB_GET, "/feed", "bus.Read", 200, 0}, "/feed: bus.Read is internal"},
        {{VERB_GET, "/x", "events.Nothing", 200, 0}, "GET /x: events.Nothing is not known"},
        {{VERB_GET, "/x/{y}", "events.ListSides", 200, 0},
         "GET /x/{y}: events.ListSides has no such parameter"},
        {{VERB_GET, "/x", "events.GetEvent", 200, 0},
         "GET /x: events.GetEvent is routed by what is not in the path"},
        {{VERB_DELETE, "/x/{id}", "events.PutGroupImage", 204, 0},
         "DELETE /x/{id}: events.PutGroupImage needs a body"},
        {{VERB_GET, "/x", NULL, 200, 0}, "GET /x: a page is none"},
        {{VERB_GET, "/sides", "events.ListRoles", 200, 0},
         "GET /sides: events.ListRoles has the place of another"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct route_row rows[] = {{VERB_GET, "/sides", "events.ListSides", 200, 0}, bad[i].row};
        struct routes *made;
        struct err err;
        assert_false(routes_create(&made, rows, 2, &err));
        assert_string_equal(err.message, bad[i].why);
    }
}

// No method is for another program alone by now; so this looks at what refuses one.
static void so_is_a_method_that_is_not_for_the_gateway(void **state)
{
    const struct schema_method method = {.name = "events.Alone",
                                         .limit = CONSE__METHOD__LIMIT__OTHER,
                                         .callers = 1U << CONSE__ASKER__VALUE__OPERATOR};
    struct err err;
    (void)state;
    assert_false(route_may_call(&method, &err));
    assert_string_equal(err.message, "events.Alone is not for the gateway");
}

// A write with a condition reads its object as the same caller: a caller that may write may read. Only who
// reports a person does not see what others reported; with a condition they are refused.
static void who_may_write_may_read(void **state)
{
    size_t count;
    const struct route *all = routes_all(routes, &count);
    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            if (all[i].verb != VERB_GET && all[j].verb == VERB_GET && strcmp(all[i].path, all[j].path) == 0 &&
                strcmp(all[i].path, "/reports") != 0)
                assert_true(all[j].level <= all[i].level);
}

// The token of a read-only key is let through by class.
static void what_is_got_is_read(void **state)
{
    size_t count;
    const struct route *all = routes_all(routes, &count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        const struct route *route = &all[i];
        if (!route->method || route->level == CONSE__METHOD__LEVEL__PUBLIC) continue;
        if (schema_reads(route->method) != (route->verb == VERB_GET))
            fail_msg("%s by another verb than its class", route->path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(finds_the_row_and_its_parameters),
        TEST(knows_what_is_not_there),
        TEST(takes_targets_apart),
        TEST(refuses_bad_targets),
        TEST(every_method_for_the_gateway_has_a_route),
        TEST(a_row_has_what_the_passport_says),
        cmocka_unit_test(a_bad_row_is_refused),
        cmocka_unit_test(so_is_a_method_that_is_not_for_the_gateway),
        TEST(who_may_write_may_read),
        TEST(what_is_got_is_read),
    };
    return cmocka_run_group_tests_name("routes", tests, NULL, NULL);
}
