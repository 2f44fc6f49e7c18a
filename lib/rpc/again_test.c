// Calls that are decided again: two processes write one shared store in memory; ours answers calls.
#include "lib/rpc/testing/world.h"

#include <stdatomic.h>
#include <unistd.h>

#include "lib/store/testing/shared.h"

// What ours holds of the stream of votes, which may be behind.
struct box {
    struct store *store;
    pthread_mutex_t mutex;
    uint64_t seq;            // of the copy
    int64_t confirmed_ns;    // when it was the newest; 1: not known
    uint64_t full_at;        // so many votes are accepted; 0: any number
    atomic_bool behind;      // a write failed: the copy is read again
    atomic_int runs, of_eve; // calls of the handler, and those for eve
    atomic_int parks;        // how often calls for CancelEvent are still parked
    uint64_t parked_at;      // the ticket that they wait for
    bool entered;            // slow calls are about an object
    const char *winner;      // who leads the votes, or NULL
    atomic_bool knows;       // the copy says that it has the command
    bool older;              // votes are in a form that it does not know; the winner, if any, wrote them
};

static void on_done(void *arg, bool durable)
{
    struct box *box = arg;
    if (!durable) atomic_store(&box->behind, true);
}

static void box_read(struct box *box)
{
    struct err err;
    box->confirmed_ns = clock_mono_ns();
    assert_true(store_head(box->store, "votes", &box->seq, &err));
    atomic_store(&box->behind, false);
}

static bool box_knows(void *arg, const uint8_t id[32], bool *may_be, uint64_t *ticket, struct err *err)
{
    struct box *box = arg;
    (void)id, (void)err;
    *may_be = atomic_load(&box->knows);
    *ticket = box->parked_at;
    return true;
}

static bool is_moved(struct rpc_call *call, const struct box *box, struct err *err)
{
    if (box->older) {
        call->winner = box->winner;
        return !err_fail(err, STORE_NEWER, "votes of tomorrow");
    }
    if (!box->winner || !call->movable) return false;
    call->winner = box->winner;
    return !err_fail(err, WRONG_PEER, "%s leads", box->winner);
}

// UP appends to the copy's end, DOWN always at the stream's beginning, NONE changes nothing.
static bool vote(struct rpc_call *call, const Events__VoteRequest *request, Events__VoteReply *reply,
                 struct err *err)
{
    struct box *box = call->service;
    uint8_t byte = 0;
    ProtobufCBinaryData entry = {1, &byte};
    if (atomic_load(&box->behind) || call->fresh_from_ns > box->confirmed_ns) box_read(box);
    rpc_decided_on(call, box->confirmed_ns);
    call->knows = box_knows;
    call->known_by = box;
    if (!rpc_judge(call, true, err) || is_moved(call, box, err)) return false;
    if (request->vote == EVENTS__VOTE__VALUE__NONE) return reply->upvotes = (int32_t)box->seq, true;
    if (box->full_at && box->seq >= box->full_at) return err_fail(err, EVENT_FULL, "all have voted");
    uint64_t seq = request->vote == EVENTS__VOTE__VALUE__DOWN ? 1 : ++box->seq;
    reply->upvotes = (int32_t)seq;
    rpc_after(call,
              store_append(box->store, "votes", seq, &entry, 1, rpc_seal(call, &reply->base, on_done, box)));
    return true;
}

HANDLER(vote_event, Events__VoteRequest, Events__VoteReply)
{
    struct box *box = call->service;
    atomic_fetch_add(&box->runs, 1);
    if (strcmp(call->caller->user_id, "eve") == 0) atomic_fetch_add(&box->of_eve, 1);
    pthread_mutex_lock(&box->mutex);
    bool ok = vote(call, request, reply, err);
    pthread_mutex_unlock(&box->mutex);
    return ok;
}

