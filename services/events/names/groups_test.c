// Groups' names are those that are stored, however often they are asked for and edited.
#include "services/events/names/groups.h"
#include "services/events/testing/table.h"

enum { MANY = 300 }; // some of which take another's place

static const char *name_of(struct service_world *world, const char *group_id, bool *found)
{
    Events__GroupName group = EVENTS__GROUP_NAME__INIT;
    group.id = group_id;
    *found = group_names_fill(world->events.group_names, &group, &world->arena);
    return group.name;
}

static void assert_named(struct service_world *world, const char *group_id, const char *name)
{
    bool found;
    assert_string_equal(name_of(world, group_id, &found), name);
    assert_true(found);
}

// As the handlers write it.
static bool put_group(struct service_world *world, const char *id, const char *name, uint64_t version)
{
    Game__GroupRow row = GAME__GROUP_ROW__INIT;
    Events__Group group = EVENTS__GROUP__INIT;
    struct err err;
    row.id = group.id = id;
    row.group = &group;
    group.name = name;
    const struct store_write write = {.done = group_edit_done,
                                      .arg = group_edit_begin(world->events.group_names, id)};
    assert_non_null(write.arg);
    struct store *store = world->events.store;
    return store_wait(store, store_put(store, &events_tables[EVENTS_GROUPS], &row.base, version, &write),
                      &err);
}

static void an_edit_is_seen_when_it_is_stored(void **state)
{
    struct service_world *world = *state;
    const char *group = service_recall(world, "group");
    assert_named(world, group, "Friday");
    uint64_t version = group_names_version(world->events.group_names);
    assert_named(world, group, "Friday");
    assert_int_equal(group_names_version(world->events.group_names), version);
    assert_true(put_group(world, group, "Saturday", 1));
    assert_int_not_equal(group_names_version(world->events.group_names), version);
    assert_named(world, group, "Saturday");
}

static void an_edit_that_failed_changes_nothing(void **state)
{
    struct service_world *world = *state;
    const char *group = service_recall(world, "group");
    uint64_t version = group_names_version(world->events.group_names);
    assert_named(world, group, "Friday");
    assert_false(put_group(world, group, "Sunday", 7)); // of another version
    group_edit_done(group_edit_begin(world->events.group_names, group), false);
    assert_int_equal(group_names_version(world->events.group_names), version);
    assert_named(world, group, "Friday");
}

static void what_is_no_group_has_no_name(void **state)
{
    struct service_world *world = *state;
    bool found;
    assert_string_equal(name_of(world, id_of(77), &found), "");
    assert_false(found);
    assert_true(put_group(world, id_of(77), "now it is", 0));
    assert_named(world, id_of(77), "now it is");
    assert_null(group_edit_begin(world->events.group_names, "no id"));
}

// Groups that fall on one another's place are read again.
static void any_number_of_groups_is_named(void **state)
{
    struct service_world *world = *state;
    char name[32];
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "group %u", i);
        assert_true(put_group(world, id_of(1000 + i), name, 0));
    }
    for (unsigned i = 0; i < 2 * MANY; i++) {
        arena_reset(&world->arena);
        snprintf(name, sizeof name, "group %u", i * 7 % MANY);
        assert_named(world, id_of(1000 + i * 7 % MANY), name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_edit_is_seen_when_it_is_stored),
        TEST(an_edit_that_failed_changes_nothing),
        TEST(what_is_no_group_has_no_name),
        TEST(any_number_of_groups_is_named),
    };
    return cmocka_run_group_tests_name("groups", tests, NULL, NULL);
}
