// Calls with bus keys, against somebody who records messages and sends them again: on the same connection, on
// another, to another server, later. The recorder has the keys here, only to make what it then repeats.
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdatomic.h>

#include "lib/rpc/frame.h"
#include "lib/rpc/session.h"
#include "lib/rpc/testing/keys.h"
#include "lib/rpc/testing/world.h"

enum { NEVER_MS = 10000 };

static struct bus_keys *keys;
static struct world world;

static void open_world(const char *address)
{
    world = (struct world){0};
    struct rpc_server_options options = world_options(&world, address);
    keys = keys_of(1, 0);
    options.bus_keys = keys;
    world_open_with(&world, &options);
}

static void close_world(void)
{
    world_close(&world);
    bus_keys_destroy(keys);
}

// A client's side of a connection, which tells when it is cut off.
struct line {
    nng_socket socket;
    atomic_int losses, receptions;
};

static void on_loss(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
    (void)pipe, (void)event;
    atomic_fetch_add(&((struct line *)arg)->losses, 1);
}

static void on_received(void *arg) { atomic_fetch_add(&((struct line *)arg)->receptions, 1); }

static void line_open(struct line *line, const char *address)
{
    *line = (struct line){0};
    assert_int_equal(nng_req0_open(&line->socket), 0);
    nng_socket_set_ms(line->socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
    nng_socket_set_ms(line->socket, NNG_OPT_RECVTIMEO, NEVER_MS);
    nng_pipe_notify(line->socket, NNG_PIPE_EV_REM_POST, on_loss, line);
    assert_int_equal(nng_dial(line->socket, address, NULL, 0), 0);
}

// Sends it and waits for the answer, true, or for being cut off.
static bool is_answered(struct line *line, const nng_msg *message)
{
    nng_msg *copy;
    nng_aio *aio;
    int losses = atomic_load(&line->losses), receptions = atomic_load(&line->receptions);
    assert_int_equal(nng_msg_dup(&copy, message), 0);
    assert_int_equal(nng_sendmsg(line->socket, copy, 0), 0);
    assert_int_equal(nng_aio_alloc(&aio, on_received, line), 0);
    nng_recv_aio(line->socket, aio);
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (atomic_load(&line->receptions) == receptions && atomic_load(&line->losses) == losses) {
        assert_true(clock_mono_ms() < until_ms);
        sched_yield();
    }
    nng_aio_stop(aio);
    bool ok = nng_aio_result(aio) == 0;
    if (ok) nng_msg_free(nng_aio_get_msg(aio));
    nng_aio_free(aio);
    return ok;
}

struct recorder {
    struct line line;
    struct rpc_seals seals;
    struct rpc_session session;
};

static void recorder_open(struct recorder *recorder, const char *address)
{
    line_open(&recorder->line, address);
    rpc_seals_init(&recorder->seals, keys, "events");
    rpc_session_init(&recorder->session, &recorder->seals);
    nng_msg *message = rpc_session_greet(&recorder->session, clock_unix_ms());
    assert_int_equal(nng_sendmsg(recorder->line.socket, message, 0), 0);
    assert_int_equal(nng_recvmsg(recorder->line.socket, &message, 0), 0);
    assert_int_equal(
        rpc_session_open(&recorder->session, message, clock_unix_ms(), recorder->session.greeting),
        SEAL_FINE);
    nng_msg_free(message);
}

static void recorder_close(struct recorder *recorder)
{
    nng_close(recorder->line.socket);
    rpc_seals_finish(&recorder->seals);
}

// A sealed call that passes the gate once each time it is run.
static nng_msg *record(struct recorder *recorder, int64_t time_ms)
{
    nng_msg *message;
    uint64_t counter;
    Rpc__Request request = RPC__REQUEST__INIT;
    request.id = 1;
    request.method = "events.ListSides";
    request.timeout_ms = 10000;
    request.asker = CONSE__ASKER__VALUE__GATEWAY;
    assert_int_equal(nng_msg_alloc(&message, 0), 0);
    assert_true(rpc_frame_append(message, &request.base, rpc__request__get_packed_size(&request)));
    assert_true(rpc_session_close(&recorder->session, message, time_ms, &counter));
    return message;
}

static void a_call_is_run_once_however_often_it_is_sent(void **state)
{
    (void)state;
    struct recorder recorder;
    open_world("inproc://sealed-once");
    recorder_open(&recorder, world.address);
    nng_msg *call = record(&recorder, clock_unix_ms());
    assert_true(is_answered(&recorder.line, call));
    assert_false(is_answered(&recorder.line, call)); // on its own connection
    struct line another;
    line_open(&another, world.address);
    assert_false(is_answered(&another, call));
    assert_int_equal(gate_passed(&world.gate), 1);
    nng_close(another.socket);
    nng_msg_free(call);
    recorder_close(&recorder);
    close_world();
}

static void another_server_does_not_take_it(void **state)
{
    (void)state;
    struct recorder recorder;
    struct world twin = {0};
    struct err err;
    open_world("inproc://sealed-mine");
    struct rpc_server_options options = world_options(&twin, "inproc://sealed-twin");
    options.bus_keys = keys;
    assert_true(rpc_server_start(&twin.server, &options, &err));
    recorder_open(&recorder, world.address);
    nng_msg *call = record(&recorder, clock_unix_ms());
    struct line another;
    line_open(&another, options.address);
    assert_false(is_answered(&another, call));
    assert_int_equal(gate_passed(&twin.gate), 0);
    assert_true(is_answered(&recorder.line, call));
    nng_close(another.socket);
    nng_msg_free(call);
    recorder_close(&recorder);
    rpc_server_stop(twin.server);
    close_world();
}

static void a_call_from_another_time_is_not_run(void **state)
{
    (void)state;
    open_world("inproc://sealed-late");
    const int64_t times_ms[] = {-2 * SEAL_SKEW_MS, 2 * SEAL_SKEW_MS};
    for (size_t i = 0; i < sizeof times_ms / sizeof *times_ms; i++) {
        struct recorder recorder;
        recorder_open(&recorder, world.address);
        nng_msg *call = record(&recorder, clock_unix_ms() + times_ms[i]);
        assert_false(is_answered(&recorder.line, call));
        nng_msg_free(call);
        recorder_close(&recorder);
    }
    assert_int_equal(gate_passed(&world.gate), 0);
    close_world();
}

static void a_call_without_a_seal_is_not_run(void **state)
{
    (void)state;
    struct recorder recorder;
    open_world("inproc://sealed-not");
    recorder_open(&recorder, world.address);
    nng_msg *call = record(&recorder, clock_unix_ms());
    nng_msg_chop(call, SEAL_BYTES);
    assert_false(is_answered(&recorder.line, call));
    assert_int_equal(gate_passed(&world.gate), 0);
    nng_msg_free(call);
    recorder_close(&recorder);
    close_world();
}

static void ask_once(void)
{
    struct outcome outcome = {0};
    world_call(&world, "events.GetEvent", PATIENCE_MS, &outcome);
    world_wait(&world, &outcome);
    if (!outcome.ok) fail_msg("%s", outcome.err.message);
}

// As SIGHUP does to one process after the other: no call fails on the way, nor is a connection lost.
static void calls_go_on_while_the_keys_are_rolled(void **state)
{
    (void)state;
    const struct bus_key_list steps[] = {key_list_of(1, 2), key_list_of(2, 1), key_list_of(2, 0)};
    struct bus_keys *theirs = keys_of(1, 0);
    open_world("inproc://sealed-rolled");
    rpc_client_destroy(world.client);
    arena_finish(&world.arena);
    world_connect(&world, world.address, theirs);
    ask_once();
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        bus_keys_set(theirs, &steps[i]);
        ask_once();
        bus_keys_set(keys, &steps[i]);
        ask_once();
    }
    rpc_client_destroy(world.client);
    arena_finish(&world.arena);
    world_connect(&world, world.address, theirs); // greetings too have the new key
    ask_once();
    close_world();
    bus_keys_destroy(theirs);
}

static void a_client_goes_on_after_its_server_restarts(void **state)
{
    (void)state;
    struct err err;
    open_world("inproc://sealed-again");
    ask_once();
    rpc_server_stop(world.server);
    struct rpc_server_options options = world_options(&world, world.address);
    options.bus_keys = keys;
    assert_true(rpc_server_start(&world.server, &options, &err));
    while (rpc_client_connected(world.client)) world_turn(&world, 1);
    assert_true(rpc_client_wait(world.client, PATIENCE_MS));
    ask_once();
    close_world();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_run_once_however_often_it_is_sent),
        cmocka_unit_test(another_server_does_not_take_it),
        cmocka_unit_test(a_call_from_another_time_is_not_run),
        cmocka_unit_test(a_call_without_a_seal_is_not_run),
        cmocka_unit_test(calls_go_on_while_the_keys_are_rolled),
        cmocka_unit_test(a_client_goes_on_after_its_server_restarts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
