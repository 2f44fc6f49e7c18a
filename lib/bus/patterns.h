// What a subscriber follows: patterns that are added and removed, each counted by how often it was added. Any
// thread adds and removes; all else is for the subscriber's thread.
#ifndef LIB_BUS_PATTERNS_H
#define LIB_BUS_PATTERNS_H

#include <pthread.h>

#include "lib/bus/wire.h"

enum { BUS_PATTERNS_MOST = 64 };

struct bus_pattern {
    struct bus_pattern *next;
    unsigned users;                      // under the lock
    bool untold;                         // under the lock: was added and not reported since
    bool subscribed;                     // the socket takes its messages
    bool listed;                         // ListHeads was answered since the last connection
    bool ever_listed;                    // ... and since it was subscribed
    int64_t list_retry_ms;               // monotonic: not to be listed before
    char list_after[BUS_MAX_STREAM + 1]; // stream up to which it is listed, as a list may be long
    char text[];
};

struct bus_patterns {
    pthread_mutex_t lock;
    struct bus_pattern *first; // set under the lock
    size_t count;
};

void bus_patterns_init(struct bus_patterns *patterns);
void bus_patterns_finish(struct bus_patterns *patterns);
MUST_CHECK bool bus_patterns_add(struct bus_patterns *patterns, const char *text, struct err *err);
void bus_patterns_remove(struct bus_patterns *patterns, const char *text);

// The first; the others follow by `next`, and stay until bus_patterns_drop.
struct bus_pattern *bus_patterns_all(struct bus_patterns *patterns);
// Whether somebody still wants it.
bool bus_patterns_used(struct bus_patterns *patterns, const struct bus_pattern *pattern);
// Whether it was added since the last call.
bool bus_patterns_tell(struct bus_patterns *patterns, struct bus_pattern *pattern);
// Forgets it, unless somebody has added it meanwhile.
bool bus_patterns_drop(struct bus_patterns *patterns, struct bus_pattern *pattern);
// True when the stream matches a subscribed pattern.
bool bus_patterns_fit(struct bus_patterns *patterns, const char *stream);
void bus_patterns_unlist(struct bus_patterns *patterns); // all are to be listed again

#endif
