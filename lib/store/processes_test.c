// What a shared store promises to several processes: nobody writes over what another wrote meanwhile,
// whatever one remembers of streams and rows.
#include <pthread.h>

#include "lib/base/clock.h"
#include "lib/store/testing/pair.h"

// ---- Streams

// A document of three by b, and then an append by a at each of its offsets and behind it.
static void meet_document(struct pair *pair, const char *stream, bool knows, uint64_t offset, size_t count)
{
    uint64_t first = knows ? 2 : 1;
    if (knows) assert_durable(pair->a, append(pair->a, stream, 1, "mine"));
    assert_durable(&pair->b, append_many(&pair->b, stream, first, 3, "theirs", NULL));
    uint64_t ticket = append_many(pair->a, stream, first + offset, count, "mine", NULL);
    if (offset == 3)
        assert_durable(pair->a, ticket);
    else
        assert_failed(pair->a, ticket, IS(CONFLICT));
    assert_int_equal(head(pair->a, stream), first + 2 + (offset == 3 ? count : 0));
    assert_int_equal(head(&pair->b, stream), head(pair->a, stream));
    assert_string_equal(stream_text(pair->a, stream, first, 3), "theirs theirs theirs");
}

static void no_append_falls_into_a_foreign_document(void **state)
{
    struct pair *pair = *state;
    char stream[32];
    for (int knows = 0; knows < 2; knows++)
        for (uint64_t offset = 0; offset <= 3; offset++)
            for (size_t count = 1; count <= 3; count++) {
                snprintf(stream, sizeof stream, "s%d.%d.%d", knows, (int)offset, (int)count);
                meet_document(pair, stream, knows, offset, count);
            }
}

static void a_stream_begins_once(void **state)
{
    struct pair *pair = *state;
    uint64_t mine = append(pair->a, "song", 1, "mine"), theirs = append(&pair->b, "song", 1, "theirs");
    bool first = wait_for(pair->a, mine), second = wait_for(&pair->b, theirs);
    assert_int_equal(first + second, 1);
    assert_int_equal((first ? &pair->b.err : &pair->a->err)->reason, IS(CONFLICT));
    assert_string_equal(stream_text(pair->a, "song", 1, 10), first ? "mine" : "theirs");
}

static void a_page_of_a_foreign_document_is_whole(void **state)
{
    struct pair *pair = *state;
    struct store_entries page;
    assert_durable(&pair->b, append_many(&pair->b, "song", 1, 3, "x", NULL));
    assert_durable(&pair->b, append(&pair->b, "song", 4, "four"));
    must(pair->a, store_read(pair->a->store, "song", 1, 1, &pair->a->arena, &page, &pair->a->err));
    assert_true(page.count == 3 && page.first_seq == 1 && page.more);
    must(pair->a, store_read(pair->a->store, "song", 2, 1, &pair->a->arena, &page, &pair->a->err));
    assert_true(page.count == 2 && page.first_seq == 2 && page.more);
    for (uint64_t seq = 2; seq <= 4; seq++) // as if the page's end were the stream's
        assert_failed(pair->a, append(pair->a, "song", seq, "mine"), IS(CONFLICT));
    must(pair->a, store_read(pair->a->store, "song", 4, 1, &pair->a->arena, &page, &pair->a->err));
    assert_true(page.count == 1 && !page.ended);
    assert_durable(pair->a, append(pair->a, "song", 5, "five"));
    assert_string_equal(stream_text(&pair->b, "song", 1, 10), "x x x four five");
}

