#include "services/ai/pool/ticket.h"

#include "services/ai/pool/verdict.h"
#include "tests/test.h"

#define EVENT "01890000-0000-7000-8000-000000000e01"
#define OFFER "01890000-0000-7000-8000-000000000f01"

enum { MINUTE_MS = 60000, NOW = 1000000000 };

struct desk {
    struct arena arena;
    Queue__TicketRow row;
    Queue__OfferRow offer;
    Queue__Wishes wishes;
};

static int set_up(void **state)
{
    struct desk *desk = *state = calloc(1, sizeof *desk);
    arena_init(&desk->arena, 1 << 20);
    queue__ticket_row__init(&desk->row);
    queue__offer_row__init(&desk->offer);
    queue__wishes__init(&desk->wishes);
    desk->offer.id = OFFER;
    desk->offer.event_id = EVENT;
    desk->row.user_id = "someone";
    return 0;
}

static int tear_down(void **state)
{
    struct desk *desk = *state;
    arena_finish(&desk->arena);
    free(desk);
    return 0;
}

static void offer_at(struct desk *desk, int64_t now_ms)
{
    desk->offer.deadline_ms = now_ms + offer_answer_ms(0);
    ticket_offer(&desk->row, &desk->offer, now_ms);
}

static void who_did_not_fail_keeps_their_place(void **state)
{
    struct desk *desk = *state;
    ticket_begin(&desk->row, "ticket", &desk->wishes, NOW);
    assert_true(ticket_waits(&desk->row));
    offer_at(desk, NOW + MINUTE_MS);
    assert_false(ticket_waits(&desk->row));
    assert_true(ticket_is_live(&desk->row) && ticket_is_asked(&desk->row, OFFER));
    assert_int_equal(desk->row.waited_ms, MINUTE_MS);
    ticket_accept(&desk->row, NOW + MINUTE_MS);
    assert_true(ticket_return(&desk->row, AI__QUEUE_MISS__REASON__OTHERS, NOW + 2 * MINUTE_MS, &desk->arena));
    assert_true(ticket_waits(&desk->row));
    assert_int_equal(desk->row.joined_ms, NOW);
    assert_string_equal(desk->row.missed->event_id, EVENT);
    assert_string_equal(desk->row.offer_id, "");
    assert_int_equal(ticket_timed_out(&desk->row, NOW + 2 * MINUTE_MS), 0);
}

static void what_was_not_shown_does_not_count(void **state)
{
    struct desk *desk = *state;
    ticket_begin(&desk->row, "ticket", &desk->wishes, NOW);
    offer_at(desk, NOW);
    assert_true(ticket_time_out(&desk->row, NOW + MINUTE_MS, &desk->arena));
    assert_int_equal(desk->row.state, QUEUE__TICKET_ROW__STATE__WAITING);
    assert_true(desk->row.unheard && !ticket_waits(&desk->row));
    assert_int_equal(ticket_timed_out(&desk->row, NOW + MINUTE_MS), 0);
}

static void miss_unseen(struct desk *desk, int64_t now_ms)
{
    desk->row.unheard = false; // they asked meanwhile
    offer_at(desk, now_ms);
    assert_true(ticket_time_out(&desk->row, now_ms, &desk->arena));
}

static void of_two_unseen_within_an_hour_the_second_costs_the_place(void **state)
{
    struct desk *desk = *state;
    ticket_begin(&desk->row, "ticket", &desk->wishes, NOW);
    miss_unseen(desk, NOW);
    miss_unseen(desk, NOW + TICKET_HOUR_MS); // long enough after it
    assert_int_equal(desk->row.state, QUEUE__TICKET_ROW__STATE__WAITING);
    miss_unseen(desk, NOW + TICKET_HOUR_MS + 59 * MINUTE_MS);
    assert_int_equal(desk->row.state, QUEUE__TICKET_ROW__STATE__OUT);
    assert_int_equal(desk->row.out, AI__QUEUE_TICKET__OUT__TIMED_OUT);
    assert_int_equal(ticket_timed_out(&desk->row, NOW + 2 * TICKET_HOUR_MS), 0);
    ticket_begin(&desk->row, "another", &desk->wishes, NOW + 2 * TICKET_HOUR_MS);
    miss_unseen(desk, NOW + 2 * TICKET_HOUR_MS);
    assert_int_equal(desk->row.state, QUEUE__TICKET_ROW__STATE__WAITING);
}

// Shown and not answered; joins anew.
static void let_pass(struct desk *desk, int64_t now_ms)
{
    ticket_begin(&desk->row, "ticket", &desk->wishes, now_ms);
    offer_at(desk, now_ms);
    desk->row.shown_ms = now_ms;
    assert_true(ticket_time_out(&desk->row, now_ms, &desk->arena));
    assert_int_equal(desk->row.state, QUEUE__TICKET_ROW__STATE__OUT);
    assert_int_equal(desk->row.out, AI__QUEUE_TICKET__OUT__TIMED_OUT);
}

