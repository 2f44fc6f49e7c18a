// Reading a room from a cursor on, without a stream.
#include "lib/base/cursor.h"
#include "services/events/chat/handlers/follow_room.h"
#include "services/events/chat/handlers/methods.h"
#include "services/events/chat/visit.h"
#include "services/events/topics/follow_reply.h"

static void cursor_at(const Events__Place *place, uint64_t offset, char text[CURSOR_TEXT])
{
    struct cursor cursor = {.offset = offset};
    cursor_epoch(place->key.data, cursor.epoch);
    cursor_write(&cursor, text);
}

static bool fill_entries(struct arena *arena, const Events__FollowReply *followed,
                         Events__ReadRoomReply *reply, struct err *err)
{
    const Events__FollowReply__View *view = followed->views[0];
    char text[CURSOR_TEXT];
    reply->entries = arena_array(arena, view->n_body + 1, sizeof *reply->entries);
    if (!filled(reply->entries, err)) return false;
    for (size_t i = 0; i < view->n_body; i++) {
        Events__RoomEntry *entry = followed->bodies[view->body[i]]->room;
        cursor_at(view->place, entry->seq, text);
        entry->cursor = arena_str(arena, text);
        reply->entries[reply->n_entries++] = entry;
    }
    return true;
}

static bool fill_state(struct arena *arena, const Events__FollowReply *followed, Events__ReadRoomReply *reply,
                       struct err *err)
{
    const Events__FollowReply__View *view = followed->views[0];
    if (!view->snapshot) return true;
    reply->state = followed->snapshots[view->snapshot - 1]->room;
    reply->mine = view->mine->room;
    return follow_reply_reset(&reply->reset, view->place->reset, arena) || filled(NULL, err);
}

HANDLER(read_room, Events__ReadRoomRequest, Events__ReadRoomReply)
{
    Events__FollowRoomRequest ask = EVENTS__FOLLOW_ROOM_REQUEST__INIT;
    Events__FollowViewer viewer = EVENTS__FOLLOW_VIEWER__INIT, *viewers[] = {&viewer};
    Events__FollowReply followed;
    viewer.user_id = call->caller->user_id;
    viewer.level = call->caller->level;
    viewer.after = request->after;
    ask.room_id = request->room_id;
    ask.viewers = viewers;
    ask.n_viewers = 1;
    ask.limit = request->limit;
    if (!follow_room_for(call, ROOM_READ, &ask, &followed, err)) return false;
    const Events__Place *place = followed.views[0]->place;
    if (!place->key.len) return visit_absent(err);
    cursor_at(place, place->offset, call->cursor);
    call->again_ms = (int64_t)place->next_ms;
    reply->cursor = arena_str(call->arena, call->cursor);
    return filled(reply->cursor, err) && fill_entries(call->arena, &followed, reply, err) &&
           fill_state(call->arena, &followed, reply, err);
}

const struct rpc_method read_room_methods[] = {
    RPC_METHOD("events.ReadRoom", read_room),
    {0},
};
