// Credit on its way to wallets, through the same steps as the sender: whatever is lost and whoever is killed,
// a wallet gets each withdrawal once, or its account has the credit again.
#include "services/chain/testing/sending.h"

#include "services/chain/book/erase.h"
#include "services/chain/withdrawals/flow.h"

enum { CREDIT = 20000000, AMOUNT = 3000000, SEEDS = 25, TURNS = 60, MARKS = 64 };

// The cluster, as far as withdrawals go: what a transaction of the first try and of each next one did.
struct place {
    struct payment_key marks[MARKS];
    uint32_t mark_count;
    int64_t paid; // to the wallet
};

struct story {
    struct sending sending;
    struct place place;
    uint32_t withdrawals;
    bool shut; // the wallet takes nothing
    int64_t funds;
};

static struct story story;

// ---- The ledger

static uint32_t ann(const struct book_call *b)
{
    const struct ledger_owner owner = book_user(ANN);
    return ledger_accounts_find(&b->book->accounts, &owner);
}

struct seen {
    int64_t credit, underway, issued;
    bool open;
    enum withdrawal_state state;
};

static struct seen look(void)
{
    struct book_call b;
    struct seen seen = {.credit = 0};
    tickets_begin(&story.sending.lamports, &b);
    for (uint32_t i = 1; i < b.book->accounts.count; i++)
        seen.credit += ledger_balance(&b.book->accounts, i, BOOK_LAMPORTS);
    seen.issued = -ledger_balance(&b.book->accounts, 0, BOOK_LAMPORTS);
    const struct withdrawal *open = withdrawals_next(&b.book->withdrawals, NULL);
    seen.open = open;
    if (open) seen.state = open->state;
    seen.underway = b.book->withdrawals.sum;
    tickets_end(&story.sending.lamports, &b);
    assert_int_equal(seen.credit, seen.issued);
    seen.credit -= seen.underway;
    return seen;
}

static void ask(void)
{
    struct book_call b;
    tickets_begin(&story.sending.lamports, &b);
    const struct withdrawal_asked asked = {.account = ann(&b), .amount = AMOUNT, .wallet = {{7}}};
    assert_non_null(withdrawal_ask(&b, &asked));
    tickets_end(&story.sending.lamports, &b);
    story.withdrawals++;
}

// ---- The cluster

static bool has_mark(const struct payment_key *reference)
{
    for (uint32_t i = 0; i < story.place.mark_count; i++)
        if (memcmp(&story.place.marks[i], reference, sizeof *reference) == 0) return true;
    return false;
}

// One transaction: the mark is made and the wallet paid, or neither.
static void program_takes(const struct wish *wish)
{
    if (has_mark(&wish->aim.reference) || story.shut) return;
    assert_true(story.place.mark_count < MARKS);
    story.place.marks[story.place.mark_count++] = wish->aim.reference;
    story.place.paid += wish->amount - wish->fee;
    story.funds -= wish->amount;
}

static struct sight sight_of(const struct wish *wish)
{
    return (struct sight){.has_mark = has_mark(&wish->aim.reference), .funds = (uint64_t)story.funds};
}

// ---- Turns

static void begin_story(uint32_t seed, bool loses)
{
    story =
        (struct story){.sending = {.sight = sight_of, .take = program_takes}, .funds = 10 * (int64_t)CREDIT};
    sending_open(&story.sending, seed, loses);
    house_must(story.sending.lamports.evening.house, DEV, "chain.Grant",
               "{'to_user_id': '" ANN "', 'amount': '20000000', 'memo': 'x', 'currency': 'LAMPORTS'}");
}

static void end_story(void) { lamports_close(&story.sending.lamports); }

static void take_turn(void) { sending_turn(&story.sending); }

static void take_turns(int count)
{
    for (int i = 0; i < count; i++) take_turn();
}

static void end_all(void)
{
    for (int i = 0; i < TURNS && look().open; i++) take_turn();
    assert_false(look().open);
}

static size_t count_jobs(void)
{
    struct book_call b;
    tickets_begin(&story.sending.lamports, &b);
    size_t count = b.book->outbox.jobs.count;
    tickets_end(&story.sending.lamports, &b);
    return count;
}

// ---- Stories

