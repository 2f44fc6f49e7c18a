// Commands: what makes a retry find its first reply.
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

static const char *reply_from(struct world *world, const char *table, uint8_t id)
{
    uint8_t bytes[32];
    struct store_command command;
    bool found;
    memset(bytes, id, sizeof bytes);
    must(world, store_command_find(world->store, table, bytes, &world->arena, &found, &command, &world->err));
    if (!found) return NULL;
    assert_int_equal(command.request_hash[31], id + 1);
    return arena_strn(&world->arena, (char *)command.reply.data, command.reply.len);
}

static const char *reply_of(struct world *world, uint8_t id) { return reply_from(world, NULL, id); }

static void a_command_is_remembered_with_its_write(void **state)
{
    struct world *world = *state;
    struct store_command first = command_of(1, "seat 4", 1000), row = command_of(2, "", 1000);
    struct store_write write = {.command = &row};
    assert_durable(world, append_command(world, 1, &first));
    assert_durable(world, person_put(world, (struct person){.id = "u1", .username = "ada"}, 0, &write));
    assert_string_equal(reply_of(world, 1), "seat 4");
    assert_string_equal(reply_from(world, "user", 2), "");
    assert_null(reply_of(world, 3));
    assert_null(reply_from(world, "user", 3));
    world_reopen(world, TABLES);
    assert_string_equal(reply_of(world, 1), "seat 4");
}

static void a_failed_write_leaves_no_command(void **state)
{
    struct world *world = *state;
    struct store_command command = command_of(1, "lost", 1000), retried = command_of(1, "seat 4", 1001);
    assert_failed(world, append_command(world, 9, &command), IS(CONFLICT));
    assert_null(reply_of(world, 1));
    assert_durable(world, append_command(world, 1, &retried));
    assert_string_equal(reply_of(world, 1), "seat 4");
}

static void commands_expire_after_a_day(void **state)
{
    struct world *world = *state;
    const int64_t day = 24 * 3600 * 1000;
    struct store_command old = command_of(1, "old", 1000), young = command_of(2, "young", 1000 + day);
    struct store_command reused = command_of(1, "new", 1001 + day);
    append_command(world, 1, &old);
    assert_durable(world, append_command(world, 2, &young));
    must(world, store_expire_commands(world->store, 1000 + day, &world->err));
    assert_string_equal(reply_of(world, 1), "old");           // just a day old
    assert_durable(world, append_command(world, 3, &reused)); // older than a day: as if it were gone
    assert_string_equal(reply_of(world, 1), "new");
    must(world, store_expire_commands(world->store, 1001 + 2 * day, &world->err));
    assert_null(reply_of(world, 2));
    assert_string_equal(reply_of(world, 1), "new");
}

static void many_commands_expire_in_steps(void **state)
{
    struct world *world = *state;
    uint64_t ticket = 0;
    for (uint64_t i = 0; i < 9000; i++) {
        struct store_command command = command_of(0, "r", 1000);
        memcpy(command.id, &i, sizeof i);
        ticket = append_command(world, i + 1, &command);
        if (!store_accepts(world->store, NULL)) assert_durable(world, ticket);
    }
    struct store_command last = command_of(7, "last", 3000);
    assert_durable(world, append_command(world, 9001, &last));
    must(world, store_expire_commands(world->store, 2000 + 24 * 3600 * 1000, &world->err));
    assert_null(reply_of(world, 0));
    assert_string_equal(reply_of(world, 7), "last");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_command_is_remembered_with_its_write),
        TEST(a_failed_write_leaves_no_command),
        TEST(commands_expire_after_a_day),
        TEST(many_commands_expire_in_steps),
    };
    return WORLD_RUN("store: commands", tests);
}
