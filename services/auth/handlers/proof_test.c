// Recent proof: what needs it, what gives it, and every way round that gives none.
#include "services/auth/testing/world.h"
#include "services/auth/accounts.h"
#include "services/auth/sweeper.h"

static const char phone[] = "+989121234567", other_phone[] = "+989127654321";

static void *update_phone(const char *number)
{
    Auth__UpdateMeRequest request = AUTH__UPDATE_ME_REQUEST__INIT;
    request.phone__case = AUTH__UPDATE_ME_REQUEST__PHONE__PHONE;
    request.phone = number;
    return ask("auth.UpdateMe", &request);
}

static void *prove_with(const char *password, const char *code)
{
    Auth__ProveRequest request = AUTH__PROVE_REQUEST__INIT;
    request.password = password;
    request.code = code;
    request.device_token = w.device_token;
    return ask("auth.Prove", &request);
}

static void *prove_signed(const struct wallet *wallet, const char *message)
{
    uint8_t signature[crypto_sign_BYTES];
    Auth__ProveRequest request = AUTH__PROVE_REQUEST__INIT;
    crypto_sign_detached(signature, NULL, (const uint8_t *)message, strlen(message), wallet->secret);
    request.message = message;
    request.signature = (ProtobufCBinaryData){sizeof signature, signature};
    return ask("auth.Prove", &request);
}

static void grow_old(void) { w.now_ms += w.settings.proof_ms; }

// An account whose phone is proven, in a session that is no longer.
static Auth__Session *enter_with_phone(void)
{
    sign_up("mira", phone);
    enter("mira");
    assert_non_null(send_code(phone));
    assert_non_null(use_code(phone, code_of(phone), ""));
    Auth__Session *session = enter("mira");
    grow_old();
    return session;
}

static void it_counts_for_five_minutes(void **state)
{
    (void)state;
    sign_up("mira", "");
    enter("mira");
    w.now_ms += 299999;
    assert_non_null(update_phone(phone));
    w.now_ms += 1;
    refused(update_phone(other_phone), "PROOF_NEEDED");
    assert_non_null(update_phone(phone)); // changes nothing
    assert_non_null(prove_with(PASSWORD, ""));
    w.now_ms += 299999;
    assert_non_null(update_phone(other_phone));
}

static void a_refresh_gives_none(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *token = enter("mira")->refresh_token;
    grow_old();
    for (int i = 0; i < 3; i++) {
        token = be_in(refresh(token))->refresh_token;
        refused(update_phone(phone), "PROOF_NEEDED");
    }
}

static void one_session_proves_nothing_for_another(void **state)
{
    (void)state;
    sign_up("mira", "");
    Auth__Session *stolen = enter("mira");
    grow_old();
    enter("mira");
    assert_non_null(prove_with(PASSWORD, ""));
    be_in(stolen);
    refused(update_phone(phone), "PROOF_NEEDED");
}

static void nor_does_another_account(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *mira = enter("mira")->user->id;
    sign_up("nora", "");
    grow_old();
    enter("nora");
    w.caller.user_id = mira; // with the session of nora
    refused(update_phone(phone), "PROOF_NEEDED");
    refused(prove_with(PASSWORD, ""), "PROOF_NEEDED");
    w.caller.session_id = "";
    refused(update_phone(phone), "PROOF_NEEDED");
    w.caller.session_id = "no session";
    refused(update_phone(phone), "PROOF_NEEDED");
}

static void it_ends_with_its_session(void **state)
{
    (void)state;
    sign_up("mira", phone);
    enter("mira");
    assert_non_null(send_code(phone));
    const char *code = arena_str(&w.arena, code_of(phone)), *session = w.caller.session_id;
    Auth__LogoutRequest request = AUTH__LOGOUT_REQUEST__INIT;
    assert_non_null(use_code(phone, code, "a new password"));
    refused(update_phone(other_phone), "PROOF_NEEDED"); // of a password that is no longer
    refused(prove_with("a new password", ""), "PROOF_NEEDED");
    be_in(log_in("mira", "a new password"));
    assert_string_not_equal(w.caller.session_id, session);
    assert_non_null(ask("auth.Logout", &request));
    refused(update_phone(other_phone), "PROOF_NEEDED");
}

