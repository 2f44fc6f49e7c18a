// Streams and single rows, read from the primary as a majority has them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/store/mongo/mongo.h"

static const uint64_t LAST = UINT32_MAX;

bool mongo_too_large(struct err *err)
{
    return err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
}

static bool copy_bytes(struct arena *arena, ProtobufCBinaryData from, ProtobufCBinaryData *to,
                       struct err *err)
{
    *to = (ProtobufCBinaryData){from.len, arena_copy(arena, from.data, from.len)};
    return to->data || mongo_too_large(err);
}

// ---- Rows

bool mongo_get(void *backend, const struct store_model *model, const char *id, struct arena *arena,
               ProtobufCMessage **message, uint64_t *version, struct err *err)
{
    char table[64];
    bson_t *row;
    mongo_table_name(backend, table, model->table);
    if (!mongo_find_one(
            backend, table, BCON_NEW("_id", BCON_UTF8(id)),
            BCON_NEW("projection", "{", "v", BCON_INT32(1), "p", BCON_INT32(1), "gone", BCON_INT32(1), "}"),
            &row, err))
        return false;
    bool ok = true;
    if (row && !mongo_has(row, "gone")) {
        *version = (uint64_t)mongo_number(row, "v");
        ok = store_unpack(model, id, mongo_bytes(row, "p"), arena, message, err);
    }
    if (row) bson_destroy(row);
    return ok;
}

// ---- Ends of streams

static bson_t *end_options(int direction)
{
    return BCON_NEW("sort", "{", "_id", BCON_INT32(direction), "}", "projection", "{", "n", BCON_INT32(1),
                    "k", BCON_INT32(1), "end", BCON_INT32(1), "}");
}

// The first or last document of a stream that has entries still, or that ends it.
static bool find_end(struct mongo_store *store, const char *stream, int direction, bson_t **document,
                     struct err *err)
{
    bson_t *filter = mongo_entry_range(stream, 0, LAST);
    if (direction > 0) BCON_APPEND(filter, "gone", "{", "$exists", BCON_BOOL(false), "}");
    return mongo_find_one(store, store->entries, filter, end_options(direction), document, err);
}

static uint64_t last_of(const bson_t *document)
{
    return (uint64_t)mongo_number(document, "n") + (uint64_t)mongo_number(document, "k") - 1;
}

bool mongo_read_end(struct mongo_store *store, const char *stream, struct mongo_end *end, struct err *err)
{
    bson_t *newest;
    *end = (struct mongo_end){0};
    if (!find_end(store, stream, -1, &newest, err)) return false;
    if (newest) {
        *end = (struct mongo_end){last_of(newest), mongo_true(newest, "end")};
        bson_destroy(newest);
    }
    return true;
}

bool mongo_read_head(void *backend, const char *stream, uint64_t *seq, struct err *err)
{
    struct mongo_end end;
    if (!mongo_read_end(backend, stream, &end, err)) return false;
    if (!end.ended) *seq = end.seq;
    return true;
}

bool mongo_read_oldest(void *backend, const char *stream, uint64_t *seq, struct err *err)
{
    bson_t *oldest;
    struct mongo_end end;
    if (!mongo_read_end(backend, stream, &end, err)) return false;
    if (!end.seq || end.ended) return true;
    if (!find_end(backend, stream, 1, &oldest, err)) return false;
    if (oldest) {
        if (!mongo_true(oldest, "end")) *seq = (uint64_t)mongo_number(oldest, "n");
        bson_destroy(oldest);
    }
    return true;
}

// ---- Entries

// Entries being gathered in an arena.
struct gathering {
    struct arena *arena;
    struct store_entries *page;
    struct store_known *commands;
    size_t room, command_room;
    bool gap; // a document is missing, or empty: it was trimmed meanwhile
};

static bool gather_room(struct gathering *gathering, size_t more, struct err *err)
{
    struct store_entries *page = gathering->page;
    if (page->count + more <= gathering->room) return true;
    gathering->room = (page->count + more) * 2;
    ProtobufCBinaryData *grown = arena_array(gathering->arena, gathering->room, sizeof *grown);
    if (!grown) return mongo_too_large(err);
    if (page->count) memcpy(grown, page->entries, page->count * sizeof *grown);
    page->entries = grown;
    return true;
}

