// Streams, tickets, commands, snapshots and heads.
#include <pthread.h>

#include "lib/store_world.h"

// ---- Streams

static void a_stream_is_read_from_any_entry(void **state)
{
    struct world *world = *state;
    append(world, "song", 1, "one");
    append(world, "song", 2, "two");
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
    append(world, "song", 1, "zero");
    store_append(world->store, "song", 2, verse, 4, NULL);
    assert_durable(world, append(world, "song", 6, "five"));
    assert_string_equal(stream_text(world, "song", 1, 10), "zero one  three four five");
    assert_string_equal(stream_text(world, "song", 4, 10), "three four five");
    assert_string_equal(stream_text(world, "song", 4, 1), "three");
    assert_string_equal(stream_text(world, "song", 2, 3), "one  three");
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

static void a_deleted_stream_can_begin_again(void **state)
{
    struct world *world = *state;
    append(world, "other", 1, "stays");
    append(world, "song", 1, "one");
    store_snapshot(world->store, "song", 1, (ProtobufCBinaryData){5, (uint8_t *)"state"});
    uint64_t gone = store_delete_stream(world->store, "song", NULL), seq;
    ProtobufCBinaryData snapshot;
    assert_durable(world, gone);
    assert_int_equal(head(world, "song"), 0);
    must(world, store_read_snapshot(world->store, "song", &world->arena, &seq, &snapshot, &world->err));
    assert_int_equal(seq, 0);
    assert_failed(world, append(world, "song", 2, "two"), IS(CONFLICT));
    assert_durable(world, append(world, "song", 1, "again"));
    assert_string_equal(stream_text(world, "song", 1, 10), "again");
    assert_string_equal(stream_text(world, "other", 1, 10), "stays");
    assert_durable(world, store_delete_stream(world->store, "never was", NULL));
}

static uint64_t oldest(struct world *world, const char *stream)
{
    uint64_t seq;
    must(world, store_oldest(world->store, stream, &seq, &world->err));
    return seq;
}

static void a_trimmed_stream_starts_later(void **state)
{
    struct world *world = *state;
    struct store_entries entries;
    for (uint64_t seq = 1; seq <= 4; seq++) append(world, "song", seq, "old");
    append(world, "song", 5, "five");
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
    store_append(world->store, "song", 1, verse, 3, NULL);
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
        if (store_busy(world->store)) assert_durable(world, ticket);
    }
    assert_durable(world, ticket);
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

// ---- What fails with what

// Holds the commit thread in a writer's callback, so that what the test queues meanwhile is one group.
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool reached, open;
};

static void wait_at_gate(void *arg, bool durable)
{
    struct gate *gate = arg;
    (void)durable;
    pthread_mutex_lock(&gate->lock);
    gate->reached = true;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->open) pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

// The write at the gate is an append; it has been decided and nobody but its callback knows.
static uint64_t gate_append(struct world *world, struct gate *gate, const char *stream, uint64_t seq)
{
    *gate = (struct gate){PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};
    struct store_write write = {.done = wait_at_gate, .arg = gate};
    ProtobufCBinaryData entry = {0, NULL};
    uint64_t ticket = store_append(world->store, stream, seq, &entry, 1, &write);
    pthread_mutex_lock(&gate->lock);
    while (!gate->reached) pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
    return ticket;
}

static void gate_close(struct world *world, struct gate *gate) { gate_append(world, gate, "gate", 1); }

