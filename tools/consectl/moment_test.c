#include "tools/consectl/moment.h"
#include "lib/store/testing/world.h"

static uint64_t make(struct world *world, const char *stream, const char *text, struct store_source source)
{
    const ProtobufCBinaryData entry = {strlen(text), (uint8_t *)text};
    const struct store_write write = {.source = source};
    return store_append_next(world->store, stream, &entry, 1, &write);
}

struct dumped {
    struct moment *moment;
    char text[256];
};

static bool take_item(void *arg, const struct store_item *item, struct err *err)
{
    struct dumped *dumped = arg;
    size_t len = strlen(dumped->text);
    (void)err;
    if (item->table || !moment_has(dumped->moment, item)) return true;
    snprintf(dumped->text + len, sizeof dumped->text - len, "%s%.*s", len ? " " : "",
             item->ended ? 3 : (int)item->bytes.len, item->ended ? "end" : (const char *)item->bytes.data);
    return true;
}

// What a dump has of the streams, whose moment was noted before.
static void assert_dumped(struct world *world, struct moment *moment, const char *text)
{
    struct dumped dumped = {.moment = moment};
    must(world, store_each(world->store, take_item, &dumped, &world->err));
    assert_string_equal(dumped.text, text);
    moment_finish(moment);
}

static void what_is_written_behind_it_is_left_out(void **state)
{
    struct world *world = *state;
    struct moment moment = {.store = world->store};
    append(world, "a.song", 1, "one");
    assert_durable(world, append(world, "b.song", 1, "two"));
    must(world, moment_note(&moment, &world->err));
    append(world, "a.song", 2, "late");
    append(world, "a.song", 3, "later");
    append(world, "b.song", 2, "late");
    assert_durable(world, append(world, "c.song", 1, "new"));
    must(world, moment_note(&moment, &world->err)); // it is noted once
    assert_dumped(world, &moment, "one two");
}

// Heads are read by and by: an entry may be within its stream's, and what it was made from behind the
// other's.
static void what_is_made_from_it_is_left_out_with_all_behind_it(void **state)
{
    struct world *world = *state;
    struct moment moment = {.store = world->store};
    append(world, "a.song", 1, "one");
    make(world, "b.told", "told", (struct store_source){"a.song", 1, 0});
    make(world, "b.told", "early", (struct store_source){"a.song", 2, 0});
    assert_durable(world, make(world, "b.told", "behind", (struct store_source){"a.song", 1, 7}));
    must(world, moment_note(&moment, &world->err));
    assert_dumped(world, &moment, "one told");
}

static void what_comes_from_rows_or_another_store_is_left_alone(void **state)
{
    struct world *world = *state;
    struct moment moment = {.store = world->store};
    make(world, "b.told", "row", (struct store_source){"accounts/1", 9, 0});
    assert_durable(world, make(world, "b.told", "other", (struct store_source){"a.song", 9, 7}));
    must(world, moment_note(&moment, &world->err));
    assert_dumped(world, &moment, "row other");
}

static void a_stream_that_was_deleted_meanwhile_has_ended(void **state)
{
    struct world *world = *state;
    struct moment moment = {.store = world->store};
    assert_durable(world, append(world, "a.song", 1, "one"));
    must(world, moment_note(&moment, &world->err));
    assert_durable(world, store_delete_stream(world->store, "a.song", 1, NULL));
    assert_dumped(world, &moment, "end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_behind_it_is_left_out),
        TEST(what_is_made_from_it_is_left_out_with_all_behind_it),
        TEST(what_comes_from_rows_or_another_store_is_left_alone),
        TEST(a_stream_that_was_deleted_meanwhile_has_ended),
    };
    return WORLD_RUN_SHARED("moment", tests);
}
