// A job has one landing: new bytes only when the old ones can't land and what they are for is not so, in one
// finalized state.
#include "tests/test.h"

#include "services/chain/wishes/step.h"

enum { NOW = 1000000, HEIGHT = 500, SLOT = 600 };

static struct wish sent_wish(enum outbox_kind kind, uint64_t last_valid_height)
{
    return (struct wish){.aim.kind = kind,
                         .wanted = true,
                         .has_job = true,
                         .since_ms = NOW,
                         .seen_slot = SLOT,
                         .job = {.state = OUTBOX_SENT, .last_valid_height = last_valid_height}};
}

static struct sight sight_of(bool event, bool ticket)
{
    return (struct sight){.slot = SLOT,
                          .height = HEIGHT,
                          .has_event = event,
                          .has_ticket = ticket,
                          .event = {.state = SOLANA_EVENT_OPEN, .reserved = 1}};
}

static void bytes_are_sent_until_they_are_dead(void **state)
{
    (void)state;
    const struct sight sight = sight_of(true, true);
    struct wish wish = sent_wish(OUTBOX_REFUND, HEIGHT);
    assert_int_equal(step_of(&wish, &sight, NOW),
                     STEP_SEND); // at its last valid height it may be in the block
    wish.job.last_valid_height = HEIGHT - 1;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_DEAD);
    wish.job.state = OUTBOX_DUE;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_COMPOSE);
    wish.wanted = false;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_DROP);
}

static void what_is_so_has_landed(void **state)
{
    (void)state;
    struct wish wish = sent_wish(OUTBOX_REFUND, HEIGHT - 1);
    struct sight gone = sight_of(true, false);
    assert_int_equal(step_of(&wish, &gone, NOW), STEP_LANDED);
    gone.slot--; // a state from before the ticket says nothing of it
    assert_int_equal(step_of(&wish, &gone, NOW), STEP_DEAD);
    struct sight elsewhere = sight_of(false, false); // its event is not there: this is another cluster
    assert_int_equal(step_of(&wish, &elsewhere, NOW), STEP_DEAD);
    wish.job.state = OUTBOX_DUE;
    assert_int_equal(step_of(&wish, &elsewhere, NOW), STEP_WAIT);
    wish.aim.slot = WISH_STRAY;
    assert_int_equal(step_of(&wish, &elsewhere, NOW), STEP_LANDED);
    wish = sent_wish(OUTBOX_INIT_EVENT, HEIGHT - 1);
    const struct sight there = sight_of(true, false), none = sight_of(false, false);
    assert_int_equal(step_of(&wish, &there, NOW), STEP_LANDED);
    assert_int_equal(step_of(&wish, &none, NOW), STEP_DEAD);
    wish = sent_wish(OUTBOX_CLOSE, HEIGHT);
    assert_int_equal(step_of(&wish, &there, NOW), STEP_SEND);
    assert_int_equal(step_of(&wish, &none, NOW), STEP_LANDED);
}

// A restored ledger takes the event to be open; its ticket went with the pot, for nothing, or for a part.
static void of_what_was_divided_history_tells(void **state)
{
    (void)state;
    static const enum solana_event_state states[] = {SOLANA_EVENT_SETTLING, SOLANA_EVENT_SETTLED};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        struct wish wish = {.aim.kind = OUTBOX_REFUND, .wanted = true, .amount = 100, .seen_slot = SLOT};
        struct sight sight = sight_of(true, false);
        wish.cluster.state = TILL_PAYABLE;
        sight.event.state = states[i];
        assert_true(step_asks_history(&wish, &sight));
        assert_int_equal(step_of(&wish, &sight, NOW), STEP_WAIT);
        sight.has_ended = true;
        assert_int_equal(step_of(&wish, &sight, NOW), STEP_WAIT);
        sight.back = 99;
        assert_int_equal(step_of(&wish, &sight, NOW), STEP_WAIT);
        sight.back = 100;
        assert_int_equal(step_of(&wish, &sight, NOW), STEP_LANDED);
        sight.has_ended = false; // the ledger divided it, and has sent this behind that
        wish.cluster.state = TILL_SETTLED;
        assert_int_equal(step_of(&wish, &sight, NOW), STEP_WAIT);
        wish.has_job = true;
        assert_int_equal(step_of(&wish, &sight, NOW), STEP_LANDED);
    }
}

