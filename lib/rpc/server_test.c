// The server as a plain REQ socket sees it: one message, one reply message, whatever the message holds.
#include "lib/base/reason.h"
#include "lib/rpc/testing/world.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <sched.h>

#include "lib/rpc/frame.h"

// ---- A client that knows only NNG and the envelope

static nng_socket plain_open(const char *address)
{
    nng_socket socket;
    assert_int_equal(nng_req0_open(&socket), 0);
    nng_socket_set_ms(socket, NNG_OPT_REQ_RESENDTIME, -1);
    nng_socket_set_ms(socket, NNG_OPT_RECVTIMEO, PATIENCE_MS);
    assert_int_equal(nng_dial(socket, address, NULL, 0), 0);
    return socket;
}

static void add_call(nng_msg *message, uint32_t id, const char *method, uint32_t timeout_ms,
                     const ProtobufCMessage *request)
{
    uint8_t payload[512];
    Rpc__Request envelope = RPC__REQUEST__INIT;
    envelope.id = id;
    envelope.method = method;
    envelope.timeout_ms = timeout_ms;
    envelope.asker = CONSE__ASKER__VALUE__GATEWAY;
    envelope.caller = (Rpc__Caller *)&a_dev;
    if (request) envelope.payload = (ProtobufCBinaryData){protobuf_c_message_pack(request, payload), payload};
    assert_true(
        rpc_frame_append(message, &envelope.base, protobuf_c_message_get_packed_size(&envelope.base)));
}

static nng_msg *exchange(nng_socket socket, nng_msg *message)
{
    nng_msg *reply;
    assert_int_equal(nng_sendmsg(socket, message, 0), 0);
    assert_int_equal(nng_recvmsg(socket, &reply, 0), 0);
    return reply;
}

static Rpc__Reply *reply_at(nng_msg *message, size_t index)
{
    struct rpc_frames frames;
    ProtobufCBinaryData envelope;
    assert_true(rpc_frames_open(&frames, nng_msg_body(message), nng_msg_len(message)));
    assert_true(index < frames.count);
    for (size_t i = 0; i <= index; i++) assert_true(rpc_frames_next(&frames, &envelope));
    Rpc__Reply *reply = rpc__reply__unpack(NULL, envelope.len, envelope.data);
    assert_non_null(reply);
    return reply;
}

static void assert_reply(nng_msg *message, size_t index, uint32_t id, Conse__Reason__Value reason)
{
    Rpc__Reply *reply = reply_at(message, index);
    if (reply->reason != reason) fail_msg("reason %d: %s", reply->reason, reply->message);
    assert_int_equal(reply->id, id);
    assert_int_equal(reply->code, reason_find(reason)->code);
    rpc__reply__free_unpacked(reply, NULL);
}

#define OK IS(REASON_UNSPECIFIED)

static nng_msg *new_message(void)
{
    nng_msg *message;
    assert_int_equal(nng_msg_alloc(&message, 0), 0);
    return message;
}

static void assert_refused_bytes(nng_socket socket, const void *bytes, size_t len)
{
    nng_msg *message = new_message();
    nng_msg_append(message, bytes, len);
    message = exchange(socket, message);
    assert_reply(message, 0, 0, IS(MALFORMED));
    nng_msg_free(message);
}

// Sends one call; gives the reply's reason.
static void assert_call(nng_socket socket, const char *method, uint32_t timeout_ms,
                        const ProtobufCMessage *request, Conse__Reason__Value reason)
{
    nng_msg *message = new_message();
    add_call(message, 77, method, timeout_ms, request);
    message = exchange(socket, message);
    assert_reply(message, 0, 77, reason);
    nng_msg_free(message);
}

static Events__EventRequest event_request(const char *id)
{
    Events__EventRequest request = EVENTS__EVENT_REQUEST__INIT;
    request.event_id = id;
    return request;
}

// ---- Tests

