// Every cell of the outcome table, against a table written by hand: what a payment is before and after, what
// it keeps and what goes back. A cell says the place afterwards, H held, S seated, W waiting, X expired, L
// left, K seated in a locked event, G outside of it, O over; and of the money
//   seat    the place keeps what came          this   what came goes back
//   all     what was kept goes back            terms  the same, less the fee
// "-" can't be so, "=" nothing changes, "junk" is recorded alone, and a word in capitals is a refusal.
#include "services/chain/payments/testing/places.h"

enum { IN_CONSE = 1, IN_LAMPORTS = 2, IN_BOTH = 3 };

struct expected {
    enum happens what;
    unsigned currencies;
    const char *cells[PLACES];
};

#define EACH(word)                                                                                           \
    {                                                                                                        \
        word, word, word, word, word, word, word, word                                                       \
    }
#define CALL(word)                                                                                           \
    {                                                                                                        \
        word, "ALREADY_PAID", "NOT_YOUR_TURN", "HOLD_OVER", "HOLD_OVER", "ALREADY_PAID", "EVENT_NOT_OPEN",   \
            "EVENT_OVER"                                                                                     \
    }

// clang-format off
static const struct expected EXPECTED[] = {
    //                                      H         S         W         X         L         K         G         O
    // Money that came. A permit is for one price and ends with its hold, so it is never late, short or over.
    {HAPPENS_PAID, IN_LAMPORTS,            {"S seat", "S this", "W this", "W seat", "L this", "K this", "G this", "O this"}},
    {HAPPENS_PAID_LATE, IN_BOTH,           EACH("-")},
    {HAPPENS_PAID_SHORT, IN_BOTH,          EACH("-")},
    {HAPPENS_TOPPED_UP, IN_BOTH,           EACH("-")},
    {HAPPENS_PAID_OVER, IN_BOTH,           EACH("-")},
    {HAPPENS_PAID_AGAIN, IN_LAMPORTS,      {"-",      "S this", "W this", "X this", "L this", "K this", "G this", "O this"}},
    {HAPPENS_PAID_FOREIGN, IN_BOTH,        EACH("junk")},
    {HAPPENS_JUNK, IN_BOTH,                EACH("junk")},
    {HAPPENS_PAID_BY_OTHER, IN_LAMPORTS,   {"S seat", "S this", "W this", "W seat", "L this", "K this", "G this", "O this"}},
    {HAPPENS_PROCESSED_GONE, IN_LAMPORTS,  EACH("=")},
    // The clock.
    {HAPPENS_TIME_OVER, IN_BOTH,           {"X",      "-",      "-",      "-",      "-",      "-",      "-",      "-"}},
    {HAPPENS_TIME_OVER_BLIND, IN_LAMPORTS, {"=",      "-",      "-",      "-",      "-",      "-",      "-",      "-"}},
    // The event: what happens to it meets all its payments.
    {HAPPENS_LEFT, IN_CONSE,               {"L",      "L terms", "L",     "=",      "=",      "-",      "-",      "-"}},
    {HAPPENS_REMOVED, IN_BOTH,             {"L",      "L all",  "L",      "=",      "=",      "-",      "-",      "-"}},
    {HAPPENS_KICKED, IN_BOTH,              {"-",      "-",      "-",      "-",      "-",      "=",      "=",      "-"}},
    {HAPPENS_KICKED_REFUNDED, IN_BOTH,     {"-",      "-",      "-",      "-",      "-",      "G all",  "=",      "-"}},
    {HAPPENS_LOCKED, IN_BOTH,              {"HOLDS_OPEN", "K",  "G",      "G",      "G",      "-",      "-",      "-"}},
    {HAPPENS_HOLDS_ENDED, IN_BOTH,         {"X",      "=",      "=",      "=",      "=",      "-",      "-",      "-"}},
    {HAPPENS_CALLED_OFF, IN_BOTH,          {"O",      "O all",  "O",      "O",      "O",      "O all",  "O",      "="}},
    {HAPPENS_DONE, IN_BOTH,                {"-",      "-",      "-",      "-",      "-",      "O",      "O",      "="}},
    {HAPPENS_PROMOTED, IN_BOTH,            {"-",      "-",      "H",      "H",      "H",      "-",      "-",      "-"}},
    {HAPPENS_PLACE_REFUSED, IN_BOTH,       {"-",      "-",      "X",      "-",      "-",      "-",      "-",      "-"}},
    {HAPPENS_PRICED, IN_CONSE,             {"=",      "=",      "W",      "=",      "=",      "-",      "-",      "-"}},
    {HAPPENS_PRICED, IN_LAMPORTS,          {"PRICE_FIXED", "PRICE_FIXED", "PRICE_FIXED", "PRICE_FIXED", "PRICE_FIXED", "-", "-", "-"}},
    // Calls.
    {HAPPENS_FUNDS_SHORT, IN_BOTH,         CALL("FUNDS_SHORT")},
    {HAPPENS_PAY_REPEATED, IN_BOTH,        {"-",      "=",      "-",      "-",      "=",      "=",      "=",      "="}},
    {HAPPENS_PAID_ELSEWHERE, IN_LAMPORTS,  EACH("junk")},
    {HAPPENS_PAY_ASKED, IN_CONSE,          CALL("S seat")},
    // What has no row among the 25 of old: permits, finality, and what players, gods and devs may ask for.
    {HAPPENS_PERMIT_ASKED, IN_LAMPORTS,    CALL("H")},
    {HAPPENS_PAY_ASKED, IN_LAMPORTS,       CALL("H")}, // CREDIT_ASKED
    {HAPPENS_CREDIT_ASKED, IN_LAMPORTS,    CALL("H")},
    {HAPPENS_BYTES_GIVEN, IN_LAMPORTS,     CALL("PERMIT_DEAD")},
    {HAPPENS_GIVEN_UP, IN_BOTH,            {"L",      "ALREADY_PAID", "=", "=",     "=", "ALREADY_PAID", "=",     "="}},
    {HAPPENS_REFUND_ASKED, IN_BOTH,        {"NOT_PAID", "L all", "NOT_PAID", "NOT_PAID", "NOT_PAID", "G all", "NOT_PAID", "EVENT_OVER"}},
    {HAPPENS_ESCAPED, IN_LAMPORTS,         {"-",      "L all",  "-",      "-",      "-",      "G all",  "-",      "O all"}},
    {HAPPENS_FORKED, IN_LAMPORTS,          EACH("-")}, // nothing is unsettled here: see ending_test.c
    {HAPPENS_FINALIZED, IN_LAMPORTS,       EACH("-")},
    {HAPPENS_PERMIT_DEAD, IN_LAMPORTS,     EACH("-")},
    {HAPPENS_WAIT_OVER, IN_BOTH,           {"-",      "-",      "W",      "-",      "-",      "-",      "-",      "-"}},
    {HAPPENS_UNLOCKED, IN_BOTH,            {"-",      "-",      "-",      "-",      "-",      "S",      "X",      "-"}},
    {HAPPENS_UNDONE, IN_BOTH,              {"-",      "-",      "-",      "-",      "-",      "-",      "-",      "O all"}},
    {HAPPENS_PAID_OUT, IN_BOTH,            {"-",      "-",      "-",      "-",      "-",      "-",      "-",      "O"}},
};
// clang-format on

