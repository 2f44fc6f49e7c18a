// What auth's tests share: the service over its real store in a folder of its own, a clock that only the test
// moves, and short forms of calls to its handlers.
#ifndef AUTH_TESTING_WORLD_H
#define AUTH_TESTING_WORLD_H

#include <sodium.h>

#include "lib/base/base58.h"
#include "lib/base/log.h"
#include "lib/schema/passport.h"
#include "lib/base/stamp.h"
#include "lib/rpc/frame.h"
#include "services/auth/accounts.h"
#include "services/auth/handlers/handlers.h"
#include "services/auth/names.h"
#include "services/auth/tokens/revocations.h"
#include "tests/test.h"
#include "lib/keys/testing/master.h"

#define PASSWORD "correct horse"

static struct world {
    char folder[64], url[128], masters[192]; // CONSE_MASTER_KEY_FILE
    struct auth_settings settings;
    struct auth auth;
    struct arena arena;
    int64_t now_ms;
    Rpc__Caller caller;
    const char *device_token; // that requests present
    struct err err;
} w;

static inline void open_world(void)
{
    if (strncmp(w.url, "shared:", 7) == 0) test_master_key(w.masters, sizeof w.masters, w.folder, 'a');
    const struct auth_options options = {
        .settings = &w.settings, .data_dir = w.folder, .store_url = w.url, .master_keys = w.masters};
    if (!auth_open(&w.auth, &options, &w.err)) fail_msg("%s", w.err.message);
}

static inline int set_up(void **state)
{
    (void)state;
    memset(&w, 0, sizeof w);
    test_folder_make(w.folder);
    snprintf(w.url, sizeof w.url, "sqlite:%s/auth.db", w.folder);
    assert_true(config_load(auth_vars, &w.settings, &w.err));
    w.now_ms = 1800000000000;
    w.caller = (Rpc__Caller)RPC__CALLER__INIT;
    w.device_token = "";
    arena_init(&w.arena, 64 << 20);
    open_world();
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    auth_close(&w.auth);
    arena_finish(&w.arena);
    test_folder_remove(w.folder);
    return 0;
}

// Calls a method as the gateway would for w.caller (a player when no level is given), or as the operator when
// it may; NULL with w.err when refused.
static inline void *ask(const char *name, const void *request)
{
    const struct schema_method *schema = rpc_schema_of(name);
    const uint32_t only_of_ai = 1u << CONSE__ASKER__VALUE__AI;
    bool is_operator =
        schema->level == CONSE__METHOD__LEVEL__DEV && schema->callers >> CONSE__ASKER__VALUE__OPERATOR & 1;
    if (!w.caller.user_id[0])
        w.caller.level = 0;
    else if (!w.caller.level)
        w.caller.level = LEVEL_PLAYER;
    struct rpc_call call = {.arena = &w.arena,
                            .service = &w.auth,
                            .asker = is_operator                     ? CONSE__ASKER__VALUE__OPERATOR
                                     : schema->callers == only_of_ai ? CONSE__ASKER__VALUE__AI
                                                                     : CONSE__ASKER__VALUE__GATEWAY,
                            .caller = is_operator ? NULL : &w.caller,
                            .now_ms = w.now_ms};
    return rpc_run_here(&call, auth_methods, name, request, &w.err);
}

static inline void refused(const void *reply, const char *reason)
{
    assert_null(reply);
    assert_string_equal(err_name(&w.err), reason);
}

static inline Auth__User *sign_up(const char *username, const char *phone)
{
    Auth__SignupRequest request = AUTH__SIGNUP_REQUEST__INIT;
    request.username = username;
    request.password = PASSWORD;
    request.phone = phone;
    Auth__SignupReply *reply = ask("auth.Signup", &request);
    return reply ? reply->user : NULL;
}

static inline Auth__Session *log_in(const char *username, const char *password)
{
    Auth__LoginRequest request = AUTH__LOGIN_REQUEST__INIT;
    request.username = username;
    request.password = password;
    request.device_token = w.device_token;
    return ask("auth.Login", &request);
}

static inline Auth__Session *refresh(const char *token)
{
    Auth__RefreshRequest request = AUTH__REFRESH_REQUEST__INIT;
    request.refresh_token = token;
    return ask("auth.Refresh", &request);
}

// The session of a reply; from now on the caller is in it.
static inline Auth__Session *be_in(Auth__Session *session)
{
    const char *token = session->refresh_token;
    w.caller.user_id = session->user->id;
    w.caller.session_id = arena_printf(&w.arena, "%.*s", (int)strcspn(token, "."), token);
    w.caller.level = session->user->level;
    return session;
}

static inline Auth__Session *enter(const char *username)
{
    Auth__Session *session = log_in(username, PASSWORD);
    assert_non_null(session);
    return be_in(session);
}

static inline void leave(void)
{
    w.caller.user_id = w.caller.session_id = "";
    w.caller.level = 0;
}

static inline uint64_t revocations(void)
{
    uint64_t head;
    assert_true(store_head(w.auth.store, REVOCATIONS_STREAM, &head, &w.err));
    return head;
}

