// People's own topics: missed entries come, once, however many there are.
#include <sqlite3.h>

#include "services/events/testing/table.h"
#include "services/events/tables.h"
#include "services/events/streams.h"

static size_t told(struct service_world *world, const char *kind)
{
    service_hand_out(world, service_recall(world, "event"));
    const Bus__ReadReply *reply =
        (const void *)service_must(world, &player, "events.feed.Read", "{'stream':'users.$player'}").reply;
    size_t count = 0;
    for (size_t i = 0; i < reply->n_notices; i++) count += strcmp(reply->notices[i]->kind, kind) == 0;
    return count;
}

static void nobody_is_reminded_of_what_has_begun(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T08:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_wait(world, 71 * (int64_t)HOUR);
    assert_int_equal(told(world, "REMINDED"), 1);
    service_wait(world, 2 * (int64_t)HOUR); // nothing ran when ten minutes were left
    assert_int_equal(told(world, "REMINDED"), 1);
}

// Sets the cursor of what was handed out back to nothing, as a crash before it was written leaves it.
static void forget_cursor(struct service_world *world)
{
    const char *event_id = service_recall(world, "event");
    ProtobufCMessage *row;
    uint64_t version;
    struct err err;
    arena_reset(&world->arena);
    assert_true(store_get(world->events.store, &events_tables[EVENTS_NOTICES], event_id, &world->arena, &row,
                          &version, &err));
    assert_true(store_wait(world->events.store,
                           store_delete(world->events.store, &events_tables[EVENTS_NOTICES], event_id,
                                        version, &(struct store_write){0}),
                           &err));
}

static uint64_t head_of(struct service_world *world, const struct asker *who)
{
    uint64_t head;
    struct err err;
    assert_true(store_head(world->events.store, users_stream(who->user_id).text, &head, &err));
    return head;
}

static uint64_t head_of_player(struct service_world *world) { return head_of(world, &player); }

static void a_crash_repeats_nothing_however_much_was_told_since(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    for (int i = 0; i < 400; i++)
        service_must(world, &god, "events.AddNote",
                     "{" EVENT ",'user_id':'$player','audience':'PLAYER','text':'psst'}");
    service_hand_out(world, service_recall(world, "event"));
    uint64_t told = head_of_player(world);
    assert_true(told > 400);
    forget_cursor(world);
    service_hand_out(world, service_recall(world, "event"));
    assert_int_equal(head_of_player(world), told);
    service_must(world, &god, "events.AddNote",
                 "{" EVENT ",'user_id':'$player','audience':'PLAYER','text':'one more'}");
    forget_cursor(world);
    service_hand_out(world, service_recall(world, "event"));
    assert_int_equal(head_of_player(world), told + 1);
}

static void a_backlog_of_any_size_is_handed_out(void **state)
{
    enum { PEOPLE = 40, EDITS = 55, LETTERS = 16000 };
    struct service_world *world = *state;
    static char content[LETTERS + 1], request[LETTERS + 256];
    open_event(world, "Evening", "2027-01-15T20:00:00");
    for (unsigned i = 0; i < PEOPLE; i++) {
        const struct asker someone = {id_of(USER + i), LEVEL_PLAYER};
        service_must(world, &someone, "events.Reserve", "{" EVENT "}");
    }
    memset(content, 'x', LETTERS);
    for (unsigned i = 0; i < EDITS; i++) {
        content[0] = (char)('A' + i % 26);
        snprintf(request, sizeof request, "{" EVENT ",'content':'%s'}", content);
        service_must(world, &god, "events.UpdateEvent", request);
    }
    service_hand_out(world, service_recall(world, "event"));
    assert_int_equal(head_of_player(world), EDITS);
}

// ---- A topic that can't be written

// Its newest number is the greatest that a stream may have.
static void fill_topic(struct service_world *world, const struct asker *who)
{
    const ProtobufCBinaryData entry = {0};
    const struct store_write restored = {.begins = true};
    struct err err;
    assert_true(store_wait(world->events.store,
                           store_append(world->events.store, users_stream(who->user_id).text, UINT32_MAX - 1,
                                        &entry, 1, &restored),
                           &err));
}

// It was never there: what no write can do is done to the file.
static void empty_topic(struct service_world *world, const struct asker *who)
{
    char path[96], sql[300];
    sqlite3 *db;
    events_close(&world->events);
    snprintf(path, sizeof path, "%s/events.db", world->dir);
    snprintf(sql, sizeof sql,
             "DELETE FROM entry WHERE at>>32=(SELECT id FROM stream WHERE name='%s');"
             "DELETE FROM stream WHERE name='%s'",
             users_stream(who->user_id).text, users_stream(who->user_id).text);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    service_start(world);
}

static bool hand_out(struct service_world *world)
{
    struct arena arena;
    struct err err;
    arena_init(&arena, 32 << 20);
    bool ok = inbox_run(&world->events, service_recall(world, "event"), &arena, &err);
    arena_finish(&arena);
    return ok;
}

static void a_topic_that_fails_is_told_later_and_nobody_twice(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    service_hand_out(world, service_recall(world, "event"));
    uint64_t first = head_of(world, &player), third = head_of(world, &god);
    assert_int_equal(head_of(world, &other), 0);
    fill_topic(world, &other);
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'content':'new'}");
    assert_false(hand_out(world));
    assert_false(hand_out(world));
    empty_topic(world, &other);
    assert_true(hand_out(world));
    assert_int_equal(head_of(world, &player), first + 1);
    assert_int_equal(head_of(world, &other), 1);
    assert_int_equal(head_of(world, &god), third + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_is_reminded_of_what_has_begun),
        TEST(a_crash_repeats_nothing_however_much_was_told_since),
        TEST(a_backlog_of_any_size_is_handed_out),
        TEST(a_topic_that_fails_is_told_later_and_nobody_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
