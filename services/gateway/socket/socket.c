#include "services/gateway/socket/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "lib/net/pieces.h"
#include "services/gateway/socket/frames.h"

enum {
    READ_AT_ONCE = HTTP_SOCKET_READ,
    WAITING_MOST = 256 << 10, // bytes that may wait when more is added,
    SMALL = 1024,             // unless it is the end of an operation, or as small
    OUT_MOST = 16 << 20,
};

const struct socket_times socket_times = {.init = SESSION_INIT_MS,
                                          .check = SESSION_CHECK_MS,
                                          .frame = 10000,
                                          .stall = 5000,
                                          .pong = 20000,
                                          .close = 2000};

enum phase {
    PHASE_OPENING, // the 101 has not gone out
    PHASE_TALKING,
    PHASE_CLOSING, // the close frame is written
    PHASE_SHUT,    // and has gone out: what still comes is dropped until the client closes
    PHASE_BROKEN,  // there is nobody any more
};

struct socket {
    struct loop *loop;
    struct http_socket *http;
    struct loop_source source;
    struct loop_timer timer;
    const struct socket_times *times;
    const struct socket_owner *owner;
    void *arg;
    struct session session;
    struct frames frames;
    struct pieces out; // in frames
    enum phase phase;
    bool spoken;                          // the protocol
    bool blocked;                         // the client takes no more now, and nothing is read from it
    bool asked;                           // by a ping, and nothing has come since
    int64_t frame_ms, stall_ms, close_ms; // since when
    int64_t asked_ms;                     // the same; later, when the client took something slowly
};

// ---- What goes out

static void socket_watch(struct socket *socket)
{
    uint32_t events = socket->blocked ? EPOLLOUT : EPOLLIN;
    struct err err;
    if (!loop_watch(socket->loop, &socket->source, events, &err)) abort();
}

static void set_blocked(struct socket *socket, bool blocked)
{
    if (blocked) socket->stall_ms = loop_now_ms(socket->loop);
    if (socket->blocked == blocked) return;
    socket->blocked = blocked;
    loop_unwatch(socket->loop, &socket->source);
    socket_watch(socket);
}

static void send_waiting(struct socket *socket)
{
    size_t waited = socket->out.bytes;
    if (socket->phase == PHASE_BROKEN || !waited) return;
    enum pieces_sent sent = http_socket_send(socket->http, &socket->out);
    bool took = socket->out.bytes < waited;
    if (took && socket->blocked) socket->asked_ms = loop_now_ms(socket->loop);
    if (sent == PIECES_BROKEN) socket->phase = PHASE_BROKEN;
    if (sent == PIECES_BLOCKED && (!socket->blocked || took)) set_blocked(socket, true);
    if (sent == PIECES_ALL) set_blocked(socket, false);
}

static void write_frame(struct socket *socket, enum frames_opcode opcode, const char *bytes, size_t len)
{
    uint8_t head[FRAMES_HEAD];
    pieces_copy(&socket->out, head, frames_head(head, opcode, len));
    pieces_copy(&socket->out, bytes, len);
}

static void begin_close(struct socket *socket)
{
    socket->phase = PHASE_CLOSING;
    socket->close_ms = loop_now_ms(socket->loop);
}

static void socket_close(struct socket *socket, uint16_t code, const char *reason)
{
    struct buf frame;
    if (socket->phase != PHASE_TALKING) return;
    buf_init(&frame, FRAMES_HEAD + FRAMES_CONTROL);
    frames_close(&frame, code, reason);
    pieces_copy(&socket->out, frame.bytes, frame.len);
    buf_finish(&frame);
    begin_close(socket);
}

static void close_slow(struct socket *socket)
{
    struct buf nothing;
    buf_init(&nothing, 1);
    struct session_step step = session_end(&socket->session, FEED_SLOW, 0, &nothing);
    socket_close(socket, step.code, step.reason);
    socket->owner->slow(socket->arg);
}

