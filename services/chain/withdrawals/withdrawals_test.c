// Withdrawals on the ledger: credit leaves an account once, lies in the fund while it is on its way, and ends
// at the issuance or where it came from. What an entry says otherwise is refused.
#include "services/chain/testing/house.h"

#include "services/chain/withdrawals/flow.h"

enum { CREDIT = 10000000, AMOUNT = 3000000 };

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
    house_must(house, DEV, "chain.Grant",
               "{'to_user_id': '" ANN "', 'amount': '10000000', 'memo': 'x', 'currency': 'LAMPORTS'}");
    return 0;
}

static uint32_t account_of(const struct ledger_owner *owner)
{
    return ledger_accounts_find(&b.book->accounts, owner);
}

static uint32_t ann(void)
{
    const struct ledger_owner owner = book_user(ANN);
    return account_of(&owner);
}

static uint32_t fund(void)
{
    const struct ledger_owner owner = withdrawals_fund();
    return account_of(&owner);
}

static int64_t has(uint32_t account) { return ledger_balance(&b.book->accounts, account, BOOK_LAMPORTS); }

// Nothing comes from nowhere, and the fund has what is on its way.
static void check_sums(void)
{
    int64_t sum = 0, open = 0;
    for (uint32_t i = 0; i < b.book->accounts.count; i++) sum += has(i);
    for (const struct withdrawal *of = NULL; (of = withdrawals_next(&b.book->withdrawals, of));)
        open += of->amount;
    assert_int_equal(sum, 0);
    assert_int_equal(open, b.book->withdrawals.sum);
    assert_int_equal(open, fund() == LEDGER_NO_ACCOUNT ? 0 : has(fund()));
}

static int tear_down(void **state)
{
    (void)state;
    begin_call();
    check_sums();
    end_call();
    house_close(house);
    return 0;
}

static struct withdrawal ask(int64_t amount)
{
    const struct withdrawal_asked asked = {.account = ann(), .amount = amount, .wallet = {{7}}};
    const struct withdrawal *open = withdrawal_ask(&b, &asked);
    assert_non_null(open);
    return *open;
}

static struct withdrawal ask_alone(int64_t amount)
{
    begin_call();
    const struct withdrawal asked = ask(amount);
    check_sums();
    end_call();
    return asked;
}

static void move_alone(enum withdrawal_state state, const uint8_t *signature)
{
    begin_call();
    const struct withdrawal *open = withdrawals_find(&b.book->withdrawals, ann());
    assert_non_null(open);
    withdrawal_move(&b, open, state, signature);
    check_sums();
    end_call();
}

static void what_landed_is_gone(void **state)
{
    static const uint8_t signature[64] = {5, 6};
    (void)state;
    const struct withdrawal asked = ask_alone(AMOUNT);
    move_alone(WITHDRAWAL_SENT, NULL);
    begin_call();
    assert_int_equal(has(ann()), CREDIT - AMOUNT);
    assert_int_equal(withdrawals_find(&b.book->withdrawals, ann())->state, WITHDRAWAL_SENT);
    end_call();
    move_alone(WITHDRAWAL_DONE, signature);
    begin_call();
    assert_null(withdrawals_find(&b.book->withdrawals, ann()));
    assert_true(withdrawals_landed(&b.book->withdrawals, asked.id));
    assert_true(withdrawals_landed(&b.book->withdrawals, signature));
    assert_int_equal(has(ann()), CREDIT - AMOUNT);
    assert_int_equal(has(0), AMOUNT - CREDIT);
    end_call();
}

static void what_failed_comes_back(void **state)
{
    (void)state;
    const struct withdrawal asked = ask_alone(AMOUNT);
    move_alone(WITHDRAWAL_SENT, NULL);
    move_alone(WITHDRAWAL_FAILED, NULL);
    begin_call();
    assert_int_equal(has(ann()), CREDIT);
    assert_false(withdrawals_landed(&b.book->withdrawals, asked.id));
    end_call();
    ask_alone(AMOUNT); // and may go again
}

