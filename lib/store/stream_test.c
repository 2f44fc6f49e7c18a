// Streams, their snapshots and heads. Appends that wait together may become one in a shared store, so where
// one ends counts, each is waited for.
#include "lib/base/metrics.h"
#include "lib/store/testing/world.h"

static uint64_t oldest(struct world *world, const char *stream)
{
    uint64_t seq;
    must(world, store_oldest(world->store, stream, &seq, &world->err));
    return seq;
}

// ---- Streams

static void a_stream_is_read_from_any_entry(void **state)
{
    struct world *world = *state;
    assert_durable(world, append(world, "song", 1, "one"));
    assert_durable(world, append(world, "song", 2, "two"));
    assert_durable(world, append(world, "song", 3, "three"));
    assert_string_equal(stream_text(world, "song", 0, 10), "one two three");
    assert_string_equal(stream_text(world, "song", 1, 2), "one two");
    assert_string_equal(stream_text(world, "song", 2, 10), "two three");
    assert_string_equal(stream_text(world, "song", 4, 10), "");
    assert_string_equal(stream_text(world, "song", UINT64_MAX, 10), "");
    assert_string_equal(stream_text(world, "song", 1, 0), "");
    assert_string_equal(stream_text(world, "silence", 1, 10), "");
    assert_int_equal(head(world, "song"), 3);
    assert_int_equal(head(world, "silence"), 0);
}

static void reads_of_entries_are_counted(void **state)
{
    struct world *world = *state;
    world->metrics = metrics_create();
    struct metric *reads = metrics_counter(world->metrics, "conse_store_reads_total", "", "");
    world_reopen(world, TABLES);
    assert_durable(world, append(world, "song", 1, "one"));
    int64_t before = metric_value(reads);
    assert_string_equal(stream_text(world, "song", 1, 10), "one");
    assert_string_equal(stream_text(world, "song", 1, 0), "");
    assert_int_equal(metric_value(reads) - before, 1);
    world_close(world);
    metrics_destroy(world->metrics);
}

// The value of a series as it is written.
static double value_of(struct world *world, const char *series)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    metrics_write(world->metrics, &text);
    const char *at = strstr(text.bytes, series);
    if (!at) fail_msg("no %s in %s", series, text.bytes);
    double value = at ? strtod(at + strlen(series), NULL) : -1;
    buf_finish(&text);
    return value;
}

static void commits_are_measured(void **state)
{
    struct world *world = *state;
    world->metrics = metrics_create();
    world_reopen(world, TABLES);
    double before = value_of(world, "\nconse_store_commit_seconds_count ");
    assert_durable(world, append(world, "song", 1, "one"));
    assert_failed(world, append(world, "song", 1, "other"), IS(CONFLICT));
    assert_true(value_of(world, "\nconse_store_commit_seconds_count ") == before + 2);
    assert_true(value_of(world, "\nconse_store_commit_seconds_sum ") > 0);
    assert_true(value_of(world, "\nconse_store_waiting ") == 0);
    assert_true(value_of(world, "\nconse_store_full ") == 0);
    world_close(world);
    metrics_destroy(world->metrics);
}

static void an_append_needs_the_next_sequence(void **state)
{
    struct world *world = *state;
    assert_failed(world, append(world, "song", 2, "two"), IS(CONFLICT));
    assert_durable(world, append(world, "song", 1, "one"));
    assert_failed(world, append(world, "song", 1, "other"), IS(CONFLICT));
    assert_failed(world, append(world, "song", 3, "three"), IS(CONFLICT));
    assert_durable(world, append(world, "song", 2, "two"));
    assert_string_equal(stream_text(world, "song", 1, 10), "one two");
}

static void several_entries_are_one_append(void **state)
{
    struct world *world = *state;
    ProtobufCBinaryData verse[] = {
        {3, (uint8_t *)"one"}, {0, NULL}, {5, (uint8_t *)"three"}, {4, (uint8_t *)"four"}};
    assert_durable(world, append(world, "song", 1, "zero"));
    assert_durable(world, store_append(world->store, "song", 2, verse, 4, NULL));
    assert_durable(world, append(world, "song", 6, "five"));
    assert_string_equal(stream_text(world, "song", 1, 10), "zero one  three four five");
    assert_string_equal(stream_text(world, "song", 4, 10), "three four five");
    assert_string_equal(stream_text(world, "song", 4, 1), "three four"); // a page ends with an append
    assert_string_equal(stream_text(world, "song", 2, 3), "one  three four");
    assert_failed(world, store_append(world->store, "song", 5, verse, 4, NULL), IS(CONFLICT)); // overlaps
    assert_int_equal(head(world, "song"), 6);
}