static void a_foreign_deletion_ends_a_stream(void **state)
{
    struct pair *pair = *state;
    struct store_entries page;
    ProtobufCBinaryData entry = {4, (uint8_t *)"mine"};
    bool current;
    append(pair->a, "song", 1, "one");
    assert_durable(pair->a, append(pair->a, "song", 2, "two"));
    assert_durable(&pair->b, store_delete_stream(pair->b.store, "song", 2, NULL));
    assert_failed(pair->a, append(pair->a, "song", 3, "mine"), IS(CONFLICT));
    assert_failed(pair->a, append(pair->a, "song", 1, "mine"), IS(CONFLICT));
    assert_failed(pair->a, append(pair->a, "song", 4, "mine"), IS(CONFLICT));
    assert_failed(pair->a, store_append_next(pair->a->store, "song", &entry, 1, NULL), IS(CONFLICT));
    assert_failed(pair->a, store_delete_stream(pair->a->store, "song", 2, NULL), IS(CONFLICT));
    assert_durable(pair->a, store_delete_stream(pair->a->store, "song", 0, NULL));
    must(pair->a, store_read(pair->a->store, "song", 1, 10, &pair->a->arena, &page, &pair->a->err));
    assert_true(page.ended && !page.more);
    assert_int_equal(head(pair->a, "song"), 0);
    for (uint64_t seq = 0; seq <= 3; seq++) {
        must(pair->a, store_probe(pair->a->store, "song", seq, &current, &pair->a->err));
        assert_false(current);
    }
}

static void a_deletion_meets_a_foreign_append(void **state)
{
    struct pair *pair = *state;
    assert_durable(pair->a, append(pair->a, "song", 1, "one"));
    assert_durable(&pair->b, append(&pair->b, "song", 2, "two"));
    assert_failed(pair->a, store_delete_stream(pair->a->store, "song", 1, NULL), IS(CONFLICT));
    assert_string_equal(stream_text(pair->a, "song", 1, 10), "one two");
    assert_durable(pair->a, store_delete_stream(pair->a->store, "song", 2, NULL));
    assert_failed(&pair->b, append(&pair->b, "song", 3, "three"), IS(CONFLICT));
}

static void an_old_head_fills_no_hole(void **state)
{
    struct pair *pair = *state;
    assert_durable(pair->a, append(pair->a, "song", 1, "one"));
    for (uint64_t seq = 2; seq <= 5; seq++) assert_durable(&pair->b, append(&pair->b, "song", seq, "theirs"));
    must(&pair->b, store_trim_stream(pair->b.store, "song", 5, &pair->b.err));
    for (uint64_t seq = 1; seq <= 5; seq++)
        assert_failed(pair->a, append(pair->a, "song", seq, "mine"), IS(CONFLICT));
    assert_durable(pair->a, append(pair->a, "song", 6, "six"));
    assert_string_equal(stream_text(&pair->b, "song", 1, 10), "theirs six");
}

// A day after, what kept the places of removed entries and rows goes too.
static void what_goes_after_a_day_leaves_no_hole(void **state)
{
    struct pair *pair = *state;
    struct world *a = pair->a, *b = &pair->b;
    struct store_entries page;
    ProtobufCBinaryData entry = {4, (uint8_t *)"mine"};
    uint64_t version;
    for (uint64_t seq = 1; seq <= 5; seq++) {
        assert_durable(a, append(a, "trimmed", seq, "x"));
        assert_durable(a, append(a, "deleted", seq, "x"));
        assert_durable(a, append(a, "whole", seq, "x"));
    }
    assert_durable(a, person_put(a, (struct person){.id = "u1", .username = "ada"}, 0, NULL));
    must(a, store_trim_stream(a->store, "trimmed", 5, &a->err));
    must(a, store_trim_stream(a->store, "deleted", 3, &a->err));
    assert_durable(a, store_delete_stream(a->store, "deleted", 5, NULL));
    assert_durable(a, store_delete_stream(a->store, "whole", 5, NULL));
    assert_durable(a, store_delete(a->store, USERS, "u1", 1, NULL));
    must(a, store_expire_commands(a->store, clock_unix_ms() + 25 * 3600 * 1000, &a->err));
    world_reopen(b, TABLES); // it knows nothing
    for (uint64_t seq = 1; seq <= 5; seq++) {
        assert_failed(b, append(b, "trimmed", seq, "mine"), IS(CONFLICT));
        assert_failed(b, append(b, "deleted", seq, "mine"), IS(CONFLICT));
        assert_failed(b, append(b, "whole", seq, "mine"), IS(CONFLICT));
    }
    assert_failed(b, store_append_next(b->store, "deleted", &entry, 1, NULL), IS(CONFLICT));
    must(b, store_read(b->store, "deleted", 1, 10, &b->arena, &page, &b->err));
    assert_true(page.ended && !page.count);
    assert_durable(b, append(b, "trimmed", 6, "six"));
    assert_string_equal(stream_text(a, "trimmed", 1, 10), "x six");
    assert_durable(b, person_put(b, (struct person){.id = "u1", .username = "ada"}, 0, NULL));
    assert_non_null(person_get(a, "u1", &version));
}