bool mongo_gather_command(struct arena *arena, const bson_t *item, struct store_known **commands,
                          size_t *count, size_t *room, struct err *err)
{
    ProtobufCBinaryData id = mongo_bytes(item, "i"), hash = mongo_bytes(item, "h");
    if (id.len != 32 || hash.len != 32) return err_fail(err, STORE_CORRUPT, "a command is none");
    if (*count == *room) {
        *room = *room ? *room * 2 : 16;
        struct store_known *grown = arena_array(arena, *room, sizeof *grown);
        if (!grown) return mongo_too_large(err);
        if (*count) memcpy(grown, *commands, *count * sizeof *grown);
        *commands = grown;
    }
    struct store_known *known = &(*commands)[(*count)++];
    memcpy(known->id, id.data, sizeof known->id);
    memcpy(known->request_hash, hash.data, sizeof known->request_hash);
    known->seq = (uint64_t)mongo_number(item, "n");
    known->time_ms = mongo_number(item, "t");
    return true;
}

// Calls visit for each document of an array field.
bool mongo_each_item(const bson_t *document, const char *key,
                     bool (*visit)(void *arg, const bson_t *item, struct err *err), void *arg,
                     struct err *err)
{
    bson_iter_t array, at;
    if (!bson_iter_init_find(&array, document, key) || !BSON_ITER_HOLDS_ARRAY(&array)) return true;
    if (!bson_iter_recurse(&array, &at)) return true;
    while (bson_iter_next(&at)) {
        const uint8_t *bytes;
        uint32_t len;
        bson_t item;
        if (!BSON_ITER_HOLDS_DOCUMENT(&at)) continue;
        bson_iter_document(&at, &len, &bytes);
        if (bson_init_static(&item, bytes, len) && !visit(arg, &item, err)) return false;
    }
    return true;
}

static bool gather_known(void *arg, const bson_t *item, struct err *err)
{
    struct gathering *gathering = arg;
    return mongo_gather_command(gathering->arena, item, &gathering->commands, &gathering->page->command_count,
                                &gathering->command_room, err);
}

static bool gather_author(struct gathering *gathering, const bson_t *document, struct err *err)
{
    if (!mongo_each_item(document, "c", gather_known, gathering, err)) return false;
    const char *by = arena_str(gathering->arena, mongo_text(document, "by"));
    gathering->page->commands = gathering->commands;
    if (by) gathering->page->by = by;
    return by || mongo_too_large(err);
}

static bool gather_entries(struct gathering *gathering, const bson_t *document, size_t skip, size_t count,
                           struct err *err)
{
    struct store_entries *page = gathering->page;
    bson_iter_t array, at;
    size_t seen = 0;
    if (bson_iter_init_find(&array, document, "e") && bson_iter_recurse(&array, &at))
        for (; bson_iter_next(&at) && BSON_ITER_HOLDS_BINARY(&at); seen++) {
            ProtobufCBinaryData bytes;
            uint32_t len = 0;
            const uint8_t *from = NULL;
            if (seen < skip) continue;
            bson_iter_binary(&at, NULL, &len, &from);
            bytes = (ProtobufCBinaryData){len, (uint8_t *)from};
            if (seen < count && !copy_bytes(gathering->arena, bytes, &page->entries[page->count++], err))
                return false;
        }
    return seen == count || err_fail(err, STORE_CORRUPT, "what is stored at %lld of a stream is no entries",
                                     (long long)mongo_number(document, "n"));
}

// The entries of one document, but for those before `from`.
static bool gather_document(struct gathering *gathering, const bson_t *document, uint64_t from,
                            struct err *err)
{
    struct store_entries *page = gathering->page;
    uint64_t seq = (uint64_t)mongo_number(document, "n"), count = (uint64_t)mongo_number(document, "k");
    uint64_t skip = seq < from ? from - seq : 0;
    if (mongo_true(document, "end")) {
        page->ended = true;
        return gather_author(gathering, document, err);
    }
    if (seq == 0 || count == 0 || count > LAST)
        return err_fail(err, STORE_CORRUPT, "a stream has a document without a place");
    if (skip >= count) return true;
    bool follows = !page->count || seq == page->first_seq + page->count;
    if (!follows || mongo_has(document, "gone")) return gathering->gap = true;
    if (!gather_room(gathering, count - skip, err)) return false;
    if (page->count == 0) page->first_seq = seq + skip;
    return gather_entries(gathering, document, skip, count, err) && gather_author(gathering, document, err);
}

