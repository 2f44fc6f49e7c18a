// Following an event: what viewers have not seen yet, for a gateway that has their connections.
#include <string.h>

#include "lib/base/log.h"
#include "services/events/handlers/handlers.h"
#include "services/events/names/show.h"
#include "services/events/streams.h"
#include "services/events/topics/bodies.h"
#include "services/events/topics/event_log.h"
#include "services/events/topics/follow_reply.h"
#include "services/events/topics/places.h"

enum { REPLY_BYTES = 48 << 10, FAR_ENTRIES = 1000, FAR_BYTES = 1 << 20, LIMIT = 100 };

// One viewer of the request.
struct viewing {
    const Events__FollowViewer *who;
    struct watcher watcher;
    struct game *game; // as they see it
    uint64_t until;    // the newest entry of it that may be told
    struct log_place *places;
    size_t count;
    Events__FollowReply__View *view;
    bool begins; // with a snapshot
};

struct following {
    struct command command;
    const Events__FollowEventRequest *request;
    Events__FollowReply *reply;
    struct game *now, *late; // late: made when somebody sees it
    struct viewing *viewings;
    struct bodies bodies;
    size_t bytes;          // of bodies and snapshots
    bool page;             // one viewer gets everything
    bool ahead, confirmed; // a cursor is ahead of the copy; of one that the store confirmed after that
    Events__Reset__Reason too_far; // TOO_FAR when what a page would have is too large
};

static struct arena *follow_arena(const struct following *f) { return f->command.call->arena; }

// ---- Where a viewer stands

static bool follow_late(struct following *f, struct err *err)
{
    if (f->late) return true;
    bool ok = command_look_late(&f->command, err);
    f->late = f->command.game;
    f->command.game = f->now;
    return ok;
}

static bool begin_viewing(struct following *f, size_t i, struct err *err)
{
    struct viewing *v = &f->viewings[i];
    const struct aggregate *aggregate = f->command.aggregate;
    v->who = f->request->viewers[i];
    v->view = f->reply->views[i];
    v->watcher = watcher_of(f->command.aggregate, v->who->user_id, v->who->level);
    if (v->watcher.class.late && !follow_late(f, err)) return false;
    v->game = v->watcher.class.late ? f->late : f->now;
    v->until = v->watcher.class.late ? f->late->chain.seq : atomic_load(&aggregate->durable_seq);
    if (v->until > f->now->chain.seq) v->until = f->now->chain.seq;
    Events__Place *place = v->view->place;
    place->key = (ProtobufCBinaryData){CLASS_KEY, arena_copy(follow_arena(f), &v->watcher.key, CLASS_KEY)};
    place->leads =
        v->watcher.class.leads || v->watcher.class.kind == CLASS_OPENED; // all see what is paid out
    place->seated = v->watcher.class.seated && game_playing(f->now);
    place->next_ms = (uint64_t)watcher_due_ms(aggregate, &v->watcher);
    return place->key.data || filled(NULL, err);
}

// More was seen than is here. On the copy that the store has confirmed only a late game may be so: clocks of
// processes differ.
static Events__Reset__Reason follow_ahead(struct following *f, const struct viewing *v)
{
    if (v->watcher.class.late) return EVENTS__RESET__REASON__NONE;
    f->ahead = true;
    return EVENTS__RESET__REASON__EPOCH;
}

static Events__Reset__Reason judge_cursor(struct following *f, const struct viewing *v,
                                          const struct cursor *cursor)
{
    const struct watched watched = {v->who->user_id, v->game};
    bool ahead;
    Events__Reset__Reason lost = watcher_judge(f->command.aggregate, &v->watcher, &watched, cursor, &ahead);
    if (lost) return lost;
    if (ahead) return follow_ahead(f, v);
    uint64_t head = watcher_head(v->game, &v->watcher.eyes, v->until);
    if (head > cursor->offset && head - cursor->offset > FAR_ENTRIES) return EVENTS__RESET__REASON__TOO_FAR;
    return f->too_far;
}

