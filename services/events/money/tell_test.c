// The stream events.money: what an event's entries say of seats that cost something, once and in their order.
#include <stdatomic.h>

#include "services/events/live/commit.h"
#include "services/events/tables.h"
#include "services/events/testing/paid.h"

#define REASON(name) CONSE__REASON__VALUE__##name

static void assert_told(struct service_world *world, const Money__FromEvents__BodyCase *bodies, size_t count)
{
    run_money(world);
    run_money(world); // as after a start: nothing twice
    assert_int_equal(money_read(world)->n_notices, count);
    for (size_t i = 0; i < count; i++) {
        const Money__FromEvents *said = money_said(world, i);
        assert_int_equal(said->body_case, bodies[i]);
        assert_string_equal(said->event_id, service_recall(world, "event"));
    }
}
#define ASSERT_TOLD(world, ...)                                                                              \
    do {                                                                                                     \
        const Money__FromEvents__BodyCase bodies_[] = {__VA_ARGS__};                                         \
        assert_told(world, bodies_, sizeof bodies_ / sizeof *bodies_);                                       \
    } while (0)
#define TOLD(name) MONEY__FROM_EVENTS__BODY_##name

static void a_hold_is_told_with_its_price_and_terms(void **state)
{
    struct service_world *world = *state;
    open_priced(world, 2);
    const Events__Reservation *reservation = reserve_paid(world, &player, "hold");
    assert_int_equal(reservation->state, EVENTS__RESERVATION__STATE__PENDING);
    ASSERT_TOLD(world, TOLD(SEAT_HELD));
    const Money__FromEvents *said = money_said(world, 0);
    assert_string_equal(said->god_id, god.user_id);
    assert_string_equal(said->seat_held->hold_id, service_recall(world, "hold"));
    assert_string_equal(said->seat_held->user_id, player.user_id);
    assert_int_equal(said->seat_held->price, 500);
    assert_int_equal(said->seat_held->currency, MONEY__CURRENCY__VALUE__CONSE);
    assert_int_equal(said->seat_held->terms->hold_s, 600);
    assert_int_equal(said->seat_held->terms->payout_after_s, 24 * 3600);
    assert_int_equal(said->seat_held->terms->tax_case, MONEY__TERMS__TAX_PRESET);
    assert_int_equal(said->seat_held->terms->god_bp, 1000);
    assert_int_equal(said->seat_held->attempt, 1);
    assert_int_equal(said->seat_held->promotions, 0);
}

// As after a crash between what was told and the note of it.
static void what_was_told_before_a_crash_is_not_told_again(void **state)
{
    struct service_world *world = *state;
    struct store *store = world->events.store;
    const struct store_table *notices = &events_tables[EVENTS_NOTICES];
    Game__NoticeRow *row;
    uint64_t version;
    struct err err = {0};
    open_priced(world, 2);
    reserve_paid(world, &player, "hold");
    run_money(world);
    assert_true(store_get(store, notices, service_recall(world, "event"), &world->arena,
                          (ProtobufCMessage **)&row, &version, &err));
    row->money = 0;
    assert_true(
        store_wait(store, store_put(store, notices, &row->base, version, &(struct store_write){0}), &err));
    reserve_paid(world, &other, "other_hold");
    ASSERT_TOLD(world, TOLD(SEAT_HELD), TOLD(SEAT_HELD));
}

static void a_free_event_says_nothing(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    run_money(world);
    assert_int_equal(money_read(world)->n_notices, 0);
}

