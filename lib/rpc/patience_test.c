// Calls that find no connected peer: which wait, for how long, and how they are sent.
#include "lib/rpc/testing/world.h"

static void absent_open(struct world *world, const char *address)
{
    struct err err = {0};
    struct rpc_client_options to = {
        .service = "events", .self = CONSE__ASKER__VALUE__GATEWAY, .address = address};
    world->address = address;
    assert_true(rpc_client_create(&world->client, &to, &err));
    assert_false(rpc_client_connected(world->client));
}

static void an_absent_service_is_waited_for_a_moment(void **state)
{
    (void)state;
    struct world world = {0};
    struct outcome outcome = {0};
    absent_open(&world, "inproc://absent");
    int64_t began_ms = clock_mono_ms();
    world_call(&world, "events.GetEvent", PATIENCE_MS, &outcome);
    assert_int_equal(outcome.calls, 0);
    world_wait(&world, &outcome);
    int64_t took_ms = clock_mono_ms() - began_ms;
    assert_true(err_is(&outcome.err, SERVICE_AWAY));
    assert_int_equal(outcome.err.retry_after_s, 1);
    assert_in_range(took_ms, 500, 5000);
    rpc_client_destroy(world.client);
}

static void who_has_less_time_waits_no_longer(void **state)
{
    (void)state;
    struct world world = {0};
    struct outcome brief = {0}, cancelled = {0}, left = {0};
    absent_open(&world, "inproc://absent-brief");
    rpc_client_cancel(world.client, world_call(&world, "events.GetEvent", PATIENCE_MS, &cancelled));
    world_call(&world, "events.CreateGroup", 20, &brief);
    world_wait(&world, &brief);
    assert_true(err_is(&brief.err, DEADLINE_PASSED));
    assert_int_equal(cancelled.calls, 0);
    world_call(&world, "events.GetEvent", PATIENCE_MS, &left);
    rpc_client_destroy(world.client);
    assert_int_equal(left.calls, 1);
    assert_true(err_is(&left.err, SERVICE_DRAINING));
    assert_int_equal(cancelled.calls, 0);
}

static void what_waits_is_bounded(void **state)
{
    (void)state;
    enum { CALLS = 10 };
    struct world world = {0};
    struct outcome outcomes[CALLS] = {0};
    absent_open(&world, "inproc://absent-bounded");
    static uint8_t bytes[2 << 20];
    struct rpc_request request = {.method = schema_method("events.GetEvent"),
                                  .caller = &a_dev,
                                  .timeout_ms = PATIENCE_MS,
                                  .payload = {sizeof bytes, bytes}};
    int64_t began_ms = clock_mono_ms();
    for (int i = 0; i < CALLS; i++) rpc_client_call(world.client, &request, on_outcome, &outcomes[i]);
    world_wait(&world, &outcomes[CALLS - 1]); // has no room
    assert_true(err_is(&outcomes[CALLS - 1].err, SERVICE_AWAY));
    assert_true(outcomes[0].calls == 0 || clock_mono_ms() - began_ms >= 500);
    for (int i = 0; i < CALLS; i++) world_wait(&world, &outcomes[i]);
    rpc_client_destroy(world.client);
}

// The calls of a turn in which the service is away go out when it is back, each once and in their order.
static void what_was_not_sent_is_answered_by_who_comes_back(void **state)
{
    (void)state;
    enum { CALLS = 20 };
    struct world world = {0};
    struct outcome outcomes[CALLS];
    bool all = false;
    absent_open(&world, "inproc://comes-back");
    for (int tries = 0; !all && tries < 20; tries++) { // on a busy machine half a second may be short
        memset(outcomes, 0, sizeof outcomes);
        for (int i = 0; i < CALLS; i++)
            world_call(&world, i % 2 ? "events.GetEvent" : "events.ListSides", PATIENCE_MS, &outcomes[i]);
        struct rpc_server_options options = world_options(&world, world.address);
        struct err err = {0};
        assert_true(rpc_server_start(&world.server, &options, &err));
        all = true;
        for (int i = 0; i < CALLS; i++) {
            world_wait(&world, &outcomes[i]);
            assert_true(outcomes[i].ok || err_is(&outcomes[i].err, SERVICE_AWAY));
            assert_int_equal(outcomes[i].calls, 1);
            all = all && outcomes[i].ok;
        }
        rpc_server_stop(world.server);
        while (rpc_client_connected(world.client)) world_turn(&world, 10);
    }
    assert_true(all);
    rpc_client_destroy(world.client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_absent_service_is_waited_for_a_moment),
        cmocka_unit_test(who_has_less_time_waits_no_longer),
        cmocka_unit_test(what_waits_is_bounded),
        cmocka_unit_test(what_was_not_sent_is_answered_by_who_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
