#include "services/chain/outbox/outbox.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t JOBS_MAX = UINT64_C(1) << 24;

struct outbox_place {
    uint64_t hash;
    uint8_t id[OUTBOX_ID_BYTES];
    struct outbox_job *job; // owned
};

void outbox_init(struct outbox *outbox, const uint8_t seed[16])
{
    *outbox = (struct outbox){.spare = NULL};
    ledger_map_init(&outbox->jobs, sizeof(struct outbox_place), OUTBOX_ID_BYTES, JOBS_MAX, seed);
}

void outbox_finish(struct outbox *outbox)
{
    for (const struct outbox_place *place = NULL; (place = ledger_map_next(&outbox->jobs, place));)
        free(place->job);
    ledger_map_finish(&outbox->jobs);
    free(outbox->spare);
    outbox->spare = NULL;
}

// ---- Finding

void outbox_id(const struct outbox_aim *aim, uint8_t id[OUTBOX_ID_BYTES])
{
    crypto_generichash_state state;
    const uint8_t head[] = {(uint8_t)aim->kind, aim->slot};
    crypto_generichash_init(&state, NULL, 0, OUTBOX_ID_BYTES);
    crypto_generichash_update(&state, head, sizeof head);
    crypto_generichash_update(&state, aim->subject, sizeof aim->subject);
    crypto_generichash_update(&state, aim->reference.bytes, sizeof aim->reference.bytes);
    crypto_generichash_final(&state, id, OUTBOX_ID_BYTES);
}

static struct outbox_place *find_place(const struct outbox *outbox, const uint8_t id[OUTBOX_ID_BYTES])
{
    return outbox->jobs.count ? ledger_map_find(&outbox->jobs, id) : NULL;
}

const struct outbox_job *outbox_find(const struct outbox *outbox, const struct outbox_aim *aim)
{
    uint8_t id[OUTBOX_ID_BYTES];
    outbox_id(aim, id);
    const struct outbox_place *place = find_place(outbox, id);
    return place ? place->job : NULL;
}

bool outbox_is_apart(const struct outbox_job *job)
{
    return job->tries >= OUTBOX_TRIES || job->state == OUTBOX_STUCK;
}

const struct outbox_job *outbox_next(const struct outbox *outbox, const struct outbox_job *job)
{
    const struct outbox_place *place =
        ledger_map_next(&outbox->jobs, job ? find_place(outbox, job->id) : NULL);
    return place ? place->job : NULL;
}

// ---- Entries

static bool read_aim(const Ledger__JobChanged *changed, struct outbox_aim *aim)
{
    bool named = changed->reference.len;
    *aim = (struct outbox_aim){.kind = (enum outbox_kind)changed->kind, .slot = (uint8_t)changed->slot};
    if (!changed->kind || changed->kind >= OUTBOX_KINDS || changed->slot > UINT8_MAX ||
        changed->subject.len != sizeof aim->subject ||
        (named && changed->reference.len != sizeof aim->reference.bytes))
        return false;
    memcpy(aim->subject, changed->subject.data, sizeof aim->subject);
    if (named) memcpy(aim->reference.bytes, changed->reference.data, sizeof aim->reference.bytes);
    return true;
}

static bool is_of_aim(const Ledger__JobChanged *changed)
{
    uint8_t id[OUTBOX_ID_BYTES];
    struct outbox_aim aim;
    if (!read_aim(changed, &aim) || changed->job.len != sizeof id) return false;
    outbox_id(&aim, id);
    return memcmp(id, changed->job.data, sizeof id) == 0;
}

static bool has_same_bytes(const struct outbox_job *job, const Ledger__JobChanged *changed)
{
    return changed->transaction.len == job->len && changed->last_valid_height == job->last_valid_height &&
           memcmp(changed->transaction.data, job->bytes, job->len) == 0;
}

// What may still land is not replaced.
static const char *check_move(const struct outbox_job *job, const Ledger__JobChanged *changed)
{
    bool sends = changed->state == OUTBOX_SENT, idle = job->state == OUTBOX_DUE || job->state == OUTBOX_STUCK;
    if (sends && !idle) return "its bytes may still land";
    if (sends) return changed->transaction.len ? NULL : "it sends nothing";
    return has_same_bytes(job, changed) ? NULL : "its bytes change without being sent";
}

const char *outbox_check(struct outbox *outbox, const Ledger__Entry *entry)
{
    const Ledger__JobChanged *changed = entry->job_changed;
    if (entry->body_case != LEDGER__ENTRY__BODY_JOB_CHANGED) return NULL;
    if (!is_of_aim(changed) || changed->state >= OUTBOX_STATES || changed->transaction.len > OUTBOX_BYTES_MAX)
        return "it changes no job";
    const struct outbox_place *place = find_place(outbox, changed->job.data);
    if (place) return check_move(place->job, changed);
    if (changed->state != OUTBOX_SENT || !changed->transaction.len) return "a job begins with what is sent";
    if (!outbox->spare) outbox->spare = calloc(1, sizeof *outbox->spare);
    return outbox->spare && ledger_map_reserve(&outbox->jobs, 1) ? NULL : "there is no memory for it";
}