static bool money_is(const struct payment *before, const struct payment *after, const char *money)
{
    int64_t kept = before->standing.kept, back = 0, came = 0;
    if (strcmp(money, "seat") == 0) came = kept = PRICE;
    if (strcmp(money, "this") == 0) came = back = PRICE;
    if (strcmp(money, "all") == 0 || strcmp(money, "terms") == 0) {
        kept = money[0] == 'a' ? 0 : FEE;
        back = before->standing.kept - kept;
    }
    return after->standing.kept == kept && payment_received(after) == payment_received(before) + came &&
           given_back(after) == given_back(before) + back;
}

static bool is_same(const struct payment *before, const struct payment *after)
{
    const struct payment_standing *was = &before->standing, *is = &after->standing;
    return is->seat == was->seat && is->stage == was->stage && is->end == was->end && is->junk == was->junk &&
           is->flags == was->flags && is->kept == was->kept && is->withheld == was->withheld &&
           is->price == was->price && is->hold_ends_ms == was->hold_ends_ms &&
           is->waits_until_ms == was->waits_until_ms && is->permit.live == was->permit.live &&
           is->attempt == was->attempt && is->promotions == was->promotions &&
           is->paid_out == was->paid_out && after->receipt_count == before->receipt_count &&
           after->refund_count == before->refund_count &&
           payment_received(after) == payment_received(before) && given_back(after) == given_back(before);
}

