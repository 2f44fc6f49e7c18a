// Browsers that are told when there is news for their user (Web Push): rows, and telling them. Blocks.
#ifndef EVENTS_PUSH_BROWSERS_H
#define EVENTS_PUSH_BROWSERS_H

#include "lib/net/outside.h"
#include "push.pb-c.h"
#include "services/events/events.h"
#include "services/events/push/vapid.h"

enum { BROWSERS_MOST = 5, BROWSER_ID = 65 };

struct browser_rows {
    Push__BrowserRow **rows;
    uint64_t *versions;
    size_t count;
};

void browser_id(const char *endpoint, char id[BROWSER_ID]);
MUST_CHECK bool browsers_of(struct events *events, const char *user_id, struct arena *arena,
                            struct browser_rows *found, struct err *err);
// Removes all of a user's. Blocks until they are gone.
MUST_CHECK bool browsers_forget(struct events *events, const char *user_id, struct err *err);

struct bell {
    struct events *events;
    const struct outside *outside;
    struct arena *arena;
    bool (*enter)(void *arg, const char *endpoint); // whether it may be asked now; NULL: any may
    void *arg;
    int64_t took_ms; // how long it was waited for one
};

// Tells one of the user's browsers that there is news, each once for all that it was not told of; none of
// what was seen, is not wanted, or was told in a night. *again_ms: when to come again (unix); INT64_MAX: with
// news.
MUST_CHECK bool bell_ring(struct bell *bell, const char *user_id, int64_t now_ms, int64_t *again_ms,
                          struct err *err);

#endif
