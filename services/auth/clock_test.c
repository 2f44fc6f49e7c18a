// The clock is set: nothing that another clock stored delays anyone for longer than its rule says, or stays
// open for longer.
#include "services/auth/testing/world.h"
#include "services/auth/sweeper.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS, HOUR_MS = 60 * MINUTE_MS };
static const int64_t day_ms = 24 * HOUR_MS, ahead_ms = 300 * day_ms;
static const char phone[] = "+989121234567";

static void sweep_now(void) { assert_true(sweep(&w.auth, w.now_ms, &w.err)); }

static size_t rows_of(enum auth_table table, const char *index)
{
    const struct store_query query = {.index = index, .limit = 100, .page_token = ""};
    struct store_rows rows;
    assert_true(store_find(w.auth.store, &auth_tables[table], &query, &w.arena, &rows, &w.err));
    return rows.count;
}

static void guess(int times, const char *username)
{
    for (int i = 0; i < times; i++) refused(log_in(username, "wrong password"), "BAD_CREDENTIALS");
}

static void a_lock_is_as_long_as_its_rule_gives_from_now(void **state)
{
    (void)state;
    sign_up("mira", "");
    w.now_ms += ahead_ms;
    guess(5, "mira");
    w.now_ms -= ahead_ms;
    refused(log_in("mira", PASSWORD), "ACCOUNT_LOCKED");
    assert_int_equal(w.err.retry_after_s, 10);
    w.now_ms += 9 * SECOND_MS;
    refused(log_in("mira", PASSWORD), "ACCOUNT_LOCKED");
    assert_int_equal(w.err.retry_after_s, 1); // it runs down
    w.now_ms += SECOND_MS;
    guess(1, "mira");
    refused(log_in("mira", PASSWORD), "ACCOUNT_LOCKED");
    assert_int_equal(w.err.retry_after_s, 20); // and goes on doubling
}

static void a_lock_of_an_address_too(void **state)
{
    (void)state;
    char name[16];
    sign_up("mira", "");
    w.caller.address = "203.0.113.9";
    w.now_ms += ahead_ms;
    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof name, "guess%d", i);
        guess(1, name);
    }
    w.now_ms -= ahead_ms;
    refused(log_in("mira", PASSWORD), "ADDRESS_LOCKED");
    assert_int_equal(w.err.retry_after_s, 10);
    w.now_ms += 10 * SECOND_MS;
    assert_non_null(log_in("mira", PASSWORD));
}

static void failures_of_a_clock_ahead_are_forgotten_in_their_time(void **state)
{
    (void)state;
    sign_up("mira", "");
    w.now_ms += ahead_ms;
    guess(4, "mira");
    w.now_ms -= ahead_ms;
    sweep_now();
    w.now_ms += day_ms + 1;
    sweep_now();
    assert_int_equal(rows_of(AUTH_LOCKOUTS, "by_last_failure"), 0);
}

static void a_lock_of_a_clock_behind_has_ended(void **state)
{
    (void)state;
    sign_up("mira", "");
    w.now_ms -= ahead_ms;
    guess(5, "mira");
    w.now_ms += ahead_ms;
    assert_non_null(log_in("mira", PASSWORD));
}

static void the_pause_between_codes_is_a_minute(void **state)
{
    (void)state;
    w.now_ms += ahead_ms;
    assert_non_null(send_code(phone));
    w.now_ms -= ahead_ms;
    refused(send_code(phone), "OTP_TOO_SOON");
    assert_int_equal(w.err.retry_after_s, 60);
    w.now_ms += 20 * SECOND_MS;
    refused(send_code(phone), "OTP_TOO_SOON");
    assert_int_equal(w.err.retry_after_s, 40);
    w.now_ms += 40 * SECOND_MS;
    assert_non_null(send_code(phone));
}

static void a_code_of_a_clock_ahead_ends_in_two_minutes(void **state)
{
    (void)state;
    w.now_ms += ahead_ms;
    assert_non_null(send_code(phone));
    const char *code = arena_str(&w.arena, code_of(phone));
    w.now_ms -= ahead_ms;
    sweep_now();
    w.now_ms += w.settings.otp_ms;
    refused(use_code(phone, code, ""), "OTP_INVALID");
    w.now_ms += day_ms + 1;
    sweep_now();
    assert_int_equal(rows_of(AUTH_OTPS, "by_expiry"), 0);
}

static void a_code_is_good_when_the_clock_was_set_meanwhile(void **state)
{
    (void)state;
    assert_non_null(send_code(phone));
    const char *code = arena_str(&w.arena, code_of(phone));
    w.now_ms -= ahead_ms;
    assert_non_null(use_code(phone, code, ""));
}