static void an_entry_is_told_by_its_writer(void **state)
{
    struct pair *pair = *state;
    struct store_entries page;
    assert_durable(pair->a, append(pair->a, "song", 1, "one"));
    assert_durable(&pair->b, append(&pair->b, "song", 2, "two"));
    must(pair->a, store_read(pair->a->store, "song", 1, 10, &pair->a->arena, &page, &pair->a->err));
    assert_string_equal(page.by, "b");
    must(pair->a, store_read(pair->a->store, "song", 1, 1, &pair->a->arena, &page, &pair->a->err));
    assert_string_equal(page.by, "a");
    assert_durable(pair->a, store_delete_stream(pair->a->store, "song", 2, NULL));
    must(&pair->b, store_read(pair->b.store, "song", 3, 10, &pair->b.arena, &page, &pair->b.err));
    assert_true(page.ended);
    assert_string_equal(page.by, "a");
}

static bool is_current(struct world *world, const char *stream, uint64_t seq)
{
    bool current;
    must(world, store_probe(world->store, stream, seq, &current, &world->err));
    return current;
}

static void a_probe_tells_what_others_appended(void **state)
{
    struct pair *pair = *state;
    assert_true(is_current(pair->a, "song", 0));
    assert_durable(&pair->b, append_many(&pair->b, "song", 1, 3, "x", NULL));
    assert_false(is_current(pair->a, "song", 0));
    assert_false(is_current(pair->a, "song", 1)); // within a document
    assert_true(is_current(pair->a, "song", 3));
    assert_durable(&pair->b, append(&pair->b, "song", 4, "four"));
    assert_false(is_current(pair->a, "song", 3));
    must(&pair->b, store_trim_stream(pair->b.store, "song", 4, &pair->b.err));
    assert_true(is_current(pair->a, "song", 4));
    assert_false(is_current(pair->a, "song", 3));
}

static void after_a_barrier_all_is_seen_that_was_acknowledged(void **state)
{
    struct pair *pair = *state;
    for (uint64_t seq = 1; seq <= 20; seq++) {
        int64_t at_ms, since_ms;
        assert_durable(&pair->b, append(&pair->b, "song", seq, "x"));
        since_ms = clock_mono_ms();
        must(pair->a, store_barrier(pair->a->store, since_ms, &at_ms, &pair->a->err));
        assert_in_range(at_ms, since_ms, clock_mono_ms());
        assert_int_equal(head(pair->a, "song"), seq);
        assert_true(is_current(pair->a, "song", seq));
    }
}

// ---- Appends to the end

static uint64_t next_from(struct world *world, uint64_t source, const char *text)
{
    const ProtobufCBinaryData entry = {strlen(text), (uint8_t *)text};
    const struct store_write write = {.source = {source ? "events.1" : NULL, source, 0}};
    return store_append_next(world->store, "song", &entry, 1, &write);
}

