#include <sodium.h>

#include "services/chain/solana/transaction.h"
#include "tests/test.h"

struct made {
    uint8_t bytes[SOLANA_PACKET_MAX];
    size_t len;
    struct solana_signer payer, cosigner;
    struct solana_instruction instructions[2];
};

// A transfer by the payer, and a memo that the cosigner signs.
static struct made make(bool versioned)
{
    struct made m;
    struct err err;
    struct solana_key to = {{9}};
    solana_signer_init(&m.payer, (const uint8_t[32]){1});
    solana_signer_init(&m.cosigner, (const uint8_t[32]){2});
    struct solana_key payer = solana_signer_key(&m.payer), cosigner = solana_signer_key(&m.cosigner);
    solana_transfer(&m.instructions[0], &payer, &to, 5);
    solana_memo(&m.instructions[1], "seat 7", &cosigner);
    struct solana_draft draft = {
        .payer = payer, .instructions = m.instructions, .instruction_count = 2, .versioned = versioned};
    assert_true(solana_message_compile(&draft, m.bytes, &m.len, &err));
    return m;
}

static void signs_for_each_signer(void **state)
{
    (void)state;
    for (int versioned = 0; versioned < 2; versioned++) {
        struct made m = make(versioned);
        struct solana_transaction tx;
        struct err err;
        assert_true(solana_transaction_parse(&tx, m.bytes, m.len, &err));
        assert_int_equal(tx.signer_count, 2);
        assert_false(solana_transaction_verify(&tx, &err));
        assert_true(err_is(&err, WALLET_PROOF_INVALID));
        assert_true(solana_transaction_sign(m.bytes, m.len, &m.cosigner, &err));
        assert_false(solana_transaction_verify(&tx, &err));
        assert_true(solana_transaction_sign(m.bytes, m.len, &m.payer, &err));
        assert_true(solana_transaction_verify(&tx, &err));
    }
}

static void refuses_a_stranger(void **state)
{
    (void)state;
    struct made m = make(false);
    struct solana_signer stranger;
    struct err err;
    solana_signer_init(&stranger, (const uint8_t[32]){3});
    assert_false(solana_transaction_sign(m.bytes, m.len, &stranger, &err));
    assert_true(err_is(&err, NOT_FOUND));
}

static void knows_signers_and_writable_accounts(void **state)
{
    (void)state;
    struct made m = make(true);
    struct solana_transaction tx;
    struct err err;
    uint8_t index;
    struct solana_key to = {{9}};
    assert_true(solana_transaction_parse(&tx, m.bytes, m.len, &err));
    assert_true(solana_transaction_is_signer(&tx, 0) && solana_transaction_is_writable(&tx, 0));
    assert_true(solana_transaction_is_signer(&tx, 1) && !solana_transaction_is_writable(&tx, 1));
    assert_true(solana_transaction_find(&tx, &to, &index));
    assert_true(solana_transaction_is_writable(&tx, index) && !solana_transaction_is_signer(&tx, index));
    assert_true(solana_transaction_find(&tx, &SOLANA_MEMO_PROGRAM, &index));
    assert_false(solana_transaction_is_writable(&tx, index));
    assert_true(solana_is_memo_program(&tx.keys[tx.instructions[1].program]));
    assert_memory_equal(tx.instructions[1].data, "seat 7", 6);
    assert_true(solana_is_memo_program(&SOLANA_MEMO_V1_PROGRAM));
    assert_false(solana_is_memo_program(&SOLANA_SYSTEM_PROGRAM));
}

static void refuses_every_cut(void **state)
{
    (void)state;
    struct made m = make(true);
    struct solana_transaction tx;
    struct err err;
    for (size_t len = 0; len < m.len; len++) {
        uint8_t *cut = malloc(len + 1); // on the heap, so that a sanitizer sees a read past the end
        memcpy(cut, m.bytes, len);
        assert_false(solana_transaction_parse(&tx, cut, len, &err));
        assert_true(err_is(&err, MALFORMED));
        free(cut);
    }
    assert_false(solana_transaction_parse(&tx, m.bytes, m.len + 1, &err));
    assert_string_equal(err.message, "1 bytes follow the transaction");
}

static void refuses_a_message_that_is_too_large(void **state)
{
    (void)state;
    struct solana_instruction many[2];
    struct solana_key payer = {{1}}, program = {{2}};
    uint8_t out[SOLANA_PACKET_MAX], block[SOLANA_DATA_MAX] = {0};
    size_t len;
    struct err err;
    struct solana_draft draft = {.payer = payer, .instructions = many, .instruction_count = 2};
    for (int i = 0; i < 2; i++) {
        solana_instruction_init(&many[i], &program);
        solana_instruction_data(&many[i], block, sizeof block);
    }
    assert_false(solana_message_compile(&draft, out, &len, &err));
    assert_true(err_is(&err, LIMIT_REACHED));
    solana_instruction_data(&many[0], block, 1);
    assert_true(many[0].failed);
    assert_false(solana_message_compile(&draft, out, &len, &err));
    assert_true(err_is(&err, INVALID_FIELD));
}

static void refuses_tables_in_a_legacy_message(void **state)
{
    (void)state;
    struct solana_table table = {.key = {{5}}};
    struct solana_draft draft = {.payer = {{1}}, .tables = &table, .table_count = 1};
    uint8_t out[SOLANA_PACKET_MAX];
    size_t len;
    struct err err;
    assert_false(solana_message_compile(&draft, out, &len, &err));
    assert_true(err_is(&err, INVALID_FIELD));
    draft.versioned = true;
    assert_true(solana_message_compile(&draft, out, &len, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_for_each_signer),
        cmocka_unit_test(refuses_a_stranger),
        cmocka_unit_test(knows_signers_and_writable_accounts),
        cmocka_unit_test(refuses_every_cut),
        cmocka_unit_test(refuses_a_message_that_is_too_large),
        cmocka_unit_test(refuses_tables_in_a_legacy_message),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