// Meets an object that is being undone.
HANDLER(cancel_event, Events__EventRequest, Events__EventReply)
{
    struct box *box = call->service;
    atomic_fetch_add(&box->runs, 1);
    if (!rpc_judge(call, true, err)) return false;
    if (atomic_fetch_sub(&box->parks, 1) <= 0) return true;
    rpc_park(call, box->parked_at);
    return err_fail(err, SERVICE_BUSY, "a failed write is being undone");
}

// A slow method, which may have had effects outside.
HANDLER(put_group_image, Events__PutImageRequest, Google__Protobuf__Empty)
{
    struct box *box = call->service;
    uint8_t byte = 0;
    ProtobufCBinaryData entry = {1, &byte};
    atomic_fetch_add(&box->runs, 1);
    if (!rpc_judge(call, true, err)) return false;
    if (box->entered) rpc_decided_on(call, clock_mono_ns());
    rpc_after(call,
              store_append(box->store, "votes", 1, &entry, 1, rpc_seal(call, &reply->base, NULL, NULL)));
    return true;
}

static const struct rpc_method table[] = {RPC_METHOD("events.VoteEvent", vote_event),
                                          RPC_METHOD("events.CancelEvent", cancel_event),
                                          RPC_METHOD("events.PutGroupImage", put_group_image),
                                          {0}};
static const struct rpc_method *const methods[] = {table, NULL};
static const struct store_table no_tables[] = {{0}};

struct evening {
    struct box box, their_box; // theirs answers calls in few tests
    struct world world;
    struct rpc_server *their_server;
    char url[64], address[64], their_address[64];
};

static struct store *open_store(struct evening *evening)
{
    struct err err;
    struct store *store;
    const struct store_options options = {.url = evening->url, .tables = no_tables};
    if (!store_open(&store, &options, &err)) fail_msg("%s", err.message);
    return store;
}

static void box_open(struct box *box, struct store *store)
{
    box->store = store;
    box->confirmed_ns = 1;
    pthread_mutex_init(&box->mutex, NULL);
}

static struct rpc_server_options serving(struct box *box, const char *address)
{
    return (struct rpc_server_options){.name = "events",
                                       .methods = methods,
                                       .service = box,
                                       .store = box->store,
                                       .address = address,
                                       .workers = 2,
                                       .slow_workers = 1,
                                       .slow_queue = 4,
                                       .queue = 64};
}

static int set_up(void **state)
{
    static unsigned count;
    struct evening *evening = *state = calloc(1, sizeof *evening);
    shared_store_register();
    snprintf(evening->url, sizeof evening->url, "shared:again-%u", count);
    snprintf(evening->address, sizeof evening->address, "inproc://again-%d-%u", getpid(), count);
    snprintf(evening->their_address, sizeof evening->their_address, "inproc://theirs-%d-%u", getpid(),
             count++);
    box_open(&evening->box, open_store(evening));
    box_open(&evening->their_box, open_store(evening));
    struct rpc_server_options options = serving(&evening->box, evening->address);
    world_open_with(&evening->world, &options);
    return 0;
}

static int tear_down(void **state)
{
    struct evening *evening = *state;
    world_close(&evening->world);
    rpc_server_stop(evening->their_server);
    store_close(evening->box.store);
    store_close(evening->their_box.store);
    shared_store_drop(evening->url);
    free(evening);
    return 0;
}

// Another process appends so many votes.
static void they_vote(struct evening *evening, int votes)
{
    struct err err;
    uint64_t head;
    uint8_t byte = 0;
    ProtobufCBinaryData entry = {1, &byte};
    struct store *store = evening->their_box.store;
    assert_true(store_head(store, "votes", &head, &err));
    for (int i = 0; i < votes; i++)
        assert_true(store_wait(store, store_append(store, "votes", ++head, &entry, 1, NULL), &err));
}

struct ballot {
    const char *user_id, *key;
    Events__Vote__Value vote;
    int64_t timeout_ms;
};

