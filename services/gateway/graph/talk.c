#include "services/gateway/graph/talk.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/log.h"
#include "lib/json/json.h"
#include "services/gateway/graph/following.h"
#include "services/gateway/graph/introduction.h"
#include "services/gateway/graph/renewal.h"

enum { RETRY_MS = 2000, RETRY_MORE_MS = 3000, ERRORS_MOST = 64 << 10 };

struct talk {
    struct graphs *graphs;
    struct socket *socket;
    struct feed_viewer viewer;         // once it is known whom it speaks for
    struct introduction *introduction; // until then
    bool stranger;                     // until then it counts as one of its viewer's household
    struct talk_op *ops;
};

struct talk_op {
    struct talk *talk;
    struct session_op *op;
    struct running *running;    // until it is answered, or follows
    struct following following; // of a subscription
    struct renewal *renewal;    // a token is being checked
    struct talk_op *next;
};

// ---- Operations

static struct talk_op *op_create(struct talk *talk, struct session_op *op)
{
    struct talk_op *own = calloc(1, sizeof *own);
    if (!own) abort();
    own->talk = talk;
    own->op = op;
    own->next = talk->ops;
    op->arg = talk->ops = own;
    return own;
}

// Of one that is not listed any more. A mutation goes on by itself; others may have waited for what was asked
// for this one.
static void op_free(struct talk_op *own)
{
    struct feed_viewer *viewer = &own->talk->viewer;
    bool busy = following_is_busy(&own->following);
    struct renewal *renewal = own->renewal;
    struct running *running = own->running;
    following_close(&own->following);
    free(own);
    running_leave(running);
    renewal_give_up(renewal);
    if (busy && viewer->counted) feed_writable(viewer);
}

static void op_destroy(struct talk_op *own)
{
    struct talk_op **at = &own->talk->ops;
    while (*at != own) at = &(*at)->next;
    *at = own->next;
    op_free(own);
}

static void op_fail(struct talk_op *own, const struct buf *errors)
{
    socket_error(own->talk->socket, own->op, errors->bytes, errors->len);
    op_destroy(own);
}

static void on_done(void *arg)
{
    struct talk_op *own = arg;
    struct socket *socket = own->talk->socket;
    struct buf *text = &own->talk->graphs->text;
    running_write(own->running, text);
    socket_next(socket, own->op, text->bytes, text->len);
    socket_complete(socket, own->op);
    op_destroy(own);
}

// ---- Another token

static void on_renewed(void *arg, const struct caller *caller, struct err *err)
{
    struct talk_op *own = arg;
    own->renewal = NULL;
    if (!caller) return;
    if (socket_renew(own->talk->socket, &caller->claims))
        feed_renew(&own->talk->viewer, caller);
    else
        err_fail(err, TOKEN_INVALID, "a socket goes on with a token of the same user, with no fewer rights");
}

static void on_renew(void *arg, struct question *question, const struct gql_ask *ask)
{
    struct talk_op *own = arg;
    own->renewal = renewal_begin(own->talk->graphs, question, ask, on_renewed, own);
}

static const struct running_owner running_owner = {on_done, on_renew};

// ---- Subscriptions

static void on_next(void *arg, struct shared *answer, const char *cursor)
{
    struct talk_op *own = arg;
    (void)cursor;
    socket_share(own->talk->socket, own->op, answer);
}

static void on_ready(void *arg)
{
    struct talk *talk = ((struct talk_op *)arg)->talk;
    socket_flush(talk->socket);
    feed_writable(&talk->viewer);
}

static void on_ended(void *arg, const char *errors, size_t len)
{
    struct talk_op *own = arg;
    socket_error(own->talk->socket, own->op, errors, len);
    op_destroy(own);
}

static const struct following_owner following_owner = {on_next, on_ready, on_ended};

static bool op_follow(struct talk_op *own, struct buf *errors)
{
    struct running *running = own->running;
    struct err err;
    own->following.owner = &following_owner;
    own->following.arg = own;
    bool follows = following_open(&own->following, running->graphs, running->asker.run, &running->request,
                                  &own->talk->viewer, NULL, &err);
    if (!follows) gql_error_list(&err, running->trace.id, errors);
    own->running = NULL;
    running_leave(running);
    return follows;
}

static void on_start(void *arg, struct session_op *op, const json_t *payload)
{
    struct talk *talk = arg;
    struct talk_op *own = op_create(talk, op);
    struct buf errors;
    buf_init(&errors, ERRORS_MOST);
    own->running = running_create(talk->graphs, &talk->viewer.caller, &running_owner, own);
    own->running->tab = talk->viewer.tab;
    bool read = running_read(own->running, payload, &errors);
    if (!read || (gql_run_follows(own->running->asker.run) && !op_follow(own, &errors)))
        op_fail(own, &errors);
    else if (own->running)
        running_start(own->running);
    buf_finish(&errors);
}

static void on_stop(void *arg, void *op_arg)
{
    (void)arg;
    op_destroy(op_arg);
}

// ---- Its viewer

static bool on_room(void *arg)
{
    const struct talk *talk = arg;
    for (const struct talk_op *own = talk->ops; own; own = own->next)
        if (following_is_busy(&own->following)) return false;
    return socket_has_room(talk->socket);
}

