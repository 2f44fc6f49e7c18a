// How many payments of each account would be lost with it.
#include "services/chain/till/parts.h"

static const uint64_t ACCOUNTS_MAX = UINT64_C(1) << 28;

struct owed_place {
    uint64_t hash;
    uint32_t account, count;
};

void till_owed_init(struct till *till, const uint8_t seed[16])
{
    ledger_map_init(&till->owed, sizeof(struct owed_place), sizeof(uint32_t), ACCOUNTS_MAX, seed);
}

static struct owed_place *find_place(const struct till *till, uint32_t account)
{
    return till->owed.count ? ledger_map_find(&till->owed, &account) : NULL;
}

uint32_t till_owed(const struct till *till, uint32_t account)
{
    const struct owed_place *place = find_place(till, account);
    return place ? place->count : 0;
}

static bool comes_back(const struct refund *refund)
{
    return refund->to == REFUND_TO_CREDIT && refund_is_open(refund);
}

// It lies aside, is a seat's until the pot is divided, or goes back.
static bool is_credit_owed(const struct till_payment *of)
{
    const struct payment *payment = &of->payment;
    bool owed = payment->standing.permit.credit;
    for (uint8_t i = 0; i < payment->refund_count; i++) owed |= comes_back(&payment->refunds[i]);
    return owed || (payment_is_by_credit(payment) && !payment->standing.paid_out && !of->event->paid_out);
}

bool till_is_owed(const struct till_payment *of)
{
    const struct payment *payment = &of->payment;
    bool ledger = payment->currency == PAYMENT_CONSE && !of->event->paid_out;
    if (ledger) return payment_received(payment) > payment_refunded(payment) + payment_credited(payment);
    return is_credit_owed(of);
}

void till_note_owed(struct till *till, const struct till_payment *of, bool before)
{
    bool now = till_is_owed(of);
    if (now != before) till_count_owed(till, of->account, now);
}

void till_count_owed(struct till *till, uint32_t account, bool more)
{
    struct owed_place *place = find_place(till, account);
    if (!place) place = ledger_map_put(&till->owed, &account);
    place->count += more ? 1 : -1;
    if (!place->count) ledger_map_remove(&till->owed, place);
}

static bool awaits_credit(const struct payment *payment)
{
    bool awaits = payment->standing.permit.credit;
    for (uint8_t i = 0; i < payment->refund_count; i++)
        awaits |= comes_back(&payment->refunds[i]) && payment->refunds[i].state != REFUND_STUCK;
    return awaits;
}

bool till_awaits_credit(const struct till *till, uint32_t account)
{
    if (!till_owed(till, account)) return false;
    for (const struct till_event *event = NULL; (event = till_next_event(till, event));)
        for (const struct till_payment *of = event->first; of; of = of->next)
            if (of->account == account && awaits_credit(&of->payment)) return true;
    return false;
}
