// Suspended accounts: nobody enters them by any way, until it ends by time or is lifted.
#include "services/auth/accounts.h"
#include "services/auth/names.h"
#include "services/auth/tokens/sessions.h"
#include "services/auth/testing/world.h"

static const int64_t hour_ms = 3600 * 1000;

static Auth__User *suspend(const char *user_id, int64_t until_ms)
{
    Auth__SuspendRequest request = AUTH__SUSPEND_REQUEST__INIT;
    request.user_id = user_id;
    request.reason = "insults";
    request.until = until_ms ? stamp_new(&w.arena, until_ms) : NULL;
    Auth__UserReply *reply = ask("auth.SuspendUser", &request);
    return reply ? reply->user : NULL;
}

static Auth__User *unsuspend(const char *user_id)
{
    Auth__UserRequest request = AUTH__USER_REQUEST__INIT;
    request.user_id = user_id;
    return ((Auth__UserReply *)ask("auth.UnsuspendUser", &request))->user;
}

static void every_way_in_is_shut_to_who_has_the_secret(void **state)
{
    (void)state;
    static const char phone[] = "+989121234567";
    struct wallet wallet = make_wallet();
    send_code(phone);
    Auth__Session *session = be_in(use_code(phone, code_of(phone), PASSWORD));
    const char *mira = session->user->id, *name = session->user->username, *token = session->refresh_token;
    struct account account;
    assert_true(account_get(&w.auth, mira, &w.arena, &account, &w.err));
    account_set_wallet(&account, wallet.address);
    assert_true(account_save(&w.auth, &account, &w.err));
    leave();
    const uint64_t before = revocations();
    const Auth__User *user = suspend(mira, w.now_ms + hour_ms);
    assert_string_equal(user->suspension->reason, "insults");
    assert_int_equal(revocations(), before + 1); // access tokens
    refused(log_in(name, PASSWORD), "SUSPENDED");
    assert_non_null(strstr(w.err.message, "2027-01-15T09:00:00Z"));
    refused(log_in(name, "a wrong password"), "BAD_CREDENTIALS"); // guesses learn nothing
    refused(refresh(token), "SUSPENDED");
    refused(prove(&wallet, challenge(&wallet)), "SUSPENDED");
    w.now_ms += w.settings.otp_pause_ms;
    send_code(phone);
    refused(use_code(phone, code_of(phone), "another password"), "SUSPENDED");
    w.now_ms = stamp_ms(user->suspension->until);
    assert_non_null(log_in(name, PASSWORD)); // it was not changed
    assert_non_null(refresh(token));
}

static void it_ends_by_time_or_by_being_lifted(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    suspend(mira, w.now_ms + hour_ms);
    w.now_ms += hour_ms - 1;
    refused(log_in("mira", PASSWORD), "SUSPENDED");
    w.now_ms++;
    assert_non_null(log_in("mira", PASSWORD));
    assert_null(unsuspend(mira)->suspension);
    assert_non_null(suspend(mira, 0)->suspension);
    w.now_ms += 10000 * hour_ms;
    refused(log_in("mira", PASSWORD), "SUSPENDED");
    assert_null(suspend(mira, w.now_ms)->suspension); // until now, so no more
    assert_non_null(log_in("mira", PASSWORD));
}

static void nobody_suspends_whom_there_is_not(void **state)
{
    (void)state;
    refused(suspend("01890000-0000-7000-8000-000000000999", 0), "NOT_FOUND");
}

// Who typed another's number and was suspended does not shut out the number's owner.
static void an_unproven_number_leaves_a_suspended_account(void **state)
{
    (void)state;
    static const char phone[] = "+989121234567";
    const char *mallory = sign_up("mallory", phone)->id;
    suspend(mallory, 0);
    send_code(phone);
    Auth__Session *session = use_code(phone, code_of(phone), "");
    assert_non_null(session);
    assert_string_not_equal(session->user->id, mallory);
    refused(log_in("mallory", PASSWORD), "SUSPENDED");
}

// Its account was read before, and its write finds another version.
static void a_log_in_under_way_is_refused_too(void **state)
{
    (void)state;
    struct account account;
    Auth__Session reply = AUTH__SESSION__INIT;
    const struct session_start start = {AUTH__LOGIN_KIND__VALUE__PASSWORD, ""};
    const char *mira = sign_up("mira", "")->id;
    assert_true(account_get(&w.auth, mira, &w.arena, &account, &w.err));
    suspend(mira, 0);
    assert_false(session_open(&w.auth, &account, &start, &w.arena, w.now_ms, &reply, &w.err));
    assert_string_equal(err_name(&w.err), "SUSPENDED");
}

static void other_services_are_told_until_when(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    assert_false(newest_name()->suspended);
    suspend(mira, w.now_ms + hour_ms);
    assert_true(newest_name()->suspended);
    assert_int_equal(stamp_ms(newest_name()->suspended_until), w.now_ms + hour_ms);
    unsuspend(mira);
    assert_false(newest_name()->suspended);
    const uint64_t version = newest_name()->version;
    unsuspend(mira);
    assert_int_equal(newest_name()->version, version); // nothing is new
}

// Killed between the account's write and its entry.
static void what_was_not_told_is_told_at_the_start(void **state)
{
    (void)state;
    struct account account;
    const char *mira = sign_up("mira", "")->id;
    Auth__Suspension suspension = AUTH__SUSPENSION__INIT;
    assert_true(account_get(&w.auth, mira, &w.arena, &account, &w.err));
    account.row->suspension = &suspension;
    assert_true(auth_save(&w.auth, AUTH_ACCOUNTS, &account.row->base, account.version, &w.err));
    assert_false(newest_name()->suspended);
    assert_true(names_catch_up(&w.auth, &w.err));
    assert_true(newest_name()->suspended);
}

static void operators_see_it_in_lists(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    Auth__ListUsersRequest request = AUTH__LIST_USERS_REQUEST__INIT;
    suspend(mira, w.now_ms + hour_ms);
    assert_non_null(((Auth__ListUsersReply *)ask("auth.ListUsers", &request))->users[0]->suspension);
    w.now_ms += hour_ms;
    assert_null(((Auth__ListUsersReply *)ask("auth.ListUsers", &request))->users[0]->suspension);
    assert_null(log_in("mira", PASSWORD)->user->suspension);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_way_in_is_shut_to_who_has_the_secret), TEST(it_ends_by_time_or_by_being_lifted),
        TEST(nobody_suspends_whom_there_is_not),          TEST(an_unproven_number_leaves_a_suspended_account),
        TEST(a_log_in_under_way_is_refused_too),          TEST(other_services_are_told_until_when),
        TEST(what_was_not_told_is_told_at_the_start),     TEST(operators_see_it_in_lists),
    };
    return RUN(tests);
}