static void gate_open(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->open = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

static void a_failure_takes_along_what_was_queued_on_it(void **state)
{
    struct world *world = *state;
    struct gate gate;
    assert_durable(world, append(world, "a", 1, "a1"));
    gate_close(world, &gate);
    uint64_t other = append(world, "b", 1, "b1");
    uint64_t lost = append(world, "a", 1, "again"); // decided on a state that is gone
    uint64_t on_it = append(world, "a", 2, "on top");
    uint64_t later = append(world, "b", 2, "b2");
    gate_open(&gate);
    assert_failed(world, lost, IS(CONFLICT));
    assert_failed(world, on_it, IS(CONFLICT)); // although its sequence would fit
    assert_durable(world, other);
    assert_durable(world, later);
    assert_durable(world, append(world, "a", 2, "a2")); // decided anew, after the failure was seen
    assert_string_equal(stream_text(world, "a", 1, 10), "a1 a2");
    assert_string_equal(stream_text(world, "b", 1, 10), "b1 b2");
}

static void a_failure_takes_along_what_came_before_it_was_known(void **state)
{
    struct world *world = *state;
    struct gate gate;
    assert_durable(world, append(world, "a", 1, "a1"));
    uint64_t lost = gate_append(world, &gate, "a", 1);
    uint64_t on_it = append(world, "a", 2, "on top"); // queued behind the group that failed
    gate_open(&gate);
    assert_failed(world, lost, IS(CONFLICT));
    assert_failed(world, on_it, IS(CONFLICT));
    assert_durable(world, append(world, "a", 2, "a2"));
}

static void a_write_fails_with_the_ticket_it_was_decided_on(void **state)
{
    struct world *world = *state;
    const struct person ada = {.id = "u1", .username = "ada"}, bob = {.id = "u2", .username = "bob"};
    assert_durable(world, append(world, "a", 1, "a1"));
    struct store_write after = {.after = append(world, "a", 5, "lost")};
    uint64_t row = person_put(world, ada, 0, &after);
    struct store_write after_row = {.after = row};
    uint64_t second = person_put(world, bob, 0, &after_row);
    assert_failed(world, row, IS(CONFLICT));
    assert_failed(world, second, IS(CONFLICT));
    assert_failed(world, person_put(world, ada, 0, &after), IS(CONFLICT)); // however late
    assert_durable(world, person_put(world, ada, 0, NULL));
}

static void a_snapshot_of_a_lost_entry_is_not_kept(void **state)
{
    struct world *world = *state;
    uint64_t seq;
    ProtobufCBinaryData snapshot;
    struct gate gate;
    assert_durable(world, append(world, "a", 1, "a1"));
    gate_close(world, &gate);
    append(world, "a", 1, "again");
    uint64_t ticket = store_snapshot(world->store, "a", 1, (ProtobufCBinaryData){4, (uint8_t *)"lost"});
    gate_open(&gate);
    assert_failed(world, ticket, IS(CONFLICT));
    assert_failed(world, store_snapshot(world->store, "a", 2, (ProtobufCBinaryData){1, (uint8_t *)"x"}),
                  IS(CONFLICT));
    must(world, store_read_snapshot(world->store, "a", &world->arena, &seq, &snapshot, &world->err));
    assert_int_equal(seq, 0);
}

// ---- Tickets

struct told {
    atomic_int count;
    uint64_t next;
    atomic_bool out_of_order;
    atomic_int failures;
};

struct promise {
    struct told *told;
    uint64_t place;
};

static void tell(void *arg, bool durable)
{
    struct promise *promise = arg;
    if (promise->place != promise->told->next++) promise->told->out_of_order = true;
    if (!durable) promise->told->failures++;
    promise->told->count++;
}

static void writers_are_told_in_the_order_of_their_tickets(void **state)
{
    struct world *world = *state;
    struct told told = {0};
    static struct promise promises[5000];
    uint64_t ticket = 0, before = 0;
    for (size_t i = 0; i < 5000; i++) {
        promises[i] = (struct promise){&told, i};
        struct store_write write = {.done = tell, .arg = &promises[i]};
        ProtobufCBinaryData entry = {1, (uint8_t *)"x"};
        char stream[16];
        snprintf(stream, sizeof stream, "s%zu", i % 50);
        ticket = store_append(world->store, stream, i % 100 == 99 ? 1 : i / 50 + 1, &entry, 1, &write);
        if (before) assert_int_equal(ticket, before + 1);
        before = ticket;
    }
    wait_for(world, ticket);
    assert_int_equal(told.count, 5000); // all told before the last waiter goes on
    assert_false(told.out_of_order);
    assert_true(told.failures >= 49);
}

static void a_ticket_is_pending_then_decided(void **state)
{
    struct world *world = *state;
    struct err err;
    uint64_t good = append(world, "a", 1, "a1"), bad = append(world, "a", 7, "lost");
    assert_int_equal(store_outcome(world->store, bad + 1000, &err), STORE_PENDING);
    wait_for(world, bad);
    assert_true(store_durable(world->store) >= bad);
    assert_int_equal(store_outcome(world->store, good, &err), STORE_DURABLE);
    assert_int_equal(store_outcome(world->store, bad, &err), STORE_FAILED);
    assert_int_equal(err.reason, IS(CONFLICT));
    assert_int_equal(store_outcome(world->store, bad, NULL), STORE_FAILED);
    assert_int_equal(store_outcome(world->store, 0, &err), STORE_DURABLE); // nothing to wait for
}

struct listener {
    pthread_mutex_t lock;
    pthread_cond_t heard;
    uint64_t durable;
    bool backwards;
};

static void listen(void *arg, uint64_t durable)
{
    struct listener *listener = arg;
    pthread_mutex_lock(&listener->lock);
    if (durable <= listener->durable) listener->backwards = true;
    listener->durable = durable;
    pthread_cond_signal(&listener->heard);
    pthread_mutex_unlock(&listener->lock);
}

static void the_listener_hears_of_every_group(void **state)
{
    struct world *world = *state;
    struct listener listener = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false};
    uint64_t ticket = 0;
    store_listen(world->store, listen, &listener);
    for (uint64_t seq = 1; seq <= 1000; seq++) ticket = append(world, "a", seq, "x");
    pthread_mutex_lock(&listener.lock);
    while (listener.durable < ticket) pthread_cond_wait(&listener.heard, &listener.lock);
    pthread_mutex_unlock(&listener.lock);
    assert_false(listener.backwards);
    assert_int_equal(store_durable(world->store), ticket);
    world_close(world);
}

