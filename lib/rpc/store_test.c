// Replies that wait for the disk, and commands with an Idempotency-Key, on a real store.
#include "lib/rpc/testing/world.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <unistd.h>

#include "lib/rpc/frame.h"

struct poll_box { // the service: a stream of votes
    struct gate gate;
    struct store *store;
    pthread_mutex_t mutex;
    uint64_t seq; // last decided on; guarded
    atomic_int runs;
    atomic_int done, undone;
    struct gate row_gate; // its write ends when this is open
};

static void on_done(void *arg, bool durable)
{
    struct poll_box *box = arg;
    atomic_fetch_add(durable ? &box->done : &box->undone, 1);
}

// UP appends to the stream; DOWN appends where something is already, which fails when it is committed.
HANDLER(vote_event, Events__VoteRequest, Events__VoteReply)
{
    struct poll_box *box = call->service;
    bool down = request->vote == EVENTS__VOTE__VALUE__DOWN;
    atomic_fetch_add(&box->runs, 1);
    gate_pass(&box->gate);
    uint8_t bytes[1] = {(uint8_t)request->vote};
    ProtobufCBinaryData entry = {1, bytes};
    pthread_mutex_lock(&box->mutex);
    uint64_t seq = down ? 1 : ++box->seq;
    reply->upvotes = (int32_t)seq;
    rpc_after(call, store_append(box->store, down ? "taken" : "votes", seq, &entry, 1,
                                 rpc_seal(call, &reply->base, on_done, box)));
    pthread_mutex_unlock(&box->mutex);
    return true;
}

// Appends, and answers with as many KiB as the name says.
HANDLER(create_group, Events__CreateGroupRequest, Events__GroupReply)
{
    struct poll_box *box = call->service;
    size_t len = strtoul(request->name, NULL, 10) << 10;
    ProtobufCBinaryData entry = {1, (uint8_t *)"g"};
    Events__Group *group = reply->group = arena_new(call->arena, Events__Group);
    events__group__init(group);
    group->description = memset(arena_alloc(call->arena, len + 1), 'x', len);
    const struct store_write *write = rpc_seal(call, &reply->base, on_done, box);
    if (call->arena->failed) return true;
    pthread_mutex_lock(&box->mutex);
    rpc_after(call, store_append(box->store, "votes", ++box->seq, &entry, 1, write));
    pthread_mutex_unlock(&box->mutex);
    return true;
}

static void on_row_done(void *arg, bool durable)
{
    (void)durable;
    gate_pass(arg);
}

// Appends, and then has a row made of it: a write of its own, which is refused.
HANDLER(unlock_event, Events__EventRequest, Events__EventReply)
{
    struct poll_box *box = call->service;
    uint8_t bytes[1] = {0};
    ProtobufCBinaryData entry = {1, bytes};
    if (!rpc_judge(call, true, err)) return false;
    pthread_mutex_lock(&box->mutex);
    uint64_t ticket =
        store_append(box->store, "votes", ++box->seq, &entry, 1, rpc_seal(call, &reply->base, on_done, box));
    pthread_mutex_unlock(&box->mutex);
    rpc_after(call, ticket);
    if (!store_wait(box->store, ticket, err)) return false;
    struct store_write row = {.after = ticket, .done = on_row_done, .arg = &box->row_gate};
    rpc_wait_for(call, store_append(box->store, "taken", 1, &entry, 1, &row));
    return true;
}

// A refusal that rests on what is not durable yet.
HANDLER(cancel_event, Events__EventRequest, Events__EventReply)
{
    struct poll_box *box = call->service;
    uint8_t bytes[1] = {0};
    ProtobufCBinaryData entry = {1, bytes};
    if (!rpc_judge(call, true, err)) return false;
    rpc_after(call,
              store_append(box->store, "taken", 1, &entry, 1, rpc_seal(call, &reply->base, NULL, NULL)));
    return err_fail(err, EVENT_NOT_OPEN, "cancelled already");
}

static const struct rpc_method table[] = {RPC_METHOD("events.VoteEvent", vote_event),
                                          RPC_METHOD("events.CancelEvent", cancel_event),
                                          RPC_METHOD("events.UnlockEvent", unlock_event),
                                          RPC_METHOD("events.CreateGroup", create_group),
                                          {0}};