static void one_frame_over_a_plain_socket_is_answered(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, "inproc://plain");
    nng_socket socket = plain_open("inproc://plain");
    Events__EventRequest request = event_request(AN_ID);
    nng_msg *message = new_message();
    add_call(message, 4711, "events.GetEvent", 1000, &request.base);
    message = exchange(socket, message);
    Rpc__Reply *reply = reply_at(message, 0);
    assert_int_equal(reply->id, 4711);
    assert_int_equal(reply->code, CONSE__CODE__OK);
    Events__EventReply *event = events__event_reply__unpack(NULL, reply->payload.len, reply->payload.data);
    assert_string_equal(event->event->id, AN_ID);
    events__event_reply__free_unpacked(event, NULL);
    rpc__reply__free_unpacked(reply, NULL);
    nng_msg_free(message);
    nng_close(socket);
    world_close(&world);
}

static void a_batch_has_a_reply_for_each_frame(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, "inproc://batch");
    nng_socket socket = plain_open("inproc://batch");
    Events__EventRequest request = event_request(AN_ID), wrong = event_request("not-a-uuid");
    nng_msg *message = new_message();
    for (uint32_t i = 0; i < RPC_MAX_FRAMES; i++)
        add_call(message, 100 + i, "events.GetEvent", 1000, i == 5 ? &wrong.base : &request.base);
    message = exchange(socket, message);
    for (uint32_t i = 0; i < RPC_MAX_FRAMES; i++)
        assert_reply(message, i, 100 + i, i == 5 ? IS(INVALID_FIELD) : OK);
    nng_msg_free(message);
    nng_close(socket);
    world_close(&world);
}

static void malformed_messages_are_refused_and_the_next_is_served(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, "inproc://malformed");
    nng_socket socket = plain_open("inproc://malformed");
    assert_refused_bytes(socket, "", 0);
    assert_refused_bytes(socket, "\x01", 1);
    assert_refused_bytes(socket, "\x01\x00\x00", 3);
    assert_refused_bytes(socket, "\x05\x00\x00\x00zz", 6);               // shorter than it says
    assert_refused_bytes(socket, "\xff\xff\xff\xffzzzz", 8);             // longer than any message
    assert_refused_bytes(socket, "\x01\x00\x00\x00zz", 6);               // bytes after the last frame
    assert_refused_bytes(socket, "\x04\x00\x00\x00\xff\xff\xff\xff", 8); // no envelope
    nng_msg *message = new_message();
    for (uint32_t i = 0; i <= RPC_MAX_FRAMES; i++) add_call(message, i, "events.GetEvent", 1000, NULL);
    message = exchange(socket, message);
    assert_reply(message, 0, 0, IS(MALFORMED));
    nng_msg_free(message);
    Events__EventRequest request = event_request(AN_ID);
    assert_call(socket, "events.GetEvent", 1000, &request.base, OK);
    nng_close(socket);
    world_close(&world);
}

static void calls_that_may_not_run_say_why(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, "inproc://refused");
    nng_socket socket = plain_open("inproc://refused"), slow = plain_open("inproc://refused-slow");
    Events__EventRequest request = event_request(AN_ID), wrong = event_request("nobody's id");
    assert_call(socket, "events.NoSuch", 1000, NULL, IS(NO_METHOD));
    assert_call(socket, "", 1000, NULL, IS(NO_METHOD));
    assert_call(socket, "events.Reserve", 1000, NULL, IS(NO_METHOD)); // in the contract, not served here
    assert_call(socket, "events.GetEvent", 0, &request.base, IS(MALFORMED));
    assert_call(socket, "events.GetEvent", 1000, NULL, IS(INVALID_FIELD));
    assert_call(socket, "events.GetEvent", 1000, &wrong.base, IS(INVALID_FIELD));
    assert_call(socket, "events.PutEventImage", 1000, NULL,
                IS(MALFORMED)); // a SLOW method has its own address
    assert_call(slow, "events.GetEvent", 1000, &request.base, IS(MALFORMED));
    nng_close(socket);
    nng_close(slow);
    world_close(&world);
}

