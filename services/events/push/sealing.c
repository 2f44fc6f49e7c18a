#include "services/events/push/sealing.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sodium.h>
#include <string.h>

enum { SALT = 16, KEY = 16, NONCE = 12, TAG = 16, LAST_RECORD = 2 };
static const uint8_t record_size[4] = {0, 0, 16, 0}; // 4096

struct bytes_of {
    const void *bytes;
    size_t len;
};

static OSSL_PARAM octet_param(const char *name, struct bytes_of value)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)value.bytes, value.len);
}

static bool derive_bytes(struct bytes_of salt, struct bytes_of secret, struct bytes_of about, uint8_t *out,
                         size_t len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        octet_param(OSSL_KDF_PARAM_SALT, salt), octet_param(OSSL_KDF_PARAM_KEY, secret),
        octet_param(OSSL_KDF_PARAM_INFO, about), OSSL_PARAM_construct_end()};
    bool ok = context && EVP_KDF_derive(context, out, len, params) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return ok;
}

static bool encrypt_record(const uint8_t key[KEY], const uint8_t nonce[NONCE],
                           const uint8_t text[SEALING_TEXT], uint8_t out[SEALING_TEXT + TAG])
{
    int len = 0, rest = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool ok = context && EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), NULL, key, nonce) == 1 &&
              EVP_EncryptUpdate(context, out, &len, text, SEALING_TEXT) == 1 && len == SEALING_TEXT &&
              EVP_EncryptFinal_ex(context, out + len, &rest) == 1 && rest == 0 &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG, out + len) == 1;
    EVP_CIPHER_CTX_free(context);
    return ok;
}

// The secret of both, by their agreement and what they share: RFC 8291, 3.4.
static bool agree_on(const struct sealing_to *to, EVP_PKEY *own, const uint8_t own_point[P256_PUBLIC],
                     uint8_t secret[P256_SECRET])
{
    static const char about[] = "WebPush: info"; // with its NUL
    uint8_t shared[P256_SECRET], info[sizeof about + 2 * P256_PUBLIC];
    EVP_PKEY *browser = p256_public(to->point);
    memcpy(info, about, sizeof about);
    memcpy(info + sizeof about, to->point, P256_PUBLIC);
    memcpy(info + sizeof about + P256_PUBLIC, own_point, P256_PUBLIC);
    bool ok =
        browser && p256_agree(own, browser, shared) &&
        derive_bytes((struct bytes_of){to->auth, SEALING_AUTH}, (struct bytes_of){shared, sizeof shared},
                     (struct bytes_of){info, sizeof info}, secret, P256_SECRET);
    sodium_memzero(shared, sizeof shared);
    EVP_PKEY_free(browser);
    return ok;
}

// sealed begins with the salt.
static bool seal_record(const uint8_t secret[P256_SECRET], const uint8_t text[SEALING_TEXT],
                        uint8_t sealed[SEALED])
{
    static const char of_key[] = "Content-Encoding: aes128gcm", of_nonce[] = "Content-Encoding: nonce";
    uint8_t key[KEY], nonce[NONCE];
    const struct bytes_of salt = {sealed, SALT}, from = {secret, P256_SECRET};
    bool ok = derive_bytes(salt, from, (struct bytes_of){of_key, sizeof of_key}, key, sizeof key) &&
              derive_bytes(salt, from, (struct bytes_of){of_nonce, sizeof of_nonce}, nonce, sizeof nonce) &&
              encrypt_record(key, nonce, text, sealed + SEALING_HEAD);
    sodium_memzero(key, sizeof key);
    return ok;
}

bool sealing_close(const struct sealing_to *to, const void *text, size_t len, uint8_t sealed[SEALED],
                   struct err *err)
{
    uint8_t secret[P256_SECRET], record[SEALING_TEXT] = {0}, *own_point = sealed + SEALING_HEAD - P256_PUBLIC;
    if (len >= SEALING_TEXT) return err_fail(err, INTERNAL_ERROR, "a push says too much");
    memcpy(record, text, len);
    record[len] = LAST_RECORD;
    randombytes_buf(sealed, SALT);
    memcpy(sealed + SALT, record_size, sizeof record_size);
    sealed[SALT + sizeof record_size] = P256_PUBLIC;
    EVP_PKEY *own = p256_draw();
    bool ok = own && p256_point(own, own_point) && agree_on(to, own, own_point, secret) &&
              seal_record(secret, record, sealed);
    EVP_PKEY_free(own);
    sodium_memzero(secret, sizeof secret);
    return ok || err_fail(err, INTERNAL_ERROR, "a push can't be sealed");
}