static void of_what_is_closed_history_tells(void **state)
{
    static const enum outbox_kind kinds[] = {OUTBOX_REFUND, OUTBOX_PAY_TICKET};
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct wish wish = {.aim.kind = kinds[i], .wanted = true, .amount = 100, .seen_slot = SLOT};
        struct sight sight = sight_of(false, false);
        assert_true(step_asks_history(&wish, &sight));
        assert_int_equal(step_of(&wish, &sight, NOW), STEP_WAIT);
        sight.has_ended = true;
        sight.back = 100;
        assert_int_equal(step_of(&wish, &sight, NOW), STEP_LANDED);
        sight.back = 101; // of a pot with seats that were forgotten
        assert_int_equal(step_of(&wish, &sight, NOW),
                         kinds[i] == OUTBOX_PAY_TICKET ? STEP_LANDED : STEP_WAIT);
        sight.back = 99;
        assert_int_equal(step_of(&wish, &sight, NOW), STEP_WAIT);
    }
}

static void who_owes_gets_it_back_in_place_of_a_transaction(void **state)
{
    struct wish wish = sent_wish(OUTBOX_WITHDRAW, HEIGHT);
    struct sight sight = sight_of(false, false);
    (void)state;
    wish.owes = true;
    sight.funds = UINT64_MAX;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_SEND); // it may land
    wish.job.state = OUTBOX_DUE;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_FAIL);
}

// The ledger was restored: the pot was divided, and the event is closed since.
static void of_a_divided_pot_history_tells(void **state)
{
    (void)state;
    struct sight sight = sight_of(false, false);
    struct wish wish = {.aim.kind = OUTBOX_SETTLE, .wanted = true, .cluster.state = TILL_PAYABLE};
    assert_true(step_asks_history(&wish, &sight));
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_WAIT); // its tickets went back
    sight.was_settled = true;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_LANDED);
    wish.pays_out = true;
    assert_false(step_asks_history(&wish, &sight));
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_WAIT);
    wish.all_paid = true;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_LANDED);
    wish.cluster.state = TILL_OFF; // it never was there
    assert_false(step_asks_history(&wish, &sight));
    const struct sight there = sight_of(true, false); // and is open
    wish = (struct wish){.aim.kind = OUTBOX_SETTLE, .wanted = true, .cluster.state = TILL_PAYABLE};
    assert_false(step_asks_history(&wish, &there));
    assert_int_equal(step_of(&wish, &there, NOW), STEP_WAIT);
}

static void a_list_is_made_until_it_is_there(void **state)
{
    (void)state;
    struct wish wish = sent_wish(OUTBOX_INIT_LIST, HEIGHT - 1);
    struct sight sight = sight_of(false, false);
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_DEAD);
    wish.job.state = OUTBOX_DUE;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_COMPOSE);
    sight.has_list = true;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_LANDED);
}

static void a_seat_is_never_dead_here(void **state)
{
    (void)state;
    const struct wish wish = sent_wish(OUTBOX_SEAT, 1);
    const struct sight sight = sight_of(true, false);
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_SEND);
}

static void a_settlement_waits_for_its_tickets(void **state)
{
    (void)state;
    struct wish wish = {.aim.kind = OUTBOX_SETTLE, .wanted = true, .tickets = 2};
    struct sight sight = sight_of(true, false);
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_WAIT);
    sight.event.reserved = 2;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_COMPOSE);
    sight.event.state = SOLANA_EVENT_SETTLING;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_LANDED);
    wish.pays_out = true; // once all winners are paid
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_WAIT);
    sight.event.state = SOLANA_EVENT_SETTLED;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_LANDED);
}

static void a_winner_is_paid_of_what_is_owed(void **state)
{
    (void)state;
    const struct wish wish = {.aim.kind = OUTBOX_PAY_TICKET, .wanted = true, .amount = 100};
    struct sight sight = sight_of(true, true);
    sight.event.owed = 100;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_WAIT); // it is not settling
    sight.event.state = SOLANA_EVENT_SETTLING;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_COMPOSE);
    sight.event.owed = 99;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_WAIT);
}

static void what_is_over_is_closed_when_it_is_empty(void **state)
{
    (void)state;
    const struct wish close = {.aim.kind = OUTBOX_CLOSE, .wanted = true},
                      ticket = {.aim.kind = OUTBOX_CLOSE_TICKET, .wanted = true};
    struct sight sight = sight_of(true, true);
    assert_int_equal(step_of(&close, &sight, NOW), STEP_WAIT);
    assert_int_equal(step_of(&ticket, &sight, NOW), STEP_WAIT);
    sight.event.state = SOLANA_EVENT_SETTLED;
    assert_int_equal(step_of(&ticket, &sight, NOW), STEP_COMPOSE);
    sight.event.reserved = 0;
    assert_int_equal(step_of(&close, &sight, NOW), STEP_COMPOSE);
}

