// Cards on their way to the cluster, in the ledger: the account or the fund has each, never both, and what is
// said of another mint than the newest is refused.
#include "services/chain/testing/house.h"

#include "services/chain/book/orders.h"
#include "services/chain/book/snapshot.h"
#include "services/chain/minting/flow.h"

#define MAFIA "01890000-0000-7000-8000-000000000011"
#define NIGHT "01890000-0000-7000-8000-000000000021"

enum { CARDS = 3, ASSET = EXCHANGE_FIRST_ASSET, CARD = 2, HEIGHT = 1000 };

static struct house *house;
static struct book_call b;

static void begin_call(void)
{
    struct err err = {0};
    b = (struct book_call){.chain = &house->chain, .arena = &house->arena};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
}

static void end_call(void)
{
    struct err err = {0};
    assert_true(book_commit(&b, NULL, &err));
    uint64_t ticket = b.book->live.ticket;
    book_end(&b);
    assert_true(!ticket || store_wait(house->chain.store, ticket, &err));
}

static int set_up(void **state)
{
    (void)state;
    house = house_at(NULL);
    house->operates = true;
    for (int i = 0; i < CARDS; i++)
        house_must(house, DEV, "chain.MakeCard",
                   "{'user_id': '" ANN "', 'role_id': '" MAFIA "', 'event_id': '" NIGHT "'}");
    house->operates = false;
    begin_call();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    book_end(&b);
    house_close(house);
    return 0;
}

static uint32_t account_of(const char *user_id)
{
    const struct ledger_owner owner = book_user(user_id);
    return ledger_accounts_find(&b.book->accounts, &owner);
}

// Each card is in one place, and it is this many that the fund has.
static void count_away(uint64_t away)
{
    struct exchange_sum sum;
    const struct ledger_owner owner = mints_fund();
    uint32_t fund = ledger_accounts_find(&b.book->accounts, &owner);
    assert_true(exchange_count(&b.book->exchange, &b.book->accounts, &sum));
    assert_int_equal(sum.away, away);
    assert_int_equal(sum.held + sum.resting + sum.away, CARDS);
    assert_int_equal(fund == LEDGER_NO_ACCOUNT ? 0 : ledger_balance(&b.book->accounts, fund, ASSET), away);
}

static bool ann_has(uint32_t card)
{
    const struct card_queue *own = exchange_holder(&b.book->exchange, account_of(ANN), ASSET);
    return own && cards_has(&exchange_role(&b.book->exchange, ASSET)->cards, own, card);
}

static const struct card_mint *mint_of(uint32_t card)
{
    return mints_find(&b.book->exchange.mints, ASSET, card);
}

static bool begin_mint(uint32_t card, uint64_t height)
{
    const struct minting_asked asked = {.account = account_of(ANN),
                                        .asset = ASSET,
                                        .card = card,
                                        .mint = {{(uint8_t)card}},
                                        .wallet = {{7}},
                                        .last_valid_height = height};
    return minting_begin(&b, &asked);
}

// What fails in a call can't be committed, so the ledger is loaded again.
static void forget_call(void)
{
    book_end(&b);
    house_restart(house);
    begin_call();
}

static void refuses_move(struct card_mint mint, enum mint_state state)
{
    minting_move(&b, &mint, state);
    assert_true(b.failed);
    forget_call();
}

static void who_mints_has_it_no_more(void **state)
{
    (void)state;
    assert_true(begin_mint(CARD, HEIGHT));
    assert_false(ann_has(CARD));
    count_away(1);
    assert_int_equal(mint_of(CARD)->number, 1);
    assert_ptr_equal(mints_sent(&b.book->exchange.mints, account_of(ANN)), mint_of(CARD));
    end_call();
    house_restart(house); // from entries
    begin_call();
    assert_false(ann_has(CARD));
    count_away(1);
}

static void one_at_a_time_goes(void **state)
{
    (void)state;
    assert_true(begin_mint(CARD, HEIGHT));
    end_call();
    begin_call();
    assert_false(begin_mint(1, HEIGHT + 1));
    forget_call();
    minting_move(&b, mint_of(CARD), MINT_THERE);
    assert_true(begin_mint(1, HEIGHT + 1));
    count_away(2);
}

// The next try has the same number, so the same address, where only one mint can be.
static void what_died_comes_home(void **state)
{
    (void)state;
    assert_true(begin_mint(CARD, HEIGHT));
    minting_move(&b, mint_of(CARD), MINT_DEAD);
    assert_true(ann_has(CARD));
    count_away(0);
    assert_null(mints_sent(&b.book->exchange.mints, account_of(ANN)));
    assert_null(mints_at(&b.book->exchange.mints, mint_of(CARD)->address));
    assert_true(begin_mint(CARD, HEIGHT + 1));
    assert_int_equal(mint_of(CARD)->number, 1);
    end_call();
    begin_call();
    minting_move(&b, mint_of(CARD), MINT_DEAD);
    end_call();
    begin_call();
    assert_false(begin_mint(CARD, HEIGHT + 1)); // whose bytes would be those of before
    forget_call();
}

