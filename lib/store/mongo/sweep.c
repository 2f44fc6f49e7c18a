// What takes several commands: removing what a deletion, a trim or the passing of a day leaves. Each command
// may be carried out again.
//
// A document that is removed stays as a stub for a day, with its place and its write's id, so that nobody
// whose knowledge is old can fill the hole; a stream's first document stays for good.
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/store/mongo/group.h"

enum { FOR_GOOD = 1, DROP_COMMANDS_AT_ONCE = 1000 };

// ---- Deleting a stream

static bson_t *clear_entries(const struct mongo_store *store, const struct mongo_op *op)
{
    int64_t now_ms = clock_unix_ms();
    return BCON_NEW("update", BCON_UTF8(store->entries), "updates", "[", "{", "q", "{", "s",
                    BCON_UTF8(op->job->name), "e", "{", "$exists", BCON_BOOL(true), "}", "}", "u", "{",
                    "$unset", "{", "e", "", "x", "", "a", "", "}", "$set", "{", "gone", BCON_INT64(now_ms),
                    "t", BCON_INT64(now_ms), "}", "}", "multi", BCON_BOOL(true), "}", "]");
}

// The first document stands for the stream; it is made when the stream has none.
static bson_t *mark_first(const struct mongo_store *store, const char *stream, bool goes_on, uint64_t count)
{
    char *id = mongo_entry_id(stream, 1);
    bson_t *command =
        BCON_NEW("update", BCON_UTF8(store->entries), "updates", "[", "{", "q", "{", "_id", BCON_UTF8(id),
                 "}", "u", "{", "$set", "{", "b", BCON_BOOL(goes_on), "gone", BCON_INT64(FOR_GOOD), "}",
                 "$unset", "{", "e", "", "x", "", "a", "", "}", "$setOnInsert", "{", "s", BCON_UTF8(stream),
                 "n", BCON_INT64(1), "k", BCON_INT64((int64_t)count), "o", "#1", "t", BCON_INT64(0), "}", "}",
                 "upsert", BCON_BOOL(true), "}", "]");
    free(id);
    return command;
}

static bson_t *drop_snapshot(const struct mongo_store *store, const struct mongo_op *op)
{
    return BCON_NEW("delete", BCON_UTF8(store->snapshots), "deletes", "[", "{", "q", "{", "_id",
                    BCON_UTF8(op->job->name), "}", "limit", BCON_INT32(1), "}", "]");
}

// A tombstone in the first place stands for the stream itself. The first document comes first: it must not
// become a stub that goes.
enum mongo_answer mongo_sweep_clear(struct mongo_store *store, struct mongo_op *op)
{
    enum mongo_answer answer = MONGO_DONE;
    if (op->seq > 1)
        answer = mongo_write_command(store, mark_first(store, op->job->name, false, 0), NULL, &op->fault);
    if (answer == MONGO_DONE) answer = mongo_write_command(store, clear_entries(store, op), NULL, &op->fault);
    if (answer != MONGO_DONE) return answer;
    return mongo_write_command(store, drop_snapshot(store, op), NULL, &op->fault);
}

// The first append of a stream that begins late, which is being restored.
enum mongo_answer mongo_sweep_begin(struct mongo_store *store, struct mongo_op *op)
{
    enum mongo_answer answer =
        mongo_write_command(store, mark_first(store, op->job->name, true, op->seq - 1), NULL, &op->fault);
    if (answer != MONGO_DONE) return answer;
    bson_t *command =
        BCON_NEW("insert", BCON_UTF8(store->entries), "documents", "[", BCON_DOCUMENT(op->document), "]");
    return mongo_write_command(store, command, NULL, &op->fault);
}

// ---- Trimming

// Sources are forgotten; their place in the unique index is the document's own.
static void append_stub(bson_t *updates, size_t at, const char *stream, uint64_t seq)
{
    char key[24];
    bson_t item;
    char *id = mongo_entry_id(stream, seq), *origin;
    int64_t now_ms = clock_unix_ms();
    if (asprintf(&origin, "#%llu", (unsigned long long)seq) < 0) abort();
    snprintf(key, sizeof key, "%zu", at);
    bson_append_document_begin(updates, key, -1, &item);
    BCON_APPEND(&item, "q", "{", "_id", BCON_UTF8(id), "}", "u", "{", "$unset", "{", "e", "", "x", "", "a",
                "", "}", "$set", "{", "gone", BCON_INT64(seq == 1 ? FOR_GOOD : now_ms), "t",
                BCON_INT64(now_ms), "o", BCON_UTF8(origin), "}", "}");
    bson_append_document_end(updates, &item);
    free(origin);
    free(id);
}

