// Recent proof: what needs it, what gives it, and every way round that gives none.
#include "services/auth/handlers/ways.h"
#include "services/auth/testing/world.h"

static const char phone[] = "+989121234567", other_phone[] = "+989127654321";

static void *update_phone(const char *number)
{
    Auth__UpdateMeRequest request = AUTH__UPDATE_ME_REQUEST__INIT;
    request.phone__case = AUTH__UPDATE_ME_REQUEST__PHONE__PHONE;
    request.phone = number;
    return ask("auth.UpdateMe", &request);
}

static void *update_name(const char *username)
{
    Auth__UpdateMeRequest request = AUTH__UPDATE_ME_REQUEST__INIT;
    request.username__case = AUTH__UPDATE_ME_REQUEST__USERNAME__USERNAME;
    request.username = username;
    return ask("auth.UpdateMe", &request);
}

static Auth__Session *sign_up_and_enter(const char *username, const char *number)
{
    sign_up(username, number);
    return enter(username);
}

static const char *new_code(const char *number)
{
    w.now_ms += 60000;
    assert_non_null(send_code(number));
    return arena_str(&w.arena, code_of(number));
}

// An account whose phone is proven.
static Auth__Session *enter_with_phone(void)
{
    sign_up_and_enter("mira", phone);
    assert_non_null(use_code(phone, new_code(phone), ""));
    return enter("mira");
}

static void set_level(const char *user_id, Auth__Level__Value level)
{
    Auth__SetLevelRequest request = AUTH__SET_LEVEL_REQUEST__INIT;
    request.user_id = user_id;
    request.level = level;
    assert_non_null(ask("auth.SetLevel", &request));
}

// ---- What it is

static void a_log_in_is_none(void **state)
{
    (void)state;
    sign_up_and_enter("mira", "");
    refused(update_phone(phone), "PROOF_NEEDED");
    refused(update_name("lena"), "PROOF_NEEDED");
    assert_non_null(update_phone("")); // changes nothing
    assert_non_null(update_name("mira"));
    show();
    assert_non_null(update_phone(phone));
}

static void it_allows_one_change(void **state)
{
    (void)state;
    sign_up_and_enter("mira", "");
    show();
    assert_non_null(update_name("mira")); // none, so it is left
    assert_non_null(update_name("lena"));
    refused(update_name("nora"), "PROOF_NEEDED");
    refused(update_phone(phone), "PROOF_NEEDED");
}

static void a_change_that_is_refused_leaves_it(void **state)
{
    (void)state;
    sign_up("nora", other_phone);
    sign_up_and_enter("mira", "");
    show();
    refused(update_phone(other_phone), "PHONE_TAKEN");
    refused(update_name("NORA"), "USERNAME_TAKEN");
    assert_non_null(update_phone(phone));
}

static void it_counts_for_five_minutes_whatever_the_clock(void **state)
{
    (void)state;
    sign_up_and_enter("mira", "");
    const int64_t shown_ms = w.now_ms;
    show();
    for (int side = -1; side <= 1; side += 2) {
        w.now_ms = shown_ms + side * w.settings.proof_ms;
        refused(update_phone(phone), "PROOF_NEEDED");
    }
    w.now_ms = shown_ms + w.settings.proof_ms - 1;
    assert_non_null(update_phone(phone));
}

static void it_survives_a_restart_and_a_log_in(void **state)
{
    (void)state;
    sign_up_and_enter("mira", "");
    show();
    auth_close(&w.auth);
    open_world();
    assert_non_null(log_in("mira", PASSWORD));
    assert_non_null(update_phone(phone));
}

static void a_refresh_gives_none(void **state)
{
    (void)state;
    const char *token = sign_up_and_enter("mira", "")->refresh_token;
    for (int i = 0; i < 3; i++) {
        token = be_in(refresh(token))->refresh_token;
        refused(update_phone(phone), "PROOF_NEEDED");
    }
}

