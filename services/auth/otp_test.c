// One-time codes: login, sign-up, password reset.
#include "services/auth/auth_world.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_code_signs_up_a_new_phone_once),
        TEST(a_code_allows_five_guesses_and_two_minutes),
        TEST(a_code_unlocks_and_resets_the_password),
        TEST(typing_anothers_phone_gains_nothing),
    };
    return RUN(tests);
}
