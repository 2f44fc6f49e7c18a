// What a shared store does when a write's way to the server, or the way back, fails.
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/store/testing/pair.h"

static enum store_outcome outcome_of(struct world *world, uint64_t ticket)
{
    return store_outcome(world->store, ticket, &world->err);
}

// ---- One is in the way of the other

static void the_first_at_the_server_wins(void **state)
{
    struct pair *pair = *state;
    assert_durable(pair->a, append(pair->a, "song", 1, "one"));
    shared_store_hold(pair->a->store);
    uint64_t mine = append(pair->a, "song", 2, "mine"), on_it = append(pair->a, "song", 3, "on top");
    shared_store_await_held(pair->a->store);
    assert_durable(&pair->b, append(&pair->b, "song", 2, "theirs"));
    assert_int_equal(outcome_of(pair->a, mine), STORE_PENDING);
    shared_store_release(pair->a->store);
    assert_failed(pair->a, mine, IS(CONFLICT));
    assert_failed(pair->a, on_it, IS(CONFLICT));
    assert_string_equal(stream_text(pair->a, "song", 1, 10), "one theirs");
}

// ---- Unknown outcomes

// Queues one write of each kind whose replies or requests are lost, and waits for the first to be.
struct writes {
    uint64_t appended, next, put, deleted, ended;
};

static struct writes lose(struct pair *pair, enum shared_wire wire)
{
    struct world *a = pair->a;
    ProtobufCBinaryData entry = {4, (uint8_t *)"next"};
    const struct person ada = {.id = "u1", .username = "ada"}, bob = {.id = "u2", .username = "bob"};
    append(a, "ending", 1, "x");
    assert_durable(a, person_put(a, bob, 0, NULL));
    shared_store_set_wire(a->store, wire);
    struct writes writes = {.appended = append(a, "song", 1, "one")};
    writes.next = store_append_next(a->store, "topic", &entry, 1, NULL);
    writes.put = person_put(a, ada, 0, NULL);
    writes.deleted = store_delete(a->store, USERS, "u2", 1, NULL);
    writes.ended = store_delete_stream(a->store, "ending", 1, NULL);
    shared_store_await_lost(a->store);
    assert_int_equal(outcome_of(a, writes.appended), STORE_PENDING);
    must(a, store_accepts(a->store, &a->err));
    return writes;
}

// Each of the five is lost once more, and then gets through.
static void mend(struct pair *pair, enum shared_wire wire, const struct writes *writes)
{
    struct world *a = pair->a;
    shared_store_set_wire(a->store, wire);
    shared_store_await_lost(a->store);
    assert_int_equal(outcome_of(a, writes->appended), STORE_PENDING);
    shared_store_set_wire(a->store, SHARED_SOUND);
}

static void assert_all_done_once(struct pair *pair, const struct writes *writes)
{
    struct world *b = &pair->b;
    uint64_t version;
    assert_durable(pair->a, writes->appended);
    assert_durable(pair->a, writes->next);
    assert_durable(pair->a, writes->put);
    assert_durable(pair->a, writes->deleted);
    assert_durable(pair->a, writes->ended);
    assert_int_equal(head(b, "song"), 1);
    assert_int_equal(head(b, "topic"), 1);
    assert_int_equal(head(b, "ending"), 0);
    assert_non_null(person_get(b, "u1", &version));
    assert_int_equal(version, 1);
    assert_null(person_get(b, "u2", &version));
}

static void what_was_done_is_not_done_again(void **state)
{
    struct pair *pair = *state;
    struct writes writes = lose(pair, SHARED_LOSES_REPLIES);
    assert_int_equal(head(&pair->b, "song"), 1);
    mend(pair, SHARED_LOSES_REPLIES, &writes);
    assert_all_done_once(pair, &writes);
}

static void what_was_not_done_is_done(void **state)
{
    struct pair *pair = *state;
    struct writes writes = lose(pair, SHARED_LOSES_REQUESTS);
    assert_int_equal(head(&pair->b, "song"), 0);
    mend(pair, SHARED_LOSES_REQUESTS, &writes);
    assert_all_done_once(pair, &writes);
}

