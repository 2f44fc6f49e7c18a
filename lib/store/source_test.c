// Appends that take effect once, however often they are made: to wherever a stream ends, each with its
// source.
#include <pthread.h>
#include <sqlite3.h>

#include "lib/store/testing/world.h"

static uint64_t next_from(struct world *world, const char *stream, const char *source, uint64_t seq,
                          const char *text)
{
    const ProtobufCBinaryData entry = {strlen(text), (uint8_t *)text};
    const struct store_write write = {.source = {source, seq}};
    return store_append_next(world->store, stream, &entry, 1, &write);
}

static void an_append_goes_to_wherever_the_stream_ends(void **state)
{
    struct world *world = *state;
    const ProtobufCBinaryData verse[] = {{3, (uint8_t *)"two"}, {5, (uint8_t *)"three"}};
    next_from(world, "song", NULL, 0, "one");
    store_append_next(world->store, "song", verse, 2, NULL);
    assert_durable(world, append(world, "song", 4, "four"));
    assert_durable(world, next_from(world, "song", "a", 1, "five"));
    assert_string_equal(stream_text(world, "song", 1, 10), "one two three four five");
}

static void what_comes_from_the_same_comes_once(void **state)
{
    struct world *world = *state;
    next_from(world, "song", "a", 1, "one"); // twice in one group
    next_from(world, "song", "a", 1, "one");
    next_from(world, "song", "a", 2, "two");
    next_from(world, "song", "b", 1, "three");
    next_from(world, "song", "a", 0, "four");
    next_from(world, "tune", "a", 1, "of another stream");
    assert_durable(world, next_from(world, "song", "a", UINT64_MAX, "five"));
    for (int restarted = 0; restarted < 2; restarted++) {
        assert_durable(world, next_from(world, "song", "a", 2, "two"));
        assert_durable(world, next_from(world, "song", "a", 1, "again"));
        assert_durable(world, next_from(world, "song", "a", 0, "again"));
        assert_durable(world, next_from(world, "song", "a", UINT64_MAX, "again"));
        assert_durable(world, next_from(world, "song", "b", 1, "again"));
        assert_string_equal(stream_text(world, "song", 1, 10), "one two three four five");
        assert_string_equal(stream_text(world, "tune", 1, 10), "of another stream");
        world_reopen(world, TABLES);
    }
    assert_durable(world, next_from(world, "song", "b", 2, "six"));
    assert_int_equal(head(world, "song"), 6);
}

static void a_repeated_append_is_done_like_a_first_one(void **state)
{
    struct world *world = *state;
    const ProtobufCBinaryData one = {3, (uint8_t *)"one"};
    const struct store_command command = {.id = {1}, .reply = one};
    assert_durable(world, next_from(world, "song", "a", 1, "one"));
    const struct store_write write = {.source = {"a", 1}, .command = &command};
    uint64_t repeated = store_append_next(world->store, "song", &one, 1, &write);
    const struct store_write after = {.after = repeated, .source = {"a", 2}};
    assert_durable(world, store_append_next(world->store, "song", &one, 1, &after));
    struct store_command found;
    bool is_there;
    must(world,
         store_command_find(world->store, NULL, command.id, &world->arena, &is_there, &found, &world->err));
    assert_true(is_there);
    assert_string_equal(stream_text(world, "song", 1, 10), "one one");
}

static void a_source_goes_with_an_expected_sequence_too(void **state)
{
    struct world *world = *state;
    const ProtobufCBinaryData entry = {3, (uint8_t *)"one"};
    const struct store_write write = {.source = {"a", 1}};
    assert_durable(world, store_append(world->store, "song", 1, &entry, 1, &write));
    assert_durable(world, store_append(world->store, "song", 2, &entry, 1, &write));
    assert_string_equal(stream_text(world, "song", 1, 10), "one");
    assert_failed(world, append(world, "song", 1, "other"), IS(CONFLICT));
}

// It was not decided on what is there, so no other write's failure is its own.
static void an_append_to_the_end_survives_others_failures(void **state)
{
    struct world *world = *state;
    const ProtobufCBinaryData entry = {4, (uint8_t *)"lost"};
    uint64_t failing = append(world, "song", 7, "seven"), next = next_from(world, "song", "a", 1, "one");
    const struct store_write resting = {.after = failing, .source = {"a", 2}};
    uint64_t lost = store_append_next(world->store, "song", &entry, 1, &resting);
    assert_failed(world, failing, IS(CONFLICT));
    assert_durable(world, next);
    assert_failed(world, lost, IS(CONFLICT));
    assert_string_equal(stream_text(world, "song", 1, 10), "one");
    assert_durable(world, next_from(world, "song", "a", 2, "two")); // what failed may come again
}

enum { WRITERS = 2, EACH = 3000 };

static void *write_all(void *arg)
{
    struct world *world = arg;
    char text[16];
    uint64_t ticket = 0;
    for (uint64_t i = 1; i <= EACH; i++) {
        snprintf(text, sizeof text, "%d", (int)i);
        ticket = next_from(world, "song", "a", i, text);
    }
    struct err err;
    return store_wait(world->store, ticket, &err) ? world : NULL;
}

