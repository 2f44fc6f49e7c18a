// Who may take which card to the cluster, what they are told, and what becomes of the card, whatever is lost.
#include "services/chain/testing/lamports.h"

#include "lib/replica/testing/other.h"
#include "market.pb-c.h"
#include "services/chain/book/erase.h"
#include "services/chain/cluster/forgotten_cards.h"
#include "services/chain/cluster/homecoming.h"
#include "services/chain/minting/flow.h"

#define IS(name) CONSE__REASON__VALUE__##name
#define MAFIA "01890000-0000-7000-8000-000000000011"
#define NIGHT "01890000-0000-7000-8000-000000000021"
#define SHARED "shared:minting"

static struct lamports lamports;
static struct house *house;
static char mint_request[160], other_request[160], look_request[64];

static void link_wallet(const char *user_id, const char *name, const struct solana_signer *signer)
{
    char text[SOLANA_KEY_TEXT] = "";
    const struct solana_key key = solana_signer_key(signer);
    solana_key_format(&key, text);
    house_teach(house,
                (struct name_news){.user_id = user_id, .name = name, .level = LEVEL_PLAYER, .wallet = text});
}

// Its number in the ledger.
static unsigned long long make_card(void)
{
    house->operates = true;
    const Chain__MakeCardReply *made =
        house_must(house, DEV, "chain.MakeCard",
                   "{'user_id': '" ANN "', 'role_id': '" MAFIA "', 'event_id': '" NIGHT "'}");
    house->operates = false;
    return made->card->transaction_id;
}

static void ask_with(const struct solana_signer *signer, unsigned long long card, char request[160])
{
    char text[SOLANA_KEY_TEXT];
    const struct solana_key key = solana_signer_key(signer);
    solana_key_format(&key, text);
    snprintf(request, 160, "{'id': '%llu', 'address': '%s'}", card, text);
}

// On the store that is named, or a file.
static int set_up(void **state)
{
    house = lamports_house(&lamports, *state);
    unsigned long long one = make_card(), other = make_card();
    snprintf(look_request, sizeof look_request, "{'id': '%llu'}", one);
    ask_with(&lamports.wallet, one, mint_request);
    ask_with(&lamports.wallet, other, other_request);
    link_wallet(ANN, "ann", &lamports.wallet);
    return 0;
}

static int tear_down(void **state) { return lamports_leave(&lamports, *state); }

static size_t cards_of(const char *user_id)
{
    const Chain__ListCardsReply *own = house_must(house, user_id, "chain.ListCards", "{}");
    return own->n_cards;
}

static Chain__CardMint__State state_of_card(void)
{
    const Chain__CardMint *mint = house_must(house, EVE, "chain.GetCardMint", look_request);
    return mint->state;
}

// What a node says of the address of every mint that may land, at this height.
static void judge(const struct solana_key *owner, uint64_t height)
{
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct solana_account account = {.found = owner};
    struct err err = {0};
    if (owner) account.owner = *owner;
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    const struct card_mint *mint = mints_next_sent(&b.book->exchange.mints, NULL);
    assert_non_null(mint);
    const struct card_mint copy = *mint;
    mintings_judge(&b, &copy, &account, height);
    assert_true(book_commit(&b, NULL, &err));
    uint64_t ticket = b.book->live.ticket;
    book_end(&b);
    assert_true(!ticket || store_wait(house->chain.store, ticket, &err));
}

