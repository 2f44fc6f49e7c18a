// Choosing what goes out together: what rests on no undecided write. Writes to one stream or row keep their
// order; appends to one stream that follow one another become one document.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/store/mongo/group.h"

enum { SLOTS = 4096, MERGE_BYTES = 1 << 20, MERGE_ENTRIES = 4096 };

static const uint64_t MOST_SEQ = UINT32_MAX;

// The streams and rows that this wave has met, each with the operation that an append may still join.
struct wave_key {
    const struct store_job *job; // NULL: free
    struct mongo_op *open;
};

struct wave {
    struct mongo_group *group;
    struct wave_key keys[SLOTS];
};

static bool same_key(const struct store_job *a, const struct store_job *b)
{
    return a->model == b->model && strcmp(a->name, b->name) == 0;
}

static struct wave_key *wave_key(struct wave *wave, const struct store_job *job)
{
    uint64_t hash = (uintptr_t)job->model ^ 0xcbf29ce484222325;
    for (const char *at = job->name; *at; at++) hash = (hash ^ (uint8_t)*at) * 0x100000001b3;
    size_t slot = (hash ^ hash >> 32) % SLOTS;
    while (wave->keys[slot].job && !same_key(wave->keys[slot].job, job)) slot = (slot + 1) % SLOTS;
    return &wave->keys[slot];
}

static bool is_of_stream(const struct store_job *job)
{
    return !job->model && job->kind != STORE_EXPIRE_COMMANDS && job->kind != STORE_REFUSED;
}

// ---- Heads that are needed

// An append of entry 1 needs none: its document's place is taken when the stream exists, or did.
static bool needs_head(const struct mongo_group *group, const struct store_job *job)
{
    if (!is_of_stream(job) || mongo_head_find(&group->store->heads, job->name)) return false;
    return job->kind != STORE_APPEND || job->at_end || job->version != 1;
}

struct wanted_head {
    struct mongo_store *store;
    struct mongo_work *work;
    struct mongo_end end;
    struct err err;
    bool known;
};

static void head_read(void *arg, size_t at)
{
    struct wanted_head *wanted = (struct wanted_head *)arg + at;
    wanted->known = mongo_read_end(wanted->store, wanted->work->job->name, &wanted->end, &wanted->err);
}

static size_t want_heads(struct wave *wave, struct wanted_head *wanted)
{
    struct mongo_group *group = wave->group;
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++) {
        struct mongo_work *work = &group->works[i];
        if (work->decided || !is_of_stream(work->job)) continue;
        struct wave_key *key = wave_key(wave, work->job);
        if (key->job) continue;
        key->job = work->job;
        if (!work->op && needs_head(group, work->job))
            wanted[count++] = (struct wanted_head){.store = group->store, .work = work};
    }
    return count;
}

// What can't be read was not sent either.
static void learn_heads(struct wave *wave)
{
    struct mongo_group *group = wave->group;
    struct wanted_head *wanted = calloc(group->count, sizeof *wanted);
    if (!wanted) abort();
    size_t count = want_heads(wave, wanted);
    if (count) mongo_wave_run(group->store, head_read, wanted, count);
    for (size_t i = 0; i < count; i++) {
        if (wanted[i].known)
            mongo_head_learn(&group->store->heads, wanted[i].work->job->name, wanted[i].end);
        else
            mongo_work_fail(group, wanted[i].work, wanted[i].err.reason, "the stream's end can't be read");
    }
    free(wanted);
}

// ---- Operations

static void op_join(struct mongo_op *op, struct mongo_work *work)
{
    work->op = op;
    work->next_of_op = NULL;
    *op->last = work;
    op->last = &work->next_of_op;
    op->count += work->job->count;
    op->bytes += work->job->body.len;
}

static struct mongo_op *op_make(struct mongo_group *group, struct mongo_work *work, enum mongo_op_kind kind,
                                uint64_t seq)
{
    struct mongo_op *op = calloc(1, sizeof *op);
    if (!op) abort();
    op->kind = kind;
    op->job = work->job;
    op->seq = seq;
    op->last = &op->first;
    snprintf(op->collection, sizeof op->collection, "%s", group->store->entries);
    if (work->job->model) mongo_table_name(group->store, op->collection, work->job->model->table);
    op_join(op, work);
    *group->last_op = op;
    group->last_op = &op->next;
    return op;
}

