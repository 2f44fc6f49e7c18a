// The catalogue in memory is the one that is stored.
#include "services/events/testing/table.h"

static void reopen(struct service_world *world)
{
    char url[96];
    struct err err = {0};
    const struct events_settings settings = world->events.settings;
    snprintf(url, sizeof url, "sqlite:%s/events.db", world->dir);
    const struct events_options options = {&settings, world->dir, url};
    events_close(&world->events);
    if (!events_open(&world->events, &options, &err)) fail_msg("%s", err.message);
}

static void wait_for(struct service_world *world, uint64_t ticket)
{
    struct err err;
    if (!store_wait(world->events.store, ticket, &err)) fail_msg("%s", err.message);
}

static void a_seed_leaves_alone_who_has_its_slug(void **state)
{
    struct service_world *world = *state;
    Events__Side **sides;
    ProtobufCMessage *stored;
    uint64_t version;
    struct err err;
    struct store *store = world->events.store;
    size_t count = catalogue_list(world->events.catalogue, EVENTS_SIDES, true, &world->arena,
                                  (ProtobufCMessage ***)&sides);
    assert_true(count > 1);
    Events__Side mine = *sides[0];
    mine.id = id_of(4242); // a dev's, from before the seed had it
    wait_for(world, store_delete(store, &events_tables[EVENTS_SIDES], sides[0]->id, 1, NULL));
    wait_for(world, store_put(store, &events_tables[EVENTS_SIDES], &mine.base, 0, NULL));
    reopen(world);
    assert_int_equal(catalogue_list(world->events.catalogue, EVENTS_SIDES, true, &world->arena,
                                    (ProtobufCMessage ***)&sides),
                     count);
    for (size_t i = 0; i < count; i++) {
        assert_true(store_get(world->events.store, &events_tables[EVENTS_SIDES], sides[i]->id, &world->arena,
                              &stored, &version, &err));
        assert_non_null(stored);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(a_seed_leaves_alone_who_has_its_slug)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