static void it_is_requested_sent_and_done(void **state)
{
    (void)state;
    begin_story(1, false);
    ask();
    assert_int_equal(look().state, WITHDRAWAL_REQUESTED);
    assert_int_equal(look().credit, CREDIT - AMOUNT);
    take_turn();
    assert_int_equal(look().state, WITHDRAWAL_SENT);
    assert_int_equal(story.place.paid, AMOUNT - WITHDRAWAL_FEE);
    end_all();
    assert_int_equal(look().issued, CREDIT - AMOUNT);
    assert_int_equal(count_jobs(), 0);
    end_story();
}

static void what_no_wallet_takes_comes_back(void **state)
{
    (void)state;
    begin_story(1, false);
    story.shut = true;
    ask();
    end_all();
    story.shut = false;
    take_turns(3);
    assert_int_equal(look().credit, CREDIT);
    assert_int_equal(story.place.paid, 0);
    assert_int_equal(count_jobs(), 0);
    end_story();
}

static void without_funds_it_waits_for_a_week(void **state)
{
    (void)state;
    begin_story(1, false);
    story.funds = AMOUNT;
    ask();
    take_turns(3);
    assert_int_equal(look().state, WITHDRAWAL_REQUESTED);
    evening_pass(&story.sending.lamports.evening, STEP_STUCK_MS);
    take_turn();
    assert_false(look().open);
    assert_int_equal(look().credit, CREDIT);
    end_story();
}

// What landed though its bytes are thought dead, or that a restored ledger asks for again, is known by its
// mark.
static void a_mark_without_bytes_is_a_landing(void **state)
{
    struct arena arena;
    (void)state;
    begin_story(1, false);
    ask();
    arena_init(&arena, 32 << 20);
    struct wishes wishes = {.arena = &arena};
    gather_wishes(&story.sending, &wishes);
    assert_int_equal(wishes.count, 1);
    program_takes(&wishes.all[0]);
    arena_finish(&arena);
    end_all();
    assert_int_equal(look().issued, CREDIT - AMOUNT);
    assert_int_equal(story.place.paid, AMOUNT - WITHDRAWAL_FEE);
    end_story();
}

// Behind a restore the first one waits in the ledger, while a later one has left the wallet already.
static void who_owes_gets_nothing_more(void **state)
{
    static const uint8_t signature[64] = {8};
    struct book_call b;
    (void)state;
    begin_story(1, false);
    ask();
    tickets_begin(&story.sending.lamports, &b);
    const struct withdrawal found = {
        .id = {1}, .account = ann(&b), .amount = CREDIT, .state = WITHDRAWAL_DONE};
    withdrawal_find_again(&b, &found, signature);
    tickets_end(&story.sending.lamports, &b);
    end_all();
    assert_int_equal(story.place.paid, 0);
    assert_int_equal(look().issued, 0);
    end_story();
}

static void a_deleted_account_is_paid_all_the_same(void **state)
{
    struct err err = {0};
    (void)state;
    begin_story(1, false);
    ask();
    assert_true(erase_user(&story.sending.lamports.evening.house->chain, ANN, &err));
    end_all();
    assert_int_equal(story.place.paid, AMOUNT - WITHDRAWAL_FEE);
    assert_int_equal(look().issued, CREDIT - AMOUNT);
    end_story();
}

static void whatever_is_lost_each_is_paid_once_or_comes_back(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        begin_story(seed, true);
        for (int round = 0; round < 3; round++) {
            story.shut = it_befalls(&story.sending, 4);
            ask();
            end_all();
        }
        take_turns(2);
        const struct seen seen = look();
        assert_int_equal(story.place.paid, story.place.mark_count * (int64_t)(AMOUNT - WITHDRAWAL_FEE));
        assert_int_equal(seen.credit + story.place.mark_count * (int64_t)AMOUNT, CREDIT);
        assert_int_equal(count_jobs(), 0);
        end_story();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_requested_sent_and_done),
        cmocka_unit_test(what_no_wallet_takes_comes_back),
        cmocka_unit_test(without_funds_it_waits_for_a_week),
        cmocka_unit_test(a_mark_without_bytes_is_a_landing),
        cmocka_unit_test(who_owes_gets_nothing_more),
        cmocka_unit_test(a_deleted_account_is_paid_all_the_same),
        cmocka_unit_test(whatever_is_lost_each_is_paid_once_or_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