// The stream has no such place, as far as is known; what is known may be old.
static struct mongo_op *refuse_place(struct mongo_group *group, struct mongo_work *work,
                                     const struct mongo_head *head, uint64_t seq)
{
    bool unknown = false;
    if (seq > head->seq + 1 && head->learnt_ms <= group->started_ms)
        mongo_head_drop(&group->store->heads, work->job->name);
    else if (work->job->source.stream && mongo_has_source(group->store, work->job, &unknown))
        mongo_work_done(group, work);
    else if (unknown)
        mongo_work_fail(group, work, CONSE__REASON__VALUE__STORE_AWAY, "the store's server can't be reached");
    else
        mongo_work_fail(group, work, CONSE__REASON__VALUE__CONFLICT, "the stream has other entries");
    return NULL;
}

static struct mongo_op *open_append(struct mongo_group *group, struct mongo_work *work)
{
    struct store_job *job = work->job;
    const struct mongo_head *head = mongo_head_find(&group->store->heads, job->name);
    if (!head && (job->at_end || job->version != 1)) return NULL; // it is asked for in the next wave
    if (head && head->ended)
        return mongo_work_fail(group, work, CONSE__REASON__VALUE__CONFLICT, "the stream was deleted"), NULL;
    uint64_t next = head ? head->seq + 1 : 1, seq = job->at_end ? next : job->version;
    bool begins = job->begins && next == 1 && seq > 1;
    if (seq != next && !begins) return refuse_place(group, work, head, seq);
    if (seq + job->count > MOST_SEQ)
        return mongo_work_fail(group, work, CONSE__REASON__VALUE__LIMIT_REACHED, "the stream is full"), NULL;
    struct mongo_op *op = op_make(group, work, MONGO_OP_ENTRIES, seq);
    op->begins = begins;
    return op;
}

static struct mongo_op *open_deletion(struct mongo_group *group, struct mongo_work *work)
{
    const struct store_job *job = work->job;
    const struct mongo_head *head = mongo_head_find(&group->store->heads, job->name);
    if (!head) return NULL;
    bool exists = head->seq && !head->ended;
    if (job->version && (exists ? head->seq != job->version : !job->begins || head->seq))
        return refuse_place(group, work, head, job->version + 1);
    if (head->ended) return op_make(group, work, MONGO_OP_CLEAR, head->seq + 1); // what an earlier one left
    if (!exists && !job->begins) return mongo_work_done(group, work), NULL;
    struct mongo_op *op = op_make(group, work, MONGO_OP_END, (exists ? head->seq : job->version) + 1);
    op->begins = !exists;
    return op;
}

static struct mongo_op *open_snapshot(struct mongo_group *group, struct mongo_work *work)
{
    const struct mongo_head *head = mongo_head_find(&group->store->heads, work->job->name);
    if (!head) return NULL;
    if (!head->ended && head->seq >= work->job->version)
        return op_make(group, work, MONGO_OP_SNAPSHOT, work->job->version);
    if (!head->ended && head->learnt_ms <= group->started_ms)
        return mongo_head_drop(&group->store->heads, work->job->name), NULL;
    mongo_work_fail(group, work, CONSE__REASON__VALUE__CONFLICT, "the stream does not reach to the snapshot");
    return NULL;
}

static struct mongo_op *open_trim(struct mongo_group *group, struct mongo_work *work)
{
    const struct mongo_head *head = mongo_head_find(&group->store->heads, work->job->name);
    if (!head) return NULL;
    if (!head->seq || head->ended) return mongo_work_done(group, work), NULL;
    uint64_t before = work->job->version < head->seq ? work->job->version : head->seq;
    return op_make(group, work, MONGO_OP_TRIM, before);
}

static struct mongo_op *open_row(struct mongo_group *group, struct mongo_work *work)
{
    const struct store_job *job = work->job;
    bool inserts = job->kind == STORE_PUT && job->version == 0;
    enum mongo_op_kind kind = job->made ? MONGO_OP_MADE : inserts ? MONGO_OP_ROW : MONGO_OP_CHANGE;
    return op_make(group, work, kind, job->version);
}

