// How often a phone gets codes, how often they are guessed, and that neither bound keeps the owner out.
#include "services/auth/otp/otp.h"
#include "services/auth/testing/world.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS, HOUR_MS = 60 * MINUTE_MS };
static const int64_t day_ms = 24 * HOUR_MS;
static const char phone[] = "+989121234567";

static const char *address_of(int network)
{
    return arena_printf(&w.arena, "203.%d.%d.7", network / 256, network % 256);
}

static void wait_out(void)
{
    assert_string_equal(err_name(&w.err), "OTP_TOO_SOON");
    assert_true(w.err.retry_after_s > 0);
    w.now_ms += w.err.retry_after_s * 1000LL;
}

// The pause that follows a code, in seconds.
static int64_t pause_after_code(void)
{
    while (!send_code(phone)) wait_out();
    refused(send_code(phone), "OTP_TOO_SOON");
    return w.err.retry_after_s;
}

// The owner's own way in, without asking again.
static Auth__Session *own_account(void)
{
    sign_up("mira", phone);
    while (!send_code(phone)) wait_out();
    enter("mira");
    Auth__Session *session = use_code(phone, code_of(phone), "");
    assert_non_null(session);
    leave();
    w.now_ms += MINUTE_MS;
    return session;
}

static void each_code_that_nobody_uses_doubles_the_pause(void **state)
{
    (void)state;
    static const int64_t pauses_s[] = {60, 120, 240, 480, 960, 1920, 3600, 3600};
    for (size_t i = 0; i < sizeof pauses_s / sizeof *pauses_s; i++)
        assert_int_equal(pause_after_code(), pauses_s[i]);
}

static void a_code_that_is_used_begins_anew(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) pause_after_code();
    wait_out();
    assert_non_null(send_code(phone));
    assert_non_null(use_code(phone, code_of(phone), ""));
    w.now_ms += MINUTE_MS;
    assert_int_equal(pause_after_code(), 60);
    wait_out();
    assert_int_equal(pause_after_code(), 120);
}

static void a_quiet_day_begins_anew(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) pause_after_code();
    w.now_ms += 2 * day_ms;
    assert_int_equal(pause_after_code(), 60);
}

static void a_code_that_was_not_delivered_doubles_nothing(void **state)
{
    (void)state;
    w.auth.settings.otp_driver = OTP_WEBHOOK;
    w.auth.settings.otp_webhook_url = "http://127.0.0.1:1/";
    w.auth.settings.otp_webhook_ms = 100;
    for (int i = 0; i < 3; i++) refused(send_code(phone), "DELIVERY_FAILED");
    w.auth.settings.otp_driver = OTP_LOG;
    assert_int_equal(pause_after_code(), 60);
}

static void neighbours_are_one_network(void **state)
{
    (void)state;
    w.caller.address = "203.0.113.7";
    assert_int_equal(pause_after_code(), 60);
    w.caller.address = "203.0.113.200";
    assert_int_equal(pause_after_code(), 120);
    w.caller.address = "2001:db8:1:2::7";
    wait_out();
    assert_int_equal(pause_after_code(), 60);
    w.caller.address = "2001:db8:1:3::8";
    assert_int_equal(pause_after_code(), 120);
}

static void a_stranger_elsewhere_lengthens_nobody_elses_pause(void **state)
{
    (void)state;
    w.caller.address = "203.0.113.7";
    for (int i = 0; i < 4; i++) pause_after_code();
    w.caller.address = "198.51.100.1";
    w.now_ms += MINUTE_MS; // since the last code to this phone
    assert_non_null(send_code(phone));
}

// From as many networks as there are, all day long.
static int codes_in_a_day(void)
{
    const int64_t end_ms = w.now_ms + day_ms;
    int codes = 0;
    for (int network = 0; w.now_ms < end_ms; network = (network + 1) % 5000) {
        w.caller.address = address_of(network);
        if (send_code(phone))
            codes++;
        else
            wait_out();
    }
    return codes;
}