static void a_payload_that_is_no_message_is_malformed(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, "inproc://payload");
    nng_socket socket = plain_open("inproc://payload");
    Rpc__Request envelope = RPC__REQUEST__INIT;
    envelope.id = 3;
    envelope.method = "events.GetEvent";
    envelope.timeout_ms = 1000;
    envelope.asker = CONSE__ASKER__VALUE__GATEWAY;
    envelope.payload = (ProtobufCBinaryData){4, (uint8_t *)"\xff\xff\xff\xff"};
    nng_msg *message = new_message();
    assert_true(
        rpc_frame_append(message, &envelope.base, protobuf_c_message_get_packed_size(&envelope.base)));
    message = exchange(socket, message);
    assert_reply(message, 0, 3, IS(MALFORMED));
    nng_msg_free(message);
    nng_close(socket);
    world_close(&world);
}

static void bulk_comes_alone(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, "inproc://bulk");
    nng_socket socket = plain_open("inproc://bulk");
    Events__EventRequest request = event_request(AN_ID);
    nng_msg *message = new_message();
    add_call(message, 1, "events.ListEvents", 1000, NULL);
    add_call(message, 2, "events.GetEvent", 1000, &request.base);
    message = exchange(socket, message);
    assert_reply(message, 0, 1, IS(MALFORMED));
    assert_reply(message, 1, 2, OK);
    nng_msg_free(message);
    nng_close(socket);
    world_close(&world);
}

static void a_reply_over_two_mebibytes_is_refused(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, "inproc://large");
    nng_socket socket = plain_open("inproc://large");
    Events__ListEventsRequest request = EVENTS__LIST_EVENTS_REQUEST__INIT;
    request.page_size = 31; // times 64 KiB
    assert_call(socket, "events.ListEvents", 1000, &request.base, OK);
    request.page_size = 33;
    assert_call(socket, "events.ListEvents", 1000, &request.base, IS(REPLY_TOO_LARGE));
    nng_close(socket);
    world_close(&world);
}

static void a_call_has_so_much_memory_and_no_more(void **state)
{
    (void)state;
    struct world world = {0};
    struct rpc_server_options options = world_options(&world, "inproc://memory");
    options.arena_cap_bytes = 32 * 1024;
    world_open_with(&world, &options);
    nng_socket socket = plain_open("inproc://memory");
    Events__ListEventsRequest request = EVENTS__LIST_EVENTS_REQUEST__INIT;
    assert_call(socket, "events.ListEvents", 1000, &request.base, OK);
    request.page_size = 1;
    assert_call(socket, "events.ListEvents", 1000, &request.base, IS(CALL_TOO_LARGE));
    request.page_size = 0;
    assert_call(socket, "events.ListEvents", 1000, &request.base, OK);
    nng_close(socket);
    world_close(&world);
}

static void faults_of_ours_send_a_fixed_sentence(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, "inproc://faults");
    static const struct {
        const char *id;
        Conse__Reason__Value reason;
        const char *message;
    } cases[] = {
        {"01890000-0000-7000-8000-000000000001", IS(EVENT_FULL), "all 10 seats are taken"},
        {"01890000-0000-7000-8000-000000000002", IS(INTERNAL_ERROR), "internal error"},
        {"01890000-0000-7000-8000-000000000003", IS(STORE_CORRUPT), "what is stored does not verify"},
        {"01890000-0000-7000-8000-000000000004", IS(INTERNAL_ERROR), "internal error"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Events__EventRequest request = event_request(cases[i].id);
        ProtobufCMessage *reply;
        struct err err = {0};
        assert_false(rpc_client_ask(world.client, "events.GetDeal", NULL, &request.base, 2000, &world.arena,
                                    &reply, &err));
        assert_int_equal(err.reason, cases[i].reason);
        assert_string_equal(err.message, cases[i].message);
        assert_string_equal(err.field, i == 0 ? "seat" : "");
        assert_int_equal(err.retry_after_s, i == 0 ? 7 : 0);
    }
    world_close(&world);
}

