#include "lib/bus/feed.h"

#include <string.h>

#include "lib/bus/bus.h"

enum { DEFAULT_LIMIT = 100, MAX_LIMIT = 1000, PAGE_BYTES = 1024 * 1024, HEADS_PAGE = 500, MAX_HEADS = 20000 };

// At least one notice, so that a reader always gets on.
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

bool feed_read(struct rpc_call *call, const struct feed_source *source, const Bus__ReadRequest *request,
               Bus__ReadReply *reply, struct err *err)
{
    struct feed_page page = {0};
    size_t limit = request->limit ? request->limit : DEFAULT_LIMIT;
    uint64_t from = request->from ? request->from : 1;
    if (!source->read(call, request->stream, from, limit < MAX_LIMIT ? limit : MAX_LIMIT, &page, err))
        return false;
    reply->notices = page.notices;
    reply->n_notices = count_that_fits(&page);
    reply->head = page.head;
    reply->oldest = page.oldest ? page.oldest : 1;
    return true;
}

static bool add_rows(struct rpc_call *call, Bus__Heads *reply, const Bus__Heads__Head *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        Bus__Heads__Head *head = arena_copy(call->arena, &rows[i], sizeof rows[i]);
        if (!head) return false;
        reply->heads[reply->n_heads++] = head;
    }
    return true;
}

static bool list_prefix(struct rpc_call *call, const struct feed_source *source, const char *prefix,
                        const char *after, Bus__Heads *reply, struct err *err)
{
    Bus__Heads__Head *rows = arena_array(call->arena, HEADS_PAGE, sizeof *rows);
    size_t count = HEADS_PAGE;
    if (!rows) return err_fail(err, CALL_TOO_LARGE, "the list of streams needs too much memory");
    while (count == HEADS_PAGE && reply->n_heads + HEADS_PAGE <= MAX_HEADS) {
        for (size_t i = 0; i < HEADS_PAGE; i++) bus__heads__head__init(&rows[i]);
        count = 0;
        if (!source->heads(call, prefix, after, HEADS_PAGE, rows, &count, err)) return false;
        if (!add_rows(call, reply, rows, count)) return err_fail(err, CALL_TOO_LARGE, "too many streams");
        if (count) after = reply->heads[reply->n_heads - 1]->stream;
    }
    reply->more = count == HEADS_PAGE;
    return true;
}

static bool list_one(struct rpc_call *call, const struct feed_source *source, const char *stream,
                     Bus__Heads *reply, struct err *err)
{
    struct feed_page page = {0};
    struct err absent;
    if (!source->read(call, stream, UINT64_MAX, 1, &page, &absent))
        return err_is(&absent, NOT_FOUND) || (*err = absent, false);
    Bus__Heads__Head *head = arena_new(call->arena, Bus__Heads__Head);
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
    reply->heads = arena_array(call->arena, all ? MAX_HEADS : 1, sizeof(Bus__Heads__Head *));
    if (!reply->heads) return err_fail(err, CALL_TOO_LARGE, "out of memory");
    if (!all) return list_one(call, source, request->pattern, reply, err);
    char *prefix = arena_strn(call->arena, request->pattern, len - 1);
    return prefix ? list_prefix(call, source, prefix, request->after, reply, err)
                  : err_fail(err, CALL_TOO_LARGE, "out of memory");
}

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
                     size_t limit,
                     bool (*entry)(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                                   struct err *err),
                     struct feed_page *page, struct err *err)
{
    struct store_entries entries = {0};
    if (!store_head(store, stream, &page->head, err) || !store_oldest(store, stream, &page->oldest, err))
        return false;
    if (from > page->head) return true;
    if (!store_read(store, stream, from, limit, call->arena, &entries, err)) return false;
    if (entries.first_seq > from) page->oldest = entries.first_seq; // trimmed, perhaps just now
    page->notices = arena_array(call->arena, entries.count, sizeof(Bus__Notice *));
    for (size_t i = 0; page->notices && i < entries.count; i++) {
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
