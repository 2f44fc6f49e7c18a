// Appends that take effect once, however often they are made: to wherever a stream ends, each with its
// source.
#include <pthread.h>

#include "lib/store/testing/world.h"

static uint64_t next_from(struct world *world, const char *stream, const char *source, uint64_t seq,
                          const char *text)
{
    const ProtobufCBinaryData entry = {strlen(text), (uint8_t *)text};
    const struct store_write write = {.source = {source, seq, 0}};
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

static uint64_t next_of_print(struct world *world, uint64_t seq, uint64_t print, const char *text)
{
    const ProtobufCBinaryData entry = {strlen(text), (uint8_t *)text};
    const struct store_write write = {.source = {"a", seq, print}};
    return store_append_next(world->store, "song", &entry, 1, &write);
}

static void another_entry_under_the_same_number_is_another_source(void **state)
{
    struct world *world = *state;
    const uint64_t prints[] = {0, 1, 0xfedcba9876543210, UINT64_MAX};
    for (int restarted = 0; restarted < 2; restarted++) {
        for (size_t i = 0; i < 4; i++) {
            next_of_print(world, 105, prints[i], "x"); // twice in one group
            assert_durable(world, next_of_print(world, 105, prints[i], "x"));
            assert_int_equal(head(world, "song"), restarted ? 4 : i + 1);
        }
        world_reopen(world, TABLES);
    }
    assert_durable(world, next_of_print(world, 106, 1, "x"));
    assert_int_equal(head(world, "song"), 5);
}

static void a_source_goes_with_an_expected_sequence_too(void **state)
{
    struct world *world = *state;
    const ProtobufCBinaryData entry = {3, (uint8_t *)"one"};
    const struct store_write write = {.source = {"a", 1, 0}};
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
    const struct store_write resting = {.after = failing, .source = {"a", 2, 0}};
    uint64_t lost = store_append_next(world->store, "song", &entry, 1, &resting);
    assert_failed(world, failing, IS(CONFLICT));
    assert_durable(world, next);
    assert_failed(world, lost, IS(CONFLICT));
    assert_string_equal(stream_text(world, "song", 1, 10), "one");
    assert_durable(world, next_from(world, "song", "a", 2, "two")); // what failed may come again
}

enum { WRITERS = 2, MOST_EACH = 3000 };

// A server that is made for tests finds a document by looking at all of them.
static int of_each_writer(void) { return strncmp(world_kind, "mongodb", 7) == 0 ? 150 : MOST_EACH; }

static void *write_all(void *arg)
{
    struct world *world = arg;
    char text[16];
    uint64_t ticket = 0;
    for (int i = 1; i <= of_each_writer(); i++) {
        snprintf(text, sizeof text, "%d", i);
        ticket = next_from(world, "song", "a", (uint64_t)i, text);
    }
    struct err err;
    return store_wait(world->store, ticket, &err) ? world : NULL;
}

static void two_writers_of_the_same_have_one_effect(void **state)
{
    struct world *world = *state;
    pthread_t threads[WRITERS];
    struct store_entries entries;
    const int each = of_each_writer();
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_all, world), 0);
    for (int i = 0; i < WRITERS; i++) {
        void *done;
        pthread_join(threads[i], &done);
        assert_non_null(done);
    }
    must(world, store_read(world->store, "song", 1, 2 * MOST_EACH, &world->arena, &entries, &world->err));
    assert_int_equal(entries.count, each);
    bool seen[MOST_EACH + 1] = {false};
    for (size_t i = 0; i < entries.count; i++) {
        char text[16];
        snprintf(text, sizeof text, "%.*s", (int)entries.entries[i].len, (char *)entries.entries[i].data);
        int n = atoi(text);
        if (n < 1 || n > each || seen[n])
            fail_msg("%d is once among 1 to %d", n, each);
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
    const struct store_write write = {.source = {"a", 2, 0}},
                             printed = {.source = {"a#1.2", 2, UINT64_MAX - 1}};
    append(world, "song", 1, "one");
    assert_durable(world, store_append_next(world->store, "song", verse, 2, &write));
    assert_durable(world, store_append_next(world->store, "song", verse, 1, &printed));
    snprintf(other.path, sizeof other.path, "%s/other", world->folder);
    world_name_store(&other);
    must(&other, world_open(&other, TABLES));
    must(world, store_each(world->store, copy_item, &(struct copy){world, &other}, &world->err));
    assert_durable(&other, store_append_next(other.store, "song", verse, 2, &write));
    assert_durable(&other, store_append_next(other.store, "song", verse, 1, &printed));
    assert_string_equal(stream_text(&other, "song", 1, 10), "one two three two");
    world_forget(&other);
    arena_finish(&other.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_append_goes_to_wherever_the_stream_ends),
        TEST(what_comes_from_the_same_comes_once),
        TEST(another_entry_under_the_same_number_is_another_source),
        TEST(a_source_goes_with_an_expected_sequence_too),
        TEST(an_append_to_the_end_survives_others_failures),
        TEST(two_writers_of_the_same_have_one_effect),
        TEST(what_is_trimmed_or_deleted_is_forgotten),
        TEST(sources_are_part_of_the_content),
    };
    return WORLD_RUN("store: sources", tests);
}