static size_t on_waiting(const void *arg) { return socket_waiting(((const struct talk *)arg)->socket); }

static void on_deliver(void *arg, const struct feed_message *message)
{
    (void)arg;
    following_deliver(message);
}

static void on_flush(void *arg) { socket_flush(((struct talk *)arg)->socket); }

static void on_remind(void *arg)
{
    const struct talk *talk = arg;
    socket_remind(talk->socket, talk->viewer.caller.claims.expires_s);
}

static void on_end(void *arg, enum feed_end why, int64_t retry_ms)
{
    struct talk *talk = arg;
    if (!retry_ms) retry_ms = RETRY_MS + randombytes_uniform(RETRY_MORE_MS);
    socket_end(talk->socket, why, retry_ms);
    for (struct talk_op *own = talk->ops; own; own = own->next) following_lose(&own->following);
    feed_leave(&talk->viewer);
}

// Where each of its streams is, by the operation's id.
static void write_cursors(const struct talk *talk, struct buf *out)
{
    char cursor[CURSOR_TEXT];
    size_t count = 0;
    buf_str(out, "{");
    for (const struct talk_op *own = talk->ops; own; own = own->next) {
        if (!own->following.sub) continue;
        feed_cursor(own->following.sub, cursor);
        if (!*cursor) continue;
        buf_str(out, count++ ? "," : "");
        json_write_text(out, own->op->id);
        buf_str(out, ":\"");
        buf_str(out, cursor);
        buf_str(out, "\"");
    }
    buf_str(out, "}");
}

static void on_beat(void *arg, int64_t time_ms)
{
    const struct talk *talk = arg;
    struct buf *cursors = &talk->graphs->text;
    buf_reset(cursors);
    write_cursors(talk, cursors);
    socket_beat(talk->socket, time_ms, cursors->bytes);
}

static const struct feed_transport transport = {on_room,   on_waiting, on_deliver, on_flush,
                                                on_remind, on_end,     on_beat};

// ---- Whom it speaks for

static void know_stranger(struct talk *talk)
{
    if (talk->stranger) feed_give_stranger(talk->graphs->lent.streams, talk->viewer.household);
    talk->stranger = false;
}

static void talk_refuse(struct talk *talk, const struct err *err)
{
    struct trace trace;
    trace_begin(&talk->graphs->traces, NULL, &trace);
    log_trace(trace.id);
    if (err_internal(err)) log_err(LOG_ERROR, "a socket is refused", err);
    log_trace(NULL);
    socket_refuse(talk->socket, err, trace.id);
}

static void on_introduced(void *arg, const struct caller *caller, struct err *err)
{
    struct talk *talk = arg;
    know_stranger(talk);
    bool joined =
        caller && feed_join(talk->graphs->lent.streams, &talk->viewer, &transport, talk, caller, err);
    if (joined)
        socket_admit(talk->socket, caller->known ? &caller->claims : NULL);
    else
        talk_refuse(talk, err);
    introduction_end(talk->introduction);
    talk->introduction = NULL;
}

static void on_init(void *arg, const char *token)
{
    struct talk *talk = arg;
    introduction_go_on(talk->introduction, token);
}

// ---- Its connection

static void on_writable(void *arg)
{
    struct talk *talk = arg;
    if (talk->viewer.counted) feed_writable(&talk->viewer);
}

static void on_slow(void *arg)
{
    const struct talk *talk = arg;
    if (talk->viewer.counted) feed_count_slow(&talk->viewer);
}

static void on_silent(void *arg) { feed_end_silent(&((struct talk *)arg)->viewer); }

static void talk_destroy(struct talk *talk)
{
    know_stranger(talk);
    introduction_end(talk->introduction);
    for (struct talk_op *own; (own = talk->ops) != NULL;) {
        talk->ops = own->next;
        op_free(own);
    }
    feed_leave(&talk->viewer);
    free(talk);
}

static void on_over(void *arg)
{
    struct talk *talk = arg;
    metric_add(talk->graphs->sockets, -1);
    talk_destroy(talk);
}

static const struct socket_owner socket_owner = {on_init, on_start,  on_stop, on_writable,
                                                 on_slow, on_silent, on_over};

bool talk_open(const struct talk_request *request, struct err *err)
{
    struct talk *talk = calloc(1, sizeof *talk);
    if (!talk) abort();
    struct socket_request socket = {.loop = request->graphs->lent.loop,
                                    .http = request->http,
                                    .head = request->head,
                                    .handshake = request->handshake,
                                    .times = &socket_times,
                                    .owner = &socket_owner,
                                    .arg = talk};
    talk->graphs = request->graphs;
    talk->viewer.tab = request->tab;
    snprintf(talk->viewer.household, sizeof talk->viewer.household, "%s", request->caller->household);
    talk->stranger = feed_take_stranger(request->graphs->lent.streams, talk->viewer.household, err);
    if (!talk->stranger) return free(talk), false;
    talk->introduction =
        introduction_begin(request->graphs, request->caller, request->ticket, on_introduced, talk);
    talk->socket = socket_open(&socket, err);
    if (!talk->socket) return talk_destroy(talk), false;
    metric_add(talk->graphs->sockets, 1);
    return true;
}
