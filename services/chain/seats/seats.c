#include "services/chain/seats/seats.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/log.h"
#include "services/chain/payments/terms.h"
#include "services/chain/withdrawals/flow.h"

static ProtobufCBinaryData id_bytes(const uint8_t id[TILL_ID_BYTES])
{
    return (ProtobufCBinaryData){TILL_ID_BYTES, (uint8_t *)id};
}

// ---- What events are told

struct telling {
    Money__PaymentOpened opened;
    Money__PaymentConfirmed confirmed;
    Money__PaymentSettled settled;
    Money__PaymentHeldAgain held_again;
    Money__PaymentClosed closed;
    Money__PaymentFinal final;
};

static Money__SeatEnding__By by_of(const struct verdict *verdict)
{
    static const Money__SeatEnding__By by[] = {[PAYMENT_BY_LOCK] = MONEY__SEAT_ENDING__BY__LOCK,
                                               [PAYMENT_BY_OWNER] = MONEY__SEAT_ENDING__BY__OWNER,
                                               [PAYMENT_BY_GOD] = MONEY__SEAT_ENDING__BY__GOD,
                                               [PAYMENT_BY_EVENT] = MONEY__SEAT_ENDING__BY__BY_UNSPECIFIED};
    if (verdict->what == HAPPENS_KICKED_REFUNDED) return MONEY__SEAT_ENDING__BY__KICKED_REFUNDED;
    return by[verdict->closed_by];
}

static Money__PaymentClosed__Next next_of(uint32_t follows)
{
    if (follows & FOLLOWS_TO_FRONT) return MONEY__PAYMENT_CLOSED__NEXT__TO_FRONT;
    return follows & FOLLOWS_TO_END ? MONEY__PAYMENT_CLOSED__NEXT__TO_END : MONEY__PAYMENT_CLOSED__NEXT__GONE;
}

static void tell_seated(struct telling *telling, Ledger__PaymentChanged *changed, uint32_t follows)
{
    money__payment_confirmed__init(&telling->confirmed);
    money__payment_settled__init(&telling->settled);
    telling->confirmed.settled = follows & FOLLOWS_SETTLED;
    if (follows & FOLLOWS_CONFIRMED)
        changed->confirmed = &telling->confirmed;
    else if (follows & FOLLOWS_SETTLED)
        changed->settled = &telling->settled;
}

static void tell_all(struct telling *telling, Ledger__PaymentChanged *changed, const struct verdict *verdict)
{
    uint32_t follows = verdict->follows;
    money__payment_opened__init(&telling->opened);
    money__payment_held_again__init(&telling->held_again);
    money__payment_closed__init(&telling->closed);
    telling->opened.hold_ends_ms = verdict->change.standing.hold_ends_ms;
    telling->held_again.hold_ends_ms = verdict->change.standing.hold_ends_ms;
    if (follows & FOLLOWS_OPENED) changed->opened = &telling->opened;
    if (follows & FOLLOWS_HELD_AGAIN) changed->held_again = &telling->held_again;
    tell_seated(telling, changed, follows);
    if (!(follows & (FOLLOWS_CLOSED | FOLLOWS_TO_FRONT))) return;
    telling->closed.by = by_of(verdict);
    telling->closed.next = next_of(follows);
    changed->closed = &telling->closed;
}

static void tell_final(struct telling *telling, Ledger__PaymentChanged *changed, const struct payment *before,
                       const struct payment *after)
{
    money__payment_final__init(&telling->final);
    bool was = before && payment_is_final(before);
    if (!was && payment_is_final(after)) changed->final = &telling->final;
}

// ---- What moves

