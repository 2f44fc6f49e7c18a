#include "lib/rpc/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEVERAL_BYTES = 4096 }; // room for several small frames

static uint32_t frame_u32le(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put_u32le(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (8 * i));
}

bool rpc_frames_open(struct rpc_frames *frames, const void *bytes, size_t len)
{
    *frames = (struct rpc_frames){bytes, len, 0};
    const uint8_t *at = bytes;
    size_t left = len;
    while (left > 0) {
        if (left < RPC_FRAME_HEAD || frame_u32le(at) > left - RPC_FRAME_HEAD) return false;
        size_t whole = RPC_FRAME_HEAD + frame_u32le(at);
        at += whole;
        left -= whole;
        if (++frames->count > RPC_MAX_FRAMES) return false;
    }
    return frames->count > 0;
}

bool rpc_frames_next(struct rpc_frames *frames, ProtobufCBinaryData *envelope)
{
    if (frames->left < RPC_FRAME_HEAD) return false;
    size_t len = frame_u32le(frames->at);
    *envelope = (ProtobufCBinaryData){len, (uint8_t *)frames->at + RPC_FRAME_HEAD};
    frames->at += RPC_FRAME_HEAD + len;
    frames->left -= RPC_FRAME_HEAD + len;
    return true;
}

// NNG grows a message to the exact size asked for, so many small appends would copy it each time. A first
// frame may stay alone.
static bool frame_reserve(nng_msg *message, size_t more)
{
    size_t len = nng_msg_len(message), need = len + more, room = need + need / 2;
    if (need <= nng_msg_capacity(message)) return true;
    if (len == 0) room = need;
    return nng_msg_reserve(message, len > 0 && room < SEVERAL_BYTES ? SEVERAL_BYTES : room) == 0;
}

bool rpc_frame_append(nng_msg *message, const ProtobufCMessage *envelope, size_t len)
{
    size_t before = nng_msg_len(message);
    if (!frame_reserve(message, RPC_FRAME_HEAD + len)) return false;
    if (nng_msg_realloc(message, before + RPC_FRAME_HEAD + len) != 0) return false;
    uint8_t *frame = (uint8_t *)nng_msg_body(message) + before;
    put_u32le(frame, (uint32_t)len);
    protobuf_c_message_pack(envelope, frame + RPC_FRAME_HEAD);
    return true;
}

// Services that every program with streams, or with keys, answers under its own name.
static const struct shared {
    const char *inner, *package;
} shared_services[] = {{".feed.", "bus"}, {".keys.", "keys"}};

const struct schema_method *rpc_schema_of(const char *name)
{
    const struct schema_method *schema = schema_method(name);
    for (size_t i = 0; !schema && i < sizeof shared_services / sizeof *shared_services; i++) {
        char shared[64];
        const struct shared *service = &shared_services[i];
        const char *inner = strstr(name, service->inner);
        if (!inner) continue;
        snprintf(shared, sizeof shared, "%s.%s", service->package, inner + strlen(service->inner));
        schema = schema_method(shared);
    }
    return schema;
}

bool rpc_has_slow(const char *service)
{
    size_t count, len = strlen(service);
    const struct schema_method *methods = schema_methods(&count);
    for (size_t i = 0; i < count; i++) {
        bool its_own = strncmp(methods[i].name, service, len) == 0 && methods[i].name[len] == '.';
        if (its_own && methods[i].class == CONSE__CLASS__SLOW) return true;
    }
    return false;
}
