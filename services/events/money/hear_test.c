// What chain says of payments: each of its words is a command on its event, once, whoever hears it how often.
#include "services/events/streams.h"
#include "services/events/testing/paid.h"
#include "services/events/testing/two.h"

#define REASON(name) CONSE__REASON__VALUE__##name

static uint64_t entries_of(struct service_world *world)
{
    struct err err;
    uint64_t head;
    assert_true(
        store_head(world->events.store, events_stream(service_recall(world, "event")).text, &head, &err));
    return head;
}

static const Events__Reservation *reservation_of(struct service_world *world, const struct asker *who)
{
    return event_of(world, who)->my_reservation;
}

static void a_payment_makes_a_seat_of_a_hold(void **state)
{
    struct service_world *world = *state;
    open_priced(world, 2);
    reserve_paid(world, &player, "hold");
    assert_true(event_of(world, &nobody)->players[0]->held);
    chain_opens(world, 1, "hold", world->now_ms + 600000);
    assert_non_null(reservation_of(world, &player)->hold_expires_at);
    assert_refuses(world, &god, "events.LockEvent", "{" EVENT "}", REASON(HOLDS_OPEN));
    chain_confirms(world, 2, "hold");
    assert_int_equal(reservation_of(world, &player)->state, EVENTS__RESERVATION__STATE__CONFIRMED);
    assert_false(event_of(world, &nobody)->players[0]->held);
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
}

static void a_page_that_comes_again_adds_nothing(void **state)
{
    struct service_world *world = *state;
    struct err err = {0};
    open_priced(world, 2);
    reserve_paid(world, &player, "hold");
    chain_confirms(world, 5, "hold");
    uint64_t head = entries_of(world);
    chain_confirms(world, 5, "hold");
    Money__FromChain said = chain_word(world, "hold");
    Money__PaymentHeldAgain again = MONEY__PAYMENT_HELD_AGAIN__INIT;
    said.body_case = MONEY__FROM_CHAIN__BODY_HELD_AGAIN;
    said.held_again = &again;
    assert_true(chain_tells(world, 4, 6, &said, &err)); // was said before
    assert_int_equal(entries_of(world), head);
}

static void what_concerns_nobody_is_passed(void **state)
{
    struct service_world *world = *state;
    struct err err = {0};
    open_priced(world, 2);
    reserve_paid(world, &player, "hold");
    uint64_t head = entries_of(world);
    Money__FromChain said = chain_word(world, "hold");
    Money__PaymentConfirmed confirmed = MONEY__PAYMENT_CONFIRMED__INIT;
    said.body_case = MONEY__FROM_CHAIN__BODY_CONFIRMED;
    said.confirmed = &confirmed;
    said.hold_id = "01890000-0000-7000-8000-00000000ffff";
    assert_true(chain_tells(world, 1, 1, &said, &err));
    said.event_id = "01890000-0000-7000-8000-00000000fffe";
    assert_true(chain_tells(world, 2, 2, &said, &err));
    said.event_id = "";
    assert_true(chain_tells(world, 3, 3, &said, &err));
    assert_int_equal(entries_of(world), head);
}

// events was restored, and chain has gone on: what was paid since goes back, in whatever place chain has it.
static void what_is_not_known_here_goes_back(void **state)
{
    struct service_world *world = *state;
    open_priced(world, 2);
    service_remember(world, "lost", "01890000-0000-7000-8000-00000000ffff");
    chain_opens(world, 1, "lost", world->now_ms + 600000);
    chain_confirms(world, 2, "lost");
    chain_finishes(world, 3, "lost");
    assert_int_equal(money_read(world)->n_notices, 2); // once
    static const Money__SeatEnding__By ends[] = {MONEY__SEAT_ENDING__BY__GOD,
                                                 MONEY__SEAT_ENDING__BY__KICKED_REFUNDED};
    for (size_t i = 0; i < 2; i++) {
        const Money__FromEvents *said = money_said(world, i);
        assert_int_equal(said->body_case, MONEY__FROM_EVENTS__BODY_SEAT_ENDING);
        assert_string_equal(said->event_id, service_recall(world, "event"));
        assert_string_equal(said->seat_ending->hold_id, service_recall(world, "lost"));
        assert_int_equal(said->seat_ending->by, ends[i]);
    }
    service_remember(world, "event", "01890000-0000-7000-8000-00000000fffe");
    chain_makes_payable(world, 4);
    chain_confirms(world, 5, "lost");
    chain_finishes(world, 6, "lost");
    assert_int_equal(money_read(world)->n_notices, 3);
    assert_int_equal(money_said(world, 2)->body_case, MONEY__FROM_EVENTS__BODY_GAME_DELETED);
    assert_string_equal(money_said(world, 2)->event_id, service_recall(world, "event"));
}