static void the_same_source_has_one_effect(void **state)
{
    struct pair *pair = *state;
    for (uint64_t source = 1; source <= 3; source++) {
        uint64_t mine = next_from(pair->a, source, "x"), theirs = next_from(&pair->b, source, "x");
        assert_durable(pair->a, mine);
        assert_durable(&pair->b, theirs);
    }
    assert_string_equal(stream_text(pair->a, "song", 1, 10), "x x x");
    assert_durable(&pair->b, next_from(&pair->b, 1, "again"));
    assert_int_equal(head(&pair->b, "song"), 3);
}

// After a restore of the source's store alone: one process has an effect of what was 105, and another has
// read what is 105 now.
static void another_entry_under_the_same_number_has_its_own_effect(void **state)
{
    struct pair *pair = *state;
    const ProtobufCBinaryData entry = {1, (uint8_t *)"x"};
    const struct store_write before = {.source = {"events.games", 105, 1}},
                             after = {.source = {"events.games", 105, 2}};
    assert_durable(pair->a, store_append_next(pair->a->store, "song", &entry, 1, &before));
    assert_durable(&pair->b, store_append_next(pair->b.store, "song", &entry, 1, &before));
    assert_int_equal(head(&pair->b, "song"), 1);
    assert_durable(&pair->b, store_append_next(pair->b.store, "song", &entry, 1, &after));
    assert_durable(pair->a, store_append_next(pair->a->store, "song", &entry, 1, &after));
    assert_durable(pair->a, store_append_next(pair->a->store, "song", &entry, 1, &before));
    assert_string_equal(stream_text(pair->a, "song", 1, 10), "x x");
}

static void appends_to_the_end_find_it(void **state)
{
    struct pair *pair = *state;
    assert_durable(pair->a, next_from(pair->a, 0, "a1"));
    assert_durable(&pair->b, next_from(&pair->b, 0, "b2"));
    next_from(&pair->b, 0, "b3");
    assert_durable(&pair->b, append_many(&pair->b, "song", 4, 3, "b", NULL));
    next_from(pair->a, 0, "a7");
    assert_durable(pair->a, next_from(pair->a, 0, "a8"));
    assert_string_equal(stream_text(pair->a, "song", 1, 10), "a1 b2 b3 b b b a7 a8");
}

enum { EACH = 200 };

static void *append_to_the_end(void *arg)
{
    struct world *world = arg;
    uint64_t ticket = 0;
    for (uint64_t i = 1; i <= EACH; i++) ticket = next_from(world, 0, "x");
    return wait_for(world, ticket) ? world : NULL;
}

// One after the other: reads where the stream ends, and appends there, until it was the first.
static void *append_by_number(void *arg)
{
    struct world *world = arg;
    for (int done = 0; done < EACH;) {
        uint64_t seq;
        if (!store_head(world->store, "song", &seq, &world->err)) return NULL;
        if (wait_for(world, append(world, "song", seq + 1, "x")))
            done++;
        else if (world->err.reason != IS(CONFLICT))
            return NULL;
    }
    return world;
}

static void race(struct pair *pair, void *(*writer)(void *arg))
{
    pthread_t threads[2];
    void *done;
    assert_int_equal(pthread_create(&threads[0], NULL, writer, pair->a), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, writer, &pair->b), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &done);
        assert_non_null(done);
    }
    struct store_entries page;
    must(pair->a, store_read(pair->a->store, "song", 1, 3 * EACH, &pair->a->arena, &page, &pair->a->err));
    assert_int_equal(page.count, 2 * EACH);
    assert_int_equal(head(pair->a, "song"), 2 * EACH);
}

static void racing_appends_to_the_end_lose_nothing(void **state) { race(*state, append_to_the_end); }

static void racing_appends_by_number_lose_nothing(void **state) { race(*state, append_by_number); }

// ---- Commands

static struct store_command command_of(const char *reply)
{
    return (struct store_command){
        .id = {7}, .request_hash = {8}, .reply = {strlen(reply), (uint8_t *)reply}, .time_ms = 1000};
}

