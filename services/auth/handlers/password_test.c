// Changing the password when logged in.
#include "services/auth/testing/world.h"

static const char phone[] = "+989121234567", other[] = "another password";

static void a_new_password_ends_all_other_sessions(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *elsewhere = log_in("mira", PASSWORD)->refresh_token;
    Auth__Session *before = enter("mira"), *after = change_password(PASSWORD, other);
    assert_int_equal(revocations(), 1);
    refused(refresh(elsewhere), "REFRESH_INVALID");
    refused(refresh(before->refresh_token), "REFRESH_INVALID"); // a thief may share it
    assert_non_null(refresh(after->refresh_token));
    refused(log_in("mira", PASSWORD), "BAD_CREDENTIALS");
    w.device_token = after->device_token;
    be_in(log_in("mira", other));
    assert_int_equal(list_sessions()->n_sessions, 2);
}

static void an_ended_session_changes_nothing(void **state)
{
    (void)state;
    sign_up("mira", "");
    enter("mira");
    assert_non_null(change_password(PASSWORD, other));
    refused(change_password(other, PASSWORD), "PROOF_NEEDED"); // the token's session is the one before
    be_in(log_in("mira", other));
    assert_non_null(change_password(other, PASSWORD));
}

static void the_fifth_wrong_one_ends_the_session(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *token = enter("mira")->refresh_token;
    for (int i = 0; i < 5; i++) {
        refused(change_password("wrong password", other), "BAD_CREDENTIALS");
        assert_string_equal(w.err.field, "current_password");
    }
    refused(change_password(PASSWORD, other), "PROOF_NEEDED");
    refused(refresh(token), "REFRESH_INVALID");
    enter("mira"); // the account is not locked
    assert_non_null(change_password(PASSWORD, other));
}

// A proof does not stand in for it: whoever shares the session could use that.
static void the_password_is_asked_for_in_the_call(void **state)
{
    (void)state;
    sign_up("mira", "");
    enter("mira");
    show();
    refused(change_password("", other), "INVALID_FIELD");
    assert_string_equal(w.err.field, "current_password");
}

static void without_one_a_proof_is_needed(void **state)
{
    (void)state;
    assert_non_null(send_code(phone));
    be_in(use_code(phone, code_of(phone), ""));
    refused(change_password("", other), "PROOF_NEEDED");
    refused(change_password(PASSWORD, other), "BAD_CREDENTIALS");
    w.now_ms += 60000;
    assert_non_null(send_code(phone));
    assert_non_null(show_code(code_of(phone)));
    const char *username = change_password("", other)->user->username;
    be_in(log_in(username, other));
    refused(change_password("", PASSWORD), "INVALID_FIELD");
}

static void a_change_outlives_a_kill_before_its_revocation(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *token = enter("mira")->refresh_token;
    assert_non_null(change_password(PASSWORD, other));
    auth_close(&w.auth);
    open_world();
    refused(refresh(token), "REFRESH_INVALID");
    assert_true(revocations_catch_up(&w.auth, w.now_ms, &w.err));
    assert_int_equal(revocations(), 1);
    assert_non_null(log_in("mira", other));
}

static void it_fits_on_another_keyboard(void **state)
{
    (void)state;
    sign_up("mira", "");
    enter("mira");
    be_in(change_password(PASSWORD, "cafe\xcc\x81 noir"));
    assert_non_null(log_in("mira", "caf\xc3\xa9 noir"));
    assert_non_null(log_in("mira", "cafe\xcc\x81 noir"));
    assert_non_null(change_password("caf\xc3\xa9 noir", PASSWORD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_password_ends_all_other_sessions),
        TEST(an_ended_session_changes_nothing),
        TEST(the_fifth_wrong_one_ends_the_session),
        TEST(the_password_is_asked_for_in_the_call),
        TEST(without_one_a_proof_is_needed),
        TEST(a_change_outlives_a_kill_before_its_revocation),
        TEST(it_fits_on_another_keyboard),
    };
    return RUN(tests);
}