// A place for what was paid behind the end of its hold: the same hold again, or none.
static void a_place_that_chain_asks_for_is_answered(void **state)
{
    struct service_world *world = *state;
    open_priced(world, 2);
    reserve_paid(world, &player, "hold");
    chain_closes(world, 1, "hold", MONEY__PAYMENT_CLOSED__NEXT__GONE);
    chain_closes(world, 2, "hold", MONEY__PAYMENT_CLOSED__NEXT__TO_FRONT);
    ASSERT_TOLD(world, TOLD(SEAT_HELD), TOLD(SEAT_HELD));
    assert_string_equal(money_said(world, 1)->seat_held->hold_id, service_recall(world, "hold"));
    chain_closes(world, 3, "hold", MONEY__PAYMENT_CLOSED__NEXT__GONE);
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    chain_closes(world, 4, "hold", MONEY__PAYMENT_CLOSED__NEXT__TO_FRONT);
    ASSERT_TOLD(world, TOLD(SEAT_HELD), TOLD(SEAT_HELD), TOLD(GAME_CALLED_OFF), TOLD(SEAT_ENDING));
    assert_int_equal(money_said(world, 3)->seat_ending->by, MONEY__SEAT_ENDING__BY__NO_PLACE);
}

static void an_evening_is_told_in_its_order(void **state)
{
    struct service_world *world = *state;
    open_priced(world, 2);
    reserve_paid(world, &player, "hold");
    chain_opens(world, 1, "hold", world->now_ms + 600000);
    chain_confirms(world, 2, "hold");
    service_must(world, &god, "events.Reserve", "{" EVENT ",'guest_name':'anna','comp':true}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.UnlockEvent", "{" EVENT "}");
    service_must(world, &player, "events.CancelReservation", "{" EVENT ",'user_id':'$player'}");
    service_must(world, &god, "events.HandOverEvent", "{" EVENT ",'god_id':'$second'}");
    service_must(world, &second_god, "events.CancelEvent", "{" EVENT "}");
    ASSERT_TOLD(world, TOLD(SEAT_HELD), TOLD(SEAT_GIVEN), TOLD(GAME_LOCKED), TOLD(GAME_UNLOCKED),
                TOLD(SEAT_ENDING), TOLD(GAME_LED), TOLD(GAME_CALLED_OFF));
    assert_int_equal(money_said(world, 4)->seat_ending->by, MONEY__SEAT_ENDING__BY__OWNER);
    assert_string_equal(money_said(world, 6)->god_id, second_god.user_id);
}

static const char *side_of(struct service_world *world, const char *user_id)
{
    const Events__Event *event = event_of(world, &god);
    for (size_t i = 0; i < event->n_players; i++)
        if (strcmp(event->players[i]->user_id, user_id) == 0) return event->players[i]->side_id;
    fail_msg("no player");
    return NULL;
}

static void the_end_names_the_winners(void **state)
{
    struct service_world *world = *state;
    open_priced(world, 2);
    reserve_paid(world, &player, "hold");
    reserve_paid(world, &other, "other_hold");
    chain_confirms(world, 1, "hold");
    chain_confirms(world, 2, "other_hold");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    service_remember(world, "side", side_of(world, other.user_id));
    service_must(world, &god, "events.UpdatePlayer", "{" EVENT ",'user_id':'$player','side_id':'$side'}");
    service_must(world, &god, "events.UpdatePlayer", "{" EVENT ",'user_id':'$other','status':'KICKED'}");
    service_must(world, &god, "events.FinishEvent", "{" EVENT ",'winning_side_ids':['$side']}");
    ASSERT_TOLD(world, TOLD(SEAT_HELD), TOLD(SEAT_HELD), TOLD(GAME_LOCKED), TOLD(GAME_DONE));
    const Money__GameDone *done = money_said(world, 3)->game_done;
    assert_string_equal(done->god_id, god.user_id);
    assert_int_equal(done->n_winner_ids, 1); // who was kicked wins nothing
    assert_string_equal(done->winner_ids[0], player.user_id);
    assert_refuses(world, &god, "events.CancelEvent", "{" EVENT "}", REASON(EVENT_OVER));
    service_must(world, &dev, "events.CancelEvent", "{" EVENT "}");
    service_must(world, &dev, "events.CancelEvent", "{" EVENT "}"); // again
    ASSERT_TOLD(world, TOLD(SEAT_HELD), TOLD(SEAT_HELD), TOLD(GAME_LOCKED), TOLD(GAME_DONE),
                TOLD(GAME_UNDONE));
    assert_true(event_of(world, &nobody)->end_taken_back);
}

