// An address is what every implementation of Argon2 makes of the key and the salt.
#include "services/chain/coinixerr/digest.h"

#include <sodium.h>

#include "tests/test.h"

static struct coinixerr_salt salt_of(uint8_t first)
{
    struct coinixerr_salt salt = {{0}};
    for (size_t i = 0; i < sizeof salt.bytes; i++) salt.bytes[i] = (uint8_t)(first + i);
    return salt;
}

// Made by another implementation from the same salt and input.
static void it_is_what_others_make(void **state)
{
    struct coinixerr_digest digest;
    const struct coinixerr_salt salt = salt_of('A');
    (void)state;
    assert_true(coinixerr_digest_make(&digest, &salt, "password", 8));
    assert_int_equal(strlen(digest.text), COINIXERR_DIGEST_CHARS);
    assert_string_equal(
        digest.text, "1$QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2BhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/"
                     "gIGCg4Q$BpoqNFSBWfJQALQWcTwPPtuWvuZEU09nwhfaQcp22Ko");
}

static void it_names_its_salt_and_fits_its_bytes(void **state)
{
    struct coinixerr_digest digest;
    const struct coinixerr_salt salt = salt_of('A'), other = salt_of('B');
    (void)state;
    assert_true(coinixerr_digest_make(&digest, &salt, "bytes", 5));
    assert_true(coinixerr_has_salt(&digest, &salt));
    assert_false(coinixerr_has_salt(&digest, &other));
    assert_true(coinixerr_digest_fits(&digest, "bytes", 5));
    assert_false(coinixerr_digest_fits(&digest, "byte", 4));
    digest.text[10] ^= 1;
    assert_false(coinixerr_digest_fits(&digest, "bytes", 5));
    digest.text[3] = '\0';
    assert_false(coinixerr_has_salt(&digest, &salt));
}

static void salts_are_an_installations_own(void **state)
{
    const uint8_t here[32] = {1}, there[32] = {2};
    const struct coinixerr_salt one = coinixerr_salt_of(here, "address"),
                                again = coinixerr_salt_of(here, "address"),
                                hash = coinixerr_salt_of(here, "hash"),
                                two = coinixerr_salt_of(there, "address");
    (void)state;
    assert_memory_equal(&one, &again, sizeof one);
    assert_memory_not_equal(&one, &hash, sizeof one);
    assert_memory_not_equal(&one, &two, sizeof one);
    assert_memory_not_equal(one.bytes + 64, two.bytes + 64, 4);
}

int main(void)
{
    if (sodium_init() < 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_others_make),
        cmocka_unit_test(it_names_its_salt_and_fits_its_bytes),
        cmocka_unit_test(salts_are_an_installations_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
