// The rows made from events: lists follow what is stored, and never override it.
#include <sched.h>

#include "lib/base/clock.h"
#include "lib/store/testing/shared.h"
#include "services/events/testing/table.h"
#include "services/events/live/aggregates.h"
#include "services/events/live/command.h"
#include "services/events/live/rows.h"
#include "services/events/streams.h"
#include "services/events/topics/projector.h"

enum { PATIENCE_MS = 20000 };
static const char url[] = "shared:rows"; // which can be told to refuse them

static int rows_up(void **state)
{
    shared_store_register();
    *state = service_world_at(url);
    lay_table(*state);
    return 0;
}

static int rows_down(void **state)
{
    service_world_close(*state);
    shared_store_drop(url);
    return 0;
}

#define ROWS(name) cmocka_unit_test_setup_teardown(name, rows_up, rows_down)

static const char *event_id(struct service_world *world) { return service_recall(world, "event"); }

// The server takes no rows of events from now on, or takes them again.
static void refuse_rows(struct service_world *world, bool refuse)
{
    shared_store_refuse(world->events.store, refuse ? "events" : NULL);
}

static const Events__ListEventsReply *listed(struct service_world *world, const char *request)
{
    return (const void *)service_must(world, &nobody, "events.ListEvents", request).reply;
}

static int32_t seats_listed(struct service_world *world)
{
    const Events__ListEventsReply *list = listed(world, "{}");
    return list->n_events == 1 ? list->events[0]->seats_taken : -1;
}

static size_t events_of(struct service_world *world, const char *who)
{
    char request[64];
    snprintf(request, sizeof request, "{'player_id':'$%s'}", who);
    return listed(world, request)->n_events;
}

static int32_t seats_of_event(struct service_world *world)
{
    struct answer answer = service_must(world, &nobody, "events.GetEvent", "{" EVENT "}");
    return ((const Events__EventReply *)service_travelled(world, answer.reply))->event->seats_taken;
}

static const Game__EventRow *row_of(struct service_world *world)
{
    ProtobufCMessage *row;
    uint64_t version;
    struct err err;
    arena_reset(&world->arena);
    assert_true(store_get(world->events.store, &events_tables[EVENTS_EVENTS], event_id(world), &world->arena,
                          &row, &version, &err));
    return (const Game__EventRow *)row;
}

static uint64_t head_of_event(struct service_world *world)
{
    uint64_t seq;
    struct err err;
    assert_true(store_head(world->events.store, events_stream(event_id(world)).text, &seq, &err));
    return seq;
}

// ---- A command

static void a_refused_row_does_not_fail_what_it_was_made_of(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    refuse_rows(world, true);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    assert_int_equal(seats_of_event(world), 1);
    assert_int_equal(seats_listed(world), 0);
    refuse_rows(world, false);
    service_must(world, &other, "events.Reserve", "{" EVENT "}"); // rebuilds the rows
    assert_int_equal(seats_of_event(world), 2);
    assert_int_equal(seats_listed(world), 2);
    assert_int_equal(events_of(world, "player"), 1);
    assert_int_equal(events_of(world, "other"), 1);
}

static void a_refused_seat_keeps_the_event_s_row_behind(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    shared_store_refuse(world->events.store, "seats");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    assert_int_equal(seats_of_event(world), 1);
    assert_true(row_of(world)->seq < head_of_event(world)); // so that the next start finds it
    refuse_rows(world, false);
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    assert_int_equal(row_of(world)->seq, head_of_event(world));
    assert_int_equal(seats_listed(world), 2);
    assert_int_equal(events_of(world, "player"), 1);
    assert_int_equal(events_of(world, "other"), 1);
}

static void a_deletion_stands_though_its_rows_stay(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    refuse_rows(world, true);
    service_must(world, &god, "events.DeleteEvent", "{" EVENT "}");
    assert_refuses(world, &nobody, "events.GetEvent", "{" EVENT "}", CONSE__REASON__VALUE__NOT_FOUND);
    assert_int_equal(listed(world, "{}")->n_events, 1);
}

