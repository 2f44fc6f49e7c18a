// Following what a user is told: each of their viewers gets what they have not seen of the user's own stream.
#include <string.h>

#include "lib/base/cursor.h"
#include "services/events/handlers/handlers.h"
#include "services/events/streams.h"
#include "services/events/topics/follow_reply.h"
#include "services/events/topics/told.h"

enum { LIMIT = 100, FAR_ENTRIES = 1000, MOST_BYTES = 48 << 10 };

struct following_me {
    struct rpc_call *call;
    struct store *store;
    struct stream_name stream;
    const Events__FollowMeRequest *request;
    Events__FollowReply *reply;
    struct told_view told;
    uint64_t oldest, head;
    uint64_t first; // of the reply's bodies; they have no gap
};

// ---- Where a viewer stands

static Events__Reset__Reason judge_me(const struct following_me *f, const char *after, uint64_t *offset)
{
    struct cursor cursor;
    bool ours = cursor_parse(after, &cursor) && strcmp(cursor.epoch, f->told.epoch) == 0;
    if (!ours || cursor.offset > f->head) return EVENTS__RESET__REASON__EPOCH;
    if (cursor.offset < f->head && cursor.offset + 1 < f->oldest) return EVENTS__RESET__REASON__TRIMMED;
    if (f->head - cursor.offset > FAR_ENTRIES) return EVENTS__RESET__REASON__TOO_FAR;
    *offset = cursor.offset;
    return EVENTS__RESET__REASON__NONE;
}

static bool begin_view(struct following_me *f, const Events__FollowViewer *viewer,
                       Events__FollowReply__View *view, struct err *err)
{
    Events__Place *place = view->place;
    place->key = (ProtobufCBinaryData){TOLD_KEY, arena_copy(f->call->arena, f->told.key, TOLD_KEY)};
    if (!place->key.data) return filled(NULL, err);
    place->offset = f->head;
    if (*viewer->after) place->reset = judge_me(f, viewer->after, &place->offset);
    view->snapshot = !*viewer->after || viewer->snapshot || place->reset;
    if (view->snapshot) place->offset = f->head;
    return true;
}

static bool add_snapshot(struct following_me *f, struct err *err)
{
    Events__MeSnapshot *snapshot = arena_new(f->call->arena, Events__MeSnapshot);
    if (!filled(snapshot, err)) return false;
    events__me_snapshot__init(snapshot);
    snapshot->count = f->head;
    return follow_reply_snapshot(f->reply, EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_ME, snapshot,
                                 f->call->arena) ||
           filled(NULL, err);
}

// ---- Entries

// From behind the viewer who has seen least, as many as fit.
static bool read_bodies(struct following_me *f, uint64_t from, size_t limit, struct err *err)
{
    struct arena *arena = f->call->arena;
    struct store_entries page;
    size_t bytes = 0;
    f->first = from;
    if (!store_read(f->store, f->stream.text, from, limit, arena, &page, err)) return false;
    if (page.count && page.first_seq != from) page.count = 0; // trimmed meanwhile
    f->reply->bodies = arena_array(arena, page.count + 1, sizeof *f->reply->bodies);
    if (!filled(f->reply->bodies, err)) return false;
    for (size_t i = 0; i < page.count && bytes < MOST_BYTES; i++) {
        Events__MeEntry *entry = told_entry(&page.entries[i], arena);
        if (!filled(entry, err)) return false;
        follow_reply_body(f->reply, EVENTS__FOLLOW_REPLY__BODY__BODY_ME, entry, arena);
        bytes += page.entries[i].len;
    }
    return filled(arena->failed ? NULL : f->reply, err);
}

static bool fill_me(struct following_me *f, Events__FollowReply__View *view, struct err *err)
{
    uint64_t end = f->first + f->reply->n_bodies;
    if (view->snapshot) return true;
    view->body = arena_array(f->call->arena, f->reply->n_bodies + 1, sizeof *view->body);
    if (!filled(view->body, err)) return false;
    view->from = view->place->offset + 1;
    for (uint64_t seq = view->from; seq >= f->first && seq < end && seq <= f->head; seq++)
        view->body[view->n_body++] = (uint32_t)(seq - f->first);
    view->place->offset += view->n_body;
    view->more = view->place->offset < f->head;
    return true;
}

static bool fill_all(struct following_me *f, struct err *err)
{
    uint64_t least = f->head;
    size_t limit = f->request->limit ? (size_t)f->request->limit : LIMIT;
    for (size_t i = 0; i < f->reply->n_views; i++) {
        const Events__FollowReply__View *view = f->reply->views[i];
        if (view->snapshot && !f->reply->n_snapshots && !add_snapshot(f, err)) return false;
        if (!view->snapshot && view->place->offset < least) least = view->place->offset;
    }
    if (least < f->head && !read_bodies(f, least + 1, limit, err)) return false;
    for (size_t i = 0; i < f->reply->n_views; i++)
        if (!fill_me(f, f->reply->views[i], err)) return false;
    return true;
}

HANDLER(follow_me, Events__FollowMeRequest, Events__FollowReply)
{
    struct following_me f = {.call = call,
                             .store = ((struct events *)call->service)->store,
                             .stream = users_stream(request->user_id),
                             .request = request,
                             .reply = reply};
    told_view_make(&f.told, f.store, request->user_id);
    const struct follow_room_for room = {.viewers = request->n_viewers, .snapshots = 1};
    if (!follow_reply_begin(reply, room, call->arena)) return filled(NULL, err);
    if (!store_oldest(f.store, f.stream.text, &f.oldest, err) ||
        !store_head(f.store, f.stream.text, &f.head, err))
        return false;
    reply->seq = f.head;
    for (size_t i = 0; i < request->n_viewers; i++)
        if (!begin_view(&f, request->viewers[i], reply->views[i], err)) return false;
    return fill_all(&f, err);
}

const struct rpc_method follow_me_methods[] = {
    RPC_METHOD("events.FollowMe", follow_me),
    {0},
};
