// The transaction that takes a card to the cluster: what its address follows from, that it fits, and what the
// authority refuses to sign.
#include "tests/test.h"

#include <sodium.h>

#include "services/chain/minting/card.h"

static struct solana_signer authority, wallet;

static int set_up(void **state)
{
    (void)state;
    solana_signer_init(&authority, (const uint8_t[32]){1});
    solana_signer_init(&wallet, (const uint8_t[32]){2});
    return 0;
}

static struct card_terms terms_of(uint32_t card, uint32_t number)
{
    return (struct card_terms){
        .id = {.authority = solana_signer_key(&authority),
               .chain = {{5}},
               .role = {6},
               .card = card,
               .number = number},
        .wallet = solana_signer_key(&wallet),
        .blockhash = {{7}},
        .unit_price = 1000,
        .account = {{0xff, 0xff}},
    };
}

static struct card_bytes compose(const struct card_terms *terms)
{
    struct card_bytes bytes;
    struct err err = {0};
    if (!card_compose(terms, &bytes, &err)) fail_msg("%s", err.message);
    return bytes;
}

static void expect_other_address(const struct card_id *one, const struct card_id *two)
{
    struct solana_key a, b;
    card_address(&a, one);
    card_address(&b, two);
    assert_false(solana_key_equal(&a, &b));
}

static void each_mint_has_an_address_of_its_own(void **state)
{
    (void)state;
    const struct card_terms terms = terms_of(1, 1);
    struct card_id other = terms.id;
    other.card = 2;
    expect_other_address(&terms.id, &other);
    other = terms.id;
    other.number = 2;
    expect_other_address(&terms.id, &other);
    other = terms.id;
    other.role[0]++;
    expect_other_address(&terms.id, &other);
    other = terms.id;
    other.event[0]++;
    expect_other_address(&terms.id, &other);
    other = terms.id;
    other.chain.bytes[0]++; // two ledgers with one authority
    expect_other_address(&terms.id, &other);
    other = terms.id;
    other.authority = terms.wallet;
    expect_other_address(&terms.id, &other);
}

// Nothing else of the terms is in the address: so of two transactions for one mint one can land.
static void a_mint_has_one_address(void **state)
{
    (void)state;
    struct card_terms terms = terms_of(1, 1);
    struct solana_key one, two;
    card_address(&one, &terms.id);
    terms.wallet.bytes[0]++;
    terms.blockhash.bytes[0]++;
    card_address(&two, &terms.id);
    assert_true(solana_key_equal(&one, &two));
}

static void the_longest_one_fits_and_both_sign(void **state)
{
    (void)state;
    const struct card_terms terms = terms_of(UINT32_MAX, UINT32_MAX);
    struct card_bytes bytes = compose(&terms);
    struct solana_transaction tx;
    struct err err = {0};
    assert_in_range(bytes.len, 1000, SOLANA_PACKET_MAX);
    assert_true(card_sign(&bytes, &authority, &err));
    assert_true(solana_transaction_sign(bytes.bytes, bytes.len, &wallet, &err));
    assert_true(solana_transaction_parse(&tx, bytes.bytes, bytes.len, &err));
    assert_true(solana_transaction_verify(&tx, &err));
    assert_int_equal(tx.signer_count, 2);
    assert_true(solana_key_equal(&tx.keys[0], &terms.wallet));
    assert_false(solana_transaction_is_writable(&tx, 1));
}

static void refuses(struct card_bytes *bytes)
{
    const struct solana_signature none = {{0}};
    struct solana_transaction tx;
    struct err err = {0};
    assert_false(card_sign(bytes, &authority, &err));
    assert_true(err_is(&err, INTERNAL_ERROR));
    assert_true(solana_transaction_parse(&tx, bytes->bytes, bytes->len, &err));
    for (size_t i = 0; i < tx.signer_count; i++) assert_memory_equal(&tx.signatures[i], &none, sizeof none);
}

static void of_another_authority_it_signs_none(void **state)
{
    (void)state;
    struct card_terms terms = terms_of(1, 1);
    terms.id.authority.bytes[0]++;
    struct card_bytes bytes = compose(&terms);
    refuses(&bytes);
}

static void the_authority_is_no_wallet(void **state)
{
    (void)state;
    struct card_terms terms = terms_of(1, 1);
    struct card_bytes bytes;
    struct err err = {0};
    terms.wallet = terms.id.authority;
    assert_false(card_compose(&terms, &bytes, &err));
    assert_true(err_is(&err, INVALID_FIELD));
}

// Each byte that makes it another one, with the authority as a reader still, or as more.
static void what_has_another_form_is_not_signed(void **state)
{
    (void)state;
    const struct card_terms terms = terms_of(1, 1);
    const struct card_bytes good = compose(&terms);
    struct solana_transaction tx;
    struct err err = {0};
    assert_true(solana_transaction_parse(&tx, good.bytes, good.len, &err));
    const size_t head = (size_t)(tx.message - good.bytes);
    struct card_bytes bytes = good;
    bytes.bytes[head + 1] = 0; // no signer is a reader
    refuses(&bytes);
    for (uint8_t i = 0; i < tx.instruction_count; i++) {
        const struct solana_instruction_view *ix = &tx.instructions[i];
        for (uint8_t a = 0; a < ix->account_count; a++) {
            bytes = good;
            bytes.bytes[(size_t)(ix->accounts - good.bytes) + a] = ix->accounts[a] == 1 ? 0 : 1;
            refuses(&bytes);
        }
    }
}

static struct solana_account account_of(bool found, const struct solana_key *owner)
{
    return (struct solana_account){.found = found, .lamports = 1, .owner = *owner};
}

// Anybody can send lamports to an address.
static void lamports_are_no_mint(void **state)
{
    (void)state;
    struct solana_account account = account_of(false, &SOLANA_SYSTEM_PROGRAM);
    assert_false(card_is_there(&account));
    account = account_of(true, &SOLANA_SYSTEM_PROGRAM);
    assert_false(card_is_there(&account));
    account = account_of(true, &SOLANA_TOKEN_2022_PROGRAM);
    assert_true(card_is_there(&account));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mint_has_an_address_of_its_own),
        cmocka_unit_test(a_mint_has_one_address),
        cmocka_unit_test(the_longest_one_fits_and_both_sign),
        cmocka_unit_test(of_another_authority_it_signs_none),
        cmocka_unit_test(the_authority_is_no_wallet),
        cmocka_unit_test(what_has_another_form_is_not_signed),
        cmocka_unit_test(lamports_are_no_mint),
    };
    if (sodium_init() < 0) return 1;
    return cmocka_run_group_tests(tests, set_up, NULL);
}
