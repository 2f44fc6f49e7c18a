#include "services/events/push/vapid.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "services/events/push/p256.h"

#define HEADER "{\"typ\":\"JWT\",\"alg\":\"ES256\"}"

enum { LIFE_S = 12 * 3600, CLAIMS = 512 };

bool vapid_open(struct vapid *vapid, struct keyring *keys, struct err *err)
{
    AUTO_KEYS struct key_set set = {.count = 0};
    uint8_t point[P256_PUBLIC];
    if (!keyring_load(keys, VAPID_KEY, &set, err)) return false;
    vapid->key = p256_derive(set.keys[set.count - 1].bytes);
    if (!vapid->key || !p256_point(vapid->key, point))
        return err_fail(err, INTERNAL_ERROR, "no key for push services");
    sodium_bin2base64(vapid->public_text, sizeof vapid->public_text, point, sizeof point,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return true;
}

void vapid_close(struct vapid *vapid)
{
    EVP_PKEY_free(vapid->key);
    vapid->key = NULL;
}

static void add_base64(struct buf *out, const void *bytes, size_t len)
{
    char text[1024];
    sodium_bin2base64(text, sizeof text, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    buf_str(out, text);
}

// "https://push.example.com:8443", of a URL that was checked when it was taken.
static int origin_len(const char *endpoint)
{
    const char *host = strstr(endpoint, "://");
    return host ? (int)(host + 3 - endpoint + (int)strcspn(host + 3, "/?")) : 0;
}

bool vapid_authorize(const struct vapid *vapid, const char *endpoint, const char *contact, int64_t now_ms,
                     char authorization[VAPID_TOKEN], struct err *err)
{
    char claims[CLAIMS];
    uint8_t signature[64];
    struct buf token;
    long long until_s = now_ms / 1000 + LIFE_S;
    int len = snprintf(claims, sizeof claims, "{\"aud\":\"%.*s\",\"exp\":%lld,\"sub\":\"%s\"}",
                       origin_len(endpoint), endpoint, until_s, contact);
    if (len >= CLAIMS) return err_fail(err, INVALID_FIELD, "the push service's name is too long");
    buf_init(&token, VAPID_TOKEN);
    add_base64(&token, HEADER, sizeof HEADER - 1);
    buf_char(&token, '.');
    add_base64(&token, claims, (size_t)len);
    bool ok = !token.failed && p256_sign(vapid->key, token.bytes, token.len, signature);
    buf_char(&token, '.');
    add_base64(&token, signature, sizeof signature);
    int size = snprintf(authorization, VAPID_TOKEN, "Authorization: vapid t=%s, k=%s", token.bytes,
                        vapid->public_text);
    ok = ok && !token.failed && size < VAPID_TOKEN;
    buf_finish(&token);
    return ok || err_fail(err, INTERNAL_ERROR, "no token for a push service");
}
