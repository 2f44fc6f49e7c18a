// The caller's inbox: what they were told, newest first, how far they have seen it, and how they want it.
#include <string.h>

#include "push.pb-c.h"
#include "services/events/handlers/handlers.h"
#include "services/events/streams.h"
#include "services/events/tables.h"
#include "services/events/topics/told.h"

enum { PAGE = 20, UNREAD_MOST = 999, COUNT_PAGE = 200, COUNT_ARENA = 4 << 20 };

// The caller's own stream as it is now.
struct inbox {
    struct rpc_call *call;
    struct store *store;
    struct stream_name stream;
    struct told_view view;
    uint64_t oldest, head, seen;
    const Push__PreferencesRow *preferences; // NULL: none were set
    uint64_t preferences_version;
};

static bool inbox_row(struct inbox *inbox, enum events_table table, ProtobufCMessage **row, uint64_t *version,
                      struct err *err)
{
    return store_get(inbox->store, &events_tables[table], inbox->call->caller->user_id, inbox->call->arena,
                     row, version, err);
}

static bool read_preferences(struct inbox *inbox, struct err *err)
{
    ProtobufCMessage *row;
    if (!inbox_row(inbox, EVENTS_PREFERENCES, &row, &inbox->preferences_version, err)) return false;
    inbox->preferences = (const Push__PreferencesRow *)row;
    return true;
}

static bool inbox_enter(struct inbox *inbox, struct rpc_call *call, struct err *err)
{
    ProtobufCMessage *row;
    uint64_t version;
    *inbox = (struct inbox){.call = call, .store = ((struct events *)call->service)->store};
    inbox->stream = users_stream(call->caller->user_id);
    told_view_make(&inbox->view, inbox->store, call->caller->user_id);
    if (!inbox_row(inbox, EVENTS_SEEN, &row, &version, err) || !read_preferences(inbox, err) ||
        !store_oldest(inbox->store, inbox->stream.text, &inbox->oldest, err) ||
        !store_head(inbox->store, inbox->stream.text, &inbox->head, err))
        return false;
    inbox->seen = row ? ((const Push__SeenRow *)row)->seq : 0;
    told_cursor(&inbox->view, inbox->head, call->cursor);
    return true;
}

// ---- Unread

static bool is_quiet(const struct inbox *inbox, Events__Preferences__About about)
{
    for (size_t i = 0; inbox->preferences && i < inbox->preferences->n_quiet; i++)
        if (inbox->preferences->quiet[i] == (int32_t)about) return true;
    return false;
}

static void count_loud(const struct inbox *inbox, const struct store_entries *page, struct arena *arena,
                       int32_t *count)
{
    for (size_t i = 0; i < page->count && *count < UNREAD_MOST; i++) {
        const Events__MeEntry *entry = told_entry(&page->entries[i], arena);
        *count += !entry || !is_quiet(inbox, told_about(entry->kind));
    }
}

// Of those behind `seen`, in pages, until there are too many to tell apart.
static bool read_unread(const struct inbox *inbox, uint64_t from, int32_t *count, struct err *err)
{
    struct arena arena;
    struct store_entries page = {.more = true};
    bool ok = true;
    arena_init(&arena, COUNT_ARENA);
    while (ok && page.more && from <= inbox->head && *count < UNREAD_MOST) {
        arena_reset(&arena);
        ok = store_read(inbox->store, inbox->stream.text, from, COUNT_PAGE, &arena, &page, err);
        if (!ok || !page.count) break;
        count_loud(inbox, &page, &arena, count);
        from = page.first_seq + page.count;
    }
    arena_finish(&arena);
    return ok;
}

static bool count_unread(const struct inbox *inbox, uint64_t seen, int32_t *count, struct err *err)
{
    uint64_t from = seen + 1 > inbox->oldest ? seen + 1 : inbox->oldest;
    uint64_t all = inbox->head < from ? 0 : inbox->head - from + 1;
    *count = 0;
    if (inbox->preferences && inbox->preferences->n_quiet) return read_unread(inbox, from, count, err);
    *count = all < UNREAD_MOST ? (int32_t)all : UNREAD_MOST;
    return true;
}

// ---- The list

static bool add_told(const struct inbox *inbox, const ProtobufCBinaryData *bytes, uint64_t seq,
                     Events__ListNotificationsReply *reply)
{
    char cursor[CURSOR_TEXT];
    Events__MeEntry *entry = told_entry(bytes, inbox->call->arena);
    if (!entry) return false;
    told_cursor(&inbox->view, seq, cursor);
    entry->index = seq;
    entry->cursor = arena_str(inbox->call->arena, cursor);
    reply->notifications[reply->n_notifications++] = entry;
    return entry->cursor;
}

// A page of the store may begin later than asked, and reach further.
static bool list_page(const struct inbox *inbox, uint64_t first, uint64_t end,
                      Events__ListNotificationsReply *reply, struct err *err)
{
    struct arena *arena = inbox->call->arena;
    struct store_entries page;
    reply->notifications = arena_array(arena, (size_t)(end - first) + 1, sizeof *reply->notifications);
    if (!filled(reply->notifications, err)) return false;
    if (first == end) return true;
    if (!store_read(inbox->store, inbox->stream.text, first, (size_t)(end - first), arena, &page, err))
        return false;
    for (uint64_t seq = end - 1; seq >= first && seq >= page.first_seq; seq--) {
        if (seq >= page.first_seq + page.count) continue; // gone meanwhile
        if (!add_told(inbox, &page.entries[seq - page.first_seq], seq, reply)) return filled(NULL, err);
    }
    return true;
}

