// Following a room: what viewers have not seen yet, for a gateway that has their connections.
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/cursor.h"
#include "lib/base/stamp.h"
#include "services/events/chat/erase.h"
#include "services/events/chat/handlers/follow_room.h"
#include "services/events/chat/handlers/methods.h"
#include "services/events/chat/handlers/readers.h"
#include "services/events/chat/typing.h"
#include "services/events/names/show.h"
#include "services/events/topics/follow_reply.h"

enum {
    REPLY_BYTES = 48 << 10,
    FAR_ENTRIES = 1000,
    FAR_BYTES = 1 << 20, // of texts
    LIMIT = 100,
    NEWEST = 50,
    KEY = 16,
    CLOCKS_APART_MS = 2000
};

struct watching {
    const Events__FollowViewer *who;
    struct room_viewer viewer;
    struct room_right right;
    enum reader_class class;
    Events__FollowReply__View *view;
    uint64_t first, head; // the oldest and the newest entry that they may see
    uint64_t offset;      // they have seen
    uint64_t cursor;      // up to where they have read, once it is known
    bool reads, begins, knows_cursor;
};

struct following_room {
    struct visit visit; // of nobody: each viewer has a right of their own
    const Events__FollowRoomRequest *request;
    Events__FollowReply *reply;
    struct watching *watching;
    uint8_t keys[READER_CLASSES][KEY];
    char epochs[READER_CLASSES][CURSOR_EPOCH + 1];
    uint32_t snapshots[READER_CLASSES]; // places + 1
    uint16_t *bodies[READER_CLASSES];   // places + 1 of the reply's, by how far an entry is behind the head
    uint64_t durable;                   // the newest entry that is on the disk
    struct room_text part;
    size_t bytes;
    bool ahead, confirmed; // a cursor is ahead of the copy; of one that the store confirmed after that
};

static struct arena *arena_of(const struct following_room *f) { return f->visit.command.call->arena; }
static const struct talk *talk_of(const struct following_room *f) { return &f->visit.open->talk; }

// ---- Where a viewer stands

static void make_key(struct following_room *f, enum reader_class class)
{
    uint8_t digest[ROOM_KEY];
    reader_key(&f->visit, class, digest);
    memcpy(f->keys[class], digest, KEY);
    cursor_epoch(digest, f->epochs[class]);
}

// As of when the viewer sees the room.
static int64_t watched_ms(const struct following_room *f, const struct watching *w)
{
    return w->class == CLASS_LATE_READER ? f->visit.now_ms - w->right.behind_ms : INT64_MAX;
}

static struct reader reader_for(const struct following_room *f, enum reader_class class, int64_t behind_ms)
{
    const struct visit *visit = &f->visit;
    return (struct reader){.events = visit->command.events,
                           .game = visit->command.game,
                           .talk = talk_of(f),
                           .part = f->part.text,
                           .user_id = "",
                           .moderates = class == CLASS_LEADER,
                           .past_keeping =
                               erase_is_due(visit->command.events, visit->command.game, visit->now_ms),
                           .horizon_ms = class == CLASS_LATE_READER ? visit->now_ms - behind_ms : 0,
                           .arena = arena_of(f)};
}

// Nothing happens when texts are kept no more, but then they are shown no more.
static void note_erasure(const struct following_room *f, Events__Place *place)
{
    int64_t due_ms = erase_due_ms(f->visit.command.events, f->visit.command.game);
    if (due_ms > f->visit.now_ms) place->next_ms = (uint64_t)due_ms;
}

static void find_bounds(const struct following_room *f, struct watching *w)
{
    const struct talk *talk = talk_of(f);
    w->first = w->right.since_ms ? talk_head_at(talk, w->right.since_ms - 1) + 1 : 1;
    w->head = f->durable < talk->deeds_count ? f->durable : talk->deeds_count;
    if (w->class != CLASS_LATE_READER) return;
    uint64_t seen = talk_head_at(talk, f->visit.now_ms - w->right.behind_ms);
    if (seen < w->head) {
        w->view->place->next_ms = (uint64_t)(talk->deeds[seen].time_ms + w->right.behind_ms);
        w->head = seen;
    }
}