static bool has_space(const struct socket *socket, size_t len)
{
    return len <= SMALL || socket->out.bytes <= WAITING_MOST;
}

static void socket_say(struct socket *socket, const struct buf *message)
{
    if (socket->phase != PHASE_TALKING || !message->len) return;
    if (!has_space(socket, message->len) || message->failed) return close_slow(socket);
    write_frame(socket, FRAMES_TEXT, message->bytes, message->len);
}

// ---- Steps of the session

static void socket_do(struct socket *socket, struct session_step *step)
{
    switch (step->what) {
    case SESSION_NOTHING:
        break;
    case SESSION_INIT:
        socket->session.init_by_ms = loop_now_ms(socket->loop) + socket->times->check;
        socket->owner->init(socket->arg, step->token);
        break;
    case SESSION_START:
        socket->owner->start(socket->arg, step->op, step->payload);
        break;
    case SESSION_STOP:
        socket->owner->stop(socket->arg, step->arg);
        break;
    case SESSION_CLOSE:
        socket_close(socket, step->code, step->reason);
        break;
    }
    session_step_finish(step);
}

static bool on_message(void *arg, const char *text, size_t len)
{
    struct socket *socket = arg;
    struct buf out;
    buf_init(&out, OUT_MOST);
    struct session_step step = session_take(&socket->session, text, len, loop_now_ms(socket->loop), &out);
    socket_say(socket, &out);
    buf_finish(&out);
    socket_do(socket, &step);
    socket->frame_ms = loop_now_ms(socket->loop); // if another has begun
    socket->frames.limit = session_limit(&socket->session);
    return socket->phase == PHASE_TALKING;
}

// ---- Ends

static void socket_destroy(struct socket *socket)
{
    if (socket->http) {
        loop_unwatch(socket->loop, &socket->source);
        http_socket_close(socket->http);
    }
    loop_timer_clear(socket->loop, &socket->timer);
    socket->owner->over(socket->arg);
    session_finish(&socket->session);
    frames_finish(&socket->frames);
    pieces_drop(&socket->out);
    free(socket);
}

static int64_t earlier_of(int64_t at_ms, bool counts, int64_t since_ms, int64_t ms)
{
    return counts && since_ms + ms < at_ms ? since_ms + ms : at_ms;
}

// More waits than may, and the client takes nothing of it.
static bool is_stalled(const struct socket *socket)
{
    return socket->phase == PHASE_TALKING && socket->blocked && socket->out.bytes > WAITING_MOST;
}

static bool is_silent(const struct socket *socket, int64_t now_ms)
{
    return socket->phase == PHASE_TALKING && socket->asked &&
           now_ms >= socket->asked_ms + socket->times->pong;
}

static int64_t next_deadline(const struct socket *socket)
{
    const struct socket_times *times = socket->times;
    int64_t at_ms = INT64_MAX;
    bool talking = socket->phase == PHASE_TALKING;
    if (socket->phase == PHASE_BROKEN) return 0;
    bool begins = socket->session.state == SESSION_NEW || socket->session.state == SESSION_CHECKING;
    at_ms = earlier_of(at_ms, talking && begins, socket->session.init_by_ms, 0);
    at_ms = earlier_of(at_ms, talking && frames_is_open(&socket->frames), socket->frame_ms, times->frame);
    at_ms = earlier_of(at_ms, is_stalled(socket), socket->stall_ms, times->stall);
    at_ms = earlier_of(at_ms, talking && socket->asked, socket->asked_ms, times->pong);
    return earlier_of(at_ms, !talking, socket->close_ms, times->close);
}

// Sends what there is, and sets the time when something is due. It ends only what is broken, and that later.
static void socket_settle(struct socket *socket)
{
    if (socket->phase == PHASE_OPENING) return;
    send_waiting(socket);
    if (socket->phase == PHASE_CLOSING && !socket->out.bytes) {
        http_socket_end(socket->http);
        socket->phase = PHASE_SHUT;
    }
    int64_t at_ms = next_deadline(socket);
    if (at_ms == INT64_MAX)
        loop_timer_clear(socket->loop, &socket->timer);
    else
        loop_timer_set(socket->loop, &socket->timer, at_ms);
}

