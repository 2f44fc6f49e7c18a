// A seat in LAMPORTS that the account's credit pays for: asked for, on its way, there, dead, and back.
#include "lib/replica/testing/other.h"
#include "services/chain/outbox/outbox.h"
#include "services/chain/testing/tickets.h"

#define IS(name) CONSE__REASON__VALUE__##name
#define SHARED "shared:credit-seats"

enum { CREDIT = 3 * EVENING_PRICE, SLOT = 1000 };

static struct lamports lamports;
static struct house *house;

// On the store that is named, or a file.
static int set_up(void **state)
{
    house = lamports_house(&lamports, *state);
    lamports_credit(&lamports, ANN, CREDIT);
    lamports_begin(&lamports);
    return 0;
}

static int tear_down(void **state) { return lamports_leave(&lamports, *state); }

static void expect_sums(int64_t user, int64_t aside, int64_t all)
{
    const struct lamports_sums sums = lamports_sums(&lamports, ANN);
    assert_int_equal(sums.user, user);
    assert_int_equal(sums.aside, aside);
    assert_int_equal(sums.all, all);
}

static void expect_paying(void) { expect_sums(CREDIT - EVENING_PRICE, EVENING_PRICE, CREDIT); }
static void expect_spent(void) { expect_sums(CREDIT - EVENING_PRICE, 0, CREDIT - EVENING_PRICE); }
static void expect_all(void) { expect_sums(CREDIT, 0, CREDIT); }

static const Chain__Payment *pay(void) { return evening_pay(&lamports.evening, ANN, 1); }

static const Chain__Payment *shown(void)
{
    return evening_calls(&lamports.evening, ANN, "chain.GetPayment", 1);
}

static void pay_refused(Conse__Reason__Value reason)
{
    evening_refuses(&lamports.evening, ANN, "chain.PayPayment", 1, reason);
}

static struct watched watch(void)
{
    struct watched watched;
    assert_true(tickets_watched(&lamports, 1, &watched));
    return watched;
}

static void see(const struct watched *watched, struct said said)
{
    said.by_credit = true;
    tickets_see(&lamports, watched, said);
}

// The seat's job, if there is one, and how many entries the ledger has.
static uint64_t find_job(struct outbox_job *job)
{
    struct book_call b;
    struct outbox_aim aim = {.kind = OUTBOX_SEAT};
    struct payment payment;
    assert_true(evening_payment(&lamports.evening, 1, &payment));
    uuid_bytes(hold_id(1).text, aim.subject);
    aim.reference = payment.standing.reference;
    tickets_begin(&lamports, &b);
    const struct outbox_job *found = outbox_find(&b.book->outbox, &aim);
    *job = found ? *found : (struct outbox_job){.len = 0};
    uint64_t entries = b.book->seq;
    tickets_end(&lamports, &b);
    return entries;
}

static void it_lies_aside_with_bytes_of_the_authoritys_alone(void **state)
{
    struct outbox_job job, later;
    struct solana_transaction tx;
    struct err err = {0};
    (void)state;
    assert_int_equal(pay()->state, CHAIN__PAYMENT__STATE__IN_FLIGHT);
    expect_paying();
    uint64_t entries = find_job(&job);
    assert_int_equal(job.state, OUTBOX_SENT);
    assert_int_equal(job.last_valid_height, 250);
    assert_true(solana_transaction_parse(&tx, job.bytes, job.len, &err));
    assert_true(solana_transaction_verify(&tx, &err));
    assert_int_equal(tx.signer_count, 1);
    assert_true(solana_key_equal(&tx.keys[0], &lamports.cluster.now.authority));
    lamports_restart(&lamports);
    lamports_see(&lamports, 140);
    assert_int_equal(pay()->state, CHAIN__PAYMENT__STATE__IN_FLIGHT);
    assert_int_equal(find_job(&later), entries);
    assert_memory_equal(&later, &job, sizeof job);
    expect_paying();
}