static void assert_reply(struct world *world, const char *table, const char *reply)
{
    const struct store_command wanted = command_of(reply);
    struct store_command command;
    bool found;
    must(world,
         store_command_find(world->store, table, wanted.id, &world->arena, &found, &command, &world->err));
    assert_true(found);
    assert_memory_equal(command.request_hash, wanted.request_hash, sizeof command.request_hash);
    assert_int_equal(command.reply.len, strlen(reply));
    assert_memory_equal(command.reply.data, reply, strlen(reply));
}

static void a_stream_carries_a_command_once(void **state)
{
    struct pair *pair = *state;
    const struct store_command mine = command_of("mine"), theirs = command_of("theirs");
    const struct store_write by_a = {.command = &mine}, by_b = {.command = &theirs};
    struct store_entries page;
    struct store_known *known;
    size_t count;
    assert_durable(pair->a, append(pair->a, "song", 1, "one"));
    assert_durable(&pair->b, append_many(&pair->b, "song", 2, 3, "theirs", &by_b));
    assert_failed(pair->a, append_many(pair->a, "song", 2, 1, "mine", &by_a), IS(CONFLICT));
    assert_reply(pair->a, NULL, "theirs");
    must(pair->a,
         store_commands(pair->a->store, "song", 1000, &pair->a->arena, &known, &count, &pair->a->err));
    assert_int_equal(count, 1);
    assert_true(known->id[0] == 7 && known->request_hash[0] == 8 && known->time_ms == 1000);
    assert_in_range(known->seq, 2, 4);
    must(pair->a, store_read(pair->a->store, "song", 2, 1, &pair->a->arena, &page, &pair->a->err));
    assert_int_equal(page.command_count, 1);
    assert_memory_equal(page.commands[0].id, mine.id, sizeof mine.id);
    must(pair->a,
         store_commands(pair->a->store, "song", 1001, &pair->a->arena, &known, &count, &pair->a->err));
    assert_int_equal(count, 0);
    must(pair->a, store_commands(pair->a->store, "tune", 0, &pair->a->arena, &known, &count, &pair->a->err));
    assert_int_equal(count, 0);
}

static void a_deletion_carries_a_command(void **state)
{
    struct pair *pair = *state;
    const struct store_command command = command_of("gone");
    const struct store_write write = {.command = &command};
    struct store_entries page;
    assert_durable(pair->a, append(pair->a, "song", 1, "one"));
    assert_durable(&pair->b, store_delete_stream(pair->b.store, "song", 1, &write));
    assert_reply(pair->a, NULL, "gone");
    must(pair->a, store_read(pair->a->store, "song", 2, 1, &pair->a->arena, &page, &pair->a->err));
    assert_true(page.ended);
    assert_int_equal(page.command_count, 1);
}

// ---- Rows

static const struct person ADA = {"u1", "ada", NULL, NULL, AUTH__LEVEL__VALUE__PLAYER, 100};

static uint64_t put_ada(struct world *world, const char *username, uint64_t version,
                        const struct store_write *write)
{
    struct person ada = ADA;
    ada.username = username;
    return person_put(world, ada, version, write);
}

static void a_row_is_inserted_once(void **state)
{
    struct pair *pair = *state;
    const struct store_command mine = command_of("mine"), theirs = command_of("theirs");
    const struct store_write by_a = {.command = &mine}, by_b = {.command = &theirs};
    uint64_t version;
    assert_durable(&pair->b, put_ada(&pair->b, "ada", 0, &by_b));
    assert_failed(pair->a, put_ada(pair->a, "countess", 0, &by_a), IS(CONFLICT));
    assert_string_equal(person_get(pair->a, "u1", &version)->username, "ada");
    assert_reply(pair->a, "user", "theirs");
}

