// Seats that cost something are held, paid, left, given back and divided; events are told of each of it once.
#include "services/chain/testing/evening.h"

#define LATER_EVENING "01890000-0000-7000-8000-00000000e0e1"

enum { START = 5000 };

static int set_up(void **state)
{
    struct evening *evening = calloc(1, sizeof *evening);
    evening_init(evening, house_at(NULL));
    evening_fund_user(evening, ANN, START);
    evening_fund_user(evening, BOB, START);
    evening_fund_user(evening, EVE, EVENING_PRICE - 1);
    *state = evening;
    return 0;
}

static int tear_down(void **state)
{
    struct evening *evening = *state;
    evening_check(evening);
    house_close(evening->house);
    free(evening);
    return 0;
}

static void assert_told(struct evening *evening, const char *expected)
{
    char told[1024];
    evening_told(evening, 1, told, sizeof told);
    assert_string_equal(told, expected);
}

// ---- One seat

static void a_seat_is_paid_once(void **state)
{
    struct evening *evening = *state;
    evening_hold(evening, 1, ANN, 0);
    const Chain__Payment *held = evening_calls(evening, ANN, "chain.GetPayment", 1);
    assert_int_equal(held->state, CHAIN__PAYMENT__STATE__HELD);
    assert_int_equal(held->due, EVENING_PRICE);
    const Chain__Payment *paid = evening_pay(evening, ANN, 1);
    assert_int_equal(paid->state, CHAIN__PAYMENT__STATE__SEATED);
    assert_int_equal(paid->received, EVENING_PRICE);
    assert_int_equal(paid->n_receipts, 1);
    assert_int_equal(house_balance(evening->house, ANN), START - EVENING_PRICE);
    assert_int_equal(evening_escrow(evening), EVENING_PRICE);
    evening_refuses(evening, ANN, "chain.PayPayment", 1, IS(ALREADY_PAID));
    evening_refuses(evening, ANN, "chain.EndPayment", 1, IS(ALREADY_PAID));
    house_restart(evening->house);
    evening_refuses(evening, ANN, "chain.PayPayment", 1, IS(ALREADY_PAID));
    assert_told(evening, "1O 1C");
}

static void a_repetition_pays_once(void **state)
{
    struct evening *evening = *state;
    evening_hold(evening, 1, ANN, 0);
    evening->house->key = "pay-once";
    evening_pay(evening, ANN, 1);
    house_restart(evening->house);
    assert_int_equal(evening_pay(evening, ANN, 1)->state, CHAIN__PAYMENT__STATE__SEATED);
    evening->house->key = NULL;
    assert_int_equal(house_balance(evening->house, ANN), START - EVENING_PRICE);
}

static void what_can_not_be_paid_is_refused(void **state)
{
    struct evening *evening = *state;
    evening_hold(evening, 1, EVE, 0);
    evening_refuses(evening, EVE, "chain.PayPayment", 1, IS(FUNDS_SHORT));
    evening_refuses(evening, ANN, "chain.PayPayment", 1, IS(NOT_FOUND));
    evening_refuses(evening, ANN, "chain.GetPayment", 1, IS(NOT_FOUND));
    evening_refuses(evening, STRANGER, "chain.PayPayment", 9, IS(NOT_FOUND));
    evening_calls(evening, GOD, "chain.GetPayment", 1);
    evening_calls(evening, DEV, "chain.GetPayment", 1);
    evening->house->now_ms += EVENING_HOLD_S * 1000;
    evening_fund_user(evening, EVE, 1); // enough, and too late, though nobody has ended the hold yet
    evening_refuses(evening, EVE, "chain.PayPayment", 1, IS(HOLD_OVER));
    evening_pass(evening, 0);
    evening_refuses(evening, EVE, "chain.PayPayment", 1, IS(HOLD_OVER));
    assert_told(evening, "1O 1L 1F");
}

