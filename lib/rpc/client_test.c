// The client: batches, deadlines, limits, several peers, keys. rpc_loss_test has peers that die.
#include "auth.pb-c.h"
#include "lib/rpc/testing/keys.h"
#include "lib/rpc/testing/world.h"

#include "lib/rpc/calls.h"

static void many_calls_of_one_turn_are_all_answered(void **state)
{
    (void)state;
    enum { CALLS = 3000 };
    struct world world;
    static struct outcome outcomes[CALLS];
    world_open(&world, "inproc://many");
    for (int i = 0; i < CALLS; i++)
        world_call(&world, i % 50 ? "events.GetEvent" : "events.ListEvents", PATIENCE_MS, &outcomes[i]);
    for (int i = 0; i < CALLS; i++) {
        world_wait(&world, &outcomes[i]);
        assert_true(outcomes[i].ok);
    }
    world_close(&world);
}

static void more_calls_than_may_be_in_flight_are_refused(void **state)
{
    (void)state;
    struct world world = {0};
    struct outcome outcomes[5] = {{0}};
    struct err err = {0};
    struct rpc_server_options options = world_options(&world, "inproc://bounded");
    world_open_with(&world, &options);
    rpc_client_destroy(world.client);
    struct rpc_client_options to = {.service = "events",
                                    .self = CONSE__ASKER__VALUE__GATEWAY,
                                    .address = "inproc://bounded",
                                    .max_in_flight = 4};
    assert_true(rpc_client_create(&world.client, &to, &err));
    assert_true(rpc_client_wait(world.client, PATIENCE_MS));
    for (int i = 0; i < 5; i++) world_call(&world, "events.GetEvent", PATIENCE_MS, &outcomes[i]);
    assert_int_equal(outcomes[4].calls, 0); // never from within the call
    for (int i = 0; i < 5; i++) world_wait(&world, &outcomes[i]);
    for (int i = 0; i < 4; i++) assert_true(outcomes[i].ok);
    assert_true(err_is(&outcomes[4].err, SERVICE_BUSY));
    world_close(&world);
}

static void a_request_that_would_cost_the_connection_is_not_sent(void **state)
{
    (void)state;
    struct world world;
    struct outcome large = {0}, other = {0};
    size_t len = 5 << 20;
    uint8_t *bytes = calloc(1, len);
    assert_non_null(bytes);
    world_open(&world, "inproc://large-request");
    struct rpc_request request = {.method = schema_method("events.PutEventImage"),
                                  .caller = &a_dev,
                                  .payload = {len, bytes},
                                  .timeout_ms = PATIENCE_MS};
    world_call(&world, "events.GetEvent", PATIENCE_MS, &other);
    rpc_client_call(world.client, &request, on_outcome, &large);
    world_wait(&world, &large);
    world_wait(&world, &other);
    assert_true(err_is(&large.err, CALL_TOO_LARGE));
    assert_true(other.ok);
    free(bytes);
    world_close(&world);
}

static void a_call_ends_at_its_deadline_and_the_late_reply_is_dropped(void **state)
{
    (void)state;
    struct world world;
    struct outcome late = {0}, after = {0};
    world_open(&world, "inproc://deadline");
    gate_set(&world.gate, true);
    int64_t began_ms = clock_mono_ms();
    world_call(&world, "events.ListSides", 50, &late);
    world_wait(&world, &late);
    assert_true(err_is(&late.err, DEADLINE_PASSED));
    assert_in_range(clock_mono_ms() - began_ms, 50, 2000);
    gate_set(&world.gate, false);
    world_call(&world, "events.GetEvent", PATIENCE_MS, &after);
    world_wait(&world, &after);
    assert_true(after.ok);
    assert_int_equal(late.calls, 1);
    world_close(&world);
}

