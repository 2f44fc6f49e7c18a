// What is known of people by what auth has told: names, levels, suspensions, deletions.
#include <sodium.h>

#include "lib/names/testing/world.h"
#include "lib/schema/passport.h"

enum { MANY = 1200 };

static void reopen(struct world *world)
{
    end(&world->one);
    world->one = begin(world, NULL);
}

static void assert_named(struct world *world, const char *username, const char *user_id)
{
    assert_string_equal(bearer_of(&world->one, username).text, user_id);
}

static struct name_told told_of(struct world *world, const char *user_id)
{
    struct name_told told;
    assert_true(names_get(world->one.names, user_id, &told));
    return told;
}

static void a_user_is_found_by_id_and_by_name(void **state)
{
    struct world *world = *state;
    struct name_told told;
    assert_false(names_get(world->one.names, MIRA, &told));
    LEARN(world, 1, 1, NAMED(MIRA, "Mira", 1, .level = LEVEL_GOD));
    assert_called(&world->one, MIRA, "Mira");
    assert_int_equal(told_of(world, MIRA).level, LEVEL_GOD);
    assert_named(world, "Mira", MIRA);
    assert_named(world, "mIRA", MIRA);
    assert_named(world, "mir", "");
    assert_named(world, "", "");
    assert_named(world, "mira567890123456789012345678901234567890", "");
    assert_false(names_get(world->one.names, LENA, &told) || names_get(world->one.names, "", &told));
    assert_false(names_are_fresh(world->one.names)); // it follows nobody
}

static void an_older_version_changes_nothing(void **state)
{
    struct world *world = *state;
    LEARN(world, 1, 3, NAMED(MIRA, "third", 3), NAMED(LENA, "lena", 1), NAMED(MIRA, "second", 2));
    assert_called(&world->one, MIRA, "third");
    LEARN(world, 1, 5, NAMED(MIRA, "first", 1), NAMED(MIRA, "third", 3));
    assert_called(&world->one, MIRA, "third");
    assert_named(world, "first", "");
    assert_named(world, "second", "");
}

static bool is_outdone(struct world *world, const char *user_id)
{
    names_hold(world->one.names);
    bool outdone = names_bearer(world->one.names, user_id)->outdone;
    names_release(world->one.names);
    return outdone;
}

// Whatever the order in which they come, and across a page's end.
static void a_name_is_of_who_had_it_last(void **state)
{
    struct world *world = *state;
    LEARN(world, 1, 2, NAMED(MIRA, "mira", 1), NAMED(LENA, "lena", 1));
    LEARN(world, 1, 3, NAMED(LENA, "Mira", 2)); // mira's own change is still to come
    assert_named(world, "mira", LENA);
    assert_named(world, "lena", "");
    assert_true(is_outdone(world, MIRA));
    LEARN(world, 1, 4, NAMED(MIRA, "lena", 2));
    assert_named(world, "lena", MIRA);
    assert_named(world, "mira", LENA);
    LEARN(world, 1, 6, NAMED(MIRA, "mira", 3), NAMED(LENA, "lena", 3));
    assert_named(world, "mira", MIRA);
    assert_named(world, "lena", LENA);
    assert_false(is_outdone(world, MIRA) || is_outdone(world, LENA));
}

static void names_outlive_a_restart(void **state)
{
    struct world *world = *state;
    LEARN(world, 1, 2, NAMED(MIRA, "mira", 4, .level = LEVEL_GOD),
          NAMED(LENA, "lena", 1, .level = LEVEL_PLAYER));
    reopen(world);
    assert_called(&world->one, MIRA, "mira");
    assert_named(world, "lena", LENA);
    assert_int_equal(told_of(world, MIRA).level, LEVEL_GOD);
    LEARN(world, 1, 3, NAMED(MIRA, "old", 3));
    assert_called(&world->one, MIRA, "mira");
}

static struct uuid one_of_many(unsigned i)
{
    struct uuid id;
    snprintf(id.text, sizeof id.text, "01890000-0000-7000-8000-%012u", i);
    return id;
}

// More than are read or told at once.
static void any_number_of_names_is_kept(void **state)
{
    struct world *world = *state;
    static struct uuid ids[BUS_BATCH_MOST];
    static char names[BUS_BATCH_MOST][16];
    static struct name_news news[BUS_BATCH_MOST];
    for (unsigned done = 0; done < MANY; done += BUS_BATCH_MOST) {
        for (unsigned i = 0; i < BUS_BATCH_MOST; i++) {
            ids[i] = one_of_many(done + i);
            snprintf(names[i], sizeof names[i], "user-%u", done + i);
            news[i] = NAMED(ids[i].text, names[i], 1);
        }
        learn_page(world, &world->one, (struct bus_place){1, done + BUS_BATCH_MOST}, news, BUS_BATCH_MOST);
    }
    reopen(world);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(names[0], sizeof names[0], "user-%u", i);
        assert_called(&world->one, one_of_many(i).text, names[0]);
        assert_named(world, names[0], one_of_many(i).text);
    }
}