// What the fold refuses leaves the state as it was.
static void assert_refused(const struct withdrawal *withdrawal, bool found, struct ledger_posting *postings,
                           size_t count)
{
    Ledger__WithdrawalChanged changed = LEDGER__WITHDRAWAL_CHANGED__INIT;
    Ledger__Withdrawal message;
    uint64_t seq = b.book->seq;
    withdrawal_write(withdrawal, &message);
    changed.withdrawal = &message;
    changed.found = found;
    assert_null(book_add(&b, LEDGER__ENTRY__BODY_WITHDRAWAL_CHANGED, &changed.base, postings,
                         count ? ledger_net(postings, count) : 0));
    assert_int_equal(b.book->seq, seq);
    b.failed = false;
}

static void assert_moves_refused(const struct withdrawal *withdrawal, uint32_t from, uint32_t to,
                                 int64_t amount)
{
    struct ledger_posting postings[] = {{from, BOOK_LAMPORTS, -amount}, {to, BOOK_LAMPORTS, amount}};
    assert_refused(withdrawal, false, postings, amount ? 2 : 0);
}

static void an_account_has_one_on_its_way(void **state)
{
    (void)state;
    struct withdrawal other = ask_alone(AMOUNT);
    begin_call();
    other.id[0]++;
    assert_moves_refused(&other, ann(), fund(), AMOUNT);
    end_call();
}

static void lamports_go_where_they_are_said_to_go(void **state)
{
    (void)state;
    struct withdrawal asked = ask_alone(AMOUNT), other;
    begin_call();
    assert_moves_refused(&asked, ann(), fund(), AMOUNT); // asked for again
    asked.state = WITHDRAWAL_DONE;
    assert_moves_refused(&asked, fund(), 0, AMOUNT - 1);
    assert_moves_refused(&asked, fund(), ann(), AMOUNT); // paid, and kept
    assert_moves_refused(&asked, fund(), 0, 0);
    other = asked;
    other.amount--; // of another
    assert_moves_refused(&other, fund(), 0, AMOUNT - 1);
    other = asked;
    other.wallet.bytes[0]++;
    assert_moves_refused(&other, fund(), 0, AMOUNT);
    asked.state = WITHDRAWAL_FAILED;
    assert_moves_refused(&asked, fund(), 0, AMOUNT);
    asked.state = WITHDRAWAL_SENT;
    assert_moves_refused(&asked, fund(), 0, AMOUNT);
    end_call();
    move_alone(WITHDRAWAL_DONE, NULL);
    begin_call();
    asked.state = WITHDRAWAL_FAILED; // what has ended ends once
    assert_moves_refused(&asked, 0, ann(), AMOUNT);
    asked.state = WITHDRAWAL_DONE;
    assert_refused(&asked, true, NULL, 0); // nor is it found
    end_call();
}

static struct withdrawal landed(int64_t amount)
{
    return (struct withdrawal){.id = {1},
                               .account = ann(),
                               .amount = amount,
                               .fee = WITHDRAWAL_FEE,
                               .wallet = {{7}},
                               .state = WITHDRAWAL_DONE};
}

// A restored ledger takes what was paid, once, and no more than is there.
static void what_was_forgotten_is_taken_once(void **state)
{
    static const uint8_t signature[64] = {8};
    (void)state;
    begin_call();
    struct withdrawal found = landed(AMOUNT);
    withdrawal_find_again(&b, &found, signature);
    assert_int_equal(has(ann()), CREDIT - AMOUNT);
    assert_true(withdrawals_landed(&b.book->withdrawals, signature));
    struct ledger_posting again[] = {{ann(), BOOK_LAMPORTS, -AMOUNT}, {0, BOOK_LAMPORTS, AMOUNT}};
    assert_refused(&found, true, again, 2);
    found.id[0]++;
    found.amount = CREDIT;
    struct ledger_posting gift[] = {{ann(), BOOK_LAMPORTS, AMOUNT}, {0, BOOK_LAMPORTS, -AMOUNT}};
    assert_refused(&found, true, gift, 2);
    withdrawal_find_again(&b, &found, signature);
    assert_int_equal(has(ann()), 0);
    found.id[0]++;
    withdrawal_find_again(&b, &found, signature); // there is nothing left to take
    assert_true(withdrawals_landed(&b.book->withdrawals, found.id));
    end_call();
}

