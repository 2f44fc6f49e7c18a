#include "lib/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth.pb-c.h"

static const struct store_table TABLES[] = {
    {.name = "user",
     .type = &auth__user__descriptor,
     .key = "id",
     .indexes = {{"by_username", true, {"username"}, CONSE__REASON__VALUE__USERNAME_TAKEN},
                 {"by_phone", true, {"phone"}, CONSE__REASON__VALUE__PHONE_TAKEN},
                 {"by_level", false, {"level", "created_at"}, 0}},
     .version = 1},
    {0},
};
static const struct store_table *const USERS = &TABLES[0];

struct world {
    struct store *store;
    struct arena arena;
    struct err err;
    char folder[64], url[128];
};

static void reopen(struct world *world, const struct store_table *tables)
{
    struct store_options options = {.url = world->url, .tables = tables};
    store_close(world->store);
    world->store = NULL;
    if (!store_open(&world->store, &options, &world->err)) fail_msg("%s", world->err.message);
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    strcpy(world->folder, "/tmp/store-test-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    snprintf(world->url, sizeof world->url, "sqlite:%s/store.db", world->folder);
    arena_init(&world->arena, 64 << 20);
    reopen(world, TABLES);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    char command[128];
    store_close(world->store);
    arena_finish(&world->arena);
    snprintf(command, sizeof command, "rm -rf %s", world->folder);
    int rc = system(command);
    free(world);
    return rc;
}

static uint64_t put(struct world *world, const char *id, const char *name, const char *phone, uint64_t version)
{
    Auth__User user = AUTH__USER__INIT;
    user.id = id, user.username = name, user.phone = phone, user.level = AUTH__LEVEL__VALUE__PLAYER;
    return store_put(world->store, USERS, &user.base, version, NULL);
}

static void test_a_row_is_stored_and_found_by_its_id(void **state)
{
    struct world *world = *state;
    ProtobufCMessage *message;
    uint64_t version;
    assert_true(store_wait(world->store, put(world, "u1", "ada", "+1", 0), &world->err));
    assert_true(store_get(world->store, USERS, "u1", &world->arena, &message, &version, &world->err));
    assert_string_equal(((Auth__User *)message)->username, "ada");
    assert_int_equal(version, 1);
    assert_true(store_get(world->store, USERS, "u2", &world->arena, &message, &version, &world->err));
    assert_null(message);
    assert_false(store_wait(world->store, put(world, "u2", "ada", "+2", 0), &world->err));
    assert_int_equal(world->err.reason, CONSE__REASON__VALUE__USERNAME_TAKEN);
    assert_false(store_wait(world->store, put(world, "u2", "bob", "+1", 0), &world->err));
    assert_int_equal(world->err.reason, CONSE__REASON__VALUE__PHONE_TAKEN);
    struct store_rows rows;
    struct store_query query = {.index = "by_username", .equal = {{.text = "ada"}}, .equal_count = 1};
    assert_true(store_find(world->store, USERS, &query, &world->arena, &rows, &world->err));
    assert_int_equal(rows.count, 1);
}

static void test_a_stream_grows_in_order(void **state)
{
    struct world *world = *state;
    struct store_entries entries;
    ProtobufCBinaryData two[] = {{3, (uint8_t *)"one"}, {3, (uint8_t *)"two"}};
    store_append(world->store, "s", 1, two, 2, NULL);
    uint64_t ticket = store_append(world->store, "s", 3, two, 1, NULL);
    assert_true(store_wait(world->store, ticket, &world->err));
    ticket = store_append(world->store, "s", 3, two, 1, NULL);
    assert_false(store_wait(world->store, ticket, &world->err));
    reopen(world, TABLES);
    if (!store_read(world->store, "s", 2, 10, &world->arena, &entries, &world->err)) fail_msg("%s", world->err.message);
    assert_int_equal(entries.count, 2);
    assert_int_equal(entries.first_seq, 2);
    assert_memory_equal(entries.entries[0].data, "two", 3);
    assert_memory_equal(entries.entries[1].data, "one", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_row_is_stored_and_found_by_its_id, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_stream_grows_in_order, setup, teardown),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
