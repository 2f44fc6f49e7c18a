#include "services/chain/payments/credit.h"

// By tickets that no fork can take.
static int64_t credit_spent(const struct payment *payment)
{
    int64_t sum = 0;
    for (uint8_t i = 0; i < payment->receipt_count; i++) {
        const struct receipt *receipt = &payment->receipts[i];
        bool spent = receipt->class == RECEIPT_VALID && receipt->way == RECEIPT_CREDIT && receipt->settled;
        if (spent) sum += receipt->amount;
    }
    return sum;
}

static int64_t credit_back(const struct payment *payment)
{
    int64_t sum = payment_credited(payment);
    for (uint8_t i = 0; i < payment->refund_count; i++) {
        const struct refund *refund = &payment->refunds[i];
        if (refund->to == REFUND_TO_CREDIT && refund->state == REFUND_DONE) sum += refund->amount;
    }
    return sum;
}

// What lies aside is set free, and a ticket was spent of it.
static int64_t credit_fee(const struct payment *before, const struct payment *after)
{
    int64_t freed = before->standing.permit.credit - after->standing.permit.credit,
            spent = credit_spent(after) - credit_spent(before);
    return spent > 0 && freed > spent ? freed - spent : 0;
}

struct credit_moves credit_moves(const struct payment *before, const struct payment *after, int64_t won)
{
    int64_t aside = after->standing.permit.credit - before->standing.permit.credit;
    int64_t spent = credit_spent(after) - credit_spent(before) + credit_fee(before, after);
    int64_t issued = credit_back(after) - credit_back(before) - spent + won;
    return (struct credit_moves){.account = issued - aside, .aside = aside, .issued = issued};
}
