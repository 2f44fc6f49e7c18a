// The operator's file: what a list takes, and what wallets have on it.
#include "tests/test.h"

#include "services/chain/lists/seed.h"

#define ONE "2YQmwuktcWmmhXXAzjizxzie3QWEkZC8HQ4ZnRtrKF7p"
#define TWO "8SzHrPVkDf5xhmjyUJ7W8vDaxhTiGF9XBT9XX2PtiwYF"
#define WALLET "bArDn16ERF32oHbL3Qvbsfz55xkj1CdbPV8VYXJtCtk"

static struct list_seed_reader reader;
static struct list_seed seed;
static struct err err;

static void begin_file(const char *text)
{
    reader = list_seed_reader(text, strlen(text));
    err = (struct err){0};
}

static void expect_next(const char *wallet, const char *mint, uint32_t points)
{
    assert_true(list_seed_next(&reader, &seed, &err));
    assert_string_equal(seed.wallet, wallet);
    assert_string_equal(seed.mint, mint);
    if (!*wallet) assert_int_equal(seed.points, points);
}

static void lines_say_what_is_taken_and_who_has_it(void **state)
{
    (void)state;
    begin_file("# the roles of spring\n\nmint " ONE "\r\n\tmint " TWO " 25 \nentry " WALLET " " ONE "  " TWO
               "\nentry " ONE " " WALLET);
    expect_next("", ONE, 1);
    expect_next("", TWO, 25);
    expect_next(WALLET, ONE, 0);
    expect_next(WALLET, TWO, 0);
    expect_next(ONE, WALLET, 0);
    assert_false(list_seed_next(&reader, &seed, &err));
    assert_int_equal(err.reason, 0);
}

static void what_it_cannot_read_names_its_line(void **state)
{
    static const char *const wrong[] = {
        "mint\n",
        "mint 0OIl\n",
        "mint " ONE " 0\n",
        "mint " ONE " 1000001\n",
        "mint " ONE " x\n",
        "mint " ONE " 1 1\n",
        "entry " WALLET "\n",
        "entry " WALLET " x\n",
        "burn " ONE "\n",
        "mint " ONE ONE ONE "\n",
        "entry " WALLET " " ONE " x\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[512];
        snprintf(text, sizeof text, "# one\n%s", wrong[i]);
        begin_file(text);
        while (list_seed_next(&reader, &seed, &err)) continue;
        assert_int_equal(err.reason, IS(INVALID_FIELD));
        assert_non_null(strstr(err.message, "line 2"));
    }
}

static void expect_verdict(const char *text, size_t len, const char *says)
{
    assert_int_equal(list_seed_check(text, len, &err), !says);
    if (says) assert_non_null(strstr(err.message, says));
}

static void a_file_is_done_whole_or_not_at_all(void **state)
{
    static const char good[] = "mint " ONE " 5\nentry " WALLET " " ONE " " ONE "\nentry " WALLET " " ONE;
    static const char wanted[] = "mint " ONE "\nmint " TWO "\n\nmint " ONE " 7\n";
    static const char both[] = "entry " WALLET " " ONE "\nentry " TWO " " ONE "\n";
    static const char late[] = "entry " WALLET " " ONE "\nentry " WALLET "\n";
    (void)state;
    expect_verdict(good, sizeof good - 1, NULL);
    expect_verdict("", 0, NULL);
    expect_verdict(wanted, sizeof wanted - 1, "line 4 has a mint of line 1");
    expect_verdict(both, sizeof both - 1, "line 2 has a mint of line 1, for another wallet");
    expect_verdict(late, sizeof late - 1, "line 2");
}

// A text ends with a zero, a file does not.
static void a_zero_hides_nothing(void **state)
{
    static const char *const lines[] = {"mint~" ONE,
                                        "mint~ " ONE,
                                        "mint " ONE "~x",
                                        "mint " ONE " 5~5",
                                        "mint " ONE " ~",
                                        "entry " WALLET "~ " ONE,
                                        "entry " WALLET " " ONE "~",
                                        "~# mint"};
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char text[256];
        size_t len = strlen(lines[i]);
        memcpy(text, lines[i], len);
        *(char *)memchr(text, '~', len) = 0;
        expect_verdict(text, len, "line 1");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_say_what_is_taken_and_who_has_it),
        cmocka_unit_test(what_it_cannot_read_names_its_line),
        cmocka_unit_test(a_file_is_done_whole_or_not_at_all),
        cmocka_unit_test(a_zero_hides_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
