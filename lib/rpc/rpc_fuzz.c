// Message bytes as a server and a client read them: frames, request and reply envelopes, the rules of the
// request's type. Everything is unpacked into a capped arena, as in service.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/rpc/frame.h"
#include "lib/schema/schema.h"
#include "rpc.pb-c.h"

enum { CAP = 256 * 1024 };

static void take_payload(struct arena *arena, const Rpc__Request *request)
{
    const struct schema_method *method = rpc_schema_of(request->method);
    struct err err;
    if (!method) return;
    ProtobufCMessage *message = protobuf_c_message_unpack(method->request, &arena->allocator,
                                                          request->payload.len, request->payload.data);
    if (message && !schema_check(message, &err)) (void)err_name(&err);
}

static void take_envelope(struct arena *arena, ProtobufCBinaryData envelope)
{
    arena_reset(arena);
    const Rpc__Request *request = rpc__request__unpack(&arena->allocator, envelope.len, envelope.data);
    if (request) take_payload(arena, request);
    arena_reset(arena);
    const Rpc__Reply *reply = rpc__reply__unpack(&arena->allocator, envelope.len, envelope.data);
    if (reply && strlen(reply->message) > envelope.len) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct rpc_frames frames;
    struct arena arena;
    ProtobufCBinaryData envelope;
    size_t seen = 0, count = 0;
    arena_init(&arena, CAP);
    if (rpc_frames_open(&frames, bytes, len)) {
        while (rpc_frames_next(&frames, &envelope)) {
            if (envelope.data < bytes || envelope.data + envelope.len > bytes + len) __builtin_trap();
            seen += RPC_FRAME_HEAD + envelope.len;
            count++;
            take_envelope(&arena, envelope);
        }
        if (seen != len || count != frames.count || count > RPC_MAX_FRAMES) __builtin_trap();
    }
    take_envelope(&arena, (ProtobufCBinaryData){len, (uint8_t *)bytes});
    arena_finish(&arena);
    return 0;
}
