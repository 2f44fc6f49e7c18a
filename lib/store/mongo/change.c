// Rows: how they are inserted and changed by version, and what an answer means for them. A deleted row stays
// for a day with a higher version, so that a late resend of an old change finds no row that it fits.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/mongo/group.h"

enum { MOST_TRIES = 50 };

// ---- Documents

static void append_readable_body(bson_t *document, const struct store_job *job)
{
    ProtobufCMessage *message =
        protobuf_c_message_unpack(job->model->table->type, NULL, job->body.len, job->body.data);
    if (!message) return;
    mongo_append_readable(document, "x", message);
    protobuf_c_message_free_unpacked(message, NULL);
}

static void append_content(bson_t *document, const struct store_job *job, uint64_t version)
{
    bson_append_int64(document, "v", -1, (int64_t)version);
    mongo_append_bytes(document, "w", job->write_id, STORE_WRITE_ID);
    mongo_append_bytes(document, "p", job->body.data, job->body.len);
    mongo_append_values(document, job->model, job->values, job->name);
    append_readable_body(document, job);
}

bson_t *mongo_row_document(const struct mongo_op *op)
{
    const struct store_job *job = op->job;
    bson_t *document = bson_new(), commands;
    bson_append_utf8(document, "_id", -1, job->name, -1);
    append_content(document, job, 1);
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
    mongo_append_bytes(set, "w", job->write_id, STORE_WRITE_ID);
    mongo_append_values(set, job->model, NULL, job->name);
    bson_append_int64(set, "gone", -1, now_ms);
    bson_append_int64(set, "t", -1, now_ms);
}

static void append_update(bson_t *update, const struct mongo_op *op)
{
    const struct store_job *job = op->job;
    bson_t set, push;
    bool put = job->kind == STORE_PUT;
    bson_append_document_begin(update, "$set", -1, &set);
    if (put)
        append_content(&set, job, op->seq + 1);
    else
        append_deletion(&set, job, op->seq + 1);
    if (put && job->command) bson_append_int64(&set, "t", -1, job->command->time_ms);
    bson_append_document_end(update, &set);
    if (!put) BCON_APPEND(update, "$unset", "{", "p", "", "f", "", "x", "", "}");
    if (op->revives) BCON_APPEND(update, "$unset", "{", "gone", "", "}");
    if (!job->command) return;
    bson_append_document_begin(update, "$push", -1, &push);
    mongo_append_command(&push, "c", job->command, 0);
    bson_append_document_end(update, &push);
}

// A command of its own, so that its answer says whether the row had the version.
bson_t *mongo_row_change(const struct mongo_op *op)
{
    bson_t *command = BCON_NEW("update", BCON_UTF8(op->collection)), updates, statement, update;
    bson_append_array_begin(command, "updates", -1, &updates);
    bson_append_document_begin(&updates, "0", -1, &statement);
    BCON_APPEND(&statement, "q", "{", "_id", BCON_UTF8(op->job->name), "v", BCON_INT64((int64_t)op->seq),
                "gone", "{", "$exists", BCON_BOOL(op->revives), "}", "}");
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
    if (op->fault.code == MONGO_DUPLICATE && op->tries < MOST_TRIES) return KEEP;
    log_error("the store's server refuses a write", F_STR("collection", op->collection),
              F_INT("code", op->fault.code), F_STR("error", op->fault.message));
    return row_failed(CONSE__REASON__VALUE__INTERNAL_ERROR, "the store's server refuses it");
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
        BCON_NEW("projection", "{", "v", BCON_INT32(1), "w", BCON_INT32(1), "gone", BCON_INT32(1), "}"), row,
        &err);
}

static bool is_mine(const bson_t *row, const struct mongo_op *op)
{
    return row && mongo_bytes_equal(row, "w", op->job->write_id, STORE_WRITE_ID);
}

// A row that was deleted makes room for a new one, which goes on with its versions. An insert that had no
// answer may have been carried out, and what it made changed or deleted since.
static struct mongo_verdict judge_there(struct mongo_op *op, const bson_t *row)
{
    if (op->unsure && mongo_number(row, "v") > 1)
        return row_failed(CONSE__REASON__VALUE__OUTCOME_UNKNOWN, "the row was changed meanwhile");
    if (!mongo_has(row, "gone")) return row_conflict("a row with this id exists");
    bson_destroy(op->document);
    op->document = NULL;
    op->kind = MONGO_OP_CHANGE;
    op->revives = true;
    op->seq = (uint64_t)mongo_number(row, "v");
    return KEEP;
}

// A change that had no answer may have been carried out, and the row changed again since.
static struct mongo_verdict judge_unmatched(const struct mongo_op *op, const bson_t *row)
{
    if (is_mine(row, op)) return DURABLE;
    if (op->unsure && row && (uint64_t)mongo_number(row, "v") > op->seq + 1)
        return row_failed(CONSE__REASON__VALUE__OUTCOME_UNKNOWN, "the row was changed again meanwhile");
    return row_conflict("the row changed or is gone");
}

struct mongo_verdict mongo_judge_row(struct mongo_group *group, struct mongo_op *op)
{
    bson_t *row;
    if (op->answer == MONGO_DONE && (op->kind == MONGO_OP_ROW || op->matched)) return DURABLE;
    if (op->fault.code == MONGO_TOO_LARGE) return mongo_judge_fault(op);
    if (!find_row(group->store, op, &row)) return KEEP;
    struct mongo_verdict verdict;
    if (op->answer == MONGO_DONE)
        verdict = judge_unmatched(op, row);
    else if (is_mine(row, op))
        verdict = DURABLE;
    else if (op->kind == MONGO_OP_ROW && row)
        verdict = judge_there(op, row);
    else
        verdict = judge_values(group, op);
    if (row) bson_destroy(row);
    if (op->revives && verdict.fate == MONGO_FATE_FAILED &&
        verdict.reason == CONSE__REASON__VALUE__CONFLICT && op->answer == MONGO_DONE && !op->unsure)
        return AGAIN; // it was purged, or another one took its place
    return verdict;
}
