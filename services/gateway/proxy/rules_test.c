#include "services/gateway/proxy/rules.h"

#include <string.h>

#include "services/gateway/api/routes.h"
#include "tests/test.h"

static struct proxy_rules rules;

static void take(const char *text)
{
    struct err err;
    memset(&rules, 0, sizeof rules);
    if (!proxy_rules_parse(&rules, text, &err)) fail_msg("%s: %s", text, err.message);
}

static void assert_refused(const char *text, const char *part)
{
    struct err err;
    memset(&rules, 0, sizeof rules);
    if (proxy_rules_parse(&rules, text, &err)) fail_msg("%s is taken", text);
    assert_true(err_is(&err, INVALID_FIELD));
    if (!strstr(err.message, part)) fail_msg("%s: %s", text, err.message);
}

static void prefixes_lead_to_servers(void **state)
{
    (void)state;
    take("");
    assert_int_equal(rules.prefixes_count, 0);
    take(" /media/=http://10.0.0.5:8080  /panel/=http://panel/,authorization /a/b/=http://[fd00::1]:81/x/ ");
    assert_int_equal(rules.prefixes_count, 3);
    assert_string_equal(rules.prefixes[0].path, "/media/");
    assert_string_equal(rules.prefixes[0].base, "");
    assert_false(rules.prefixes[0].authorization);
    assert_string_equal(rules.upstreams[0].authority, "10.0.0.5:8080");
    assert_string_equal(rules.prefixes[1].base, "/");
    assert_true(rules.prefixes[1].authorization);
    assert_string_equal(rules.upstreams[1].authority, "panel:80");
    assert_string_equal(rules.prefixes[2].base, "/x/");
    assert_string_equal(rules.upstreams[2].host, "fd00::1");
    assert_string_equal(rules.upstreams[2].authority, "[fd00::1]:81");
    assert_int_equal(rules.upstreams[2].port, 81);
}

static void prefixes_of_one_server_share_it(void **state)
{
    (void)state;
    take("/a/=http://one:81 /b/=http://ONE:81/ /c/=http://one:82");
    assert_int_equal(rules.upstreams_count, 2);
    assert_int_equal(rules.prefixes[1].upstream, 0);
    assert_int_equal(rules.prefixes[2].upstream, 1);
}

static void what_is_no_prefix_is_refused(void **state)
{
    static const char *const none[] = {
        "/media",         "media/=http://x", "/media=http://x", "/=http://x",     "=http://x",
        "//=http://x",    "/a//b/=http://x", "/../=http://x",   "/a/./=http://x", "/%61/=http://x",
        "/a b/=http://x", "/a?/=http://x",   "http://x"};
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) assert_refused(none[i], "prefix like");
    assert_refused("/a/=http://x /a/=http://y", "/a/ comes twice");
}

static void what_is_no_server_is_refused(void **state)
{
    static const char *const none[] = {"",
                                       "x",
                                       "https://x",
                                       "ftp://x",
                                       "http://",
                                       "http://:80",
                                       "http://x:",
                                       "http://x:0",
                                       "http://x:65536",
                                       "http://x:8o",
                                       "http://x:-1",
                                       "http://u@x",
                                       "http://x/y",
                                       "http://x//",
                                       "http://x/../",
                                       "http://[::1",
                                       "http://[x]:80",
                                       "http://[::1]80",
                                       "http://x,other",
                                       "http://x/?q/",
                                       "http://.x",
                                       "http://x#/"};
    char entry[100];
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        snprintf(entry, sizeof entry, "/a/=%s", none[i]);
        assert_refused(entry, "server like");
    }
}

static void there_may_be_only_so_many(void **state)
{
    char text[2000] = "";
    (void)state;
    for (int i = 0; i <= PROXY_PREFIXES_MOST; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "/p%d/=http://x:%d ", i, i + 1);
    assert_refused(text, "at most 16 prefixes");
}

static void routes_of_conse_are_not_taken_away(void **state)
{
    struct routes *routes;
    struct err err;
    size_t count;
    const struct route_row *rows = routes_table(&count);
    static const char *const taken[] = {"/events/", "/events/x/",    "/auth/", "/c/",        "/assets/",
                                        "/Events/", "/.well-known/", "/docs/", "/graphql/x/"};
    (void)state;
    assert_true(routes_create(&routes, rows, count, &err));
    take("/media/=http://x /eventsx/=http://x /ev/=http://x");
    assert_true(proxy_rules_check(&rules, routes, &err));
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        char text[100];
        snprintf(text, sizeof text, "%s=http://x", taken[i]);
        take(text);
        if (proxy_rules_check(&rules, routes, &err)) fail_msg("%s is taken", taken[i]);
        assert_true(err_is(&err, INVALID_FIELD) && strstr(err.message, "Conse's"));
    }
    routes_destroy(routes);
}

static void the_longest_prefix_counts(void **state)
{
    (void)state;
    take("/a/=http://x /a/b/=http://y");
    assert_string_equal(proxy_rules_find(&rules, "/a/")->path, "/a/");
    assert_string_equal(proxy_rules_find(&rules, "/a/b")->path, "/a/");
    assert_string_equal(proxy_rules_find(&rules, "/a/b/c?d")->path, "/a/b/");
    assert_null(proxy_rules_find(&rules, "/a"));
    assert_null(proxy_rules_find(&rules, "/A/"));
    assert_null(proxy_rules_find(&rules, "/%61/"));
    assert_null(proxy_rules_find(&rules, "*"));
}

static void tunnels_lead_to_named_targets_alone(void **state)
{
    struct err err;
    size_t place;
    (void)state;
    take("/a/=http://db.example:443");
    if (!proxy_rules_parse_targets(&rules, "db.example:443, 10.0.0.7:5432,[::1]:22", &err))
        fail_msg("%s", err.message);
    assert_int_equal(rules.upstreams_count, 3);
    assert_true(proxy_rules_find_target(&rules, "DB.example:443", &place));
    assert_int_equal(place, 0);
    assert_true(proxy_rules_find_target(&rules, "[::1]:22", &place));
    static const char *const none[] = {
        "db.example", "db.example:80", "10.0.0.7", "10.0.0.70:5432", "::1:22", "", "/", "db.example:0443"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(proxy_rules_find_target(&rules, none[i], &place));
    static const char *const bad[] = {"db.example", "db.example:0", "http://x:80",
                                      "x:80/",      "*:443",        "x:80,x:80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memset(&rules, 0, sizeof rules);
        assert_false(proxy_rules_parse_targets(&rules, bad[i], &err));
        assert_true(err_is(&err, INVALID_FIELD));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes_lead_to_servers),     cmocka_unit_test(prefixes_of_one_server_share_it),
        cmocka_unit_test(what_is_no_prefix_is_refused), cmocka_unit_test(what_is_no_server_is_refused),
        cmocka_unit_test(there_may_be_only_so_many),    cmocka_unit_test(routes_of_conse_are_not_taken_away),
        cmocka_unit_test(the_longest_prefix_counts),    cmocka_unit_test(tunnels_lead_to_named_targets_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