static void a_cancelled_call_is_never_heard_of_again(void **state)
{
    (void)state;
    struct world world;
    struct outcome cancelled = {0}, unsent = {0}, after = {0};
    world_open(&world, "inproc://cancel");
    rpc_client_cancel(world.client, world_call(&world, "events.GetEvent", PATIENCE_MS, &cancelled));
    rpc_client_cancel(world.client,
                      world_call(&world, "events.GetEvent", 0, &unsent)); // no time left: refused at once
    world_call(&world, "events.GetEvent", PATIENCE_MS, &after);
    world_wait(&world, &after);
    world_turn_for(&world, 20);
    assert_true(after.ok);
    assert_int_equal(cancelled.calls + unsent.calls, 0);
    world_close(&world);
}

static void a_reused_slot_has_another_id(void **state)
{
    (void)state;
    struct rpc_calls calls;
    assert_true(rpc_calls_init(&calls, 1));
    uint32_t first = rpc_calls_take(&calls, 1)->id;
    assert_null(rpc_calls_take(&calls, 1));
    rpc_calls_free(&calls, rpc_calls_find(&calls, first));
    uint32_t second = rpc_calls_take(&calls, 1)->id;
    assert_int_not_equal(first, second);
    assert_null(rpc_calls_find(&calls, first));
    assert_non_null(rpc_calls_find(&calls, second));
    assert_null(rpc_calls_find(&calls, 0));
    assert_null(rpc_calls_find(&calls, second + 1));
    rpc_calls_finish(&calls);
}

static void the_earliest_deadline_comes_first(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    struct rpc_calls calls;
    struct rpc_waiting *taken[COUNT];
    uint32_t random = 12345;
    assert_true(rpc_calls_init(&calls, COUNT));
    for (int i = 0; i < COUNT; i++)
        taken[i] = rpc_calls_take(&calls, (random = random * 1103515245 + 12345) >> 8);
    for (int i = 0; i < COUNT; i += 3) rpc_calls_free(&calls, taken[i]);
    int64_t last = 0;
    struct rpc_waiting *earliest;
    while ((earliest = rpc_calls_earliest(&calls)) != NULL) {
        assert_true(earliest->deadline_ms >= last);
        last = earliest->deadline_ms;
        rpc_calls_free(&calls, earliest);
    }
    rpc_calls_finish(&calls);
}

static void two_peers_share_calls_and_streams_stay_with_theirs(void **state)
{
    (void)state;
    struct world a, b = {0};
    struct outcome outcomes[8] = {{0}};
    struct err err = {0};
    world_open(&a, "inproc://peer-a");
    struct rpc_server_options options = world_options(&b, "inproc://peer-b");
    assert_true(rpc_server_start(&b.server, &options, &err));
    rpc_client_destroy(a.client);
    struct rpc_client_options to = {.service = "events",
                                    .self = CONSE__ASKER__VALUE__GATEWAY,
                                    .address = "inproc://peer-a,inproc://peer-b"};
    assert_true(rpc_client_create(&a.client, &to, &err));
    while (rpc_client_peers(a.client) < 2) world_turn(&a, 10);
    gate_set(&a.gate, true);
    gate_set(&b.gate, true);
    for (int i = 0; i < 2; i++) world_call(&a, "events.ListSides", PATIENCE_MS, &outcomes[i]);
    world_wait_inside(&a, 1); // one each: the second went to the idle peer
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (gate_inside(&b.gate) < 1 && clock_mono_ms() < until_ms) world_turn(&a, 5);
    assert_int_equal(gate_inside(&b.gate), 1);
    gate_set(&a.gate, false);
    gate_set(&b.gate, false);
    for (int i = 0; i < 2; i++) world_wait(&a, &outcomes[i]);
    int before_a = gate_passed(&a.gate), before_b = gate_passed(&b.gate);
    for (int i = 2; i < 8; i++) {
        struct rpc_request request = {.method = schema_method("events.ListSides"),
                                      .caller = &a_dev,
                                      .timeout_ms = PATIENCE_MS,
                                      .stream = "events.7"};
        rpc_client_call(a.client, &request, on_outcome, &outcomes[i]);
    }
    for (int i = 2; i < 8; i++) world_wait(&a, &outcomes[i]);
    int to_a = gate_passed(&a.gate) - before_a, to_b = gate_passed(&b.gate) - before_b;
    assert_int_equal(to_a + to_b, 6);
    assert_true(to_a == 0 || to_b == 0);
    rpc_server_stop(b.server);
    world_close(&a);
}

