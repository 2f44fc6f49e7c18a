// Asking events whether somebody may see an event, before it counts that they are there: the question, and
// what the answer says. Pure.
#ifndef GATEWAY_PRESENCE_SEEING_H
#define GATEWAY_PRESENCE_SEEING_H

#include <protobuf-c/protobuf-c.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"

#define SEEING_METHOD "events.FollowPresence"

struct seeing_who {
    const char *event_id, *user_id;
    uint32_t level;
};

// Packed, in the arena.
MUST_CHECK bool seeing_ask(const struct seeing_who *who, struct arena *arena, ProtobufCBinaryData *question,
                           struct err *err);
// NOT_FOUND: they may not, or there is none.
MUST_CHECK bool seeing_judge(const uint8_t *answer, size_t len, struct arena *arena, struct err *err);

#endif
