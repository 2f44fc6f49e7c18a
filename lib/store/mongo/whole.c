// All that a store has, read; and a database filled all or nothing. While it is filled, `meta` says so, and
// nobody else opens it; a filling that was broken off is emptied by the next one.
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/store/mongo/mongo.h"

// ---- Each

struct visitor {
    bool (*visit)(void *arg, const struct store_item *item, struct err *err);
    void *arg;
};

static bool each_row(struct mongo_store *store, const struct store_table *table,
                     const struct visitor *visitor, struct err *err)
{
    struct mongo_cursor cursor;
    const bson_t *row = NULL;
    char name[64];
    bool ok = true;
    mongo_table_name(store, name, table);
    if (!mongo_query(&cursor, store, name, BCON_NEW("gone", "{", "$exists", BCON_BOOL(false), "}"),
                     BCON_NEW("sort", "{", "_id", BCON_INT32(1), "}", "projection", "{", "v", BCON_INT32(1),
                              "p", BCON_INT32(1), "}"),
                     err))
        return false;
    while (ok && (ok = mongo_next(&cursor, &row, err)) && row) {
        struct store_item item = {.table = table,
                                  .id = mongo_text(row, "_id"),
                                  .version = (uint64_t)mongo_number(row, "v"),
                                  .bytes = mongo_bytes(row, "p")};
        ok = visitor->visit(visitor->arg, &item, err);
    }
    mongo_cursor_end(&cursor);
    return ok;
}

static bool visit_entries(const bson_t *document, const char *stream, const struct visitor *visitor,
                          struct err *err)
{
    bson_iter_t array, at;
    char source[512];
    struct store_item item = {.id = stream, .version = (uint64_t)mongo_number(document, "n")};
    uint64_t end = item.version + (uint64_t)mongo_number(document, "k");
    item.source = mongo_source_of(mongo_text(document, "o"), source, sizeof source);
    item.attached = mongo_bytes(document, "a");
    if (bson_iter_init_find(&array, document, "e") && bson_iter_recurse(&array, &at))
        for (; bson_iter_next(&at) && BSON_ITER_HOLDS_BINARY(&at); item.version++) {
            const uint8_t *bytes = NULL;
            uint32_t len = 0;
            bson_iter_binary(&at, NULL, &len, &bytes);
            item.bytes = (ProtobufCBinaryData){len, (uint8_t *)bytes};
            if (!visitor->visit(visitor->arg, &item, err)) return false;
            item.source = (struct store_source){0};
            item.attached = (ProtobufCBinaryData){0};
        }
    return item.version == end ||
           err_fail(err, STORE_CORRUPT, "what stream %.80s has is no entries of it", stream);
}

static bool visit_document(const bson_t *document, const char *stream, const struct visitor *visitor,
                           struct err *err)
{
    if (!mongo_true(document, "end")) return visit_entries(document, stream, visitor, err);
    struct store_item item = {
        .id = stream, .version = (uint64_t)mongo_number(document, "n") - 1, .ended = true};
    return visitor->visit(visitor->arg, &item, err);
}

static bool each_entry(struct mongo_store *store, const char *stream, const struct visitor *visitor,
                       struct err *err)
{
    struct mongo_cursor cursor;
    const bson_t *document = NULL;
    bool ok = true;
    bson_t *filter = mongo_entry_range(stream, 0, UINT32_MAX);
    BCON_APPEND(filter, "gone", "{", "$exists", BCON_BOOL(false), "}");
    if (!mongo_query(&cursor, store, store->entries, filter, BCON_NEW("sort", "{", "_id", BCON_INT32(1), "}"),
                     err))
        return false;
    while (ok && (ok = mongo_next(&cursor, &document, err)) && document)
        ok = visit_document(document, stream, visitor, err);
    mongo_cursor_end(&cursor);
    return ok;
}

// By name, which is not the order of the documents' ids.
static bool each_stream(struct mongo_store *store, const struct visitor *visitor, struct err *err)
{
    struct mongo_cursor cursor;
    const bson_t *first = NULL;
    bool ok = true;
    bson_t *filter = BCON_NEW("b", "{", "$in", "[", BCON_BOOL(false), BCON_BOOL(true), "]", "}");
    if (!mongo_query(
            &cursor, store, store->entries, filter,
            BCON_NEW("sort", "{", "s", BCON_INT32(1), "}", "projection", "{", "s", BCON_INT32(1), "}"), err))
        return false;
    while (ok && (ok = mongo_next(&cursor, &first, err)) && first)
        ok = each_entry(store, mongo_text(first, "s"), visitor, err);
    mongo_cursor_end(&cursor);
    return ok;
}

bool mongo_each(void *backend, bool (*visit)(void *arg, const struct store_item *item, struct err *err),
                void *arg, struct err *err)
{
    struct mongo_store *store = backend;
    struct visitor visitor = {visit, arg};
    for (size_t i = 0; i < store->model_count; i++)
        if (!each_row(store, store->models[i].table, &visitor, err)) return false;
    return each_stream(store, &visitor, err);
}

bool mongo_backup(const char *place, const char *path, const char *without, struct err *err)
{
    (void)place, (void)without;
    return err_fail(err, CONFLICT, "%s: a database is copied by its own tools, or by consectl dump", path);
}

// ---- Filling

// A store is filled as a generation of its own, beside the one that is; meta then names it. So services see
// all of it or nothing, and what was broken off is removed by the next one.
struct filling {
    struct mongo_store *store; // the generation that is
    uint64_t before, after;    // generations
    char *place;               // with the mark by which the filler works on the coming one
};

