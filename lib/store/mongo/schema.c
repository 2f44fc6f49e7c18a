// Collections, their indexes, and what the store says of itself in `meta`.
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/store/mongo/mongo.h"

enum { MAX_DESCRIPTION = 4096, ROW_ARENA = 64 << 20, INDEX_TRIES = 10, INDEX_PAUSE_MS = 50 };

void mongo_set_generation(struct mongo_store *store, uint64_t generation)
{
    unsigned part = (unsigned)generation;
    store->generation = generation;
    snprintf(store->entries, sizeof store->entries, "entries_%08x", part);
    snprintf(store->snapshots, sizeof store->snapshots, "snapshots_%08x", part);
}

void mongo_table_name(const struct mongo_store *store, char name[64], const struct store_table *table)
{
    snprintf(name, 64, "t_%s_%08x", table->name, (unsigned)store->generation);
}

// ---- meta

// The first of several processes makes it; the others find it.
static bool meta_make(struct mongo_store *store, struct err *err)
{
    int64_t generation = 0;
    while (!generation) randombytes_buf(&generation, sizeof generation);
    bson_t *command = BCON_NEW("insert", "meta", "documents", "[", "{", "_id", "store", "format",
                               BCON_INT32(MONGO_FORMAT), "generation", BCON_INT64(generation), "}", "]");
    mongo_add_write_concern(command);
    bool ok = mongo_insist(store, command, NULL, err);
    bson_destroy(command);
    return ok;
}

static bool meta_check(const struct mongo_store *store, const bson_t *meta, struct err *err)
{
    int64_t format = mongo_number(meta, "format");
    return format <= MONGO_FORMAT ||
           err_fail(err, STORE_CORRUPT, "database %s has format %lld, this program knows %d", store->database,
                    (long long)format, MONGO_FORMAT);
}

bool mongo_meta_read(struct mongo_store *store, uint64_t *generation, struct err *err)
{
    bson_t *meta, *options = BCON_NEW("maxTimeMS", BCON_INT64(MONGO_ANSWER_MS));
    *generation = 0;
    if (!store->standalone) BCON_APPEND(options, "readConcern", "{", "level", "linearizable", "}");
    if (!mongo_find_one(store, "meta", BCON_NEW("_id", "store"), options, &meta, err)) return false;
    if (!meta) return true;
    bool ok = meta_check(store, meta, err);
    *generation = (uint64_t)mongo_number(meta, "generation");
    bson_destroy(meta);
    return ok;
}

// Who fills a store works on the generation that will be.
bool mongo_meta(struct mongo_store *store, struct err *err)
{
    uint64_t generation = strtoull(store->filler, NULL, 16);
    for (int made = 0; made < 2 && !generation; made++) {
        if (made && !meta_make(store, err)) return false;
        if (!mongo_meta_read(store, &generation, err)) return false;
    }
    if (!generation)
        return err_fail(err, STORE_AWAY, "database %s does not keep what is written", store->database);
    mongo_set_generation(store, generation);
    return true;
}

// ---- Indexes

static bool run_command(struct mongo_store *store, bson_t *command, struct err *err)
{
    bool ok = mongo_insist(store, command, NULL, err);
    bson_destroy(command);
    return ok;
}

// A server may refuse it while another process makes the same one.
static bool make_index(struct mongo_store *store, const char *collection, const char *name, bool unique,
                       const bson_t *keys, struct err *err)
{
    bson_t *command = BCON_NEW("createIndexes", BCON_UTF8(collection), "indexes", "[", "{", "key",
                               BCON_DOCUMENT(keys), "name", BCON_UTF8(name), "unique", BCON_BOOL(unique), "}",
                               "]", "writeConcern", "{", "w", "majority", "}");
    bool ok = false;
    for (int i = 0; !ok && i < INDEX_TRIES; i++)
        ok = (!i || mongo_wait_back(store, INDEX_PAUSE_MS)) && mongo_insist(store, command, NULL, err);
    bson_destroy(command);
    return ok;
}

static bool make_plain(struct mongo_store *store, const char *collection, const char *name, bool unique,
                       const char *first, const char *second, struct err *err)
{
    bson_t *keys = BCON_NEW(BCON_UTF8(first), BCON_INT32(1));
    if (second) bson_append_int32(keys, second, -1, 1);
    bool ok = make_index(store, collection, name, unique, keys, err);
    bson_destroy(keys);
    return ok;
}

