// Topics over NNG pub/sub. A publisher sends a notice after its entry is durable. A subscriber follows
// streams without loss: at a gap, a start, a reconnect or an announced head it reads what is missing by
// Feed.Read. Delivery is at least once, in order per stream.
#ifndef LIB_BUS_BUS_H
#define LIB_BUS_BUS_H

#include "bus.pb-c.h"
#include "lib/base/err.h"
#include "lib/rpc/server.h"

struct bus_keys;
struct bus_publisher;

struct bus_publisher_options {
    const char *service; // "auth", which publishes
    const char *address;
    struct bus_keys *bus_keys;           // of the process; all but ipc:// and inproc:// need them
    uint64_t generation;                 // the store's, or 0
    const struct schema_stream *streams; // the published ones; NULL: schema_streams
    struct store *store; // has the announced ones, until bus_publisher_leave. NULL: there are none
};

// Heads of changed streams are announced every 250 ms (an empty announcement only says that the publisher is
// alive), those of the 4096 streams used last every 5 s, and those of announced streams every 250 ms as the
// store has them.
MUST_CHECK bool bus_publisher_open(struct bus_publisher **publisher,
                                   const struct bus_publisher_options *options, struct err *err);
// Reads the store no more; what its last commits publish still goes out. NULL is fine.
void bus_publisher_leave(struct bus_publisher *publisher);
void bus_publisher_close(struct bus_publisher *publisher); // leaves it too
// Never blocks; may be called from any thread, in the stream's order. A notice of a stream that is not
// declared as pushed is sent without time, kind and payload.
void bus_publish(struct bus_publisher *publisher, const Bus__Notice *notice);

// Tells the other processes of the service a number of a stream that is declared as theirs (peers). Nobody
// else listens to these, they are not announced and nothing makes up for one that is lost. Never blocks; any
// thread.
void bus_tell_peers(struct bus_publisher *publisher, const char *stream, uint64_t seq);

// Tells subscribers that take hints something about the stream that none of its notices says, or none yet:
// what it is about, or with a kind and a payload what it is. It has no number. Nothing makes up for one that
// is lost. Never blocks; any thread.
void bus_hint(struct bus_publisher *publisher, const Bus__Notice *hint);

struct bus_subscriber;

// Called on the subscriber's thread, in order per stream, each seq at least once. notice->payload is "" for
// private notices when fetch_private is off, and in an announced head (see `wanted`). When it returns false,
// the subscriber delivers the notice again later, or continues from where the handler went back to by
// bus_subscriber_seek. When the publisher's store was replaced (bus_subscriber_generation), every stream
// starts over: with its oldest notice, a wanted one with the first that is heard.
typedef bool bus_handler(void *arg, const Bus__Notice *notice);

// Where a consumer that keeps its own cursor continues.
struct bus_cursor {
    const char *stream;
    uint64_t seq; // the last one applied
};

struct bus_subscriber_options {
    Conse__Asker__Value self; // which program follows
    const char *pattern;      // a stream, or a prefix followed by *
    const char *
        address; // the publisher's, or several joined by commas; tcp://name:port stands for all its addresses
    const char *feed_service;  // whose Feed to read: "auth"
    const char *feed_address;  // its RPC address
    struct bus_keys *bus_keys; // of the process
    bool fetch_private;
    bool from_start;                  // existing streams are read from their oldest notice, else from now on
    const struct bus_cursor *cursors; // copied; take precedence over from_start
    size_t cursors_count;
    uint64_t generation; // of the store that the cursors belong to; 0: of any
    bus_handler *handler;
    // Called on the subscriber's thread for each stream that is heard of; NULL: all are wanted. An unwanted
    // stream is neither remembered nor read. A wanted stream that is not known yet begins at the first notice
    // that is heard of it. If its head is heard first, the head is delivered, without kind and payload,
    // because the notice may have been lost. Not with from_start.
    bool (*wanted)(void *arg, const char *stream);
    // Called on the subscriber's thread for hints about wanted streams (bus_hint). NULL: they are not heard.
    void (*hint)(void *arg, const Bus__Notice *hint);
    // Called on the subscriber's thread after a pattern was added: from here on nothing of it is lost. May be
    // NULL.
    void (*added)(void *arg, const char *pattern);
    void *arg; // of all these callbacks
};

// CALLER_REFUSED when this program may read no stream of the pattern.
MUST_CHECK bool bus_subscriber_start(struct bus_subscriber **subscriber,
                                     const struct bus_subscriber_options *options, struct err *err);
void bus_subscriber_stop(struct bus_subscriber *subscriber);
// Follows another pattern, at most 64 in all, soon after (see `added`); a pattern that was added twice must
// be removed twice. Any thread.
MUST_CHECK bool bus_subscriber_add(struct bus_subscriber *subscriber, const char *pattern, struct err *err);
void bus_subscriber_remove(struct bus_subscriber *subscriber, const char *pattern);
// Sets where a stream continues: the next notice delivered has seq + 1. Only from the handler.
void bus_subscriber_seek(struct bus_subscriber *subscriber, const char *stream, uint64_t seq);
// The generation of the publisher's store, as far as heard, 0 before; and the newest known number of a
// stream, 0 when there is none. Only from the handler.
uint64_t bus_subscriber_generation(const struct bus_subscriber *subscriber);
uint64_t bus_subscriber_head(struct bus_subscriber *subscriber, const char *stream);
// Milliseconds since the subscriber last heard a publisher; INT64_MAX until it has learned which streams
// exist and has caught up with them. When it follows one announced stream: milliseconds since a publisher
// said how far the store has the stream, which the subscriber has reached since. Any thread.
int64_t bus_subscriber_age_ms(const struct bus_subscriber *subscriber);

// True when the stream matches the pattern.
bool bus_matches(const char *pattern, const char *stream);

#endif