// Who knows the bytes all the same can't give them, and no wallet gets a permit meanwhile.
static void nothing_of_it_is_a_wallets(void **state)
{
    char request[4 * SOLANA_PACKET_MAX], text[2 * SOLANA_PACKET_MAX], key[SOLANA_KEY_TEXT];
    const struct solana_key wallet = solana_signer_key(&lamports.wallet),
                            ours = lamports.cluster.now.authority;
    struct outbox_job job;
    (void)state;
    pay();
    find_job(&job);
    sodium_bin2base64(text, sizeof text, job.bytes, job.len, sodium_base64_VARIANT_ORIGINAL);
    snprintf(request, sizeof request, "{'payment_id':'%s','transaction':'%s'}", hold_id(1).text, text);
    house_refuses(house, ANN, "chain.GiveTransaction", request, IS(PERMIT_MISMATCH));
    solana_key_format(&wallet, key);
    snprintf(request, sizeof request, "{'event_id':'" EVENING "','account':'%s'}", key);
    house_refuses(house, ANN, "chain.AskPermit", request, IS(PAYMENT_IN_FLIGHT));
    assert_true(house->err.retry_after_s);
    solana_key_format(&ours, key);
    snprintf(request, sizeof request, "{'event_id':'" EVENING "','account':'%s'}", key);
    house_refuses(house, ANN, "chain.AskPermit", request, IS(ACCOUNT_FORBIDDEN));
}

static void a_confirmed_ticket_seats_and_a_final_one_spends_it(void **state)
{
    struct outbox_job job;
    (void)state;
    pay();
    const struct watched watched = watch();
    see(&watched, (struct said){.present = true, .slot = SLOT});
    assert_int_equal(shown()->state, CHAIN__PAYMENT__STATE__SETTLING);
    expect_paying();
    see(&watched, (struct said){.present = true, .finalized = true, .slot = SLOT + 40});
    expect_spent();
    const Chain__Payment *payment = shown();
    assert_int_equal(payment->state, CHAIN__PAYMENT__STATE__SEATED);
    assert_true(payment->receipts[0]->credit && payment->receipts[0]->settled);
    assert_string_equal(payment->receipts[0]->payer, "");
    find_job(&job);
    assert_int_equal(job.len, 0);
    pay_refused(IS(ALREADY_PAID));
    house_seal(house);
    lamports_restart(&lamports);
    expect_spent();
}

static void a_fork_and_a_dead_transaction_give_it_back(void **state)
{
    struct outbox_job job;
    (void)state;
    pay();
    const struct watched watched = watch();
    see(&watched, (struct said){.present = true, .slot = SLOT});
    see(&watched, (struct said){.present = false, .slot = SLOT + 1});
    assert_int_equal(shown()->state, CHAIN__PAYMENT__STATE__IN_FLIGHT);
    expect_paying();
    see(&watched, (struct said){.finalized = true, .slot = SLOT + 2, .height = 251});
    assert_int_equal(shown()->state, CHAIN__PAYMENT__STATE__HELD);
    expect_all();
    find_job(&job);
    assert_int_equal(job.len, 0);
    lamports_see(&lamports, 300);
    pay(); // it is free for another
    find_job(&job);
    assert_int_equal(job.last_valid_height, 450);
    expect_paying();
}

static void an_end_waits_for_it(void **state)
{
    (void)state;
    pay();
    const struct watched watched = watch();
    evening_end(&lamports.evening, 1, MONEY__SEAT_ENDING__BY__OWNER);
    assert_int_equal(shown()->state, CHAIN__PAYMENT__STATE__ENDING);
    see(&watched, (struct said){.present = true, .finalized = true, .slot = SLOT});
    const Chain__Payment *payment = shown();
    assert_int_equal(payment->state, CHAIN__PAYMENT__STATE__REFUNDING);
    assert_true(payment->refunds[0]->credit);
    expect_spent();
    lamports_restart(&lamports);
    expect_spent();
}

static void too_little_is_short_and_none_needs_a_wallet(void **state)
{
    (void)state;
    lamports_hold(&lamports, 2, BOB);
    evening_refuses(&lamports.evening, BOB, "chain.PayPayment", 2, IS(PERMIT_NEEDED));
    lamports_credit(&lamports, BOB, EVENING_PRICE - 1);
    evening_refuses(&lamports.evening, BOB, "chain.PayPayment", 2, IS(FUNDS_SHORT));
    lamports_credit(&lamports, BOB, 1);
    assert_int_equal(evening_pay(&lamports.evening, BOB, 2)->state, CHAIN__PAYMENT__STATE__IN_FLIGHT);
    evening_refuses(&lamports.evening, BOB, "chain.PayPayment", 1, IS(NOT_FOUND));
}

