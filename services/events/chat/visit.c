#include "services/events/chat/visit.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "services/events/chat/erase.h"
#include "services/events/names/names.h"
#include "services/events/tables.h"

bool visit_absent(struct err *err) { return err_fail(err, NOT_FOUND, "there is no such room"); }

struct room_viewer visit_viewer(const struct rpc_call *call)
{
    uint32_t level = call->caller->level;
    return (struct room_viewer){call->caller->user_id, level == LEVEL_DEV, level && level <= LEVEL_GOD};
}

static bool enter_event(struct visit *visit, enum visit_purpose purpose, struct err *err)
{
    struct command *command = &visit->command;
    const char *event_id = visit->room.event_id.text;
    bool entered = purpose == VISIT_WRITES ? command_follow(command, event_id, 0, true, err)
                                           : command_enter(command, event_id, err);
    if (!entered) return err_is(err, NOT_FOUND) ? visit_absent(err) : false;
    names_show(command->events->names, command->game);
    return true;
}

bool visit_enter_room(struct visit *visit, struct err *err) { return visit_follow_room(visit, 0, err); }

bool visit_follow_room(struct visit *visit, uint64_t at_least, struct err *err)
{
    struct rpc_call *call = visit->command.call;
    struct live_need need = {.fresh_from_ns = call->fresh_from_ns, .at_least = at_least};
    bool entered = room_enter(visit->command.events, &visit->room, &need, &visit->open, err);
    rpc_decided_on(call, need.confirmed_ns);
    if (need.ticket) rpc_after(call, need.ticket);
    if (need.undone) rpc_park(call, need.undone);
    return entered;
}

bool visit_begin(struct visit *visit, const char *room_id, enum visit_purpose purpose, struct err *err)
{
    struct rpc_call *call = visit->command.call;
    if (!room_parse(&visit->room, room_id)) return visit_absent(err);
    if (!enter_event(visit, purpose, err)) return false;
    visit->viewer = visit_viewer(call);
    visit->now_ms = aggregate_time(visit->command.aggregate, call->now_ms);
    visit->right = room_right(visit->command.game, &visit->viewer, &visit->room, visit->now_ms);
    if (!visit->right.read) return visit_absent(err);
    if (!visit_enter_room(visit, err)) return false;
    if (visit->now_ms < visit->open->talk.newest_ms) visit->now_ms = visit->open->talk.newest_ms;
    return true;
}

void visit_end(struct visit *visit)
{
    if (visit->open) room_leave(visit->open);
    visit->open = NULL;
    command_end(&visit->command);
    visit->command.aggregate = NULL;
}

uint64_t visit_head(const struct visit *visit)
{
    const struct talk *talk = &visit->open->talk;
    uint64_t head = talk->chain.seq;
    if (!visit->right.behind_ms) return head;
    while (head && talk->deeds[head - 1].time_ms > visit->now_ms - visit->right.behind_ms) head--;
    return head;
}

int32_t visit_unread(const struct visit *visit, uint64_t cursor)
{
    return talk_unread(&visit->open->talk, cursor, visit_head(visit), visit->right.since_ms,
                       visit->viewer.user_id);
}

static bool is_muted(const struct visit *visit, struct err *err)
{
    const struct game *game = visit->command.game;
    const struct mute *mute = visit->right.person == GAME_NO_ONE
                                  ? NULL
                                  : game_mute(game, room_part(&visit->room).text, visit->right.person);
    if (!mute || mute->until_ms <= visit->now_ms || visit->right.moderates) return false;
    char until[STAMP_TEXT];
    stamp_print(until, mute->until_ms);
    err_fail(err, MUTED, "muted until %s", until);
    err_retry_after(err, mute->until_ms - visit->now_ms);
    return true;
}

bool visit_may_write(const struct visit *visit, struct err *err)
{
    if (!visit->right.write) return room_refuse(&visit->right, err);
    return !is_muted(visit, err);
}

bool visit_add(struct visit *visit, Chat__Entry *entry, ProtobufCBinaryData *link, struct err *err)
{
    const struct talk *talk = &visit->open->talk;
    if (talk->deeds_count >= TALK_MAX_ENTRIES || talk->text_bytes >= TALK_MAX_BYTES)
        return err_fail(err, LIMIT_REACHED, "the room has all the messages it takes");
    entry->time_ms = visit->now_ms;
    entry->actor = visit->viewer.user_id;
    return room_add(visit->open, entry, visit->command.call->arena, link, err);
}

bool visit_commit(struct visit *visit, const ProtobufCBinaryData *link, const ProtobufCMessage *reply,
                  struct err *err)
{
    struct rpc_call *call = visit->command.call;
    const struct store_write *sealed = rpc_seal(call, reply, NULL, NULL);
    if (call->arena->failed) return room_spoil(visit->open), filled(NULL, err);
    room_queue(visit->open, link, visit->command.aggregate->live.ticket, sealed);
    rpc_after(call, visit->open->live.ticket);
    rpc_wait_for(call, erase_note(visit->open));
    return true;
}

bool visit_cursor(struct events *events, const char *user_id, const char *room_id, struct arena *arena,
                  uint64_t *seq, struct err *err)
{
    char id[UUID_LEN + 1 + ROOM_ID];
    Chat__CursorRow *row;
    uint64_t version;
    snprintf(id, sizeof id, "%s/%s", user_id, room_id);
    if (!store_get(events->store, &events_tables[EVENTS_ROOM_CURSORS], id, arena, (ProtobufCMessage **)&row,
                   &version, err))
        return false;
    *seq = row ? row->seq : 0;
    return true;
}
