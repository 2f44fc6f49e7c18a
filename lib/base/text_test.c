#include "lib/base/text.h"
#include "tests/test.h"

static void utf8_is_well_formed_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool valid;
    } rows[] = {
        {"plain", true},
        {"\xD8\xB3\xD9\x84\xD8\xA7\xD9\x85", true},
        {"\xF0\x9F\x8E\xB2", true},
        {"\xC0\xAF", false},
        {"\xE0\x80\xAF", false},
        {"\xED\xA0\x80", false}, // overlong, surrogate
        {"\xF4\x90\x80\x80", false},
        {"\xFF", false},
        {"\xE2\x82", false}, // too high, cut short
        {"\x80", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(text_is_utf8(rows[i].bytes, strlen(rows[i].bytes)), rows[i].valid);
    assert_false(text_is_utf8("a\0b", 3));
}

static void plain_text_is_told_byte_by_byte(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++)
        for (size_t at = 0; at < 16; at++) {
            char text[] = "sixteen letters!";
            text[at] = (char)byte;
            bool plain = byte >= 0x20 && byte < 0x7F;
            assert_int_equal(text_plain(text, 16), plain ? 16 : at - at % 8);
        }
    assert_int_equal(text_plain("seven 7", 7), 0);
    assert_int_equal(text_plain("eight 8\n\n", 9), 0);
    assert_int_equal(text_plain("", 0), 0);
}

static void what_stands_behind_plain_text_is_seen(void **state)
{
    (void)state;
    assert_false(text_is_utf8("eight ab\xFF", 9));
    assert_false(text_is_utf8("sixteen letters!\xE2\x82", 18));
    assert_true(text_is_utf8("sixteen letters!\xD8\xB3 and more of them", 34));
    assert_true(text_has_controls("sixteen letters!\a", false));
}

static void controls_are_seen(void **state)
{
    (void)state;
    assert_false(text_has_controls("a line", false));
    assert_true(text_has_controls("two\nlines", false));
    assert_false(text_has_controls("two\nlines\tand a tab", true));
    assert_true(text_has_controls("bell\a", true));
    assert_true(text_has_controls("c1 \xC2\x85", false));
    assert_true(text_has_controls("turned \xE2\x80\xAE round", true));
}

static void forms_are_checked(void **state)
{
    (void)state;
    assert_true(text_is_username("Mira_9.x-"));
    assert_false(text_is_username("ab"));
    assert_false(text_is_username("with space"));
    assert_false(text_is_username("abcdefghijklmnopqrstuvwxyz1234567"));
    assert_true(text_is_phone("+989121234567"));
    assert_false(text_is_phone("+0989121234567"));
    assert_false(text_is_phone("09121234567"));
    assert_false(text_is_phone("+1234567"));
    assert_false(text_is_phone("+1234567890123456"));
    assert_true(text_is_slug("night-sleeper"));
    assert_false(text_is_slug("Night"));
    assert_false(text_is_slug(""));
    assert_true(text_is_zone_name("America/Argentina/Buenos_Aires"));
    assert_true(text_is_zone_name("Etc/GMT+3"));
    assert_false(text_is_zone_name("/etc/passwd"));
    assert_false(text_is_zone_name("../zone"));
    assert_true(text_is_room("01890000-0000-7000-8000-000000000001.table"));
    assert_false(text_is_room("01890000-0000-7000-8000-000000000001"));
    assert_false(text_is_room("01890000-0000-7000-8000-000000000001."));
    assert_false(text_is_room("01890000-0000-7000-8000-00000000000x.table"));
    assert_false(text_is_room("01890000-0000-7000-8000-000000000001.Table"));
    assert_true(text_is_visible_ascii("key-1", 64));
    assert_false(text_is_visible_ascii("", 64));
    assert_false(text_is_visible_ascii("a b", 64));
}

static void local_times_exist_in_the_calendar(void **state)
{
    (void)state;
    assert_true(text_is_local_time("2026-12-01T20:30:00"));
    assert_true(text_is_local_time("2028-02-29T00:00:00"));
    assert_false(text_is_local_time("2026-02-29T00:00:00"));
    assert_false(text_is_local_time("2026-13-01T00:00:00"));
    assert_false(text_is_local_time("2026-12-01T24:00:00"));
    assert_false(text_is_local_time("2026-12-01 20:30:00"));
    assert_false(text_is_local_time("2026-12-01T20:30:00Z"));
    assert_false(text_is_local_time("2026-12"));
}

static void lowering_stops_at_the_size(void **state)
{
    (void)state;
    char out[6];
    text_lower(out, sizeof out, "ABCDEFGH");
    assert_string_equal(out, "abcde");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_well_formed_or_refused),
        cmocka_unit_test(plain_text_is_told_byte_by_byte),
        cmocka_unit_test(what_stands_behind_plain_text_is_seen),
        cmocka_unit_test(controls_are_seen),
        cmocka_unit_test(forms_are_checked),
        cmocka_unit_test(local_times_exist_in_the_calendar),
        cmocka_unit_test(lowering_stops_at_the_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
