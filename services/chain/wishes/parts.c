#include "services/chain/wishes/parts.h"

#include <string.h>

static bool takes_of_pot(const struct wish *wish)
{
    bool refund = wish->aim.kind == OUTBOX_REFUND && wish->aim.slot != WISH_STRAY;
    return refund || wish->aim.kind == OUTBOX_PAY_TICKET;
}

// What of the pot the state has, and the ledger does not, or the other way around.
static bool is_between(const struct wish *wish, const struct sight *sight)
{
    return !sight->has_ticket || (wish->has_job && wish->job.state == OUTBOX_SENT);
}

static bool are_between(const struct wish *of, const struct wish *wishes, const struct sight *sights,
                        size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any |= takes_of_pot(&wishes[i]) && memcmp(wishes[i].event, of->event, sizeof of->event) == 0 &&
               is_between(&wishes[i], &sights[i]);
    return any;
}

static int64_t owed_more(const struct wish *wish, const struct sight *sight)
{
    bool paying = wish->aim.kind == OUTBOX_PAY_TICKET && sight->has_event &&
                  sight->event.state == SOLANA_EVENT_SETTLING && sight->event.owed <= INT64_MAX;
    int64_t more = paying ? (int64_t)sight->event.owed - wish->unpaid_amount - wish->apart_amount : 0;
    return more > 0 && wish->unpaid ? more : 0;
}

void parts_adjust(struct wish *wishes, const struct sight *sights, size_t count, bool newest)
{
    for (size_t i = 0; i < count; i++) {
        struct wish *wish = &wishes[i];
        int64_t more = owed_more(wish, &sights[i]);
        if (!more) continue;
        bool first = wish->rank < more % wish->unpaid;
        wish->waits = (wish->some_paid && !newest) || are_between(wish, wishes, sights, count);
        wish->more = more / wish->unpaid + first;
    }
}
