#include "services/events/topics/follow_stored.h"

#include <string.h>

enum {
    LIMIT = 100,
    MOST_BYTES = 48 << 10,
    FAR_ENTRIES = 1000,
    FAR_BYTES = 1 << 20,
    MEASURE_PAGE = 16,
    MEASURE_ARENA = 8 << 20
};

static struct store *store_of(const struct stored_following *f)
{
    return ((struct events *)f->call->service)->store;
}

// ---- Where a viewer stands

static Events__Reset__Reason judge_after(const struct stored_following *f, const char *after,
                                         uint64_t *offset)
{
    struct cursor cursor;
    bool ours = cursor_parse(after, &cursor) && strcmp(cursor.epoch, f->epoch) == 0;
    if (!ours || cursor.offset > f->head) return EVENTS__RESET__REASON__EPOCH;
    if (cursor.offset < f->head && cursor.offset + 1 < f->oldest) return EVENTS__RESET__REASON__TRIMMED;
    if (f->head - cursor.offset > FAR_ENTRIES) return EVENTS__RESET__REASON__TOO_FAR;
    *offset = cursor.offset;
    return EVENTS__RESET__REASON__NONE;
}

static bool begin_view(const struct stored_following *f, const Events__FollowViewer *viewer,
                       Events__FollowReply__View *view, struct err *err)
{
    Events__Place *place = view->place;
    place->reset = EVENTS__RESET__REASON__RIGHTS;
    if (f->form->may_read && !f->form->may_read(f, viewer)) return true;
    place->reset = EVENTS__RESET__REASON__NONE;
    place->key = (ProtobufCBinaryData){VIEW_KEY, arena_copy(f->call->arena, f->key, VIEW_KEY)};
    if (!place->key.data) return filled(NULL, err);
    place->offset = f->head;
    if (*viewer->after) place->reset = judge_after(f, viewer->after, &place->offset);
    view->snapshot = !*viewer->after || viewer->snapshot || place->reset;
    if (view->snapshot) place->offset = f->head;
    return true;
}

// ---- Entries

static bool is_told_entries(const Events__FollowReply__View *view)
{
    return view->place->key.data && !view->snapshot;
}

// From behind the viewer who has seen least, as many as fit.
static bool read_bodies(struct stored_following *f, uint64_t from, struct err *err)
{
    struct arena *arena = f->call->arena;
    struct store_entries page;
    size_t limit = f->limit ? (size_t)f->limit : LIMIT;
    f->first = from;
    if (!store_read(store_of(f), f->stream, from, limit, arena, &page, err)) return false;
    if (page.count && page.first_seq != from) page.count = 0; // trimmed meanwhile
    f->reply->bodies = arena_array(arena, page.count + 1, sizeof *f->reply->bodies);
    f->before = arena_array(arena, page.count + 1, sizeof *f->before);
    if (!filled(f->reply->bodies, err) || !filled(f->before, err)) return false;
    for (size_t i = 0; i < page.count && f->bytes < MOST_BYTES; i++) {
        f->before[i] = f->bytes;
        if (!f->form->add_body(f, from + i, &page.entries[i], err)) return false;
    }
    return filled(arena->failed ? NULL : f->reply, err);
}

// ---- Who is so far behind that a snapshot is less

// The bytes from an entry to the newest, in pages, until there are too many.
static bool measure_from(const struct stored_following *f, uint64_t from, size_t *bytes, struct err *err)
{
    struct arena arena;
    struct store_entries page = {.more = true};
    bool ok = true;
    arena_init(&arena, MEASURE_ARENA);
    while (ok && page.more && from <= f->head && *bytes <= FAR_BYTES) {
        arena_reset(&arena);
        ok = store_read(store_of(f), f->stream, from, MEASURE_PAGE, &arena, &page, err);
        if (!ok || !page.count) break;
        for (size_t i = 0; ok && i < page.count; i++)
            ok = f->form->measure(f, &page.entries[i], &arena, bytes, err);
        from = page.first_seq + page.count;
    }
    arena_finish(&arena);
    return ok;
}

static void begin_anew(const struct stored_following *f, Events__FollowReply__View *view)
{
    view->place->reset = EVENTS__RESET__REASON__TOO_FAR;
    view->place->offset = f->head;
    view->snapshot = 1;
}

// Of those who get bodies now; what fits into one reply is never far.
static bool judge_far(struct stored_following *f, struct err *err)
{
    uint64_t end = f->first + f->reply->n_bodies;
    size_t rest = 0;
    if (end > f->head) return true;
    if (!measure_from(f, end, &rest, err)) return false;
    for (size_t i = 0; i < f->reply->n_views; i++) {
        Events__FollowReply__View *view = f->reply->views[i];
        uint64_t next = view->place->offset + 1;
        if (!is_told_entries(view) || next < f->first || next >= end) continue;
        if (f->bytes - f->before[next - f->first] + rest > FAR_BYTES) begin_anew(f, view);
    }
    return true;
}

static bool fill_entries(const struct stored_following *f, Events__FollowReply__View *view, struct err *err)
{
    uint64_t end = f->first + f->reply->n_bodies;
    if (!is_told_entries(view)) return true;
    view->body = arena_array(f->call->arena, f->reply->n_bodies + 1, sizeof *view->body);
    if (!filled(view->body, err)) return false;
    view->from = view->place->offset + 1;
    for (uint64_t seq = view->from; seq >= f->first && seq < end && seq <= f->head; seq++)
        view->body[view->n_body++] = (uint32_t)(seq - f->first);
    view->place->offset += view->n_body;
    view->more = view->place->offset < f->head;
    return true;
}

// Where the viewer stands who has seen least.
static uint64_t least_seen(const struct stored_following *f)
{
    uint64_t least = f->head;
    for (size_t i = 0; i < f->reply->n_views; i++) {
        const Events__FollowReply__View *view = f->reply->views[i];
        if (is_told_entries(view) && view->place->offset < least) least = view->place->offset;
    }
    return least;
}

static bool fill_all(struct stored_following *f, struct err *err)
{
    uint64_t least = least_seen(f);
    if (least < f->head && (!read_bodies(f, least + 1, err) || !judge_far(f, err))) return false;
    for (size_t i = 0; i < f->reply->n_views; i++) {
        Events__FollowReply__View *view = f->reply->views[i];
        if (view->snapshot && !f->reply->n_snapshots && !f->form->add_snapshot(f, err)) return false;
        if (!fill_entries(f, view, err)) return false;
    }
    return true;
}

bool follow_stored(struct stored_following *f, struct err *err)
{
    const struct follow_room_for room = {.viewers = f->count, .snapshots = 1};
    cursor_epoch(f->key, f->epoch);
    if (!follow_reply_begin(f->reply, room, f->call->arena)) return filled(NULL, err);
    if (!store_oldest(store_of(f), f->stream, &f->oldest, err) ||
        !store_head(store_of(f), f->stream, &f->head, err))
        return false;
    f->reply->seq = f->head;
    for (size_t i = 0; i < f->count; i++)
        if (!begin_view(f, f->viewers[i], f->reply->views[i], err)) return false;
    return fill_all(f, err);
}