// The name says what the index is over, so that another one under the same name is another index.
static void index_name(char name[64], const struct store_index *index)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t k = 0; k < STORE_MAX_FIELDS && index->fields[k]; k++)
        for (const char *at = index->fields[k]; *at || (hash ^= '/', 0); at++)
            hash = (hash ^ (uint8_t)*at) * 0x100000001b3;
    snprintf(name, 64, "i_%.40s_%s%08x", index->name, index->unique ? "u" : "",
             (unsigned)(hash ^ hash >> 32));
}

static bool make_declared(struct mongo_store *store, const char *collection,
                          const struct store_model_index *index, struct err *err)
{
    bson_t *keys = bson_new();
    char key[96], name[64];
    for (size_t k = 0; k < index->count; k++) {
        if (k == 0 && index->declared->unique)
            snprintf(key, sizeof key, "u.%s", index->declared->name);
        else
            snprintf(key, sizeof key, "f.%s_%zu", index->declared->name, k);
        bson_append_int32(keys, key, -1, 1);
    }
    if (!index->declared->unique) bson_append_int32(keys, "_id", -1, 1);
    index_name(name, index->declared);
    bool ok = make_index(store, collection, name, index->declared->unique, keys, err);
    bson_destroy(keys);
    return ok;
}

static bool make_all(struct mongo_store *store, const struct store_model *model, const char *collection,
                     struct err *err)
{
    for (size_t i = 0; i < model->index_count; i++)
        if (!make_declared(store, collection, &model->indexes[i], err)) return false;
    return make_plain(store, collection, "commands", false, "c.i", NULL, err) &&
           make_plain(store, collection, "times", false, "t", NULL, err) &&
           make_plain(store, collection, "declarations", false, "d", NULL, err);
}

// ---- Changed indexes

static bool is_declared(const struct store_model *model, const char *name)
{
    char declared[64];
    for (size_t i = 0; i < model->index_count; i++) {
        index_name(declared, model->indexes[i].declared);
        if (strcmp(declared, name) == 0) return true;
    }
    return strncmp(name, "i_", 2) != 0; // another's
}

static bool drop_stale(void *arg, const char *collection, const struct store_model *model, const char *name,
                       struct err *err)
{
    if (is_declared(model, name)) return true;
    bson_t *command = BCON_NEW("dropIndexes", BCON_UTF8(collection), "index", BCON_UTF8(name));
    return run_command(arg, command, err);
}

// Indexes that are declared no more go, because they would bind rows that say nothing of them.
static bool drop_all_stale(struct mongo_store *store, const struct store_model *model, const char *collection,
                           struct err *err)
{
    bson_t *command = BCON_NEW("listIndexes", BCON_UTF8(collection)), reply;
    struct mongo_fault fault;
    bson_iter_t iter, batch, at, name;
    enum mongo_answer answer = mongo_command(store, command, &reply, &fault);
    bool ok = answer == MONGO_DONE || answer == MONGO_REFUSED || mongo_fail_away(err); // refused: none there
    if (answer == MONGO_DONE && bson_iter_init(&iter, &reply) &&
        bson_iter_find_descendant(&iter, "cursor.firstBatch", &batch) && bson_iter_recurse(&batch, &at))
        while (ok && bson_iter_next(&at))
            if (bson_iter_recurse(&at, &name) && bson_iter_find(&name, "name") && BSON_ITER_HOLDS_UTF8(&name))
                ok = drop_stale(store, collection, model, bson_iter_utf8(&name, NULL), err);
    bson_destroy(command);
    bson_destroy(&reply);
    return ok;
}

// A row that can't be read keeps its place, as one of which an index knows only that it exists.
static bool index_row(struct mongo_store *store, const struct store_model *model, const char *collection,
                      const bson_t *row, struct err *err)
{
    struct arena arena;
    struct store_value values[STORE_MAX_INDEXES * STORE_MAX_FIELDS];
    const char *id = mongo_text(row, "_id");
    ProtobufCMessage *message;
    arena_init(&arena, ROW_ARENA);
    bool readable = store_unpack(model, id, mongo_bytes(row, "p"), &arena, &message, err);
    if (!readable) log_err(LOG_ERROR, "store.row", err);
    for (size_t i = 0; readable && i < model->field_count; i++)
        values[i] = store_field_value(&model->fields[i], message);
    bson_t *change = bson_new();
    mongo_append_values(change, model, readable ? values : NULL, id);
    bson_t *command = BCON_NEW("update", BCON_UTF8(collection), "updates", "[", "{", "q", "{", "_id",
                               BCON_UTF8(id), "v", BCON_INT64(mongo_number(row, "v")), "}", "u", "{", "$set",
                               BCON_DOCUMENT(change), "}", "}", "]");
    mongo_add_write_concern(command);
    bson_destroy(change);
    arena_finish(&arena);
    return run_command(store, command, err);
}

