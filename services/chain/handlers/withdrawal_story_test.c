// Who may send credit to which wallet, and how much of it.
#include "services/chain/testing/lamports.h"

#include "lib/base/base58.h"
#include "lib/replica/testing/other.h"
#include "services/chain/book/erase.h"
#include "services/chain/withdrawals/flow.h"

#define IS(name) CONSE__REASON__VALUE__##name
#define OTHER_WALLET "4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi"

static struct lamports lamports;
static struct house *house;
static char wallet[64];

static void link_wallet(const char *address)
{
    house_teach(house,
                (struct name_news){.user_id = ANN, .name = "ann", .level = LEVEL_PLAYER, .wallet = address});
}

#define SHARED "shared:withdrawals"

// On the store that is named, or a file.
static int set_up(void **state)
{
    house = lamports_house(&lamports, *state);
    const struct solana_key key = solana_signer_key(&lamports.wallet);
    solana_key_format(&key, wallet);
    house_must(house, DEV, "chain.Grant",
               "{'to_user_id': '" ANN "', 'amount': '9000000', 'memo': 'x', 'currency': 'LAMPORTS'}");
    link_wallet(wallet);
    return 0;
}

static int tear_down(void **state) { return lamports_leave(&lamports, *state); }

static const char *request(int64_t amount, const char *address)
{
    static char text[160];
    snprintf(text, sizeof text, "{'amount': '%lld', 'address': '%s'}", (long long)amount, address);
    return text;
}

static const Chain__ListWithdrawalsReply *list(const char *user_id)
{
    return house_must(house, user_id, "chain.ListWithdrawals", "{}");
}

// As the sender would.
static void fail_withdrawal(void)
{
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct err err = {0};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    withdrawal_move(&b, withdrawals_next(&b.book->withdrawals, NULL), WITHDRAWAL_FAILED, NULL);
    assert_true(book_commit(&b, NULL, &err));
    uint64_t ticket = b.book->live.ticket;
    book_end(&b);
    assert_true(store_wait(house->chain.store, ticket, &err));
}

static void one_at_a_time_and_once_by_key(void **state)
{
    (void)state;
    house->key = "one";
    const Chain__WithdrawalReply *reply = house_must(house, ANN, "chain.Withdraw", request(3000000, wallet));
    char id[UUID_LEN + 1];
    snprintf(id, sizeof id, "%s", reply->withdrawal->id);
    assert_int_equal(reply->balance, 6000000);
    assert_int_equal(reply->withdrawal->state, CHAIN__WITHDRAWAL__STATE__REQUESTED);
    assert_string_equal(reply->withdrawal->address, wallet);
    reply = house_must(house, ANN, "chain.Withdraw", request(3000000, wallet));
    assert_string_equal(reply->withdrawal->id, id);
    house->key = NULL;
    house_refuses(house, ANN, "chain.Withdraw", request(3000000, wallet), IS(WITHDRAWAL_OPEN));
    assert_int_equal(list(ANN)->n_withdrawals, 1);
    assert_int_equal(list(BOB)->n_withdrawals, 0);
    fail_withdrawal();
    const Chain__Withdrawal *failed = list(ANN)->withdrawals[0];
    assert_int_equal(failed->state, CHAIN__WITHDRAWAL__STATE__FAILED);
    assert_non_null(failed->ended_at);
    house_must(house, ANN, "chain.Withdraw", request(9000000, wallet)); // all of it is there again
    assert_int_equal(list(ANN)->n_withdrawals, 2);
    assert_int_equal(list(ANN)->withdrawals[0]->state, CHAIN__WITHDRAWAL__STATE__REQUESTED);
}

static int64_t withdrawing(void)
{
    house->deletes = true;
    const Chain__Belongings *left = house_must(house, "", "chain.GetBelongings", "{'user_id': '" ANN "'}");
    house->deletes = false;
    return left->withdrawing;
}

// Its account would not be there any more when it comes back.
static void what_is_on_its_way_keeps_an_account(void **state)
{
    (void)state;
    assert_int_equal(withdrawing(), 0);
    house_must(house, ANN, "chain.Withdraw", request(9000000, wallet));
    assert_int_equal(withdrawing(), 9000000);
    lamports_restart(&lamports);
    assert_int_equal(withdrawing(), 9000000);
    fail_withdrawal();
    assert_int_equal(withdrawing(), 0);
}

static void what_is_not_there_does_not_leave(void **state)
{
    char own[SOLANA_KEY_TEXT];
    (void)state;
    house_refuses(house, ANN, "chain.Withdraw", request(9000001, wallet), IS(FUNDS_SHORT));
    house_refuses(house, ANN, "chain.Withdraw", request(WITHDRAWAL_LEAST - 1, wallet), IS(INVALID_FIELD));
    house_refuses(house, BOB, "chain.Withdraw", request(3000000, wallet), IS(WALLET_UNLINKED));
    house_refuses(house, ANN, "chain.Withdraw", request(3000000, OTHER_WALLET), IS(WALLET_UNLINKED));
    house_refuses(house, ANN, "chain.Withdraw", request(3000000, ""), IS(SERVICE_AWAY)); // auth is silent
    link_wallet("");
    house_refuses(house, ANN, "chain.Withdraw", request(3000000, wallet), IS(WALLET_UNLINKED));
    solana_key_format(&lamports.cluster.now.authority, own);
    link_wallet(own);
    house_refuses(house, ANN, "chain.Withdraw", request(3000000, own), IS(ACCOUNT_FORBIDDEN));
}

static void nothing_leaves_until_everybody_knows_how(void **state)
{
    static const char *const leases[] = {NULL};
    struct chain *chain = &house->chain;
    (void)state;
    other_was_there(chain->store, &chain_tables[CHAIN_BEATS], WITHDRAWALS_SINCE - 1);
    chain->replica = other_join(chain->store, chain_tables, "ipc:///a", leases);
    house_refuses(house, ANN, "chain.Withdraw", request(3000000, wallet), IS(SERVICE_AWAY));
    replica_close(chain->replica);
    chain->replica = NULL;
    chain->cluster = NULL;
    house_refuses(house, ANN, "chain.Withdraw", request(3000000, wallet), IS(CLUSTER_AWAY));
    chain->cluster = &lamports.cluster;
    house_must(house, ANN, "chain.Withdraw", request(3000000, wallet));
}

static void nothing_leaves_until_all_is_read_back(void **state)
{
    (void)state;
    atomic_store(&lamports.cluster.read_back, false);
    house_refuses(house, ANN, "chain.Withdraw", request(3000000, wallet), IS(CLUSTER_AWAY));
    atomic_store(&lamports.cluster.read_back, true);
    house_must(house, ANN, "chain.Withdraw", request(3000000, wallet));
}

static void who_leaves_takes_nothing_more(void **state)
{
    struct err err = {0};
    (void)state;
    house_must(house, ANN, "chain.Withdraw", request(3000000, wallet));
    assert_true(erase_user(&house->chain, ANN, &err));
    house_refuses(house, ANN, "chain.Withdraw", request(3000000, wallet), IS(NOT_FOUND));
    assert_int_equal(list(ANN)->n_withdrawals, 0);
    fail_withdrawal(); // which is nobody's then
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_at_a_time_and_once_by_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_on_its_way_keeps_an_account, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_there_does_not_leave, set_up, tear_down),
        cmocka_unit_test_prestate_setup_teardown(nothing_leaves_until_everybody_knows_how, set_up, tear_down,
                                                 SHARED),
        cmocka_unit_test_setup_teardown(nothing_leaves_until_all_is_read_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_leaves_takes_nothing_more, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
