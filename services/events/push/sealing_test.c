// What is sealed for a browser, opened as the browser does it, by the same library; and keys that follow from
// a seed.
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <sodium.h>

#include "services/events/push/sealing.h"
#include "tests/test.h"

static void hkdf(const void *salt, size_t salt_len, const uint8_t *key, const void *info, size_t info_len,
                 uint8_t *out, size_t len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]){"SHA256"}, 0),
                           OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_len),
                           OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key, 32),
                           OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_len),
                           OSSL_PARAM_construct_end()};
    assert_int_equal(EVP_KDF_derive(context, out, len, params), 1);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
}

static bool open_record(EVP_PKEY *own, const struct sealing_to *to, const uint8_t sealed[SEALED],
                        uint8_t text[SEALING_TEXT])
{
    static const char about[] = "WebPush: info", of_key[] = "Content-Encoding: aes128gcm",
                      of_nonce[] = "Content-Encoding: nonce";
    uint8_t shared[32], secret[32], key[16], nonce[12], info[sizeof about + 2 * P256_PUBLIC];
    EVP_PKEY *sender = p256_public(sealed + SEALING_HEAD - P256_PUBLIC);
    assert_non_null(sender);
    assert_true(p256_agree(own, sender, shared));
    memcpy(info, about, sizeof about);
    memcpy(info + sizeof about, to->point, P256_PUBLIC);
    memcpy(info + sizeof about + P256_PUBLIC, sealed + SEALING_HEAD - P256_PUBLIC, P256_PUBLIC);
    hkdf(to->auth, SEALING_AUTH, shared, info, sizeof info, secret, 32);
    hkdf(sealed, 16, secret, of_key, sizeof of_key, key, sizeof key);
    hkdf(sealed, 16, secret, of_nonce, sizeof of_nonce, nonce, sizeof nonce);
    int len, rest;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool ok = EVP_DecryptInit_ex(context, EVP_aes_128_gcm(), NULL, key, nonce) == 1 &&
              EVP_DecryptUpdate(context, text, &len, sealed + SEALING_HEAD, SEALING_TEXT) == 1 &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, 16, (void *)(sealed + SEALED - 16)) == 1 &&
              EVP_DecryptFinal_ex(context, text + len, &rest) == 1;
    EVP_CIPHER_CTX_free(context);
    EVP_PKEY_free(sender);
    return ok;
}

static void a_browser_reads_what_was_sealed_for_it(void **state)
{
    struct sealing_to to;
    struct err err;
    uint8_t sealed[SEALED] = {0}, again[SEALED] = {0}, text[SEALING_TEXT] = {0};
    EVP_PKEY *own = p256_draw(), *other = p256_draw();
    (void)state;
    assert_true(p256_point(own, to.point));
    randombytes_buf(to.auth, sizeof to.auth);
    assert_true(sealing_close(&to, "news", 4, sealed, &err));
    assert_true(open_record(own, &to, sealed, text));
    assert_memory_equal(text, "news\2\0\0", 7);
    assert_int_equal(text[SEALING_TEXT - 1], 0);
    assert_false(open_record(other, &to, sealed, text));
    assert_true(sealing_close(&to, "news", 4, again, &err));
    assert_memory_not_equal(sealed, again, SEALED);
    sealed[SEALED - 20] ^= 1;
    assert_false(open_record(own, &to, sealed, text));
    assert_false(sealing_close(&to, text, SEALING_TEXT, sealed, &err));
    to.point[64] ^= 1; // not of the curve
    assert_false(sealing_close(&to, "news", 4, sealed, &err));
    EVP_PKEY_free(own);
    EVP_PKEY_free(other);
}

static void a_key_follows_from_its_seed(void **state)
{
    uint8_t seeds[2][32] = {{1}, {2}}, points[3][P256_PUBLIC], signature[64];
    (void)state;
    for (int i = 0; i < 3; i++) {
        EVP_PKEY *key = p256_derive(seeds[i / 2]);
        assert_non_null(key);
        assert_true(p256_point(key, points[i]));
        assert_true(p256_sign(key, "text", 4, signature));
        EVP_PKEY_free(key);
    }
    assert_memory_equal(points[0], points[1], P256_PUBLIC);
    assert_memory_not_equal(points[0], points[2], P256_PUBLIC);
    static const uint8_t none[P256_PUBLIC] = {4};
    assert_null(p256_public(none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_browser_reads_what_was_sealed_for_it),
        cmocka_unit_test(a_key_follows_from_its_seed),
    };
    return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