static void the_wallet_gets_what_it_alone_sends(void **state)
{
    (void)state;
    struct solana_transaction tx;
    struct card_bytes bytes;
    struct err err = {0};
    const Chain__MintCardReply *reply = house_must(house, ANN, "chain.MintCard", mint_request);
    assert_int_equal(reply->mint->state, CHAIN__CARD_MINT__STATE__SENT);
    assert_int_equal(reply->mint->mints, 1);
    assert_int_equal(reply->last_valid_height, 250);
    bytes.len = reply->transaction.len;
    memcpy(bytes.bytes, reply->transaction.data, bytes.len);
    assert_true(solana_transaction_sign(bytes.bytes, bytes.len, &lamports.wallet, &err));
    assert_true(solana_transaction_parse(&tx, bytes.bytes, bytes.len, &err));
    assert_true(solana_transaction_verify(&tx, &err)); // both have signed
    assert_int_equal(cards_of(ANN), 1);
    assert_int_equal(state_of_card(), CHAIN__CARD_MINT__STATE__SENT);
}

static void nobody_else_s_card_goes(void **state)
{
    (void)state;
    char request[160];
    house_refuses(house, EVE, "chain.MintCard", mint_request, IS(WALLET_UNLINKED));
    house_refuses(house, ANN, "chain.MintCard", look_request, IS(SERVICE_AWAY)); // auth is silent
    link_wallet(BOB, "bob", &lamports.wallet);
    house_refuses(house, BOB, "chain.MintCard", mint_request, IS(NOT_FOUND));
    house_refuses(house, ANN, "chain.MintCard", "{'id': '99999'}", IS(NOT_FOUND));
    house_refuses(house, ANN, "chain.MintCard", "{'id': '1x'}", IS(NOT_FOUND));
    ask_with(&lamports.other, make_card(), request);
    house_refuses(house, ANN, "chain.MintCard", request, IS(WALLET_UNLINKED));
    house_refuses(house, ANN, "chain.GetCardMint", look_request, IS(NOT_FOUND));
    link_wallet(ANN, "ann", &lamports.cluster.signer);
    ask_with(&lamports.cluster.signer, make_card(), request);
    house_refuses(house, ANN, "chain.MintCard", request, IS(ACCOUNT_FORBIDDEN));
    assert_int_equal(cards_of(ANN), 4);
}

static void one_is_on_its_way_and_sold_no_more(void **state)
{
    (void)state;
    house->key = "one";
    const Chain__MintCardReply *reply = house_must(house, ANN, "chain.MintCard", mint_request);
    char address[64];
    snprintf(address, sizeof address, "%s", reply->mint->address);
    reply = house_must(house, ANN, "chain.MintCard", mint_request); // a retry
    assert_string_equal(reply->mint->address, address);
    house->key = NULL;
    house_refuses(house, ANN, "chain.MintCard", mint_request, IS(MINT_IN_FLIGHT));
    house_refuses(house, ANN, "chain.MintCard", other_request, IS(MINT_IN_FLIGHT));
    house_refuses(house, ANN, "chain.PlaceOrder",
                  "{'role_id': '" MAFIA "', 'side': 'SELL', 'price': '9', 'quantity': 2}", IS(CARDS_SHORT));
    house_must(house, ANN, "chain.PlaceOrder",
               "{'role_id': '" MAFIA "', 'side': 'SELL', 'price': '9', 'quantity': 1}");
    judge(&SOLANA_TOKEN_2022_PROGRAM, 100);
    house_refuses(house, ANN, "chain.MintCard", mint_request, IS(CARD_AWAY));
    house_refuses(house, ANN, "chain.MintCard", other_request, IS(CARD_AWAY)); // in an order
}

static void what_is_there_stays_away(void **state)
{
    (void)state;
    house_must(house, ANN, "chain.MintCard", mint_request);
    judge(NULL, 250);
    assert_int_equal(state_of_card(),
                     CHAIN__CARD_MINT__STATE__SENT); // it may land in a block that is no older
    judge(&SOLANA_SYSTEM_PROGRAM, 250);              // lamports of strangers
    assert_int_equal(state_of_card(), CHAIN__CARD_MINT__STATE__SENT);
    judge(&SOLANA_TOKEN_2022_PROGRAM, 1000);
    assert_int_equal(state_of_card(), CHAIN__CARD_MINT__STATE__THERE);
    lamports_restart(&lamports);
    assert_int_equal(state_of_card(), CHAIN__CARD_MINT__STATE__THERE);
    assert_int_equal(cards_of(ANN), 1);
}

