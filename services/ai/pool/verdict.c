#include "services/ai/pool/verdict.h"

int64_t offer_answer_ms(int64_t waited_ms)
{
    const int64_t answer_ms = OFFER_LEAST_MS + waited_ms / 60000 * 1000;
    return answer_ms < OFFER_MOST_MS ? answer_ms : OFFER_MOST_MS;
}

struct offer_count offer_count(const Queue__TicketRow *const *tickets, size_t count)
{
    struct offer_count counted = {.asked = 0};
    for (size_t i = 0; i < count; i++) {
        const Queue__TicketRow__State state = tickets[i]->state;
        const bool seated = state == QUEUE__TICKET_ROW__STATE__SEATED;
        const bool accepted =
            state == QUEUE__TICKET_ROW__STATE__ACCEPTED || state == QUEUE__TICKET_ROW__STATE__SEATING;
        counted.asked += state == QUEUE__TICKET_ROW__STATE__OFFERED;
        counted.accepted += accepted || seated;
        counted.begun += seated || state == QUEUE__TICKET_ROW__STATE__SEATING;
        counted.left += accepted;
    }
    return counted;
}

bool offer_is_late(const Queue__OfferRow *offer, int64_t now_ms)
{
    return now_ms >= offer->deadline_ms + OFFER_GRACE_MS;
}

enum verdict offer_judge(const Queue__OfferRow *offer, struct offer_count count)
{
    if (!count.asked && !count.left) return VERDICT_OVER;
    if (count.accepted >= offer->needed || count.begun) return count.left ? VERDICT_SEAT : VERDICT_WAIT;
    return count.accepted + count.asked < offer->needed ? VERDICT_FAIL : VERDICT_WAIT;
}

uint32_t offer_needed(uint32_t taken, uint32_t least, uint32_t size_min)
{
    const uint32_t size = least < size_min ? size_min : least;
    return size > taken ? size - taken : 1;
}
