// Where sentences end, in English and in Persian.
#include "tests/test.h"

#include "services/ai/summaries/sentences.h"

// The sentences of the text, parted by '|'.
static const char *split(const char *text)
{
    static char joined[512];
    struct sentence sentence;
    joined[0] = '\0';
    for (size_t len = 0; sentence_next(&text, &sentence);)
        len += (size_t)snprintf(joined + len, sizeof joined - len, "%s%.*s", len ? "|" : "",
                                (int)sentence.len, sentence.text);
    return joined;
}

static void an_end_mark_ends_a_sentence(void **state)
{
    (void)state;
    assert_string_equal(split("Eve lies. Who saw it? I did!"), "Eve lies.|Who saw it?|I did!");
    assert_string_equal(split("کی بود؟ من دیدم. رأی بدهید!"), "کی بود؟|من دیدم.|رأی بدهید!");
    assert_string_equal(split("یک۔ دو… three"), "یک۔|دو…|three");
}

static void marks_together_are_one_end(void **state)
{
    (void)state;
    assert_string_equal(split("What?! No... yes."), "What?!|No...|yes.");
    assert_string_equal(split("«رفت.» بعد آمد."), "«رفت.»|بعد آمد.");
    assert_string_equal(split("He said \"go.\" We went."), "He said \"go.\"|We went.");
}

static void a_line_ends_a_sentence(void **state)
{
    (void)state;
    assert_string_equal(split("\n first \r\n\n second"), "first|second");
}

static void not_every_full_stop_ends_one(void **state)
{
    (void)state;
    assert_string_equal(split("At 20.30 on conse.example it begins."),
                        "At 20.30 on conse.example it begins.");
    assert_string_equal(split("Dr. Who voted, e.g. for J. Doe. Yes."),
                        "Dr. Who voted, e.g. for J. Doe.|Yes.");
}

static void of_blanks_there_is_none(void **state)
{
    (void)state;
    assert_string_equal(split(""), "");
    assert_string_equal(split(" \t\n "), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_mark_ends_a_sentence), cmocka_unit_test(marks_together_are_one_end),
        cmocka_unit_test(a_line_ends_a_sentence),      cmocka_unit_test(not_every_full_stop_ends_one),
        cmocka_unit_test(of_blanks_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
