// What the RPC tests share: a service of a few methods of the events contract whose handlers can be held at a
// gate, a client, and ways to wait for replies.
#ifndef LIB_RPC_TESTING_WORLD_H
#define LIB_RPC_TESTING_WORLD_H

#include <poll.h>
#include <pthread.h>

#include "events.pb-c.h"
#include "lib/base/clock.h"
#include "lib/schema/passport.h"
#include "lib/rpc/client.h"
#include "lib/rpc/server.h"
#include "tests/test.h"

#define AN_ID "01890000-0000-7000-8000-000000000001"
enum { PATIENCE_MS = 20000 };

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool shut;               // handlers wait inside
    int inside;              // now
    int passed;              // so far
    bool away, full, strict; // writes are refused with STORE_AWAY, EVENT_FULL, INVALID_FIELD
};

static inline void gate_init(struct gate *gate)
{
    *gate = (struct gate){.mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};
}

static inline void gate_pass(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->inside++;
    pthread_cond_broadcast(&gate->wake);
    while (gate->shut) pthread_cond_wait(&gate->wake, &gate->mutex);
    gate->inside--;
    gate->passed++;
    pthread_mutex_unlock(&gate->mutex);
}

static inline void gate_set(struct gate *gate, bool shut)
{
    pthread_mutex_lock(&gate->mutex);
    gate->shut = shut;
    pthread_cond_broadcast(&gate->wake);
    pthread_mutex_unlock(&gate->mutex);
}

static inline int gate_inside(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    int inside = gate->inside;
    pthread_mutex_unlock(&gate->mutex);
    return inside;
}

static inline int gate_passed(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    int passed = gate->passed;
    pthread_mutex_unlock(&gate->mutex);
    return passed;
}

// ---- The service

// READ: returns the id, and the caller's name as the title.
HANDLER(get_event, Events__EventRequest, Events__EventReply)
{
    reply->event = arena_new(call->arena, Events__Event);
    events__event__init(reply->event);
    reply->event->id = request->event_id;
    reply->event->title = call->caller->username;
    return true;
}

// READ that waits at the gate.
HANDLER(list_sides, Events__ListSidesRequest, Events__ListSidesReply)
{
    gate_pass(call->service);
    return true;
}

// WRITE that waits at the gate.
HANDLER(close_phase, Events__EventRequest, Events__PhaseReply)
{
    gate_pass(call->service);
    const struct gate *gate = call->service;
    if (gate->away) return err_fail(err, STORE_AWAY, "the store is away");
    if (gate->full) return err_fail(err, EVENT_FULL, "all seats are taken");
    if (gate->strict) return err_fail(err, INVALID_FIELD, "the request is wrong");
    return rpc_judge(call, true, err);
}

// SLOW that waits at the gate.
HANDLER(put_event_image, Events__PutImageRequest, Google__Protobuf__Empty)
{
    gate_pass(call->service);
    return rpc_judge(call, true, err);
}

// BULK: a content of 64 KiB times the page size.
HANDLER(list_events, Events__ListEventsRequest, Events__ListEventsReply)
{
    size_t len = (size_t)request->page_size * 64 * 1024;
    char *text = arena_alloc(call->arena, len + 1);
    if (!text) return true; // the server refuses it
    memset(text, 'x', len);
    reply->next_page_token = text;
    return true;
}

// READ: refuses, with the reason that the id's last digit selects.
HANDLER(get_deal, Events__EventRequest, Events__DealReply)
{
    switch (request->event_id[35]) {
    case '1':
        err_field(err, EVENT_FULL, "seat", "all 10 seats are taken");
        err->retry_after_s = 7;
        return false;
    case '2':
        return err_fail(err, INTERNAL_ERROR, "password=hunter2 in /var/lib");
    case '3':
        return err_fail(err, STORE_CORRUPT, "row 17 of players");
    default:
        err_set(err, (Conse__Reason__Value)9999, NULL, "no such reason");
        return false;
    }
}

static const struct rpc_method world_table[] = {RPC_METHOD("events.GetEvent", get_event),
                                                RPC_METHOD("events.ListSides", list_sides),
                                                RPC_METHOD("events.ClosePhase", close_phase),
                                                RPC_METHOD("events.PutEventImage", put_event_image),
                                                RPC_METHOD("events.ListEvents", list_events),
                                                RPC_METHOD("events.GetDeal", get_deal),
                                                {0}};
static const struct rpc_method *const world_methods[] = {world_table, NULL};

struct world {
    const char *stream; // of calls; NULL: none
    struct gate gate;
    struct rpc_server *server;
    struct rpc_client *client;
    struct arena arena;
    const char *address;
};

