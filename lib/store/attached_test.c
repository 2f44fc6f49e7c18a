// What an append carries beside its entries: stored with them, read by the append's number, gone with them.
#include "lib/store/testing/pair.h"
#include "lib/store/testing/world.h"

static struct store_write carrying(const char *attached)
{
    return (struct store_write){.attached = {strlen(attached), (uint8_t *)attached}};
}

// Of the entry "E", or several.
static uint64_t append_with(struct world *world, uint64_t seq, size_t count, const char *attached)
{
    const ProtobufCBinaryData entries[3] = {{1, (uint8_t *)"E"}, {1, (uint8_t *)"E"}, {1, (uint8_t *)"E"}};
    const struct store_write write = carrying(attached);
    return store_append(world->store, "song", seq, entries, count, &write);
}

// "" when there is nothing.
static const char *attached_to(struct world *world, uint64_t seq)
{
    ProtobufCBinaryData attached;
    must(world, store_attached(world->store, "song", seq, &world->arena, &attached, &world->err));
    return arena_printf(&world->arena, "%.*s", (int)attached.len, (const char *)attached.data);
}

static void it_is_read_by_the_append_s_first_entry(void **state)
{
    struct world *world = *state;
    assert_durable(world, append_with(world, 1, 2, "words"));
    assert_durable(world, append(world, "song", 3, "E"));
    assert_durable(world, append_with(world, 4, 1, "chords"));
    for (int restarted = 0; restarted < 2; restarted++) {
        assert_string_equal(attached_to(world, 1), "words");
        assert_string_equal(attached_to(world, 2), "");
        assert_string_equal(attached_to(world, 3), "");
        assert_string_equal(attached_to(world, 4), "chords");
        assert_string_equal(attached_to(world, 5), "");
        assert_string_equal(attached_to(world, 0), "");
        assert_string_equal(attached_to(world, UINT64_MAX), "");
        assert_string_equal(stream_text(world, "song", 1, 10), "E E E E");
        world_reopen(world, TABLES);
    }
    assert_string_equal(attached_to(world, 1), "words");
}

static void appends_that_wait_together_keep_each_their_own(void **state)
{
    struct world *world = *state;
    append_with(world, 1, 1, "first");
    append(world, "song", 2, "E");
    append_with(world, 3, 3, "third");
    append_with(world, 6, 1, "sixth");
    assert_durable(world, append(world, "song", 7, "E"));
    assert_string_equal(attached_to(world, 1), "first");
    assert_string_equal(attached_to(world, 2), "");
    assert_string_equal(attached_to(world, 3), "third");
    assert_string_equal(attached_to(world, 6), "sixth");
    assert_string_equal(attached_to(world, 7), "");
    assert_string_equal(stream_text(world, "song", 1, 10), "E E E E E E E");
}

static void it_may_be_of_any_bytes_up_to_its_bound(void **state)
{
    struct world *world = *state;
    static uint8_t bytes[STORE_MOST_ATTACHED];
    const ProtobufCBinaryData entry = {1, (uint8_t *)"E"};
    const struct store_write write = {.attached = {sizeof bytes, bytes}};
    ProtobufCBinaryData attached;
    struct arena small;
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)i;
    assert_durable(world, store_append(world->store, "song", 1, &entry, 1, &write));
    must(world, store_attached(world->store, "song", 1, &world->arena, &attached, &world->err));
    assert_int_equal(attached.len, sizeof bytes);
    assert_memory_equal(attached.data, bytes, sizeof bytes);
    arena_init(&small, sizeof bytes / 2);
    assert_false(store_attached(world->store, "song", 1, &small, &attached, &world->err));
    assert_int_equal(world->err.reason, IS(REPLY_TOO_LARGE));
    arena_finish(&small);
}

static void what_is_refused_or_there_already_leaves_nothing(void **state)
{
    struct world *world = *state;
    const ProtobufCBinaryData entry = {1, (uint8_t *)"E"};
    struct store_write again = carrying("second");
    again.source = (struct store_source){"a", 1, 0};
    assert_failed(world, append_with(world, 2, 1, "too early"), IS(CONFLICT));
    struct store_write once = carrying("first");
    once.source = again.source;
    assert_durable(world, store_append_next(world->store, "song", &entry, 1, &once));
    assert_failed(world, append_with(world, 1, 1, "too late"), IS(CONFLICT));
    assert_durable(world, store_append_next(world->store, "song", &entry, 1, &again));
    assert_string_equal(attached_to(world, 1), "first");
    assert_string_equal(attached_to(world, 2), "");
    assert_int_equal(head(world, "song"), 1);
}