static void a_challenge_of_a_clock_ahead_is_not_open(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    sign_up("mira", "");
    enter("mira");
    show();
    w.now_ms += ahead_ms;
    const char *message = challenge(&wallet), *other = challenge(&wallet);
    w.now_ms -= ahead_ms;
    refused(prove(&wallet, message), "WALLET_PROOF_INVALID");
    sweep_now();
    assert_int_equal(rows_of(AUTH_CHALLENGES, "by_expiry"), 0);
    refused(prove(&wallet, other), "WALLET_PROOF_INVALID");
}

static void the_token_before_is_honoured_within_the_grace_on_either_side(void **state)
{
    (void)state;
    sign_up("mira", "");
    for (int side = -1; side <= 1; side += 2) {
        const char *first = log_in("mira", PASSWORD)->refresh_token, *child = refresh(first)->refresh_token;
        w.now_ms += side * w.settings.refresh_grace_ms;
        assert_string_equal(refresh(first)->refresh_token, child);
        const char *second = log_in("mira", PASSWORD)->refresh_token;
        assert_non_null(refresh(second));
        w.now_ms += side * (w.settings.refresh_grace_ms + 1);
        refused(refresh(second), "REFRESH_REUSED");
    }
}

static void the_token_before_is_honoured_for_one_moment(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *first = log_in("mira", PASSWORD)->refresh_token, *child = refresh(first)->refresh_token;
    w.now_ms += SECOND_MS;
    for (int tab = 0; tab < 20; tab++, w.now_ms += 10) // all at once
        assert_string_equal(refresh(first)->refresh_token, child);
    w.now_ms += w.settings.refresh_grace_ms / 2 + 1; // within the grace, but again
    refused(refresh(first), "REFRESH_REUSED");
    refused(refresh(child), "REFRESH_INVALID");
}

static void each_token_has_a_moment_of_its_own(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *token = log_in("mira", PASSWORD)->refresh_token;
    for (int i = 0; i < 3; i++, w.now_ms += w.settings.refresh_grace_ms * 3 / 4) {
        const char *child = refresh(token)->refresh_token;
        assert_string_equal(refresh(token)->refresh_token, child);
        token = child;
    }
}

static void a_session_of_a_clock_ahead_ends_in_its_time(void **state)
{
    (void)state;
    sign_up("mira", "");
    w.now_ms += ahead_ms;
    const char *token = log_in("mira", PASSWORD)->refresh_token;
    w.now_ms -= ahead_ms;
    sweep_now();
    w.now_ms += w.settings.refresh_ms;
    refused(refresh(token), "REFRESH_INVALID");
    w.now_ms += day_ms + 1;
    sweep_now();
    assert_int_equal(rows_of(AUTH_SESSIONS, "by_expiry"), 0);
}

static void more_rows_than_a_page_are_brought_back(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    sign_up("mira", "");
    w.now_ms += ahead_ms;
    for (int i = 0; i < 250; i++) challenge(&wallet);
    w.now_ms -= ahead_ms;
    sweep_now();
    assert_int_equal(rows_of(AUTH_CHALLENGES, "by_expiry"), 0);
}

static void assert_kept(uint64_t oldest)
{
    uint64_t seq;
    assert_true(store_oldest(w.auth.store, REVOCATIONS_STREAM, &seq, &w.err));
    assert_int_equal(seq, oldest);
}

static void revoke_often(uint64_t times)
{
    static uint64_t generation;
    while (times--) assert_true(revocations_add_user(&w.auth, "u1", ++generation, w.now_ms, &w.err));
}

static void revocations_of_a_clock_ahead_go_with_those_around_them(void **state)
{
    (void)state;
    revoke_often(3);
    w.now_ms += ahead_ms;
    revoke_often(250);
    w.now_ms -= ahead_ms;
    revoke_often(2);
    sweep_now();
    assert_kept(1);
    w.now_ms += day_ms + 1;
    revoke_often(1);
    sweep_now();
    assert_kept(256); // the one that was made within the day
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_lock_is_as_long_as_its_rule_gives_from_now),
        TEST(a_lock_of_an_address_too),
        TEST(failures_of_a_clock_ahead_are_forgotten_in_their_time),
        TEST(a_lock_of_a_clock_behind_has_ended),
        TEST(the_pause_between_codes_is_a_minute),
        TEST(a_code_of_a_clock_ahead_ends_in_two_minutes),
        TEST(a_code_is_good_when_the_clock_was_set_meanwhile),
        TEST(a_challenge_of_a_clock_ahead_is_not_open),
        TEST(the_token_before_is_honoured_within_the_grace_on_either_side),
        TEST(the_token_before_is_honoured_for_one_moment),
        TEST(each_token_has_a_moment_of_its_own),
        TEST(a_session_of_a_clock_ahead_ends_in_its_time),
        TEST(more_rows_than_a_page_are_brought_back),
        TEST(revocations_of_a_clock_ahead_go_with_those_around_them),
    };
    return RUN(tests);
}
