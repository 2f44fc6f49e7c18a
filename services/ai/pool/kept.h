// The tickets of those who wait, kept from tick to tick, so that a tick reads those alone that were written
// since. Of a store that several processes write all are read each time: nobody tells what the others wrote.
#ifndef AI_POOL_KEPT_H
#define AI_POOL_KEPT_H

#include "services/ai/pool/rows.h"

struct kept;

MUST_CHECK bool kept_create(struct kept **kept, struct err *err);
void kept_destroy(struct kept *kept); // NULL is fine

// A write of somebody's ticket was queued. Any thread; NULL is fine.
void kept_touch(struct kept *kept, const char *user_id, uint64_t ticket);
// Those that wait, the longest waiting first, as what is durable has them; lent until the next call. One
// thread at a time.
MUST_CHECK bool kept_read(struct kept *kept, struct store *store, const struct tickets **tickets,
                          struct err *err);
// How often all were read: for tests.
unsigned kept_loads(const struct kept *kept);

#endif