static void what_waited_too_long_is_not_run(void **state)
{
    (void)state;
    struct world world = {0};
    struct rpc_server_options options = world_options(&world, "inproc://expired");
    options.workers = 1;
    world_open_with(&world, &options);
    nng_socket socket = plain_open("inproc://expired");
    struct outcome first = {0};
    gate_set(&world.gate, true);
    world_call(&world, "events.ListSides", PATIENCE_MS, &first);
    world_wait_inside(&world, 1);
    nng_msg *message = new_message(), *reply;
    add_call(message, 9, "events.ListSides", 20, NULL);
    assert_int_equal(nng_sendmsg(socket, message, 0), 0);
    int64_t until_ms = clock_mono_ms() + 100; // the call's time passes while it waits for the worker
    while (clock_mono_ms() < until_ms) sched_yield();
    gate_set(&world.gate, false);
    assert_int_equal(nng_recvmsg(socket, &reply, 0), 0);
    assert_reply(reply, 0, 9, IS(DEADLINE_PASSED));
    nng_msg_free(reply);
    world_wait(&world, &first);
    assert_int_equal(gate_passed(&world.gate), 1);
    nng_close(socket);
    world_close(&world);
}

static void a_full_queue_refuses_at_once(void **state)
{
    (void)state;
    struct world world = {0};
    struct rpc_server_options options = world_options(&world, "inproc://full");
    options.workers = 1;
    options.queue = 1;
    world_open_with(&world, &options);
    nng_socket socket = plain_open("inproc://full");
    struct outcome running = {0}, waiting = {0};
    gate_set(&world.gate, true);
    world_call(&world, "events.ListSides", PATIENCE_MS, &running);
    world_wait_inside(&world, 1);
    world_call(&world, "events.ListSides", PATIENCE_MS, &waiting);
    rpc_client_flush(world.client);
    Events__EventRequest request = event_request(AN_ID);
    bool busy = false;
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (!busy && clock_mono_ms() < until_ms) { // the waiting call may come after the first of these
        nng_msg *message = new_message(), *reply;
        add_call(message, 5, "events.GetEvent", 100, &request.base);
        assert_int_equal(nng_sendmsg(socket, message, 0), 0);
        nng_socket_set_ms(socket, NNG_OPT_RECVTIMEO, 500);
        if (nng_recvmsg(socket, &reply, 0) != 0) continue;
        assert_reply(reply, 0, 5, IS(SERVICE_BUSY));
        nng_msg_free(reply);
        busy = true;
    }
    assert_true(busy);
    gate_set(&world.gate, false);
    world_wait(&world, &running);
    world_wait(&world, &waiting);
    assert_true(running.ok);
    nng_close(socket);
    world_close(&world);
}

static void slow_calls_neither_queue_nor_hold_up_fast_ones(void **state)
{
    (void)state;
    struct world world;
    struct outcome slow[3] = {{0}}, fast = {0};
    world_open(&world, "inproc://slow"); // two slow workers
    gate_set(&world.gate, true);
    for (int i = 0; i < 2; i++) world_call(&world, "events.PutEventImage", PATIENCE_MS, &slow[i]);
    world_wait_inside(&world, 2);
    world_call(&world, "events.PutEventImage", PATIENCE_MS, &slow[2]);
    world_call(&world, "events.GetEvent", PATIENCE_MS, &fast);
    world_wait(&world, &slow[2]);
    assert_true(err_is(&slow[2].err, SERVICE_BUSY));
    assert_int_equal(slow[2].err.retry_after_s, 1);
    world_wait(&world, &fast);
    assert_true(fast.ok);
    assert_int_equal(slow[0].calls + slow[1].calls, 0);
    gate_set(&world.gate, false);
    world_wait(&world, &slow[0]);
    world_wait(&world, &slow[1]);
    assert_true(slow[0].ok && slow[1].ok);
    world_close(&world);
}

static void *drain_main(void *arg)
{
    rpc_server_drain(arg, PATIENCE_MS);
    return NULL;
}

