#include "services/chain/payments/deciding.h"
#include "services/chain/payments/terms.h"

enum { WAIT_PAID_MS = 24 * 60 * 60 * 1000 };

static bool end_permit(struct deciding *d)
{
    d->now->permit.live = false;
    d->now->permit.credit = 0;
    return true;
}

// A ticket that is not settled has a permit that lives, also when a restore has forgotten which.
static void use_permit(struct deciding *d)
{
    const struct receipt *receipt = &d->happening->receipt;
    if (!receipt_is_ticket(receipt)) return;
    d->now->permit.live = true;
    if (receipt->settled) end_permit(d);
}

static bool take_money(struct deciding *d, enum payment_seat seat)
{
    const struct receipt *receipt = &d->happening->receipt;
    struct payment_change *change = &d->verdict->change;
    if (!change_receive(d->payment, change, receipt)) return false;
    d->now->seat = (uint8_t)seat;
    d->now->kept = receipt->amount;
    d->now->kept_from = change->receipt_slot;
    use_permit(d);
    return true;
}

static bool take_seat(struct deciding *d)
{
    d->verdict->follows |= FOLLOWS_CONFIRMED;
    if (d->happening->receipt.settled) d->verdict->follows |= FOLLOWS_SETTLED;
    if (d->verdict->what == HAPPENS_PAY_ASKED) d->verdict->follows |= FOLLOWS_DEBIT;
    d->now->end = PAYMENT_BY_NOBODY; // paid in time, though the time is over
    return take_money(d, PAYMENT_TAKEN);
}

static bool take_place(struct deciding *d)
{
    d->verdict->follows |= FOLLOWS_TO_FRONT;
    d->now->waits_until_ms = d->happening->now_ms + WAIT_PAID_MS;
    return take_money(d, PAYMENT_WAITING);
}

static bool give_back(struct deciding *d)
{
    struct payment_change *change = &d->verdict->change;
    if (!change_receive(d->payment, change, &d->happening->receipt)) return false;
    struct giving_back giving = {.amount = change->receipt.amount, .receipt_slot = change->receipt_slot};
    use_permit(d);
    return change_give_back(d->payment, change, &giving, d->happening->now_ms);
}

static bool give_kept_back(struct deciding *d, int64_t amount, enum payment_end end)
{
    struct giving_back giving = {.amount = amount,
                                 .receipt_slot = d->now->kept_from,
                                 .end = end,
                                 .done = d->verdict->outcome == OUTCOME_ESCAPE};
    d->now->kept -= amount;
    d->now->waits_until_ms = 0;
    return change_give_back(d->payment, &d->verdict->change, &giving, d->happening->now_ms);
}

static bool give_all(struct deciding *d) { return give_kept_back(d, d->now->kept, PAYMENT_BY_NOBODY); }

static bool take_junk(struct deciding *d)
{
    change_note(d->payment, &d->verdict->change, &d->happening->receipt, RECEIPT_JUNK);
    return true;
}

static bool take_note(struct deciding *d)
{
    change_note(d->payment, &d->verdict->change, &d->happening->receipt, RECEIPT_NOTED);
    d->verdict->follows |= FOLLOWS_NOTE;
    return true;
}

static bool begin_hold(struct deciding *d)
{
    const struct happening *happening = d->happening;
    d->now->seat = PAYMENT_HELD;
    d->now->promotions++;
    d->now->attempt = happening->attempt;
    d->now->price = happening->price;
    d->now->hold_ends_ms = happening->now_ms + happening->hold_ms;
    d->now->reference = happening->reference;
    d->verdict->follows |= FOLLOWS_OPENED;
    return true;
}

static bool hold_again(struct deciding *d)
{
    d->verdict->change.forgets = true;
    d->verdict->follows |= FOLLOWS_HELD_AGAIN;
    d->now->seat = PAYMENT_HELD;
    d->now->kept = 0;
    d->now->withheld = 0;
    return true;
}

static bool seat_paid(struct deciding *d)
{
    d->now->seat = PAYMENT_TAKEN;
    d->now->attempt = d->happening->attempt;
    d->now->waits_until_ms = 0;
    d->verdict->follows |= FOLLOWS_CONFIRMED | FOLLOWS_SETTLED;
    return true;
}

static bool settle_ticket(struct deciding *d)
{
    d->verdict->change.settles = true;
    d->verdict->follows |= FOLLOWS_SETTLED;
    return end_permit(d);
}

