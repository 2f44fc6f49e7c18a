// Roles that the catalogue switches off, and on again: what becomes of the orders of their cards.
#include "market.pb-c.h"
#include "services/chain/book/snapshot.h"
#include "services/chain/exchange/exchange.h"
#include "services/chain/testing/evening.h"

#define MAFIA "01890000-0000-7000-8000-000000000011"
#define NIGHT "01890000-0000-7000-8000-000000000021"
#define URL "shared:switched"

enum { START = 1000 };

// As events tells it, by its store of this generation.
static void tell_switch(struct evening *evening, uint64_t generation, uint64_t version, bool disabled)
{
    Money__FromEvents told = MONEY__FROM_EVENTS__INIT;
    Money__RoleSwitched switched = MONEY__ROLE_SWITCHED__INIT;
    struct err err = {0};
    switched.role_id = MAFIA;
    switched.disabled = disabled;
    switched.version = version;
    switched.generation = generation;
    told.body_case = MONEY__FROM_EVENTS__BODY_ROLE_SWITCHED;
    told.role_switched = &switched;
    if (!evening_hand_over(evening, &told, (struct bus_place){generation, ++evening->told}, &err))
        fail_msg("%s", err.message);
}

static void operate(struct house *house, const char *method, const char *request)
{
    house->operates = true;
    house_must(house, DEV, method, request);
    house->operates = false;
}

static void begin(struct evening *evening, const char *url)
{
    evening_init(evening, house_at(url));
    evening_fund_user(evening, BOB, START);
    operate(evening->house, "chain.MakeCard",
            "{'user_id': '" ANN "', 'role_id': '" MAFIA "', 'event_id': '" NIGHT "'}");
}

#define BUY "{'role_id': '" MAFIA "', 'side': 'BUY', 'price': '10', 'quantity': 3}"
#define SELL "{'role_id': '" MAFIA "', 'side': 'SELL', 'price': '90', 'quantity': 1}"

static void place_both(struct house *house)
{
    house_must(house, BOB, "chain.PlaceOrder", BUY);
    house_must(house, ANN, "chain.PlaceOrder", SELL);
    assert_int_equal(house_balance(house, BOB), START - 30);
}

static void is_stopped(struct house *house)
{
    house_refuses(house, BOB, "chain.PlaceOrder", BUY, CONSE__REASON__VALUE__ROLE_STOPPED);
    const Chain__BookSnapshot *book = house_must(house, EVE, "chain.GetBook", "{'role_id': '" MAFIA "'}");
    assert_true(book->stopped);
    assert_int_equal(book->n_asks + book->n_bids, 0);
    assert_int_equal(house_balance(house, BOB), START);
    const Chain__ListCardsReply *own = house_must(house, ANN, "chain.ListCards", "{}");
    assert_int_equal(own->n_cards, 1);
    assert_int_equal(own->cards[0]->order_id, 0);
}

static void is_dealt_in(struct house *house)
{
    place_both(house);
    house_must(house, BOB, "chain.CancelOrders", "{}");
    house_must(house, ANN, "chain.CancelOrders", "{}");
}

static void keep_snapshot(struct house *house)
{
    struct book_snapshot snapshot;
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct err err = {0};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    assert_true(book_snapshot_take(b.book, &snapshot));
    book_end(&b);
    assert_true(book_snapshot_store(&house->chain, &snapshot, &err));
    book_snapshot_drop(&snapshot);
}

static uint64_t entries_of(struct house *house)
{
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct err err = {0};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    uint64_t seq = b.book->seq;
    book_end(&b);
    return seq;
}

static void who_is_off_gives_everything_back(void **state)
{
    (void)state;
    struct evening evening;
    begin(&evening, NULL);
    place_both(evening.house);
    tell_switch(&evening, 1, 2, true);
    is_stopped(evening.house);
    house_restart(evening.house); // from entries
    is_stopped(evening.house);
    keep_snapshot(evening.house);
    house_restart(evening.house);
    is_stopped(evening.house);
    tell_switch(&evening, 1, 3, false);
    is_dealt_in(evening.house);
    house_close(evening.house);
}

// A version comes once, and none behind a newer one; versions of a store that was restored begin anew.
static void what_is_older_is_no_news(void **state)
{
    (void)state;
    struct evening evening;
    begin(&evening, NULL);
    tell_switch(&evening, 1, 5, true);
    uint64_t entries = entries_of(evening.house);
    tell_switch(&evening, 1, 4, false);
    tell_switch(&evening, 1, 5, true);
    assert_int_equal(entries_of(evening.house), entries + 2); // how far events was followed
    is_stopped(evening.house);
    tell_switch(&evening, 2, 3, false);
    is_dealt_in(evening.house);
    house_close(evening.house);
}

static void who_was_stopped_by_operators_stays_so(void **state)
{
    (void)state;
    struct evening evening;
    begin(&evening, NULL);
    operate(evening.house, "chain.StopRole", "{'role_id': '" MAFIA "'}");
    tell_switch(&evening, 1, 2, true);
    tell_switch(&evening, 1, 3, false);
    is_stopped(evening.house);
    tell_switch(&evening, 1, 4, true);
    operate(evening.house, "chain.StopRole", "{'role_id': '" MAFIA "', 'go_on': true}");
    is_stopped(evening.house);
    tell_switch(&evening, 1, 5, false);
    is_dealt_in(evening.house);
    house_close(evening.house);
}

// Nobody has a card of it yet; the first one that is won is not dealt in either.
static void who_is_off_before_its_first_card_is_so_behind_it(void **state)
{
    (void)state;
    struct evening evening;
    evening_init(&evening, house_at(NULL));
    tell_switch(&evening, 1, 2, false);
    house_refuses(evening.house, EVE, "chain.GetBook", "{'role_id': '" MAFIA "'}",
                  CONSE__REASON__VALUE__NOT_FOUND);
    tell_switch(&evening, 1, 3, true);
    evening_fund_user(&evening, BOB, START);
    operate(evening.house, "chain.MakeCard",
            "{'user_id': '" ANN "', 'role_id': '" MAFIA "', 'event_id': '" NIGHT "'}");
    is_stopped(evening.house);
    house_close(evening.house);
}

// Each process follows events, at its own pace.
static void of_two_that_follow_one_does_it(void **state)
{
    (void)state;
    shared_store_register();
    struct evening one, two;
    begin(&one, URL);
    evening_init(&two, house_at(URL));
    place_both(one.house);
    tell_switch(&one, 1, 2, true);
    uint64_t entries = entries_of(one.house);
    tell_switch(&two, 1, 2, true);
    assert_int_equal(entries_of(two.house), entries);
    is_stopped(two.house);
    house_close(two.house);
    house_close(one.house);
    shared_store_drop(URL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_off_gives_everything_back),
        cmocka_unit_test(what_is_older_is_no_news),
        cmocka_unit_test(who_was_stopped_by_operators_stays_so),
        cmocka_unit_test(who_is_off_before_its_first_card_is_so_behind_it),
        cmocka_unit_test(of_two_that_follow_one_does_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
