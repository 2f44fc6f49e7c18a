#include "tools/bench/realtime_line.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/bench/realtime_speech.h"

enum { OPCODE_TEXT = 1, OPCODE_CLOSE = 8, OPCODE_PING = 9, OPCODE_PONG = 10, MASKED = 128, ADDRESSES = 16 };

// ---- Ends

static void line_reset(struct line *line)
{
    if (line->tls) gnutls_deinit(line->tls);
    if (line->fd >= 0) close(line->fd);
    free(line->held);
    line->tls = NULL;
    line->held = NULL;
    line->held_len = 0;
    line->fd = -1;
    line->stalled = false;
}

void line_close(struct lines *lines, struct line *line)
{
    if (line->state == LINE_AWAY) return;
    if (line->state == LINE_READY)
        lines->ready--;
    else
        lines->opening--;
    line->state = LINE_AWAY;
    line_reset(line);
}

static void line_break(struct lines *lines, struct line *line)
{
    lines->broken++;
    line_close(lines, line);
}

void line_set_ready(struct lines *lines, struct line *line)
{
    if (line->state == LINE_READY) return;
    line->state = LINE_READY;
    lines->opening--;
    lines->ready++;
}

// ---- Bytes

// Requests are small, so the socket has room for the whole of one.
static void line_send(struct lines *lines, struct line *line, const void *bytes, size_t len)
{
    ssize_t sent =
        line->tls ? gnutls_record_send(line->tls, bytes, len) : send(line->fd, bytes, len, MSG_NOSIGNAL);
    if (sent != (ssize_t)len) line_break(lines, line);
}

// The mask is zero, which leaves the bytes as they are.
static void line_frame(struct lines *lines, struct line *line, int opcode, const char *bytes, size_t len)
{
    char frame[SPEECH_MOST + 8] = {(char)(0x80 | opcode)};
    size_t head = 2;
    if (len < 126)
        frame[1] = (char)(MASKED | len);
    else
        frame[1] = (char)(MASKED | 126), frame[2] = (char)(len >> 8), frame[3] = (char)len, head = 4;
    if (len > SPEECH_MOST) abort();
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, bytes, len);
    line_send(lines, line, frame, head + 4 + len);
}

void line_say(struct lines *lines, struct line *line, const char *text, size_t len)
{
    if (line->state != LINE_AWAY) line_frame(lines, line, OPCODE_TEXT, text, len);
}

// ---- Opening

static void line_ask(struct lines *lines, struct line *line)
{
    const struct speech *speech = lines->speech;
    char target[512], token[2048] = "", request[4096];
    speech->target(lines, line, target, sizeof target);
    if (lines->tokens_count)
        snprintf(token, sizeof token, "Authorization: Bearer %s\r\n",
                 lines->tokens[line_index(lines, line) % lines->tokens_count]);
    int len = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s", target,
                       lines->port, token);
    if (speech->events)
        len += snprintf(request + len, sizeof request - (size_t)len, "Accept: text/event-stream\r\n\r\n");
    else
        len += snprintf(request + len, sizeof request - (size_t)len,
                        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s%s%s\r\n",
                        speech->protocol ? "Sec-WebSocket-Protocol: " : "",
                        speech->protocol ? speech->protocol : "", speech->protocol ? "\r\n" : "");
    line->state = LINE_ASKING;
    line_send(lines, line, request, (size_t)len);
}

static void line_watch(struct lines *lines, struct line *line, int how, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = line};
    if (epoll_ctl(lines->epoll_fd, how, line->fd, &event) != 0) abort();
}

