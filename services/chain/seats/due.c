#include "services/chain/seats/due.h"

#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/thread/periodic.h"
#include "services/chain/book/lead.h"
#include "services/chain/cluster/cluster.h"
#include "services/chain/seats/seats.h"

enum { PERIOD_MS = 100, ARENA = 16 << 20, ENTRIES_AT_ONCE = 200 };

struct seats_due {
    struct chain *chain;
    struct periodic *thread;
    bool complained;
};

// ---- What is due

// While nobody can pay on the cluster, no time is over there.
static bool is_blind(const struct chain *chain, const struct till_event *event)
{
    struct cluster_now now = {.healthy = true};
    if (till_is_on_cluster(event)) cluster_now(chain->cluster, &now);
    return !now.healthy;
}

static void end_time(struct book_call *b, struct till_payment *payment)
{
    bool held = payment_place(&payment->payment) == PLACE_HELD;
    const struct happening over = {
        .what = held ? HAPPENS_TIME_OVER : HAPPENS_WAIT_OVER, .node_healthy = true, .now_ms = b->now_ms};
    struct verdict verdict;
    seats_happen(b, payment, &over, &verdict);
}

// It is none any more when all of it is final.
static void do_event(struct book_call *b, struct till_event *event)
{
    for (struct till_payment *of = event->first; of && b->count < ENTRIES_AT_ONCE; of = of->next)
        if (till_payment_due(of) <= b->now_ms) end_time(b, of);
    if (b->failed || till_event_due(event) > b->now_ms || b->count >= ENTRIES_AT_ONCE) return;
    seats_divide(b, event);
    seats_settle(b, event);
}

static bool event_is_due(const struct till_event *event, int64_t now_ms)
{
    bool due = till_event_due(event) <= now_ms;
    for (const struct till_payment *of = event->first; of && !due; of = of->next)
        due = till_payment_due(of) <= now_ms;
    return due;
}

// One at a time, since it may leave the till.
static struct till_event *find_due(const struct book_call *b)
{
    struct till_event *event = NULL;
    while ((event = till_next_event(&b->book->till, event)) &&
           (!event_is_due(event, b->now_ms) || is_blind(b->chain, event)))
        continue;
    return event;
}

static bool do_some(struct book_call *b, bool *more, struct err *err)
{
    struct till *till = &b->book->till;
    struct till_event *event;
    while (b->count < ENTRIES_AT_ONCE && !b->failed && (event = find_due(b))) {
        size_t before = b->count;
        do_event(b, event);
        if (b->count == before) break; // nothing follows, which a decision has logged
    }
    *more = b->count >= ENTRIES_AT_ONCE;
    till_look(till);
    return book_commit(b, NULL, err);
}

static bool do_once(struct chain *chain, struct arena *arena, int64_t now_ms, uint64_t *ticket, bool *more,
                    struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = chain, .arena = arena};
    *ticket = 0;
    *more = false;
    if (!book_begin_own(&b, now_ms, false, err)) return false;
    if (b.now_ms < b.book->till.due_ms || !lead_is_ours(b.book)) return true;
    if (!lead_may_write(chain, err)) return false;
    bool ok = do_some(&b, more, err);
    if (ok && b.count) *ticket = b.book->live.ticket;
    return ok;
}

bool seats_do_due(struct chain *chain, int64_t now_ms, bool *more, struct err *err)
{
    struct arena arena;
    uint64_t ticket;
    arena_init(&arena, ARENA);
    bool ok = do_once(chain, &arena, now_ms, &ticket, more, err) &&
              (!ticket || store_wait(chain->store, ticket, err));
    arena_finish(&arena);
    return ok;
}

// ---- The thread

static int64_t seats_due_work(void *arg)
{
    struct seats_due *due = arg;
    struct err err = {0};
    bool more = false;
    bool ok = seats_do_due(due->chain, clock_unix_ms(), &more, &err);
    bool passing = err_is(&err, CONFLICT) || err_is(&err, STORE_AWAY) || err_is(&err, STORE_FULL) ||
                   err_is(&err, SERVICE_BUSY);
    if (!ok && !due->complained && !passing) log_err(LOG_ERROR, "chain.due", &err);
    due->complained = !ok;
    return more ? 0 : PERIOD_MS;
}

bool seats_due_start(struct seats_due **out, struct chain *chain, struct err *err)
{
    struct seats_due *due = *out = calloc(1, sizeof *due);
    if (!due) return err_fail(err, INTERNAL_ERROR, "out of memory");
    due->chain = chain;
    return periodic_start(&due->thread, "chain.due", PERIOD_MS, seats_due_work, due, err);
}

void seats_due_stop(struct seats_due *due)
{
    if (!due) return;
    periodic_stop(due->thread);
    free(due);
}
