// Pages of another service's stream go into the ledger: each of its entries has its effect once, in one
// append with the place that was reached.
#ifndef CHAIN_BOOK_LESSON_H
#define CHAIN_BOOK_LESSON_H

#include "lib/bus/consumer.h"
#include "services/chain/book/call.h"

enum book_stream { BOOK_MONEY, BOOK_GAMES, BOOK_COINS }; // as FollowedTo has them

// A stream of another service that the ledger follows.
struct book_source {
    const char *name;
    const char *service; // whose it is
    enum book_stream stream;
    uint32_t since; // CONSE_FORMAT: older programs don't know the entries that come of it
    struct bus_place (*reached)(const struct book *book);
    // Adds entries to the call. False: with err, and nothing of the call is committed.
    bool (*apply)(struct book_call *b, const Bus__Notice *notice, struct err *err);
};
struct book_peers {
    const char *bus, *feed; // the service's addresses
    struct bus_keys *bus_keys;
};

// Follows the service on a thread of its own, whether it is running or not, from the place that the ledger
// has; on_page hands its pages to book_learn.
MUST_CHECK bool book_follow(struct chain *chain, const struct book_source *source,
                            const struct book_peers *peers, bus_apply *on_page,
                            struct bus_consumer **consumer, struct err *err);
// Applies a page at this time; blocks until it is durable.
MUST_CHECK bool book_learn(struct chain *chain, const struct book_source *source,
                           const struct bus_batch *batch, int64_t now_ms, struct err *err);

#endif
