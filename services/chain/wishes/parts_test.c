// Winners of a pot of which the ledger has forgotten seats get what the cluster owes, all of it, and nobody
// what is another's.
#include "tests/test.h"

#include "services/chain/wishes/parts.h"

enum { WINNERS = 3, PART = 100, APART = 70, UNPAID = WINNERS * PART };

static struct wish wishes[WINNERS + 1];
static struct sight sights[WINNERS + 1];

// Three winners, and a refund that was set apart; the event is settling, with so much owed.
static void begin(int64_t owed)
{
    for (uint32_t i = 0; i < WINNERS; i++)
        wishes[i] = (struct wish){.aim.kind = OUTBOX_PAY_TICKET,
                                  .wanted = true,
                                  .amount = PART,
                                  .unpaid = WINNERS,
                                  .unpaid_amount = UNPAID,
                                  .apart_amount = APART,
                                  .rank = i};
    wishes[WINNERS] =
        (struct wish){.aim.kind = OUTBOX_REFUND, .wanted = true, .amount = APART, .set_apart = true};
    for (size_t i = 0; i <= WINNERS; i++) {
        sights[i] = (struct sight){.slot = 10, .height = 10, .has_event = true, .has_ticket = true};
        sights[i].event.state = SOLANA_EVENT_SETTLING;
        sights[i].event.owed = (uint64_t)owed;
        sights[i].event.reserved = WINNERS + 1;
    }
}

static void adjust(void) { parts_adjust(wishes, sights, WINNERS + 1, true); }

static void expect_more(int64_t first, int64_t second, int64_t third)
{
    const int64_t more[] = {first, second, third};
    for (size_t i = 0; i < WINNERS; i++) assert_int_equal(wishes[i].more, more[i]);
    assert_int_equal(wishes[WINNERS].more, 0);
}

static void expect_steps(enum step step)
{
    for (size_t i = 0; i < WINNERS; i++) assert_int_equal(step_of(&wishes[i], &sights[i], 1000), step);
}

static void what_the_ledger_says_is_paid_as_it_is(void **state)
{
    (void)state;
    begin(UNPAID + APART);
    adjust();
    expect_more(0, 0, 0);
    expect_steps(STEP_COMPOSE);
}

static void what_is_owed_above_is_shared(void **state)
{
    (void)state;
    begin(UNPAID + APART + 62);
    adjust();
    expect_more(21, 21, 20);
    expect_steps(STEP_COMPOSE);
}

// As far as it is known, nothing is to share: the others have their parts, this state the first one's.
static void what_was_paid_meanwhile_is_not_shared(void **state)
{
    (void)state;
    begin(UNPAID + APART - PART);
    sights[0].has_ticket = false;
    adjust();
    expect_more(0, 0, 0);
    assert_int_equal(step_of(&wishes[1], &sights[1], 1000), STEP_COMPOSE);
}

static void others_wait_for_what_is_on_its_way(void **state)
{
    (void)state;
    for (size_t i = 0; i <= WINNERS; i++) { // a winner's, or the refund
        begin(UNPAID + APART + 62);
        wishes[i].has_job = true;
        wishes[i].job = (struct outbox_job){.state = OUTBOX_SENT, .last_valid_height = 20};
        adjust();
        for (size_t k = 0; k < WINNERS; k++)
            assert_int_equal(step_of(&wishes[k], &sights[k], 1000), k == i ? STEP_SEND : STEP_WAIT);
        begin(UNPAID + APART + 62);
        sights[i].has_ticket = false;
        adjust();
        for (size_t k = 0; k < WINNERS; k++)
            assert_int_equal(step_of(&wishes[k], &sights[k], 1000), k == i ? STEP_LANDED : STEP_WAIT);
    }
}

// Of another event nothing is waited for.
static void events_do_not_wait_for_each_other(void **state)
{
    (void)state;
    begin(UNPAID + 62);
    for (size_t i = 0; i < WINNERS; i++) wishes[i].apart_amount = 0;
    wishes[WINNERS].event[0] = 1;
    sights[WINNERS].has_ticket = false;
    adjust();
    expect_more(21, 21, 20);
    expect_steps(STEP_COMPOSE);
}

// The state of a node that is behind may owe what the ledger knows to be paid.
static void a_state_that_may_be_old_shares_nothing(void **state)
{
    (void)state;
    begin(UNPAID + APART + 62);
    for (size_t i = 0; i < WINNERS; i++) wishes[i].some_paid = true;
    parts_adjust(wishes, sights, WINNERS + 1, false);
    expect_steps(STEP_WAIT);
    begin(UNPAID + APART + 62); // nobody is paid: there is nothing that it could owe twice
    parts_adjust(wishes, sights, WINNERS + 1, false);
    expect_steps(STEP_COMPOSE);
}

// The last ticket gets all that is left, or the program refuses it.
static void all_of_it_is_paid(void **state)
{
    (void)state;
    for (int64_t more = 1; more < 50; more++) {
        int64_t left = UNPAID + APART + more;
        begin(left);
        adjust();
        for (size_t i = 0; i < WINNERS; i++) left -= wishes[i].amount + wishes[i].more;
        assert_int_equal(left, APART);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_ledger_says_is_paid_as_it_is),
        cmocka_unit_test(what_is_owed_above_is_shared),
        cmocka_unit_test(what_was_paid_meanwhile_is_not_shared),
        cmocka_unit_test(others_wait_for_what_is_on_its_way),
        cmocka_unit_test(events_do_not_wait_for_each_other),
        cmocka_unit_test(a_state_that_may_be_old_shares_nothing),
        cmocka_unit_test(all_of_it_is_paid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