static void on_due(void *arg)
{
    struct socket *socket = arg;
    int64_t now_ms = loop_now_ms(socket->loop);
    bool talking = socket->phase == PHASE_TALKING;
    bool over = !talking && now_ms >= socket->close_ms + socket->times->close;
    if (over || socket->phase == PHASE_BROKEN) return socket_destroy(socket);
    if (is_stalled(socket) && now_ms >= socket->stall_ms + socket->times->stall) close_slow(socket);
    if (is_silent(socket, now_ms)) socket->owner->silent(socket->arg);
    struct session_step step = session_due(&socket->session, now_ms);
    socket_do(socket, &step);
    if (frames_is_open(&socket->frames) && now_ms >= socket->frame_ms + socket->times->frame)
        socket_close(socket, SESSION_LATER, "a message takes too long");
    socket_settle(socket);
}

// ---- What comes in

static void socket_read(struct socket *socket, const char *bytes, size_t len)
{
    struct buf answers;
    if (socket->phase != PHASE_TALKING) return;
    bool open = frames_is_open(&socket->frames);
    buf_init(&answers, OUT_MOST);
    enum frames_verdict verdict = frames_read(&socket->frames, bytes, len, on_message, socket, &answers);
    if (socket->phase == PHASE_TALKING) pieces_copy(&socket->out, answers.bytes, answers.len);
    buf_finish(&answers);
    if (verdict == FRAMES_CLOSED && socket->phase == PHASE_TALKING) begin_close(socket);
    if (!open) socket->frame_ms = loop_now_ms(socket->loop);
}

static void on_writable(struct socket *socket)
{
    socket_settle(socket);
    if (socket_has_room(socket)) socket->owner->writable(socket->arg);
}

static void on_ready(void *arg, uint32_t events)
{
    struct socket *socket = arg;
    char bytes[READ_AT_ONCE];
    if (socket->blocked && (events & EPOLLOUT)) return on_writable(socket);
    ssize_t len = http_socket_receive(socket->http, bytes, sizeof bytes);
    if (len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR)) return socket_destroy(socket);
    if (len > 0) socket->asked = false;
    if (len > 0) socket_read(socket, bytes, (size_t)len);
    socket_settle(socket);
}

// ---- Its connection

static void on_taken(void *arg, struct http_socket *http, int fd, const char *early, size_t len)
{
    struct socket *socket = arg;
    int64_t now_ms = loop_now_ms(socket->loop);
    pieces_wait_here(fd);
    socket->http = http;
    socket->source = (struct loop_source){fd, on_ready, socket};
    socket_watch(socket);
    socket->phase = PHASE_TALKING;
    struct session_step step = session_begin(&socket->session, socket->spoken, now_ms);
    socket->session.init_by_ms = now_ms + socket->times->init;
    socket->frames.limit = session_limit(&socket->session);
    socket_do(socket, &step);
    socket_read(socket, early, len);
    socket_settle(socket);
}

static void on_lost(void *arg) { socket_destroy(arg); }

// Who has been admitted is ended by the feed, in their time.
static void on_drain(void *arg, bool at_once)
{
    struct socket *socket = arg;
    if (at_once) return socket_destroy(socket);
    if (socket->session.state != SESSION_READY) socket_end(socket, FEED_DRAINING, 0);
}

static const struct http_socket_owner http_owner = {"websocket", on_taken, on_lost, on_drain};

struct socket *socket_open(struct socket_request *request, struct err *err)
{
    struct socket *socket = calloc(1, sizeof *socket);
    if (!socket) abort();
    *socket = (struct socket){.loop = request->loop,
                              .times = request->times,
                              .owner = request->owner,
                              .arg = request->arg,
                              .spoken = request->handshake->protocol};
    socket->timer = (struct loop_timer){.fire = on_due, .arg = socket};
    pieces_init(&socket->out);
    handshake_answer(request->handshake, &request->head);
    if (http_upgrade(request->http, &request->head, &http_owner, socket, err)) return socket;
    free(socket);
    return NULL;
}

