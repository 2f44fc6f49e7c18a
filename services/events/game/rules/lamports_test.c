// Seats that cost LAMPORTS: nobody has one before the event is on the cluster, where its price stays.
#include "services/events/testing/game.h"
#include "services/events/testing/money.h"

static const int64_t DAY = 24 * (int64_t)HOUR;

static void nobody_reserves_before_it_is_on_the_cluster(void **state)
{
    (void)state;
    struct world *world = world_in_lamports(2, 500);
    assert_false(game_is_payable(&world->game));
    assert_false(world_reserve(world, USER, false));
    assert_refused(world, EVENT_NOT_PAYABLE);
    assert_false(DO(world, GOD, give_seat, id_of(USER), "mira"));
    assert_refused(world, EVENT_NOT_PAYABLE);
    assert_false(view_summary(&world->game, &world->arena)->payable);
    assert_true(chain_made_payable(world, 500));
    const Events__Event *event = view_summary(&world->game, &world->arena);
    assert_true(event->payable);
    assert_string_equal(event->cluster_address, world->game.cluster_address);
    assert_true(world_reserve(world, USER, false));
    assert_int_equal(hold_of(world, USER)->price.currency, EVENTS__PRICE__CURRENCY__LAMPORTS);
    assert_replays(world);
    world_destroy(world);
}

static void its_price_there_counts_and_stays(void **state)
{
    (void)state;
    struct world *world = world_in_lamports(2, 500);
    assert_true(edit_price(world, 700)); // while the first was on its way
    assert_false(edit_price(world, 0));
    assert_refused(world, PRICE_FIXED);
    assert_true(chain_made_payable(world, 500));
    assert_int_equal(world->game.terms.price.amount, 500);
    assert_false(edit_price(world, 700));
    assert_refused(world, PRICE_FIXED);
    assert_string_equal(world->err.field, "price");
    assert_true(edit_god_share(world, 100)); // which is not the price
    assert_replays(world);
    world_destroy(world);
}

static void it_does_not_begin_when_tickets_can_be_taken_back(void **state)
{
    (void)state;
    struct world *world = world_in_lamports(2, 500);
    const int64_t first_ms = world->game.terms.starts_ms;
    const int64_t last_ms =
        first_ms + GAME_ESCAPE_DAYS * DAY - world->game.terms.payment.payout_after_s * INT64_C(1000);
    assert_true(chain_made_payable(world, 500));
    assert_true(edit_start(world, last_ms - 1));
    assert_false(edit_start(world, last_ms));
    assert_refused(world, TIME_INVALID);
    assert_string_equal(world->err.field, "starts_at");
    assert_true(edit_start(world, first_ms - DAY / 2)); // tickets know the first one
    assert_false(edit_start(world, last_ms));
    assert_true(edit_start(world, last_ms - 1));
    assert_replays(world);
    world_destroy(world);
}

static void on_its_way_the_earliest_start_counts(void **state)
{
    (void)state;
    struct world *world = world_in_lamports(2, 500);
    const int64_t first_ms = world->game.terms.starts_ms;
    assert_true(edit_start(world, first_ms - DAY / 2));
    assert_true(edit_start(world, first_ms));
    assert_true(chain_made_payable(world, 500));
    assert_false(edit_start(world, first_ms + (GAME_ESCAPE_DAYS - 1) * DAY));
    assert_true(edit_start(world, first_ms + (GAME_ESCAPE_DAYS - 2) * DAY));
    assert_replays(world);
    world_destroy(world);
    world = world_priced(2, 500);
    assert_true(edit_start(world, first_ms + 100 * DAY)); // in CONSE nothing is taken back
    world_destroy(world);
}

static void it_is_told_once(void **state)
{
    (void)state;
    struct world *world = world_in_lamports(2, 500);
    assert_true(chain_made_payable(world, 500));
    assert_false(chain_made_payable(world, 600));
    assert_int_equal(world->game.terms.price.amount, 500);
    world_destroy(world);
    world = world_priced(2, 500);
    assert_false(chain_made_payable(world, 500)); // of an event that never asked
    world_destroy(world);
}

static void a_free_event_becomes_one_in_lamports_until_somebody_holds_a_seat(void **state)
{
    (void)state;
    struct world *world = world_priced(2, 500);
    struct priced_terms priced;
    fill_priced_terms(&priced, 2, 900);
    priced.price.currency = EVENTS__PRICE__CURRENCY__LAMPORTS;
    assert_true(world_reserve(world, USER, false));
    assert_false(DO(world, GOD, edit, &priced.terms));
    assert_refused(world, TERMS_FROZEN);
    world_destroy(world);
    world = world_create();
    Game__Terms free = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &free);
    assert_true(game_is_payable(&world->game));
    assert_true(DO(world, GOD, edit, &priced.terms));
    assert_false(game_is_payable(&world->game));
    assert_replays(world);
    world_destroy(world);
}

static void a_seat_is_given_back_as_a_whole(void **state)
{
    (void)state;
    struct priced_terms priced;
    struct err err;
    fill_priced_terms(&priced, 2, 500);
    priced.price.currency = EVENTS__PRICE__CURRENCY__LAMPORTS;
    assert_true(rules_price(&priced.terms, &err));
    priced.payment.refund_fee = 1;
    assert_false(rules_price(&priced.terms, &err));
    assert_string_equal(err.field, "payment_terms.refund_fee");
}

static void the_lock_waits_until_payments_are_final(void **state)
{
    (void)state;
    struct world *world = world_in_lamports(3, 500);
    assert_true(chain_made_payable(world, 500));
    assert_true(world_reserve(world, USER, false) && world_reserve(world, USER + 1, false));
    assert_true(chain_paid(world, USER, false) && chain_paid(world, USER + 1, true));
    assert_false(DO(world, GOD, lock));
    assert_refused(world, PAYMENTS_SETTLING);
    assert_true(chain_held_again(world, USER, world->now_ms + MINUTE)); // a fork
    assert_false(DO(world, GOD, lock));
    assert_refused(world, HOLDS_OPEN);
    assert_true(chain_paid(world, USER, true));
    assert_true(DO(world, GOD, lock));
    assert_replays(world);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_reserves_before_it_is_on_the_cluster),
        cmocka_unit_test(its_price_there_counts_and_stays),
        cmocka_unit_test(it_does_not_begin_when_tickets_can_be_taken_back),
        cmocka_unit_test(on_its_way_the_earliest_start_counts),
        cmocka_unit_test(it_is_told_once),
        cmocka_unit_test(a_free_event_becomes_one_in_lamports_until_somebody_holds_a_seat),
        cmocka_unit_test(a_seat_is_given_back_as_a_whole),
        cmocka_unit_test(the_lock_waits_until_payments_are_final),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
