// Which names can be taken for each other, and which are none.
#include "services/events/game/look.h"
#include "tests/test.h"

static bool alike(const char *a, const char *b)
{
    const struct look x = look_of(a), y = look_of(b);
    return look_alike(&x, &y) && look_alike(&y, &x);
}

static void names_that_look_alike(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"Mira", "mIRA"},
        {"mira", "\u041cira"},      // Cyrillic em
        {"MIRA", "\u043cira"},      // the small one
        {"mira", "m\u0456r\u0430"}, // Cyrillic i and a
        {"mira", "rnira"},
        {"Ali", "AIi"}, // a capital i
        {"ali", "a1i"},
        {"Bob", "B0b"},
        {"mira", "mi\u200bra"},       // zero width
        {"mira", "\u200emira\u061c"}, // marks of direction
        {"mira", "mira\ufe0f"},       // a variation selector
        {"mira", "mi\u00adra"},       // a soft hyphen
        {"mira", "mira\u2800"},       // a blank of Braille
        {"mira", "mira\u3164"},       // a filler of Hangul
        {"anna li", "anna\u00a0\u3000li"},
        {"mira", "\uff4d\uff49\uff52\uff41"},                                       // full width
        {"\u00c4ngel", "a\u0308NGEL"},                                              // composed and not
        {"\u0639\u0644\u06cc", "\u0639\u0644\u064a"},                               // Persian and Arabic yeh
        {"\u06a9\u0627\u0648\u0647", "\u0643\u0627\u0648\u0647"},                   // keheh and kaf
        {"\u0639\u0644\u06cc", "\u0639\u0640\u0644\u06cc"},                         // drawn out
        {"\u0639\u0644\u06cc", "\ufecb\ufee0\ufef2"},                               // forms of letters
        {"\u0645\u0647\u200c\u0646\u0627\u0632", "\u0645\u0647\u0646\u0627\u0632"}, // a non-joiner
        {"x\u06f1", "x\u0661"},                                                     // digits
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!alike(table[i][0], table[i][1])) fail_msg("%s and %s", table[i][0], table[i][1]);
}

static void names_that_do_not(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"mira", "mir"},  {"mira", "mina"}, {"a", "\u00e4"}, {"ali", "all"},
        {"lia", "ila"},   {"r1_1", "r1_2"}, {"ida", "lda"},  {"\u0639\u0644\u06cc", "\u0648\u0644\u06cc"},
        {"anna", "anna2"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (alike(table[i][0], table[i][1])) fail_msg("%s and %s", table[i][0], table[i][1]);
}

static void what_grows_most_is_looked_at_whole(void **state)
{
    (void)state;
    char longest[4 * 32 + 10] = "", other[sizeof longest];
    for (size_t i = 0; i < 45; i++) strcat(longest, "\ufdfa"); // 18 letters in one
    strcpy(other, longest);
    other[strlen(other) - 3] = 0;
    assert_true(alike(longest, longest));
    assert_false(alike(longest, other));
}

static void a_clear_name_is_seen_and_unlike_a_mark(void **state)
{
    (void)state;
    static const char *const clear[] = {"mira", "Anna Li",    "\u0645\u0647\u200c\u0646\u0627\u0632",
                                        "1",    "\U0001f600", "O'Neil"};
    static const char *const unclear[] = {
        "",           " mira",  "mira ",  "mira\u00a0",  "\u3000mira",  "\u200b",      "\u3164",
        "\u2800",     "\u0301", "mira~1", "mira\uff5e1", "mira\u02dc1", "mira\u223c1", "mira\u20531",
        "mira\u301c1"};
    for (size_t i = 0; i < sizeof clear / sizeof *clear; i++)
        if (!look_is_clear(clear[i])) fail_msg("%s is clear", clear[i]);
    for (size_t i = 0; i < sizeof unclear / sizeof *unclear; i++)
        if (look_is_clear(unclear[i])) fail_msg("%zu: '%s' is not clear", i, unclear[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_look_alike),
        cmocka_unit_test(names_that_do_not),
        cmocka_unit_test(what_grows_most_is_looked_at_whole),
        cmocka_unit_test(a_clear_name_is_seen_and_unlike_a_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
