// Entries that move other credit than their payment says are refused.
#include "services/chain/testing/tickets.h"

enum { CREDIT = 2 * EVENING_PRICE };

static struct lamports lamports;
static struct book_call b;
static uint32_t ann, bob, aside, treasury;

static void begin_call(void)
{
    const struct ledger_owner owners[] = {book_user(ANN), book_user(BOB), till_aside(), till_treasury()};
    tickets_begin(&lamports, &b);
    ann = ledger_accounts_find(&b.book->accounts, &owners[0]);
    bob = ledger_accounts_find(&b.book->accounts, &owners[1]);
    aside = book_account(&b, &owners[2]);
    treasury = book_account(&b, &owners[3]);
}

static void end_call(void)
{
    b.failed = false;
    tickets_end(&lamports, &b);
}

static int set_up(void **state)
{
    (void)state;
    lamports_init(&lamports, house_at(NULL));
    lamports_credit(&lamports, ANN, CREDIT);
    lamports_credit(&lamports, BOB, CREDIT);
    lamports_begin(&lamports);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lamports_close(&lamports);
    return 0;
}

static struct till_payment *payment_now(void)
{
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(hold_id(1).text, id);
    return till_find_payment(&b.book->till, id);
}

// Whether an entry with this change, and with what moves, is added.
static bool add(const struct payment_change *change, const struct ledger_posting *moves, size_t count)
{
    Ledger__PaymentChanged changed = LEDGER__PAYMENT_CHANGED__INIT;
    struct stored_change stored;
    struct ledger_posting postings[4];
    struct till_payment *payment = payment_now();
    memcpy(postings, moves, count * sizeof *moves);
    stored_change_write(&stored, change);
    changed.payment = (ProtobufCBinaryData){TILL_ID_BYTES, payment->id};
    changed.event = (ProtobufCBinaryData){TILL_ID_BYTES, payment->event->id};
    changed.what = "TEST";
    changed.change = &stored.message;
    bool added = book_add(&b, LEDGER__ENTRY__BODY_PAYMENT_CHANGED, &changed.base, postings,
                          count ? ledger_net(postings, count) : 0);
    b.failed = false;
    return added;
}

static struct payment_change with_credit(int64_t credit)
{
    struct payment_change change = {.standing = payment_now()->payment.standing};
    change.standing.permit = (struct payment_permit){
        .live = credit, .credit = credit, .last_valid_height = 250, .not_after_ms = 1};
    return change;
}

static void what_lies_aside_is_the_payers_and_all_of_it(void **state)
{
    (void)state;
    begin_call();
    const struct payment_change change = with_credit(EVENING_PRICE);
    const struct ledger_posting right[] = {{ann, BOOK_LAMPORTS, -EVENING_PRICE},
                                           {aside, BOOK_LAMPORTS, EVENING_PRICE}},
                                less[] = {{ann, BOOK_LAMPORTS, -5}, {aside, BOOK_LAMPORTS, 5}},
                                anothers[] = {{bob, BOOK_LAMPORTS, -EVENING_PRICE},
                                              {aside, BOOK_LAMPORTS, EVENING_PRICE}},
                                issued[] = {{0, BOOK_LAMPORTS, -EVENING_PRICE},
                                            {aside, BOOK_LAMPORTS, EVENING_PRICE}},
                                given[] = {{ann, BOOK_LAMPORTS, -EVENING_PRICE},
                                           {bob, BOOK_LAMPORTS, EVENING_PRICE}},
                                more[] = {{0, BOOK_LAMPORTS, -5},
                                          {ann, BOOK_LAMPORTS, -EVENING_PRICE},
                                          {bob, BOOK_LAMPORTS, 5},
                                          {aside, BOOK_LAMPORTS, EVENING_PRICE}};
    assert_false(add(&change, NULL, 0));
    assert_false(add(&change, more, 4));
    assert_false(add(&change, less, 2));
    assert_false(add(&change, anothers, 2));
    assert_false(add(&change, issued, 2));
    assert_false(add(&change, given, 2));
    assert_true(add(&change, right, 2));
    end_call();
}

static void it_comes_back_to_its_payer_alone(void **state)
{
    (void)state;
    evening_pay(&lamports.evening, ANN, 1);
    begin_call();
    const struct payment_change change = with_credit(0);
    const struct ledger_posting right[] = {{aside, BOOK_LAMPORTS, -EVENING_PRICE},
                                           {ann, BOOK_LAMPORTS, EVENING_PRICE}},
                                anothers[] = {{aside, BOOK_LAMPORTS, -EVENING_PRICE},
                                              {bob, BOOK_LAMPORTS, EVENING_PRICE}},
                                gone[] = {{aside, BOOK_LAMPORTS, -EVENING_PRICE},
                                          {0, BOOK_LAMPORTS, EVENING_PRICE}},
                                kept[] = {{aside, BOOK_LAMPORTS, -EVENING_PRICE},
                                          {treasury, BOOK_LAMPORTS, EVENING_PRICE}};
    assert_false(add(&change, NULL, 0));
    assert_false(add(&change, kept, 2));
    assert_false(add(&change, anothers, 2));
    assert_false(add(&change, gone, 2));
    assert_true(add(&change, right, 2));
    end_call();
}

// A seat that credit paid for, in a game that is over, which ANN won or lost.
static void reach_end(bool wins)
{
    static const char *const winners[] = {ANN};
    struct watched watched;
    evening_pay(&lamports.evening, ANN, 1);
    assert_true(tickets_watched(&lamports, 1, &watched));
    tickets_see(&lamports, &watched,
                (struct said){.present = true, .finalized = true, .by_credit = true, .slot = 5});
    evening_lock(&lamports.evening);
    evening_finish(&lamports.evening, winners, wins);
}

static bool is_paid(int64_t amount)
{
    struct payment_change change = {.standing = payment_now()->payment.standing};
    change.standing.paid_out = true;
    const struct ledger_posting part[] = {{0, BOOK_LAMPORTS, -amount}, {ann, BOOK_LAMPORTS, amount}};
    return add(&change, part, amount ? 2 : 0);
}

static void who_won_gets_their_part_and_no_other(void **state)
{
    const struct pot_terms terms = {.kind = POT_PRESET, .god_bp = 1000};
    struct pot_split split;
    (void)state;
    assert_true(pot_divide(EVENING_PRICE, &terms, 1, &split));
    reach_end(true);
    begin_call();
    assert_false(is_paid(EVENING_PRICE));
    assert_false(is_paid(split.each + 1));
    assert_false(is_paid(split.each - 1));
    assert_false(is_paid(0));
    assert_true(is_paid(split.each));
    assert_false(is_paid(1)); // once
    end_call();
}

static void who_lost_gets_nothing(void **state)
{
    (void)state;
    reach_end(false);
    begin_call();
    assert_false(is_paid(1));
    assert_true(is_paid(0));
    end_call();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_lies_aside_is_the_payers_and_all_of_it),
        TEST(it_comes_back_to_its_payer_alone),
        TEST(who_won_gets_their_part_and_no_other),
        TEST(who_lost_gets_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
