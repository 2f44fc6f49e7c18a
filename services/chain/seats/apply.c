#include "services/chain/seats/apply.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/names/names.h"
#include "lib/replica/replica.h"
#include "services/chain/cluster/cluster.h"
#include "services/chain/rewards/rewards.h"
#include "services/chain/seats/learn.h"

// One entry of events.money.
struct applying {
    struct book_call *b;
    const Money__FromEvents *told;
    uint8_t id[TILL_ID_BYTES]; // of the event
    struct till_event *event;  // NULL: no seat of it costs something yet
};

static void log_odd(const struct applying *a, const char *why)
{
    log_warn("chain.seats", F_STR("event", a->told->event_id), F_STR("odd", why));
}

// Who is gone, or on the way out, gets no account any more: what is told of them is the treasury's.
static uint32_t user_account(struct book_call *b, const char *user_id)
{
    const struct ledger_owner treasury = till_treasury();
    if (!uuid_check(user_id)) return LEDGER_NO_ACCOUNT;
    const struct ledger_owner owner = book_user(user_id);
    uint32_t known = ledger_accounts_find(&b->book->accounts, &owner);
    if (known != LEDGER_NO_ACCOUNT) return known;
    bool gone = book_is_leaving(b->book, &owner) || names_is_deleted(b->chain->names, user_id);
    return book_account(b, gone ? &treasury : &owner);
}

// ---- The event

static bool find_anew(struct applying *a)
{
    a->event = till_find_event(&a->b->book->till, a->id);
    return a->event;
}

static void set_god(const struct applying *a, struct seats_change *change)
{
    uint32_t god = *a->told->god_id ? user_account(a->b, a->told->god_id) : (uint32_t)LEDGER_NO_ACCOUNT;
    if (god != LEDGER_NO_ACCOUNT) change->message.god = god;
}

static void begin_change(const struct applying *a, struct seats_change *change)
{
    if (a->event)
        seats_change_begin(change, a->event);
    else
        seats_change_new(change, a->id);
    set_god(a, change);
}

// Makes the event, or names who leads it now.
static bool know_event(struct applying *a)
{
    struct seats_change change;
    begin_change(a, &change);
    if (a->event && change.message.god == a->event->god) return true;
    return seats_change_add(a->b, &change) && find_anew(a);
}

static void set_stage(struct applying *a, enum payment_stage stage)
{
    struct seats_change change;
    if (a->event->stage == stage) return;
    begin_change(a, &change);
    change.message.stage = stage;
    if (replica_all_know(a->b->chain->replica, SEATS_TOLD_SINCE)) change.message.told_ms = a->told->time_ms;
    if (stage != PAYMENT_DONE) change.message.payout_ms = 0;
    if (stage == PAYMENT_CALLED_OFF) change.message.disputed = false;
    seats_change_add(a->b, &change);
}

// ---- Seats

static bool know_terms(struct applying *a, const Money__SeatHeld *held)
{
    struct seats_change change;
    if (a->event->priced) return true;
    begin_change(a, &change);
    change.message.terms = held->terms;
    change.message.currency = held->currency;
    return seats_change_add(a->b, &change);
}

static bool is_held_well(const struct applying *a, const Money__SeatHeld *held)
{
    struct payment_terms terms;
    enum payment_currency currency;
    if (!uuid_check(held->hold_id) || !uuid_check(held->user_id) || !held->terms || held->price <= 0 ||
        held->promotions > UINT8_MAX || !stored_currency_read(held->currency, &currency) ||
        !till_read_terms(held->terms, currency, &terms)) {
        log_odd(a, "a hold that is none");
        return false;
    }
    bool fits = currency == PAYMENT_CONSE || (a->event && a->event->cluster.price == held->price);
    if (!fits) log_odd(a, "a hold in lamports at another price");
    return fits;
}

// Who waited has another hold now; what they had paid goes back.
static void leave_waiting(struct applying *a, uint32_t account)
{
    const struct happening left = {
        .what = HAPPENS_LEFT, .now_ms = a->b->now_ms, .terms = &a->event->terms.refund};
    struct verdict verdict;
    for (struct till_payment *of = a->event->first; of; of = of->next)
        if (of->account == account && payment_place(&of->payment) == PLACE_WAITING)
            seats_happen(a->b, of, &left, &verdict);
}