static void one_session_shows_nothing_for_another(void **state)
{
    (void)state;
    Auth__Session *stolen = sign_up_and_enter("mira", ""), *own = enter("mira");
    show();
    be_in(stolen);
    refused(update_phone(phone), "PROOF_NEEDED");
    be_in(own);
    assert_non_null(update_phone(phone));
}

static void nor_does_another_account(void **state)
{
    (void)state;
    const char *mira = sign_up_and_enter("mira", "")->user->id;
    show();
    sign_up_and_enter("nora", "");
    show();
    w.caller.user_id = mira; // with the session of nora
    refused(update_phone(phone), "PROOF_NEEDED");
    refused(show_password(PASSWORD), "PROOF_NEEDED");
    w.caller.session_id = "";
    refused(update_phone(phone), "PROOF_NEEDED");
    refused(show_password(PASSWORD), "PROOF_NEEDED");
}

static void it_ends_with_its_session(void **state)
{
    (void)state;
    Auth__LogoutRequest request = AUTH__LOGOUT_REQUEST__INIT;
    enter_with_phone();
    show();
    const char *code = new_code(phone);
    const Rpc__Caller caller = w.caller;
    leave();
    assert_non_null(use_code(phone, code, "a new password")); // by somebody else
    w.caller = caller;
    refused(update_phone(other_phone), "PROOF_NEEDED");
    refused(show_password("a new password"), "PROOF_NEEDED");
    be_in(log_in("mira", "a new password"));
    assert_non_null(show_password("a new password"));
    assert_non_null(ask("auth.Logout", &request));
    refused(update_phone(other_phone), "PROOF_NEEDED");
}

static bool spend(void)
{
    struct account account;
    struct rpc_call call = {.arena = &w.arena, .service = &w.auth, .caller = &w.caller, .now_ms = w.now_ms};
    return proof_spend(&call, &account, &w.err);
}

static void it_is_spent_for_what_changes_no_account(void **state)
{
    (void)state;
    sign_up_and_enter("mira", "");
    show();
    assert_true(spend());
    assert_false(spend());
    assert_string_equal(err_name(&w.err), "PROOF_NEEDED");
}

// ---- Codes

static void a_code_to_the_proven_phone_gives_it_once(void **state)
{
    (void)state;
    enter_with_phone();
    const char *code = new_code(phone);
    assert_non_null(show_code(code));
    refused(show_code(code), "OTP_INVALID");
    assert_non_null(update_name("lena"));
}

static void a_stolen_number_changes_no_number_and_no_password(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    enter_with_phone();
    show();
    be_in(prove(&wallet, challenge(&wallet)));
    assert_non_null(show_code(new_code(phone)));
    refused(update_phone(other_phone), "PROOF_NEEDED");
    const char *code = new_code(phone);
    refused(use_code(phone, code, "a new password"), "PROOF_NEEDED");
    assert_non_null(show_signed(&wallet, challenge(&wallet)));
    assert_non_null(use_code(phone, code, "a new password")); // the code was not used up
    be_in(log_in("mira", "a new password"));
    assert_non_null(show_password("a new password"));
    assert_non_null(update_phone(other_phone));
}

// Or its signature would then be the proof for all that.
static void a_stolen_number_links_no_wallet(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    enter_with_phone();
    assert_non_null(show_code(new_code(phone)));
    const char *message = challenge(&wallet);
    refused(prove(&wallet, message), "PROOF_NEEDED");
    show();
    assert_non_null(prove(&wallet, message)); // the challenge was not used up
}

static void without_a_password_a_code_is_enough(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    be_in(use_code(phone, new_code(phone), ""));
    assert_non_null(show_code(new_code(phone)));
    be_in(prove(&wallet, challenge(&wallet)));
    assert_non_null(show_code(new_code(phone)));
    assert_non_null(update_phone(other_phone));
}

