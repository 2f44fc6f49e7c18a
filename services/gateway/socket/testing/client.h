// A client's frames, and what the server makes of them.
#ifndef GATEWAY_SOCKET_TESTING_CLIENT_H
#define GATEWAY_SOCKET_TESTING_CLIENT_H

#include "services/gateway/socket/frames.h"
#include "tests/test.h"

enum { MOST = 1 << 18, LIMIT = 1000 };

#define TEXT 0x81
#define BEGIN 0x01
#define MORE 0x00
#define LAST 0x80
#define PING 0x89
#define PONG 0x8a
#define CLOSE 0x88
#define BYTES(text) text, sizeof text - 1

// ---- A client's frames

static inline void client_head(struct buf *out, unsigned first, size_t len, bool masked)
{
    uint8_t head[FRAMES_HEAD];
    size_t size = frames_head(head, 0, len);
    head[0] = (uint8_t)first;
    if (masked) head[1] |= 0x80;
    buf_append(out, head, size);
}

static inline void client_frame(struct buf *out, unsigned first, const char *payload, size_t len)
{
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    client_head(out, first, len, true);
    buf_append(out, mask, sizeof mask);
    for (size_t i = 0; i < len; i++) buf_char(out, (char)(payload[i] ^ mask[i % 4]));
}

// ---- What the server makes of it

struct seen {
    struct buf texts; // each with a bar behind it
    struct buf out;
    enum frames_verdict verdict;
    uint16_t code;
    size_t stop_after; // messages; 0: never
    size_t count;
    bool held; // a context was there at the end
};

static inline bool on_text(void *arg, const char *text, size_t len)
{
    struct seen *seen = arg;
    buf_append(&seen->texts, text, len);
    buf_char(&seen->texts, '|');
    return ++seen->count != seen->stop_after;
}

static inline void seen_finish(struct seen *seen)
{
    buf_finish(&seen->texts);
    buf_finish(&seen->out);
}

static inline void read_parts(struct seen *seen, const struct buf *sent, size_t first, size_t each,
                              size_t limit)
{
    struct frames frames = {.limit = limit};
    buf_init(&seen->texts, MOST);
    buf_init(&seen->out, MOST);
    for (size_t at = 0, len = first; at < sent->len && seen->verdict == FRAMES_GO_ON; at += len, len = each) {
        if (len > sent->len - at) len = sent->len - at;
        char *part = malloc(len + !len);
        memcpy(part, sent->bytes + at, len);
        seen->verdict = frames_read(&frames, part, len, on_text, seen, &seen->out);
        free(part);
    }
    seen->code = frames.code;
    seen->held = frames_is_open(&frames);
    frames_finish(&frames);
    frames_finish(&frames);
}

#endif
