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

bool till_is_owed(const struct till_payment *of)
{
    const struct payment *payment = &of->payment;
    bool ledger = payment->currency == PAYMENT_CONSE && !of->event->paid_out;
    return ledger && payment_received(payment) > payment_refunded(payment) + payment_credited(payment);
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
