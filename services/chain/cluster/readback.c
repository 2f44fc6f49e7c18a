#include "services/chain/cluster/readback.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/chain/cluster/tickets.h"

enum { ENTRIES_AT_ONCE = 200, MISSING_AT_ONCE = READING_KEYS_MAX / 2 };

struct found_ticket {
    struct watched watched; // but for the payment
    struct solana_account account;
    bool over; // its event, there
    struct found_ticket *next;
};

struct found_event {
    struct solana_event event;
    struct found_ticket *tickets, *end; // of the list of all, those of this event
    struct found_event *next;
};

struct finding {
    const struct readback *readback;
    const struct solana_programs *programs;
    struct arena *arena;
    const struct solana_event *event; // whose tickets are read
    struct found_event *events;
    struct found_ticket *tickets, *next; // the next one to take
    struct watched missing[MISSING_AT_ONCE];
    size_t missing_count;
    bool failed; // no memory
};

// ---- What there is

static void find_event(void *arg, const struct solana_account *account)
{
    struct finding *finding = arg;
    struct solana_event event;
    if (!solana_event_read(&event, account, finding->programs)) return;
    struct found_event *found = arena_new(finding->arena, struct found_event);
    finding->failed |= !found;
    if (!found) return;
    *found = (struct found_event){.event = event, .next = finding->events};
    finding->events = found;
}

static void find_ticket(void *arg, const struct solana_account *account)
{
    struct finding *finding = arg;
    struct solana_ticket ticket;
    if (!solana_ticket_read(&ticket, account, finding->programs)) return;
    struct found_ticket *found = arena_new(finding->arena, struct found_ticket);
    uint8_t *bytes = arena_copy(finding->arena, account->data, account->data_len);
    finding->failed |= !found || !bytes;
    if (finding->failed) return;
    found->account = *account;
    found->account.data = bytes;
    found->over = finding->event->state == SOLANA_EVENT_SETTLED;
    memcpy(found->watched.event, finding->event->id, sizeof found->watched.event);
    memcpy(found->watched.authority.bytes, finding->event->authority.bytes, PAYMENT_KEY_BYTES);
    memcpy(found->watched.reference.bytes, ticket.reference.bytes, PAYMENT_KEY_BYTES);
    found->next = finding->tickets;
    finding->tickets = found;
}

static bool search_program(struct finding *finding, const struct solana_key *owner,
                           void (*each)(void *, const struct solana_account *), struct err *err)
{
    struct solana_fault fault;
    const struct reading_search search = {finding->programs->ticket, *owner, finding->readback->slot, each,
                                          finding};
    if (!reading_program(finding->readback->finalized, &search, &fault))
        return err_fail(err, CLUSTER_AWAY, "%s", fault.message);
    return book_filled(finding->failed ? NULL : finding, err);
}

static bool find_all(struct finding *finding, struct err *err)
{
    const struct solana_key *authority = &finding->readback->cluster->now.authority;
    if (!search_program(finding, authority, find_event, err)) return false;
    for (struct found_event *of = finding->events; of; of = of->next) {
        struct solana_key address;
        solana_event_address(&address, finding->programs, authority, of->event.id);
        finding->event = &of->event;
        of->end = finding->tickets;
        if (!search_program(finding, &address, find_ticket, err)) return false;
        of->tickets = finding->tickets;
    }
    return true;
}

// ---- What it is

static const struct till_payment *find_payment(const struct book *book, const struct watched *watched)
{
    const struct till_event *event = till_find_event(&book->till, watched->event);
    const struct till_payment *of = event ? event->first : NULL;
    while (of && memcmp(&of->payment.standing.reference, &watched->reference, PAYMENT_KEY_BYTES) != 0)
        of = of->next;
    return of;
}

