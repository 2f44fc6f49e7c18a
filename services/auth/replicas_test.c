// Two processes of auth on one store: what one does while the other is in the middle of it.
#include "lib/base/clock.h"
#include "services/auth/lockout.h"
#include "services/auth/reports.h"
#include "services/auth/testing/both.h"
#include "services/auth/tokens/api_keys.h"
#include "services/auth/tokens/sessions.h"

// ---- Revocations

static const char session_id[] = "01926f3a-0000-7000-8000-000000000001";

static void a_session_is_revoked_once_by_both(void **state)
{
    (void)state;
    assert_true(revocations_add_session(&w.auth, session_id, "u1", w.now_ms, &w.err));
    assert_true(revocations_add_session(&other, session_id, "u1", w.now_ms + 1, &w.err));
    assert_int_equal(revocations(), 1);
    assert_true(revocations_add_user(&other, "u1", 2, w.now_ms, &w.err));
    assert_true(revocations_add_user(&w.auth, "u1", 2, w.now_ms, &w.err));
    assert_int_equal(revocations(), 2);
    assert_true(revocations_add_user(&w.auth, "u1", 3, w.now_ms, &w.err));
    assert_int_equal(revocations(), 3);
}

struct sources {
    struct store_source of[4];
    size_t count;
};

static bool take_source(void *arg, const struct store_item *item, struct err *err)
{
    struct sources *sources = arg;
    (void)err;
    if (!item->table && sources->count < 4) sources->of[sources->count++] = item->source;
    return true;
}

// 64 bits of hash alone are met by chance too soon, and then a revocation would be left out.
static void each_revocation_has_a_source_of_two_numbers(void **state)
{
    (void)state;
    struct sources sources = {0};
    for (uint64_t generation = 1; generation <= 3; generation++)
        assert_true(revocations_add_user(&w.auth, "u1", generation, w.now_ms, &w.err));
    assert_true(store_each(w.auth.store, take_source, &sources, &w.err));
    assert_int_equal(sources.count, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct store_source *one = &sources.of[i], *next = &sources.of[(i + 1) % 3];
        assert_true(one->print && one->seq != next->seq && one->print != next->print);
    }
}

static void void_tokens(const char *username)
{
    struct account account;
    assert_true(account_by_username(&w.auth, username, &w.arena, &account, &w.err));
    account_void_tokens(&account, &w.arena, w.now_ms);
    assert_true(account_save(&w.auth, &account, &w.err)); // and killed here
}

static bool catch_up_too(struct arena *arena, struct err *err)
{
    (void)arena;
    return revocations_catch_up(&other, w.now_ms, err);
}

static void both_complete_the_stream_at_once(void **state)
{
    (void)state;
    struct meanwhile meanwhile;
    sign_up("mira", ""), sign_up("nora", "");
    void_tokens("mira"), void_tokens("nora");
    meanwhile_hold(&meanwhile, catch_up_too);
    assert_true(revocations_catch_up(&w.auth, w.now_ms, &w.err));
    meanwhile_release(&meanwhile);
    assert_true(meanwhile.ok);
    assert_int_equal(revocations(), 2);
}

// The caller may not be told that nothing was done.
static void what_is_ended_and_not_told_is_no_refusal(void **state)
{
    (void)state;
    sign_up("mira", "");
    void_tokens("mira");
    shared_store_set_away(w.auth.store, true);
    assert_false(revocations_add_user(&w.auth, "u1", 1, w.now_ms, &w.err));
    assert_int_equal(w.err.reason, IS(OUTCOME_UNKNOWN));
    shared_store_set_away(w.auth.store, false);
    assert_int_equal(revocations(), 0);
    assert_true(revocations_pay(&w.auth, w.now_ms, &w.err));
    assert_int_equal(revocations(), 1);
}

