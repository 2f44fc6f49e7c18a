// What is redacted is gone for every reader, and from the store's files; all else stays.
#include <fcntl.h>
#include <unistd.h>

#include "lib/store/testing/world.h"

static uint64_t redact(struct world *world, uint64_t seq, const char *stub)
{
    const ProtobufCBinaryData bytes = {strlen(stub), (uint8_t *)stub};
    return store_redact(world->store, "song", seq, bytes, NULL);
}

static uint64_t append_three(struct world *world, uint64_t seq)
{
    const ProtobufCBinaryData entries[] = {{1, (uint8_t *)"a"}, {4, (uint8_t *)"word"}, {1, (uint8_t *)"c"}};
    return store_append(world->store, "song", seq, entries, 3, NULL);
}

static void one_entry_says_something_else(void **state)
{
    struct world *world = *state;
    assert_durable(world, append(world, "song", 1, "one"));
    assert_durable(world, append(world, "song", 2, "secret"));
    assert_durable(world, append(world, "other", 1, "secret"));
    assert_durable(world, redact(world, 2, "-"));
    for (int restarted = 0; restarted < 2; restarted++) {
        assert_string_equal(stream_text(world, "song", 1, 10), "one -");
        assert_string_equal(stream_text(world, "other", 1, 10), "secret");
        assert_int_equal(head(world, "song"), 2);
        world_reopen(world, TABLES);
    }
    assert_durable(world, append(world, "song", 3, "three"));
    assert_string_equal(stream_text(world, "song", 1, 10), "one - three");
}

static void an_entry_among_others_leaves_them_alone(void **state)
{
    struct world *world = *state;
    assert_durable(world, append_three(world, 1));
    assert_durable(world, append_three(world, 4));
    assert_durable(world, redact(world, 5, "a longer stub"));
    assert_string_equal(stream_text(world, "song", 1, 10), "a word c a a longer stub c");
    assert_durable(world, redact(world, 2, ""));
    assert_string_equal(stream_text(world, "song", 1, 10), "a  c a a longer stub c");
    assert_durable(world, redact(world, 2, ""));
    assert_durable(world, redact(world, 6, "x"));
    assert_durable(world, redact(world, 4, "y"));
    assert_string_equal(stream_text(world, "song", 1, 10), "a  c y a longer stub x");
}

static void what_is_not_there_is_no_failure(void **state)
{
    struct world *world = *state;
    assert_durable(world, redact(world, 1, "-"));
    assert_int_equal(head(world, "song"), 0);
    assert_durable(world, append(world, "song", 1, "one"));
    assert_durable(world, redact(world, 2, "-"));
    assert_durable(world, redact(world, UINT64_MAX, "-"));
    assert_string_equal(stream_text(world, "song", 1, 10), "one");
    assert_durable(world, append(world, "song", 2, "two"));
    must(world, store_trim_stream(world->store, "song", 2, &world->err));
    assert_durable(world, redact(world, 1, "-"));
    assert_string_equal(stream_text(world, "song", 1, 10), "two");
    assert_durable(world, store_delete_stream(world->store, "song", 2, NULL));
    assert_durable(world, redact(world, 2, "-"));
    assert_string_equal(stream_text(world, "song", 1, 10), "");
}

static void what_an_append_carries_stays(void **state)
{
    struct world *world = *state;
    const ProtobufCBinaryData entry = {6, (uint8_t *)"secret"};
    const struct store_write write = {.attached = {4, (uint8_t *)"keys"}, .source = {"there", 7, 0}};
    ProtobufCBinaryData attached;
    assert_durable(world, store_append_next(world->store, "song", &entry, 1, &write));
    assert_durable(world, redact(world, 1, "-"));
    must(world, store_attached(world->store, "song", 1, &world->arena, &attached, &world->err));
    assert_int_equal(attached.len, 4);
    assert_durable(world, store_append_next(world->store, "song", &entry, 1, &write)); // was made already
    assert_string_equal(stream_text(world, "song", 1, 10), "-");
}

