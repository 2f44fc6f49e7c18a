// Two processes of the events service at one shared store in memory, each asked through a server of its own,
// for tests of what they do to each other. They share a folder, and so their keys.
#ifndef EVENTS_TESTING_OWNERS_H
#define EVENTS_TESTING_OWNERS_H

#include <poll.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/rpc/client.h"
#include "lib/store/testing/shared.h"
#include "services/events/testing/table.h"

enum { OWNER_PATIENCE_MS = 20000 };

struct owner {
    struct service_world *world;
    struct rpc_server *server;
    struct rpc_client *client;
    char address[64];
    bool fresh; // its requests say that there was news
};

struct owners {
    struct owner a, b;
    char url[64];
};

// An answer that is waited for. The reply is in `bytes` when ok.
struct heard {
    bool done, ok;
    struct err err;
    const struct schema_method *method;
    uint8_t bytes[32768];
    size_t len;
};

static inline void owner_serve(struct owner *owner)
{
    struct err err = {0};
    const struct rpc_server_options serving = {.name = "events",
                                               .methods = events_methods,
                                               .service = &owner->world->events,
                                               .store = owner->world->events.store,
                                               .address = owner->address,
                                               .workers = 2,
                                               .slow_workers = 1,
                                               .slow_queue = 4,
                                               .queue = 64};
    const struct rpc_client_options asking = {
        .service = "events", .self = CONSE__ASKER__VALUE__GATEWAY, .address = owner->address};
    if (!rpc_server_start(&owner->server, &serving, &err)) fail_msg("%s", err.message);
    if (!rpc_client_create(&owner->client, &asking, &err)) fail_msg("%s", err.message);
    assert_true(rpc_client_wait(owner->client, OWNER_PATIENCE_MS));
}

static inline void owner_end(struct owner *owner)
{
    rpc_client_destroy(owner->client);
    rpc_server_stop(owner->server);
    events_close(&owner->world->events);
    arena_finish(&owner->world->arena);
}

static inline struct service_world *owner_join(const struct service_world *first)
{
    struct service_world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    *world = (struct service_world){.url = first->url, .now_ms = first->now_ms};
    memcpy(world->dir, first->dir, sizeof world->dir);
    memcpy(world->names, first->names, sizeof world->names);
    world->names_count = first->names_count;
    service_start(world);
    arena_init(&world->arena, WORLD_REPLIES);
    service_teach(world, second_god.user_id, "second", LEVEL_GOD);
    return world;
}

static inline int owners_open(void **state)
{
    static unsigned count;
    struct owners *owners = *state = calloc(1, sizeof *owners);
    shared_store_register();
    snprintf(owners->url, sizeof owners->url, "shared:owners-%u", count);
    snprintf(owners->a.address, sizeof owners->a.address, "inproc://owner-a-%d-%u", getpid(), count);
    snprintf(owners->b.address, sizeof owners->b.address, "inproc://owner-b-%d-%u", getpid(), count++);
    owners->a.world = service_world_at(owners->url);
    lay_table(owners->a.world);
    owners->b.world = owner_join(owners->a.world);
    owner_serve(&owners->a);
    owner_serve(&owners->b);
    return 0;
}

static inline int owners_close(void **state)
{
    struct owners *owners = *state;
    clock_hold_mono(-1);
    owner_end(&owners->a);
    owner_end(&owners->b);
    test_folder_remove(owners->a.world->dir);
    free(owners->a.world);
    free(owners->b.world);
    shared_store_drop(owners->url);
    free(owners);
    return 0;
}

// ---- Asking

static inline void owner_on_reply(void *arg, bool ok, const uint8_t *payload, size_t len,
                                  const struct err *err)
{
    struct heard *heard = arg;
    heard->done = true;
    heard->ok = ok;
    heard->err = *err;
    assert_true(len <= sizeof heard->bytes);
    if (ok && len) memcpy(heard->bytes, payload, len);
    heard->len = ok ? len : 0;
}

static inline void owner_turn(struct owner *owner)
{
    struct pollfd fd = {.fd = rpc_client_fd(owner->client), .events = POLLIN};
    rpc_client_flush(owner->client);
    poll(&fd, 1, 5);
    rpc_client_process(owner->client, clock_mono_ms());
}

