// Tickets and offers as rows. They are written by the version that was read, so that of two who decide on the
// same the second one fails with CONFLICT.
#ifndef AI_POOL_ROWS_H
#define AI_POOL_ROWS_H

#include "lib/base/arena.h"
#include "lib/store/store.h"
#include "queue.pb-c.h"

struct ai;

enum { ROWS_MOST = 20000 }; // tickets that are looked at in one tick: those that waited longest

struct ticket {
    Queue__TicketRow *row; // NULL: there is none
    uint64_t version;
};
struct tickets {
    struct ticket *all;
    size_t count;
};
struct offer {
    Queue__OfferRow *row;
    uint64_t version;
};
struct offers {
    struct offer *all;
    size_t count;
};

MUST_CHECK bool ticket_find(struct store *store, const char *user_id, struct arena *arena,
                            struct ticket *ticket, struct err *err);
// These two are known to ai->kept from then on.
uint64_t ticket_queue(const struct ai *ai, const struct ticket *ticket, uint64_t after); // a write's ticket
MUST_CHECK bool ticket_put(const struct ai *ai, struct ticket *ticket, struct err *err); // waits for it
// Those that wait, the longest waiting first.
MUST_CHECK bool tickets_waiting(struct store *store, struct arena *arena, struct tickets *tickets,
                                struct err *err);
// Those of them that wait since then or longer, a thousand at most.
MUST_CHECK bool tickets_older(struct store *store, int64_t joined_ms, struct arena *arena,
                              struct tickets *tickets, struct err *err);
// Those of an offer, whatever became of them.
MUST_CHECK bool tickets_of(struct store *store, const char *offer_id, struct arena *arena,
                           struct tickets *tickets, struct err *err);
// The newest that got seats, at most `most`.
MUST_CHECK bool tickets_seated(struct store *store, uint32_t most, struct arena *arena,
                               struct tickets *tickets, struct err *err);

MUST_CHECK bool offer_find(struct store *store, const char *offer_id, struct arena *arena,
                           struct offer *offer, struct err *err);
MUST_CHECK bool offer_put(struct store *store, struct offer *offer, struct err *err);
MUST_CHECK bool offers_in(struct store *store, Queue__OfferRow__State state, struct arena *arena,
                          struct offers *offers, struct err *err);

// Removes what is over since long; a hundred of each at most. Sets *more when there are others.
MUST_CHECK bool tickets_sweep(struct store *store, int64_t now_ms, bool *more, struct arena *arena,
                              struct err *err);
// With the account; repeating is harmless, blocks.
MUST_CHECK bool tickets_forget(const struct ai *ai, const char *user_id, struct err *err);

#endif
