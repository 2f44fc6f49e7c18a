// Frames of a WebSocket (RFC 6455), the server's side. What a client sends is read by wslay, in a context
// that is there only while a frame or a message in pieces is open: between messages a connection holds no
// memory. What is sent are whole messages behind heads that are written here. No I/O; one thread.
#ifndef GATEWAY_SOCKET_FRAMES_H
#define GATEWAY_SOCKET_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

enum {
    FRAMES_HEAD = 10,           // the most bytes that a head has
    FRAMES_CONTROL = 125,       // the most bytes that a ping, a pong or a close has
    FRAMES_LIMIT = 16 << 10,    // of a message, and
    FRAMES_DOCUMENT = 64 << 10, // of one that may have a document of GraphQL
};

// ---- Reading

enum frames_opcode { FRAMES_TEXT = 1, FRAMES_CLOSE = 8, FRAMES_PING = 9, FRAMES_PONG = 10 };

enum frames_verdict {
    FRAMES_GO_ON,
    FRAMES_STOPPED, // by the owner, who says why: frames_close
    FRAMES_CLOSED,  // the client closed, or broke the rules: the close frame for it has been written
};

struct frames_open;

struct frames {   // zeroed at first
    size_t limit; // bytes of a message; it may change between two
    struct frames_open *open;
    uint16_t code; // of the close frame that was written; 1005: without a code
};

// A whole message, valid UTF-8, borrowed for the call. False: nothing more is to be read.
typedef bool (*frames_message)(void *arg, const char *text, size_t len);

// Reads what came. out gets the answers: pongs, and the close frame at the end. After any verdict but GO_ON
// nothing may be read. Binary messages are refused.
enum frames_verdict frames_read(struct frames *frames, const void *bytes, size_t len, frames_message message,
                                void *arg, struct buf *out);
// Whether a frame or a message has begun and is not whole: its owner gives it some time.
bool frames_is_open(const struct frames *frames);
void frames_finish(struct frames *frames); // twice is fine

// ---- Writing

// Returns how many bytes it has.
size_t frames_head(uint8_t head[FRAMES_HEAD], enum frames_opcode opcode, size_t len);
void frames_write(struct buf *out, enum frames_opcode opcode, const void *bytes, size_t len);
// The reason is cut, between characters, to what a frame can hold.
void frames_close(struct buf *out, uint16_t code, const char *reason);

#endif
