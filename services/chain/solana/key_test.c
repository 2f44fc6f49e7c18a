#include <sodium.h>

#include "services/chain/solana/key.h"
#include "tests/test.h"

static struct solana_key parse(const char *text)
{
    struct solana_key key;
    assert_true(solana_key_parse(&key, text));
    return key;
}

static void well_known_programs_have_their_addresses(void **state)
{
    (void)state;
    static const struct {
        const struct solana_key *key;
        const char *text;
    } known[] = {
        {&SOLANA_SYSTEM_PROGRAM, "11111111111111111111111111111111"},
        {&SOLANA_COMPUTE_BUDGET_PROGRAM, "ComputeBudget111111111111111111111111111111"},
        {&SOLANA_MEMO_V1_PROGRAM, "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo"},
        {&SOLANA_MEMO_PROGRAM, "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"},
        {&SOLANA_TOKEN_PROGRAM, "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"},
        {&SOLANA_TOKEN_2022_PROGRAM, "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"},
        {&SOLANA_LOOKUP_TABLE_PROGRAM, "AddressLookupTab1e1111111111111111111111111"},
        {&SOLANA_ASSOCIATED_TOKEN_PROGRAM, "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char text[SOLANA_KEY_TEXT];
        solana_key_format(known[i].key, text);
        assert_string_equal(text, known[i].text);
    }
}

static void points_outside_the_main_subgroup_are_on_the_curve(void **state)
{
    (void)state;
    // y = 0 and the point of order two have small order: no secret key has them, yet the runtime counts them
    // as on the curve.
    struct solana_key zero = {{0}}, order_two;
    memset(order_two.bytes, 0xff, sizeof order_two.bytes);
    order_two.bytes[0] = 0xec;
    order_two.bytes[31] = 0x7f;
    assert_true(solana_key_on_curve(&zero));
    assert_true(solana_key_on_curve(&order_two));
    struct solana_key off = parse("CAZ8xTttjCvHPutv9uCNJmAPxgkzG2WaCRJMFCeoGJpX");
    assert_false(solana_key_on_curve(&off));
}

static void derives_known_addresses(void **state)
{
    (void)state;
    struct solana_key ticket = parse("bArDn16ERF32oHbL3Qvbsfz55xkj1CdbPV8VYXJtCtk"), found;
    struct solana_key a = parse("8SzHrPVkDf5xhmjyUJ7W8vDaxhTiGF9XBT9XX2PtiwYF");
    struct solana_key b = parse("2YQmwuktcWmmhXXAzjizxzie3QWEkZC8HQ4ZnRtrKF7p");
    const struct solana_seed seeds[] = {{a.bytes, 32}, {b.bytes, 32}};
    uint8_t bump;
    assert_true(solana_pda_find(&found, &bump, &ticket, seeds, 2));
    struct solana_key expected = parse("CAZ8xTttjCvHPutv9uCNJmAPxgkzG2WaCRJMFCeoGJpX");
    assert_true(solana_key_equal(&found, &expected));
    assert_int_equal(bump, 255);
    const struct solana_seed with_bump[] = {{a.bytes, 32}, {b.bytes, 32}, {&bump, 1}};
    assert_true(solana_pda_create(&found, &ticket, with_bump, 3));
    assert_true(solana_key_equal(&found, &expected));
}

static void refuses_seeds_that_the_runtime_refuses(void **state)
{
    (void)state;
    uint8_t long_seed[33] = {0}, bump;
    struct solana_key out;
    struct solana_seed seeds[SOLANA_SEEDS_MAX + 1];
    for (size_t i = 0; i <= SOLANA_SEEDS_MAX; i++) seeds[i] = (struct solana_seed){long_seed, 1};
    assert_true(solana_pda_find(&out, &bump, &SOLANA_TOKEN_PROGRAM, seeds, SOLANA_SEEDS_MAX - 1));
    assert_false(solana_pda_find(&out, &bump, &SOLANA_TOKEN_PROGRAM, seeds, SOLANA_SEEDS_MAX));
    assert_false(solana_pda_create(&out, &SOLANA_TOKEN_PROGRAM, seeds, SOLANA_SEEDS_MAX + 1));
    seeds[0].len = 33;
    assert_false(solana_pda_find(&out, &bump, &SOLANA_TOKEN_PROGRAM, seeds, 1));
}

static void a_signer_is_wiped(void **state)
{
    (void)state;
    const uint8_t seed[32] = {7};
    struct solana_signer signer, zero = {{0}};
    solana_signer_init(&signer, seed);
    struct solana_key key = solana_signer_key(&signer);
    assert_true(solana_key_on_curve(&key));
    solana_signer_wipe(&signer);
    assert_memory_equal(&signer, &zero, sizeof signer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_known_programs_have_their_addresses),
        cmocka_unit_test(points_outside_the_main_subgroup_are_on_the_curve),
        cmocka_unit_test(derives_known_addresses),
        cmocka_unit_test(refuses_seeds_that_the_runtime_refuses),
        cmocka_unit_test(a_signer_is_wiped),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
