// Deciding again. A call is run once more when its write met one of another process, and when it had to wait
// for an object whose failed write was being undone. The frame is still in the request message, and a handler
// has no effect before its commit, so nothing happens twice.
#include "lib/base/clock.h"
#include "lib/rpc/state.h"

// The write was decided on what another process had changed meanwhile.
static bool met_another(const struct rpc_answer *answer, struct store *store)
{
    struct err err = {0};
    return answer->ticket && answer->repeatable && store_is_shared(store) &&
           store_outcome(store, answer->ticket, &err) == STORE_FAILED && err_is(&err, CONFLICT);
}

static bool may_go_on(const struct rpc_answer *answer, struct store *store)
{
    return answer->parked && store_outcome(store, answer->parked, NULL) != STORE_PENDING;
}

void rpc_again_give_up(struct err *err)
{
    err_set(err, CONSE__REASON__VALUE__SERVICE_BUSY, NULL, "others write it all the time");
    err->retry_after_s = 1;
}

bool rpc_again_mark(struct rpc_batch *batch, struct store *store)
{
    bool any = false;
    for (uint32_t i = 0; i < batch->answers_count; i++) {
        struct rpc_answer *answer = &batch->answers[i];
        answer->again = answer->attempt.tries < RPC_MOST_TRIES &&
                        (may_go_on(answer, store) || met_another(answer, store));
        any |= answer->again;
    }
    return any && batch->deadline_ms > clock_mono_ms();
}