static void a_cancelled_hold_is_ending_until_chain_has_closed_it(void **state)
{
    struct service_world *world = *state;
    open_priced(world, 1);
    reserve_paid(world, &player, "hold");
    reserve_paid(world, &other, "none");
    const Events__CancelReply *reply = (const void *)service_must(world, &player, "events.CancelReservation",
                                                                  "{" EVENT ",'user_id':'$player'}")
                                           .reply;
    assert_true(reply->ending);
    assert_int_equal(reply->reservation->state, EVENTS__RESERVATION__STATE__ENDING);
    assert_int_equal(reservation_of(world, &other)->state, EVENTS__RESERVATION__STATE__WAITLISTED);
    chain_closes(world, 1, "hold", MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_null(reservation_of(world, &player));
    assert_int_equal(reservation_of(world, &other)->state, EVENTS__RESERVATION__STATE__PENDING);
    reply = (const void *)service_must(world, &other, "events.CancelReservation",
                                       "{" EVENT ",'user_id':'$other'}")
                .reply;
    assert_true(reply->ending);
}

static void a_lock_comes_when_the_holds_have_ended(void **state)
{
    struct service_world *world = *state;
    open_priced(world, 2);
    reserve_paid(world, &player, "hold");
    reserve_paid(world, &other, "other_hold");
    chain_confirms(world, 1, "hold");
    const Events__EventReply *reply =
        (const void *)service_must(world, &god, "events.LockEvent", "{" EVENT ",'end_holds':true}").reply;
    assert_true(reply->event->locking);
    assert_int_equal(reply->event->state, EVENTS__EVENT__STATE__OPEN);
    chain_closes(world, 2, "other_hold", MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_int_equal(event_of(world, &god)->state, EVENTS__EVENT__STATE__LOCKED);
}

static void seats_are_given_without_a_payment_by_the_god(void **state)
{
    struct service_world *world = *state;
    open_priced(world, 2);
    service_teach(world, player.user_id, "mira", LEVEL_PLAYER);
    assert_refuses(world, &god, "events.Reserve", "{" EVENT ",'guest_name':'anna'}", REASON(INVALID_FIELD));
    assert_refuses(world, &player, "events.Reserve", "{" EVENT ",'comp':true}", REASON(INVALID_FIELD));
    const Events__ReserveReply *reply =
        (const void *)service_must(world, &god, "events.Reserve", "{" EVENT ",'username':'mira','comp':true}")
            .reply;
    assert_int_equal(reply->reservation->state, EVENTS__RESERVATION__STATE__CONFIRMED);
    assert_true(reply->reservation->payment_id[0]);
}

static void a_price_is_shown_and_bounded(void **state)
{
    struct service_world *world = *state;
    open_priced(world, 2);
    const Events__Event *event = event_of(world, &nobody);
    assert_int_equal(event->price->amount, 500);
    assert_int_equal(event->payment_terms->god_bp, 1000);
    reserve_paid(world, &player, "hold");
    assert_refuses(world, &god, "events.UpdateEvent", "{" EVENT ",'payment_terms':{'god_bp':1}}",
                   REASON(TERMS_FROZEN));
    assert_refuses(world, &god, "events.UpdateEvent",
                   "{" EVENT ",'price':{'amount':'499','currency':'CONSE'}}", REASON(IN_USE));
    assert_refuses(world, &god, "events.UpdateEvent",
                   "{" EVENT ",'price':{'amount':'9','currency':'LAMPORTS'}}", REASON(PRICE_UNSUPPORTED));
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'title':'Later'}");
    service_must(world, &god, "events.UpdateEvent",
                 "{" EVENT ",'price':{'amount':'600','currency':'CONSE'}}");
    assert_int_equal(event_of(world, &nobody)->price->amount, 600);
}

#define IN_LAMPORTS                                                                                          \
    "{'group_id':'$group','deck_id':'$deck','title':'Evening','max_players':2,'starts_at':{'local':"         \
    "'2027-01-15T20:00:00','zone':'UTC'},'price':{'amount':'500','currency':'LAMPORTS'}}"

static void seats_cost_lamports_where_chain_has_a_cluster(void **state)
{
    struct service_world *world = *state;
    assert_refuses(world, &god, "events.CreateEvent", IN_LAMPORTS, REASON(PRICE_UNSUPPORTED));
    chain_takes_lamports(world, 1, true);
    chain_takes_lamports(world, 2, true); // started again
    open_in_lamports(world);
    assert_false(event_of(world, &nobody)->payable);
    assert_refuses(world, &player, "events.Reserve", "{" EVENT "}", REASON(EVENT_NOT_PAYABLE));
    chain_makes_payable(world, 3);
    chain_makes_payable(world, 4);
    assert_true(event_of(world, &nobody)->payable);
    assert_refuses(world, &god, "events.UpdateEvent",
                   "{" EVENT ",'price':{'amount':'600','currency':'LAMPORTS'}}", REASON(PRICE_FIXED));
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'title':'Later'}");
    reserve_paid(world, &player, "hold");
    chain_takes_lamports(world, 5, false);
    assert_refuses(world, &god, "events.CreateEvent", IN_LAMPORTS, REASON(PRICE_UNSUPPORTED));
    service_must(world, &other, "events.Reserve", "{" EVENT "}"); // of one that is there
}

