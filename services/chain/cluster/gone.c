#include "services/chain/cluster/gone.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"

enum { AT_ONCE = READING_KEYS_MAX / 2 }; // two accounts each

// ---- Which

static bool may_be_paid(const struct till_payment *of)
{
    static const struct payment_key none;
    const struct payment_standing *now = &of->payment.standing;
    return of->payment.currency == PAYMENT_LAMPORTS && memcmp(&now->reference, &none, sizeof none) != 0 &&
           (now->permit.live || payment_place(&of->payment) == PLACE_HELD);
}

static bool is_there(const struct till_event *event)
{
    return event->cluster.state == TILL_PAYABLE || event->cluster.state == TILL_SETTLED;
}

static size_t visit_all(const struct book *book, struct watched *out)
{
    size_t count = 0;
    for (const struct till_event *event = NULL; (event = till_next_event(&book->till, event));)
        for (const struct till_payment *of = is_there(event) ? event->first : NULL; of; of = of->next) {
            if (!may_be_paid(of)) continue;
            if (out) tickets_fill(&out[count], of);
            count++;
        }
    return count;
}

static bool gone_gather(const struct readback *readback, struct arena *arena, struct watched **all,
                        size_t *count, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = readback->cluster->chain, .arena = arena};
    if (!book_begin_own(&b, clock_unix_ms(), false, err)) return false;
    *count = visit_all(b.book, NULL);
    *all = arena_array(arena, *count + 1, sizeof **all);
    if (*all) visit_all(b.book, *all);
    return book_filled(*all, err);
}

// ---- What becomes of it

static struct receipt receipt_of(const struct ticket_story *story, bool by_credit)
{
    struct receipt receipt = {.amount = story->paid,
                              .at_ms = story->time_s * 1000,
                              .slot = story->slot,
                              .way = by_credit ? RECEIPT_CREDIT : RECEIPT_TICKET,
                              .settled = true};
    memcpy(receipt.id, story->signature.bytes, sizeof receipt.id);
    memcpy(receipt.payer.bytes, story->payer.bytes, sizeof receipt.payer.bytes);
    return receipt;
}

// It was paid, and what it cost went back, before the hold began anew.
static bool is_known(const struct payment *payment, const struct ticket_story *story)
{
    bool known = false;
    for (uint8_t i = 0; i < payment->receipt_count; i++) {
        const struct receipt *receipt = &payment->receipts[i];
        const void *id =
            receipt_is_signed(receipt) ? story->signature.bytes : payment->standing.reference.bytes;
        known |= receipt_is_ticket(receipt) && receipt->class == RECEIPT_VALID && receipt->settled &&
                 memcmp(receipt->id, id, PAYMENT_KEY_BYTES) == 0;
    }
    return known;
}

static bool is_covered(const struct book_call *b, const struct till_payment *payment, int64_t amount)
{
    return payment->payment.standing.permit.credit ||
           ledger_balance(&b->book->accounts, payment->account, BOOK_LAMPORTS) >= amount;
}

// It has its money already, when that went back meanwhile.
static void take_paid(struct book_call *b, struct till_payment *payment, const struct ticket_story *story)
{
    const struct payment_key *authority = &payment->event->cluster.authority;
    bool by_credit = memcmp(authority->bytes, story->payer.bytes, sizeof authority->bytes) == 0;
    const struct receipt receipt = receipt_of(story, by_credit);
    if (by_credit && !is_covered(b, payment, story->paid)) {
        log_error("chain.cluster", F_STR("credit that a ticket cost is not there any more, of payment",
                                         payment->payment.id.text));
        return;
    }
    if (tickets_is_unsettled(&payment->payment))
        tickets_happen(b, payment, HAPPENS_FINALIZED, NULL);
    else
        tickets_happen(b, payment, HAPPENS_PAID, &receipt);
    bool back = story->back == story->paid && !story->won; // a part of the pot may be as much
    if (back && payment->payment.standing.kept && !b->failed)
        tickets_happen(b, payment, HAPPENS_ESCAPED, NULL);
}

static void take_unpaid(struct book_call *b, struct till_payment *payment)
{
    if (tickets_is_unsettled(&payment->payment)) tickets_happen(b, payment, HAPPENS_FORKED, NULL);
    if (!b->failed && payment->payment.standing.permit.live)
        tickets_happen(b, payment, HAPPENS_PERMIT_DEAD, NULL);
}

