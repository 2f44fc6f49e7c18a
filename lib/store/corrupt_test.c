// What is read from a store is bounded like any input: a value that does not fit is STORE_CORRUPT for itself
// alone.
#include <sqlite3.h>

#include "lib/store/testing/world.h"

static void spoil(struct world *world, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    assert_int_equal(sqlite3_open(world->path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s: %s", sql, message);
    sqlite3_close(db);
}

static bool visit(void *arg, const struct store_item *item, struct err *err)
{
    (void)err;
    *(size_t *)arg += item->id && *item->id;
    return true;
}

static void assert_corrupt(struct world *world, bool ok)
{
    assert_false(ok);
    assert_int_equal(world->err.reason, IS(STORE_CORRUPT));
}

static bool reads(struct world *world, const char *stream)
{
    struct store_entries entries;
    return store_read(world->store, stream, 1, 10, &world->arena, &entries, &world->err);
}

// ---- Streams

static void a_stored_count_is_not_believed(void **state)
{
    static const char *const counts[] = {
        "-1", "0", "2", "5", "4294967296", "4611686018427387905", "-4294967295", "'many'", "x'00'"};
    struct world *world = *state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        char stream[16], sql[160];
        uint64_t seq;
        size_t items = 0;
        snprintf(stream, sizeof stream, "s%zu", i);
        assert_durable(world, append(world, stream, 1, "one"));
        assert_durable(world, append(world, "sound", i + 1, "sound"));
        snprintf(sql, sizeof sql,
                 "UPDATE entry SET count=%s WHERE at>>32=(SELECT id FROM stream WHERE name='%s')", counts[i],
                 stream);
        spoil(world, sql);
        assert_corrupt(world, reads(world, stream));
        assert_corrupt(world, store_head(world->store, stream, &seq, &world->err));
        assert_corrupt(world, store_each(world->store, visit, &items, &world->err));
        world_reopen(world, TABLES); // so that heads are read again
        assert_failed(world, append(world, stream, 2, "two"), IS(STORE_CORRUPT));
        assert_int_equal(head(world, "sound"), i + 1);
        assert_durable(world, store_delete_stream(world->store, stream, 0, NULL));
    }
}

static void a_hole_in_a_stream_is_noticed(void **state)
{
    struct world *world = *state;
    for (uint64_t seq = 1; seq < 5; seq++) assert_durable(world, append(world, "a", seq, "x"));
    spoil(world, "DELETE FROM entry WHERE at&0xffffffff=2");
    assert_corrupt(world, reads(world, "a"));
    assert_string_equal(stream_text(world, "a", 3, 10), "x x");
}

static void a_stream_with_a_bad_count_is_listed_without_it(void **state)
{
    struct world *world = *state;
    struct store_head *heads;
    size_t count;
    assert_durable(world, append(world, "a", 1, "x"));
    assert_durable(world, append(world, "b", 1, "x"));
    spoil(world, "UPDATE entry SET count=-7 WHERE at>>32=(SELECT id FROM stream WHERE name='a')");
    must(world, store_heads(world->store, "", "", 10, &world->arena, &heads, &count, &world->err));
    assert_int_equal(count, 2);
    assert_int_equal(heads[0].seq, 0);
    assert_int_equal(heads[1].seq, 1);
}

// ---- Rows

static const struct person ADA = {.id = "u1", .username = "ada"}, BOB = {.id = "u2", .username = "bob"},
                           EVE = {.id = "u3", .username = "eve"};

static void put_three(struct world *world)
{
    person_put(world, ADA, 0, NULL);
    person_put(world, BOB, 0, NULL);
    assert_durable(world, person_put(world, EVE, 0, NULL));
}

static bool gets(struct world *world, const char *id, uint64_t *version)
{
    ProtobufCMessage *message;
    return store_get(world->store, USERS, id, &world->arena, &message, version, &world->err);
}

static void a_row_that_is_none_is_corrupt_and_left_out_of_lists(void **state)
{
    static const char *const spoilt[] = {"UPDATE t_user SET bytes=x'0aff01' WHERE id='u2'",   // no message
                                         "UPDATE t_user SET bytes=x'0a027531' WHERE id='u2'", // another's
                                         "UPDATE t_user SET bytes='' WHERE id='u2'",          // nobody's
                                         "UPDATE t_user SET bytes=zeroblob(100000) WHERE id='u2'"};
    struct world *world = *state;
    put_three(world);
    for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
        struct store_rows rows;
        struct store_query query = {.index = "by_username", .limit = 1};
        uint64_t version;
        spoil(world, spoilt[i]);
        assert_corrupt(world, gets(world, "u2", &version));
        assert_int_equal(version, 1); // so that it can be replaced
        must(world, store_find(world->store, USERS, &query, &world->arena, &rows, &world->err));
        assert_int_equal(rows.count, 1);
        query.page_token = rows.next_page_token;
        must(world, store_find(world->store, USERS, &query, &world->arena, &rows, &world->err));
        assert_int_equal(rows.count, 1);
        assert_string_equal(((Auth__User *)rows.messages[0])->username, "eve");
    }
}

static void a_row_that_is_none_does_not_keep_indexes_from_being_built(void **state)
{
    struct world *world = *state;
    static const struct store_table changed[] = {
        {.name = "user",
         .type = &auth__user__descriptor,
         .key = "id",
         .indexes = {{"by_username", true, {"username"}, 0}, {"by_phone", false, {"phone", "level"}, 0}},
         .version = 2},
        {0}};
    uint64_t version;
    put_three(world);
    spoil(world, "UPDATE t_user SET bytes=x'0aff01' WHERE id IN ('u1','u2')");
    world_reopen(world, changed);
    ProtobufCMessage *message;
    must(world, store_get(world->store, changed, "u3", &world->arena, &message, &version, &world->err));
    assert_non_null(message);
    assert_corrupt(world,
                   store_get(world->store, changed, "u1", &world->arena, &message, &version, &world->err));
}

// ---- Commands

static void a_command_without_its_hash_is_corrupt(void **state)
{
    struct world *world = *state;
    struct store_command command = {.id = {1}, .request_hash = {2}, .time_ms = 3}, found;
    const struct store_write write = {.command = &command};
    bool is_there;
    assert_durable(world, person_put(world, ADA, 0, &write));
    must(world,
         store_command_find(world->store, NULL, command.id, &world->arena, &is_there, &found, &world->err));
    assert_true(is_there);
    spoil(world, "UPDATE command SET request_hash=x'0202'");
    assert_corrupt(world, store_command_find(world->store, NULL, command.id, &world->arena, &is_there, &found,
                                             &world->err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stored_count_is_not_believed),
        TEST(a_hole_in_a_stream_is_noticed),
        TEST(a_stream_with_a_bad_count_is_listed_without_it),
        TEST(a_row_that_is_none_is_corrupt_and_left_out_of_lists),
        TEST(a_row_that_is_none_does_not_keep_indexes_from_being_built),
        TEST(a_command_without_its_hash_is_corrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