static void a_hold_is_given_up(void **state)
{
    struct evening *evening = *state;
    evening_hold(evening, 1, ANN, 0);
    assert_int_equal(evening_calls(evening, ANN, "chain.EndPayment", 1)->state, CHAIN__PAYMENT__STATE__LEFT);
    evening_calls(evening, ANN, "chain.EndPayment", 1);
    evening_refuses(evening, ANN, "chain.PayPayment", 1, IS(HOLD_OVER));
    assert_told(evening, "1O 1L 1F");
}

static void who_leaves_gets_what_the_terms_give_back(void **state)
{
    struct evening *evening = *state;
    evening_hold(evening, 1, ANN, 0);
    evening_pay(evening, ANN, 1);
    evening_end(evening, 1, MONEY__SEAT_ENDING__BY__OWNER);
    assert_int_equal(house_balance(evening->house, ANN), START - EVENING_FEE);
    assert_int_equal(evening_escrow(evening), EVENING_FEE);
    const Chain__Payment *left = evening_calls(evening, ANN, "chain.GetPayment", 1);
    assert_int_equal(left->state, CHAIN__PAYMENT__STATE__REFUNDED);
    assert_int_equal(left->kept, EVENING_FEE);
    evening_refuses(evening, ANN, "chain.RefundPayment", 1, IS(LEVEL_TOO_LOW));
    evening_calls(evening, GOD, "chain.RefundPayment", 1); // and the god is kind
    assert_int_equal(house_balance(evening->house, ANN), START);
    evening_refuses(evening, GOD, "chain.RefundPayment", 1, IS(NOT_PAID));
    assert_told(evening, "1O 1C 1L 1F");
}

static void who_is_taken_out_gets_all_back(void **state)
{
    struct evening *evening = *state;
    for (unsigned i = 1; i <= 3; i++) {
        evening_hold(evening, i, ANN, 0);
        evening_pay(evening, ANN, i);
        if (i == 1) evening_end(evening, i, MONEY__SEAT_ENDING__BY__GOD);
        if (i == 2) evening_calls(evening, GOD, "chain.RefundPayment", i);
        if (i == 3) evening_lock(evening);
        if (i == 3) evening_end(evening, i, MONEY__SEAT_ENDING__BY__KICKED_REFUNDED);
        assert_int_equal(house_balance(evening->house, ANN), START);
    }
    assert_told(evening, "1O 1C 1L 1F 2O 2C 2L 2F 3O 3C 3L 3F");
}

// ---- The whole evening

static void play_evening(struct evening *evening)
{
    evening_hold(evening, 1, ANN, 0);
    evening_hold(evening, 2, BOB, 0);
    evening_give(evening, 3, EVE);
    evening_pay(evening, ANN, 1);
    evening_pay(evening, BOB, 2);
    evening_lock(evening);
    assert_int_equal(evening_letter(evening, 1), 'K');
    evening_end(evening, 2, MONEY__SEAT_ENDING__BY__KICKED); // and gets nothing back
    evening_finish(evening, (const char *const[]){EVE, ANN}, 2);
}