// A start with many recent log-outs takes no write for each of them.
static void what_the_stream_says_is_not_added_again(void **state)
{
    (void)state;
    sign_up("mira", ""), sign_up("nora", "");
    void_tokens("mira");
    assert_true(revocations_catch_up(&w.auth, w.now_ms, &w.err));
    uint64_t before = store_durable(other.store);
    assert_true(revocations_catch_up(&other, w.now_ms, &w.err));
    assert_int_equal(store_durable(other.store), before);
    void_tokens("nora");
    assert_true(revocations_catch_up(&other, w.now_ms, &w.err));
    assert_int_equal(store_durable(other.store), before + 1);
    assert_int_equal(revocations(), 2);
}

// ---- Failures

enum { FAILURES = 20 };

static bool fail_often(struct auth *auth, struct arena *arena, struct err *err)
{
    const struct lockout lockout = {.key = "account:x",
                                    .after = 1000,
                                    .base_ms = 1000,
                                    .most_ms = 1000,
                                    .forget_ms = 86400000,
                                    .reason = IS(ACCOUNT_LOCKED),
                                    .sentence = "locked"};
    for (int i = 0; i < FAILURES; i++)
        if (!lockout_note_failure(auth, &lockout, arena, w.now_ms, err)) return false;
    return true;
}

static bool fail_too(struct arena *arena, struct err *err) { return fail_often(&other, arena, err); }

static void failures_at_both_add_up(void **state)
{
    (void)state;
    struct meanwhile meanwhile;
    struct store_rows rows;
    meanwhile_begin(&meanwhile, fail_too);
    assert_true(fail_often(&w.auth, &w.arena, &w.err));
    meanwhile_join(&meanwhile);
    assert_true(meanwhile.ok);
    assert_true(lockout_find(&w.auth, "account:x", 1, &w.arena, &rows, &w.err));
    assert_int_equal(((const Accounts__Lockout *)rows.messages[0])->failures, 2 * FAILURES);
}

// ---- Limits

static bool add_key(struct auth *auth, struct arena *arena, struct err *err)
{
    struct account account;
    Accounts__ApiKey row = ACCOUNTS__API_KEY__INIT;
    char key[API_KEY_MAX];
    return account_by_username(auth, "mira", arena, &account, err) &&
           api_key_create(auth, &account, &row, key, arena, w.now_ms, err);
}

static bool add_key_too(struct arena *arena, struct err *err) { return add_key(&other, arena, err); }

static void both_do_not_take_the_last_place(void **state)
{
    (void)state;
    struct meanwhile meanwhile;
    sign_up("mira", "");
    for (int i = 0; i + 1 < API_KEYS_MOST; i++) assert_true(add_key(&w.auth, &w.arena, &w.err));
    meanwhile_hold(&meanwhile, add_key_too);
    assert_true(add_key(&w.auth, &w.arena, &w.err));
    meanwhile_release(&meanwhile);
    assert_false(meanwhile.ok);
    assert_int_equal(meanwhile.err.reason, IS(LIMIT_REACHED));
    struct account account;
    struct api_keys keys;
    assert_true(account_by_username(&w.auth, "mira", &w.arena, &account, &w.err));
    assert_true(api_keys_list(&w.auth, &account, &w.arena, &keys, &w.err));
    assert_int_equal(keys.count, API_KEYS_MOST);
    assert_false(add_key(&w.auth, &w.arena, &w.err)); // none is left that was taken back
}

static bool report(struct auth *auth, const char *user_id, struct arena *arena, struct err *err)
{
    Accounts__Report row = ACCOUNTS__REPORT__INIT;
    row.reporter_id = "reporter";
    row.user_id = user_id;
    return report_create(auth, &row, arena, w.now_ms, err);
}

static bool report_too(struct arena *arena, struct err *err) { return report(&other, "u1", arena, err); }

static void of_two_equal_reports_one_stays(void **state)
{
    (void)state;
    struct meanwhile meanwhile;
    struct store_rows rows;
    meanwhile_hold(&meanwhile, report_too);
    bool ok = report(&w.auth, "u1", &w.arena, &w.err);
    meanwhile_release(&meanwhile);
    assert_true(ok || meanwhile.ok);
    const struct reports_query query = {
        .state = AUTH__REPORT_STATE__VALUE__OPEN, .limit = 10, .page_token = ""};
    assert_true(reports_find(&w.auth, &query, &w.arena, &rows, &w.err));
    assert_int_equal(rows.count, 1);
}