// ---- What its owner tells

static void socket_tell(struct socket *socket, struct buf *out, struct session_step step)
{
    socket_say(socket, out);
    buf_finish(out);
    socket_do(socket, &step);
    socket->frames.limit = session_limit(&socket->session);
    socket_settle(socket);
}

static struct buf some_buf(void)
{
    struct buf out;
    buf_init(&out, OUT_MOST);
    return out;
}

void socket_admit(struct socket *socket, const struct token_claims *claims)
{
    struct buf out = some_buf();
    session_admit(&socket->session, claims, &out);
    socket_tell(socket, &out, (struct session_step){0});
}

void socket_refuse(struct socket *socket, const struct err *err, const char *trace_id)
{
    struct buf out = some_buf();
    socket_tell(socket, &out, session_refuse(&socket->session, err, trace_id));
}

bool socket_renew(struct socket *socket, const struct token_claims *claims)
{
    struct buf out = some_buf();
    socket_tell(socket, &out, session_renew(&socket->session, claims));
    return socket->phase == PHASE_TALKING;
}

void socket_remind(struct socket *socket, int64_t expires_s)
{
    struct buf out = some_buf();
    session_remind(&socket->session, expires_s, &out);
    socket_tell(socket, &out, (struct session_step){0});
}

void socket_end(struct socket *socket, enum feed_end why, int64_t retry_ms)
{
    struct buf out = some_buf();
    struct session_step step = session_end(&socket->session, why, retry_ms, &out);
    socket_tell(socket, &out, step);
}

void socket_beat(struct socket *socket, int64_t time_ms, const char *cursors)
{
    struct buf out = some_buf();
    session_beat(&socket->session, time_ms, cursors, &out);
    if (!socket->asked) socket->asked_ms = loop_now_ms(socket->loop);
    socket->asked = true;
    socket_tell(socket, &out, (struct session_step){0});
}

void socket_next(struct socket *socket, const struct session_op *op, const char *payload, size_t len)
{
    struct buf out = some_buf();
    session_next(op, payload, len, &out);
    socket_tell(socket, &out, (struct session_step){0});
}

// Its first and last part are the operation's; the payload is everybody's.
void socket_share(struct socket *socket, const struct session_op *op, struct shared *payload)
{
    struct buf first;
    uint8_t head[FRAMES_HEAD];
    if (socket->phase != PHASE_TALKING) return;
    buf_init(&first, OUT_MOST);
    session_next_begin(op, &first);
    size_t len = first.len + payload->len + sizeof SESSION_NEXT_END - 1;
    if (!has_space(socket, len)) {
        close_slow(socket);
    } else {
        pieces_copy(&socket->out, head, frames_head(head, FRAMES_TEXT, len));
        pieces_copy(&socket->out, first.bytes, first.len);
        pieces_share(&socket->out, payload, 0, payload->len);
        pieces_copy(&socket->out, SESSION_NEXT_END, sizeof SESSION_NEXT_END - 1);
    }
    buf_finish(&first);
}

bool socket_has_room(const struct socket *socket)
{
    return socket->phase == PHASE_TALKING && socket->out.bytes < FEED_FULL;
}

size_t socket_waiting(const struct socket *socket) { return socket->out.bytes; }

void socket_flush(struct socket *socket) { socket_settle(socket); }

void socket_complete(struct socket *socket, struct session_op *op)
{
    struct buf out = some_buf();
    session_complete(&socket->session, op, &out);
    socket_tell(socket, &out, (struct session_step){0});
}

void socket_error(struct socket *socket, struct session_op *op, const char *errors, size_t len)
{
    struct buf out = some_buf();
    session_error(&socket->session, op, errors, len, &out);
    socket_tell(socket, &out, (struct session_step){0});
}
