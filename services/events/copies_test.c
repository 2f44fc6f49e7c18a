// Rows of which each process keeps a copy, with two processes of events on one store.
#include "services/events/catalogue/catalogue.h"
#include "services/events/edited.h"
#include "services/events/live/fingerprint.h"
#include "services/events/live/rows.h"
#include "services/events/names/groups.h"
#include "services/events/streams.h"
#include "services/events/tables.h"
#include "services/events/topics/projector.h"
#include "lib/replica/testing/other.h"
#include "services/events/testing/two.h"

#define URL "shared:copies"

static int both_up(void **state)
{
    (void)state;
    two_open(URL);
    lay_table(one);
    two_know_the_same();
    return 0;
}

static int both_down(void **state)
{
    (void)state;
    two_close(URL);
    return 0;
}

#define BOTH(name) cmocka_unit_test_setup_teardown(name, both_up, both_down)

static void look(struct service_world *world)
{
    struct err err;
    service_fence(one), service_fence(two); // what was told is there
    if (!edited_look(world->events.edited, &err)) fail_msg("%s", err.message);
}

static const Events__Role *role_at(struct service_world *world, const char *slug)
{
    arena_reset(&world->arena);
    const char *id = service_recall(world, slug);
    return (const Events__Role *)catalogue_find(world->events.catalogue, EVENTS_ROLES, id, &world->arena);
}

static const char *group_at(struct service_world *world)
{
    Events__GroupName group = EVENTS__GROUP_NAME__INIT;
    group.id = service_recall(world, "group");
    assert_true(group_names_fill(world->events.group_names, &group, &world->arena));
    return group.name;
}

// ---- The catalogue

static void both_have_one_catalogue(void **state)
{
    (void)state;
    ProtobufCMessage **ones, **twos;
    size_t count = catalogue_list(one->events.catalogue, EVENTS_ROLES, true, &one->arena, &ones);
    assert_int_equal(catalogue_list(two->events.catalogue, EVENTS_ROLES, true, &two->arena, &twos), count);
    assert_true(count > 50);
}

static void an_edit_at_one_is_seen_at_the_other(void **state)
{
    (void)state;
    service_must(one, &dev, "events.UpdateRole", "{'id':'$doctor','name':'Surgeon'}");
    assert_string_not_equal(role_at(two, "doctor")->name, "Surgeon");
    look(two);
    assert_string_equal(role_at(two, "doctor")->name, "Surgeon");
}

static void an_edit_of_an_old_copy_keeps_what_the_other_edited(void **state)
{
    (void)state;
    service_must(one, &dev, "events.UpdateRole", "{'id':'$doctor','name':'Surgeon'}");
    service_must(two, &dev, "events.UpdateRole", "{'id':'$doctor','effect':'Saves.'}");
    assert_string_equal(role_at(two, "doctor")->name, "Surgeon");
    look(one);
    assert_string_equal(role_at(one, "doctor")->name, "Surgeon");
    assert_string_equal(role_at(one, "doctor")->effect, "Saves.");
}

static void a_new_side_is_known_at_the_other(void **state)
{
    (void)state;
    ProtobufCMessage **sides;
    service_must(one, &dev, "events.CreateSide", "{'slug':'bakers','name':'Bakers'}");
    size_t before = catalogue_list(two->events.catalogue, EVENTS_SIDES, true, &two->arena, &sides);
    assert_refuses(two, &dev, "events.CreateSide", "{'slug':'bakers','name':'Others'}",
                   CONSE__REASON__VALUE__SLUG_TAKEN);
    look(two);
    assert_int_equal(catalogue_list(two->events.catalogue, EVENTS_SIDES, true, &two->arena, &sides),
                     before + 1);
}

static void a_row_made_at_one_is_edited_at_the_other(void **state)
{
    (void)state;
    const Events__SideReply *made =
        (const void *)service_must(one, &dev, "events.CreateSide", "{'slug':'bakers','name':'Bakers'}").reply;
    service_remember(two, "bakers", made->side->id);
    service_must(two, &dev, "events.UpdateSide", "{'id':'$bakers','name':'Millers'}");
}

