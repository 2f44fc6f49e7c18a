// The content of a server as it was: what a process reads that is still at a primary which was deposed.
#include <stdlib.h>
#include <string.h>

#include "lib/store/testing/shared_process.h"

static struct shared_document copy_document(const struct shared_document *document)
{
    struct shared_document copy = *document;
    copy.bytes = shared_store_copy_bytes(document->bytes);
    copy.attached = shared_store_copy_bytes(document->attached);
    copy.source = document->source ? shared_store_copy_text(document->source) : NULL;
    copy.by = shared_store_copy_text(document->by);
    return copy;
}

static struct shared_stream *copy_stream(const struct shared_stream *stream)
{
    struct shared_stream *copy = shared_store_alloc(sizeof *copy);
    *copy = *stream;
    copy->name = shared_store_copy_text(stream->name);
    copy->room = stream->count;
    copy->documents = shared_store_alloc(stream->count * sizeof *copy->documents);
    for (size_t i = 0; i < stream->count; i++) copy->documents[i] = copy_document(&stream->documents[i]);
    copy->ended_by = stream->ended_by ? shared_store_copy_text(stream->ended_by) : NULL;
    copy->snapshot = shared_store_copy_bytes(stream->snapshot);
    return copy;
}

// Without index values, which are taken by the model of each table that is declared.
static struct shared_table *copy_table(const struct shared_table *table)
{
    struct shared_table *copy = shared_store_alloc(sizeof *copy);
    *copy = *table;
    copy->name = shared_store_copy_text(table->name);
    copy->room = table->count;
    copy->rows = shared_store_alloc(table->count * sizeof *copy->rows);
    for (size_t i = 0; i < table->count; i++) {
        const struct shared_row *row = &table->rows[i];
        copy->rows[i] = (struct shared_row){.id = shared_store_copy_text(row->id),
                                            .version = row->version,
                                            .gone = row->gone,
                                            .bytes = shared_store_copy_bytes(row->bytes)};
    }
    return copy;
}

static void copy_commands(struct shared_server *past, const struct shared_server *server)
{
    past->command_count = past->command_room = server->command_count;
    past->commands = shared_store_alloc(server->command_count * sizeof *past->commands);
    for (size_t i = 0; i < server->command_count; i++) {
        past->commands[i] = server->commands[i];
        past->commands[i].stored.reply = shared_store_copy_bytes(server->commands[i].stored.reply);
        past->commands[i].place = shared_store_copy_text(server->commands[i].place);
    }
}

struct shared_server *shared_store_past_of(const struct shared_process *process)
{
    const struct shared_server *server = process->server;
    struct shared_server *past = shared_store_server_create(server->name);
    struct shared_stream **stream_at = &past->streams;
    struct shared_table **table_at = &past->tables;
    for (const struct shared_stream *stream = server->streams; stream; stream = stream->next) {
        *stream_at = copy_stream(stream);
        stream_at = &(*stream_at)->next;
    }
    for (const struct shared_table *table = server->tables; table; table = table->next) {
        *table_at = copy_table(table);
        table_at = &(*table_at)->next;
    }
    copy_commands(past, server);
    for (size_t i = 0; i < process->model_count; i++)
        shared_store_table_index(shared_store_table_of(past, process->models[i].table->name),
                                 &process->models[i]);
    return past;
}