static bool begin_watching(struct following_room *f, struct watching *w, struct err *err)
{
    uint32_t level = w->who->level;
    w->viewer = (struct room_viewer){w->who->user_id, level == LEVEL_DEV, level && level <= LEVEL_GOD};
    w->right = room_right(f->visit.command.game, &w->viewer, &f->visit.room, f->visit.now_ms);
    w->reads = w->right.read;
    Events__Place *place = w->view->place;
    events__place__init(place); // they may have been judged before
    place->reset = EVENTS__RESET__REASON__RIGHTS;
    w->view->hears_typing = false;
    w->begins = false;
    w->offset = 0;
    if (!w->reads) return true;
    w->class = reader_class_of(&w->right);
    place->reset = EVENTS__RESET__REASON__NONE;
    place->key = (ProtobufCBinaryData){KEY, arena_copy(arena_of(f), f->keys[w->class], KEY)};
    place->leads = w->right.moderates;
    place->seated = w->right.person != GAME_NO_ONE && f->visit.command.game->people[w->right.person].seat;
    w->view->hears_typing = w->class != CLASS_LATE_READER;
    note_erasure(f, place);
    find_bounds(f, w);
    return place->key.data || filled(NULL, err);
}

static Events__Reset__Reason judge_epoch(const struct following_room *f, const char *epoch)
{
    for (int class = 0; class < READER_CLASSES; class ++)
        if (strcmp(epoch, f->epochs[class]) == 0) return EVENTS__RESET__REASON__RIGHTS;
    return EVENTS__RESET__REASON__EPOCH;
}

// The newest entry that the viewer can have seen elsewhere. Nothing tells late ones how far the talk is, but
// the clocks of processes differ.
static uint64_t furthest_seen(const struct following_room *f, const struct watching *w)
{
    if (w->class != CLASS_LATE_READER) return talk_of(f)->deeds_count;
    int64_t behind_ms = w->right.behind_ms, apart_ms = behind_ms / 10;
    if (apart_ms > CLOCKS_APART_MS) apart_ms = CLOCKS_APART_MS;
    return talk_head_at(talk_of(f), f->visit.now_ms - behind_ms + apart_ms);
}

static size_t text_bytes(const struct said *said, int64_t at_ms)
{
    int32_t revision;
    const char *text = talk_wording(said, at_ms, &revision)->text;
    return text && !talk_is_deleted(said, at_ms) ? strlen(text) : 0;
}

// Whether so much lies between that a snapshot is less, as the viewer sees it.
static bool is_far(const struct following_room *f, const struct watching *w)
{
    const struct talk *talk = talk_of(f);
    size_t bytes = 0;
    if (w->head > w->offset && w->head - w->offset > FAR_ENTRIES) return true;
    for (uint64_t seq = w->offset + 1; seq <= w->head; seq++)
        bytes += text_bytes(&talk->messages[talk->deeds[seq - 1].message], watched_ms(f, w));
    return bytes > FAR_BYTES;
}

static Events__Reset__Reason judge_offset(struct following_room *f, struct watching *w)
{
    const char *after = w->who->after;
    struct cursor cursor;
    if (!cursor_parse(after, &cursor)) return EVENTS__RESET__REASON__EPOCH;
    if (strcmp(cursor.epoch, f->epochs[w->class]) != 0) return judge_epoch(f, cursor.epoch);
    w->offset = cursor.offset;
    if (cursor.offset > furthest_seen(f, w)) return f->ahead = true, EVENTS__RESET__REASON__EPOCH;
    if (cursor.offset + 1 < w->first) return EVENTS__RESET__REASON__TRIMMED;
    return is_far(f, w) ? EVENTS__RESET__REASON__TOO_FAR : EVENTS__RESET__REASON__NONE;
}

static void judge_watcher(struct following_room *f, struct watching *w)
{
    if (!w->reads) return;
    if (*w->who->after) w->view->place->reset = judge_offset(f, w);
    w->begins = !*w->who->after || w->who->snapshot || w->view->place->reset;
    w->view->place->offset = w->begins ? w->head : w->offset;
}

// ---- Entries

