// What is read of tickets happens to their payments: a confirmed one seats, a finalized one stays, a fork
// takes it back, and a permit is dead when its ticket is absent in a finalized state behind it.
#include "services/chain/testing/tickets.h"

#include "services/chain/outbox/jobs.h"
#include "services/chain/wishes/wishes.h"

enum { SLOT = 1000 };

static struct lamports lamports;

static int set_up(void **state)
{
    (void)state;
    lamports_init(&lamports, house_at(NULL));
    lamports_begin(&lamports);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lamports_close(&lamports);
    return 0;
}

static void give_permit(void) { tickets_permit(&lamports, 1); }

static bool find_watched(struct watched *watched) { return tickets_watched(&lamports, 1, watched); }

static void see_ticket(const struct watched *watched, struct said said)
{
    tickets_see(&lamports, watched, said);
}

static char letter_now(void) { return evening_letter(&lamports.evening, 1); }

static struct payment payment_now(void)
{
    struct payment payment;
    assert_true(evening_payment(&lamports.evening, 1, &payment));
    return payment;
}

static void a_confirmed_ticket_seats_and_a_finalized_one_stays(void **state)
{
    (void)state;
    struct watched watched;
    assert_false(find_watched(&watched)); // nobody can pay yet
    give_permit();
    assert_true(find_watched(&watched));
    see_ticket(&watched, (struct said){.present = false, .slot = SLOT});
    assert_int_equal(letter_now(), 'H');
    see_ticket(&watched, (struct said){.present = true, .slot = SLOT + 1});
    assert_int_equal(letter_now(), 'S');
    assert_true(payment_now().standing.permit.live);
    see_ticket(&watched, (struct said){.present = false, .finalized = true, .slot = SLOT, .height = 9999});
    assert_int_equal(letter_now(), 'S'); // that state is from before it
    see_ticket(&watched, (struct said){.present = true, .finalized = true, .slot = SLOT + 40});
    assert_false(payment_now().standing.permit.live);
    assert_true(payment_now().receipts[0].settled);
    assert_false(find_watched(&watched));
}

static void a_fork_takes_the_seat_back(void **state)
{
    (void)state;
    struct watched watched;
    give_permit();
    assert_true(find_watched(&watched));
    see_ticket(&watched, (struct said){.present = true, .slot = SLOT});
    see_ticket(&watched, (struct said){.present = false, .slot = SLOT - 1}); // an older state
    assert_int_equal(letter_now(), 'S');
    see_ticket(&watched, (struct said){.present = false, .slot = SLOT + 1});
    assert_int_equal(letter_now(), 'H');
    assert_true(payment_now().standing.permit.live); // it may land again
    see_ticket(&watched, (struct said){.present = true, .slot = SLOT + 5});
    assert_int_equal(letter_now(), 'S');
}

static void a_permit_is_dead_behind_its_last_block_alone(void **state)
{
    (void)state;
    struct watched watched;
    give_permit();
    assert_true(find_watched(&watched));
    uint64_t last = payment_now().standing.permit.last_valid_height;
    see_ticket(&watched, (struct said){.slot = SLOT, .height = last + 100}); // confirmed: a fork may take it
    assert_true(payment_now().standing.permit.live);
    see_ticket(&watched, (struct said){.finalized = true, .slot = SLOT, .height = last});
    assert_true(payment_now().standing.permit.live);
    see_ticket(&watched, (struct said){.finalized = true, .slot = SLOT, .height = last + 1});
    assert_false(payment_now().standing.permit.live);
    assert_int_equal(letter_now(), 'H');
    give_permit();
}

static void an_end_waits_for_the_permit(void **state)
{
    (void)state;
    struct watched watched;
    give_permit();
    assert_true(find_watched(&watched));
    lamports_see(&lamports, 100);
    evening_pass(&lamports.evening, EVENING_HOLD_S * 1000);
    assert_int_equal(letter_now(), 'H');
    evening_pass(&lamports.evening, 1000); // and nothing else waits for it
    see_ticket(&watched, (struct said){.finalized = true, .slot = SLOT, .height = 1000});
    assert_int_equal(letter_now(), 'X');
}

static void a_blind_clock_ends_nothing(void **state)
{
    (void)state;
    lamports.cluster.now.healthy = false;
    evening_pass(&lamports.evening, EVENING_HOLD_S * 1000);
    assert_int_equal(letter_now(), 'H');
    lamports_see(&lamports, 100);
    evening_pass(&lamports.evening, 0);
    assert_int_equal(letter_now(), 'X');
}

