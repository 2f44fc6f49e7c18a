// Every payment, and every change of one, in both currencies, is read as it was written; what can't be is
// refused.
#include "services/chain/till/stored.h"

#include "services/chain/payments/testing/places.h"

static Ledger__PaymentChange *packed_change(const struct payment_change *change)
{
    static uint8_t bytes[2048];
    struct stored_change stored;
    stored_change_write(&stored, change);
    size_t len = ledger__payment_change__get_packed_size(&stored.message);
    assert_true(len <= sizeof bytes);
    ledger__payment_change__pack(&stored.message, bytes);
    return ledger__payment_change__unpack(NULL, len, bytes);
}

static void assert_same(const struct payment *a, const struct payment *b)
{
    assert_memory_equal(&a->standing, &b->standing, sizeof a->standing);
    assert_int_equal(a->receipt_count, b->receipt_count);
    assert_int_equal(a->refund_count, b->refund_count);
    assert_memory_equal(a->receipts, b->receipts, sizeof a->receipts);
    assert_memory_equal(a->refunds, b->refunds, sizeof a->refunds);
}

static void check_whole(const struct payment *payment)
{
    struct stored_payment stored;
    struct payment read;
    uint8_t bytes[8192];
    stored_payment_write(&stored, payment, 7);
    size_t len = ledger__payment__get_packed_size(&stored.message);
    assert_true(len <= sizeof bytes);
    ledger__payment__pack(&stored.message, bytes);
    Ledger__Payment *message = ledger__payment__unpack(NULL, len, bytes);
    assert_true(stored_payment_read(message, &read));
    assert_int_equal(message->account, 7);
    assert_same(payment, &read);
    ledger__payment__free_unpacked(message, NULL);
}

// The change is applied as it was decided, and as it was stored.
static void check_change(const struct payment *before, enum happens what)
{
    struct happening happening = happening_of((enum payment_currency)before->currency, what);
    struct payment decided = *before, stored = *before;
    struct payment_change read;
    struct verdict verdict;
    payment_decide(before, &happening, &verdict);
    payment_apply(&decided, &verdict.change);
    Ledger__PaymentChange *message = packed_change(&verdict.change);
    assert_true(stored_change_read(message, before, &read));
    payment_apply(&stored, &read);
    assert_same(&decided, &stored);
    check_whole(&decided);
    ledger__payment_change__free_unpacked(message, NULL);
}

static void all_is_read_as_it_was_written(void **state)
{
    (void)state;
    for (int currency = PAYMENT_CONSE; currency <= PAYMENT_LAMPORTS; currency++)
        for (int place = 0; place < PLACES; place++) {
            struct payment payment = payment_in((enum payment_place)place, (enum payment_currency)currency);
            snprintf(payment.id.text, sizeof payment.id.text, "01890000-0000-7000-8000-000000000001");
            snprintf(payment.event_id.text, sizeof payment.event_id.text,
                     "01890000-0000-7000-8000-000000000002");
            check_whole(&payment);
            for (int what = 0; what < HAPPENINGS; what++) check_change(&payment, (enum happens)what);
        }
}

static void what_can_not_be_is_refused(void **state)
{
    (void)state;
    struct payment payment = payment_in(PLACE_SEATED, PAYMENT_CONSE);
    struct payment_change change = {.standing = payment.standing, .receives = true}, read;
    const struct {
        uint32_t seat, stage, receipt_slot, kept_from;
    } wrong[] = {{PAYMENT_LEFT + 1, 0, 0, 0},
                 {0, PAYMENT_CALLED_OFF + 1, 0, 0},
                 {0, 0, PAYMENT_RECEIPTS_MAX, 0},
                 {0, 0, 2, 0}, // behind a place that is empty
                 {0, 0, 0, PAYMENT_RECEIPTS_MAX}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Ledger__PaymentChange *message = packed_change(&change);
        assert_true(stored_change_read(message, &payment, &read));
        message->standing->seat = wrong[i].seat;
        message->standing->stage = wrong[i].stage;
        message->standing->kept_from = wrong[i].kept_from;
        message->receipt_slot = wrong[i].receipt_slot;
        assert_false(stored_change_read(message, &payment, &read));
        ledger__payment_change__free_unpacked(message, NULL);
    }
}

static void a_refund_that_is_none_moves_nowhere(void **state)
{
    (void)state;
    struct payment payment = payment_in(PLACE_SEATED, PAYMENT_CONSE);
    struct payment_change change = {.standing = payment.standing, .moves_refund = true}, read;
    Ledger__PaymentChange *message = packed_change(&change);
    assert_false(stored_change_read(message, &payment, &read));
    ledger__payment_change__free_unpacked(message, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_read_as_it_was_written),
        cmocka_unit_test(what_can_not_be_is_refused),
        cmocka_unit_test(a_refund_that_is_none_moves_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