static const struct rpc_method *const methods[] = {table, NULL};
static const struct store_table no_tables[] = {{0}};

struct evening {
    struct poll_box box;
    struct world world;
    char folder[64], file[96], url[128], address[64];
};

static int set_up(void **state)
{
    struct evening *evening = calloc(1, sizeof *evening);
    struct err err = {0};
    test_folder_make(evening->folder);
    snprintf(evening->file, sizeof evening->file, "%s/store.db", evening->folder);
    snprintf(evening->url, sizeof evening->url, "sqlite:%s", evening->file);
    snprintf(evening->address, sizeof evening->address, "inproc://%s", evening->folder);
    gate_init(&evening->box.gate);
    gate_init(&evening->box.row_gate);
    pthread_mutex_init(&evening->box.mutex, NULL);
    struct store_options store_options = {.url = evening->url, .tables = no_tables};
    if (!store_open(&evening->box.store, &store_options, &err)) fail_msg("%s", err.message);
    uint8_t bytes[1] = {0};
    ProtobufCBinaryData entry = {1, bytes};
    assert_true(
        store_wait(evening->box.store, store_append(evening->box.store, "taken", 1, &entry, 1, NULL), &err));
    struct rpc_server_options options = {.name = "events",
                                         .methods = methods,
                                         .service = &evening->box,
                                         .store = evening->box.store,
                                         .address = evening->address,
                                         .workers = 2,
                                         .queue = 64};
    world_open_with(&evening->world, &options);
    *state = evening;
    return 0;
}

static int tear_down(void **state)
{
    struct evening *evening = *state;
    world_close(&evening->world);
    store_close(evening->box.store);
    test_folder_remove(evening->folder);
    free(evening);
    return 0;
}

struct vote {
    const char *user, *key;
    Events__Vote__Value vote;
};

static void cast(struct evening *evening, struct vote vote, struct outcome *outcome)
{
    uint8_t bytes[256];
    Events__VoteRequest message = EVENTS__VOTE_REQUEST__INIT;
    message.event_id = AN_ID;
    message.vote = vote.vote;
    Rpc__Caller caller = RPC__CALLER__INIT;
    caller.user_id = vote.user ? vote.user : "eve";
    caller.level = LEVEL_DEV;
    struct rpc_request request = {.method = schema_method("events.VoteEvent"),
                                  .caller = &caller,
                                  .idempotency_key = vote.key,
                                  .timeout_ms = PATIENCE_MS,
                                  .payload = {events__vote_request__pack(&message, bytes), bytes}};
    rpc_client_call(evening->world.client, &request, on_outcome, outcome);
}

static struct outcome cast_and_wait(struct evening *evening, struct vote vote)
{
    struct outcome outcome = {0};
    cast(evening, vote, &outcome);
    world_wait(&evening->world, &outcome);
    return outcome;
}

static int upvotes_of(const struct outcome *outcome)
{
    if (!outcome->ok) fail_msg("%s", outcome->err.message);
    Events__VoteReply *reply =
        events__vote_reply__unpack(NULL, outcome->payload_len, (const uint8_t *)outcome->payload);
    assert_non_null(reply);
    int upvotes = reply->upvotes;
    events__vote_reply__free_unpacked(reply, NULL);
    return upvotes;
}

static uint64_t head_of(struct evening *evening)
{
    struct err err;
    uint64_t seq;
    assert_true(store_head(evening->box.store, "votes", &seq, &err));
    return seq;
}

static const struct vote UP = {"ada", NULL, EVENTS__VOTE__VALUE__UP};

// ---- Tests

static void a_reply_comes_after_its_write_is_durable(void **state)
{
    struct evening *evening = *state;
    for (int i = 1; i <= 20; i++) {
        struct outcome outcome = cast_and_wait(evening, UP);
        assert_int_equal(upvotes_of(&outcome), i);
        assert_int_equal(head_of(evening), i);
        assert_int_equal(atomic_load(&evening->box.done), i);
    }
}

