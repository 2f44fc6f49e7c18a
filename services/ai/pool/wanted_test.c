// Who is offered a seat where: wishes, blocks, and seats elsewhere.
#include "services/ai/testing/evening.h"

static void only_what_is_wanted_is_offered(void **state)
{
    struct evening *evening = *state;
    struct hall_event *event = open_event(evening, 1, 8);
    join(evening, 0, "{'size_max':7}");
    join(evening, 1, "{'size_min':5}");
    join(evening, 2, "{'starts_within':'3600s'}");
    join(evening, 3, "{'gods':['01890000-0000-7000-8000-000000000001']}");
    later(evening, 1000);
    ALL(0, 4, WAITING);
    event->price = 500;
    join(evening, 4, "{'price_max':{'amount':'499','currency':'CONSE'}}");
    join(evening, 5, "{'price_max':{'amount':'500','currency':'LAMPORTS'}}");
    join(evening, 6, "{}");
    join(evening, 7, "{'price_max':{'amount':'500','currency':'CONSE'}}");
    later(evening, 1000);
    ALL(0, 7, WAITING);
    ALL(7, 8, OFFERED);
    accept(evening, 7);
    later(evening, 1000);
    assert_int_equal(look(evening, 7)->seat->state, EVENTS__RESERVATION__STATE__PENDING);
}

static void no_block_is_seated_together(void **state)
{
    struct evening *evening = *state;
    struct hall_event *event = open_event(evening, 2, 4);
    hall_seat(event, 9);
    hall_block(&evening->hall, 9, 0); // who sits there
    hall_block(&evening->hall, 2, 1); // each other
    join_all(evening, 0, 3);
    later(evening, 1000);
    ALL(0, 1, WAITING);
    later(evening, 1000); // there are still seats, but nobody beside whom they would not sit
    ALL(1, 2, OFFERED);
    ALL(2, 3, WAITING);
    hall_block(&evening->hall, 1, 9); // since the offer
    accept(evening, 1);
    later(evening, 1000);
    const Ai__QueueTicket *ticket = look(evening, 1);
    assert_int_equal(ticket->state, AI__QUEUE_TICKET__STATE__WAITING);
    assert_int_equal(ticket->missed->reason, AI__QUEUE_MISS__REASON__REFUSED);
    assert_int_equal(evening->hall.reserved, 0);
}

static void who_has_a_seat_at_that_time_is_not_offered_another(void **state)
{
    struct evening *evening = *state;
    struct hall_event *event = open_event(evening, 1, 4), *other = open_event(evening, 9, 9);
    other->starts_ms += HOUR_MS;
    hall_seat(other, 0);
    hall_seat(event, 1); // there already
    join_all(evening, 0, 3);
    later(evening, 1000);
    ALL(0, 2, WAITING);
    ALL(2, 3, OFFERED);
    hall_seat(other, 2); // by hand, meanwhile
    accept(evening, 2);
    later(evening, 1000);
    assert_int_equal(look(evening, 2)->missed->reason, AI__QUEUE_MISS__REASON__TIME_CLASH);
    ALL(2, 3, WAITING);
    assert_false(hall_has_seat(event, club_person(2).text));
}

static void who_took_a_guests_seat_over_is_who_they_are(void **state)
{
    struct evening *evening = *state;
    struct hall_event *event = open_event(evening, 1, 4);
    hall_claim(event, 9);
    hall_block(&evening->hall, 9, 0);
    join_all(evening, 0, 2);
    later(evening, 1000);
    ALL(0, 1, WAITING);
    ALL(1, 2, OFFERED);
    hall_block(&evening->hall, 1, 9); // since the offer
    accept(evening, 1);
    later(evening, 1000);
    ALL(1, 2, WAITING);
    assert_int_equal(look(evening, 1)->missed->reason, AI__QUEUE_MISS__REASON__REFUSED);
}

// However many of those who wait longest may not sit there.
static void who_may_not_holds_nobody_up(void **state)
{
    struct evening *evening = *state;
    struct hall_event *other;
    open_event(evening, 1, 1);
    other = open_event(evening, PEOPLE - 2, PEOPLE - 2);
    for (unsigned i = 0; i < PEOPLE - 2; i++) hall_seat(other, i);
    join_all(evening, 0, PEOPLE - 1);
    later(evening, 1000);
    ALL(0, PEOPLE - 2, WAITING);
    ALL(PEOPLE - 2, PEOPLE - 1, OFFERED);
}

// ---- Ratings that are shown to nobody

enum { STRONG = 8, NEWCOMER = 10 };

static void make_strong(struct evening *evening)
{
    for (int i = 0; i < 20; i++) club_play(evening->club, STRONG + 1);
    assert_true(club_belief(evening->club, STRONG).mu > 27);
}

static const char *const near = "{'ranges':{'below':1,'above':1}}";

static void ranges_hold_for_those_who_sit_there(void **state)
{
    struct evening *evening = *state;
    make_strong(evening);
    hall_seat(open_event(evening, 2, 4), STRONG);
    join(evening, NEWCOMER, near);
    later(evening, 1000);
    ALL(NEWCOMER, NEWCOMER + 1, WAITING);
}

static void no_offer_tells_a_rating_that_is_hidden(void **state)
{
    struct evening *evening = *state;
    make_strong(evening);
    club_opt_out(evening->club, STRONG, NAMES_NO_RATING);
    hall_seat(open_event(evening, 2, 4), STRONG);
    join(evening, NEWCOMER, near);
    later(evening, 1000);
    ALL(NEWCOMER, NEWCOMER + 1, OFFERED); // as beside a newcomer
    assert_true(leaves(evening, NEWCOMER));
    evening->hall.events[0].state = EVENTS__EVENT__STATE__CANCELLED;
    open_event(evening, 2, 2);
    join(evening, NEWCOMER, near);
    assert_true(join(evening, STRONG, "{}")->rating->mu == 25);
    later(evening, 1000);
    ALL(NEWCOMER, NEWCOMER + 1, OFFERED);
    ALL(STRONG, STRONG + 1, OFFERED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_what_is_wanted_is_offered),
        TEST(no_block_is_seated_together),
        TEST(who_has_a_seat_at_that_time_is_not_offered_another),
        TEST(who_took_a_guests_seat_over_is_who_they_are),
        TEST(who_may_not_holds_nobody_up),
        TEST(ranges_hold_for_those_who_sit_there),
        TEST(no_offer_tells_a_rating_that_is_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
