// What can be said, and in which form it is kept.
#include "lib/text/said.h"

#include <string.h>

#include "tests/test.h"

static const char *say(const char *text)
{
    static char out[256];
    const char *fault = text_say(out, sizeof out, 20, text);
    if (fault) assert_string_equal(out, "");
    return fault ? NULL : out;
}

static void a_text_is_kept_in_its_composed_form(void **state)
{
    (void)state;
    assert_string_equal(say("cafe\u0301"), "caf\u00e9");
    assert_string_equal(say("two\nlines"), "two\nlines");
    assert_string_equal(say("می\u200cروم"), "می\u200cروم"); // the joint of zero width belongs to Persian
    assert_string_equal(say("\u2764\ufe0f"), "\u2764\ufe0f");
    assert_string_equal(say("\u200fسلام"), "\u200fسلام");
}

static void what_would_deceive_is_refused(void **state)
{
    static const char *const texts[] = {"a\tb",    "a\rb",      "a\x07",        "a\x7f",   "a\xC2\x85",
                                        "a\u2028", "a\u2029",   "\u202Aa",      "\u202Ea", "\u202Ca",
                                        "\u2066a", "\u2069a",   "a\uFFFE",      "a\uFFFF", "a\uFDD0",
                                        "a\xFF",   "a\xC0\x80", "a\xED\xA0\x80"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) assert_null(say(texts[i]));
}

static void a_text_says_something(void **state)
{
    static const char *const texts[] = {"", " ", "\n", " \n\u00a0", "\u200b", "\u200c\u200d", "\u2003"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) assert_null(say(texts[i]));
    assert_non_null(say(" a "));
}

// U+0958 is two characters in NFC.
static void characters_are_counted_in_the_form_that_is_kept(void **state)
{
    char text[128] = "";
    (void)state;
    for (int i = 0; i < 10; i++) strcat(text, "\u0958");
    assert_non_null(say(text));
    strcat(text, "a");
    assert_null(say(text));
    strcpy(text, "");
    for (int i = 0; i < 20; i++) strcat(text, "e\u0301");
    assert_non_null(say(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_kept_in_its_composed_form),
        cmocka_unit_test(what_would_deceive_is_refused),
        cmocka_unit_test(a_text_says_something),
        cmocka_unit_test(characters_are_counted_in_the_form_that_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
