// The auth service's settings, as --help lists them.
#include <stddef.h>

#include "services/auth/auth.h"

#define AT(field) offsetof(struct auth_settings, field)
#define DAY_MS 86400000LL

const struct config_var auth_vars[] = {
    {"CONSE_ACCESS_TTL", CONFIG_DURATION, AT(access_ms), "15m", "life of an access token", 60000, 3600000, 0},
    {"CONSE_REFRESH_TTL", CONFIG_DURATION, AT(refresh_ms), "30d", "life of a refresh token", 3600000,
     400 * DAY_MS, 0},
    {"CONSE_REFRESH_GRACE", CONFIG_DURATION, AT(refresh_grace_ms), "10s",
     "parallel refreshes of one token get the same child", 0, 60000, 0},
    {"CONSE_DEVICE_TTL", CONFIG_DURATION, AT(device_ms), "180d", "life of a device token", 3600000,
     400 * DAY_MS, 0},
    {"CONSE_TOKEN_KEY_SPAN", CONFIG_DURATION, AT(token_key_ms), "30d", "how long one signing key is used",
     7200000, 400 * DAY_MS, 0},
    {"CONSE_OTP_TTL", CONFIG_DURATION, AT(otp_ms), "120s", "life of a one-time code", 30000, 3600000, 0},
    {"CONSE_OTP_PAUSE", CONFIG_DURATION, AT(otp_pause_ms), "60s",
     "between two codes to one phone; doubles until one is used", 0, 3600000, 0},
    {"CONSE_OTP_PAUSE_MAX", CONFIG_DURATION, AT(otp_pause_max_ms), "1h", "the longest such pause", 0, DAY_MS,
     0},
    {"CONSE_OTP_TRIES", CONFIG_INT, AT(otp_tries), "5", "guesses per code", 1, 100, 0},
    {"CONSE_OTP_DRIVER", CONFIG_CHOICE, AT(otp_driver), "log", "how codes are delivered", 0, 0,
     "log|webhook"},
    {"CONSE_OTP_WEBHOOK_URL", CONFIG_TEXT, AT(otp_webhook_url), "", "gets {phone, code, purpose} by POST", 0,
     0, 0},
    {"CONSE_OTP_WEBHOOK_TIMEOUT", CONFIG_DURATION, AT(otp_webhook_ms), "8s",
     "how long delivering one code may take, with all tries", 100, 60000, 0},
    {"CONSE_OTP_WEBHOOK_CALLS", CONFIG_INT, AT(otp_webhook_calls), "4", "codes delivered at once, then 503",
     1, 64, 0},
    {"CONSE_OTP_WEBHOOK_TOKEN", CONFIG_SECRET, AT(otp_webhook_token), "", "bearer token for the webhook", 0,
     0, 0},
    {"CONSE_HASH_MEMORY", CONFIG_SIZE, AT(hash_memory_bytes), "19M", "argon2id memory of one hash", 8 << 20,
     1 << 30, 0},
    {"CONSE_HASH_OPS", CONFIG_INT, AT(hash_ops), "2", "argon2id passes", 1, 20, 0},
    {"CONSE_HASHERS", CONFIG_INT, AT(hashers), "2", "passwords hashed at once", 1, 64, 0},
    {"CONSE_HASH_QUEUE", CONFIG_INT, AT(hash_queue), "16", "passwords waiting to be hashed, then 503", 0,
     1024, 0},
    {"CONSE_LOCKOUT_AFTER", CONFIG_INT, AT(lockout_after), "5", "failed logins before the first lock", 1,
     1000, 0},
    {"CONSE_LOCKOUT_ADDRESS_AFTER", CONFIG_INT, AT(lockout_address_after), "30",
     "failed logins, or codes, of one address before its first lock", 1, 1000000, 0},
    {"CONSE_LOCKOUT_BASE", CONFIG_DURATION, AT(lockout_base_ms), "10s",
     "the first lock; each further one doubles", 1000, DAY_MS, 0},
    {"CONSE_LOCKOUT_MAX", CONFIG_DURATION, AT(lockout_max_ms), "1h", "the longest lock", 1000, DAY_MS, 0},
    {"CONSE_DOMAIN", CONFIG_TEXT, AT(domain), "localhost", "shown in wallet sign-in messages", 0, 0, 0},
    {"CONSE_PUBLIC_URL", CONFIG_TEXT, AT(public_url), "http://localhost:7438",
     "shown in wallet sign-in messages", 0, 0, 0},
    {"CONSE_SIWS_TTL", CONFIG_DURATION, AT(siws_ms), "5m", "life of a wallet challenge", 30000, 3600000, 0},
    {0},
};
