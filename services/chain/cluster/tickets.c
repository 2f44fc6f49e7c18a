#include "services/chain/cluster/tickets.h"

#include <string.h>

#include "lib/base/log.h"
#include "services/chain/outbox/jobs.h"
#include "services/chain/payments/receive.h"
#include "services/chain/seats/seats.h"
#include "services/chain/wishes/wishes.h"

static const struct payment_key NO_KEY;

// ---- Which

bool tickets_is_unsettled(const struct payment *payment)
{
    bool found = false;
    for (uint8_t i = 0; i < payment->receipt_count; i++)
        found |= payment->receipts[i].class == RECEIPT_VALID && !payment->receipts[i].settled;
    return found;
}

// From then on, and until the pot is divided, who has a ticket may take the money out.
static bool may_escape(const struct till_event *event, const struct payment *payment, int64_t clock_s)
{
    return event->cluster.state == TILL_PAYABLE && payment->standing.kept && !payment->standing.paid_out &&
           clock_s >= event->cluster.escape_at_s;
}

static bool is_watched(const struct till_payment *of, int64_t clock_s)
{
    const struct payment *payment = &of->payment;
    if (payment->currency != PAYMENT_LAMPORTS ||
        memcmp(&payment->standing.reference, &NO_KEY, sizeof NO_KEY) == 0)
        return false;
    return payment->standing.permit.live || tickets_is_unsettled(payment) ||
           may_escape(of->event, payment, clock_s);
}

void tickets_fill(struct watched *watched, const struct till_payment *of)
{
    memcpy(watched->payment, of->id, sizeof watched->payment);
    memcpy(watched->event, of->event->id, sizeof watched->event);
    watched->authority = of->event->cluster.authority;
    watched->reference = of->payment.standing.reference;
}

static size_t visit_all(const struct book *book, int64_t clock_s, struct watched *out)
{
    size_t count = 0;
    for (const struct till_event *event = NULL; (event = till_next_event(&book->till, event));) {
        if (event->cluster.state == TILL_OFF || event->cluster.state == TILL_CLOSED) continue;
        for (const struct till_payment *of = event->first; of; of = of->next) {
            if (!is_watched(of, clock_s)) continue;
            if (out) tickets_fill(&out[count], of);
            count++;
        }
    }
    return count;
}

struct watched *tickets_gather(const struct book *book, int64_t clock_s, struct arena *arena, size_t *count)
{
    *count = visit_all(book, clock_s, NULL);
    struct watched *all = arena_array(arena, *count + 1, sizeof *all);
    if (all) visit_all(book, clock_s, all);
    return all;
}

static struct solana_key solana_of(const struct payment_key *key)
{
    struct solana_key out;
    memcpy(out.bytes, key->bytes, sizeof out.bytes);
    return out;
}

struct solana_key tickets_event(const struct solana_programs *programs, const struct payment_key *authority,
                                const uint8_t id[TILL_ID_BYTES])
{
    const struct solana_key of = solana_of(authority);
    struct solana_key event;
    solana_event_address(&event, programs, &of, id);
    return event;
}

struct solana_key tickets_address(const struct solana_programs *programs, const struct watched *watched)
{
    const struct solana_key event = tickets_event(programs, &watched->authority, watched->event),
                            reference = solana_of(&watched->reference);
    struct solana_key address;
    solana_ticket_address(&address, programs, &event, &reference);
    return address;
}

// ---- What was seen

static bool is_key(const struct solana_key *key, const struct payment_key *other)
{
    return memcmp(key->bytes, other->bytes, sizeof key->bytes) == 0;
}

// The program makes a ticket under this address for this event and this reference alone, and never changes
// it.
static bool is_believed(const struct payment *payment, const struct solana_ticket *ticket)
{
    const struct payment_standing *now = &payment->standing;
    bool same = is_key(&ticket->reference, &now->reference);
    for (uint8_t i = 0; same && i < payment->receipt_count; i++) {
        const struct receipt *receipt = &payment->receipts[i];
        bool known = receipt->class == RECEIPT_VALID && receipt_is_ticket(receipt) && receipt->settled &&
                     now->kept && now->kept_from == i;
        same =
            !known || ((uint64_t)receipt->amount == ticket->paid && is_key(&ticket->player, &receipt->payer));
    }
    return same;
}

static bool is_by_credit(const struct solana_ticket *ticket, const struct watched *watched)
{
    return is_key(&ticket->player, &watched->authority);
}

static struct receipt receipt_of(const struct solana_ticket *ticket, const struct sighting *sighting)
{
    struct receipt receipt = {.amount = (int64_t)ticket->paid,
                              .at_ms = ticket->reserved_at_s * 1000,
                              .slot = sighting->account->slot,
                              .way =
                                  is_by_credit(ticket, sighting->watched) ? RECEIPT_CREDIT : RECEIPT_TICKET,
                              .settled = sighting->finalized};
    memcpy(receipt.id, ticket->reference.bytes, sizeof ticket->reference.bytes);
    memcpy(receipt.payer.bytes, ticket->player.bytes, sizeof receipt.payer.bytes);
    return receipt;
}

