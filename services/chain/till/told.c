#include "services/chain/till/told.h"

// The members of one oneof are pointers in one place, and the entry has the same messages under the same
// numbers.
static void take_body(Money__FromChain *told, Money__FromChain__BodyCase which, const void *body)
{
    told->body_case = which;
    told->opened = (Money__PaymentOpened *)body;
}

static bool add_told(Money__FromChain *told, struct arena *arena, ProtobufCBinaryData *out)
{
    out->len = money__from_chain__get_packed_size(told);
    out->data = arena_alloc(arena, out->len + 1);
    if (out->data) money__from_chain__pack(told, out->data);
    return out->data;
}

static size_t told_of_event(const Ledger__Entry *entry, struct arena *arena, ProtobufCBinaryData *told)
{
    const Ledger__EventChanged *changed = entry->event_changed;
    Money__FromChain message = MONEY__FROM_CHAIN__INIT;
    if (!changed->payable) return 0;
    const struct uuid event = uuid_text(changed->event.data);
    message.time_ms = entry->time_ms;
    message.event_id = event.text;
    take_body(&message, MONEY__FROM_CHAIN__BODY_EVENT_PAYABLE, changed->payable);
    return add_told(&message, arena, told);
}

size_t told_of(const Ledger__Entry *entry, struct arena *arena, ProtobufCBinaryData told[TOLD_MOST])
{
    const Ledger__PaymentChanged *changed = entry->payment_changed;
    if (entry->body_case == LEDGER__ENTRY__BODY_EVENT_CHANGED) return told_of_event(entry, arena, told);
    if (entry->body_case != LEDGER__ENTRY__BODY_PAYMENT_CHANGED) return 0;
    const struct {
        Money__FromChain__BodyCase which;
        const void *body;
    } bodies[TOLD_MOST] = {
        {MONEY__FROM_CHAIN__BODY_OPENED, changed->opened},
        {MONEY__FROM_CHAIN__BODY_CONFIRMED, changed->confirmed},
        {MONEY__FROM_CHAIN__BODY_SETTLED, changed->settled},
        {MONEY__FROM_CHAIN__BODY_HELD_AGAIN, changed->held_again},
        {MONEY__FROM_CHAIN__BODY_CLOSED, changed->closed},
        {MONEY__FROM_CHAIN__BODY_FINAL, changed->final},
    };
    const struct uuid event = uuid_text(changed->event.data), payment = uuid_text(changed->payment.data);
    size_t count = 0;
    for (size_t i = 0; i < TOLD_MOST; i++) {
        Money__FromChain message = MONEY__FROM_CHAIN__INIT;
        if (!bodies[i].body) continue;
        message.time_ms = entry->time_ms;
        message.event_id = event.text;
        message.hold_id = payment.text;
        take_body(&message, bodies[i].which, bodies[i].body);
        if (!add_told(&message, arena, &told[count++])) return 0;
    }
    return count;
}