static void a_changed_row_is_not_written_over(void **state)
{
    struct pair *pair = *state;
    uint64_t version;
    assert_durable(pair->a, put_ada(pair->a, "ada", 0, NULL));
    assert_durable(&pair->b, put_ada(&pair->b, "countess", 1, NULL));
    assert_failed(pair->a, put_ada(pair->a, "lady", 1, NULL), IS(CONFLICT));
    assert_failed(pair->a, store_delete(pair->a->store, USERS, "u1", 1, NULL), IS(CONFLICT));
    assert_string_equal(person_get(pair->a, "u1", &version)->username, "countess");
    assert_int_equal(version, 2);
    assert_durable(&pair->b, store_delete(pair->b.store, USERS, "u1", 2, NULL));
    assert_failed(pair->a, put_ada(pair->a, "lady", 2, NULL), IS(CONFLICT));
    assert_failed(pair->a, store_delete(pair->a->store, USERS, "u1", 2, NULL), IS(CONFLICT));
    assert_null(person_get(pair->a, "u1", &version));
}

// A version stands for one state of the row, so what was decided on an earlier one does not fit.
static void a_row_made_again_has_no_earlier_version(void **state)
{
    struct pair *pair = *state;
    uint64_t version;
    assert_durable(pair->a, put_ada(pair->a, "ada", 0, NULL));
    assert_durable(&pair->b, store_delete(pair->b.store, USERS, "u1", 1, NULL));
    assert_durable(&pair->b, put_ada(&pair->b, "another", 0, NULL));
    assert_failed(pair->a, put_ada(pair->a, "lady", 1, NULL), IS(CONFLICT));
    assert_failed(pair->a, store_delete(pair->a->store, USERS, "u1", 1, NULL), IS(CONFLICT));
    assert_string_equal(person_get(pair->a, "u1", &version)->username, "another");
    assert_durable(pair->a, put_ada(pair->a, "lady", version, NULL));
}

static void a_value_is_taken_in_every_process(void **state)
{
    struct pair *pair = *state;
    const struct person namesake = {.id = "u2", .username = "ada"};
    assert_durable(pair->a, put_ada(pair->a, "ada", 0, NULL));
    assert_failed(&pair->b, person_put(&pair->b, namesake, 0, NULL), IS(USERNAME_TAKEN));
    assert_durable(pair->a, store_delete(pair->a->store, USERS, "u1", 1, NULL));
    assert_durable(&pair->b, person_put(&pair->b, namesake, 0, NULL)); // given up
    assert_failed(pair->a, put_ada(pair->a, "ada", 0, NULL), IS(USERNAME_TAKEN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAIR(no_append_falls_into_a_foreign_document),
        PAIR(a_stream_begins_once),
        PAIR(a_page_of_a_foreign_document_is_whole),
        PAIR(a_foreign_deletion_ends_a_stream),
        PAIR(a_deletion_meets_a_foreign_append),
        PAIR(an_old_head_fills_no_hole),
        PAIR(what_goes_after_a_day_leaves_no_hole),
        PAIR(an_entry_is_told_by_its_writer),
        PAIR(a_probe_tells_what_others_appended),
        PAIR(after_a_barrier_all_is_seen_that_was_acknowledged),
        PAIR(the_same_source_has_one_effect),
        PAIR(another_entry_under_the_same_number_has_its_own_effect),
        PAIR(appends_to_the_end_find_it),
        PAIR(racing_appends_to_the_end_lose_nothing),
        PAIR(racing_appends_by_number_lose_nothing),
        PAIR(a_stream_carries_a_command_once),
        PAIR(a_deletion_carries_a_command),
        PAIR(a_row_is_inserted_once),
        PAIR(a_changed_row_is_not_written_over),
        PAIR(a_row_made_again_has_no_earlier_version),
        PAIR(a_value_is_taken_in_every_process),
    };
    return WORLD_RUN_SHARED("store: processes", tests);
}
