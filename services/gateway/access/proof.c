#include "services/gateway/access/proof.h"

#include <sodium.h>
#include <string.h>

enum { MAC_BYTES = 16, SALT_BYTES = 16, MAX_DIGITS = 20 };

// What a stamp says, and that we said it.
struct stamp {
    uint64_t given_ms; // of this machine's byte order: who reads it has the key
    uint8_t salt[SALT_BYTES];
    uint8_t mac[MAC_BYTES];
};
_Static_assert(sizeof(struct stamp) == 40 && PROOF_STAMP_SIZE > 40 * 4 / 3 + 1, "a stamp's text has room");

void proofs_init(struct proofs *proofs, struct limits *limits, unsigned bits, const uint8_t *key)
{
    limits->classes[LIMIT_PROOF] = (struct bucket){1, 500.0 / PROOF_LIFE_MS};
    *proofs = (struct proofs){.limits = limits, .bits = bits};
    if (key)
        memcpy(proofs->key, key, sizeof proofs->key);
    else
        randombytes_buf(proofs->key, sizeof proofs->key);
}

static void stamp_sign(const struct proofs *proofs, const struct proof_subject *subject,
                       const struct stamp *stamp, uint8_t mac[MAC_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, proofs->key, sizeof proofs->key, MAC_BYTES);
    crypto_generichash_update(&state, (const uint8_t *)stamp, offsetof(struct stamp, mac));
    crypto_generichash_update(&state, (const uint8_t *)subject->household, strlen(subject->household) + 1);
    crypto_generichash_update(&state, (const uint8_t *)subject->route, strlen(subject->route));
    crypto_generichash_final(&state, mac, MAC_BYTES);
}

static void wish_make(const struct proofs *proofs, const struct proof_subject *subject, int64_t now_ms,
                      struct proof_wish *wish)
{
    struct stamp stamp = {.given_ms = (uint64_t)now_ms};
    randombytes_buf(stamp.salt, sizeof stamp.salt);
    stamp_sign(proofs, subject, &stamp, stamp.mac);
    wish->bits = proofs->bits;
    sodium_bin2base64(wish->stamp, sizeof wish->stamp, (const uint8_t *)&stamp, sizeof stamp,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

// Nobody else's, for nothing else, and not too old.
static bool stamp_is_good(const struct proofs *proofs, const struct proof_subject *subject,
                          const struct stamp *stamp, int64_t now_ms)
{
    uint8_t mac[MAC_BYTES];
    stamp_sign(proofs, subject, stamp, mac);
    int64_t age_ms = now_ms - (int64_t)stamp->given_ms;
    return sodium_memcmp(mac, stamp->mac, sizeof mac) == 0 && age_ms >= -PROOF_LIFE_MS &&
           age_ms <= PROOF_LIFE_MS;
}

static bool has_zeros(const uint8_t hash[crypto_hash_sha256_BYTES], unsigned bits)
{
    for (unsigned bit = 0; bit < bits; bit++)
        if (hash[bit / 8] & (0x80 >> bit % 8)) return false;
    return true;
}

static bool stamp_read(const char *given, struct stamp *stamp)
{
    const char *dot = strchr(given, '.');
    size_t len, number = dot ? strspn(dot + 1, "0123456789") : 0;
    if (!dot || number == 0 || number > MAX_DIGITS || dot[1 + number]) return false;
    return sodium_base642bin((uint8_t *)stamp, sizeof *stamp, given, (size_t)(dot - given), NULL, &len, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           len == sizeof *stamp;
}

// Its use is counted for twice as long as it lives.
static bool stamp_is_new(const struct proofs *proofs, const struct stamp *stamp)
{
    char name[2 * SALT_BYTES + 1];
    sodium_bin2hex(name, sizeof name, stamp->salt, sizeof stamp->salt);
    return limits_take(proofs->limits, LIMIT_PROOF, name).allowed;
}

static bool is_proof(const struct proofs *proofs, const struct proof_subject *subject, const char *given,
                     int64_t now_ms)
{
    struct stamp stamp;
    uint8_t hash[crypto_hash_sha256_BYTES];
    if (!stamp_read(given, &stamp) || !stamp_is_good(proofs, subject, &stamp, now_ms)) return false;
    crypto_hash_sha256(hash, (const uint8_t *)given, strlen(given));
    return has_zeros(hash, proofs->bits) && stamp_is_new(proofs, &stamp);
}

bool proofs_admit(const struct proofs *proofs, const struct proof_subject *subject, const char *given,
                  int64_t now_ms, struct proof_wish *wish, struct err *err)
{
    if (given && is_proof(proofs, subject, given, now_ms)) return true;
    struct bucket_state crowd = limits_take(proofs->limits, LIMIT_CROWD, "");
    if (crowd.allowed) return true;
    wish_make(proofs, subject, now_ms, wish);
    err_fail(err, PROOF_WANTED, "many ask at this moment: send a proof of work, or try again in %u s",
             crowd.retry_after_s);
    err->retry_after_s = crowd.retry_after_s;
    return false;
}
