#include "services/gateway/feed/line.h"

#include <sodium.h>

enum {
    RETRY_MS = 2000,
    RETRY_MORE_MS = 3000,
    RETRY_ENDED_MS = 60000,
};

int64_t line_retry_ms(void) { return RETRY_MS + randombytes_uniform(RETRY_MORE_MS); }

// ---- Ends

// Its connection may still be on its way.
void line_close(struct line *line)
{
    bool waits = !line->taken;
    feed_leave(&line->viewer);
    line->over = true;
    pipe_close(&line->pipe);
    if (!waits) line->form->gone(line->arg);
}

static void line_end(struct line *line, const char *why, int64_t retry_ms)
{
    line->form->bye(line->arg, why, retry_ms);
    pipe_flush(&line->pipe);
    line_close(line);
}

static void on_end(void *arg, enum feed_end why, int64_t retry_ms)
{
    line_end(arg, feed_end_name(why), retry_ms ? retry_ms : line_retry_ms());
}

// ---- Messages

static bool on_room(void *arg)
{
    const struct line *line = arg;
    return pipe_has_room(&line->pipe) && !(line->form->waits && line->form->waits(line->arg));
}

static size_t on_waiting(const void *arg) { return pipe_waiting(&((const struct line *)arg)->pipe); }

static void on_deliver(void *arg, const struct feed_message *message)
{
    const struct line *line = arg;
    line->form->deliver(line->arg, message);
}

// The last subscription may have ended with an error.
static void on_flush(void *arg)
{
    struct line *line = arg;
    pipe_flush(&line->pipe);
    if (!line->viewer.subs_count) line_end(line, "ENDED", RETRY_ENDED_MS);
}

static void on_remind(void *arg)
{
    struct line *line = arg;
    line->form->remind(line->arg);
    pipe_flush(&line->pipe);
}

static void on_beat(void *arg, int64_t time_ms)
{
    struct line *line = arg;
    (void)time_ms;
    line->form->beat(line->arg);
    pipe_flush(&line->pipe);
}

static const struct feed_transport transport = {on_room,   on_waiting, on_deliver, on_flush,
                                                on_remind, on_end,     NULL};
static const struct feed_transport beating = {on_room,   on_waiting, on_deliver, on_flush,
                                              on_remind, on_end,     on_beat};

// ---- Its connection

static void on_writable(void *arg) { feed_writable(&((struct line *)arg)->viewer); }

static void on_gone(void *arg) { line_close(arg); }

static const struct pipe_owner pipe_owner = {on_writable, on_gone};

static void line_begin(struct line *line)
{
    pipe_flush(&line->pipe);
    feed_writable(&line->viewer);
}

static void on_taken(void *arg, struct http_socket *socket, int fd, const char *early, size_t len)
{
    struct line *line = arg;
    struct err err;
    (void)early, (void)len;
    line->taken = true;
    if (line->over) {
        http_socket_close(socket);
        return line->form->gone(line->arg);
    }
    if (!pipe_open(&line->pipe, socket, fd, &err)) return line_close(line);
    line_begin(line);
}

static void on_lost(void *arg)
{
    struct line *line = arg;
    line->taken = true;
    if (line->over) return line->form->gone(line->arg);
    line_close(line);
}

// The feed spreads the ends of its viewers.
static void on_drain(void *arg, bool at_once)
{
    if (at_once) on_end(arg, FEED_DRAINING, 0);
}

static const struct http_socket_owner socket_owner = {NULL, on_taken, on_lost, on_drain};

// ---- Opening

bool line_join(struct line *line, const struct line_request *request, const struct line_form *form, void *arg,
               struct err *err)
{
    line->form = form;
    line->arg = arg;
    line->taken = true;
    pipe_init(&line->pipe, request->loop, &pipe_owner, line);
    return feed_join(request->feed, &line->viewer, form->beat ? &beating : &transport, line, request->caller,
                     err);
}

bool line_open(struct line *line, const struct line_request *request, struct err *err)
{
    struct http_answer head = request->head;
    head.status = 200;
    http_answer_add(&head, "Content-Type", "text/event-stream");
    http_answer_add(&head, "X-Content-Type-Options", "nosniff");
    http_answer_add(&head, "Cache-Control", "no-store, no-transform");
    http_answer_add(&head, "X-Accel-Buffering", "no");
    line->taken = false;
    if (http_take_over(request->http, &head, &socket_owner, line)) return true;
    line->taken = true;
    return err_fail(err, SERVICE_DRAINING, "the gateway is shutting down");
}
