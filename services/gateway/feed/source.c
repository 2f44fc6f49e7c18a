#include "services/gateway/feed/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/text.h"
#include "market.pb-c.h"
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

// ---- Topics that are published outside

static ProtobufCBinaryData topic_pack(const struct source_ask *ask)
{
    Events__FollowTopicRequest request = EVENTS__FOLLOW_TOPIC_REQUEST__INIT;
    request.name = ask->id;
    request.at_least = ask->at_least;
    request.viewers = ask->viewers;
    request.n_viewers = ask->count;
    return source_pack(&request.base);
}

static void topic_number(ProtobufCMessage *body, uint64_t number, const char *cursor)
{
    Events__TopicEntry *entry = (Events__TopicEntry *)body;
    entry->index = number;
    entry->cursor = cursor;
}

static const struct source topic_source = {.method = "events.FollowTopic",
                                           .news = {{"", "", .numbers = true, .by_answer = true}},
                                           .for_users = true,
                                           .pack = topic_pack,
                                           .number = topic_number};

// ---- Role cards

static ProtobufCBinaryData book_pack(const struct source_ask *ask)
{
    Chain__FollowBookRequest request = CHAIN__FOLLOW_BOOK_REQUEST__INIT;
    request.role_id = ask->id;
    request.at_least = ask->at_least;
    request.viewers = ask->viewers;
    request.n_viewers = ask->count;
    return source_pack(&request.base);
}

static void book_number(ProtobufCMessage *body, uint64_t number, const char *cursor)
{
    Chain__BookEntry *entry = (Chain__BookEntry *)body;
    entry->index = number;
    entry->cursor = cursor;
}

static const struct source book_source = {.method = "chain.FollowBook",
                                          .news = {{"market.", "", .numbers = true}},
                                          .for_users = true,
                                          .of_chain = true,
                                          .pack = book_pack,
                                          .number = book_number};

static ProtobufCBinaryData orders_pack(const struct source_ask *ask)
{
    Chain__FollowOrdersRequest request = CHAIN__FOLLOW_ORDERS_REQUEST__INIT;
    request.user_id = ask->id;
    request.at_least = ask->at_least;
    request.viewers = ask->viewers;
    request.n_viewers = ask->count;
    return source_pack(&request.base);
}

static void orders_number(ProtobufCMessage *body, uint64_t number, const char *cursor)
{
    Chain__OrdersEntry *entry = (Chain__OrdersEntry *)body;
    entry->index = number;
    entry->cursor = cursor;
}

static const struct source orders_source = {.method = "chain.FollowOrders",
                                            .news = {{"orders.", "", .numbers = true}},
                                            .for_users = true,
                                            .of_chain = true,
                                            .pack = orders_pack,
                                            .number = orders_number};

// ---- Which it is

// What is behind the prefix; NULL: it is another topic.
static const char *topic_rest(const char *topic, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(topic, prefix, len) == 0 ? topic + len : NULL;
}

static bool is_id(const char *text) { return uuid_check(text); }

// By the words before what they are about.
static const struct {
    const char *prefix;
    bool (*fits)(const char *id);
    const struct source *source;
} kinds[] = {{"event:", is_id, &event_source},
             {"room:", text_is_room, &room_source},
             {"presence:", is_id, &presence_source},
             {"topic:", text_is_slug, &topic_source},
             {"market:", is_id, &book_source}};

// Those of the caller.
static const struct {
    const char *topic;
    const struct source *source;
} own[] = {{"me", &me_source}, {"orders", &orders_source}};

const struct source *source_find(const char *topic, const char *user_id, char id[FEED_TOPIC_SIZE])
{
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (strcmp(topic, own[i].topic) != 0) continue;
        snprintf(id, FEED_TOPIC_SIZE, "%s", user_id);
        return own[i].source;
    }
    *id = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *rest = topic_rest(topic, kinds[i].prefix);
        if (!rest) continue;
        snprintf(id, FEED_TOPIC_SIZE, "%s", rest);
        return kinds[i].fits(rest) ? kinds[i].source : NULL;
    }
    return NULL;
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
    case EVENTS__FOLLOW_REPLY__BODY__BODY_TOPIC:
        return &body->topic->base;
    case EVENTS__FOLLOW_REPLY__BODY__BODY_BOOK:
        return &body->book->base;
    case EVENTS__FOLLOW_REPLY__BODY__BODY_ORDERS:
        return &body->orders->base;
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
    case EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_TOPIC:
        return &snapshot->topic->base;
    case EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_BOOK:
        return &snapshot->book->base;
    case EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_ORDERS:
        return &snapshot->orders->base;
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