// When all of a pot is paid, who has a ticket still gets the rents of it. While it is being paid the ticket
// may be a winner's: then it waits.
static void note_stray(struct wishes *strays, const struct found_ticket *ticket)
{
    enum outbox_kind kind = ticket->over ? OUTBOX_CLOSE_TICKET : OUTBOX_REFUND;
    struct wish stray = {.aim = {.kind = kind, .slot = WISH_STRAY}, .wanted = true};
    log_warn("chain.cluster",
             F_STR("a ticket that no payment knows, of event", uuid_text(ticket->watched.event).text));
    memcpy(stray.aim.subject, ticket->watched.event, sizeof stray.aim.subject);
    memcpy(stray.event, ticket->watched.event, sizeof stray.event);
    stray.aim.reference = ticket->watched.reference;
    stray.cluster.authority = ticket->watched.authority;
    stray.seen_slot = ticket->account.slot;
    wishes_put(strays, &stray);
}

static void note_event(struct wishes *unknown, const struct found_event *found)
{
    struct wish close = {.aim = {.kind = OUTBOX_CLOSE, .slot = WISH_STRAY}, .wanted = true};
    const struct uuid id = uuid_text(found->event.id);
    log_warn("chain.cluster", F_STR("an event that the ledger does not know", id.text));
    if (found->event.state == SOLANA_EVENT_SETTLING)
        log_error("chain.cluster", F_STR("nobody knows who won a pot that is being paid, of event", id.text),
                  F_INT("lamports", (int64_t)found->event.owed));
    memcpy(close.aim.subject, found->event.id, sizeof close.aim.subject);
    memcpy(close.event, found->event.id, sizeof close.event);
    memcpy(close.cluster.authority.bytes, found->event.authority.bytes, PAYMENT_KEY_BYTES);
    wishes_put(unknown, &close);
}

// Of a payment whose event is not there for the ledger yet it waits, too.
static void take_ticket(struct finding *finding, struct book_call *b, struct found_ticket *ticket,
                        const struct unknown *unknown)
{
    const struct till_payment *payment = find_payment(b->book, &ticket->watched);
    const struct sighting sighting = {.watched = &ticket->watched,
                                      .account = &ticket->account,
                                      .finalized = true,
                                      .height = finding->readback->height};
    if (!payment || payment->event->cluster.state == TILL_OFF) {
        note_stray(unknown->strangers, ticket);
        return;
    }
    if (tickets_is_stray(b, finding->programs, payment, &sighting)) {
        note_stray(unknown->strays, ticket);
        return;
    }
    memcpy(ticket->watched.payment, payment->id, sizeof ticket->watched.payment);
    tickets_take(b, finding->programs, &sighting);
}

// The next of the tickets, in one append. *ticket: how far the store is.
static bool take_some(struct finding *finding, const struct unknown *unknown, uint64_t *ticket,
                      struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = finding->readback->cluster->chain, .arena = finding->arena};
    if (!book_begin_own(&b, clock_unix_ms(), true, err)) return false;
    for (; finding->next && b.count < ENTRIES_AT_ONCE && !b.failed; finding->next = finding->next->next)
        take_ticket(finding, &b, finding->next, unknown);
    if (!book_commit(&b, NULL, err)) return false;
    if (b.count) *ticket = b.book->live.ticket;
    return true;
}

// ---- What is there no more

static bool is_found(const struct found_event *found, const struct payment_key *reference)
{
    const struct found_ticket *ticket = found->tickets;
    while (ticket != found->end && memcmp(&ticket->watched.reference, reference, sizeof *reference) != 0)
        ticket = ticket->next;
    return ticket != found->end;
}

// Until a pot is divided, who has a seat by a finalized ticket has the ticket.
static bool has_to_have_one(const struct till_payment *of)
{
    const struct payment_standing *now = &of->payment.standing;
    return of->payment.currency == PAYMENT_LAMPORTS && now->kept && !now->paid_out && !now->permit.live;
}

static void gather_missing(struct finding *finding, const struct book *book)
{
    for (const struct found_event *found = finding->events; found; found = found->next) {
        const struct till_event *event = till_find_event(&book->till, found->event.id);
        bool payable = event && event->cluster.state == TILL_PAYABLE;
        for (const struct till_payment *of = payable ? event->first : NULL; of; of = of->next) {
            bool room = finding->missing_count < MISSING_AT_ONCE;
            if (room && has_to_have_one(of) && !is_found(found, &of->payment.standing.reference))
                tickets_fill(&finding->missing[finding->missing_count++], of);
        }
    }
}

