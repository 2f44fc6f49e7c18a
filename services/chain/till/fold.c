// What an entry does to payments and their events: whether it may follow, then that it does.
#include <string.h>

#include "services/chain/till/parts.h"

// What an entry puts into an event's escrow.
static int64_t moves_into(const struct ledger_accounts *accounts, const Ledger__Entry *entry,
                          const uint8_t event[TILL_ID_BYTES])
{
    const struct ledger_owner owner = till_escrow(event);
    uint32_t escrow = ledger_accounts_find(accounts, &owner);
    int64_t sum = 0;
    for (size_t i = 0; i < entry->n_postings; i++)
        if (entry->postings[i]->account == escrow && entry->postings[i]->asset == TILL_CONSE)
            sum += entry->postings[i]->amount;
    return sum;
}

// ---- Payments

static const char *check_opening(struct till *till, const struct ledger_accounts *accounts,
                                 const Ledger__Entry *entry)
{
    const Ledger__PaymentChanged *changed = entry->payment_changed;
    struct payment payment;
    if (!stored_opening_read(changed, entry->time_ms, &payment)) return "it opens no payment";
    if (till_find_payment(till, changed->payment.data)) return "its payment is there";
    if (!till_find_event(till, changed->event.data)) return "its event is not there";
    if (changed->opening->account >= accounts->count) return "nobody pays";
    if (entry->n_postings || payment.standing.kept) return "a payment that opens has nothing";
    return till_reserve(till) ? NULL : "there is no memory for it";
}

// The escrow has what payments keep, after every entry.
static const char *check_kept(const struct ledger_accounts *accounts, const Ledger__Entry *entry,
                              const struct payment *before, const struct payment *after)
{
    bool ours = before->currency == PAYMENT_CONSE;
    int64_t more = ours ? after->standing.kept - before->standing.kept : 0;
    if (!payment_is_balanced(after)) return "it gets money from nowhere, or loses some";
    return moves_into(accounts, entry, entry->payment_changed->event.data) == more
               ? NULL
               : "it keeps what the escrow does not get";
}

static const char *check_payment(struct till *till, const struct ledger_accounts *accounts,
                                 const Ledger__Entry *entry)
{
    const Ledger__PaymentChanged *changed = entry->payment_changed;
    struct payment_change change;
    if (changed->opening) return check_opening(till, accounts, entry);
    if (!stored_is_id(&changed->payment) || !changed->change) return "it changes no payment";
    const struct till_payment *found = till_find_payment(till, changed->payment.data);
    if (!found || !stored_is_id(&changed->event) ||
        memcmp(found->event->id, changed->event.data, TILL_ID_BYTES) != 0)
        return "its payment is not there";
    if (!stored_change_read(changed->change, &found->payment, &change)) return "it changes nothing";
    struct payment payment = found->payment;
    payment_apply(&payment, &change);
    const char *wrong = check_kept(accounts, entry, &found->payment, &payment);
    if (!wrong) wrong = till_check_credit(accounts, entry, found, &payment);
    if (wrong) return wrong;
    return till_reserve(till) ? NULL : "there is no memory for when it is due";
}

static bool change_payment(const Ledger__Entry *entry, struct till_payment *payment)
{
    const Ledger__PaymentChanged *changed = entry->payment_changed;
    struct payment_change change;
    if (changed->opening) return stored_opening_read(changed, entry->time_ms, &payment->payment);
    if (!stored_change_read(changed->change, &payment->payment, &change)) return false;
    payment_apply(&payment->payment, &change);
    return true;
}

static void apply_payment(struct till *till, const Ledger__Entry *entry)
{
    const Ledger__PaymentChanged *changed = entry->payment_changed;
    struct till_payment *payment = till_find_payment(till, changed->payment.data);
    if (changed->opening) {
        payment = till_add_payment(till, till_find_event(till, changed->event.data), changed->payment.data);
        payment->account = changed->opening->account;
    }
    struct till_event *event = payment->event;
    int64_t was_due_ms = changed->opening ? INT64_MAX : till_payment_due(payment);
    int64_t event_was_due_ms = till_event_due(event);
    bool was_unmarked = !changed->opening && till_is_unmarked(payment);
    bool was_owed = !changed->opening && till_is_owed(payment);
    if (!change_payment(entry, payment)) return;
    event->unmarked += till_is_unmarked(payment) - was_unmarked;
    till_note_owed(till, payment, was_owed);
    till_note_payment(till, payment, was_due_ms);
    till_note_event(till, event, event_was_due_ms);
}

