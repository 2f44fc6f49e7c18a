// Kinds of streams: how their topics are named, what is heard of them, and how a service is asked what
// viewers have not seen. All are answered in one form.
#ifndef GATEWAY_FEED_SOURCE_H
#define GATEWAY_FEED_SOURCE_H

#include "events.pb-c.h"
#include "lib/base/arena.h"
#include "services/gateway/feed/feed.h"

// A question about a stream.
struct source_ask {
    const char *id;          // what the stream is about: an event, a user, a room
    uint64_t at_least;       // its newest entry that was heard of
    uint64_t event_at_least; // and its event's, of a room
    uint64_t classes_known;
    Events__FollowViewer **viewers;
    size_t count;
    struct presence *presence; // of the process
    struct arena *arena;       // of what the question says
};

// A stream of the bus that has news of it: its id, or the id of its event, between two texts.
struct source_news {
    const char *before, *after;
    bool of_event;
    bool for_leaders; // heard while a group leads
    bool numbers;     // they have the numbers of entries
    bool by_answer;   // each answer names it, instead of these texts: only the service knows it
};

enum { SOURCE_NEWS = 3 };

struct source {
    const char *method;
    const char *page;                     // for one viewer who is far behind; NULL: the method is asked again
    struct source_news news[SOURCE_NEWS]; // up to the one without texts
    bool hears_own;                       // each known viewer's own stream has news, too
    bool is_present;                      // who follows it is there, in its event
    bool tells_states; // it has no entries: each snapshot takes the place of the one before, which may be
                       // left out
    int64_t pace_ms;   // asked once in so long
    bool for_users;    // nobody may follow it without a token
    bool of_chain;     // chain is asked, else events
    ProtobufCBinaryData (*pack)(const struct source_ask *ask);                   // the caller frees it
    void (*number)(ProtobufCMessage *body, uint64_t number, const char *cursor); // for one group
};

// The source that a topic is of, and what it is about: the caller for "me". NULL: none.
const struct source *source_find(const char *topic, const char *user_id, char id[FEED_TOPIC_SIZE]);

// Of whatever kind; NULL: it is of none that is known here.
ProtobufCMessage *source_body(const Events__FollowReply__Body *body);
ProtobufCMessage *source_snapshot(const Events__FollowReply__Snapshot *snapshot);
const ProtobufCMessage *source_mine(const Events__FollowReply__Mine *mine);

#endif
