#include "lib/rpc/pending.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/rpc/batch.h"
#include "lib/rpc/state.h"
#include "lib/thread/wait.h"

// What is answered.
struct settling {
    struct store *store;
    struct rpc_batch *batch;
};

static bool is_undone(void *arg, const struct rpc_answer *answer)
{
    const struct settling *settling = arg;
    return answer->ticket && store_outcome(settling->store, answer->ticket, NULL) != STORE_DURABLE;
}

static void fill_undone(struct store *store, const struct rpc_answer *answer, struct err *err)
{
    if (store_outcome(store, answer->ticket, err) == STORE_FAILED) {
        if (err_is(err, CONFLICT) && store_is_shared(store)) rpc_again_give_up(err);
        if (err_internal(err)) log_err(LOG_ERROR, "write failed", err);
    } else if (answer->changes) {
        err_set(err, CONSE__REASON__VALUE__OUTCOME_UNKNOWN, NULL,
                "the write did not become durable in time; repeat with the same Idempotency-Key");
    } else {
        err_set(err, CONSE__REASON__VALUE__DEADLINE_PASSED, NULL, "the call did not finish in time");
    }
}

static bool refuse_undone(void *arg, const struct rpc_answer *answer)
{
    const struct settling *settling = arg;
    struct err err = {0};
    fill_undone(settling->store, answer, &err);
    span_refuse(answer->span, &err);
    return rpc_batch_add_err(settling->batch, answer->id, &err, 0);
}

static bool settle_answers(struct store *store, struct rpc_batch *batch)
{
    struct settling settling = {store, batch};
    const struct rpc_remaking remaking = {is_undone, refuse_undone, &settling};
    for (uint32_t i = 0; i < batch->answers_count; i++)
        if (is_undone(&settling, &batch->answers[i])) return rpc_batch_rebuild(batch, &remaking);
    return true;
}

static void pending_answer(struct rpc_pending *pending, struct rpc_batch *batch)
{
    if (batch->ticket && rpc_again_mark(batch, pending->store) && rpc_lane_again(batch)) return;
    if (batch->ticket && !settle_answers(pending->store, batch)) rpc_batch_clear(batch);
    rpc_lane_answer(batch);
}

// Cuts out the batches that are due: durable up to a ticket, or past their deadline.
static struct rpc_batch *pending_cut(struct rpc_pending *pending, uint64_t durable, int64_t now_ms)
{
    struct rpc_batch *due = NULL, **at = &pending->first;
    while (*at) {
        struct rpc_batch *batch = *at;
        if (batch->ticket > durable && batch->deadline_ms > now_ms) {
            at = &batch->next;
            continue;
        }
        *at = batch->next;
        batch->next = due;
        due = batch;
    }
    return due;
}

static void answer_all(struct rpc_pending *pending, struct rpc_batch *due)
{
    while (due) {
        struct rpc_batch *next = due->next;
        pending_answer(pending, due);
        due = next;
    }
}

static void on_commit(void *arg, uint64_t durable)
{
    struct rpc_pending *pending = arg;
    pthread_mutex_lock(&pending->mutex);
    struct rpc_batch *due = pending_cut(pending, durable, INT64_MIN);
    pthread_mutex_unlock(&pending->mutex);
    answer_all(pending, due);
}

void rpc_pending_add(struct rpc_pending *pending, struct rpc_batch *batch)
{
    if (!batch->ticket || !pending->store) {
        rpc_lane_answer(batch);
        return;
    }
    pthread_mutex_lock(&pending->mutex);
    bool waits = batch->ticket > store_durable(pending->store) && !pending->stopped;
    if (waits) {
        batch->next = pending->first;
        pending->first = batch;
        if (batch->deadline_ms < pending->alarm_ms) pthread_cond_signal(&pending->wake);
    }
    pthread_mutex_unlock(&pending->mutex);
    if (!waits) pending_answer(pending, batch);
}

static int64_t pending_earliest(const struct rpc_pending *pending)
{
    int64_t least = INT64_MAX;
    for (const struct rpc_batch *b = pending->first; b; b = b->next)
        if (b->deadline_ms < least) least = b->deadline_ms;
    return least;
}

static void sleep_until(struct rpc_pending *pending, int64_t mono_ms)
{
    pending->alarm_ms = mono_ms;
    wait_until(&pending->wake, &pending->mutex, mono_ms);
}

static void *timer_main(void *arg)
{
    struct rpc_pending *pending = arg;
    pthread_mutex_lock(&pending->mutex);
    while (!pending->stopped) {
        sleep_until(pending, pending_earliest(pending));
        struct rpc_batch *due = pending_cut(pending, 0, clock_mono_ms());
        pthread_mutex_unlock(&pending->mutex);
        answer_all(pending, due);
        pthread_mutex_lock(&pending->mutex);
    }
    pthread_mutex_unlock(&pending->mutex);
    return NULL;
}

bool rpc_pending_start(struct rpc_pending *pending, struct store *store, struct err *err)
{
    *pending = (struct rpc_pending){.store = store, .alarm_ms = INT64_MAX};
    pthread_mutex_init(&pending->mutex, NULL);
    wait_init(&pending->wake);
    if (!store) return true;
    int rv = pthread_create(&pending->timer, NULL, timer_main, pending);
    if (rv) return err_errno(err, rv, "cannot start the reply timer");
    pending->running = true;
    store_listen(store, on_commit, pending);
    return true;
}

void rpc_pending_stop(struct rpc_pending *pending)
{
    if (pending->store) store_listen(pending->store, NULL, NULL);
    pthread_mutex_lock(&pending->mutex);
    pending->stopped = true;
    struct rpc_batch *due = pending_cut(pending, UINT64_MAX, INT64_MAX);
    pthread_cond_signal(&pending->wake);
    pthread_mutex_unlock(&pending->mutex);
    answer_all(pending, due);
    if (pending->running) pthread_join(pending->timer, NULL);
    pthread_cond_destroy(&pending->wake);
    pthread_mutex_destroy(&pending->mutex);
}