// ---- What is asked of another peer

HANDLER(get_identity, Auth__IdentityRequest, Auth__Identity) { return true; }

static const struct rpc_method peers_table[] = {RPC_METHOD("events.ListSides", list_sides),
                                                RPC_METHOD("auth.GetIdentity", get_identity),
                                                RPC_METHOD("events.ClosePhase", close_phase),
                                                {0}};
static const struct rpc_method *const peers_methods[] = {peers_table, NULL};

static void start_peer(struct world *world, const char *address)
{
    struct err err = {0};
    struct rpc_server_options options = world_options(world, address);
    options.methods = peers_methods;
    assert_true(rpc_server_start(&world->server, &options, &err));
}

static void connect_both(struct world *a, struct world *b, const char *stays, const char *other)
{
    char both[128];
    struct err err = {0};
    start_peer(a, stays);
    start_peer(b, other);
    snprintf(both, sizeof both, "%s,%s", stays, other);
    const struct rpc_client_options to = {
        .service = "events", .self = CONSE__ASKER__VALUE__GATEWAY, .address = both};
    assert_true(rpc_client_create(&a->client, &to, &err));
    while (rpc_client_peers(a->client) < 2) world_turn(a, 10);
}

static void leave_both(struct world *a, struct world *b)
{
    rpc_client_destroy(a->client);
    rpc_server_stop(b->server);
    rpc_server_stop(a->server);
}

// One of the two goes to each peer.
static int answered_of_two(struct world *a, const char *method)
{
    struct outcome outcomes[2] = {{0}};
    for (int i = 0; i < 2; i++) world_call(a, method, PATIENCE_MS, &outcomes[i]);
    for (int i = 0; i < 2; i++) world_wait(a, &outcomes[i]);
    return outcomes[0].ok + outcomes[1].ok;
}

// Nothing of what it refuses was begun.
static void what_a_peer_that_drains_refuses_is_asked_of_another(void **state)
{
    static const char *const methods[] = {"events.ListSides", "auth.GetIdentity", "events.ClosePhase"};
    (void)state;
    struct world a = {0}, b = {0};
    connect_both(&a, &b, "inproc://stays", "inproc://drains");
    rpc_server_drain(b.server, 0);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        assert_int_equal(answered_of_two(&a, methods[i]), 2);
    leave_both(&a, &b);
}

static void so_it_is_when_the_call_is_about_a_stream_or_has_a_key(void **state)
{
    enum { CALLS = 16 };
    (void)state;
    struct world a = {0}, b = {0};
    struct outcome keyed[CALLS] = {{0}}, about[CALLS] = {{0}};
    char name[CALLS][16];
    connect_both(&a, &b, "inproc://goes-on", "inproc://ends");
    rpc_server_drain(b.server, 0);
    for (int i = 0; i < CALLS; i++) {
        snprintf(name[i], sizeof name[i], "name-%d", i);
        a.stream = name[i];
        world_call_keyed(&a, "events.ClosePhase", name[i], PATIENCE_MS, &keyed[i]);
        world_call(&a, "events.ClosePhase", PATIENCE_MS, &about[i]);
    }
    for (int i = 0; i < CALLS; i++) {
        world_wait(&a, &keyed[i]);
        world_wait(&a, &about[i]);
        assert_true(keyed[i].ok && about[i].ok);
    }
    leave_both(&a, &b);
}

// Whoever could not store it may do so a moment later.
static void a_write_that_was_begun_is_not_asked_of_another(void **state)
{
    (void)state;
    struct world a = {0}, b = {0};
    connect_both(&a, &b, "inproc://stores", "inproc://does-not");
    b.gate.away = true;
    assert_int_equal(answered_of_two(&a, "events.ClosePhase"), 1);
    leave_both(&a, &b);
}