// ---- Names

static bool sign_up_as_mira(struct arena *arena, struct err *err)
{
    struct account account = account_new(arena, "mira", "", w.now_ms);
    account.row->password_hash = "x";
    return account_save(&other, &account, err);
}

static void assert_nobody(const char *username)
{
    struct account account;
    assert_true(account_by_username(&w.auth, username, &w.arena, &account, &w.err));
    assert_null(account.row);
}

static void a_name_given_up_meanwhile_waits_for_its_owner(void **state)
{
    (void)state;
    struct meanwhile meanwhile;
    struct account account;
    sign_up("mira", "");
    assert_true(account_by_username(&w.auth, "mira", &w.arena, &account, &w.err));
    // The other has looked for a name that nobody bears and that does not wait: it begins before the rename.
    account_rename(&account, &w.arena, "mia", w.now_ms);
    assert_true(account_save(&w.auth, &account, &w.err));
    uint64_t version;
    ProtobufCMessage *row;
    assert_true(
        store_get(w.auth.store, &auth_tables[AUTH_RELEASED], "mira", &w.arena, &row, &version, &w.err));
    assert_true(auth_remove(&w.auth, AUTH_RELEASED, "mira", version, &w.err)); // as before it was written
    meanwhile_hold(&meanwhile, sign_up_as_mira);
    assert_true(auth_save(&w.auth, AUTH_RELEASED, row, 0, &w.err));
    meanwhile_release(&meanwhile);
    assert_false(meanwhile.ok);
    assert_int_equal(meanwhile.err.reason, IS(USERNAME_TAKEN));
    assert_nobody("mira");
}

static void release_name(const char *key)
{
    Accounts__Released row = ACCOUNTS__RELEASED__INIT;
    row.username_key = key;
    row.user_id = "somebody";
    row.until = stamp_new(&w.arena, w.now_ms + 1000000);
    assert_true(auth_save(&w.auth, AUTH_RELEASED, &row.base, 0, &w.err));
}

static bool rename_nora(struct arena *arena, struct err *err)
{
    struct account account;
    if (!account_by_username(&other, "nora", arena, &account, err)) return false;
    account_rename(&account, arena, "mira", w.now_ms);
    return account_save(&other, &account, err);
}

static void who_took_a_name_that_waits_has_the_old_one_again(void **state)
{
    (void)state;
    struct meanwhile meanwhile;
    struct account account;
    sign_up("nora", "");
    meanwhile_hold(&meanwhile, rename_nora);
    release_name("mira");
    meanwhile_release(&meanwhile);
    assert_false(meanwhile.ok);
    assert_int_equal(meanwhile.err.reason, IS(USERNAME_TAKEN));
    assert_nobody("mira");
    assert_true(account_by_username(&w.auth, "nora", &w.arena, &account, &w.err));
    assert_string_equal(account.row->user->username, "nora");
}

static void what_can_not_be_taken_back_is_not_told_as_undone(void **state)
{
    (void)state;
    struct meanwhile meanwhile;
    struct account account;
    shared_store_set_wire(other.store, SHARED_LOSES_REPLIES);
    meanwhile_begin(&meanwhile, sign_up_as_mira);
    shared_store_await_lost(other.store); // it has the name
    release_name("mira");
    shared_store_refuse(other.store, auth_tables[AUTH_ACCOUNTS].name);
    shared_store_set_wire(other.store, SHARED_SOUND);
    meanwhile_join(&meanwhile);
    assert_false(meanwhile.ok);
    assert_int_equal(meanwhile.err.reason, IS(OUTCOME_UNKNOWN));
    assert_true(account_by_username(&w.auth, "mira", &w.arena, &account, &w.err));
    assert_non_null(account.row);
}

// ---- Sessions