static void a_batch_of_writes_is_answered_together(void **state)
{
    enum { CALLS = 200 };
    struct evening *evening = *state;
    static struct outcome outcomes[CALLS];
    memset(outcomes, 0, sizeof outcomes);
    for (int i = 0; i < CALLS; i++) cast(evening, UP, &outcomes[i]);
    for (int i = 0; i < CALLS; i++) {
        world_wait(&evening->world, &outcomes[i]);
        assert_true(outcomes[i].ok);
    }
    assert_int_equal(head_of(evening), CALLS);
}

static void a_failed_write_replaces_its_reply_alone(void **state)
{
    struct evening *evening = *state;
    struct outcome good = {0}, bad = {0}, also_good = {0};
    cast(evening, UP, &good);
    cast(evening, (struct vote){"bob", NULL, EVENTS__VOTE__VALUE__DOWN}, &bad);
    cast(evening, UP, &also_good);
    world_wait(&evening->world, &good);
    world_wait(&evening->world, &bad);
    world_wait(&evening->world, &also_good);
    assert_true(good.ok && also_good.ok);
    assert_true(err_is(&bad.err, CONFLICT));
    assert_int_equal(atomic_load(&evening->box.undone), 1);
}

static void a_refusal_falls_with_what_it_rested_on(void **state)
{
    struct evening *evening = *state;
    struct outcome outcome = {0};
    world_call(&evening->world, "events.CancelEvent", PATIENCE_MS, &outcome);
    world_wait(&evening->world, &outcome);
    assert_true(err_is(&outcome.err, CONFLICT)); // not EVENT_NOT_OPEN
}

static void wait_for_row(struct evening *evening)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (!gate_inside(&evening->box.row_gate) && clock_mono_ms() < until_ms) world_turn(&evening->world, 5);
    assert_int_equal(gate_inside(&evening->box.row_gate), 1);
}

static void a_row_that_fails_delays_a_reply_and_does_not_refuse_it(void **state)
{
    struct evening *evening = *state;
    struct outcome outcome = {0};
    gate_set(&evening->box.row_gate, true);
    world_call(&evening->world, "events.UnlockEvent", PATIENCE_MS, &outcome);
    wait_for_row(evening);
    assert_int_equal(head_of(evening), 1);
    assert_int_equal(outcome.calls, 0);
    gate_set(&evening->box.row_gate, false);
    world_wait(&evening->world, &outcome);
    assert_true(outcome.ok);
}

static void create_group_of(struct evening *evening, const char *kilobytes, struct outcome *outcome)
{
    uint8_t bytes[64];
    Events__CreateGroupRequest message = EVENTS__CREATE_GROUP_REQUEST__INIT;
    message.name = kilobytes;
    struct rpc_request request = {.method = schema_method("events.CreateGroup"),
                                  .caller = &a_dev,
                                  .timeout_ms = PATIENCE_MS,
                                  .payload = {events__create_group_request__pack(&message, bytes), bytes}};
    rpc_client_call(evening->world.client, &request, on_outcome, outcome);
}

static void a_call_whose_reply_is_too_large_writes_nothing(void **state)
{
    struct evening *evening = *state;
    struct outcome outcome = {0};
    create_group_of(evening, "2048", &outcome);
    world_wait(&evening->world, &outcome);
    assert_true(err_is(&outcome.err, CALL_TOO_LARGE));
    assert_int_equal(head_of(evening), 0);
}

static void what_is_written_is_told_however_large_the_replies_of_a_batch(void **state)
{
    enum { CALLS = 12 };
    struct evening *evening = *state;
    struct outcome outcomes[CALLS] = {{0}};
    uint64_t told = 0;
    for (int i = 0; i < CALLS; i++) create_group_of(evening, "1500", &outcomes[i]);
    for (int i = 0; i < CALLS; i++) {
        world_wait(&evening->world, &outcomes[i]);
        told += outcomes[i].ok;
        assert_true(outcomes[i].ok || err_is(&outcomes[i].err, SERVICE_BUSY));
    }
    assert_true(told > 0 && told < CALLS);
    assert_int_equal(head_of(evening), told);
}

static void the_same_key_and_request_give_the_first_reply(void **state)
{
    struct evening *evening = *state;
    struct vote keyed = {"ada", "key-1", EVENTS__VOTE__VALUE__UP};
    struct outcome first = cast_and_wait(evening, keyed);
    cast_and_wait(evening, UP);
    struct outcome again = cast_and_wait(evening, keyed);
    assert_int_equal(upvotes_of(&first), 1);
    assert_int_equal(upvotes_of(&again), 1);
    assert_int_equal(atomic_load(&evening->box.runs), 2);
    assert_int_equal(head_of(evening), 2);
}

