// The matchmaking queue at work: a thread that, with the lease, looks each second at who waits and what was
// offered. Everything is in rows, so another process goes on where this one ended.
#ifndef AI_POOL_POOL_H
#define AI_POOL_POOL_H

#include "services/ai/pool/outside.h"

struct ai;
struct pool;

MUST_CHECK bool pool_start(struct pool **pool, struct ai *ai, struct err *err);
void pool_stop(struct pool *pool); // NULL is fine
// Somebody joined or answered. Any thread; NULL is fine.
void pool_wake(struct pool *pool);

// One look.
MUST_CHECK bool pool_tick(struct ai *ai, const struct outside *outside, int64_t now_ms, struct err *err);

#endif