static bool trim_find(struct mongo_store *store, const struct mongo_op *op, bson_t *updates, size_t *count)
{
    struct mongo_cursor cursor;
    struct err err;
    const bson_t *document = NULL;
    bson_t *filter = mongo_entry_range(op->job->name, 0, op->seq);
    BCON_APPEND(filter, "gone", "{", "$exists", BCON_BOOL(false), "}");
    bson_t *options =
        BCON_NEW("sort", "{", "_id", BCON_INT32(1), "}", "limit", BCON_INT64(STORE_DROP_AT_ONCE),
                 "projection", "{", "n", BCON_INT32(1), "k", BCON_INT32(1), "}");
    if (!mongo_query(&cursor, store, store->entries, filter, options, &err)) return false;
    bool ok;
    while ((ok = mongo_next(&cursor, &document, &err)) && document) {
        uint64_t seq = (uint64_t)mongo_number(document, "n"), k = (uint64_t)mongo_number(document, "k");
        if (seq + k > op->seq) break;
        append_stub(updates, (*count)++, op->job->name, seq);
    }
    mongo_cursor_end(&cursor);
    return ok;
}

// op->seq is the first entry that stays; it is not behind the newest one.
enum mongo_answer mongo_sweep_trim(struct mongo_store *store, struct mongo_op *op)
{
    bson_t *command = BCON_NEW("update", BCON_UTF8(store->entries)), updates;
    size_t count = 0;
    bson_append_array_begin(command, "updates", -1, &updates);
    bool found = trim_find(store, op, &updates, &count);
    bson_append_array_end(command, &updates);
    if (!found || !count) {
        bson_destroy(command);
        return found ? MONGO_DONE : MONGO_UNSENT;
    }
    enum mongo_answer answer = mongo_write_command(store, command, NULL, &op->fault);
    if (answer == MONGO_DONE) *op->job->more = count == STORE_DROP_AT_ONCE;
    return answer;
}

// ---- Redacting

// The document that has the entry, by its number; 0 when there is none.
static bool find_holder(struct mongo_store *store, const struct mongo_op *op, uint64_t *number,
                        struct err *err)
{
    bson_t *holder;
    bson_t *filter = mongo_entry_range(op->job->name, 0, op->seq);
    bson_t *options = BCON_NEW("sort", "{", "_id", BCON_INT32(-1), "}", "projection", "{", "n", BCON_INT32(1),
                               "k", BCON_INT32(1), "gone", BCON_INT32(1), "}");
    *number = 0;
    if (!mongo_find_one(store, store->entries, filter, options, &holder, err)) return false;
    if (!holder) return true;
    uint64_t first = (uint64_t)mongo_number(holder, "n"), count = (uint64_t)mongo_number(holder, "k");
    if (!mongo_has(holder, "gone") && op->seq < first + count) *number = first;
    bson_destroy(holder);
    return true;
}

// Other entries of the document may be redacted at the same time: only this one is replaced.
enum mongo_answer mongo_sweep_redact(struct mongo_store *store, struct mongo_op *op)
{
    uint64_t number;
    struct err err;
    char key[32];
    bson_t updates, item, change, set;
    if (!find_holder(store, op, &number, &err)) return MONGO_UNSENT;
    if (!number) return MONGO_DONE;
    char *id = mongo_entry_id(op->job->name, number);
    bson_t *command = BCON_NEW("update", BCON_UTF8(store->entries));
    snprintf(key, sizeof key, "e.%llu", (unsigned long long)(op->seq - number));
    bson_append_array_begin(command, "updates", -1, &updates);
    bson_append_document_begin(&updates, "0", -1, &item);
    BCON_APPEND(&item, "q", "{", "_id", BCON_UTF8(id), "e", "{", "$exists", BCON_BOOL(true), "}", "}");
    bson_append_document_begin(&item, "u", -1, &change);
    bson_append_document_begin(&change, "$set", -1, &set);
    mongo_append_bytes(&set, key, op->job->body.data, op->job->body.len);
    bson_append_document_end(&change, &set);
    bson_append_document_end(&item, &change);
    bson_append_document_end(&updates, &item);
    bson_append_array_end(command, &updates);
    free(id);
    return mongo_write_command(store, command, NULL, &op->fault);
}