static void draining_finishes_what_runs_and_takes_nothing_new(void **state)
{
    (void)state;
    struct world world;
    struct outcome running = {0}, late = {0};
    pthread_t drainer;
    world_open(&world, "inproc://drain");
    gate_set(&world.gate, true);
    world_call(&world, "events.ListSides", PATIENCE_MS, &running);
    world_wait_inside(&world, 1);
    assert_int_equal(pthread_create(&drainer, NULL, drain_main, world.server), 0);
    do { // until draining has begun
        late = (struct outcome){0};
        world_call(&world, "events.GetEvent", PATIENCE_MS, &late);
        world_wait(&world, &late);
    } while (late.ok);
    assert_true(err_is(&late.err, SERVICE_DRAINING));
    gate_set(&world.gate, false);
    pthread_join(drainer, NULL);
    world_wait(&world, &running);
    assert_true(running.ok);
    world_close(&world);
}

// A raw socket sends any number of requests without reading a reply.
static void a_peer_that_takes_no_replies_is_cut_off(void **state)
{
    (void)state;
    enum { REQUESTS = 200 };
    struct world world = {0};
    struct outcome other = {0};
    char folder[TEST_FOLDER_BYTES], address[64];
    test_folder_make(folder);
    snprintf(address, sizeof address, "ipc://%s/events.ipc", folder);
    struct rpc_server_options options = world_options(&world, address);
    world_open_with(&world, &options);
    nng_socket deaf;
    assert_int_equal(nng_req0_open_raw(&deaf), 0);
    nng_socket_set_int(deaf, NNG_OPT_RECVBUF, 0);
    nng_socket_set_int(deaf, NNG_OPT_SENDBUF, REQUESTS);
    assert_int_equal(nng_dial(deaf, address, NULL, 0), 0);
    Events__ListEventsRequest request = EVENTS__LIST_EVENTS_REQUEST__INIT;
    request.page_size = 30; // times 64 KiB
    for (uint32_t i = 0; i < REQUESTS; i++) {
        nng_msg *message = new_message();
        add_call(message, i, "events.ListEvents", PATIENCE_MS, &request.base);
        nng_msg_header_append_u32(message, i | 0x80000000u);
        assert_int_equal(nng_sendmsg(deaf, message, 0), 0);
    }
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    do { // while all contexts wait for the deaf one, others wait too
        other = (struct outcome){0};
        world_call(&world, "events.GetEvent", 1000, &other);
        world_wait(&world, &other);
    } while (!other.ok && clock_mono_ms() < until_ms);
    assert_true(other.ok);
    world_close(&world);
    nng_close(deaf);
    test_folder_remove(folder);
}

static void tcp_needs_a_key(void **state)
{
    (void)state;
    struct world world = {0};
    struct err err = {0};
    struct rpc_server_options options = world_options(&world, "tcp://127.0.0.1:0");
    assert_false(rpc_server_start(&world.server, &options, &err));
    assert_true(err_is(&err, INVALID_FIELD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_frame_over_a_plain_socket_is_answered),
        cmocka_unit_test(a_batch_has_a_reply_for_each_frame),
        cmocka_unit_test(malformed_messages_are_refused_and_the_next_is_served),
        cmocka_unit_test(calls_that_may_not_run_say_why),
        cmocka_unit_test(a_payload_that_is_no_message_is_malformed),
        cmocka_unit_test(bulk_comes_alone),
        cmocka_unit_test(a_reply_over_two_mebibytes_is_refused),
        cmocka_unit_test(a_call_has_so_much_memory_and_no_more),
        cmocka_unit_test(faults_of_ours_send_a_fixed_sentence),
        cmocka_unit_test(what_waited_too_long_is_not_run),
        cmocka_unit_test(a_full_queue_refuses_at_once),
        cmocka_unit_test(slow_calls_neither_queue_nor_hold_up_fast_ones),
        cmocka_unit_test(draining_finishes_what_runs_and_takes_nothing_new),
        cmocka_unit_test(a_peer_that_takes_no_replies_is_cut_off),
        cmocka_unit_test(tcp_needs_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