static void cast_ballot(struct evening *evening, const struct ballot *ballot, struct outcome *outcome)
{
    uint8_t bytes[256];
    Events__VoteRequest message = EVENTS__VOTE_REQUEST__INIT;
    message.event_id = AN_ID;
    message.vote = ballot->vote;
    Rpc__Caller caller = RPC__CALLER__INIT;
    caller.user_id = ballot->user_id;
    caller.level = LEVEL_DEV;
    struct rpc_request request = {.method = schema_method("events.VoteEvent"),
                                  .caller = &caller,
                                  .idempotency_key = ballot->key,
                                  .stream = AN_ID,
                                  .timeout_ms = ballot->timeout_ms,
                                  .payload = {events__vote_request__pack(&message, bytes), bytes}};
    rpc_client_call(evening->world.client, &request, on_outcome, outcome);
}

static void cast_within(struct evening *evening, const char *key, int64_t timeout_ms, struct outcome *outcome)
{
    const struct ballot ballot = {"ada", key, EVENTS__VOTE__VALUE__UP, timeout_ms};
    cast_ballot(evening, &ballot, outcome);
}

static void cast_for(struct evening *evening, const char *user_id, Events__Vote__Value vote,
                     struct outcome *outcome)
{
    const struct ballot ballot = {user_id, NULL, vote, PATIENCE_MS};
    cast_ballot(evening, &ballot, outcome);
}

static struct outcome cast(struct evening *evening, const char *key)
{
    struct outcome outcome = {0};
    cast_within(evening, key, PATIENCE_MS, &outcome);
    world_wait(&evening->world, &outcome);
    return outcome;
}

static int upvotes_of(const struct outcome *outcome)
{
    if (!outcome->ok) fail_msg("%s", outcome->err.message);
    Events__VoteReply *reply =
        events__vote_reply__unpack(NULL, outcome->payload_len, (const uint8_t *)outcome->payload);
    int upvotes = reply->upvotes;
    events__vote_reply__free_unpacked(reply, NULL);
    return upvotes;
}

static uint64_t votes(struct evening *evening)
{
    uint64_t head;
    struct err err;
    assert_true(store_head(evening->their_box.store, "votes", &head, &err));
    return head;
}

static int runs(struct evening *evening) { return atomic_load(&evening->box.runs); }

// ---- Writes that meet another process's

static void a_write_that_meets_another_is_decided_again(void **state)
{
    struct evening *evening = *state;
    they_vote(evening, 3);
    struct outcome outcome = cast(evening, NULL);
    assert_int_equal(upvotes_of(&outcome), 4);
    assert_int_equal(runs(evening), 2);
    assert_int_equal(votes(evening), 4);
}

static void it_is_decided_six_times_at_most(void **state)
{
    struct evening *evening = *state;
    struct outcome outcome = {0};
    they_vote(evening, 1);
    cast_for(evening, "ada", EVENTS__VOTE__VALUE__DOWN, &outcome);
    world_wait(&evening->world, &outcome);
    assert_true(err_is(&outcome.err, SERVICE_BUSY)); // nothing was done
    assert_int_equal(outcome.err.retry_after_s, 1);
    assert_int_equal(runs(evening), 6);
    assert_int_equal(votes(evening), 1);
}

static void the_others_of_its_batch_keep_their_answers(void **state)
{
    struct evening *evening = *state;
    struct outcome eve = {0}, bob = {0};
    they_vote(evening, 1);
    evening->box.seq = 1;
    cast_for(evening, "eve", EVENTS__VOTE__VALUE__UP, &eve);
    cast_for(evening, "bob", EVENTS__VOTE__VALUE__DOWN, &bob);
    world_wait(&evening->world, &bob);
    world_wait(&evening->world, &eve);
    assert_int_equal(upvotes_of(&eve), 2);
    assert_true(err_is(&bob.err, SERVICE_BUSY));
    assert_int_equal(atomic_load(&evening->box.of_eve), 1);
    assert_int_equal(runs(evening), 7);
}