// The filter is destroyed. limit 0: all.
static bool index_rows(struct mongo_store *store, const struct store_model *model, bson_t *filter,
                       int64_t limit, size_t *count, struct err *err)
{
    struct mongo_cursor cursor;
    const bson_t *row = NULL;
    char collection[64];
    bool ok = true;
    mongo_table_name(store, collection, model->table);
    BCON_APPEND(filter, "gone", "{", "$exists", BCON_BOOL(false), "}");
    if (!mongo_query(&cursor, store, collection, filter,
                     BCON_NEW("projection", "{", "v", BCON_INT32(1), "p", BCON_INT32(1), "}", "limit",
                              BCON_INT64(limit)),
                     err))
        return false;
    while (ok && (ok = mongo_next(&cursor, &row, err)) && row) {
        ok = index_row(store, model, collection, row, err);
        ++*count;
    }
    mongo_cursor_end(&cursor);
    return ok;
}

bool mongo_schema_catch_up(struct mongo_store *store, const struct store_model *model, int64_t limit,
                           size_t *count, struct err *err)
{
    bson_t *older = BCON_NEW("d", "{", "$lt", BCON_INT64(model->table->version), "}");
    return index_rows(store, model, older, limit, count, err);
}

// What meta says of a collection's indexes; "" when nothing.
static bool find_description(struct mongo_store *store, const char *collection, char found[MAX_DESCRIPTION],
                             struct err *err)
{
    bson_t *meta;
    if (!mongo_find_one(store, "meta", BCON_NEW("_id", BCON_UTF8(collection)), NULL, &meta, err))
        return false;
    snprintf(found, MAX_DESCRIPTION, "%s", meta ? mongo_text(meta, "indexes") : "");
    if (meta) bson_destroy(meta);
    return true;
}

static bool describe_table(struct mongo_store *store, const char *key, const char *description,
                           struct err *err)
{
    bson_t *command = BCON_NEW("update", "meta", "updates", "[", "{", "q", "{", "_id", BCON_UTF8(key), "}",
                               "u", "{", "$set", "{", "indexes", BCON_UTF8(description), "}", "}", "upsert",
                               BCON_BOOL(true), "}", "]");
    mongo_add_write_concern(command);
    return run_command(store, command, err);
}

static bool change_table(struct mongo_store *store, const struct store_model *model, const char *collection,
                         const char *description, struct err *err)
{
    size_t count = 0;
    // What is changed by half is not taken for what it was.
    return describe_table(store, collection, "", err) && drop_all_stale(store, model, collection, err) &&
           index_rows(store, model, bson_new(), 0, &count, err) && make_all(store, model, collection, err) &&
           describe_table(store, collection, description, err);
}

// A newer program's indexes are left as they are: it may be running.
static bool table_schema(struct mongo_store *store, const struct store_model *model, struct err *err)
{
    char collection[64], wanted[MAX_DESCRIPTION], found[MAX_DESCRIPTION];
    size_t count = 0;
    mongo_table_name(store, collection, model->table);
    store_model_describe(model, wanted, sizeof wanted);
    if (!find_description(store, collection, found, err)) return false;
    if (strcmp(wanted, found) == 0) return mongo_schema_catch_up(store, model, 0, &count, err);
    unsigned long version = strtoul(found, NULL, 10); // a description begins with it
    if (version <= model->table->version) return change_table(store, model, collection, wanted, err);
    log_info("a newer program has changed a table's indexes", F_STR("table", model->table->name),
             F_INT("version", version));
    return true;
}

static bool entries_schema(struct mongo_store *store, struct err *err)
{
    static const char WANTED[] = "1: s,o b,s c.i s,t t";
    char found[MAX_DESCRIPTION];
    if (!find_description(store, store->entries, found, err)) return false;
    if (strcmp(found, WANTED) == 0) return true;
    return make_plain(store, store->entries, "sources", true, "s", "o", err) &&
           make_plain(store, store->entries, "streams", false, "b", "s", err) &&
           make_plain(store, store->entries, "commands", false, "c.i", NULL, err) &&
           make_plain(store, store->entries, "commands_of_streams", false, "s", "t", err) &&
           make_plain(store, store->entries, "times", false, "t", NULL, err) &&
           describe_table(store, store->entries, WANTED, err);
}

bool mongo_schema(struct mongo_store *store, struct err *err)
{
    if (!entries_schema(store, err)) return false;
    for (size_t i = 0; i < store->model_count; i++)
        if (!table_schema(store, &store->models[i], err))
            return err_is(err, STORE_CORRUPT) ? false : err_wrap(err, store->models[i].table->name);
    return true;
}
