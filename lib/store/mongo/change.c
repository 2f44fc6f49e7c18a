// Rows: how they are inserted and changed by version, and what an answer means for them. A deleted row stays
// for a day with a higher version, so that a late resend of an old change finds no row that it fits.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/mongo/group.h"

enum { MOST_TRIES = 150, KEPT_WRITES = 16 };

// ---- Documents

static void append_readable_body(bson_t *document, const struct store_job *job)
{
    ProtobufCMessage *message =
        protobuf_c_message_unpack(job->model->table->type, NULL, job->body.len, job->body.data);
    if (!message) return;
    mongo_append_readable(document, "x", message);
    protobuf_c_message_free_unpacked(message, NULL);
}

// Of a row's last versions, who wrote them: a ring, in which a version has its place by its number. So a
// writer that had no answer finds out also when others wrote since.
static void version_key(char key[16], const char *prefix, uint64_t version)
{
    snprintf(key, 16, "%sr%u", prefix, (unsigned)(version % KEPT_WRITES));
}

static void append_version(bson_t *document, const char *prefix, const struct store_job *job,
                           uint64_t version)
{
    char key[16];
    bson_t writer;
    version_key(key, prefix, version);
    bson_append_document_begin(document, key, -1, &writer);
    bson_append_int64(&writer, "v", -1, (int64_t)version);
    mongo_append_bytes(&writer, "w", job->write_id, STORE_WRITE_ID);
    bson_append_document_end(document, &writer);
}

static void append_content(bson_t *document, const struct store_job *job, uint64_t version)
{
    bson_append_int64(document, "v", -1, (int64_t)version);
    mongo_append_bytes(document, "p", job->body.data, job->body.len);
    mongo_append_values(document, job->model, job->values, job->name);
    append_readable_body(document, job);
}

bson_t *mongo_row_document(const struct mongo_op *op)
{
    const struct store_job *job = op->job;
    bson_t *document = bson_new(), commands, writers;
    bson_append_utf8(document, "_id", -1, job->name, -1);
    append_content(document, job, 1);
    bson_append_document_begin(document, "ws", -1, &writers);
    append_version(&writers, "", job, 1);
    bson_append_document_end(document, &writers);
    bson_append_array_begin(document, "c", -1, &commands);
    if (job->command) mongo_append_command(&commands, "0", job->command, 0);
    bson_append_array_end(document, &commands);
    bson_append_int64(document, "t", -1, job->command ? job->command->time_ms : 0);
    return document;
}

static void append_deletion(bson_t *set, const struct store_job *job, uint64_t version)
{
    int64_t now_ms = clock_unix_ms();
    bson_append_int64(set, "v", -1, (int64_t)version);
    mongo_append_values(set, job->model, NULL, job->name);
    bson_append_int64(set, "gone", -1, now_ms);
    bson_append_int64(set, "t", -1, now_ms);
}

static void append_update(bson_t *update, const struct mongo_op *op)
{
    const struct store_job *job = op->job;
    bson_t set, push;
    bool put = job->kind == STORE_PUT, made = op->kind == MONGO_OP_MADE;
    uint64_t version = made ? op->seq : op->seq + 1;
    bson_append_document_begin(update, "$set", -1, &set);
    if (put)
        append_content(&set, job, version);
    else
        append_deletion(&set, job, version);
    if (!made) append_version(&set, "ws.", job, version);
    if (put && job->command) bson_append_int64(&set, "t", -1, job->command->time_ms);
    bson_append_document_end(update, &set);
    if (!put) BCON_APPEND(update, "$unset", "{", "p", "", "f", "", "x", "", "}");
    if (put && (made || op->revives)) BCON_APPEND(update, "$unset", "{", "gone", "", "}");
    if (!job->command) return;
    bson_append_document_begin(update, "$push", -1, &push);
    mongo_append_command(&push, "c", job->command, 0);
    bson_append_document_end(update, &push);
}

// A row made from a stream takes any state that is not later; when a later one is there, the insert that the
// update then tries is refused by its id.
static void append_expected(bson_t *statement, const struct mongo_op *op)
{
    if (op->kind == MONGO_OP_MADE)
        BCON_APPEND(statement, "q", "{", "_id", BCON_UTF8(op->job->name), "v", "{", "$lte",
                    BCON_INT64((int64_t)op->seq), "}", "}", "upsert", BCON_BOOL(true));
    else
        BCON_APPEND(statement, "q", "{", "_id", BCON_UTF8(op->job->name), "v", BCON_INT64((int64_t)op->seq),
                    "gone", "{", "$exists", BCON_BOOL(op->revives), "}", "}");
}