static void entries_are_bytes_of_any_kind_and_size(void **state)
{
    struct world *world = *state;
    struct store_entries entries;
    size_t len = 300000;
    uint8_t *bytes = malloc(len);
    for (size_t i = 0; i < len; i++) bytes[i] = (uint8_t)(i * 7 >> 3);
    ProtobufCBinaryData all[] = {{0, NULL}, {len, bytes}};
    store_append(world->store, "s", 1, all, 1, NULL);
    store_append(world->store, "s", 2, all + 1, 1, NULL);
    assert_durable(world, store_append(world->store, "s", 3, all, 2, NULL));
    must(world, store_read(world->store, "s", 1, 10, &world->arena, &entries, &world->err));
    assert_int_equal(entries.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(entries.entries[i].len, i % 2 ? len : 0);
        if (i % 2) assert_memory_equal(entries.entries[i].data, bytes, len);
    }
    free(bytes);
}

static void a_page_says_whether_entries_follow(void **state)
{
    struct world *world = *state;
    struct store_entries page;
    ProtobufCBinaryData verse[] = {{3, (uint8_t *)"two"}, {5, (uint8_t *)"three"}};
    assert_durable(world, append(world, "song", 1, "one"));
    assert_durable(world, store_append(world->store, "song", 2, verse, 2, NULL));
    must(world, store_read(world->store, "song", 1, 1, &world->arena, &page, &world->err));
    assert_true(page.more && page.count == 1 && !page.ended);
    must(world, store_read(world->store, "song", 1, 10, &world->arena, &page, &world->err));
    assert_true(!page.more && page.count == 3 && !page.ended);
    must(world, store_read(world->store, "song", 4, 10, &world->arena, &page, &world->err));
    assert_true(!page.more && page.count == 0 && !page.ended);
    must(world, store_read(world->store, "silence", 1, 10, &world->arena, &page, &world->err));
    assert_true(!page.more && page.count == 0 && !page.ended);
}

static bool has_ended(struct world *world, const char *stream)
{
    struct store_entries page;
    must(world, store_read(world->store, stream, 1, 10, &world->arena, &page, &world->err));
    return page.ended && !page.count && !page.more;
}

static void a_deleted_stream_is_gone_for_good(void **state)
{
    struct world *world = *state;
    append(world, "other", 1, "stays");
    append(world, "song", 1, "one");
    store_snapshot(world->store, "song", 1, (ProtobufCBinaryData){5, (uint8_t *)"state"});
    uint64_t gone = store_delete_stream(world->store, "song", 0, NULL), seq;
    ProtobufCBinaryData snapshot;
    assert_durable(world, gone);
    assert_int_equal(head(world, "song"), 0);
    must(world, store_read_snapshot(world->store, "song", &world->arena, &seq, &snapshot, &world->err));
    assert_int_equal(seq, 0);
    ProtobufCBinaryData entry = {3, (uint8_t *)"two"};
    for (int restarted = 0; restarted < 2; restarted++) {
        assert_failed(world, append(world, "song", 1, "again"), IS(CONFLICT));
        assert_failed(world, append(world, "song", 2, "two"), IS(CONFLICT));
        assert_failed(world, append(world, "song", 3, "three"), IS(CONFLICT));
        assert_failed(world, store_append_next(world->store, "song", &entry, 1, NULL), IS(CONFLICT));
        assert_failed(world, store_snapshot(world->store, "song", 1, entry), IS(CONFLICT));
        assert_true(has_ended(world, "song"));
        assert_int_equal(oldest(world, "song"), 0);
        must(world, store_trim_stream(world->store, "song", 9, &world->err));
        assert_durable(world, store_delete_stream(world->store, "song", 0, NULL)); // it is
        assert_failed(world, store_delete_stream(world->store, "song", 1, NULL), IS(CONFLICT));
        world_reopen(world, TABLES);
    }
    assert_false(has_ended(world, "other"));
    assert_string_equal(stream_text(world, "other", 1, 10), "stays");
}

