#include "services/chain/payments/payment.h"

void payment_open(struct payment *payment, const struct payment_opening *opening)
{
    bool comp = opening->seat == PAYMENT_TAKEN;
    *payment = (struct payment){.id = opening->id,
                                .event_id = opening->event_id,
                                .user_id = opening->user_id,
                                .currency = (uint8_t)opening->currency,
                                .comp = comp,
                                .opened_ms = opening->now_ms};
    payment->standing = (struct payment_standing){
        .seat = (uint8_t)opening->seat,
        .promotions = opening->promotions,
        .attempt = opening->attempt,
        .price = comp ? 0 : opening->price,
        .hold_ends_ms = opening->seat == PAYMENT_HELD ? opening->now_ms + opening->hold_ms : 0,
        .reference = opening->reference};
}

static enum payment_place place_while_open(enum payment_seat seat)
{
    static const uint8_t places[] = {[PAYMENT_WAITING] = PLACE_WAITING,
                                     [PAYMENT_HELD] = PLACE_HELD,
                                     [PAYMENT_TAKEN] = PLACE_SEATED,
                                     [PAYMENT_EXPIRED] = PLACE_EXPIRED,
                                     [PAYMENT_LEFT] = PLACE_LEFT};
    return places[seat];
}

enum payment_place payment_place(const struct payment *payment)
{
    const struct payment_standing *now = &payment->standing;
    if (now->stage == PAYMENT_OPEN) return place_while_open(now->seat);
    if (now->stage == PAYMENT_LOCKED) return now->seat == PAYMENT_TAKEN ? PLACE_PLAYING : PLACE_OUTSIDE;
    return PLACE_OVER;
}

char payment_letter(enum payment_place place) { return "HSWXLKGO"[place]; }

bool receipt_is_ticket(const struct receipt *receipt) { return receipt->way != RECEIPT_LEDGER; }

bool receipt_is_signed(const struct receipt *receipt)
{
    uint8_t some = 0;
    for (size_t i = PAYMENT_KEY_BYTES; i < sizeof receipt->id; i++) some |= receipt->id[i];
    return some && receipt_is_ticket(receipt);
}

int64_t payment_received(const struct payment *payment)
{
    int64_t sum = 0;
    for (uint8_t i = 0; i < payment->receipt_count; i++)
        if (payment->receipts[i].class == RECEIPT_VALID) sum += payment->receipts[i].amount;
    return sum;
}

int64_t payment_due(const struct payment *payment)
{
    return payment_place(payment) == PLACE_HELD ? payment->standing.price : 0;
}

static int64_t refunds_sum(const struct payment *payment, unsigned states)
{
    int64_t sum = 0;
    for (uint8_t i = 0; i < payment->refund_count; i++)
        if (states >> payment->refunds[i].state & 1) sum += payment->refunds[i].amount;
    return sum;
}

bool refund_is_open(const struct refund *refund)
{
    return refund->state != REFUND_DONE && refund->state != REFUND_CREDITED;
}

int64_t payment_refunded(const struct payment *payment) { return refunds_sum(payment, 1u << REFUND_DONE); }

int64_t payment_credited(const struct payment *payment)
{
    return refunds_sum(payment, 1u << REFUND_CREDITED);
}

int64_t payment_owed(const struct payment *payment)
{
    return refunds_sum(payment, 1u << REFUND_DUE | 1u << REFUND_SENT | 1u << REFUND_STUCK);
}

bool payment_is_balanced(const struct payment *payment)
{
    int64_t kept = payment->standing.kept, refunded = payment_refunded(payment),
            credited = payment_credited(payment), owed = payment_owed(payment);
    bool none_below = kept >= 0 && refunded >= 0 && credited >= 0 && owed >= 0;
    return none_below && kept <= payment->standing.price &&
           payment_received(payment) == kept + refunded + credited + owed;
}

bool payment_is_final(const struct payment *payment)
{
    const struct payment_standing *now = &payment->standing;
    enum payment_place place = payment_place(payment);
    if (now->permit.live || payment_owed(payment)) return false;
    if (place != PLACE_EXPIRED && place != PLACE_LEFT && place != PLACE_OUTSIDE && place != PLACE_OVER)
        return false;
    return !now->kept || now->paid_out;
}

bool payment_in_pot(const struct payment *payment)
{
    return payment->standing.seat == PAYMENT_TAKEN && payment->standing.kept > 0;
}

bool payment_is_by_credit(const struct payment *payment)
{
    const struct payment_standing *now = &payment->standing;
    return now->kept && payment->receipts[now->kept_from].way == RECEIPT_CREDIT;
}
