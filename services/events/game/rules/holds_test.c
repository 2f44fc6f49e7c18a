// Places that cost something: held, paid, ended as chain says, and the lock that waits for them.
#include "services/events/testing/game.h"
#include "services/events/testing/money.h"

static void a_reservation_is_a_hold_at_the_price_of_the_moment(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    assert_true(world_reserve(world, USER, false));
    const struct hold *hold = hold_of(world, USER);
    assert_int_equal(hold->state, HOLD_HELD);
    assert_int_equal(hold->price.amount, 500);
    assert_int_equal(world->game.seats_taken, 1);
    Events__Reservation *reservation = view_reservation(&world->game, id_of(USER), &world->arena);
    assert_int_equal(reservation->state, EVENTS__RESERVATION__STATE__PENDING);
    assert_string_equal(reservation->payment_id, hold->id.text);
    assert_null(reservation->hold_expires_at);

    assert_true(chain_opened(world, USER, world->now_ms + 15 * MINUTE));
    reservation = view_reservation(&world->game, id_of(USER), &world->arena);
    assert_non_null(reservation->hold_expires_at);
    assert_true(chain_confirmed(world, USER));
    reservation = view_reservation(&world->game, id_of(USER), &world->arena);
    assert_int_equal(reservation->state, EVENTS__RESERVATION__STATE__CONFIRMED);
    assert_replays(world);
    world_destroy(world);
}

