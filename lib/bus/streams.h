// Streams by name with their sequence numbers, at most a fixed number: the one touched longest ago is
// dropped. One thread.
#ifndef LIB_BUS_STREAMS_H
#define LIB_BUS_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bus_stream {
    uint64_t head;      // newest sequence number heard of
    uint64_t cursor;    // subscriber: the last one delivered
    bool changed;       // publisher: not announced yet
    bool pushed;        // publisher: its notices travel whole
    bool behind;        // subscriber: in the list of streams to be read
    bool reading;       // subscriber: a Feed.Read is on its way
    uint32_t overtaken; // subscriber: so many more are, which others were sent after
    uint32_t reads;     // subscriber: how often that happened; the newest Feed.Read carries it
    int64_t read_ms;    // subscriber: monotonic: when the newest was sent
    bool anew;          // subscriber: nothing was heard of it since its numbers started over
    uint32_t failures;
    int64_t retry_ms; // monotonic: not to be read before
    struct bus_stream *next_behind;
    struct bus_stream *next_in_bucket, *newer, *older;
    char name[];
};

enum { BUS_BUCKETS = 1024 };

struct bus_streams {
    struct bus_stream *buckets[BUS_BUCKETS];
    struct bus_stream *newest, *oldest;
    struct bus_stream *behind, **behind_end; // to be read, in order of arrival
    size_t count, max;
};

void bus_streams_init(struct bus_streams *streams, size_t max);
void bus_streams_finish(struct bus_streams *streams);
struct bus_stream *bus_streams_find(struct bus_streams *streams,
                                    const char *name); // may be absent; does not touch
// Touches it; created when absent (*made). NULL without memory.
struct bus_stream *bus_streams_get(struct bus_streams *streams, const char *name, bool *made);
// Whether it is behind, or being read.
bool bus_streams_in_use(const struct bus_stream *stream);
// Removes it; it must not be in use.
void bus_streams_forget(struct bus_streams *streams, struct bus_stream *stream);

// Puts it at the end of those to be read, unless it is there or being read.
void bus_streams_mark_behind(struct bus_streams *streams, struct bus_stream *stream);
// As mark_behind, of a stream whose publisher is heard. A read that has got no answer for 200 ms is overtaken
// by another one, because its peer may be silent; and no try is further away than that.
void bus_streams_hurry(struct bus_streams *streams, struct bus_stream *stream, int64_t now_ms);
// The first of them, or NULL.
struct bus_stream *bus_streams_pop_behind(struct bus_streams *streams);
// As mark_behind, to be read after a pause of 50 ms that doubles with each failure, up to 5 s.
void bus_streams_retry(struct bus_streams *streams, struct bus_stream *stream, int64_t now_ms);
// The same after the read that carried this number, unless it was overtaken: a peer that is silent fails it
// late, and says nothing of the others.
void bus_streams_retry_read(struct bus_streams *streams, struct bus_stream *stream, uint32_t read,
                            int64_t now_ms);

#endif
