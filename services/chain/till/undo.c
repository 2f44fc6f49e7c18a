// What an entry did to payments and their events is undone.
#include <stdlib.h>
#include <string.h>

#include "services/chain/till/parts.h"

static bool note_payment(const struct till *till, const Ledger__PaymentChanged *changed,
                         struct till_before *before)
{
    const struct till_payment *payment = till_find_payment(till, changed->payment.data);
    const struct till_event *event = till_find_event(till, changed->event.data);
    before->is_new = !payment;
    if (payment) before->payment = payment->payment;
    before->event = *event;
    return true;
}

// What changes all payments of an event, or takes it out, is left alone.
static bool note_event(const struct till *till, const Ledger__EventChanged *changed,
                       struct till_before *before)
{
    const struct till_event *event = till_find_event(till, changed->event.data);
    bool divides = changed->paid_out && !(event && event->paid_out);
    if (changed->over || changed->n_winners || changed->disputes.len || divides || (event && event->disputed))
        return false;
    before->is_new = !event;
    if (event) before->event = *event;
    return true;
}

bool till_note(const struct till *till, const Ledger__Entry *entry, struct till_before *before)
{
    *before = (struct till_before){.generation = till->followed_generation, .seq = till->followed_seq};
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_PAYMENT_CHANGED:
        return note_payment(till, entry->payment_changed, before);
    case LEDGER__ENTRY__BODY_EVENT_CHANGED:
        return note_event(till, entry->event_changed, before);
    case LEDGER__ENTRY__BODY_FOLLOWED_TO:
        return !entry->followed_to->stream;
    default:
        return false;
    }
}

// The newest of its event.
static void remove_payment(struct till *till, struct till_payment *payment)
{
    struct till_event *event = payment->event;
    struct till_payment *last = event->first;
    while (last != payment && last->next != payment) last = last->next;
    if (last == payment) last = NULL;
    *(last ? &last->next : &event->first) = NULL;
    event->last = last;
    event->count--;
    ledger_map_remove(&till->payments, ledger_map_find(&till->payments, payment->id));
    free(payment);
}

static void undo_payment(struct till *till, const Ledger__PaymentChanged *changed,
                         const struct till_before *before)
{
    struct till_payment *payment = till_find_payment(till, changed->payment.data);
    struct till_event *event = payment->event;
    int64_t was_due_ms = till_payment_due(payment), event_was_due_ms = till_event_due(event);
    bool was_owed = till_is_owed(payment);
    event->unmarked = before->event.unmarked;
    if (before->is_new) {
        if (was_owed) till_count_owed(till, payment->account, false);
        remove_payment(till, payment);
    } else {
        payment->payment = before->payment;
        till_note_owed(till, payment, was_owed);
        till_note_payment(till, payment, was_due_ms);
    }
    till_note_event(till, event, event_was_due_ms);
}

static void undo_event(struct till *till, const Ledger__EventChanged *changed,
                       const struct till_before *before)
{
    struct till_event *event = till_find_event(till, changed->event.data);
    if (before->is_new) {
        ledger_map_remove(&till->events, ledger_map_find(&till->events, event->id));
        free(event);
        return;
    }
    int64_t was_due_ms = till_event_due(event);
    *event = before->event; // its payments are those that it had then
    till_note_event(till, event, was_due_ms);
}

bool till_undo(struct till *till, const Ledger__Entry *entry, const struct till_before *before)
{
    if (!till_reserve(till)) return false;
    if (entry->body_case == LEDGER__ENTRY__BODY_PAYMENT_CHANGED)
        undo_payment(till, entry->payment_changed, before);
    if (entry->body_case == LEDGER__ENTRY__BODY_EVENT_CHANGED) undo_event(till, entry->event_changed, before);
    till->followed_generation = before->generation;
    till->followed_seq = before->seq;
    return true;
}
