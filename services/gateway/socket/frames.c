#include "services/gateway/socket/frames.h"

#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#include "lib/base/text.h"

// wslay does not tell when it stands between two frames: then it has been given as many bytes as the frames
// that it began have together. It keeps no message for us, since it would take 80 bytes for each piece, and
// its close frames are not sent: for a head that breaks the rules they have no code, and a close of one byte
// it takes for an empty one. Of a close's reason it skips two bytes of each part that comes, so one in parts
// may get 1007.
struct frames_open {
    wslay_event_context_ptr wslay;
    struct frames *frames;
    uint64_t given, begun; // bytes
    bool control;          // the frame that is read is no part of a message
    bool in_pieces;        // the message goes on with another frame
    bool stopped;          // by the owner
    uint16_t code;         // with which we close; 0: not yet
    struct buf text;       // of the message so far
    const uint8_t *bytes;  // to be read
    size_t len;
    frames_message message;
    void *arg;
    struct buf *out;
};

// ---- What wslay asks and tells

static ssize_t on_wanted(wslay_event_context_ptr wslay, uint8_t *buf, size_t len, int flags, void *arg)
{
    struct frames_open *open = arg;
    (void)flags;
    if (open->len == 0) {
        wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    if (len > open->len) len = open->len;
    memcpy(buf, open->bytes, len);
    open->bytes += len;
    open->len -= len;
    open->given += len;
    return (ssize_t)len;
}

// Pongs.
static ssize_t on_answer(wslay_event_context_ptr wslay, const uint8_t *bytes, size_t len, int flags,
                         void *arg)
{
    const struct frames_open *open = arg;
    (void)flags;
    if (wslay_event_get_read_enabled(wslay) || open->stopped) buf_append(open->out, bytes, len);
    return (ssize_t)len;
}

static void frames_refuse(struct frames_open *open, uint16_t code)
{
    open->code = code;
    wslay_event_shutdown_read(open->wslay);
}

static size_t read_head_size(uint64_t payload)
{
    size_t length = payload < 126 ? 0 : payload <= UINT16_MAX ? 2 : 8, mask = 4;
    return 2 + length + mask;
}

static bool too_large(const struct frames_open *open, uint64_t more)
{
    size_t limit = open->frames->limit < FRAMES_DOCUMENT ? open->frames->limit : FRAMES_DOCUMENT;
    return open->text.len + more > limit;
}

static void on_frame(wslay_event_context_ptr wslay, const struct wslay_event_on_frame_recv_start_arg *frame,
                     void *arg)
{
    struct frames_open *open = arg;
    (void)wslay;
    open->begun += read_head_size(frame->payload_length) + frame->payload_length;
    open->control = wslay_is_ctrl_frame(frame->opcode);
    if (open->control) return;
    open->in_pieces = !frame->fin;
    if (frame->opcode == WSLAY_BINARY_FRAME)
        frames_refuse(open, WSLAY_CODE_UNSUPPORTED_DATA);
    else if (too_large(open, frame->payload_length))
        frames_refuse(open, WSLAY_CODE_MESSAGE_TOO_BIG);
}

static void on_chunk(wslay_event_context_ptr wslay, const struct wslay_event_on_frame_recv_chunk_arg *chunk,
                     void *arg)
{
    struct frames_open *open = arg;
    (void)wslay;
    if (!open->control && !open->code) buf_append(&open->text, chunk->data, chunk->data_length);
}

static uint16_t code_of_close(const struct wslay_event_on_msg_recv_arg *close)
{
    if (close->msg_length == 0) return WSLAY_CODE_NO_STATUS_RCVD;
    if (close->msg_length == 1) return WSLAY_CODE_PROTOCOL_ERROR;
    if (!text_is_utf8((const char *)close->msg + 2, close->msg_length - 2))
        return WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA;
    return close->status_code;
}

static void on_message(wslay_event_context_ptr wslay, const struct wslay_event_on_msg_recv_arg *message,
                       void *arg)
{
    struct frames_open *open = arg;
    if (open->code) return;
    if (message->opcode == WSLAY_CONNECTION_CLOSE) open->code = code_of_close(message);
    if (message->opcode != WSLAY_TEXT_FRAME) return;
    open->stopped = !open->message(open->arg, open->text.bytes, open->text.len);
    if (open->stopped) wslay_event_shutdown_read(wslay);
    buf_reset(&open->text);
}

// ---- Reading

static void frames_open(struct frames *frames)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_wanted,
        .send_callback = on_answer,
        .on_frame_recv_start_callback = on_frame,
        .on_frame_recv_chunk_callback = on_chunk,
        .on_msg_recv_callback = on_message,
    };
    struct frames_open *open = calloc(1, sizeof *open);
    if (!open || wslay_event_context_server_init(&open->wslay, &callbacks, open) != 0) abort();
    wslay_event_config_set_no_buffering(open->wslay, 1);
    open->frames = frames;
    buf_init(&open->text, FRAMES_DOCUMENT);
    frames->open = open;
}

