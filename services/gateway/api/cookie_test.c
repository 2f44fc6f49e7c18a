#include "services/gateway/api/cookie.h"
#include "tests/test.h"

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 16);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static void finds_the_cookie_of_a_field(void **state)
{
    static const struct {
        const char *header, *text;
    } rows[] = {
        {"__Secure-conse-refresh_token=abc", "abc"},
        {"a=b; __Secure-conse-refresh_token=abc; c=d", "abc"},
        {"a=b;__Secure-conse-refresh_token=abc;c=d", "abc"},
        {"__Secure-conse-refresh_token2=x; __Secure-conse-refresh_token=abc", "abc"},
        {"__Secure-conse-refresh_token=a=b", "a=b"},
        {"x__Secure-conse-refresh_token=abc", NULL},
        {"a=__Secure-conse-refresh_token=abc", NULL},
        {"__Secure-conse-refresh_token", NULL},
        {"__Secure-conse-refresh_token=", NULL},
        {"__Secure-conse-refresh_token= ; a", NULL},
        {"__Secure-conse-device_token=abc", NULL},
        {"conse-refresh_token=abc", NULL},
        {";;; ", NULL},
        {"", NULL},
        {NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *found = cookie_find(rows[i].header, "refresh_token", &arena);
        if (!rows[i].text ? found != NULL : !found || strcmp(found, rows[i].text) != 0)
            fail_msg("%s: %s", rows[i].header, found);
    }
}

static void is_kept_from_scripts_and_from_other_sites(void **state)
{
    (void)state;
    assert_string_equal(cookie_make("refresh_token", "abc.DEF-1_", &arena),
                        "__Secure-conse-refresh_token=abc.DEF-1_; Path=/auth; Max-Age=15552000; HttpOnly; "
                        "Secure; SameSite=Strict");
    assert_string_equal(
        cookie_make("refresh_token", "", &arena),
        "__Secure-conse-refresh_token=; Path=/auth; Max-Age=0; HttpOnly; Secure; SameSite=Strict");
}

static void a_text_that_would_say_more_is_refused(void **state)
{
    static const char *const texts[] = {"a; Path=/", "a,b",  "a b",  "a\r\nX: y",
                                        "\"a\"",     "a\\b", "\x7f", "\xc3\xa9"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_null(cookie_make("refresh_token", texts[i], &arena));
}

static void only_what_opens_a_session_is_in_cookies(void **state)
{
    (void)state;
    assert_int_equal(cookie_of("auth.Refresh", "refresh_token"), COOKIE_USED);
    assert_int_equal(cookie_of("auth.Login", "device_token"), COOKIE_KEPT);
    assert_int_equal(cookie_of("auth.Login", "access_token"), COOKIE_NONE);
    assert_int_equal(cookie_of("auth.Login", "password"), COOKIE_NONE);
    assert_int_equal(cookie_of("events.Reserve", "refresh_token"), COOKIE_NONE);
    assert_true(cookie_has(schema_method("auth.Refresh")));
    assert_false(cookie_has(schema_method("auth.ListSessions")));
    assert_false(cookie_has(schema_method("events.Reserve")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_what_opens_a_session_is_in_cookies),
        TEST(finds_the_cookie_of_a_field),
        TEST(is_kept_from_scripts_and_from_other_sites),
        TEST(a_text_that_would_say_more_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