static int64_t owed(void)
{
    begin_call();
    const struct withdrawal_owed *of = withdrawals_owed(&b.book->withdrawals, ann());
    int64_t left = of ? of->left : 0;
    end_call();
    return left;
}

static int64_t grant(const char *amount)
{
    char request[160];
    snprintf(request, sizeof request,
             "{'to_user_id': '" ANN "', 'amount': '%s', 'memo': 'x', 'currency': 'LAMPORTS'}", amount);
    const Chain__TransactionReply *reply = house_must(house, DEV, "chain.Grant", request);
    return reply->balance;
}

// Whatever gives the account credit, it has none before it has paid what it owes.
static void what_is_not_covered_is_taken_of_what_comes(void **state)
{
    static const uint8_t signature[64] = {8};
    (void)state;
    begin_call();
    const struct withdrawal found = landed(3 * (int64_t)CREDIT);
    withdrawal_find_again(&b, &found, signature);
    assert_int_equal(has(ann()), 0);
    end_call();
    assert_int_equal(owed(), 2 * CREDIT);
    assert_int_equal(grant("10000000"), 0);
    house_restart(house);
    assert_int_equal(owed(), CREDIT);
    begin_call();
    struct ledger_posting gift[] = {{0, BOOK_LAMPORTS, -1}, {ann(), BOOK_LAMPORTS, 1}};
    struct withdrawal other = found;
    assert_refused(&found, true, NULL, 0);
    assert_refused(&found, true, gift, 2);
    other.amount++;
    assert_refused(&other, true, NULL, 0);
    end_call();
    assert_int_equal(grant("10000007"), 7);
    assert_int_equal(owed(), 0);
    begin_call();
    assert_refused(&found, true, NULL, 0);
    end_call();
}

static void what_failed_pays_what_is_owed(void **state)
{
    static const uint8_t signature[64] = {8};
    (void)state;
    ask_alone(AMOUNT);
    begin_call();
    const struct withdrawal found = landed(CREDIT);
    withdrawal_find_again(&b, &found, signature);
    end_call();
    assert_int_equal(owed(), AMOUNT);
    move_alone(WITHDRAWAL_FAILED, NULL);
    assert_int_equal(owed(), 0);
    begin_call();
    assert_int_equal(has(ann()), 0);
    end_call();
}

static void a_snapshot_has_all_of_it(void **state)
{
    static const uint8_t signature[64] = {9}, seed[16] = {3};
    (void)state;
    const struct withdrawal first = ask_alone(AMOUNT);
    move_alone(WITHDRAWAL_DONE, signature);
    const struct withdrawal open = ask_alone(AMOUNT);
    begin_call();
    const struct withdrawal found = landed(CREDIT);
    withdrawal_find_again(&b, &found, signature);
    struct withdrawals read;
    size_t size = withdrawals_size(&b.book->withdrawals);
    uint8_t *bytes = arena_alloc(b.arena, size);
    struct fields_writer writer = {bytes};
    withdrawals_write(&b.book->withdrawals, &writer);
    assert_ptr_equal(writer.at, bytes + size);
    for (size_t cut = 0; cut <= size; cut++) {
        struct fields_reader reader = {bytes, size - cut, false};
        withdrawals_init(&read, seed);
        assert_int_equal(withdrawals_read(&read, &reader) && fields_is_whole(&reader), cut == 0);
        if (!cut) {
            assert_true(withdrawals_landed(&read, first.id) && withdrawals_landed(&read, signature));
            assert_memory_equal(withdrawals_find(&read, open.account)->id, open.id, sizeof open.id);
            assert_int_equal(read.sum, AMOUNT);
            const struct withdrawal_owed *owes = withdrawals_owed(&read, found.account);
            assert_memory_equal(owes->withdrawal.id, found.id, sizeof found.id);
            assert_memory_equal(owes->signature, signature, sizeof signature);
            assert_int_equal(owes->withdrawal.amount, CREDIT);
            assert_int_equal(owes->left, 2 * AMOUNT);
        }
        withdrawals_finish(&read);
    }
    end_call();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_landed_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_failed_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_account_has_one_on_its_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lamports_go_where_they_are_said_to_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_forgotten_is_taken_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_covered_is_taken_of_what_comes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_failed_pays_what_is_owed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_snapshot_has_all_of_it, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
