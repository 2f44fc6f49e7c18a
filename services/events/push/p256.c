#include "services/events/push/p256.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <sodium.h>

#define CURVE "prime256v1"

enum {
    WIDE = 48
}; // bytes that are reduced to a secret number: 128 bits more than it has, so that none is likelier

EVP_PKEY *p256_draw(void) { return EVP_EC_gen(CURVE); }

static EVP_PKEY *p256_build(OSSL_PARAM_BLD *build, int selection)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    bool ok = params && context && EVP_PKEY_fromdata_init(context) == 1 &&
              EVP_PKEY_fromdata(context, &key, selection, params) == 1;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    return ok ? key : NULL;
}

EVP_PKEY *p256_public(const uint8_t point[P256_PUBLIC])
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (build && point[0] == 4 &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, CURVE, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, P256_PUBLIC) == 1)
        key = p256_build(build, EVP_PKEY_PUBLIC_KEY);
    OSSL_PARAM_BLD_free(build);
    return key;
}

// ---- From a seed

// 1 to the curve's order less 1.
static bool number_of_seed(const uint8_t seed[32], const EC_GROUP *group, BIGNUM *number, BN_CTX *context)
{
    static const char about[] = "conse/p256/1";
    uint8_t wide[WIDE];
    BIGNUM *limit = BN_dup(EC_GROUP_get0_order(group)), *all = NULL;
    crypto_generichash(wide, sizeof wide, (const uint8_t *)about, sizeof about - 1, seed, 32);
    all = BN_bin2bn(wide, sizeof wide, NULL);
    bool ok = limit && all && BN_sub_word(limit, 1) && BN_mod(number, all, limit, context) &&
              BN_add_word(number, 1);
    sodium_memzero(wide, sizeof wide);
    BN_clear_free(all);
    BN_free(limit);
    return ok;
}

static bool point_of_number(const EC_GROUP *group, const BIGNUM *number, uint8_t point[P256_PUBLIC],
                            BN_CTX *context)
{
    EC_POINT *public_point = EC_POINT_new(group);
    bool ok = public_point && EC_POINT_mul(group, public_point, number, NULL, NULL, context) == 1 &&
              EC_POINT_point2oct(group, public_point, POINT_CONVERSION_UNCOMPRESSED, point, P256_PUBLIC,
                                 context) == P256_PUBLIC;
    EC_POINT_free(public_point);
    return ok;
}

static EVP_PKEY *pair_of_number(const BIGNUM *number, const uint8_t point[P256_PUBLIC])
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (build && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, CURVE, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, P256_PUBLIC) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1)
        key = p256_build(build, EVP_PKEY_KEYPAIR);
    OSSL_PARAM_BLD_free(build);
    return key;
}

EVP_PKEY *p256_derive(const uint8_t seed[32])
{
    uint8_t point[P256_PUBLIC];
    EVP_PKEY *key = NULL;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM *number = BN_secure_new();
    BN_CTX *context = BN_CTX_new();
    if (group && number && context && number_of_seed(seed, group, number, context) &&
        point_of_number(group, number, point, context))
        key = pair_of_number(number, point);
    BN_CTX_free(context);
    BN_clear_free(number);
    EC_GROUP_free(group);
    return key;
}

// ---- Use

bool p256_point(const EVP_PKEY *key, uint8_t point[P256_PUBLIC])
{
    size_t len = 0;
    return EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, P256_PUBLIC, &len) == 1 &&
           len == P256_PUBLIC;
}

bool p256_agree(EVP_PKEY *own, EVP_PKEY *other, uint8_t shared[P256_SECRET])
{
    size_t len = P256_SECRET;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(own, NULL);
    bool ok = context && EVP_PKEY_derive_init(context) == 1 &&
              EVP_PKEY_derive_set_peer(context, other) == 1 && EVP_PKEY_derive(context, shared, &len) == 1 &&
              len == P256_SECRET;
    EVP_PKEY_CTX_free(context);
    return ok;
}

static bool split_signature(const uint8_t *der, size_t len, uint8_t signature[64])
{
    const uint8_t *at = der;
    ECDSA_SIG *parts = d2i_ECDSA_SIG(NULL, &at, (long)len);
    bool ok = parts && BN_bn2binpad(ECDSA_SIG_get0_r(parts), signature, 32) == 32 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(parts), signature + 32, 32) == 32;
    ECDSA_SIG_free(parts);
    return ok;
}

bool p256_sign(EVP_PKEY *key, const void *text, size_t len, uint8_t signature[64])
{
    uint8_t der[80];
    size_t der_len = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestSign(context, der, &der_len, text, len) == 1 &&
              split_signature(der, der_len, signature);
    EVP_MD_CTX_free(context);
    return ok;
}
