// The receipt of a ticket says who paid, where it was seen and, once that is final, by which transaction.
#include "services/chain/testing/tickets.h"

#include "services/chain/cluster/receipts.h"
#include "services/chain/solana/transaction.h"

enum { SLOT = 1000 };

static struct lamports lamports;
static struct watched watched;

static int set_up(void **state)
{
    (void)state;
    lamports_init(&lamports, house_at(NULL));
    lamports_begin(&lamports);
    tickets_permit(&lamports, 1);
    assert_true(tickets_watched(&lamports, 1, &watched));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lamports_close(&lamports);
    return 0;
}

static size_t gather(struct unsigned_receipt out[RECEIPTS_AT_ONCE])
{
    struct book_call b;
    tickets_begin(&lamports, &b);
    size_t count = receipts_gather(b.book, lamports.cluster.now.clock_s, out);
    tickets_end(&lamports, &b);
    return count;
}

static void sign(const struct unsigned_receipt *receipt, uint8_t number)
{
    struct book_call b;
    struct solana_signature signature;
    memset(signature.bytes, number, sizeof signature.bytes);
    tickets_begin(&lamports, &b);
    receipts_sign(&b, receipt, &signature);
    tickets_end(&lamports, &b);
}

static const Chain__Payment__Receipt *shown(void)
{
    const Chain__Payment *payment = evening_calls(&lamports.evening, ANN, "chain.GetPayment", 1);
    assert_int_equal(payment->n_receipts, 1);
    return payment->receipts[0];
}

static void a_receipt_has_its_transaction_once_it_is_final(void **state)
{
    (void)state;
    struct unsigned_receipt found[RECEIPTS_AT_ONCE];
    char payer[SOLANA_KEY_TEXT];
    const struct solana_key wallet = solana_signer_key(&lamports.wallet);
    tickets_see(&lamports, &watched, (struct said){.present = true, .slot = SLOT});
    assert_int_equal(gather(found), 0);
    tickets_see(&lamports, &watched, (struct said){.present = true, .finalized = true, .slot = SLOT + 40});
    assert_int_equal(gather(found), 1);
    solana_key_format(&wallet, payer);
    assert_string_equal(shown()->payer, payer);
    assert_int_equal(shown()->slot, SLOT);
    assert_string_equal(shown()->signature, "");

    sign(&found[0], 3);
    sign(&found[0], 4); // by another process
    lamports_restart(&lamports);
    struct solana_signature signature;
    assert_true(solana_signature_parse(&signature, shown()->signature));
    assert_int_equal(signature.bytes[0], 3);
    assert_true(shown()->settled && shown()->counts);
    assert_int_equal(shown()->amount, EVENING_PRICE);
    assert_int_equal(gather(found), 0);
    assert_int_equal(evening_letter(&lamports.evening, 1), 'S');
}

static void what_the_node_has_forgotten_is_not_asked_for(void **state)
{
    (void)state;
    struct unsigned_receipt found[RECEIPTS_AT_ONCE];
    tickets_see(&lamports, &watched, (struct said){.present = true, .finalized = true, .slot = SLOT});
    lamports.cluster.now.clock_s += RECEIPTS_NEW_S - 1;
    assert_int_equal(gather(found), 1);
    lamports.cluster.now.clock_s += 2;
    assert_int_equal(gather(found), 0);
}

// Strangers may name the ticket's address too.
static void the_transaction_is_the_one_that_made_the_ticket(void **state)
{
    (void)state;
    struct book_call b;
    struct permit_bytes bytes;
    struct solana_transaction tx;
    struct err err = {0};
    uint64_t before[64] = {0}, after[64] = {0};
    uint8_t id[TILL_ID_BYTES], index;
    const struct solana_key account = solana_signer_key(&lamports.wallet),
                            ticket = tickets_address(&lamports.cluster.now.programs, &watched);
    uuid_bytes(hold_id(1).text, id);
    tickets_begin(&lamports, &b);
    assert_true(seats_ask_permit(&b, till_find_payment(&b.book->till, id), &account, &bytes, &err));
    tickets_end(&lamports, &b);
    assert_true(solana_transaction_parse(&tx, bytes.bytes, bytes.len, &err));
    assert_true(solana_transaction_find(&tx, &ticket, &index));
    struct solana_landed landed = {.found = true,
                                   .bytes = bytes.bytes,
                                   .len = bytes.len,
                                   .before = before,
                                   .after = after,
                                   .balance_count = tx.key_count};
    assert_false(receipts_is_made(&landed, &ticket)); // nothing came of it
    after[index] = 5;
    assert_true(receipts_is_made(&landed, &ticket));
    assert_false(receipts_is_made(&landed, &(struct solana_key){{1}}));
    before[index] = 5;
    assert_false(receipts_is_made(&landed, &ticket)); // it was there
    before[index] = 0;
    strcpy(landed.error.name, "Custom");
    assert_false(receipts_is_made(&landed, &ticket));
    *landed.error.name = '\0';
    landed.balance_count = index;
    assert_false(receipts_is_made(&landed, &ticket));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_receipt_has_its_transaction_once_it_is_final),
        TEST(what_the_node_has_forgotten_is_not_asked_for),
        TEST(the_transaction_is_the_one_that_made_the_ticket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