// A command of its own, so that its answer says whether the row had the version.
bson_t *mongo_row_change(const struct mongo_op *op)
{
    bson_t *command = BCON_NEW("update", BCON_UTF8(op->collection)), updates, statement, update;
    bson_append_array_begin(command, "updates", -1, &updates);
    bson_append_document_begin(&updates, "0", -1, &statement);
    append_expected(&statement, op);
    bson_append_document_begin(&statement, "u", -1, &update);
    append_update(&update, op);
    bson_append_document_end(&statement, &update);
    bson_append_document_end(&updates, &statement);
    bson_append_array_end(command, &updates);
    return command;
}

// ---- Judging

static const struct mongo_verdict DURABLE = {.fate = MONGO_FATE_DURABLE}, KEEP = {.fate = MONGO_FATE_KEEP},
                                  AGAIN = {.fate = MONGO_FATE_AGAIN};

static struct mongo_verdict row_failed(Conse__Reason__Value reason, const char *why)
{
    return (struct mongo_verdict){MONGO_FATE_FAILED, reason, why};
}

static struct mongo_verdict row_conflict(const char *why)
{
    return row_failed(CONSE__REASON__VALUE__CONFLICT, why);
}

struct mongo_verdict mongo_judge_fault(const struct mongo_op *op)
{
    if (op->fault.code == MONGO_NO_SPACE)
        return row_failed(CONSE__REASON__VALUE__STORE_FULL, "the server's disk is full");
    if (op->fault.code == MONGO_TOO_LARGE)
        return row_failed(CONSE__REASON__VALUE__LIMIT_REACHED, "this is too large for one document");
    // What is in the way is not known to a majority yet, or went meanwhile.
    if (op->fault.code == MONGO_DUPLICATE && op->tries < MOST_TRIES) return KEEP;
    log_error("the store's server refuses a write", F_STR("collection", op->collection),
              F_INT("code", op->fault.code), F_STR("error", op->fault.message));
    return op->unsure ? row_failed(CONSE__REASON__VALUE__OUTCOME_UNKNOWN, "the store's server does not tell")
                      : row_failed(CONSE__REASON__VALUE__INTERNAL_ERROR, "the store's server refuses it");
}

// Whether a write to the row of this id comes before the job in the group: it may give the value up.
static bool is_queued(const struct mongo_group *group, const struct store_job *job, const char *id)
{
    for (size_t i = 0; i < group->count && group->works[i].job != job; i++) {
        const struct mongo_work *work = &group->works[i];
        if (!work->decided && work->job->model == job->model && strcmp(work->job->name, id) == 0) return true;
    }
    return false;
}

// Another row that has the job's value of a unique index. The server's message is not asked: servers differ
// in it.
static bool find_holder(const struct mongo_group *group, const struct mongo_op *op,
                        const struct store_model_index *index, bool *held, bool *passing)
{
    const struct store_job *job = op->job;
    bson_t *filter = bson_new(), *holder;
    struct err err;
    char key[96];
    snprintf(key, sizeof key, "u.%s", index->declared->name);
    for (size_t k = 0; k < index->count; k++) {
        if (k) snprintf(key, sizeof key, "f.%s_%zu", index->declared->name, k);
        mongo_append_value(filter, key, job->model->fields[index->first + k].kind,
                           &job->values[index->first + k]);
    }
    if (!mongo_find_one(group->store, op->collection, filter,
                        BCON_NEW("projection", "{", "_id", BCON_INT32(1), "}"), &holder, &err))
        return false;
    *held = holder && strcmp(mongo_text(holder, "_id"), job->name) != 0;
    *passing = *held && is_queued(group, job, mongo_text(holder, "_id"));
    if (holder) bson_destroy(holder);
    return true;
}

static struct mongo_verdict judge_values(const struct mongo_group *group, const struct mongo_op *op)
{
    const struct store_model *model = op->job->model;
    for (size_t i = 0; op->job->values && i < model->index_count; i++) {
        const struct store_model_index *index = &model->indexes[i];
        bool held = false, passing = false;
        if (!index->declared->unique ||
            store_value_empty(model->fields[index->first].kind, &op->job->values[index->first]))
            continue;
        if (!find_holder(group, op, index, &held, &passing)) return KEEP;
        if (passing) return AGAIN;
        if (held)
            return row_failed(index->declared->reason ? index->declared->reason
                                                      : CONSE__REASON__VALUE__CONFLICT,
                              "another one has this value");
    }
    return mongo_judge_fault(op);
}