static void what_a_wallet_can_not_pay_credit_can_not(void **state)
{
    (void)state;
    lamports.cluster.now.healthy = false;
    pay_refused(IS(CLUSTER_AWAY));
    lamports_see(&lamports, 100);
    atomic_store(&lamports.cluster.read_back, false);
    pay_refused(IS(CLUSTER_AWAY));
    atomic_store(&lamports.cluster.read_back, true);
    tickets_permit(&lamports, 1); // of a wallet
    pay_refused(IS(PAYMENT_IN_FLIGHT));
    const struct watched watched = watch();
    see(&watched, (struct said){.finalized = true, .slot = SLOT, .height = 251});
    house->now_ms += EVENING_HOLD_S * 1000LL + 1;
    pay_refused(IS(HOLD_OVER));
    expect_all();
}

static const Chain__Belongings *belongings(void)
{
    house->deletes = true;
    const Chain__Belongings *has = house_must(house, "", "chain.GetBelongings", "{'user_id': '" ANN "'}");
    house->deletes = false;
    return has;
}

static void what_it_pays_for_keeps_the_account(void **state)
{
    (void)state;
    assert_int_equal(belongings()->payments, 0);
    pay();
    assert_int_equal(belongings()->payments, 1);
    const struct watched watched = watch();
    see(&watched, (struct said){.present = true, .finalized = true, .slot = SLOT});
    assert_int_equal(belongings()->payments, 1);
    lamports_restart(&lamports);
    assert_int_equal(belongings()->payments, 1);
}

// Behind a restore: its hold is there, and what the account has covers it, or does not.
static bool finds_ticket(unsigned number)
{
    struct book_call b;
    struct watched watched;
    uint8_t bytes[TICKET_ACCOUNT], id[TILL_ID_BYTES];
    const struct said said = {.by_credit = true};
    uuid_bytes(hold_id(number).text, id);
    tickets_begin(&lamports, &b);
    const struct till_payment *of = till_find_payment(&b.book->till, id);
    tickets_fill(&watched, of);
    tickets_account(&lamports, &watched, &said, bytes);
    const struct solana_account account = {.found = true,
                                           .owner = lamports.cluster.now.programs.ticket,
                                           .data = bytes,
                                           .data_len = sizeof bytes,
                                           .slot = SLOT};
    const struct sighting sighting = {.watched = &watched, .account = &account, .finalized = true};
    bool stray = tickets_is_stray(&b, &lamports.cluster.now.programs, of, &sighting);
    tickets_take(&b, &lamports.cluster.now.programs, &sighting);
    tickets_end(&lamports, &b);
    return !stray;
}

static void a_forgotten_ticket_is_taken_of_what_is_there(void **state)
{
    (void)state;
    assert_true(finds_ticket(1));
    expect_spent();
    assert_int_equal(evening_letter(&lamports.evening, 1), 'S');
    assert_true(finds_ticket(1)); // it is known
    expect_spent();
}

static void one_that_is_not_covered_is_nobodys(void **state)
{
    (void)state;
    lamports_hold(&lamports, 2, BOB);
    lamports_credit(&lamports, BOB, EVENING_PRICE - 1);
    assert_false(finds_ticket(2));
    assert_int_equal(evening_letter(&lamports.evening, 2), 'H');
    lamports_credit(&lamports, BOB, 1);
    assert_true(finds_ticket(2));
    assert_int_equal(evening_letter(&lamports.evening, 2), 'S');
    assert_int_equal(lamports_sums(&lamports, BOB).user, 0);
}

static void nothing_is_paid_so_until_everybody_knows_how(void **state)
{
    static const char *const leases[] = {NULL};
    struct chain *chain = &house->chain;
    (void)state;
    other_was_there(chain->store, &chain_tables[CHAIN_BEATS], TILL_CREDIT_SINCE - 1);
    chain->replica = other_join(chain->store, chain_tables, "ipc:///a", leases);
    pay_refused(IS(PERMIT_NEEDED));
    expect_all();
    replica_close(chain->replica);
    chain->replica = NULL;
    pay();
    expect_paying();
}

