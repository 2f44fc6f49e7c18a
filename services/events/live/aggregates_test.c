// Events in memory over a real store: absent ones, many threads on one seat list, eviction and loading,
// people's topics, timers.
#include <stdlib.h>
#include <unistd.h>

#include "services/events/live/aggregates.h"
#include "services/events/catalogue/catalogue.h"
#include "services/events/testing/game.h"
#include "services/events/topics/inbox.h"
#include "services/events/live/rows.h"
#include "services/events/live/secrets.h"
#include "services/events/live/timers.h"
#include "services/events/live/command.h"
#include "services/events/tables.h"
#include "services/events/streams.h"

enum { THREADS = 8, EACH = 25 };

struct place {
    char dir[64];
    struct events events;
};

static void open_place(struct place *place, int64_t memory_bytes)
{
    struct err err = {0};
    char url[96];
    const struct events_settings settings = {.memory_bytes = memory_bytes, .reminders = "1d,1h,10m"};
    snprintf(url, sizeof url, "sqlite:%s/events.db", place->dir);
    const struct events_options options = {.settings = &settings, .data_dir = place->dir, .store_url = url};
    if (!events_open(&place->events, &options, &err)) fail_msg("%s", err.message);
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    test_folder_make(place->dir);
    assert_true(sodium_init() >= 0);
    open_place(place, 64 << 20);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    events_close(&place->events);
    test_folder_remove(place->dir);
    free(place);
    return 0;
}

// What a handler does with its call.
struct caller {
    struct rpc_call call;
    Rpc__Caller who;
    struct arena arena;
    char id[UUID_LEN + 1];
};

static void caller_init(struct caller *caller, struct place *place, unsigned user, int64_t now_ms)
{
    memset(caller, 0, sizeof *caller);
    rpc__caller__init(&caller->who);
    arena_init(&caller->arena, 8 << 20);
    caller->who.user_id = strcpy(caller->id, id_of(user));
    caller->who.username = "someone";
    caller->who.level = user == GOD ? LEVEL_GOD : LEVEL_PLAYER;
    caller->call = (struct rpc_call){.arena = &caller->arena,
                                     .service = &place->events,
                                     .caller = &caller->who,
                                     .now_ms = now_ms,
                                     .judgement = RPC_ALLOWED};
}

static void settle(struct place *place, uint64_t ticket)
{
    struct err err;
    if (ticket && !store_wait(place->events.store, ticket, &err)) print_message("rows: %s\n", err.message);
}

static bool wait_for(struct place *place, struct caller *caller)
{
    struct err err;
    settle(place, caller->call.rows_ticket);
    return !caller->call.ticket || store_wait(place->events.store, caller->call.ticket, &err);
}

static const int64_t NOON = EVENING - 30 * 24 * (int64_t)HOUR;

static void create_event(struct place *place, const char *event_id, int32_t seats)
{
    struct caller caller;
    struct err err = {0};
    caller_init(&caller, place, GOD, NOON);
    Game__Terms terms = world_terms(seats);
    Game__Opened opened = GAME__OPENED__INIT;
    Game__RoleFacts facts = GAME__ROLE_FACTS__INIT, *roles[] = {&facts};
    char role[UUID_LEN + 1];
    facts.role_id = facts.side_id = strcpy(role, id_of(ROLE));
    facts.copies = 100;
    {
        AUTO_COMMAND struct command command = {.call = &caller.call};
        assert_true(command_begin_new(&command, event_id, &err));
        opened.event_id = opened.group_id = opened.deck_id = event_id;
        opened.god_id = caller.id;
        opened.terms = &terms;
        opened.n_roles = 1;
        opened.roles = roles;
        assert_true(secrets_create(&command, &opened, &err));
        opened.deck_hash = opened.commitments[0];
        Google__Protobuf__Empty reply = GOOGLE__PROTOBUF__EMPTY__INIT;
        assert_true(rules_open(command.game, &command.entries, &opened, &err) &&
                    command_commit(&command, &reply.base, &err));
    }
    assert_true(wait_for(place, &caller));
    arena_finish(&caller.arena);
}

static bool reserve(struct place *place, const char *event_id, unsigned user, struct err *err)
{
    struct caller caller;
    bool ok;
    caller_init(&caller, place, user, NOON);
    {
        AUTO_COMMAND struct command command = {.call = &caller.call};
        Google__Protobuf__Empty reply = GOOGLE__PROTOBUF__EMPTY__INIT;
        ok = command_enter(&command, event_id, err) &&
             rules_reserve(command.game, &command.entries, "someone", (ProtobufCBinaryData){0, NULL}, err) &&
             command_commit(&command, &reply.base, err);
    }
    ok = ok && wait_for(place, &caller);
    arena_finish(&caller.arena);
    return ok;
}

