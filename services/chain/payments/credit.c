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

struct credit_moves credit_moves(const struct payment *before, const struct payment *after, int64_t won)
{
    int64_t aside = after->standing.permit.credit - before->standing.permit.credit;
    int64_t issued =
        credit_back(after) - credit_back(before) - (credit_spent(after) - credit_spent(before)) + won;
    return (struct credit_moves){.account = issued - aside, .aside = aside, .issued = issued};
}
