// Streams that viewers follow: what comes of one is asked for once, for all of a loop that see it alike, and
// given to each in order, by cursor. How it travels is the transport's, an interface: server-sent events
// here, sockets elsewhere. One feed per loop, on its thread.
//
// A viewer is one connection, with the rights of one caller and a subscription for each stream:
//     feed_join, then feed_subscribe for each, then deliveries until feed_leave.
#ifndef GATEWAY_FEED_FEED_H
#define GATEWAY_FEED_FEED_H

#include "lib/base/cursor.h"
#include "lib/base/metrics.h"
#include "lib/net/loop.h"
#include "services/gateway/access/access.h"
#include "services/gateway/access/caller.h"
#include "services/gateway/address/address.h"
#include "services/gateway/ask/ask.h"
#include "services/gateway/feed/item.h"

struct feed;
struct feed_quota;
struct feed_sub;
struct hub;
struct presence;

enum { FEED_TOPICS_MOST = 32, FEED_TOPIC_SIZE = 96, FEED_AFTER_SIZE = 64 };
enum { FEED_FULL = 64 << 10 }; // bytes that wait to be sent: from here on a viewer takes no more

// ---- What is delivered

enum feed_kind {
    FEED_SNAPSHOT, // what is seen now: item and mine
    FEED_ENTRY,    // item
    FEED_LIVE,     // all that was missed has come
    FEED_RESET,    // the cursor is no more good, for this reason; a snapshot follows
    FEED_HEAD,     // nothing new; every 15 s
    FEED_ERROR,    // err; the subscription is over
    FEED_TYPING,   // item: who writes just now, all of them. Volatile: not told to who has no room
    FEED_KINDS
};

struct feed_message {
    enum feed_kind kind;
    const struct feed_sub *sub;
    char cursor[CURSOR_TEXT]; // of who has seen it; "" when nothing was seen yet
    const char *reason;       // "RIGHTS"
    const struct err *err;
    const struct feed_item *item;
    const ProtobufCMessage *mine; // what is this viewer's own; NULL: nothing is
    int64_t time_ms;              // unix, of a head
};

enum feed_end {
    FEED_REVOKED,  // the caller's token
    FEED_EXPIRED,  // the same
    FEED_SLOW,     // takes too little
    FEED_DRAINING, // the gateway stops: come again in retry_ms
    FEED_ENDS
};

const char *feed_end_name(enum feed_end why); // "REVOKED"

// flush may call feed_leave for its own viewer; none of these may call feed_subscribe.
struct feed_transport {
    // Whether it takes more now. When not, it calls feed_writable later. Of what comes meanwhile entries wait
    // in rings, of states the newest one waits, and what is volatile is lost.
    bool (*room)(void *arg);
    // Bytes that wait to be sent. Without room and below FEED_FULL it is not the client who is slow.
    size_t (*waiting)(const void *arg);
    void (*deliver)(void *arg, const struct feed_message *message); // takes it; all is borrowed
    void (*flush)(void *arg);                                       // that was all for now
    void (*remind)(void *arg);                                      // the token ends within 30 s
    // The viewer is over: says so as far as it can, and calls feed_leave within the call.
    void (*end)(void *arg, enum feed_end why, int64_t retry_ms);
    // A sign of life, every 15 s, in place of heads; NULL: those are delivered.
    void (*beat)(void *arg, int64_t time_ms);
};

// ---- The feed

// How far a viewer may be behind, in what was sent to them and has not gone out, and in rings.
struct feed_pace {
    size_t bytes;      // with more they are ended at once,
    uint64_t messages; // and with more of these
    int64_t ms;        // when it is so for so long
};

struct feed_options {
    struct loop *loop;
    struct hub *hub;
    struct asks *asks;
    size_t events, chain; // their places among the services
    struct access *access;
    struct feed_quota *quota;  // of all loops
    struct presence *presence; // the same; NULL: who follows is not told to others
    struct feed_pace pace;
    struct metrics *metrics;
};