// What the wallet pays for transactions is not the installation's to give.
static void its_fee_is_spent_with_the_ticket_alone(void **state)
{
    enum { FEE = 100 };
    (void)state;
    house->chain.settings.solana_credit_fee = FEE;
    pay();
    expect_sums(CREDIT - EVENING_PRICE - FEE, EVENING_PRICE + FEE, CREDIT);
    struct watched watched = watch();
    see(&watched, (struct said){.finalized = true, .slot = SLOT, .height = 251});
    expect_all();
    lamports_see(&lamports, 300);
    pay();
    watched = watch();
    see(&watched, (struct said){.present = true, .finalized = true, .slot = SLOT + 9});
    expect_sums(CREDIT - EVENING_PRICE - FEE, 0, CREDIT - EVENING_PRICE - FEE);
    lamports_hold(&lamports, 2, BOB);
    lamports_credit(&lamports, BOB, EVENING_PRICE + FEE - 1);
    evening_refuses(&lamports.evening, BOB, "chain.PayPayment", 2, IS(FUNDS_SHORT));
    lamports_restart(&lamports);
    expect_sums(CREDIT - EVENING_PRICE - FEE, 0, CREDIT - 1);
}

static void a_wallet_that_does_not_back_all_credit_pays_for_nobody(void **state)
{
    (void)state;
    lamports.cluster.now.lamports = CREDIT + CLUSTER_KEEPS - 1;
    pay_refused(IS(CLUSTER_AWAY));
    assert_true(house->err.retry_after_s);
    lamports.cluster.now.lamports++;
    pay();
    lamports.cluster.now.lamports = 0;
    assert_int_equal(pay()->state, CHAIN__PAYMENT__STATE__IN_FLIGHT); // it is on its way
}

static void who_is_being_deleted_pays_for_nothing(void **state)
{
    struct book_call b;
    const struct ledger_owner ann = book_user(ANN);
    (void)state;
    tickets_begin(&lamports, &b);
    book_let_go(b.book, &ann);
    tickets_end(&lamports, &b);
    pay_refused(IS(NOT_FOUND));
    expect_all();
}

// What may have paid for it is on its way back.
static void nothing_is_nobodys_while_credit_comes_back(void **state)
{
    (void)state;
    lamports_hold(&lamports, 2, BOB);
    lamports_credit(&lamports, BOB, EVENING_PRICE);
    evening_pay(&lamports.evening, BOB, 2); // lies aside for the ticket
    lamports_hold(&lamports, 3, BOB);
    assert_true(finds_ticket(3));
    assert_int_equal(evening_letter(&lamports.evening, 3), 'H');
    struct watched watched;
    assert_true(tickets_watched(&lamports, 2, &watched));
    see(&watched, (struct said){.present = true, .finalized = true, .slot = SLOT});
    assert_false(finds_ticket(3)); // it was spent
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_lies_aside_with_bytes_of_the_authoritys_alone),
        TEST(nothing_of_it_is_a_wallets),
        TEST(a_confirmed_ticket_seats_and_a_final_one_spends_it),
        TEST(a_fork_and_a_dead_transaction_give_it_back),
        TEST(an_end_waits_for_it),
        TEST(too_little_is_short_and_none_needs_a_wallet),
        TEST(what_a_wallet_can_not_pay_credit_can_not),
        TEST(what_it_pays_for_keeps_the_account),
        TEST(a_forgotten_ticket_is_taken_of_what_is_there),
        TEST(one_that_is_not_covered_is_nobodys),
        TEST(its_fee_is_spent_with_the_ticket_alone),
        TEST(a_wallet_that_does_not_back_all_credit_pays_for_nobody),
        TEST(who_is_being_deleted_pays_for_nothing),
        TEST(nothing_is_nobodys_while_credit_comes_back),
        cmocka_unit_test_prestate_setup_teardown(nothing_is_paid_so_until_everybody_knows_how, set_up,
                                                 tear_down, SHARED),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