static bool choose_places(struct following *f, struct viewing *v, uint64_t offset, struct err *err)
{
    size_t limit = f->page ? FAR_ENTRIES : f->request->limit ? (size_t)f->request->limit : LIMIT;
    uint64_t next, head = watcher_head(v->game, &v->watcher.eyes, v->until);
    v->view->place->offset = offset < head ? offset : head;
    v->places = arena_array(follow_arena(f), limit + 1, sizeof *v->places);
    if (!filled(v->places, err)) return false;
    v->count =
        log_index_find(&v->game->log, &v->watcher.eyes, offset + 1, v->until, v->places, limit + 1, &next);
    v->view->more = v->count > limit;
    if (v->count > limit) v->count = limit;
    return true;
}

static bool judge_viewer(struct following *f, struct viewing *v, struct err *err)
{
    struct cursor cursor = {.offset = 0};
    Events__Reset__Reason reset = EVENTS__RESET__REASON__NONE;
    if (*v->who->after)
        reset =
            cursor_parse(v->who->after, &cursor) ? judge_cursor(f, v, &cursor) : EVENTS__RESET__REASON__EPOCH;
    v->view->place->reset = reset;
    v->begins = !*v->who->after || v->who->snapshot || reset;
    return v->begins || choose_places(f, v, cursor.offset, err);
}

// ---- Entries

static enum body_form form_for(const struct following *f, const struct viewing *v,
                               const struct log_place *place)
{
    return body_form(place->audience, &v->watcher.eyes, game_over(f->now));
}

// What lies before the tail comes as a page.
static void want_places(struct following *f, struct viewing *v)
{
    for (size_t i = 0; i < v->count; i++)
        if (!bodies_want(&f->bodies, v->places[i].seq, form_for(f, v, &v->places[i]))) {
            v->view->more = true;
            v->count = i;
        }
}

static bool fill_view(struct following *f, struct viewing *v, struct err *err)
{
    Events__FollowReply__View *view = v->view;
    view->body = arena_array(follow_arena(f), v->count + 1, sizeof *view->body);
    if (!filled(view->body, err)) return false;
    for (size_t i = 0; i < v->count; i++) {
        int body = bodies_find(&f->bodies, v->places[i].seq, form_for(f, v, &v->places[i]));
        view->more |= body < 0;
        if (body < 0) return true;
        if (!i) view->from = v->places[i].index;
        view->body[view->n_body++] = (uint32_t)body;
        view->place->offset = v->places[i].index;
    }
    return true;
}

static bool fill_views(struct following *f, struct err *err)
{
    size_t count = f->request->n_viewers;
    if (!bodies_begin(&f->bodies, &f->command.aggregate->tail, follow_arena(f))) return filled(NULL, err);
    for (size_t i = 0; i < count; i++) want_places(f, &f->viewings[i]);
    if (!bodies_choose(&f->bodies, REPLY_BYTES)) return filled(NULL, err);
    f->bytes = f->bodies.bytes;
    for (size_t i = 0; i < count; i++)
        if (!fill_view(f, &f->viewings[i], err)) return false;
    return true;
}

// ---- Snapshots

static bool show_mine(struct following *f, struct viewing *v)
{
    const char *user_id = v->who->user_id;
    if (!*user_id) return true;
    Events__EventMine *mine = arena_new(follow_arena(f), Events__EventMine);
    if (!mine) return false;
    events__event_mine__init(mine);
    follow_reply_mine(v->view, EVENTS__FOLLOW_REPLY__MINE__MINE_EVENT, mine, follow_arena(f));
    mine->vote = game_vote(v->game, user_id);
    if (!game_takes_part(f->now, game_person(f->now, user_id))) return true;
    mine->reservation = view_reservation(f->now, user_id, follow_arena(f));
    return mine->reservation;
}

// That of another viewer with the same key; 0: there is none yet.
static uint32_t find_snapshot(const struct following *f, const struct viewing *v)
{
    for (const struct viewing *other = f->viewings; other < v; other++)
        if (other->view->snapshot && memcmp(&other->watcher.key, &v->watcher.key, CLASS_KEY) == 0)
            return other->view->snapshot;
    return 0;
}