static void it_goes_with_its_entries(void **state)
{
    struct world *world = *state;
    assert_durable(world, append_with(world, 1, 1, "one"));
    assert_durable(world, append_with(world, 2, 1, "two"));
    assert_durable(world, append_with(world, 3, 1, "three"));
    must(world, store_trim_stream(world->store, "song", 3, &world->err));
    assert_string_equal(attached_to(world, 1), "");
    assert_string_equal(attached_to(world, 2), "");
    assert_string_equal(attached_to(world, 3), "three");
    assert_durable(world, store_delete_stream(world->store, "song", 3, NULL));
    assert_string_equal(attached_to(world, 3), "");
    assert_failed(world, append_with(world, 4, 1, "four"), IS(CONFLICT));
    world_reopen(world, TABLES);
    assert_string_equal(attached_to(world, 3), "");
    assert_string_equal(attached_to(world, 4), "");
}

static void it_goes_with_the_first_entry_too(void **state)
{
    struct world *world = *state;
    assert_durable(world, append_with(world, 1, 3, "all"));
    assert_durable(world, store_delete_stream(world->store, "song", 3, NULL));
    assert_string_equal(attached_to(world, 1), "");
}

static bool note_item(void *arg, const struct store_item *item, struct err *err)
{
    char **at = arg;
    (void)err;
    *at += sprintf(*at, "%d:%.*s ", (int)item->version, (int)item->attached.len,
                   (const char *)item->attached.data);
    return true;
}

static void it_is_part_of_the_content(void **state)
{
    struct world *world = *state;
    char seen[128] = "", *at = seen;
    append_with(world, 1, 2, "words");
    append(world, "song", 3, "E");
    assert_durable(world, append_with(world, 4, 1, "chords"));
    must(world, store_each(world->store, note_item, &at, &world->err));
    assert_string_equal(seen, "1:words 2: 3: 4:chords ");
}

// ---- A shared store

static const char *attached_at(struct store *store, struct arena *arena)
{
    ProtobufCBinaryData attached;
    struct err err;
    assert_true(store_attached(store, "song", 1, arena, &attached, &err));
    return arena_printf(arena, "%.*s", (int)attached.len, (const char *)attached.data);
}

static uint64_t begin_song(struct store *store, const char *attached)
{
    const ProtobufCBinaryData entry = {1, (uint8_t *)"E"};
    const struct store_write write = carrying(attached);
    return store_append(store, "song", 1, &entry, 1, &write);
}

static void the_first_of_two_keeps_its_own(void **state)
{
    struct pair *pair = *state;
    assert_durable(pair->a, begin_song(pair->a->store, "first"));
    assert_failed(&pair->b, begin_song(pair->b.store, "second"), IS(CONFLICT));
    assert_string_equal(attached_at(pair->b.store, &pair->b.arena), "first");
}

// The reply to the first one is lost.
static void it_is_the_one_that_was_there_first(void **state)
{
    struct pair *pair = *state;
    struct err err;
    shared_store_set_wire(pair->a->store, SHARED_LOSES_REPLIES);
    uint64_t lost = begin_song(pair->a->store, "first");
    shared_store_await_lost(pair->a->store);
    assert_false(store_wait(pair->b.store, begin_song(pair->b.store, "second"), &err));
    assert_int_equal(err.reason, IS(CONFLICT));
    assert_string_equal(attached_at(pair->b.store, &pair->b.arena), "first");
    shared_store_set_wire(pair->a->store, SHARED_SOUND);
    assert_true(store_wait(pair->a->store, lost, &err));
    assert_string_equal(attached_at(pair->a->store, &pair->a->arena), "first");
}

// The first one's request is.
static void what_never_arrived_attaches_nothing(void **state)
{
    struct pair *pair = *state;
    struct err err;
    shared_store_set_wire(pair->a->store, SHARED_LOSES_REQUESTS);
    uint64_t lost = begin_song(pair->a->store, "first");
    shared_store_await_lost(pair->a->store);
    assert_string_equal(attached_at(pair->b.store, &pair->b.arena), "");
    assert_true(store_wait(pair->b.store, begin_song(pair->b.store, "second"), &err));
    shared_store_set_wire(pair->a->store, SHARED_SOUND);
    assert_false(store_wait(pair->a->store, lost, &err));
    assert_int_equal(err.reason, IS(CONFLICT));
    assert_string_equal(attached_at(pair->a->store, &pair->a->arena), "second");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_read_by_the_append_s_first_entry),
        TEST(appends_that_wait_together_keep_each_their_own),
        TEST(it_may_be_of_any_bytes_up_to_its_bound),
        TEST(what_is_refused_or_there_already_leaves_nothing),
        TEST(it_goes_with_its_entries),
        TEST(it_goes_with_the_first_entry_too),
        TEST(it_is_part_of_the_content),
    };
    const struct CMUnitTest two[] = {PAIR(the_first_of_two_keeps_its_own)};
    const struct CMUnitTest wire[] = {
        PAIR(it_is_the_one_that_was_there_first),
        PAIR(what_never_arrived_attaches_nothing),
    };
    int failed = WORLD_RUN("store: attached", tests) + WORLD_RUN_SHARED("store: attached by two", two);
    snprintf(world_kind, sizeof world_kind, "shared:");
    return failed + cmocka_run_group_tests_name("store: attached on the way", wire, NULL, NULL);
}
