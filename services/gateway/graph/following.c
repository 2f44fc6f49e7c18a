#include "services/gateway/graph/following.h"

#include <string.h>

enum { ERRORS_MOST = 4096 };

// Whether the run follows what there is.
static bool check_followed(const struct gql_followed *followed, const struct feed_viewer *viewer,
                           struct err *err)
{
    if (feed_check_topic(followed->topic, viewer->caller.known, err)) return true;
    if (!err_is(err, INVALID_FIELD) || !followed->about) return false;
    return err_field(err, INVALID_FIELD, followed->about, "%s is none", followed->about);
}

bool following_open(struct following *following, struct graphs *graphs, struct gql_run *run,
                    const struct gql_request *request, struct feed_viewer *viewer, const char *after,
                    struct err *err)
{
    struct gql_followed followed;
    if (!gql_run_followed(run, &followed, err) || !check_followed(&followed, viewer, err) ||
        !shape_take(&following->shape, graphs, run, request, err))
        return false;
    following->graphs = graphs;
    if (!share_take(&following->share, graphs, &viewer->caller, following->shape->held, err))
        return following_close(following), false;
    following->viewer = viewer;
    following->sub = feed_subscribe(viewer, followed.topic, after ? after : followed.after, err);
    if (following->sub)
        feed_set_arg(following->sub, following);
    else
        following_close(following);
    return following->sub;
}

bool following_is_busy(const struct following *following) { return following->telling; }

// ---- What needs questions

static void on_told(void *arg)
{
    struct following *following = arg;
    struct running *telling = following->telling;
    struct buf *text = &following->graphs->text;
    running_write(telling, text);
    struct shared *answer = shared_create(text->bytes, text->len);
    following->telling = NULL;
    running_leave(telling);
    if (!answer) abort();
    following->owner->next(following->arg, answer, following->cursor);
    shared_drop(answer);
    following->owner->ready(following->arg);
}

static void tell_with_questions(struct following *following, const struct feed_message *message)
{
    static const struct running_owner owner = {on_told, NULL};
    memcpy(following->cursor, message->cursor, sizeof following->cursor);
    following->telling = running_create(following->graphs, &following->viewer->caller, &owner, following);
    running_tell(following->telling, following->shape, message);
}

// ---- Messages

static void following_end(struct following *following, const struct err *err)
{
    struct trace trace;
    struct buf errors;
    trace_begin(&following->graphs->traces, NULL, &trace);
    buf_init(&errors, ERRORS_MOST);
    gql_error_list(err, trace.id, &errors);
    following_lose(following);
    following->owner->over(following->arg, errors.bytes, errors.len);
    buf_finish(&errors);
}

static void tell_at_once(struct following *following, const struct feed_message *message)
{
    struct shared *answer = bodies_get(following->shape, message);
    following->owner->next(following->arg, answer, message->cursor);
    shared_drop(answer);
}

// Who writes just now is told to those who ask for it: others would get what says nothing to them.
static bool is_told(const struct following *following, const struct feed_message *message)
{
    if (message->kind == FEED_TYPING) return gql_run_wants(following->shape->run, GQL_TYPING);
    return body_is_told(message);
}

void following_deliver(const struct feed_message *message)
{
    struct following *following = feed_arg(message->sub);
    if (message->kind == FEED_ERROR) return following_end(following, message->err);
    if (!is_told(following, message)) return;
    if (gql_run_asks(following->shape->run, body_member(message)))
        return tell_with_questions(following, message);
    tell_at_once(following, message);
}

// ---- Ends

void following_lose(struct following *following)
{
    following->sub = NULL;
    following_close(following);
}

void following_close(struct following *following)
{
    if (following->sub) feed_unsubscribe(following->sub);
    running_leave(following->telling);
    if (following->shape) share_give(following->share, following->shape->held);
    shape_drop(following->shape);
    following->sub = NULL;
    following->share = NULL;
    following->telling = NULL;
    following->shape = NULL;
}
