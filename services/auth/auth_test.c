// The auth service over its real store, handler by handler, with a clock of the test's own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/base58.h"
#include "lib/log.h"
#include "lib/stamp.h"
#include "services/auth/handlers.h"
#include "services/auth/revocations.h"
#include "services/auth/sessions.h"
#include "services/auth/sweeper.h"

#define PASSWORD "correct horse"

static struct world {
    char folder[64], url[128];
    struct auth_settings settings;
    struct auth auth;
    struct arena arena;
    int64_t now_ms;
    Rpc__Caller caller;
    struct err err;
} w;

static void open_world(void)
{
    const struct auth_options options = {&w.settings, w.folder, w.url};
    if (!auth_open(&w.auth, &options, &w.err)) fail_msg("%s", w.err.message);
}

static int setup(void **state)
{
    (void)state;
    memset(&w, 0, sizeof w);
    snprintf(w.folder, sizeof w.folder, "/tmp/conse-auth-XXXXXX");
    assert_non_null(mkdtemp(w.folder));
    snprintf(w.url, sizeof w.url, "sqlite:%s/auth.db", w.folder);
    assert_true(config_load(auth_vars, &w.settings, &w.err));
    w.now_ms = 1800000000000;
    w.caller = (Rpc__Caller)RPC__CALLER__INIT;
    arena_init(&w.arena, 64 << 20);
    open_world();
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static int teardown(void **state)
{
    (void)state;
    auth_close(&w.auth);
    arena_finish(&w.arena);
    return nftw(w.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

// Calls a method as w.caller; NULL with w.err when refused.
static void *ask(const char *name, const void *request)
{
    const struct schema_method *schema = schema_method(name);
    struct rpc_call call = {
        .arena = &w.arena, .service = &w.auth, .caller = &w.caller, .traceparent = "", .now_ms = w.now_ms};
    ProtobufCMessage *reply = arena_alloc(&w.arena, schema->reply->sizeof_message);
    schema->reply->message_init(reply);
    for (const struct rpc_method *m = rpc_methods(auth_methods); m; m = rpc_methods(m + 1))
        if (strcmp(m->name, name) == 0) return m->handler(&call, request, reply, &w.err) ? reply : NULL;
    fail_msg("no method %s", name);
    return NULL;
}

static void refused(const void *reply, const char *reason)
{
    assert_null(reply);
    assert_string_equal(err_name(&w.err), reason);
}

static Auth__User *sign_up(const char *username, const char *phone)
{
    Auth__SignupRequest request = AUTH__SIGNUP_REQUEST__INIT;
    request.username = username;
    request.password = PASSWORD;
    request.phone = phone;
    Auth__UserReply *reply = ask("auth.Signup", &request);
    return reply ? reply->user : NULL;
}

static Auth__Session *log_in(const char *username, const char *password)
{
    Auth__LoginRequest request = AUTH__LOGIN_REQUEST__INIT;
    request.username = username;
    request.password = password;
    return ask("auth.Login", &request);
}

static Auth__Session *refresh(const char *token)
{
    Auth__RefreshRequest request = AUTH__REFRESH_REQUEST__INIT;
    request.refresh_token = token;
    return ask("auth.Refresh", &request);
}

static uint64_t revocations(void)
{
    uint64_t head;
    assert_true(store_head(w.auth.store, REVOCATIONS_STREAM, &head, &w.err));
    return head;
}

static void a_user_signs_up_and_logs_in(void **state)
{
    (void)state;
    Auth__User *user = sign_up("Mira", "+989121234567");
    assert_non_null(user);
    assert_int_equal(user->level, AUTH__LEVEL__VALUE__PLAYER);
    Auth__Session *session = log_in("mIRA", PASSWORD);
    assert_non_null(session);
    assert_string_equal(session->user->username, "Mira");
    assert_string_equal(session->token_type, "Bearer");
    assert_int_equal(session->expires_in, 900);
    assert_int_equal(stamp_ms(session->user->last_login_at), w.now_ms);
}

static void names_and_phones_are_unique(void **state)
{
    (void)state;
    assert_non_null(sign_up("mira", "+989121234567"));
    refused(sign_up("MIRA", ""), "USERNAME_TAKEN");
    refused(sign_up("nora", "+989121234567"), "PHONE_TAKEN");
    assert_non_null(sign_up("nora", ""));
    assert_non_null(sign_up("omid", "")); // two accounts without a phone do not collide
}

static void unknown_user_and_wrong_password_look_the_same(void **state)
{
    (void)state;
    sign_up("mira", "");
    refused(log_in("mira", "wrong password"), "BAD_CREDENTIALS");
    struct err known = w.err;
    refused(log_in("nobody", "wrong password"), "BAD_CREDENTIALS");
    assert_string_equal(known.message, w.err.message);
}

static void guessing_locks_with_doubling_pauses_across_a_restart(void **state)
{
    (void)state;
    sign_up("mira", "");
    for (int i = 0; i < 5; i++) refused(log_in("mira", "wrong password"), "BAD_CREDENTIALS");
    refused(log_in("mira", PASSWORD), "ACCOUNT_LOCKED");
    assert_int_equal(w.err.retry_after_s, 10);
    auth_close(&w.auth);
    open_world();
    refused(log_in("mira", PASSWORD), "ACCOUNT_LOCKED");
    w.now_ms += 10000;
    refused(log_in("mira", "wrong password"), "BAD_CREDENTIALS");
    refused(log_in("mira", PASSWORD), "ACCOUNT_LOCKED");
    assert_int_equal(w.err.retry_after_s, 20);
    w.now_ms += 20000;
    assert_non_null(log_in("mira", PASSWORD));
    refused(log_in("mira", "wrong password"), "BAD_CREDENTIALS"); // and the count begins anew
    assert_non_null(log_in("mira", PASSWORD));
}

static void an_unknown_name_locks_like_a_known_one(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) refused(log_in("nobody", "wrong password"), "BAD_CREDENTIALS");
    refused(log_in("nobody", "wrong password"), "ACCOUNT_LOCKED");
}

static void an_address_that_guesses_names_is_locked(void **state)
{
    (void)state;
    char name[16];
    sign_up("mira", "");
    w.caller.address = "203.0.113.9";
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "guess%d", i);
        refused(log_in(name, "wrong password"), "BAD_CREDENTIALS");
    }
    refused(log_in("mira", PASSWORD), "ACCOUNT_LOCKED");
    w.caller.address = "203.0.113.10";
    assert_non_null(log_in("mira", PASSWORD));
}