MUST_CHECK bool feed_create(struct feed **feed, const struct feed_options *options, struct err *err);
void feed_turn(struct feed *feed); // once per turn, before what it asks and sends is flushed
size_t feed_viewers(const struct feed *feed);
// Whether one more may join at all: SERVICE_BUSY, SERVICE_DRAINING.
MUST_CHECK bool feed_has_place(const struct feed *feed, struct err *err);
// A read of the caller's that waits for news, as long as it is held; no reason is given.
MUST_CHECK bool feed_take_wait(struct feed *feed, const struct caller *caller);
void feed_give_wait(struct feed *feed, const struct caller *caller);
// A socket of this household that has not said yet whom it speaks for: TOO_MANY_STREAMS.
MUST_CHECK bool feed_take_stranger(struct feed *feed, const char *household, struct err *err);
void feed_give_stranger(struct feed *feed, const char *household);
// Ends all viewers, so that not all come to other gateways at once: spread over 10 ms for each, 10 s and
// most_ms at most. Nobody may join any more.
void feed_drain(struct feed *feed, int64_t most_ms);
void feed_end_all(struct feed *feed); // at once, as draining; before the services' clients are closed
void feed_destroy(struct feed *feed); // without viewers; NULL is fine

// ---- Viewers

// The transport's memory, zeroed; from feed_join until feed_leave.
struct feed_viewer {
    struct feed *feed;
    const struct feed_transport *transport;
    void *arg;
    struct caller caller; // a copy; its texts are below
    char address[ADDRESS_SIZE], household[ADDRESS_SIZE];
    struct feed_sub *subs;
    size_t subs_count;
    struct feed_viewer *next, **link;         // of its slot of the wheel
    struct feed_viewer *next_due, **link_due; // to be looked at, oldest first
    struct loop_timer timer;                  // to its reminder, its end, its bye
    uint64_t tab;                             // presence_tab of the page's name; set before it subscribes
    int64_t behind_ms;                        // of the loop: since when too many messages wait; 0: they don't
    size_t waited;                            // bytes that did at the newest head
    uint8_t missed;                           // heads in a row between which nothing went out
    bool wants_head, written, reminded, counted;
    bool silent; // for so long that nobody waits for them to come back
};

// Counts it: SERVICE_BUSY or TOO_MANY_STREAMS when there are too many, SERVICE_DRAINING at the end.
MUST_CHECK bool feed_join(struct feed *feed, struct feed_viewer *viewer,
                          const struct feed_transport *transport, void *arg, const struct caller *caller,
                          struct err *err);
// Goes on under another token of the same user. Where its level is another one, all is judged anew.
void feed_renew(struct feed_viewer *viewer, const struct caller *caller);
void feed_count_slow(const struct feed_viewer *viewer); // its transport ends it
void feed_end_silent(struct feed_viewer *viewer);       // as slow: the client does not answer
void feed_leave(struct feed_viewer *viewer);            // with its subscriptions; fine when it has not joined
// There is room again.
void feed_writable(struct feed_viewer *viewer);

// Whether a topic names a stream that there may be: INVALID_FIELD "topics", TOKEN_INVALID for one that needs
// a caller.
MUST_CHECK bool feed_check_topic(const char *topic, bool known, struct err *err);
// after: a cursor, or "" to begin with a snapshot. The topic has been checked. NULL: not subscribed.
MUST_CHECK struct feed_sub *feed_subscribe(struct feed_viewer *viewer, const char *topic, const char *after,
                                           struct err *err);
void feed_unsubscribe(struct feed_sub *sub);
void feed_set_arg(struct feed_sub *sub, void *arg); // the transport's own
void *feed_arg(const struct feed_sub *sub);
const char *feed_topic(const struct feed_sub *sub); // "event:<id>"
// How far its viewer is; "" before the first message.
void feed_cursor(const struct feed_sub *sub, char text[CURSOR_TEXT]);
const struct feed_sub *feed_next(const struct feed_viewer *viewer, const struct feed_sub *sub); // NULL: first

#endif