// The code that the log driver would have printed: it is found by trying, and the tries are put back.
static inline const char *code_of(const char *phone)
{
    static char code[7];
    uint8_t hash[32];
    AUTO_KEY struct key key;
    keyring_in_use(w.auth.keys, AUTH_KEY_OTP, &key);
    ProtobufCMessage *row;
    uint64_t version;
    assert_true(store_get(w.auth.store, &auth_tables[AUTH_OTPS], phone, &w.arena, &row, &version, &w.err));
    const Accounts__Otp *otp = (const Accounts__Otp *)row;
    for (unsigned i = 0; i < 1000000; i++) {
        crypto_auth_hmacsha256_state state;
        snprintf(code, sizeof code, "%06u", i);
        crypto_auth_hmacsha256_init(&state, key.bytes, sizeof key.bytes);
        crypto_auth_hmacsha256_update(&state, (const uint8_t *)phone, strlen(phone) + 1);
        crypto_auth_hmacsha256_update(&state, (const uint8_t *)code, 6);
        crypto_auth_hmacsha256_final(&state, hash);
        if (memcmp(hash, otp->code_hash.data, 32) == 0) return code;
    }
    fail_msg("no code fits");
    return NULL;
}

static inline void *send_code(const char *phone)
{
    Auth__SendOtpRequest request = AUTH__SEND_OTP_REQUEST__INIT;
    request.phone = phone;
    request.device_token = w.device_token;
    return ask("auth.SendOtp", &request);
}

static inline Auth__Session *use_code(const char *phone, const char *code, const char *new_password)
{
    Auth__VerifyOtpRequest request = AUTH__VERIFY_OTP_REQUEST__INIT;
    request.phone = phone;
    request.code = code;
    request.new_password = new_password;
    request.device_token = w.device_token;
    return ask("auth.VerifyOtp", &request);
}

struct wallet {
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    char address[BASE58_KEY_TEXT];
};

static inline struct wallet make_wallet(void)
{
    struct wallet wallet;
    uint8_t public[crypto_sign_PUBLICKEYBYTES];
    crypto_sign_keypair(public, wallet.secret);
    assert_true(base58_encode(wallet.address, sizeof wallet.address, public, sizeof public));
    return wallet;
}

static inline const char *challenge(const struct wallet *wallet)
{
    Auth__WalletChallengeRequest request = AUTH__WALLET_CHALLENGE_REQUEST__INIT;
    request.address = wallet->address;
    return ((Auth__WalletChallengeReply *)ask("auth.WalletChallenge", &request))->message;
}

static inline Auth__Session *prove(const struct wallet *wallet, const char *message)
{
    uint8_t signature[crypto_sign_BYTES];
    Auth__WalletVerifyRequest request = AUTH__WALLET_VERIFY_REQUEST__INIT;
    crypto_sign_detached(signature, NULL, (const uint8_t *)message, strlen(message), wallet->secret);
    request.message = message;
    request.signature = (ProtobufCBinaryData){sizeof signature, signature};
    return ask("auth.WalletVerify", &request);
}

// Shows anew who the caller is, for one change.
static inline void *show_password(const char *password)
{
    Auth__ProveRequest request = AUTH__PROVE_REQUEST__INIT;
    request.password = password;
    return ask("auth.Prove", &request);
}

static inline void *show_code(const char *code)
{
    Auth__ProveRequest request = AUTH__PROVE_REQUEST__INIT;
    request.code = code;
    request.device_token = w.device_token;
    return ask("auth.Prove", &request);
}

static inline void *show_signed(const struct wallet *wallet, const char *message)
{
    uint8_t signature[crypto_sign_BYTES];
    Auth__ProveRequest request = AUTH__PROVE_REQUEST__INIT;
    crypto_sign_detached(signature, NULL, (const uint8_t *)message, strlen(message), wallet->secret);
    request.message = message;
    request.signature = (ProtobufCBinaryData){sizeof signature, signature};
    return ask("auth.Prove", &request);
}

static inline void show(void) { assert_non_null(show_password(PASSWORD)); }

static inline Auth__Session *change_password(const char *current, const char *password)
{
    Auth__ChangePasswordRequest request = AUTH__CHANGE_PASSWORD_REQUEST__INIT;
    request.current_password = current;
    request.new_password = password;
    return ask("auth.ChangePassword", &request);
}

static inline Auth__ListSessionsReply *list_sessions(void)
{
    Auth__ListSessionsRequest request = AUTH__LIST_SESSIONS_REQUEST__INIT;
    return ask("auth.ListSessions", &request);
}

// Logs the user in, who has PASSWORD, and renames them; NULL when refused.
static inline Auth__User *rename_to(const char *user_id, const char *username)
{
    struct account account;
    Auth__UpdateMeRequest request = AUTH__UPDATE_ME_REQUEST__INIT;
    request.username__case = AUTH__UPDATE_ME_REQUEST__USERNAME__USERNAME;
    request.username = username;
    assert_true(account_get(&w.auth, user_id, &w.arena, &account, &w.err));
    enter(account.row->user->username);
    show();
    Auth__UserReply *reply = ask("auth.UpdateMe", &request);
    leave();
    return reply ? reply->user : NULL;
}

// What auth.names says last.
static inline const Auth__Name *newest_name(void)
{
    struct store_entries page;
    uint64_t head;
    assert_true(store_head(w.auth.store, NAMES_STREAM, &head, &w.err));
    assert_true(store_read(w.auth.store, NAMES_STREAM, head, 1, &w.arena, &page, &w.err));
    return auth__name__unpack(&w.arena.allocator, page.entries[0].len, page.entries[0].data);
}

#define RUN(tests)                                                                                           \
    (log_init("auth", LOG_ERROR, false), sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL))

#endif