static void assert_seats(struct place *place, const char *event_id, int32_t taken, size_t waiting)
{
    struct aggregate *aggregate;
    struct err err;
    assert_true(aggregate_enter(&place->events, event_id, &aggregate, &err));
    assert_int_equal(aggregate->game.seats_taken, taken);
    assert_int_equal(aggregate->game.waiting_count, waiting);
    aggregate_leave(aggregate);
}

static void a_reply_without_room_writes_nothing(void **state)
{
    struct place *place = *state;
    struct caller caller;
    struct err err = {0};
    create_event(place, id_of(7000), 10);
    caller_init(&caller, place, USER, NOON);
    {
        AUTO_COMMAND struct command command = {.call = &caller.call};
        Google__Protobuf__Empty reply = GOOGLE__PROTOBUF__EMPTY__INIT;
        assert_true(command_enter(&command, id_of(7000), &err));
        assert_true(
            rules_reserve(command.game, &command.entries, "someone", (ProtobufCBinaryData){0, NULL}, &err));
        assert_null(arena_alloc(&caller.arena, 64 << 20)); // as when the reply is filled
        assert_false(command_commit(&command, &reply.base, &err));
        assert_int_equal(err.reason, CONSE__REASON__VALUE__CALL_TOO_LARGE);
    }
    assert_true(wait_for(place, &caller));
    arena_finish(&caller.arena);
    assert_seats(place, id_of(7000), 0, 0);
    assert_true(reserve(place, id_of(7000), USER, &err));
    assert_seats(place, id_of(7000), 1, 0);
}

static void an_absent_event_is_left_once(void **state)
{
    struct place *place = *state;
    for (int i = 0; i < 3; i++) {
        struct err err = {0};
        assert_false(reserve(place, id_of(4242), USER, &err));
        assert_int_equal(err.reason, CONSE__REASON__VALUE__NOT_FOUND);
    }
}

struct crowd {
    struct place *place;
    const char *event_id;
    unsigned first, accepted;
};

static void *come(void *arg)
{
    struct crowd *crowd = arg;
    for (unsigned i = 0; i < EACH; i++) {
        struct err err = {0};
        crowd->accepted += reserve(crowd->place, crowd->event_id, crowd->first + i, &err);
    }
    return NULL;
}

