// Calls from threads that have no loop.
#include <poll.h>

#include "lib/base/clock.h"
#include "lib/rpc/client.h"
#include "lib/rpc/frame.h"

enum { CONNECT_MS = 200 };

struct asked {
    bool done, ok;
    ProtobufCBinaryData payload;
    struct arena *arena;
    struct err err;
};

static void ask_turn(struct rpc_client *client, int64_t until_ms)
{
    int64_t left_ms = until_ms - clock_mono_ms();
    struct pollfd fd = {.fd = rpc_client_fd(client), .events = POLLIN};
    if (left_ms > 0) poll(&fd, 1, left_ms > 1000 ? 1000 : (int)left_ms);
    rpc_client_process(client, clock_mono_ms());
}

bool rpc_client_wait(struct rpc_client *client, int64_t timeout_ms)
{
    int64_t until_ms = clock_mono_ms() + timeout_ms;
    while (!rpc_client_connected(client) && clock_mono_ms() < until_ms) ask_turn(client, until_ms);
    return rpc_client_connected(client);
}

static void take_answer(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err)
{
    struct asked *asked = arg;
    asked->done = true;
    asked->ok = ok;
    asked->err = *err;
    if (ok) asked->payload = (ProtobufCBinaryData){len, arena_copy(asked->arena, payload, len)};
}

static bool unpack_answer(const struct asked *asked, const struct schema_method *method,
                          ProtobufCMessage **reply, struct err *err)
{
    if (!asked->ok) return *err = asked->err, false;
    struct arena *arena = asked->arena;
    *reply = NULL;
    if (asked->payload.data)
        *reply = protobuf_c_message_unpack(method->reply, &arena->allocator, asked->payload.len,
                                           asked->payload.data);
    if (*reply) return true;
    if (arena->failed) return err_fail(err, CALL_TOO_LARGE, "the reply needs too much memory");
    return err_fail(err, INTERNAL_ERROR, "the reply of %s can't be read", method->name);
}

static bool pack_request(struct rpc_request *request, const ProtobufCMessage *message, struct arena *arena,
                         struct err *err)
{
    if (!request->method) return err_fail(err, NO_METHOD, "there is no method %s", request->name);
    request->payload.len = protobuf_c_message_get_packed_size(message);
    request->payload.data = arena_alloc(arena, request->payload.len);
    if (!request->payload.data) return err_fail(err, CALL_TOO_LARGE, "the request needs too much memory");
    protobuf_c_message_pack(message, request->payload.data);
    return true;
}

static bool ask_packed(struct rpc_client *client, struct rpc_request *request,
                       const ProtobufCMessage *message, struct arena *arena, ProtobufCMessage **reply,
                       struct err *err)
{
    const int64_t timeout_ms = request->timeout_ms, until_ms = clock_mono_ms() + timeout_ms;
    if (!pack_request(request, message, arena, err)) return false;
    rpc_client_wait(client, timeout_ms < CONNECT_MS ? timeout_ms : CONNECT_MS);
    struct asked asked = {.arena = arena};
    rpc_client_call(client, request, take_answer, &asked);
    rpc_client_flush(client);
    while (!asked.done) ask_turn(client, until_ms + 1);
    return unpack_answer(&asked, request->method, reply, err);
}

bool rpc_client_ask(struct rpc_client *client, const char *name, const Rpc__Caller *caller,
                    const ProtobufCMessage *message, int64_t timeout_ms, struct arena *arena,
                    ProtobufCMessage **reply, struct err *err)
{
    struct rpc_request request = {
        .name = name, .method = rpc_schema_of(name), .caller = caller, .timeout_ms = timeout_ms};
    return ask_packed(client, &request, message, arena, reply, err);
}

bool rpc_client_command(struct rpc_client *client, const struct rpc_asked *asked, int64_t timeout_ms,
                        struct arena *arena, ProtobufCMessage **reply, struct err *err)
{
    struct rpc_request request = {.name = asked->method,
                                  .method = rpc_schema_of(asked->method),
                                  .caller = asked->caller,
                                  .idempotency_key = asked->key,
                                  .timeout_ms = timeout_ms};
    return ask_packed(client, &request, asked->request, arena, reply, err);
}
