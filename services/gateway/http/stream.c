// Answers in pieces. The library asks for more; when there is none its connection is suspended until more
// comes.
#include "services/gateway/http/connection.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_BYTES = 4096,      // of the library, for each stream
    WAIT_BYTES = 128 * 1024, // from here on a writer should wait
    LOW_BYTES = 64 * 1024,   // and may go on
    MOST_BYTES = 256 * 1024,
    MOST_PIECES = 1024,
};

struct piece {
    struct piece *next;
    struct shared *shared; // held
    size_t from, len;
};

struct http_stream {
    struct connection *connection;
    const struct http_stream_owner *owner;
    void *arg;
    struct piece *first, **last;
    size_t bytes, pieces; // that wait
    bool starves;         // the library has asked in vain, and the connection is suspended
    bool waits;           // the owner, for room
    bool whole;           // nothing more comes
    enum http_end why;
};

static void drop_first(struct http_stream *stream)
{
    struct piece *piece = stream->first;
    stream->first = piece->next;
    if (!stream->first) stream->last = &stream->first;
    stream->pieces--;
    shared_drop(piece->shared);
    free(piece);
}

static size_t copy_some(struct http_stream *stream, char *out, size_t most)
{
    struct piece *piece = stream->first;
    size_t len = piece->len < most ? piece->len : most;
    memcpy(out, piece->shared->bytes + piece->from, len);
    piece->from += len;
    piece->len -= len;
    stream->bytes -= len;
    if (piece->len == 0) drop_first(stream);
    return len;
}

static ssize_t read_more(void *arg, uint64_t at, char *out, size_t most)
{
    struct http_stream *stream = arg;
    (void)at;
    if (stream->connection->cut) return MHD_CONTENT_READER_END_WITH_ERROR;
    if (!stream->first && stream->whole) return MHD_CONTENT_READER_END_OF_STREAM;
    if (!stream->first) {
        stream->starves = true;
        MHD_suspend_connection(stream->connection->mhd);
        return 0;
    }
    size_t len = copy_some(stream, out, most);
    if (stream->waits && stream->bytes < LOW_BYTES) {
        stream->waits = false;
        stream->owner->writable(stream->arg);
    }
    return (ssize_t)len;
}

// ---- The owner's side

struct http_stream *http_begin(struct http_exchange *exchange, const struct http_answer *head,
                               const struct http_stream_owner *owner, void *arg)
{
    struct connection *connection = (struct connection *)exchange;
    if (!answer_is_due(connection)) return NULL;
    struct http_stream *stream = calloc(1, sizeof *stream);
    struct MHD_Response *response =
        stream ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_more, stream, NULL)
               : NULL;
    if (!response) abort();
    *stream = (struct http_stream){
        .connection = connection, .owner = owner, .arg = arg, .last = &stream->first, .why = HTTP_END_LEFT};
    connection->stream = stream;
    struct http_answer counted = *head;
    counted.len = 0;
    counted.charge = head->charge ? head->charge : MOST_BYTES;
    counted.close |= connection->server->quiesced;
    answer_head(response, &counted);
    answer_give(connection, response, &counted);
    return stream;
}

void stream_wake(struct http_stream *stream)
{
    if (!stream->starves) return;
    stream->starves = false;
    MHD_resume_connection(stream->connection->mhd);
    stream->connection->server->due = true;
}

enum http_room http_write(struct http_stream *stream, struct shared *shared, size_t from, size_t len)
{
    if (len == 0) return HTTP_GO_ON;
    if (stream->first && (stream->bytes + len > MOST_BYTES || stream->pieces == MOST_PIECES))
        return stream->waits = true, HTTP_NO_ROOM;
    struct piece *piece = malloc(sizeof *piece);
    if (!piece) abort();
    *piece = (struct piece){.shared = shared_hold(shared), .from = from, .len = len};
    *stream->last = piece;
    stream->last = &piece->next;
    stream->pieces++;
    stream->bytes += len;
    stream_wake(stream);
    stream->waits = stream->bytes >= WAIT_BYTES;
    return stream->waits ? HTTP_WAIT : HTTP_GO_ON;
}

void http_end(struct http_stream *stream)
{
    stream->whole = true;
    stream_wake(stream);
}

// ---- The server's side

bool stream_starves(const struct http_stream *stream) { return stream && stream->starves; }

void stream_fail(struct http_stream *stream, enum http_end why)
{
    stream->why = why;
    stream->connection->cut = true;
    stream_wake(stream);
}

void stream_finish(struct connection *connection, bool sent)
{
    struct http_stream *stream = connection->stream;
    if (!stream) return;
    connection->stream = NULL;
    while (stream->first) drop_first(stream);
    stream->owner->ended(stream->arg, sent ? HTTP_END_DONE : stream->why);
    free(stream);
}
