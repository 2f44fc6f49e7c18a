// Rooms: which there are, how far they were read, who writes just now, and what who leads the event does in
// them.
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/stamp.h"
#include "lib/bus/bus.h"
#include "services/events/chat/erase.h"
#include "services/events/chat/typing.h"
#include "services/events/chat/handlers/methods.h"
#include "services/events/chat/handlers/readers.h"
#include "services/events/tables.h"

// ---- Listing

static Events__Room *show_visited(struct visit *visit, struct err *err)
{
    struct room_text part = room_part(&visit->room);
    const struct reader reader = reader_of(visit, &part);
    Events__Room *shown = show_room(&reader, &visit->room, &visit->right, visit->now_ms);
    if (!filled(shown, err)) return NULL;
    shown->head = visit_head(visit);
    shown->cursor = visit->cursor;
    shown->unread = visit_unread(visit, visit->cursor);
    return shown;
}

static bool look_up_cursor(struct visit *visit, const char *room_id, struct err *err)
{
    struct rpc_call *call = visit->command.call;
    return visit_cursor(call->service, call->caller->user_id, room_id, call->arena, &visit->cursor, err);
}

static bool find_rooms(struct rpc_call *call, const char *event_id, struct room rooms[ROOMS_MOST],
                       size_t *count, struct err *err)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_enter(&command, event_id, err)) return false;
    const struct room_viewer viewer = visit_viewer(call);
    *count = rooms_of(command.game, &viewer, aggregate_time(command.aggregate, call->now_ms), rooms);
    return true;
}

// What the caller may not read any more is left out.
static bool list_room(struct rpc_call *call, const struct room *room, Events__ListRoomsReply *reply,
                      struct err *err)
{
    AUTO_VISIT struct visit visit = {.command = {.call = call}};
    struct room_text id = room_id(room);
    if (!look_up_cursor(&visit, id.text, err)) return false;
    if (!visit_begin(&visit, id.text, VISIT_READS, err)) return err_is(err, NOT_FOUND);
    Events__Room *shown = show_visited(&visit, err);
    if (shown) reply->rooms[reply->n_rooms++] = shown;
    return shown;
}

// One after another: nobody waits for all of them.
HANDLER(list_rooms, Events__ListRoomsRequest, Events__ListRoomsReply)
{
    struct room rooms[ROOMS_MOST];
    size_t count;
    if (!find_rooms(call, request->event_id, rooms, &count, err)) return false;
    reply->rooms = arena_array(call->arena, count + 1, sizeof *reply->rooms);
    if (!filled(reply->rooms, err)) return false;
    for (size_t i = 0; i < count; i++)
        if (!list_room(call, &rooms[i], reply, err)) return false;
    return true;
}

// ---- Reading and writing, as others see it or do not

HANDLER(set_room_cursor, Events__RoomCursorRequest, Events__RoomCursorReply)
{
    AUTO_VISIT struct visit visit = {.command = {.call = call}};
    char id[UUID_LEN + 1 + ROOM_ID];
    Chat__CursorRow row = CHAT__CURSOR_ROW__INIT;
    if (!look_up_cursor(&visit, request->room_id, err) ||
        !visit_begin(&visit, request->room_id, VISIT_READS, err))
        return false;
    const char *user_id = call->caller->user_id;
    uint64_t before = visit.cursor, head = visit_head(&visit);
    uint64_t seq = request->seq < head ? request->seq : head;
    reply->cursor = seq > before ? seq : before;
    reply->unread = visit_unread(&visit, reply->cursor);
    if (seq <= before) return true;
    snprintf(id, sizeof id, "%s/%s", user_id, request->room_id);
    row.id = id;
    row.seq = seq;
    const struct store_write *write = rpc_seal(call, &reply->base, NULL, NULL);
    if (call->arena->failed) return filled(NULL, err);
    rpc_after(call, store_put_made(visit.command.events->store, &events_tables[EVENTS_ROOM_CURSORS],
                                   &row.base, seq, write));
    return true;
}

HANDLER(set_typing, Events__RoomRequest, Google__Protobuf__Empty)
{
    AUTO_VISIT struct visit visit = {.command = {.call = call}};
    if (!visit_begin(&visit, request->room_id, VISIT_READS, err) || !visit_may_write(&visit, err))
        return false;
    const struct events *events = visit.command.events;
    if (!typing_note(events->typing, request->room_id, call->caller->user_id, clock_mono_ms())) return true;
    const struct room_text stream = room_stream(&visit.room);
    Bus__Notice hint = BUS__NOTICE__INIT;
    hint.stream = stream.text;
    bus_hint(events->publisher, &hint);
    return true;
}

// ---- Leading

static bool begin_leading(struct visit *visit, const char *room_id, struct err *err)
{
    return visit_begin(visit, room_id, VISIT_LEADS, err) &&
           (visit->right.moderates || err_fail(err, NOT_OWNER, "this is for who leads the event"));
}

HANDLER(slow_room, Events__SlowRoomRequest, Events__RoomReply)
{
    AUTO_VISIT struct visit visit = {.command = {.call = call}};
    if (!look_up_cursor(&visit, request->room_id, err) || !begin_leading(&visit, request->room_id, err) ||
        !rules_slow(visit.command.game, &visit.command.entries, room_part(&visit.room).text, request->seconds,
                    err))
        return false;
    reply->room = show_visited(&visit, err);
    return reply->room && command_commit(&visit.command, &reply->base, err);
}

static bool show_mute(struct visit *visit, const char *user_id, Events__MuteReply *reply, struct err *err)
{
    struct room_text part = room_part(&visit->room);
    const struct reader reader = reader_of(visit, &part);
    const struct game *game = visit->command.game;
    const struct mute *mute = game_mute(game, part.text, game_person(game, user_id));
    reply->mute = arena_new(reader.arena, Events__Mute);
    if (!filled(reply->mute, err)) return false;
    events__mute__init(reply->mute);
    reply->mute->user = show_person(&reader, user_id, "");
    if (mute && mute->until_ms > visit->now_ms) reply->mute->until = stamp_new(reader.arena, mute->until_ms);
    return filled(reply->mute->user, err);
}

HANDLER(mute_in_room, Events__MuteRequest, Events__MuteReply)
{
    AUTO_VISIT struct visit visit = {.command = {.call = call}};
    if (!begin_leading(&visit, request->room_id, err)) return false;
    const struct muting muting = {.room = arena_str(call->arena, room_part(&visit.room).text),
                                  .user_id = request->user_id,
                                  .reason = request->reason,
                                  .until_ms = stamp_ms(request->until)};
    return filled(muting.room, err) && rules_mute(visit.command.game, &visit.command.entries, &muting, err) &&
           show_mute(&visit, request->user_id, reply, err) &&
           command_commit(&visit.command, &reply->base, err);
}

const struct rpc_method room_methods[] = {
    RPC_METHOD("events.ListRooms", list_rooms),    RPC_METHOD("events.SetRoomCursor", set_room_cursor),
    RPC_METHOD("events.SetTyping", set_typing),    RPC_METHOD("events.SlowRoom", slow_room),
    RPC_METHOD("events.MuteInRoom", mute_in_room), {0},
};
