#include "services/chain/wishes/land.h"

#include <string.h>

#include "lib/base/log.h"
#include "services/chain/outbox/jobs.h"
#include "services/chain/seats/seats.h"
#include "services/chain/withdrawals/flow.h"

// ---- Of an event

static void change_cluster(struct book_call *b, const struct till_event *event,
                           const struct till_cluster *cluster, Money__EventPayable *payable)
{
    struct seats_change change;
    seats_change_begin(&change, event);
    seats_change_cluster(&change, cluster);
    change.message.payable = payable;
    seats_change_add(b, &change);
}

// Only the authority makes events under its address, so what is there is ours; its price is what is there.
static void land_event(struct book_call *b, const struct till_event *event, const struct sight *sight,
                       const struct cluster_now *now)
{
    Money__EventPayable payable = MONEY__EVENT_PAYABLE__INIT;
    char text[SOLANA_KEY_TEXT];
    struct till_cluster cluster = event->cluster;
    if (cluster.state != TILL_OFF) return;
    cluster.price = (int64_t)sight->event.price;
    if (cluster.price != event->cluster.price) change_cluster(b, event, &cluster, NULL);
    cluster.escape_at_s = sight->event.escape_at_s;
    cluster.state = TILL_PAYABLE;
    memcpy(cluster.authority.bytes, now->authority.bytes, sizeof cluster.authority.bytes);
    memcpy(cluster.whitelist.bytes, sight->event.whitelist.bytes, sizeof cluster.whitelist.bytes);
    struct solana_key address;
    solana_event_address(&address, &now->programs, &now->authority, event->id);
    solana_key_format(&address, text);
    payable.address = text;
    payable.price = cluster.price;
    if (!b->failed) change_cluster(b, event, &cluster, event->stage == PAYMENT_OPEN ? &payable : NULL);
}

static void land_state(struct book_call *b, struct till_event *event, enum till_cluster_state state)
{
    struct till_cluster cluster = event->cluster;
    if (cluster.state >= state) return;
    cluster.state = state;
    change_cluster(b, event, &cluster, NULL);
    if (!b->failed) seats_settle(b, event);
}

static void land_paid_out(struct book_call *b, struct till_event *event)
{
    struct seats_change change;
    if (event->paid_out) return;
    seats_change_begin(&change, event);
    change.message.paid_out = true;
    seats_change_add(b, &change);
    seats_happen_all(b, event, HAPPENS_PAID_OUT);
}

static void land_of_event(struct book_call *b, const struct wish *wish, const struct sight *sight,
                          const struct cluster_now *now)
{
    struct till_event *event = till_find_event(&b->book->till, wish->event);
    if (!event || wish->aim.slot == WISH_STRAY) return;
    if (wish->pays_out)
        land_paid_out(b, event);
    else if (wish->aim.kind == OUTBOX_INIT_EVENT)
        land_event(b, event, sight, now);
    else if (wish->aim.kind == OUTBOX_SETTLE)
        land_state(b, event, TILL_SETTLED);
    else if (wish->aim.kind == OUTBOX_CLOSE)
        land_state(b, event, TILL_CLOSED);
}

// ---- Of a whitelist

static void land_list(struct book_call *b, const struct wish *wish, const struct cluster_now *now)
{
    Ledger__ListOpened opened = LEDGER__LIST_OPENED__INIT;
    const struct list *list = lists_get(&b->book->lists, wish->list);
    struct solana_key address;
    bool opens = wish->list ? list && !list->opened : !b->book->lists.cards_opened;
    if (!opens || !solana_list_address(&address, &now->programs, &now->authority, wish->list_name)) return;
    opened.list = wish->list;
    opened.address = (ProtobufCBinaryData){sizeof address.bytes, address.bytes};
    book_add(b, LEDGER__ENTRY__BODY_LIST_OPENED, &opened.base, NULL, 0);
}

// ---- Of a winner's ticket

static void land_payment(struct book_call *b, const struct wish *wish)
{
    struct till_payment *payment = till_find_payment(&b->book->till, wish->aim.subject);
    const struct happening paid = {.what = HAPPENS_PAID_OUT, .now_ms = b->now_ms};
    struct verdict verdict;
    if (wish->aim.kind == OUTBOX_PAY_TICKET && payment) seats_happen(b, payment, &paid, &verdict);
}

// ---- Of a refund

static struct till_payment *find_refunded(const struct book_call *b, const struct wish *wish)
{
    bool refund = wish->aim.kind == OUTBOX_REFUND && wish->aim.slot != WISH_STRAY;
    return refund ? till_find_payment(&b->book->till, wish->aim.subject) : NULL;
}

static void move_refund(struct book_call *b, const struct wish *wish, enum refund_moves move)
{
    struct till_payment *payment = find_refunded(b, wish);
    if (!payment || b->failed) return;
    seats_move_refund(b, payment, wish->aim.slot, move);
    if (move == REFUND_FINISH && !b->failed) seats_settle(b, payment->event);
}

// ---- Of a withdrawal

// Bytes begin with how many signatures there are, and the first of them.
enum { SIGNATURE_AT = 1, SIGNATURE_BYTES = 64 };