static void a_command_may_run_again_under_its_key(void **state)
{
    struct evening *evening = *state;
    they_vote(evening, 3);
    struct outcome first = cast(evening, "key");
    atomic_store(&evening->box.knows, true);
    struct outcome again = cast(evening, "key");
    assert_int_equal(upvotes_of(&first), 4);
    assert_int_equal(upvotes_of(&again), 4);
    assert_int_equal(votes(evening), 4);
}

static void what_may_have_had_effects_outside_is_not_repeated(void **state)
{
    struct evening *evening = *state;
    struct outcome outcome = {0};
    they_vote(evening, 1);
    world_call(&evening->world, "events.PutGroupImage", PATIENCE_MS, &outcome);
    world_wait(&evening->world, &outcome);
    assert_true(err_is(&outcome.err, SERVICE_BUSY));
    assert_int_equal(runs(evening), 1);
}

static void a_slow_call_about_an_object_is_repeated(void **state)
{
    struct evening *evening = *state;
    struct outcome outcome = {0};
    they_vote(evening, 1);
    evening->box.entered = true;
    world_call(&evening->world, "events.PutGroupImage", PATIENCE_MS, &outcome);
    world_wait(&evening->world, &outcome);
    assert_true(err_is(&outcome.err, SERVICE_BUSY));
    assert_int_equal(runs(evening), 6);
}

// ---- Refusals

static void a_refusal_that_rests_on_an_old_copy_is_decided_again(void **state)
{
    struct evening *evening = *state;
    they_vote(evening, 1);
    evening->box.seq = 9; // wrong, so that the old copy would refuse
    evening->box.full_at = 5;
    struct outcome outcome = cast(evening, NULL);
    assert_int_equal(upvotes_of(&outcome), 2);
    assert_int_equal(runs(evening), 2);
}

static void a_refusal_that_is_confirmed_stands(void **state)
{
    struct evening *evening = *state;
    they_vote(evening, 5);
    evening->box.full_at = 5;
    struct outcome outcome = cast(evening, NULL);
    assert_true(err_is(&outcome.err, EVENT_FULL));
    assert_int_equal(votes(evening), 5);
}

static void a_success_that_wrote_nothing_and_rests_on_an_old_copy_is_decided_again(void **state)
{
    struct evening *evening = *state;
    struct outcome outcome = {0};
    they_vote(evening, 2);
    evening->box.seq = 1;
    cast_for(evening, "ada", EVENTS__VOTE__VALUE__NONE, &outcome); // asks for what is there
    world_wait(&evening->world, &outcome);
    assert_int_equal(upvotes_of(&outcome), 2);
    assert_int_equal(runs(evening), 2);
}

// ---- Objects that are being undone

static uint64_t write_held(struct evening *evening)
{
    uint8_t byte = 0;
    ProtobufCBinaryData entry = {1, &byte};
    shared_store_hold(evening->box.store);
    return store_append(evening->box.store, "slow", 1, &entry, 1, NULL);
}

static void what_is_being_undone_is_waited_for(void **state)
{
    struct evening *evening = *state;
    struct outcome outcome = {0};
    evening->box.parked_at = write_held(evening);
    atomic_store(&evening->box.parks, 1);
    world_call(&evening->world, "events.CancelEvent", PATIENCE_MS, &outcome);
    while (runs(evening) < 1) world_turn(&evening->world, 5);
    shared_store_await_held(evening->box.store);
    assert_int_equal(outcome.calls, 0);
    shared_store_release(evening->box.store);
    world_wait(&evening->world, &outcome);
    assert_true(outcome.ok);
    assert_int_equal(runs(evening), 2);
}

static void who_waits_in_vain_is_told_to_come_again(void **state)
{
    struct evening *evening = *state;
    struct outcome outcome = {0};
    evening->box.parked_at = write_held(evening);
    atomic_store(&evening->box.parks, 1000);
    shared_store_release(evening->box.store); // what is decided already is not waited for
    world_call(&evening->world, "events.CancelEvent", PATIENCE_MS, &outcome);
    world_wait(&evening->world, &outcome);
    assert_true(err_is(&outcome.err, SERVICE_BUSY));
    assert_int_equal(runs(evening), 6);
}