static void a_crowd_gets_ten_seats_and_the_rest_wait_also_after_a_restart(void **state)
{
    struct place *place = *state;
    char event_id[UUID_LEN + 1];
    pthread_t threads[THREADS];
    struct crowd crowds[THREADS];
    create_event(place, strcpy(event_id, id_of(5001)), 10);
    for (unsigned i = 0; i < THREADS; i++) {
        crowds[i] = (struct crowd){place, event_id, USER + i * EACH, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, come, &crowds[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(crowds[i].accepted, EACH);
    }
    assert_seats(place, event_id, 10, THREADS * EACH - 10);
    events_close(&place->events);
    open_place(place, 64 << 20);
    assert_seats(place, event_id, 10, THREADS * EACH - 10);
}

static void more_events_than_memory_are_loaded_again(void **state)
{
    struct place *place = *state;
    events_close(&place->events);
    open_place(place, 100000); // room for a few
    char ids[40][UUID_LEN + 1];
    for (unsigned i = 0; i < 40; i++) create_event(place, strcpy(ids[i], id_of(6000 + i)), 10);
    for (unsigned user = 0; user < 5; user++)
        for (unsigned i = 0; i < 40; i++) {
            struct err err = {0};
            assert_true(reserve(place, ids[i], USER + user, &err));
        }
    for (unsigned i = 0; i < 40; i++) assert_seats(place, ids[i], 5, 0);
}

static uint64_t notices_of(struct place *place, unsigned user)
{
    struct err err;
    uint64_t head;
    assert_true(store_head(place->events.store, users_stream(id_of(user)).text, &head, &err));
    return head;
}

static void hand_out(struct place *place, const char *event_id)
{
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, 32 << 20);
    if (!inbox_run(&place->events, event_id, &arena, &err)) fail_msg("%s", err.message);
    arena_finish(&arena);
}

// The cursor is set back, as a crash between the notices and the cursor would leave it.
static void forget_cursor(struct place *place, const char *event_id)
{
    ProtobufCMessage *row;
    uint64_t version;
    struct arena arena;
    struct err err;
    arena_init(&arena, 1 << 20);
    assert_true(store_get(place->events.store, &events_tables[EVENTS_NOTICES], event_id, &arena, &row,
                          &version, &err));
    assert_non_null(row);
    assert_true(store_wait(place->events.store,
                           store_delete(place->events.store, &events_tables[EVENTS_NOTICES], event_id,
                                        version, &(struct store_write){0}),
                           &err));
    arena_finish(&arena);
}

static void people_are_told_once_also_after_a_crash(void **state)
{
    struct place *place = *state;
    char event_id[UUID_LEN + 1];
    struct err err = {0};
    create_event(place, strcpy(event_id, id_of(7001)), 1);
    assert_true(reserve(place, event_id, USER, &err));     // takes their seat themselves: no news for them
    assert_true(reserve(place, event_id, USER + 1, &err)); // waits, and is told
    hand_out(place, event_id);
    assert_int_equal(notices_of(place, USER), 0);
    assert_int_equal(notices_of(place, USER + 1), 1);
    forget_cursor(place, event_id);
    hand_out(place, event_id);
    assert_int_equal(notices_of(place, USER + 1), 1);
}

static void reminders_are_sent_once_by_the_clock(void **state)
{
    struct place *place = *state;
    char event_id[UUID_LEN + 1];
    struct err err = {0};
    create_event(place, strcpy(event_id, id_of(7002)), 2);
    assert_true(reserve(place, event_id, USER + 2, &err));
    assert_int_equal(timers_look(&place->events, EVENING - 25 * HOUR), 0);
    assert_int_equal(timers_look(&place->events, EVENING - 24 * HOUR), 1);
    events_close(&place->events); // waits for the disk
    open_place(place, 64 << 20);
    assert_int_equal(timers_look(&place->events, EVENING - 23 * HOUR), 0);
    hand_out(place, event_id);
    assert_int_equal(notices_of(place, USER + 2), 1);
}

static void a_lost_row_is_made_anew(void **state)
{
    struct place *place = *state;
    char event_id[UUID_LEN + 1];
    struct aggregate *aggregate;
    struct arena arena;
    struct store_rows rows;
    struct err err = {0};
    create_event(place, strcpy(event_id, id_of(7003)), 2);
    assert_true(reserve(place, event_id, USER + 3, &err));
    arena_init(&arena, 8 << 20);
    char id[2 * UUID_LEN + 2];
    snprintf(id, sizeof id, "%s/%s", event_id, id_of(USER + 3));
    assert_true(store_wait(
        place->events.store,
        store_delete_made(place->events.store, &events_tables[EVENTS_SEATS], id, INT64_MAX, NULL), &err));
    assert_true(aggregate_enter(&place->events, event_id, &aggregate, &err));
    assert_true(rows_renew(aggregate, &arena, &err));
    uint64_t ticket = aggregate->rows.ticket;
    aggregate_leave(aggregate);
    assert_true(store_wait(place->events.store, ticket, &err));
    const struct store_query query = {
        .index = "by_event", .equal = {{.text = event_id}}, .equal_count = 1, .page_token = ""};
    assert_true(store_find(place->events.store, &events_tables[EVENTS_SEATS], &query, &arena, &rows, &err));
    assert_int_equal(rows.count, 1);
    arena_finish(&arena);
}

// A write that fails takes what was decided on it along; the event is then as it was.
static void a_failed_write_is_undone(void **state)
{
    struct place *place = *state;
    char event_id[UUID_LEN + 1];
    struct err err = {0};
    create_event(place, strcpy(event_id, id_of(7004)), 5);
    assert_true(reserve(place, event_id, USER, &err));
    struct aggregate *aggregate;
    assert_true(aggregate_enter(&place->events, event_id, &aggregate, &err));
    aggregate->game.chain.seq++; // the next entry will not fit behind what is on the disk
    aggregate->committed_seq++;
    aggregate_leave(aggregate);
    assert_false(reserve(place, event_id, USER + 1, &err));
    for (err = (struct err){0}; !reserve(place, event_id, USER + 2, &err);)
        assert_int_equal(err.reason, CONSE__REASON__VALUE__SERVICE_BUSY);
    assert_seats(place, event_id, 2, 0);
}

static void the_catalogue_is_seeded_once(void **state)
{
    struct place *place = *state;
    struct arena arena;
    ProtobufCMessage **rows;
    arena_init(&arena, 8 << 20);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(catalogue_list(place->events.catalogue, EVENTS_SIDES, true, &arena, &rows), 8);
        assert_int_equal(catalogue_list(place->events.catalogue, EVENTS_ROLES, true, &arena, &rows), 67);
        assert_int_equal(catalogue_list(place->events.catalogue, EVENTS_LAST_MOVES, true, &arena, &rows), 47);
        events_close(&place->events);
        open_place(place, 64 << 20);
    }
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_absent_event_is_left_once),
        TEST(a_reply_without_room_writes_nothing),
        TEST(a_crowd_gets_ten_seats_and_the_rest_wait_also_after_a_restart),
        TEST(more_events_than_memory_are_loaded_again),
        TEST(people_are_told_once_also_after_a_crash),
        TEST(reminders_are_sent_once_by_the_clock),
        TEST(a_lost_row_is_made_anew),
        TEST(a_failed_write_is_undone),
        TEST(the_catalogue_is_seeded_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
