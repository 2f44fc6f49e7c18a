#include "lib/store/testing/shared_server.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define FAULT(name, text) ((struct shared_fault){CONSE__REASON__VALUE__##name, text})
#define DONE ((struct shared_fault){0})

struct shared_done {
    struct shared_done *next;
    uint8_t write_id[STORE_WRITE_ID];
};

static pthread_mutex_t servers_lock = PTHREAD_MUTEX_INITIALIZER;
static struct shared_server *servers;

// ---- Memory

void *shared_store_alloc(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory) abort();
    return memory;
}

char *shared_store_copy_text(const char *text) { return strcpy(shared_store_alloc(strlen(text) + 1), text); }

ProtobufCBinaryData shared_store_copy_bytes(ProtobufCBinaryData bytes)
{
    ProtobufCBinaryData copy = {bytes.len, shared_store_alloc(bytes.len)};
    if (bytes.len) memcpy(copy.data, bytes.data, bytes.len);
    return copy;
}

void *shared_store_grow(void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room) return items;
    *room = *room ? 2 * *room : 8;
    items = realloc(items, *room * size);
    if (!items) abort();
    return items;
}

// ---- Servers

struct shared_server *shared_store_server_create(const char *name)
{
    struct shared_server *server = shared_store_alloc(sizeof *server);
    server->name = shared_store_copy_text(name);
    while (!server->generation) randombytes_buf(&server->generation, sizeof server->generation);
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->changed, NULL);
    return server;
}

struct shared_server *shared_store_server_named(const char *name)
{
    pthread_mutex_lock(&servers_lock);
    struct shared_server *server = servers;
    while (server && strcmp(server->name, name) != 0) server = server->next;
    if (!server) {
        server = shared_store_server_create(name);
        server->next = servers;
        servers = server;
    }
    pthread_mutex_unlock(&servers_lock);
    return server;
}

static void document_finish(struct shared_document *document)
{
    free(document->bytes.data);
    free(document->source);
    free(document->attached.data);
    free(document->by);
}

static void stream_clear(struct shared_stream *stream)
{
    for (size_t i = 0; i < stream->count; i++) document_finish(&stream->documents[i]);
    stream->count = 0;
    free(stream->snapshot.data);
    stream->snapshot = (ProtobufCBinaryData){0};
    stream->snapshot_seq = 0;
}

static void streams_drop(struct shared_server *server)
{
    while (server->streams) {
        struct shared_stream *stream = server->streams;
        server->streams = stream->next;
        stream_clear(stream);
        free(stream->documents);
        free(stream->ended_by);
        free(stream->name);
        free(stream);
    }
}

static void command_finish(struct shared_command *command)
{
    free(command->stored.reply.data);
    free(command->place);
}

static void commands_drop(struct shared_server *server)
{
    for (size_t i = 0; i < server->command_count; i++) command_finish(&server->commands[i]);
    free(server->commands);
}

static void done_drop(struct shared_server *server)
{
    for (size_t i = 0; i < SHARED_DONE_SLOTS; i++)
        while (server->done[i]) {
            struct shared_done *done = server->done[i];
            server->done[i] = done->next;
            free(done);
        }
}

void shared_store_server_destroy(struct shared_server *server)
{
    if (!server) return;
    streams_drop(server);
    shared_store_tables_drop(server);
    commands_drop(server);
    done_drop(server);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    free(server->name);
    free(server);
}

void shared_store_server_drop(const char *name)
{
    pthread_mutex_lock(&servers_lock);
    struct shared_server **at = &servers;
    while (*at && strcmp((*at)->name, name) != 0) at = &(*at)->next;
    struct shared_server *server = *at;
    if (server) *at = server->next;
    pthread_mutex_unlock(&servers_lock);
    shared_store_server_destroy(server);
}

// ---- Streams

struct shared_stream *shared_store_stream_find(struct shared_server *server, const char *name)
{
    struct shared_stream *stream = server->streams;
    while (stream && strcmp(stream->name, name) != 0) stream = stream->next;
    return stream;
}

