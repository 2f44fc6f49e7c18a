#include "services/chain/seats/permits.h"

#include <stdio.h>
#include <string.h>

#include "services/chain/cluster/cluster.h"
#include "services/chain/outbox/jobs.h"
#include "services/chain/permit/credit.h"
#include "services/chain/payments/receive.h"

enum { BLOCK_MS = 400, AWAY_RETRY_S = 5 };

// One call about a permit, at a moment of the cluster.
struct permitting {
    struct book_call *b;
    struct till_payment *payment;
    struct cluster_now now;
};

static struct permitting begin_permitting(struct book_call *b, struct till_payment *payment)
{
    struct permitting p = {.b = b, .payment = payment};
    cluster_now(b->chain->cluster, &p.now);
    return p;
}

static struct solana_key key_of(const struct payment_key *key)
{
    struct solana_key out;
    memcpy(out.bytes, key->bytes, sizeof out.bytes);
    return out;
}

static struct payment_key stored_key(const struct solana_key *key)
{
    struct payment_key out;
    memcpy(out.bytes, key->bytes, sizeof out.bytes);
    return out;
}

// ---- The message

static struct permit_terms terms_of(const struct permitting *p, const struct payment_permit *permit)
{
    const struct till_event *event = p->payment->event;
    const struct payment *payment = &p->payment->payment;
    struct permit_terms terms = {.event = {.programs = p->now.programs},
                                 .not_after_s = permit->not_after_ms / 1000,
                                 .unit_price = permit->unit_price,
                                 .memo = payment->id.text};
    terms.event.authority = key_of(&event->cluster.authority);
    terms.event.whitelist = key_of(&event->cluster.whitelist);
    solana_event_address(&terms.event.event, &p->now.programs, &terms.event.authority, event->id);
    terms.account = key_of(&permit->account);
    terms.reference = key_of(&payment->standing.reference);
    terms.blockhash = key_of(&permit->blockhash);
    return terms;
}

// Wallets of ours, and the key that signs blocks.
static bool is_forbidden(const struct permitting *p, const struct payment_permit *permit)
{
    const struct permit_terms terms = terms_of(p, permit);
    struct solana_key keys[] = {p->now.authority, p->now.pool, p->now.revenue, {{0}}};
    memcpy(keys[3].bytes, p->b->book->authority.bytes, sizeof keys[3].bytes);
    const struct permit_own own = {keys, sizeof keys / sizeof *keys};
    return permit_is_forbidden(&terms, &own);
}

static bool make_bytes(const struct permitting *p, const struct payment_permit *permit,
                       struct permit_bytes *out, struct err *err)
{
    const struct permit_terms terms = terms_of(p, permit);
    return permit_compose(&terms, out, err) &&
           permit_sign(out, &terms.event, cluster_signer(p->b->chain->cluster), err);
}

// ---- Asking

// It is there, and the key that this process has is its authority's.
static bool is_payable(const struct permitting *p)
{
    const struct till_cluster *cluster = &p->payment->event->cluster;
    return cluster->state == TILL_PAYABLE &&
           memcmp(cluster->authority.bytes, p->now.authority.bytes, sizeof cluster->authority.bytes) == 0;
}

static int64_t left_ms(const struct permitting *p)
{
    uint64_t until = p->payment->payment.standing.permit.last_valid_height, now = p->now.finalized_height;
    return until > now ? (int64_t)(until - now) * BLOCK_MS : 0;
}

// On the cluster, or maybe soon: also those that go back have a place until they are gone.
static bool has_ticket(const struct payment *payment)
{
    return payment->standing.permit.live || payment->standing.kept || payment_owed(payment);
}

static bool tickets_are_full(const struct till_event *event)
{
    uint32_t count = 0;
    for (const struct till_payment *of = event->first; of; of = of->next) count += has_ticket(&of->payment);
    return count >= TILL_TICKETS_MOST;
}

static struct happening asked_of(const struct permitting *p, enum happens what,
                                 const struct solana_key *account)
{
    const struct payment *payment = &p->payment->payment;
    struct happening asked = {.what = what,
                              .now_ms = p->b->now_ms,
                              .node_healthy = p->now.takes_money,
                              .tickets_full = tickets_are_full(p->payment->event),
                              .permit_left_ms = left_ms(p)};
    asked.permit.account = stored_key(account);
    asked.permit.blockhash = stored_key(&p->now.blockhash);
    asked.permit.last_valid_height = p->now.last_valid_height;
    asked.permit.unit_price = (uint64_t)p->b->chain->settings.solana_unit_price;
    asked.permit.not_after_ms = permit_until_ms(payment, p->b->now_ms, p->now.clock_s * 1000);
    asked.payable = is_payable(p);
    return asked;
}

static bool need_cluster(const struct permitting *p, struct err *err)
{
    if (p->payment->payment.currency != PAYMENT_LAMPORTS || p->b->chain->cluster) return true;
    err_fail(err, CLUSTER_AWAY, "this process has no cluster");
    err->retry_after_s = AWAY_RETRY_S;
    return false;
}

static bool refuse_field(const struct verdict *verdict, const char *field, struct err *err)
{
    if (!seats_refuse(verdict, err) && (err_is(err, ACCOUNT_FORBIDDEN) || err_is(err, PERMIT_MISMATCH)))
        snprintf(err->field, sizeof err->field, "%s", field);
    if (err_is(err, EVENT_FULL))
        return err_field(
            err, EVENT_FULL, "event_id",
            "event_id: the event has %d tickets on the cluster, with those that go back, and can "
            "have no more",
            TILL_TICKETS_MOST);
    return false;
}