static void make_narrow(const struct line *line)
{
    const int segment = 1400, window = 8192;
    setsockopt(line->fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    setsockopt(line->fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
}

void line_open(struct lines *lines, struct line *line)
{
    size_t i = line_index(lines, line);
    const int one = 1;
    struct sockaddr_in from = {.sin_family = AF_INET},
                       to = {.sin_family = AF_INET, .sin_port = htons(lines->port)};
    from.sin_addr.s_addr = htonl(0x7f010000u + 256 * (lines->rounds % 250) + 1 + (uint32_t)(i % ADDRESSES));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    line->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (line->fd < 0) perror("socket"), abort();
    setsockopt(line->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (lines->narrow) make_narrow(line);
    if (bind(line->fd, (struct sockaddr *)&from, sizeof from) != 0) perror("bind"), abort();
    line->state = LINE_CONNECTING;
    lines->opening++;
    if (connect(line->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)
        return line_break(lines, line);
    line_watch(lines, line, EPOLL_CTL_ADD, EPOLLOUT);
}

static void begin_tls(struct lines *lines, struct line *line)
{
    if (gnutls_init(&line->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != 0) abort();
    gnutls_set_default_priority(line->tls);
    gnutls_credentials_set(line->tls, GNUTLS_CRD_CERTIFICATE, lines->tls);
    gnutls_transport_set_int(line->tls, line->fd);
    line->state = LINE_SHAKING;
}

static void shake_hands(struct lines *lines, struct line *line)
{
    int done = gnutls_handshake(line->tls);
    if (done == 0) return line_ask(lines, line);
    if (gnutls_error_is_fatal(done)) line_break(lines, line);
}

static void on_connected(struct lines *lines, struct line *line)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(line->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) return line_break(lines, line);
    line_watch(lines, line, EPOLL_CTL_MOD, EPOLLIN);
    if (!lines->tls) return line_ask(lines, line);
    begin_tls(lines, line);
    shake_hands(lines, line);
}

// ---- What comes

static void count_close(struct lines *lines, const char *bytes, size_t len)
{
    int code = len >= 2 ? (uint8_t)bytes[0] << 8 | (uint8_t)bytes[1] : 1005;
    memmove(lines->closes + 1, lines->closes, sizeof lines->closes - sizeof *lines->closes);
    lines->closes[0] = code;
}

static void take_frame(struct lines *lines, struct line *line, int first, const char *bytes, size_t len)
{
    switch (first & 0x7f) {
    case OPCODE_TEXT:
        if (!(first & 0x80)) abort(); // no peer sends messages in pieces
        return lines->speech->take(lines, line, bytes, len);
    case OPCODE_PING:
        return line_frame(lines, line, OPCODE_PONG, bytes, len);
    case OPCODE_CLOSE:
        count_close(lines, bytes, len);
        return line_break(lines, line);
    }
}

// Each gives how much of the bytes it has taken.
static size_t take_frames(struct lines *lines, struct line *line, const char *bytes, size_t len)
{
    size_t at = 0;
    while (line->state != LINE_AWAY && len - at >= 2) {
        const uint8_t *head = (const uint8_t *)bytes + at;
        size_t size = head[1] & 127, head_len = size == 126 ? 4 : size == 127 ? 10 : 2;
        if (len - at < head_len) break;
        if (head_len == 4) size = (size_t)head[2] << 8 | head[3];
        if (head_len == 10)
            size = (size_t)head[6] << 24 | (size_t)head[7] << 16 | (size_t)head[8] << 8 | head[9];
        if (len - at - head_len < size) break;
        take_frame(lines, line, head[0], bytes + at + head_len, size);
        at += head_len + size;
    }
    return at;
}

static size_t take_events(struct lines *lines, struct line *line, const char *bytes, size_t len)
{
    size_t at = 0;
    const char *end;
    while (line->state != LINE_AWAY && (end = memmem(bytes + at, len - at, "\n\n", 2)) != NULL) {
        size_t size = (size_t)(end - bytes) - at;
        lines->speech->take(lines, line, bytes + at, size);
        at += size + 2;
    }
    return at;
}

static size_t take_head(struct lines *lines, struct line *line, const char *bytes, size_t len)
{
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);
    if (!end) return 0;
    int status = atoi(bytes + strlen("HTTP/1.1 "));
    if (status != (lines->speech->events ? 200 : 101)) {
        lines->refused++;
        lines->refusal = status;
        line_break(lines, line);
        return len;
    }
    line->state = LINE_TALKING;
    if (lines->speech->begin) lines->speech->begin(lines, line);
    return (size_t)(end - bytes) + 4;
}

static void line_take(struct lines *lines, struct line *line, const char *bytes, size_t len)
{
    size_t at = line->state == LINE_ASKING ? take_head(lines, line, bytes, len) : 0;
    if (line->state >= LINE_TALKING)
        at += (lines->speech->events ? take_events : take_frames)(lines, line, bytes + at, len - at);
    if (line->state == LINE_AWAY || at == len) return;
    line->held_len = len - at;
    line->held = malloc(line->held_len);
    if (!line->held) abort();
    memcpy(line->held, bytes + at, line->held_len);
}

// False: nothing more has come.
static bool line_read(struct lines *lines, struct line *line)
{
    size_t len = line->held_len;
    char *into = lines->buffer + len;
    if (len > LINE_BUFFER / 2) abort();
    ssize_t got = line->tls ? gnutls_record_recv(line->tls, into, LINE_BUFFER - len)
                            : recv(line->fd, into, LINE_BUFFER - len, 0);
    if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED || (!line->tls && got < 0 && errno == EAGAIN))
        return false;
    if (got <= 0) {
        line_break(lines, line);
        return false;
    }
    if (len) memcpy(lines->buffer, line->held, len);
    free(line->held);
    line->held = NULL;
    line->held_len = 0;
    line_take(lines, line, lines->buffer, len + (size_t)got);
    return line->state != LINE_AWAY && line->tls; // the library may have more of it
}

void line_turn(struct lines *lines, struct line *line, uint32_t events)
{
    if (line->stalled && events & (EPOLLHUP | EPOLLERR)) return line_break(lines, line);
    if (line->state == LINE_AWAY || line->stalled) return;
    if (line->state == LINE_CONNECTING) return on_connected(lines, line);
    if (line->state == LINE_SHAKING) return shake_hands(lines, line);
    while (line_read(lines, line)) {
    }
}

// ---- All

void line_stall(struct lines *lines, struct line *line, bool stalled)
{
    if (line->state == LINE_AWAY || line->stalled == stalled) return;
    line->stalled = stalled;
    line_watch(lines, line, EPOLL_CTL_MOD, stalled ? 0 : EPOLLIN);
}

void lines_init(struct lines *lines, size_t count)
{
    lines->all = calloc(count + 1, sizeof *lines->all);
    lines->buffer = malloc(LINE_BUFFER);
    lines->count = count;
    if (!lines->all || !lines->buffer) abort();
    for (size_t i = 0; i < count; i++) lines->all[i].fd = -1;
}

void lines_finish(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) line_close(lines, &lines->all[i]);
    free(lines->all);
    free(lines->buffer);
    lines->all = NULL;
    lines->buffer = NULL;
    lines->count = 0;
}
