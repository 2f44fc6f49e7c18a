#include <stdlib.h>
#include <string.h>

#include "lib/store/testing/shared_process.h"

static bool shared_store_fail(struct err *err)
{
    err_fail(err, STORE_AWAY, SHARED_AWAY);
    err->retry_after_s = 1;
    return false;
}

// The server's lock is held, also when this fails.
static bool shared_store_read_begin(void *backend, struct shared_process **process, struct err *err)
{
    *process = shared_store_enter(backend);
    (*process)->reads++;
    return !(*process)->away || shared_store_fail(err);
}

static struct shared_server *seen_by(const struct shared_process *process)
{
    return process->past ? process->past : process->server;
}

static bool out_of_arena(struct err *err)
{
    return err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
}

bool shared_store_get(void *backend, const struct store_model *model, const char *id, struct arena *arena,
                      ProtobufCMessage **message, uint64_t *version, struct err *err)
{
    struct shared_process *process;
    bool ok = shared_store_read_begin(backend, &process, err) &&
              shared_store_row_get(seen_by(process), model, id, arena, message, version, err);
    shared_store_leave(process);
    return ok;
}

bool shared_store_find(void *backend, const struct store_scan *scan, struct arena *arena,
                       struct store_rows *rows, struct err *err)
{
    struct shared_process *process;
    bool ok = shared_store_read_begin(backend, &process, err) &&
              shared_store_row_find(seen_by(process), scan, arena, rows, err);
    shared_store_leave(process);
    return ok;
}

// The entries of a document from `from` on, behind those of the page.
static bool take_document(const struct shared_document *document, uint64_t from, struct arena *arena,
                          struct store_entries *page, struct err *err)
{
    size_t skip = from > document->first_seq ? (size_t)(from - document->first_seq) : 0;
    ProtobufCBinaryData *split = page->entries + page->count;
    uint8_t *bytes = arena_copy(arena, document->bytes.data, document->bytes.len);
    if (!bytes) return out_of_arena(err);
    if (!store_entries_split(bytes, document->bytes.len, document->count, split))
        return err_fail(err, STORE_CORRUPT, "a document is none");
    if (skip) memmove(split, split + skip, (document->count - skip) * sizeof *split);
    if (!page->count) page->first_seq = document->first_seq + skip;
    page->count += document->count - skip;
    page->by = arena_str(arena, document->by);
    return page->by || out_of_arena(err);
}

static bool is_carried(const struct shared_command *command, const char *stream)
{
    return !command->of_table && strcmp(command->place, stream) == 0;
}

static struct store_known known_of(const struct shared_command *command)
{
    struct store_known known = {.seq = command->seq, .time_ms = command->stored.time_ms};
    memcpy(known.id, command->stored.id, sizeof known.id);
    memcpy(known.request_hash, command->stored.request_hash, sizeof known.request_hash);
    return known;
}

// The commands of a stream that are no older, from one entry to another.
static bool take_commands(const struct shared_server *server, const char *stream, int64_t since_ms,
                          uint64_t from, uint64_t to, struct arena *arena, struct store_known **commands,
                          size_t *count, struct err *err)
{
    *commands = arena_array(arena, server->command_count + 1, sizeof **commands);
    if (!*commands) return out_of_arena(err);
    for (size_t i = 0; i < server->command_count; i++) {
        const struct shared_command *command = &server->commands[i];
        if (is_carried(command, stream) && command->stored.time_ms >= since_ms && command->seq >= from &&
            command->seq <= to)
            (*commands)[(*count)++] = known_of(command);
    }
    return true;
}

// How many entries a page from a document on may have, with those of the document that are not asked for.
static size_t most_entries(const struct shared_stream *stream, size_t at, size_t limit)
{
    size_t count = 0, first = at < stream->count ? stream->documents[at].count : 0;
    for (; at < stream->count && count < limit + first; at++) count += stream->documents[at].count;
    return count + 1;
}

static bool read_page(struct shared_process *process, const struct shared_stream *stream, uint64_t from,
                      size_t limit, struct arena *arena, struct store_entries *page, struct err *err)
{
    size_t at = 0;
    while (at < stream->count && stream->documents[at].first_seq + stream->documents[at].count <= from) at++;
    page->entries = arena_array(arena, most_entries(stream, at, limit), sizeof *page->entries);
    if (!page->entries) return out_of_arena(err);
    for (; at < stream->count && page->count < limit; at++)
        if (!take_document(&stream->documents[at], from, arena, page, err)) return false;
    page->more = at < stream->count;
    page->ended = stream->ended;
    if (stream->ended && !(page->by = arena_str(arena, stream->ended_by))) return out_of_arena(err);
    struct store_known *commands;
    uint64_t to = stream->ended ? UINT64_MAX : page->first_seq + page->count - 1;
    if (!take_commands(seen_by(process), stream->name, INT64_MIN, from, to, arena, &commands,
                       &page->command_count, err))
        return false;
    page->commands = commands;
    return true;
}

