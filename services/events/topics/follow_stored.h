// Following a stream as it is stored, which all who may read it see alike: each viewer gets what they have
// not seen of it, each entry once for all.
#ifndef EVENTS_TOPICS_FOLLOW_STORED_H
#define EVENTS_TOPICS_FOLLOW_STORED_H

#include "lib/base/cursor.h"
#include "services/events/live/command.h"
#include "services/events/topics/follow_reply.h"
#include "services/events/topics/view_key.h"

struct stored_following;

// What is told of it. Each adds to the reply; false says why in err.
struct stored_form {
    // NULL: everybody that is asked for may read it.
    bool (*may_read)(const struct stored_following *f, const Events__FollowViewer *viewer);
    MUST_CHECK bool (*add_snapshot)(struct stored_following *f, struct err *err);
    // Counts its bytes.
    MUST_CHECK bool (*add_body)(struct stored_following *f, uint64_t seq, const ProtobufCBinaryData *entry,
                                struct err *err);
    // Counts the bytes of a body that is not added; arena: of this.
    MUST_CHECK bool (*measure)(const struct stored_following *f, const ProtobufCBinaryData *entry,
                               struct arena *arena, size_t *bytes, struct err *err);
};

struct stored_following {
    struct rpc_call *call;
    const struct stored_form *form;
    const char *stream;
    uint8_t key[VIEW_KEY]; // of its viewers' places
    Events__FollowViewer *const *viewers;
    size_t count;
    int32_t limit; // of entries for each; 0: 100
    Events__FollowReply *reply;
    void *arg; // the form's

    size_t bytes;          // of bodies
    uint64_t oldest, head; // of the stream
    uint64_t first;        // of the bodies; they have no gap
    size_t *before;        // bytes of those before each
    char epoch[CURSOR_EPOCH + 1];
};

MUST_CHECK bool follow_stored(struct stored_following *f, struct err *err);

#endif
