// What viewers of a room have not seen.
#ifndef EVENTS_CHAT_HANDLERS_FOLLOW_ROOM_H
#define EVENTS_CHAT_HANDLERS_FOLLOW_ROOM_H

#include "events.pb-c.h"
#include "lib/rpc/server.h"

enum room_asker {
    ROOM_FOLLOWED, // again and again, for many: what was confirmed lately serves
    ROOM_READ,     // once
};

// The views of the request's viewers, as of events.FollowRoom. In the call's arena.
MUST_CHECK bool follow_room_for(struct rpc_call *call, enum room_asker asker,
                                const Events__FollowRoomRequest *request, Events__FollowReply *reply,
                                struct err *err);

#endif
