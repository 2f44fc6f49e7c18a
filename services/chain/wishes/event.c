#include <string.h>

#include "services/chain/seats/seats.h"
#include "services/chain/wishes/adding.h"

static struct wish *wish_of_event(struct wishes *wishes, const struct till_event *event,
                                  enum outbox_kind kind)
{
    struct wish *wish = wishes_add(wishes);
    if (!wish) return NULL;
    *wish = (struct wish){.aim.kind = kind, .cluster = event->cluster, .wanted = true};
    memcpy(wish->aim.subject, event->id, sizeof wish->aim.subject);
    memcpy(wish->event, event->id, sizeof wish->event);
    return wish;
}

static struct wish *wish_of_ticket(struct wishes *wishes, const struct till_payment *of,
                                   enum outbox_kind kind)
{
    struct wish *wish = wish_of_event(wishes, of->event, kind);
    if (!wish) return NULL;
    memcpy(wish->aim.subject, of->id, sizeof wish->aim.subject);
    wish->aim.reference = of->payment.standing.reference;
    wish->seen_slot = of->payment.receipts[of->payment.standing.kept_from].slot;
    return wish;
}

// What an event has beside the tickets of its pot.
struct beside {
    uint32_t apart;       // tickets whose refund does not land
    int64_t apart_amount; // of those
    bool on_way;          // another one, or a permit lives: the number of its tickets may change
};

static void wish_init(struct wishes *wishes, const struct book *book, const struct till_event *event)
{
    struct wish *wish = wish_of_event(wishes, event, OUTBOX_INIT_EVENT);
    if (!wish) return;
    wishes_take_job(wish, book);
    wish->wanted = event->stage == PAYMENT_OPEN;
    if (!wish->wanted && !wish->has_job) wishes->count--;
}

// From a ticket.
static bool is_owed(const struct refund *refund)
{
    return refund->to != REFUND_TO_ACCOUNT && refund_is_open(refund);
}

static void wish_refunds(struct wishes *wishes, const struct book *book, const struct till_payment *of,
                         struct beside *beside)
{
    beside->on_way |= of->payment.standing.permit.live;
    for (uint8_t i = 0; i < of->payment.refund_count; i++) {
        const struct refund *refund = &of->payment.refunds[i];
        if (!is_owed(refund)) continue;
        struct wish *wish = wish_of_ticket(wishes, of, OUTBOX_REFUND);
        if (!wish) return;
        wish->aim.slot = i;
        wish->seen_slot = of->payment.receipts[refund->receipt].slot;
        wish->amount = refund->amount;
        wish->since_ms = refund->since_ms;
        wish->stuck = refund->state == REFUND_STUCK;
        wishes_take_job(wish, book);
        beside->apart += wish->set_apart;
        beside->apart_amount += wish->set_apart ? wish->amount : 0;
        beside->on_way |= !wish->set_apart;
    }
}

static uint32_t count_kept(const struct till_event *event)
{
    uint32_t count = 0;
    for (const struct till_payment *of = event->first; of; of = of->next)
        count += of->payment.standing.kept > 0;
    return count;
}

// All that it still owes has been owed for a week, and nothing else lies there.
static bool is_given_up(const struct till_event *event, int64_t now_ms)
{
    uint32_t stuck = 0;
    if (event->stage != PAYMENT_CALLED_OFF || till_pot(event)) return false;
    for (const struct till_payment *of = event->first; of; of = of->next) {
        if (of->payment.standing.permit.live) return false;
        for (uint8_t i = 0; i < of->payment.refund_count; i++) {
            const struct refund *refund = &of->payment.refunds[i];
            if (!is_owed(refund)) continue;
            if (now_ms - refund->since_ms < REFUND_STUCK_MS) return false;
            stuck++;
        }
    }
    return stuck;
}

static uint32_t count_owed(const struct till_event *event)
{
    uint32_t count = 0;
    for (const struct till_payment *of = event->first; of; of = of->next)
        for (uint8_t i = 0; i < of->payment.refund_count; i++) count += is_owed(&of->payment.refunds[i]);
    return count;
}

// The pool gets what its tickets paid; from then on nobody can take it out of them. Their owners get credit.
static void wish_give_up(struct wishes *wishes, const struct book *book, const struct till_event *event)
{
    struct wish *wish = wish_of_event(wishes, event, OUTBOX_SETTLE);
    if (!wish) return;
    wish->tickets = count_owed(event);
    wish->pot = (struct pot_terms){.kind = POT_BASIS_POINTS};
    wishes_take_job(wish, book);
}

// What who left had to leave of an event that was called off is revenue.
static void wish_settle(struct wishes *wishes, const struct book *book, const struct till_event *event,
                        uint32_t apart)
{
    const struct till_payment *winners[TILL_WINNERS_MAX];
    bool off = event->stage == PAYMENT_CALLED_OFF, won = !off && till_winners(event, winners);
    struct wish *wish = wish_of_event(wishes, event, OUTBOX_SETTLE);
    if (!wish) return;
    wish->tickets = count_kept(event) + apart;
    wish->apart = apart;
    wish->pot = off ? (struct pot_terms){.kind = POT_BASIS_POINTS, .tax = TERMS_WHOLE_BP} : event->terms.pot;
    wish->winners_bp = won ? TERMS_WHOLE_BP - event->terms.pot.god_bp : 0;
    wishes_take_job(wish, book);
}

