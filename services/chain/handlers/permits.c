// Paying for a seat on the cluster: the transaction for a wallet, asked for by its owner's page or by the
// wallet itself (Solana Pay), and what the wallet gives back.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "lib/names/names.h"
#include "lib/qr/qr.h"
#include "services/chain/handlers/paid.h"
#include "services/chain/seats/permits.h"

enum { LAMPORTS_IN_SOL = 1000000000 };

// ---- The address that a wallet asks

static const char *reference_text(const struct payment *payment, struct arena *arena)
{
    struct solana_key key;
    char text[SOLANA_KEY_TEXT];
    memcpy(key.bytes, payment->standing.reference.bytes, sizeof key.bytes);
    solana_key_format(&key, text);
    return arena_str(arena, text);
}

// Payments' ids are in public logs; their references are known to who pays alone until they have.
static const char *wallet_url(const struct book_call *b, const struct payment *payment)
{
    const char *reference = reference_text(payment, b->arena);
    if (!reference) return NULL;
    return arena_printf(b->arena, "solana:%s/payments/%s.%s/solana-pay", b->chain->settings.public_url,
                        payment->id.text, reference);
}

// NOT_FOUND: nobody was told this.
static bool begin_by_url(struct book_call *b, const char *link, struct paid *paid, struct err *err)
{
    const char *dot = strchr(link, '.');
    struct uuid id = {""};
    struct solana_key reference;
    bool reads = dot && dot - link == UUID_LEN && solana_key_parse(&reference, dot + 1);
    if (reads) memcpy(id.text, link, UUID_LEN);
    if (!reads || !uuid_check(id.text)) return err_fail(err, NOT_FOUND, "there is no such payment");
    if (!paid_begin(b, id.text, paid, err)) return false;
    const struct payment *payment = &paid->payment;
    return (payment->currency == PAYMENT_LAMPORTS &&
            memcmp(payment->standing.reference.bytes, reference.bytes, sizeof reference.bytes) == 0) ||
           err_fail(err, NOT_FOUND, "there is no such payment");
}

// ---- Asking for a permit

static bool is_held(const struct till_payment *of) { return payment_place(&of->payment) == PLACE_HELD; }

// The caller's hold; without one, their newest payment there, so that the refusal says what it is.
static struct till_payment *find_hold(const struct book_call *b, const struct till_event *event)
{
    const uint32_t account = paid_caller(b);
    struct till_payment *found = NULL;
    for (struct till_payment *of = event ? event->first : NULL; of; of = of->next)
        if (of->account == account && account != LEDGER_NO_ACCOUNT && (!found || !is_held(found))) found = of;
    return found;
}

static bool begin_hold(struct book_call *b, const char *event_id, struct till_payment **hold, struct err *err)
{
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(event_id, id);
    if (!book_begin(b, err)) return false;
    *hold = find_hold(b, till_find_event(&b->book->till, id));
    return *hold || err_fail(err, NOT_FOUND, "no seat of this event is held for you");
}

// Also the linked wallet is given by people.
static bool read_account(const char *text, struct solana_key *account, struct err *err)
{
    return solana_key_parse(account, text) ||
           err_field(err, INVALID_FIELD, "account", "account is the address of a wallet, in base58");
}

static const char *account_of(const struct book_call *b, const char *given)
{
    struct name_told told;
    if (*given || !names_get(b->chain->names, b->call->caller->user_id, &told)) return given;
    return arena_str(b->arena, told.wallet);
}

static bool fill_bytes(const struct book_call *b, const struct permit_bytes *permit, ProtobufCBinaryData *out,
                       struct err *err)
{
    *out = (ProtobufCBinaryData){permit->len, arena_copy(b->arena, permit->bytes, permit->len)};
    return book_filled(out->data, err);
}

static bool fill_permit(struct book_call *b, struct till_payment *hold, const char *account,
                        Chain__PermitReply *reply, struct err *err)
{
    const struct payment_permit *permit = &hold->payment.standing.permit;
    struct permit_bytes bytes;
    struct solana_key key;
    if (!read_account(account, &key, err) || !seats_ask_permit(b, hold, &key, &bytes, err)) return false;
    reply->account = account;
    reply->last_valid_height = permit->last_valid_height;
    reply->not_after = stamp_new(b->arena, permit->not_after_ms);
    return fill_bytes(b, &bytes, &reply->transaction, err);
}

