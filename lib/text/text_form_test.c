#include "lib/text/text_form.h"
#include "tests/test.h"

struct pair {
    const char *text, *form;
};

static void check_folds(const struct pair *pairs, size_t count)
{
    char form[256];
    for (size_t i = 0; i < count; i++) {
        assert_true(text_fold(form, sizeof form, pairs[i].text));
        assert_string_equal(form, pairs[i].form);
    }
}

static void case_and_width_are_folded(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"", ""},
        {"Friday NIGHT", "friday night"},
        {"STRASSE", "strasse"},
        {"Straße", "strasse"},
        {"ΣΊΣΥΦΟΣ", "σισυφοσ"},
        {"Σίσυφος", "σισυφοσ"},
        {"МАФИЯ", "мафия"},
        {"ＭＡＦＩＡ １２", "mafia 12"}, // full width
        {"ﬁnale", "finale"},             // ligature
        {"ﻣﺎﻓﯿﺎ", "مافیا"},              // forms within words
        {"x² ①", "x2 1"},
        {"😀 ok", "😀 ok"},
    };
    check_folds(pairs, sizeof pairs / sizeof *pairs);
}

static void marks_and_what_is_not_drawn_are_dropped(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"Café", "cafe"},
        {"Cafe\u0301", "cafe"},
        {"İstanbul", "istanbul"},
        {"مُحَمَّد", "محمد"},
        {"قرآنِ کریم", "قران کریم"},
        {"ســـلام", "سلام"},
        {"می\u200Cشود", "میشود"},
        {"می\u200Dشود", "میشود"},
        {"so\u00ADft\uFEFF", "soft"},
        {"\u202Bراست\u202C", "راست"},
        {"\u0301\u0640", ""},
    };
    check_folds(pairs, sizeof pairs / sizeof *pairs);
}

static void arabic_letters_are_as_the_persian_ones(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"شب مافيا", "شب مافیا"}, // yeh
        {"موسى", "موسی"},         // alef maksura
        {"كارآگاه", "کاراگاه"},   // kaf, alef with madda
        {"ڪتاب", "کتاب"},
        {"فاطمة", "فاطمه"},
        {"خانۀ ما", "خانه ما"},
        {"أحمد إيران ٱلله", "احمد ایران الله"},
        {"مسؤول", "مسوول"},
        {"مسئله", "مسیله"},
        {"شيء", "شی"},
        {"ہندوستانے", "هندوستانی"},
    };
    check_folds(pairs, sizeof pairs / sizeof *pairs);
}

static void digits_are_one(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"شب ۱۲۳۴۵۶۷۸۹۰", "شب 1234567890"},
        {"ليلة ١٢٣٤٥٦٧٨٩٠", "لیله 1234567890"},
    };
    check_folds(pairs, sizeof pairs / sizeof *pairs);
}

static void blanks_are_one_space_and_none_at_the_ends(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"  two \t\n words ", "two words"},
        {"a\u00A0\u2003b", "a b"},
        {"a \u0301\u200C b", "a b"},
        {" \u3000 ", ""},
    };
    check_folds(pairs, sizeof pairs / sizeof *pairs);
}

static void a_form_fits_or_is_refused(void **state)
{
    (void)state;
    char form[16], one[3 * TEXT_FOLD_GROWTH + 1];
    assert_true(text_fold(form, 4, "ABC"));
    assert_false(text_fold(form, 3, "ABC"));
    assert_string_equal(form, "");
    assert_false(text_fold(form, 0, "ABC"));
    assert_false(text_fold(form, sizeof form, "cut \xD8"));
    assert_string_equal(form, "");
    assert_false(text_fold(form, sizeof form, "\xED\xA0\x80")); // a surrogate
    assert_true(text_fold(one, sizeof one, "\uFDFA"));          // grows most
}

static void nothing_grows_more_than_is_said(void **state)
{
    (void)state;
    char text[8], form[64];
    for (uint32_t point = 1; point < 0x110000; point++) {
        if (point >= 0xD800 && point < 0xE000) continue;
        size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
        for (size_t i = len; i-- > 1;) text[i] = (char)(0x80 | (point >> (6 * (len - 1 - i)) & 0x3F));
        text[0] = (char)(lead[len] | point >> (6 * (len - 1)));
        text[len] = 0;
        assert_true(text_fold(form, len * TEXT_FOLD_GROWTH + 1, text));
    }
}

static void nfc_composes(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"", ""},
        {"plain Words 1", "plain Words 1"},
        {"Cafe\u0301", "Caf\u00E9"},
        {"\u0627\u0653b", "\u0622b"},
        {"\u0647\u0654", "\u0647\u0654"}, // has no letter of its own
        {"\u212B", "\u00C5"},
        {"q\u0307\u0323", "q\u0323\u0307"}, // in the order of their classes
        {"\u1112\u1161\u11AB", "\uD55C"},
        {"\u00A0 ﬁ ۱", "\u00A0 ﬁ ۱"}, // what only looks alike stays
        {"\U0001D15E", "\U0001D157\U0001D165"},
    };
    char form[64];
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_true(text_nfc(form, sizeof form, pairs[i].text));
        assert_string_equal(form, pairs[i].form);
    }
}

static void an_nfc_fits_or_is_refused(void **state)
{
    (void)state;
    char form[8];
    assert_true(text_nfc(form, 6, "Cafe\u0301"));
    assert_false(text_nfc(form, 5, "Cafe\u0301"));
    assert_string_equal(form, "");
    assert_false(text_nfc(form, 0, "a"));
    assert_false(text_nfc(form, sizeof form, "\xFF"));
    assert_string_equal(form, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_and_width_are_folded),
        cmocka_unit_test(marks_and_what_is_not_drawn_are_dropped),
        cmocka_unit_test(arabic_letters_are_as_the_persian_ones),
        cmocka_unit_test(digits_are_one),
        cmocka_unit_test(blanks_are_one_space_and_none_at_the_ends),
        cmocka_unit_test(a_form_fits_or_is_refused),
        cmocka_unit_test(nothing_grows_more_than_is_said),
        cmocka_unit_test(nfc_composes),
        cmocka_unit_test(an_nfc_fits_or_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