// Of a ticket. What is still owed, or was paid and not found yet, is found by the one that it was paid with;
// what lies there for this attempt already, behind a restore, by its own.
static struct payment_key next_reference(const struct applying *a, const uint8_t hold[TILL_ID_BYTES],
                                         uint32_t attempt, const struct till_payment *before)
{
    const struct cluster *cluster = a->b->chain->cluster;
    bool keeps = before && (payment_owed(&before->payment) || !payment_refunded(&before->payment));
    struct payment_key reference = {{0}};
    if (cluster && till_is_on_cluster(a->event)) {
        reference = cluster_reference(cluster, a->id, hold, attempt);
        keeps &= !cluster_has_stranger(cluster, &reference);
    } else if (till_is_on_cluster(a->event)) {
        randombytes_buf(reference.bytes, sizeof reference.bytes); // nobody can pay by it here
    }
    return keeps ? before->payment.standing.reference : reference;
}

// An end that came before, or that the lock overtook, is no news.
static bool is_news(const struct till_payment *payment, enum happens what)
{
    return outcome_row(what)->cells[payment_place(&payment->payment)].outcome != OUTCOME_IMPOSSIBLE;
}

static void hold_anew(struct applying *a, struct till_payment *payment, const Money__SeatHeld *held)
{
    const struct happening promoted = {.what = HAPPENS_PROMOTED,
                                       .now_ms = a->b->now_ms,
                                       .price = held->price,
                                       .hold_ms = a->event->terms.hold_ms,
                                       .attempt = held->attempt,
                                       .reference = next_reference(a, payment->id, held->attempt, payment)};
    struct verdict verdict;
    bool later = held->attempt > payment->payment.standing.attempt; // else it is told again
    if (later && is_news(payment, HAPPENS_PROMOTED)) seats_happen(a->b, payment, &promoted, &verdict);
}

static void seat_held(struct applying *a)
{
    const Money__SeatHeld *held = a->told->seat_held;
    struct seats_opening opening = {.seat = PAYMENT_HELD,
                                    .price = held->price,
                                    .promotions = (uint8_t)held->promotions,
                                    .attempt = held->attempt};
    if (!is_held_well(a, held) || !know_event(a) || !know_terms(a, held)) return;
    uuid_bytes(held->hold_id, opening.id);
    struct till_payment *known = till_find_payment(&a->b->book->till, opening.id);
    if (known) {
        if (known->event == a->event) hold_anew(a, known, held);
        return;
    }
    opening.account = user_account(a->b, held->user_id);
    opening.reference = next_reference(a, opening.id, opening.attempt, NULL);
    leave_waiting(a, opening.account);
    seats_open(a->b, a->event, &opening);
}

static void seat_given(struct applying *a)
{
    const Money__SeatGiven *given = a->told->seat_given;
    struct seats_opening opening = {.seat = PAYMENT_TAKEN, .attempt = 1};
    if (!uuid_check(given->hold_id) || !uuid_check(given->user_id)) {
        log_odd(a, "a seat that is none");
        return;
    }
    uuid_bytes(given->hold_id, opening.id);
    if (!know_event(a) || till_find_payment(&a->b->book->till, opening.id)) return;
    opening.account = user_account(a->b, given->user_id);
    leave_waiting(a, opening.account);
    seats_open(a->b, a->event, &opening);
}

static const uint8_t ENDINGS[] = {
    [MONEY__SEAT_ENDING__BY__OWNER] = HAPPENS_LEFT,
    [MONEY__SEAT_ENDING__BY__GOD] = HAPPENS_REMOVED,
    [MONEY__SEAT_ENDING__BY__LOCK] = HAPPENS_HOLDS_ENDED,
    [MONEY__SEAT_ENDING__BY__KICKED] = HAPPENS_KICKED,
    [MONEY__SEAT_ENDING__BY__KICKED_REFUNDED] = HAPPENS_KICKED_REFUNDED,
    [MONEY__SEAT_ENDING__BY__NO_PLACE] = HAPPENS_PLACE_REFUSED,
};

static void seat_ending(struct applying *a)
{
    const Money__SeatEnding *ending = a->told->seat_ending;
    uint8_t id[TILL_ID_BYTES];
    struct verdict verdict;
    if (!uuid_check(ending->hold_id) || (size_t)ending->by >= sizeof ENDINGS || !ENDINGS[ending->by]) {
        log_odd(a, "an end that is none");
        return;
    }
    uuid_bytes(ending->hold_id, id);
    struct till_payment *payment = till_find_payment(&a->b->book->till, id);
    const struct happening happening = {.what = (enum happens)ENDINGS[ending->by],
                                        .now_ms = a->b->now_ms,
                                        .terms = a->event ? &a->event->terms.refund : NULL};
    if (payment && payment->event == a->event && is_news(payment, happening.what))
        seats_happen(a->b, payment, &happening, &verdict);
}

