// Taking the seats of an offer, and what may come between.
#include "services/ai/testing/evening.h"

static void a_seat_that_somebody_took_by_hand_is_the_seat(void **state)
{
    struct evening *evening = *state;
    struct hall_event *event = open_event(evening, 2, 2);
    join_all(evening, 0, 2);
    later(evening, 1000);
    hall_seat(event, 0);
    accept(evening, 0);
    accept(evening, 1);
    later(evening, 1000);
    ALL(0, 2, SEATED);
    assert_int_equal(event->taken, 2);
}

static void a_full_event_is_no_seat_and_no_fault(void **state)
{
    struct evening *evening = *state;
    struct hall_event *event = open_event(evening, 2, 2);
    join_all(evening, 0, 2);
    later(evening, 1000);
    hall_seat(event, 8);
    accept(evening, 0);
    accept(evening, 1);
    later(evening, 1000);
    ALL(0, 1, SEATED);
    ALL(1, 2, WAITING);
    assert_int_equal(look(evening, 1)->missed->reason, AI__QUEUE_MISS__REASON__EVENT_FULL);
    assert_int_equal(event->taken, 2);
}

static void an_event_that_goes_takes_nobodys_place(void **state)
{
    struct evening *evening = *state;
    struct hall_event *event = open_event(evening, 2, 2);
    join_all(evening, 0, 2);
    later(evening, 1000);
    event->state = EVENTS__EVENT__STATE__CANCELLED;
    accept(evening, 0);
    accept(evening, 1);
    later(evening, 1000);
    ALL(0, 2, WAITING);
    assert_int_equal(look(evening, 0)->missed->reason, AI__QUEUE_MISS__REASON__EVENT_GONE);
    assert_int_equal(look(evening, 0)->place, 1);
    assert_int_equal(look(evening, 0)->penalty->timed_out, 0);
}

static void an_event_that_refuses_somebody_is_not_offered_again(void **state)
{
    struct evening *evening = *state;
    open_event(evening, 1, 2);
    join_all(evening, 0, 1);
    later(evening, 1000);
    accept(evening, 0);
    (void)err_fail(&evening->hall.refuses, BANNED, "the god keeps them out");
    later(evening, 1000);
    assert_int_equal(look(evening, 0)->missed->reason, AI__QUEUE_MISS__REASON__REFUSED);
    evening->hall.refuses.reason = 0;
    later(evening, 1000);
    ALL(0, 1, WAITING);
}

static void while_events_is_away_nobody_is_counted(void **state)
{
    struct evening *evening = *state;
    open_event(evening, 2, 2);
    join_all(evening, 0, 2);
    evening->hall.away = true;
    later(evening, 1000);
    ALL(0, 2, WAITING);
    evening->hall.away = false;
    later(evening, 1000);
    accept(evening, 0);
    accept(evening, 1);
    evening->hall.away = true;
    later(evening, 40000);
    ALL(0, 2, OFFERED);
    evening->hall.away = false;
    later(evening, 1000);
    ALL(0, 2, SEATED);
    assert_int_equal(look(evening, 0)->penalty->timed_out, 0);
}

static void a_lost_answer_seats_nobody_twice(void **state)
{
    struct evening *evening = *state;
    struct hall_event *event = open_event(evening, 2, 4);
    join_all(evening, 0, 2);
    later(evening, 1000);
    accept(evening, 0);
    accept(evening, 1);
    evening->hall.lost_answers = 1;
    later(evening, 1000);
    assert_int_equal(peek(evening, 0).row->state, QUEUE__TICKET_ROW__STATE__SEATING);
    assert_false(leaves(evening, 0));
    assert_int_equal(evening->club->err.reason, IS(SEAT_UNDER_WAY));
    event->taken = 0; // both gave them back by hand
    later(evening, 1000);
    ALL(0, 2, SEATED);
    assert_int_equal(evening->hall.reserved, 2);
    assert_int_equal(event->taken, 0);
}

static void who_is_of_the_offer_no_more_bars_nobody(void **state)
{
    struct evening *evening = *state;
    open_event(evening, 2, 3);
    join_all(evening, 0, 3);
    later(evening, 1000);
    assert_non_null(answer(evening, 0, "ai.DeclineOffer"));
    hall_block(&evening->hall, 0, 1);
    hall_block(&evening->hall, 2, 0);
    accept(evening, 1);
    accept(evening, 2);
    later(evening, 1000);
    ALL(1, 3, SEATED);
}

static void an_offer_that_events_will_not_tell_of_ends(void **state)
{
    struct evening *evening = *state;
    struct hall_event *event = open_event(evening, 2, 2);
    evening->hall.tells_nobody = true;
    join_all(evening, 0, 2);
    later(evening, 1000);
    event->state = EVENTS__EVENT__STATE__LOCKED; // nothing else is offered
    later(evening, 40000);
    ALL(0, 2, WAITING);
    assert_int_equal(look(evening, 0)->penalty->timed_out, 0);
    assert_false(look(evening, 0)->unheard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_seat_that_somebody_took_by_hand_is_the_seat),
        TEST(a_full_event_is_no_seat_and_no_fault),
        TEST(an_event_that_goes_takes_nobodys_place),
        TEST(an_event_that_refuses_somebody_is_not_offered_again),
        TEST(who_is_of_the_offer_no_more_bars_nobody),
        TEST(an_offer_that_events_will_not_tell_of_ends),
        TEST(while_events_is_away_nobody_is_counted),
        IN_BOTH(a_lost_answer_seats_nobody_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