static void three_within_an_hour_are_followed_by_a_pause(void **state)
{
    struct desk *desk = *state;
    static const int64_t pauses_ms[] = {5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS, 60 * MINUTE_MS};
    int64_t now_ms = NOW;
    for (size_t i = 0; i < sizeof pauses_ms / sizeof *pauses_ms; i++) {
        for (uint32_t k = 0; k < 3; k++) {
            assert_int_equal(ticket_timed_out(&desk->row, now_ms), k);
            assert_int_equal(ticket_pause_ms(&desk->row, now_ms), pauses_ms[i]);
            assert_true(desk->row.paused_until_ms <= now_ms);
            let_pass(desk, now_ms += MINUTE_MS);
        }
        assert_int_equal(desk->row.paused_until_ms, now_ms + pauses_ms[i]);
        assert_int_equal(ticket_timed_out(&desk->row, now_ms), 0);
        now_ms = desk->row.paused_until_ms;
    }
    assert_int_equal(ticket_pause_ms(&desk->row, now_ms + TICKET_PAUSES_MS), 5 * MINUTE_MS);
}

static void those_of_more_than_an_hour_ago_are_forgotten(void **state)
{
    struct desk *desk = *state;
    for (int i = 0; i < 10; i++) {
        let_pass(desk, NOW + 31 * MINUTE_MS * i);
        assert_int_equal(desk->row.paused_until_ms, 0);
        assert_int_equal(ticket_timed_out(&desk->row, NOW + 31 * MINUTE_MS * i), i ? 2 : 1);
    }
}

static void refused_events_are_kept_the_newest(void **state)
{
    struct desk *desk = *state;
    for (int i = 0; i < 30; i++)
        assert_true(ticket_refuse_event(&desk->row, arena_printf(&desk->arena, "%d", i), &desk->arena));
    assert_int_equal(desk->row.n_refused_event_ids, TICKET_REFUSED_MOST);
    assert_string_equal(desk->row.refused_event_ids[0], "10");
    assert_string_equal(desk->row.refused_event_ids[TICKET_REFUSED_MOST - 1], "29");
}

// ---- Offers

#define STATES 5

static enum verdict judged(uint32_t needed, const char *states)
{
    Queue__TicketRow rows[STATES];
    const Queue__TicketRow *all[STATES];
    Queue__OfferRow offer = QUEUE__OFFER_ROW__INIT;
    const size_t count = strlen(states);
    offer.needed = needed;
    for (size_t i = 0; i < count; i++) {
        queue__ticket_row__init(&rows[i]);
        all[i] = &rows[i];
        rows[i].state = states[i] == '?'   ? QUEUE__TICKET_ROW__STATE__OFFERED
                        : states[i] == 'y' ? QUEUE__TICKET_ROW__STATE__ACCEPTED
                        : states[i] == 's' ? QUEUE__TICKET_ROW__STATE__SEATING
                        : states[i] == 'S' ? QUEUE__TICKET_ROW__STATE__SEATED
                                           : QUEUE__TICKET_ROW__STATE__OUT;
    }
    return offer_judge(&offer, offer_count(all, count));
}

static void an_offer_waits_for_as_many_as_are_needed(void **state)
{
    (void)state;
    assert_int_equal(judged(2, "???"), VERDICT_WAIT);
    assert_int_equal(judged(2, "y??"), VERDICT_WAIT);
    assert_int_equal(judged(2, "y?n"), VERDICT_WAIT);
    assert_int_equal(judged(2, "y?y"), VERDICT_SEAT);
    assert_int_equal(judged(2, "nny"), VERDICT_FAIL);
    assert_int_equal(judged(2, "nn?"), VERDICT_FAIL);
    assert_int_equal(judged(2, "nnn"), VERDICT_OVER);
    assert_int_equal(judged(2, "SS?"), VERDICT_WAIT); // a seat is still free for who answers late
    assert_int_equal(judged(2, "SSy"), VERDICT_SEAT);
    assert_int_equal(judged(2, "SSn"), VERDICT_OVER);
    assert_int_equal(judged(2, "sn"), VERDICT_SEAT); // what was begun is ended
    assert_int_equal(judged(3, "S?n"), VERDICT_WAIT);
}

static void there_is_time_to_answer_by_how_long_one_waited(void **state)
{
    (void)state;
    assert_int_equal(offer_answer_ms(0), 30000);
    assert_int_equal(offer_answer_ms(10 * MINUTE_MS), 40000);
    assert_int_equal(offer_answer_ms(24 * 60 * MINUTE_MS), 60000);
}

static void as_many_are_needed_as_the_game_lacks(void **state)
{
    (void)state;
    assert_int_equal(offer_needed(0, 5, 1), 5);
    assert_int_equal(offer_needed(3, 5, 1), 2);
    assert_int_equal(offer_needed(3, 5, 8), 5);
    assert_int_equal(offer_needed(6, 5, 1), 1);
    assert_int_equal(offer_needed(0, 1, 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_did_not_fail_keeps_their_place),
        TEST(what_was_not_shown_does_not_count),
        TEST(of_two_unseen_within_an_hour_the_second_costs_the_place),
        TEST(three_within_an_hour_are_followed_by_a_pause),
        TEST(those_of_more_than_an_hour_ago_are_forgotten),
        TEST(refused_events_are_kept_the_newest),
        cmocka_unit_test(an_offer_waits_for_as_many_as_are_needed),
        cmocka_unit_test(there_is_time_to_answer_by_how_long_one_waited),
        cmocka_unit_test(as_many_are_needed_as_the_game_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