// With lamports of strangers at its address too.
static void what_is_dead_comes_home_and_goes_again(void **state)
{
    (void)state;
    const Chain__MintCardReply *reply = house_must(house, ANN, "chain.MintCard", mint_request);
    char address[64];
    snprintf(address, sizeof address, "%s", reply->mint->address);
    judge(&SOLANA_SYSTEM_PROGRAM, 251);
    assert_int_equal(state_of_card(), CHAIN__CARD_MINT__STATE__DEAD);
    assert_int_equal(cards_of(ANN), 2);
    lamports_see(&lamports, 300);
    reply = house_must(house, ANN, "chain.MintCard", mint_request);
    assert_string_equal(reply->mint->address, address); // where one alone can be
    assert_int_equal(reply->mint->mints, 1);
}

static void without_a_cluster_nothing_goes(void **state)
{
    (void)state;
    atomic_store(&lamports.cluster.read_back, false);
    house_refuses(house, ANN, "chain.MintCard", mint_request, IS(CLUSTER_AWAY));
    atomic_store(&lamports.cluster.read_back, true);
    atomic_store(&lamports.cluster.cards_read, false);
    house_refuses(house, ANN, "chain.MintCard", mint_request, IS(CLUSTER_AWAY));
    atomic_store(&lamports.cluster.cards_read, true);
    lamports.cluster.now.healthy = false;
    house_refuses(house, ANN, "chain.MintCard", mint_request, IS(CLUSTER_AWAY));
    house->chain.cluster = NULL;
    house_refuses(house, ANN, "chain.MintCard", mint_request, IS(CLUSTER_AWAY));
    house->chain.cluster = &lamports.cluster;
    assert_int_equal(cards_of(ANN), 2);
}

static void beside_an_older_process_none_goes(void **state)
{
    (void)state;
    static const char *const leases[] = {NULL};
    struct chain *chain = &house->chain;
    other_was_there(chain->store, &chain_tables[CHAIN_BEATS], MINTS_SINCE - 1);
    chain->replica = other_join(chain->store, chain_tables, "ipc:///a", leases);
    house_refuses(house, ANN, "chain.MintCard", mint_request, IS(SERVICE_AWAY));
    replica_close(chain->replica);
    chain->replica = NULL;
    house_must(house, ANN, "chain.MintCard", mint_request);
}

// Two processes are asked at once, and one of them has not heard of the other's entry.
static void who_comes_late_gives_no_bytes(void **state)
{
    (void)state;
    struct house *first = house, *late = house_at(SHARED);
    late->chain.cluster = &lamports.cluster;
    late->chain.settings = first->chain.settings;
    house = late;
    link_wallet(ANN, "ann", &lamports.wallet);
    assert_int_equal(cards_of(ANN), 2);
    house_must(first, ANN, "chain.MintCard", mint_request);
    assert_null(house_ask(late, ANN, "chain.MintCard", mint_request));
    assert_true(err_is(&late->err, CONFLICT));
    house_refuses(late, ANN, "chain.MintCard", mint_request, IS(MINT_IN_FLIGHT)); // as it is tried again
    assert_int_equal(cards_of(ANN), 1);
    late->chain.cluster = NULL;
    house_close(late);
    house = first;
    assert_int_equal(cards_of(ANN), 1);
}

static uint32_t minting(void)
{
    house->deletes = true;
    const Chain__Belongings *left = house_must(house, "", "chain.GetBelongings", "{'user_id': '" ANN "'}");
    house->deletes = false;
    return left->minting;
}