// ---- Groups

static void a_group_s_name_is_read_again_at_the_other(void **state)
{
    (void)state;
    assert_string_equal(group_at(two), group_at(one));
    service_must(one, &god, "events.UpdateGroup", "{'group_id':'$group','name':'Another'}");
    assert_string_equal(group_at(one), "Another");
    look(two);
    assert_string_equal(group_at(two), "Another");
}

// ---- What a process owes that ended

static uint64_t seq_of_row(struct service_world *world)
{
    ProtobufCMessage *row;
    uint64_t version;
    struct err err;
    arena_reset(&world->arena);
    assert_true(store_get(world->events.store, &events_tables[EVENTS_EVENTS], service_recall(one, "event"),
                          &world->arena, &row, &version, &err));
    return ((const Game__EventRow *)row)->seq;
}

static void rows_of_a_dead_process_are_made_by_who_holds_the_lease(void **state)
{
    (void)state;
    static const char *const leases[] = {EVENTS_SWEEPS, NULL};
    struct other rival;
    struct err err;
    open_event(one, "Evening", "2027-01-15T20:00:00");
    const uint64_t before = seq_of_row(one);
    shared_store_refuse(one->events.store, "events"); // as if it had ended before the row was sent
    service_must(one, &player, "events.Reserve", "{" EVENT "}");
    other_begin(&rival, URL, events_tables, leases);
    two->events.replica = other_join(two->events.store, events_tables, "ipc:///two", leases);
    assert_true(replica_start(two->events.replica, &err));
    assert_true(projector_start(&two->events.projector, &two->events, &err));
    assert_int_equal(seq_of_row(two), before);
    assert_false(projector_caught_up(two->events.projector));
    other_end(&rival);
    while (seq_of_row(two) == before) usleep(1000);
}

// A seat that one has reserved, as its row arrives late.
static void seat_row_arrives(struct service_world *world, uint64_t seq)
{
    Game__SeatRow row = GAME__SEAT_ROW__INIT;
    struct err err;
    row.event_id = service_recall(world, "event");
    row.user_id = player.user_id;
    row.id = arena_printf(&world->arena, "%s/%s", row.event_id, row.user_id);
    const uint64_t ticket = store_put_made(world->events.store, &events_tables[EVENTS_SEATS], &row.base,
                                           seq << 8 | ROWS_FORM, &(struct store_write){0});
    assert_true(store_wait(world->events.store, ticket, &err));
}

static size_t events_of_player(struct service_world *world)
{
    return ((const Events__ListEventsReply *)service_must(world, &nobody, "events.ListEvents",
                                                          "{'player_id':'$player'}")
                .reply)
        ->n_events;
}

static void a_seat_that_another_freed_does_not_come_back(void **state)
{
    (void)state;
    uint64_t reserved;
    struct err err;
    open_event(one, "Evening", "2027-01-15T20:00:00");
    const char *event_id = service_recall(one, "event");
    service_remember(two, "event", event_id);
    shared_store_refuse(one->events.store, "seats"); // the row is not there yet
    service_must(one, &player, "events.Reserve", "{" EVENT "}");
    assert_true(store_head(one->events.store, events_stream(event_id).text, &reserved, &err));
    service_must(two, &god, "events.CancelReservation", "{" EVENT ",'user_id':'$player'}");
    shared_store_refuse(one->events.store, NULL);
    seat_row_arrives(one, reserved);
    assert_int_equal(events_of_player(two), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(both_have_one_catalogue),
        BOTH(an_edit_at_one_is_seen_at_the_other),
        BOTH(an_edit_of_an_old_copy_keeps_what_the_other_edited),
        BOTH(a_new_side_is_known_at_the_other),
        BOTH(a_row_made_at_one_is_edited_at_the_other),
        BOTH(a_group_s_name_is_read_again_at_the_other),
        BOTH(rows_of_a_dead_process_are_made_by_who_holds_the_lease),
        BOTH(a_seat_that_another_freed_does_not_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
