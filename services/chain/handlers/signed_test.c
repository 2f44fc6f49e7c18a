// What a key's account has is moved by its holder's signature, once, and by nothing else.
#include "services/chain/testing/holder.h"

#define URL "shared:signed"

static int set_up(void **state)
{
    *state = house_at(NULL);
    return 0;
}

static int tear_down(void **state)
{
    house_close(*state);
    return 0;
}

static struct ledger_account account_of(struct house *house, const char *user_id)
{
    struct ledger_account account = {{0}};
    const Chain__Wallet *wallet = house_must(house, user_id, "chain.GetWallet", "{}");
    assert_true(base58_decode(account.bytes, sizeof account.bytes, wallet->account));
    return account;
}

static const Chain__TransactionReply *submit(struct house *house, const struct ledger_order *order)
{
    return house_must(house, "", "chain.SubmitKeyOrder", holder_request(order));
}

static void refuses(struct house *house, const struct ledger_order *order, Conse__Reason__Value reason)
{
    house_refuses(house, "", "chain.SubmitKeyOrder", holder_request(order), reason);
}

static void a_holder_gives_to_keys_and_people(void **state)
{
    struct house *house = *state;
    const struct holder one = holder_of(1), two = holder_of(2);
    holder_begin(house, &one, 1000);
    assert_int_equal(holder_balance(house, &one), 1000);
    struct ledger_order order = holder_order(house, &one, &two.key, 300, 1);
    const Chain__TransactionReply *reply = submit(house, &order);
    assert_int_equal(reply->balance, 700);
    assert_int_equal(reply->transaction->kind, CHAIN__TRANSACTION__KIND__KEY_TRANSFER);
    assert_int_equal(reply->transaction->n_movements, 2);
    assert_int_equal(holder_balance(house, &two), 300);

    const struct ledger_account ann = account_of(house, ANN);
    order = holder_order(house, &two, &ann, 300, 1);
    reply = submit(house, &order);
    for (size_t i = 0; i < 2; i++) assert_string_equal(reply->transaction->movements[i]->user_id, "");
    assert_int_equal(house_balance(house, ANN), 300);
    const Chain__ListTransactionsReply *list =
        house_must(house, ANN, "chain.ListTransactions", "{'user_id': '" ANN "'}");
    assert_int_equal(list->transactions[0]->kind, CHAIN__TRANSACTION__KIND__KEY_TRANSFER);
}

static void what_is_not_signed_like_this_moves_nothing(void **state)
{
    struct house *house = *state;
    const struct holder one = holder_of(1), two = holder_of(2);
    holder_begin(house, &one, 1000);
    struct ledger_order order = holder_order(house, &one, &two.key, 300, 1);
    order.amount = 301;
    refuses(house, &order, IS(SIGNATURE_INVALID));
    order = holder_order(house, &two, &two.key, 300, 1);
    order.from = one.key;
    refuses(house, &order, IS(SIGNATURE_INVALID));
    house_refuses(house, "", "chain.SubmitKeyOrder", "{'bytes': 'AAAA'}", IS(INVALID_FIELD));
    house_refuses(house, "", "chain.SubmitKeyOrder", "{}", IS(INVALID_FIELD));
    assert_int_equal(holder_balance(house, &one), 1000);
}

static void what_the_ledger_does_not_allow_is_refused(void **state)
{
    struct house *house = *state;
    const struct holder one = holder_of(1), two = holder_of(2);
    struct ledger_order order = holder_order(house, &one, &two.key, 100, 1);
    refuses(house, &order, IS(FUNDS_SHORT));
    holder_begin(house, &one, 1000);
    order = holder_order(house, &one, &two.key, 1001, 1);
    refuses(house, &order, IS(FUNDS_SHORT));
    order = holder_order(house, &one, &one.key, 1, 1);
    refuses(house, &order, IS(INVALID_FIELD));
    order = holder_order(house, &one, &two.key, 0, 1);
    refuses(house, &order, IS(INVALID_FIELD));
    order = holder_order(house, &one, &two.key, UINT64_MAX, 1);
    refuses(house, &order, IS(INVALID_FIELD));
    order = holder_order(house, &one, &LEDGER_ISSUANCE, 1, 1);
    refuses(house, &order, IS(NOT_FOUND));
    const struct ledger_account nobody = ledger_account_of((const uint8_t[16]){1});
    order = holder_order(house, &one, &nobody, 200, 1);
    refuses(house, &order, IS(NOT_FOUND));
    assert_int_equal(holder_balance(house, &one), 1000);
}

// What costs nothing opens nothing; who has an account gets any amount.
static void nobody_opens_accounts_for_nothing(void **state)
{
    struct house *house = *state;
    const struct holder one = holder_of(1), two = holder_of(2);
    char request[160];
    holder_begin(house, &one, 1000);
    struct ledger_order order = holder_order(house, &one, &two.key, 99, 1);
    refuses(house, &order, IS(ACCOUNT_ABSENT));
    order = holder_order(house, &one, &two.key, 100, 1);
    submit(house, &order);
    order = holder_order(house, &one, &two.key, 1, 2);
    submit(house, &order);
    assert_int_equal(holder_balance(house, &two), 101);
    const struct holder three = holder_of(3);
    house_must(house, DEV, "chain.Grant", "{'to_username': 'ann', 'amount': '1000', 'memo': 'more'}");
    snprintf(request, sizeof request, "{'to_address': '%s', 'amount': '99'}", three.address);
    house_refuses(house, ANN, "chain.Transfer", request, IS(ACCOUNT_ABSENT));
    snprintf(request, sizeof request, "{'to_address': '%s', 'to_username': 'bob', 'amount': '100'}",
             three.address);
    house_refuses(house, ANN, "chain.Transfer", request, IS(INVALID_FIELD));
    const Chain__Wallet *wallet = house_must(house, ANN, "chain.GetWallet", "{}");
    snprintf(request, sizeof request, "{'to_address': '%s', 'amount': '100'}", wallet->account);
    house_refuses(house, BOB, "chain.Transfer", request, IS(INVALID_FIELD)); // a person is named
}

