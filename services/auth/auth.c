// Opening and closing what the auth service owns, in the service and in tools that work on its files.
#include "services/auth/auth.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "services/auth/handlers/handlers.h"
#include "services/auth/otp/kavenegar.h"
#include "services/auth/otp/otp.h"
#include "services/auth/reserved_names.h"
#include "services/auth/siws.h"

static bool auth_has_rows(struct auth *auth, enum auth_table table, bool *has, struct err *err)
{
    const struct store_query query = {.limit = 1, .page_token = ""};
    struct store_rows rows;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    bool ok = store_find(auth->store, &auth_tables[table], &query, &arena, &rows, err);
    *has = ok && rows.count;
    arena_finish(&arena);
    return ok;
}

// Losing the keys of otp and device costs little: codes end within minutes, and devices become known again.
static bool expect_keys(struct auth *auth, const char *folder, struct err *err)
{
    bool sessions, api_keys, accounts;
    if (!auth_has_rows(auth, AUTH_SESSIONS, &sessions, err) ||
        !auth_has_rows(auth, AUTH_API_KEYS, &api_keys, err) ||
        !auth_has_rows(auth, AUTH_ACCOUNTS, &accounts, err))
        return false;
    bool given = sessions || api_keys;
    return (!given || keys_expect(folder, "refresh", "sessions and API keys were given with it", err)) &&
           (!accounts || keys_expect(folder, "identity", "this installation is known by it", err));
}

static bool load_keys(struct auth *auth, const char *folder, struct err *err)
{
    return keys_load(folder, "refresh", auth->refresh_key, err) &&
           keys_load(folder, "device", auth->device_key, err) &&
           keys_load(folder, "otp", auth->otp_key, err) &&
           keys_load(folder, "identity", auth->identity_seed, err) &&
           token_keys_open(&auth->tokens, folder, auth->settings.token_key_ms, err);
}

static bool open_hashing(struct auth *auth, struct err *err)
{
    const struct password_cost cost = {(size_t)auth->settings.hash_memory_bytes,
                                       (uint64_t)auth->settings.hash_ops, (uint32_t)auth->settings.hashers,
                                       (uint32_t)auth->settings.hash_queue};
    auth->hashing = password_gate_create(&cost);
    if (!auth->hashing) return err_fail(err, INTERNAL_ERROR, "out of memory");
    password_unmatched(&cost, auth->dummy_hash);
    return true;
}

// A message with the longest parts that can occur.
static bool check_siws(const struct auth_settings *settings, struct err *err)
{
    char message[SIWS_MESSAGE_MAX];
    const struct siws parts = {.domain = settings->domain,
                               .uri = settings->public_url,
                               .address = "11111111111111111111111111111111111111111111",
                               .nonce = "0000000000000000000000"};
    return siws_message(message, &parts) ||
           err_field(err, INVALID_FIELD, "CONSE_DOMAIN",
                     "CONSE_DOMAIN and CONSE_PUBLIC_URL must be lines that fit into a sign-in message");
}

static bool check_settings(const struct auth_settings *settings, struct err *err)
{
    if (settings->otp_driver == OTP_WEBHOOK && !*settings->otp_webhook_url)
        return err_field(err, INVALID_FIELD, "CONSE_OTP_WEBHOOK_URL",
                         "CONSE_OTP_WEBHOOK_URL must be set for CONSE_OTP_DRIVER=webhook");
    if (settings->otp_driver == OTP_KAVENEGAR && !kavenegar_check(settings, err)) return false;
    return reserved_names_check_list(settings->usernames_reserved, err) && check_siws(settings, err);
}

bool auth_open(struct auth *auth, const struct auth_options *options, struct err *err)
{
    char folder[1024];
    snprintf(folder, sizeof folder, "%s/keys", options->data_dir);
    *auth = (struct auth){.settings = *options->settings};
    const struct store_options store = {.url = options->store_url,
                                        .tables = auth_tables,
                                        .ballast = true,
                                        .self = options->self,
                                        .metrics = options->metrics};
    if (check_settings(&auth->settings, err) && store_open(&auth->store, &store, err) &&
        expect_keys(auth, folder, err) && load_keys(auth, folder, err) && open_hashing(auth, err) &&
        identity_open(&auth->identity, err))
        return true;
    auth_close(auth);
    return false;
}

void auth_close(struct auth *auth)
{
    replica_close(auth->replica);
    store_close(auth->store);
    identity_close(auth->identity);
    token_keys_close(auth->tokens);
    password_gate_destroy(auth->hashing);
    sodium_memzero(auth->refresh_key, sizeof auth->refresh_key);
    sodium_memzero(auth->device_key, sizeof auth->device_key);
    sodium_memzero(auth->otp_key, sizeof auth->otp_key);
    sodium_memzero(auth->identity_seed, sizeof auth->identity_seed);
}

void auth_announce(struct auth *auth, const char *stream)
{
    struct err err;
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = stream;
    if (!auth->publisher) return;
    if (!store_head(auth->store, stream, &notice.seq, &err))
        return log_err(LOG_WARN, "a stream's head is not announced", &err); // the next one is
    bus_publish(auth->publisher, &notice);
}
