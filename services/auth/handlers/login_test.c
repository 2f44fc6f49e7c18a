// Sign-up, login by password, and the effect of guessing.
#include "services/auth/accounts.h"
#include "services/auth/testing/world.h"
#include "services/auth/tokens/sessions.h"

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
    refused(log_in("mira", "wrong password"), "BAD_CREDENTIALS"); // and the count starts over
    assert_non_null(log_in("mira", PASSWORD));
}

static void calls_that_overtake_each_other_are_not_locked_out(void **state)
{
    (void)state;
    sign_up("mira", "");
    refused(log_in("mira", "wrong password"), "BAD_CREDENTIALS");
    w.now_ms -= 50; // came earlier, and is looked at later
    refused(log_in("mira", "wrong password"), "BAD_CREDENTIALS");
    assert_non_null(log_in("mira", PASSWORD));
}

static void an_unknown_name_locks_like_a_known_one(void **state)
{
    (void)state;
    sign_up("mira", "");
    static const char *const tries[][5] = {{"nobody", "NOBODY", "Nobody", "noBody", "nobody"},
                                           {"mira", "MIRA", "Mira", "miRa", "mira"}};
    for (int who = 0; who < 2; who++) {
        for (int i = 0; i < 5; i++) refused(log_in(tries[who][i], "wrong password"), "BAD_CREDENTIALS");
        refused(log_in(tries[who][0], "wrong password"), "ACCOUNT_LOCKED");
        assert_int_equal(w.err.retry_after_s, 10);
    }
}

static void guess_names(int count, const char *address)
{
    static int guess;
    char name[32];
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "guess%d", guess++);
        w.caller.address = address;
        refused(log_in(name, "wrong password"), "BAD_CREDENTIALS");
    }
}

static void an_address_that_guesses_names_is_locked(void **state)
{
    (void)state;
    sign_up("mira", "");
    guess_names(29, "203.0.113.9");
    assert_non_null(log_in("mira", PASSWORD)); // people that share an address may mistype
    guess_names(1, "203.0.113.9");
    refused(log_in("mira", PASSWORD), "ADDRESS_LOCKED");
    w.caller.address = "203.0.113.10";
    assert_non_null(log_in("mira", PASSWORD));
}

static void what_many_people_mistype_now_and_then_does_not_add_up(void **state)
{
    (void)state;
    sign_up("mira", "");
    for (int i = 0; i < 5; i++) {
        guess_names(28, "203.0.113.9");
        w.now_ms += 28 * 60000;
    }
    guess_names(30, "203.0.113.9");
    refused(log_in("mira", PASSWORD), "ADDRESS_LOCKED");
    for (int lock_s = 10; lock_s <= 640; lock_s *= 2) { // locks grow for an address that goes on
        assert_int_equal(w.err.retry_after_s, lock_s);
        w.now_ms += lock_s * 1000;
        guess_names(1, "203.0.113.9");
        refused(log_in("mira", PASSWORD), "ADDRESS_LOCKED");
    }
}

static void an_ipv6_network_is_one_guesser(void **state)
{
    (void)state;
    sign_up("mira", "");
    guess_names(15, "2001:db8:1:2::1");
    guess_names(15, "2001:db8:1:2:ffff::77");
    w.caller.address = "2001:db8:1:2:3:4:5:6";
    refused(log_in("mira", PASSWORD), "ADDRESS_LOCKED");
    w.caller.address = "2001:db8:1:3::1";
    assert_non_null(log_in("mira", PASSWORD));
}

static const Accounts__Account *stored(const char *username)
{
    struct account account;
    assert_true(account_by_username(&w.auth, username, &w.arena, &account, &w.err));
    return account.row;
}

static void a_password_is_hashed_anew_when_the_cost_changes(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *before = stored("mira")->password_hash;
    assert_non_null(log_in("mira", PASSWORD));
    assert_string_equal(stored("mira")->password_hash, before);
    auth_close(&w.auth);
    w.settings.hash_ops++;
    open_world();
    refused(log_in("mira", "wrong password"), "BAD_CREDENTIALS");
    assert_string_equal(stored("mira")->password_hash, before);
    assert_non_null(log_in("mira", PASSWORD));
    assert_string_not_equal(stored("mira")->password_hash, before);
    assert_non_null(strstr(stored("mira")->password_hash, ",t=3,"));
    assert_non_null(log_in("mira", PASSWORD));
}

static void a_login_decided_before_a_reset_opens_nothing(void **state)
{
    (void)state;
    struct account early, reset;
    Auth__Session reply = AUTH__SESSION__INIT;
    sign_up("mira", "");
    assert_true(account_by_username(&w.auth, "mira", &w.arena, &early, &w.err)); // the password was right
    assert_true(account_by_username(&w.auth, "mira", &w.arena, &reset, &w.err));
    account_void_sessions(&reset, &w.arena, w.now_ms);
    assert_true(account_save(&w.auth, &reset, &w.err));
    const struct session_start start = {AUTH__LOGIN_KIND__VALUE__PASSWORD, ""};
    assert_false(session_open(&w.auth, &early, &start, &w.arena, w.now_ms, &reply, &w.err));
    assert_string_equal(err_name(&w.err), "CONFLICT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_user_signs_up_and_logs_in),
        TEST(names_and_phones_are_unique),
        TEST(unknown_user_and_wrong_password_look_the_same),
        TEST(guessing_locks_with_doubling_pauses_across_a_restart),
        TEST(calls_that_overtake_each_other_are_not_locked_out),
        TEST(an_unknown_name_locks_like_a_known_one),
        TEST(an_address_that_guesses_names_is_locked),
        TEST(what_many_people_mistype_now_and_then_does_not_add_up),
        TEST(an_ipv6_network_is_one_guesser),
        TEST(a_password_is_hashed_anew_when_the_cost_changes),
        TEST(a_login_decided_before_a_reset_opens_nothing),
    };
    return RUN(tests);
}