HANDLER(ask_permit, Chain__AskPermitRequest, Chain__PermitReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct till_payment *hold;
    if (!begin_hold(&b, request->event_id, &hold, err)) return false;
    if (hold->payment.currency != PAYMENT_LAMPORTS)
        return err_fail(err, PERMIT_NOT_NEEDED, "seats of this event are paid from the account");
    const char *account = account_of(&b, request->account);
    if (!account) return book_filled(NULL, err);
    if (*account && !fill_permit(&b, hold, account, reply, err)) return false;
    reply->payment_id = arena_str(call->arena, hold->payment.id.text);
    reply->reference = reference_text(&hold->payment, call->arena);
    reply->url = wallet_url(&b, &hold->payment);
    return book_filled(call->arena->failed ? NULL : reply, err) && book_commit(&b, &reply->base, err);
}

// ---- Giving it back

HANDLER(give_transaction, Chain__GiveTransactionRequest, Chain__PaymentReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct paid paid;
    if (!paid_begin(&b, request->payment_id, &paid, err)) return false;
    if (paid.account != paid_caller(&b)) return err_fail(err, NOT_FOUND, "there is no such payment");
    if (!paid.open) return err_fail(err, EVENT_OVER, "the event is over");
    if (!seats_give_bytes(&b, paid.open, request->transaction.data, request->transaction.len, err))
        return false;
    paid_refresh(&paid);
    reply->payment = paid_shown(&b, &paid);
    return book_filled(reply->payment, err) && book_commit(&b, &reply->base, err);
}

// ---- Solana Pay

HANDLER(get_solana_pay, Chain__SolanaPayRequest, Chain__SolanaPayLabel)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct paid paid;
    if (!begin_by_url(&b, request->payment_id, &paid, err)) return false;
    reply->label = "Conse";
    reply->icon = arena_printf(call->arena, "%s/events/%s/qr.svg", b.chain->settings.public_url,
                               paid.payment.event_id.text); // which every event has
    return book_filled(reply->icon, err);
}

HANDLER(ask_solana_pay, Chain__AskSolanaPayRequest, Chain__SolanaPayReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct paid paid;
    struct permit_bytes bytes;
    struct solana_key account;
    if (!begin_by_url(&b, request->payment_id, &paid, err)) return false;
    if (!paid.open) return err_fail(err, EVENT_OVER, "the event is over");
    if (!read_account(request->account, &account, err) ||
        !seats_ask_permit(&b, paid.open, &account, &bytes, err))
        return false;
    const int64_t price = paid.payment.standing.price;
    reply->message = arena_printf(call->arena, "A seat for %" PRId64 ".%09" PRId64 " SOL",
                                  price / LAMPORTS_IN_SOL, price % LAMPORTS_IN_SOL);
    return book_filled(reply->message, err) && fill_bytes(&b, &bytes, &reply->transaction, err) &&
           book_commit(&b, &reply->base, err);
}

HANDLER(get_payment_qr, Chain__PaymentRequest, Chain__PaymentQr)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct paid paid;
    if (!paid_begin(&b, request->payment_id, &paid, err)) return false;
    if (paid.account != paid_caller(&b)) return err_fail(err, NOT_FOUND, "there is no such payment");
    if (paid.payment.currency != PAYMENT_LAMPORTS)
        return err_fail(err, PERMIT_NOT_NEEDED, "this seat is paid from the account");
    const char *url = wallet_url(&b, &paid.payment);
    char *svg = url ? qr_svg(url, "QR code to pay for a seat with a wallet", call->arena) : NULL;
    reply->content_type = "image/svg+xml";
    reply->body = (ProtobufCBinaryData){svg ? strlen(svg) : 0, (uint8_t *)svg};
    return book_filled(svg, err);
}

const struct rpc_method chain_permit_methods[] = {
    RPC_METHOD("chain.AskPermit", ask_permit),        RPC_METHOD("chain.GiveTransaction", give_transaction),
    RPC_METHOD("chain.GetSolanaPay", get_solana_pay), RPC_METHOD("chain.AskSolanaPay", ask_solana_pay),
    RPC_METHOD("chain.GetPaymentQr", get_payment_qr), {0},
};
