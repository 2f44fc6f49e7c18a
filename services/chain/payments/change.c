#include "services/chain/payments/deciding.h"

bool change_finds_unsettled(const struct payment *payment, uint8_t *slot)
{
    for (*slot = 0; *slot < payment->receipt_count; ++*slot) {
        const struct receipt *receipt = &payment->receipts[*slot];
        if (receipt->class == RECEIPT_VALID && !receipt->settled) return true;
    }
    return false;
}

// What a fork took leaves its place to what comes next.
static bool receipt_place(const struct payment *payment, uint8_t *slot)
{
    for (*slot = 0; *slot < payment->receipt_count; ++*slot)
        if (payment->receipts[*slot].class == RECEIPT_GONE) return true;
    return *slot < PAYMENT_RECEIPTS_MAX;
}

void change_note(const struct payment *payment, struct payment_change *change, const struct receipt *receipt,
                 enum receipt_class class)
{
    int noted = 0;
    for (uint8_t i = 0; i < payment->receipt_count; i++)
        noted += payment->receipts[i].class == RECEIPT_NOTED || payment->receipts[i].class == RECEIPT_JUNK;
    change->standing.junk += change->standing.junk < UINT32_MAX;
    change->receipt = *receipt;
    change->receipt.class = (uint8_t) class;
    change->receives = noted < PAYMENT_JUNK_KEPT && receipt_place(payment, &change->receipt_slot);
}

bool change_receive(const struct payment *payment, struct payment_change *change,
                    const struct receipt *receipt)
{
    change->receipt = *receipt;
    change->receipt.class = RECEIPT_VALID;
    change->receives = receipt_place(payment, &change->receipt_slot);
    return change->receives;
}

bool change_give_back(const struct payment *payment, struct payment_change *change,
                      const struct giving_back *giving, int64_t now_ms)
{
    bool new = change->receives && change->receipt_slot == giving->receipt_slot;
    const struct receipt *receipt = new ? &change->receipt : &payment->receipts[giving->receipt_slot];
    static const uint8_t to[] = {[RECEIPT_LEDGER] = REFUND_TO_ACCOUNT,
                                 [RECEIPT_TICKET] = REFUND_TO_PAYER,
                                 [RECEIPT_CREDIT] = REFUND_TO_CREDIT};
    if (!giving->amount) return true;
    if (payment->refund_count == PAYMENT_REFUNDS_MAX || change->refunds) return false;
    change->refunds = true;
    change->refund = (struct refund){
        .amount = giving->amount,
        .since_ms = now_ms,
        .receipt = giving->receipt_slot,
        .end = (uint8_t)giving->end,
        .to = to[receipt->way],
        .state = receipt_is_ticket(receipt) && !giving->done ? REFUND_DUE : REFUND_DONE,
    };
    return true;
}

void payment_apply(struct payment *payment, const struct payment_change *change)
{
    uint8_t slot;
    bool unsettled = change_finds_unsettled(payment, &slot);
    if (unsettled && change->forgets) payment->receipts[slot].class = RECEIPT_GONE;
    if (unsettled && change->settles) payment->receipts[slot].settled = true;
    if (change->receives) {
        payment->receipts[change->receipt_slot] = change->receipt;
        payment->receipt_count += change->receipt_slot == payment->receipt_count;
    }
    if (change->refunds) payment->refunds[payment->refund_count++] = change->refund;
    if (change->moves_refund) payment->refunds[change->refund_slot].state = change->refund_state;
    payment->standing = change->standing;
}