void gone_take(struct book_call *b, const struct watched *watched, const struct ticket_story *story,
               uint64_t height)
{
    struct till_payment *payment = till_find_payment(&b->book->till, watched->payment);
    if (!payment || !may_be_paid(payment) ||
        memcmp(&payment->payment.standing.reference, &watched->reference, PAYMENT_KEY_BYTES) != 0)
        return;
    const struct payment_permit *permit = &payment->payment.standing.permit;
    if (permit->live && height <= permit->last_valid_height) return;
    if (story->unclear || (story->made && !story->ended))
        log_error("chain.cluster", F_STR("the node can't say whether a ticket was there, of payment",
                                         payment->payment.id.text));
    else if (story->made && !is_known(&payment->payment, story))
        take_paid(b, payment, story);
    else
        take_unpaid(b, payment);
}

// ---- Reading

// Some of them, in a finalized state.
struct looking {
    const struct readback *readback;
    struct arena *arena;
    const struct watched *watched;
    size_t count;
    struct reading reading;
    struct ticket_story stories[AT_ONCE];
    bool gone[AT_ONCE];
    struct solana_history_entry page[SOLANA_HISTORY_MAX];
};

static bool is_gone(const struct looking *looking, size_t i)
{
    const struct solana_programs *programs = &looking->readback->cluster->now.programs;
    struct solana_event event;
    struct solana_ticket ticket;
    if (solana_ticket_read(&ticket, &looking->reading.accounts[2 * i + 1], programs)) return false;
    return !solana_event_read(&event, &looking->reading.accounts[2 * i], programs) ||
           event.state == SOLANA_EVENT_SETTLING || event.state == SOLANA_EVENT_SETTLED;
}

static bool read_some(struct looking *looking)
{
    const struct readback *readback = looking->readback;
    const struct solana_programs *programs = &readback->cluster->now.programs;
    struct solana_key keys[READING_KEYS_MAX];
    struct solana_fault fault;
    for (size_t i = 0; i < looking->count; i++) {
        keys[2 * i] = tickets_event(programs, &looking->watched[i].authority, looking->watched[i].event);
        keys[2 * i + 1] = tickets_address(programs, &looking->watched[i]);
    }
    if (!reading_accounts(readback->finalized, keys, 2 * looking->count, readback->slot, &looking->reading,
                          &fault))
        return false;
    for (size_t i = 0; i < looking->count; i++) looking->gone[i] = is_gone(looking, i);
    reading_finish(&looking->reading);
    return true;
}

static bool read_stories(struct looking *looking)
{
    bool ok = true;
    for (size_t i = 0; ok && i < looking->count; i++) {
        const struct ended_search search = ended_search_of(
            looking->readback->finalized, &looking->readback->cluster->now.programs, &looking->watched[i]);
        if (looking->gone[i]) ok = ended_read(&search, looking->page, &looking->stories[i]);
    }
    return ok;
}

static bool store_some(struct looking *looking, struct err *err)
{
    struct chain *chain = looking->readback->cluster->chain;
    uint64_t ticket;
    {
        AUTO_BOOK struct book_call b = {.chain = chain, .arena = looking->arena};
        if (!book_begin_own(&b, clock_unix_ms(), true, err)) return false;
        for (size_t i = 0; i < looking->count && !b.failed; i++)
            if (looking->gone[i])
                gone_take(&b, &looking->watched[i], &looking->stories[i], looking->readback->height);
        if (!book_commit(&b, NULL, err)) return false;
        ticket = b.count ? b.book->live.ticket : 0;
    }
    return !ticket || store_wait(chain->store, ticket, err);
}

static bool look_at_some(struct looking *looking, struct err *err)
{
    bool any = false;
    if (!read_some(looking) || !read_stories(looking))
        return err_fail(err, CLUSTER_AWAY, "the node does not answer");
    for (size_t i = 0; i < looking->count; i++) any |= looking->gone[i];
    return !any || store_some(looking, err);
}

bool gone_read(const struct readback *readback, struct arena *arena, struct err *err)
{
    struct looking *looking = arena_new(arena, struct looking);
    struct watched *all;
    size_t count;
    if (!looking) return book_filled(NULL, err);
    looking->readback = readback;
    looking->arena = arena;
    if (!gone_gather(readback, arena, &all, &count, err)) return false;
    for (size_t from = 0; from < count; from += AT_ONCE) {
        size_t left = count - from;
        looking->watched = all + from;
        looking->count = left < AT_ONCE ? left : AT_ONCE;
        if (!look_at_some(looking, err)) return false;
    }
    return true;
}
