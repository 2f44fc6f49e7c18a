// Topics over NNG pub/sub. A publisher sends a notice after its entry is durable; a subscriber follows
// streams without loss: a gap, a start, a reconnect or an announced head makes it read what is missing by
// Feed.Read. At least once, in order per stream.
#ifndef LIB_BUS_BUS_H
#define LIB_BUS_BUS_H

#include "bus.pb-c.h"
#include "lib/base/err.h"
#include "lib/rpc/server.h"

struct bus_publisher;

struct bus_publisher_options {
    const char *address;
    const uint8_t *bus_key;              // 32 bytes; all but ipc:// and inproc:// need it
    uint64_t generation;                 // the store's, or 0
    const struct schema_stream *streams; // that are published; NULL: schema_streams
};

// Heads of streams that changed are announced every 250 ms (none changed: the announcement only says that the
// publisher is there), those of the 4096 streams used last every 5 s.
MUST_CHECK bool bus_publisher_open(struct bus_publisher **publisher,
                                   const struct bus_publisher_options *options, struct err *err);
void bus_publisher_close(struct bus_publisher *publisher);
// Never blocks; may be called from any thread, in the stream's order. What is not
// declared as pushed travels without time, kind and payload.
void bus_publish(struct bus_publisher *publisher, const Bus__Notice *notice);

struct bus_subscriber;

// Called on the subscriber's thread, in order per stream, each seq at least once. notice->payload is "" for
// private notices when fetch_private is off, and in an announced head (see `wanted`). Returning false makes
// the subscriber deliver the notice again later, and from where the handler went back to by
// bus_subscriber_seek. When the publisher's store got other content (bus_subscriber_generation), every stream
// begins anew: with its oldest notice, a wanted one with the first that is heard.
typedef bool bus_handler(void *arg, const Bus__Notice *notice);

// Where a consumer that keeps its own cursor goes on.
struct bus_cursor {
    const char *stream;
    uint64_t seq; // the last one it has taken in
};

struct bus_subscriber_options {
    Conse__Asker__Value self; // which program follows
    const char *pattern;      // a stream, or a prefix followed by *
    const char *
        address; // the publisher's, or several joined by commas; tcp://name:port stands for all its addresses
    const char *feed_service; // whose Feed to read: "auth"
    const char *feed_address; // its RPC address
    const uint8_t *bus_key;
    bool fetch_private;
    bool from_start; // streams found at the start are read from their oldest notice, else from now on
    const struct bus_cursor *cursors; // copied; overrule from_start
    size_t cursors_count;
    uint64_t generation; // of the store that the cursors belong to; 0: of any
    bus_handler *handler;
    // Asked, on the subscriber's thread, about each stream that is heard of; NULL: all are wanted. What is
    // not wanted is neither remembered nor read. A wanted stream that is not known yet begins at the first
    // notice that is heard of it; when its head is heard of before, that is delivered, without kind and
    // payload, as the notice may have been lost. Not with from_start.
    bool (*wanted)(void *arg, const char *stream);
    // Called on the subscriber's thread after a pattern was added: nothing of it is lost from here on; or
    // NULL.
    void (*added)(void *arg, const char *pattern);
    void *arg; // of all three
};

// CALLER_REFUSED when no stream of the pattern is for this program.
MUST_CHECK bool bus_subscriber_start(struct bus_subscriber **subscriber,
                                     const struct bus_subscriber_options *options, struct err *err);
void bus_subscriber_stop(struct bus_subscriber *subscriber);
// Follows another pattern, at most 64 in all, soon after (see `added`); one that was added twice is removed
// twice. Any thread.
MUST_CHECK bool bus_subscriber_add(struct bus_subscriber *subscriber, const char *pattern, struct err *err);
void bus_subscriber_remove(struct bus_subscriber *subscriber, const char *pattern);
// Where a stream continues: the next notice delivered has seq + 1. Only from the handler.
void bus_subscriber_seek(struct bus_subscriber *subscriber, const char *stream, uint64_t seq);
// Of the publisher's store, as far as heard; 0 before. The newest known number of a stream, 0 when there is
// none. Only from the handler.
uint64_t bus_subscriber_generation(const struct bus_subscriber *subscriber);
uint64_t bus_subscriber_head(struct bus_subscriber *subscriber, const char *stream);
// Milliseconds since the subscriber last heard the publisher; INT64_MAX until it has learned what streams
// there are and has caught up with them. Any thread.
int64_t bus_subscriber_age_ms(const struct bus_subscriber *subscriber);

// True when stream fits the pattern.
bool bus_matches(const char *pattern, const char *stream);

#endif