static void move_withdrawal(struct book_call *b, const struct wish *wish, enum withdrawal_state state)
{
    const struct withdrawal *open =
        wish->aim.kind == OUTBOX_WITHDRAW ? withdrawals_find(&b->book->withdrawals, wish->account) : NULL;
    bool sent = state == WITHDRAWAL_DONE && wish->has_job && wish->job.len > SIGNATURE_BYTES;
    if (!open || b->failed || memcmp(open->id, wish->aim.subject, sizeof open->id) != 0) return;
    withdrawal_move(b, open, state, sent ? wish->job.bytes + SIGNATURE_AT : NULL);
}

// None of its bytes may land any more: those that were given meanwhile by another process may.
static void land_failure(struct book_call *b, const struct wish *wish)
{
    const struct outbox_job *job = outbox_find(&b->book->outbox, &wish->aim);
    bool same =
        job ? wish->has_job && wish->job.tries == job->tries && job->state != OUTBOX_SENT : !wish->has_job;
    if (!same) return;
    log_warn("chain.cluster", F_STR("a withdrawal does not land", uuid_text(wish->aim.subject).text));
    outbox_move(b, &wish->aim, OUTBOX_DONE);
    move_withdrawal(b, wish, WITHDRAWAL_FAILED);
}

// ---- All

static void land_done(struct book_call *b, const struct wish *wish, const struct sight *sight,
                      const struct cluster_now *now)
{
    outbox_move(b, &wish->aim, OUTBOX_DONE);
    if (b->failed) return;
    if (wish->aim.kind == OUTBOX_INIT_LIST)
        land_list(b, wish, now);
    else
        land_of_event(b, wish, sight, now);
    if (!b->failed) land_payment(b, wish);
    move_refund(b, wish, REFUND_FINISH);
    move_withdrawal(b, wish, WITHDRAWAL_DONE);
}

static void tell_more(const struct wish *wish)
{
    if (wish->more)
        log_error("chain.cluster",
                  F_STR("a winner gets more than the ledger has of the pot, of payment",
                        uuid_text(wish->aim.subject).text),
                  F_INT("lamports", wish->more));
}

// Tickets alone: what is of the whole event has nothing beside it that could go on.
static void tell_set_apart(const struct wish *wish)
{
    bool last = wish->has_job && wish->job.tries + 1 == OUTBOX_TRIES && !wish->stuck;
    if (last && wishes_is_of_ticket(wish))
        log_error("chain.cluster", F_STR("does not land, is set apart", uuid_text(wish->aim.subject).text),
                  F_INT("kind", wish->aim.kind));
}

static void land_stuck(struct book_call *b, const struct wish *wish)
{
    log_error("chain.cluster", F_STR("stuck for a week", uuid_text(wish->aim.subject).text),
              F_INT("kind", wish->aim.kind));
    outbox_move(b, &wish->aim, OUTBOX_STUCK);
    move_refund(b, wish, REFUND_STICK);
}

// One that a dev undid, or that is not stuck for certain, stays what it is.
static void land_credit(struct book_call *b, const struct wish *wish)
{
    struct till_payment *payment = find_refunded(b, wish);
    if (!payment || payment->event->stage != PAYMENT_CALLED_OFF) return;
    outbox_move(b, &wish->aim, OUTBOX_DONE);
    move_refund(b, wish, REFUND_CREDIT);
    if (!b->failed) seats_settle(b, payment->event);
}

void land_step(struct book_call *b, const struct wish *wish, const struct sight *sight,
               const struct cluster_now *now, enum step step)
{
    const struct outbox_job *job = outbox_find(&b->book->outbox, &wish->aim);
    bool same = job && wish->has_job && job->tries == wish->job.tries;
    if (step == STEP_LANDED) land_done(b, wish, sight, now);
    if (step == STEP_STICK) land_stuck(b, wish);
    if (step == STEP_FAIL) land_failure(b, wish);
    if (step == STEP_CREDIT && (!job || same)) land_credit(b, wish);
    if (step == STEP_DROP && same) outbox_move(b, &wish->aim, OUTBOX_DONE);
    if (step != STEP_DEAD || !same) return;
    outbox_move(b, &wish->aim, OUTBOX_DUE);
    move_refund(b, wish, REFUND_FAIL);
}

bool land_composed(struct book_call *b, const struct wish *wish, const struct composed *composed,
                   const struct cluster_now *now)
{
    const struct outbox_bytes bytes = {composed->bytes, composed->len, now->last_valid_height};
    const struct outbox_job *job = outbox_find(&b->book->outbox, &wish->aim);
    if (job && job->state == OUTBOX_SENT) return false;
    if (!wishes_is_current(wish, b->book, b->now_ms, b->arena) || !outbox_add(b, &wish->aim, &bytes))
        return false;
    move_refund(b, wish, REFUND_SEND);
    move_withdrawal(b, wish, WITHDRAWAL_SENT);
    if (!b->failed) tell_set_apart(wish);
    if (!b->failed) tell_more(wish);
    return !b->failed;
}