struct owned {
    unsigned part; // of the generation in the collections' names
    bool itself;   // visit those of this generation; else those of all others
};

static bool is_owned(const struct owned *owned, const char *name)
{
    const char *mark = strrchr(name, '_');
    bool ours = mark && (strncmp(name, "entries_", 8) == 0 || strncmp(name, "snapshots_", 10) == 0 ||
                         strncmp(name, "t_", 2) == 0);
    return ours && (strtoul(mark + 1, NULL, 16) == owned->part) == owned->itself;
}

// Calls visit for each collection of ours. There are few, so they fit into one message.
static bool each_collection(struct mongo_store *store, const struct owned *owned,
                            bool (*visit)(struct mongo_store *store, const char *name, struct err *err),
                            struct err *err)
{
    bson_t *command = BCON_NEW("listCollections", BCON_INT32(1), "nameOnly", BCON_BOOL(true)), reply;
    bson_iter_t iter, batch, at, field;
    bool ok = mongo_insist(store, command, &reply, err);
    bson_destroy(command);
    if (!ok) return false;
    if (bson_iter_init(&iter, &reply) && bson_iter_find_descendant(&iter, "cursor.firstBatch", &batch) &&
        bson_iter_recurse(&batch, &at))
        while (ok && bson_iter_next(&at)) {
            if (!bson_iter_recurse(&at, &field) || !bson_iter_find(&field, "name") ||
                !BSON_ITER_HOLDS_UTF8(&field))
                continue;
            const char *name = bson_iter_utf8(&field, NULL);
            ok = !is_owned(owned, name) || visit(store, name, err);
        }
    bson_destroy(&reply);
    return ok;
}

static bool check_empty(struct mongo_store *store, const char *name, struct err *err)
{
    bson_t *found, *filter = bson_new();
    bool rows = strncmp(name, "t_", 2) == 0;
    if (rows)
        BCON_APPEND(filter, "gone", "{", "$exists", BCON_BOOL(false), "}");
    else
        bson_append_bool(filter, "b", -1, true);
    if (!mongo_find_one(store, name, filter, BCON_NEW("projection", "{", "_id", BCON_INT32(1), "}"), &found,
                        err))
        return false;
    if (!found) return true;
    bson_destroy(found);
    const char *what = rows ? name + 2 : "streams";
    return err_fail(err, CONFLICT, "the store is not empty: it has %s%.*s", rows ? "rows of " : "",
                    (int)(rows ? strrchr(what, '_') - what : 7), what);
}

static bool drop_collection(struct mongo_store *store, const char *name, struct err *err)
{
    bson_t *command = BCON_NEW("drop", BCON_UTF8(name), "writeConcern", "{", "w", "majority", "}");
    bool ok = mongo_insist(store, command, NULL, err);
    bson_destroy(command);
    return ok;
}

static void filling_free(struct filling *filling)
{
    if (filling->store) mongo_disconnect(filling->store);
    free(filling->place);
    free(filling);
}

static bool fill_prepare(struct filling *filling, struct err *err)
{
    struct mongo_store *store = filling->store;
    if (!mongo_meta(store, err)) return false;
    const struct owned mine = {(unsigned)store->generation, true}, others = {mine.part, false};
    filling->before = store->generation;
    if ((unsigned)filling->after == mine.part)
        return err_fail(err, CONFLICT, "once more: two generations are alike");
    return each_collection(store, &mine, check_empty, err) &&
           each_collection(store, &others, drop_collection, err);
}

bool mongo_fill_begin(void **out, const char *path, const char **place, struct err *err)
{
    struct filling *filling = calloc(1, sizeof *filling);
    if (!filling) return err_fail(err, INTERNAL_ERROR, "out of memory");
    while (!filling->after) randombytes_buf(&filling->after, sizeof filling->after);
    bool ok = asprintf(&filling->place, "%s#filling=%016llx", path, (unsigned long long)filling->after) > 0 ||
              err_fail(err, INTERNAL_ERROR, "out of memory");
    ok = ok && mongo_connect(&filling->store, path, NULL, err) && fill_prepare(filling, err);
    if (!ok) return filling_free(filling), false;
    *out = filling;
    *place = filling->place;
    return true;
}

// The one step by which the store becomes another. It is repeated until it is answered, so its answer does
// not tell whether it was ours; meta does.
static bool fill_keep(struct filling *filling, struct err *err)
{
    uint64_t now = 0;
    bson_t *command = BCON_NEW("update", "meta", "updates", "[", "{", "q", "{", "_id", "store", "generation",
                               BCON_INT64((int64_t)filling->before), "}", "u", "{", "$set", "{", "generation",
                               BCON_INT64((int64_t)filling->after), "}", "}", "}", "]");
    mongo_add_write_concern(command);
    bool ok = mongo_insist(filling->store, command, NULL, err);
    bson_destroy(command);
    if (!ok || !mongo_meta_read(filling->store, &now, err)) return false;
    return now == filling->after ||
           err_fail(err, CONFLICT, "the database was filled by another program meanwhile");
}

bool mongo_fill_end(void *arg, bool keep, struct err *err)
{
    struct filling *filling = arg;
    const struct owned dropped = {(unsigned)(keep ? filling->before : filling->after), true};
    bool ok =
        (!keep || fill_keep(filling, err)) && each_collection(filling->store, &dropped, drop_collection, err);
    filling_free(filling);
    return ok;
}
