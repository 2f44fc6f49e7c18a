#include "services/chain/payments/deciding.h"

#include <string.h>

#define REFUSE(name) ((struct outcome_cell){OUTCOME_REFUSED, CONSE__REASON__VALUE__##name})

static struct outcome_cell cell_of(enum outcome outcome)
{
    return (struct outcome_cell){(uint8_t)outcome, 0};
}

static bool hold_is_over(const struct payment *payment, int64_t now_ms)
{
    return payment->standing.end != PAYMENT_BY_NOBODY || now_ms >= payment->standing.hold_ends_ms;
}

static struct outcome_cell guard_pay(const struct payment *payment, const struct happening *happening,
                                     struct outcome_cell cell)
{
    if (hold_is_over(payment, happening->now_ms)) return REFUSE(HOLD_OVER);
    return payment->standing.permit.live ? REFUSE(PAYMENT_IN_FLIGHT) : cell;
}

static struct outcome_cell guard_permit(const struct payment *payment, const struct happening *happening,
                                        struct outcome_cell cell)
{
    const struct payment_permit *permit = &payment->standing.permit;
    if (payment->currency != PAYMENT_LAMPORTS) return REFUSE(PERMIT_NOT_NEEDED);
    if (!happening->payable) return REFUSE(EVENT_NOT_PAYABLE);
    if (hold_is_over(payment, happening->now_ms)) return REFUSE(HOLD_OVER);
    if (happening->account_forbidden) return REFUSE(ACCOUNT_FORBIDDEN);
    if (permit->live) {
        bool same = memcmp(&permit->account, &happening->permit.account, sizeof permit->account) == 0;
        return same ? cell_of(OUTCOME_KEEP) : REFUSE(PAYMENT_IN_FLIGHT);
    }
    if (happening->tickets_full) return REFUSE(EVENT_FULL);
    return happening->node_healthy ? cell : REFUSE(CLUSTER_AWAY);
}

static struct outcome_cell guard_send(const struct payment *payment, const struct happening *happening,
                                      struct outcome_cell cell)
{
    if (payment->currency != PAYMENT_LAMPORTS) return REFUSE(PERMIT_NOT_NEEDED);
    if (!payment->standing.permit.live) return REFUSE(PERMIT_DEAD);
    if (hold_is_over(payment, happening->now_ms)) return REFUSE(HOLD_OVER);
    return happening->bytes_differ ? REFUSE(PERMIT_MISMATCH) : cell;
}

// Only a hold is paid by what is confirmed; who is on the way out gets it back once it is final.
static struct outcome_cell guard_money(const struct payment *payment, const struct happening *happening,
                                       struct outcome_cell cell)
{
    const struct receipt *receipt = &happening->receipt;
    bool stays = cell.outcome == OUTCOME_SEAT && payment->standing.end < PAYMENT_BY_OWNER;
    if (stays) return cell;
    if (receipt_is_ticket(receipt) && !receipt->settled) return cell_of(OUTCOME_KEEP);
    bool waits = cell.outcome == OUTCOME_WAIT_PAID && !happening->has_other;
    return waits ? cell : cell_of(OUTCOME_GIVE_BACK);
}

static struct outcome_cell guard_undo(const struct payment *payment, struct outcome_cell cell)
{
    if (payment->standing.stage != PAYMENT_DONE || payment->standing.paid_out) return REFUSE(EVENT_OVER);
    return payment->standing.seat == PAYMENT_TAKEN ? cell : cell_of(OUTCOME_KEEP);
}

// What a place in the waitlist keeps pays for it; what who left had to leave does not.
static struct outcome_cell guard_promotion(const struct payment *payment, struct outcome_cell cell)
{
    if (!payment->standing.kept) return cell;
    return cell_of(payment_place(payment) == PLACE_WAITING ? OUTCOME_SEAT_PAID : OUTCOME_KEEP);
}

static struct outcome_cell guard_calls(const struct payment *payment, const struct happening *happening,
                                       enum happens what, struct outcome_cell cell)
{
    switch (what) {
    case HAPPENS_PAY_ASKED:
        return guard_pay(payment, happening, cell);
    case HAPPENS_PERMIT_ASKED:
    case HAPPENS_CREDIT_ASKED:
        return guard_permit(payment, happening, cell);
    case HAPPENS_BYTES_GIVEN:
        return guard_send(payment, happening, cell);
    case HAPPENS_REFUND_ASKED:
        return payment->standing.kept ? cell : REFUSE(NOT_PAID);
    case HAPPENS_LOCKED:
        return payment->standing.permit.live ? REFUSE(PAYMENTS_SETTLING) : cell;
    case HAPPENS_UNDONE:
        return guard_undo(payment, cell);
    case HAPPENS_PROMOTED:
        return guard_promotion(payment, cell);
    case HAPPENS_PRICED:
        return payment->standing.kept ? cell_of(OUTCOME_KEEP) : cell;
    default:
        return cell;
    }
}

// What can't be so of a payment as it is.
static bool guard_is_impossible(const struct payment *payment, const struct happening *happening,
                                enum happens what)
{
    const struct payment_standing *now = &payment->standing;
    uint8_t slot;
    switch (what) {
    case HAPPENS_FORKED:
    case HAPPENS_FINALIZED:
        return !change_finds_unsettled(payment, &slot);
    case HAPPENS_PERMIT_DEAD:
        return !now->permit.live;
    case HAPPENS_ESCAPED:
        return !now->kept;
    case HAPPENS_TIME_OVER:
    case HAPPENS_TIME_OVER_BLIND:
        return happening->now_ms < now->hold_ends_ms;
    case HAPPENS_REFUND_FAILED:
        return happening->refund >= payment->refund_count ||
               payment->refunds[happening->refund].state != REFUND_SENT;
    default:
        return false;
    }
}

struct outcome_cell guards_narrow(const struct payment *payment, const struct happening *happening,
                                  enum happens what, struct outcome_cell cell)
{
    if (cell.outcome == OUTCOME_IMPOSSIBLE || cell.outcome == OUTCOME_REFUSED) return cell;
    if (guard_is_impossible(payment, happening, what)) return cell_of(OUTCOME_IMPOSSIBLE);
    bool money = what == HAPPENS_PAID || what == HAPPENS_PAID_BY_OTHER || what == HAPPENS_PAID_AGAIN;
    return money ? guard_money(payment, happening, cell) : guard_calls(payment, happening, what, cell);
}
