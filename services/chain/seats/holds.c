// What events tells of seats.
#include <sodium.h>
#include <string.h>

#include "services/chain/cluster/cluster.h"
#include "services/chain/seats/applying.h"

static bool know_terms(struct applying *a, const Money__SeatHeld *held)
{
    struct seats_change change;
    if (a->event->priced) return true;
    apply_begin_change(a, &change);
    change.message.terms = held->terms;
    change.message.currency = held->currency;
    return seats_change_add(a->b, &change);
}

static bool is_held_well(const struct applying *a, const Money__SeatHeld *held)
{
    struct payment_terms terms;
    enum payment_currency currency;
    if (!uuid_check(held->hold_id) || !uuid_check(held->user_id) || !held->terms || held->price <= 0 ||
        held->promotions > UINT8_MAX || !stored_currency_read(held->currency, &currency) ||
        !till_read_terms(held->terms, currency, &terms)) {
        apply_log_odd(a, "a hold that is none");
        return false;
    }
    bool fits = currency == PAYMENT_CONSE || (a->event && a->event->cluster.price == held->price);
    if (!fits) apply_log_odd(a, "a hold in lamports at another price");
    return fits;
}

// Who waited has another hold now; what they had paid goes back.
static void leave_waiting(struct applying *a, uint32_t account)
{
    const struct happening left = {
        .what = HAPPENS_LEFT, .now_ms = a->b->now_ms, .terms = &a->event->terms.refund};
    struct verdict verdict;
    for (struct till_payment *of = a->event->first; of; of = of->next)
        if (of->account == account && payment_place(&of->payment) == PLACE_WAITING)
            seats_happen(a->b, of, &left, &verdict);
}

// Of a ticket. What is still owed, or was paid and not found yet, is found by the one that it was paid with;
// what lies there for this attempt already, behind a restore, by its own.
static struct payment_key next_reference(const struct applying *a, const uint8_t hold[TILL_ID_BYTES],
                                         uint32_t attempt, const struct till_payment *before)
{
    const struct cluster *cluster = a->b->chain->cluster;
    bool keeps = before && (payment_owed(&before->payment) || !payment_refunded(&before->payment));
    struct payment_key reference = {{0}};
    if (cluster && till_is_on_cluster(a->event)) {
        reference = cluster_reference(cluster, a->id, hold, attempt);
        keeps &= !cluster_has_stranger(cluster, &reference);
    } else if (till_is_on_cluster(a->event)) {
        randombytes_buf(reference.bytes, sizeof reference.bytes); // nobody can pay by it here
    }
    return keeps ? before->payment.standing.reference : reference;
}

// An end that came before, or that the lock overtook, is no news.
static bool is_news(const struct till_payment *payment, enum happens what)
{
    return outcome_row(what)->cells[payment_place(&payment->payment)].outcome != OUTCOME_IMPOSSIBLE;
}

static void hold_anew(struct applying *a, struct till_payment *payment, const Money__SeatHeld *held)
{
    const struct happening promoted = {.what = HAPPENS_PROMOTED,
                                       .now_ms = a->b->now_ms,
                                       .price = held->price,
                                       .hold_ms = a->event->terms.hold_ms,
                                       .attempt = held->attempt,
                                       .reference = next_reference(a, payment->id, held->attempt, payment)};
    struct verdict verdict;
    bool later = held->attempt > payment->payment.standing.attempt; // else it is told again
    if (later && is_news(payment, HAPPENS_PROMOTED)) seats_happen(a->b, payment, &promoted, &verdict);
}

void apply_seat_held(struct applying *a)
{
    const Money__SeatHeld *held = a->told->seat_held;
    struct seats_opening opening = {.seat = PAYMENT_HELD,
                                    .price = held->price,
                                    .promotions = (uint8_t)held->promotions,
                                    .attempt = held->attempt};
    if (!is_held_well(a, held) || !apply_know_event(a) || !know_terms(a, held)) return;
    uuid_bytes(held->hold_id, opening.id);
    struct till_payment *known = till_find_payment(&a->b->book->till, opening.id);
    if (known) {
        if (known->event == a->event) hold_anew(a, known, held);
        return;
    }
    opening.account = apply_account_of(a->b, held->user_id);
    opening.reference = next_reference(a, opening.id, opening.attempt, NULL);
    leave_waiting(a, opening.account);
    seats_open(a->b, a->event, &opening);
}

void apply_seat_given(struct applying *a)
{
    const Money__SeatGiven *given = a->told->seat_given;
    struct seats_opening opening = {.seat = PAYMENT_TAKEN, .attempt = 1};
    if (!uuid_check(given->hold_id) || !uuid_check(given->user_id)) {
        apply_log_odd(a, "a seat that is none");
        return;
    }
    uuid_bytes(given->hold_id, opening.id);
    if (!apply_know_event(a) || till_find_payment(&a->b->book->till, opening.id)) return;
    opening.account = apply_account_of(a->b, given->user_id);
    leave_waiting(a, opening.account);
    seats_open(a->b, a->event, &opening);
}

static const uint8_t ENDINGS[] = {
    [MONEY__SEAT_ENDING__BY__OWNER] = HAPPENS_LEFT,
    [MONEY__SEAT_ENDING__BY__GOD] = HAPPENS_REMOVED,
    [MONEY__SEAT_ENDING__BY__LOCK] = HAPPENS_HOLDS_ENDED,
    [MONEY__SEAT_ENDING__BY__KICKED] = HAPPENS_KICKED,
    [MONEY__SEAT_ENDING__BY__KICKED_REFUNDED] = HAPPENS_KICKED_REFUNDED,
    [MONEY__SEAT_ENDING__BY__NO_PLACE] = HAPPENS_PLACE_REFUSED,
};

void apply_seat_ending(struct applying *a)
{
    const Money__SeatEnding *ending = a->told->seat_ending;
    uint8_t id[TILL_ID_BYTES];
    struct verdict verdict;
    if (!uuid_check(ending->hold_id) || (size_t)ending->by >= sizeof ENDINGS || !ENDINGS[ending->by]) {
        apply_log_odd(a, "an end that is none");
        return;
    }
    uuid_bytes(ending->hold_id, id);
    struct till_payment *payment = till_find_payment(&a->b->book->till, id);
    const struct happening happening = {.what = (enum happens)ENDINGS[ending->by],
                                        .now_ms = a->b->now_ms,
                                        .terms = a->event ? &a->event->terms.refund : NULL};
    if (payment && payment->event == a->event && is_news(payment, happening.what))
        seats_happen(a->b, payment, &happening, &verdict);
}
