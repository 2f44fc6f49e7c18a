// Rooms of one store that two processes of events have in memory.
#include <pthread.h>

#include "lib/base/cursor.h"
#include "services/events/testing/chat.h"
#include "services/events/testing/two.h"

#define URL "shared:rooms"

static int both_up(void **state)
{
    (void)state;
    two_open(URL);
    lay_table(one);
    open_dealt(one);
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

// ---- Waiting

// A reader with memory of their own.
struct reading {
    struct service_world *world;
    struct arena arena;
    bool ok;
};

static void *read_table(void *arg)
{
    struct reading *reading = arg;
    Events__ListMessagesRequest request = EVENTS__LIST_MESSAGES_REQUEST__INIT;
    Rpc__Caller caller = RPC__CALLER__INIT;
    struct err err = {0};
    char room_id[96];
    snprintf(room_id, sizeof room_id, "%s.table", service_recall(reading->world, "event"));
    request.room_id = room_id;
    caller.user_id = player.user_id;
    caller.level = player.level;
    struct rpc_call call = {.arena = &reading->arena,
                            .service = &reading->world->events,
                            .asker = CONSE__ASKER__VALUE__GATEWAY,
                            .caller = &caller,
                            .now_ms = reading->world->now_ms};
    reading->ok = rpc_run_here(&call, events_methods, "events.ListMessages", &request.base, &err);
    return NULL;
}

static void who_reads_a_room_keeps_nobody_in_its_event_waiting(void **state)
{
    struct reading reading = {.world = one};
    pthread_t thread;
    (void)state;
    arena_init(&reading.arena, 1 << 20);
    shared_store_hold_barriers(one->events.store, true);
    assert_int_equal(pthread_create(&thread, NULL, read_table, &reading), 0);
    shared_store_await_barrier(one->events.store);
    service_must(one, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    shared_store_hold_barriers(one->events.store, false);
    pthread_join(thread, NULL);
    assert_true(reading.ok);
    arena_finish(&reading.arena);
}

// ---- Cursors

static const Events__FollowReply__View *follow_at(struct service_world *world, const char *after)
{
    char more[512];
    snprintf(more, sizeof more, ",'viewers':[{'user_id':'%s','level':%u,'after':'%s'}]", other.user_id,
             other.level, after);
    const void *reply = chat_must(world, &nobody, "events.FollowRoom", "table", more).reply;
    return ((const Events__FollowReply *)reply)->views[0];
}

static void cursor_of(const Events__FollowReply__View *view, uint64_t offset, char text[CURSOR_TEXT])
{
    struct cursor cursor = {.offset = offset};
    cursor_epoch(view->place->key.data, cursor.epoch);
    cursor_write(&cursor, text);
}

// As when the peer is lost that told them of it.
static void a_cursor_of_what_the_other_process_told_goes_on(void **state)
{
    char at[CURSOR_TEXT], beyond[CURSOR_TEXT];
    (void)state;
    chat_say(one, &player, "table", 1, "first");
    assert_int_equal(follow_at(two, "")->place->offset, 1);
    chat_say(one, &player, "table", 2, "second");
    const Events__FollowReply__View *view = follow_at(one, "");
    cursor_of(view, 2, at);
    cursor_of(view, 3, beyond);
    view = follow_at(two, at);
    assert_int_equal(view->place->reset, EVENTS__RESET__REASON__NONE);
    assert_int_equal(view->place->offset, 2);
    assert_int_equal(follow_at(two, beyond)->place->reset, EVENTS__RESET__REASON__EPOCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(who_reads_a_room_keeps_nobody_in_its_event_waiting),
        BOTH(a_cursor_of_what_the_other_process_told_goes_on),
    };
    return cmocka_run_group_tests_name("rooms", tests, NULL, NULL);
}