static void a_code_to_a_phone_of_ones_own_gives_none(void **state)
{
    (void)state;
    enter_with_phone();
    refused(show_code(new_code(other_phone)), "OTP_INVALID"); // the thief's
    const char *code = new_code(other_phone);
    Auth__Session *thief = use_code(other_phone, code, "a new password");
    assert_string_not_equal(thief->user->id, w.caller.user_id); // an account of the thief's own
    refused(update_phone(other_phone), "PROOF_NEEDED");
}

static void nor_does_a_code_to_a_phone_that_nobody_has_proven(void **state)
{
    (void)state;
    sign_up_and_enter("mira", phone);
    refused(show_code(new_code(phone)), "INVALID_FIELD");
    assert_string_equal(w.err.field, "code");
}

// With the token, the number would open a god's account, which it does not without.
static void the_number_that_a_god_typed_needs_it(void **state)
{
    (void)state;
    const char *god = sign_up_and_enter("thegod", phone)->user->id;
    set_level(god, AUTH__LEVEL__VALUE__GOD);
    enter("thegod");
    const char *code = new_code(phone);
    refused(use_code(phone, code, ""), "PROOF_NEEDED");
    show();
    assert_string_equal(use_code(phone, code, "")->user->id, god);
}

// ---- Wallets

static void a_wallet_is_linked_with_it_alone(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet(), thief = make_wallet();
    sign_up_and_enter("mira", "");
    refused(prove(&wallet, challenge(&wallet)), "PROOF_NEEDED");
    show();
    assert_non_null(prove(&wallet, challenge(&wallet)));
    const char *message = challenge(&thief);
    refused(prove(&thief, message), "PROOF_NEEDED");
    refused(show_signed(&thief, challenge(&thief)), "WALLET_PROOF_INVALID");
    refused(show_signed(&thief, challenge(&wallet)), "WALLET_PROOF_INVALID");
    assert_non_null(show_signed(&wallet, challenge(&wallet)));
    assert_string_equal(prove(&thief, message)->user->wallet, thief.address); // may be answered later
}

static void a_challenge_shows_it_once_and_to_who_asked(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    sign_up_and_enter("mira", "");
    refused(show_signed(&wallet, challenge(&wallet)), "WALLET_PROOF_INVALID"); // no wallet is linked
    show();
    be_in(prove(&wallet, challenge(&wallet)));
    const char *message = challenge(&wallet);
    assert_non_null(show_signed(&wallet, message));
    refused(show_signed(&wallet, message), "WALLET_PROOF_INVALID");
    const Rpc__Caller caller = w.caller;
    leave();
    message = challenge(&wallet); // as the page of a thief would
    w.caller = caller;
    refused(show_signed(&wallet, message), "WALLET_PROOF_INVALID");
}

static void ones_own_wallet_logs_in_without(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    sign_up_and_enter("mira", "");
    show();
    be_in(prove(&wallet, challenge(&wallet)));
    be_in(prove(&wallet, challenge(&wallet)));
    refused(update_phone(phone), "PROOF_NEEDED");
}

// ---- Guessing

static void the_fifth_wrong_try_ends_the_session_alone(void **state)
{
    (void)state;
    Auth__Session *own = sign_up_and_enter("mira", ""), *stolen = enter("mira");
    for (int i = 0; i < 5; i++) refused(show_password("wrong password"), "BAD_CREDENTIALS");
    assert_int_equal(revocations(), 1);
    refused(show_password(PASSWORD), "PROOF_NEEDED");
    refused(refresh(stolen->refresh_token), "REFRESH_INVALID");
    assert_non_null(log_in("mira", PASSWORD)); // nothing else is locked
    be_in(own);
    show();
}

static void a_right_one_forgets_the_wrong_ones(void **state)
{
    (void)state;
    sign_up_and_enter("mira", "");
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++) refused(show_password("wrong password"), "BAD_CREDENTIALS");
        show();
    }
}