// Of who is gone, it is the treasury's.
static size_t plan_credit(struct book_call *b, const struct till_payment *payment,
                          const struct credit_moves *moves, struct ledger_posting postings[4])
{
    const struct ledger_owner treasury = till_treasury(), aside = till_aside();
    bool gone = ledger_owner_of(&b->book->accounts, payment->account).kind == LEDGER_NOBODY;
    uint32_t to = gone ? book_account(b, &treasury) : payment->account;
    postings[0] = (struct ledger_posting){0, BOOK_LAMPORTS, -moves->issued};
    postings[1] = (struct ledger_posting){to, BOOK_LAMPORTS, moves->account};
    if (!moves->aside) return ledger_net(postings, 2);
    postings[2] = (struct ledger_posting){book_account(b, &aside), BOOK_LAMPORTS, moves->aside};
    return ledger_net(postings, 3);
}

static size_t plan_postings(struct book_call *b, const struct till_payment *payment,
                            const struct payment *after, const struct verdict *verdict,
                            struct ledger_posting postings[4])
{
    const struct payment_change *change = &verdict->change;
    const struct ledger_owner owner = till_escrow(payment->event->id);
    const struct credit_moves credit = credit_moves(&payment->payment, after, verdict->won);
    int64_t amount = verdict->follows & FOLLOWS_DEBIT ? change->receipt.amount : 0;
    if (credit.account || credit.aside) return plan_credit(b, payment, &credit, postings);
    if (change->refunds && change->refund.to == REFUND_TO_ACCOUNT) amount -= change->refund.amount;
    if (!amount) return 0;
    postings[0] = (struct ledger_posting){payment->account, BOOK_CONSE, -amount};
    postings[1] = (struct ledger_posting){book_account(b, &owner), BOOK_CONSE, amount};
    return ledger_net(postings, 2);
}

static bool changes_something(const struct payment *before, const struct verdict *verdict)
{
    const struct payment_change *change = &verdict->change;
    return verdict->follows || change->forgets || change->settles || change->receives || change->refunds ||
           change->moves_refund || memcmp(&before->standing, &change->standing, sizeof before->standing) != 0;
}

static const char *word_of(const struct verdict *verdict)
{
    if (verdict->what != HAPPENINGS) return happens_name(verdict->what);
    return verdict->change.receives ? "RECEIPT" : "REFUND";
}

static void add_change(struct book_call *b, struct till_payment *payment, const struct verdict *verdict)
{
    Ledger__PaymentChanged changed = LEDGER__PAYMENT_CHANGED__INIT;
    struct ledger_posting postings[4];
    struct stored_change stored;
    struct telling telling;
    struct payment after = payment->payment;
    if (!changes_something(&payment->payment, verdict)) return;
    payment_apply(&after, &verdict->change);
    size_t count = plan_postings(b, payment, &after, verdict, postings);
    stored_change_write(&stored, &verdict->change);
    changed.payment = id_bytes(payment->id);
    changed.event = id_bytes(payment->event->id);
    changed.what = word_of(verdict);
    changed.change = &stored.message;
    tell_all(&telling, &changed, verdict);
    tell_final(&telling, &changed, &payment->payment, &after);
    book_add(b, LEDGER__ENTRY__BODY_PAYMENT_CHANGED, &changed.base, postings, count);
    if (payment->payment.currency == PAYMENT_LAMPORTS) withdrawal_take_owed(b, payment->account);
}

// ---- Payments

bool seats_happen(struct book_call *b, struct till_payment *payment, const struct happening *happening,
                  struct verdict *verdict)
{
    payment_decide(&payment->payment, happening, verdict);
    if (verdict->outcome == OUTCOME_IMPOSSIBLE)
        log_warn("chain.seats", F_STR("impossible", happens_name(verdict->what)),
                 F_STR("payment", payment->payment.id.text));
    if (verdict->outcome == OUTCOME_IMPOSSIBLE || verdict->outcome == OUTCOME_REFUSED) return false;
    if (verdict->outcome == OUTCOME_PAY_OUT) verdict->won = till_won(payment);
    add_change(b, payment, verdict);
    return true;
}

bool seats_move_refund(struct book_call *b, struct till_payment *payment, uint8_t slot,
                       enum refund_moves move)
{
    struct verdict verdict = {.what = HAPPENINGS};
    if (!refund_move(&payment->payment, slot, move, b->now_ms, &verdict.change)) return false;
    add_change(b, payment, &verdict);
    return true;
}