static void a_clock_that_was_ahead_gives_no_more(void **state)
{
    (void)state;
    const int64_t ahead_ms = 3600000;
    sign_up("mira", "");
    const char *token = enter("mira")->refresh_token;
    w.now_ms += ahead_ms;
    assert_non_null(prove_with(PASSWORD, ""));
    w.now_ms -= ahead_ms;
    refused(update_phone(phone), "PROOF_NEEDED");
    assert_non_null(refresh(token));
    w.now_ms += ahead_ms;
    refused(update_phone(phone), "PROOF_NEEDED");
    enter("mira"); // opened by the clock ahead, and found by the sweeper
    w.now_ms -= ahead_ms;
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    w.now_ms += ahead_ms;
    refused(update_phone(phone), "PROOF_NEEDED");
}

static void calls_that_overtake_each_other_have_it(void **state)
{
    (void)state;
    sign_up("mira", "");
    enter("mira");
    w.now_ms -= 50;
    assert_non_null(update_phone(phone));
}

static void a_code_to_the_proven_phone_gives_it(void **state)
{
    (void)state;
    enter_with_phone();
    assert_non_null(send_code(phone));
    const char *code = arena_str(&w.arena, code_of(phone));
    refused(prove_with("", strcmp(code, "000000") == 0 ? "000001" : "000000"), "OTP_INVALID");
    refused(update_phone(other_phone), "PROOF_NEEDED");
    assert_non_null(prove_with("", code));
    assert_non_null(update_phone(other_phone));
    refused(prove_with("", code), "INVALID_FIELD"); // the phone is another, and nobody has proven it
    assert_string_equal(w.err.field, "code");
}

static void a_code_is_used_up(void **state)
{
    (void)state;
    enter_with_phone();
    assert_non_null(send_code(phone));
    const char *code = arena_str(&w.arena, code_of(phone));
    assert_non_null(prove_with("", code));
    refused(prove_with("", code), "OTP_INVALID");
}

static void a_code_to_a_phone_of_ones_own_gives_none(void **state)
{
    (void)state;
    enter_with_phone();
    assert_non_null(send_code(other_phone)); // the thief's
    refused(prove_with("", code_of(other_phone)), "OTP_INVALID");
    Auth__Session *thief = use_code(other_phone, code_of(other_phone), "a new password");
    assert_string_not_equal(thief->user->id, w.caller.user_id); // an account of the thief's own
    refused(update_phone(other_phone), "PROOF_NEEDED");
}

// A number that was typed at sign-up and never proven: with it and a token the account would be entered.
static void nor_does_a_code_to_an_unproven_phone(void **state)
{
    (void)state;
    sign_up("mira", phone);
    Auth__Session *stolen = enter("mira");
    grow_old();
    assert_non_null(send_code(phone));
    const char *code = arena_str(&w.arena, code_of(phone));
    refused(prove_with("", code), "INVALID_FIELD");
    refused(use_code(phone, code, "a new password"), "PROOF_NEEDED");
    refused(use_code(phone, code, ""), "PROOF_NEEDED");
    assert_non_null(prove_with(PASSWORD, ""));
    assert_string_equal(use_code(phone, code, "")->user->id, stolen->user->id); // the code was not used up
    assert_non_null(log_in("mira", PASSWORD));
}

static void a_wallet_is_linked_with_it_alone(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet(), thief = make_wallet();
    sign_up("mira", "");
    enter("mira");
    assert_non_null(prove(&wallet, challenge(&wallet)));
    grow_old();
    const char *message = challenge(&thief);
    refused(prove(&thief, message), "PROOF_NEEDED");
    refused(prove_signed(&thief, challenge(&thief)), "WALLET_PROOF_INVALID");
    refused(prove_signed(&thief, challenge(&wallet)), "WALLET_PROOF_INVALID");
    refused(update_phone(phone), "PROOF_NEEDED");
    assert_non_null(prove_signed(&wallet, challenge(&wallet)));
    assert_string_equal(prove(&thief, message)->user->wallet, thief.address); // may be answered later
}

static void ones_own_wallet_opens_a_session_that_has_it(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    sign_up("mira", "");
    enter("mira");
    be_in(prove(&wallet, challenge(&wallet)));
    grow_old();
    be_in(prove(&wallet, challenge(&wallet)));
    assert_non_null(update_phone(phone));
}

static void a_challenge_gives_it_once(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    sign_up("mira", "");
    enter("mira");
    refused(prove_signed(&wallet, challenge(&wallet)), "WALLET_PROOF_INVALID"); // no wallet is linked
    assert_non_null(prove(&wallet, challenge(&wallet)));
    const char *message = challenge(&wallet);
    assert_non_null(prove_signed(&wallet, message));
    refused(prove_signed(&wallet, message), "WALLET_PROOF_INVALID");
}

