#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "lib/http.h"

static void assert_reached(const char *address, bool tls, const char *expected)
{
    char url[64];
    http_listener_url(url, sizeof url, address, tls);
    assert_string_equal(url, expected);
}

static void a_listener_is_reached_from_its_own_machine(void **state)
{
    (void)state;
    assert_reached("127.0.0.1:7438", false, "http://127.0.0.1:7438");
    assert_reached("play.example.org:443", true, "https://play.example.org:443");
    assert_reached(":7438", false, "http://127.0.0.1:7438");
    assert_reached("0.0.0.0:7438", false, "http://127.0.0.1:7438");
    assert_reached("[::]:7438", false, "http://[::1]:7438");
    assert_reached("[::1]:7438", false, "http://[::1]:7438");
}

static void where_nobody_listens_the_answer_is_an_error(void **state)
{
    (void)state;
    const struct http_request request = {.method = "GET", .url = "http://127.0.0.1:1/", .timeout_ms = 5000};
    struct http_reply reply;
    struct err err;
    assert_false(http_do(&request, &reply, &err));
    assert_true(err_is(&err, SERVICE_AWAY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listener_is_reached_from_its_own_machine),
        cmocka_unit_test(where_nobody_listens_the_answer_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
