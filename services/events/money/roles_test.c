// Roles that the catalogue switches off, and on again: each version is told once, as it is stored.
#include "services/events/tables.h"
#include "services/events/testing/paid.h"

// As after a start, or a sweep.
static void tell_anew(struct service_world *world)
{
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, 1 << 20);
    if (!money_tell_roles(&world->events, &arena, &err)) fail_msg("%s", err.message);
    arena_finish(&arena);
}

static size_t count_told(struct service_world *world) { return money_read(world)->n_notices; }

static const Money__RoleSwitched *switch_told(struct service_world *world, size_t place)
{
    const Money__FromEvents *said = money_said(world, place);
    assert_int_equal(said->body_case, MONEY__FROM_EVENTS__BODY_ROLE_SWITCHED);
    assert_string_equal(said->event_id, "");
    assert_string_equal(said->role_switched->role_id, service_recall(world, "spy"));
    assert_true(said->role_switched->generation == store_generation(world->events.store));
    return said->role_switched;
}

static void a_role_that_is_switched_is_told_of_once(void **state)
{
    struct service_world *world = *state;
    tell_anew(world);
    assert_int_equal(count_told(world), 0);
    service_must(world, &dev, "events.UpdateRole", "{'id':'$spy','disabled':true}");
    tell_anew(world);
    assert_int_equal(count_told(world), 1);
    assert_true(switch_told(world, 0)->disabled);
    uint64_t version = switch_told(world, 0)->version;
    service_must(world, &dev, "events.UpdateRole", "{'id':'$spy','disabled':false}");
    tell_anew(world);
    assert_int_equal(count_told(world), 2);
    assert_false(switch_told(world, 1)->disabled);
    assert_true(switch_told(world, 1)->version > version);
}

// As if the process had ended between the role's row and what is told of it.
static void what_a_crash_left_untold_is_told_by_the_next_start(void **state)
{
    struct service_world *world = *state;
    struct store *store = world->events.store;
    Events__Role *role;
    uint64_t version;
    struct err err = {0};
    assert_true(store_get(store, &events_tables[EVENTS_ROLES], service_recall(world, "spy"), &world->arena,
                          (ProtobufCMessage **)&role, &version, &err));
    role->disabled = true;
    assert_true(
        store_wait(store, store_put(store, &events_tables[EVENTS_ROLES], &role->base, version, NULL), &err));
    assert_int_equal(count_told(world), 0);
    tell_anew(world);
    tell_anew(world);
    assert_int_equal(count_told(world), 1);
    assert_true(switch_told(world, 0)->disabled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_role_that_is_switched_is_told_of_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_crash_left_untold_is_told_by_the_next_start, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