HANDLER(list_notifications, Events__ListNotificationsRequest, Events__ListNotificationsReply)
{
    struct inbox inbox;
    if (!inbox_enter(&inbox, call, err) || !count_unread(&inbox, inbox.seen, &reply->unread, err))
        return false;
    uint64_t most = request->page_size ? (uint64_t)request->page_size : PAGE;
    uint64_t least = inbox.oldest ? inbox.oldest : 1, end = inbox.head + 1;
    if (request->before && request->before < end) end = request->before;
    uint64_t first = end > least + most ? end - most : least;
    reply->seen = inbox.seen;
    reply->more = first < end && first > least;
    return list_page(&inbox, first < end ? first : end, end, reply, err);
}

// ---- What was seen

static bool parse_until(const struct inbox *inbox, const char *until, uint64_t *seq, struct err *err)
{
    struct cursor cursor;
    if (!cursor_parse(until, &cursor)) return err_field(err, INVALID_FIELD, "until", "until is no cursor");
    if (strcmp(cursor.epoch, inbox->view.epoch) != 0 || cursor.offset > inbox->head)
        return err_fail(err, CURSOR_LOST, "the cursor is not of this list; read it again");
    *seq = cursor.offset;
    return true;
}

HANDLER(mark_seen, Events__SeenRequest, Events__SeenReply)
{
    struct inbox inbox;
    uint64_t seq;
    Push__SeenRow row = PUSH__SEEN_ROW__INIT;
    if (!inbox_enter(&inbox, call, err) || !parse_until(&inbox, request->until, &seq, err)) return false;
    call->cursor[0] = 0; // this is no read
    reply->seen = seq > inbox.seen ? seq : inbox.seen;
    if (!count_unread(&inbox, reply->seen, &reply->unread, err)) return false;
    if (seq <= inbox.seen) return true;
    row.user_id = call->caller->user_id;
    row.seq = seq;
    const struct store_write *write = rpc_seal(call, &reply->base, NULL, NULL);
    if (call->arena->failed) return filled(NULL, err);
    rpc_after(call, store_put_made(inbox.store, &events_tables[EVENTS_SEEN], &row.base, seq, write));
    return true;
}

// ---- Preferences

enum { ABOUTS = EVENTS__PREFERENCES__ABOUT__MENTION };

// Of the row's list, as the reply's.
static bool show_abouts(struct arena *arena, const int32_t *from, size_t count,
                        Events__Preferences__About **list, size_t *list_count, struct err *err)
{
    *list = arena_array(arena, count + 1, sizeof **list);
    if (!filled(*list, err)) return false;
    for (size_t i = 0; i < count; i++) (*list)[(*list_count)++] = (Events__Preferences__About)from[i];
    return true;
}

static bool show_preferences(struct arena *arena, const Push__PreferencesRow *row,
                             Events__PreferencesReply *reply, struct err *err)
{
    Events__Preferences *shown = reply->preferences = arena_new(arena, Events__Preferences);
    if (!filled(shown, err)) return false;
    events__preferences__init(shown);
    return show_abouts(arena, row->quiet, row->n_quiet, &shown->quiet, &shown->n_quiet, err) &&
           show_abouts(arena, row->no_push, row->n_no_push, &shown->no_push, &shown->n_no_push, err);
}

HANDLER(get_preferences, Events__GetPreferencesRequest, Events__PreferencesReply)
{
    static const Push__PreferencesRow none = PUSH__PREFERENCES_ROW__INIT;
    struct inbox inbox = {.call = call, .store = ((struct events *)call->service)->store};
    return read_preferences(&inbox, err) &&
           show_preferences(call->arena, inbox.preferences ? inbox.preferences : &none, reply, err);
}

// Each once, in the order of their numbers.
static size_t sort_abouts(const Events__Preferences__About *wanted, size_t count, int32_t sorted[ABOUTS])
{
    size_t n = 0;
    for (int32_t about = 1; about <= ABOUTS; about++) {
        size_t i = 0;
        while (i < count && (int32_t)wanted[i] != about) i++;
        if (i < count) sorted[n++] = about;
    }
    return n;
}

HANDLER(set_preferences, Events__Preferences, Events__PreferencesReply)
{
    struct inbox inbox = {.call = call, .store = ((struct events *)call->service)->store};
    int32_t quiet[ABOUTS], no_push[ABOUTS];
    Push__PreferencesRow row = PUSH__PREFERENCES_ROW__INIT;
    row.user_id = call->caller->user_id;
    row.quiet = quiet;
    row.n_quiet = sort_abouts(request->quiet, request->n_quiet, quiet);
    row.no_push = no_push;
    row.n_no_push = sort_abouts(request->no_push, request->n_no_push, no_push);
    if (!read_preferences(&inbox, err) || !show_preferences(call->arena, &row, reply, err)) return false;
    const struct store_write *write = rpc_seal(call, &reply->base, NULL, NULL);
    if (call->arena->failed) return filled(NULL, err);
    uint64_t version = inbox.preferences ? inbox.preferences_version + 1 : 1; // who comes last counts
    rpc_after(call,
              store_put_made(inbox.store, &events_tables[EVENTS_PREFERENCES], &row.base, version, write));
    return true;
}

const struct rpc_method inbox_methods[] = {
    RPC_METHOD("events.ListNotifications", list_notifications),
    RPC_METHOD("events.MarkSeen", mark_seen),
    RPC_METHOD("events.GetPreferences", get_preferences),
    RPC_METHOD("events.SetPreferences", set_preferences),
    {0},
};
