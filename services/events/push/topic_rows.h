// Topics as rows: whose they are, of what, and who may still have them.
#ifndef EVENTS_PUSH_TOPIC_ROWS_H
#define EVENTS_PUSH_TOPIC_ROWS_H

#include "lib/base/cursor.h"
#include "push.pb-c.h"
#include "services/events/events.h"
#include "services/events/push/turns.h"
#include "services/events/topics/view_key.h"

#define TOPICS_PREFIX "topics."
#define EVERY_EVENT "*"
#define TOPIC_OF_GROUP "discord-" // and the group's id: names that nobody else may have

enum { TOPICS_MOST = 20, TOPIC_NAME = 65 }; // of one owner

struct topic_rows {
    Push__TopicRow **rows;
    uint64_t *versions;
    size_t count;
};

struct stream_name topic_stream(const char *topic_id);
// The stream that a topic publishes.
struct stream_name topic_source(const char *event_id);
// "events.<id>.public" or, of all events, "events.*.public"; false for anything else.
bool topic_pattern_parse(const char *pattern, char event_id[UUID_LEN + 1]);

// By its name; NULL when there is none.
MUST_CHECK bool topic_find(struct events *events, const char *name, struct arena *arena, Push__TopicRow **row,
                           uint64_t *version, struct err *err);
// All of an owner's; those of an event, and those of all events (EVERY_EVENT).
MUST_CHECK bool topics_of_owner(struct events *events, const char *owner_id, struct arena *arena,
                                struct topic_rows *found, struct err *err);
MUST_CHECK bool topics_of_event(struct events *events, const char *event_id, struct arena *arena,
                                struct topic_rows *found, struct err *err);
// A topic by its id; NULL when there is none.
MUST_CHECK bool topic_by_id(struct events *events, const char *topic_id, struct arena *arena,
                            Push__TopicRow **row, struct err *err);

// How far somebody has a topic, as a cursor; all who may read it share its views' key.
void topic_key(const struct events *events, const char *topic_id, uint8_t key[VIEW_KEY]);
void topic_cursor(const struct events *events, const char *topic_id, uint64_t index, char text[CURSOR_TEXT]);

// Of its webhook.
struct turn_of turn_of_topic(const struct events *events, const Push__TopicRow *row);

// Whether its owner may have this event published now: a dev any, a god own ones; nobody who is suspended.
bool topic_may(const struct events *events, const Push__TopicRow *row, const char *god_id, int64_t now_ms);
// By the event's row, which names its god: its owner may not have it published now.
MUST_CHECK bool topic_is_stopped(struct events *events, const Push__TopicRow *row, int64_t now_ms,
                                 struct arena *arena, bool *stopped, struct err *err);
// Queues its end: the row, then its stream. What else is of it goes later (sweep). The ticket.
uint64_t topic_end(struct events *events, const Push__TopicRow *row, uint64_t version,
                   const struct store_write *write);
// Ends all of an owner's. Blocks until they are gone.
MUST_CHECK bool topics_forget(struct events *events, const char *owner_id, struct err *err);

#endif
