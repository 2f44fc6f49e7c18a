// Following a topic that is published outside, by its name: for viewers with connections of a gateway, and
// for who reads it from a cursor on. To others than its owner and devs there is none.
#include <string.h>

#include "services/events/handlers/handlers.h"
#include "services/events/push/letter.h"
#include "services/events/push/topic_rows.h"
#include "services/events/streams.h"
#include "services/events/topics/follow_reply.h"
#include "services/events/topics/follow_stored.h"

static bool may_read(const struct stored_following *f, const Events__FollowViewer *viewer)
{
    const Push__TopicRow *row = f->arg;
    return viewer->level == LEVEL_DEV || strcmp(viewer->user_id, row->owner_id) == 0;
}

static bool add_topic(struct stored_following *f, struct err *err)
{
    const Push__TopicRow *row = f->arg;
    struct events *events = f->call->service;
    struct arena *arena = f->call->arena;
    struct stream_name source = topic_source(row->event_id);
    bool stopped;
    Events__TopicSnapshot *snapshot = arena_new(arena, Events__TopicSnapshot);
    if (!filled(snapshot, err) || !topic_is_stopped(events, row, f->call->now_ms, arena, &stopped, err))
        return false;
    events__topic_snapshot__init(snapshot);
    snapshot->name = row->name;
    snapshot->pattern = arena_str(arena, source.text);
    snapshot->count = f->head;
    snapshot->stopped = stopped;
    return follow_reply_snapshot(f->reply, EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_TOPIC, snapshot, arena) ||
           filled(NULL, err);
}

static Events__TopicEntry *read_published(const struct stored_following *f, uint64_t index,
                                          const ProtobufCBinaryData *bytes, struct arena *arena,
                                          struct err *err)
{
    const Push__Published *published = push__published__unpack(&arena->allocator, bytes->len, bytes->data);
    if (!filled(published, err)) return NULL;
    return letter_entry(f->call->service, f->arg, index, published, arena, err);
}

static bool add_published(struct stored_following *f, uint64_t index, const ProtobufCBinaryData *bytes,
                          struct err *err)
{
    struct arena *arena = f->call->arena;
    Events__TopicEntry *entry = read_published(f, index, bytes, arena, err);
    if (!entry) return false;
    follow_reply_body(f->reply, EVENTS__FOLLOW_REPLY__BODY__BODY_TOPIC, entry, arena);
    f->bytes += events__topic_entry__get_packed_size(entry);
    return true;
}

static bool measure_published(const struct stored_following *f, const ProtobufCBinaryData *bytes,
                              struct arena *arena, size_t *count, struct err *err)
{
    const Events__TopicEntry *entry = read_published(f, 0, bytes, arena, err);
    if (entry) *count += events__topic_entry__get_packed_size(entry);
    return entry;
}

static const struct stored_form form = {may_read, add_topic, add_published, measure_published};

// As of one that nobody may read.
static bool follow_none(struct rpc_call *call, const Events__FollowTopicRequest *request,
                        Events__FollowReply *reply, struct err *err)
{
    const struct follow_room_for room = {.viewers = request->n_viewers};
    if (!follow_reply_begin(reply, room, call->arena)) return filled(NULL, err);
    for (size_t i = 0; i < reply->n_views; i++) reply->views[i]->place->reset = EVENTS__RESET__REASON__RIGHTS;
    return true;
}

static bool is_any_lost(const Events__FollowReply *reply)
{
    for (size_t i = 0; i < reply->n_views; i++)
        if (reply->views[i]->place->reset == EVENTS__RESET__REASON__EPOCH) return true;
    return false;
}

// Its end, between the reads of its row and of its stream, looks as if the stream had begun anew.
static bool find_end(struct rpc_call *call, const Push__TopicRow *row, bool *ended, struct err *err)
{
    Push__TopicRow *left;
    if (!topic_by_id(call->service, row->id, call->arena, &left, err)) return false;
    *ended = !left;
    return true;
}

