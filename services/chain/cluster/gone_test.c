// Behind a restore, of an event whose pot was divided meanwhile, or that is closed: what history has of a
// ticket happens to the hold that it paid for.
#include "services/chain/testing/tickets.h"

#include "services/chain/cluster/gone.h"

enum { CREDIT = 2 * EVENING_PRICE, LATE = 1000 };

static struct lamports lamports;

static int set_up(void **state)
{
    (void)state;
    lamports_init(&lamports, house_at(NULL));
    lamports_credit(&lamports, ANN, CREDIT);
    lamports_begin(&lamports);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lamports_close(&lamports);
    return 0;
}

static struct watched watched_of(unsigned number)
{
    struct book_call b;
    struct watched watched;
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(hold_id(number).text, id);
    tickets_begin(&lamports, &b);
    tickets_fill(&watched, till_find_payment(&b.book->till, id));
    tickets_end(&lamports, &b);
    return watched;
}

static struct ticket_story paid_by(struct solana_key payer)
{
    struct ticket_story story = {.made = true,
                                 .payer = payer,
                                 .slot = 5,
                                 .time_s = lamports.evening.house->now_ms / 1000,
                                 .paid = EVENING_PRICE,
                                 .ended = true};
    memset(story.signature.bytes, 7, sizeof story.signature.bytes);
    return story;
}

static struct ticket_story paid_by_credit(void) { return paid_by(lamports.cluster.now.authority); }

static void take(struct ticket_story story, uint64_t height)
{
    struct book_call b;
    const struct watched watched = watched_of(1);
    tickets_begin(&lamports, &b);
    gone_take(&b, &watched, &story, height);
    tickets_end(&lamports, &b);
}

static struct payment now(void)
{
    struct payment payment;
    assert_true(evening_payment(&lamports.evening, 1, &payment));
    return payment;
}

static void expect(char letter, int64_t user, int64_t aside)
{
    const struct lamports_sums sums = lamports_sums(&lamports, ANN);
    assert_int_equal(evening_letter(&lamports.evening, 1), letter);
    assert_int_equal(sums.user, user);
    assert_int_equal(sums.aside, aside);
    assert_int_equal(sums.all, user + aside);
}

static void pay(void) { evening_pay(&lamports.evening, ANN, 1); }

static void what_was_never_there_gives_it_back(void **state)
{
    const struct ticket_story none = {.made = false}, unclear = {.unclear = true};
    struct book_call b;
    (void)state;
    pay();
    take(none, 250); // it may still land
    take(unclear, LATE);
    expect('H', CREDIT - EVENING_PRICE, EVENING_PRICE);
    take(none, LATE);
    expect('H', CREDIT, 0);
    tickets_begin(&lamports, &b);
    assert_int_equal(b.book->outbox.jobs.count, 0);
    tickets_end(&lamports, &b);
}

static void what_was_lost_is_spent(void **state)
{
    (void)state;
    pay();
    take(paid_by_credit(), LATE);
    expect('S', CREDIT - EVENING_PRICE, 0);
    const struct payment payment = now();
    assert_true(payment.receipts[0].settled && receipt_is_signed(&payment.receipts[0]));
    take(paid_by_credit(), LATE);
    expect('S', CREDIT - EVENING_PRICE, 0);
}

static void what_went_back_is_credit_again(void **state)
{
    struct ticket_story story = paid_by_credit();
    (void)state;
    pay();
    story.back = EVENING_PRICE;
    take(story, LATE);
    expect('L', CREDIT, 0);
    const struct payment payment = now();
    assert_int_equal(payment_refunded(&payment), EVENING_PRICE);
}

static void a_part_as_large_as_the_price_is_won(void **state)
{
    struct ticket_story story = paid_by_credit();
    (void)state;
    pay();
    story.back = EVENING_PRICE;
    story.won = true;
    take(story, LATE);
    expect('S', CREDIT - EVENING_PRICE, 0);
}

// The node's history is behind its accounts.
static void what_has_no_end_yet_is_waited_for(void **state)
{
    struct ticket_story story = paid_by_credit();
    (void)state;
    pay();
    story.ended = false;
    take(story, LATE);
    expect('H', CREDIT - EVENING_PRICE, EVENING_PRICE);
}

static void what_was_confirmed_is_settled_or_was_not(void **state)
{
    (void)state;
    for (int there = 0; there < 2; there++) {
        struct watched watched;
        const struct ticket_story none = {.made = false};
        pay();
        assert_true(tickets_watched(&lamports, 1, &watched));
        tickets_see(&lamports, &watched, (struct said){.present = true, .by_credit = true, .slot = 3});
        expect('S', CREDIT - EVENING_PRICE, EVENING_PRICE);
        take(there ? paid_by_credit() : none, LATE);
        expect(there ? 'S' : 'H', there ? CREDIT - EVENING_PRICE : CREDIT, 0);
    }
}

// The ledger is of before it paid.
static void what_it_forgot_is_taken_as_far_as_it_is_there(void **state)
{
    (void)state;
    take(paid_by_credit(), LATE);
    expect('S', CREDIT - EVENING_PRICE, 0);
    lamports_hold(&lamports, 2, BOB);
    struct book_call b;
    const struct watched bobs = watched_of(2);
    const struct ticket_story story = paid_by_credit();
    tickets_begin(&lamports, &b);
    gone_take(&b, &bobs, &story, LATE);
    tickets_end(&lamports, &b);
    assert_int_equal(evening_letter(&lamports.evening, 2), 'H');
}

static void one_ticket_pays_once(void **state)
{
    struct book_call b;
    uint8_t id[TILL_ID_BYTES];
    (void)state;
    pay();
    take(paid_by_credit(), LATE);
    evening_end(&lamports.evening, 1, MONEY__SEAT_ENDING__BY__OWNER);
    lamports_hold_again(&lamports, 1, ANN, 2); // by the same reference, which is on its way back
    uuid_bytes(hold_id(1).text, id);
    tickets_begin(&lamports, &b);
    assert_true(seats_move_refund(&b, till_find_payment(&b.book->till, id), 0, REFUND_FINISH));
    tickets_end(&lamports, &b);
    expect('H', CREDIT, 0);
    take(paid_by_credit(), LATE);
    expect('H', CREDIT, 0);
}

static void a_wallets_ticket_seats_it(void **state)
{
    (void)state;
    tickets_permit(&lamports, 1);
    take(paid_by(solana_signer_key(&lamports.wallet)), LATE);
    expect('S', CREDIT, 0);
    assert_int_equal(now().receipts[0].way, RECEIPT_TICKET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_never_there_gives_it_back),
        TEST(what_was_lost_is_spent),
        TEST(what_went_back_is_credit_again),
        TEST(a_part_as_large_as_the_price_is_won),
        TEST(what_has_no_end_yet_is_waited_for),
        TEST(what_was_confirmed_is_settled_or_was_not),
        TEST(what_it_forgot_is_taken_as_far_as_it_is_there),
        TEST(one_ticket_pays_once),
        TEST(a_wallets_ticket_seats_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