static void a_refresh_token_is_good_once(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *first = log_in("mira", PASSWORD)->refresh_token;
    Auth__Session *second = refresh(first);
    assert_non_null(second);
    assert_string_not_equal(second->refresh_token, first);
    w.now_ms += 60000;
    refused(refresh(first), "REFRESH_REUSED");
    refused(refresh(second->refresh_token), "REFRESH_INVALID"); // the whole family ended
    assert_int_equal(revocations(), 1);
}

static void parallel_refreshes_get_the_same_child(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *first = log_in("mira", PASSWORD)->refresh_token;
    const char *child = refresh(first)->refresh_token;
    w.now_ms += 5000;
    assert_string_equal(refresh(first)->refresh_token, child);
    assert_non_null(refresh(child));
    assert_int_equal(revocations(), 0);
}

static void forged_refresh_tokens_are_refused(void **state)
{
    (void)state;
    sign_up("mira", "");
    char *token = arena_str(&w.arena, log_in("mira", PASSWORD)->refresh_token);
    token[strlen(token) - 1] ^= 1;
    refused(refresh(token), "REFRESH_INVALID");
    refused(refresh("017f22e2-79b0-7fff-bfff-ffffffffffff.0.x"), "REFRESH_INVALID");
    refused(refresh("..."), "REFRESH_INVALID");
    refused(refresh("a very long text a very long text a very long text a very long text a very long text a "
                    "very long text a very long "
                    "text a very long text"),
            "REFRESH_INVALID");
}

static void a_session_ends_with_logout_and_with_time(void **state)
{
    (void)state;
    sign_up("mira", "");
    Auth__Session *session = log_in("mira", PASSWORD);
    Auth__LogoutRequest request = AUTH__LOGOUT_REQUEST__INIT;
    request.refresh_token = session->refresh_token;
    w.caller.user_id = session->user->id;
    assert_non_null(ask("auth.Logout", &request));
    refused(refresh(session->refresh_token), "REFRESH_INVALID");
    assert_int_equal(revocations(), 1);
    assert_non_null(ask("auth.Logout", &request)); // twice is fine
    session = log_in("mira", PASSWORD);
    w.now_ms += w.settings.refresh_ms;
    refused(refresh(session->refresh_token), "REFRESH_INVALID");
}