static Events__RoomEntry *show_entry(const struct reader *reader, uint64_t seq)
{
    static const Events__RoomEntry__Kind kinds[] = {
        [CHAT__ENTRY__BODY_SAID - CHAT__ENTRY__BODY_SAID] = EVENTS__ROOM_ENTRY__KIND__SAID,
        [CHAT__ENTRY__BODY_EDITED - CHAT__ENTRY__BODY_SAID] = EVENTS__ROOM_ENTRY__KIND__EDITED,
        [CHAT__ENTRY__BODY_DELETED - CHAT__ENTRY__BODY_SAID] = EVENTS__ROOM_ENTRY__KIND__DELETED};
    const struct deed *deed = &reader->talk->deeds[seq - 1];
    Events__RoomEntry *entry = arena_new(reader->arena, Events__RoomEntry);
    if (!entry) return NULL;
    events__room_entry__init(entry);
    entry->seq = seq;
    entry->time = stamp_new(reader->arena, deed->time_ms);
    entry->kind = kinds[deed->which - CHAT__ENTRY__BODY_SAID];
    entry->message = show_message(reader, &reader->talk->messages[deed->message]);
    return entry->time && entry->message ? entry : NULL;
}

// -1: there is no room for more; -2: the arena is full.
static int make_body(struct following_room *f, const struct watching *w, uint64_t seq)
{
    const struct reader reader = reader_for(f, w->class, w->right.behind_ms);
    if (f->bytes > REPLY_BYTES || f->reply->n_bodies == FAR_ENTRIES) return -1;
    Events__RoomEntry *entry = show_entry(&reader, seq);
    if (!entry) return -2;
    f->bytes += events__room_entry__get_packed_size(entry);
    follow_reply_body(f->reply, EVENTS__FOLLOW_REPLY__BODY__BODY_ROOM, entry, arena_of(f));
    return arena_of(f)->failed ? -2 : (int)f->reply->n_bodies - 1;
}

// Its place among the bodies, made when no viewer of the class had it before. Who goes on is not further
// behind than FAR_ENTRIES, and those of a class have one head.
static int find_body(struct following_room *f, const struct watching *w, uint64_t seq)
{
    uint16_t *known = &f->bodies[w->class][w->head - seq];
    if (*known) return *known - 1;
    int made = make_body(f, w, seq);
    if (made >= 0) *known = (uint16_t)(made + 1);
    return made;
}

static bool fill_entries(struct following_room *f, struct watching *w, struct err *err)
{
    uint64_t limit = f->request->limit ? (uint64_t)f->request->limit : LIMIT;
    if (!w->reads || w->begins || w->head <= w->offset) return true;
    uint64_t count = w->head - w->offset < limit ? w->head - w->offset : limit;
    w->view->more = count < w->head - w->offset;
    w->view->from = w->offset + 1;
    w->view->body = arena_array(arena_of(f), (size_t)count, sizeof *w->view->body);
    if (!filled(w->view->body, err)) return false;
    for (uint64_t i = 0; i < count; i++) {
        int body = find_body(f, w, w->offset + 1 + i);
        if (body == -2) return filled(NULL, err);
        w->view->more |= body < 0;
        if (body < 0) return true;
        w->view->body[w->view->n_body++] = (uint32_t)body;
        w->view->place->offset = w->offset + 1 + i;
    }
    return true;
}

// ---- Snapshots

static bool fill_messages(const struct reader *reader, const struct watching *w,
                          Events__RoomSnapshot *snapshot)
{
    const struct talk *talk = reader->talk;
    size_t end = talk_place(talk, w->head), first = talk_place(talk, w->first - 1);
    size_t from = end - first > NEWEST ? end - NEWEST : first;
    snapshot->messages = arena_array(reader->arena, end - from + 1, sizeof *snapshot->messages);
    if (!snapshot->messages) return false;
    for (size_t i = from; i < end; i++) {
        Events__Message *message = show_message(reader, &talk->messages[i]);
        if (!message) return false;
        snapshot->messages[snapshot->n_messages++] = message;
    }
    snapshot->more_before = from > first;
    return true;
}

static Events__RoomSnapshot *show_snapshot(struct following_room *f, const struct watching *w)
{
    const struct reader reader = reader_for(f, w->class, w->right.behind_ms);
    Events__RoomSnapshot *snapshot = arena_new(arena_of(f), Events__RoomSnapshot);
    if (!snapshot) return NULL;
    events__room_snapshot__init(snapshot);
    snapshot->room = show_room(&reader, &f->visit.room, &w->right, f->visit.now_ms);
    if (!snapshot->room || !fill_messages(&reader, w, snapshot)) return NULL;
    snapshot->room->head = w->head;
    return snapshot;
}