static bool cell_holds(const struct payment *before, const struct payment *after,
                       const struct verdict *verdict, const char *cell)
{
    bool stays = payment_place(after) == payment_place(before);
    if (strcmp(cell, "-") == 0) return verdict->outcome == OUTCOME_IMPOSSIBLE && is_same(before, after);
    if (strcmp(cell, "=") == 0) return verdict->outcome == OUTCOME_KEEP && is_same(before, after);
    if (strcmp(cell, "junk") == 0)
        return after->standing.junk == before->standing.junk + 1 && stays && money_is(before, after, "");
    if (cell[1] && cell[1] != ' ')
        return verdict->outcome == OUTCOME_REFUSED && is_same(before, after) &&
               strcmp(reason_find(verdict->reason)->name, cell) == 0;
    return payment_letter(payment_place(after)) == cell[0] &&
           money_is(before, after, cell[1] ? cell + 2 : "");
}

static void check_row(const struct expected *row, enum payment_currency currency)
{
    for (enum payment_place place = 0; place < PLACES; place++) {
        struct payment before = payment_in(place, currency), after = before;
        struct happening happening = happening_of(currency, row->what);
        happening.receipt.id[0] = 2; // not what was counted before
        if (row->what == HAPPENS_TIME_OVER || row->what == HAPPENS_TIME_OVER_BLIND)
            happening.now_ms = LATER_MS;
        struct verdict verdict = happen_as(&after, &happening);
        if (!cell_holds(&before, &after, &verdict, row->cells[place]))
            fail_msg("%s at %c, which should be %s, is %s, and leads to %c", happens_name(row->what),
                     payment_letter(place), row->cells[place], outcome_name(verdict.outcome),
                     payment_letter(payment_place(&after)));
    }
}

static void every_cell_is_as_it_should_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof EXPECTED / sizeof *EXPECTED; i++) {
        if (EXPECTED[i].currencies & IN_CONSE) check_row(&EXPECTED[i], PAYMENT_CONSE);
        if (EXPECTED[i].currencies & IN_LAMPORTS) check_row(&EXPECTED[i], PAYMENT_LAMPORTS);
    }
}

// Its money came once more and was on its way back, wherever its user is by then.
static void a_refund_that_failed_is_due_again_in_every_place(void **state)
{
    (void)state;
    for (enum payment_place place = 0; place < PLACES; place++) {
        struct payment payment = payment_in(place, PAYMENT_LAMPORTS);
        payment.receipts[payment.receipt_count] = receipt_of(PAYMENT_LAMPORTS, 3);
        payment.refunds[payment.refund_count++] =
            (struct refund){.amount = PRICE, .receipt = payment.receipt_count++, .state = REFUND_SENT};
        struct happening failed = happening_of(PAYMENT_LAMPORTS, HAPPENS_REFUND_FAILED);
        failed.refund = (uint8_t)(payment.refund_count - 1);
        struct verdict verdict = happen_as(&payment, &failed);
        assert_int_equal(verdict.outcome, OUTCOME_REFUND_AGAIN);
        assert_int_equal(payment.refunds[failed.refund].state, REFUND_DUE);
        assert_int_equal(payment_place(&payment), place);
    }
}

// REFUND_FAILED is above, PRICED_ON_CHAIN is what PRICED becomes in lamports.
static void every_happening_is_in_the_expected_table(void **state)
{
    (void)state;
    for (enum happens what = 0; what < HAPPENINGS; what++) {
        bool found = what == HAPPENS_REFUND_FAILED || what == HAPPENS_PRICED_ON_CHAIN;
        for (size_t i = 0; i < sizeof EXPECTED / sizeof *EXPECTED; i++) found |= EXPECTED[i].what == what;
        if (!found) fail_msg("%s", happens_name(what));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_as_it_should_be),
        cmocka_unit_test(a_refund_that_failed_is_due_again_in_every_place),
        cmocka_unit_test(every_happening_is_in_the_expected_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