static void deals_wait_for_blocks_where_chain_has_a_cluster(void **state)
{
    struct service_world *world = *state;
    assert_refuses(world, &god, "events.CreateEvent", WITH_BEACON, REASON(BEACON_UNSUPPORTED));
    chain_offers(world, 1, true, false); // an older chain
    assert_refuses(world, &god, "events.CreateEvent", WITH_BEACON, REASON(BEACON_UNSUPPORTED));
    chain_offers(world, 2, true, true);
    open_with_beacon(world);
    assert_true(event_of(world, &nobody)->beacon);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    assert_true(event_of(world, &nobody)->beacon_awaited);
    assert_refuses(world, &god, "events.Reveal", "{" EVENT "}", REASON(BEACON_PENDING));
    assert_refuses(world, &god, "events.Reveal", "{" EVENT ",'without_beacon':{'reason':'away'}}",
                   REASON(BEACON_PENDING));
    chain_names_slot(world, 3, 132);
    chain_finds_block(world, 4, 132);
    chain_finds_block(world, 4, 132);
    assert_false(event_of(world, &nobody)->beacon_awaited);
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
}

static void the_term_is_changed_while_the_event_is_open(void **state)
{
    struct service_world *world = *state;
    chain_offers(world, 1, true, true);
    open_with_beacon(world);
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'beacon':false}");
    assert_false(event_of(world, &nobody)->beacon);
    chain_offers(world, 2, false, false);
    assert_refuses(world, &god, "events.UpdateEvent", "{" EVENT ",'beacon':true}",
                   REASON(BEACON_UNSUPPORTED));
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    assert_refuses(world, &god, "events.UpdateEvent", "{" EVENT ",'beacon':false}", REASON(EVENT_NOT_OPEN));
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
}

static void ten_minutes_later_the_god_may_go_without(void **state)
{
    struct service_world *world = *state;
    chain_offers(world, 1, true, true);
    open_with_beacon(world);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    world->now_ms += 10 * 60 * 1000;
    assert_refuses(world, &god, "events.Reveal", "{" EVENT "}", REASON(BEACON_PENDING));
    service_must(world, &god, "events.Reveal", "{" EVENT ",'without_beacon':{'reason':'away'}}");
    const Events__DealReply *reply =
        (const void *)service_must(world, &nobody, "events.GetDeal", "{" EVENT "}").reply;
    assert_string_equal(reply->deal->beacon->given_up, "away");
}

// ---- Two processes

#define URL "shared:payments"

static int set_up_two(void **state)
{
    (void)state;
    two_open(URL);
    lay_table(one);
    open_priced(one, 2);
    reserve_paid(one, &player, "hold");
    service_fence(one);
    two_know_the_same();
    return 0;
}

static int tear_down_two(void **state)
{
    (void)state;
    two_close(URL);
    return 0;
}

static void both_processes_hear_the_same(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(event_of(two, &god)->seats_taken, 1); // has a copy
    chain_confirms(one, 1, "hold");
    uint64_t head = entries_of(one);
    Money__FromChain said = chain_word(two, "hold");
    Money__PaymentConfirmed confirmed = MONEY__PAYMENT_CONFIRMED__INIT;
    said.body_case = MONEY__FROM_CHAIN__BODY_CONFIRMED;
    said.confirmed = &confirmed;
    assert_true(chain_tells(two, 1, 2, &said, &err)); // its page goes on
    assert_int_equal(entries_of(two), head);
    assert_int_equal(reservation_of(two, &player)->state, EVENTS__RESERVATION__STATE__CONFIRMED);
}

static void one_tells_and_the_other_tells_nothing_more(void **state)
{
    (void)state;
    run_money(one);
    run_money(two);
    assert_int_equal(money_read(two)->n_notices, 1);
    chain_confirms(two, 1, "hold");
    service_must(two, &god, "events.LockEvent", "{" EVENT "}");
    run_money(two);
    run_money(one);
    assert_int_equal(money_read(one)->n_notices, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_payment_makes_a_seat_of_a_hold, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_page_that_comes_again_adds_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_concerns_nobody_is_passed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_known_here_goes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancelled_hold_is_ending_until_chain_has_closed_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_lock_comes_when_the_holds_have_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(seats_are_given_without_a_payment_by_the_god, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_price_is_shown_and_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(seats_cost_lamports_where_chain_has_a_cluster, set_up, tear_down),
        cmocka_unit_test_setup_teardown(deals_wait_for_blocks_where_chain_has_a_cluster, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_term_is_changed_while_the_event_is_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ten_minutes_later_the_god_may_go_without, set_up, tear_down),
        cmocka_unit_test_setup_teardown(both_processes_hear_the_same, set_up_two, tear_down_two),
        cmocka_unit_test_setup_teardown(one_tells_and_the_other_tells_nothing_more, set_up_two,
                                        tear_down_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