static void a_hold_keeps_its_price_and_the_terms_are_frozen(void **state)
{
    (void)state;
    struct world *world = world_priced(3, 500);
    assert_true(world_reserve(world, USER, false));
    assert_true(edit_price(world, 700));
    assert_int_equal(hold_of(world, USER)->price.amount, 500);
    assert_true(world_reserve(world, USER + 1, false));
    assert_int_equal(hold_of(world, USER + 1)->price.amount, 700);
    assert_false(edit_price(world, 600));
    assert_refused(world, IN_USE);
    assert_false(edit_god_share(world, 900));
    assert_refused(world, TERMS_FROZEN);
    assert_false(edit_price(world, 0));
    assert_refused(world, TERMS_FROZEN);
    chain_close(world, USER + 1, MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_true(edit_price(world, 600)); // nobody has a place for more
    assert_replays(world);
    world_destroy(world);
}

static void terms_change_until_somebody_reserves(void **state)
{
    (void)state;
    struct world *world = world_priced(3, 500);
    assert_true(edit_god_share(world, 900));
    assert_int_equal(world->game.terms.payment.god_bp, 900);
    assert_true(edit_price(world, 0));
    assert_false(game_is_priced(&world->game));
    assert_true(world_reserve(world, USER, false));
    assert_null(game_hold_of(&world->game, game_person(&world->game, id_of(USER))));
    assert_true(edit_price(world, 200)); // who came while it was free has a seat
    assert_true(world_reserve(world, USER + 1, false));
    assert_int_equal(hold_of(world, USER + 1)->state, HOLD_HELD);
    assert_true(DO(world, USER, leave, id_of(USER), world_secrets(world)));
    assert_int_equal(world_person(world, USER)->seat, 0);
    assert_replays(world);
    world_destroy(world);
}

static void who_gives_up_keeps_the_place_until_chain_has_closed(void **state)
{
    (void)state;
    struct world *world = world_priced(1, 500);
    assert_true(world_reserve(world, USER, false));
    assert_true(world_reserve(world, USER + 1, false)); // waits
    assert_true(DO(world, USER, leave, id_of(USER), world_secrets(world)));
    Events__Reservation *reservation = view_reservation(&world->game, id_of(USER), &world->arena);
    assert_int_equal(reservation->state, EVENTS__RESERVATION__STATE__ENDING);
    assert_int_equal(world_person(world, USER)->seat, 1);
    size_t before = world->kept_count;
    assert_true(DO(world, USER, leave, id_of(USER), world_secrets(world))); // again
    assert_int_equal(world->kept_count, before);
    assert_true(DO(world, GOD, leave, id_of(USER), world_secrets(world))); // the god's word counts more
    assert_int_equal(hold_of(world, USER)->ends_by, MONEY__SEAT_ENDING__BY__GOD);

    chain_close(world, USER, MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_false(game_takes_part(&world->game, game_person(&world->game, id_of(USER))));
    assert_int_equal(world_person(world, USER + 1)->seat, 1);
    assert_int_equal(hold_of(world, USER + 1)->state, HOLD_HELD);
    assert_int_equal(world_person(world, USER + 1)->promotions, 1);
    assert_replays(world);
    world_destroy(world);
}

// Promoted once and not paid: the end of the list; twice: out.
static void who_lets_turns_pass_waits_once_more_and_is_out_then(void **state)
{
    (void)state;
    struct world *world = world_priced(1, 500);
    for (unsigned i = 0; i < 3; i++) assert_true(world_reserve(world, USER + i, false));
    chain_close(world, USER, MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_int_equal(world_person(world, USER + 1)->seat, 1);
    chain_close(world, USER + 1, MONEY__PAYMENT_CLOSED__NEXT__TO_END);
    assert_int_equal(world_person(world, USER + 2)->seat, 1);
    assert_int_equal(game_waiting_place(&world->game, game_person(&world->game, id_of(USER + 1))), 1);
    chain_close(world, USER + 2, MONEY__PAYMENT_CLOSED__NEXT__TO_FRONT);
    assert_int_equal(world_person(world, USER + 2)->seat, 1); // before the one that waited
    assert_int_equal(world_person(world, USER + 2)->attempts, 2);
    chain_close(world, USER + 2, MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_int_equal(world_person(world, USER + 1)->seat, 1);
    assert_int_equal(world_person(world, USER + 1)->promotions, 2);
    chain_close(world, USER + 1, MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_int_equal(world->game.seats_taken, 0);
    assert_true(world_reserve(world, USER + 1, false)); // anew
    assert_int_equal(world_person(world, USER + 1)->promotions, 0);
    assert_replays(world);
    world_destroy(world);
}

static void the_lock_names_who_has_not_paid(void **state)
{
    (void)state;
    struct world *world = world_priced(3, 500);
    assert_true(world_reserve(world, USER, false));
    assert_true(world_reserve(world, USER + 1, false));
    assert_true(chain_confirmed(world, USER));
    assert_false(DO(world, GOD, lock));
    assert_refused(world, HOLDS_OPEN);
    assert_non_null(strstr(world->err.message, "user101"));
    assert_null(strstr(world->err.message, "user100"));
    assert_true(chain_paid(world, USER + 1, false));
    assert_false(DO(world, GOD, lock));
    assert_refused(world, PAYMENTS_SETTLING);
    assert_true(chain_settled(world, USER + 1));
    assert_true(DO(world, GOD, lock));
    assert_replays(world);
    world_destroy(world);
}

static void the_lock_waits_for_holds_that_end(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    for (unsigned i = 0; i < 3; i++) assert_true(world_reserve(world, USER + i, false));
    assert_true(chain_confirmed(world, USER));
    assert_true(DO(world, GOD, lock_ending));
    assert_true(world->game.locking);
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__OPEN);
    assert_false(world_reserve(world, USER + 5, false));
    assert_refused(world, EVENT_NOT_OPEN);
    size_t before = world->kept_count;
    assert_true(DO(world, GOD, lock_ending)); // again
    assert_int_equal(world->kept_count, before);
    chain_close(world, USER + 1, MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__LOCKED);
    assert_false(world->game.locking);
    assert_int_equal(world->game.seats_taken, 1); // who waits stays outside
    assert_int_equal(world_person(world, USER + 2)->seat, 0);
    assert_replays(world);
    world_destroy(world);
}

// A payment on its way when the god ended the holds.
static void a_payment_overtakes_the_end_for_the_lock(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    assert_true(world_reserve(world, USER, false));
    assert_true(DO(world, GOD, lock_ending));
    assert_true(chain_confirmed(world, USER));
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__LOCKED);
    assert_int_equal(hold_of(world, USER)->ends_by, 0);
    assert_replays(world);
    world_destroy(world);
}

static void a_lock_that_cannot_come_is_given_up(void **state)
{
    (void)state;
    struct world *world = world_priced(1, 500);
    assert_true(world_reserve(world, USER, false));
    assert_true(world_reserve(world, USER + 1, false));
    assert_true(DO(world, GOD, lock_ending));
    chain_close(world, USER, MONEY__PAYMENT_CLOSED__NEXT__GONE); // nobody is left
    assert_false(world->game.locking);
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__OPEN);
    assert_int_equal(world_person(world, USER + 1)->seat, 1);
    assert_true(DO(world, GOD, lock_ending));
    assert_true(DO(world, GOD, unlock, world_secrets(world))); // the god has another mind
    assert_false(world->game.locking);
    assert_replays(world);
    world_destroy(world);
}

static void a_walk_in_gets_a_seat_without_a_payment(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    struct uuid guest_id;
    assert_true(DO(world, GOD, give_seat, id_of(USER), "user100"));
    assert_true(DO(world, GOD, reserve_guest, "anna", &guest_id));
    assert_true(hold_of(world, USER)->comp);
    assert_int_equal(hold_of(world, USER)->state, HOLD_PAID);
    assert_false(DO(world, GOD, give_seat, id_of(USER + 1), "user101"));
    assert_refused(world, EVENT_FULL);
    assert_true(DO(world, GOD, lock));
    assert_replays(world);
    world_destroy(world);
}

static void who_leaves_a_locked_event_opens_it_first(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    assert_true(world_reserve(world, USER, false));
    assert_true(chain_confirmed(world, USER));
    assert_true(DO(world, GOD, lock));
    assert_true(DO(world, USER, leave, id_of(USER), world_secrets(world)));
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__OPEN);
    assert_false(DO(world, GOD, lock));
    assert_refused(world, HOLDS_OPEN); // until the money is back
    chain_close(world, USER, MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_int_equal(world->game.seats_taken, 0);
    assert_replays(world);
    world_destroy(world);
}

// The god gave the money of a player of the locked event back, and opens it again.
static void who_got_their_money_back_has_no_seat_when_it_is_opened(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    for (unsigned i = 0; i < 3; i++) assert_true(world_reserve(world, USER + i, false));
    assert_true(chain_confirmed(world, USER));
    assert_true(chain_confirmed(world, USER + 1));
    assert_true(DO(world, GOD, lock));
    chain_close(world, USER, MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_int_equal(world_person(world, USER)->seat, 1);
    assert_true(DO(world, USER, leave, id_of(USER), world_secrets(world)));
    assert_int_equal(world_person(world, USER)->seat, 0);
    assert_int_equal(world_person(world, USER + 2)->seat, 1);
    assert_int_equal(hold_of(world, USER + 2)->state, HOLD_HELD);
    assert_replays(world);
    world_destroy(world);
}

static void who_waited_during_the_lock_gets_a_hold_when_it_is_opened(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    for (unsigned i = 0; i < 3; i++) assert_true(world_reserve(world, USER + i, false));
    assert_true(chain_confirmed(world, USER));
    assert_true(DO(world, GOD, lock_ending));
    chain_close(world, USER + 1, MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__LOCKED);
    assert_true(DO(world, GOD, unlock, world_secrets(world)));
    assert_int_equal(world_person(world, USER + 2)->seat, 2);
    assert_replays(world);
    world_destroy(world);
}

static void what_chain_said_counts_once(void **state)
{
    (void)state;
    struct world *world = world_priced(1, 500);
    assert_true(world_reserve(world, USER, false));
    assert_true(chain_confirmed(world, USER));
    struct payments_told place = world->game.told;
    assert_true(chain_held_again(world, USER, world->now_ms + MINUTE));
    size_t before = world->kept_count;
    Money__FromChain said;
    Money__PaymentConfirmed confirmed;
    assert_true(say_confirmed(&said, &confirmed, world, USER, true));
    assert_true(DO(world, 0, payment, &said, &place)); // the first page comes again
    assert_int_equal(world->kept_count, before);
    assert_int_equal(hold_of(world, USER)->state, HOLD_HELD);
    place = (struct payments_told){place.generation + 1, 1}; // chain was restored
    assert_true(DO(world, 0, payment, &said, &place));
    assert_int_equal(hold_of(world, USER)->state, HOLD_PAID);
    assert_replays(world);
    world_destroy(world);
}

static void an_event_with_open_payments_is_not_deleted(void **state)
{
    (void)state;
    struct world *world = world_priced(1, 500);
    assert_true(world_reserve(world, USER, false));
    struct err err;
    chain_close(world, USER, MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_false(rules_deletable(&world->game, &err));
    assert_true(err_is(&err, PAYMENTS_OPEN));
    chain_final(world, 0);
    assert_true(rules_deletable(&world->game, &err));
    assert_replays(world);
    world_destroy(world);
}

static void what_is_called_off_and_given_back_is_deleted(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    struct err err;
    assert_true(world_reserve(world, USER, false));
    assert_true(chain_confirmed(world, USER));
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    assert_false(rules_deletable(&world->game, &err));
    assert_true(err_is(&err, PAYMENTS_OPEN));
    chain_final(world, 0);
    assert_int_equal(world->game.seats_taken, 1);
    assert_true(rules_deletable(&world->game, &err));
    world_destroy(world);
}

static void a_free_event_with_seats_is_kept(void **state)
{
    (void)state;
    struct world *world = world_dealt_by(GAME_RULES, 4);
    struct err err;
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    assert_false(rules_deletable(&world->game, &err));
    assert_true(err_is(&err, EVENT_HAS_SEATS));
    world_destroy(world);
}

// What comes after the end is kept, and changes no roster.
static void a_cancelled_event_hears_what_becomes_of_the_money(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    assert_true(world_reserve(world, USER, false));
    assert_true(chain_confirmed(world, USER));
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    chain_close(world, USER, MONEY__PAYMENT_CLOSED__NEXT__GONE);
    assert_int_equal(world_person(world, USER)->seat, 1);
    assert_int_equal(hold_of(world, USER)->state, HOLD_CLOSED);
    assert_replays(world);
    world_destroy(world);
}

static void payments_are_no_acts_of_who_leads(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    assert_true(world_reserve(world, USER, false));
    uint64_t act = world->game.act;
    assert_true(chain_opened(world, USER, world->now_ms + MINUTE));
    assert_true(chain_confirmed(world, USER));
    assert_true(DO(world, USER, leave, id_of(USER), world_secrets(world)));
    assert_int_equal(world->game.act, act);
    world_destroy(world);
}

// What only its owner and who leads are told of a hold changes nothing for others.
static void others_do_not_see_that_a_hold_runs_or_is_to_end(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    assert_true(world_reserve(world, USER, false));
    assert_true(world_reserve(world, USER + 1, false));
    struct viewer eyes = view_as(&world->game, id_of(USER + 1), false);
    struct bytes before = {0}, behind = {0};
    bytes_add(&before, &view_event(&world->game, &eyes, id_of(USER + 1), &world->arena)->base);
    uint64_t public_count = world->game.log.public_count;
    assert_true(chain_opened(world, USER, world->now_ms + MINUTE));
    assert_true(DO(world, USER, leave, id_of(USER), world_secrets(world)));
    bytes_add(&behind, &view_event(&world->game, &eyes, id_of(USER + 1), &world->arena)->base);
    assert_int_equal(before.len, behind.len);
    assert_memory_equal(before.data, behind.data, before.len);
    assert_int_equal(world->game.log.public_count, public_count);
    free(before.data);
    free(behind.data);
    world_destroy(world);
}

// What places it had in chain's stream nobody sees, also at the end.
static void nobody_sees_how_much_chain_has_said(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    assert_true(world_reserve(world, USER, false));
    assert_true(chain_confirmed(world, USER));
    size_t told = 0;
    for (size_t i = 0; i < world->kept_count; i++) {
        if (world->kept[i].which != GAME__ENTRY__BODY_PAYMENT_TOLD) continue;
        assert_true(audience_sealed(world->kept[i].audience));
        told++;
    }
    assert_int_equal(told, 1);
    world_destroy(world);
}

// Players' steps and payments don't count; an act of who leads does.
static void a_running_game_that_nobody_leads_expires(void **state)
{
    (void)state;
    const struct reminders reminders = {.idle_ms = 72 * (int64_t)HOUR};
    struct world *world = world_running(3);
    int64_t begun_ms = world->now_ms;
    assert_in_range(rules_due(&world->game, &reminders), begun_ms + 72 * (int64_t)HOUR,
                    begun_ms + 73 * (int64_t)HOUR);
    world->now_ms += 50 * (int64_t)HOUR;
    assert_true(DO(world, USER, vote, EVENTS__VOTE__VALUE__UP));
    assert_true(rules_due(&world->game, &reminders) < begun_ms + 74 * (int64_t)HOUR);
    assert_true(DO(world, GOD, foul, id_of(USER)));
    world->now_ms += 60 * (int64_t)HOUR;
    struct entries entries = world_entries(world, 0);
    rules_tick(&world->game, &entries, world_secrets(world), &reminders);
    world_keep(world, &entries, true);
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__RUNNING);
    world->now_ms += 13 * (int64_t)HOUR;
    entries = world_entries(world, 0);
    rules_tick(&world->game, &entries, world_secrets(world), &reminders);
    world_keep(world, &entries, true);
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__EXPIRED);
    assert_replays(world);
    world_destroy(world);
}

static void a_price_is_possible_or_refused(void **state)
{
    (void)state;
    struct priced_terms priced;
    struct err err;
    fill_priced_terms(&priced, 2, 500);
    priced.payment.refund_fee = 501;
    assert_false(rules_price(&priced.terms, &err));
    assert_string_equal(err.field, "payment_terms.refund_fee");
    fill_priced_terms(&priced, 2, 500);
    priced.payment.tax_bp__case = EVENTS__PAYMENT_TERMS__TAX_BP__TAX_BP;
    priced.payment.preset__case = EVENTS__PAYMENT_TERMS__PRESET__PRESET;
    assert_false(rules_price(&priced.terms, &err));
    assert_string_equal(err.field, "payment_terms.tax_bp");
    fill_priced_terms(&priced, 2, 0);
    assert_false(rules_price(&priced.terms, &err));
    assert_string_equal(err.field, "price.amount");
    fill_priced_terms(&priced, 2, 500);
    priced.terms.price = NULL;
    assert_false(rules_price(&priced.terms, &err));
    assert_string_equal(err.field, "payment_terms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reservation_is_a_hold_at_the_price_of_the_moment),
        cmocka_unit_test(a_hold_keeps_its_price_and_the_terms_are_frozen),
        cmocka_unit_test(terms_change_until_somebody_reserves),
        cmocka_unit_test(who_gives_up_keeps_the_place_until_chain_has_closed),
        cmocka_unit_test(who_lets_turns_pass_waits_once_more_and_is_out_then),
        cmocka_unit_test(the_lock_names_who_has_not_paid),
        cmocka_unit_test(the_lock_waits_for_holds_that_end),
        cmocka_unit_test(a_payment_overtakes_the_end_for_the_lock),
        cmocka_unit_test(a_lock_that_cannot_come_is_given_up),
        cmocka_unit_test(a_walk_in_gets_a_seat_without_a_payment),
        cmocka_unit_test(who_leaves_a_locked_event_opens_it_first),
        cmocka_unit_test(who_got_their_money_back_has_no_seat_when_it_is_opened),
        cmocka_unit_test(who_waited_during_the_lock_gets_a_hold_when_it_is_opened),
        cmocka_unit_test(what_chain_said_counts_once),
        cmocka_unit_test(an_event_with_open_payments_is_not_deleted),
        cmocka_unit_test(what_is_called_off_and_given_back_is_deleted),
        cmocka_unit_test(a_free_event_with_seats_is_kept),
        cmocka_unit_test(a_cancelled_event_hears_what_becomes_of_the_money),
        cmocka_unit_test(payments_are_no_acts_of_who_leads),
        cmocka_unit_test(others_do_not_see_that_a_hold_runs_or_is_to_end),
        cmocka_unit_test(nobody_sees_how_much_chain_has_said),
        cmocka_unit_test(a_running_game_that_nobody_leads_expires),
        cmocka_unit_test(a_price_is_possible_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
