#include "lib/cache/redis/sealing.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 16 };

_Static_assert((int)SEALING_KEY == crypto_secretbox_KEYBYTES, "it seals");
_Static_assert(SEALING_MORE == crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES, "there is room");

void sealing_init(struct sealing *sealing, const uint8_t *key)
{
    *sealing = (struct sealing){.keyed = key};
    if (key) memcpy(sealing->key, key, sizeof sealing->key);
}

void sealing_forget(struct sealing *sealing) { sodium_memzero(sealing->key, sizeof sealing->key); }

void sealing_name(const struct sealing *sealing, char out[SEALING_NAME], const char *prefix, const char *name)
{
    uint8_t hash[NAME_BYTES];
    char hex[2 * NAME_BYTES + 1];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)name, strlen(name),
                       sealing->keyed ? sealing->key : NULL, sealing->keyed ? sizeof sealing->key : 0);
    snprintf(out, SEALING_NAME, "%s%s", prefix, sodium_bin2hex(hex, sizeof hex, hash, sizeof hash));
}

size_t sealing_close(const struct sealing *sealing, uint8_t *out, const void *value, size_t len)
{
    uint8_t *nonce = out;
    if (!sealing->keyed) return memcpy(out, value, len), len;
    randombytes_buf(nonce, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(out + crypto_secretbox_NONCEBYTES, value, len, nonce, sealing->key);
    return len + SEALING_MORE;
}

long sealing_open(const struct sealing *sealing, const void *sealed, size_t len, void *value, size_t size)
{
    const uint8_t *bytes = sealed;
    size_t more = sealing->keyed ? SEALING_MORE : 0;
    if (len < more || len - more > size) return -1;
    if (!sealing->keyed) return memcpy(value, bytes, len), (long)len;
    bool good = crypto_secretbox_open_easy(value, bytes + crypto_secretbox_NONCEBYTES,
                                           len - crypto_secretbox_NONCEBYTES, bytes, sealing->key) == 0;
    return good ? (long)(len - more) : -1;
}
