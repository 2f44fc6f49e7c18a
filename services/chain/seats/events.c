// What becomes of the event that seats are of: what it is, its pot, its end.
#include <string.h>

#include "services/chain/payments/pot.h"
#include "services/chain/seats/seats.h"

// ---- What it is

void seats_change_new(struct seats_change *change, const uint8_t id[TILL_ID_BYTES])
{
    ledger__event_changed__init(&change->message);
    memcpy(change->id, id, sizeof change->id);
    change->message.event = (ProtobufCBinaryData){sizeof change->id, change->id};
}

void seats_change_begin(struct seats_change *change, const struct till_event *event)
{
    seats_change_new(change, event->id);
    change->message.stage = event->stage;
    change->message.god = event->god;
    change->message.told_ms = event->told_ms;
    change->message.payout_ms = event->payout_ms;
    change->message.disputed = event->disputed;
    change->message.paid_out = event->paid_out;
}

static ProtobufCBinaryData key_bytes(const struct payment_key *key)
{
    return (ProtobufCBinaryData){sizeof key->bytes, (uint8_t *)key->bytes};
}

void seats_change_cluster(struct seats_change *change, const struct till_cluster *cluster)
{
    ledger__event_cluster__init(&change->cluster);
    change->cluster.price = cluster->price;
    change->cluster.escape_at_s = cluster->escape_at_s;
    change->cluster.state = cluster->state;
    if (cluster->state != TILL_OFF) {
        change->cluster.authority = key_bytes(&cluster->authority);
        change->cluster.whitelist = key_bytes(&cluster->whitelist);
    }
    change->message.cluster = &change->cluster;
}

bool seats_change_add(struct book_call *b, struct seats_change *change)
{
    return book_add(b, LEDGER__ENTRY__BODY_EVENT_CHANGED, &change->message.base, NULL, 0);
}

// ---- Its pot

bool seats_plan(const struct till_event *event, uint32_t winners, struct seats_division *division)
{
    division->pot = till_pot(event);
    if (!pot_divide(division->pot, &event->terms.pot, winners, &division->split)) return false;
    if (event->stage != PAYMENT_CALLED_OFF) return true;
    division->split = (struct pot_split){.revenue = division->pot}; // what who left had to leave
    return true;
}

struct sharing {
    struct book_call *b;
    struct ledger_posting postings[TILL_WINNERS_MAX + 4];
    size_t count;
};

static void share_with(struct sharing *sharing, uint32_t account, int64_t amount)
{
    if (amount) sharing->postings[sharing->count++] = (struct ledger_posting){account, BOOK_CONSE, amount};
}

static void share_fund(struct sharing *sharing, enum ledger_fund fund, int64_t amount)
{
    const struct ledger_owner owner = {.kind = LEDGER_FUND, .id = {(uint8_t)fund}};
    if (amount) share_with(sharing, book_account(sharing->b, &owner), amount);
}

static bool share_pot(struct sharing *sharing, const struct till_event *event)
{
    const struct till_payment *winners[TILL_WINNERS_MAX];
    const struct ledger_owner escrow = till_escrow(event->id);
    struct seats_division division;
    uint32_t count = till_winners(event, winners);
    if (!seats_plan(event, count, &division)) return false;
    const struct pot_split *split = &division.split;
    if (!division.pot) return true;
    share_with(sharing, book_account(sharing->b, &escrow), -division.pot);
    for (uint32_t i = 0; i < split->winners; i++)
        share_with(sharing, winners[i]->account, pot_part(split, i));
    if (event->god) share_with(sharing, event->god, split->god);
    share_fund(sharing, LEDGER_TREASURY, split->treasury + (event->god ? 0 : split->god));
    share_fund(sharing, LEDGER_REVENUE, split->revenue);
    sharing->count = ledger_net(sharing->postings, sharing->count);
    return true;
}

void seats_divide(struct book_call *b, struct till_event *event)
{
    struct sharing sharing = {.b = b};
    struct seats_change change;
    if (!till_is_on_cluster(event) && !share_pot(&sharing, event)) return;
    seats_change_begin(&change, event);
    change.message.paid_out = true;
    book_add(b, LEDGER__ENTRY__BODY_EVENT_CHANGED, &change.message.base, sharing.postings, sharing.count);
}

bool seats_is_divided(const struct book *book, const struct till_event *event)
{
    struct outbox_aim settle = {.kind = OUTBOX_SETTLE};
    memcpy(settle.subject, event->id, sizeof settle.subject);
    const struct outbox_job *job = outbox_find(&book->outbox, &settle);
    return event->paid_out || event->cluster.state >= TILL_SETTLED || (job && job->state == OUTBOX_SENT);
}

// ---- Its end

static bool all_final(const struct till_event *event)
{
    for (const struct till_payment *of = event->first; of; of = of->next)
        if (!payment_is_final(&of->payment)) return false;
    return true;
}

// Whom the end that was taken back does not hold any more, each.
static bool all_called_off(const struct till_event *event)
{
    for (const struct till_payment *of = event->first; of; of = of->next)
        if (of->payment.standing.stage != PAYMENT_CALLED_OFF) return false;
    return true;
}

static bool has_to_divide(const struct till_event *event)
{
    if (event->paid_out || (event->stage == PAYMENT_CALLED_OFF && !all_called_off(event))) return false;
    if (till_is_on_cluster(event)) return event->stage == PAYMENT_DONE && till_pot(event) == 0;
    return event->stage == PAYMENT_CALLED_OFF ? till_pot(event) > 0 : till_pot(event) == 0;
}

// What is on the cluster is closed there first.
static bool is_gone(const struct book_call *b, const struct till_event *event)
{
    struct outbox_aim init = {.kind = OUTBOX_INIT_EVENT};
    memcpy(init.subject, event->id, sizeof init.subject);
    if (event->cluster.state == TILL_OFF) return !outbox_find(&b->book->outbox, &init);
    return event->cluster.state == TILL_CLOSED;
}

void seats_settle(struct book_call *b, struct till_event *event)
{
    struct seats_change change;
    if (event->stage != PAYMENT_DONE && event->stage != PAYMENT_CALLED_OFF) return;
    if (has_to_divide(event)) seats_divide(b, event);
    if (event->paid_out && !seats_happen_all(b, event, HAPPENS_PAID_OUT)) return;
    if (b->failed || !all_final(event) || !is_gone(b, event)) return;
    seats_change_begin(&change, event);
    change.message.over = true;
    seats_change_add(b, &change);
}