static void a_pot_is_divided_a_day_behind_the_end(void **state)
{
    struct evening *evening = *state;
    char request[128];
    play_evening(evening);
    snprintf(request, sizeof request, "{'event_id': '%s'}", EVENING);
    const Chain__Payout *plan = house_must(evening->house, GOD, "chain.PreviewPayout", request);
    assert_int_equal(plan->pot, 2 * EVENING_PRICE);
    assert_int_equal(plan->n_winners, 1); // Eve paid nothing
    const int64_t revenue = plan->revenue, god = plan->god, won = plan->winners[0]->amount;
    assert_int_equal(revenue + god + won, 2 * EVENING_PRICE);
    assert_true(revenue && god && won);
    house_refuses(evening->house, ANN, "chain.PreviewPayout", request, IS(LEVEL_TOO_LOW));
    evening_pass(evening, EVENING_PAYOUT_S * 1000 - 1);
    assert_int_equal(evening_escrow(evening), 2 * EVENING_PRICE);
    house_restart(evening->house);
    evening_pass(evening, 1);
    assert_int_equal(evening_escrow(evening), 0);
    assert_int_equal(house_balance(evening->house, ANN), START - EVENING_PRICE + won);
    assert_int_equal(evening_user(evening, GOD), god);
    assert_int_equal(evening_fund(evening, LEDGER_REVENUE), revenue);
    assert_told(evening, "1O 2O 1C 2C 3F 1F 2F");
    assert_int_equal(evening_calls(evening, ANN, "chain.GetPayment", 1)->state,
                     CHAIN__PAYMENT__STATE__PAID_OUT);
    assert_true(evening_calls(evening, ANN, "chain.GetPayment", 1)->winner);
    evening_refuses(evening, BOB, "chain.PayPayment", 2, IS(EVENT_OVER));
    evening_undo(evening); // too late
    assert_int_equal(evening_user(evening, GOD), god);
}

static void a_pot_is_supposed_before_anybody_pays(void **state)
{
    struct evening *evening = *state;
    char later[160];
    const char *before =
        "{'event_id': '" EVENING "', 'seats': 2, 'winners': 1, 'price': '1000', 'god_bp': 1000}";
    house_refuses(evening->house, GOD, "chain.PreviewPayout", "{'event_id': '" EVENING "'}", IS(NOT_FOUND));
    const Chain__Payout *plan = house_must(evening->house, GOD, "chain.PreviewPayout", before);
    assert_int_equal(plan->currency, MONEY__CURRENCY__VALUE__CONSE);
    assert_int_equal(plan->pot, 2 * EVENING_PRICE);
    const int64_t revenue = plan->revenue, god = plan->god, each = plan->each;
    assert_int_equal(revenue + god + each, 2 * EVENING_PRICE);
    evening_give(evening, 3, EVE);
    evening_hold(evening, 1, ANN, 0);
    snprintf(later, sizeof later, "{'event_id': '%s', 'seats': 2, 'winners': 1, 'price': '7'}", EVENING);
    plan = house_must(evening->house, GOD, "chain.PreviewPayout", later); // what the hold's terms say counts
    assert_int_equal(plan->revenue, revenue);
    assert_int_equal(plan->god, god);
    assert_int_equal(plan->each, each);
    house_refuses(evening->house, GOD, "chain.PreviewPayout",
                  "{'event_id': '" EVENING "', 'seats': 1, 'winners': 2}", IS(INVALID_FIELD));
    house_refuses(evening->house, ANN, "chain.PreviewPayout", before, IS(LEVEL_TOO_LOW));
}

static void a_dispute_stops_the_payout(void **state)
{
    struct evening *evening = *state;
    const char *request = "{'event_id': '" EVENING "'}";
    house_refuses(evening->house, BOB, "chain.DisputeEvent", request, IS(NOT_FOUND));
    play_evening(evening);
    house_refuses(evening->house, STRANGER, "chain.DisputeEvent", request, IS(NOT_OWNER));
    house_must(evening->house, BOB, "chain.DisputeEvent", request);
    const Chain__DisputeReply *again = house_must(evening->house, BOB, "chain.DisputeEvent", request);
    assert_true(again->payout->disputed);
    evening_pass(evening, 2 * EVENING_PAYOUT_S * 1000);
    assert_int_equal(evening_escrow(evening), 2 * EVENING_PRICE);
    house_restart(evening->house);
    house_refuses(evening->house, GOD, "chain.SettleDisputes", request, IS(LEVEL_TOO_LOW));
    house_must(evening->house, DEV, "chain.SettleDisputes", request);
    evening_pass(evening, 0);
    assert_int_equal(evening_escrow(evening), 0);
    house_refuses(evening->house, BOB, "chain.DisputeEvent", request, IS(POT_DIVIDED));
}