bool shared_store_read(void *backend, const char *name, uint64_t from, size_t limit, struct arena *arena,
                       struct store_entries *page, struct err *err)
{
    struct shared_process *process;
    bool ok = shared_store_read_begin(backend, &process, err);
    const struct shared_stream *stream = ok ? shared_store_stream_find(seen_by(process), name) : NULL;
    if (stream) ok = read_page(process, stream, from, limit, arena, page, err);
    shared_store_leave(process);
    return ok;
}

static const struct shared_document *document_at(const struct shared_stream *stream, uint64_t seq)
{
    for (size_t i = 0; stream && i < stream->count; i++)
        if (stream->documents[i].first_seq == seq) return &stream->documents[i];
    return NULL;
}

bool shared_store_attached(void *backend, const char *name, uint64_t seq, struct arena *arena,
                           ProtobufCBinaryData *attached, struct err *err)
{
    struct shared_process *process;
    bool ok = shared_store_read_begin(backend, &process, err);
    const struct shared_document *document =
        ok ? document_at(shared_store_stream_find(seen_by(process), name), seq) : NULL;
    if (document && document->attached.len) {
        attached->len = document->attached.len;
        attached->data = arena_copy(arena, document->attached.data, attached->len);
        ok = attached->data || out_of_arena(err);
    }
    shared_store_leave(process);
    return ok;
}

bool shared_store_read_snapshot(void *backend, const char *name, struct arena *arena, uint64_t *seq,
                                ProtobufCBinaryData *state, struct err *err)
{
    struct shared_process *process;
    bool ok = shared_store_read_begin(backend, &process, err);
    const struct shared_stream *stream = ok ? shared_store_stream_find(seen_by(process), name) : NULL;
    if (stream && stream->snapshot_seq) {
        *seq = stream->snapshot_seq;
        state->len = stream->snapshot.len;
        state->data = arena_copy(arena, stream->snapshot.data, state->len);
        ok = state->data || out_of_arena(err);
    }
    shared_store_leave(process);
    return ok;
}

bool shared_store_head(void *backend, const char *name, uint64_t *seq, struct err *err)
{
    struct shared_process *process;
    bool ok = shared_store_read_begin(backend, &process, err);
    if (ok) *seq = shared_store_stream_head(shared_store_stream_find(seen_by(process), name));
    shared_store_leave(process);
    return ok;
}

bool shared_store_oldest(void *backend, const char *name, uint64_t *seq, struct err *err)
{
    struct shared_process *process;
    bool ok = shared_store_read_begin(backend, &process, err);
    const struct shared_stream *stream = ok ? shared_store_stream_find(seen_by(process), name) : NULL;
    if (stream && stream->count) *seq = stream->documents[0].first_seq;
    shared_store_leave(process);
    return ok;
}

bool shared_store_barrier(void *backend, uint64_t *generation, struct err *err)
{
    struct shared_process *process;
    bool ok = shared_store_read_begin(backend, &process, err);
    process->barriers++;
    if (ok) shared_store_hold_read(process);
    if (ok && (process->probes_fail || process->past)) ok = shared_store_fail(err);
    shared_store_server_destroy(process->past); // now it looks for the primary
    process->past = NULL;
    *generation = process->server->generation;
    shared_store_leave(process);
    return ok;
}

bool shared_store_probe(void *backend, const char *name, uint64_t seq, bool *current, struct err *err)
{
    struct shared_process *process;
    bool ok = shared_store_read_begin(backend, &process, err);
    process->probes++;
    if (ok && process->probes_fail) ok = shared_store_fail(err);
    const struct shared_stream *stream = ok ? shared_store_stream_find(seen_by(process), name) : NULL;
    *current = ok && !(stream && stream->ended) && shared_store_stream_head(stream) == seq;
    shared_store_leave(process);
    return ok;
}

// The stream that comes next by name among those with the prefix; ended ones too.
static const struct shared_stream *next_stream(const struct shared_server *server, const char *prefix,
                                               const char *after)
{
    const struct shared_stream *next = NULL;
    for (const struct shared_stream *stream = server->streams; stream; stream = stream->next) {
        bool fits = strncmp(stream->name, prefix, strlen(prefix)) == 0 && strcmp(stream->name, after) > 0;
        if (fits && (!next || strcmp(stream->name, next->name) < 0)) next = stream;
    }
    return next;
}