static bool add_snapshot(struct following *f, struct viewing *v)
{
    struct viewer looks = class_looks(&v->watcher.class);
    f->command.game = v->game;
    names_show(f->command.events->names, v->game);
    Events__Event *event = events_show(&f->command, &looks, "");
    f->command.game = f->now;
    if (!event) return false;
    size_t bytes = events__event__get_packed_size(event);
    v->view->more = !f->page && f->bytes + bytes > REPLY_BYTES;
    if (v->view->more) return true;
    f->bytes += bytes;
    v->view->snapshot =
        follow_reply_snapshot(f->reply, EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_EVENT, event, follow_arena(f));
    return v->view->snapshot;
}

static bool show_snapshot(struct following *f, struct viewing *v)
{
    if (!v->begins) return true;
    v->view->snapshot = find_snapshot(f, v);
    if (!v->view->snapshot && !add_snapshot(f, v)) return false;
    if (!v->view->snapshot) return true;
    v->view->place->offset = watcher_head(v->game, &v->watcher.eyes, UINT64_MAX);
    return show_mine(f, v);
}

static bool show_snapshots(struct following *f, struct err *err)
{
    for (size_t i = 0; i < f->request->n_viewers; i++)
        if (!show_snapshot(f, &f->viewings[i])) return filled(NULL, err);
    return true;
}

// ---- The reply

static bool make_views(struct following *f, struct err *err)
{
    struct arena *arena = follow_arena(f);
    size_t count = f->request->n_viewers;
    const struct follow_room_for room = {.viewers = count, .snapshots = count};
    f->viewings = arena_array(arena, count + 1, sizeof *f->viewings);
    return filled(follow_reply_begin(f->reply, room, arena) ? f->viewings : NULL, err);
}

static bool tell_classes(struct following *f, struct err *err)
{
    const char *accounts[CLASSES_KEPT];
    const struct class_changes *classes = &f->now->classes;
    size_t count;
    f->reply->seq = f->now->chain.seq;
    follow_reply_night(f->reply, f->now, aggregate_time(f->command.aggregate, f->command.call->now_ms));
    f->reply->classes = classes->newest;
    f->reply->all_changed = !classes_since(classes, f->request->classes_known, accounts, &count);
    f->reply->changed = arena_array(follow_arena(f), count + 1, sizeof *f->reply->changed);
    if (!filled(f->reply->changed, err)) return false;
    for (size_t i = 0; i < count; i++)
        f->reply->changed[f->reply->n_changed++] = arena_str(follow_arena(f), accounts[i]);
    return true;
}

static bool judge_viewers(struct following *f, struct err *err)
{
    f->late = NULL;
    f->ahead = false;
    f->now = f->command.game;
    if (!tail_follow(f->command.aggregate, err) || !make_views(f, err)) return false;
    for (size_t i = 0; i < f->request->n_viewers; i++)
        if (!begin_viewing(f, i, err) || !judge_viewer(f, &f->viewings[i], err)) return false;
    return true;
}

static void follow_leave(struct following *f)
{
    command_end(&f->command);
    f->command.aggregate = NULL;
}

// Locks the event and judges all viewers on it. When one has seen more than the copy has, the store is asked.
static bool follow_enter(struct following *f, struct err *err)
{
    f->confirmed = !store_is_shared(((struct events *)f->command.call->service)->store);
    for (bool fresh = false;; fresh = true) {
        if (!command_follow(&f->command, f->request->event_id, f->request->at_least, fresh, err) ||
            !judge_viewers(f, err))
            return false;
        if (!f->ahead || f->confirmed) return true;
        f->confirmed = true;
        follow_leave(f);
    }
}

HANDLER(follow_event, Events__FollowEventRequest, Events__FollowReply)
{
    struct following f = {.command = {.call = call}, .request = request, .reply = reply};
    bool ok =
        follow_enter(&f, err) && tell_classes(&f, err) && fill_views(&f, err) && show_snapshots(&f, err);
    follow_leave(&f);
    return ok && bodies_fill(&f.bodies, reply, err);
}

// ---- A page

