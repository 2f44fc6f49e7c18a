// A dev takes the end of a game with a pot back: what becomes of its cards.
#include "lib/replica/testing/other.h"
#include "services/chain/book/orders.h"
#include "services/chain/testing/evening.h"
#include "services/chain/testing/played.h"

#define URL "shared:back"

enum { PEOPLE = 6, START = 5000 };

struct table {
    struct played played;
    struct evening evening;
    struct uuid event;
};

// A game whose seats one person paid for is over.
static int set_up(void **state)
{
    struct table *table = *state = calloc(1, sizeof *table);
    shared_store_register();
    played_init(&table->played, house_at(URL), PEOPLE);
    evening_init(&table->evening, table->played.house);
    played_begin(&table->played, PEOPLE, 1);
    table->event = table->played.event;
    table->evening.id = table->event.text;
    evening_fund_user(&table->evening, ANN, START);
    evening_fund_user(&table->evening, BOB, START);
    evening_hold(&table->evening, 1, ANN, 0);
    evening_pay(&table->evening, ANN, 1);
    evening_lock(&table->evening);
    evening_finish(&table->evening, NULL, 0);
    return 0;
}

static int tear_down(void **state)
{
    struct table *table = *state;
    house_close(table->played.house);
    shared_store_drop(URL);
    free(table);
    return 0;
}

static size_t cards_of_all(struct table *table)
{
    size_t cards = 0;
    for (unsigned i = 0; i < PEOPLE; i++) cards += played_cards(&table->played, i);
    return cards;
}

static const Chain__EventRewards *rewards_of(struct table *table)
{
    char request[64];
    snprintf(request, sizeof request, "{'event_id': '%s'}", table->event.text);
    return house_must(table->played.house, ANN, "chain.GetEventRewards", request);
}

static const Chain__PlaceOrderReply *place_order(struct table *table, const char *user_id, const char *side)
{
    char request[160];
    snprintf(request, sizeof request,
             "{'role_id': '" ROLE_TWO "', 'side': '%s', 'price': '10', 'quantity': 1}", side);
    return house_must(table->played.house, user_id, "chain.PlaceOrder", request);
}

static void cards_go_with_the_end(void **state)
{
    struct table *table = *state;
    assert_false(rewards_of(table)->judged);
    played_tell(&table->played);
    assert_int_equal(cards_of_all(table), PEOPLE - 1);
    const Chain__EventRewards *rewards = rewards_of(table);
    assert_int_equal(rewards->n_cards, PEOPLE - 1);
    assert_true(rewards->judged && rewards->cards[0]->number && rewards->cards[0]->transaction_id);
    assert_string_equal(rewards->cards[0]->role_id, ROLE_TWO);
    assert_string_equal(rewards->cards[0]->user_id, played_person(1).text);
    evening_undo(&table->evening);
    assert_int_equal(cards_of_all(table), 0);
    assert_int_equal(evening_user(&table->evening, ANN), START);
    house_restart(table->played.house);
    assert_int_equal(cards_of_all(table), 0);
    assert_int_equal(rewards_of(table)->n_cards, PEOPLE - 1); // it gave them
    evening_check(&table->evening);
}

static void a_card_that_is_offered_is_taken_back_too(void **state)
{
    struct table *table = *state;
    played_tell(&table->played);
    const struct uuid seller = played_person(1);
    uint64_t order = place_order(table, seller.text, "SELL")->order->id;
    evening_undo(&table->evening);
    assert_int_equal(cards_of_all(table), 0);
    char request[64];
    snprintf(request, sizeof request, "{'id': '%llu'}", (unsigned long long)order);
    house_refuses(table->played.house, seller.text, "chain.CancelOrder", request, IS(ORDER_CLOSED));
}

// Who bought it knew nothing of that.
static void a_card_that_was_sold_stays(void **state)
{
    struct table *table = *state;
    played_tell(&table->played);
    const struct uuid seller = played_person(1);
    place_order(table, seller.text, "SELL");
    place_order(table, BOB, "BUY");
    evening_undo(&table->evening);
    assert_int_equal(cards_of_all(table), 0);
    const Chain__ListCardsReply *reply = house_must(table->played.house, BOB, "chain.ListCards", "{}");
    assert_int_equal(reply->n_cards, 1);
    assert_int_equal(evening_user(&table->evening, seller.text), 10);
    assert_string_equal(rewards_of(table)->cards[0]->user_id, seller.text);
}