static void every_kind_of_write_is_known_again(void **state)
{
    struct pair *pair = *state;
    struct world *a = pair->a;
    const struct person ada = {.id = "u1", .username = "ada"};
    ProtobufCBinaryData entry = {1, (uint8_t *)"x"};
    append(a, "song", 1, "one");
    assert_durable(a, person_put(a, (struct person){.id = "u2", .username = "bob"}, 0, NULL));
    for (int kind = 0; kind < 5; kind++) {
        shared_store_set_wire(a->store, SHARED_LOSES_REPLIES);
        uint64_t ticket = kind == 0   ? append(a, "song", 2, "two")
                          : kind == 1 ? store_append_next(a->store, "song", &entry, 1, NULL)
                          : kind == 2 ? person_put(a, ada, 0, NULL)
                          : kind == 3 ? store_delete(a->store, USERS, "u2", 1, NULL)
                                      : store_delete_stream(a->store, "song", 3, NULL);
        shared_store_await_lost(a->store);
        shared_store_set_wire(a->store, SHARED_SOUND);
        assert_durable(a, ticket);
        assert_int_equal(head(&pair->b, "song"), kind == 0 ? 2 : kind < 4 ? 3 : 0);
    }
}

static void what_others_built_on_is_durable(void **state)
{
    struct pair *pair = *state;
    shared_store_set_wire(pair->a->store, SHARED_LOSES_REPLIES);
    uint64_t mine = append(pair->a, "song", 1, "one");
    shared_store_await_lost(pair->a->store);
    assert_durable(&pair->b, append(&pair->b, "song", 2, "two"));
    shared_store_set_wire(pair->a->store, SHARED_SOUND);
    assert_durable(pair->a, mine);
    assert_string_equal(stream_text(pair->a, "song", 1, 10), "one two");
}

static void another_may_come_before_what_was_lost(void **state)
{
    struct pair *pair = *state;
    shared_store_set_wire(pair->a->store, SHARED_LOSES_REQUESTS);
    uint64_t mine = append(pair->a, "song", 1, "mine");
    shared_store_await_lost(pair->a->store);
    assert_durable(&pair->b, append(&pair->b, "song", 1, "theirs"));
    shared_store_set_wire(pair->a->store, SHARED_SOUND);
    assert_failed(pair->a, mine, IS(CONFLICT));
    assert_string_equal(stream_text(pair->a, "song", 1, 10), "theirs");
}

struct heard {
    struct store *store;
    uint64_t ticket;
    enum store_outcome outcome;
    Conse__Reason__Value reason;
};

static void hear(void *arg, uint64_t durable)
{
    struct heard *heard = arg;
    struct err err = {0};
    if (durable < heard->ticket) return;
    heard->outcome = store_outcome(heard->store, heard->ticket, &err);
    heard->reason = err.reason;
}

static void what_is_unknown_at_the_close_is_told_so(void **state)
{
    struct pair *pair = *state;
    shared_store_set_wire(pair->a->store, SHARED_LOSES_REPLIES);
    uint64_t mine = append(pair->a, "song", 1, "mine");
    shared_store_await_lost(pair->a->store);
    struct heard heard = {.store = pair->a->store, .ticket = mine};
    store_listen(pair->a->store, hear, &heard);
    world_close(pair->a);
    assert_int_equal(heard.outcome, STORE_FAILED);
    assert_int_equal(heard.reason, IS(OUTCOME_UNKNOWN));
    must(pair->a, world_open(pair->a, TABLES));
    assert_string_equal(stream_text(pair->a, "song", 1, 10), "mine");
}

// ---- Away

