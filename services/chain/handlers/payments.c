// Paying for a seat, giving it up, and giving it back.
#include <sodium.h>
#include <string.h>

#include "lib/replica/replica.h"
#include "services/chain/handlers/paid.h"
#include "services/chain/seats/permits.h"

// Strangers learn nothing of it.
static bool begin_own(struct book_call *b, const char *payment_id, struct paid *paid, struct err *err)
{
    if (!paid_begin(b, payment_id, paid, err)) return false;
    return paid->account == paid_caller(b) || err_fail(err, NOT_FOUND, "there is no such payment");
}

// Of an event that is over nothing changes any more.
static bool do_happen(struct book_call *b, struct paid *paid, const struct happening *happening,
                      struct err *err)
{
    struct verdict verdict;
    if (paid->open) {
        bool ok = seats_happen(b, paid->open, happening, &verdict);
        paid_refresh(paid);
        return ok || seats_refuse(&verdict, err);
    }
    payment_decide(&paid->payment, happening, &verdict);
    if (verdict.outcome == OUTCOME_KEEP) return true;
    if (verdict.outcome == OUTCOME_REFUSED) return seats_refuse(&verdict, err);
    return err_fail(err, EVENT_OVER, "the event is over"); // which its row does not say yet
}

static bool answer_paid(struct book_call *b, const struct paid *paid, Chain__PaymentReply *reply,
                        struct err *err)
{
    reply->payment = paid_shown(b, paid);
    return book_filled(reply->payment, err) && book_commit(b, &reply->base, err);
}

HANDLER(get_payment, Chain__PaymentRequest, Chain__PaymentReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct paid paid;
    if (!paid_begin(&b, request->payment_id, &paid, err)) return false;
    if (paid.account != paid_caller(&b) && !paid_leads(&b, paid.god))
        return err_fail(err, NOT_FOUND, "there is no such payment");
    reply->payment = paid_shown(&b, &paid);
    return book_filled(reply->payment, err);
}

static bool pay_in_conse(struct book_call *b, struct paid *paid, struct err *err)
{
    struct happening asked = {.what = HAPPENS_PAY_ASKED,
                              .now_ms = b->now_ms,
                              .funds = ledger_balance(&b->book->accounts, paid->account, BOOK_CONSE),
                              .receipt = {.amount = paid->payment.standing.price,
                                          .at_ms = b->now_ms,
                                          .way = RECEIPT_LEDGER,
                                          .settled = true}};
    randombytes_buf(asked.receipt.id, LEDGER_KEY_BYTES);
    return do_happen(b, paid, &asked, err);
}

// Why not: of an event that is over, or without credit.
static bool needs_wallet(struct book_call *b, struct paid *paid, struct err *err)
{
    const struct happening asked = {.what = HAPPENS_PAY_ASKED, .now_ms = b->now_ms};
    if (do_happen(b, paid, &asked, err)) return true;
    return err_is(err, FUNDS_SHORT) ? err_fail(err, PERMIT_NEEDED, "a wallet pays for this seat") : false;
}

// Also what lies aside already.
static bool has_credit(const struct book_call *b, const struct paid *paid)
{
    bool may = paid->open && replica_all_know(b->chain->replica, TILL_CREDIT_SINCE);
    return may && (paid->payment.standing.permit.credit ||
                   ledger_balance(&b->book->accounts, paid->account, BOOK_LAMPORTS) > 0);
}

static bool payments_pay(struct book_call *b, struct paid *paid, struct err *err)
{
    if (paid->payment.currency == PAYMENT_CONSE) return pay_in_conse(b, paid, err);
    return has_credit(b, paid) ? seats_pay_by_credit(b, paid->open, err) : needs_wallet(b, paid, err);
}

HANDLER(pay_payment, Chain__PaymentRequest, Chain__PaymentReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    const struct ledger_owner payer = book_user(call->caller->user_id);
    struct paid paid;
    if (!begin_own(&b, request->payment_id, &paid, err)) return false;
    if (book_is_leaving(b.book, &payer)) return err_fail(err, NOT_FOUND, "the account is being deleted");
    if (!payments_pay(&b, &paid, err)) return false;
    paid_refresh(&paid);
    return answer_paid(&b, &paid, reply, err);
}

HANDLER(end_payment, Chain__PaymentRequest, Chain__PaymentReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct paid paid;
    if (!begin_own(&b, request->payment_id, &paid, err)) return false;
    const struct happening given_up = {.what = HAPPENS_GIVEN_UP, .now_ms = b.now_ms};
    return do_happen(&b, &paid, &given_up, err) && answer_paid(&b, &paid, reply, err);
}

HANDLER(refund_payment, Chain__PaymentRequest, Chain__PaymentReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct paid paid;
    if (!paid_begin(&b, request->payment_id, &paid, err)) return false;
    if (!paid_leads(&b, paid.god)) return err_fail(err, NOT_FOUND, "there is no such payment");
    const struct happening asked = {.what = HAPPENS_REFUND_ASKED, .now_ms = b.now_ms};
    return do_happen(&b, &paid, &asked, err) && answer_paid(&b, &paid, reply, err);
}

const struct rpc_method chain_payment_methods[] = {
    RPC_METHOD("chain.GetPayment", get_payment),
    RPC_METHOD("chain.PayPayment", pay_payment),
    RPC_METHOD("chain.EndPayment", end_payment),
    RPC_METHOD("chain.RefundPayment", refund_payment),
    {0},
};
