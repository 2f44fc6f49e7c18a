// The queue with events and auth as the hall plays them: joining, offers, seats, and what may come between.
#include "services/ai/testing/hall.h"

#include "lib/base/clock.h"
#include "services/ai/pool/rows.h"
#include "services/ai/pool/ticket.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

enum { PEOPLE = 12 };

struct evening {
    struct club *club;
    struct hall hall;
};

// What is told from memory follows the club's clock.
static void set_clock(const struct evening *evening) { clock_hold_mono(evening->club->now_ms); }

static struct evening *begin(const char *url)
{
    struct evening *evening = calloc(1, sizeof *evening);
    evening->club = club_at(url);
    for (unsigned i = 0; i < PEOPLE; i++) club_know(evening->club, i, false);
    return evening;
}

static int set_up(void **state) { return *state = begin(NULL), 0; }

static int set_up_shared(void **state)
{
    shared_store_register();
    return *state = begin(CLUB_SHARED), 0;
}

static int tear_down(void **state)
{
    struct evening *evening = *state;
    clock_hold_mono(-1);
    club_close(evening->club);
    shared_store_drop(CLUB_SHARED);
    free(evening);
    return 0;
}

#define IN_BOTH(name)                                                                                        \
    cmocka_unit_test_setup_teardown(name, set_up, tear_down),                                                \
        cmocka_unit_test_setup_teardown(name, set_up_shared, tear_down)

// ---- Words

static int64_t now(const struct evening *evening) { return evening->club->now_ms; }

static void tick(struct evening *evening)
{
    const struct outside outside = hall_outside(&evening->hall);
    struct err err = {0};
    if (!pool_tick(&evening->club->ai, &outside, now(evening), &err) && !evening->hall.away)
        fail_msg("%s", err.message);
}

static void later(struct evening *evening, int64_t ms)
{
    evening->club->now_ms += ms;
    tick(evening);
}

static const Ai__QueueTicket *join(struct evening *evening, unsigned number, const char *wishes)
{
    const struct uuid id = club_person(number);
    const Ai__QueueTicket *ticket = club_ask_as(evening->club, id.text, "ai.JoinQueue", "%s", wishes);
    if (!ticket) fail_msg("%s", evening->club->err.message);
    return ticket;
}

static void join_all(struct evening *evening, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++, evening->club->now_ms++) join(evening, i, "{}");
}

static const Ai__QueueTicket *look(struct evening *evening, unsigned number)
{
    const struct uuid id = club_person(number);
    set_clock(evening);
    const Ai__QueueTicket *ticket = club_ask_as(evening->club, id.text, "ai.GetQueue", "{}");
    if (!ticket) fail_msg("%s", evening->club->err.message);
    return ticket;
}

static Ai__QueueTicket__State state_of(struct evening *evening, unsigned number)
{
    return look(evening, number)->state;
}

// The row as it is, seen by nobody.
static struct ticket peek(struct evening *evening, unsigned number)
{
    const struct uuid id = club_person(number);
    struct ticket ticket;
    struct err err = {0};
    arena_reset(&evening->club->arena);
    if (!ticket_find(evening->club->ai.store, id.text, &evening->club->arena, &ticket, &err))
        fail_msg("%s", err.message);
    return ticket;
}

static const Ai__QueueTicket *answer(struct evening *evening, unsigned number, const char *method)
{
    const struct uuid id = club_person(number);
    char offer_id[UUID_LEN + 1];
    const struct ticket ticket = peek(evening, number);
    snprintf(offer_id, sizeof offer_id, "%s", ticket.row->offer_id);
    return club_ask_as(evening->club, id.text, method, "{'offer_id':'%s'}", offer_id);
}

static void accept(struct evening *evening, unsigned number)
{
    if (!answer(evening, number, "ai.AcceptOffer")) fail_msg("%s", evening->club->err.message);
}

static bool leaves(struct evening *evening, unsigned number)
{
    const struct uuid id = club_person(number);
    return club_ask_as(evening->club, id.text, "ai.LeaveQueue", "{}");
}

static struct hall_event *open_event(struct evening *evening, int32_t min_players, int32_t max_players)
{
    return hall_add(&evening->hall, min_players, max_players, now(evening) + DAY_MS);
}

static void assert_states(struct evening *evening, unsigned from, unsigned to, Ai__QueueTicket__State state)
{
    for (unsigned i = from; i < to; i++) assert_int_equal(state_of(evening, i), state);
}

#define ALL(from, to, name) assert_states(evening, from, to, AI__QUEUE_TICKET__STATE__##name)

// ---- Waiting

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

// ---- Offers

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

// ---- What is wanted

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

// ---- What may come between

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

// ---- A kill in every state

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
        assert_true(ticket_put(store, &ticket, &err));
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
        IN_BOTH(enough_who_accept_get_their_seats),
        IN_BOTH(who_fails_leaves_and_the_others_are_first_again),
        TEST(only_an_offer_that_was_shown_can_be_missed),
        TEST(three_missed_offers_close_the_queue_for_a_while),
        TEST(an_answer_to_what_is_over_is_refused),
        TEST(who_leaves_is_of_no_offer),
        TEST(only_what_is_wanted_is_offered),
        TEST(no_block_is_seated_together),
        TEST(who_has_a_seat_at_that_time_is_not_offered_another),
        TEST(a_seat_that_somebody_took_by_hand_is_the_seat),
        TEST(a_full_event_is_no_seat_and_no_fault),
        TEST(an_event_that_goes_takes_nobodys_place),
        TEST(an_event_that_refuses_somebody_is_not_offered_again),
        TEST(while_events_is_away_nobody_is_counted),
        IN_BOTH(a_lost_answer_seats_nobody_twice),
        IN_BOTH(what_is_stored_goes_on_after_a_kill),
        IN_BOTH(an_offer_that_was_cut_off_is_opened_or_undone),
        TEST(an_offer_whose_making_was_cut_off_late_stands),
        cmocka_unit_test_setup_teardown(two_that_match_at_once_offer_nobody_two_seats, set_up_shared,
                                        tear_down),
        IN_BOTH(an_account_goes_with_its_ticket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