static Auth__Session *refresh_at(struct auth *auth, const char *token)
{
    Auth__RefreshRequest request = AUTH__REFRESH_REQUEST__INIT;
    request.refresh_token = token;
    struct rpc_call call = {.arena = &w.arena,
                            .service = auth,
                            .asker = CONSE__ASKER__VALUE__GATEWAY,
                            .caller = &w.caller,
                            .now_ms = w.now_ms};
    return (Auth__Session *)rpc_run_here(&call, auth_methods, "auth.Refresh", &request.base, &w.err);
}

static void a_token_refreshed_at_both_has_one_child(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *token = log_in("mira", PASSWORD)->refresh_token;
    leave();
    const Auth__Session *one = refresh_at(&w.auth, token), *two = refresh_at(&other, token);
    assert_non_null(one);
    assert_non_null(two);
    assert_string_equal(one->refresh_token, two->refresh_token);
    assert_non_null(refresh_at(&other, one->refresh_token));
}

static struct {
    const char *token;
    char child[REFRESH_MAX];
} refreshed;

static bool refresh_too(struct arena *arena, struct err *err)
{
    Auth__Session reply = AUTH__SESSION__INIT;
    if (!session_refresh(&other, refreshed.token, "203.0.113.7", arena, w.now_ms, &reply, err)) return false;
    snprintf(refreshed.child, sizeof refreshed.child, "%s", reply.refresh_token);
    return true;
}

static void a_refresh_that_another_overtakes_has_the_same_child(void **state)
{
    (void)state;
    struct meanwhile meanwhile;
    sign_up("mira", "");
    refreshed.token = log_in("mira", PASSWORD)->refresh_token;
    leave();
    meanwhile_hold(&meanwhile, refresh_too);
    const Auth__Session *one = refresh_at(&w.auth, refreshed.token);
    meanwhile_release(&meanwhile);
    assert_true(meanwhile.ok);
    assert_string_equal(one->refresh_token, refreshed.child);
}

static uint32_t in_use(struct auth *auth, const char *name)
{
    struct key key;
    keyring_in_use(auth->keys, name, &key);
    return key.number;
}

static void neither_uses_a_key_that_the_other_may_not_know(void **state)
{
    (void)state;
    Keys__RotateRequest request = KEYS__ROTATE_REQUEST__INIT;
    request.name = "refresh";
    clock_hold_mono(1000000);
    assert_non_null(ask("auth.keys.Rotate", &request));
    assert_int_equal(in_use(&w.auth, "refresh"), 1);
    assert_true(keyring_read(other.keys, &w.err));
    assert_int_equal(in_use(&other, "refresh"), 1);
    clock_hold_mono(1010000);
    assert_int_equal(in_use(&w.auth, "refresh"), 2);
    assert_int_equal(in_use(&other, "refresh"), 2);
    clock_hold_mono(-1);
}

static void neither_opens_without_a_master_key(void **state)
{
    (void)state;
    struct auth third;
    const struct auth_options options = {.settings = &w.settings, .data_dir = w.folder, .store_url = url};
    assert_false(auth_open(&third, &options, &w.err));
    assert_non_null(strstr(w.err.message, "CONSE_MASTER_KEY_FILE must be set"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_session_is_revoked_once_by_both),
        BOTH(each_revocation_has_a_source_of_two_numbers),
        BOTH(both_complete_the_stream_at_once),
        BOTH(what_the_stream_says_is_not_added_again),
        BOTH(what_is_ended_and_not_told_is_no_refusal),
        BOTH(failures_at_both_add_up),
        BOTH(both_do_not_take_the_last_place),
        BOTH(of_two_equal_reports_one_stays),
        BOTH(a_name_given_up_meanwhile_waits_for_its_owner),
        BOTH(who_took_a_name_that_waits_has_the_old_one_again),
        BOTH(what_can_not_be_taken_back_is_not_told_as_undone),
        BOTH(a_token_refreshed_at_both_has_one_child),
        BOTH(a_refresh_that_another_overtakes_has_the_same_child),
        BOTH(neither_uses_a_key_that_the_other_may_not_know),
        BOTH(neither_opens_without_a_master_key),
    };
    return RUN(tests);
}
