// Sign-up, login by password, and what guessing leads to.
#include "services/auth/auth_world.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_user_signs_up_and_logs_in),
        TEST(names_and_phones_are_unique),
        TEST(unknown_user_and_wrong_password_look_the_same),
        TEST(guessing_locks_with_doubling_pauses_across_a_restart),
        TEST(an_unknown_name_locks_like_a_known_one),
        TEST(an_address_that_guesses_names_is_locked),
    };
    return RUN(tests);
}
