#include "services/chain/till/stored.h"

#include <string.h>

enum { RECEIPT_ID_BYTES = sizeof((struct receipt){0}.id) };

static ProtobufCBinaryData bytes_of(const void *bytes, size_t len)
{
    return (ProtobufCBinaryData){len, (uint8_t *)bytes};
}

static bool has_bytes(const uint8_t *bytes, size_t len)
{
    while (len && !bytes[len - 1]) len--;
    return len;
}

// Zeros are not stored.
static ProtobufCBinaryData key_bytes(const struct payment_key *key)
{
    return bytes_of(key->bytes, has_bytes(key->bytes, sizeof key->bytes) ? sizeof key->bytes : 0);
}

static bool read_key(const ProtobufCBinaryData *bytes, struct payment_key *key)
{
    *key = (struct payment_key){{0}};
    if (bytes->len == sizeof key->bytes) memcpy(key->bytes, bytes->data, sizeof key->bytes);
    return !bytes->len || bytes->len == sizeof key->bytes;
}

bool stored_is_id(const ProtobufCBinaryData *bytes) { return bytes->len == TILL_ID_BYTES; }

Money__Currency__Value stored_currency(enum payment_currency currency)
{
    return currency == PAYMENT_LAMPORTS ? MONEY__CURRENCY__VALUE__LAMPORTS : MONEY__CURRENCY__VALUE__CONSE;
}

bool stored_currency_read(Money__Currency__Value value, enum payment_currency *currency)
{
    *currency = value == MONEY__CURRENCY__VALUE__LAMPORTS ? PAYMENT_LAMPORTS : PAYMENT_CONSE;
    return value == MONEY__CURRENCY__VALUE__LAMPORTS || value == MONEY__CURRENCY__VALUE__CONSE;
}

// ---- Parts

static void write_permit(Ledger__PaymentPermit *out, const struct payment_permit *permit)
{
    ledger__payment_permit__init(out);
    out->account = key_bytes(&permit->account);
    out->last_valid_height = permit->last_valid_height;
    out->not_after_ms = permit->not_after_ms;
    out->live = permit->live;
    out->blockhash = key_bytes(&permit->blockhash);
    out->unit_price = permit->unit_price;
    out->credit = permit->credit;
}

static bool read_permit(const Ledger__PaymentPermit *message, struct payment_permit *permit)
{
    permit->last_valid_height = message->last_valid_height;
    permit->not_after_ms = message->not_after_ms;
    permit->live = message->live;
    permit->unit_price = message->unit_price;
    permit->credit = message->credit;
    return message->credit >= 0 && (!message->credit || message->live) &&
           read_key(&message->account, &permit->account) && read_key(&message->blockhash, &permit->blockhash);
}

static bool has_permit(const struct payment_permit *permit)
{
    return permit->live || permit->last_valid_height || permit->not_after_ms ||
           has_bytes(permit->account.bytes, sizeof permit->account.bytes);
}

static void write_standing(Ledger__PaymentStanding *out, Ledger__PaymentPermit *permit,
                           const struct payment_standing *now)
{
    ledger__payment_standing__init(out);
    out->seat = now->seat;
    out->stage = now->stage;
    out->end = now->end;
    out->flags = now->flags;
    out->promotions = now->promotions;
    out->attempt = now->attempt;
    out->junk = now->junk;
    out->price = now->price;
    out->kept = now->kept;
    out->kept_from = now->kept_from;
    out->withheld = now->withheld;
    out->hold_ends_ms = now->hold_ends_ms;
    out->waits_until_ms = now->waits_until_ms;
    out->paid_out = now->paid_out;
    out->reference = key_bytes(&now->reference);
    write_permit(permit, &now->permit);
    if (has_permit(&now->permit)) out->permit = permit;
}

