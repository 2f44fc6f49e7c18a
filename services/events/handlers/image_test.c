#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "services/events/handlers/image.h"

// clang-format off
static const uint8_t png[] = {
    0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
    0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89,
    0, 0, 0, 4, 'I', 'D', 'A', 'T', 1, 2, 3, 4, 5, 6, 7, 8,
    0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82,
};
static const uint8_t jpeg[] = {0xff, 0xd8, 0xff, 0xe0, 0, 4, 'a', 'b', 0xff, 0xda, 0, 2, 's', 'c', 'a', 'n', 0xff, 0xd9};
static const uint8_t webp[] = {'R', 'I', 'F', 'F', 16, 0, 0, 0, 'W', 'E', 'B', 'P', 'V', 'P', '8', 'L', 4, 0, 0, 0, 'a', 'b', 'c', 'd'};
// clang-format on

static void knows_three_formats(void **state)
{
    (void)state;
    assert_string_equal(image_type(png, sizeof png), "image/png");
    assert_string_equal(image_type(jpeg, sizeof jpeg), "image/jpeg");
    assert_string_equal(image_type(webp, sizeof webp), "image/webp");
}

static void refuses_what_breaks_off(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof png; len++) assert_null(image_type(png, len));
    for (size_t len = 0; len < sizeof jpeg; len++) assert_null(image_type(jpeg, len));
    for (size_t len = 0; len < sizeof webp; len++) assert_null(image_type(webp, len));
}

static void refuses_the_rest(void **state)
{
    (void)state;
    assert_null(image_type((const uint8_t *)"<svg/>", 6));
    assert_null(image_type((const uint8_t *)"GIF89a\1\0\1\0", 10));
    assert_null(image_type((const uint8_t *)"", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(knows_three_formats),
                                       cmocka_unit_test(refuses_what_breaks_off),
                                       cmocka_unit_test(refuses_the_rest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