static bool follow_row(struct rpc_call *call, const Events__FollowTopicRequest *request, Push__TopicRow *row,
                       Events__FollowReply *reply, struct err *err)
{
    struct events *events = call->service;
    struct stream_name stream = topic_stream(row->id);
    struct stored_following f = {.call = call,
                                 .form = &form,
                                 .stream = stream.text,
                                 .viewers = request->viewers,
                                 .count = request->n_viewers,
                                 .limit = request->limit,
                                 .reply = reply,
                                 .arg = row};
    topic_key(events, row->id, f.key);
    if (!follow_stored(&f, err)) return false;
    reply->stream = arena_str(call->arena, stream.text);
    return filled(reply->stream, err);
}

static bool follow_topic_for(struct rpc_call *call, const Events__FollowTopicRequest *request,
                             Events__FollowReply *reply, struct err *err)
{
    Push__TopicRow *row;
    uint64_t version;
    bool ended = true;
    while (ended) {
        if (!topic_find(call->service, request->name, call->arena, &row, &version, err)) return false;
        if (!row) return follow_none(call, request, reply, err);
        if (!follow_row(call, request, row, reply, err)) return false;
        ended = false;
        if (is_any_lost(reply) && !find_end(call, row, &ended, err)) return false;
    }
    return true;
}

HANDLER(follow_topic, Events__FollowTopicRequest, Events__FollowReply)
{
    return follow_topic_for(call, request, reply, err);
}

// ---- Without a stream

static bool read_entries(struct rpc_call *call, const Events__FollowReply *followed, const char *topic_id,
                         Events__ReadTopicReply *reply, struct err *err)
{
    const Events__FollowReply__View *view = followed->views[0];
    reply->entries = arena_array(call->arena, view->n_body + 1, sizeof *reply->entries);
    if (!filled(reply->entries, err)) return false;
    for (size_t i = 0; i < view->n_body; i++)
        reply->entries[reply->n_entries++] = followed->bodies[view->body[i]]->topic;
    topic_cursor(call->service, topic_id, view->place->offset, call->cursor);
    reply->cursor = arena_str(call->arena, call->cursor);
    return filled(reply->cursor, err);
}

static bool read_state(struct rpc_call *call, const Events__FollowReply *followed,
                       Events__ReadTopicReply *reply, struct err *err)
{
    const Events__FollowReply__View *view = followed->views[0];
    if (!view->snapshot) return true;
    reply->state = followed->snapshots[view->snapshot - 1]->topic;
    return follow_reply_reset(&reply->reset, view->place->reset, call->arena) || filled(NULL, err);
}

HANDLER(read_topic, Events__ReadTopicRequest, Events__ReadTopicReply)
{
    Events__FollowTopicRequest ask = EVENTS__FOLLOW_TOPIC_REQUEST__INIT;
    Events__FollowViewer viewer = EVENTS__FOLLOW_VIEWER__INIT, *viewers[] = {&viewer};
    Events__FollowReply followed;
    viewer.user_id = call->caller->user_id;
    viewer.level = call->caller->level;
    viewer.after = request->after;
    ask.name = request->name;
    ask.viewers = viewers;
    ask.n_viewers = 1;
    ask.limit = request->limit;
    if (!follow_topic_for(call, &ask, &followed, err)) return false;
    if (!followed.views[0]->place->key.len) return err_fail(err, NOT_FOUND, "there is no such topic");
    reply->stream = followed.stream;
    return read_entries(call, &followed, followed.stream + strlen(TOPICS_PREFIX), reply, err) &&
           read_state(call, &followed, reply, err);
}

const struct rpc_method follow_topic_methods[] = {
    RPC_METHOD("events.FollowTopic", follow_topic),
    RPC_METHOD("events.ReadTopic", read_topic),
    {0},
};
