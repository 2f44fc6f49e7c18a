// Codes by which events are found.
#include "services/events/game/join.h"

#include <string.h>

#include "tests/test.h"

// Once given, a code is on paper: it must never come out differently.
static void an_event_has_one_code_for_ever(void **state)
{
    (void)state;
    assert_string_equal(join_code_of("01890000-0000-7000-8000-000000009999").text, "2M2X5J");
    assert_string_equal(join_code_of("01890000-0000-7000-8000-000000000001").text, "L3PWZS");
}

static void codes_have_no_letters_that_look_alike(void **state)
{
    (void)state;
    char id[UUID_LEN + 1];
    unsigned seen[256] = {0};
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(id, sizeof id, "01890000-0000-7000-8000-%012u", i);
        const struct join_code code = join_code_of(id);
        struct join_code same;
        assert_true(join_code_read(&same, code.text));
        for (int at = 0; at < JOIN_CODE; at++) seen[(unsigned char)code.text[at]]++;
    }
    for (const char *letter = "AEIOU01"; *letter; letter++) assert_int_equal(seen[(unsigned char)*letter], 0);
    for (const char *letter = "BCDFGHJKLMNPQRSTVWXYZ23456789"; *letter; letter++)
        assert_in_range(seen[(unsigned char)*letter], 800, 1300); // of 1034
}

static void a_code_is_read_in_any_case_and_else_refused(void **state)
{
    (void)state;
    struct join_code code;
    assert_true(join_code_read(&code, "bcdF29"));
    assert_string_equal(code.text, "BCDF29");
    const char *const none[] = {"", "BCDF2", "BCDF299", "BCDFA2", "BCDF 2", "BCDF02", "BCDF\xc3\xa4"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) assert_false(join_code_read(&code, none[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_has_one_code_for_ever),
        cmocka_unit_test(codes_have_no_letters_that_look_alike),
        cmocka_unit_test(a_code_is_read_in_any_case_and_else_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
