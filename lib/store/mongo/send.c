// Sending: the inserts into one collection as one command, whose errors name the document; everything else as
// a command of its own; all at the same time.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/metrics.h"
#include "lib/store/mongo/group.h"

enum { MOST_DOCUMENTS = 500, MOST_BYTES = 12 << 20 };

// Operations that go out in one command, neighbours in an array.
struct send_task {
    struct mongo_store *store;
    struct mongo_op **ops;
    size_t count;
};

// The error of a command's only statement.
static bool statement_error(const bson_t *reply, struct mongo_fault *fault)
{
    bson_iter_t iter, array, error;
    if (!bson_iter_init_find(&iter, reply, "writeErrors") || !bson_iter_recurse(&iter, &array) ||
        !bson_iter_next(&array) || !bson_iter_recurse(&array, &error))
        return false;
    int code = 0;
    const char *message = "";
    while (bson_iter_next(&error)) {
        if (strcmp(bson_iter_key(&error), "code") == 0) code = (int)bson_iter_as_int64(&error);
        if (strcmp(bson_iter_key(&error), "errmsg") == 0 && BSON_ITER_HOLDS_UTF8(&error))
            message = bson_iter_utf8(&error, NULL);
    }
    mongo_fault_set(fault, code, message);
    return true;
}

enum mongo_answer mongo_write_command(struct mongo_store *store, bson_t *command, bson_t *reply,
                                      struct mongo_fault *fault)
{
    bson_t own;
    mongo_add_write_concern(command);
    enum mongo_answer answer = mongo_command(store, command, &own, fault);
    bson_destroy(command);
    if (answer == MONGO_DONE && !reply && statement_error(&own, fault))
        answer = mongo_code_is_open(fault->code) ? MONGO_UNKNOWN : MONGO_REFUSED;
    if (reply)
        bson_steal(reply, &own);
    else
        bson_destroy(&own);
    return answer;
}

// ---- Documents of appends

static void append_entries(bson_t *document, const struct mongo_op *op)
{
    bson_t array;
    char key[24];
    size_t at = 0;
    bson_append_array_begin(document, "e", -1, &array);
    for (const struct mongo_work *work = op->first; work; work = work->next_of_op) {
        const struct store_job *job = work->job;
        ProtobufCBinaryData *entries = calloc(job->count, sizeof *entries);
        if (!entries || !store_entries_split(job->body.data, job->body.len, job->count, entries)) abort();
        for (size_t i = 0; i < job->count; i++, at++) {
            const char *name;
            size_t len = bson_uint32_to_string((uint32_t)at, &name, key, sizeof key);
            bson_append_binary(&array, name, (int)len, BSON_SUBTYPE_BINARY,
                               entries[i].len ? entries[i].data : (const uint8_t *)"",
                               (uint32_t)entries[i].len);
        }
        free(entries);
    }
    bson_append_array_end(document, &array);
}

// With the place that a reader has to reach to have read what the command did.
static void append_commands(bson_t *document, const struct mongo_op *op)
{
    bson_t array;
    char key[24];
    uint32_t at = 0;
    uint64_t seq = op->seq;
    int64_t newest_ms = 0;
    bson_append_array_begin(document, "c", -1, &array);
    for (const struct mongo_work *work = op->first; work; work = work->next_of_op) {
        const struct store_command *command = work->job->command;
        const char *name;
        seq += work->job->count;
        if (!command) continue;
        bson_uint32_to_string(at++, &name, key, sizeof key);
        mongo_append_command(&array, name, command, work->job->count ? seq - 1 : seq);
        if (command->time_ms > newest_ms) newest_ms = command->time_ms;
    }
    bson_append_array_end(document, &array);
    bson_append_int64(document, "t", -1, newest_ms);
}

static bson_t *stream_document(const struct mongo_store *store, const struct mongo_op *op)
{
    const struct store_job *job = op->job;
    bson_t *document = bson_new();
    bool ends = op->kind == MONGO_OP_END;
    mongo_append_entry_id(document, "_id", job->name, op->seq);
    bson_append_utf8(document, "s", -1, job->name, -1);
    bson_append_int64(document, "n", -1, (int64_t)op->seq);
    bson_append_int64(document, "k", -1, (int64_t)op->count);
    mongo_append_origin(document, &job->source, job->write_id);
    mongo_append_bytes(document, "w", job->write_id, STORE_WRITE_ID);
    if (op->seq == 1) bson_append_bool(document, "b", -1, !ends);
    if (ends) bson_append_bool(document, "end", -1, true);
    if (*store->self) bson_append_utf8(document, "by", -1, store->self, -1);
    if (!ends) append_entries(document, op);
    if (job->attached.len) mongo_append_bytes(document, "a", job->attached.data, job->attached.len);
    append_commands(document, op);
    return document;
}

