#include "services/chain/payments/deciding.h"
#include "services/chain/payments/receive.h"

enum { AWAY_RETRY_S = 5, RETRY_MIN_MS = 1000 };

static void verdict_begin(struct verdict *verdict, const struct payment *payment, enum happens what,
                          struct outcome_cell cell)
{
    *verdict = (struct verdict){.what = what,
                                .outcome = (enum outcome)cell.outcome,
                                .reason = (Conse__Reason__Value)cell.reason,
                                .change.standing = payment->standing};
}

static uint32_t retry_after_s(const struct verdict *verdict, const struct happening *happening)
{
    int64_t left_ms = happening->permit_left_ms > RETRY_MIN_MS ? happening->permit_left_ms : RETRY_MIN_MS;
    if (verdict->reason == CONSE__REASON__VALUE__CLUSTER_AWAY) return AWAY_RETRY_S;
    return verdict->reason == CONSE__REASON__VALUE__PAYMENT_IN_FLIGHT ? (uint32_t)((left_ms + 999) / 1000)
                                                                      : 0;
}

// What is over stays so; only its end may be taken back.
static void decide_stage(struct deciding *d, int8_t stage)
{
    bool over = payment_place(d->payment) == PLACE_OVER && d->verdict->what != HAPPENS_UNDONE;
    if (stage != STAGE_STAYS && !over) d->now->stage = (uint8_t)stage;
}

static bool decide_change(struct deciding *d)
{
    struct verdict *verdict = d->verdict;
    if (!effect_take(d) || !effect_end(d)) return false;
    if (effect_end_of(verdict->outcome) && d->now->end != PAYMENT_BY_NOBODY) {
        verdict->outcome = OUTCOME_ENDING;
        verdict->follows |= FOLLOWS_ENDING;
    }
    if (verdict->change.refunds || verdict->change.moves_refund) verdict->follows |= FOLLOWS_REFUND;
    return true;
}

void payment_decide(const struct payment *payment, const struct happening *happening, struct verdict *verdict)
{
    enum happens what = receive_class(payment, happening);
    const struct outcome_row *row = outcome_row(what);
    struct outcome_cell cell = guards_narrow(payment, happening, what, row->cells[payment_place(payment)]);

    verdict_begin(verdict, payment, what, cell);
    struct deciding d = {payment, happening, verdict, &verdict->change.standing};
    verdict->retry_after_s = retry_after_s(verdict, happening);
    if (cell.outcome != OUTCOME_IMPOSSIBLE && cell.outcome != OUTCOME_REFUSED) {
        decide_stage(&d, row->stage);
        if (!decide_change(&d))
            verdict_begin(verdict, payment, what, (struct outcome_cell){OUTCOME_IMPOSSIBLE, 0});
    }
    verdict->change.standing.flags |= receive_flags(payment, happening);
}