// A process that judged the first one, and was slow to say so.
static void an_older_death_kills_no_newer_mint(void **state)
{
    (void)state;
    assert_true(begin_mint(CARD, HEIGHT));
    const struct card_mint first = *mint_of(CARD);
    minting_move(&b, mint_of(CARD), MINT_DEAD);
    assert_true(begin_mint(CARD, HEIGHT + 1));
    end_call();
    begin_call();
    refuses_move(first, MINT_DEAD);
    refuses_move(first, MINT_THERE);
    assert_false(ann_has(CARD));
    count_away(1);
}

static void what_is_there_neither_dies_nor_comes_twice(void **state)
{
    (void)state;
    assert_true(begin_mint(CARD, HEIGHT));
    minting_move(&b, mint_of(CARD), MINT_THERE);
    end_call();
    begin_call();
    refuses_move(*mint_of(CARD), MINT_DEAD);
    refuses_move(*mint_of(CARD), MINT_THERE);
    refuses_move(*mint_of(CARD), MINT_BACK);
    assert_false(begin_mint(CARD, HEIGHT + 1));
    forget_call();
    count_away(1);
}

static void who_burned_gets_it(void **state)
{
    (void)state;
    const struct solana_key burner = {{9}};
    const struct ledger_owner bob = book_user(BOB);
    assert_true(begin_mint(CARD, HEIGHT));
    minting_move(&b, mint_of(CARD), MINT_THERE);
    minting_burn(&b, mint_of(CARD), &burner);
    assert_int_equal(b.book->exchange.mints.burned, 1);
    count_away(1);
    minting_give_back(&b, mint_of(CARD), book_account(&b, &bob));
    end_call();
    begin_call();
    count_away(0);
    assert_false(ann_has(CARD));
    const struct card_queue *own = exchange_holder(&b.book->exchange, account_of(BOB), ASSET);
    assert_true(own && own->first == CARD);
    assert_int_equal(b.book->exchange.mints.burned, 0);
    assert_int_equal(b.book->exchange.mints.back, 1);
    assert_int_equal(mints_next_number(&b.book->exchange.mints, ASSET, CARD), 2);
    assert_int_equal(cards_winner(&exchange_role(&b.book->exchange, ASSET)->cards, CARD), account_of(ANN));
}

static void an_order_s_card_goes_nowhere(void **state)
{
    (void)state;
    book_end(&b);
    house_must(house, ANN, "chain.PlaceOrder",
               "{'role_id': '" MAFIA "', 'side': 'SELL', 'price': '90', 'quantity': 2}");
    begin_call();
    assert_false(begin_mint(1, HEIGHT));
    forget_call();
    assert_true(begin_mint(CARDS, HEIGHT));
    count_away(1);
}

static void a_snapshot_has_all_of_it(void **state)
{
    (void)state;
    struct book_snapshot snapshot;
    struct err err = {0};
    for (uint32_t card = 1; card <= CARDS; card++) {
        assert_true(begin_mint(card, HEIGHT + card));
        if (card < CARDS) minting_move(&b, mint_of(card), card == CARD ? MINT_DEAD : MINT_THERE);
    }
    end_call();
    begin_call();
    assert_true(book_snapshot_take(b.book, &snapshot));
    book_end(&b);
    assert_true(book_snapshot_store(&house->chain, &snapshot, &err));
    book_snapshot_drop(&snapshot);
    house_restart(house);
    begin_call();
    count_away(2);
    assert_true(ann_has(CARD));
    assert_int_equal(b.book->exchange.mints.there, 1);
    assert_int_equal(mint_of(1)->state, MINT_THERE);
    assert_int_equal(mint_of(CARD)->state, MINT_DEAD);
    assert_ptr_equal(mints_at(&b.book->exchange.mints, mint_of(CARDS)->address), mint_of(CARDS));
    assert_ptr_equal(mints_sent(&b.book->exchange.mints, account_of(ANN)), mint_of(CARDS));
    minting_move(&b, mint_of(CARDS), MINT_DEAD);
    count_away(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_mints_has_it_no_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_at_a_time_goes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_died_comes_home, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_older_death_kills_no_newer_mint, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_there_neither_dies_nor_comes_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_burned_gets_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_order_s_card_goes_nowhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_snapshot_has_all_of_it, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
