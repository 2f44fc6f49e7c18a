#include <jansson.h>
#include <sodium.h>

#include "services/auth/tokens/token.h"
#include "tests/test.h"

enum { BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

static char folder[TEST_FOLDER_BYTES];
static struct token_keys *keys;
static struct arena arena;
static const int64_t span_ms = 1000000, now_ms = 5500000;

static int set_up(void **state)
{
    (void)state;
    struct err err;
    arena_init(&arena, 1 << 20);
    test_folder_make(folder);
    return !(sodium_init() >= 0 && token_keys_open(&keys, folder, span_ms, &err));
}

static int tear_down(void **state)
{
    (void)state;
    token_keys_close(keys);
    test_folder_remove(folder);
    arena_finish(&arena);
    return 0;
}

static void issue(char token[TOKEN_MAX])
{
    struct err err;
    const struct token_claims claims = {"017f22e2-79b0-7fff-bfff-ffffffffffff",
                                        "mira",
                                        "017f22e2-79b0-7fff-bfff-000000000000",
                                        AUTH__LEVEL__VALUE__GOD,
                                        7,
                                        now_ms / 1000,
                                        now_ms / 1000 + 900,
                                        NULL,
                                        false};
    assert_true(token_issue(keys, &claims, token, &err));
}

static json_t *decode(const char *from, const char *to)
{
    uint8_t bytes[1024];
    size_t len;
    assert_int_equal(
        sodium_base642bin(bytes, sizeof bytes, from, (size_t)(to - from), NULL, &len, NULL, BASE64), 0);
    return json_loadb((const char *)bytes, len, 0, NULL);
}

static void a_token_carries_its_claims(void **state)
{
    (void)state;
    char token[TOKEN_MAX];
    issue(token);
    const char *first = strchr(token, '.'), *second = strchr(first + 1, '.');
    json_t *header = decode(token, first), *claims = decode(first + 1, second);
    assert_string_equal(json_string_value(json_object_get(header, "alg")), "EdDSA");
    assert_string_equal(json_string_value(json_object_get(claims, "iss")), "conse");
    assert_string_equal(json_string_value(json_object_get(claims, "sub")),
                        "017f22e2-79b0-7fff-bfff-ffffffffffff");
    assert_string_equal(json_string_value(json_object_get(claims, "name")), "mira");
    assert_int_equal(json_integer_value(json_object_get(claims, "lvl")), 2);
    assert_int_equal(json_integer_value(json_object_get(claims, "gen")), 7);
    assert_int_equal(json_integer_value(json_object_get(claims, "exp")) -
                         json_integer_value(json_object_get(claims, "iat")),
                     900);
    json_decref(header);
    json_decref(claims);
}

static void a_published_key_verifies_it(void **state)
{
    (void)state;
    char token[TOKEN_MAX];
    uint8_t public[32], signature[64];
    struct err err;
    Auth__Jwks jwks = AUTH__JWKS__INIT;
    issue(token);
    const char *last = strrchr(token, '.');
    assert_true(token_jwks(keys, now_ms, &arena, &jwks, &err));
    assert_int_equal(
        sodium_base642bin(public, 32, jwks.keys[1]->x, strlen(jwks.keys[1]->x), NULL, NULL, NULL, BASE64), 0);
    assert_int_equal(sodium_base642bin(signature, 64, last + 1, strlen(last + 1), NULL, NULL, NULL, BASE64),
                     0);
    assert_int_equal(
        crypto_sign_verify_detached(signature, (const uint8_t *)token, (size_t)(last - token), public), 0);
}

static void keys_survive_a_restart(void **state)
{
    (void)state;
    struct token_keys *again;
    struct err err;
    Auth__Jwks before = AUTH__JWKS__INIT, after = AUTH__JWKS__INIT;
    assert_true(token_jwks(keys, now_ms, &arena, &before, &err));
    assert_true(token_keys_open(&again, folder, span_ms, &err));
    assert_true(token_jwks(again, now_ms, &arena, &after, &err));
    for (int i = 0; i < TOKEN_KEYS; i++) assert_string_equal(before.keys[i]->kid, after.keys[i]->kid);
    token_keys_close(again);
}

static void refresh_tokens_belong_to_their_key(void **state)
{
    (void)state;
    const uint8_t key[32] = {1}, other[32] = {2};
    char token[REFRESH_MAX], id[40];
    uint32_t counter;
    refresh_make(key, "017f22e2-79b0-7fff-bfff-ffffffffffff", 41, token);
    assert_true(refresh_read(key, token, id, &counter));
    assert_string_equal(id, "017f22e2-79b0-7fff-bfff-ffffffffffff");
    assert_int_equal(counter, 41);
    assert_false(refresh_read(other, token, id, &counter));
    token[strcspn(token, ".") + 1] = '5'; // 51
    assert_false(refresh_read(key, token, id, &counter));
    assert_false(refresh_read(key, "", id, &counter));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_carries_its_claims),
        cmocka_unit_test(a_published_key_verifies_it),
        cmocka_unit_test(keys_survive_a_restart),
        cmocka_unit_test(refresh_tokens_belong_to_their_key),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
