// A whitelist that takes burns comes to be on the cluster, once, whoever makes it there and whatever is lost
// on the way.
#include "services/chain/testing/tickets.h"

#include "lists.pb-c.h"
#include "services/chain/book/orders.h"
#include "services/chain/minting/flow.h"
#include "services/chain/solana/transaction.h"
#include "services/chain/wishes/land.h"

#define MINT "CAZ8xTttjCvHPutv9uCNJmAPxgkzG2WaCRJMFCeoGJpX"

static struct lamports lamports;

static int set_up(void **state)
{
    (void)state;
    lamports_init(&lamports, house_at(NULL));
    house_must(lamports.evening.house, GOD, "chain.MakeWhitelist", "{'name': 'spring'}");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lamports_close(&lamports);
    return 0;
}

static void take_mints(void)
{
    house_must(lamports.evening.house, GOD, "chain.AddWhitelistMints",
               "{'name': 'spring', 'mints': [{'mint': '" MINT "'}]}");
}

static void gather_lists(struct wishes *wishes)
{
    struct book_call b;
    *wishes = (struct wishes){.arena = &lamports.evening.house->arena};
    tickets_begin(&lamports, &b);
    wishes_lists(wishes, b.book);
    assert_false(wishes->failed);
    tickets_end(&lamports, &b);
}

static const char *shown_address(void)
{
    const Chain__ProvenWhitelist *list =
        house_must(lamports.evening.house, "", "chain.GetWhitelist", "{'name': 'spring'}");
    return list->whitelist->address;
}

static void do_step(const struct wish *wish, const struct sight *sight)
{
    struct book_call b;
    tickets_begin(&lamports, &b);
    land_step(&b, wish, sight, &lamports.cluster.now, step_of(wish, sight, b.now_ms));
    tickets_end(&lamports, &b);
}

static bool store_bytes(const struct wish *wish, const struct sight *sight, struct composed *composed)
{
    struct book_call b;
    struct err err = {0};
    assert_true(compose_wish(wish, sight, &lamports.cluster.now, &lamports.cluster.signer, composed, &err));
    tickets_begin(&lamports, &b);
    bool stored = land_composed(&b, wish, composed, &lamports.cluster.now);
    tickets_end(&lamports, &b);
    return stored;
}

static void a_list_that_takes_what_is_approved_stays_here(void **state)
{
    struct wishes wishes;
    (void)state;
    gather_lists(&wishes);
    assert_int_equal(wishes.count, 0);
    assert_string_equal(shown_address(), "");
}

static void a_list_that_takes_burns_is_made_there(void **state)
{
    struct wishes wishes, later;
    struct sight sight = {.height = 100};
    struct composed composed;
    struct solana_transaction transaction;
    struct err err = {0};
    (void)state;
    take_mints();
    gather_lists(&wishes);
    assert_int_equal(wishes.count, 1);
    assert_int_equal(step_of(wishes.all, &sight, 0), STEP_COMPOSE);
    assert_true(store_bytes(wishes.all, &sight, &composed));
    assert_false(store_bytes(wishes.all, &sight, &composed)); // as another process that saw the same
    assert_true(solana_transaction_parse(&transaction, composed.bytes, composed.len, &err));
    assert_true(solana_transaction_verify(&transaction, &err));
    lamports_restart(&lamports);
    gather_lists(&later);
    assert_int_equal(later.all[0].job.len, composed.len);
    assert_memory_equal(later.all[0].job.bytes, composed.bytes, composed.len);
    assert_int_equal(step_of(later.all, &sight, 0), STEP_SEND);
    sight.has_list = true;
    do_step(later.all, &sight);
    do_step(later.all, &sight); // who has slept since
    gather_lists(&later);
    assert_int_equal(later.count, 0);
}

