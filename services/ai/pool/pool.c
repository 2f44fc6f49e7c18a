#include "services/ai/pool/pool.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/ai/pool/offers.h"
#include "services/ai/pool/ticket.h"

// However often somebody joins and leaves, there is a gap between ticks.
enum {
    TICK_MS = 1000,
    GAP_MS = 100,
    FAILED_MS = 2000,
    SWEEP_MS = 60 * 1000,
    ARENA = 128 << 20,
    OFFER_ARENA = 16 << 20
};
enum { OFFERS_A_TICK = 20 };

struct pool {
    struct ai *ai;
    struct lines *lines;
    struct periodic *thread;
    int64_t sweep_ms, gap_ms; // monotonic: when rows are swept, and when the next tick may be
};

// ---- Offers that stand

// Seats of events that are promised to others.
struct promise {
    const Queue__OfferRow *offer;
    uint32_t seats;
};
struct promises {
    struct promise *all;
    size_t count;
};

// False without memory.
static bool add_promised(const struct tick *tick, const struct promises *promises, struct seek_wish *wish)
{
    size_t most = 0;
    for (size_t i = 0; i < promises->count; i++) most += promises->all[i].offer->n_user_ids;
    wish->promised_to = arena_array(tick->arena, most + 1, sizeof *wish->promised_to);
    if (!wish->promised_to) return false;
    for (size_t i = 0; i < promises->count; i++) {
        const Queue__OfferRow *offer = promises->all[i].offer;
        if (strcmp(offer->event_id, wish->event->id) != 0) continue;
        wish->promised += promises->all[i].seats;
        for (size_t k = 0; k < offer->n_user_ids; k++)
            wish->promised_to[wish->promised_count++] = offer->user_ids[k];
    }
    return true;
}

static bool tend_one(const struct tick *tick, struct offer *offer, struct err *err)
{
    struct tick one = *tick;
    struct arena arena;
    arena_init(&arena, OFFER_ARENA);
    one.arena = &arena;
    bool ok = offer_tend(&one, offer, err);
    arena_finish(&arena);
    return ok;
}

// One that fails does not hold up the others.
static bool tend_all(const struct tick *tick, struct err *err)
{
    struct offers offers;
    if (!offers_in(tick->ai->store, QUEUE__OFFER_ROW__STATE__OPEN, tick->arena, &offers, err)) return false;
    for (size_t i = 0; i < offers.count; i++) {
        struct err one = {0};
        if (!tend_one(tick, &offers.all[i], &one)) log_err(LOG_WARN, "ai.pool", &one);
    }
    return true;
}

static bool add_promises(const struct tick *tick, struct promises *promises, struct err *err)
{
    struct offers offers;
    if (!offers_in(tick->ai->store, QUEUE__OFFER_ROW__STATE__OPEN, tick->arena, &offers, err)) return false;
    promises->all = arena_array(tick->arena, offers.count + 1, sizeof *promises->all);
    if (!promises->all) return err_fail(err, INTERNAL_ERROR, "no memory for offers");
    for (size_t i = 0; i < offers.count; i++) {
        struct promise *promise = &promises->all[promises->count++];
        promise->offer = offers.all[i].row;
        if (!offer_promises(tick, &offers.all[i], &promise->seats, err)) return false;
    }
    return true;
}

// ---- Matching

static bool match_events(const struct tick *tick, struct seek *seek, const struct event_list *events,
                         const struct promises *promises, struct err *err)
{
    struct queue_match match;
    for (size_t i = 0, made = 0; i < events->count && made < OFFERS_A_TICK; i++) {
        struct seek_wish wish = {.event = events->all[i]};
        uint32_t needed;
        bool found;
        if (!add_promised(tick, promises, &wish))
            return err_fail(err, INTERNAL_ERROR, "no memory for offers");
        if (!seek_for(seek, &wish, &match, &needed, &found, err)) return false;
        if (!found) continue;
        if (!offer_make(tick, seek, &match, needed, err)) return false;
        made++;
    }
    return true;
}

static bool expire_old(const struct tick *tick, struct err *err)
{
    struct tickets tickets;
    if (!tick->clock_agrees) return true;
    if (!tickets_older(tick->ai->store, tick->now_ms - TICKET_LIFE_MS, tick->arena, &tickets, err))
        return false;
    for (size_t i = 0; i < tickets.count; i++) {
        ticket_end(tickets.all[i].row, AI__QUEUE_TICKET__OUT__EXPIRED, tick->now_ms);
        if (!ticket_put(tick->ai, &tickets.all[i], err) && !err_is(err, CONFLICT)) return false;
    }
    return true;
}

static bool match_all(const struct tick *tick, struct err *err)
{
    struct promises promises = {.count = 0};
    struct event_list events;
    struct seek seek;
    bool ok = seek_begin(&seek, tick->ai, tick->outside, tick->arena, tick->now_ms, err);
    if (ok && seek.count)
        ok = outside_open_events(tick->outside, tick->now_ms + SEEK_LEAD_MS, tick->arena, &events, err) &&
             add_promises(tick, &promises, err) && match_events(tick, &seek, &events, &promises, err);
    seek_finish(&seek);
    return ok;
}

bool pool_tick(struct ai *ai, const struct outside *outside, int64_t now_ms, struct err *err)
{
    struct arena arena;
    arena_init(&arena, ARENA);
    const struct tick tick = {ai, outside, &arena, now_ms, replica_clock_agrees(ai->replica)};
    bool ok = offers_complete(&tick, err) && tend_all(&tick, err) && expire_old(&tick, err) &&
              match_all(&tick, err);
    arena_finish(&arena);
    return ok;
}

// ---- The thread

static void sweep_when_due(struct pool *pool)
{
    struct err err = {0};
    struct arena arena;
    bool more = false;
    if (clock_mono_ms() < pool->sweep_ms || !replica_clock_agrees(pool->ai->replica)) return;
    arena_init(&arena, OFFER_ARENA);
    if (!tickets_sweep(pool->ai->store, clock_unix_ms(), &more, &arena, &err))
        log_err(LOG_WARN, "ai.pool", &err);
    arena_finish(&arena);
    pool->sweep_ms = clock_mono_ms() + (more ? 0 : SWEEP_MS);
}

static int64_t pool_run(void *arg)
{
    struct pool *pool = arg;
    struct err err = {0};
    const struct outside outside = lines_outside(pool->lines);
    const int64_t early_ms = pool->gap_ms - clock_mono_ms();
    if (early_ms > 0) return early_ms;
    if (!replica_holds(pool->ai->replica, AI_MATCHES) || !store_accepts(pool->ai->store, NULL))
        return TICK_MS;
    sweep_when_due(pool);
    const bool done = pool_tick(pool->ai, &outside, clock_unix_ms(), &err);
    pool->gap_ms = clock_mono_ms() + GAP_MS;
    if (done) return TICK_MS;
    log_err(LOG_WARN, "ai.pool", &err);
    return FAILED_MS;
}

bool pool_start(struct pool **out, struct ai *ai, struct err *err)
{
    struct pool *pool = *out = calloc(1, sizeof *pool);
    if (!pool) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pool->ai = ai;
    if (lines_open(&pool->lines, ai, err) &&
        periodic_start(&pool->thread, "the queue", TICK_MS, pool_run, pool, err))
        return true;
    pool_stop(pool);
    *out = NULL;
    return false;
}

void pool_stop(struct pool *pool)
{
    if (!pool) return;
    periodic_stop(pool->thread);
    lines_close(pool->lines);
    free(pool);
}

void pool_wake(struct pool *pool)
{
    if (pool) periodic_wake(pool->thread);
}