static struct outbox_job *add_job(struct outbox *outbox, const uint8_t id[OUTBOX_ID_BYTES])
{
    struct outbox_job *job = outbox->spare;
    struct outbox_place *place = ledger_map_put(&outbox->jobs, id);
    outbox->spare = NULL;
    place->job = job;
    memcpy(job->id, id, sizeof job->id);
    return job;
}

static void remove_job(struct outbox *outbox, struct outbox_place *place)
{
    free(place->job);
    ledger_map_remove(&outbox->jobs, place);
}

static void take_bytes(struct outbox_job *job, const Ledger__JobChanged *changed)
{
    job->tries++;
    job->last_valid_height = changed->last_valid_height;
    job->len = (uint16_t)changed->transaction.len;
    memcpy(job->bytes, changed->transaction.data, job->len);
}

void outbox_apply(struct outbox *outbox, const Ledger__Entry *entry)
{
    const Ledger__JobChanged *changed = entry->job_changed;
    if (entry->body_case != LEDGER__ENTRY__BODY_JOB_CHANGED) return;
    struct outbox_place *place = find_place(outbox, changed->job.data);
    if (changed->state == OUTBOX_DONE) {
        remove_job(outbox, place);
        return;
    }
    struct outbox_job *job = place ? place->job : add_job(outbox, changed->job.data);
    if (!place) {
        job->since_ms = entry->time_ms;
        if (!read_aim(changed, &job->aim)) return; // it was checked
    }
    job->state = (enum outbox_state)changed->state;
    if (changed->state == OUTBOX_SENT) take_bytes(job, changed);
}

// ---- Snapshots

enum { JOB_BYTES = 1 + OUTBOX_ID_BYTES + 1 + PAYMENT_KEY_BYTES + 1 + 8 + 4 + 8 + 2 };

size_t outbox_size(const struct outbox *outbox)
{
    size_t size = 8;
    for (const struct outbox_job *job = NULL; (job = outbox_next(outbox, job));) size += JOB_BYTES + job->len;
    return size;
}

static void write_job(const struct outbox_job *job, struct fields_writer *writer)
{
    fields_put_uint(writer, job->aim.kind, 1);
    fields_put(writer, job->aim.subject, sizeof job->aim.subject);
    fields_put_uint(writer, job->aim.slot, 1);
    fields_put(writer, job->aim.reference.bytes, sizeof job->aim.reference.bytes);
    fields_put_uint(writer, job->state, 1);
    fields_put_uint(writer, job->last_valid_height, 8);
    fields_put_uint(writer, job->tries, 4);
    fields_put_uint(writer, (uint64_t)job->since_ms, 8);
    fields_put_uint(writer, job->len, 2);
    fields_put(writer, job->bytes, job->len);
}

void outbox_write(const struct outbox *outbox, struct fields_writer *writer)
{
    fields_put_uint(writer, outbox->jobs.count, 8);
    for (const struct outbox_job *job = NULL; (job = outbox_next(outbox, job));) write_job(job, writer);
}

static bool read_job(struct outbox_job *job, struct fields_reader *reader)
{
    uint64_t kind = fields_get_uint(reader, 1);
    fields_get(reader, job->aim.subject, sizeof job->aim.subject);
    job->aim.kind = (enum outbox_kind)kind;
    job->aim.slot = (uint8_t)fields_get_uint(reader, 1);
    fields_get(reader, job->aim.reference.bytes, sizeof job->aim.reference.bytes);
    uint64_t state = fields_get_uint(reader, 1);
    job->state = (enum outbox_state)state;
    job->last_valid_height = fields_get_uint(reader, 8);
    job->tries = (uint32_t)fields_get_uint(reader, 4);
    job->since_ms = (int64_t)fields_get_uint(reader, 8);
    job->len = (uint16_t)fields_get_uint(reader, 2);
    if (job->len > sizeof job->bytes) return false;
    fields_get(reader, job->bytes, job->len);
    return !reader->failed && kind && kind < OUTBOX_KINDS && state < OUTBOX_STATES && state != OUTBOX_DONE;
}

static bool take_job(struct outbox *outbox, struct fields_reader *reader)
{
    if (!outbox->spare) outbox->spare = calloc(1, sizeof *outbox->spare);
    if (!outbox->spare || !read_job(outbox->spare, reader) || !ledger_map_reserve(&outbox->jobs, 1))
        return false;
    uint8_t id[OUTBOX_ID_BYTES];
    outbox_id(&outbox->spare->aim, id);
    if (find_place(outbox, id)) return false;
    add_job(outbox, id);
    return true;
}

bool outbox_read(struct outbox *outbox, struct fields_reader *reader)
{
    uint64_t count = fields_get_uint(reader, 8);
    for (uint64_t i = 0; i < count; i++)
        if (reader->failed || !take_job(outbox, reader)) return false;
    return !reader->failed;
}
