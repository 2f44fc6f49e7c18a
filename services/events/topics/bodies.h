// The entries of one reply to many viewers, each form of one once. Wanted and chosen under the aggregate's
// lock from its tail, made into messages after it. In the call's arena.
#ifndef EVENTS_TOPICS_BODIES_H
#define EVENTS_TOPICS_BODIES_H

#include "services/events/live/aggregates.h"

enum body_form {
    BODY_PLAIN,
    BODY_NUMBERED, // with its number in the whole stream, which others may not know
    BODY_LEAF,     // with that number, of what stays hidden
    BODY_FORMS
};

struct bodies {
    const struct tail *tail;
    struct arena *arena;
    uint16_t (*numbers)[BODY_FORMS]; // by place in the tail: 0: not wanted; else the number + 1, or WANTED
    struct body {
        uint64_t seq;
        enum body_form form;
        ProtobufCBinaryData link;
    } * chosen;
    size_t wanted, count, bytes;
};

enum body_form body_form(struct audience audience, const struct viewer *eyes, bool over);

MUST_CHECK bool bodies_begin(struct bodies *bodies, const struct tail *tail, struct arena *arena);
// False when the tail does not have it.
bool bodies_want(struct bodies *bodies, uint64_t seq, enum body_form form);
// The oldest ones of those that are wanted, until they have so many bytes; one at least.
MUST_CHECK bool bodies_choose(struct bodies *bodies, size_t most_bytes);
// Its place in the reply; -1: it was not chosen.
int bodies_find(const struct bodies *bodies, uint64_t seq, enum body_form form);
// Outside the lock.
MUST_CHECK bool bodies_fill(const struct bodies *bodies, Events__FollowReply *reply, struct err *err);

#endif