static void the_same_key_for_another_request_is_refused(void **state)
{
    struct evening *evening = *state;
    struct outcome first = cast_and_wait(evening, (struct vote){"ada", "key-2", EVENTS__VOTE__VALUE__UP});
    struct outcome other = cast_and_wait(evening, (struct vote){"ada", "key-2", EVENTS__VOTE__VALUE__NONE});
    assert_true(first.ok);
    assert_true(err_is(&other.err, IDEMPOTENCY_MISMATCH));
}

static void keys_belong_to_their_user(void **state)
{
    struct evening *evening = *state;
    struct outcome ada = cast_and_wait(evening, (struct vote){"ada", "key-3", EVENTS__VOTE__VALUE__UP});
    struct outcome bob = cast_and_wait(evening, (struct vote){"bob", "key-3", EVENTS__VOTE__VALUE__UP});
    assert_int_equal(upvotes_of(&ada), 1);
    assert_int_equal(upvotes_of(&bob), 2);
}

static void a_command_that_still_runs_is_not_run_twice(void **state)
{
    struct evening *evening = *state;
    struct vote keyed = {"ada", "key-4", EVENTS__VOTE__VALUE__UP};
    struct outcome first = {0}, second = {0};
    gate_set(&evening->box.gate, true);
    cast(evening, keyed, &first);
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (gate_inside(&evening->box.gate) < 1 && clock_mono_ms() < until_ms) world_turn(&evening->world, 5);
    cast(evening, keyed, &second); // to the other worker
    world_wait(&evening->world, &second);
    assert_true(err_is(&second.err, IDEMPOTENCY_RUNNING));
    gate_set(&evening->box.gate, false);
    world_wait(&evening->world, &first);
    assert_int_equal(upvotes_of(&first), 1);
    struct outcome after = cast_and_wait(evening, keyed);
    assert_int_equal(upvotes_of(&after), 1);
    assert_int_equal(atomic_load(&evening->box.runs), 1);
}

static void a_key_whose_write_failed_may_be_used_again(void **state)
{
    struct evening *evening = *state;
    struct outcome failed = cast_and_wait(evening, (struct vote){"ada", "key-5", EVENTS__VOTE__VALUE__DOWN});
    struct outcome after = cast_and_wait(evening, (struct vote){"ada", "key-5", EVENTS__VOTE__VALUE__UP});
    assert_true(err_is(&failed.err, CONFLICT));
    assert_int_equal(upvotes_of(&after), 1);
}

static void a_key_that_is_too_long_is_refused(void **state)
{
    struct evening *evening = *state;
    char key[200];
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = 0;
    struct outcome outcome = cast_and_wait(evening, (struct vote){"ada", key, EVENTS__VOTE__VALUE__UP});
    assert_true(err_is(&outcome.err, MALFORMED));
}

// What the server says to a peer that gives a deadline and then waits longer.
static Conse__Reason__Value patient_answer(struct evening *evening, const char *method,
                                           const ProtobufCMessage *message, uint32_t timeout_ms,
                                           void (*meanwhile)(struct evening *evening))
{
    uint8_t bytes[256];
    nng_socket socket;
    nng_msg *exchange;
    Rpc__Request envelope = RPC__REQUEST__INIT;
    envelope.id = 5;
    envelope.method = method;
    envelope.timeout_ms = timeout_ms;
    envelope.asker = CONSE__ASKER__VALUE__GATEWAY;
    envelope.caller = (Rpc__Caller *)&a_dev;
    envelope.payload = (ProtobufCBinaryData){protobuf_c_message_pack(message, bytes), bytes};
    assert_int_equal(nng_req0_open(&socket), 0);
    nng_socket_set_ms(socket, NNG_OPT_RECVTIMEO, PATIENCE_MS);
    assert_int_equal(nng_dial(socket, evening->address, NULL, 0), 0);
    assert_int_equal(nng_msg_alloc(&exchange, 0), 0);
    assert_true(
        rpc_frame_append(exchange, &envelope.base, protobuf_c_message_get_packed_size(&envelope.base)));
    assert_int_equal(nng_sendmsg(socket, exchange, 0), 0);
    if (meanwhile) meanwhile(evening);
    assert_int_equal(nng_recvmsg(socket, &exchange, 0), 0);
    struct rpc_frames frames;
    ProtobufCBinaryData frame = {0};
    assert_true(rpc_frames_open(&frames, nng_msg_body(exchange), nng_msg_len(exchange)) &&
                rpc_frames_next(&frames, &frame));
    Rpc__Reply *reply = rpc__reply__unpack(NULL, frame.len, frame.data);
    Conse__Reason__Value reason = reply->reason;
    rpc__reply__free_unpacked(reply, NULL);
    nng_msg_free(exchange);
    nng_close(socket);
    return reason;
}