// ---- Events

static bool read_terms(const Money__Terms *terms, struct payment_terms *out)
{
    *out = (struct payment_terms){.hold_ms = (int64_t)terms->hold_s * 1000,
                                  .payout_after_ms = (int64_t)terms->payout_after_s * 1000,
                                  .refund = {terms->refund_until_ms, terms->refund_fee}};
    bool preset = terms->tax_case != MONEY__TERMS__TAX_TAX_BP;
    uint32_t tax = preset ? terms->preset : terms->tax_bp;
    out->pot.kind = preset ? POT_PRESET : POT_BASIS_POINTS;
    out->pot.tax = (uint16_t)tax;
    out->pot.god_bp = (uint16_t)terms->god_bp;
    return tax <= TERMS_WHOLE_BP && terms->god_bp <= TERMS_WHOLE_BP;
}

// The price may have become less than the fee since.
bool till_read_terms(const Money__Terms *message, enum payment_currency currency, struct payment_terms *terms)
{
    struct err err;
    return read_terms(message, terms) && terms_check(terms, currency, INT64_MAX, &err);
}

static bool are_winners(const struct till *till, const struct till_event *event,
                        const Ledger__EventChanged *changed)
{
    for (size_t i = 0; i < changed->n_winners; i++) {
        const struct till_payment *of =
            stored_is_id(&changed->winners[i]) ? till_find_payment(till, changed->winners[i].data) : NULL;
        if (!of || of->event != event) return false;
    }
    return true;
}

static const char *check_parts(const struct till *till, const struct till_event *event,
                               const Ledger__EventChanged *changed)
{
    enum payment_currency currency;
    struct payment_terms terms;
    if (changed->terms && event && event->priced && event->count) return "its terms are known";
    if (changed->terms &&
        (!stored_currency_read(changed->currency, &currency) || !read_terms(changed->terms, &terms)))
        return "it has no terms";
    if (changed->n_winners && (!event || !are_winners(till, event, changed))) return "strangers win";
    bool disputes = changed->disputes.len;
    const struct till_payment *of =
        disputes && stored_is_id(&changed->disputes) ? till_find_payment(till, changed->disputes.data) : NULL;
    return !disputes || (of && of->event == event) ? NULL : "a stranger disputes it";
}

static bool are_final(const struct till_event *event)
{
    for (const struct till_payment *of = event->first; of; of = of->next)
        if (!payment_is_final(&of->payment)) return false;
    return true;
}

// A pot is divided whole, and once.
static const char *check_pot(const struct till_event *event, const struct ledger_accounts *accounts,
                             const Ledger__Entry *entry)
{
    const Ledger__EventChanged *changed = entry->event_changed;
    bool divides = changed->paid_out && (!event || !event->paid_out);
    int64_t pot = event && divides && !till_is_on_cluster(event) ? till_pot(event) : 0;
    if (event && event->paid_out && !changed->paid_out) return "its pot was divided";
    return moves_into(accounts, entry, changed->event.data) == -pot ? NULL : "it does not divide its pot";
}

static bool is_key(const ProtobufCBinaryData *bytes) { return bytes->len == PAYMENT_KEY_BYTES; }

// It comes to the cluster once, and goes through what it can be there.
static const char *check_cluster(const struct till_event *event, const Ledger__EventCluster *cluster)
{
    if (!cluster) return NULL;
    enum till_cluster_state before = event ? event->cluster.state : TILL_OFF;
    bool there = cluster->state != TILL_OFF;
    if (cluster->state > TILL_CLOSED || cluster->state < before || cluster->price <= 0)
        return "it is not so on the cluster";
    if (there && (!event || cluster->price != event->cluster.price)) return "its price is another";
    return !there || (is_key(&cluster->authority) && is_key(&cluster->whitelist)) ? NULL
                                                                                  : "it is nobody's there";
}

