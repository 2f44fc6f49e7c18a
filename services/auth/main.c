// conse-auth: accounts, tokens, one-time codes, wallets.
#include <sodium.h>
#include <stdio.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/service.h"
#include "services/auth/handlers.h"
#include "services/auth/otp.h"
#include "services/auth/revocations.h"
#include "services/auth/sweeper.h"

#define AT(field) offsetof(struct auth_settings, field)
#define DAY_MS 86400000LL

static const struct config_var vars[] = {
    {"CONSE_ACCESS_TTL", CONFIG_DURATION, AT(access_ms), "15m", "life of an access token", 60000, 3600000, 0},
    {"CONSE_REFRESH_TTL", CONFIG_DURATION, AT(refresh_ms), "30d", "life of a refresh token", 3600000, 400 * DAY_MS, 0},
    {"CONSE_REFRESH_GRACE", CONFIG_DURATION, AT(refresh_grace_ms), "10s", "parallel refreshes of one token get the same child", 0, 60000, 0},
    {"CONSE_TOKEN_KEY_SPAN", CONFIG_DURATION, AT(token_key_ms), "30d", "how long one signing key is used", 7200000, 400 * DAY_MS, 0},
    {"CONSE_OTP_TTL", CONFIG_DURATION, AT(otp_ms), "120s", "life of a one-time code", 30000, 3600000, 0},
    {"CONSE_OTP_PAUSE", CONFIG_DURATION, AT(otp_pause_ms), "60s", "between two codes to one phone", 0, 3600000, 0},
    {"CONSE_OTP_TRIES", CONFIG_INT, AT(otp_tries), "5", "guesses per code", 1, 100, 0},
    {"CONSE_OTP_DRIVER", CONFIG_CHOICE, AT(otp_driver), "log", "how codes are delivered", 0, 0, "log|webhook"},
    {"CONSE_OTP_WEBHOOK_URL", CONFIG_TEXT, AT(otp_webhook_url), "", "gets {phone, code, purpose} by POST", 0, 0, 0},
    {"CONSE_OTP_WEBHOOK_TOKEN", CONFIG_SECRET, AT(otp_webhook_token), "", "bearer token for the webhook", 0, 0, 0},
    {"CONSE_HASH_MEMORY", CONFIG_SIZE, AT(hash_memory_bytes), "19M", "argon2id memory of one hash", 8 << 20, 1 << 30, 0},
    {"CONSE_HASH_OPS", CONFIG_INT, AT(hash_ops), "2", "argon2id passes", 1, 20, 0},
    {"CONSE_HASHERS", CONFIG_INT, AT(hashers), "2", "passwords hashed at once", 1, 64, 0},
    {"CONSE_HASH_QUEUE", CONFIG_INT, AT(hash_queue), "16", "passwords waiting to be hashed, then 503", 0, 1024, 0},
    {"CONSE_LOCKOUT_AFTER", CONFIG_INT, AT(lockout_after), "5", "failed logins before the first lock", 1, 1000, 0},
    {"CONSE_LOCKOUT_BASE", CONFIG_DURATION, AT(lockout_base_ms), "10s", "the first lock; each further one doubles", 1000, DAY_MS, 0},
    {"CONSE_LOCKOUT_MAX", CONFIG_DURATION, AT(lockout_max_ms), "1h", "the longest lock", 1000, DAY_MS, 0},
    {"CONSE_DOMAIN", CONFIG_TEXT, AT(domain), "localhost", "shown in wallet sign-in messages", 0, 0, 0},
    {"CONSE_PUBLIC_URL", CONFIG_TEXT, AT(public_url), "http://localhost:7438", "shown in wallet sign-in messages", 0, 0, 0},
    {"CONSE_SIWS_TTL", CONFIG_DURATION, AT(siws_ms), "5m", "life of a wallet challenge", 30000, 3600000, 0},
    {0},
};

static bool load_keys(struct auth *auth, const char *folder, struct err *err)
{
    return keys_load(folder, "refresh", auth->refresh_key, err) && keys_load(folder, "otp", auth->otp_key, err) &&
           keys_load(folder, "identity", auth->identity_seed, err) &&
           token_keys_open(&auth->tokens, folder, auth->settings.token_key_ms, err);
}

static bool open_hashing(struct auth *auth, struct err *err)
{
    const struct password_cost cost = {(size_t)auth->settings.hash_memory_bytes, (uint64_t)auth->settings.hash_ops,
                                       (uint32_t)auth->settings.hashers, (uint32_t)auth->settings.hash_queue};
    auth->hashing = password_gate_create(&cost);
    if (!auth->hashing) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return password_hash(auth->hashing, "nobody has this password", auth->dummy_hash, err);
}

static bool check_settings(const struct auth_settings *settings, struct err *err)
{
    if (settings->otp_driver == OTP_WEBHOOK && !*settings->otp_webhook_url)
        return err_field(err, INVALID_FIELD, "CONSE_OTP_WEBHOOK_URL", "CONSE_OTP_WEBHOOK_URL must be set for CONSE_OTP_DRIVER=webhook");
    if (settings->otp_driver == OTP_LOG) log_warn("one-time codes go to the log; set CONSE_OTP_DRIVER for production");
    return true;
}

static void close_auth(struct service *service)
{
    struct auth *auth = service->context;
    sweeper_stop(auth->sweeper);
    bus_publisher_close(auth->publisher);
    store_close(auth->store);
    identity_close(auth->identity);
    token_keys_close(auth->tokens);
    password_gate_destroy(auth->hashing);
}

static bool open_auth(struct service *service, struct err *err)
{
    static struct auth auth;
    char folder[1024];
    pthread_mutex_init(&auth.revocations_mutex, NULL);
    auth.settings = *(const struct auth_settings *)service->program->settings;
    snprintf(folder, sizeof folder, "%s/keys", service->data_dir);
    const struct store_options store = {.url = service->store_url, .tables = auth_tables};
    service->context = &auth;
    bool ok = check_settings(&auth.settings, err) && load_keys(&auth, folder, err) && open_hashing(&auth, err) &&
              identity_open(&auth.identity, err) && store_open(&auth.store, &store, err) &&
              bus_publisher_open(&auth.publisher, service->bus, service->bus_key, err) && revocations_catch_up(&auth, clock_unix_ms(), err) &&
              sweeper_start(&auth.sweeper, &auth, err);
    if (!ok) return close_auth(service), false;
    service->store = auth.store;
    return true;
}

int main(int argc, char **argv)
{
    static struct auth_settings settings;
    const struct service_program program = {
        .name = "auth",
        .summary = "accounts, tokens, one-time codes and wallets",
        .admin_port = 7442,
        .vars = vars,
        .settings = &settings,
        .methods = auth_methods,
        .open = open_auth,
        .close = close_auth,
    };
    return service_main(&program, argc, argv);
}
