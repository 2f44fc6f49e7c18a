// What an exclusive store promises beyond the contract of all, and what its file was like.
#include <sqlite3.h>

#include "lib/base/clock.h"
#include "lib/store/testing/world.h"

static struct store_command command_of(uint8_t id, const char *reply, int64_t time_ms)
{
    struct store_command command = {.reply = {strlen(reply), (uint8_t *)reply}, .time_ms = time_ms};
    memset(command.id, id, sizeof command.id);
    memset(command.request_hash, id + 1, sizeof command.request_hash);
    return command;
}

static uint64_t append_command(struct world *world, uint64_t seq, const struct store_command *command)
{
    struct store_write write = {.command = command};
    ProtobufCBinaryData entry = {1, (uint8_t *)"x"};
    return store_append(world->store, "orders", seq, &entry, 1, &write);
}

static uint64_t next_from(struct world *world, const char *stream, const char *source, uint64_t seq,
                          const char *text)
{
    const ProtobufCBinaryData entry = {strlen(text), (uint8_t *)text};
    const struct store_write write = {.source = {source, seq, 0}};
    return store_append_next(world->store, stream, &entry, 1, &write);
}

// ---- Commands

static bool is_kept(struct world *world, const uint8_t id[32])
{
    struct store_command found;
    bool is_there;
    must(world, store_command_find(world->store, NULL, id, &world->arena, &is_there, &found, &world->err));
    return is_there;
}

static void a_command_runs_once(void **state)
{
    struct world *world = *state;
    struct store_command first = command_of(1, "seat 4", 1000), again = command_of(1, "seat 5", 2000);
    assert_durable(world, append_command(world, 1, &first));
    assert_failed(world, append_command(world, 2, &again), IS(IDEMPOTENCY_RUNNING));
    assert_int_equal(head(world, "orders"), 1);
}

static void a_repeated_append_is_done_like_a_first_one(void **state)
{
    struct world *world = *state;
    const ProtobufCBinaryData one = {3, (uint8_t *)"one"};
    const struct store_command command = {.id = {1}, .reply = one};
    assert_durable(world, next_from(world, "song", "a", 1, "one"));
    const struct store_write write = {.source = {"a", 1, 0}, .command = &command};
    uint64_t repeated = store_append_next(world->store, "song", &one, 1, &write);
    const struct store_write after = {.after = repeated, .source = {"a", 2, 0}};
    assert_durable(world, store_append_next(world->store, "song", &one, 1, &after));
    assert_true(is_kept(world, command.id));
    assert_string_equal(stream_text(world, "song", 1, 10), "one one");
}

static void it_is_its_own_server(void **state)
{
    struct world *world = *state;
    struct store_known *known;
    size_t count;
    bool current;
    int64_t at_ms, since_ms = clock_mono_ms();
    struct store_command command = command_of(1, "seat 4", 1000);
    assert_false(store_is_shared(world->store));
    assert_durable(world, append_command(world, 1, &command));
    must(world, store_probe(world->store, "orders", 1, &current, &world->err));
    assert_true(current);
    must(world, store_barrier(world->store, since_ms, &at_ms, &world->err));
    assert_in_range(at_ms, since_ms, clock_mono_ms());
    must(world, store_commands(world->store, "orders", 0, &world->arena, &known, &count, &world->err));
    assert_int_equal(count, 0);
}

// ---- Older files

// As stores were before sources were known, before the names of deleted streams stayed, before prints, and
// before anything was attached.
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
static const char FORMAT_3[] =
    "ALTER TABLE stream ADD COLUMN ended INTEGER; INSERT INTO origin VALUES(1,'a');"
    "INSERT INTO entry VALUES(1<<32|2,1,'two',1,1); PRAGMA user_version=3;";
static const char FORMAT_4[] =
    "ALTER TABLE entry ADD COLUMN origin_print INTEGER NOT NULL DEFAULT 0; DROP INDEX entry_origin;"
    "CREATE UNIQUE INDEX entry_origin ON entry(origin,origin_seq,origin_print,at>>32) WHERE origin IS NOT "
    "NULL; PRAGMA user_version=4;";

static void make_older(struct world *old, const struct world *world, int format)
{
    sqlite3 *db;
    snprintf(old->path, sizeof old->path, "%s/old%d", world->folder, format);
    snprintf(old->url, sizeof old->url, "sqlite:%s", old->path);
    assert_int_equal(sqlite3_open(old->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, FORMAT_1, NULL, NULL, NULL), SQLITE_OK);
    if (format > 1) assert_int_equal(sqlite3_exec(db, FORMAT_2, NULL, NULL, NULL), SQLITE_OK);
    if (format > 2) assert_int_equal(sqlite3_exec(db, FORMAT_3, NULL, NULL, NULL), SQLITE_OK);
    if (format > 3) assert_int_equal(sqlite3_exec(db, FORMAT_4, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static size_t attached_len(struct world *world, const char *stream, uint64_t seq)
{
    ProtobufCBinaryData attached;
    must(world, store_attached(world->store, stream, seq, &world->arena, &attached, &world->err));
    return attached.len;
}

static void an_older_store_is_brought_up_to_date(void **state)
{
    struct world *world = *state;
    struct world old = *world;
    arena_init(&old.arena, 1 << 20);
    for (int format = 1; format <= 4; format++) {
        make_older(&old, world, format);
        for (int restarted = 0; restarted < 2; restarted++) {
            must(&old, world_open(&old, TABLES));
            assert_durable(&old, next_from(&old, "song", "a", 1, "two"));
            assert_string_equal(stream_text(&old, "song", 1, 10), "one two");
            world_close(&old);
        }
        must(&old, world_open(&old, TABLES));
        const ProtobufCBinaryData entry = {5, (uint8_t *)"three"};
        const struct store_write printed = {.source = {"a", 1, 7}, .attached = entry};
        assert_durable(&old, store_append(old.store, "song", 3, &entry, 1, &printed));
        assert_int_equal(attached_len(&old, "song", 1), 0);
        assert_int_equal(attached_len(&old, "song", 3), 5);
        assert_durable(&old, store_delete_stream(old.store, "song", 3, NULL));
        world_reopen(&old, TABLES);
        assert_failed(&old, append(&old, "song", 1, "again"), IS(CONFLICT));
        world_close(&old);
    }
    arena_finish(&old.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_command_runs_once),
        TEST(a_repeated_append_is_done_like_a_first_one),
        TEST(it_is_its_own_server),
        TEST(an_older_store_is_brought_up_to_date),
    };
    return cmocka_run_group_tests_name("store: exclusive", tests, NULL, NULL);
}
