#include "services/gateway/feed/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/text.h"
#include "services/gateway/presence/presence.h"

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

static void event_number(ProtobufCMessage *body, uint64_t number, const char *cursor)
{
    Events__LogEntry *entry = (Events__LogEntry *)body;
    entry->index = number;
    entry->cursor = cursor;
}

static const struct source event_source = {
    .method = "events.FollowEvent",
    .page = "events.FollowEventPage",
    .news = {{"events.", ".public", .of_event = true},
             {"events.", ".god", .of_event = true, .for_leaders = true}},
    .hears_own = true,
    .is_present = true,
    .pack = event_pack,
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

static void me_number(ProtobufCMessage *body, uint64_t number, const char *cursor)
{
    Events__MeEntry *entry = (Events__MeEntry *)body;
    entry->index = number;
    entry->cursor = cursor;
}

static const struct source me_source = {.method = "events.FollowMe",
                                        .news = {{"users.", "", .numbers = true}},
                                        .for_users = true,
                                        .pack = me_pack,
                                        .number = me_number};

// ---- Rooms

static ProtobufCBinaryData room_pack(const struct source_ask *ask)
{
    Events__FollowRoomRequest request = EVENTS__FOLLOW_ROOM_REQUEST__INIT;
    request.room_id = ask->id;
    request.at_least = ask->at_least;
    request.event_at_least = ask->event_at_least;
    request.classes_known = ask->classes_known;
    request.viewers = ask->viewers;
    request.n_viewers = ask->count;
    return source_pack(&request.base);
}

// Its number is that of the room's stream, the same for all.
static void room_number(ProtobufCMessage *body, uint64_t number, const char *cursor)
{
    (void)number;
    ((Events__RoomEntry *)body)->cursor = cursor;
}

// Rights follow from everything that happens in the event, also from what nobody else sees.
static const struct source room_source = {.method = "events.FollowRoom",
                                          .news = {{"chat.", "", .numbers = true},
                                                   {"events.", ".public", .of_event = true},
                                                   {"events.", ".god", .of_event = true}},
                                          .is_present = true,
                                          .for_users = true,
                                          .pack = room_pack,
                                          .number = room_number};

// ---- Who is there

static ProtobufCBinaryData presence_pack(const struct source_ask *ask)
{
    Events__FollowPresenceRequest request = EVENTS__FOLLOW_PRESENCE_REQUEST__INIT;
    request.event_id = ask->id;
    request.at_least = ask->at_least;
    request.classes_known = ask->classes_known;
    request.viewers = ask->viewers;
    request.n_viewers = ask->count;
    presence_fill(ask->presence, &request, ask->arena);
    return source_pack(&request.base);
}

static const struct source presence_source = {.method = "events.FollowPresence",
                                              .news = {{"presence.", "", .of_event = true},
                                                       {"events.", ".public", .of_event = true},
                                                       {"events.", ".god", .of_event = true}},
                                              .tells_states = true,
                                              .pace_ms = 100,
                                              .for_users = true,
                                              .pack = presence_pack};

// ---- Topics

// What is behind the prefix; NULL: it is another topic.
static const char *topic_rest(const char *topic, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(topic, prefix, len) == 0 ? topic + len : NULL;
}

const struct source *source_find(const char *topic, const char *user_id, char id[FEED_TOPIC_SIZE])
{
    const char *event = topic_rest(topic, "event:"), *room = topic_rest(topic, "room:"),
               *presence = topic_rest(topic, "presence:");
    bool me = strcmp(topic, "me") == 0;
    snprintf(id, FEED_TOPIC_SIZE, "%s",
             me         ? user_id
             : event    ? event
             : room     ? room
             : presence ? presence
                        : "");
    if (me) return &me_source;
    if (event && uuid_check(event)) return &event_source;
    if (presence && uuid_check(presence)) return &presence_source;
    return room && text_is_room(room) ? &room_source : NULL;
}

// ---- Answers

ProtobufCMessage *source_body(const Events__FollowReply__Body *body)
{
    switch (body->body_case) {
    case EVENTS__FOLLOW_REPLY__BODY__BODY_EVENT:
        return &body->event->base;
    case EVENTS__FOLLOW_REPLY__BODY__BODY_ME:
        return &body->me->base;
    case EVENTS__FOLLOW_REPLY__BODY__BODY_ROOM:
        return &body->room->base;
    default:
        return NULL;
    }
}

ProtobufCMessage *source_snapshot(const Events__FollowReply__Snapshot *snapshot)
{
    switch (snapshot->state_case) {
    case EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_EVENT:
        return &snapshot->event->base;
    case EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_ME:
        return &snapshot->me->base;
    case EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_ROOM:
        return &snapshot->room->base;
    case EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_PRESENCE:
        return &snapshot->presence->base;
    default:
        return NULL;
    }
}

const ProtobufCMessage *source_mine(const Events__FollowReply__Mine *mine)
{
    switch (mine->mine_case) {
    case EVENTS__FOLLOW_REPLY__MINE__MINE_EVENT:
        return &mine->event->base;
    case EVENTS__FOLLOW_REPLY__MINE__MINE_ROOM:
        return &mine->room->base;
    default:
        return NULL;
    }
}
