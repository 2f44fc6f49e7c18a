// Who may ask: programs by their bit, levels by their number.
#include "lib/base/passport.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ASKER(name) CONSE__ASKER__VALUE__##name
#define NEEDS(name) CONSE__METHOD__LEVEL__##name

static void a_program_asks_for_what_names_it(void **state)
{
    (void)state;
    const struct schema_method method = {.name = "x.Y", .callers = 1U << ASKER(GATEWAY)};
    struct err err;
    assert_true(passport_check_asker(&method, ASKER(GATEWAY), &err));
    static const unsigned others[] = {0, ASKER(OPERATOR), 31, 32, 33, 77, 0xffffffff};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(passport_check_asker(&method, (Conse__Asker__Value)others[i], &err));
        assert_true(err_is(&err, CALLER_REFUSED));
    }
}

static void a_level_lets_in_itself_and_those_above(void **state)
{
    (void)state;
    enum { IN = 0, LOG_IN = CONSE__REASON__VALUE__TOKEN_INVALID, LOW = CONSE__REASON__VALUE__LEVEL_TOO_LOW };
    static const struct {
        Conse__Method__Level needs;
        int by_level[4]; // nobody, dev, god, player
    } rows[] = {
        {NEEDS(PUBLIC), {IN, IN, IN, IN}},    {NEEDS(OPTIONAL), {IN, IN, IN, IN}},
        {NEEDS(USER), {LOG_IN, IN, IN, IN}},  {NEEDS(GOD), {LOG_IN, IN, IN, LOW}},
        {NEEDS(DEV), {LOG_IN, IN, LOW, LOW}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint32_t level = 0; level <= LEVEL_PLAYER; level++) {
            const struct schema_method method = {.name = "x.Y", .level = rows[i].needs};
            struct err err = {0};
            bool in = passport_check_level(&method, level, &err);
            assert_int_equal(in, rows[i].by_level[level] == IN);
            assert_int_equal(err.reason, rows[i].by_level[level]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_asks_for_what_names_it),
        cmocka_unit_test(a_level_lets_in_itself_and_those_above),
    };
    return cmocka_run_group_tests_name("passport", tests, NULL, NULL);
}
