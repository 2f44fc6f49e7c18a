// Deciding writes by the answers. What is not a clear yes is looked up: by place, by source, by value.
#include <stdlib.h>
#include <string.h>

#include "lib/store/mongo/group.h"

static void work_decide(struct mongo_group *group, struct mongo_work *work)
{
    work->decided = true;
    work->op = NULL;
    group->undecided--;
}

void mongo_work_fail(struct mongo_group *group, struct mongo_work *work, Conse__Reason__Value reason,
                     const char *why)
{
    if (reason == CONSE__REASON__VALUE__STORE_FULL) group->store->full = true;
    store_failures_add(group->failures, work->job, reason, why);
    work_decide(group, work);
}

void mongo_work_done(struct mongo_group *group, struct mongo_work *work) { work_decide(group, work); }

// ---- Looking up

static bson_t *look_projection(void)
{
    return BCON_NEW("projection", "{", "n", BCON_INT32(1), "w", BCON_INT32(1), "o", BCON_INT32(1), "end",
                    BCON_INT32(1), "}");
}

static bool look_at_place(struct mongo_store *store, const struct mongo_op *op, bson_t **found)
{
    struct err err;
    bson_t *filter = bson_new();
    mongo_append_entry_id(filter, "_id", op->job->name, op->seq);
    return mongo_find_one(store, store->entries, filter, look_projection(), found, &err);
}

static bool look_at_source(struct mongo_store *store, const struct store_job *job, bson_t **found)
{
    struct err err;
    bson_t *filter = BCON_NEW("s", BCON_UTF8(job->name));
    mongo_append_origin(filter, &job->source, job->write_id);
    return mongo_find_one(store, store->entries, filter, look_projection(), found, &err);
}

bool mongo_has_source(struct mongo_store *store, const struct store_job *job, bool *unknown)
{
    bson_t *found;
    *unknown = !look_at_source(store, job, &found);
    if (*unknown || !found) return false;
    bson_destroy(found);
    return true;
}

// ---- Streams

static const struct mongo_verdict DURABLE = {.fate = MONGO_FATE_DURABLE}, KEEP = {.fate = MONGO_FATE_KEEP},
                                  CONFLICT = {MONGO_FATE_CONFLICT, CONSE__REASON__VALUE__CONFLICT,
                                              "the stream has other entries"};

// Whether our document, or another one of its source, is in the stream at all.
static bool find_source(struct mongo_group *group, const struct mongo_op *op, bool *there)
{
    bson_t *found;
    if (!look_at_source(group->store, op->job, &found)) return false;
    *there = found;
    if (!found) return true;
    bson_destroy(found);
    mongo_head_drop(&group->store->heads, op->job->name);
    return true;
}

static bool find_place(struct mongo_group *group, const struct mongo_op *op, bool *taken, bool *mine)
{
    bson_t *found;
    if (!look_at_place(group->store, op, &found)) return false;
    *taken = found;
    *mine = found && mongo_bytes_equal(found, "w", op->job->write_id, STORE_WRITE_ID);
    if (found) bson_destroy(found);
    return true;
}

// A source is in the index whatever its document's place is, and one that comes again is the usual case.
static struct mongo_verdict judge_place(struct mongo_group *group, const struct mongo_op *op)
{
    bool foreign = op->job->source.stream, there = false, taken = false, mine = false;
    if (op->fault.code == MONGO_TOO_LARGE) return mongo_judge_fault(op);
    if (foreign && !find_source(group, op, &there)) return KEEP;
    if (there) return DURABLE;
    if (!find_place(group, op, &taken, &mine)) return KEEP;
    if (mine) return DURABLE;
    if (!foreign && !find_source(group, op, &there)) return KEEP;
    if (there) return DURABLE;
    return taken ? CONFLICT : mongo_judge_fault(op);
}

// When what was known of the stream's end is too old by the time of the answer (the process was stopped), the
// stubs before the document may be gone, and with them what kept it from filling a hole.
enum follows {
    FOLLOWS_ENTRIES,
    FOLLOWS_THE_END, // of a deleted stream: nobody reads so far
    FOLLOWS_NOTHING, // it was trimmed since: ours was read before that, or came too late to be read
};

static bool look_before(struct mongo_store *store, const struct mongo_op *op, enum follows *follows)
{
    struct err err;
    bson_t *before;
    if (!mongo_find_one(store, store->entries, mongo_entry_range(op->job->name, 0, op->seq - 1),
                        BCON_NEW("sort", "{", "_id", BCON_INT32(-1), "}", "projection", "{", "n",
                                 BCON_INT32(1), "k", BCON_INT32(1), "end", BCON_INT32(1), "gone",
                                 BCON_INT32(1), "}"),
                        &before, &err))
        return false;
    bool adjoins = before && !mongo_has(before, "gone") &&
                   (uint64_t)(mongo_number(before, "n") + mongo_number(before, "k")) == op->seq;
    *follows = adjoins ? FOLLOWS_ENTRIES : FOLLOWS_NOTHING;
    if (before && mongo_true(before, "end")) *follows = FOLLOWS_THE_END;
    if (before) bson_destroy(before);
    return true;
}

static enum mongo_answer take_back(struct mongo_store *store, struct mongo_op *op)
{
    char *id = mongo_entry_id(op->job->name, op->seq);
    bson_t *command =
        BCON_NEW("delete", BCON_UTF8(store->entries), "deletes", "[", "{", "q", "{", "_id", BCON_UTF8(id),
                 "w", BCON_BIN(BSON_SUBTYPE_BINARY, op->job->write_id, STORE_WRITE_ID), "}", "limit",
                 BCON_INT32(1), "}", "]");
    free(id);
    return mongo_write_command(store, command, NULL, &op->fault);
}

