// Who won, and what of the pot becomes credit.
#include "services/chain/payments/pot.h"
#include "services/chain/till/till.h"

uint32_t till_winners(const struct till_event *event, const struct till_payment *winners[TILL_WINNERS_MAX])
{
    uint32_t count = 0;
    for (uint32_t place = 1; count < TILL_WINNERS_MAX; place++) {
        const struct till_payment *of = event->first;
        while (of && of->winner != place) of = of->next;
        if (!of) break;
        if (payment_in_pot(&of->payment)) winners[count++] = of;
    }
    return count;
}

int64_t till_won(const struct till_payment *of)
{
    const struct till_payment *winners[TILL_WINNERS_MAX];
    const struct till_event *event = of->event;
    struct pot_split split;
    int64_t pot = 0;
    bool wins = till_is_on_cluster(event) && event->stage == PAYMENT_DONE && of->winner;
    if (!wins || !payment_is_by_credit(&of->payment)) return 0;
    for (const struct till_payment *each = event->first; each; each = each->next)
        pot += each->payment.standing.kept;
    uint32_t place = 0, count = till_winners(event, winners);
    while (place < count && winners[place] != of) place++;
    if (place == count || !pot_divide(pot, &event->terms.pot, count, &split)) return 0;
    return pot_part(&split, place);
}
