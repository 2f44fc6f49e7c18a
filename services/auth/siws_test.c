#include <sodium.h>

#include "lib/base/base58.h"
#include "services/auth/siws.h"
#include "tests/test.h"

static struct siws parts = {
    .domain = "play.example.org",
    .uri = "https://play.example.org",
    .nonce = "abcdefghijklmnopqrstuv",
    .issued_ms = 1800000000000,
    .expires_ms = 1800000300000,
};
static uint8_t secret[crypto_sign_SECRETKEYBYTES];
static char address[BASE58_KEY_TEXT];
static char message[SIWS_MESSAGE_MAX];
static uint8_t signature[crypto_sign_BYTES];

static int make_keys(void **state)
{
    (void)state;
    uint8_t public[crypto_sign_PUBLICKEYBYTES], seed[crypto_sign_SEEDBYTES] = {7};
    crypto_sign_seed_keypair(public, secret, seed);
    base58_encode(address, sizeof address, public, sizeof public);
    parts.address = address;
    return sodium_init() < 0;
}

static int sign(void **state)
{
    (void)state;
    assert_true(siws_message(message, &parts));
    return crypto_sign_detached(signature, NULL, (const uint8_t *)message, strlen(message), secret);
}

static enum siws_verdict verdict(const char *returned)
{
    return siws_verify(message, address, parts.expires_ms, returned, signature, parts.issued_ms);
}

static void the_message_shows_what_is_signed(void **state)
{
    (void)state;
    char expected[SIWS_MESSAGE_MAX];
    snprintf(expected, sizeof expected,
             "play.example.org wants you to sign in with your Solana account:\n%s\n\nSign in to Conse.\n\n"
             "URI: https://play.example.org\nVersion: 1\nChain ID: mainnet\nNonce: abcdefghijklmnopqrstuv\n"
             "Issued At: 2027-01-15T08:00:00Z\nExpiration Time: 2027-01-15T08:05:00Z",
             address);
    assert_string_equal(message, expected);
}

static void the_wallets_signature_is_accepted(void **state)
{
    (void)state;
    assert_int_equal(verdict(message), SIWS_OK);
}

static void any_other_byte_is_refused(void **state)
{
    (void)state;
    char changed[SIWS_MESSAGE_MAX];
    for (size_t i = 0; i < strlen(message); i++) {
        memcpy(changed, message, sizeof changed);
        changed[i] ^= 1;
        assert_int_equal(verdict(changed), SIWS_MESSAGE_DIFFERS);
    }
    memcpy(changed, message, sizeof changed);
    strcat(changed, "\n");
    assert_int_equal(verdict(changed), SIWS_MESSAGE_DIFFERS);
    assert_int_equal(verdict(""), SIWS_MESSAGE_DIFFERS);
}

static void another_key_and_a_broken_signature_are_refused(void **state)
{
    (void)state;
    uint8_t public[crypto_sign_PUBLICKEYBYTES], other[crypto_sign_SECRETKEYBYTES];
    crypto_sign_keypair(public, other);
    crypto_sign_detached(signature, NULL, (const uint8_t *)message, strlen(message), other);
    assert_int_equal(verdict(message), SIWS_BAD_SIGNATURE);
    memset(signature, 0, sizeof signature);
    assert_int_equal(verdict(message), SIWS_BAD_SIGNATURE);
}

static void time_runs_out(void **state)
{
    (void)state;
    assert_int_equal(
        siws_verify(message, address, parts.expires_ms, message, signature, parts.expires_ms - 1), SIWS_OK);
    assert_int_equal(siws_verify(message, address, parts.expires_ms, message, signature, parts.expires_ms),
                     SIWS_EXPIRED);
}

static void a_part_cannot_add_lines(void **state)
{
    (void)state;
    struct siws bad = parts;
    bad.domain = "play.example.org\nNonce: mine";
    assert_false(siws_message(message, &bad));
    bad = parts;
    bad.nonce = "a\rb";
    assert_false(siws_message(message, &bad));
    bad = parts;
    bad.uri = "";
    assert_false(siws_message(message, &bad));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_message_shows_what_is_signed, sign),
        cmocka_unit_test_setup(the_wallets_signature_is_accepted, sign),
        cmocka_unit_test_setup(any_other_byte_is_refused, sign),
        cmocka_unit_test_setup(another_key_and_a_broken_signature_are_refused, sign),
        cmocka_unit_test_setup(time_runs_out, sign),
        cmocka_unit_test(a_part_cannot_add_lines),
    };
    return cmocka_run_group_tests(tests, make_keys, NULL);
}
