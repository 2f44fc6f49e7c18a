// The stream events.locks: who sits down to which cards, told once for each deal, and nothing of the cards
// that are dealt.
#include <sched.h>

#include "lib/base/clock.h"
#include "services/events/tables.h"
#include "services/events/testing/table.h"
#include "services/events/topics/locked.h"
#include "services/events/topics/projector.h"

enum { PATIENCE_MS = 20000 };

static const struct asker op = {"", LEVEL_DEV};

static void tell(struct service_world *world)
{
    struct arena arena;
    struct err err = {0};
    const char *event_id = service_recall(world, "event");
    service_hand_out(world, event_id);
    arena_init(&arena, 32 << 20);
    if (!locked_run(&world->events, event_id, &arena, &err)) fail_msg("%s", err.message);
    arena_finish(&arena);
}

static const Bus__ReadReply *locks(struct service_world *world)
{
    return (const void *)service_must(world, &op, "events.feed.Read", "{'stream':'events.locks'}").reply;
}

static const Game__LockedTable *newest(struct service_world *world, size_t count)
{
    const Bus__ReadReply *reply = locks(world);
    assert_int_equal(reply->n_notices, count);
    assert_string_equal(reply->notices[count - 1]->kind, LOCKS_KIND);
    const ProtobufCBinaryData body = reply->notices[count - 1]->payload;
    Game__LockedTable *table = game__locked_table__unpack(&world->arena.allocator, body.len, body.data);
    assert_non_null(table);
    assert_string_equal(table->event_id, service_recall(world, "event"));
    return table;
}

static void open_full(struct service_world *world)
{
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "," NONCE "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
}

static void a_table_is_told_when_it_is_locked(void **state)
{
    struct service_world *world = *state;
    open_full(world);
    tell(world);
    assert_int_equal(locks(world)->n_notices, 0);
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    tell(world);
    const Game__LockedTable *table = newest(world, 1);
    assert_true(table->k == 1 && !table->let_go);
    assert_string_equal(table->deck_id, service_recall(world, "deck"));
    assert_int_equal(table->n_user_ids, 2);
    assert_string_equal(table->user_ids[0], player.user_id);
    assert_string_equal(table->user_ids[1], other.user_id);
    assert_int_equal(table->n_roles, 2);
    assert_int_equal(table->roles[0]->copies + table->roles[1]->copies, 3);
    assert_true(uuid_check(table->roles[0]->side_id));
}

// What happens behind the lock says nothing more.
static void a_game_that_goes_on_is_told_once(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    for (int i = 0; i < 2; i++) tell(world);
    const Game__LockedTable *table = newest(world, 1);
    for (size_t i = 0; i < table->n_roles; i++) assert_int_equal(table->roles[i]->abilities, 0);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
    service_must(world, &god, "events.UpdatePlayer", "{" EVENT ",'user_id':'$other','status':'DEAD'}");
    tell(world);
    newest(world, 1);
}

// As a crash leaves it between the telling and the note of it.
static void forget_note(struct service_world *world)
{
    Game__NoticeRow *row;
    uint64_t version;
    struct err err;
    assert_true(store_get(world->events.store, &events_tables[EVENTS_NOTICES], service_recall(world, "event"),
                          &world->arena, (ProtobufCMessage **)&row, &version, &err));
    assert_int_equal(row->locked, 1);
    row->locked = 0;
    assert_true(store_wait(world->events.store,
                           store_put(world->events.store, &events_tables[EVENTS_NOTICES], &row->base, version,
                                     &(struct store_write){0}),
                           &err));
}

static void what_was_told_before_a_crash_is_not_told_again(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    for (int i = 0; i < 3; i++) {
        tell(world);
        forget_note(world);
    }
    newest(world, 1);
}

static void who_sits_down_after_an_unlock_is_told_anew(void **state)
{
    struct service_world *world = *state;
    open_full(world);
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    tell(world);
    service_must(world, &god, "events.UnlockEvent", "{" EVENT "}");
    tell(world);
    newest(world, 1);
    service_must(world, &other, "events.CancelReservation", "{" EVENT ",'user_id':'$other'}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    tell(world);
    const Game__LockedTable *table = newest(world, 2);
    assert_true(table->k == 2 && table->n_user_ids == 1);
}

static void of_an_event_that_is_called_off_it_is_told_that_nobody_plays(void **state)
{
    struct service_world *world = *state;
    open_full(world);
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    tell(world);
    assert_int_equal(locks(world)->n_notices, 0);
    open_full(world);
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    tell(world);
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    for (int i = 0; i < 2; i++) tell(world);
    const Game__LockedTable *table = newest(world, 2);
    assert_true(table->let_go && !table->n_user_ids && !table->n_roles);
}

// As a start does.
static void sweep(struct service_world *world)
{
    const int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    struct err err;
    assert_true(projector_start(&world->events.projector, &world->events, &err));
    while (!projector_caught_up(world->events.projector)) {
        assert_true(clock_mono_ms() < until_ms);
        sched_yield();
    }
}

static void who_was_killed_before_telling_tells_at_the_next_start(void **state)
{
    struct service_world *world = *state;
    open_full(world);
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    tell(world);
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    service_hand_out(world, service_recall(world, "event")); // and no more
    newest(world, 1);
    sweep(world);
    assert_true(newest(world, 2)->let_go);
}

static void programs_alone_read_it(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    tell(world);
    const struct asker *const others[] = {&nobody, &player, &god, &dev};
    for (size_t i = 0; i < 4; i++)
        assert_refuses(world, others[i], "events.feed.Read", "{'stream':'events.locks'}",
                       CONSE__REASON__VALUE__NOT_FOUND);
    const Bus__Heads *heads =
        (const void *)service_must(world, &op, "events.feed.ListHeads", "{'pattern':'events.l*'}").reply;
    assert_int_equal(heads->n_heads, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_table_is_told_when_it_is_locked),
        TEST(a_game_that_goes_on_is_told_once),
        TEST(what_was_told_before_a_crash_is_not_told_again),
        TEST(who_sits_down_after_an_unlock_is_told_anew),
        TEST(of_an_event_that_is_called_off_it_is_told_that_nobody_plays),
        TEST(who_was_killed_before_telling_tells_at_the_next_start),
        TEST(programs_alone_read_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