static void what_was_signed_moves_once(void **state)
{
    struct house *house = *state;
    const struct holder one = holder_of(1), two = holder_of(2);
    holder_begin(house, &one, 1000);
    const struct ledger_order order = holder_order(house, &one, &two.key, 300, 1);
    uint64_t id = submit(house, &order)->transaction->id;
    assert_int_equal(submit(house, &order)->transaction->id, id);
    house_restart(house);
    const Chain__TransactionReply *again = submit(house, &order);
    assert_int_equal(again->transaction->id, id);
    assert_int_equal(again->balance, 700);
    struct ledger_order other = holder_order(house, &one, &two.key, 301, 1);
    refuses(house, &other, IS(NONCE_USED));
    assert_int_equal(holder_balance(house, &one), 700);
}

// When it is forgotten that it was carried out, it is too old.
static void nothing_is_played_back_later(void **state)
{
    struct house *house = *state;
    const struct holder one = holder_of(1), two = holder_of(2);
    holder_begin(house, &one, 1000);
    const struct ledger_order done = holder_order(house, &one, &two.key, 300, 1);
    const struct ledger_order held_back = holder_order(house, &one, &two.key, 300, 2);
    submit(house, &done);
    for (int hour = 0; hour < 80; hour++) {
        house->now_ms += 3600 * 1000;
        const struct ledger_order now = holder_order(house, &one, &two.key, 1, (uint8_t)(10 + hour));
        submit(house, &now);
        if (house_ask(house, "", "chain.SubmitKeyOrder", holder_request(&done)))
            assert_int_equal(holder_balance(house, &two), 301 + hour); // it shows what it was
        else
            assert_true(err_is(&house->err, ORDER_TOO_OLD));
    }
    refuses(house, &held_back, IS(ORDER_TOO_OLD));
    house->now_ms -= 200 * 3600 * 1000; // for the one who signs
    struct ledger_order ahead = holder_order(house, &one, &two.key, 1, 3);
    house->now_ms += 200 * 3600 * 1000;
    refuses(house, &ahead, IS(ORDER_TOO_OLD));
    house->now_ms += 61 * 1000;
    ahead = holder_order(house, &one, &two.key, 1, 4);
    house->now_ms -= 61 * 1000;
    refuses(house, &ahead, IS(ORDER_TOO_OLD));
    assert_int_equal(holder_balance(house, &two), 380);
}

// The wallet that is linked shows beside one's own account, for as long as it is linked.
static void the_linked_wallet_is_shown(void **state)
{
    struct house *house = *state;
    const struct holder one = holder_of(1), two = holder_of(2);
    struct name_news ann = {.user_id = ANN, .name = "ann", .level = LEVEL_PLAYER, .wallet = one.address};
    const Chain__Wallet *wallet = house_must(house, ANN, "chain.GetWallet", "{}");
    assert_string_equal(wallet->wallet_address, "");
    assert_int_equal(wallet->n_wallet_balances, 0);
    house_teach(house, ann);
    holder_begin(house, &one, 1000);
    house_restart(house);
    wallet = house_must(house, ANN, "chain.GetWallet", "{}");
    assert_string_equal(wallet->wallet_address, one.address);
    assert_int_equal(wallet->wallet_balances[0]->amount, 1000);
    assert_int_equal(wallet->balances[0]->amount, 0);
    ann.wallet = two.address;
    house_teach(house, ann);
    wallet = house_must(house, ANN, "chain.GetWallet", "{}");
    assert_string_equal(wallet->wallet_address, two.address);
    assert_int_equal(wallet->wallet_balances[0]->amount, 0);
    ann.wallet = NULL;
    house_teach(house, ann);
    wallet = house_must(house, ANN, "chain.GetWallet", "{}");
    assert_string_equal(wallet->wallet_address, "");
}

static void two_processes_move_it_once(void **state)
{
    (void)state;
    shared_store_register();
    struct house *here = house_at(URL), *there = house_at(URL);
    const struct holder one = holder_of(1), two = holder_of(2);
    holder_begin(here, &one, 1000);
    const struct ledger_order order = holder_order(here, &one, &two.key, 300, 1);
    assert_int_equal(holder_balance(there, &one), 1000);
    uint64_t id = submit(here, &order)->transaction->id;
    assert_null(house_ask(there, "", "chain.SubmitKeyOrder", holder_request(&order))); // its copy was old
    assert_int_equal(there->err.reason, IS(CONFLICT));
    assert_int_equal(submit(there, &order)->transaction->id, id);
    assert_int_equal(holder_balance(there, &two), 300);
    house_close(there);
    house_close(here);
    shared_store_drop(URL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_holder_gives_to_keys_and_people),
        TEST(what_is_not_signed_like_this_moves_nothing),
        TEST(what_the_ledger_does_not_allow_is_refused),
        TEST(nobody_opens_accounts_for_nothing),
        TEST(what_was_signed_moves_once),
        TEST(nothing_is_played_back_later),
        TEST(the_linked_wallet_is_shown),
        cmocka_unit_test(two_processes_move_it_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
