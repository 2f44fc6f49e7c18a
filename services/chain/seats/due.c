#include "services/chain/seats/due.h"

#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/thread/periodic.h"
#include "services/chain/book/lead.h"
#include "services/chain/cluster/cluster.h"
#include "services/chain/seats/seats.h"

enum { PERIOD_MS = 100, ARENA = 16 << 20, AGAIN_MS = 60000 };

struct seats_due {
    struct chain *chain;
    struct periodic *thread;
    bool complained;
};

// ---- What is due

// While nobody can pay on the cluster, no time is over there.
static bool is_blind(const struct chain *chain)
{
    struct cluster_now now;
    cluster_now(chain->cluster, &now);
    return !now.takes_money;
}

static void end_time(struct book_call *b, struct till_payment *payment)
{
    bool held = payment_place(&payment->payment) == PLACE_HELD;
    const struct happening over = {
        .what = held ? HAPPENS_TIME_OVER : HAPPENS_WAIT_OVER, .node_healthy = true, .now_ms = b->now_ms};
    struct verdict verdict;
    seats_happen(b, payment, &over, &verdict);
}

// The event is none any more when all of it is final.
static void do_due(struct book_call *b, const struct till_due *due)
{
    if (due->payment) {
        end_time(b, due->payment);
        return;
    }
    if (!due->event->paid_out) seats_divide(b, due->event);
    seats_settle(b, due->event);
}

static void do_some(struct book_call *b, bool on_cluster)
{
    struct till *till = &b->book->till;
    struct till_due due;
    while (b->count < BOOK_ENTRIES_AT_ONCE && !b->failed &&
           till_first_due(till, on_cluster, b->now_ms, &due)) {
        size_t before = b->count;
        do_due(b, &due);
        // Nothing follows, which a decision has logged.
        if (b->count == before) till_put_off(till, on_cluster, b->now_ms + AGAIN_MS);
    }
}

static bool is_due(struct till *till, bool on_cluster, int64_t now_ms)
{
    struct till_due due;
    return till_first_due(till, on_cluster, now_ms, &due);
}

static bool do_once(struct chain *chain, struct arena *arena, int64_t now_ms, uint64_t *ticket, bool *more,
                    struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = chain, .arena = arena};
    *ticket = 0;
    *more = false;
    if (!book_begin_own(&b, now_ms, false, err)) return false;
    struct till *till = &b.book->till;
    bool due[] = {is_due(till, false, b.now_ms), is_due(till, true, b.now_ms) && !is_blind(chain)};
    if ((!due[false] && !due[true]) || !lead_is_ours(b.book)) return true;
    if (!lead_may_write(chain, err)) return false;
    for (int on_cluster = 0; on_cluster < 2; on_cluster++)
        if (due[on_cluster]) do_some(&b, on_cluster);
    *more = b.count >= BOOK_ENTRIES_AT_ONCE;
    bool ok = book_commit(&b, NULL, err);
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
