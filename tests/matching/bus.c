#include "tests/matching/bus.h"

#include <poll.h>

#include "bus.pb-c.h"
#include "lib/base/clock.h"
#include "lib/schema/passport.h"
#include "services/chain/book/book.h"
#include "tests/matching/workload.h"
#include "tools/bench/money_ledger.h"

enum { ARENA = 32 << 20, REQUEST = 512, TIMEOUT_MS = 60000, PERSON = 40 };

static struct rpc_client *open_client(const char *address, Conse__Asker__Value self)
{
    struct rpc_client *client;
    struct err err = {0};
    const struct rpc_client_options options = {.service = "chain", .self = self, .address = address};
    if (!rpc_client_create(&client, &options, &err)) matching_fail("%s: %s", address, err.message);
    if (!rpc_client_wait(client, TIMEOUT_MS)) matching_fail("%s: nobody answers", address);
    return client;
}

void bus_open(struct bus *bus, const char *address)
{
    bus->people = open_client(address, CONSE__ASKER__VALUE__GATEWAY);
    bus->operators = open_client(address, CONSE__ASKER__VALUE__OPERATOR);
    bus->running = 0;
    arena_init(&bus->arena, ARENA);
}

void bus_close(struct bus *bus)
{
    rpc_client_destroy(bus->people);
    rpc_client_destroy(bus->operators);
    arena_finish(&bus->arena);
}

static Rpc__Caller caller_of(uint32_t person, char id[PERSON])
{
    Rpc__Caller caller = RPC__CALLER__INIT;
    caller.user_id = (char *)money_person(person, id);
    caller.username = (char *)"trader";
    caller.level = LEVEL_PLAYER;
    return caller;
}

// ---- Turns

void bus_begin_turn(struct bus *bus) { arena_reset(&bus->arena); }

static void take_reply(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err)
{
    struct asked *asked = arg;
    asked->ok = ok;
    asked->bus->running--;
    if (!ok) asked->err = *err;
    if (!ok) return;
    asked->reply =
        protobuf_c_message_unpack(asked->method->reply, &asked->bus->arena.allocator, len, payload);
    if (!asked->reply) matching_fail("the reply of %s can't be read", asked->method->name);
}

void bus_send(struct bus *bus, struct asked *asked, uint32_t person, const char *method,
              const ProtobufCMessage *request)
{
    uint8_t bytes[REQUEST];
    char id[PERSON];
    const Rpc__Caller caller = caller_of(person, id);
    if (protobuf_c_message_get_packed_size(request) > sizeof bytes) matching_fail("a request is too long");
    *asked = (struct asked){.bus = bus, .method = schema_method(method)};
    const struct rpc_request call = {.method = asked->method,
                                     .caller = &caller,
                                     .payload = {protobuf_c_message_pack(request, bytes), bytes},
                                     .timeout_ms = TIMEOUT_MS};
    bus->running++;
    rpc_client_call(bus->people, &call, take_reply, asked);
}

void bus_end_turn(struct bus *bus)
{
    rpc_client_flush(bus->people);
    while (bus->running) {
        struct pollfd ready = {.fd = rpc_client_fd(bus->people), .events = POLLIN};
        poll(&ready, 1, 1000);
        rpc_client_process(bus->people, clock_mono_ms());
    }
}

// ---- Single calls

static const ProtobufCMessage *ask_one(struct bus *bus, struct rpc_client *client, const Rpc__Caller *caller,
                                       const char *method, const ProtobufCMessage *request)
{
    struct err err = {0};
    ProtobufCMessage *reply;
    arena_reset(&bus->arena);
    if (!rpc_client_ask(client, method, caller, request, TIMEOUT_MS, &bus->arena, &reply, &err))
        matching_fail("%s: %s %s", method, err_name(&err), err.message);
    return reply;
}

const ProtobufCMessage *bus_ask(struct bus *bus, uint32_t person, const char *method,
                                const ProtobufCMessage *request)
{
    char id[PERSON];
    const Rpc__Caller caller = caller_of(person, id);
    return ask_one(bus, bus->people, &caller, method, request);
}

const ProtobufCMessage *bus_ask_operator(struct bus *bus, const char *method, const ProtobufCMessage *request)
{
    return ask_one(bus, bus->operators, NULL, method, request);
}

uint64_t bus_newest_entry(struct bus *bus)
{
    Bus__ReadRequest request = BUS__READ_REQUEST__INIT;
    request.stream = BOOK_STREAM;
    request.limit = 1;
    return ((const Bus__ReadReply *)bus_ask_operator(bus, "chain.feed.Read", &request.base))->head;
}