static void where_it_is_is_shown_and_stays(void **state)
{
    struct wishes wishes;
    const struct sight sight = {.height = 100, .has_list = true};
    struct solana_key list;
    char address[SOLANA_KEY_TEXT];
    (void)state;
    take_mints();
    gather_lists(&wishes);
    do_step(wishes.all, &sight); // a stranger made it for us
    assert_true(solana_list_address(&list, &lamports.cluster.now.programs, &lamports.cluster.now.authority,
                                    "spring"));
    solana_key_format(&list, address);
    assert_string_equal(shown_address(), address);
    lamports_restart(&lamports);
    assert_string_equal(shown_address(), address);
}

static void bytes_that_died_are_made_anew(void **state)
{
    struct wishes wishes;
    struct composed first, second;
    const struct sight early = {.height = 100}, late = {.height = 10000};
    (void)state;
    take_mints();
    gather_lists(&wishes);
    assert_true(store_bytes(wishes.all, &early, &first));
    gather_lists(&wishes);
    do_step(wishes.all, &late);
    gather_lists(&wishes);
    lamports_see(&lamports, 10000);
    assert_int_equal(step_of(wishes.all, &late, 0), STEP_COMPOSE);
    assert_true(store_bytes(wishes.all, &late, &second));
    assert_memory_not_equal(first.bytes, second.bytes, first.len);
}

// ---- Role cards

#define MAFIA "01890000-0000-7000-8000-000000000011"
#define NIGHT "01890000-0000-7000-8000-000000000021"

// One is sent, and is there as far as that goes.
static void send_card(bool there)
{
    struct minting_asked asked = {.asset = EXCHANGE_FIRST_ASSET, .mint = {{1}}, .last_valid_height = 100};
    const struct ledger_owner ann = book_user(ANN);
    struct book_call b;
    tickets_begin(&lamports, &b);
    asked.card = book_make_card(&b, ANN, MAFIA, NIGHT);
    asked.account = ledger_accounts_find(&b.book->accounts, &ann);
    assert_true(minting_begin(&b, &asked));
    if (there) minting_move(&b, mints_next(&b.book->exchange.mints, NULL), MINT_THERE);
    tickets_end(&lamports, &b);
}

static void the_list_of_cards_is_made_once_one_is_there(void **state)
{
    struct wishes wishes, later;
    struct composed composed;
    struct book_call b;
    struct sight sight = {.height = 100};
    struct solana_key address;
    (void)state;
    gather_lists(&wishes);
    assert_int_equal(wishes.count, 0);
    send_card(true);
    gather_lists(&wishes);
    assert_int_equal(wishes.count, 1);
    assert_int_equal(wishes.all[0].list, 0);
    assert_string_equal(wishes.all[0].list_name, LISTS_CARDS_NAME);
    assert_false(lists_is_name(LISTS_CARDS_NAME)); // nobody's list has it
    assert_true(store_bytes(wishes.all, &sight, &composed));
    gather_lists(&later);
    sight.has_list = true;
    do_step(later.all, &sight);
    do_step(later.all, &sight);
    lamports_restart(&lamports);
    gather_lists(&later);
    assert_int_equal(later.count, 0);
    assert_true(solana_list_address(&address, &lamports.cluster.now.programs, &lamports.cluster.now.authority,
                                    LISTS_CARDS_NAME));
    tickets_begin(&lamports, &b);
    assert_true(b.book->lists.cards_opened);
    assert_memory_equal(b.book->lists.cards_address, address.bytes, sizeof address.bytes);
    tickets_end(&lamports, &b);
}

static void without_a_card_there_is_no_list_of_them(void **state)
{
    struct wishes wishes;
    (void)state;
    send_card(false);
    gather_lists(&wishes);
    assert_int_equal(wishes.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_list_that_takes_what_is_approved_stays_here),
        TEST(a_list_that_takes_burns_is_made_there),
        TEST(where_it_is_is_shown_and_stays),
        TEST(bytes_that_died_are_made_anew),
        TEST(the_list_of_cards_is_made_once_one_is_there),
        TEST(without_a_card_there_is_no_list_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