void frames_finish(struct frames *frames)
{
    struct frames_open *open = frames->open;
    if (!open) return;
    frames->open = NULL;
    wslay_event_context_free(open->wslay);
    buf_finish(&open->text);
    free(open);
}

bool frames_is_open(const struct frames *frames) { return frames->open; }

// Why nothing more is read, as far as only wslay knows it.
static uint16_t code_of_wslay(const struct frames_open *open, int result)
{
    if (result == WSLAY_ERR_NOMEM) abort();
    return result ? WSLAY_CODE_PROTOCOL_ERROR : wslay_event_get_status_code_sent(open->wslay);
}

static enum frames_verdict frames_conclude(struct frames *frames, int result)
{
    struct frames_open *open = frames->open;
    if (wslay_event_send(open->wslay) == WSLAY_ERR_NOMEM) abort();
    if (wslay_event_get_read_enabled(open->wslay)) {
        if (!open->in_pieces && open->given == open->begun) frames_finish(frames);
        return FRAMES_GO_ON;
    }
    bool stopped = open->stopped;
    frames->code = stopped ? 0 : open->code ? open->code : code_of_wslay(open, result);
    if (!stopped) frames_close(open->out, frames->code, "");
    frames_finish(frames);
    return stopped ? FRAMES_STOPPED : FRAMES_CLOSED;
}

enum frames_verdict frames_read(struct frames *frames, const void *bytes, size_t len, frames_message message,
                                void *arg, struct buf *out)
{
    if (len == 0) return FRAMES_GO_ON;
    if (!frames->open) frames_open(frames);
    struct frames_open *open = frames->open;
    open->bytes = bytes;
    open->len = len;
    open->message = message;
    open->arg = arg;
    open->out = out;
    return frames_conclude(frames, wslay_event_recv(open->wslay));
}

// ---- Writing

size_t frames_head(uint8_t head[FRAMES_HEAD], enum frames_opcode opcode, size_t len)
{
    size_t length = len < 126 ? 0 : len <= UINT16_MAX ? 2 : 8;
    head[0] = (uint8_t)(0x80 | opcode);
    head[1] = (uint8_t)(length == 0 ? len : length == 2 ? 126 : 127);
    for (size_t i = 0; i < length; i++) head[2 + i] = (uint8_t)((uint64_t)len >> (8 * (length - 1 - i)));
    return 2 + length;
}

void frames_write(struct buf *out, enum frames_opcode opcode, const void *bytes, size_t len)
{
    uint8_t head[FRAMES_HEAD];
    buf_append(out, head, frames_head(head, opcode, len));
    buf_append(out, bytes, len);
}

void frames_close(struct buf *out, uint16_t code, const char *reason)
{
    uint8_t close[FRAMES_CONTROL] = {(uint8_t)(code >> 8), (uint8_t)code};
    size_t len = strlen(reason), most = sizeof close - 2;
    if (code == WSLAY_CODE_NO_STATUS_RCVD) return frames_write(out, FRAMES_CLOSE, NULL, 0);
    if (len > most)
        for (len = most; len > 0 && ((uint8_t)reason[len] & 0xc0) == 0x80;) len--;
    memcpy(close + 2, reason, len);
    frames_write(out, FRAMES_CLOSE, close, 2 + len);
}