void seats_sign_receipt(struct book_call *b, struct till_payment *payment, uint8_t slot,
                        const uint8_t signature[64])
{
    struct verdict verdict = {.what = HAPPENINGS,
                              .change = {.standing = payment->payment.standing,
                                         .receives = true,
                                         .receipt_slot = slot,
                                         .receipt = payment->payment.receipts[slot]}};
    memcpy(verdict.change.receipt.id, signature, sizeof verdict.change.receipt.id);
    add_change(b, payment, &verdict);
}

bool seats_refuse(const struct verdict *verdict, struct err *err)
{
    if (verdict->outcome == OUTCOME_IMPOSSIBLE)
        return err_fail(err, INTERNAL_ERROR, "%s can't be", happens_name(verdict->what));
    err_fail(err, INTERNAL_ERROR, "the payment is not where this can be done");
    err->reason = verdict->reason;
    err->retry_after_s = verdict->retry_after_s;
    return false;
}

static bool has_happened(const struct payment *payment, enum happens what)
{
    const struct payment_standing *now = &payment->standing;
    const int8_t stage = outcome_row(what)->stage;
    if (what == HAPPENS_PAID_OUT) return now->paid_out || payment_place(payment) != PLACE_OVER;
    if (what == HAPPENS_HOLDS_ENDED)
        return payment_place(payment) != PLACE_HELD || now->end >= PAYMENT_BY_LOCK;
    return stage != STAGE_STAYS && now->stage == stage;
}

bool seats_happen_all(struct book_call *b, struct till_event *event, enum happens what)
{
    const struct happening happening = {.what = what, .now_ms = b->now_ms, .terms = &event->terms.refund};
    struct verdict verdict;
    for (struct till_payment *of = event->first; of && !b->failed; of = of->next) {
        if (has_happened(&of->payment, what)) continue;
        if (b->count >= BOOK_ENTRIES_AT_ONCE) return b->unfinished = true, false;
        seats_happen(b, of, &happening, &verdict);
    }
    return !b->failed;
}

static void make_payment(const struct book_call *b, const struct till_event *event,
                         const struct seats_opening *opening, struct payment *payment)
{
    payment_open(payment, &(struct payment_opening){.id = uuid_text(opening->id),
                                                    .event_id = uuid_text(event->id),
                                                    .currency = event->currency,
                                                    .seat = opening->seat,
                                                    .price = opening->price,
                                                    .now_ms = b->now_ms,
                                                    .hold_ms = event->terms.hold_ms,
                                                    .promotions = opening->promotions,
                                                    .attempt = opening->attempt,
                                                    .reference = opening->reference});
    payment->standing.stage = (uint8_t)event->stage;
}

struct till_payment *seats_open(struct book_call *b, struct till_event *event,
                                const struct seats_opening *opening)
{
    Ledger__PaymentChanged changed = LEDGER__PAYMENT_CHANGED__INIT;
    Ledger__PaymentOpening first = LEDGER__PAYMENT_OPENING__INIT;
    struct payment payment;
    struct stored_change stored;
    struct telling telling;
    make_payment(b, event, opening, &payment);
    const struct verdict verdict = {.follows = opening->seat == PAYMENT_HELD ? FOLLOWS_OPENED : 0,
                                    .change.standing = payment.standing};
    stored_change_write(&stored, &verdict.change);
    first.account = opening->account;
    first.currency = stored_currency(event->currency);
    first.comp = payment.comp;
    changed.payment = id_bytes(opening->id);
    changed.event = id_bytes(event->id);
    changed.what = "OPENED";
    changed.opening = &first;
    changed.change = &stored.message;
    tell_all(&telling, &changed, &verdict);
    tell_final(&telling, &changed, NULL, &payment);
    bool added = book_add(b, LEDGER__ENTRY__BODY_PAYMENT_CHANGED, &changed.base, NULL, 0);
    return added ? till_find_payment(&b->book->till, opening->id) : NULL;
}
