// Following what a user is told: each of their viewers gets what they have not seen of the user's own stream.
#include <string.h>

#include "services/events/handlers/handlers.h"
#include "services/events/streams.h"
#include "services/events/topics/follow_stored.h"
#include "services/events/topics/told.h"

static bool add_count(struct stored_following *f, struct err *err)
{
    Events__MeSnapshot *snapshot = arena_new(f->call->arena, Events__MeSnapshot);
    if (!filled(snapshot, err)) return false;
    events__me_snapshot__init(snapshot);
    snapshot->count = f->head;
    return follow_reply_snapshot(f->reply, EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_ME, snapshot,
                                 f->call->arena) ||
           filled(NULL, err);
}

static bool add_told(struct stored_following *f, uint64_t seq, const ProtobufCBinaryData *bytes,
                     struct err *err)
{
    Events__MeEntry *entry = told_entry(bytes, f->call->arena);
    (void)seq;
    if (!filled(entry, err)) return false;
    follow_reply_body(f->reply, EVENTS__FOLLOW_REPLY__BODY__BODY_ME, entry, f->call->arena);
    f->bytes += bytes->len;
    return true;
}

static bool measure_told(const struct stored_following *f, const ProtobufCBinaryData *bytes,
                         struct arena *arena, size_t *count, struct err *err)
{
    (void)f, (void)arena, (void)err;
    *count += bytes->len;
    return true;
}

static const struct stored_form told_form = {NULL, add_count, add_told, measure_told};

HANDLER(follow_me, Events__FollowMeRequest, Events__FollowReply)
{
    struct stream_name stream = users_stream(request->user_id);
    struct told_view view;
    struct stored_following f = {.call = call,
                                 .form = &told_form,
                                 .stream = stream.text,
                                 .viewers = request->viewers,
                                 .count = request->n_viewers,
                                 .limit = request->limit,
                                 .reply = reply};
    told_view_make(&view, ((struct events *)call->service)->store, request->user_id);
    memcpy(f.key, view.key, sizeof f.key);
    return follow_stored(&f, err);
}

const struct rpc_method follow_me_methods[] = {
    RPC_METHOD("events.FollowMe", follow_me),
    {0},
};
