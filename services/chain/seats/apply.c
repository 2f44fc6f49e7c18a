#include "services/chain/seats/apply.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/names/names.h"
#include "lib/replica/replica.h"
#include "services/chain/rewards/rewards.h"
#include "services/chain/seats/applying.h"
#include "services/chain/seats/learn.h"

void apply_log_odd(const struct applying *a, const char *why)
{
    log_warn("chain.seats", F_STR("event", a->told->event_id), F_STR("odd", why));
}

uint32_t apply_account_of(struct book_call *b, const char *user_id)
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
    uint32_t god = *a->told->god_id ? apply_account_of(a->b, a->told->god_id) : (uint32_t)LEDGER_NO_ACCOUNT;
    if (god != LEDGER_NO_ACCOUNT) change->message.god = god;
}

void apply_begin_change(const struct applying *a, struct seats_change *change)
{
    if (a->event)
        seats_change_begin(change, a->event);
    else
        seats_change_new(change, a->id);
    set_god(a, change);
}

bool apply_know_event(struct applying *a)
{
    struct seats_change change;
    apply_begin_change(a, &change);
    if (a->event && change.message.god == a->event->god) return true;
    return seats_change_add(a->b, &change) && find_anew(a);
}

static void set_stage(struct applying *a, enum payment_stage stage)
{
    struct seats_change change;
    if (a->event->stage == stage) return;
    apply_begin_change(a, &change);
    change.message.stage = stage;
    if (replica_all_know(a->b->chain->replica, SEATS_TOLD_SINCE)) change.message.told_ms = a->told->time_ms;
    if (stage != PAYMENT_DONE) change.message.payout_ms = 0;
    if (stage == PAYMENT_CALLED_OFF) change.message.disputed = false;
    seats_change_add(a->b, &change);
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
    apply_begin_change(a, &change);
    const char *god_id = a->told->game_done->god_id;
    uint32_t god = *god_id ? apply_account_of(a->b, god_id) : (uint32_t)LEDGER_NO_ACCOUNT;
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
    if (!well) apply_log_odd(a, "a price that is none");
    return well;
}

static void game_priced(struct applying *a)
{
    const Money__GamePriced *priced = a->told->game_priced;
    struct seats_change change;
    if (!is_priced_well(a, priced) || !may_price(a)) return;
    const struct till_cluster cluster = {.price = priced->price,
                                         .escape_at_s = priced->starts_at_ms / 1000 + ESCAPE_AFTER_S};
    apply_begin_change(a, &change);
    change.message.terms = priced->terms;
    change.message.currency = priced->currency;
    seats_change_cluster(&change, &cluster);
    seats_change_add(a->b, &change);
}

static void game_led(struct applying *a)
{
    if (a->event) apply_know_event(a);
}

// ---- All

static void (*const APPLIES[])(struct applying *) = {
    [MONEY__FROM_EVENTS__BODY_SEAT_HELD] = apply_seat_held,
    [MONEY__FROM_EVENTS__BODY_SEAT_GIVEN] = apply_seat_given,
    [MONEY__FROM_EVENTS__BODY_SEAT_ENDING] = apply_seat_ending,
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
        apply_log_odd(&a, "an entry that says nothing");
        return;
    }
    uuid_bytes(told->event_id, a.id);
    if (till_is_over(&b->book->till, &b->book->accounts, a.id)) return;
    if (find_anew(&a) && which != MONEY__FROM_EVENTS__BODY_GAME_DONE && !apply_know_event(&a)) return;
    APPLIES[which](&a);
}