static struct mongo_verdict judge_stale(struct mongo_group *group, struct mongo_op *op)
{
    enum follows follows;
    if (!look_before(group->store, op, &follows)) return KEEP;
    if (follows == FOLLOWS_ENTRIES) return DURABLE;
    if (follows == FOLLOWS_THE_END) return take_back(group->store, op) == MONGO_DONE ? CONFLICT : KEEP;
    return (struct mongo_verdict){MONGO_FATE_FAILED, CONSE__REASON__VALUE__OUTCOME_UNKNOWN,
                                  "the stream was trimmed while this process stood still"};
}

static struct mongo_verdict judge_entries(struct mongo_group *group, struct mongo_op *op)
{
    struct mongo_heads *heads = &group->store->heads;
    const struct mongo_head *head = mongo_head_find(heads, op->job->name);
    bool follows = head && head->seq + 1 == op->seq;
    if (!head && op->seq > 1) op->stale = true;
    struct mongo_verdict verdict = op->answer == MONGO_DONE ? DURABLE : judge_place(group, op);
    if (verdict.fate == MONGO_FATE_DURABLE && op->stale) verdict = judge_stale(group, op);
    // A source that was there already leaves the end unknown.
    bool moved = verdict.fate == MONGO_FATE_DURABLE && !op->stale &&
                 (op->answer == MONGO_DONE || (follows && mongo_head_find(heads, op->job->name)));
    if (moved)
        mongo_head_learn(heads, op->job->name, (struct mongo_end){.seq = op->seq + op->count - 1});
    else
        mongo_head_drop(heads, op->job->name);
    return verdict;
}

// The tombstone is in, so nothing else can be: what is left is to remove the entries.
static struct mongo_verdict end_stands(struct mongo_group *group, struct mongo_op *op)
{
    mongo_head_learn(&group->store->heads, op->job->name, (struct mongo_end){op->seq - 1, true});
    op->kind = MONGO_OP_CLEAR;
    return KEEP;
}

static struct mongo_verdict judge_end(struct mongo_group *group, struct mongo_op *op)
{
    bson_t *there;
    if (op->answer == MONGO_DONE) return end_stands(group, op);
    if (!look_at_place(group->store, op, &there)) return KEEP;
    if (!there) return mongo_judge_fault(op);
    bool mine = mongo_bytes_equal(there, "w", op->job->write_id, STORE_WRITE_ID);
    bson_destroy(there);
    if (mine) return end_stands(group, op);
    mongo_head_drop(&group->store->heads, op->job->name);
    if (op->job->version) return CONFLICT;
    return (struct mongo_verdict){.fate = MONGO_FATE_AGAIN};
}

static struct mongo_verdict judge_simple(const struct mongo_op *op)
{
    bool newer = op->kind == MONGO_OP_SNAPSHOT && op->fault.code == MONGO_DUPLICATE;
    return op->answer == MONGO_DONE || newer ? DURABLE : mongo_judge_fault(op);
}

static struct mongo_verdict judge_answered(struct mongo_group *group, struct mongo_op *op)
{
    switch (op->kind) {
    case MONGO_OP_ENTRIES:
        return judge_entries(group, op);
    case MONGO_OP_END:
        return judge_end(group, op);
    case MONGO_OP_ROW:
    case MONGO_OP_CHANGE:
    case MONGO_OP_MADE:
        return mongo_judge_row(group, op);
    default:
        return judge_simple(op);
    }
}

static struct mongo_verdict settle_judge(struct mongo_group *group, struct mongo_op *op)
{
    op->tries++;
    if (op->answer == MONGO_DONE || op->answer == MONGO_REFUSED) return judge_answered(group, op);
    if (op->answer == MONGO_UNKNOWN) op->unsure = true;
    bool open = op->unsure || op->kind == MONGO_OP_CLEAR;
    if (open && !mongo_is_closing(group->store)) return KEEP;
    if (op->kind == MONGO_OP_CLEAR) return DURABLE;
    return open ? (struct mongo_verdict){MONGO_FATE_FAILED, CONSE__REASON__VALUE__OUTCOME_UNKNOWN,
                                         "the store's server did not answer in time"}
                : (struct mongo_verdict){MONGO_FATE_FAILED, CONSE__REASON__VALUE__STORE_AWAY,
                                         "the store's server can't be reached"};
}

// A place that another took: who wants a certain place fails, who wants any comes again.
static void settle_work(struct mongo_group *group, struct mongo_work *work,
                        const struct mongo_verdict *verdict)
{
    bool any = work->job->kind == STORE_APPEND && work->job->at_end;
    bool again = verdict->fate == MONGO_FATE_AGAIN || (verdict->fate == MONGO_FATE_CONFLICT && any);
    work->op = NULL;
    if (again) return;
    if (verdict->fate == MONGO_FATE_DURABLE)
        mongo_work_done(group, work);
    else
        mongo_work_fail(group, work, verdict->reason, verdict->why);
}

static bool settle_op(struct mongo_group *group, struct mongo_op *op)
{
    struct mongo_verdict verdict = settle_judge(group, op);
    if (verdict.fate == MONGO_FATE_KEEP) return group->waits = true, false;
    for (struct mongo_work *work = op->first, *next; work; work = next) {
        next = work->next_of_op;
        settle_work(group, work, &verdict);
    }
    return true;
}

void mongo_settle_all(struct mongo_group *group)
{
    group->waits = false;
    for (struct mongo_op **at = &group->ops; *at;) {
        struct mongo_op *op = *at;
        if (!settle_op(group, op)) {
            at = &op->next;
            continue;
        }
        *at = op->next;
        mongo_op_free(op);
    }
    group->last_op = &group->ops;
    while (*group->last_op) group->last_op = &(*group->last_op)->next;
}
