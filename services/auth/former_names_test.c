// Usernames that were given up wait for their former owner, for 90 days.
#include "services/auth/former_names.h"
#include "services/auth/sweeper.h"
#include "services/auth/testing/world.h"

static const int64_t day_ms = 24 * 3600 * 1000;

static size_t count_released(void)
{
    const struct store_query query = {.limit = 100, .page_token = ""};
    struct store_rows rows;
    assert_true(store_find(w.auth.store, &auth_tables[AUTH_RELEASED], &query, &w.arena, &rows, &w.err));
    return rows.count;
}

static void a_name_that_was_given_up_waits_for_its_owner(void **state)
{
    (void)state;
    const char *mira = sign_up("Mira", "")->id, *lena = sign_up("lena", "")->id;
    assert_string_equal(rename_to(mira, "miranda")->username, "miranda");
    w.now_ms += 90 * day_ms - 1;
    refused(rename_to(lena, "mira"), "USERNAME_TAKEN");
    assert_string_equal(w.err.field, "username");
    refused(sign_up("MIRA", ""), "USERNAME_TAKEN");
    assert_string_equal(rename_to(mira, "mira")->username, "mira"); // theirs
    assert_string_equal(rename_to(mira, "mirabel")->username, "mirabel");
    w.now_ms += day_ms; // the time starts over
    refused(rename_to(lena, "mira"), "USERNAME_TAKEN");
}

static void after_that_anybody_may_have_it(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id, *lena = sign_up("lena", "")->id;
    rename_to(mira, "miranda");
    w.now_ms += 90 * day_ms;
    assert_string_equal(rename_to(lena, "mira")->username, "mira");
    refused(rename_to(mira, "mira"), "USERNAME_TAKEN");
    refused(rename_to(mira, "lena"), "USERNAME_TAKEN"); // it waits for lena
    assert_int_equal(count_released(), 2);
    assert_true(sweep(&w.auth, w.now_ms + 1, &w.err));
    assert_int_equal(count_released(), 1);
}

// The log-in by the old name is nobody's.
static void the_old_name_logs_nobody_in(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    rename_to(mira, "miranda");
    refused(log_in("mira", PASSWORD), "BAD_CREDENTIALS");
    assert_non_null(log_in("miranda", PASSWORD));
}

static void what_is_refused_gives_nothing_up(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id, *lena = sign_up("lena", "")->id;
    refused(rename_to(mira, "LENA"), "USERNAME_TAKEN");
    assert_string_equal(rename_to(mira, "MIRA")->username, "MIRA"); // another case is the same name
    assert_non_null(log_in("mira", PASSWORD));
    assert_null(rename_to(lena, "mira"));
    assert_int_equal(count_released(), 0);
}

static void one_owner_keeps_so_many(void **state)
{
    (void)state;
    char name[16];
    const char *mira = sign_up("mira", "")->id;
    for (int i = 0; i < FORMER_NAMES_MOST; i++) {
        snprintf(name, sizeof name, "mira%d", i);
        assert_non_null(rename_to(mira, name));
    }
    refused(rename_to(mira, "one-more"), "TOO_MANY_CHANGES");
    assert_string_equal(rename_to(mira, "mira")->username, "mira"); // back to what waits for them
    assert_string_equal(rename_to(mira, "mira7")->username, "mira7");
    assert_string_equal(rename_to(mira, "Mira")->username, "Mira");
    assert_int_equal(count_released(), FORMER_NAMES_MOST + 1);
    refused(rename_to(mira, "one-more"), "TOO_MANY_CHANGES");
    w.now_ms += 90 * day_ms + 1;
    assert_non_null(rename_to(mira, "one-more"));
}

// Released by a clock that was a year ahead.
static void the_clock_is_set_back(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    w.now_ms += 365 * day_ms;
    rename_to(mira, "miranda");
    w.now_ms -= 365 * day_ms;
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    w.now_ms += 90 * day_ms - 1;
    refused(sign_up("mira", ""), "USERNAME_TAKEN");
    w.now_ms += 1;
    assert_non_null(sign_up("mira", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_name_that_was_given_up_waits_for_its_owner),
        TEST(after_that_anybody_may_have_it),
        TEST(the_old_name_logs_nobody_in),
        TEST(what_is_refused_gives_nothing_up),
        TEST(one_owner_keeps_so_many),
        TEST(the_clock_is_set_back),
    };
    return RUN(tests);
}
