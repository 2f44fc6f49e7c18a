// A language model reads of an account what its person lets it read, and nothing while nobody knows that.
#include "services/ai/summaries/willing.h"

#include "services/ai/testing/club.h"

static int set_up(void **state)
{
    *state = club_at(NULL);
    return 0;
}

static int tear_down(void **state)
{
    club_close(*state);
    return 0;
}

// No news comes in here, so it is late.
static bool may_be_read(struct club *club, unsigned number)
{
    const struct uuid id = club_person(number);
    bool may = true;
    struct err err = {0};
    assert_false(willing_account(club->ai.names, id.text, &may, &err));
    assert_int_equal(willing_why_not(&err), AI__SUMMARY__BECAUSE__WISHES_UNKNOWN);
    return may;
}

static void who_says_so_or_is_gone_or_unknown_is_not_read(void **state)
{
    struct club *club = *state;
    club_know(club, 1, false);
    club_opt_out(club, 2, NAMES_NO_RATING | NAMES_NO_TIPS | NAMES_NO_SUGGESTIONS);
    club_opt_out(club, 3, NAMES_NO_LLM);
    club_know(club, 4, true);
    assert_true(may_be_read(club, 1) && may_be_read(club, 2));
    assert_false(may_be_read(club, 3) || may_be_read(club, 4) || may_be_read(club, 5));
}

static void what_is_too_much_is_told_apart(void **state)
{
    struct err err = {0};
    (void)state;
    err_set(&err, CONSE__REASON__VALUE__CALL_TOO_LARGE, NULL, "too much");
    assert_int_equal(willing_why_not(&err), AI__SUMMARY__BECAUSE__TOO_LONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_says_so_or_is_gone_or_unknown_is_not_read),
        TEST(what_is_too_much_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