static bool give_permit(struct deciding *d)
{
    bool by_credit = d->verdict->what == HAPPENS_CREDIT_ASKED;
    d->now->permit = d->happening->permit;
    d->now->permit.live = true;
    d->now->permit.credit = by_credit ? d->now->price + d->happening->fee : 0;
    d->verdict->follows |= by_credit ? FOLLOWS_PERMIT | FOLLOWS_SEND : FOLLOWS_PERMIT;
    return true;
}

static bool refund_again(struct deciding *d)
{
    struct payment_change *change = &d->verdict->change;
    change->moves_refund = true;
    change->refund_slot = d->happening->refund;
    change->refund_state = REFUND_DUE;
    return true;
}

static bool send_bytes(struct deciding *d)
{
    d->verdict->follows |= FOLLOWS_SEND;
    return true;
}

static bool take_price(struct deciding *d)
{
    d->now->price = d->happening->price;
    return true;
}

static bool pay_out(struct deciding *d)
{
    d->now->paid_out = true;
    return true;
}

// Promoted for the first time, they get another turn, behind all others.
static enum payment_seat seat_of_expired(struct deciding *d)
{
    if (d->now->promotions != 1) return PAYMENT_EXPIRED;
    d->verdict->follows |= FOLLOWS_TO_END;
    return PAYMENT_WAITING;
}

static enum payment_seat seat_after(struct deciding *d, enum payment_end end)
{
    if (end == PAYMENT_BY_TIME) return seat_of_expired(d);
    return end == PAYMENT_BY_LOCK ? PAYMENT_EXPIRED : PAYMENT_LEFT;
}

bool effect_end(struct deciding *d)
{
    enum payment_end end = (enum payment_end)d->now->end;
    int64_t back = d->now->kept - d->now->withheld;
    if (end == PAYMENT_BY_NOBODY || d->now->permit.live) return true;
    d->now->seat = (uint8_t)seat_after(d, end);
    d->now->end = PAYMENT_BY_NOBODY;
    d->now->withheld = 0;
    d->verdict->follows |= FOLLOWS_CLOSED;
    d->verdict->closed_by = end;
    return give_kept_back(d, back, end);
}

static const uint8_t ENDS[OUTCOMES] = {
    [OUTCOME_EXPIRE] = PAYMENT_BY_TIME,  [OUTCOME_END] = PAYMENT_BY_LOCK,
    [OUTCOME_LEAVE] = PAYMENT_BY_OWNER,  [OUTCOME_LEAVE_BY_TERMS] = PAYMENT_BY_OWNER,
    [OUTCOME_REMOVE] = PAYMENT_BY_GOD,   [OUTCOME_CALL_OFF] = PAYMENT_BY_EVENT,
    [OUTCOME_ESCAPE] = PAYMENT_BY_OWNER,
};

enum payment_end effect_end_of(enum outcome outcome) { return (enum payment_end)ENDS[outcome]; }

// A stronger end than the one that waits takes its place.
static void wish_end(struct deciding *d, enum payment_end end)
{
    int64_t kept = d->now->kept;
    if (end <= d->now->end) return;
    d->now->end = (uint8_t)end;
    d->now->withheld = 0;
    if (d->verdict->outcome == OUTCOME_LEAVE_BY_TERMS)
        d->now->withheld = kept - refund_terms_back(d->happening->terms, kept, d->happening->now_ms);
}

static bool (*const TAKES[OUTCOMES])(struct deciding *) = {
    [OUTCOME_JUNK] = take_junk,         [OUTCOME_NOTE] = take_note,
    [OUTCOME_SEAT] = take_seat,         [OUTCOME_SEAT_PAID] = seat_paid,
    [OUTCOME_WAIT_PAID] = take_place,   [OUTCOME_GIVE_BACK] = give_back,
    [OUTCOME_GIVE_ALL_BACK] = give_all, [OUTCOME_HOLD] = begin_hold,
    [OUTCOME_HOLD_AGAIN] = hold_again,  [OUTCOME_SETTLE] = settle_ticket,
    [OUTCOME_PERMIT] = give_permit,     [OUTCOME_PERMIT_OVER] = end_permit,
    [OUTCOME_SEND] = send_bytes,        [OUTCOME_REFUND_AGAIN] = refund_again,
    [OUTCOME_REPRICE] = take_price,     [OUTCOME_PAY_OUT] = pay_out,
};

bool effect_take(struct deciding *d)
{
    enum outcome outcome = d->verdict->outcome;
    if (ENDS[outcome]) wish_end(d, (enum payment_end)ENDS[outcome]);
    return !TAKES[outcome] || TAKES[outcome](d);
}
