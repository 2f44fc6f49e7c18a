// Waiting in the queue: joining, places, and what offers that were missed lead to.
#include "services/ai/testing/evening.h"

static void who_joins_is_told_their_place_and_what_to_expect(void **state)
{
    struct evening *evening = *state;
    join_all(evening, 0, 3);
    evening->club->now_ms += 10000;
    const Ai__QueueTicket *ticket = look(evening, 2);
    assert_int_equal(ticket->state, AI__QUEUE_TICKET__STATE__WAITING);
    assert_int_equal(ticket->ahead, 2);
    assert_int_equal(ticket->place, 3);
    assert_int_equal(ticket->waiting, 3);
    assert_true(ticket->window->now > 2 && ticket->window->now < ticket->window->at_60s);
    assert_int_equal(ticket->wait_estimate->n, 0);
    assert_null(ticket->wait_estimate->p50);
    assert_int_equal(ticket->penalty->timed_out, 0);
    assert_int_equal(ticket->penalty->allowed, 3);
    assert_int_equal(ticket->penalty->pause->seconds, 300);
    assert_true(ticket->rating->mu == 25);
    assert_int_equal(ticket->size_max, 100);
}

static void the_same_again_changes_nothing_and_another_wish_is_refused(void **state)
{
    struct evening *evening = *state;
    char id[UUID_LEN + 1];
    snprintf(id, sizeof id, "%s", join(evening, 0, "{'size_min':5}")->ticket_id);
    evening->club->now_ms += 1000;
    const Ai__QueueTicket *again = join(evening, 0, "{'size_min':5}");
    assert_string_equal(again->ticket_id, id);
    assert_true(again->existing);
    const struct uuid who = club_person(0);
    assert_null(club_ask_as(evening->club, who.text, "ai.JoinQueue", "{'size_min':6}"));
    assert_int_equal(evening->club->err.reason, IS(ALREADY_QUEUED));
    assert_null(club_ask_as(evening->club, who.text, "ai.JoinQueue", "{'size_min':9,'size_max':8}"));
    assert_string_equal(evening->club->err.field, "size_min");
    assert_true(leaves(evening, 0) && leaves(evening, 0));
    assert_int_equal(look(evening, 0)->out, AI__QUEUE_TICKET__OUT__LEFT);
    assert_string_not_equal(join(evening, 0, "{'size_min':6}")->ticket_id, id);
}

static void who_waits_for_a_day_is_out(void **state)
{
    struct evening *evening = *state;
    join_all(evening, 0, 1);
    later(evening, DAY_MS - 1000);
    ALL(0, 1, WAITING);
    later(evening, 1000);
    assert_int_equal(look(evening, 0)->out, AI__QUEUE_TICKET__OUT__EXPIRED);
}

static void only_an_offer_that_was_shown_can_be_missed(void **state)
{
    struct evening *evening = *state;
    open_event(evening, 3, 3);
    join_all(evening, 0, 3);
    later(evening, 1000);
    accept(evening, 0);
    look(evening, 1);
    later(evening, 31000); // within what clocks may differ
    assert_int_equal(peek(evening, 1).row->state, QUEUE__TICKET_ROW__STATE__OFFERED);
    later(evening, 2000);
    assert_int_equal(peek(evening, 1).row->state, QUEUE__TICKET_ROW__STATE__OUT);
    assert_true(peek(evening, 2).row->unheard);
    assert_int_equal(peek(evening, 0).row->state, QUEUE__TICKET_ROW__STATE__WAITING);
    assert_int_equal(look(evening, 1)->penalty->timed_out, 1);
    join_all(evening, 3, 5);
    later(evening, 1000);
    assert_int_equal(peek(evening, 2).row->state, QUEUE__TICKET_ROW__STATE__WAITING); // not there
    ALL(3, 5, OFFERED);
    assert_true(look(evening, 2)->unheard);
    assert_false(look(evening, 2)->unheard);
}

// Who asks once nothing can be shown, and never while something can, waits longest and so is asked first.
static void who_looks_away_from_offers_does_not_hold_up_the_others(void **state)
{
    struct evening *evening = *state;
    open_event(evening, 3, 3);
    join_all(evening, 0, 4);
    later(evening, 1000);
    accept(evening, 1);
    accept(evening, 2);
    later(evening, 33000);
    ALL(1, 4, OFFERED); // without the first one
    assert_non_null(answer(evening, 3, "ai.DeclineOffer"));
    assert_true(look(evening, 0)->unheard);
    later(evening, 0);
    assert_int_equal(peek(evening, 0).row->state, QUEUE__TICKET_ROW__STATE__OFFERED);
    accept(evening, 1);
    accept(evening, 2);
    later(evening, 33000);
    assert_int_equal(look(evening, 0)->out, AI__QUEUE_TICKET__OUT__TIMED_OUT);
    assert_int_equal(look(evening, 0)->penalty->timed_out, 0); // nothing was shown
    join(evening, 0, "{}");
    assert_true(peek(evening, 0).row->joined_ms > peek(evening, 2).row->joined_ms);
}

static void three_missed_offers_close_the_queue_for_a_while(void **state)
{
    struct evening *evening = *state;
    const struct uuid who = club_person(0);
    open_event(evening, 1, 3);
    for (unsigned i = 0; i < 3; i++) {
        join(evening, 0, "{}");
        later(evening, 1000);
        assert_int_equal(look(evening, 0)->penalty->timed_out, i);
        later(evening, 33000);
        ALL(0, 1, OUT);
    }
    assert_non_null(look(evening, 0)->penalty->until);
    assert_null(club_ask_as(evening->club, who.text, "ai.JoinQueue", "{}"));
    assert_int_equal(evening->club->err.reason, IS(QUEUE_PAUSED));
    assert_true(evening->club->err.retry_after_s > 0 && evening->club->err.retry_after_s <= 300);
    evening->club->now_ms += 300000;
    join(evening, 0, "{}");
    assert_int_equal(look(evening, 0)->penalty->pause->seconds, 900);
}

static void an_account_goes_with_its_ticket(void **state)
{
    struct evening *evening = *state;
    open_event(evening, 2, 2);
    join_all(evening, 0, 2);
    later(evening, 1000);
    club_know(evening->club, 1, true);
    assert_null(peek(evening, 1).row);
    accept(evening, 0);
    later(evening, 1000);
    ALL(0, 1, WAITING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_joins_is_told_their_place_and_what_to_expect),
        IN_BOTH(the_same_again_changes_nothing_and_another_wish_is_refused),
        TEST(who_waits_for_a_day_is_out),
        TEST(only_an_offer_that_was_shown_can_be_missed),
        TEST(who_looks_away_from_offers_does_not_hold_up_the_others),
        TEST(three_missed_offers_close_the_queue_for_a_while),
        IN_BOTH(an_account_goes_with_its_ticket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