// Another process holds the file, so nothing gets durable.
static void a_write_that_is_not_durable_in_time_is_answered_at_the_deadline(void **state)
{
    struct evening *evening = *state;
    sqlite3 *other;
    assert_int_equal(sqlite3_open(evening->file, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    Events__VoteRequest vote = EVENTS__VOTE_REQUEST__INIT;
    vote.event_id = AN_ID;
    vote.vote = EVENTS__VOTE__VALUE__UP;
    assert_int_equal(patient_answer(evening, "events.VoteEvent", &vote.base, 150, NULL),
                     CONSE__REASON__VALUE__OUTCOME_UNKNOWN);
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    struct outcome after = cast_and_wait(evening, UP); // the first one's write was made all the same
    assert_int_equal(upvotes_of(&after), 2);
}

static void a_row_that_is_late_does_not_hide_that_the_write_is_durable(void **state)
{
    struct evening *evening = *state;
    Events__EventRequest event = EVENTS__EVENT_REQUEST__INIT;
    event.event_id = AN_ID;
    gate_set(&evening->box.row_gate, true);
    assert_int_equal(patient_answer(evening, "events.UnlockEvent", &event.base, 1000, wait_for_row),
                     CONSE__REASON__VALUE__REASON_UNSPECIFIED);
    gate_set(&evening->box.row_gate, false);
}

static void a_command_that_is_asked_again_is_carried_out_once(void **state)
{
    struct evening *evening = *state;
    struct arena arena;
    struct err err = {0};
    ProtobufCMessage *first, *again;
    Events__VoteRequest message = EVENTS__VOTE_REQUEST__INIT;
    Rpc__Caller caller = RPC__CALLER__INIT;
    message.event_id = AN_ID;
    message.vote = EVENTS__VOTE__VALUE__UP;
    caller.user_id = "eve";
    caller.level = LEVEL_DEV;
    const struct rpc_asked asked = {"events.VoteEvent", "once", &caller, &message.base};
    arena_init(&arena, 1 << 20);
    assert_true(rpc_client_command(evening->world.client, &asked, PATIENCE_MS, &arena, &first, &err));
    assert_true(rpc_client_command(evening->world.client, &asked, PATIENCE_MS, &arena, &again, &err));
    assert_int_equal(((Events__VoteReply *)first)->upvotes, ((Events__VoteReply *)again)->upvotes);
    assert_int_equal(atomic_load(&evening->box.runs), 1);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_reply_comes_after_its_write_is_durable),
        TEST(a_batch_of_writes_is_answered_together),
        TEST(a_command_that_is_asked_again_is_carried_out_once),
        TEST(a_failed_write_replaces_its_reply_alone),
        TEST(a_refusal_falls_with_what_it_rested_on),
        TEST(a_row_that_fails_delays_a_reply_and_does_not_refuse_it),
        TEST(a_call_whose_reply_is_too_large_writes_nothing),
        TEST(what_is_written_is_told_however_large_the_replies_of_a_batch),
        TEST(the_same_key_and_request_give_the_first_reply),
        TEST(the_same_key_for_another_request_is_refused),
        TEST(keys_belong_to_their_user),
        TEST(a_command_that_still_runs_is_not_run_twice),
        TEST(a_key_whose_write_failed_may_be_used_again),
        TEST(a_key_that_is_too_long_is_refused),
        TEST(a_write_that_is_not_durable_in_time_is_answered_at_the_deadline),
        TEST(a_row_that_is_late_does_not_hide_that_the_write_is_durable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