static bool find_row(struct mongo_store *store, const struct mongo_op *op, bson_t **row)
{
    struct err err;
    return mongo_find_one(
        store, op->collection, BCON_NEW("_id", BCON_UTF8(op->job->name)),
        BCON_NEW("projection", "{", "v", BCON_INT32(1), "ws", BCON_INT32(1), "gone", BCON_INT32(1), "}"), row,
        &err);
}

enum writer { WRITER_US, WRITER_OTHER, WRITER_UNTOLD };

// Who wrote a version of the row, which may have later ones.
static enum writer row_writer(const bson_t *row, uint64_t version, const struct mongo_op *op)
{
    char key[16];
    bson_iter_t iter, slot;
    const uint8_t *bytes;
    uint32_t len;
    bson_t writer;
    version_key(key, "ws.", version);
    if (!bson_iter_init(&iter, row) || !bson_iter_find_descendant(&iter, key, &slot) ||
        !BSON_ITER_HOLDS_DOCUMENT(&slot))
        return WRITER_UNTOLD;
    bson_iter_document(&slot, &len, &bytes);
    if (!bson_init_static(&writer, bytes, len) || (uint64_t)mongo_number(&writer, "v") != version)
        return WRITER_UNTOLD;
    return mongo_bytes_equal(&writer, "w", op->job->write_id, STORE_WRITE_ID) ? WRITER_US : WRITER_OTHER;
}

static struct mongo_verdict row_foreign(const struct mongo_op *op, enum writer writer, const char *why)
{
    if (op->unsure && writer == WRITER_UNTOLD)
        return row_failed(CONSE__REASON__VALUE__OUTCOME_UNKNOWN, "the row was changed often meanwhile");
    return row_conflict(why);
}

// A row that was deleted makes room for a new one, which goes on with its versions.
static struct mongo_verdict judge_there(struct mongo_op *op, const bson_t *row)
{
    enum writer first = row_writer(row, 1, op);
    if (first == WRITER_US) return DURABLE;
    if (!mongo_has(row, "gone") || (op->unsure && first == WRITER_UNTOLD))
        return row_foreign(op, first, "a row with this id exists");
    bson_destroy(op->document);
    op->document = NULL;
    op->kind = MONGO_OP_CHANGE;
    op->revives = true;
    op->seq = (uint64_t)mongo_number(row, "v");
    return KEEP;
}

// The row did not have the version that the change needs; but a majority may still show it.
static struct mongo_verdict judge_unmatched(const struct mongo_op *op, const bson_t *row)
{
    uint64_t version = row ? (uint64_t)mongo_number(row, "v") : 0;
    enum writer writer = row ? row_writer(row, op->seq + 1, op) : WRITER_OTHER;
    if (writer == WRITER_US) return DURABLE;
    if (row && version == op->seq && mongo_has(row, "gone") == op->revives) return KEEP;
    if (op->revives && !op->unsure) return AGAIN; // another one took its place, or it was purged
    return row_foreign(op, version > op->seq ? writer : WRITER_OTHER, "the row changed or is gone");
}

// Refused by its id when there is a later state; else by a unique index.
static struct mongo_verdict judge_made(struct mongo_group *group, struct mongo_op *op, const bson_t *row)
{
    return row && (uint64_t)mongo_number(row, "v") > op->seq ? DURABLE : judge_values(group, op);
}

static struct mongo_verdict judge_refused(struct mongo_group *group, struct mongo_op *op, const bson_t *row)
{
    if (op->kind == MONGO_OP_MADE) return judge_made(group, op, row);
    if (op->kind == MONGO_OP_ROW && row) return judge_there(op, row);
    if (row && row_writer(row, op->seq + 1, op) == WRITER_US) return DURABLE;
    return judge_values(group, op);
}

struct mongo_verdict mongo_judge_row(struct mongo_group *group, struct mongo_op *op)
{
    bson_t *row;
    if (op->answer == MONGO_DONE && (op->kind != MONGO_OP_CHANGE || op->matched)) return DURABLE;
    if (op->fault.code == MONGO_TOO_LARGE) return mongo_judge_fault(op);
    if (!find_row(group->store, op, &row)) return KEEP;
    struct mongo_verdict verdict =
        op->answer == MONGO_DONE ? judge_unmatched(op, row) : judge_refused(group, op, row);
    if (row) bson_destroy(row);
    return verdict;
}
