// Which requests are taken for Discord's.
#include "services/ai/discord/signature.h"

#include <ctype.h>
#include <sodium.h>

#include "lib/base/ids.h"
#include "tests/test.h"

#define BODY "{\"type\":1}"

enum { NOW_S = 1800000000 };

static uint8_t key[SIGNATURE_KEY], secret[crypto_sign_SECRETKEYBYTES];

static int set_up(void **state)
{
    (void)state;
    return sodium_init() < 0 || crypto_sign_keypair(key, secret);
}

static void sign(char hex[129], const char *timestamp, const char *body)
{
    char whole[256];
    uint8_t signature[crypto_sign_BYTES];
    int len = snprintf(whole, sizeof whole, "%s%s", timestamp, body);
    crypto_sign_detached(signature, NULL, (const uint8_t *)whole, (unsigned)len, secret);
    hex_encode(hex, signature, sizeof signature);
}

static bool takes(const char *signature, const char *timestamp, const char *body)
{
    const struct signed_request request = {signature, timestamp, body, strlen(body)};
    return signature_is_good(&request, key, NOW_S * INT64_C(1000));
}

static void what_discord_signed_is_taken(void **state)
{
    char signature[129];
    (void)state;
    sign(signature, "1800000000", BODY);
    assert_true(takes(signature, "1800000000", BODY));
    for (char *at = signature; *at; at++) *at = (char)toupper(*at);
    assert_true(takes(signature, "1800000000", BODY));
    sign(signature, "1800000000", "");
    assert_true(takes(signature, "1800000000", ""));
}

static void anything_else_is_not(void **state)
{
    char signature[129], longer[131], bad[129];
    (void)state;
    sign(signature, "1800000000", BODY);
    assert_false(takes(signature, "1800000000", BODY " "));
    assert_false(takes(signature, "1800000001", BODY));
    assert_false(takes(signature, "", "1800000000" BODY)); // the same bytes, otherwise cut
    assert_false(takes("", "1800000000", BODY));
    assert_false(takes(signature + 2, "1800000000", BODY));
    snprintf(longer, sizeof longer, "%s00", signature);
    assert_false(takes(longer, "1800000000", BODY));
    for (size_t i = 0; i < 128; i++) {
        memcpy(bad, signature, sizeof bad);
        bad[i] = bad[i] == '0' ? '1' : '0';
        assert_false(takes(bad, "1800000000", BODY));
        bad[i] = 'g';
        assert_false(takes(bad, "1800000000", BODY));
    }
}

static void what_is_older_or_newer_than_five_minutes_is_not(void **state)
{
    static const struct {
        const char *timestamp;
        bool taken;
    } cases[] = {{"1799999700", true},
                 {"1799999699", false},
                 {"1800000300", true},
                 {"1800000301", false},
                 {" 1800000000", false},
                 {"+1800000000", false},
                 {"0", false},
                 {"1800000000.0", false},
                 {"99999999999999999999", false},
                 {"999999999999999999999999", false}};
    char signature[129];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sign(signature, cases[i].timestamp, BODY);
        if (takes(signature, cases[i].timestamp, BODY) != cases[i].taken) fail_msg("%s", cases[i].timestamp);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_discord_signed_is_taken),
        cmocka_unit_test(anything_else_is_not),
        cmocka_unit_test(what_is_older_or_newer_than_five_minutes_is_not),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