static bson_t *snapshot_command(const struct mongo_store *store, const struct mongo_op *op)
{
    const struct store_job *job = op->job;
    bson_t *command = BCON_NEW("update", BCON_UTF8(store->snapshots)), updates, update, change, filter, older;
    bson_append_array_begin(command, "updates", -1, &updates);
    bson_append_document_begin(&updates, "0", -1, &update);
    bson_append_document_begin(&update, "q", -1, &filter);
    bson_append_utf8(&filter, "_id", -1, job->name, -1);
    bson_append_document_begin(&filter, "n", -1, &older);
    bson_append_int64(&older, "$lte", -1, (int64_t)op->seq);
    bson_append_document_end(&filter, &older);
    bson_append_document_end(&update, &filter);
    bson_append_document_begin(&update, "u", -1, &change);
    bson_append_int64(&change, "n", -1, (int64_t)op->seq);
    mongo_append_bytes(&change, "e", job->body.data, job->body.len);
    bson_append_document_end(&update, &change);
    bson_append_bool(&update, "upsert", -1, true);
    bson_append_document_end(&updates, &update);
    bson_append_array_end(command, &updates);
    return command;
}

static void send_prepare(const struct mongo_store *store, struct mongo_op *op)
{
    if (op->document) return;
    if (op->kind == MONGO_OP_ENTRIES || op->kind == MONGO_OP_END)
        op->document = stream_document(store, op);
    else if (op->kind == MONGO_OP_ROW)
        op->document = mongo_row_document(op);
    else if (op->kind == MONGO_OP_CHANGE || op->kind == MONGO_OP_MADE)
        op->document = mongo_row_change(op);
    else if (op->kind == MONGO_OP_SNAPSHOT)
        op->document = snapshot_command(store, op);
}

void mongo_op_free(struct mongo_op *op)
{
    if (op->document) bson_destroy(op->document);
    free(op);
}

// ---- Inserts

static bool is_insert(const struct mongo_op *op)
{
    return !(op->begins && op->kind == MONGO_OP_ENTRIES) &&
           (op->kind == MONGO_OP_ENTRIES || op->kind == MONGO_OP_END || op->kind == MONGO_OP_ROW);
}

static bson_t *insert_command(const struct send_task *task)
{
    bson_t *command = BCON_NEW("insert", BCON_UTF8(task->ops[0]->collection), "ordered", BCON_BOOL(false));
    bson_t array;
    char key[24];
    bson_append_array_begin(command, "documents", -1, &array);
    for (size_t i = 0; i < task->count; i++) {
        const char *name;
        bson_uint32_to_string((uint32_t)i, &name, key, sizeof key);
        bson_append_document(&array, name, -1, task->ops[i]->document);
    }
    bson_append_array_end(command, &array);
    return command;
}

static void note_errors(const struct send_task *task, const bson_t *reply)
{
    bson_iter_t iter, array, error;
    if (!bson_iter_init_find(&iter, reply, "writeErrors") || !bson_iter_recurse(&iter, &array)) return;
    while (bson_iter_next(&array)) {
        int64_t index = -1, code = 0;
        if (!bson_iter_recurse(&array, &error)) continue;
        while (bson_iter_next(&error)) {
            if (strcmp(bson_iter_key(&error), "index") == 0) index = bson_iter_as_int64(&error);
            if (strcmp(bson_iter_key(&error), "code") == 0) code = bson_iter_as_int64(&error);
        }
        if (index < 0 || (size_t)index >= task->count) continue;
        struct mongo_op *op = task->ops[index];
        op->fault = (struct mongo_fault){.code = (int)code, .message = "of an insert"};
        op->answer = mongo_code_is_open((int)code) ? MONGO_UNKNOWN : MONGO_REFUSED;
    }
}

