// The bytes of an RPC message: frames, each a u32 little-endian length and a packed envelope; with a bus key
// a seal follows (seal.h). proto/README.md is the contract. Pure except for nng_msg; any thread.
#ifndef LIB_RPC_FRAME_H
#define LIB_RPC_FRAME_H

#include <nng/nng.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/schema/schema.h"

enum {
    RPC_MAX_FRAMES = 32,
    RPC_BATCH_BYTES = 256 * 1024,                    // of a READ or WRITE batch
    RPC_MAX_REPLY_BYTES = 2 * 1024 * 1024,           // of one reply frame
    RPC_MAX_SEALED_BYTES = RPC_MAX_REPLY_BYTES - 64, // of the payload of one that must fit into a frame
    RPC_MAX_REQUEST_BYTES = 4 * 1024 * 1024,         // of one request message
    RPC_MAX_PAYLOAD_BYTES = 3 * 1024 * 1024,         // of one request; more ends the connection
    RPC_MAX_MESSAGE_BYTES = 8 * 1024 * 1024,         // of any message: the most that a client receives
    RPC_FRAME_HEAD = 4,
};

struct rpc_frames {
    const uint8_t *at;
    size_t left;
    size_t count;
};

// Checks that the bytes are 1 to RPC_MAX_FRAMES whole frames. The bytes must outlive the frames.
MUST_CHECK bool rpc_frames_open(struct rpc_frames *frames, const void *bytes, size_t len);
// The next frame's envelope; false after the last.
bool rpc_frames_next(struct rpc_frames *frames, ProtobufCBinaryData *envelope);

// Appends a frame holding the packed envelope, of len bytes; false without memory.
MUST_CHECK bool rpc_frame_append(nng_msg *message, const ProtobufCMessage *envelope, size_t len);

// The schema of a method by the name used on the wire: "auth.feed.Read" is auth's own bus.Read, and
// "auth.keys.Rotate" its keys.Rotate. NULL when unknown.
const struct schema_method *rpc_schema_of(const char *name);
// Whether the service has SLOW methods, and so a slow address.
bool rpc_has_slow(const char *service);

#endif
