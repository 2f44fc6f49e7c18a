// How many wait, and how long others waited for their seats: read again when it is more than a second old.
// Thread-safe.
#ifndef AI_POOL_WAITS_H
#define AI_POOL_WAITS_H

#include "lib/store/store.h"

enum { WAITS_SEATED = 200 }; // of whom the estimate is made, the newest

struct waits;

struct waits_told {
    uint32_t ahead, waiting;
    uint32_t seated; // of whom the estimate is
    int64_t p50_ms, p90_ms;
};

MUST_CHECK bool waits_create(struct waits **waits, struct err *err);
void waits_destroy(struct waits *waits); // NULL is fine
// For who waits since then.
MUST_CHECK bool waits_tell(struct waits *waits, struct store *store, int64_t joined_ms,
                           struct waits_told *told, struct err *err);

#endif