static void a_full_queue_refuses(void **state)
{
    struct world *world = *state;
    struct gate gate;
    gate_close(world, &gate);
    size_t len = 1 << 20, busy = 0, refused = 0;
    uint8_t *bytes = calloc(1, len);
    ProtobufCBinaryData entry = {len, bytes};
    uint64_t tickets[64];
    for (size_t i = 0; i < 64; i++) {
        char stream[16];
        snprintf(stream, sizeof stream, "s%zu", i);
        busy += store_busy(world->store);
        tickets[i] = store_append(world->store, stream, 1, &entry, 1, NULL);
    }
    gate_open(&gate);
    for (size_t i = 0; i < 64; i++) {
        if (wait_for(world, tickets[i])) continue;
        assert_int_equal(world->err.reason, IS(SERVICE_BUSY));
        refused++;
    }
    assert_true(busy > 0);
    assert_true(refused > 0 && refused < busy); // busy warns long before
    assert_false(store_busy(world->store));
    free(bytes);
}

// ---- Concurrent appenders

struct appender {
    struct world *world;
    pthread_t thread;
    int number, accepted;
};

static void *append_fifty(void *arg)
{
    struct appender *appender = arg;
    struct err err;
    for (int tries = 0; tries < 100000 && appender->accepted < 50; tries++) {
        uint64_t seq;
        char text[32];
        if (!store_head(appender->world->store, "shared", &seq, &err)) break;
        snprintf(text, sizeof text, "%d.%d", appender->number, appender->accepted);
        uint64_t ticket = append(appender->world, "shared", seq + 1, text);
        if (store_wait(appender->world->store, ticket, &err))
            appender->accepted++;
        else if (err.reason != IS(CONFLICT))
            break;
    }
    return NULL;
}