static bool show_mine(struct following_room *f, struct watching *w, struct err *err)
{
    Events__RoomMine *mine = arena_new(arena_of(f), Events__RoomMine);
    struct err why = {.reason = w->right.why};
    if (!filled(mine, err)) return false;
    events__room_mine__init(mine);
    follow_reply_mine(w->view, EVENTS__FOLLOW_REPLY__MINE__MINE_ROOM, mine, arena_of(f));
    mine->may_write = w->right.write;
    if (!mine->may_write) mine->why_not = arena_str(arena_of(f), err_name(&why));
    mine->cursor = w->cursor;
    const struct unread unread = {mine->cursor, w->head, w->right.since_ms, watched_ms(f, w),
                                  w->who->user_id};
    mine->unread = talk_unread(talk_of(f), &unread);
    return true;
}

static bool fill_snapshot(struct following_room *f, struct watching *w, struct err *err)
{
    if (!w->reads || !w->begins) return true;
    if (!f->snapshots[w->class]) {
        Events__RoomSnapshot *snapshot = show_snapshot(f, w);
        if (!filled(snapshot, err)) return false;
        f->snapshots[w->class] = follow_reply_snapshot(f->reply, EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_ROOM,
                                                       snapshot, arena_of(f));
        if (!f->snapshots[w->class]) return filled(NULL, err);
    }
    w->view->snapshot = f->snapshots[w->class];
    return show_mine(f, w, err);
}

// ---- The reply

static bool make_views(struct following_room *f, struct err *err)
{
    struct arena *arena = arena_of(f);
    size_t count = f->request->n_viewers;
    f->watching = arena_array(arena, count + 1, sizeof *f->watching);
    for (int class = 0; class < READER_CLASSES; class ++)
        f->bodies[class] = arena_array(arena, FAR_ENTRIES, sizeof *f->bodies[class]);
    const struct follow_room_for room = {count, FAR_ENTRIES, READER_CLASSES};
    if (!follow_reply_begin(f->reply, room, arena)) return filled(NULL, err);
    for (size_t i = 0; i < count; i++) {
        f->watching[i].who = f->request->viewers[i];
        f->watching[i].view = f->reply->views[i];
        f->watching[i].view->place->reset = EVENTS__RESET__REASON__RIGHTS;
    }
    return true;
}

// A player that may not write any more writes no more.
static bool still_may_write(const struct following_room *f, const char *user_id)
{
    const struct room_viewer viewer = {.user_id = user_id, .god = true};
    struct room_right right = room_right(f->visit.command.game, &viewer, &f->visit.room, f->visit.now_ms);
    return right.write || right.person == GAME_NO_ONE;
}

static bool fill_typing(struct following_room *f, Events__RoomTyping *typing, const struct uuid *users,
                        size_t count)
{
    const struct reader reader = reader_for(f, CLASS_READER, 0);
    typing->users = arena_array(arena_of(f), count + 1, sizeof *typing->users);
    for (size_t i = 0; typing->users && i < count; i++) {
        if (!still_may_write(f, users[i].text)) continue;
        Events__Person *person = show_person(&reader, users[i].text, "");
        if (!person) return false;
        typing->users[typing->n_users++] = person;
    }
    return typing->users;
}

static bool show_typing(struct following_room *f, struct err *err)
{
    struct uuid users[TYPING_IN_ROOM];
    int64_t now_ms = clock_mono_ms(), next_ms;
    size_t count = typing_in(f->visit.command.events->typing, f->request->room_id, now_ms, users, &next_ms);
    f->reply->typing = arena_new(arena_of(f), Events__RoomTyping);
    if (!filled(f->reply->typing, err)) return false;
    events__room_typing__init(f->reply->typing);
    if (count) f->reply->typing_ms = (uint32_t)(next_ms - now_ms);
    return fill_typing(f, f->reply->typing, users, count) || filled(NULL, err);
}

// ---- Entering

static bool enter_event(struct following_room *f, enum room_asker asker, struct err *err)
{
    struct visit *visit = &f->visit;
    struct command *command = &visit->command;
    const char *event_id = visit->room.event_id.text;
    bool fresh = visit->wanted.fresh_from_ns, read = asker == ROOM_READ && !fresh;
    bool entered = read ? command_enter(command, event_id, err)
                        : command_follow(command, event_id, f->request->event_at_least, fresh, err);
    if (!entered) return err_is(err, NOT_FOUND) ? visit_absent(err) : false;
    names_show(command->events->names, command->game);
    visit->now_ms = aggregate_time(command->aggregate, command->call->now_ms);
    return true;
}