// What can't be composed or signed is found before anything is added.
bool seats_ask_permit(struct book_call *b, struct till_payment *payment, const struct solana_key *account,
                      struct permit_bytes *out, struct err *err)
{
    const struct permitting p = begin_permitting(b, payment);
    struct verdict verdict;
    if (!need_cluster(&p, err)) return false;
    struct happening asked = asked_of(&p, HAPPENS_PERMIT_ASKED, account);
    asked.account_forbidden = asked.payable && is_forbidden(&p, &asked.permit);
    payment_decide(&payment->payment, &asked, &verdict);
    if (verdict.outcome == OUTCOME_PERMIT || verdict.outcome == OUTCOME_KEEP)
        if (!make_bytes(&p, &verdict.change.standing.permit, out, err)) return false;
    return seats_happen(b, payment, &asked, &verdict) || refuse_field(&verdict, "account", err);
}

// ---- Giving back

// They differ unless they were judged.
static bool check_bytes(const struct permitting *p, const uint8_t *bytes, size_t len, bool *differ,
                        struct err *err)
{
    const struct payment_permit *permit = &p->payment->payment.standing.permit;
    struct solana_transaction given;
    struct permit_bytes ours;
    struct err why;
    *differ = true;
    if (!solana_transaction_parse(&given, bytes, len, &why))
        return err_field(err, MALFORMED, "transaction", "transaction: %s", why.message);
    if (!permit->live || permit->credit || !is_payable(p))
        return true; // bytes of credit were given to nobody
    if (!make_bytes(p, permit, &ours, err)) return false;
    *differ = !permit_judge(&ours, bytes, len, &why);
    return true;
}

static struct outbox_aim aim_of(const struct till_payment *payment)
{
    struct outbox_aim aim = {.kind = OUTBOX_SEAT, .reference = payment->payment.standing.reference};
    memcpy(aim.subject, payment->id, sizeof aim.subject);
    return aim;
}

// There is one message for a permit, so bytes that are on their way are these.
static bool is_on_its_way(const struct permitting *p, const struct outbox_aim *aim)
{
    const struct outbox_job *job = outbox_find(&p->b->book->outbox, aim);
    return job && job->state == OUTBOX_SENT &&
           job->last_valid_height == p->payment->payment.standing.permit.last_valid_height;
}

bool seats_give_bytes(struct book_call *b, struct till_payment *payment, const uint8_t *bytes, size_t len,
                      struct err *err)
{
    const struct permitting p = begin_permitting(b, payment);
    const struct payment_permit permit = payment->payment.standing.permit;
    const struct outbox_aim aim = aim_of(payment);
    struct happening given = {.what = HAPPENS_BYTES_GIVEN, .now_ms = b->now_ms};
    struct verdict verdict;
    if (!need_cluster(&p, err) || !check_bytes(&p, bytes, len, &given.bytes_differ, err)) return false;
    payment_decide(&payment->payment, &given, &verdict);
    if (verdict.outcome != OUTCOME_SEND) return refuse_field(&verdict, "transaction", err);
    if (is_on_its_way(&p, &aim)) return true;
    const struct outbox_bytes sent = {bytes, len, permit.last_valid_height};
    return (seats_happen(b, payment, &given, &verdict) && outbox_add(b, &aim, &sent)) ||
           book_filled(NULL, err);
}

// ---- With credit

// With less than all credit, with what lies aside, a seat would be paid for with what is others'.
static bool is_backed(const struct permitting *p)
{
    int64_t all = -ledger_balance(&p->b->book->accounts, 0, BOOK_LAMPORTS);
    return p->now.lamports >= (uint64_t)all + CLUSTER_KEEPS;
}

static struct happening credit_asked(const struct permitting *p)
{
    struct happening asked = asked_of(p, HAPPENS_PAY_ASKED, &p->now.authority);
    asked.funds = ledger_balance(&p->b->book->accounts, p->payment->account, BOOK_LAMPORTS);
    asked.fee = p->b->chain->settings.solana_credit_fee;
    asked.node_healthy &= is_backed(p);
    return asked;
}

static bool make_own(const struct permitting *p, const struct payment_permit *permit,
                     struct permit_bytes *bytes, struct err *err)
{
    const struct permit_terms terms = terms_of(p, permit);
    return credit_compose(&terms, cluster_signer(p->b->chain->cluster), bytes, err);
}

// Nobody sees the bytes but the cluster: they are stored with what lies aside for them.
bool seats_pay_by_credit(struct book_call *b, struct till_payment *payment, struct err *err)
{
    const struct permitting p = begin_permitting(b, payment);
    const struct outbox_aim aim = aim_of(payment);
    struct permit_bytes bytes;
    struct verdict verdict;
    if (!need_cluster(&p, err)) return false;
    const struct happening asked = credit_asked(&p);
    payment_decide(&payment->payment, &asked, &verdict);
    const struct payment_permit *permit = &verdict.change.standing.permit;
    if (verdict.outcome == OUTCOME_KEEP) return true;
    if (verdict.outcome != OUTCOME_PERMIT) return refuse_field(&verdict, "account", err);
    if (!make_own(&p, permit, &bytes, err)) return false;
    const struct outbox_bytes sent = {bytes.bytes, bytes.len, permit->last_valid_height};
    return (seats_happen(b, payment, &asked, &verdict) && outbox_add(b, &aim, &sent)) ||
           book_filled(NULL, err);
}