// ---- The game

// The event follows its payments, which may need several appends: then what was told is applied again.

// It is done, though the event is otherwise again: events whose store was restored tells it once more.
static bool was_told(const struct applying *a) { return a->told->time_ms < a->event->told_ms; }

// events locks when no hold is left; one that it does not know of ends.
static void game_locked(struct applying *a)
{
    if (!a->event || a->event->stage != PAYMENT_OPEN || was_told(a)) return;
    if (seats_happen_all(a->b, a->event, HAPPENS_HOLDS_ENDED) &&
        seats_happen_all(a->b, a->event, HAPPENS_LOCKED))
        set_stage(a, PAYMENT_LOCKED);
}

static void game_unlocked(struct applying *a)
{
    if (!a->event || a->event->stage != PAYMENT_LOCKED || was_told(a)) return;
    if (seats_happen_all(a->b, a->event, HAPPENS_UNLOCKED)) set_stage(a, PAYMENT_OPEN);
}

static void game_called_off(struct applying *a)
{
    if (!a->event || a->event->stage == PAYMENT_DONE) return;
    if (!seats_happen_all(a->b, a->event, HAPPENS_CALLED_OFF)) return;
    set_stage(a, PAYMENT_CALLED_OFF);
    seats_settle(a->b, a->event);
}

static struct till_payment *paid_by(const struct till_event *event, uint32_t account)
{
    struct till_payment *of = event->first;
    while (of && (of->account != account || !payment_in_pot(&of->payment))) of = of->next;
    return of;
}

// Who won and paid, each once.
static void set_winners(const struct applying *a, Ledger__EventChanged *changed)
{
    const Money__GameDone *done = a->told->game_done;
    changed->winners = arena_array(a->b->arena, done->n_winner_ids + 1, sizeof *changed->winners);
    for (size_t i = 0; changed->winners && i < done->n_winner_ids; i++) {
        if (!uuid_check(done->winner_ids[i])) continue;
        const struct ledger_owner owner = book_user(done->winner_ids[i]);
        const struct till_payment *of =
            paid_by(a->event, ledger_accounts_find(&a->b->book->accounts, &owner));
        bool twice = false;
        for (size_t k = 0; of && k < changed->n_winners; k++)
            twice |= memcmp(changed->winners[k].data, of->id, TILL_ID_BYTES) == 0;
        if (of && !twice)
            changed->winners[changed->n_winners++] = (ProtobufCBinaryData){TILL_ID_BYTES, (uint8_t *)of->id};
    }
}

static void game_done(struct applying *a)
{
    struct seats_change change;
    if (!a->event || a->event->stage != PAYMENT_LOCKED) return;
    if (!seats_happen_all(a->b, a->event, HAPPENS_DONE)) return;
    begin_change(a, &change);
    const char *god_id = a->told->game_done->god_id;
    uint32_t god = *god_id ? user_account(a->b, god_id) : (uint32_t)LEDGER_NO_ACCOUNT;
    if (god != LEDGER_NO_ACCOUNT) change.message.god = god;
    change.message.stage = PAYMENT_DONE;
    change.message.payout_ms = a->b->now_ms + a->event->terms.payout_after_ms;
    set_winners(a, &change.message);
    seats_change_add(a->b, &change);
    seats_settle(a->b, a->event);
}

static bool has_end(const struct book *book, const struct till_event *event)
{
    return event && event->stage == PAYMENT_DONE && !seats_is_divided(book, event);
}

// The event before its payments, so that its pot is not divided meanwhile.
static void game_undone(struct applying *a)
{
    if (has_end(a->b->book, a->event)) {
        set_stage(a, PAYMENT_CALLED_OFF);
        rewards_take_back(a->b, a->id);
    }
    if (a->event && a->event->stage == PAYMENT_CALLED_OFF && seats_happen_all(a->b, a->event, HAPPENS_UNDONE))
        seats_settle(a->b, a->event);
}

// Only one whose payments are final is deleted.
static void game_deleted(struct applying *a)
{
    if (a->event && (a->event->stage == PAYMENT_DONE || a->event->stage == PAYMENT_CALLED_OFF))
        game_undone(a);
    else
        game_called_off(a);
}

enum { ESCAPE_AFTER_S = 30 * 24 * 3600 };

