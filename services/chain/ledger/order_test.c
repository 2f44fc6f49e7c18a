// An order has one form, and only the key's holder can sign it, for one ledger.
#include "services/chain/ledger/order.h"

#include <sodium.h>

#include "tests/test.h"

static const struct merkle_hash CHAIN = {{1}}, OTHER_CHAIN = {{2}};

static struct ledger_order signed_order(uint8_t secret_key[64])
{
    struct ledger_order order = {.asset = 1, .amount = 300, .issued_ms = 1800000000000, .nonce = {5}};
    const uint8_t seed[32] = {9};
    uint8_t other[64];
    crypto_sign_seed_keypair(order.to.bytes, other, (const uint8_t[32]){8});
    crypto_sign_seed_keypair(order.from.bytes, secret_key, seed);
    ledger_order_sign(&order, &CHAIN, secret_key);
    return order;
}

static void it_comes_back_from_its_bytes(void **state)
{
    uint8_t secret_key[64], bytes[LEDGER_ORDER_BYTES + 1] = {0};
    const struct ledger_order order = signed_order(secret_key);
    struct ledger_order back;
    (void)state;
    ledger_order_encode(&order, bytes);
    assert_int_equal(bytes[64], 1); // the asset
    assert_int_equal(bytes[68] | bytes[69] << 8, 300);
    assert_true(ledger_order_decode(&back, bytes, LEDGER_ORDER_BYTES));
    assert_true(ledger_order_verify(&back, &CHAIN));
    assert_int_equal(back.amount, 300);
    assert_false(ledger_order_decode(&back, bytes, LEDGER_ORDER_BYTES - 1));
    assert_false(ledger_order_decode(&back, bytes, LEDGER_ORDER_BYTES + 1));
    assert_false(ledger_order_decode(&back, bytes, 0));
}

static void no_bit_of_it_can_be_changed(void **state)
{
    uint8_t secret_key[64], bytes[LEDGER_ORDER_BYTES];
    const struct ledger_order order = signed_order(secret_key);
    struct ledger_order other;
    (void)state;
    ledger_order_encode(&order, bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] ^= 1 << i % 8;
        assert_true(ledger_order_decode(&other, bytes, sizeof bytes));
        assert_false(ledger_order_verify(&other, &CHAIN));
        bytes[i] ^= 1 << i % 8;
    }
    assert_true(ledger_order_verify(&order, &CHAIN));
    assert_false(ledger_order_verify(&order, &OTHER_CHAIN));
}

static void a_repetition_is_known_by_key_and_nonce(void **state)
{
    uint8_t secret_key[64];
    struct ledger_order order = signed_order(secret_key), other = order;
    (void)state;
    other.amount++;
    other.issued_ms++;
    struct merkle_hash a = ledger_order_id(&order), b = ledger_order_id(&other);
    assert_memory_equal(&a, &b, sizeof a);
    other.nonce[15] ^= 1;
    b = ledger_order_id(&other);
    assert_memory_not_equal(&a, &b, sizeof a);
    other = order;
    other.from.bytes[0] ^= 1;
    b = ledger_order_id(&other);
    assert_memory_not_equal(&a, &b, sizeof a);
}

static void only_points_of_the_curve_are_keys(void **state)
{
    uint8_t secret_key[64];
    const struct ledger_order order = signed_order(secret_key);
    struct ledger_account none = {{2}};
    const struct ledger_account kept = ledger_account_of((const uint8_t[16]){1});
    (void)state;
    assert_true(ledger_account_is_key(&order.from));
    assert_false(ledger_account_is_key(&LEDGER_ISSUANCE));
    assert_false(ledger_account_is_key(&kept));
    assert_false(ledger_account_is_key(&none));
    none.bytes[0] = 1; // the neutral point: anybody can sign for it
    assert_false(ledger_account_is_key(&none));
}

int main(void)
{
    if (sodium_init() < 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_back_from_its_bytes),
        cmocka_unit_test(no_bit_of_it_can_be_changed),
        cmocka_unit_test(a_repetition_is_known_by_key_and_nonce),
        cmocka_unit_test(only_points_of_the_curve_are_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
