// Events and tickets of the authority's on the cluster that the ledger does not know. A ledger that was
// restored may hear of them yet, when events tells again; what was forgotten on both sides goes back to who
// paid, and is closed there. They are kept between readings. Thread-safe.
#ifndef CHAIN_CLUSTER_STRANGERS_H
#define CHAIN_CLUSTER_STRANGERS_H

#include <pthread.h>

#include "services/chain/wishes/wishes.h"

enum {
    STRANGERS_MOST = 512,     // the others are found when all is read again
    STRANGERS_WAIT_MS = 10000 // events that has just started may not have told all that it has
};

struct stranger {
    struct outbox_aim aim; // REFUND or CLOSE_TICKET of a ticket, CLOSE of an event; its slot is WISH_STRAY
    uint8_t event[TILL_ID_BYTES];
    struct payment_key authority;
    uint64_t seen_slot;
    int64_t since_ms; // monotonic: when it was found first
};

struct strangers {
    pthread_mutex_t lock;
    struct stranger all[STRANGERS_MOST];
    size_t count;
};

void strangers_init(struct strangers *strangers);
void strangers_finish(struct strangers *strangers);

// What a reading found, in place of what the one before did. NULL: nothing.
void strangers_take(struct strangers *strangers, const struct wishes *found, int64_t now_ms);
// Puts what nobody will tell of to the wishes: heard_ms, monotonic, is when events said how much it has told,
// all of which is in the book. Those that the book knows by now are strangers no more; true when a ticket is
// among them, which has to be read again.
bool strangers_wish(struct strangers *strangers, struct wishes *wishes, const struct book *book,
                    int64_t heard_ms);
// It has come true.
void strangers_drop(struct strangers *strangers, const struct outbox_aim *aim);
// Whether a ticket with this reference is one.
bool strangers_have(struct strangers *strangers, const struct payment_key *reference);

#endif
