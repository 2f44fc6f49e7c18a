// Tokens of a day: of one user and of all, counted by several processes.
#include "services/ai/testing/club.h"

#include "services/ai/llm/budget.h"

static const struct llm_settings settings = {.user_tokens = 100, .all_tokens = 150};
static struct err err;

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

static bool takes(struct club *club, const char *user_id, int64_t day, int64_t tokens)
{
    const struct budget budget = {club->ai.store, &settings, user_id, day};
    err = (struct err){0};
    bool taken = budget_take(&budget, tokens, &err);
    assert_true(taken || err_is(&err, RATE_LIMITED));
    return taken;
}

static void nobody_spends_more_than_their_share(void **state)
{
    struct club *club = *state;
    assert_true(takes(club, "ann", 1, 60) && takes(club, "ann", 1, 40));
    assert_false(takes(club, "ann", 1, 1));
    assert_true(takes(club, "bob", 1, 50)); // what ann was refused was not counted for all
    assert_false(takes(club, "eve", 1, 1));
    assert_true(takes(club, "eve", 2, 100));
}

static void what_it_did_not_cost_comes_back(void **state)
{
    struct club *club = *state;
    const struct budget budget = {club->ai.store, &settings, "ann", 1};
    assert_true(takes(club, "ann", 1, 100));
    budget_settle(&budget, 100, 30);
    assert_true(takes(club, "ann", 1, 70));
    assert_false(takes(club, "ann", 1, 1));
    budget_settle(&budget, 70, 110);
    assert_true(takes(club, "bob", 1, 10) && !takes(club, "bob", 1, 1));
}

static void a_start_forgets_nothing(void **state)
{
    struct club *club = *state;
    assert_true(takes(club, "ann", 1, 100));
    club_restart(club);
    assert_false(takes(club, "ann", 1, 1));
    assert_true(budget_forget(club->ai.store, "ann", &err));
    assert_true(budget_forget(club->ai.store, "nobody", &err));
    assert_true(takes(club, "ann", 1, 50));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_spends_more_than_their_share),
        TEST(what_it_did_not_cost_comes_back),
        TEST(a_start_forgets_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