// After a restore of auth its versions begin lower.
static void another_content_of_auth_counts_whatever_its_versions(void **state)
{
    struct world *world = *state;
    LEARN(world, 1, 1, NAMED(MIRA, "mira", 40));
    LEARN(world, 2, 1, NAMED(MIRA, "miranda", 5));
    assert_called(&world->one, MIRA, "miranda");
    LEARN(world, 2, 2, NAMED(MIRA, "mira", 4));
    assert_called(&world->one, MIRA, "miranda");
}

static void a_suspension_outlives_a_restart(void **state)
{
    struct world *world = *state;
    LEARN(world, 1, 2, NAMED(MIRA, "mira", 1, .level = LEVEL_PLAYER, .suspended = true, .until_ms = 1789),
          NAMED(LENA, "lena", 1, .level = LEVEL_PLAYER, .suspended = true));
    reopen(world);
    assert_int_equal(told_of(world, MIRA).suspended_until_ms, 1789);
    assert_int_equal(told_of(world, LENA).suspended_until_ms, INT64_MAX);
    LEARN(world, 1, 3, NAMED(LENA, "lena", 2, .level = LEVEL_PLAYER));
    assert_int_equal(told_of(world, LENA).suspended_until_ms, 0);
}

static void a_deleted_account_is_found_no_more(void **state)
{
    struct world *world = *state;
    struct name_told told;
    LEARN(world, 1, 1, NAMED(MIRA, "mira", 1, .level = LEVEL_GOD));
    assert_false(names_is_deleted(world->one.names, MIRA) || names_is_deleted(world->one.names, LENA));
    LEARN(world, 1, 2, NAMED(MIRA, "deleted-0123456789abcdef", 2, .level = LEVEL_PLAYER, .deleted = true));
    for (int restarts = 0; restarts < 2; restarts++, reopen(world)) {
        assert_true(names_is_deleted(world->one.names, MIRA));
        assert_false(names_get(world->one.names, MIRA, &told));
        assert_named(world, "mira", "");
        assert_named(world, "deleted-0123456789abcdef", "");
        names_hold(world->one.names); // what it left behind still shows it
        assert_string_equal(names_bearer(world->one.names, MIRA)->name, "deleted-0123456789abcdef");
        names_release(world->one.names);
    }
}

static uint64_t change_of(struct world *world, const char *user_id)
{
    names_hold(world->one.names);
    uint64_t change = names_bearer(world->one.names, user_id)->change;
    names_release(world->one.names);
    return change;
}

static void a_change_stands_for_a_name(void **state)
{
    struct world *world = *state;
    struct names *names = world->one.names;
    assert_int_not_equal(names_changes(names), 0);
    LEARN(world, 1, 2, NAMED(MIRA, "mira", 1), NAMED(LENA, "lena", 1));
    uint64_t all = names_changes(names), mira = change_of(world, MIRA), lena = change_of(world, LENA);
    assert_true(mira && lena && mira != lena && mira <= all && lena <= all);
    LEARN(world, 1, 3, NAMED(MIRA, "mira", 2, .level = LEVEL_GOD)); // another level
    assert_int_equal(names_changes(names), all);
    assert_int_equal(change_of(world, MIRA), mira);
    LEARN(world, 1, 4, NAMED(MIRA, "Mira", 3, .level = LEVEL_GOD));
    assert_true(names_changes(names) > all);
    assert_true(change_of(world, MIRA) > all);
    assert_int_equal(change_of(world, LENA), lena);
}

static void who_holds_a_name_is_found_among_many(void **state)
{
    struct world *world = *state;
    LEARN(world, 1, 1, NAMED(MIRA, "mira", 1));
    names_hold(world->one.names);
    assert_ptr_equal(names_holder(world->one.names, "MIRA"), names_bearer(world->one.names, MIRA));
    assert_null(names_bearer(world->one.names, LENA));
    assert_null(names_holder(world->one.names, "lena"));
    assert_null(names_holder(world->one.names, "mira567890123456789012345678901234567890"));
    names_release(world->one.names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ALONE(a_user_is_found_by_id_and_by_name), ALONE(an_older_version_changes_nothing),
        ALONE(a_name_is_of_who_had_it_last),      ALONE(names_outlive_a_restart),
        ALONE(any_number_of_names_is_kept),       ALONE(another_content_of_auth_counts_whatever_its_versions),
        ALONE(a_suspension_outlives_a_restart),   ALONE(a_deleted_account_is_found_no_more),
        ALONE(a_change_stands_for_a_name),        ALONE(who_holds_a_name_is_found_among_many),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
