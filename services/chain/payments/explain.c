#include "services/chain/payments/explain.h"

static const struct {
    const char *name, *sentence;
} WORDS[STATES] = {
    [STATE_HELD] = {"HELD", "The place is held for you: pay before hold_expires_at."},
    [STATE_IN_FLIGHT] = {"IN_FLIGHT",
                         "A transaction was made that pays for the place, by your credit or for "
                         "your wallet to sign; the place is yours once the cluster has confirmed "
                         "it."},
    [STATE_ENDING] = {"ENDING", "This ends as soon as no transaction can arrive any more, or as the one that "
                                "arrived is final; what you paid and don't use comes back."},
    [STATE_SETTLING] = {"SETTLING", "You have a seat; the cluster has confirmed your payment and will "
                                    "finalize it within a minute."},
    [STATE_SEATED] = {"SEATED", "You have a seat, and it is paid."},
    [STATE_COMP] = {"COMP", "The god gave you a seat without a payment by this way; you have no part in the "
                            "pot."},
    [STATE_WAITING] = {"WAITING", "You are in the waitlist and have nothing to pay yet."},
    [STATE_WAITING_PAID] = {"WAITING_PAID", "You paid when the hold was over: you get a place that is free, "
                                            "or are the first in the waitlist, and get all back within a day "
                                            "without one."},
    [STATE_EXPIRED] = {"EXPIRED", "The hold ended unpaid; reserve again if there is a place."},
    [STATE_LEFT] = {"LEFT", "You left, or were taken out, before the game."},
    [STATE_PLAYING] = {"PLAYING", "You are in the game; what you paid is in its pot."},
    [STATE_OUTSIDE] = {"OUTSIDE", "The event was locked without you; you owe nothing."},
    [STATE_CALLED_OFF] = {"CALLED_OFF", "The event did not take place; you owe nothing."},
    [STATE_DONE] = {"DONE", "The game is over; its pot is paid out when the time for disputes has passed."},
    [STATE_PAID_OUT] = {"PAID_OUT", "The game is over and its pot was paid out."},
    [STATE_REFUNDING] = {"REFUNDING", "Your money is on its way back to the account it came from."},
    [STATE_REFUND_STUCK] = {"REFUND_STUCK", "Your money could not be sent back for a week; an operator was "
                                            "told and looks after it."},
    [STATE_REFUNDED] = {"REFUNDED", "You got your money back."},
    [STATE_PAYING_OUT] = {"PAYING_OUT",
                          "You won; the pot is divided, and your part is on its way to the wallet "
                          "that paid, or becomes credit again."},
    [STATE_PAYOUT_STUCK] = {"PAYOUT_STUCK",
                            "You won, and your part is yours, but it could not be sent so far; an "
                            "operator was told, and it is sent again."},
    [STATE_CREDITED] = {"CREDITED", "You got credit in place of what could not be sent back."},
};

static enum payment_state state_of_seated(const struct payment *payment)
{
    if (payment->standing.permit.live) return STATE_SETTLING;
    return payment->comp ? STATE_COMP : STATE_SEATED;
}

static enum payment_state state_of_over(const struct payment *payment)
{
    const struct payment_standing *now = &payment->standing;
    if (now->stage == PAYMENT_CALLED_OFF) return STATE_CALLED_OFF;
    if (now->seat != PAYMENT_TAKEN) return STATE_OUTSIDE;
    return now->paid_out ? STATE_PAID_OUT : STATE_DONE;
}

static enum payment_state state_of_place(const struct payment *payment)
{
    switch (payment_place(payment)) {
    case PLACE_HELD:
        return payment->standing.permit.live ? STATE_IN_FLIGHT : STATE_HELD;
    case PLACE_SEATED:
        return state_of_seated(payment);
    case PLACE_WAITING:
        return payment->standing.kept ? STATE_WAITING_PAID : STATE_WAITING;
    case PLACE_EXPIRED:
        return STATE_EXPIRED;
    case PLACE_LEFT:
        return STATE_LEFT;
    case PLACE_PLAYING:
        return STATE_PLAYING;
    case PLACE_OUTSIDE:
        return STATE_OUTSIDE;
    default:
        return state_of_over(payment);
    }
}

// Of who has no place any more, money that goes back is told first.
static enum payment_state state_of_money(const struct payment *payment, enum payment_state state)
{
    bool stuck = false;
    for (uint8_t i = 0; i < payment->refund_count; i++) stuck |= payment->refunds[i].state == REFUND_STUCK;
    if (stuck) return STATE_REFUND_STUCK;
    if (payment_owed(payment)) return STATE_REFUNDING;
    if (payment_credited(payment)) return STATE_CREDITED;
    return payment_refunded(payment) ? STATE_REFUNDED : state;
}

enum payment_state payment_state(const struct payment *payment)
{
    enum payment_state state = state_of_place(payment);
    if (payment->standing.end != PAYMENT_BY_NOBODY) return STATE_ENDING;
    bool without =
        state == STATE_EXPIRED || state == STATE_LEFT || state == STATE_OUTSIDE || state == STATE_CALLED_OFF;
    return without ? state_of_money(payment, state) : state;
}

const char *payment_state_name(enum payment_state state) { return WORDS[state].name; }

const char *payment_explain(enum payment_state state) { return WORDS[state].sentence; }
