#include <sodium.h>

#include "lib/base/clock.h"
#include "services/gateway/access/access.h"
#include "tests/test.h"

static const char user_id[] = "01a204b8-c493-744e-8dfd-817a593ee278";
static const char session_id[] = "01a204b8-c4b7-7091-81f2-4b7e0aa370c0";
static uint8_t public_key[32], secret_key[64];
static const int64_t now_s = 1796000000;

static void encode(char *out, size_t size, const void *bytes, size_t len)
{
    sodium_bin2base64(out, size, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

// A token of these two JSON texts, signed with the key.
static const char *signed_token(const char *header, const char *claims)
{
    static char token[4096];
    uint8_t signature[64];
    encode(token, sizeof token, header, strlen(header));
    strcat(token, ".");
    size_t at = strlen(token);
    encode(token + at, sizeof token - at, claims, strlen(claims));
    crypto_sign_detached(signature, NULL, (const uint8_t *)token, strlen(token), secret_key);
    strcat(token, ".");
    at = strlen(token);
    encode(token + at, sizeof token - at, signature, sizeof signature);
    return token;
}

static const char good_header[] = "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"k1\"}";

static const char *claims_with(const char *iss, int lvl, int gen, int64_t iat, int64_t exp)
{
    static char text[512];
    snprintf(text, sizeof text,
             "{\"iss\":\"%s\",\"sub\":\"%s\",\"name\":\"zoe\",\"lvl\":%d,\"sid\":\"%s\",\"gen\":%d,\"iat\":%"
             "lld,\"exp\":%lld}",
             iss, user_id, lvl, session_id, gen, (long long)iat, (long long)exp);
    return text;
}

static const char *good_claims(void) { return claims_with("conse", 2, 3, now_s - 10, now_s + 890); }

static struct token_keys keys(void)
{
    struct token_keys set = {.count = 1};
    strcpy(set.keys[0].kid, "k1");
    memcpy(set.keys[0].public_key, public_key, 32);
    return set;
}

static enum token_verdict verdict(const char *token)
{
    struct token_keys set = keys();
    struct token_claims claims;
    return token_verify(token, &set, now_s, &claims);
}

static int setup(void **state)
{
    (void)state;
    if (sodium_init() < 0) return -1;
    return crypto_sign_seed_keypair(public_key, secret_key,
                                    (const uint8_t *)"0123456789abcdef0123456789abcdef");
}

static void reads_the_claims_of_a_good_token(void **state)
{
    struct token_keys set = keys();
    struct token_claims claims;
    (void)state;
    assert_int_equal(token_verify(signed_token(good_header, good_claims()), &set, now_s, &claims),
                     TOKEN_GOOD);
    assert_string_equal(claims.user_id, user_id);
    assert_string_equal(claims.session_id, session_id);
    assert_string_equal(claims.username, "zoe");
    assert_int_equal(claims.level, 2);
    assert_int_equal(claims.generation, 3);
    assert_int_equal(claims.expires_s, now_s + 890);
}

// The good claims, and others behind them.
static const char *claims_and(const char *more)
{
    static char text[512];
    snprintf(text, sizeof text, "%.*s,%s}", (int)strlen(good_claims()) - 1, good_claims(), more);
    return text;
}

static void reads_the_claims_of_an_api_key(void **state)
{
    static const char *const bad[] = {"\"ro\":true", "\"ro\":1,\"key\":\"k\"", "\"key\":true", "\"key\":\"\"",
                                      "\"key\":\"0123456789012345678901234567890123456\""};
    struct token_keys set = keys();
    struct token_claims claims;
    (void)state;
    token_verify(signed_token(good_header, good_claims()), &set, now_s, &claims);
    assert_string_equal(claims.key_id, "");
    assert_false(claims.read_only);
    assert_int_equal(
        token_verify(signed_token(good_header, claims_and("\"key\":\"k7\"")), &set, now_s, &claims),
        TOKEN_GOOD);
    assert_string_equal(claims.key_id, "k7");
    assert_false(claims.read_only);
    assert_int_equal(token_verify(signed_token(good_header, claims_and("\"key\":\"k7\",\"ro\":true")), &set,
                                  now_s, &claims),
                     TOKEN_GOOD);
    assert_true(claims.read_only);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (verdict(signed_token(good_header, claims_and(bad[i]))) != TOKEN_BAD)
            fail_msg("%s was accepted", bad[i]);
}

static void refuses_other_algorithms(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"none\",\"kid\":\"k1\"}",
        "{\"alg\":\"HS256\",\"kid\":\"k1\"}",
        "{\"alg\":\"eddsa\",\"kid\":\"k1\"}",
        "{\"kid\":\"k1\"}",
        "{\"alg\":\"EdDSA\"}",
        "{\"alg\":\"EdDSA\",\"kid\":7}",
        "{\"alg\":\"EdDSA\",\"alg\":\"EdDSA\",\"kid\":\"k1\"}",
        "{\"alg\":\"EdDSA\",\"kid\":\"k1\",\"crit\":[\"x\"]}",
        "{\"alg\":\"EdDSA\",\"kid\":\"k1\",\"typ\":\"secevent+jwt\"}",
        "[]",
        "",
    };
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (verdict(signed_token(headers[i], good_claims())) != TOKEN_BAD)
            fail_msg("%s was accepted", headers[i]);
    assert_int_equal(verdict(signed_token("{\"alg\":\"EdDSA\",\"kid\":\"k2\"}", good_claims())),
                     TOKEN_UNKNOWN_KEY);
}

static void refuses_bad_claims(void **state)
{
    (void)state;
    assert_int_equal(verdict(signed_token(good_header, claims_with("other", 2, 3, now_s, now_s + 9))),
                     TOKEN_BAD);
    assert_int_equal(verdict(signed_token(good_header, claims_with("conse", 0, 3, now_s, now_s + 9))),
                     TOKEN_BAD);
    assert_int_equal(verdict(signed_token(good_header, claims_with("conse", 4, 3, now_s, now_s + 9))),
                     TOKEN_BAD);
    assert_int_equal(verdict(signed_token(good_header, claims_with("conse", 2, -1, now_s, now_s + 9))),
                     TOKEN_BAD);
    assert_int_equal(verdict(signed_token(good_header, claims_with("conse", 2, 3, now_s + 120, now_s + 900))),
                     TOKEN_BAD);
    assert_int_equal(verdict(signed_token(good_header, claims_with("conse", 2, 3, now_s - 900, now_s))),
                     TOKEN_EXPIRED);
    assert_int_equal(verdict(signed_token(good_header, "{\"iss\":\"conse\"}")), TOKEN_BAD);
    char later[600];
    snprintf(later, sizeof later, "{\"nbf\":%lld,%s", (long long)now_s + 120, good_claims() + 1);
    assert_int_equal(verdict(signed_token(good_header, later)), TOKEN_BAD);
    snprintf(later, sizeof later, "{\"nbf\":%lld,%s", (long long)now_s, good_claims() + 1);
    assert_int_equal(verdict(signed_token(good_header, later)), TOKEN_GOOD);
    assert_int_equal(verdict(signed_token(good_header, "null")), TOKEN_BAD);
}

static void refuses_every_changed_byte(void **state)
{
    static char token[4096];
    (void)state;
    strcpy(token, signed_token(good_header, good_claims()));
    assert_int_equal(verdict(token), TOKEN_GOOD);
    for (size_t i = 0; token[i]; i++) {
        char was = token[i];
        token[i] = was == 'A' ? 'B' : 'A';
        if (verdict(token) == TOKEN_GOOD) fail_msg("byte %zu does not matter", i);
        token[i] = was;
    }
    static const char *const broken[] = {
        "", ".", "..", "a.b", "a.b.c.d", "a..b", "####.####.####", "e30.e30.", "e30.e30.AAAA"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_int_equal(verdict(broken[i]), TOKEN_BAD);
    strcat(token, "=");
    assert_int_equal(verdict(token), TOKEN_BAD);
    memset(token, 'a', sizeof token - 1);
    token[sizeof token - 1] = 0;
    assert_int_equal(verdict(token), TOKEN_BAD);
}

static void refuses_a_foreign_key_of_the_same_name(void **state)
{
    uint8_t other_public[32];
    (void)state;
    crypto_sign_keypair(other_public, secret_key);
    const char *token = signed_token(good_header, good_claims());
    assert_int_equal(verdict(token), TOKEN_BAD);
    setup(NULL);
}

// ---- With memory: caching and revocation

static struct access *access_with_keys(void)
{
    struct access *access;
    struct err err;
    static char x[64];
    assert_true(access_create(&access, &err));
    assert_false(access_has_keys(access));
    encode(x, sizeof x, public_key, sizeof public_key);
    Auth__Jwks__Key key = AUTH__JWKS__KEY__INIT, wrong = AUTH__JWKS__KEY__INIT, *list[] = {&wrong, &key};
    wrong.kty = "RSA", wrong.kid = "k1";
    key.kty = "OKP", key.crv = "Ed25519", key.kid = "k1", key.x = x;
    Auth__Jwks jwks = AUTH__JWKS__INIT;
    jwks.n_keys = 2, jwks.keys = list;
    access_set_keys(access, &jwks);
    assert_true(access_has_keys(access));
    return access;
}

static void revoke_at(struct access *access, const Auth__Revocation *revocation, int64_t mono_ms)
{
    struct err err;
    clock_hold_mono(mono_ms);
    assert_true(access_revoke(access, revocation, &err));
}

static enum access_verdict check(struct access *access, const char *token, int64_t after_ms, struct err *err)
{
    char header[4200];
    struct token_claims claims;
    clock_hold_mono(1000 + after_ms);
    snprintf(header, sizeof header, "Bearer %s", token);
    return access_check(access, header, now_s * 1000 + after_ms, &claims, err);
}

static void remembers_a_token_only_until_it_expires(void **state)
{
    struct access *access = access_with_keys();
    struct err err;
    char token[4096];
    (void)state;
    strcpy(token, signed_token(good_header, good_claims()));
    assert_int_equal(check(access, token, 0, &err), ACCESS_GOOD);
    assert_int_equal(check(access, token, 889000, &err), ACCESS_GOOD);
    assert_int_equal(check(access, token, 890000, &err), ACCESS_BAD);
    assert_true(err_is(&err, TOKEN_INVALID));
    access_destroy(access);
}

static void a_token_that_is_remembered_expires_by_the_clock_on_the_wall(void **state)
{
    struct access *access = access_with_keys();
    struct err err;
    struct token_claims claims;
    char header[4200];
    (void)state;
    snprintf(header, sizeof header, "Bearer %s", signed_token(good_header, good_claims()));
    assert_int_equal(access_check(access, header, now_s * 1000, &claims, &err), ACCESS_GOOD);
    assert_int_equal(access_check(access, header, now_s * 1000 + 890000, &claims, &err), ACCESS_BAD);
    assert_true(err_is(&err, TOKEN_INVALID));
    access_destroy(access);
}

static void wants_the_scheme(void **state)
{
    struct access *access = access_with_keys();
    struct err err;
    struct token_claims claims;
    (void)state;
    static const char *const headers[] = {"", "Bearer", "Bearer ", "Basic dTpw", "bearer"};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(access_check(access, headers[i], 1, &claims, &err), ACCESS_BAD);
    assert_int_equal(
        check(access, signed_token("{\"alg\":\"EdDSA\",\"kid\":\"new\"}", good_claims()), 0, &err),
        ACCESS_UNKNOWN_KEY);
    access_destroy(access);
}

static void honours_revocations(void **state)
{
    struct access *access = access_with_keys();
    struct err err;
    char token[4096];
    Auth__Revocation revocation = AUTH__REVOCATION__INIT;
    (void)state;
    strcpy(token, signed_token(good_header, good_claims()));
    assert_int_equal(check(access, token, 0, &err), ACCESS_GOOD);
    revocation.user_id = user_id;
    revocation.session_id = "01a204b8-0000-7091-81f2-4b7e0aa370c0";
    revoke_at(access, &revocation, 1001);
    assert_int_equal(check(access, token, 2, &err), ACCESS_GOOD); // another session
    revocation.session_id = "";
    revocation.generation = 3;
    revoke_at(access, &revocation, 1002);
    assert_int_equal(check(access, token, 3, &err), ACCESS_GOOD); // its own generation
    revocation.generation = 4;
    revoke_at(access, &revocation, 1003);
    assert_int_equal(check(access, token, 4, &err), ACCESS_BAD);
    strcpy(token, signed_token(good_header, claims_with("conse", 2, 4, now_s, now_s + 890)));
    assert_int_equal(check(access, token, 5, &err), ACCESS_GOOD); // issued after the change
    revocation.session_id = session_id;
    revocation.generation = 0;
    revoke_at(access, &revocation, 1005);
    assert_int_equal(check(access, token, 6, &err), ACCESS_BAD);
    access_destroy(access);
}

struct listener {
    struct access *access;
    struct token_claims claims;
    unsigned heard, found;
};

static void on_revocation(void *arg)
{
    struct listener *listener = arg;
    listener->heard++;
    listener->found += access_is_revoked(listener->access, &listener->claims);
}

// Who waits is woken when it can be found, not at their next look.
static void a_revocation_is_told_at_once(void **state)
{
    struct err err;
    Auth__Revocation revocation = AUTH__REVOCATION__INIT;
    struct listener listener = {.access = access_with_keys()};
    (void)state;
    strcpy(listener.claims.session_id, session_id);
    strcpy(listener.claims.user_id, user_id);
    access_on_revocation(listener.access, on_revocation, &listener);
    revocation.user_id = user_id;
    revocation.session_id = session_id;
    assert_true(access_revoke(listener.access, &revocation, &err));
    assert_int_equal(listener.heard, 1);
    assert_int_equal(listener.found, 1);
    access_destroy(listener.access);
}

// What is remembered of a token has its claims too.
static void an_api_key_is_revoked_like_a_session(void **state)
{
    struct access *access = access_with_keys();
    struct err err;
    char token[4096], of_another[4096];
    Auth__Revocation revocation = AUTH__REVOCATION__INIT;
    (void)state;
    strcpy(token, signed_token(good_header, claims_and("\"key\":\"k7\"")));
    strcpy(of_another, signed_token(good_header, claims_and("\"key\":\"k8\"")));
    for (int i = 0; i < 2; i++) assert_int_equal(check(access, token, i, &err), ACCESS_GOOD);
    revocation.user_id = user_id;
    revocation.session_id = "k7";
    revoke_at(access, &revocation, 1002);
    assert_int_equal(check(access, token, 3, &err), ACCESS_BAD);
    assert_int_equal(check(access, of_another, 3, &err), ACCESS_GOOD);
    assert_int_equal(check(access, signed_token(good_header, good_claims()), 3, &err), ACCESS_GOOD);
    access_destroy(access);
}

static void forgets_a_revocation_only_when_no_token_can_be_older(void **state)
{
    struct access *access = access_with_keys();
    struct err err;
    char token[4096];
    Auth__Revocation revocation = AUTH__REVOCATION__INIT;
    const int64_t longest_s = 3600; // CONSE_ACCESS_TTL allows no more
    (void)state;
    strcpy(token, signed_token(good_header, claims_with("conse", 2, 3, now_s, now_s + longest_s)));
    revocation.user_id = user_id;
    revocation.session_id = session_id;
    revoke_at(access, &revocation, 1000);
    assert_int_equal(check(access, token, longest_s * 1000 - 1, &err), ACCESS_BAD);
    assert_string_equal(err.message, "the access token was revoked");
    access_destroy(access);
}

static void revocations_may_come_in_any_order(void **state)
{
    struct access *access = access_with_keys();
    struct err err;
    Auth__Revocation revocation = AUTH__REVOCATION__INIT;
    (void)state;
    revocation.user_id = user_id;
    revocation.generation = 4;
    revoke_at(access, &revocation, 1000);
    revocation.generation = 3; // of an earlier change
    revoke_at(access, &revocation, 1001);
    assert_int_equal(check(access, signed_token(good_header, good_claims()), 2, &err), ACCESS_BAD);
    access_destroy(access);
}

static void a_withdrawn_key_ends_what_it_signed(void **state)
{
    struct access *access = access_with_keys();
    struct err err;
    char token[4096];
    Auth__Jwks none = AUTH__JWKS__INIT;
    (void)state;
    strcpy(token, signed_token(good_header, good_claims()));
    assert_int_equal(check(access, token, 0, &err), ACCESS_GOOD);
    access_set_keys(access, &none);
    assert_int_equal(check(access, token, 1, &err), ACCESS_UNKNOWN_KEY);
    access_destroy(access);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_claims_of_a_good_token),
        cmocka_unit_test(reads_the_claims_of_an_api_key),
        cmocka_unit_test(refuses_other_algorithms),
        cmocka_unit_test(refuses_bad_claims),
        cmocka_unit_test(refuses_every_changed_byte),
        cmocka_unit_test(refuses_a_foreign_key_of_the_same_name),
        cmocka_unit_test(remembers_a_token_only_until_it_expires),
        cmocka_unit_test(a_token_that_is_remembered_expires_by_the_clock_on_the_wall),
        cmocka_unit_test(wants_the_scheme),
        cmocka_unit_test(honours_revocations),
        cmocka_unit_test(a_revocation_is_told_at_once),
        cmocka_unit_test(an_api_key_is_revoked_like_a_session),
        cmocka_unit_test(forgets_a_revocation_only_when_no_token_can_be_older),
        cmocka_unit_test(revocations_may_come_in_any_order),
        cmocka_unit_test(a_withdrawn_key_ends_what_it_signed),
    };
    return cmocka_run_group_tests_name("access", tests, setup, NULL);
}
