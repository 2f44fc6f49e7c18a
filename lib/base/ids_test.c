#include <sodium.h>

#include "lib/base/ids.h"
#include "tests/test.h"

static void uuids_have_version_variant_and_time(void **state)
{
    (void)state;
    const uint8_t random[10] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    // The example time of RFC 9562, appendix A.6: 2022-02-22 19:22:22 UTC.
    assert_string_equal(uuid_make(0x017F22E279B0, random).text, "017f22e2-79b0-7fff-bfff-ffffffffffff");
    assert_true(uuid_check(uuid_make(0, (uint8_t[10]){0}).text));
}

static void uuids_grow_even_within_a_millisecond(void **state)
{
    (void)state;
    struct uuid before = uuid_new(1000);
    for (int i = 0; i < 20000; i++) {
        struct uuid next = uuid_new(1000 - i % 3);
        assert_true(strcmp(before.text, next.text) < 0);
        before = next;
    }
}

static void only_the_canonical_form_is_an_id(void **state)
{
    (void)state;
    assert_true(uuid_check("017f22e2-79b0-7fff-bfff-ffffffffffff"));
    assert_false(uuid_check("017F22E2-79B0-7FFF-BFFF-FFFFFFFFFFFF"));
    assert_false(uuid_check("017f22e279b07fffbfffffffffffffff"));
    for (int at = 0; at < UUID_LEN; at++) {
        char text[] = "017f22e2-79b0-7fff-bfff-ffffffffffff";
        text[at] = text[at] == '-' ? 'f' : '-';
        assert_false(uuid_check(text));
        text[at] = '\xC3';
        assert_false(uuid_check(text));
    }
    assert_false(uuid_check("017f22e2-79b0-7fff-bfff-fffffffffff"));
    assert_false(uuid_check("017f22e2-79b0-7fff-bfff-fffffffffffff"));
    assert_false(uuid_check(""));
}

static void an_id_in_any_case_becomes_one(void **state)
{
    static const char *const others[] = {"",
                                         "NONE",
                                         "017F22E2-79B0-7FFF-BFFF-FFFFFFFFFFFG",
                                         "017F22E2-79B0-7FFF-BFFF-FFFFFFFFFFFFF",
                                         "017F22E279B07FFFBFFFFFFFFFFFFFFF",
                                         "A17f22e2-79b0-7fff-bfff-fffffffffff"};
    char text[64];
    (void)state;
    strcpy(text, "017F22e2-79B0-7FFF-BfFF-FFFFFFFFFFFF");
    uuid_lower(text);
    assert_string_equal(text, "017f22e2-79b0-7fff-bfff-ffffffffffff");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        strcpy(text, others[i]);
        uuid_lower(text);
        assert_string_equal(text, others[i]);
    }
}

static void hex_goes_both_ways(void **state)
{
    (void)state;
    uint8_t bytes[4];
    char text[9];
    assert_true(hex_decode(bytes, 4, "00ff10ab"));
    hex_encode(text, bytes, 4);
    assert_string_equal(text, "00ff10ab");
    assert_false(hex_decode(bytes, 4, "00ff10a"));
    assert_false(hex_decode(bytes, 4, "00ff10ag"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuids_have_version_variant_and_time),
        cmocka_unit_test(uuids_grow_even_within_a_millisecond),
        cmocka_unit_test(only_the_canonical_form_is_an_id),
        cmocka_unit_test(an_id_in_any_case_becomes_one),
        cmocka_unit_test(hex_goes_both_ways),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
