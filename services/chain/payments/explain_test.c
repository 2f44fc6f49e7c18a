// The word for a payment in each of its states, and that each has a sentence.
#include "services/chain/payments/explain.h"
#include "services/chain/payments/testing/places.h"

#include <ctype.h>

static void every_state_has_a_word_and_one_sentence(void **state)
{
    (void)state;
    for (enum payment_state i = 0; i < STATES; i++) {
        const char *sentence = payment_explain(i);
        assert_true(*payment_state_name(i));
        assert_true(isupper((unsigned char)*sentence));
        assert_ptr_equal(strchr(sentence, '.'), sentence + strlen(sentence) - 1);
    }
}

static const char *word_of(struct payment payment) { return payment_state_name(payment_state(&payment)); }

static struct payment after(struct payment payment, enum happens what)
{
    happen(&payment, what);
    return payment;
}

static void places_have_their_words(void **state)
{
    (void)state;
    static const char *const words[PLACES] = {"HELD", "SEATED",  "WAITING", "EXPIRED",
                                              "LEFT", "PLAYING", "OUTSIDE", "DONE"};
    for (enum payment_place place = 0; place < PLACES; place++) {
        assert_string_equal(word_of(payment_in(place, PAYMENT_CONSE)), words[place]);
        assert_string_equal(word_of(payment_in(place, PAYMENT_LAMPORTS)), words[place]);
    }
}

static void permits_and_finality_have_theirs(void **state)
{
    (void)state;
    assert_string_equal(word_of(with_permit()), "IN_FLIGHT");
    assert_string_equal(word_of(after(with_permit(), HAPPENS_GIVEN_UP)), "ENDING");
    assert_string_equal(word_of(after(with_permit(), HAPPENS_CALLED_OFF)), "ENDING");
    assert_string_equal(word_of(with_confirmed()), "SETTLING");
    assert_string_equal(word_of(after(with_confirmed(), HAPPENS_LEFT)), "ENDING");
    assert_string_equal(word_of(payment_of(PAYMENT_CONSE, PAYMENT_TAKEN)), "COMP");
}

static void money_that_goes_back_is_told_first(void **state)
{
    (void)state;
    struct payment payment = after(seated_in(PAYMENT_LAMPORTS), HAPPENS_REMOVED);
    assert_string_equal(word_of(payment), "REFUNDING");
    payment.refunds[0].state = REFUND_STUCK;
    assert_string_equal(word_of(payment), "REFUND_STUCK");
    payment.refunds[0].state = REFUND_CREDITED;
    assert_string_equal(word_of(payment), "CREDITED");
    assert_string_equal(word_of(after(seated_in(PAYMENT_CONSE), HAPPENS_CALLED_OFF)), "REFUNDED");
    assert_string_equal(word_of(after(payment_of(PAYMENT_CONSE, PAYMENT_HELD), HAPPENS_CALLED_OFF)),
                        "CALLED_OFF");
    assert_string_equal(word_of(after(payment_in(PLACE_OVER, PAYMENT_CONSE), HAPPENS_PAID_OUT)), "PAID_OUT");
    assert_string_equal(word_of(after(payment_in(PLACE_OUTSIDE, PAYMENT_CONSE), HAPPENS_DONE)), "OUTSIDE");
    payment = after(after(seated_in(PAYMENT_LAMPORTS), HAPPENS_PAID), HAPPENS_REMOVED);
    payment.refunds[0].state = REFUND_STUCK;
    assert_string_equal(word_of(payment), "REFUND_STUCK"); // though the other is only due
    struct payment again = after(seated_in(PAYMENT_LAMPORTS), HAPPENS_PAID);
    assert_string_equal(word_of(again), "SEATED"); // though a second payment goes back
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_has_a_word_and_one_sentence),
        cmocka_unit_test(places_have_their_words),
        cmocka_unit_test(permits_and_finality_have_theirs),
        cmocka_unit_test(money_that_goes_back_is_told_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