static struct mongo_op *open_any(struct mongo_group *group, struct mongo_work *work)
{
    switch (work->job->kind) {
    case STORE_APPEND:
        return open_append(group, work);
    case STORE_DELETE_STREAM:
        return open_deletion(group, work);
    case STORE_SNAPSHOT:
        return open_snapshot(group, work);
    case STORE_TRIM_STREAM:
        return open_trim(group, work);
    case STORE_REDACT:
        return op_make(group, work, MONGO_OP_REDACT, work->job->version);
    case STORE_EXPIRE_COMMANDS:
        return op_make(group, work, MONGO_OP_EXPIRE, 0);
    case STORE_PUT:
    case STORE_DELETE:
        return open_row(group, work);
    case STORE_REFUSED:
        break;
    }
    mongo_work_fail(group, work, CONSE__REASON__VALUE__SERVICE_BUSY, "too many writes are waiting");
    return NULL;
}

// ---- The wave

// The undecided write of this group that it was decided on; NULL when there is none.
static struct mongo_work *undecided_before(const struct mongo_group *group, const struct store_job *job)
{
    uint64_t first = group->works[0].job->ticket;
    if (job->after < first || job->after >= job->ticket) return NULL;
    struct mongo_work *before = &group->works[job->after - first];
    return before->decided ? NULL : before;
}

static bool may_join(const struct mongo_group *group, const struct mongo_op *op, const struct store_job *job)
{
    const struct mongo_work *before = undecided_before(group, job);
    if (!op || op->kind != MONGO_OP_ENTRIES || op->unsure || op->begins || (before && before->op != op))
        return false;
    if (job->kind != STORE_APPEND || job->source.stream || op->job->source.stream) return false;
    if (job->attached.len) return false; // a document's are those of its first append
    if (!job->at_end && job->version != op->seq + op->count) return false;
    return op->bytes + job->body.len <= MERGE_BYTES && op->count + job->count <= MERGE_ENTRIES &&
           op->seq + op->count + job->count <= MOST_SEQ;
}

static bool has_command(const struct mongo_op *op, const struct store_job *job)
{
    for (const struct mongo_work *work = op->first; job->command && work; work = work->next_of_op)
        if (work->job->command &&
            memcmp(work->job->command->id, job->command->id, sizeof job->command->id) == 0)
            return true;
    return false;
}

// A command is carried out once in a document: a second one is behind the first, of which its caller did not
// know.
static void wave_join(struct mongo_group *group, struct mongo_op *op, struct mongo_work *work)
{
    if (has_command(op, work->job))
        mongo_work_fail(group, work, CONSE__REASON__VALUE__CONFLICT,
                        "the command was carried out by another call");
    else
        op_join(op, work);
}

static void wave_take(struct wave *wave, struct mongo_work *work)
{
    struct mongo_group *group = wave->group;
    bool keyed = work->job->kind != STORE_EXPIRE_COMMANDS && work->job->kind != STORE_REFUSED;
    struct wave_key *key = keyed ? wave_key(wave, work->job) : NULL;
    if (key && key->job) {
        if (!work->op && may_join(group, key->open, work->job))
            wave_join(group, key->open, work);
        else
            key->open = NULL;
        return;
    }
    struct mongo_op *op = work->op;
    if (!op && !undecided_before(group, work->job)) op = open_any(group, work);
    if (key && !work->decided) *key = (struct wave_key){work->job, op};
}

void mongo_wave_choose(struct mongo_group *group)
{
    struct wave *wave = calloc(1, sizeof *wave);
    if (!wave) abort();
    wave->group = group;
    learn_heads(wave);
    memset(wave->keys, 0, sizeof wave->keys);
    for (size_t i = 0; i < group->count; i++) {
        struct mongo_work *work = &group->works[i];
        if (work->decided) continue;
        if (!work->op && store_failures_doomed(group->failures, work->job)) {
            work->decided = true;
            group->undecided--;
            continue;
        }
        wave_take(wave, work);
    }
    free(wave);
}