static void nobody_ends_the_session_of_another(void **state)
{
    (void)state;
    sign_up("mira", "");
    Auth__User *nora = sign_up("nora", "");
    Auth__Session *session = log_in("mira", PASSWORD);
    Auth__LogoutRequest request = AUTH__LOGOUT_REQUEST__INIT;
    request.refresh_token = session->refresh_token;
    w.caller.user_id = nora->id;
    ask("auth.Logout", &request);
    assert_non_null(refresh(session->refresh_token));
}

static void a_level_change_is_published_and_said_again_after_a_crash(void **state)
{
    (void)state;
    Auth__User *user = sign_up("mira", "");
    Auth__SetLevelRequest request = AUTH__SET_LEVEL_REQUEST__INIT;
    request.user_id = user->id;
    request.level = AUTH__LEVEL__VALUE__GOD;
    Auth__UserReply *reply = ask("auth.SetLevel", &request);
    assert_int_equal(reply->user->level, AUTH__LEVEL__VALUE__GOD);
    assert_int_equal(revocations(), 1);
    assert_non_null(ask("auth.SetLevel", &request)); // nothing changes, nothing is said
    assert_int_equal(revocations(), 1);
    assert_true(revocations_catch_up(&w.auth, w.now_ms + 60000, &w.err));
    assert_int_equal(revocations(), 2);
    assert_true(revocations_catch_up(&w.auth, w.now_ms + w.settings.access_ms + 1, &w.err));
    assert_int_equal(revocations(), 2); // every such token has expired by now
}

// What the log driver would have printed: the code is found by trying, with the tries put back.
static const char *code_of(const char *phone)
{
    static char code[7];
    uint8_t hash[32];
    ProtobufCMessage *row;
    uint64_t version;
    assert_true(store_get(w.auth.store, &auth_tables[AUTH_OTPS], phone, &w.arena, &row, &version, &w.err));
    const Accounts__Otp *otp = (const Accounts__Otp *)row;
    for (unsigned i = 0; i < 1000000; i++) {
        crypto_auth_hmacsha256_state state;
        snprintf(code, sizeof code, "%06u", i);
        crypto_auth_hmacsha256_init(&state, w.auth.otp_key, sizeof w.auth.otp_key);
        crypto_auth_hmacsha256_update(&state, (const uint8_t *)phone, strlen(phone) + 1);
        crypto_auth_hmacsha256_update(&state, (const uint8_t *)code, 6);
        crypto_auth_hmacsha256_final(&state, hash);
        if (memcmp(hash, otp->code_hash.data, 32) == 0) return code;
    }
    fail_msg("no code fits");
    return NULL;
}

static void *send_code(const char *phone)
{
    Auth__SendOtpRequest request = AUTH__SEND_OTP_REQUEST__INIT;
    request.phone = phone;
    return ask("auth.SendOtp", &request);
}

static Auth__Session *use_code(const char *phone, const char *code, const char *new_password)
{
    Auth__VerifyOtpRequest request = AUTH__VERIFY_OTP_REQUEST__INIT;
    request.phone = phone;
    request.code = code;
    request.new_password = new_password;
    return ask("auth.VerifyOtp", &request);
}

static const char *other_code(const char *code) { return strcmp(code, "000000") == 0 ? "000001" : "000000"; }

static void a_code_signs_up_a_new_phone_once(void **state)
{
    (void)state;
    const char *phone = "+989121234567";
    assert_non_null(send_code(phone));
    refused(send_code(phone), "OTP_TOO_SOON");
    assert_int_equal(w.err.retry_after_s, 60);
    const char *code = code_of(phone);
    Auth__Session *session = use_code(phone, code, "");
    assert_non_null(session);
    assert_string_equal(session->user->phone, phone);
    refused(use_code(phone, code, ""), "OTP_INVALID");
    w.now_ms += 60000;
    assert_non_null(send_code(phone));
    assert_string_equal(use_code(phone, code_of(phone), "")->user->id, session->user->id);
}

