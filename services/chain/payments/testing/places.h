// Payments in every place of the outcome table, for tests: made by what happens to them, not by hand.
#ifndef CHAIN_PAYMENTS_TESTING_PLACES_H
#define CHAIN_PAYMENTS_TESTING_PLACES_H

#include "services/chain/payments/receive.h"
#include "services/chain/payments/refund.h"
#include "services/chain/payments/terms.h"

#include "tests/test.h"

enum {
    PRICE = 1000,
    FEE = 100,
    START_MS = 1000000,
    HOLD_MS = TERMS_HOLD_MS,
    NOW_MS = START_MS + 60000,
    LATER_MS = START_MS + HOLD_MS + 1,
    LAST_VALID = 150,
};

static const struct refund_terms KEEPS_A_FEE = {.fee = FEE};

static inline struct payment_key key_of(uint8_t number)
{
    struct payment_key key = {{number}};
    return key;
}

static inline struct receipt receipt_of(enum payment_currency currency, uint8_t number)
{
    struct receipt receipt = {.id = {number}, .amount = PRICE, .at_ms = NOW_MS, .settled = true};
    receipt.way = currency == PAYMENT_LAMPORTS ? RECEIPT_TICKET : RECEIPT_LEDGER;
    receipt.payer = key_of(number);
    receipt.slot = number;
    return receipt;
}

// What a test changes nothing of is as it is when all goes well.
static inline struct happening happening_of(enum payment_currency currency, enum happens what)
{
    return (struct happening){.what = what,
                              .now_ms = NOW_MS,
                              .receipt = receipt_of(currency, 1),
                              .by_linked_wallet = true,
                              .funds = PRICE,
                              .payable = true,
                              .node_healthy = true,
                              .permit = {.account = key_of(1), .last_valid_height = LAST_VALID},
                              .terms = &KEEPS_A_FEE,
                              .price = PRICE,
                              .hold_ms = HOLD_MS,
                              .attempt = 2,
                              .reference = key_of(9)};
}

// Decides and applies; what is refused or impossible changes nothing but flags.
static inline struct verdict happen_as(struct payment *payment, const struct happening *happening)
{
    struct verdict verdict;
    payment_decide(payment, happening, &verdict);
    payment_apply(payment, &verdict.change);
    assert_true(payment_is_balanced(payment));
    return verdict;
}

static inline struct verdict happen(struct payment *payment, enum happens what)
{
    struct happening happening = happening_of((enum payment_currency)payment->currency, what);
    if (what == HAPPENS_TIME_OVER || what == HAPPENS_TIME_OVER_BLIND) happening.now_ms = LATER_MS;
    return happen_as(payment, &happening);
}

static inline struct payment payment_of(enum payment_currency currency, enum payment_seat seat)
{
    struct payment payment;
    payment_open(&payment, &(struct payment_opening){.currency = currency,
                                                     .seat = seat,
                                                     .price = PRICE,
                                                     .now_ms = START_MS,
                                                     .hold_ms = HOLD_MS,
                                                     .attempt = 1,
                                                     .reference = key_of(8)});
    return payment;
}

// The hold has a permit that lives.
static inline struct payment with_permit(void)
{
    struct payment payment = payment_of(PAYMENT_LAMPORTS, PAYMENT_HELD);
    assert_int_equal(happen(&payment, HAPPENS_PERMIT_ASKED).outcome, OUTCOME_PERMIT);
    return payment;
}

// Seated by a ticket that is confirmed and not finalized.
static inline struct payment with_confirmed(void)
{
    struct payment payment = with_permit();
    struct happening paid = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAID);
    paid.receipt.settled = false;
    assert_int_equal(happen_as(&payment, &paid).outcome, OUTCOME_SEAT);
    return payment;
}

static inline struct payment seated_in(enum payment_currency currency)
{
    struct payment payment;
    if (currency == PAYMENT_LAMPORTS) {
        payment = with_confirmed();
        assert_int_equal(happen(&payment, HAPPENS_FINALIZED).outcome, OUTCOME_SETTLE);
    } else {
        payment = payment_of(currency, PAYMENT_HELD);
        assert_int_equal(happen(&payment, HAPPENS_PAY_ASKED).outcome, OUTCOME_SEAT);
    }
    return payment;
}

static inline struct payment payment_in(enum payment_place place, enum payment_currency currency)
{
    bool seated = place == PLACE_SEATED || place == PLACE_PLAYING || place == PLACE_OVER;
    struct payment payment =
        seated ? seated_in(currency)
               : payment_of(currency, place == PLACE_WAITING ? PAYMENT_WAITING : PAYMENT_HELD);
    if (place == PLACE_EXPIRED || place == PLACE_OUTSIDE) happen(&payment, HAPPENS_TIME_OVER);
    if (place == PLACE_LEFT) happen(&payment, HAPPENS_GIVEN_UP);
    if (place == PLACE_PLAYING || place == PLACE_OUTSIDE || place == PLACE_OVER)
        happen(&payment, HAPPENS_LOCKED);
    if (place == PLACE_OVER) happen(&payment, HAPPENS_DONE);
    assert_int_equal(payment_place(&payment), place);
    return payment;
}

// Given back, or to be.
static inline int64_t given_back(const struct payment *payment)
{
    return payment_refunded(payment) + payment_credited(payment) + payment_owed(payment);
}

#endif