// key may be NULL.
static inline void owner_send(struct owner *owner, const struct asker *asker, const char *key,
                              const char *method, const char *template, struct heard *heard)
{
    struct err err;
    struct arena *arena = &owner->world->arena;
    const ProtobufCMessage *message = service_request(owner->world, method, template, &err);
    if (!message) fail_msg("%s", err.message);
    Rpc__Caller who = RPC__CALLER__INIT;
    who.user_id = asker->user_id;
    who.level = asker->level;
    who.username = "someone";
    struct rpc_request request = {.method = schema_method(method),
                                  .caller = asker->user_id[0] ? &who : NULL,
                                  .idempotency_key = key,
                                  .fresh = owner->fresh,
                                  .timeout_ms = OWNER_PATIENCE_MS};
    request.payload.len = protobuf_c_message_get_packed_size(message);
    request.payload.data = arena_alloc(arena, request.payload.len + 1);
    protobuf_c_message_pack(message, request.payload.data);
    *heard = (struct heard){.method = request.method};
    rpc_client_call(owner->client, &request, owner_on_reply, heard);
    rpc_client_flush(owner->client);
}

static inline void owner_hear(struct owner *owner, struct heard *heard)
{
    while (!heard->done) owner_turn(owner);
}

static inline void owner_ask(struct owner *owner, const struct asker *asker, const char *key,
                             const char *method, const char *template, struct heard *heard)
{
    owner_send(owner, asker, key, method, template, heard);
    owner_hear(owner, heard);
}

// The reply in the owner's arena, until its next request.
static inline const void *owner_reply(struct owner *owner, const struct heard *heard)
{
    if (!heard->ok) fail_msg("%s: %s %s", heard->method->name, err_name(&heard->err), heard->err.message);
    return protobuf_c_message_unpack(heard->method->reply, &owner->world->arena.allocator, heard->len,
                                     heard->bytes);
}

static inline const void *owner_must(struct owner *owner, const struct asker *asker, const char *method,
                                     const char *template)
{
    static struct heard heard;
    owner_ask(owner, asker, NULL, method, template, &heard);
    return owner_reply(owner, &heard);
}

static inline Conse__Reason__Value owner_refusal(struct owner *owner, const struct asker *asker,
                                                 const char *method, const char *template)
{
    static struct heard heard;
    owner_ask(owner, asker, NULL, method, template, &heard);
    return heard.ok ? 0 : heard.err.reason;
}

// A request for an event three days ahead of the wall clock.
static inline void owners_write_event(char request[512], int seats)
{
    char local[32];
    time_t at = (time_t)(clock_unix_ms() / 1000 + 3 * 24 * 3600);
    struct tm parts;
    gmtime_r(&at, &parts);
    strftime(local, sizeof local, "%Y-%m-%dT%H:%M:00", &parts);
    snprintf(request, 512,
             "{'group_id':'$group','deck_id':'$deck','title':'Evening','max_players':%d,"
             "'starts_at':{'local':'%s','zone':'UTC'}}",
             seats, local);
}

// Known to both as $event from then on.
static inline void owners_remember_event(struct owners *owners, struct owner *owner,
                                         const struct heard *heard)
{
    const Events__EventReply *reply = owner_reply(owner, heard);
    char id[UUID_LEN + 1];
    snprintf(id, sizeof id, "%s", reply->event->id);
    service_remember(owners->a.world, "event", id);
    service_remember(owners->b.world, "event", id);
}

static inline void owners_open_event(struct owners *owners, int seats)
{
    static struct heard heard;
    char request[512];
    owners_write_event(request, seats);
    owner_ask(&owners->a, &god, NULL, "events.CreateEvent", request, &heard);
    owners_remember_event(owners, &owners->a, &heard);
}

static inline struct asker owners_guest(unsigned number)
{
    static char ids[16][UUID_LEN + 1];
    char *id = ids[number % 16];
    snprintf(id, UUID_LEN + 1, "01890000-0000-7000-8000-%012u", 200 + number);
    return (struct asker){id, LEVEL_PLAYER};
}

static inline struct store *store_of(const struct owner *owner) { return owner->world->events.store; }

#endif
