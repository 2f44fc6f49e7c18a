// Tickets: which writes fail together, the order of reports, and the bounds of the queue.
#include <pthread.h>

#include "lib/store/testing/world.h"

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

static void a_value_that_is_given_up_is_free_for_what_is_queued_behind(void **state)
{
    struct world *world = *state;
    const struct person ada = {.id = "u1", .username = "ada"}, renamed = {.id = "u1", .username = "countess"},
                        heir = {.id = "u2", .username = "ada"};
    struct gate gate;
    gate_close(world, &gate);
    person_put(world, ada, 0, NULL);
    person_put(world, renamed, 1, NULL);
    uint64_t last = person_put(world, heir, 0, NULL);
    gate_open(&gate);
    assert_durable(world, last);
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
        busy += !store_accepts(world->store, &world->err);
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
    must(world, store_accepts(world->store, &world->err));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_failure_takes_along_what_was_queued_on_it),
        TEST(a_failure_takes_along_what_came_before_it_was_known),
        TEST(a_write_fails_with_the_ticket_it_was_decided_on),
        TEST(a_value_that_is_given_up_is_free_for_what_is_queued_behind),
        TEST(a_snapshot_of_a_lost_entry_is_not_kept),
        TEST(writers_are_told_in_the_order_of_their_tickets),
        TEST(a_ticket_is_pending_then_decided),
        TEST(the_listener_hears_of_every_group),
        TEST(a_full_queue_refuses),
        TEST(racing_appenders_lose_nothing),
    };
    return WORLD_RUN("store: tickets", tests);
}