static void send_inserts(const struct send_task *task)
{
    bson_t reply;
    struct mongo_fault fault;
    enum mongo_answer answer = mongo_write_command(task->store, insert_command(task), &reply, &fault);
    for (size_t i = 0; i < task->count; i++) {
        task->ops[i]->answer = answer;
        task->ops[i]->fault = fault;
    }
    if (answer == MONGO_DONE) note_errors(task, &reply);
    bson_destroy(&reply);
}

// ---- Others

static enum mongo_answer send_change(struct mongo_store *store, struct mongo_op *op)
{
    bson_t reply;
    enum mongo_answer answer = mongo_write_command(store, bson_copy(op->document), &reply, &op->fault);
    if (answer == MONGO_DONE && statement_error(&reply, &op->fault))
        answer = mongo_code_is_open(op->fault.code) ? MONGO_UNKNOWN : MONGO_REFUSED;
    op->matched = mongo_number(&reply, "n") > 0;
    bson_destroy(&reply);
    return answer;
}

static enum mongo_answer send_other(struct mongo_store *store, struct mongo_op *op)
{
    switch (op->kind) {
    case MONGO_OP_CHANGE:
    case MONGO_OP_MADE:
        return send_change(store, op);
    case MONGO_OP_SNAPSHOT:
        return mongo_write_command(store, bson_copy(op->document), NULL, &op->fault);
    case MONGO_OP_CLEAR:
        return mongo_sweep_clear(store, op);
    case MONGO_OP_TRIM:
        return mongo_sweep_trim(store, op);
    case MONGO_OP_REDACT:
        return mongo_sweep_redact(store, op);
    case MONGO_OP_EXPIRE:
        return mongo_sweep_expire(store, op);
    default:
        return mongo_sweep_begin(store, op);
    }
}

static void send_task(void *arg, size_t at)
{
    struct send_task *task = (struct send_task *)arg + at;
    if (is_insert(task->ops[0]))
        send_inserts(task);
    else
        task->ops[0]->answer = send_other(task->store, task->ops[0]);
}

// ---- All

static int by_collection(const void *left, const void *right)
{
    const struct mongo_op *a = *(struct mongo_op *const *)left, *b = *(struct mongo_op *const *)right;
    if (is_insert(a) != is_insert(b)) return is_insert(a) ? -1 : 1;
    int order = strcmp(a->collection, b->collection);
    if (order) return order;
    return a->job->ticket < b->job->ticket ? -1 : a->job->ticket > b->job->ticket;
}

static size_t task_length(struct mongo_op *const *ops, size_t count)
{
    size_t length = 1, bytes = ops[0]->document ? ops[0]->document->len : 0;
    if (!is_insert(ops[0])) return 1;
    for (; length < count && length < MOST_DOCUMENTS; length++) {
        const struct mongo_op *op = ops[length];
        bytes += op->document ? op->document->len : 0;
        if (!is_insert(op) || strcmp(op->collection, ops[0]->collection) != 0 || bytes > MOST_BYTES) break;
    }
    return length;
}

static bool send_may(struct mongo_store *store, struct mongo_op *op)
{
    send_prepare(store, op);
    op->fault = (struct mongo_fault){0};
    op->answer = MONGO_UNSENT;
    if (op->document && op->document->len > MONGO_MAX_DOCUMENT) {
        op->fault.code = MONGO_TOO_LARGE;
        op->answer = MONGO_REFUSED;
        return false;
    }
    return !mongo_is_away(store);
}

void mongo_wave_run(struct mongo_store *store, void (*work)(void *arg, size_t at), void *arg, size_t count)
{
    metric_add(store->waves, 1);
    mongo_team_run(store->team, work, arg, count);
}

void mongo_send_all(struct mongo_group *group)
{
    size_t count = 0, tasks = 0;
    for (const struct mongo_op *op = group->ops; op; op = op->next) count++;
    if (!count) return;
    struct mongo_op **ops = calloc(count, sizeof(struct mongo_op *));
    struct send_task *all = calloc(count, sizeof *all);
    if (!ops || !all) abort();
    count = 0;
    for (struct mongo_op *op = group->ops; op; op = op->next)
        if (send_may(group->store, op)) ops[count++] = op;
    if (count) qsort(ops, count, sizeof(struct mongo_op *), by_collection);
    for (size_t at = 0; at < count; at += all[tasks++].count)
        all[tasks] = (struct send_task){group->store, ops + at, task_length(ops + at, count - at)};
    if (tasks) mongo_wave_run(group->store, send_task, all, tasks);
    free(all);
    free(ops);
}
