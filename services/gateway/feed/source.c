#include "services/gateway/feed/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"

static ProtobufCBinaryData source_pack(const ProtobufCMessage *message)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = malloc(len + 1);
    if (!bytes) abort();
    protobuf_c_message_pack(message, bytes);
    return (ProtobufCBinaryData){len, bytes};
}

// ---- Events

static ProtobufCBinaryData event_pack(const struct source_ask *ask)
{
    Events__FollowEventRequest request = EVENTS__FOLLOW_EVENT_REQUEST__INIT;
    request.event_id = ask->id;
    request.at_least = ask->at_least;
    request.classes_known = ask->classes_known;
    request.viewers = ask->viewers;
    request.n_viewers = ask->count;
    return source_pack(&request.base);
}

static bool event_read(struct followed *followed, const struct ask_reply *reply, struct arena *arena)
{
    const Events__FollowEventReply *read =
        events__follow_event_reply__unpack(&arena->allocator, reply->len, reply->payload);
    if (!read) return false;
    *followed = (struct followed){.seq = read->seq,
                                  .classes = read->classes,
                                  .all_changed = read->all_changed,
                                  .changed = (char **)read->changed,
                                  .changed_count = read->n_changed,
                                  .bodies = (ProtobufCMessage **)read->bodies,
                                  .bodies_count = read->n_bodies,
                                  .snapshots = (ProtobufCMessage **)read->snapshots,
                                  .snapshots_count = read->n_snapshots,
                                  .views = read->views,
                                  .views_count = read->n_views};
    return true;
}

static void event_number(ProtobufCMessage *body, uint64_t number, const char *cursor)
{
    Events__LogEntry *entry = (Events__LogEntry *)body;
    entry->index = number;
    entry->cursor = cursor;
}

static const struct source event_source = {.method = "events.FollowEvent",
                                           .page = "events.FollowEventPage",
                                           .news = "events.%s.public",
                                           .leaders = "events.%s.god",
                                           .hears_own = true,
                                           .pack = event_pack,
                                           .read = event_read,
                                           .number = event_number};

// ---- What a user is told

static ProtobufCBinaryData me_pack(const struct source_ask *ask)
{
    Events__FollowMeRequest request = EVENTS__FOLLOW_ME_REQUEST__INIT;
    request.user_id = ask->id;
    request.at_least = ask->at_least;
    request.viewers = ask->viewers;
    request.n_viewers = ask->count;
    return source_pack(&request.base);
}

static bool me_read(struct followed *followed, const struct ask_reply *reply, struct arena *arena)
{
    const Events__FollowMeReply *read =
        events__follow_me_reply__unpack(&arena->allocator, reply->len, reply->payload);
    if (!read) return false;
    *followed = (struct followed){.seq = read->seq,
                                  .bodies = (ProtobufCMessage **)read->bodies,
                                  .bodies_count = read->n_bodies,
                                  .snapshots = (ProtobufCMessage **)read->snapshots,
                                  .snapshots_count = read->n_snapshots,
                                  .views = read->views,
                                  .views_count = read->n_views};
    return true;
}

static void me_number(ProtobufCMessage *body, uint64_t number, const char *cursor)
{
    Events__MeEntry *entry = (Events__MeEntry *)body;
    entry->index = number;
    entry->cursor = cursor;
}

static const struct source me_source = {.method = "events.FollowMe",
                                        .page = "events.FollowMe",
                                        .news = "users.%s",
                                        .numbers = true,
                                        .pack = me_pack,
                                        .read = me_read,
                                        .number = me_number};

// ---- Topics

static const char event_topic[] = "event:";

const struct source *source_find(const char *topic, const char *user_id, char id[FEED_TOPIC_SIZE])
{
    size_t len = sizeof event_topic - 1;
    *id = 0;
    if (strcmp(topic, "me") == 0) {
        snprintf(id, FEED_TOPIC_SIZE, "%s", user_id);
        return &me_source;
    }
    if (strncmp(topic, event_topic, len) != 0 || !uuid_check(topic + len)) return NULL;
    snprintf(id, FEED_TOPIC_SIZE, "%s", topic + len);
    return &event_source;
}