static void racing_appenders_lose_nothing(void **state)
{
    struct world *world = *state;
    struct appender appenders[4];
    int next[4] = {0};
    for (int i = 0; i < 4; i++) {
        appenders[i] = (struct appender){.world = world, .number = i};
        assert_int_equal(pthread_create(&appenders[i].thread, NULL, append_fifty, &appenders[i]), 0);
    }
    for (int i = 0; i < 4; i++) pthread_join(appenders[i].thread, NULL);
    struct store_entries entries;
    must(world, store_read(world->store, "shared", 1, 1000, &world->arena, &entries, &world->err));
    assert_int_equal(entries.count, 200);
    for (size_t i = 0; i < entries.count; i++) { // each one's own in its own order
        int number, index;
        const char *text = arena_strn(&world->arena, (char *)entries.entries[i].data, entries.entries[i].len);
        assert_int_equal(sscanf(text, "%d.%d", &number, &index), 2);
        assert_int_equal(index, next[number]++);
    }
}

// ---- Commands

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

static const char *reply_of(struct world *world, uint8_t id)
{
    uint8_t bytes[32];
    struct store_command command;
    bool found;
    memset(bytes, id, sizeof bytes);
    must(world, store_command_find(world->store, bytes, &world->arena, &found, &command, &world->err));
    if (!found) return NULL;
    assert_int_equal(command.request_hash[31], id + 1);
    return arena_strn(&world->arena, (char *)command.reply.data, command.reply.len);
}

static void a_command_is_remembered_with_its_write(void **state)
{
    struct world *world = *state;
    struct store_command first = command_of(1, "seat 4", 1000), row = command_of(2, "", 1000);
    struct store_write write = {.command = &row};
    assert_durable(world, append_command(world, 1, &first));
    assert_durable(world, person_put(world, (struct person){.id = "u1", .username = "ada"}, 0, &write));
    assert_string_equal(reply_of(world, 1), "seat 4");
    assert_string_equal(reply_of(world, 2), "");
    assert_null(reply_of(world, 3));
    world_reopen(world, TABLES);
    assert_string_equal(reply_of(world, 1), "seat 4");
}

static void a_command_runs_once(void **state)
{
    struct world *world = *state;
    struct store_command first = command_of(1, "seat 4", 1000), again = command_of(1, "seat 5", 2000);
    assert_durable(world, append_command(world, 1, &first));
    assert_failed(world, append_command(world, 2, &again), IS(IDEMPOTENCY_RUNNING));
    assert_int_equal(head(world, "orders"), 1);
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
        if (store_busy(world->store)) assert_durable(world, ticket);
    }
    struct store_command last = command_of(7, "last", 3000);
    assert_durable(world, append_command(world, 9001, &last));
    must(world, store_expire_commands(world->store, 2000 + 24 * 3600 * 1000, &world->err));
    assert_null(reply_of(world, 0));
    assert_string_equal(reply_of(world, 7), "last");
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

#define test(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_stream_is_read_from_any_entry),
        test(an_append_needs_the_next_sequence),
        test(several_entries_are_one_append),
        test(entries_are_bytes_of_any_kind_and_size),
        test(a_deleted_stream_can_begin_again),
        test(a_trimmed_stream_starts_later),
        test(a_trim_leaves_the_newest_append_and_splits_none),
        test(a_long_trim_goes_in_steps),
        test(a_stream_may_begin_late_when_it_is_restored),
        test(streams_survive_reopening),
        test(more_streams_than_are_remembered),
        test(a_failure_takes_along_what_was_queued_on_it),
        test(a_failure_takes_along_what_came_before_it_was_known),
        test(a_write_fails_with_the_ticket_it_was_decided_on),
        test(a_snapshot_of_a_lost_entry_is_not_kept),
        test(writers_are_told_in_the_order_of_their_tickets),
        test(a_ticket_is_pending_then_decided),
        test(the_listener_hears_of_every_group),
        test(a_full_queue_refuses),
        test(racing_appenders_lose_nothing),
        test(a_command_is_remembered_with_its_write),
        test(a_command_runs_once),
        test(a_failed_write_leaves_no_command),
        test(commands_expire_after_a_day),
        test(many_commands_expire_in_steps),
        test(the_newest_snapshot_is_kept),
        test(heads_are_listed_by_prefix_and_page),
    };
    return cmocka_run_group_tests_name("store: streams", tests, NULL, NULL);
}