static void a_write_is_not_begun_while_the_store_is_away(void **state)
{
    struct evening *evening = *state;
    shared_store_set_away(evening->box.store, true);
    struct outcome outcome = cast(evening, NULL);
    assert_true(err_is(&outcome.err, STORE_AWAY));
    assert_int_equal(outcome.err.retry_after_s, 1);
    assert_int_equal(runs(evening), 0);
    shared_store_set_away(evening->box.store, false);
    assert_true(cast(evening, NULL).ok);
}

// ---- Keys

// Its first call was answered as unknown; the key is free a moment later.
static void repeat_until_it_runs(struct evening *evening, struct outcome *outcome)
{
    int before = runs(evening);
    while (runs(evening) == before) {
        *outcome = (struct outcome){0};
        cast_within(evening, "key", PATIENCE_MS, outcome);
        while (runs(evening) == before && !outcome->calls) world_turn(&evening->world, 5);
    }
}

static void a_command_that_is_still_being_written_is_waited_for(void **state)
{
    struct evening *evening = *state;
    struct outcome first = {0}, again = {0};
    shared_store_hold(evening->box.store);
    cast_within(evening, "key", 100, &first);
    world_wait(&evening->world, &first);
    assert_false(first.ok);
    atomic_store(&evening->box.knows, true);
    pthread_mutex_lock(&evening->box.mutex);
    evening->box.parked_at = 1; // the write's ticket
    pthread_mutex_unlock(&evening->box.mutex);
    repeat_until_it_runs(evening, &again);
    assert_int_equal(again.calls, 0);
    shared_store_release(evening->box.store);
    world_wait(&evening->world, &again);
    assert_int_equal(upvotes_of(&again), 1);
    assert_int_equal(votes(evening), 1);
}

static void a_handler_that_looks_up_no_command_writes_nothing(void **state)
{
    struct evening *evening = *state;
    struct err err;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct rpc_call call = {.arena = &arena, .judgement = RPC_ALLOWED, .command = (void *)evening};
    Events__VoteReply reply = EVENTS__VOTE_REPLY__INIT;
    rpc_seal(&call, &reply.base, NULL, NULL);
    assert_true(arena.failed);
    arena_finish(&arena);
    (void)err;
}

// ---- Two peers

static void serve_theirs(struct evening *evening)
{
    struct err err;
    char both[160];
    struct rpc_server_options options = serving(&evening->their_box, evening->their_address);
    if (!rpc_server_start(&evening->their_server, &options, &err)) fail_msg("%s", err.message);
    snprintf(both, sizeof both, "%s,%s", evening->address, evening->their_address);
    rpc_client_destroy(evening->world.client);
    arena_finish(&evening->world.arena);
    world_connect(&evening->world, both, NULL);
    while (rpc_client_peers(evening->world.client) < 2) world_turn(&evening->world, 5);
}

static int runs_of(struct box *box) { return atomic_load(&box->runs); }

static void the_client_goes_to_the_peer_that_is_named_and_stays_there(void **state)
{
    struct evening *evening = *state;
    struct outcome outcome;
    serve_theirs(evening);
    outcome = cast(evening, NULL);
    struct box *first = runs_of(&evening->box) ? &evening->box : &evening->their_box;
    struct box *other = first == &evening->box ? &evening->their_box : &evening->box;
    int before = runs_of(first);
    first->winner = other == &evening->box ? evening->address : evening->their_address;
    outcome = cast(evening, NULL);
    assert_int_equal(upvotes_of(&outcome), 2);
    outcome = cast(evening, NULL);
    assert_int_equal(upvotes_of(&outcome), 3);
    assert_int_equal(runs_of(first), before + 1);
    assert_true(runs_of(other) >= 2);
}

