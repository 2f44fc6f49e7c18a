// Refresh tokens, logout, and revocations.
#include "services/auth/accounts.h"
#include "services/auth/testing/world.h"

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
    };
    return RUN(tests);
}
