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
static bool expect_keys(struct auth *auth, struct err *err)
{
    bool sessions, api_keys, accounts;
    if (!auth_has_rows(auth, AUTH_SESSIONS, &sessions, err) ||
        !auth_has_rows(auth, AUTH_API_KEYS, &api_keys, err) ||
        !auth_has_rows(auth, AUTH_ACCOUNTS, &accounts, err))
        return false;
    bool given = sessions || api_keys;
    return (!given ||
            keyring_expect(auth->keys, "refresh", "sessions and API keys were given with it", err)) &&
           (!accounts || keyring_expect(auth->keys, "identity", "this installation is known by it", err));
}

static bool load_keys(struct auth *auth, struct err *err)
{
    static const char *const names[] = {AUTH_KEY_REFRESH, AUTH_KEY_DEVICE, AUTH_KEY_OTP, AUTH_KEY_IDENTITY};
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof names / sizeof *names; i++) {
        AUTO_KEYS struct key_set set;
        ok = keyring_load(auth->keys, names[i], &set, err);
    }
    return ok && token_keys_open(&auth->tokens, auth->keys, auth->settings.token_key_ms, err);
}

static bool open_keys(struct auth *auth, const struct auth_options *options, struct err *err)
{
    char folder[1024];
    snprintf(folder, sizeof folder, "%s/keys", options->data_dir);
    const struct keyring_options keys = {.service = "auth",
                                         .folder = folder,
                                         .masters = options->master_keys,
                                         .store = auth->store,
                                         .table = &auth_tables[AUTH_KEYS],
                                         .shared = store_is_shared(auth->store)};
    return keyring_open(&auth->keys, &keys, err) && expect_keys(auth, err) && load_keys(auth, err);
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

static bool open_audit(struct auth *auth, const struct auth_options *options, struct err *err)
{
    const struct audit_options audit = {.service = "auth",
                                        .store = auth->store,
                                        .tables = auth_tables,
                                        .metrics = options->metrics,
                                        .files = !options->self};
    return audit_open(&auth->audit, &audit, err);
}

bool auth_open(struct auth *auth, const struct auth_options *options, struct err *err)
{
    *auth = (struct auth){.settings = *options->settings};
    const struct store_options store = {.url = options->store_url,
                                        .tables = auth_tables,
                                        .ballast = true,
                                        .self = options->self,
                                        .metrics = options->metrics};
    if (check_settings(&auth->settings, err) && store_open(&auth->store, &store, err) &&
        open_audit(auth, options, err) && open_keys(auth, options, err) && open_hashing(auth, err) &&
        identity_open(&auth->identity, err))
        return true;
    auth_close(auth);
    return false;
}

void auth_close(struct auth *auth)
{
    keyring_unfollow(auth->keys);
    replica_close(auth->replica);
    audit_close(auth->audit);
    store_close(auth->store);
    identity_close(auth->identity);
    token_keys_close(auth->tokens);
    keyring_close(auth->keys);
    password_gate_destroy(auth->hashing);
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