static bool judge_all(struct following_room *f, struct err *err)
{
    f->ahead = false;
    f->part = room_part(&f->visit.room);
    f->durable = atomic_load(&f->visit.open->durable_seq);
    for (int class = 0; class < READER_CLASSES; class ++) make_key(f, (enum reader_class) class);
    for (size_t i = 0; i < f->request->n_viewers; i++) {
        if (!begin_watching(f, &f->watching[i], err)) return false;
        judge_watcher(f, &f->watching[i]);
    }
    return true;
}

static bool lacks_cursor(const struct watching *w) { return w->reads && w->begins && !w->knows_cursor; }

static bool lacks_any(const struct following_room *f)
{
    for (size_t i = 0; i < f->request->n_viewers; i++)
        if (lacks_cursor(&f->watching[i])) return true;
    return false;
}

static bool look_up_cursors(struct following_room *f, struct err *err)
{
    struct rpc_call *call = f->visit.command.call;
    for (size_t i = 0; i < f->request->n_viewers; i++) {
        struct watching *w = &f->watching[i];
        if (!lacks_cursor(w)) continue;
        if (!visit_cursor(call->service, w->who->user_id, f->request->room_id, call->arena, &w->cursor, err))
            return false;
        w->knows_cursor = true;
    }
    return true;
}

// Whether the viewers can be told. Before, a cursor that is ahead of the copy is judged on one that the store
// confirmed since, and what is read of the store is read with nothing locked.
static bool is_settled(struct following_room *f, bool *again, struct err *err)
{
    *again = true;
    if (f->ahead && !f->confirmed) {
        f->confirmed = true;
        f->visit.wanted.fresh_from_ns = clock_mono_ns();
        return visit_leave(&f->visit), false;
    }
    if (!lacks_any(f)) return true;
    visit_leave(&f->visit);
    *again = look_up_cursors(f, err);
    return false;
}

static bool enter_and_judge(struct following_room *f, enum room_asker asker, struct err *err)
{
    bool again = true;
    if (!room_parse(&f->visit.room, f->request->room_id)) return visit_absent(err);
    f->confirmed = !store_is_shared(((struct events *)f->visit.command.call->service)->store);
    f->visit.wanted.at_least = f->request->at_least;
    for (int round = 0; again && round < VISIT_ROUNDS; round++) {
        if (!enter_event(f, asker, err)) return false;
        if (!visit_enter_room(&f->visit, &again, err)) continue;
        if (!judge_all(f, err)) return false;
        if (is_settled(f, &again, err)) return true;
    }
    return again && visit_come_later(err);
}

static bool tell_all(struct following_room *f, struct err *err)
{
    const struct game *game = f->visit.command.game;
    f->reply->seq = talk_of(f)->chain.seq;
    f->reply->event_seq = game->chain.seq;
    follow_reply_night(f->reply, game, f->visit.now_ms);
    f->reply->classes = game->room_rights;
    f->reply->all_changed = game->room_rights > f->request->classes_known;
    for (size_t i = 0; i < f->request->n_viewers; i++)
        if (!fill_entries(f, &f->watching[i], err) || !fill_snapshot(f, &f->watching[i], err)) return false;
    return show_typing(f, err);
}

// To who may not read it a room that is not there is the same.
bool follow_room_for(struct rpc_call *call, enum room_asker asker, const Events__FollowRoomRequest *request,
                     Events__FollowReply *reply, struct err *err)
{
    struct following_room f = {.visit = {.command = {.call = call}}, .request = request, .reply = reply};
    bool ok = make_views(&f, err);
    if (ok && !enter_and_judge(&f, asker, err))
        ok = err_is(err, NOT_FOUND);
    else
        ok = ok && tell_all(&f, err);
    visit_end(&f.visit);
    return ok;
}

HANDLER(follow_room, Events__FollowRoomRequest, Events__FollowReply)
{
    return follow_room_for(call, ROOM_FOLLOWED, request, reply, err);
}

const struct rpc_method follow_room_methods[] = {
    RPC_METHOD("events.FollowRoom", follow_room),
    {0},
};