static void end_sending(struct book_call *b, const struct till_payment *payment,
                        const struct payment_key *reference)
{
    struct outbox_aim seat = {.kind = OUTBOX_SEAT, .reference = *reference};
    if (payment->payment.standing.permit.live || b->failed) return;
    memcpy(seat.subject, payment->id, sizeof seat.subject);
    outbox_move(b, &seat, OUTBOX_DONE);
}

// In the event: one that they hold, sit in or wait for.
static bool has_other(const struct till_payment *payment)
{
    bool found = false;
    for (const struct till_payment *of = payment->event->first; of; of = of->next) {
        enum payment_place place = payment_place(&of->payment);
        bool has = place == PLACE_HELD || place == PLACE_SEATED || place == PLACE_WAITING;
        found |= of != payment && of->account == payment->account && has;
    }
    return found;
}

static bool is_covered(const struct book_call *b, const struct till_payment *payment,
                       const struct solana_ticket *ticket)
{
    int64_t has = ledger_balance(&b->book->accounts, payment->account, BOOK_LAMPORTS);
    return has >= 0 && (uint64_t)has >= ticket->paid;
}

static bool goes_back(const struct book_call *b, const struct watched *watched)
{
    struct outbox_aim stray = {.kind = OUTBOX_REFUND, .slot = WISH_STRAY, .reference = watched->reference};
    memcpy(stray.subject, watched->event, sizeof stray.subject);
    return outbox_find(&b->book->outbox, &stray);
}

// ticket: NULL where there is none.
static struct ticket_reading reading_of(const struct book_call *b, const struct till_payment *payment,
                                        const struct sighting *sighting, const struct solana_ticket *ticket)
{
    return (struct ticket_reading){.node_healthy = true,
                                   .finalized = sighting->finalized,
                                   .present = ticket,
                                   .by_credit = ticket && is_by_credit(ticket, sighting->watched),
                                   .covered = ticket && is_covered(b, payment, ticket),
                                   .goes_back = ticket && goes_back(b, sighting->watched),
                                   .slot = sighting->account->slot,
                                   .block_height = sighting->height};
}

bool tickets_is_stray(const struct book_call *b, const struct solana_programs *programs,
                      const struct till_payment *payment, const struct sighting *sighting)
{
    struct solana_ticket ticket;
    bool present = solana_ticket_read(&ticket, sighting->account, programs);
    const struct ticket_reading reading = reading_of(b, payment, sighting, present ? &ticket : NULL);
    return receive_is_stray(&payment->payment, &reading) &&
           !till_awaits_credit(&b->book->till, payment->account);
}

void tickets_happen(struct book_call *b, struct till_payment *payment, enum happens what,
                    const struct receipt *receipt)
{
    struct happening seen = {.what = what,
                             .node_healthy = true,
                             .has_other = has_other(payment),
                             .now_ms = b->now_ms,
                             .terms = &payment->event->terms.refund};
    struct verdict verdict;
    if (receipt) seen.receipt = *receipt;
    seats_happen(b, payment, &seen, &verdict);
    end_sending(b, payment, &payment->payment.standing.reference);
}

// Behind the division a ticket that is gone took no money out; nor is it sure that there was none, for which
// credit lies aside.
static bool says_nothing(const struct payment *payment, const struct sighting *sighting, enum happens what)
{
    bool aside = what == HAPPENS_PERMIT_DEAD && payment->standing.permit.credit;
    return what == HAPPENINGS || (sighting->settled && (what == HAPPENS_ESCAPED || aside));
}

static void take_reading(struct book_call *b, struct till_payment *payment, const struct sighting *sighting,
                         const struct solana_ticket *ticket)
{
    const struct ticket_reading reading = reading_of(b, payment, sighting, ticket);
    enum happens what = receive_reading(&payment->payment, &reading);
    if (says_nothing(&payment->payment, sighting, what)) return;
    const struct receipt receipt = ticket ? receipt_of(ticket, sighting) : (struct receipt){.amount = 0};
    tickets_happen(b, payment, what, ticket ? &receipt : NULL);
}

void tickets_take(struct book_call *b, const struct solana_programs *programs,
                  const struct sighting *sighting)
{
    const struct watched *watched = sighting->watched;
    struct till_payment *payment = till_find_payment(&b->book->till, watched->payment);
    struct solana_ticket ticket;
    if (!payment || memcmp(&payment->payment.standing.reference, &watched->reference, PAYMENT_KEY_BYTES) != 0)
        return;
    bool present = solana_ticket_read(&ticket, sighting->account, programs);
    if (present && !is_believed(&payment->payment, &ticket)) {
        log_warn("chain.cluster", F_STR("odd", "a ticket that is another than before"),
                 F_STR("payment", payment->payment.id.text));
        return;
    }
    take_reading(b, payment, sighting, present ? &ticket : NULL);
    end_sending(b, payment, &watched->reference);
}
