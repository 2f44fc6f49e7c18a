#include "services/events/chat/visit.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "services/events/chat/bounds.h"
#include "services/events/chat/erase.h"
#include "services/events/names/show.h"
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

// ---- The room

static struct live_need room_need(const struct visit *visit)
{
    int64_t wanted_ns = visit->wanted.fresh_from_ns, call_ns = visit->command.call->fresh_from_ns;
    return (struct live_need){.fresh_from_ns = wanted_ns ? wanted_ns : call_ns,
                              .at_least = visit->wanted.at_least};
}

static void take_finding(struct visit *visit, const struct live_need *need)
{
    struct rpc_call *call = visit->command.call;
    rpc_decided_on(call, need->confirmed_ns);
    if (need->ticket) rpc_after(call, need->ticket);
    if (need->undone) rpc_park(call, need->undone);
}

static void drop_kept(struct visit *visit)
{
    if (visit->kept) room_give_back(visit->kept);
    visit->kept = NULL;
}

// Waits as long as it takes, with nothing locked.
static bool fetch_room(struct visit *visit, struct err *err)
{
    struct live_need need = room_need(visit);
    visit_leave(visit);
    drop_kept(visit);
    bool entered = room_enter(visit->command.call->service, &visit->room, &need, &visit->kept, err);
    if (entered) room_let_go(visit->kept);
    if (!entered) take_finding(visit, &need);
    visit->wanted.at_least = 0; // it is there, or not in the store
    return entered;
}

bool visit_enter_room(struct visit *visit, bool *again, struct err *err)
{
    struct events *events = visit->command.events;
    struct live_need need = room_need(visit);
    bool waits, entered = room_enter_at_hand(events, &visit->room, &need, &visit->open, &waits, err);
    *again = !entered && waits && fetch_room(visit, err);
    if (!entered && waits) return false;
    take_finding(visit, &need);
    if (entered)
        talk_forget(&visit->open->talk, visit->command.call->now_ms - events->settings.deleted_text_ms);
    return entered;
}

bool visit_come_later(struct err *err)
{
    err_fail(err, SERVICE_BUSY, "the room is wanted by too many at once");
    err->retry_after_s = 1;
    return false;
}

// ---- Both

static bool judge_right(struct visit *visit, enum visit_purpose purpose, struct err *err)
{
    struct rpc_call *call = visit->command.call;
    visit->viewer = visit_viewer(call);
    visit->now_ms = aggregate_time(visit->command.aggregate, call->now_ms);
    visit->right = room_right(visit->command.game, &visit->viewer, &visit->room, visit->now_ms);
    if (purpose == VISIT_OWN) visit->right = (struct room_right){.person = visit->right.person};
    return visit->right.read || purpose == VISIT_OWN || visit_absent(err);
}

bool visit_begin(struct visit *visit, const char *room_id, enum visit_purpose purpose, struct err *err)
{
    bool again = true;
    if (!room_parse(&visit->room, room_id)) return visit_absent(err);
    for (int round = 0; again && round < VISIT_ROUNDS; round++) {
        if (!enter_event(visit, purpose, err) || !judge_right(visit, purpose, err)) return false;
        if (!visit_enter_room(visit, &again, err)) continue;
        if (visit->now_ms < visit->open->talk.newest_ms) visit->now_ms = visit->open->talk.newest_ms;
        return true;
    }
    return again && visit_come_later(err);
}

void visit_leave(struct visit *visit)
{
    if (visit->open) room_leave(visit->open);
    visit->open = NULL;
    command_end(&visit->command);
    visit->command.aggregate = NULL;
}

void visit_end(struct visit *visit)
{
    visit_leave(visit);
    drop_kept(visit);
}

uint64_t visit_head(const struct visit *visit)
{
    const struct talk *talk = &visit->open->talk;
    if (!visit->right.behind_ms) return talk->chain.seq;
    return talk_head_at(talk, visit->now_ms - visit->right.behind_ms);
}

int32_t visit_unread(const struct visit *visit, uint64_t cursor)
{
    const struct room_right *right = &visit->right;
    const struct unread unread = {cursor, visit_head(visit), right->since_ms,
                                  right->behind_ms ? visit->now_ms - right->behind_ms : INT64_MAX,
                                  visit->viewer.user_id};
    return talk_unread(&visit->open->talk, &unread);
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
    entry->time_ms = visit->now_ms;
    entry->actor = visit->viewer.user_id;
    if (!bounds_check(&visit->open->talk, entry, visit->right.moderates, err)) return false;
    return room_add(visit->open, entry, visit->command.call->arena, link, err);
}

bool visit_commit(struct visit *visit, const ProtobufCBinaryData *link, const ProtobufCMessage *reply,
                  struct err *err)
{
    struct rpc_call *call = visit->command.call;
    const struct store_write *sealed = rpc_seal(call, reply, NULL, NULL);
    if (call->arena->failed) return room_spoil(visit->open), filled(NULL, err);
    uint64_t after = visit->after ? visit->after : visit->command.aggregate->live.ticket;
    room_queue(visit->open, link, after, sealed);
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