static void a_refresh_does_not(void **state)
{
    (void)state;
    const char *token = sign_up_and_enter("mira", "")->refresh_token;
    for (int i = 0; i < 5; i++) {
        refused(show_password("wrong password"), "BAD_CREDENTIALS");
        if (i < 4) token = be_in(refresh(token))->refresh_token;
    }
    refused(refresh(token), "REFRESH_INVALID");
}

static void codes_and_signatures_count_too(void **state)
{
    (void)state;
    struct wallet thief = make_wallet();
    enter_with_phone();
    for (int i = 0; i < 2; i++) refused(show_code("wrong!"), "OTP_INVALID");
    for (int i = 0; i < 2; i++) refused(show_signed(&thief, "a message"), "WALLET_PROOF_INVALID");
    refused(show_password("wrong password"), "BAD_CREDENTIALS");
    refused(show_password(PASSWORD), "PROOF_NEEDED");
}

static void exactly_one_way_is_shown(void **state)
{
    (void)state;
    Auth__ProveRequest request = AUTH__PROVE_REQUEST__INIT;
    uint8_t signature[64] = {0};
    sign_up_and_enter("mira", "");
    refused(ask("auth.Prove", &request), "INVALID_FIELD");
    assert_string_equal(w.err.field, "password");
    request.password = PASSWORD;
    request.code = "123456";
    refused(ask("auth.Prove", &request), "INVALID_FIELD");
    assert_string_equal(w.err.field, "code");
    request.code = request.password = "";
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

// ---- The last way in

static void an_account_keeps_a_way_in(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    be_in(use_code(phone, new_code(phone), ""));
    assert_non_null(show_code(new_code(phone)));
    refused(update_phone(""), "LAST_LOGIN");
    assert_string_equal(w.err.field, "phone");
    be_in(prove(&wallet, challenge(&wallet)));
    assert_non_null(show_signed(&wallet, challenge(&wallet)));
    assert_non_null(update_phone(""));
}

// Nobody would be let in by a number that a god has typed and not proven.
static void a_god_does_not_lose_the_account_with_the_number(void **state)
{
    (void)state;
    const char *god = use_code(phone, new_code(phone), "")->user->id;
    set_level(god, AUTH__LEVEL__VALUE__GOD);
    be_in(use_code(phone, new_code(phone), ""));
    assert_non_null(show_code(new_code(phone)));
    refused(update_phone(other_phone), "LAST_LOGIN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_log_in_is_none),
        TEST(it_allows_one_change),
        TEST(a_change_that_is_refused_leaves_it),
        TEST(it_counts_for_five_minutes_whatever_the_clock),
        TEST(it_survives_a_restart_and_a_log_in),
        TEST(a_refresh_gives_none),
        TEST(one_session_shows_nothing_for_another),
        TEST(nor_does_another_account),
        TEST(it_ends_with_its_session),
        TEST(it_is_spent_for_what_changes_no_account),
        TEST(a_code_to_the_proven_phone_gives_it_once),
        TEST(a_stolen_number_changes_no_number_and_no_password),
        TEST(a_stolen_number_links_no_wallet),
        TEST(without_a_password_a_code_is_enough),
        TEST(a_code_to_a_phone_of_ones_own_gives_none),
        TEST(nor_does_a_code_to_a_phone_that_nobody_has_proven),
        TEST(the_number_that_a_god_typed_needs_it),
        TEST(a_wallet_is_linked_with_it_alone),
        TEST(a_challenge_shows_it_once_and_to_who_asked),
        TEST(ones_own_wallet_logs_in_without),
        TEST(the_fifth_wrong_try_ends_the_session_alone),
        TEST(a_right_one_forgets_the_wrong_ones),
        TEST(a_refresh_does_not),
        TEST(codes_and_signatures_count_too),
        TEST(exactly_one_way_is_shown),
        TEST(an_account_keeps_a_way_in),
        TEST(a_god_does_not_lose_the_account_with_the_number),
    };
    return RUN(tests);
}