// A list may lack what is there, so each account is asked for.
static bool read_missing(const struct finding *finding, struct reading *reading, struct err *err)
{
    struct solana_key keys[READING_KEYS_MAX];
    struct solana_fault fault;
    for (size_t i = 0; i < finding->missing_count; i++) {
        const struct watched *watched = &finding->missing[i];
        keys[2 * i] = tickets_event(finding->programs, &watched->authority, watched->event);
        keys[2 * i + 1] = tickets_address(finding->programs, watched);
    }
    return reading_accounts(finding->readback->finalized, keys, 2 * finding->missing_count,
                            finding->readback->slot, reading, &fault) ||
           err_fail(err, CLUSTER_AWAY, "%s", fault.message);
}

// A refund that a restore has forgotten: nothing else takes a ticket from an event that is open there.
static void miss_ticket(const struct finding *finding, struct book_call *b, const struct reading *reading,
                        size_t i)
{
    const struct sighting sighting = {.watched = &finding->missing[i],
                                      .account = &reading->accounts[2 * i + 1],
                                      .finalized = true,
                                      .height = finding->readback->height};
    struct solana_event event;
    size_t before = b->count;
    if (!solana_event_read(&event, &reading->accounts[2 * i], finding->programs) ||
        event.state != SOLANA_EVENT_OPEN)
        return;
    tickets_take(b, finding->programs, &sighting);
    if (b->count > before)
        log_warn("chain.cluster", F_STR("a ticket was given back that the ledger has, of payment",
                                        uuid_text(finding->missing[i].payment).text));
}

static bool store_missing(const struct finding *finding, const struct reading *reading, uint64_t *ticket,
                          struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = finding->readback->cluster->chain, .arena = finding->arena};
    if (!book_begin_own(&b, clock_unix_ms(), true, err)) return false;
    for (size_t i = 0; i < finding->missing_count && !b.failed; i++) miss_ticket(finding, &b, reading, i);
    if (!book_commit(&b, NULL, err)) return false;
    if (b.count) *ticket = b.book->live.ticket;
    return true;
}

static bool look_for_missing(struct finding *finding, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = finding->readback->cluster->chain, .arena = finding->arena};
    if (!book_begin_own(&b, clock_unix_ms(), false, err)) return false;
    gather_missing(finding, b.book);
    return true;
}

// Some at once; more of them are found when all is read again.
static bool take_missing(struct finding *finding, uint64_t *ticket, struct err *err)
{
    struct reading *reading = arena_new(finding->arena, struct reading);
    if (!reading) return book_filled(NULL, err);
    if (!look_for_missing(finding, err)) return false;
    if (!finding->missing_count) return true;
    if (!read_missing(finding, reading, err)) return false;
    bool ok = store_missing(finding, reading, ticket, err);
    reading_finish(reading);
    return ok;
}

// ---- Events

static bool take_events(const struct finding *finding, const struct unknown *unknown, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = finding->readback->cluster->chain, .arena = finding->arena};
    if (!book_begin_own(&b, clock_unix_ms(), false, err)) return false;
    for (const struct found_event *found = finding->events; found; found = found->next)
        if (!till_find_event(&b.book->till, found->event.id)) note_event(unknown->strangers, found);
    return book_filled(unknown->strangers->failed || unknown->strays->failed ? NULL : finding, err);
}

// ---- All

bool readback_all(const struct readback *readback, const struct unknown *unknown, struct err *err)
{
    struct finding finding = {
        .readback = readback, .programs = &readback->cluster->now.programs, .arena = unknown->strays->arena};
    uint64_t ticket = 0;
    if (!find_all(&finding, err)) return false;
    for (finding.next = finding.tickets; finding.next;)
        if (!take_some(&finding, unknown, &ticket, err)) return false;
    if (!take_events(&finding, unknown, err)) return false;
    return take_missing(&finding, &ticket, err) &&
           (!ticket || store_wait(readback->cluster->chain->store, ticket, err));
}