static void a_deletion_waits_for_the_payments_and_is_told_once(void **state)
{
    struct service_world *world = *state;
    struct arena arena;
    struct err err = {0};
    open_priced(world, 2);
    reserve_paid(world, &player, "hold");
    run_money(world);
    chain_closes(world, 1, "hold", MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_refuses(world, &god, "events.DeleteEvent", "{" EVENT "}", REASON(PAYMENTS_OPEN));
    chain_finishes(world, 2, "hold");
    service_must(world, &god, "events.DeleteEvent", "{" EVENT "}");
    service_fence(world);
    assert_int_equal(money_read(world)->n_notices, 2);
    assert_int_equal(money_said(world, 1)->body_case, TOLD(GAME_DELETED));
    arena_init(&arena, 1 << 20);
    assert_true(money_mourn(&world->events, service_recall(world, "event"), &arena, &err));
    uint64_t again = money_tell_deleted(&world->events, service_recall(world, "event"), 0);
    assert_true(store_wait(world->events.store, again, &err));
    assert_int_equal(money_read(world)->n_notices, 2);
    arena_finish(&arena);
}

static size_t events_played(struct service_world *world)
{
    const Events__ListEventsReply *list =
        (const void *)service_must(world, &nobody, "events.ListEvents", "{'player_id':'$player'}").reply;
    return list->n_events;
}

static void what_is_called_off_and_given_back_leaves_nothing(void **state)
{
    struct service_world *world = *state;
    struct store_rows rows;
    struct err err = {0};
    open_priced(world, 2);
    reserve_paid(world, &player, "hold");
    chain_opens(world, 1, "hold", world->now_ms + 600000);
    chain_confirms(world, 2, "hold");
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    assert_refuses(world, &god, "events.DeleteEvent", "{" EVENT "}", REASON(PAYMENTS_OPEN));
    chain_finishes(world, 3, "hold");
    assert_int_equal(events_played(world), 1);
    service_must(world, &god, "events.DeleteEvent", "{" EVENT "}");
    assert_int_equal(events_played(world), 0);
    const struct store_query query = {.index = "by_event",
                                      .equal = {{.text = service_recall(world, "event")}},
                                      .equal_count = 1,
                                      .limit = 10,
                                      .page_token = ""};
    assert_true(
        store_find(world->events.store, &events_tables[EVENTS_SEATS], &query, &world->arena, &rows, &err));
    assert_int_equal(rows.count, 0);
}

static void an_event_in_lamports_is_told_before_anybody_reserves(void **state)
{
    struct service_world *world = *state;
    chain_takes_lamports(world, 1, true);
    open_in_lamports(world);
    ASSERT_TOLD(world, TOLD(GAME_PRICED));
    const Money__GamePriced *priced = money_said(world, 0)->game_priced;
    assert_int_equal(priced->price, 500);
    assert_int_equal(priced->currency, MONEY__CURRENCY__VALUE__LAMPORTS);
    assert_int_equal(priced->terms->god_bp, 1000);
    assert_int_equal(priced->starts_at_ms, 1800043200000);
    service_must(world, &god, "events.UpdateEvent",
                 "{" EVENT ",'price':{'amount':'600','currency':'LAMPORTS'}}");
    ASSERT_TOLD(world, TOLD(GAME_PRICED), TOLD(GAME_PRICED));
    assert_int_equal(money_said(world, 1)->game_priced->price, 600);
    chain_makes_payable(world, 2);
    reserve_paid(world, &player, "hold");
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    ASSERT_TOLD(world, TOLD(GAME_PRICED), TOLD(GAME_PRICED), TOLD(SEAT_HELD), TOLD(GAME_CALLED_OFF));
    assert_int_equal(money_said(world, 2)->seat_held->price, 500); // as it is on the cluster
}

static atomic_int tellings; // commits after which those who tell others look

static void count_telling(struct events *events, const struct commit *commit)
{
    (void)events;
    if (commit->personal) atomic_fetch_add(&tellings, 1);
}

static void what_opens_it_has_it_told(void **state)
{
    struct service_world *world = *state;
    struct events_hooks hooks = *world->events.hooks;
    hooks.stored = count_telling;
    world->events.hooks = &hooks;
    atomic_store(&tellings, 0);
    open_priced(world, 2);
    service_fence(world);
    assert_int_equal(atomic_load(&tellings), 0); // there is no seat yet
    chain_takes_lamports(world, 1, true);
    open_in_lamports(world);
    service_fence(world);
    assert_int_equal(atomic_load(&tellings), 1);
}

static void what_a_deal_waits_for_is_told_at_once(void **state)
{
    struct service_world *world = *state;
    struct events_hooks hooks = *world->events.hooks;
    chain_offers(world, 1, true, true);
    open_with_beacon(world);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_fence(world);
    hooks.stored = count_telling;
    world->events.hooks = &hooks;
    atomic_store(&tellings, 0);
    chain_names_slot(world, 2, 132); // that the event has it, chain waits for
    service_fence(world);
    assert_int_equal(atomic_load(&tellings), 1);
}

static void its_deletion_is_told_without_a_seat(void **state)
{
    struct service_world *world = *state;
    chain_takes_lamports(world, 1, true);
    open_in_lamports(world);
    run_money(world);
    service_must(world, &god, "events.DeleteEvent", "{" EVENT "}");
    service_fence(world);
    assert_int_equal(money_read(world)->n_notices, 2);
    assert_int_equal(money_said(world, 1)->body_case, TOLD(GAME_DELETED));
}

// And nothing else of an event that is free.
static void a_beacon_is_told_and_its_slot_as_the_event_has_it(void **state)
{
    struct service_world *world = *state;
    chain_offers(world, 1, false, true);
    open_with_beacon(world);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    ASSERT_TOLD(world, TOLD(BEACON_WANTED));
    assert_int_equal(money_said(world, 0)->beacon_wanted->k, 1);
    assert_int_equal(money_said(world, 0)->beacon_wanted->slot, 0);
    chain_names_slot(world, 2, 132);
    chain_names_slot(world, 3, 140);
    ASSERT_TOLD(world, TOLD(BEACON_WANTED), TOLD(BEACON_WANTED));
    assert_int_equal(money_said(world, 1)->beacon_wanted->slot, 132);
    chain_finds_block(world, 4, 132);
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    ASSERT_TOLD(world, TOLD(BEACON_WANTED), TOLD(BEACON_WANTED));
}

static void seats_and_beacons_of_one_event_are_told_in_their_order(void **state)
{
    struct service_world *world = *state;
    chain_offers(world, 1, true, true);
    open_priced(world, 2);
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'beacon':true}");
    reserve_paid(world, &player, "hold");
    chain_confirms(world, 2, "hold");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    ASSERT_TOLD(world, TOLD(SEAT_HELD), TOLD(GAME_LOCKED), TOLD(BEACON_WANTED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hold_is_told_with_its_price_and_terms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_told_before_a_crash_is_not_told_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_free_event_says_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_place_that_chain_asks_for_is_answered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_evening_is_told_in_its_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_end_names_the_winners, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_deletion_waits_for_the_payments_and_is_told_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_called_off_and_given_back_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_event_in_lamports_is_told_before_anybody_reserves, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_opens_it_has_it_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_deal_waits_for_is_told_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(its_deletion_is_told_without_a_seat, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_beacon_is_told_and_its_slot_as_the_event_has_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(seats_and_beacons_of_one_event_are_told_in_their_order, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