static void settle(struct service_world *world, uint64_t ticket)
{
    struct err err;
    if (ticket && !store_wait(world->events.store, ticket, &err)) fail_msg("%s", err.message);
}

// Takes a seat, with so much memory for the whole call; false when the server would refuse the call.
static bool reserve_in(struct service_world *world, const char *user_id, size_t bytes)
{
    struct arena arena;
    struct err err = {0};
    Rpc__Caller who = RPC__CALLER__INIT;
    Google__Protobuf__Empty reply = GOOGLE__PROTOBUF__EMPTY__INIT;
    struct rpc_call call = {.service = &world->events,
                            .caller = &who,
                            .arena = &arena,
                            .now_ms = world->now_ms,
                            .judgement = RPC_ALLOWED};
    who.user_id = user_id, who.level = LEVEL_PLAYER, who.username = "someone";
    arena_init(&arena, bytes);
    bool ok;
    {
        AUTO_COMMAND struct command command = {.call = &call};
        ok = command_enter(&command, event_id(world), &err) &&
             rules_reserve(command.game, &command.entries, "someone", (ProtobufCBinaryData){0, NULL}, &err) &&
             command_commit(&command, &reply.base, &err);
    }
    settle(world, call.ticket);
    settle(world, call.rows_ticket);
    ok = ok && !arena.failed;
    arena_finish(&arena);
    return ok;
}

static void a_call_without_memory_is_refused_before_anything_is_stored(void **state)
{
    enum { MOST = 8192, STEP = 64 };
    struct service_world *world = *state;
    size_t taken = 0;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    for (unsigned bytes = 0; bytes < MOST; bytes += STEP) {
        uint64_t before = head_of_event(world);
        bool ok = reserve_in(world, id_of(USER + bytes), bytes);
        assert_int_equal(head_of_event(world) > before, ok);
        taken += ok;
    }
    assert_true(taken > 0 && taken < MOST / STEP);
}

// ---- The thread that mends

static void wait_until_seats_are_listed(struct service_world *world, int32_t seats)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (seats_listed(world) != seats && clock_mono_ms() < until_ms) sched_yield();
    assert_int_equal(seats_listed(world), seats);
}

static void start_thread(struct service_world *world)
{
    struct err err;
    if (!projector_start(&world->events.projector, &world->events, &err)) fail_msg("%s", err.message);
}

static void a_refused_row_is_made_anew_in_time(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    start_thread(world);
    refuse_rows(world, true);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    refuse_rows(world, false);
    wait_until_seats_are_listed(world, 1);
    assert_int_equal(events_of(world, "player"), 1);
}

static void a_start_makes_anew_what_was_not_stored_before(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    refuse_rows(world, true);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    refuse_rows(world, false);
    start_thread(world);
    wait_until_seats_are_listed(world, 1);
}

static void rows_of_a_deleted_event_go_in_time(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &player, "events.CancelReservation", "{" EVENT ",'user_id':'$player'}");
    start_thread(world);
    refuse_rows(world, true);
    service_must(world, &god, "events.DeleteEvent", "{" EVENT "}");
    refuse_rows(world, false);
    wait_until_seats_are_listed(world, -1);
    assert_int_equal(events_of(world, "player"), 0);
}

static void rows_of_a_deleted_event_go_at_the_next_start(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    refuse_rows(world, true);
    service_must(world, &god, "events.DeleteEvent", "{" EVENT "}");
    refuse_rows(world, false);
    assert_int_equal(listed(world, "{}")->n_events, 1);
    start_thread(world);
    wait_until_seats_are_listed(world, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROWS(a_refused_row_does_not_fail_what_it_was_made_of),
        ROWS(a_refused_seat_keeps_the_event_s_row_behind),
        ROWS(a_deletion_stands_though_its_rows_stay),
        TEST(a_call_without_memory_is_refused_before_anything_is_stored),
        ROWS(a_refused_row_is_made_anew_in_time),
        ROWS(a_start_makes_anew_what_was_not_stored_before),
        ROWS(rows_of_a_deleted_event_go_in_time),
        ROWS(rows_of_a_deleted_event_go_at_the_next_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
