#include "lib/bus/feed.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/schema/passport.h"
#include "lib/bus/bus.h"

enum {
    DEFAULT_LIMIT = 100,
    MAX_LIMIT = 1000,
    PAGE_BYTES = 1024 * 1024,
    HEADS_PAGE = 500,
    MAX_HEADS = 20000,
    BEGINNINGS = 32
};

// At least one notice, so that a reader always advances.
static size_t count_that_fits(const struct feed_page *page)
{
    size_t bytes = 0, count = 0;
    while (count < page->count) {
        bytes += protobuf_c_message_get_packed_size(&page->notices[count]->base) + 8;
        if (count > 0 && bytes > PAGE_BYTES) break;
        count++;
    }
    return count;
}

bool feed_absent(struct err *err) { return err_fail(err, NOT_FOUND, "there is no such stream"); }

bool feed_asks_by_itself(const struct rpc_call *call) { return !call->caller->user_id[0]; }

static void hide_bodies(struct feed_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        page->notices[i]->time = NULL;
        page->notices[i]->kind = "";
        page->notices[i]->payload = (ProtobufCBinaryData){0};
    }
}

static bool read_page(struct rpc_call *call, const struct feed_source *source, const char *stream,
                      uint64_t from, size_t limit, struct feed_page *page, struct err *err)
{
    enum stream_right right = passport_stream(source->streams, call->asker, call->caller, stream);
    *page = (struct feed_page){0};
    if (right == STREAM_ABSENT) return feed_absent(err);
    if (!source->read(call, stream, from, limit, page, err)) return false;
    if (right == STREAM_NUMBERS) hide_bodies(page);
    return true;
}

static uint64_t generation_of(const struct rpc_call *call, const struct feed_source *source)
{
    return source->generation ? source->generation(call) : 0;
}

bool feed_read(struct rpc_call *call, const struct feed_source *source, const Bus__ReadRequest *request,
               Bus__ReadReply *reply, struct err *err)
{
    struct feed_page page;
    size_t limit = request->limit ? request->limit : DEFAULT_LIMIT;
    uint64_t from = request->from ? request->from : 1;
    if (!read_page(call, source, request->stream, from, limit < MAX_LIMIT ? limit : MAX_LIMIT, &page, err))
        return false;
    reply->notices = page.notices;
    reply->n_notices = count_that_fits(&page);
    reply->head = page.head;
    reply->oldest = page.oldest ? page.oldest : 1;
    reply->generation = generation_of(call, source);
    return true;
}

// ---- Which streams exist

// A list that is being made.
struct listing {
    struct rpc_call *call;
    const struct feed_source *source;
    Bus__Heads *reply;
    Bus__Heads__Head *rows; // of a page
};

static bool add_rows(const struct listing *listing, size_t count)
{
    Bus__Heads *reply = listing->reply;
    const struct rpc_call *call = listing->call;
    for (size_t i = 0; i < count; i++) {
        const Bus__Heads__Head *row = &listing->rows[i];
        if (!passport_stream(listing->source->streams, call->asker, call->caller, row->stream)) continue;
        Bus__Heads__Head *head = arena_copy(call->arena, row, sizeof *row);
        if (!head) return false;
        reply->heads[reply->n_heads++] = head;
    }
    return true;
}

static bool list_beginning(const struct listing *listing, const char *beginning, const char *after,
                           struct err *err)
{
    size_t count = HEADS_PAGE;
    while (count == HEADS_PAGE && listing->reply->n_heads + HEADS_PAGE <= MAX_HEADS) {
        for (size_t i = 0; i < HEADS_PAGE; i++) bus__heads__head__init(&listing->rows[i]);
        count = 0;
        if (!listing->source->heads(listing->call, beginning, after, HEADS_PAGE, listing->rows, &count, err))
            return false;
        if (!add_rows(listing, count)) return err_fail(err, CALL_TOO_LARGE, "too many streams");
        if (count) after = listing->rows[count - 1].stream;
    }
    listing->reply->more = count == HEADS_PAGE;
    return true;
}

