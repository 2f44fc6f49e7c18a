#include "services/chain/payments/refund.h"

enum { NOWHERE = -1, REFUND_STATES = REFUND_CREDITED + 1, REFUND_MOVES = REFUND_CREDIT + 1 };

static const int8_t MOVES[REFUND_STATES][REFUND_MOVES] = {
    //                    SEND         FAIL        FINISH       STICK         CREDIT
    [REFUND_DUE] = {REFUND_SENT, NOWHERE, REFUND_DONE, REFUND_STUCK, NOWHERE},
    [REFUND_SENT] = {REFUND_SENT, REFUND_DUE, REFUND_DONE, REFUND_STUCK, NOWHERE},
    [REFUND_DONE] = {NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE},
    [REFUND_STUCK] = {REFUND_SENT, NOWHERE, REFUND_DONE, NOWHERE, REFUND_CREDITED},
    [REFUND_CREDITED] = {NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE},
};

bool refund_move(const struct payment *payment, uint8_t slot, enum refund_moves move, int64_t now_ms,
                 struct payment_change *change)
{
    *change =
        (struct payment_change){.standing = payment->standing, .moves_refund = true, .refund_slot = slot};
    if (slot >= payment->refund_count) return false;
    const struct refund *refund = &payment->refunds[slot];
    int8_t state = MOVES[refund->state][move];
    bool too_early = move == REFUND_STICK && now_ms - refund->since_ms < REFUND_STUCK_MS;
    if (state == NOWHERE || too_early) return false;
    change->refund_state = (uint8_t)state;
    return true;
}