static void it_rests_on_what_it_is_told_to(void **state)
{
    struct world *world = *state;
    assert_durable(world, append(world, "song", 1, "one"));
    const ProtobufCBinaryData stub = {1, (uint8_t *)"-"};
    const struct store_write write = {.after = append(world, "song", 7, "far")};
    assert_failed(world, store_redact(world->store, "song", 1, stub, &write), IS(CONFLICT));
    assert_string_equal(stream_text(world, "song", 1, 10), "one");
    assert_durable(world, append(world, "song", 2, "two")); // no write depends on it
}

// ---- Files

static bool file_has(const char *path, const char *text)
{
    static char bytes[64 << 20];
    int fd = open(path, O_RDONLY);
    if (fd < 0) return false;
    ssize_t len = read(fd, bytes, sizeof bytes);
    close(fd);
    assert_true(len >= 0 && (size_t)len < sizeof bytes);
    return memmem(bytes, (size_t)len, text, strlen(text));
}

static bool files_have(const struct world *world, const char *text)
{
    char log[128];
    snprintf(log, sizeof log, "%s-wal", world->path);
    return file_has(world->path, text) || file_has(log, text);
}

enum { SONGS = 7, VERSES = 400 };

static uint64_t write_verse(struct world *world, unsigned song, unsigned verse, size_t len)
{
    char stream[16], text[6000];
    snprintf(stream, sizeof stream, "song%u", song);
    memset(text, 'x', sizeof text);
    memcpy(text, "NEEDLE", 6);
    const ProtobufCBinaryData entry = {len, (uint8_t *)text};
    return store_append(world->store, stream, verse, &entry, 1, NULL);
}

// Of all sizes, between others, so that pages are split, and into pages of their own.
static void fill_songs(struct world *world)
{
    for (unsigned verse = 1; verse <= VERSES; verse++)
        for (unsigned song = 0; song < SONGS; song++)
            assert_durable(world, write_verse(world, song, verse,
                                              6 + (verse * 37 + song * 11) % 300 + (verse % 50 ? 0 : 5000)));
}

static void what_was_said_is_in_no_file(void **state)
{
    struct world *world = *state;
    char stream[16];
    uint64_t ticket = 0;
    const ProtobufCBinaryData stub = {4, (uint8_t *)"gone"};
    fill_songs(world);
    assert_true(files_have(world, "NEEDLE"));
    for (unsigned song = 0; song < SONGS; song++)
        for (unsigned verse = 1; verse <= VERSES; verse++) {
            snprintf(stream, sizeof stream, "song%u", song);
            ticket = store_redact(world->store, stream, verse, stub, NULL);
        }
    assert_durable(world, ticket);
    assert_durable(world, append(world, "other", 1, "the next group")); // behind the turn of the log
    assert_false(files_have(world, "NEEDLE"));
    assert_true(files_have(world, "gone"));
    for (unsigned song = 0; song < SONGS; song++) {
        snprintf(stream, sizeof stream, "song%u", song);
        assert_int_equal(head(world, stream), VERSES);
        assert_int_equal(strlen(stream_text(world, stream, 1, VERSES)), 5 * VERSES - 1);
    }
    assert_durable(world, write_verse(world, 3, VERSES + 1, 6)); // the file goes on being one
    world_reopen(world, TABLES);
    assert_int_equal(head(world, "song3"), VERSES + 1);
}

// Also of a store that is closed then.
static void the_log_is_emptied_with_the_next_write(void **state)
{
    struct world *world = *state;
    assert_durable(world, append(world, "song", 1, "NEEDLE"));
    assert_durable(world, redact(world, 1, "-"));
    assert_durable(world, append(world, "other", 1, "x"));
    assert_false(files_have(world, "NEEDLE"));
    world_close(world);
    assert_false(files_have(world, "NEEDLE"));
    must(world, world_open(world, TABLES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_entry_says_something_else),   TEST(an_entry_among_others_leaves_them_alone),
        TEST(what_is_not_there_is_no_failure), TEST(what_an_append_carries_stays),
        TEST(it_rests_on_what_it_is_told_to),
    };
    const struct CMUnitTest files[] = {
        TEST(what_was_said_is_in_no_file),
        TEST(the_log_is_emptied_with_the_next_write),
    };
    int failed = WORLD_RUN("store: redact", tests);
    snprintf(world_kind, sizeof world_kind, "sqlite:");
    return failed + cmocka_run_group_tests_name("store: redact in files", files, NULL, NULL);
}
