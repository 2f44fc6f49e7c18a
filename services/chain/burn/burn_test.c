// A wallet burns what a list takes by its own signature, and what it burned is known again.
#include "tests/test.h"

#include <sodium.h>

#include "services/chain/burn/burn.h"
#include "services/chain/solana/transaction.h"
#include "services/chain/solana/whitelist_program.h"

enum { MINT_BYTES = 82, TOKEN_BYTES = 165 };

static struct solana_signer wallet;
static struct burn_terms terms;

static int set_up(void **state)
{
    (void)state;
    if (sodium_init() < 0) return -1;
    solana_signer_init(&wallet, (const uint8_t[32]){2});
    terms = (struct burn_terms){.programs = solana_programs_default(),
                                .list = {{7}},
                                .account = solana_signer_key(&wallet),
                                .blockhash = {{9}},
                                .count = BURN_MINTS_MAX,
                                .units = 60000,
                                .unit_price = 10000};
    for (size_t i = 0; i < BURN_MINTS_MAX; i++)
        terms.mints[i] =
            (struct burn_mint){{{20, (uint8_t)i}}, i % 2 ? SOLANA_TOKEN_2022_PROGRAM : SOLANA_TOKEN_PROGRAM};
    return 0;
}

static struct solana_key record_of(size_t i)
{
    struct solana_key record;
    solana_burned_address(&record, &terms.programs, &terms.list, &terms.mints[i].mint);
    return record;
}

static void as_many_as_may_be_fit_and_the_wallet_alone_signs(void **state)
{
    struct burn_bytes composed = {0}, again = {0};
    struct solana_transaction tx;
    struct err err = {0};
    (void)state;
    assert_true(burn_compose(&terms, &composed, &err) && burn_compose(&terms, &again, &err));
    assert_int_equal(composed.len, again.len);
    assert_memory_equal(composed.bytes, again.bytes, again.len);
    assert_true(solana_transaction_parse(&tx, composed.bytes, composed.len, &err));
    assert_int_equal(tx.signer_count, 1);
    assert_true(solana_key_equal(&tx.keys[0], &terms.account));
    assert_int_equal(tx.instruction_count, 2 + BURN_MINTS_MAX);
    assert_true(solana_transaction_sign(composed.bytes, composed.len, &wallet, &err));
    assert_true(solana_transaction_verify(&tx, &err));
}

static void nothing_and_too_much_are_not_burned(void **state)
{
    struct burn_bytes composed;
    struct err err = {0};
    (void)state;
    terms.count = 0;
    assert_false(burn_compose(&terms, &composed, &err));
    terms.count = BURN_MINTS_MAX + 1;
    assert_false(burn_compose(&terms, &composed, &err));
}

static void what_landed_burned_for_its_records_alone(void **state)
{
    struct burn_bytes composed;
    struct err err = {0};
    (void)state;
    terms.count = 2;
    assert_true(burn_compose(&terms, &composed, &err));
    struct solana_landed landed = {.found = true, .bytes = composed.bytes, .len = composed.len};
    const struct solana_key first = record_of(0), second = record_of(1), third = record_of(2);
    assert_true(burn_made(&landed, &terms.programs, &first) && burn_made(&landed, &terms.programs, &second));
    assert_false(burn_made(&landed, &terms.programs, &third));
    assert_false(burn_made(&landed, &terms.programs, &terms.list));
    struct solana_programs others = terms.programs;
    others.whitelist.bytes[0] ^= 1;
    assert_false(burn_made(&landed, &others, &first));
    strcpy(landed.error.name, "Custom");
    assert_false(burn_made(&landed, &terms.programs, &first));
    *landed.error.name = '\0';
    landed.len--;
    assert_false(burn_made(&landed, &terms.programs, &first));
}

// Somebody's transfer that names the record, and one that calls the program for something else.
static void who_only_names_a_record_did_not_burn(void **state)
{
    struct solana_instruction ix[2];
    struct burn_bytes composed;
    struct err err = {0};
    const struct solana_key record = record_of(0);
    (void)state;
    solana_transfer(&ix[0], &terms.account, &terms.list, 1);
    solana_instruction_account(&ix[0], &record, SOLANA_READONLY);
    solana_whitelist_close(&ix[1], &terms.programs, &terms.account, &terms.list, &record);
    const struct solana_draft draft = {
        .payer = terms.account, .blockhash = terms.blockhash, .instructions = ix, .instruction_count = 2};
    assert_true(solana_message_compile(&draft, composed.bytes, &composed.len, &err));
    const struct solana_landed landed = {.found = true, .bytes = composed.bytes, .len = composed.len};
    assert_false(burn_made(&landed, &terms.programs, &record));
}

static void tokens_are_read_of_both_programs(void **state)
{
    uint8_t bytes[TOKEN_BYTES] = {0};
    struct solana_key program;
    const struct burn_mint *mint = &terms.mints[1];
    struct solana_account account = {
        .found = true, .owner = mint->token_program, .data = bytes, .data_len = MINT_BYTES};
    (void)state;
    assert_true(burn_is_mint(&account, &program) && solana_key_equal(&program, &mint->token_program));
    account.owner = terms.programs.ticket;
    assert_false(burn_is_mint(&account, &program));
    account.owner = mint->token_program;
    account.data_len = TOKEN_BYTES;
    memcpy(bytes, mint->mint.bytes, 32);
    memcpy(bytes + 32, terms.account.bytes, 32);
    bytes[108] = 1;
    assert_false(burn_has_token(&account, mint, &terms.account)); // it is empty
    bytes[64] = 1;
    assert_true(burn_has_token(&account, mint, &terms.account));
    assert_false(burn_has_token(&account, mint, &terms.list));
    assert_false(burn_has_token(&account, &terms.mints[3], &terms.account));
    assert_false(burn_has_token(&account, &terms.mints[0], &terms.account));
    bytes[108] = 2; // frozen
    assert_false(burn_has_token(&account, mint, &terms.account));
    account.found = false;
    assert_false(burn_has_token(&account, mint, &terms.account));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(as_many_as_may_be_fit_and_the_wallet_alone_signs, set_up),
        cmocka_unit_test_setup(nothing_and_too_much_are_not_burned, set_up),
        cmocka_unit_test_setup(what_landed_burned_for_its_records_alone, set_up),
        cmocka_unit_test_setup(who_only_names_a_record_did_not_burn, set_up),
        cmocka_unit_test_setup(tokens_are_read_of_both_programs, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