// Of one viewer: links that are in the tail, and room for the others.
static ProtobufCBinaryData *page_links(struct following *f, struct err *err)
{
    const struct viewing *v = f->viewings;
    ProtobufCBinaryData *links = arena_array(follow_arena(f), v->count + 1, sizeof *links);
    for (size_t i = 0; links && i < v->count; i++) {
        const ProtobufCBinaryData *link = tail_find(&f->command.aggregate->tail, v->places[i].seq);
        if (link)
            links[i] = (ProtobufCBinaryData){link->len, arena_copy(follow_arena(f), link->data, link->len)};
    }
    return filled(follow_arena(f)->failed ? NULL : links, err) ? links : NULL;
}

static size_t missing_run(const struct viewing *v, const ProtobufCBinaryData *links, size_t i)
{
    enum { AT_ONCE = 50 };
    size_t n = 1;
    while (n < AT_ONCE && i + n < v->count && !links[i + n].data &&
           v->places[i + n].seq == v->places[i].seq + n)
        n++;
    return n;
}

// Outside the lock.
static bool read_missing(struct following *f, ProtobufCBinaryData *links, struct err *err)
{
    const struct viewing *v = f->viewings;
    struct stream_name stream = events_stream(f->request->event_id);
    for (size_t i = 0, run; i < v->count; i += run) {
        struct store_entries page;
        run = 1;
        if (links[i].data) continue;
        run = missing_run(v, links, i);
        if (!store_read(f->command.events->store, stream.text, v->places[i].seq, run, follow_arena(f), &page,
                        err))
            return false;
        if (page.count < run) return err_fail(err, NOT_FOUND, "there is no such event");
        for (size_t n = 0; n < run; n++) links[i + n] = page.entries[n];
    }
    return true;
}

static size_t page_bytes(const struct viewing *v, const ProtobufCBinaryData *links)
{
    size_t bytes = 0;
    for (size_t i = 0; i < v->count; i++) bytes += links[i].len;
    return bytes;
}

static bool fill_page(struct following *f, const ProtobufCBinaryData *links, bool over, struct err *err)
{
    struct viewing *v = f->viewings;
    struct arena *arena = follow_arena(f);
    f->reply->bodies = arena_array(arena, v->count + 1, sizeof *f->reply->bodies);
    v->view->body = arena_array(arena, v->count + 1, sizeof *v->view->body);
    if (!f->reply->bodies || !v->view->body) return filled(NULL, err);
    for (size_t i = 0; i < v->count; i++) {
        enum body_form form = body_form(v->places[i].audience, &v->watcher.eyes, over);
        Events__LogEntry *entry = event_log_entry(&links[i], form == BODY_LEAF, arena, err);
        if (!entry) return false;
        entry->seq = form == BODY_PLAIN ? 0 : v->places[i].seq;
        v->view->body[v->view->n_body++] =
            follow_reply_body(f->reply, EVENTS__FOLLOW_REPLY__BODY__BODY_EVENT, entry, arena);
    }
    if (arena->failed) return filled(NULL, err);
    if (!v->count) return true;
    v->view->from = v->places[0].index;
    v->view->place->offset = v->places[v->count - 1].index;
    return true;
}

// True with *again when the entries are too many bytes: then the viewer begins anew.
static bool follow_page(struct following *f, bool *again, struct err *err)
{
    *again = false;
    if (!follow_enter(f, err) || !tell_classes(f, err) || !show_snapshots(f, err)) return false;
    bool over = game_over(f->now);
    ProtobufCBinaryData *links = page_links(f, err);
    follow_leave(f);
    if (!links || !read_missing(f, links, err)) return false;
    *again = page_bytes(f->viewings, links) > FAR_BYTES;
    return *again || fill_page(f, links, over, err);
}

HANDLER(follow_event_page, Events__FollowEventRequest, Events__FollowReply)
{
    struct following f = {.command = {.call = call}, .request = request, .reply = reply, .page = true};
    bool again, ok;
    if (request->n_viewers != 1) return err_field(err, INVALID_FIELD, "viewers", "a page is of one viewer");
    ok = follow_page(&f, &again, err);
    if (ok && again) {
        f.too_far = EVENTS__RESET__REASON__TOO_FAR;
        ok = follow_page(&f, &again, err);
    }
    follow_leave(&f);
    return ok;
}

const struct rpc_method follow_methods[] = {
    RPC_METHOD("events.FollowEvent", follow_event),
    RPC_METHOD("events.FollowEventPage", follow_event_page),
    {0},
};
