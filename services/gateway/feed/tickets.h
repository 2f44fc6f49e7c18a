// Tickets: for clients that open a stream and can't send a token, as browsers' EventSource. One is good once,
// within 30 s; its first use binds it to a stream, which its secret opens again until the token ends. Only
// hashes are kept.
#ifndef GATEWAY_FEED_TICKETS_H
#define GATEWAY_FEED_TICKETS_H

#include "lib/base/err.h"
#include "lib/cache/cache.h"
#include "lib/cache/redis/shelf.h"
#include "services/gateway/access/access.h"
#include "services/gateway/feed/ids.h"

enum { TICKET_MS = 30000, TICKET_SIZE = IDS_SECRET + 1 };

// Where the hashes are kept: values with a life, which one taker gets. Calls may block.
struct ticket_store {
    void *arg;
    bool (*put)(void *arg, const char *name, const void *value, size_t len, int64_t ttl_ms, struct err *err);
    // *len is -1 when there is none.
    bool (*take)(void *arg, const char *name, void *value, size_t size, long *len, struct err *err);
    bool (*get)(void *arg, const char *name, void *value, size_t size, long *len, struct err *err);
};

struct ticket_store ticket_store_here(struct cache *cache);   // of this process
struct ticket_store ticket_store_shared(struct shelf *shelf); // of all that share the Redis

// Makes one that speaks for these claims.
MUST_CHECK bool ticket_create(const struct ticket_store *store, const struct token_claims *claims,
                              char ticket[TICKET_SIZE], struct err *err);

struct ticket_use {
    const char *ticket;
    const char *topics;          // of the stream, as one text: a secret opens the same ones again
    char secret[IDS_SECRET + 1]; // what the client has of an earlier use, or ""; then that of the stream
    struct token_claims claims;  // for whom it speaks; the caller checks that they are still let in
};

// TICKET_INVALID when it is none, too old, or used before and the secret is not of that use.
MUST_CHECK bool ticket_use(const struct ticket_store *store, struct ticket_use *use, int64_t unix_ms,
                           struct err *err);

#endif