static void who_left_gets_it_back_once_it_is_final(void **state)
{
    (void)state;
    struct watched watched;
    give_permit();
    assert_true(find_watched(&watched));
    evening_end(&lamports.evening, 1, MONEY__SEAT_ENDING__BY__OWNER);
    see_ticket(&watched, (struct said){.present = true, .slot = SLOT});
    assert_int_equal(payment_now().receipt_count, 0);
    see_ticket(&watched, (struct said){.present = true, .finalized = true, .slot = SLOT});
    assert_int_equal(letter_now(), 'L');
    struct payment payment = payment_now();
    assert_int_equal(payment_owed(&payment), EVENING_PRICE);
    assert_int_equal(payment.refunds[0].to, REFUND_TO_PAYER);
}

static void another_ticket_than_before_is_not_believed(void **state)
{
    (void)state;
    struct watched watched;
    give_permit();
    assert_true(find_watched(&watched));
    see_ticket(&watched, (struct said){.present = true, .finalized = true, .slot = SLOT});
    assert_int_equal(letter_now(), 'S');
    struct payment before = payment_now();
    see_ticket(&watched, (struct said){.present = true, .finalized = true, .slot = SLOT + 1, .amount = 5});
    struct payment after = payment_now();
    assert_memory_equal(&after, &before, sizeof after);
}

static void who_may_escape_is_watched(void **state)
{
    (void)state;
    struct watched watched;
    give_permit();
    assert_true(find_watched(&watched));
    see_ticket(&watched, (struct said){.present = true, .finalized = true, .slot = SLOT});
    assert_false(find_watched(&watched));
    lamports.cluster.now.clock_s += 32 * 24 * 3600; // the event would have begun a month before
    assert_true(find_watched(&watched));
    see_ticket(&watched, (struct said){.present = false, .slot = SLOT + 50});
    assert_int_equal(letter_now(), 'S');
    // It was settled, which the ledger does not know yet: its holder closed it, and has the rents alone.
    see_ticket(&watched,
               (struct said){.present = false, .finalized = true, .settled = true, .slot = SLOT + 50});
    assert_int_equal(letter_now(), 'S');
    see_ticket(&watched, (struct said){.present = false, .finalized = true, .slot = SLOT + 50});
    assert_int_equal(letter_now(), 'L');
    struct payment payment = payment_now();
    assert_int_equal(payment_refunded(&payment), EVENING_PRICE);
}

// The event was settled: a ticket may have been there, and lost.
static void what_lies_aside_stays_so_behind_the_division(void **state)
{
    struct watched watched;
    (void)state;
    lamports_credit(&lamports, ANN, EVENING_PRICE);
    evening_pay(&lamports.evening, ANN, 1);
    assert_true(find_watched(&watched));
    struct said gone = {.finalized = true, .settled = true, .slot = SLOT, .height = 1000};
    see_ticket(&watched, gone);
    assert_int_equal(lamports_sums(&lamports, ANN).aside, EVENING_PRICE);
    gone.settled = false;
    see_ticket(&watched, gone);
    assert_int_equal(lamports_sums(&lamports, ANN).user, EVENING_PRICE);
}

// What nobody paid for, and goes back to the authority, is paid for by nobody meanwhile.
static void what_goes_back_is_not_taken(void **state)
{
    struct book_call b;
    struct watched watched;
    uint8_t id[TILL_ID_BYTES];
    const uint8_t bytes[] = {1, 2, 3};
    const struct outbox_bytes sent = {bytes, sizeof bytes, 250};
    (void)state;
    uuid_bytes(hold_id(1).text, id);
    tickets_begin(&lamports, &b);
    tickets_fill(&watched, till_find_payment(&b.book->till, id));
    struct outbox_aim stray = {.kind = OUTBOX_REFUND, .slot = WISH_STRAY, .reference = watched.reference};
    memcpy(stray.subject, watched.event, sizeof stray.subject);
    assert_true(outbox_add(&b, &stray, &sent));
    tickets_end(&lamports, &b);
    lamports_credit(&lamports, ANN, EVENING_PRICE);
    const struct said there = {.present = true, .finalized = true, .by_credit = true, .slot = SLOT};
    see_ticket(&watched, there);
    assert_int_equal(letter_now(), 'H');
    tickets_begin(&lamports, &b);
    outbox_move(&b, &stray, OUTBOX_DONE);
    tickets_end(&lamports, &b);
    see_ticket(&watched, there); // it did not land
    assert_int_equal(letter_now(), 'S');
    assert_int_equal(lamports_sums(&lamports, ANN).user, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_confirmed_ticket_seats_and_a_finalized_one_stays),
        TEST(a_fork_takes_the_seat_back),
        TEST(a_permit_is_dead_behind_its_last_block_alone),
        TEST(an_end_waits_for_the_permit),
        TEST(a_blind_clock_ends_nothing),
        TEST(who_left_gets_it_back_once_it_is_final),
        TEST(another_ticket_than_before_is_not_believed),
        TEST(who_may_escape_is_watched),
        TEST(what_lies_aside_stays_so_behind_the_division),
        TEST(what_goes_back_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
