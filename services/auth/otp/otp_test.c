// One-time codes: login, sign-up, password reset.
#include "services/auth/testing/world.h"
#include "services/auth/otp/otp.h"

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

static void a_full_gate_does_not_cost_the_code(void **state)
{
    (void)state;
    const char *phone = "+989121234567";
    struct password_gate *open_gate = w.auth.hashing;
    sign_up("mira", phone);
    send_code(phone);
    const char *code = arena_str(&w.arena, code_of(phone));
    w.auth.hashing = password_gate_create(&(struct password_cost){8 << 20, 1, 0, 0});
    refused(use_code(phone, code, "a new password"), "SERVICE_BUSY");
    assert_int_equal(w.err.retry_after_s, 1);
    password_gate_destroy(w.auth.hashing);
    w.auth.hashing = open_gate;
    assert_non_null(use_code(phone, code, "a new password"));
    refused(use_code(phone, code, "a new password"), "OTP_INVALID");
}

static void a_wallet_linked_before_the_phone_was_proven_is_no_way_in(void **state)
{
    (void)state;
    const char *phone = "+989121234567";
    struct wallet wallet = make_wallet();
    sign_up("squatter", phone);
    enter("squatter");
    show();
    assert_non_null(prove(&wallet, challenge(&wallet)));
    leave();
    send_code(phone);
    Auth__Session *owner = use_code(phone, code_of(phone), "");
    assert_string_equal(owner->user->wallet, "");
    refused(prove(&wallet, challenge(&wallet)), "WALLET_PROOF_INVALID");
}

static void an_unproven_phone_gives_nobody_a_level(void **state)
{
    (void)state;
    const char *phone = "+989121234567";
    Auth__SetLevelRequest request = AUTH__SET_LEVEL_REQUEST__INIT;
    Auth__User *god = sign_up("thegod", phone);
    request.user_id = god->id;
    request.level = AUTH__LEVEL__VALUE__GOD;
    assert_non_null(ask("auth.SetLevel", &request));
    send_code(phone);
    Auth__Session *stranger = use_code(phone, code_of(phone), "");
    assert_string_not_equal(stranger->user->id, god->id);
    assert_int_equal(stranger->user->level, AUTH__LEVEL__VALUE__PLAYER);
    assert_string_equal(stranger->user->phone, phone);
    assert_string_equal(log_in("thegod", PASSWORD)->user->phone, "");
}

static void a_proven_phone_keeps_level_and_wallet(void **state)
{
    (void)state;
    const char *phone = "+989121234567";
    Auth__SetLevelRequest request = AUTH__SET_LEVEL_REQUEST__INIT;
    const char *god = sign_up("thegod", phone)->id;
    request.user_id = god;
    request.level = AUTH__LEVEL__VALUE__GOD;
    assert_non_null(ask("auth.SetLevel", &request));
    enter("thegod");
    show();
    send_code(phone);
    assert_non_null(use_code(phone, code_of(phone), "")); // with the account's own token
    leave();
    w.now_ms += 60000;
    send_code(phone);
    Auth__Session *session = use_code(phone, code_of(phone), "");
    assert_string_equal(session->user->id, god);
    assert_int_equal(session->user->level, AUTH__LEVEL__VALUE__GOD);
    assert_non_null(log_in("thegod", PASSWORD));
}

static void an_address_that_guesses_codes_is_locked(void **state)
{
    (void)state;
    char phone[16];
    w.caller.address = "203.0.113.9";
    for (int i = 0; i < 30; i++) {
        snprintf(phone, sizeof phone, "+98912123456%d", i / 4);
        if (i % 4 == 0) assert_non_null(send_code(phone));
        refused(use_code(phone, "wrong!", ""), "OTP_INVALID");
    }
    refused(use_code(phone, code_of(phone), ""), "ADDRESS_LOCKED");
    w.caller.address = "203.0.113.10";
    assert_non_null(use_code(phone, code_of(phone), ""));
}

static void a_code_that_was_not_delivered_costs_no_pause(void **state)
{
    (void)state;
    const char *phone = "+989121234567";
    w.auth.settings.otp_driver = OTP_WEBHOOK;
    w.auth.settings.otp_webhook_url = "http://127.0.0.1:1/sms?key=secret";
    w.auth.settings.otp_webhook_ms = 350;
    refused(send_code(phone), "DELIVERY_FAILED");
    assert_null(strstr(w.err.message, "secret"));
    const char *code = arena_str(&w.arena, code_of(phone));
    w.auth.settings.otp_driver = OTP_LOG;
    assert_non_null(send_code(phone));
    assert_string_not_equal(code_of(phone), code);
}

static void codes_that_wait_for_the_webhook_are_few(void **state)
{
    (void)state;
    w.auth.settings.otp_driver = OTP_WEBHOOK;
    w.auth.settings.otp_webhook_url = "http://127.0.0.1:1/";
    atomic_store(&w.auth.deliveries, 4);
    refused(send_code("+989121234567"), "SERVICE_BUSY");
    assert_int_equal(w.err.retry_after_s, 1);
    assert_int_equal(atomic_load(&w.auth.deliveries), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_code_signs_up_a_new_phone_once),
        TEST(a_code_allows_five_guesses_and_two_minutes),
        TEST(a_code_unlocks_and_resets_the_password),
        TEST(typing_anothers_phone_gains_nothing),
        TEST(a_full_gate_does_not_cost_the_code),
        TEST(a_wallet_linked_before_the_phone_was_proven_is_no_way_in),
        TEST(an_unproven_phone_gives_nobody_a_level),
        TEST(a_proven_phone_keeps_level_and_wallet),
        TEST(an_address_that_guesses_codes_is_locked),
        TEST(a_code_that_was_not_delivered_costs_no_pause),
        TEST(codes_that_wait_for_the_webhook_are_few),
    };
    return RUN(tests);
}
