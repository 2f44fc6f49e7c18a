// The queue after a kill in every state, and of two processes.
#include "services/ai/testing/evening.h"

static void restart(struct evening *evening) { club_restart(evening->club); }

static void what_is_stored_goes_on_after_a_kill(void **state)
{
    struct evening *evening = *state;
    open_event(evening, 2, 2);
    join_all(evening, 0, 2);
    const int64_t joined_ms = peek(evening, 0).row->joined_ms;
    restart(evening);
    assert_int_equal(peek(evening, 0).row->joined_ms, joined_ms);
    later(evening, 1000);
    ALL(0, 2, OFFERED);
    restart(evening);
    ALL(0, 2, OFFERED);
    accept(evening, 0);
    restart(evening);
    accept(evening, 1);
    evening->hall.lost_answers = 2;
    later(evening, 1000);
    restart(evening);
    later(evening, 1000);
    ALL(0, 2, SEATED);
    restart(evening);
    ALL(0, 2, SEATED);
    assert_int_equal(evening->hall.reserved, 2);
    assert_int_equal(
        hall_told(&evening->hall, club_person(0).text, EVENTS__TELL_OFFER_REQUEST__KIND__OFFERED), 1);
}

// As left by a process that was killed while it stored the offer.
static void cut_off_making(struct evening *evening, unsigned members)
{
    struct store *store = evening->club->ai.store;
    struct err err = {0};
    const char *user_ids[2] = {arena_str(&evening->club->arena, club_person(0).text),
                               arena_str(&evening->club->arena, club_person(1).text)};
    Queue__OfferRow row = QUEUE__OFFER_ROW__INIT;
    struct offer offer = {.row = &row};
    row.id = "01890000-0000-7000-8000-000000000f01";
    row.state = QUEUE__OFFER_ROW__STATE__MAKING;
    row.event_id = evening->hall.events[0].id.text;
    row.starts_ms = evening->hall.events[0].starts_ms;
    row.made_ms = now(evening);
    row.deadline_ms = now(evening) + 30000;
    row.needed = 2;
    row.user_ids = user_ids;
    row.n_user_ids = 2;
    assert_true(offer_put(store, &offer, &err));
    for (unsigned i = 0; i < members; i++) {
        struct ticket ticket = peek(evening, i);
        ticket_offer(ticket.row, &row, now(evening));
        assert_true(ticket_put(&evening->club->ai, &ticket, &err));
    }
}

static void an_offer_that_was_cut_off_is_opened_or_undone(void **state)
{
    struct evening *evening = *state;
    open_event(evening, 2, 2)->state = EVENTS__EVENT__STATE__LOCKED; // nothing else is offered
    join_all(evening, 0, 2);
    cut_off_making(evening, 1);
    assert_int_equal(state_of(evening, 0), AI__QUEUE_TICKET__STATE__WAITING); // nobody knows of it yet
    later(evening, 1000);
    ALL(0, 2, WAITING);
    assert_null(look(evening, 0)->missed);
    assert_string_equal(peek(evening, 0).row->offer_id, "");
}

static void an_offer_whose_making_was_cut_off_late_stands(void **state)
{
    struct evening *evening = *state;
    open_event(evening, 2, 2);
    join_all(evening, 0, 2);
    cut_off_making(evening, 2);
    later(evening, 1000);
    ALL(0, 2, OFFERED);
    assert_int_equal(
        hall_told(&evening->hall, club_person(1).text, EVENTS__TELL_OFFER_REQUEST__KIND__OFFERED), 1);
}

// ---- Two processes

static void two_that_match_at_once_offer_nobody_two_seats(void **state)
{
    struct evening *evening = *state;
    struct club *other = club_at(CLUB_SHARED);
    const struct outside outside = hall_outside(&evening->hall);
    struct err err = {0};
    for (unsigned i = 0; i < PEOPLE; i++) club_know(other, i, false);
    open_event(evening, 2, 4);
    open_event(evening, 2, 4)->starts_ms += DAY_MS;
    join_all(evening, 0, 4);
    for (int i = 0; i < 4; i++) {
        evening->club->now_ms += 1000;
        tick(evening);
        if (!pool_tick(&other->ai, &outside, now(evening), &err)) fail_msg("%s", err.message);
    }
    for (unsigned i = 0; i < 4; i++) accept(evening, i);
    for (int i = 0; i < 4; i++) {
        if (!pool_tick(&other->ai, &outside, now(evening), &err)) fail_msg("%s", err.message);
        later(evening, 1000);
    }
    ALL(0, 4, SEATED);
    assert_int_equal(evening->hall.reserved, 4);
    club_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH(what_is_stored_goes_on_after_a_kill),
        IN_BOTH(an_offer_that_was_cut_off_is_opened_or_undone),
        TEST(an_offer_whose_making_was_cut_off_late_stands),
        cmocka_unit_test_setup_teardown(two_that_match_at_once_offer_nobody_two_seats, set_up_shared,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
