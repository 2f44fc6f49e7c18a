// A subscriber's parts: receiving from the socket (notices.c), asking the feed for what is missing
// (catch_up.c), patterns, thread and life (subscriber.c). All of it belongs to the subscriber's thread.
#ifndef LIB_BUS_SUBSCRIBER_H
#define LIB_BUS_SUBSCRIBER_H

#include <stdatomic.h>

#include "lib/base/arena.h"
#include "lib/bus/bus.h"
#include "lib/bus/dialers.h"
#include "lib/bus/opener.h"
#include "lib/bus/patterns.h"
#include "lib/bus/streams.h"
#include "lib/rpc/client.h"

struct bus_subscriber {
    Conse__Asker__Value self;
    char *address, *feed_service, *feed_address;
    bool fetch_private, from_start;
    bus_handler *handler;
    bool (*wanted)(void *arg, const char *stream);
    void (*hint)(void *arg, const Bus__Notice *hint);
    void (*added)(void *arg, const char *pattern);
    void *arg;
    struct bus_keys *bus_keys;
    struct bus_opener opener;

    int wake_fd;
    struct bus_dialers dialers; // the socket and its connections
    struct rpc_client *client;
    struct arena arena; // of one message or reply
    struct bus_patterns patterns;
    struct bus_pattern *listing; // whose heads were asked for, or NULL
    struct bus_streams streams;
    uint32_t reading;
    char read_name[64], list_name[64]; // "auth.feed.Read"

    pthread_t thread;
    bool running;
    atomic_bool stopped;
    const char *announced;                       // the one stream, when it is announced, or NULL
    uint64_t due_seq;                            // the head that was told and is not reached yet
    int64_t due_ms;                              // monotonic: when it was told; 0: none is due
    unsigned seen_connections, list_connections; // made by now; and when the present list was asked for
    _Atomic int64_t heard_ms;                    // monotonic
    atomic_bool caught_up;                       // once
    uint64_t generation;                         // of the publisher's store; 0: not heard
};

// notices.c
// Takes in the generation that a publisher or its feed named. Another one starts every stream over.
void bus_take_generation(struct bus_subscriber *subscriber, uint64_t generation);
bool bus_follows(struct bus_subscriber *subscriber, const char *stream);
// NULL when it is not followed. A stream that was unknown at the start is new: all of it is news, unless only
// some are wanted.
struct bus_stream *bus_followed(struct bus_subscriber *subscriber, const char *name, bool *made);
void bus_forget(struct bus_subscriber *subscriber, const char *name);
// False when the handler refused it; it comes again later then.
bool bus_deliver(struct bus_subscriber *subscriber, struct bus_stream *stream, const Bus__Notice *notice);
void bus_take_heads(struct bus_subscriber *subscriber, const Bus__Heads *heads);
// Counts what was told as heard when the announced stream has been read that far.
void bus_note_reached(struct bus_subscriber *subscriber);
bool bus_receive(struct bus_subscriber *subscriber); // one message, when there is one

// catch_up.c
// Asks for the heads of patterns that are not listed.
void bus_list_heads(struct bus_subscriber *subscriber, int64_t now_ms);
// Starts reads for streams that are behind; returns when the next one may be tried.
int64_t bus_read_behind(struct bus_subscriber *subscriber, int64_t now_ms);

#endif