static bool read_standing(const Ledger__PaymentStanding *message, struct payment_standing *now)
{
    *now = (struct payment_standing){.attempt = message->attempt,
                                     .junk = message->junk,
                                     .price = message->price,
                                     .kept = message->kept,
                                     .withheld = message->withheld,
                                     .hold_ends_ms = message->hold_ends_ms,
                                     .waits_until_ms = message->waits_until_ms,
                                     .paid_out = message->paid_out};
    now->seat = (uint8_t)message->seat;
    now->stage = (uint8_t)message->stage;
    now->end = (uint8_t)message->end;
    now->flags = (uint8_t)message->flags;
    now->promotions = (uint8_t)message->promotions;
    now->kept_from = (uint8_t)message->kept_from;
    bool fits = message->seat <= PAYMENT_LEFT && message->stage <= PAYMENT_CALLED_OFF &&
                message->end <= PAYMENT_BY_EVENT && message->flags <= UINT8_MAX &&
                message->promotions <= UINT8_MAX && message->kept_from < PAYMENT_RECEIPTS_MAX;
    return fits && read_key(&message->reference, &now->reference) &&
           (!message->permit || read_permit(message->permit, &now->permit));
}

static void write_receipt(Ledger__PaymentReceipt *out, const struct receipt *receipt)
{
    ledger__payment_receipt__init(out);
    out->id = bytes_of(receipt->id, sizeof receipt->id);
    out->amount = receipt->amount;
    out->at_ms = receipt->at_ms;
    out->way = receipt->way;
    out->class_ = receipt->class;
    out->settled = receipt->settled;
    out->slot = receipt->slot;
    out->payer = key_bytes(&receipt->payer);
}

static bool read_receipt(const Ledger__PaymentReceipt *message, struct receipt *receipt)
{
    *receipt = (struct receipt){.amount = message->amount,
                                .at_ms = message->at_ms,
                                .slot = message->slot,
                                .settled = message->settled};
    receipt->way = (uint8_t)message->way;
    receipt->class = (uint8_t)message->class_;
    if (message->id.len != RECEIPT_ID_BYTES || message->way > RECEIPT_CREDIT ||
        message->class_ > RECEIPT_GONE)
        return false;
    memcpy(receipt->id, message->id.data, sizeof receipt->id);
    return read_key(&message->payer, &receipt->payer);
}

static void write_refund(Ledger__PaymentRefund *out, const struct refund *refund)
{
    ledger__payment_refund__init(out);
    out->amount = refund->amount;
    out->since_ms = refund->since_ms;
    out->receipt = refund->receipt;
    out->end = refund->end;
    out->to = refund->to;
    out->state = refund->state;
}

static bool read_refund(const Ledger__PaymentRefund *message, struct refund *refund)
{
    *refund = (struct refund){.amount = message->amount, .since_ms = message->since_ms};
    refund->receipt = (uint8_t)message->receipt;
    refund->end = (uint8_t)message->end;
    refund->to = (uint8_t)message->to;
    refund->state = (uint8_t)message->state;
    return message->receipt < PAYMENT_RECEIPTS_MAX && message->end <= PAYMENT_BY_EVENT &&
           message->to <= REFUND_TO_CREDIT && message->state <= REFUND_CREDITED;
}

// ---- Changes

void stored_change_write(struct stored_change *out, const struct payment_change *change)
{
    ledger__payment_change__init(&out->message);
    write_standing(&out->standing, &out->permit, &change->standing);
    out->message.standing = &out->standing;
    out->message.forgets = change->forgets;
    out->message.settles = change->settles;
    if (change->receives) {
        write_receipt(&out->receipt, &change->receipt);
        out->message.receipt = &out->receipt;
        out->message.receipt_slot = change->receipt_slot;
    }
    if (change->refunds) {
        write_refund(&out->refund, &change->refund);
        out->message.refund = &out->refund;
    }
    if (!change->moves_refund) return;
    out->message.moves_refund = true;
    out->message.refund_slot = change->refund_slot;
    out->message.refund_state = change->refund_state;
}

static bool read_moved(const Ledger__PaymentChange *message, const struct payment *payment,
                       struct payment_change *change)
{
    change->moves_refund = message->moves_refund;
    change->refund_slot = (uint8_t)message->refund_slot;
    change->refund_state = (uint8_t)message->refund_state;
    return !message->moves_refund ||
           (message->refund_slot < payment->refund_count && message->refund_state <= REFUND_CREDITED);
}