// When no document begins at `from`, one before it may reach beyond.
static bool gather_before(struct gathering *gathering, struct mongo_store *store, const char *stream,
                          uint64_t from, struct err *err)
{
    bson_t *before;
    bson_t *filter = mongo_entry_range(stream, 0, from - 1);
    BCON_APPEND(filter, "gone", "{", "$exists", BCON_BOOL(false), "}");
    if (!mongo_find_one(store, store->entries, filter, BCON_NEW("sort", "{", "_id", BCON_INT32(-1), "}"),
                        &before, err))
        return false;
    bool ok = !before || gather_document(gathering, before, from, err);
    if (before) bson_destroy(before);
    return ok;
}

static bool gather_all(struct gathering *gathering, struct mongo_cursor *cursor, const char *stream,
                       uint64_t from, size_t limit, struct err *err)
{
    struct store_entries *page = gathering->page;
    const bson_t *document;
    if (!mongo_next(cursor, &document, err)) return false;
    if (from > 1 && (!document || (uint64_t)mongo_number(document, "n") != from) &&
        !gather_before(gathering, cursor->store, stream, from, err))
        return false;
    while (document && !gathering->gap) {
        if (page->count >= limit) return page->more = true;
        if (!gather_document(gathering, document, from, err) || !mongo_next(cursor, &document, err))
            return false;
    }
    return true;
}

static bool read_page(struct gathering *gathering, struct mongo_store *store, const char *stream,
                      uint64_t from, size_t limit, struct err *err)
{
    struct mongo_cursor cursor;
    bson_t *filter = mongo_entry_range(stream, from, LAST);
    BCON_APPEND(filter, "gone", "{", "$exists", BCON_BOOL(false), "}");
    bson_t *options = BCON_NEW("sort", "{", "_id", BCON_INT32(1), "}");
    if (limit < INT32_MAX) BCON_APPEND(options, "limit", BCON_INT64((int64_t)limit + 1));
    if (!mongo_query(&cursor, store, store->entries, filter, options, err)) return false;
    bool ok = gather_all(gathering, &cursor, stream, from, limit, err);
    mongo_cursor_end(&cursor);
    if (!ok && err_is(err, STORE_CORRUPT)) err_prefix(err, stream);
    return ok;
}

// What a trim takes away while the page is read leaves a gap; a second reading does not see what was before
// it.
bool mongo_read(void *backend, const char *stream, uint64_t from, size_t limit, struct arena *arena,
                struct store_entries *entries, struct err *err)
{
    if (from > LAST) return true;
    for (int i = 0; i < 2; i++) {
        struct gathering gathering = {.arena = arena, .page = entries};
        *entries = (struct store_entries){.first_seq = from, .by = ""};
        if (!read_page(&gathering, backend, stream, from, limit, err)) return false;
        if (!gathering.gap) return true;
    }
    return err_fail(err, STORE_CORRUPT, "%.80s: entries are missing", stream);
}

bool mongo_attached(void *backend, const char *stream, uint64_t seq, struct arena *arena,
                    ProtobufCBinaryData *attached, struct err *err)
{
    struct mongo_store *store = backend;
    bson_t *document, *filter = bson_new();
    mongo_append_entry_id(filter, "_id", stream, seq);
    if (!mongo_find_one(store, store->entries, filter, BCON_NEW("projection", "{", "a", BCON_INT32(1), "}"),
                        &document, err))
        return false;
    if (!document) return true;
    bool ok = !mongo_has(document, "a") || copy_bytes(arena, mongo_bytes(document, "a"), attached, err);
    bson_destroy(document);
    return ok;
}

bool mongo_read_snapshot(void *backend, const char *stream, struct arena *arena, uint64_t *seq,
                         ProtobufCBinaryData *state, struct err *err)
{
    struct mongo_store *store = backend;
    bson_t *snapshot;
    if (!mongo_find_one(store, store->snapshots, BCON_NEW("_id", BCON_UTF8(stream)), NULL, &snapshot, err))
        return false;
    if (!snapshot) return true;
    *seq = (uint64_t)mongo_number(snapshot, "n");
    bool ok = copy_bytes(arena, mongo_bytes(snapshot, "e"), state, err);
    bson_destroy(snapshot);
    return ok;
}

// Of the newest document, because the entry may lie within one. A read like any other: how new the answer is,
// the barrier before it says.
bool mongo_probe(void *backend, const char *stream, uint64_t seq, bool *current, struct err *err)
{
    struct mongo_store *store = backend;
    bson_t *newest;
    if (!mongo_find_one(store, store->entries, mongo_entry_range(stream, 0, LAST), end_options(-1), &newest,
                        err))
        return false;
    *current = newest ? !mongo_true(newest, "end") && last_of(newest) == seq : seq == 0;
    if (newest) bson_destroy(newest);
    return true;
}
