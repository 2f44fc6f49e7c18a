// Payments and their changes as entries and rows have them. What is read may be anything: it is refused
// unless a payment can be like that.
#ifndef CHAIN_TILL_STORED_H
#define CHAIN_TILL_STORED_H

#include "ledger.pb-c.h"
#include "services/chain/payments/decide.h"

enum { TILL_ID_BYTES = 16 };

// The message borrows from the change and from this.
struct stored_change {
    Ledger__PaymentChange message;
    Ledger__PaymentStanding standing;
    Ledger__PaymentPermit permit;
    Ledger__PaymentReceipt receipt;
    Ledger__PaymentRefund refund;
};
void stored_change_write(struct stored_change *out, const struct payment_change *change);
// False: nothing that can happen to this payment.
bool stored_change_read(const Ledger__PaymentChange *message, const struct payment *payment,
                        struct payment_change *change);

// The same of a whole payment. winner and disputes are the till's.
struct stored_payment {
    Ledger__Payment message;
    uint8_t id[TILL_ID_BYTES], event[TILL_ID_BYTES];
    Ledger__PaymentStanding standing;
    Ledger__PaymentPermit permit;
    Ledger__PaymentReceipt receipts[PAYMENT_RECEIPTS_MAX];
    Ledger__PaymentReceipt *receipt_list[PAYMENT_RECEIPTS_MAX];
    Ledger__PaymentRefund refunds[PAYMENT_REFUNDS_MAX];
    Ledger__PaymentRefund *refund_list[PAYMENT_REFUNDS_MAX];
};
void stored_payment_write(struct stored_payment *out, const struct payment *payment, uint32_t account);
bool stored_payment_read(const Ledger__Payment *message, struct payment *payment);

// A payment as its first entry makes it. False: it makes none.
bool stored_opening_read(const Ledger__PaymentChanged *changed, int64_t time_ms, struct payment *payment);

bool stored_is_id(const ProtobufCBinaryData *bytes);
Money__Currency__Value stored_currency(enum payment_currency currency);
// False: a currency that there is not.
bool stored_currency_read(Money__Currency__Value value, enum payment_currency *currency);

#endif
