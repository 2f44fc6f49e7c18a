#include "services/chain/payments/receive.h"

#include <string.h>

static const struct receipt *receipt_find(const struct payment *payment, const uint8_t id[64])
{
    for (uint8_t i = 0; i < payment->receipt_count; i++) {
        const struct receipt *receipt = &payment->receipts[i];
        if (receipt->class == RECEIPT_VALID && memcmp(receipt->id, id, sizeof receipt->id) == 0)
            return receipt;
    }
    return NULL;
}

static bool receive_is_late(const struct payment *payment, const struct receipt *receipt)
{
    const struct payment_standing *now = &payment->standing;
    int64_t until_ms = now->hold_ends_ms;
    if (receipt_is_ticket(receipt) && now->permit.not_after_ms > until_ms)
        until_ms = now->permit.not_after_ms;
    return until_ms && receipt->at_ms > until_ms + RECEIVE_GRACE_MS;
}

static bool has_money(const struct payment *payment)
{
    return payment->standing.kept || payment_owed(payment);
}

static enum happens class_of_money(const struct payment *payment, const struct happening *happening)
{
    const struct receipt *receipt = &happening->receipt;
    if (has_money(payment)) return HAPPENS_PAID_AGAIN;
    if (receipt->amount < payment->standing.price) return HAPPENS_PAID_SHORT;
    if (receipt->amount > payment->standing.price) return HAPPENS_PAID_OVER;
    if (receive_is_late(payment, receipt)) return HAPPENS_PAID_LATE;
    return happening->by_linked_wallet ? HAPPENS_PAID : HAPPENS_PAID_BY_OTHER;
}

// With credit it is asked again while it is on its way.
static enum happens class_of_call(const struct payment *payment, const struct happening *happening)
{
    if (receipt_find(payment, happening->receipt.id)) return HAPPENS_PAY_REPEATED;
    if (payment->standing.permit.credit) return HAPPENS_CREDIT_ASKED;
    if (happening->funds < payment->standing.price + happening->fee) return HAPPENS_FUNDS_SHORT;
    return payment->currency == PAYMENT_LAMPORTS ? HAPPENS_CREDIT_ASKED : HAPPENS_PAY_ASKED;
}

enum happens receive_class(const struct payment *payment, const struct happening *happening)
{
    bool on_chain = payment->currency == PAYMENT_LAMPORTS;
    switch (happening->what) {
    case HAPPENS_PAID:
        return class_of_money(payment, happening);
    case HAPPENS_PAY_ASKED:
        return class_of_call(payment, happening);
    case HAPPENS_PRICED:
        return on_chain ? HAPPENS_PRICED_ON_CHAIN : HAPPENS_PRICED;
    case HAPPENS_TIME_OVER:
        return on_chain && !happening->node_healthy ? HAPPENS_TIME_OVER_BLIND : HAPPENS_TIME_OVER;
    default:
        return happening->what;
    }
}

uint8_t receive_flags(const struct payment *payment, const struct happening *happening)
{
    const struct receipt *receipt = &happening->receipt;
    uint8_t flags = 0;
    if (happening->what == HAPPENS_PAID_FOREIGN) return PAYMENT_FOREIGN;
    if (happening->what != HAPPENS_PAID) return 0;
    if (receive_is_late(payment, receipt)) flags |= PAYMENT_LATE;
    if (receipt->amount < payment->standing.price) flags |= PAYMENT_SHORT;
    if (receipt->amount > payment->standing.price) flags |= PAYMENT_OVER;
    if (has_money(payment)) flags |= PAYMENT_DUPLICATE;
    return flags;
}

static bool ticket_is_out(const struct payment *payment, uint8_t receipt)
{
    for (uint8_t i = 0; i < payment->refund_count; i++) {
        const struct refund *refund = &payment->refunds[i];
        if (refund->receipt == receipt && refund->state != REFUND_DONE) return true;
    }
    return payment->standing.kept && payment->standing.kept_from == receipt;
}

// The ticket that was read before, and whose money is not back: it is kept, owed, or became credit.
static const struct receipt *ticket_known(const struct payment *payment)
{
    for (uint8_t i = 0; i < payment->receipt_count; i++) {
        const struct receipt *receipt = &payment->receipts[i];
        if (receipt->class == RECEIPT_VALID && receipt_is_ticket(receipt) && ticket_is_out(payment, i))
            return receipt;
    }
    return NULL;
}

static enum happens reading_of_known(const struct payment *payment, const struct receipt *ticket,
                                     const struct ticket_reading *reading)
{
    if (reading->present) return reading->finalized && !ticket->settled ? HAPPENS_FINALIZED : HAPPENINGS;
    if (reading->slot < ticket->slot) return HAPPENINGS; // from before it
    if (!ticket->settled) return HAPPENS_FORKED;
    bool kept = payment->standing.kept && !payment->standing.paid_out;
    return reading->finalized && kept ? HAPPENS_ESCAPED : HAPPENINGS;
}

// The authority's ticket is the account's when its credit lies aside for it; else, as behind a restore, once
// it is final and taken of what the account has, unless it goes back to the authority already.
static bool is_paid_for(const struct payment *payment, const struct ticket_reading *reading)
{
    if (reading->goes_back) return false;
    return !reading->by_credit || payment->standing.permit.credit || (reading->finalized && reading->covered);
}

bool receive_is_stray(const struct payment *payment, const struct ticket_reading *reading)
{
    bool new = reading->present && reading->finalized && !ticket_known(payment);
    return new && !is_paid_for(payment, reading);
}

enum happens receive_reading(const struct payment *payment, const struct ticket_reading *reading)
{
    const struct payment_standing *now = &payment->standing;
    const struct receipt *ticket = ticket_known(payment);
    if (!reading->node_healthy) return HAPPENINGS;
    if (ticket) return reading_of_known(payment, ticket, reading);
    bool stays = payment_place(payment) == PLACE_HELD && now->end < PAYMENT_BY_OWNER;
    if (reading->present && !is_paid_for(payment, reading)) return HAPPENINGS;
    if (reading->present) return reading->finalized || stays ? HAPPENS_PAID : HAPPENINGS;
    bool passed = reading->finalized && reading->block_height > now->permit.last_valid_height;
    return now->permit.live && passed ? HAPPENS_PERMIT_DEAD : HAPPENINGS;
}

int64_t permit_until_ms(const struct payment *payment, int64_t now_ms, int64_t cluster_ms)
{
    return cluster_ms + (payment->standing.hold_ends_ms - now_ms);
}