// What is on its way to the cluster stays as it is.
static bool may_price(const struct applying *a)
{
    struct outbox_aim init = {.kind = OUTBOX_INIT_EVENT};
    memcpy(init.subject, a->id, sizeof init.subject);
    return !a->event || (a->event->stage == PAYMENT_OPEN && a->event->cluster.state == TILL_OFF &&
                         !a->event->count && !outbox_find(&a->b->book->outbox, &init));
}

static bool is_priced_well(const struct applying *a, const Money__GamePriced *priced)
{
    struct payment_terms terms;
    bool well = priced->currency == MONEY__CURRENCY__VALUE__LAMPORTS && priced->price > 0 && priced->terms &&
                till_read_terms(priced->terms, PAYMENT_LAMPORTS, &terms);
    if (!well) log_odd(a, "a price that is none");
    return well;
}

static void game_priced(struct applying *a)
{
    const Money__GamePriced *priced = a->told->game_priced;
    struct seats_change change;
    if (!is_priced_well(a, priced) || !may_price(a)) return;
    const struct till_cluster cluster = {.price = priced->price,
                                         .escape_at_s = priced->starts_at_ms / 1000 + ESCAPE_AFTER_S};
    begin_change(a, &change);
    change.message.terms = priced->terms;
    change.message.currency = priced->currency;
    seats_change_cluster(&change, &cluster);
    seats_change_add(a->b, &change);
}

static void game_led(struct applying *a)
{
    if (a->event) know_event(a);
}

// ---- All

static void (*const APPLIES[])(struct applying *) = {
    [MONEY__FROM_EVENTS__BODY_SEAT_HELD] = seat_held,
    [MONEY__FROM_EVENTS__BODY_SEAT_GIVEN] = seat_given,
    [MONEY__FROM_EVENTS__BODY_SEAT_ENDING] = seat_ending,
    [MONEY__FROM_EVENTS__BODY_GAME_LOCKED] = game_locked,
    [MONEY__FROM_EVENTS__BODY_GAME_UNLOCKED] = game_unlocked,
    [MONEY__FROM_EVENTS__BODY_GAME_CALLED_OFF] = game_called_off,
    [MONEY__FROM_EVENTS__BODY_GAME_DONE] = game_done,
    [MONEY__FROM_EVENTS__BODY_GAME_UNDONE] = game_undone,
    [MONEY__FROM_EVENTS__BODY_GAME_DELETED] = game_deleted,
    [MONEY__FROM_EVENTS__BODY_GAME_LED] = game_led,
    [MONEY__FROM_EVENTS__BODY_GAME_PRICED] = game_priced,
};

bool seats_takes_back(const struct book *book, const Money__FromEvents *told)
{
    uint8_t id[TILL_ID_BYTES];
    bool undoes = told->body_case == MONEY__FROM_EVENTS__BODY_GAME_UNDONE ||
                  told->body_case == MONEY__FROM_EVENTS__BODY_GAME_DELETED;
    if (!undoes || !uuid_check(told->event_id)) return false;
    uuid_bytes(told->event_id, id);
    return has_end(book, till_find_event(&book->till, id));
}

bool seats_ends_holds(const struct book *book, const Money__FromEvents *told)
{
    uint8_t id[TILL_ID_BYTES];
    if (told->body_case != MONEY__FROM_EVENTS__BODY_GAME_LOCKED || !uuid_check(told->event_id)) return false;
    uuid_bytes(told->event_id, id);
    const struct till_event *event = till_find_event(&book->till, id);
    bool locks =
        event && till_is_on_cluster(event) && event->stage == PAYMENT_OPEN && told->time_ms >= event->told_ms;
    const struct till_payment *of = locks ? event->first : NULL;
    while (of && payment_place(&of->payment) != PLACE_HELD) of = of->next;
    return of;
}

void seats_apply(struct book_call *b, const Money__FromEvents *told)
{
    struct applying a = {.b = b, .told = told};
    size_t which = told->body_case;
    if (!uuid_check(told->event_id) || which >= sizeof APPLIES / sizeof *APPLIES || !APPLIES[which]) {
        log_odd(&a, "an entry that says nothing");
        return;
    }
    uuid_bytes(told->event_id, a.id);
    if (till_is_over(&b->book->till, &b->book->accounts, a.id)) return;
    if (find_anew(&a) && which != MONEY__FROM_EVENTS__BODY_GAME_DONE && !know_event(&a)) return;
    APPLIES[which](&a);
}
