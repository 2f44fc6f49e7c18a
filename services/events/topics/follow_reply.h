// The one form of answers to who follows, whatever that is: views, and what they show. In the call's arena;
// without memory the arena has failed.
#ifndef EVENTS_TOPICS_FOLLOW_REPLY_H
#define EVENTS_TOPICS_FOLLOW_REPLY_H

#include "services/events/live/aggregates.h"

// An empty place for each viewer, and room for so many bodies and snapshots.
struct follow_room_for {
    size_t viewers, bodies, snapshots;
};
MUST_CHECK bool follow_reply_begin(Events__FollowReply *reply, struct follow_room_for room,
                                   struct arena *arena);
// message: of the kind that the case says. The place among the bodies; among the snapshots, from 1.
uint32_t follow_reply_body(Events__FollowReply *reply, Events__FollowReply__Body__BodyCase which,
                           void *message, struct arena *arena);
uint32_t follow_reply_snapshot(Events__FollowReply *reply, Events__FollowReply__Snapshot__StateCase which,
                               void *message, struct arena *arena);
void follow_reply_mine(Events__FollowReply__View *view, Events__FollowReply__Mine__MineCase which,
                       void *message, struct arena *arena);
// What who reads without a stream is told of a lost cursor; of NONE nothing.
MUST_CHECK bool follow_reply_reset(Events__Reset **reset, Events__Reset__Reason reason, struct arena *arena);
// Since when it is night in the event, for who keeps what was when the night began.
void follow_reply_night(Events__FollowReply *reply, const struct game *game, int64_t now_ms);

#endif
