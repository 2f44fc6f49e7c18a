// How many rows of a kind one owner may have: those in the store, and those on their way there, which reads
// do not see yet. Thread-safe.
#ifndef EVENTS_LIVE_QUOTA_H
#define EVENTS_LIVE_QUOTA_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "lib/store/store.h"

enum {
    QUOTA_GROUPS = 100, // of a god
    QUOTA_DECKS = 100,  // of a group
    QUOTA_EVENTS = 100, // of their opener, while they are not over
};

enum { QUOTA_PLACES = 1024 }; // owners that share one count each other's rows while these are on their way

struct quotas {
    pthread_mutex_t mutex;
    atomic_uint on_the_way[QUOTA_PLACES];
};

void quotas_init(struct quotas *quotas);
void quotas_finish(struct quotas *quotas);

struct quota_rule {
    const struct store_table *table;
    const char *index; // whose first field is the owner
    uint32_t most;
    Conse__Reason__Value reason;
    const char *what; // "groups", for the sentence
};

// Takes a place for one more row; pass it to quota_done with the row's write. Refused with the rule's reason.
MUST_CHECK bool quota_take(struct quotas *quotas, struct store *store, const struct quota_rule *rule,
                           const char *owner, atomic_uint **place, struct err *err);
// For the store's done, and for a row that is not written after all.
void quota_done(void *place, bool durable);

#endif
