// Offers of the queue, and the answers to them.
#include "services/ai/testing/evening.h"

static void enough_who_accept_get_their_seats(void **state)
{
    struct evening *evening = *state;
    struct hall_event *event = open_event(evening, 3, 5);
    join_all(evening, 0, 2);
    later(evening, 1000);
    ALL(0, 2, WAITING); // too few for a game
    join_all(evening, 2, 4);
    later(evening, 1000);
    ALL(0, 4, OFFERED);
    const Ai__QueueTicket *ticket = look(evening, 0);
    assert_string_equal(ticket->offer->event_id, event->id.text);
    assert_int_equal(ticket->offer->needed, 3);
    assert_int_equal(ticket->offer->asked, 4);
    assert_int_equal(
        hall_told(&evening->hall, club_person(0).text, EVENTS__TELL_OFFER_REQUEST__KIND__OFFERED), 1);
    accept(evening, 0);
    accept(evening, 1);
    accept(evening, 1);
    later(evening, 1000);
    assert_int_equal(look(evening, 3)->offer->accepted, 2);
    ALL(0, 4, OFFERED);
    accept(evening, 2);
    later(evening, 1000);
    ALL(0, 3, SEATED);
    assert_int_equal(look(evening, 0)->seat->state, EVENTS__RESERVATION__STATE__CONFIRMED);
    accept(evening, 3); // while there is time
    later(evening, 1000);
    ALL(3, 4, SEATED);
    assert_int_equal(evening->hall.reserved, 4);
    assert_int_equal(look(evening, 0)->wait_estimate->n, 4);
    assert_int_equal(
        hall_told(&evening->hall, club_person(2).text, EVENTS__TELL_OFFER_REQUEST__KIND__OFFER_SEATED), 1);
}

static void who_fails_leaves_and_the_others_are_first_again(void **state)
{
    struct evening *evening = *state;
    open_event(evening, 3, 3);
    join_all(evening, 0, 3);
    later(evening, 1000);
    accept(evening, 0);
    assert_non_null(answer(evening, 1, "ai.DeclineOffer"));
    assert_non_null(answer(evening, 1, "ai.DeclineOffer")); // once more is no other answer
    assert_int_equal(look(evening, 1)->out, AI__QUEUE_TICKET__OUT__DECLINED);
    assert_int_equal(look(evening, 1)->penalty->timed_out, 0);
    join_all(evening, 3, 4);
    later(evening, 1000);
    const Ai__QueueTicket *ticket = look(evening, 0);
    assert_int_equal(ticket->missed->reason, AI__QUEUE_MISS__REASON__OTHERS);
    ALL(2, 4, OFFERED); // at once, with the new one
    ALL(0, 1, OFFERED);
}

static void an_answer_to_what_is_over_is_refused(void **state)
{
    struct evening *evening = *state;
    const struct uuid other = club_person(5);
    open_event(evening, 2, 2);
    join_all(evening, 0, 2);
    later(evening, 1000);
    char offer_id[UUID_LEN + 1];
    snprintf(offer_id, sizeof offer_id, "%s", peek(evening, 0).row->offer_id);
    assert_null(club_ask_as(evening->club, other.text, "ai.AcceptOffer", "{'offer_id':'%s'}", offer_id));
    assert_int_equal(evening->club->err.reason, IS(OFFER_OVER));
    evening->club->now_ms += 30000; // the deadline, which nobody has looked at
    assert_null(answer(evening, 0, "ai.AcceptOffer"));
    assert_int_equal(evening->club->err.reason, IS(OFFER_OVER));
}

static void who_leaves_is_of_no_offer(void **state)
{
    struct evening *evening = *state;
    open_event(evening, 2, 2);
    join_all(evening, 0, 2);
    later(evening, 1000);
    accept(evening, 0);
    assert_true(leaves(evening, 1));
    later(evening, 1000);
    ALL(0, 1, WAITING);
    assert_true(leaves(evening, 0));
    later(evening, 1000);
    assert_int_equal(evening->hall.reserved, 0);
}

// Else each join would call the others together for nothing.
static void who_declines_is_not_offered_the_same_event_soon(void **state)
{
    struct evening *evening = *state;
    open_event(evening, 2, 2);
    join_all(evening, 0, 2);
    later(evening, 1000);
    assert_non_null(answer(evening, 1, "ai.DeclineOffer"));
    join(evening, 1, "{}");
    later(evening, 1000);
    ALL(0, 2, WAITING);
    open_event(evening, 2, 2);
    later(evening, 1000);
    ALL(0, 2, OFFERED); // the other one
    assert_true(leaves(evening, 1));
    join(evening, 1, "{}");
    later(evening, 1000);
    ALL(0, 2, WAITING);
    assert_true(leaves(evening, 1));
    evening->club->now_ms += TICKET_AGAIN_MS;
    join(evening, 1, "{}");
    later(evening, 1000);
    ALL(0, 2, OFFERED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH(enough_who_accept_get_their_seats),
        IN_BOTH(who_fails_leaves_and_the_others_are_first_again),
        TEST(an_answer_to_what_is_over_is_refused),
        TEST(who_leaves_is_of_no_offer),
        IN_BOTH(who_declines_is_not_offered_the_same_event_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