static const Chain__ListDisputesReply *list_disputes(struct evening *evening, const char *who,
                                                     const char *request)
{
    return house_must(evening->house, who, "chain.ListDisputes", request);
}

static void disputes_are_listed_while_they_wait(void **state)
{
    struct evening *evening = *state;
    char request[96];
    play_evening(evening);
    assert_int_equal(list_disputes(evening, GOD, "{}")->n_disputes, 0);
    house_must(evening->house, BOB, "chain.DisputeEvent", "{'event_id': '" EVENING "'}");
    evening->id = LATER_EVENING;
    evening_hold(evening, 11, ANN, 0);
    evening_pay(evening, ANN, 11);
    evening_lock(evening);
    evening_finish(evening, NULL, 0);
    house_must(evening->house, ANN, "chain.DisputeEvent", "{'event_id': '" LATER_EVENING "'}");
    const Chain__ListDisputesReply *page = list_disputes(evening, GOD, "{'page_size': 1}");
    assert_int_equal(page->n_disputes, 1);
    assert_string_equal(page->disputes[0]->event_id, EVENING);
    assert_string_equal(page->disputes[0]->god_id, GOD);
    assert_int_equal(page->disputes[0]->n_user_ids, 1);
    assert_string_equal(page->disputes[0]->user_ids[0], BOB);
    assert_int_equal(page->disputes[0]->payout->pot, 2 * EVENING_PRICE);
    snprintf(request, sizeof request, "{'page_token': '%s'}", page->next_page_token);
    page = list_disputes(evening, GOD, request);
    assert_int_equal(page->n_disputes, 1);
    assert_string_equal(page->disputes[0]->event_id, LATER_EVENING);
    assert_string_equal(page->next_page_token, "");
    house_must(evening->house, DEV, "chain.SettleDisputes", "{'event_id': '" EVENING "'}");
    assert_int_equal(list_disputes(evening, DEV, "{}")->n_disputes, 1);
    house_refuses(evening->house, BOB, "chain.ListDisputes", "{}", IS(LEVEL_TOO_LOW));
}

static void what_would_be_lost_with_an_account_is_told(void **state)
{
    struct evening *evening = *state;
    struct house *house = evening->house;
    const char *request = "{'user_id': '" ANN "'}";
    evening_hold(evening, 1, ANN, 0);
    evening_pay(evening, ANN, 1);
    house_refuses(house, ANN, "chain.GetBelongings", request, IS(CALLER_REFUSED));
    house->deletes = true;
    const Chain__Belongings *left = house_must(house, "", "chain.GetBelongings", request);
    assert_int_equal(left->balances[0]->amount, START - EVENING_PRICE);
    assert_int_equal(left->payments, 1);
    evening_call_off(evening);
    left = house_must(house, "", "chain.GetBelongings", request);
    assert_int_equal(left->balances[0]->amount, START);
    assert_int_equal(left->payments, 0);
    left = house_must(house, "", "chain.GetBelongings", "{'user_id': '" STRANGER "'}");
    assert_int_equal(left->n_balances + left->orders + left->payments, 0);
    house->deletes = false;
}

static void an_end_that_is_taken_back_gives_all_back(void **state)
{
    struct evening *evening = *state;
    play_evening(evening);
    evening_undo(evening);
    assert_int_equal(house_balance(evening->house, ANN), START);
    assert_int_equal(house_balance(evening->house, BOB), START);
    assert_told(evening, "1O 2O 1C 2C 3F 1L 1F 2L 2F 3L");
    assert_int_equal(evening_calls(evening, ANN, "chain.GetPayment", 1)->state,
                     CHAIN__PAYMENT__STATE__REFUNDED);
}