static void tcp_with_the_key_works_and_without_it_is_cut_off(void **state)
{
    (void)state;
    struct bus_keys *key = keys_of(1, 0), *other = keys_of(2, 0);
    struct world world = {0};
    struct outcome outcome = {0}, refused = {0};
    struct err err = {0};
    struct rpc_server_options options = world_options(&world, "tcp://127.0.0.1:17451");
    options.bus_keys = key;
    int port = 17451;
    char address[64];
    for (; port < 18451; port += 2) { // a free pair of ports
        snprintf(address, sizeof address, "tcp://127.0.0.1:%d", port);
        options.address = address;
        if (rpc_server_start(&world.server, &options, &err)) break;
    }
    world_connect(&world, address, key);
    world_call(&world, "events.GetEvent", PATIENCE_MS, &outcome);
    world_wait(&world, &outcome);
    assert_true(outcome.ok);
    rpc_client_destroy(world.client);
    const struct rpc_client_options to = {
        .service = "events", .self = CONSE__ASKER__VALUE__GATEWAY, .address = address, .bus_keys = other};
    assert_true(rpc_client_create(&world.client, &to, &err));
    world_call(&world, "events.GetEvent", PATIENCE_MS, &refused);
    world_wait(&world, &refused);
    assert_true(err_is(&refused.err, SERVICE_AWAY));
    world_close(&world);
    bus_keys_destroy(key);
    bus_keys_destroy(other);
}

static void destroying_the_client_ends_its_calls(void **state)
{
    (void)state;
    struct world world;
    struct outcome outcome = {0};
    world_open(&world, "inproc://destroyed");
    gate_set(&world.gate, true);
    world_call(&world, "events.ListSides", PATIENCE_MS, &outcome);
    world_wait_inside(&world, 1);
    rpc_client_destroy(world.client);
    world.client = NULL;
    assert_int_equal(outcome.calls, 1);
    assert_true(err_is(&outcome.err, SERVICE_DRAINING));
    gate_set(&world.gate, false);
    world_close(&world);
}

static void asking_an_absent_service_does_not_take_long(void **state)
{
    (void)state;
    struct rpc_client *client;
    struct rpc_client_options to = {.service = "events",
                                    .self = CONSE__ASKER__VALUE__GATEWAY,
                                    .address = "ipc:///tmp/no/such/socket.ipc"};
    struct err err = {0};
    struct arena arena;
    ProtobufCMessage *reply;
    Events__EventRequest request = EVENTS__EVENT_REQUEST__INIT;
    arena_init(&arena, 1 << 20);
    assert_true(rpc_client_create(&client, &to, &err));
    int64_t began_ms = clock_mono_ms();
    assert_false(
        rpc_client_ask(client, "events.GetEvent", NULL, &request.base, PATIENCE_MS, &arena, &reply, &err));
    assert_true(err_is(&err, SERVICE_AWAY));
    assert_true(clock_mono_ms() - began_ms < 2000);
    assert_false(
        rpc_client_ask(client, "events.NoSuch", NULL, &request.base, PATIENCE_MS, &arena, &reply, &err));
    assert_true(err_is(&err, NO_METHOD));
    rpc_client_destroy(client);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reused_slot_has_another_id),
        cmocka_unit_test(the_earliest_deadline_comes_first),
        cmocka_unit_test(many_calls_of_one_turn_are_all_answered),
        cmocka_unit_test(more_calls_than_may_be_in_flight_are_refused),
        cmocka_unit_test(a_request_that_would_cost_the_connection_is_not_sent),
        cmocka_unit_test(a_call_ends_at_its_deadline_and_the_late_reply_is_dropped),
        cmocka_unit_test(a_cancelled_call_is_never_heard_of_again),
        cmocka_unit_test(asking_an_absent_service_does_not_take_long),
        cmocka_unit_test(two_peers_share_calls_and_streams_stay_with_theirs),
        cmocka_unit_test(what_a_peer_that_drains_refuses_is_asked_of_another),
        cmocka_unit_test(so_it_is_when_the_call_is_about_a_stream_or_has_a_key),
        cmocka_unit_test(a_write_that_was_begun_is_not_asked_of_another),
        cmocka_unit_test(tcp_with_the_key_works_and_without_it_is_cut_off),
        cmocka_unit_test(destroying_the_client_ends_its_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