// The beginning of names that have the prefix and fit the row.
static const char *beginning_of(const struct schema_stream *stream, const char *prefix, struct arena *arena)
{
    size_t len = strcspn(stream->name, "*");
    return strlen(prefix) > len ? prefix : arena_strn(arena, stream->name, len);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The heads of streams that the program may read, by name.
static size_t find_beginnings(const struct listing *listing, const char *prefix,
                              const char *beginnings[BEGINNINGS])
{
    size_t count = 0;
    for (const struct schema_stream *stream = listing->source->streams; stream->name; stream++) {
        if (!passport_reads(stream, listing->call->asker) || !passport_may_fit(stream, prefix)) continue;
        assert(count < BEGINNINGS);
        beginnings[count++] = beginning_of(stream, prefix, listing->call->arena);
    }
    qsort(beginnings, count, sizeof *beginnings, by_name);
    return count;
}

static bool all_before(const char *beginning, const char *after)
{
    return strncmp(beginning, after, strlen(beginning)) < 0;
}

static bool list_prefix(const struct listing *listing, const char *prefix, const char *after, struct err *err)
{
    const char *beginnings[BEGINNINGS], *last = NULL;
    size_t count = find_beginnings(listing, prefix, beginnings);
    for (size_t i = 0; i < count && !listing->reply->more; i++) {
        if (last && strncmp(beginnings[i], last, strlen(last)) == 0) continue; // listed with the last one
        last = beginnings[i];
        if (all_before(last, after)) continue;
        if (!list_beginning(listing, last, after, err)) return false;
    }
    return true;
}

static bool list_one(const struct listing *listing, const char *stream, struct err *err)
{
    struct feed_page page;
    struct err absent;
    Bus__Heads *reply = listing->reply;
    if (!read_page(listing->call, listing->source, stream, UINT64_MAX, 1, &page, &absent))
        return err_is(&absent, NOT_FOUND) || (*err = absent, false);
    Bus__Heads__Head *head = arena_new(listing->call->arena, Bus__Heads__Head);
    if (!head) return err_fail(err, CALL_TOO_LARGE, "out of memory");
    bus__heads__head__init(head);
    head->stream = stream;
    head->seq = page.head;
    if (page.head) reply->heads[reply->n_heads++] = head;
    return true;
}

bool feed_list_heads(struct rpc_call *call, const struct feed_source *source,
                     const Bus__HeadsRequest *request, Bus__Heads *reply, struct err *err)
{
    size_t len = strlen(request->pattern);
    bool all = len > 0 && request->pattern[len - 1] == '*';
    struct listing listing = {call, source, reply,
                              all ? arena_array(call->arena, HEADS_PAGE, sizeof(Bus__Heads__Head)) : NULL};
    reply->heads = arena_array(call->arena, all ? MAX_HEADS : 1, sizeof(Bus__Heads__Head *));
    const char *prefix = all ? arena_strn(call->arena, request->pattern, len - 1) : "";
    if (call->arena->failed)
        return err_fail(err, CALL_TOO_LARGE, "the list of streams needs too much memory");
    reply->generation = generation_of(call, source);
    if (!all) return list_one(&listing, request->pattern, err);
    return list_prefix(&listing, prefix, request->after, err);
}

// ---- Streams of a store

static Bus__Notice *notice_of(struct rpc_call *call, const char *stream, uint64_t seq)
{
    Bus__Notice *notice = arena_new(call->arena, Bus__Notice);
    if (!notice) return NULL;
    bus__notice__init(notice);
    notice->stream = stream;
    notice->seq = seq;
    return notice;
}

bool feed_read_store(struct rpc_call *call, struct store *store, const char *stream, uint64_t from,
                     size_t limit, feed_entry *entry, struct feed_page *page, struct err *err)
{
    struct store_entries entries = {0};
    if (!store_head(store, stream, &page->head, err) || !store_oldest(store, stream, &page->oldest, err))
        return false;
    if (from > page->head) return true;
    if (!store_read(store, stream, from, limit, call->arena, &entries, err)) return false;
    if (entries.first_seq > from) page->oldest = entries.first_seq; // trimmed, perhaps just now
    size_t count = entries.count < limit ? entries.count : limit;
    page->notices = arena_array(call->arena, count, sizeof(Bus__Notice *));
    for (size_t i = 0; page->notices && i < count; i++) {
        Bus__Notice *notice = notice_of(call, stream, entries.first_seq + i);
        if (!notice) break;
        if (!entry(call, entries.entries[i], notice, err)) return false;
        page->notices[page->count++] = notice;
    }
    return !call->arena->failed || err_fail(err, CALL_TOO_LARGE, "the page needs too much memory");
}

bool feed_heads_store(struct rpc_call *call, struct store *store, const char *prefix, const char *after,
                      size_t limit, Bus__Heads__Head *rows, size_t *count, struct err *err)
{
    struct store_head *heads = NULL;
    if (!store_heads(store, prefix, after, limit, call->arena, &heads, count, err)) return false;
    for (size_t i = 0; i < *count; i++) {
        rows[i].stream = heads[i].stream;
        rows[i].seq = heads[i].seq;
    }
    return true;
}