static void what_is_called_off_gives_all_back_but_what_was_left(void **state)
{
    struct evening *evening = *state;
    evening_hold(evening, 1, ANN, 0);
    evening_pay(evening, ANN, 1);
    evening_end(evening, 1, MONEY__SEAT_ENDING__BY__OWNER);
    evening_hold(evening, 2, BOB, 0);
    evening_pay(evening, BOB, 2);
    evening_hold(evening, 3, EVE, 0);
    evening_call_off(evening);
    assert_int_equal(house_balance(evening->house, BOB), START);
    assert_int_equal(house_balance(evening->house, ANN), START - EVENING_FEE);
    assert_int_equal(evening_fund(evening, LEDGER_REVENUE), EVENING_FEE);
    assert_told(evening, "1O 1C 1L 2O 2C 3O 2L 2F 3L 3F 1F");
}

static void a_god_sees_the_payments_of_their_event(void **state)
{
    struct evening *evening = *state;
    const char *request = "{'event_id': '" EVENING "'}";
    house_refuses(evening->house, GOD, "chain.ListEventPayments", request, IS(NOT_FOUND));
    play_evening(evening);
    for (int over = 0; over < 2; over++) {
        const Chain__ListEventPaymentsReply *list =
            house_must(evening->house, GOD, "chain.ListEventPayments", request);
        assert_int_equal(list->n_payments, 3);
        assert_string_equal(list->payments[1]->user_id, BOB);
        assert_true(list->payments[2]->comp);
        house_refuses(evening->house, ANN, "chain.ListEventPayments", request, IS(LEVEL_TOO_LOW));
        const Chain__PaymentsFile *file =
            house_must(evening->house, GOD, "chain.GetEventPaymentsFile", request);
        assert_non_null(memmem(file->body.data, file->body.len, BOB ",", strlen(BOB) + 1));
        evening_pass(evening, EVENING_PAYOUT_S * 1000);
    }
}

// ---- Two processes

static void two_processes_take_one_payment(void **state)
{
    (void)state;
    shared_store_register();
    struct evening one, two;
    evening_init(&one, house_at("shared:pays"));
    evening_init(&two, house_at("shared:pays"));
    evening_fund_user(&one, ANN, START);
    evening_hold(&one, 1, ANN, 0);
    evening_hold(&two, 1, ANN, 0); // who follows too finds it done
    assert_int_equal(evening_letter(&two, 1), 'H');
    evening_pay(&one, ANN, 1);
    assert_null(house_ask(two.house, ANN, "chain.PayPayment", evening_request(1))); // decided on an old copy
    assert_int_equal(two.house->err.reason, IS(CONFLICT));
    evening_refuses(&two, ANN, "chain.PayPayment", 1, IS(ALREADY_PAID));
    assert_int_equal(house_balance(two.house, ANN), START - EVENING_PRICE);
    two.told = one.told;
    evening_call_off(&two);
    assert_int_equal(house_balance(one.house, ANN), START);
    // The event is over, so its payments are rows: which nobody has made yet.
    const Chain__ListEventPaymentsReply *list =
        house_must(one.house, GOD, "chain.ListEventPayments", "{'event_id': '" EVENING "'}");
    assert_int_equal(list->payments[0]->kept, 0);
    assert_told(&one, "1O 1C 1L 1F");
    evening_check(&one);
    house_close(two.house);
    house_close(one.house);
    shared_store_drop("shared:pays");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_seat_is_paid_once),
        TEST(a_repetition_pays_once),
        TEST(what_can_not_be_paid_is_refused),
        TEST(a_hold_is_given_up),
        TEST(who_leaves_gets_what_the_terms_give_back),
        TEST(who_is_taken_out_gets_all_back),
        TEST(a_pot_is_divided_a_day_behind_the_end),
        TEST(a_pot_is_supposed_before_anybody_pays),
        TEST(a_dispute_stops_the_payout),
        TEST(disputes_are_listed_while_they_wait),
        TEST(what_would_be_lost_with_an_account_is_told),
        TEST(an_end_that_is_taken_back_gives_all_back),
        TEST(what_is_called_off_gives_all_back_but_what_was_left),
        TEST(a_god_sees_the_payments_of_their_event),
        cmocka_unit_test(two_processes_take_one_payment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