static void guesses_count_as_at_the_log_in(void **state)
{
    (void)state;
    sign_up("mira", "");
    w.caller.address = "203.0.113.9";
    Auth__Session *session = enter("mira");
    for (int i = 0; i < 3; i++) refused(prove_with("wrong password", ""), "BAD_CREDENTIALS");
    for (int i = 0; i < 2; i++) refused(log_in("mira", "wrong password"), "BAD_CREDENTIALS");
    refused(prove_with(PASSWORD, ""), "ACCOUNT_LOCKED");
    assert_int_equal(w.err.retry_after_s, 10);
    refused(log_in("mira", PASSWORD), "ACCOUNT_LOCKED");
    w.device_token = session->device_token; // what others guess does not lock the owner's device
    assert_non_null(prove_with(PASSWORD, ""));
    for (int i = 0; i < 5; i++) refused(prove_with("wrong password", ""), "BAD_CREDENTIALS");
    refused(prove_with(PASSWORD, ""), "ACCOUNT_LOCKED");
}

static void a_guesser_of_codes_is_locked_here_too(void **state)
{
    (void)state;
    enter_with_phone();
    w.caller.address = "203.0.113.9";
    for (int i = 0; i < 30; i++) refused(prove_with("", "wrong!"), "OTP_INVALID");
    refused(prove_with("", "wrong!"), "ADDRESS_LOCKED");
}

static void exactly_one_way_is_shown(void **state)
{
    (void)state;
    Auth__ProveRequest request = AUTH__PROVE_REQUEST__INIT;
    uint8_t signature[64] = {0};
    sign_up("mira", "");
    enter("mira");
    refused(ask("auth.Prove", &request), "INVALID_FIELD");
    assert_string_equal(w.err.field, "password");
    refused(prove_with(PASSWORD, "123456"), "INVALID_FIELD");
    assert_string_equal(w.err.field, "code");
    request.message = "a message";
    refused(ask("auth.Prove", &request), "INVALID_FIELD");
    assert_string_equal(w.err.field, "signature");
    request.message = "";
    request.signature = (ProtobufCBinaryData){sizeof signature, signature};
    refused(ask("auth.Prove", &request), "INVALID_FIELD");
    assert_string_equal(w.err.field, "message");
    request.password = PASSWORD;
    refused(ask("auth.Prove", &request), "INVALID_FIELD");
    assert_string_equal(w.err.field, "message");
}

static void an_account_keeps_a_way_in(void **state)
{
    (void)state;
    assert_non_null(send_code(phone));
    be_in(use_code(phone, code_of(phone), ""));
    refused(update_phone(""), "LAST_LOGIN");
    assert_string_equal(w.err.field, "phone");
    assert_non_null(update_phone(other_phone)); // a player's: its owner enters by a code
    struct wallet wallet = make_wallet();
    assert_non_null(prove(&wallet, challenge(&wallet)));
    assert_non_null(update_phone(""));
}

// Nobody would be let in by a number that a god has typed and not proven.
static void a_god_does_not_lose_the_account_with_the_number(void **state)
{
    (void)state;
    Auth__SetLevelRequest request = AUTH__SET_LEVEL_REQUEST__INIT;
    assert_non_null(send_code(phone));
    Auth__Session *session = use_code(phone, code_of(phone), "");
    request.user_id = session->user->id;
    request.level = AUTH__LEVEL__VALUE__GOD;
    assert_non_null(ask("auth.SetLevel", &request));
    be_in(session);
    refused(update_phone(other_phone), "LAST_LOGIN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_counts_for_five_minutes),
        TEST(a_refresh_gives_none),
        TEST(one_session_proves_nothing_for_another),
        TEST(nor_does_another_account),
        TEST(it_ends_with_its_session),
        TEST(a_clock_that_was_ahead_gives_no_more),
        TEST(calls_that_overtake_each_other_have_it),
        TEST(a_code_to_the_proven_phone_gives_it),
        TEST(a_code_is_used_up),
        TEST(a_code_to_a_phone_of_ones_own_gives_none),
        TEST(nor_does_a_code_to_an_unproven_phone),
        TEST(a_wallet_is_linked_with_it_alone),
        TEST(ones_own_wallet_opens_a_session_that_has_it),
        TEST(a_challenge_gives_it_once),
        TEST(guesses_count_as_at_the_log_in),
        TEST(a_guesser_of_codes_is_locked_here_too),
        TEST(exactly_one_way_is_shown),
        TEST(an_account_keeps_a_way_in),
        TEST(a_god_does_not_lose_the_account_with_the_number),
    };
    return RUN(tests);
}