static void while_the_server_is_away_nothing_is_begun(void **state)
{
    struct pair *pair = *state;
    struct world *a = pair->a;
    uint64_t seq;
    bool current;
    assert_durable(a, append(a, "song", 1, "one"));
    must(a, store_accepts(a->store, &a->err));
    unsigned sent = shared_store_sends(a->store);
    shared_store_hold(a->store);
    uint64_t mine = append(a, "song", 2, "two"), on_it = append(a, "song", 3, "three");
    shared_store_await_held(a->store);
    shared_store_set_away(a->store, true);
    shared_store_release(a->store);
    assert_failed(a, on_it, IS(STORE_AWAY)); // no CONFLICT: nobody came between
    assert_failed(a, mine, IS(STORE_AWAY));
    assert_int_equal(a->err.retry_after_s, 1);
    assert_int_equal(shared_store_sends(a->store), sent);
    assert_false(store_accepts(a->store, &a->err));
    assert_int_equal(a->err.reason, IS(STORE_AWAY));
    assert_int_equal(a->err.retry_after_s, 1);
    assert_false(store_accepts(a->store, NULL));
    assert_false(store_head(a->store, "song", &seq, &a->err));
    assert_int_equal(a->err.reason, IS(STORE_AWAY));
    assert_false(store_probe(a->store, "song", 1, &current, &a->err));
    assert_int_equal(a->err.reason, IS(STORE_AWAY));
    shared_store_set_away(a->store, false);
    must(a, store_accepts(a->store, &a->err));
    assert_durable(a, append(a, "song", 2, "two"));
}

static void what_was_on_its_way_is_settled_when_the_server_is_back(void **state)
{
    struct pair *pair = *state;
    struct world *a = pair->a;
    shared_store_set_wire(a->store, SHARED_LOSES_REPLIES);
    uint64_t mine = append(a, "song", 1, "one");
    shared_store_await_lost(a->store);
    shared_store_set_away(a->store, true);
    shared_store_await_lost(a->store);
    shared_store_set_wire(a->store, SHARED_SOUND);
    assert_int_equal(outcome_of(a, mine), STORE_PENDING);
    shared_store_set_away(a->store, false);
    assert_durable(a, mine);
    assert_int_equal(head(&pair->b, "song"), 1);
}

static void a_probe_without_an_answer_fails(void **state)
{
    struct pair *pair = *state;
    bool current;
    assert_durable(pair->a, append(pair->a, "song", 1, "one"));
    unsigned probes = shared_store_probes(pair->a->store);
    shared_store_fail_probes(pair->a->store, true);
    assert_false(store_probe(pair->a->store, "song", 1, &current, &pair->a->err));
    assert_int_equal(pair->a->err.reason, IS(STORE_AWAY));
    assert_int_equal(head(pair->a, "song"), 1);
    shared_store_fail_probes(pair->a->store, false);
    must(pair->a, store_probe(pair->a->store, "song", 1, &current, &pair->a->err));
    assert_true(current);
    assert_int_equal(shared_store_probes(pair->a->store), probes + 2);
}

static void a_barrier_without_an_answer_fails(void **state)
{
    struct pair *pair = *state;
    struct world *a = pair->a;
    int64_t at_ms, since_ms = clock_mono_ms();
    must(a, store_barrier(a->store, since_ms, &at_ms, &a->err));
    assert_in_range(at_ms, since_ms, clock_mono_ms());
    shared_store_fail_probes(a->store, true);
    assert_false(store_barrier(a->store, clock_mono_ms(), &at_ms, &a->err));
    assert_int_equal(a->err.reason, IS(STORE_AWAY));
    assert_int_equal(a->err.retry_after_s, 1);
    assert_int_equal(head(a, "song"), 0); // other reads go on
    shared_store_fail_probes(a->store, false);
    shared_store_set_away(a->store, true);
    assert_false(store_barrier(a->store, clock_mono_ms(), &at_ms, &a->err));
    assert_int_equal(a->err.reason, IS(STORE_AWAY));
    shared_store_set_away(a->store, false);
    must(a, store_barrier(a->store, clock_mono_ms(), &at_ms, &a->err));
    assert_int_equal(shared_store_barriers(a->store), 4);
    assert_int_equal(shared_store_barriers(pair->b.store), 0);
}

// A command of this number, an entry and a row.
static void fill_with(struct world *world, uint8_t number, const char *text)
{
    const struct store_command command = {.id = {number}, .reply = {1, &number}, .time_ms = 1000};
    const struct store_write write = {.command = &command};
    const ProtobufCBinaryData entry = {strlen(text), (uint8_t *)text};
    assert_durable(world, store_append_next(world->store, "song", &entry, 1, &write));
    assert_durable(world, person_put(world, (struct person){.id = text, .username = text}, 0, NULL));
}