// What all winners of an event have who are not paid yet.
struct unpaid {
    uint32_t count;
    int64_t amount;
};

static struct unpaid unpaid_of(const struct till_payment *const *winners, uint32_t count,
                               const struct pot_split *split)
{
    struct unpaid unpaid = {.count = 0};
    for (uint32_t i = 0; i < count; i++) {
        if (winners[i]->payment.standing.paid_out) continue;
        unpaid.count++;
        unpaid.amount += pot_part(split, i);
    }
    return unpaid;
}

// False: a winner's payment is on its way.
static bool wish_pays(struct wishes *wishes, const struct book *book, const struct till_event *event,
                      const struct beside *beside)
{
    const struct till_payment *winners[TILL_WINNERS_MAX];
    struct seats_division division;
    uint32_t count = event->stage == PAYMENT_DONE ? till_winners(event, winners) : 0, rank = 0;
    bool on_way = false;
    if (!seats_plan(event, count, &division)) return false;
    const struct unpaid unpaid = unpaid_of(winners, count, &division.split);
    for (uint32_t i = 0; i < count; i++) {
        if (winners[i]->payment.standing.paid_out) continue;
        struct wish *wish = wish_of_ticket(wishes, winners[i], OUTBOX_PAY_TICKET);
        if (!wish) return false;
        wish->amount = pot_part(&division.split, i);
        wish->unpaid = unpaid.count;
        wish->unpaid_amount = unpaid.amount;
        wish->apart_amount = beside->apart_amount;
        wish->rank = rank++;
        wish->some_paid = unpaid.count < count;
        wishes_take_job(wish, book);
        on_way |= !wish->set_apart;
    }
    struct wish *paid = wish_of_event(wishes, event, OUTBOX_SETTLE);
    if (!paid) return false;
    paid->pays_out = true;
    paid->all_paid = !unpaid.count;
    return !on_way;
}

static bool waits_for_its_part(const struct till_event *event, const struct till_payment *of)
{
    return !event->paid_out && of->winner && !of->payment.standing.paid_out;
}

static void wish_close(struct wishes *wishes, const struct book *book, const struct till_event *event)
{
    struct wish *wish;
    for (const struct till_payment *of = event->first; of; of = of->next) {
        bool there = of->payment.standing.kept || payment_credited(&of->payment);
        if (!there || waits_for_its_part(event, of)) continue;
        wish = wish_of_ticket(wishes, of, OUTBOX_CLOSE_TICKET);
        if (wish) wishes_take_job(wish, book);
    }
    wish = wish_of_event(wishes, event, OUTBOX_CLOSE);
    if (wish) wishes_take_job(wish, book);
}

static bool is_settling(const struct till_event *event, int64_t now_ms)
{
    bool done =
        event->stage == PAYMENT_DONE && event->payout_ms && event->payout_ms <= now_ms && !event->disputed;
    return (done || event->stage == PAYMENT_CALLED_OFF) && !event->paid_out && till_pot(event) > 0;
}

// A restored ledger may have forgotten that its pot was divided: then nobody can take its end back.
static void wish_look(struct wishes *wishes, const struct till_event *event)
{
    bool waits = event->stage == PAYMENT_DONE && !event->paid_out && till_pot(event) > 0;
    struct wish *wish = waits ? wish_of_event(wishes, event, OUTBOX_SETTLE) : NULL;
    if (wish) wish->wanted = false;
}

static bool is_over(const struct till_event *event)
{
    return event->paid_out || (event->stage == PAYMENT_CALLED_OFF && till_pot(event) == 0);
}

void wishes_of_event(struct wishes *wishes, const struct book *book, const struct till_event *event,
                     int64_t now_ms)
{
    if (!till_is_on_cluster(event) || !event->cluster.price || event->cluster.state == TILL_CLOSED) return;
    if (event->cluster.state == TILL_OFF) {
        wish_init(wishes, book, event);
        return;
    }
    struct beside beside = {.apart = 0};
    bool settled = event->cluster.state == TILL_SETTLED, over = is_over(event);
    for (const struct till_payment *of = event->first; of; of = of->next)
        wish_refunds(wishes, book, of, &beside);
    if (settled && !over) over = wish_pays(wishes, book, event, &beside);
    if (!settled && is_given_up(event, now_ms)) wish_give_up(wishes, book, event);
    bool settles = !settled && !beside.on_way && is_settling(event, now_ms);
    if (settles) wish_settle(wishes, book, event, beside.apart);
    if (!settled && !settles) wish_look(wishes, event);
    if (over && !beside.on_way) wish_close(wishes, book, event);
}