bool stored_change_read(const Ledger__PaymentChange *message, const struct payment *payment,
                        struct payment_change *change)
{
    *change = (struct payment_change){.forgets = message->forgets,
                                      .settles = message->settles,
                                      .receives = message->receipt,
                                      .refunds = message->refund};
    change->receipt_slot = (uint8_t)message->receipt_slot;
    bool fits = (!message->receipt || (message->receipt_slot < PAYMENT_RECEIPTS_MAX &&
                                       message->receipt_slot <= payment->receipt_count)) &&
                (!message->refund || payment->refund_count < PAYMENT_REFUNDS_MAX);
    return fits && message->standing && read_standing(message->standing, &change->standing) &&
           (!message->receipt || read_receipt(message->receipt, &change->receipt)) &&
           (!message->refund || read_refund(message->refund, &change->refund)) &&
           read_moved(message, payment, change);
}

// ---- Whole ones

void stored_payment_write(struct stored_payment *out, const struct payment *payment, uint32_t account)
{
    Ledger__Payment *message = &out->message;
    ledger__payment__init(message);
    uuid_bytes(payment->id.text, out->id);
    uuid_bytes(payment->event_id.text, out->event);
    message->id = bytes_of(out->id, sizeof out->id);
    message->event = bytes_of(out->event, sizeof out->event);
    message->account = account;
    message->currency = stored_currency((enum payment_currency)payment->currency);
    message->comp = payment->comp;
    message->opened_ms = payment->opened_ms;
    write_standing(&out->standing, &out->permit, &payment->standing);
    message->standing = &out->standing;
    for (uint8_t i = 0; i < payment->receipt_count; i++) {
        write_receipt(&out->receipts[i], &payment->receipts[i]);
        out->receipt_list[i] = &out->receipts[i];
    }
    for (uint8_t i = 0; i < payment->refund_count; i++) {
        write_refund(&out->refunds[i], &payment->refunds[i]);
        out->refund_list[i] = &out->refunds[i];
    }
    message->receipts = out->receipt_list;
    message->n_receipts = payment->receipt_count;
    message->refunds = out->refund_list;
    message->n_refunds = payment->refund_count;
}

static bool read_money(const Ledger__Payment *message, struct payment *payment)
{
    if (message->n_receipts > PAYMENT_RECEIPTS_MAX || message->n_refunds > PAYMENT_REFUNDS_MAX) return false;
    for (; payment->receipt_count < message->n_receipts; payment->receipt_count++)
        if (!read_receipt(message->receipts[payment->receipt_count],
                          &payment->receipts[payment->receipt_count]))
            return false;
    for (; payment->refund_count < message->n_refunds; payment->refund_count++)
        if (!read_refund(message->refunds[payment->refund_count], &payment->refunds[payment->refund_count]))
            return false;
    return true;
}

bool stored_payment_read(const Ledger__Payment *message, struct payment *payment)
{
    enum payment_currency currency;
    if (!stored_is_id(&message->id) || !stored_is_id(&message->event) || !message->standing ||
        !stored_currency_read(message->currency, &currency))
        return false;
    *payment = (struct payment){.id = uuid_text(message->id.data),
                                .event_id = uuid_text(message->event.data),
                                .currency = (uint8_t)currency,
                                .comp = message->comp,
                                .opened_ms = message->opened_ms};
    return read_standing(message->standing, &payment->standing) && read_money(message, payment);
}

bool stored_opening_read(const Ledger__PaymentChanged *changed, int64_t time_ms, struct payment *payment)
{
    const Ledger__PaymentOpening *opening = changed->opening;
    enum payment_currency currency;
    if (!stored_is_id(&changed->payment) || !stored_is_id(&changed->event) || !changed->change ||
        !changed->change->standing || changed->change->receipt || changed->change->refund ||
        changed->change->moves_refund || !stored_currency_read(opening->currency, &currency))
        return false;
    *payment = (struct payment){.id = uuid_text(changed->payment.data),
                                .event_id = uuid_text(changed->event.data),
                                .currency = (uint8_t)currency,
                                .comp = opening->comp,
                                .opened_ms = time_ms};
    return read_standing(changed->change->standing, &payment->standing);
}