// Its account would not be there any more when it comes home.
static void who_leaves_takes_none_along(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(minting(), 0);
    house_must(house, ANN, "chain.MintCard", mint_request);
    assert_int_equal(minting(), 1);
    judge(NULL, 251);
    assert_int_equal(minting(), 0);
    lamports_see(&lamports, 300);
    assert_true(erase_user(&house->chain, ANN, &err));
    house_refuses(house, ANN, "chain.MintCard", mint_request, IS(NOT_FOUND));
}

// ---- Home

static const uint8_t list_address[LIST_KEY_BYTES] = {8};

// As the sender would, when a card is there.
static void open_list(void)
{
    Ledger__ListOpened opened = LEDGER__LIST_OPENED__INIT;
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct err err = {0};
    opened.address = (ProtobufCBinaryData){sizeof list_address, (uint8_t *)list_address};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    assert_non_null(book_add(&b, LEDGER__ENTRY__BODY_LIST_OPENED, &opened.base, NULL, 0));
    assert_true(book_commit(&b, NULL, &err));
    uint64_t ticket = b.book->live.ticket;
    book_end(&b);
    assert_true(store_wait(house->chain.store, ticket, &err));
}

// A record that the wallet burned this mint for a list.
static void burn(const struct solana_signer *by, const uint8_t list[LIST_KEY_BYTES], uint8_t change)
{
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct solana_burned burned = {.owner = solana_signer_key(by), .amount = 1};
    struct err err = {0};
    memcpy(burned.list.bytes, list, sizeof burned.list.bytes);
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    const struct card_mint *mint = mints_next(&b.book->exchange.mints, NULL);
    memcpy(burned.mint.bytes, mint->address, sizeof burned.mint.bytes);
    burned.mint.bytes[0] = (uint8_t)(burned.mint.bytes[0] + change);
    homecoming_enter(&b, &burned);
    assert_true(book_commit(&b, NULL, &err));
    uint64_t ticket = b.book->live.ticket;
    book_end(&b);
    assert_true(!ticket || store_wait(house->chain.store, ticket, &err));
}

static void give(void)
{
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct err err = {0};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    homecoming_give(&b);
    assert_true(book_commit(&b, NULL, &err));
    uint64_t ticket = b.book->live.ticket;
    book_end(&b);
    assert_true(!ticket || store_wait(house->chain.store, ticket, &err));
}

static void bring_there(void)
{
    house_must(house, ANN, "chain.MintCard", mint_request);
    judge(&SOLANA_TOKEN_2022_PROGRAM, 100);
    open_list();
}

static void another_list_or_mint_says_nothing(void **state)
{
    (void)state;
    const uint8_t other_list[LIST_KEY_BYTES] = {9};
    bring_there();
    burn(&lamports.wallet, other_list, 0);
    burn(&lamports.wallet, list_address, 1);
    assert_int_equal(state_of_card(), CHAIN__CARD_MINT__STATE__THERE);
    burn(&lamports.other, list_address, 0);
    assert_int_equal(state_of_card(), CHAIN__CARD_MINT__STATE__BURNED);
    burn(&lamports.wallet, list_address, 0); // no second time
    lamports_restart(&lamports);
    assert_int_equal(state_of_card(), CHAIN__CARD_MINT__STATE__BURNED);
}

// Nobody has the wallet yet.
static void who_burned_waits_for_a_user(void **state)
{
    (void)state;
    bring_there();
    burn(&lamports.other, list_address, 0);
    give();
    assert_int_equal(state_of_card(), CHAIN__CARD_MINT__STATE__BURNED);
    link_wallet(BOB, "bob", &lamports.other);
    give();
    assert_int_equal(state_of_card(), CHAIN__CARD_MINT__STATE__BACK);
    assert_int_equal(cards_of(BOB), 1);
    assert_int_equal(cards_of(ANN), 1);
    give();
    assert_int_equal(cards_of(BOB), 1);
}

// ---- What was forgotten