// ---- A day later

// Ids of documents whose newest command, or whose removal, is older than that.
static bool expired_find(struct mongo_store *store, const char *collection, int64_t before_ms, bson_t *ids,
                         size_t *count)
{
    struct mongo_cursor cursor;
    struct err err;
    const bson_t *document = NULL;
    bson_t *filter = BCON_NEW("t", "{", "$gt", BCON_INT64(0), "$lt", BCON_INT64(before_ms), "}");
    bson_t *options =
        BCON_NEW("sort", "{", "t", BCON_INT32(1), "}", "limit", BCON_INT64(DROP_COMMANDS_AT_ONCE),
                 "projection", "{", "_id", BCON_INT32(1), "}");
    if (!mongo_query(&cursor, store, collection, filter, options, &err)) return false;
    bool ok;
    while ((ok = mongo_next(&cursor, &document, &err)) && document) {
        char key[24];
        snprintf(key, sizeof key, "%zu", (*count)++);
        bson_append_utf8(ids, key, -1, mongo_text(document, "_id"), -1);
    }
    mongo_cursor_end(&cursor);
    return ok;
}

// First the commands go, then the stubs; what is left of t then is none.
static enum mongo_answer expired_drop(struct mongo_store *store, const char *collection, const bson_t *ids,
                                      int64_t before_ms, struct mongo_fault *fault)
{
    bson_t *gone = BCON_NEW("delete", BCON_UTF8(collection), "deletes", "[", "{", "q", "{", "_id", "{", "$in",
                            BCON_ARRAY(ids), "}", "gone", "{", "$gt", BCON_INT64(FOR_GOOD), "$lt",
                            BCON_INT64(before_ms), "}", "}", "limit", BCON_INT32(0), "}", "]");
    enum mongo_answer answer = mongo_write_command(store, gone, NULL, fault);
    if (answer != MONGO_DONE) return answer;
    bson_t *commands =
        BCON_NEW("update", BCON_UTF8(collection), "updates", "[", "{", "q", "{", "_id", "{", "$in",
                 BCON_ARRAY(ids), "}", "t", "{", "$lt", BCON_INT64(before_ms), "}", "}", "u", "{", "$set",
                 "{", "c", "[", "]", "t", BCON_INT64(0), "}", "}", "multi", BCON_BOOL(true), "}", "]");
    return mongo_write_command(store, commands, NULL, fault);
}

static enum mongo_answer expire_in(struct mongo_store *store, const char *collection, struct mongo_op *op)
{
    bson_t *ids = bson_new();
    size_t count = 0;
    enum mongo_answer answer = MONGO_UNSENT;
    if (expired_find(store, collection, op->job->expire_before_ms, ids, &count))
        answer =
            count ? expired_drop(store, collection, ids, op->job->expire_before_ms, &op->fault) : MONGO_DONE;
    if (answer == MONGO_DONE && count == DROP_COMMANDS_AT_ONCE) *op->job->more = true;
    bson_destroy(ids);
    return answer;
}

static enum mongo_answer catch_up(struct mongo_store *store, const struct store_model *model,
                                  struct mongo_op *op)
{
    struct err err;
    size_t count = 0;
    if (!mongo_schema_catch_up(store, model, DROP_COMMANDS_AT_ONCE, &count, &err)) return MONGO_UNSENT;
    if (count == DROP_COMMANDS_AT_ONCE) *op->job->more = true;
    return MONGO_DONE;
}

enum mongo_answer mongo_sweep_expire(struct mongo_store *store, struct mongo_op *op)
{
    enum mongo_answer answer = expire_in(store, store->entries, op);
    for (size_t i = 0; answer == MONGO_DONE && i < store->model_count; i++) {
        char table[64];
        mongo_table_name(store, table, store->models[i].table);
        answer = expire_in(store, table, op);
        if (answer == MONGO_DONE) answer = catch_up(store, &store->models[i], op);
    }
    return answer;
}
