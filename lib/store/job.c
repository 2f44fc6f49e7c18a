#include "lib/store/job.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

// A job's block, filled from the front.
struct block {
    struct store_job *job;
    char *free;
};

static size_t job_aligned(size_t size) { return (size + 7) & ~(size_t)7; }

static void *job_take(struct block *block, const void *bytes, size_t len)
{
    void *copy = block->free;
    block->free += job_aligned(len);
    if (len && bytes) memcpy(copy, bytes, len);
    return copy;
}

// With room for `more` bytes behind the name and the command.
static struct block job_create(enum store_job_kind kind, const char *name, size_t more,
                               const struct store_write *write)
{
    const struct store_command *command = write ? write->command : NULL;
    size_t name_len = strlen(name) + 1,
           size = sizeof(struct store_job) + job_aligned(name_len) + job_aligned(more);
    if (command) size += sizeof *command + job_aligned(command->reply.len);
    const char *source = write ? write->source.stream : NULL;
    if (source) size += job_aligned(strlen(source) + 1);
    const ProtobufCBinaryData attached = write ? write->attached : (ProtobufCBinaryData){0};
    assert(attached.len <= STORE_MOST_ATTACHED);
    size += job_aligned(attached.len);
    struct store_job *job = malloc(size);
    if (!job) abort();
    struct block block = {job, (char *)(job + 1)};
    *job = (struct store_job){.kind = kind, .size = size, .name = job_take(&block, name, name_len)};
    if (write) {
        job->done = write->done;
        job->arg = write->arg;
        job->after = write->after;
        job->begins = write->begins;
        job->source = write->source;
        if (source) job->source.stream = job_take(&block, source, strlen(source) + 1);
        job->attached = (ProtobufCBinaryData){attached.len, job_take(&block, attached.data, attached.len)};
    }
    if (!command) return block;
    job->command = job_take(&block, command, sizeof *command);
    job->command->reply.data = job_take(&block, command->reply.data, command->reply.len);
    return block;
}

static size_t values_size(const struct store_model *model, const ProtobufCMessage *message)
{
    size_t size = job_aligned(model->field_count * sizeof(struct store_value));
    for (size_t i = 0; i < model->field_count; i++)
        size += job_aligned(store_field_value(&model->fields[i], message).len + 1);
    return size;
}

static void put_values(struct block *block, const struct store_model *model, const ProtobufCMessage *message)
{
    struct store_value *values = job_take(block, NULL, model->field_count * sizeof *values);
    for (size_t i = 0; i < model->field_count; i++) {
        values[i] = store_field_value(&model->fields[i], message);
        if (!values[i].text) continue;
        char *copy = job_take(block, NULL, values[i].len + 1);
        memcpy(copy, values[i].text, values[i].len);
        copy[values[i].len] = 0;
        values[i].text = copy;
    }
    block->job->values = values;
}

struct store_job *store_job_put(const struct store_model *model, const ProtobufCMessage *message,
                                uint64_t version, const struct store_write *write)
{
    const char *id = store_field_value(&model->key, message).text;
    assert(*id && "a row needs an id");
    size_t packed = protobuf_c_message_get_packed_size(message);
    struct block block = job_create(STORE_PUT, id, job_aligned(packed) + values_size(model, message), write);
    struct store_job *job = block.job;
    put_values(&block, model, message);
    job->model = model;
    job->version = version;
    job->body = (ProtobufCBinaryData){packed, job_take(&block, NULL, packed)};
    protobuf_c_message_pack(message, job->body.data);
    return job;
}

struct store_job *store_job_delete(const struct store_model *model, const char *id, uint64_t version,
                                   const struct store_write *write)
{
    struct store_job *job = job_create(STORE_DELETE, id, 0, write).job;
    job->model = model;
    job->version = version;
    return job;
}

struct store_job *store_job_append(const char *stream, const ProtobufCBinaryData *entries, size_t count,
                                   const struct store_write *write)
{
    size_t size = store_entries_size(entries, count);
    struct block block = job_create(STORE_APPEND, stream, size, write);
    block.job->count = (uint32_t)count;
    block.job->body = (ProtobufCBinaryData){size, job_take(&block, NULL, size)};
    store_entries_pack(block.job->body.data, entries, count);
    return block.job;
}

struct store_job *store_job_delete_stream(const char *stream, uint64_t last_seq,
                                          const struct store_write *write)
{
    struct store_job *job = job_create(STORE_DELETE_STREAM, stream, 0, write).job;
    job->version = last_seq;
    return job;
}

struct store_job *store_job_trim_stream(const char *stream, uint64_t before_seq, bool *more)
{
    struct store_job *job = job_create(STORE_TRIM_STREAM, stream, 0, NULL).job;
    job->version = before_seq;
    job->more = more;
    return job;
}

struct store_job *store_job_redact(const char *stream, uint64_t seq, ProtobufCBinaryData stub,
                                   const struct store_write *write)
{
    struct block block = job_create(STORE_REDACT, stream, stub.len, write);
    block.job->version = seq;
    block.job->body = (ProtobufCBinaryData){stub.len, job_take(&block, stub.data, stub.len)};
    return block.job;
}

struct store_job *store_job_snapshot(const char *stream, uint64_t seq, ProtobufCBinaryData state)
{
    struct block block = job_create(STORE_SNAPSHOT, stream, state.len, NULL);
    block.job->version = seq;
    block.job->body = (ProtobufCBinaryData){state.len, job_take(&block, state.data, state.len)};
    return block.job;
}

struct store_job *store_job_expire(int64_t before_ms, bool *more)
{
    struct store_job *job = job_create(STORE_EXPIRE_COMMANDS, "", 0, NULL).job;
    job->expire_before_ms = before_ms;
    job->more = more;
    return job;
}

void store_job_mark(struct store_job *job) { randombytes_buf(job->write_id, sizeof job->write_id); }