static void after_a_week_somebody_is_told(void **state)
{
    (void)state;
    struct sight sight = sight_of(true, true);
    struct wish wish = sent_wish(OUTBOX_REFUND, HEIGHT - 1);
    wish.job.state = OUTBOX_DUE;
    assert_int_equal(step_of(&wish, &sight, NOW + STEP_STUCK_MS - 1), STEP_COMPOSE);
    assert_int_equal(step_of(&wish, &sight, NOW + STEP_STUCK_MS), STEP_STICK);
    wish.job.state = OUTBOX_STUCK;
    wish.stuck = true;
    assert_int_equal(step_of(&wish, &sight, NOW + STEP_STUCK_MS), STEP_WAIT);
    sight.height += 9000; // an hour later
    assert_int_equal(step_of(&wish, &sight, NOW + STEP_STUCK_MS), STEP_COMPOSE);
    sight.has_ticket = false; // somebody has seen to it
    assert_int_equal(step_of(&wish, &sight, NOW + STEP_STUCK_MS), STEP_LANDED);
}

static void who_could_not_be_paid_for_a_week_is_paid_then(void **state)
{
    (void)state;
    const struct sight sight = sight_of(true, true); // the node was away all the time
    struct wish wish = {.aim.kind = OUTBOX_REFUND, .wanted = true, .since_ms = NOW};
    assert_int_equal(step_of(&wish, &sight, NOW + STEP_STUCK_MS), STEP_STICK);
    wish.stuck = true;
    assert_int_equal(step_of(&wish, &sight, NOW + STEP_STUCK_MS), STEP_COMPOSE);
}

static void what_is_set_apart_is_paid_behind_the_settlement(void **state)
{
    (void)state;
    struct sight sight = sight_of(true, true);
    struct wish refund = {
        .aim.kind = OUTBOX_REFUND, .wanted = true, .amount = 100, .cluster.state = TILL_PAYABLE};
    sight.event.state = SOLANA_EVENT_SETTLING;
    sight.event.owed = 100;
    assert_int_equal(step_of(&refund, &sight, NOW), STEP_WAIT);
    refund.cluster.state = TILL_SETTLED;
    assert_int_equal(step_of(&refund, &sight, NOW), STEP_COMPOSE);
    sight.event.owed = 99;
    assert_int_equal(step_of(&refund, &sight, NOW), STEP_WAIT);
}

static void who_won_nothing_leaves_a_ticket_for_what_is_owed(void **state)
{
    (void)state;
    const struct wish close = {.aim.kind = OUTBOX_CLOSE_TICKET, .wanted = true},
                      paid = {.aim.kind = OUTBOX_SETTLE, .wanted = true, .pays_out = true, .all_paid = true};
    struct sight sight = sight_of(true, true);
    sight.event.state = SOLANA_EVENT_SETTLING;
    sight.event.reserved = 2;
    assert_int_equal(step_of(&close, &sight, NOW), STEP_COMPOSE);
    sight.event.reserved = 1;
    assert_int_equal(step_of(&close, &sight, NOW), STEP_WAIT);
    assert_int_equal(step_of(&paid, &sight, NOW), STEP_LANDED); // though a refund is still owed
}

static void what_is_set_apart_is_tried_less_often(void **state)
{
    (void)state;
    struct sight sight = sight_of(true, true);
    struct wish wish = sent_wish(OUTBOX_REFUND, HEIGHT - 1);
    wish.job.state = OUTBOX_DUE;
    wish.set_apart = true;
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_WAIT);
    sight.height += 500; // a few minutes later
    assert_int_equal(step_of(&wish, &sight, NOW), STEP_COMPOSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_sent_until_they_are_dead),
        cmocka_unit_test(what_is_so_has_landed),
        cmocka_unit_test(of_what_was_divided_history_tells),
        cmocka_unit_test(of_what_is_closed_history_tells),
        cmocka_unit_test(who_owes_gets_it_back_in_place_of_a_transaction),
        cmocka_unit_test(of_a_divided_pot_history_tells),
        cmocka_unit_test(a_list_is_made_until_it_is_there),
        cmocka_unit_test(a_seat_is_never_dead_here),
        cmocka_unit_test(a_settlement_waits_for_its_tickets),
        cmocka_unit_test(a_winner_is_paid_of_what_is_owed),
        cmocka_unit_test(what_is_over_is_closed_when_it_is_empty),
        cmocka_unit_test(after_a_week_somebody_is_told),
        cmocka_unit_test(who_could_not_be_paid_for_a_week_is_paid_then),
        cmocka_unit_test(what_is_set_apart_is_paid_behind_the_settlement),
        cmocka_unit_test(who_won_nothing_leaves_a_ticket_for_what_is_owed),
        cmocka_unit_test(what_is_set_apart_is_tried_less_often),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