static inline struct rpc_server_options world_options(struct world *world, const char *address)
{
    gate_init(&world->gate);
    return (struct rpc_server_options){.name = "events",
                                       .methods = world_methods,
                                       .service = &world->gate,
                                       .address = address,
                                       .workers = 2,
                                       .slow_workers = 2,
                                       .queue = 64};
}

static inline void world_connect(struct world *world, const char *address, struct bus_keys *keys)
{
    struct err err = {0};
    struct rpc_client_options to = {
        .service = "events", .self = CONSE__ASKER__VALUE__GATEWAY, .address = address, .bus_keys = keys};
    arena_init(&world->arena, 16 << 20);
    world->address = address;
    if (!rpc_client_create(&world->client, &to, &err)) fail_msg("%s", err.message);
    assert_true(rpc_client_wait(world->client, PATIENCE_MS));
}

static inline void world_open_with(struct world *world, const struct rpc_server_options *options)
{
    struct err err = {0};
    if (!rpc_server_start(&world->server, options, &err)) fail_msg("%s", err.message);
    world_connect(world, options->address, options->bus_keys);
}

static inline void world_open(struct world *world, const char *address)
{
    *world = (struct world){0};
    struct rpc_server_options options = world_options(world, address);
    world_open_with(world, &options);
}

static inline void world_close(struct world *world)
{
    rpc_client_destroy(world->client);
    rpc_server_stop(world->server);
    arena_finish(&world->arena);
}

// ---- Calls, all as a dev

static const Rpc__Caller a_dev = {PROTOBUF_C_MESSAGE_INIT(&rpc__caller__descriptor),
                                  .user_id = AN_ID,
                                  .level = LEVEL_DEV,
                                  .session_id = "",
                                  .username = "",
                                  .address = ""};

struct outcome {
    int calls; // times called back
    bool ok;
    struct err err;
    char payload[64]; // its beginning
    size_t payload_len;
};

static inline void on_outcome(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err)
{
    struct outcome *outcome = arg;
    outcome->calls++;
    outcome->ok = ok;
    outcome->err = *err;
    outcome->payload_len = len;
    if (ok && len)
        memcpy(outcome->payload, payload, len < sizeof outcome->payload ? len : sizeof outcome->payload);
}

static inline uint64_t world_call_keyed(struct world *world, const char *method, const char *key,
                                        int64_t timeout_ms, struct outcome *outcome)
{
    uint8_t bytes[256];
    Events__EventRequest event = EVENTS__EVENT_REQUEST__INIT;
    event.event_id = AN_ID;
    bool named = schema_method(method)->request == &events__event_request__descriptor;
    struct rpc_request request = {.method = schema_method(method),
                                  .caller = &a_dev,
                                  .idempotency_key = key,
                                  .stream = world->stream,
                                  .timeout_ms = timeout_ms};
    if (named) request.payload = (ProtobufCBinaryData){events__event_request__pack(&event, bytes), bytes};
    uint8_t image[] = {0};
    Events__PutImageRequest put = EVENTS__PUT_IMAGE_REQUEST__INIT;
    put.id = AN_ID;
    put.image = (ProtobufCBinaryData){1, image};
    if (schema_method(method)->request == &events__put_image_request__descriptor)
        request.payload = (ProtobufCBinaryData){events__put_image_request__pack(&put, bytes), bytes};
    return rpc_client_call(world->client, &request, on_outcome, outcome);
}

static inline uint64_t world_call(struct world *world, const char *method, int64_t timeout_ms,
                                  struct outcome *outcome)
{
    return world_call_keyed(world, method, NULL, timeout_ms, outcome);
}

static inline void world_turn(struct world *world, int timeout_ms)
{
    struct pollfd fd = {.fd = rpc_client_fd(world->client), .events = POLLIN};
    rpc_client_flush(world->client);
    poll(&fd, 1, timeout_ms);
    rpc_client_process(world->client, clock_mono_ms());
}

static inline void world_turn_for(struct world *world, int64_t ms)
{
    int64_t until_ms = clock_mono_ms() + ms;
    while (clock_mono_ms() < until_ms) world_turn(world, (int)(until_ms - clock_mono_ms()));
}

static inline void world_wait(struct world *world, const struct outcome *outcome)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (!outcome->calls && clock_mono_ms() < until_ms) world_turn(world, 100);
    assert_int_equal(outcome->calls, 1);
}

// Turns the loop until this many handlers wait at the gate.
static inline void world_wait_inside(struct world *world, int inside)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (gate_inside(&world->gate) < inside && clock_mono_ms() < until_ms) world_turn(world, 5);
    assert_int_equal(gate_inside(&world->gate), inside);
}

#endif