static bool has_command(struct world *world, uint8_t number)
{
    struct store_command command;
    bool found;
    must(world, store_command_find(world->store, NULL, (uint8_t[32]){number}, &world->arena, &found, &command,
                                   &world->err));
    return found && command.reply.data[0] == number;
}

static size_t rows_named(struct world *world, const char *name)
{
    const struct store_query query = {.index = "by_username", .equal = {{.text = name}}, .equal_count = 1};
    struct store_rows rows;
    uint64_t version;
    must(world, store_find(world->store, USERS, &query, &world->arena, &rows, &world->err));
    assert_int_equal(person_get(world, name, &version) != NULL, rows.count);
    return rows.count;
}

static void a_deposed_primary_shows_what_was_until_a_barrier(void **state)
{
    struct pair *pair = *state;
    struct world *a = pair->a;
    int64_t at_ms;
    fill_with(&pair->b, 1, "one");
    shared_store_depose(a->store);
    fill_with(&pair->b, 2, "two");
    for (int i = 0; i < 2; i++) {
        assert_string_equal(stream_text(a, "song", 1, 10), i ? "one two" : "one");
        assert_int_equal(head(a, "song"), 1 + i);
        assert_int_equal(rows_named(a, "one"), 1);
        assert_int_equal(rows_named(a, "two"), i);
        assert_true(has_command(a, 1));
        assert_int_equal(has_command(a, 2), i);
        assert_int_equal(store_barrier(a->store, clock_mono_ms(), &at_ms, &a->err), i);
        if (!i) assert_int_equal(a->err.reason, IS(STORE_AWAY));
    }
}

static void what_was_raised_since_is_not_raised_again(void **state)
{
    struct pair *pair = *state;
    struct world *a = pair->a;
    int64_t at_ms, again_ms;
    must(a, store_barrier(a->store, clock_mono_ms(), &at_ms, &a->err));
    must(a, store_barrier(a->store, at_ms - 250, &again_ms, &a->err));
    assert_int_equal(again_ms, at_ms);
    assert_int_equal(shared_store_barriers(a->store), 1);
}

// As a process of its own does that finds other content where its own was.
static void raise_barrier_over_other_content(struct world *world, int out)
{
    int64_t at_ms;
    dup2(out, STDERR_FILENO);
    if (!world_open(world, TABLES)) _exit(2);
    if (!store_barrier(world->store, clock_mono_ms(), &at_ms, &world->err)) _exit(3);
    shared_store_replace(world->store);
    bool passed = store_barrier(world->store, clock_mono_ms(), &at_ms, &world->err);
    _exit(passed ? 4 : 5);
}

static void other_content_ends_the_process(void **state)
{
    struct pair *pair = *state;
    char log[4096];
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) raise_barrier_over_other_content(pair->a, ends[1]);
    close(ends[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    ssize_t len = read(ends[0], log, sizeof log - 1);
    close(ends[0]);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_true(len > 0);
    log[len] = 0;
    assert_non_null(strstr(log, "the store's content was replaced"));
    assert_ptr_equal(strchr(log, '\n'), log + len - 1); // one line
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAIR(the_first_at_the_server_wins),
        PAIR(what_was_done_is_not_done_again),
        PAIR(what_was_not_done_is_done),
        PAIR(every_kind_of_write_is_known_again),
        PAIR(what_others_built_on_is_durable),
        PAIR(another_may_come_before_what_was_lost),
        PAIR(what_is_unknown_at_the_close_is_told_so),
        PAIR(while_the_server_is_away_nothing_is_begun),
        PAIR(what_was_on_its_way_is_settled_when_the_server_is_back),
        PAIR(a_probe_without_an_answer_fails),
        PAIR(a_barrier_without_an_answer_fails),
        PAIR(a_deposed_primary_shows_what_was_until_a_barrier),
        PAIR(what_was_raised_since_is_not_raised_again),
        PAIR(other_content_ends_the_process),
    };
    snprintf(world_kind, sizeof world_kind, "shared:");
    return cmocka_run_group_tests_name("store: the way to a shared one", tests, NULL, NULL);
}
