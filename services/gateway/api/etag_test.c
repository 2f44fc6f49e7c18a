#include "services/gateway/api/etag.h"
#include "tests/test.h"

static const unsigned char key[16] = {1}, other_key[16] = {2}, hash[ETAG_HASH] = {3},
                           other_hash[ETAG_HASH] = {4};
static const struct etag_source source = {key, hash}, other = {key, other_hash}, foreign = {other_key, hash};

static const char *made(char letter, bool packed, size_t len)
{
    static char etag[ETAG_SIZE];
    etag_make(&source, &(struct etag_form){.letter = letter, .packed = packed, .len = len}, etag);
    return etag;
}

static bool finds(const char *list, const struct etag_source *of, char letter,
                  enum etag_comparison comparison)
{
    struct etag_form form;
    return etag_find(list, of, letter, comparison, &form);
}

static void a_tag_tells_its_form_and_length(void **state)
{
    static const size_t lens[] = {0, 1, 10, 12345, SIZE_MAX};
    struct etag_form form;
    char list[3 * ETAG_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++)
        for (const char *letter = "jpf"; *letter; letter++)
            for (int packed = 0; packed < 2; packed++) {
                snprintf(list, sizeof list, "\"x\" , W/\"y\",%s", made(*letter, packed, lens[i]));
                assert_true(etag_find(list, &source, 0, ETAG_STRONG, &form));
                assert_int_equal(form.letter, *letter);
                assert_int_equal(form.packed, packed);
                assert_true(form.len == lens[i]);
            }
}

static void it_is_of_one_reply_under_one_key_in_one_form(void **state)
{
    const char *etag = made('j', false, 77);
    (void)state;
    assert_true(finds(etag, &source, 'j', ETAG_STRONG));
    assert_false(finds(etag, &source, 'p', ETAG_STRONG));
    assert_false(finds(etag, &other, 'j', ETAG_STRONG));
    assert_false(finds(etag, &foreign, 'j', ETAG_STRONG));
}

static void nobody_changes_its_length(void **state)
{
    char etag[ETAG_SIZE];
    (void)state;
    snprintf(etag, sizeof etag, "%s", made('j', false, 77));
    etag[24] = '9';
    assert_false(finds(etag, &source, 0, ETAG_WEAK));
    snprintf(etag, sizeof etag, "%s", made('j', false, 77));
    memmove(etag + 25, etag + 24, strlen(etag + 24) + 1);
    etag[24] = '0'; // "077"
    assert_false(finds(etag, &source, 0, ETAG_WEAK));
}

static void a_weak_tag_is_not_for_writes(void **state)
{
    char weak[ETAG_SIZE + 2];
    (void)state;
    snprintf(weak, sizeof weak, "W/%s", made('p', true, 5));
    assert_true(finds(weak, &source, 0, ETAG_WEAK));
    assert_false(finds(weak, &source, 0, ETAG_STRONG));
}

static void what_is_no_list_of_tags_names_nothing(void **state)
{
    static const char *const lists[] = {"",
                                        "x",
                                        "\"",
                                        "\"\"",
                                        "*",
                                        "W/",
                                        "\"a\" b",
                                        "a\"b\"",
                                        ",,,",
                                        "\"act-5\"",
                                        "\"0123456789012345678901-\"",
                                        "\"0123456789012345678901-5\"",
                                        "\"0123456789012345678901-5jzz\""};
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        assert_false(finds(lists[i], &source, 0, ETAG_WEAK));
    assert_false(finds(NULL, &source, 0, ETAG_WEAK));
}

static void any_is_a_star_alone(void **state)
{
    (void)state;
    assert_true(etag_is_any("*"));
    assert_true(etag_is_any(" * "));
    assert_true(etag_is_any("*, "));
    assert_false(etag_is_any("\"*\""));
    assert_false(etag_is_any("*x"));
    assert_false(etag_is_any(""));
    assert_false(etag_is_any(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_tells_its_form_and_length),
        cmocka_unit_test(it_is_of_one_reply_under_one_key_in_one_form),
        cmocka_unit_test(nobody_changes_its_length),
        cmocka_unit_test(a_weak_tag_is_not_for_writes),
        cmocka_unit_test(what_is_no_list_of_tags_names_nothing),
        cmocka_unit_test(any_is_a_star_alone),
    };
    return cmocka_run_group_tests_name("etag", tests, NULL, NULL);
}