// Whoever wrote an entry that takes it from them would be refused.
static void a_card_that_was_bought_is_no_winners(void **state)
{
    struct table *table = *state;
    struct house *house = table->played.house;
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    const struct ledger_owner bob = book_user(BOB);
    struct err err = {0};
    played_tell(&table->played);
    place_order(table, played_person(1).text, "SELL");
    place_order(table, BOB, "BUY");
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    uint32_t asset = book_asset_find(b.book, LEDGER__ASSET__KIND__CARD, ROLE_TWO);
    uint32_t account = ledger_accounts_find(&b.book->accounts, &bob);
    book_take_card_back(&b, account, asset, exchange_holder(&b.book->exchange, account, asset)->first);
    assert_true(b.failed);
    book_end(&b);
}

// The two streams come in no order.
static void an_end_that_was_taken_back_before_gives_nothing(void **state)
{
    struct table *table = *state;
    evening_undo(&table->evening);
    played_tell(&table->played);
    assert_int_equal(cards_of_all(table), 0);
    played_claim(&table->played, 0, 0);
    played_say(&table->played);
    assert_int_equal(cards_of_all(table), 0);
}

static void nothing_is_held_for_its_guests_any_more(void **state)
{
    struct table *table = *state;
    played_tell(&table->played);
    evening_undo(&table->evening);
    played_claim(&table->played, 0, 0);
    played_say(&table->played);
    assert_int_equal(cards_of_all(table), 0);
}

// A process of a program without rewards may live.
static void cards_go_when_everybody_knows_of_it(void **state)
{
    static const char *const leases[] = {NULL};
    struct table *table = *state;
    struct chain *chain = &table->played.house->chain;
    Money__FromEvents told = MONEY__FROM_EVENTS__INIT;
    Money__GameUndone undone = MONEY__GAME_UNDONE__INIT;
    struct err err = {0};
    told.event_id = table->event.text;
    told.body_case = MONEY__FROM_EVENTS__BODY_GAME_UNDONE;
    told.game_undone = &undone;
    const struct bus_place place = {1, ++table->evening.told};
    played_tell(&table->played);
    other_was_there(chain->store, &chain_tables[CHAIN_BEATS], BOOK_REWARDS_SINCE - 1);
    chain->replica = other_join(chain->store, chain_tables, "ipc:///a", leases);
    assert_false(evening_hand_over(&table->evening, &told, place, &err));
    assert_int_equal(err.reason, IS(SERVICE_BUSY));
    replica_close(chain->replica);
    chain->replica = NULL;
    assert_int_equal(cards_of_all(table), PEOPLE - 1);
    assert_true(evening_hand_over(&table->evening, &told, place, &err));
    assert_int_equal(cards_of_all(table), 0);
}

// As the pot's, the cards' end stays when it was divided.
static void what_was_paid_out_stays(void **state)
{
    struct table *table = *state;
    played_tell(&table->played);
    evening_pass(&table->evening, (int64_t)EVENING_PAYOUT_S * 1000);
    evening_undo(&table->evening);
    assert_int_equal(cards_of_all(table), PEOPLE - 1);
}

static void other_games_cards_stay(void **state)
{
    struct table *table = *state;
    played_tell(&table->played);
    played_game(&table->played, PEOPLE, 1);
    assert_int_equal(cards_of_all(table), 2 * (PEOPLE - 1));
    evening_undo(&table->evening);
    assert_int_equal(cards_of_all(table), PEOPLE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(cards_go_with_the_end),
        TEST(a_card_that_is_offered_is_taken_back_too),
        TEST(a_card_that_was_sold_stays),
        TEST(a_card_that_was_bought_is_no_winners),
        TEST(an_end_that_was_taken_back_before_gives_nothing),
        TEST(nothing_is_held_for_its_guests_any_more),
        TEST(cards_go_when_everybody_knows_of_it),
        TEST(what_was_paid_out_stays),
        TEST(other_games_cards_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
