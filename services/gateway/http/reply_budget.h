// How many bytes of replies are in memory. The total counts each body once, however many connections send it.
// A household (address.h) is charged for its answers until they have gone out: the whole of a body that was
// made for it, a sixteenth of one that others share. Small bodies count nothing. Any thread.
#ifndef GATEWAY_HTTP_REPLY_BUDGET_H
#define GATEWAY_HTTP_REPLY_BUDGET_H

#include "lib/base/err.h"
#include "lib/base/metrics.h"
#include "lib/base/shared.h"
#include "services/gateway/address/address.h"

enum { REPLY_SMALL_BYTES = 4096, REPLY_SHARERS = 16 };

struct reply_budget;
struct reply_holder; // a household that has answers on their way

struct reply_budget_options {
    size_t most_bytes, most_per_address;
    struct metrics *metrics;
};

struct reply_charge {            // of one answer
    struct reply_holder *holder; // NULL: none
    size_t bytes;
};

enum reply_room { REPLY_ROOM, REPLY_FULL, REPLY_FULL_FOR_ADDRESS };

MUST_CHECK bool reply_budget_create(struct reply_budget **budget, const struct reply_budget_options *options,
                                    struct err *err);
void reply_budget_destroy(struct reply_budget *budget); // after all bodies; NULL is fine

// Counts a body while it lives; its maker calls it once, before the body is shared.
void reply_budget_watch(struct reply_budget *budget, struct shared *body);
// The charge of an answer with the body.
size_t reply_charge_of(const struct shared *body, bool made);
// Whether a household may have this many more bytes; one without any may have any one answer.
enum reply_room reply_budget_room(struct reply_budget *budget, const struct address *household, size_t bytes);
// Charges them in any case; charge must be empty.
void reply_budget_take(struct reply_budget *budget, const struct address *household, size_t bytes,
                       struct reply_charge *charge);
void reply_budget_give(struct reply_budget *budget,
                       struct reply_charge *charge); // does nothing when the charge is empty

#endif
