// What the files of the room share.
#ifndef LIB_LIVE_STATE_H
#define LIB_LIVE_STATE_H

#include "lib/live/live.h"

enum { LIVE_BUCKETS = 4096 };

struct live {
    const struct live_kind *kind;
    void *context;
    struct store *store;
    bool shared;
    size_t most_bytes;
    pthread_mutex_t mutex; // of the map and the order of use; never taken while an object's lock is wanted
    struct live_object *buckets[LIVE_BUCKETS];
    struct live_object *newest, *oldest;
    size_t bytes;
};

// ---- fresh.c, under the object's lock
// Makes a state that others may be made of, as when nothing was read yet.
void live_reset(struct live *live, struct live_object *object);
// Loads, confirms and catches up until the copy is as fresh as needed; need may be NULL. It leaves the lock
// while it asks the server.
MUST_CHECK bool live_freshen(struct live *live, struct live_object *object, struct live_need *need,
                             struct err *err);
// Whether live_freshen would have nothing to do.
bool live_is_at_hand(const struct live *live, const struct live_object *object, const struct live_need *need);
// SERVICE_BUSY, worth another try when the writes that are on their way have been decided. Always false.
bool live_come_later(const struct live_object *object, struct live_need *need, struct err *err,
                     const char *why);

#endif