static void a_code_allows_five_guesses_and_two_minutes(void **state)
{
    (void)state;
    const char *phone = "+989121234567";
    send_code(phone);
    const char *code = code_of(phone);
    for (int i = 0; i < 5; i++) refused(use_code(phone, other_code(code), ""), "OTP_INVALID");
    refused(use_code(phone, code, ""), "OTP_INVALID");
    w.now_ms += 60000;
    send_code(phone);
    code = code_of(phone);
    w.now_ms += 120000;
    refused(use_code(phone, code, ""), "OTP_INVALID");
}

static void a_code_unlocks_and_resets_the_password(void **state)
{
    (void)state;
    const char *phone = "+989121234567";
    sign_up("mira", phone);
    const char *old = log_in("mira", PASSWORD)->refresh_token;
    for (int i = 0; i < 5; i++) refused(log_in("mira", "wrong password"), "BAD_CREDENTIALS");
    refused(log_in("mira", PASSWORD), "ACCOUNT_LOCKED");
    send_code(phone);
    assert_non_null(use_code(phone, code_of(phone), "a new password"));
    assert_non_null(log_in("mira", "a new password"));
    refused(log_in("mira", PASSWORD), "BAD_CREDENTIALS");
    refused(refresh(old), "REFRESH_INVALID");
}

static void typing_anothers_phone_gains_nothing(void **state)
{
    (void)state;
    const char *phone = "+989121234567";
    sign_up("squatter", phone);
    const char *token = log_in("squatter", PASSWORD)->refresh_token;
    send_code(phone);
    Auth__Session *owner = use_code(phone, code_of(phone), "");
    assert_string_equal(owner->user->username, "squatter");
    refused(log_in("squatter", PASSWORD), "BAD_CREDENTIALS");
    refused(refresh(token), "REFRESH_INVALID");
}

struct wallet {
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    char address[BASE58_KEY_TEXT];
};

static struct wallet make_wallet(void)
{
    struct wallet wallet;
    uint8_t public[crypto_sign_PUBLICKEYBYTES];
    crypto_sign_keypair(public, wallet.secret);
    assert_true(base58_encode(wallet.address, sizeof wallet.address, public, sizeof public));
    return wallet;
}

static const char *challenge(const struct wallet *wallet)
{
    Auth__WalletChallengeRequest request = AUTH__WALLET_CHALLENGE_REQUEST__INIT;
    request.address = wallet->address;
    return ((Auth__WalletChallengeReply *)ask("auth.WalletChallenge", &request))->message;
}

static Auth__Session *prove(const struct wallet *wallet, const char *message)
{
    uint8_t signature[crypto_sign_BYTES];
    Auth__WalletVerifyRequest request = AUTH__WALLET_VERIFY_REQUEST__INIT;
    crypto_sign_detached(signature, NULL, (const uint8_t *)message, strlen(message), wallet->secret);
    request.message = message;
    request.signature = (ProtobufCBinaryData){sizeof signature, signature};
    return ask("auth.WalletVerify", &request);
}

static void a_wallet_is_linked_and_logs_in(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    refused(prove(&wallet, challenge(&wallet)), "WALLET_PROOF_INVALID"); // nobody's yet
    Auth__User *mira = sign_up("mira", "");
    w.caller.user_id = mira->id;
    assert_string_equal(prove(&wallet, challenge(&wallet))->user->wallet, wallet.address);
    w.caller.user_id = "";
    assert_string_equal(prove(&wallet, challenge(&wallet))->user->id, mira->id);
    w.caller.user_id = sign_up("nora", "")->id;
    refused(prove(&wallet, challenge(&wallet)), "WALLET_TAKEN");
}

static void a_challenge_is_good_once_and_for_a_while(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet(), thief = make_wallet();
    w.caller.user_id = sign_up("mira", "")->id;
    const char *message = challenge(&wallet);
    assert_non_null(prove(&wallet, message));
    refused(prove(&wallet, message), "WALLET_PROOF_INVALID");
    message = challenge(&wallet);
    w.now_ms += w.settings.siws_ms;
    refused(prove(&wallet, message), "WALLET_PROOF_INVALID");
    refused(prove(&thief, challenge(&wallet)), "WALLET_PROOF_INVALID"); // names the victim, signed by another
    refused(prove(&wallet, "a message of its own"), "WALLET_PROOF_INVALID");
}

