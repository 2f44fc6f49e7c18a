// Device tokens: what they are good for, and what ends them.
#include "services/auth/accounts.h"
#include "services/auth/tokens/device.h"
#include "services/auth/testing/world.h"

static const int64_t day_ms = 24LL * 3600 * 1000;

static void guess(int times, const char *username)
{
    for (int i = 0; i < times; i++) refused(log_in(username, "wrong password"), "BAD_CREDENTIALS");
}

// From an address, on a device that the account does not know.
static void guess_from(const char *address, int times, const char *username)
{
    const char *token = w.device_token, *own = w.caller.address;
    w.device_token = "";
    w.caller.address = address;
    guess(times, username);
    w.device_token = token;
    w.caller.address = own;
}

static const char *token_of(const char *username) { return log_in(username, PASSWORD)->device_token; }

static void others_do_not_lock_a_known_device(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *token = token_of("mira");
    guess_from("203.0.113.9", 5, "mira");
    refused(log_in("mira", PASSWORD), "ACCOUNT_LOCKED");
    w.device_token = token;
    assert_non_null(log_in("mira", PASSWORD));
    w.device_token = "";
    refused(log_in("mira", PASSWORD), "ACCOUNT_LOCKED"); // the guessers have no more guesses for it
}

static void nor_does_their_address(void **state)
{
    (void)state;
    char name[16];
    sign_up("mira", "");
    const char *token = token_of("mira");
    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof name, "guess%d", i);
        guess_from("203.0.113.9", 1, name);
    }
    w.caller.address = "203.0.113.9";
    refused(log_in("mira", PASSWORD), "ADDRESS_LOCKED");
    w.device_token = token;
    assert_non_null(log_in("mira", PASSWORD));
}

static void its_own_tries_lock_it_and_nobody_else(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *first = token_of("mira"), *second = token_of("mira");
    w.caller.address = "203.0.113.9";
    w.device_token = first;
    guess(5, "mira");
    refused(log_in("mira", PASSWORD), "ACCOUNT_LOCKED");
    assert_int_equal(w.err.retry_after_s, 10);
    w.device_token = second;
    assert_non_null(log_in("mira", PASSWORD));
    w.device_token = "";
    assert_non_null(log_in("mira", PASSWORD));
    w.device_token = first;
    w.now_ms += 10000;
    assert_non_null(log_in("mira", PASSWORD));
    guess(4, "mira"); // and the count starts over
    assert_non_null(log_in("mira", PASSWORD));
}

static bool is_known(const char *username, const char *token)
{
    struct account account;
    struct uuid device;
    assert_true(account_by_username(&w.auth, username, &w.arena, &account, &w.err));
    return device_is_known(&w.auth, &account, token, w.now_ms, &device);
}

static void a_token_is_one_accounts_alone(void **state)
{
    (void)state;
    sign_up("mira", "");
    sign_up("nora", "");
    const char *token = token_of("mira");
    assert_true(is_known("mira", token));
    assert_false(is_known("nora", token));
    assert_false(is_known("nobody", token));
    assert_int_equal(strlen(token) < DEVICE_TOKEN_MAX, 1);
}

static void forged_tokens_count_as_none(void **state)
{
    (void)state;
    static const char long_text[] =
        "a text that is longer than a token can be, and has neither dots nor numbers in "
        "it, so that nothing can be read from it at all, wherever one begins";
    static const char *const forged[] = {"", ".", "...",
                                         "017f22e2-79b0-7fff-bfff-ffffffffffff.0.4000000000.x", long_text};
    sign_up("mira", "");
    char *token = arena_str(&w.arena, token_of("mira"));
    for (size_t at = 0; token[at]; at++) {
        char whole = token[at];
        token[at] = whole == '0' ? '1' : '0';
        assert_false(is_known("mira", token));
        token[at] = whole;
    }
    assert_false(is_known("mira", arena_printf(&w.arena, "%s ", token)));
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) assert_false(is_known("mira", forged[i]));
    w.device_token = forged[3];
    assert_non_null(log_in("mira", PASSWORD));
    guess(5, "mira");
    refused(log_in("mira", PASSWORD), "ACCOUNT_LOCKED");
}

static void it_is_good_for_its_time_whatever_the_clock(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *token = token_of("mira");
    w.now_ms += 180 * day_ms - 1000;
    assert_true(is_known("mira", token));
    w.now_ms += 1000;
    assert_false(is_known("mira", token));
    w.now_ms -= 181 * day_ms; // made by a clock that was ahead
    assert_false(is_known("mira", token));
}

static void ending_all_sessions_ends_it(void **state)
{
    (void)state;
    const char *phone = "+989121234567";
    sign_up("mira", phone);
    enter("mira"); // so that the number is the account's own
    show();
    const char *token = token_of("mira");
    send_code(phone);
    Auth__Session *session = use_code(phone, code_of(phone), "a new password");
    assert_false(is_known("mira", token));
    assert_true(is_known("mira", session->device_token));
}

static void logging_out_does_not(void **state)
{
    (void)state;
    sign_up("mira", "");
    Auth__Session *session = log_in("mira", PASSWORD);
    Auth__LogoutRequest request = AUTH__LOGOUT_REQUEST__INIT;
    be_in(session);
    assert_non_null(ask("auth.Logout", &request));
    refused(refresh(session->refresh_token), "REFRESH_INVALID");
    assert_true(is_known("mira", session->device_token));
}

static void every_way_in_gives_one(void **state)
{
    (void)state;
    const char *phone = "+989121234567";
    struct wallet wallet = make_wallet();
    Auth__SignupRequest request = AUTH__SIGNUP_REQUEST__INIT;
    request.username = "mira";
    request.password = PASSWORD;
    Auth__SignupReply *reply = ask("auth.Signup", &request);
    assert_true(is_known("mira", reply->device_token));
    enter("mira");
    show();
    assert_true(is_known("mira", prove(&wallet, challenge(&wallet))->device_token));
    leave();
    assert_true(is_known("mira", prove(&wallet, challenge(&wallet))->device_token));
    send_code(phone);
    Auth__Session *session = use_code(phone, code_of(phone), "");
    assert_true(is_known(session->user->username, session->device_token));
}

static void a_refresh_renews_it(void **state)
{
    (void)state;
    w.auth.settings.refresh_ms = 400 * day_ms;
    sign_up("mira", "");
    Auth__Session *session = log_in("mira", PASSWORD);
    w.now_ms += 170 * day_ms;
    const char *renewed = refresh(session->refresh_token)->device_token;
    w.now_ms += 20 * day_ms;
    assert_false(is_known("mira", session->device_token));
    assert_true(is_known("mira", renewed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(others_do_not_lock_a_known_device),
        TEST(nor_does_their_address),
        TEST(its_own_tries_lock_it_and_nobody_else),
        TEST(a_token_is_one_accounts_alone),
        TEST(forged_tokens_count_as_none),
        TEST(it_is_good_for_its_time_whatever_the_clock),
        TEST(ending_all_sessions_ends_it),
        TEST(logging_out_does_not),
        TEST(every_way_in_gives_one),
        TEST(a_refresh_renews_it),
    };
    return RUN(tests);
}
