// Refresh tokens, logout, and revocations.
#include "services/auth/accounts.h"
#include "services/auth/testing/world.h"
#include "services/auth/tokens/sessions.h"

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

static void sessions_end_with_the_write_that_voids_them(void **state)
{
    (void)state;
    struct account account;
    sign_up("mira", "");
    const char *token = log_in("mira", PASSWORD)->refresh_token;
    assert_true(account_by_username(&w.auth, "mira", &w.arena, &account, &w.err));
    account_void_sessions(&account, &w.arena, w.now_ms);
    assert_true(account_save(&w.auth, &account, &w.err)); // and killed here
    auth_close(&w.auth);
    open_world();
    refused(refresh(token), "REFRESH_INVALID");
    assert_true(revocations_catch_up(&w.auth, w.now_ms, &w.err));
    assert_int_equal(revocations(), 1);
    assert_non_null(refresh(log_in("mira", PASSWORD)->refresh_token));
}

static void a_revocation_that_could_not_be_stored_is_said_later(void **state)
{
    (void)state;
    Auth__User *user = sign_up("mira", "");
    w.caller.user_id = user->id;
    assert_true(revocations_pay(&w.auth, w.now_ms, &w.err));
    assert_int_equal(revocations(), 0); // nothing is owed
    struct account account;
    assert_true(account_get(&w.auth, user->id, &w.arena, &account, &w.err));
    account_void_tokens(&account, &w.arena, w.now_ms);
    assert_true(account_save(&w.auth, &account, &w.err));
    atomic_store(&w.auth.revocations_owed, true); // as when its append failed
    assert_true(revocations_pay(&w.auth, w.now_ms + 1000, &w.err));
    assert_int_equal(revocations(), 1);
    assert_true(revocations_pay(&w.auth, w.now_ms + 2000, &w.err));
    assert_int_equal(revocations(), 1);
}

static void end_quietly(const char *session_id)
{
    ProtobufCMessage *row;
    uint64_t version;
    assert_true(
        store_get(w.auth.store, &auth_tables[AUTH_SESSIONS], session_id, &w.arena, &row, &version, &w.err));
    ((Accounts__Session *)row)->revoked_at = stamp_new(&w.arena, w.now_ms);
    assert_true(auth_save(&w.auth, AUTH_SESSIONS, row, version, &w.err));
}

static void a_log_out_that_comes_again_is_said_again(void **state)
{
    (void)state;
    char session_id[40];
    uint32_t counter;
    sign_up("mira", "");
    Auth__Session *session = log_in("mira", PASSWORD);
    Auth__LogoutRequest request = AUTH__LOGOUT_REQUEST__INIT;
    w.caller.user_id = session->user->id;
    assert_true(session_token_read(&w.auth, session->refresh_token, w.now_ms, session_id, &counter));
    w.caller.session_id = session_id;
    end_quietly(session_id); // and killed here, or another process has not come further yet
    assert_int_equal(revocations(), 0);
    assert_non_null(ask("auth.Logout", &request));
    assert_int_equal(revocations(), 1);
    assert_non_null(ask("auth.Logout", &request));
    assert_int_equal(revocations(), 1);
}

static void a_level_that_is_set_again_is_said_again(void **state)
{
    (void)state;
    struct account account;
    Auth__User *user = sign_up("mira", "");
    Auth__SetLevelRequest request = AUTH__SET_LEVEL_REQUEST__INIT;
    request.user_id = user->id;
    request.level = AUTH__LEVEL__VALUE__GOD;
    assert_true(account_get(&w.auth, user->id, &w.arena, &account, &w.err));
    account_set_level(&account, AUTH__LEVEL__VALUE__GOD);
    account_void_tokens(&account, &w.arena, w.now_ms);
    assert_true(account_save(&w.auth, &account, &w.err)); // and killed here
    w.caller.user_id = "01926f3a-0000-7000-8000-00000000dead";
    w.caller.level = AUTH__LEVEL__VALUE__DEV;
    assert_non_null(ask("auth.SetLevel", &request));
    assert_int_equal(revocations(), 1);
    assert_non_null(ask("auth.SetLevel", &request));
    assert_int_equal(revocations(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_refresh_token_is_good_once),
        TEST(parallel_refreshes_get_the_same_child),
        TEST(forged_refresh_tokens_are_refused),
        TEST(a_session_ends_with_logout_and_with_time),
        TEST(nobody_ends_the_session_of_another),
        TEST(sessions_end_with_the_write_that_voids_them),
        TEST(a_revocation_that_could_not_be_stored_is_said_later),
        TEST(a_log_out_that_comes_again_is_said_again),
        TEST(a_level_that_is_set_again_is_said_again),
    };
    return RUN(tests);
}