static void find(uint32_t card)
{
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    const struct solana_key *authority = &lamports.cluster.now.authority;
    struct solana_key mint;
    struct err err = {0};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    const struct card_id id = minting_card_id(b.book, authority, BOOK_FIRST_CARD, card);
    card_address(&mint, &id);
    forgotten_card_take(&b, BOOK_FIRST_CARD, card, &mint);
    assert_true(book_commit(&b, NULL, &err));
    uint64_t ticket = b.book->live.ticket;
    book_end(&b);
    assert_true(!ticket || store_wait(house->chain.store, ticket, &err));
}

static void who_has_what_is_there_loses_it(void **state)
{
    (void)state;
    find(1);
    assert_int_equal(state_of_card(), CHAIN__CARD_MINT__STATE__THERE);
    assert_int_equal(cards_of(ANN), 1);
    find(1); // it is known now
    lamports_restart(&lamports);
    assert_int_equal(state_of_card(), CHAIN__CARD_MINT__STATE__THERE);
    assert_int_equal(cards_of(ANN), 1);
}

static void an_order_does_not_sell_what_is_there(void **state)
{
    (void)state;
    house_must(house, ANN, "chain.PlaceOrder",
               "{'role_id': '" MAFIA "', 'side': 'SELL', 'price': '9', 'quantity': 2}");
    find(1);
    assert_int_equal(state_of_card(), CHAIN__CARD_MINT__STATE__THERE);
    const Chain__BookSnapshot *book = house_must(house, EVE, "chain.GetBook", "{'role_id': '" MAFIA "'}");
    assert_int_equal(book->n_asks, 0);
    assert_int_equal(cards_of(ANN), 1);
    open_list();
    burn(&lamports.wallet, list_address, 0);
    give();
    assert_int_equal(state_of_card(), CHAIN__CARD_MINT__STATE__BACK);
    assert_int_equal(cards_of(ANN), 2);
    find(1); // it may have gone twice
    const Chain__CardMint *mint = house_must(house, EVE, "chain.GetCardMint", look_request);
    assert_int_equal(mint->state, CHAIN__CARD_MINT__STATE__THERE);
    assert_int_equal(mint->mints, 2);
}

static void in_a_restored_ledger_nothing_is_dealt_before_the_look(void **state)
{
    (void)state;
    static const char order[] = "{'role_id': '" MAFIA "', 'side': 'SELL', 'price': '9', 'quantity': 1}";
    struct cluster *cluster = house->chain.cluster;
    struct err err = {0};
    cluster->chain = &house->chain;
    assert_true(forgotten_cards_open(cluster, &err));
    atomic_store(&cluster->cards_read, false);
    house_refuses(house, ANN, "chain.PlaceOrder", order, IS(CLUSTER_AWAY));
    house_refuses(house, ANN, "chain.MintCard", mint_request, IS(CLUSTER_AWAY));
    atomic_store(&cluster->cards_known, true); // as of a process that started behind the look
    house_refuses(house, ANN, "chain.MintCard", mint_request, IS(CLUSTER_AWAY));
    house_must(house, ANN, "chain.PlaceOrder", order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_wallet_gets_what_it_alone_sends),
        TEST(nobody_else_s_card_goes),
        TEST(one_is_on_its_way_and_sold_no_more),
        TEST(what_is_there_stays_away),
        TEST(what_is_dead_comes_home_and_goes_again),
        TEST(without_a_cluster_nothing_goes),
        TEST(who_leaves_takes_none_along),
        TEST(another_list_or_mint_says_nothing),
        TEST(who_burned_waits_for_a_user),
        TEST(who_has_what_is_there_loses_it),
        TEST(an_order_does_not_sell_what_is_there),
        TEST(in_a_restored_ledger_nothing_is_dealt_before_the_look),
        cmocka_unit_test_prestate_setup_teardown(beside_an_older_process_none_goes, set_up, tear_down,
                                                 SHARED),
        cmocka_unit_test_prestate_setup_teardown(who_comes_late_gives_no_bytes, set_up, tear_down, SHARED),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
