#include "lib/bus/streams.h"

#include <stdlib.h>
#include <string.h>

enum { RETRY_MIN_MS = 50, RETRY_MAX_MS = 5000, OVERTAKE_MS = 200, OVERTAKEN_MOST = 4 };

void bus_streams_init(struct bus_streams *streams, size_t max)
{
    *streams = (struct bus_streams){.max = max};
    streams->behind_end = &streams->behind;
}

void bus_streams_finish(struct bus_streams *streams)
{
    while (streams->newest) {
        struct bus_stream *stream = streams->newest;
        streams->newest = stream->older;
        free(stream);
    }
}

static struct bus_stream **bucket_of(struct bus_streams *streams, const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *c = name; *c; c++) hash = (hash ^ (uint8_t)*c) * 0x100000001b3u;
    return &streams->buckets[(hash ^ hash >> 32) % BUS_BUCKETS];
}

struct bus_stream *bus_streams_find(struct bus_streams *streams, const char *name)
{
    struct bus_stream *stream = *bucket_of(streams, name);
    while (stream && strcmp(stream->name, name) != 0) stream = stream->next_in_bucket;
    return stream;
}

static void unlink_age(struct bus_streams *streams, struct bus_stream *stream)
{
    *(stream->newer ? &stream->newer->older : &streams->newest) = stream->older;
    *(stream->older ? &stream->older->newer : &streams->oldest) = stream->newer;
}

static void push_newest(struct bus_streams *streams, struct bus_stream *stream)
{
    stream->newer = NULL;
    stream->older = streams->newest;
    *(streams->newest ? &streams->newest->newer : &streams->oldest) = stream;
    streams->newest = stream;
}

bool bus_streams_in_use(const struct bus_stream *stream)
{
    return stream->behind || stream->reading || stream->overtaken;
}

void bus_streams_forget(struct bus_streams *streams, struct bus_stream *stream)
{
    struct bus_stream **at = bucket_of(streams, stream->name);
    while (*at && *at != stream) at = &(*at)->next_in_bucket;
    if (*at) *at = stream->next_in_bucket;
    unlink_age(streams, stream);
    streams->count--;
    free(stream);
}

static void streams_evict(struct bus_streams *streams)
{
    struct bus_stream *stream = streams->oldest;
    while (stream && bus_streams_in_use(stream)) stream = stream->newer;
    if (stream) bus_streams_forget(streams, stream);
}

static struct bus_stream *streams_make(struct bus_streams *streams, const char *name)
{
    if (streams->count >= streams->max) streams_evict(streams);
    size_t size = strlen(name) + 1;
    struct bus_stream *stream = calloc(1, sizeof *stream + size);
    if (!stream) return NULL;
    memcpy(stream->name, name, size);
    struct bus_stream **bucket = bucket_of(streams, name);
    stream->next_in_bucket = *bucket;
    *bucket = stream;
    streams->count++;
    push_newest(streams, stream);
    return stream;
}

struct bus_stream *bus_streams_get(struct bus_streams *streams, const char *name, bool *made)
{
    struct bus_stream *stream = bus_streams_find(streams, name);
    *made = !stream;
    if (!stream) return streams_make(streams, name);
    unlink_age(streams, stream);
    push_newest(streams, stream);
    return stream;
}

void bus_streams_mark_behind(struct bus_streams *streams, struct bus_stream *stream)
{
    if (stream->behind || stream->reading) return;
    stream->behind = true;
    stream->next_behind = NULL;
    *streams->behind_end = stream;
    streams->behind_end = &stream->next_behind;
}

void bus_streams_hurry(struct bus_streams *streams, struct bus_stream *stream, int64_t now_ms)
{
    if (stream->reading && stream->overtaken < OVERTAKEN_MOST && now_ms - stream->read_ms >= OVERTAKE_MS) {
        stream->overtaken++;
        stream->reading = false;
        stream->reads++;
    }
    if (stream->retry_ms > now_ms + OVERTAKE_MS) stream->retry_ms = now_ms + OVERTAKE_MS;
    bus_streams_mark_behind(streams, stream);
}

struct bus_stream *bus_streams_pop_behind(struct bus_streams *streams)
{
    struct bus_stream *stream = streams->behind;
    if (!stream) return NULL;
    streams->behind = stream->next_behind;
    if (!streams->behind) streams->behind_end = &streams->behind;
    stream->behind = false;
    return stream;
}

void bus_streams_retry(struct bus_streams *streams, struct bus_stream *stream, int64_t now_ms)
{
    int64_t pause_ms = RETRY_MIN_MS;
    for (uint32_t i = 0; i < stream->failures && pause_ms < RETRY_MAX_MS; i++) pause_ms *= 2;
    stream->failures++;
    stream->retry_ms = now_ms + (pause_ms < RETRY_MAX_MS ? pause_ms : RETRY_MAX_MS);
    bus_streams_mark_behind(streams, stream);
}

void bus_streams_retry_read(struct bus_streams *streams, struct bus_stream *stream, uint32_t read,
                            int64_t now_ms)
{
    if (read == stream->reads) bus_streams_retry(streams, stream, now_ms);
}