static void a_day_of_strangers_is_a_few_codes(void **state)
{
    (void)state;
    int codes = codes_in_a_day();
    if (codes > 40) fail_msg("%d codes in a day", codes);
}

static void a_known_device_waits_a_quarter_of_an_hour_at_most(void **state)
{
    (void)state;
    w.device_token = own_account()->device_token;
    const char *token = w.device_token;
    w.device_token = "";
    codes_in_a_day();
    w.device_token = token;
    w.now_ms += MINUTE_MS;
    int codes = 0;
    for (int64_t end_ms = w.now_ms + day_ms; w.now_ms < end_ms;) {
        if (send_code(phone)) {
            codes++;
            continue;
        }
        assert_true(w.err.retry_after_s <= 15 * 60);
        wait_out();
    }
    assert_true(codes >= 24 * 4 && codes < 24 * 4 + 5);
}

static void only_a_device_of_the_phones_owner_is_known(void **state)
{
    (void)state;
    sign_up("squatter", phone);
    w.device_token = log_in("squatter", PASSWORD)->device_token; // the number is not proven
    for (int i = 0; i < 7; i++) pause_after_code();
    assert_int_equal(w.err.retry_after_s, 3600);
}

static const char *other_code(const char *code) { return strcmp(code, "000000") == 0 ? "000001" : "000000"; }

static void strangers_do_not_use_up_the_tries_of_the_sender(void **state)
{
    (void)state;
    w.caller.address = "198.51.100.1";
    assert_non_null(send_code(phone));
    const char *code = arena_str(&w.arena, code_of(phone));
    for (int i = 0; i < 20; i++) {
        w.caller.address = address_of(i);
        refused(use_code(phone, other_code(code), ""), "OTP_INVALID");
    }
    refused(use_code(phone, code, ""), "OTP_INVALID"); // all strangers share five
    w.caller.address = "198.51.100.1";
    for (int i = 0; i < 4; i++) refused(use_code(phone, other_code(code), ""), "OTP_INVALID");
    assert_non_null(use_code(phone, code, ""));
}

static void an_address_that_guesses_codes_locks_no_known_device(void **state)
{
    (void)state;
    const char *token = own_account()->device_token;
    w.caller.address = "203.0.113.9";
    for (int i = 0; i < 30; i++) {
        const char *other = arena_printf(&w.arena, "+98912000%04d", i);
        refused(use_code(other, "wrong!", ""), "OTP_INVALID");
    }
    refused(use_code(phone, "wrong!", ""), "ADDRESS_LOCKED");
    w.device_token = token;
    assert_non_null(send_code(phone));
    for (int i = 0; i < 4; i++) refused(use_code(phone, "wrong!", ""), "OTP_INVALID");
    assert_non_null(use_code(phone, code_of(phone), ""));
}

static void a_known_device_is_locked_by_its_own_wrong_codes(void **state)
{
    (void)state;
    w.device_token = own_account()->device_token;
    assert_non_null(send_code(phone));
    for (int i = 0; i < 5; i++) refused(use_code(phone, "wrong!", ""), "OTP_INVALID");
    refused(use_code(phone, "wrong!", ""), "ACCOUNT_LOCKED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_code_that_nobody_uses_doubles_the_pause),
        TEST(a_code_that_is_used_begins_anew),
        TEST(a_quiet_day_begins_anew),
        TEST(a_code_that_was_not_delivered_doubles_nothing),
        TEST(neighbours_are_one_network),
        TEST(a_stranger_elsewhere_lengthens_nobody_elses_pause),
        TEST(a_day_of_strangers_is_a_few_codes),
        TEST(a_known_device_waits_a_quarter_of_an_hour_at_most),
        TEST(only_a_device_of_the_phones_owner_is_known),
        TEST(strangers_do_not_use_up_the_tries_of_the_sender),
        TEST(an_address_that_guesses_codes_locks_no_known_device),
        TEST(a_known_device_is_locked_by_its_own_wrong_codes),
    };
    return RUN(tests);
}
