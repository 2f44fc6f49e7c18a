#include "services/auth/tokens/device.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING, MAC_TEXT = 44 };

struct device_claims {
    const char *account_id, *device_id;
    uint64_t epoch;
    int64_t expires_s;
};

static void device_make(const struct key *key, const struct device_claims *claims,
                        char token[DEVICE_TOKEN_MAX])
{
    char text[160], mac_text[MAC_TEXT];
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    int n = snprintf(text, sizeof text, "conse/device/1%s.%s.%" PRIu64 ".%" PRId64, claims->account_id,
                     claims->device_id, claims->epoch, claims->expires_s);
    crypto_auth_hmacsha256(mac, (const uint8_t *)text, (size_t)n, key->bytes);
    sodium_bin2base64(mac_text, sizeof mac_text, mac, sizeof mac, BASE64);
    snprintf(token, DEVICE_TOKEN_MAX, "%s.%" PRIu64 ".%" PRId64 ".%s", claims->device_id, claims->epoch,
             claims->expires_s, mac_text);
}

void device_token_make(const struct auth *auth, const struct account *account, const char *device_id,
                       int64_t now_ms, char token[DEVICE_TOKEN_MAX])
{
    const struct device_claims claims = {account->row->id, device_id, account->row->epoch,
                                         (now_ms + auth->settings.device_ms) / 1000};
    AUTO_KEY struct key key;
    keyring_in_use(auth->keys, AUTH_KEY_DEVICE, &key);
    device_make(&key, &claims, token);
}

static bool is_made_here(const struct auth *auth, const struct device_claims *claims, const char *token,
                         int64_t now_ms)
{
    AUTO_KEYS struct key_set set;
    size_t len = strlen(token);
    keyring_get(auth->keys, AUTH_KEY_DEVICE, &set);
    for (size_t i = 0; i < set.count && key_serves(&set, i, auth->settings.device_ms, now_ms); i++) {
        char again[DEVICE_TOKEN_MAX];
        device_make(&set.keys[i], claims, again);
        if (strlen(again) == len && sodium_memcmp(again, token, len) == 0) return true;
    }
    return false;
}

bool device_is_known(const struct auth *auth, const struct account *account, const char *token,
                     int64_t now_ms, struct uuid *device_id)
{
    struct device_claims claims = {.device_id = device_id->text};
    if (!account->row || strlen(token) >= DEVICE_TOKEN_MAX ||
        sscanf(token, "%36[0-9a-f-].%20" SCNu64 ".%12" SCNd64 ".", device_id->text, &claims.epoch,
               &claims.expires_s) != 3)
        return false;
    claims.account_id = account->row->id;
    if (!is_made_here(auth, &claims, token, now_ms)) return false;
    int64_t left_ms =
        claims.expires_s * 1000 - now_ms; // later than its life allows: a clock that was ahead made it
    return claims.epoch == account->row->epoch && left_ms > 0 && left_ms <= auth->settings.device_ms;
}