bool shared_store_heads(void *backend, const char *prefix, const char *after, size_t limit,
                        struct arena *arena, struct store_head **heads, size_t *count, struct err *err)
{
    struct shared_process *process;
    bool ok = shared_store_read_begin(backend, &process, err);
    const struct shared_stream *stream;
    *heads = arena_array(arena, limit, sizeof **heads);
    if (ok && !*heads) ok = out_of_arena(err);
    while (ok && *count < limit && (stream = next_stream(seen_by(process), prefix, after))) {
        after = stream->name;
        if (stream->ended) continue;
        struct store_head *head = &(*heads)[(*count)++];
        *head = (struct store_head){arena_str(arena, stream->name), shared_store_stream_head(stream)};
        ok = head->stream || out_of_arena(err);
    }
    shared_store_leave(process);
    return ok;
}

// ---- Commands

static const struct shared_command *command_named(const struct shared_server *server,
                                                  const struct store_model *model, const uint8_t id[32])
{
    for (size_t i = server->command_count; i-- > 0;) {
        const struct shared_command *command = &server->commands[i];
        bool here = command->of_table == (model != NULL) &&
                    (!model || strcmp(command->place, model->table->name) == 0);
        if (here && memcmp(command->stored.id, id, 32) == 0) return command;
    }
    return NULL;
}

bool shared_store_command_find(void *backend, const struct store_model *model, const uint8_t id[32],
                               struct arena *arena, bool *found, struct store_command *command,
                               struct err *err)
{
    struct shared_process *process;
    bool ok = shared_store_read_begin(backend, &process, err);
    const struct shared_command *there = ok ? command_named(seen_by(process), model, id) : NULL;
    if (there) {
        *found = true;
        *command = there->stored;
        command->reply.data = arena_copy(arena, there->stored.reply.data, there->stored.reply.len);
        ok = command->reply.data || out_of_arena(err);
    }
    shared_store_leave(process);
    return ok;
}

bool shared_store_commands(void *backend, const char *stream, int64_t since_ms, struct arena *arena,
                           struct store_known **commands, size_t *count, struct err *err)
{
    struct shared_process *process;
    bool ok = shared_store_read_begin(backend, &process, err) &&
              take_commands(seen_by(process), stream, since_ms, 0, UINT64_MAX, arena, commands, count, err);
    shared_store_leave(process);
    return ok;
}

// ---- The whole

struct shared_visitor {
    bool (*visit)(void *arg, const struct store_item *item, struct err *err);
    void *arg;
};

static bool each_document(const struct shared_stream *stream, const struct shared_document *document,
                          const struct shared_visitor *visitor, struct err *err)
{
    ProtobufCBinaryData *entries = shared_store_alloc(document->count * sizeof *entries);
    bool ok = store_entries_split(document->bytes.data, document->bytes.len, document->count, entries);
    for (size_t i = 0; ok && i < document->count; i++) {
        struct store_item item = {
            .id = stream->name, .version = document->first_seq + i, .bytes = entries[i]};
        if (i == 0)
            item.source =
                (struct store_source){document->source, document->source_seq, document->source_print};
        if (i == 0) item.attached = document->attached;
        ok = visitor->visit(visitor->arg, &item, err);
    }
    free(entries);
    return ok;
}

static bool each_stream(const struct shared_stream *stream, const struct shared_visitor *visitor,
                        struct err *err)
{
    struct store_item end = {.id = stream->name, .version = stream->last_seq, .ended = true};
    if (stream->ended) return visitor->visit(visitor->arg, &end, err);
    for (size_t i = 0; i < stream->count; i++)
        if (!each_document(stream, &stream->documents[i], visitor, err)) return false;
    return true;
}

static bool each_row(const struct shared_table *table, const struct store_table *declared,
                     const struct shared_visitor *visitor, struct err *err)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct shared_row *row = &table->rows[i];
        struct store_item item = {
            .table = declared, .id = row->id, .version = row->version, .bytes = row->bytes};
        if (!row->gone && !visitor->visit(visitor->arg, &item, err)) return false;
    }
    return true;
}

// Visits under the server's lock.
bool shared_store_each(void *backend,
                       bool (*visit)(void *arg, const struct store_item *item, struct err *err), void *arg,
                       struct err *err)
{
    struct shared_process *process;
    const struct shared_visitor visitor = {visit, arg};
    const struct shared_stream *stream;
    bool ok = shared_store_read_begin(backend, &process, err);
    for (size_t i = 0; ok && i < process->model_count; i++) {
        const struct store_table *table = process->models[i].table;
        ok = each_row(shared_store_table_of(seen_by(process), table->name), table, &visitor, err);
    }
    for (const char *after = ""; ok && (stream = next_stream(seen_by(process), "", after));
         after = stream->name)
        ok = each_stream(stream, &visitor, err);
    shared_store_leave(process);
    return ok;
}