static struct shared_stream *stream_make(struct shared_server *server, const char *name)
{
    struct shared_stream *stream = shared_store_alloc(sizeof *stream);
    stream->name = shared_store_copy_text(name);
    stream->next = server->streams;
    return server->streams = stream;
}

uint64_t shared_store_stream_head(const struct shared_stream *stream)
{
    if (!stream || !stream->count) return 0;
    const struct shared_document *last = &stream->documents[stream->count - 1];
    return last->first_seq + last->count - 1;
}

static bool has_source(const struct shared_stream *stream, const struct store_source *source)
{
    for (size_t i = 0; source->stream && stream && i < stream->count; i++) {
        const struct shared_document *document = &stream->documents[i];
        if (document->source && document->source_seq == source->seq &&
            document->source_print == source->print && strcmp(document->source, source->stream) == 0)
            return true;
    }
    return false;
}

static void add_document(struct shared_stream *stream, uint64_t seq, const struct store_job *job,
                         const char *by)
{
    stream->documents =
        shared_store_grow(stream->documents, stream->count, &stream->room, sizeof *stream->documents);
    const char *source = job->source.stream;
    stream->documents[stream->count++] =
        (struct shared_document){.first_seq = seq,
                                 .count = job->count,
                                 .bytes = shared_store_copy_bytes(job->body),
                                 .source = source ? shared_store_copy_text(source) : NULL,
                                 .source_seq = job->source.seq,
                                 .source_print = job->source.print,
                                 .attached = shared_store_copy_bytes(job->attached),
                                 .by = shared_store_copy_text(by)};
}

// *seq becomes the number of the append's last entry; 0 when its source was there, and nothing is written.
static struct shared_fault server_append(struct shared_server *server, const struct store_job *job,
                                         const char *by, uint64_t *seq)
{
    struct shared_stream *stream = shared_store_stream_find(server, job->name);
    *seq = 0;
    if (stream && stream->ended) return FAULT(CONFLICT, "the stream was deleted");
    if (has_source(stream, &job->source)) return DONE;
    uint64_t next = shared_store_stream_head(stream) + 1, first = job->at_end ? next : job->version;
    if (first != next && (stream || !job->begins)) return FAULT(CONFLICT, "the stream has other entries");
    if (first + job->count > UINT32_MAX) return FAULT(LIMIT_REACHED, "the stream is full");
    if (!stream) stream = stream_make(server, job->name);
    add_document(stream, first, job, by);
    *seq = first + job->count - 1;
    return DONE;
}

static struct shared_fault server_delete_stream(struct shared_server *server, const struct store_job *job,
                                                const char *by, uint64_t *seq)
{
    struct shared_stream *stream = shared_store_stream_find(server, job->name);
    bool begins = !stream && job->begins;
    if (begins) stream = stream_make(server, job->name);
    uint64_t head = begins ? job->version : shared_store_stream_head(stream);
    *seq = head + 1;
    if (job->version && head != job->version) return FAULT(CONFLICT, "the stream has other entries");
    if (!stream || stream->ended) return DONE;
    stream_clear(stream);
    stream->ended = true;
    stream->last_seq = head;
    stream->ended_by = shared_store_copy_text(by);
    return DONE;
}

static struct shared_fault server_trim(struct shared_server *server, const struct store_job *job)
{
    struct shared_stream *stream = shared_store_stream_find(server, job->name);
    size_t drop = 0;
    if (!stream) return DONE;
    while (drop + 1 < stream->count && stream->documents[drop + 1].first_seq <= job->version)
        document_finish(&stream->documents[drop++]);
    stream->count -= drop;
    memmove(stream->documents, stream->documents + drop, stream->count * sizeof *stream->documents);
    return DONE;
}

static void redact_in(struct shared_document *document, const struct store_job *job)
{
    ProtobufCBinaryData *entries = shared_store_alloc(document->count * sizeof *entries), whole;
    bool split = store_entries_split(document->bytes.data, document->bytes.len, document->count, entries);
    assert(split);
    entries[job->version - document->first_seq] = job->body;
    whole.len = store_entries_size(entries, document->count);
    whole.data = shared_store_alloc(whole.len + 1);
    store_entries_pack(whole.data, entries, document->count);
    free(document->bytes.data);
    free(entries);
    document->bytes = whole;
}