static void a_peer_that_is_not_known_is_not_gone_to(void **state)
{
    struct evening *evening = *state;
    serve_theirs(evening);
    evening->box.winner = evening->their_box.winner = "inproc://nobody";
    struct outcome outcome = cast(evening, NULL);
    assert_int_equal(upvotes_of(&outcome), 1);
}

static void two_that_name_each_other_move_a_call_once(void **state)
{
    struct evening *evening = *state;
    serve_theirs(evening);
    evening->box.winner = evening->their_address;
    evening->their_box.winner = evening->address;
    struct outcome outcome = cast(evening, NULL);
    assert_int_equal(upvotes_of(&outcome), 1);
    assert_int_equal(runs_of(&evening->box) + runs_of(&evening->their_box), 2);
}

// The one that is asked first is too old, and may say who wrote the votes.
static struct outcome cast_at_older(struct evening *evening, bool names_itself, bool names_other)
{
    serve_theirs(evening);
    cast(evening, NULL);
    struct box *first = runs_of(&evening->box) ? &evening->box : &evening->their_box;
    bool ours = first == &evening->box;
    first->older = true;
    if (names_itself) first->winner = ours ? evening->address : evening->their_address;
    if (names_other) first->winner = ours ? evening->their_address : evening->address;
    return cast(evening, NULL);
}

static void what_a_peer_is_too_old_for_is_asked_of_the_writer_and_stays_there(void **state)
{
    struct evening *evening = *state;
    struct outcome outcome = cast_at_older(evening, false, true);
    assert_int_equal(upvotes_of(&outcome), 2);
    outcome = cast(evening, NULL);
    assert_int_equal(upvotes_of(&outcome), 3);
    assert_int_equal(runs_of(evening->box.older ? &evening->box : &evening->their_box),
                     2); // not a third time
}

static void a_writer_that_is_not_known_stands_for_another_peer(void **state)
{
    struct outcome outcome = cast_at_older(*state, false, false);
    assert_int_equal(upvotes_of(&outcome), 2);
}

static void a_peer_that_took_the_writers_place_does_not_decide(void **state)
{
    struct outcome outcome = cast_at_older(*state, true, false);
    assert_int_equal(upvotes_of(&outcome), 2);
}

static void what_all_are_too_old_for_is_away(void **state)
{
    struct evening *evening = *state;
    serve_theirs(evening);
    evening->box.older = evening->their_box.older = true;
    struct outcome outcome = cast(evening, NULL);
    assert_int_equal(outcome.err.reason, CONSE__REASON__VALUE__STORE_NEWER);
    assert_int_equal(runs_of(&evening->box) + runs_of(&evening->their_box), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_write_that_meets_another_is_decided_again),
        TEST(it_is_decided_six_times_at_most),
        TEST(the_others_of_its_batch_keep_their_answers),
        TEST(a_command_may_run_again_under_its_key),
        TEST(what_may_have_had_effects_outside_is_not_repeated),
        TEST(a_slow_call_about_an_object_is_repeated),
        TEST(a_refusal_that_rests_on_an_old_copy_is_decided_again),
        TEST(a_refusal_that_is_confirmed_stands),
        TEST(a_success_that_wrote_nothing_and_rests_on_an_old_copy_is_decided_again),
        TEST(what_is_being_undone_is_waited_for),
        TEST(who_waits_in_vain_is_told_to_come_again),
        TEST(a_write_is_not_begun_while_the_store_is_away),
        TEST(a_command_that_is_still_being_written_is_waited_for),
        TEST(a_handler_that_looks_up_no_command_writes_nothing),
        TEST(the_client_goes_to_the_peer_that_is_named_and_stays_there),
        TEST(a_peer_that_is_not_known_is_not_gone_to),
        TEST(two_that_name_each_other_move_a_call_once),
        TEST(what_a_peer_is_too_old_for_is_asked_of_the_writer_and_stays_there),
        TEST(a_writer_that_is_not_known_stands_for_another_peer),
        TEST(a_peer_that_took_the_writers_place_does_not_decide),
        TEST(what_all_are_too_old_for_is_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