static const char *check_event(struct till *till, const struct ledger_accounts *accounts,
                               const Ledger__Entry *entry)
{
    const Ledger__EventChanged *changed = entry->event_changed;
    if (!stored_is_id(&changed->event) || changed->stage > PAYMENT_CALLED_OFF) return "it changes no event";
    const struct till_event *event = till_find_event(till, changed->event.data);
    if (!event && till_has_escrow(accounts, changed->event.data)) return "its event is over";
    if (changed->god >= accounts->count) return "nobody leads it";
    if (changed->over && (!event || !are_final(event))) return "its event is not over";
    const char *wrong = check_parts(till, event, changed);
    if (!wrong) wrong = check_cluster(event, changed->cluster);
    if (!wrong) wrong = check_pot(event, accounts, entry);
    if (wrong) return wrong;
    return till_reserve(till) ? NULL : "there is no memory for it";
}

static void set_terms(struct till_event *event, const Ledger__EventChanged *changed)
{
    if (!changed->terms) return;
    event->priced = read_terms(changed->terms, &event->terms) &&
                    stored_currency_read(changed->currency, &event->currency);
}

static void set_cluster(struct till_event *event, const Ledger__EventCluster *cluster)
{
    if (!cluster) return;
    event->cluster = (struct till_cluster){.price = cluster->price, .escape_at_s = cluster->escape_at_s};
    event->cluster.state = (enum till_cluster_state)cluster->state;
    if (!cluster->state) return;
    memcpy(event->cluster.authority.bytes, cluster->authority.data, PAYMENT_KEY_BYTES);
    memcpy(event->cluster.whitelist.bytes, cluster->whitelist.data, PAYMENT_KEY_BYTES);
}

static void set_players(struct till *till, struct till_event *event, const Ledger__EventChanged *changed)
{
    for (size_t i = 0; i < changed->n_winners; i++)
        till_find_payment(till, changed->winners[i].data)->winner = (uint32_t)i + 1;
    if (changed->disputes.len) till_find_payment(till, changed->disputes.data)->disputes = true;
    for (struct till_payment *of = event->first; of && !changed->disputed; of = of->next)
        of->disputes = false;
}

static void count_owed(struct till *till, const struct till_event *event, bool more)
{
    for (const struct till_payment *of = event->first; of; of = of->next)
        if (till_is_owed(of)) till_count_owed(till, of->account, more);
}

// It stays divided; what goes back of credit is owed behind that, too.
static void set_paid_out(struct till *till, struct till_event *event)
{
    if (event->paid_out) return;
    count_owed(till, event, false);
    event->paid_out = true;
    count_owed(till, event, true);
}

static void apply_event(struct till *till, const Ledger__EventChanged *changed)
{
    struct till_event *event = till_find_event(till, changed->event.data);
    int64_t was_due_ms = event ? till_event_due(event) : INT64_MAX;
    if (!event) event = till_add_event(till, changed->event.data);
    event->stage = (enum payment_stage)changed->stage;
    event->god = changed->god;
    event->told_ms = changed->told_ms;
    event->payout_ms = changed->payout_ms;
    event->disputed = changed->disputed;
    if (changed->paid_out) set_paid_out(till, event);
    set_terms(event, changed);
    set_cluster(event, changed->cluster);
    set_players(till, event, changed);
    if (changed->over)
        till_remove_event(till, event);
    else
        till_note_event(till, event, was_due_ms);
}

// ---- All

const char *till_check(struct till *till, const struct ledger_accounts *accounts, const Ledger__Entry *entry)
{
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_PAYMENT_CHANGED:
        return check_payment(till, accounts, entry);
    case LEDGER__ENTRY__BODY_EVENT_CHANGED:
        return check_event(till, accounts, entry);
    default:
        return NULL;
    }
}

void till_apply(struct till *till, const Ledger__Entry *entry)
{
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_PAYMENT_CHANGED:
        apply_payment(till, entry);
        break;
    case LEDGER__ENTRY__BODY_EVENT_CHANGED:
        apply_event(till, entry->event_changed);
        break;
    case LEDGER__ENTRY__BODY_FOLLOWED_TO:
        if (entry->followed_to->stream) break;
        till->followed_generation = entry->followed_to->generation;
        till->followed_seq = entry->followed_to->seq;
        break;
    default:
        break;
    }
}