static void two_writers_of_the_same_have_one_effect(void **state)
{
    struct world *world = *state;
    pthread_t threads[WRITERS];
    struct store_entries entries;
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_all, world), 0);
    for (int i = 0; i < WRITERS; i++) {
        void *done;
        pthread_join(threads[i], &done);
        assert_non_null(done);
    }
    must(world, store_read(world->store, "song", 1, 2 * EACH, &world->arena, &entries, &world->err));
    assert_int_equal(entries.count, EACH);
    bool seen[EACH + 1] = {false};
    for (size_t i = 0; i < entries.count; i++) {
        char text[16];
        snprintf(text, sizeof text, "%.*s", (int)entries.entries[i].len, (char *)entries.entries[i].data);
        int n = atoi(text);
        if (n < 1 || n > EACH || seen[n])
            fail_msg("%d is once among 1 to %d", n, EACH);
        else
            seen[n] = true;
    }
}

static void what_is_trimmed_or_deleted_is_forgotten(void **state)
{
    struct world *world = *state;
    for (uint64_t seq = 1; seq <= 3; seq++) assert_durable(world, next_from(world, "song", "a", seq, "x"));
    must(world, store_trim_stream(world->store, "song", 3, &world->err));
    assert_durable(world, next_from(world, "song", "a", 3, "kept, so known"));
    assert_int_equal(head(world, "song"), 3);
    assert_durable(world, next_from(world, "song", "a", 1, "one"));
    assert_int_equal(head(world, "song"), 4);
    assert_durable(world, store_delete_stream(world->store, "song", 0, NULL));
    assert_failed(world, next_from(world, "song", "a", 3, "three"), IS(CONFLICT));
}

struct copy {
    struct world *from, *into;
};

static bool copy_item(void *arg, const struct store_item *item, struct err *err)
{
    struct copy *copy = arg;
    const struct store_write write = {.source = item->source};
    return store_wait(copy->into->store,
                      store_append(copy->into->store, item->id, item->version, &item->bytes, 1, &write), err);
}

static void sources_are_part_of_the_content(void **state)
{
    struct world *world = *state;
    struct world other = *world;
    arena_init(&other.arena, 1 << 20);
    const ProtobufCBinaryData verse[] = {{3, (uint8_t *)"two"}, {5, (uint8_t *)"three"}};
    const struct store_write write = {.source = {"a", 2}};
    append(world, "song", 1, "one");
    assert_durable(world, store_append_next(world->store, "song", verse, 2, &write));
    snprintf(other.url, sizeof other.url, "sqlite:%s/other", world->folder);
    must(&other, world_open(&other, TABLES));
    must(world, store_each(world->store, copy_item, &(struct copy){world, &other}, &world->err));
    assert_durable(&other, store_append_next(other.store, "song", verse, 2, &write));
    assert_string_equal(stream_text(&other, "song", 1, 10), "one two three");
    world_close(&other);
    arena_finish(&other.arena);
}

// As stores were before sources were known, and before the names of deleted streams stayed.
static const char FORMAT_1[] =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE stream(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE entry(at INTEGER PRIMARY KEY, count INTEGER NOT NULL, bytes BLOB NOT NULL);"
    "CREATE TABLE snapshot(stream INTEGER PRIMARY KEY, seq INTEGER NOT NULL, state BLOB NOT NULL);"
    "CREATE TABLE command(at INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, request_hash BLOB NOT NULL,"
    " reply BLOB NOT NULL, time_ms INTEGER NOT NULL);"
    "INSERT INTO stream VALUES(1,'song'); INSERT INTO entry VALUES(1<<32|1,1,'one');"
    "PRAGMA application_id=0x436f6e73; PRAGMA user_version=1;";
static const char FORMAT_2[] =
    "ALTER TABLE entry ADD COLUMN origin INTEGER; ALTER TABLE entry ADD COLUMN origin_seq INTEGER;"
    "CREATE TABLE origin(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE UNIQUE INDEX entry_origin ON entry(origin,origin_seq,at>>32) WHERE origin IS NOT NULL;"
    "PRAGMA user_version=2;";

static void make_older(struct world *old, const struct world *world, int format)
{
    sqlite3 *db;
    snprintf(old->path, sizeof old->path, "%s/old%d", world->folder, format);
    snprintf(old->url, sizeof old->url, "sqlite:%s", old->path);
    assert_int_equal(sqlite3_open(old->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, FORMAT_1, NULL, NULL, NULL), SQLITE_OK);
    if (format > 1) assert_int_equal(sqlite3_exec(db, FORMAT_2, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void an_older_store_is_brought_up_to_date(void **state)
{
    struct world *world = *state;
    struct world old = *world;
    arena_init(&old.arena, 1 << 20);
    for (int format = 1; format <= 2; format++) {
        make_older(&old, world, format);
        for (int restarted = 0; restarted < 2; restarted++) {
            must(&old, world_open(&old, TABLES));
            assert_durable(&old, next_from(&old, "song", "a", 1, "two"));
            assert_string_equal(stream_text(&old, "song", 1, 10), "one two");
            world_close(&old);
        }
        must(&old, world_open(&old, TABLES));
        assert_durable(&old, store_delete_stream(old.store, "song", 2, NULL));
        world_reopen(&old, TABLES);
        assert_failed(&old, append(&old, "song", 1, "again"), IS(CONFLICT));
        world_close(&old);
    }
    arena_finish(&old.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_append_goes_to_wherever_the_stream_ends),
        TEST(what_comes_from_the_same_comes_once),
        TEST(a_repeated_append_is_done_like_a_first_one),
        TEST(a_source_goes_with_an_expected_sequence_too),
        TEST(an_append_to_the_end_survives_others_failures),
        TEST(two_writers_of_the_same_have_one_effect),
        TEST(what_is_trimmed_or_deleted_is_forgotten),
        TEST(sources_are_part_of_the_content),
        TEST(an_older_store_is_brought_up_to_date),
    };
    return cmocka_run_group_tests_name("store: sources", tests, NULL, NULL);
}
