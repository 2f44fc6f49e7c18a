// QR codes as SVG. tests/e2e/join.test.mjs reads one again.
#include "lib/qr/qr.h"

#include <string.h>

#include "tests/test.h"

static void a_code_has_a_quiet_zone_and_a_title(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    const char *svg = qr_svg("HTTP://X/JOIN/BCDFGH", "Join <\"Friday\" & more>", &arena);
    assert_non_null(svg);
    assert_non_null(strstr(svg, "<title>Join &lt;&quot;Friday&quot; &amp; more&gt;</title>"));
    assert_non_null(strstr(svg, "viewBox=\"0 0 33 33\""));  // 25 modules, and four on each side
    assert_non_null(strstr(svg, "<path d=\"M4 4h7v1h-7z")); // the corner by which it is found
    assert_null(strstr(svg, "M3 "));
    assert_string_equal(svg, qr_svg("HTTP://X/JOIN/BCDFGH", "Join <\"Friday\" & more>", &arena));
    arena_finish(&arena);
}

static void what_is_too_long_is_refused(void **state)
{
    (void)state;
    struct arena arena;
    static char text[4001];
    arena_init(&arena, 8 << 20);
    memset(text, 'x', 2000);
    assert_non_null(qr_svg(text, "much", &arena));
    memset(text, 'x', 4000);
    assert_null(qr_svg(text, "too much", &arena));
    arena_finish(&arena);
    arena_init(&arena, 300);
    assert_null(qr_svg("short", "no room", &arena));
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_has_a_quiet_zone_and_a_title),
        cmocka_unit_test(what_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