static void a_deletion_may_expect_the_newest_entry(void **state)
{
    struct world *world = *state;
    append(world, "song", 1, "one");
    assert_durable(world, append(world, "song", 2, "two"));
    assert_failed(world, store_delete_stream(world->store, "song", 1, NULL), IS(CONFLICT));
    assert_failed(world, store_delete_stream(world->store, "song", 3, NULL), IS(CONFLICT));
    assert_failed(world, store_delete_stream(world->store, "silence", 1, NULL), IS(CONFLICT));
    assert_string_equal(stream_text(world, "song", 1, 10), "one two");
    assert_durable(world, store_delete_stream(world->store, "song", 2, NULL));
    assert_true(has_ended(world, "song"));
}

static void what_never_was_is_not_deleted_unless_it_is_restored(void **state)
{
    struct world *world = *state;
    const struct store_write restoring = {.begins = true};
    assert_durable(world, store_delete_stream(world->store, "song", 0, NULL));
    assert_false(has_ended(world, "song"));
    assert_durable(world, append(world, "song", 1, "one"));
    assert_durable(world, store_delete_stream(world->store, "tune", 7, &restoring));
    assert_true(has_ended(world, "tune"));
    assert_failed(world, append(world, "tune", 1, "one"), IS(CONFLICT));
}

static void a_trimmed_stream_starts_later(void **state)
{
    struct world *world = *state;
    struct store_entries entries;
    for (uint64_t seq = 1; seq <= 4; seq++) assert_durable(world, append(world, "song", seq, "old"));
    assert_durable(world, append(world, "song", 5, "five"));
    assert_durable(world, append(world, "other", 1, "stays"));
    assert_int_equal(oldest(world, "song"), 1);
    must(world, store_trim_stream(world->store, "song", 4, &world->err));
    for (int restarted = 0; restarted < 2; restarted++) {
        assert_int_equal(oldest(world, "song"), 4);
        assert_int_equal(head(world, "song"), 5);
        must(world, store_read(world->store, "song", 2, 10, &world->arena, &entries, &world->err));
        assert_int_equal(entries.first_seq, 4);
        assert_int_equal(entries.count, 2);
        assert_string_equal(stream_text(world, "song", 5, 10), "five");
        assert_string_equal(stream_text(world, "other", 1, 10), "stays");
        world_reopen(world, TABLES);
    }
    assert_failed(world, append(world, "song", 4, "four"), IS(CONFLICT));
    assert_durable(world, append(world, "song", 6, "six"));
    must(world, store_trim_stream(world->store, "song", 4, &world->err)); // again: nothing is below
    assert_string_equal(stream_text(world, "song", 1, 10), "old five six");
    assert_int_equal(oldest(world, "silence"), 0);
    must(world, store_trim_stream(world->store, "silence", 4, &world->err));
}

static void a_trim_leaves_the_newest_append_and_splits_none(void **state)
{
    struct world *world = *state;
    ProtobufCBinaryData verse[] = {{3, (uint8_t *)"one"}, {3, (uint8_t *)"two"}, {5, (uint8_t *)"three"}};
    assert_durable(world, store_append(world->store, "song", 1, verse, 3, NULL));
    assert_durable(world, store_append(world->store, "song", 4, verse, 3, NULL));
    must(world, store_trim_stream(world->store, "song", 3, &world->err));
    assert_string_equal(stream_text(world, "song", 1, 10), "one two three one two three");
    must(world, store_trim_stream(world->store, "song", UINT64_MAX, &world->err));
    assert_int_equal(oldest(world, "song"), 4);
    world_reopen(world, TABLES);
    assert_int_equal(head(world, "song"), 6);
    assert_durable(world, append(world, "song", 7, "seven"));
}

static void a_long_trim_goes_in_steps(void **state)
{
    struct world *world = *state;
    uint64_t ticket = 0;
    for (uint64_t seq = 1; seq <= 9000; seq++) {
        ticket = append(world, "song", seq, "x");
        if (seq >= 8998 || !store_accepts(world->store, NULL)) assert_durable(world, ticket);
    }
    must(world, store_trim_stream(world->store, "song", 8999, &world->err));
    assert_int_equal(oldest(world, "song"), 8999);
    assert_int_equal(head(world, "song"), 9000);
}

static void a_stream_may_begin_late_when_it_is_restored(void **state)
{
    struct world *world = *state;
    const struct store_write restoring = {.begins = true};
    ProtobufCBinaryData entry = {3, (uint8_t *)"six"};
    assert_durable(world, store_append(world->store, "song", 6, &entry, 1, &restoring));
    assert_failed(world, store_append(world->store, "song", 8, &entry, 1, &restoring), IS(CONFLICT));
    assert_durable(world, append(world, "song", 7, "seven"));
    assert_int_equal(oldest(world, "song"), 6);
    assert_string_equal(stream_text(world, "song", 1, 10), "six seven");
}

