// Where an event's deal secrets are, that they are those it promised, and when they go.
#include "lib/replica/testing/other.h"
#include "services/events/live/rows.h"
#include "services/events/live/secrets.h"
#include "services/events/streams.h"
#include "services/events/testing/table.h"

static const char url[] = "shared:secrets";

static int secrets_up(void **state)
{
    shared_store_register();
    *state = service_world_at(url);
    lay_table(*state);
    return 0;
}

static int secrets_down(void **state)
{
    service_world_close(*state);
    shared_store_drop(url);
    return 0;
}

#define SHARED(name) cmocka_unit_test_setup_teardown(name, secrets_up, secrets_down)

static const char *event_id(struct service_world *world) { return service_recall(world, "event"); }

static void reopen(struct service_world *world)
{
    events_close(&world->events);
    world->taught = 0;
    service_start(world);
}

// A process may live from now on that knows rows alone.
static void an_older_one_is_there(struct service_world *world)
{
    static const char *const leases[] = {NULL};
    struct store *store = world->events.store;
    other_was_there(store, &events_tables[EVENTS_BEATS], SECRETS_ATTACHED_SINCE - 1);
    world->events.replica = other_join(store, events_tables, "ipc:///ours", leases);
}

static size_t attached_bytes(struct service_world *world)
{
    ProtobufCBinaryData attached;
    struct err err;
    assert_true(store_attached(world->events.store, events_stream(event_id(world)).text, 1, &world->arena,
                               &attached, &err));
    return attached.len;
}

static bool has_row(struct service_world *world)
{
    ProtobufCMessage *row;
    uint64_t version;
    struct err err;
    service_fence(world);
    assert_true(store_get(world->events.store, &events_tables[EVENTS_SECRETS], event_id(world), &world->arena,
                          &row, &version, &err));
    return row;
}

// Secrets that nobody can open.
static void put_row(struct service_world *world)
{
    Game__SecretRow row = GAME__SECRET_ROW__INIT;
    struct err err;
    row.event_id = event_id(world);
    uint64_t ticket = store_put(world->events.store, &events_tables[EVENTS_SECRETS], &row.base, 0, NULL);
    assert_true(store_wait(world->events.store, ticket, &err));
}

static void seat_two(struct service_world *world)
{
    service_must(world, &player, "events.Reserve", "{" EVENT "," NONCE "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
}

static void assert_dealt_as_promised(struct service_world *world)
{
    uint8_t commitment[DEAL_HASH];
    seat_two(world);
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    const Events__DealReply *reply =
        (const void *)service_must(world, &nobody, "events.GetDeal", "{" EVENT "}").reply;
    assert_int_equal(reply->deal->opened->secret.len, DEAL_HASH);
    deal_commitment(commitment, event_id(world), 1, reply->deal->opened->secret.data);
    assert_memory_equal(commitment, reply->deal->commitments[0].data, DEAL_HASH);
}

// ---- Where they are

static void they_are_attached_to_the_first_entry(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    assert_in_range(attached_bytes(world), (DEAL_SECRETS + 1) * DEAL_HASH, STORE_MOST_ATTACHED);
    assert_false(has_row(world));
    reopen(world);
    assert_dealt_as_promised(world);
}

static void while_an_older_process_may_live_they_are_a_row(void **state)
{
    struct service_world *world = *state;
    an_older_one_is_there(world);
    open_event(world, "Evening", "2027-01-15T20:00:00");
    assert_int_equal(attached_bytes(world), 0);
    assert_true(has_row(world));
    reopen(world); // knows of no other
    assert_dealt_as_promised(world);
}

static void those_that_are_attached_count(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    put_row(world);
    assert_dealt_as_promised(world);
}

static void without_them_nothing_is_dealt(void **state)
{
    struct service_world *world = *state;
    an_older_one_is_there(world);
    open_event(world, "Evening", "2027-01-15T20:00:00");
    uint64_t ticket =
        store_delete(world->events.store, &events_tables[EVENTS_SECRETS], event_id(world), 1, NULL);
    struct err err;
    assert_true(store_wait(world->events.store, ticket, &err));
    seat_two(world);
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    assert_refuses(world, &god, "events.Reveal", "{" EVENT "}", IS(STORE_CORRUPT));
}

// ---- When they go

static void they_go_with_the_event(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.DeleteEvent", "{" EVENT "}");
    service_fence(world);
    assert_int_equal(attached_bytes(world), 0);
}

static void a_row_goes_with_the_event_too(void **state)
{
    struct service_world *world = *state;
    an_older_one_is_there(world);
    open_event(world, "Evening", "2027-01-15T20:00:00");
    assert_true(has_row(world));
    service_must(world, &god, "events.DeleteEvent", "{" EVENT "}");
    assert_false(has_row(world));
}

static bool forget(struct service_world *world)
{
    struct err err;
    return rows_forget(&world->events, event_id(world), &world->arena, &err);
}

static bool is_listed(struct service_world *world)
{
    return ((const Events__ListEventsReply *)service_must(world, &nobody, "events.ListEvents", "{}").reply)
        ->n_events;
}

static void a_row_that_stays_is_found_later(void **state)
{
    struct service_world *world = *state;
    an_older_one_is_there(world);
    open_event(world, "Evening", "2027-01-15T20:00:00");
    shared_store_refuse(world->events.store, "secrets");
    service_must(world, &god, "events.DeleteEvent", "{" EVENT "}");
    assert_true(has_row(world));
    assert_true(is_listed(world)); // so that the next start finds it
    shared_store_refuse(world->events.store, NULL);
    assert_true(forget(world));
    assert_false(has_row(world));
    assert_false(is_listed(world));
}

static void a_row_of_an_event_that_is_not_seen_stays(void **state)
{
    struct service_world *world = *state;
    service_remember(world, "event", "01890000-0000-7000-8000-000000009999");
    put_row(world);
    assert_true(forget(world));
    assert_true(has_row(world));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(they_are_attached_to_the_first_entry),
        TEST(they_go_with_the_event),
        SHARED(they_are_attached_to_the_first_entry),
        SHARED(while_an_older_process_may_live_they_are_a_row),
        SHARED(those_that_are_attached_count),
        SHARED(without_them_nothing_is_dealt),
        SHARED(they_go_with_the_event),
        SHARED(a_row_goes_with_the_event_too),
        SHARED(a_row_that_stays_is_found_later),
        SHARED(a_row_of_an_event_that_is_not_seen_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