static void operators_list_users_by_name_and_level(void **state)
{
    (void)state;
    char name[16];
    for (int i = 0; i < 7; i++) {
        snprintf(name, sizeof name, "user-%d", i);
        sign_up(name, "");
    }
    sign_up("other", "");
    Auth__ListUsersRequest request = AUTH__LIST_USERS_REQUEST__INIT;
    request.username = "USER-";
    request.page_size = 5;
    Auth__ListUsersReply *page = ask("auth.ListUsers", &request);
    assert_int_equal(page->n_users, 5);
    assert_string_equal(page->users[0]->username, "user-0");
    request.page_token = page->next_page_token;
    page = ask("auth.ListUsers", &request);
    assert_int_equal(page->n_users, 2);
    assert_string_equal(page->next_page_token, "");
    request = (Auth__ListUsersRequest)AUTH__LIST_USERS_REQUEST__INIT;
    request.level = AUTH__LEVEL__VALUE__GOD;
    assert_int_equal(((Auth__ListUsersReply *)ask("auth.ListUsers", &request))->n_users, 0);
    request.page_token = "nonsense";
    refused(ask("auth.ListUsers", &request), "BAD_PAGE_TOKEN");
}

static void the_identity_verifies(void **state)
{
    (void)state;
    Auth__IdentityRequest request = AUTH__IDENTITY_REQUEST__INIT;
    Auth__Identity *identity = ask("auth.GetIdentity", &request);
    assert_int_equal(crypto_sign_verify_detached(identity->signature.data, identity->statement_bytes.data,
                                                 identity->statement_bytes.len, identity->public_key.data),
                     0);
    assert_true(identity->statement->n_binaries >= 1);
    assert_int_equal(strlen(identity->statement->binaries[0]->sha256), 64);
}

static void keys_overlap_when_they_change(void **state)
{
    (void)state;
    Auth__JwksRequest request = AUTH__JWKS_REQUEST__INIT;
    Auth__Jwks *before = ask("auth.GetJwks", &request);
    w.now_ms += w.settings.token_key_ms;
    Auth__Jwks *after = ask("auth.GetJwks", &request);
    assert_int_equal(before->n_keys, 3);
    assert_string_equal(before->keys[1]->kid, after->keys[0]->kid);
    assert_string_equal(before->keys[2]->kid, after->keys[1]->kid);
}

static void the_sweep_removes_what_has_served(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    sign_up("mira", "");
    const char *token = log_in("mira", PASSWORD)->refresh_token;
    const char *message = challenge(&wallet);
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_non_null(refresh(token));
    w.now_ms += w.settings.refresh_ms + 2 * 86400000LL;
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    struct store_rows rows;
    const struct store_query all = {.page_token = ""};
    assert_true(store_find(w.auth.store, &auth_tables[AUTH_SESSIONS], &all, &w.arena, &rows, &w.err));
    assert_int_equal(rows.count, 0);
    assert_true(store_find(w.auth.store, &auth_tables[AUTH_CHALLENGES], &all, &w.arena, &rows, &w.err));
    assert_int_equal(rows.count, 0);
    assert_true(strlen(message) > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_user_signs_up_and_logs_in),
        TEST(names_and_phones_are_unique),
        TEST(unknown_user_and_wrong_password_look_the_same),
        TEST(guessing_locks_with_doubling_pauses_across_a_restart),
        TEST(an_unknown_name_locks_like_a_known_one),
        TEST(an_address_that_guesses_names_is_locked),
        TEST(a_refresh_token_is_good_once),
        TEST(parallel_refreshes_get_the_same_child),
        TEST(forged_refresh_tokens_are_refused),
        TEST(a_session_ends_with_logout_and_with_time),
        TEST(nobody_ends_the_session_of_another),
        TEST(a_level_change_is_published_and_said_again_after_a_crash),
        TEST(a_code_signs_up_a_new_phone_once),
        TEST(a_code_allows_five_guesses_and_two_minutes),
        TEST(a_code_unlocks_and_resets_the_password),
        TEST(typing_anothers_phone_gains_nothing),
        TEST(a_wallet_is_linked_and_logs_in),
        TEST(a_challenge_is_good_once_and_for_a_while),
        TEST(operators_list_users_by_name_and_level),
        TEST(the_identity_verifies),
        TEST(keys_overlap_when_they_change),
        TEST(the_sweep_removes_what_has_served),
    };
    log_init("auth", LOG_ERROR, false);
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