static void streams_survive_reopening(void **state)
{
    struct world *world = *state;
    append(world, "song", 1, "one");
    append(world, "song", 2, "two"); // nobody waits: closing commits
    world_reopen(world, TABLES);
    assert_string_equal(stream_text(world, "song", 1, 10), "one two");
    assert_failed(world, append(world, "song", 2, "other"), IS(CONFLICT));
    assert_durable(world, append(world, "song", 3, "three"));
}

static void more_streams_than_are_remembered(void **state)
{
    struct world *world = *state;
    char name[32];
    uint64_t ticket = 0;
    for (uint64_t seq = 1; seq <= 2; seq++)
        for (int i = 0; i < 3000; i++) {
            snprintf(name, sizeof name, "s%d", i);
            ticket = append(world, name, seq, seq == 1 ? "one" : "two");
        }
    assert_durable(world, ticket);
    for (int i = 0; i < 3000; i += 97) {
        snprintf(name, sizeof name, "s%d", i);
        assert_string_equal(stream_text(world, name, 1, 10), "one two");
    }
}

// ---- Snapshots and heads

static void the_newest_snapshot_is_kept(void **state)
{
    struct world *world = *state;
    uint64_t seq;
    ProtobufCBinaryData snapshot;
    append(world, "a", 1, "a1");
    store_snapshot(world->store, "a", 1, (ProtobufCBinaryData){3, (uint8_t *)"one"});
    append(world, "a", 2, "a2");
    assert_durable(world, store_snapshot(world->store, "a", 2, (ProtobufCBinaryData){3, (uint8_t *)"two"}));
    must(world, store_read_snapshot(world->store, "a", &world->arena, &seq, &snapshot, &world->err));
    assert_int_equal(seq, 2);
    assert_memory_equal(snapshot.data, "two", 3);
    must(world, store_read_snapshot(world->store, "b", &world->arena, &seq, &snapshot, &world->err));
    assert_int_equal(seq, 0);
}

static void heads_are_listed_by_prefix_and_page(void **state)
{
    struct world *world = *state;
    struct store_head *heads;
    size_t count;
    append(world, "events.1", 1, "x");
    append(world, "events.1", 2, "x");
    append(world, "events.2", 1, "x");
    append(world, "events.3", 1, "x");
    append(world, "events.0", 1, "x");
    store_delete_stream(world->store, "events.0", 1, NULL);
    append(world, "eventual", 1, "x");
    assert_durable(world, append(world, "users.1", 1, "x"));
    must(world, store_heads(world->store, "events.", NULL, 2, &world->arena, &heads, &count, &world->err));
    assert_int_equal(count, 2);
    assert_string_equal(heads[0].stream, "events.1");
    assert_int_equal(heads[0].seq, 2);
    must(world, store_heads(world->store, "events.", heads[1].stream, 2, &world->arena, &heads, &count,
                            &world->err));
    assert_int_equal(count, 1);
    assert_string_equal(heads[0].stream, "events.3");
    must(world, store_heads(world->store, "", "", 100, &world->arena, &heads, &count, &world->err));
    assert_int_equal(count, 5);
    must(world, store_heads(world->store, "none", NULL, 100, &world->arena, &heads, &count, &world->err));
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stream_is_read_from_any_entry),
        TEST(reads_of_entries_are_counted),
        TEST(commits_are_measured),
        TEST(an_append_needs_the_next_sequence),
        TEST(several_entries_are_one_append),
        TEST(entries_are_bytes_of_any_kind_and_size),
        TEST(a_page_says_whether_entries_follow),
        TEST(a_deleted_stream_is_gone_for_good),
        TEST(a_deletion_may_expect_the_newest_entry),
        TEST(what_never_was_is_not_deleted_unless_it_is_restored),
        TEST(a_trimmed_stream_starts_later),
        TEST(a_trim_leaves_the_newest_append_and_splits_none),
        TEST(a_long_trim_goes_in_steps),
        TEST(a_stream_may_begin_late_when_it_is_restored),
        TEST(streams_survive_reopening),
        TEST(more_streams_than_are_remembered),
        TEST(the_newest_snapshot_is_kept),
        TEST(heads_are_listed_by_prefix_and_page),
    };
    return WORLD_RUN("store: streams", tests);
}
