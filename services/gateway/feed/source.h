// Kinds of streams: how their topics are named, what is heard of them, and how a service is asked what
// viewers have not seen. All answers are read into one form.
#ifndef GATEWAY_FEED_SOURCE_H
#define GATEWAY_FEED_SOURCE_H

#include "events.pb-c.h"
#include "lib/base/arena.h"
#include "services/gateway/feed/feed.h"

// A question about a stream.
struct source_ask {
    const char *id; // what the stream is about: an event, a user
    uint64_t at_least, classes_known;
    Events__FollowViewer **viewers;
    size_t count;
};

// An answer, with the texts and messages of the arena that it was read into.
struct followed {
    uint64_t seq, classes;
    bool all_changed;
    char **changed;
    size_t changed_count;
    ProtobufCMessage **bodies, **snapshots;
    size_t bodies_count, snapshots_count;
    Events__FollowEventReply__View **views;
    size_t views_count;
};

struct source {
    const char *method, *page; // page: for one viewer who is far behind
    const char *news;          // stream that is heard: "events.%s.public", with the id
    const char *leaders;       // heard while a group leads; NULL: none
    bool numbers;              // news have the numbers of entries
    bool hears_own;            // each known viewer's own stream has news, too
    ProtobufCBinaryData (*pack)(const struct source_ask *ask); // the caller frees it
    // False when it can't be read. Views and places in it are checked elsewhere.
    bool (*read)(struct followed *followed, const struct ask_reply *reply, struct arena *arena);
    void (*number)(ProtobufCMessage *body, uint64_t number, const char *cursor); // for one group
};

// The source that a topic is of, and what it is about: the caller for "me". NULL: none.
const struct source *source_find(const char *topic, const char *user_id, char id[FEED_TOPIC_SIZE]);

#endif