static struct shared_fault server_redact(struct shared_server *server, const struct store_job *job)
{
    struct shared_stream *stream = shared_store_stream_find(server, job->name);
    for (size_t i = 0; stream && i < stream->count; i++) {
        struct shared_document *document = &stream->documents[i];
        if (job->version >= document->first_seq && job->version - document->first_seq < document->count)
            redact_in(document, job);
    }
    return DONE;
}

static struct shared_fault server_snapshot(struct shared_server *server, const struct store_job *job)
{
    struct shared_stream *stream = shared_store_stream_find(server, job->name);
    if (!stream || shared_store_stream_head(stream) < job->version)
        return FAULT(CONFLICT, "the stream does not reach to the snapshot");
    if (job->version < stream->snapshot_seq) return DONE;
    free(stream->snapshot.data);
    stream->snapshot = shared_store_copy_bytes(job->body);
    stream->snapshot_seq = job->version;
    return DONE;
}

// ---- Commands

static void keep_command(struct shared_server *server, const struct store_job *job, uint64_t seq)
{
    if (!job->command) return;
    server->commands = shared_store_grow(server->commands, server->command_count, &server->command_room,
                                         sizeof *server->commands);
    struct shared_command *command = &server->commands[server->command_count++];
    *command = (struct shared_command){.stored = *job->command, .of_table = job->model != NULL, .seq = seq};
    command->stored.reply = shared_store_copy_bytes(job->command->reply);
    command->place = shared_store_copy_text(job->model ? job->model->table->name : job->name);
}

static struct shared_fault server_expire(struct shared_server *server, const struct store_job *job)
{
    size_t kept = 0;
    for (size_t i = 0; i < server->command_count; i++) {
        struct shared_command *command = &server->commands[i];
        if (command->stored.time_ms < job->expire_before_ms)
            command_finish(command);
        else
            server->commands[kept++] = *command;
    }
    server->command_count = kept;
    return DONE;
}

// ---- Writes

static struct shared_done **done_slot(struct shared_server *server, const uint8_t *write_id)
{
    return &server->done[(write_id[0] | write_id[1] << 8) % SHARED_DONE_SLOTS];
}

static bool was_done(struct shared_server *server, const uint8_t *write_id)
{
    const struct shared_done *done = *done_slot(server, write_id);
    while (done && memcmp(done->write_id, write_id, STORE_WRITE_ID) != 0) done = done->next;
    return done;
}

static void note_done(struct shared_server *server, const uint8_t *write_id)
{
    struct shared_done *done = shared_store_alloc(sizeof *done), **slot = done_slot(server, write_id);
    memcpy(done->write_id, write_id, STORE_WRITE_ID);
    done->next = *slot;
    *slot = done;
}

static struct shared_fault server_apply(struct shared_server *server, const struct store_job *job,
                                        const char *by, uint64_t *seq)
{
    switch (job->kind) {
    case STORE_PUT:
        return shared_store_row_put(server, job);
    case STORE_DELETE:
        return shared_store_row_delete(server, job);
    case STORE_APPEND:
        return server_append(server, job, by, seq);
    case STORE_DELETE_STREAM:
        return server_delete_stream(server, job, by, seq);
    case STORE_TRIM_STREAM:
        return server_trim(server, job);
    case STORE_REDACT:
        return server_redact(server, job);
    case STORE_SNAPSHOT:
        return server_snapshot(server, job);
    case STORE_EXPIRE_COMMANDS:
        return server_expire(server, job);
    case STORE_REFUSED:
        break;
    }
    assert(!"a refused write is not sent");
    return DONE;
}

struct shared_fault shared_store_server_execute(struct shared_server *server, const struct store_job *job,
                                                const char *by)
{
    uint64_t seq = 0;
    if (was_done(server, job->write_id)) return DONE;
    struct shared_fault fault = server_apply(server, job, by, &seq);
    if (fault.reason) return fault;
    note_done(server, job->write_id);
    if (job->kind != STORE_APPEND || seq) keep_command(server, job, seq);
    return DONE;
}
