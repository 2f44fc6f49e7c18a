// What operators do to accounts is in the audit: once, whatever ends in between, and without what is
// personal.
#include "lib/base/ids.h"
#include "services/auth/testing/both.h"

static const int64_t hour_ms = 3600 * 1000;

static Audit__ListReply *entries(void)
{
    const Audit__ListRequest request = AUDIT__LIST_REQUEST__INIT;
    Audit__ListReply *reply = ask("auth.ListAudit", &request);
    assert_non_null(reply);
    return reply;
}

static const Audit__Entry *newest(size_t count)
{
    const Audit__ListReply *reply = entries();
    assert_int_equal(reply->n_entries, count);
    return reply->entries[0]->entry;
}

static void *set_level(const char *user_id, Auth__Level__Value level)
{
    Auth__SetLevelRequest request = AUTH__SET_LEVEL_REQUEST__INIT;
    request.user_id = user_id;
    request.level = level;
    return ask("auth.SetLevel", &request);
}

static void *suspend(const char *user_id, int64_t until_ms)
{
    Auth__SuspendRequest request = AUTH__SUSPEND_REQUEST__INIT;
    request.user_id = user_id;
    request.reason = "insults of +989121234567";
    request.until = until_ms ? stamp_new(&w.arena, until_ms) : NULL;
    return ask("auth.SuspendUser", &request);
}

static void *of_user(const char *method, const char *user_id)
{
    Auth__UserRequest request = AUTH__USER_REQUEST__INIT;
    request.user_id = user_id;
    return ask(method, &request);
}

// A dev who is logged in.
static const char *be_dev(void)
{
    const char *dora = sign_up("dora", "")->id;
    assert_non_null(set_level(dora, AUTH__LEVEL__VALUE__DEV));
    enter("dora");
    return dora;
}

static void a_level_tells_what_it_was_and_what_it_is(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    assert_non_null(set_level(mira, AUTH__LEVEL__VALUE__GOD));
    const Audit__Entry *entry = newest(1);
    assert_int_equal(entry->kind, AUDIT__AUDIT_KIND__VALUE__LEVEL_SET);
    assert_string_equal(entry->target, mira);
    assert_string_equal(entry->service, "auth");
    assert_int_equal(stamp_ms(entry->time), w.now_ms);
    assert_int_equal(entry->actor->way, AUDIT__AUDIT_WAY__VALUE__FILES); // no service runs here
    assert_string_equal(entry->actor->user_id, "");
    assert_int_equal(entry->detail_case, AUDIT__ENTRY__DETAIL_LEVEL_SET);
    assert_string_equal(entry->level_set->before, "PLAYER");
    assert_string_equal(entry->level_set->after, "GOD");
    assert_non_null(set_level(mira, AUTH__LEVEL__VALUE__GOD)); // said once more
    newest(1);
    const Auth__SetLevelRequest none = AUTH__SET_LEVEL_REQUEST__INIT;
    refused(ask("auth.SetLevel", &none), "INVALID_FIELD");
    newest(1);
}

static void a_suspension_and_its_end_are_told(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    assert_non_null(suspend(mira, w.now_ms + hour_ms));
    const Audit__Entry *entry = newest(1);
    assert_int_equal(entry->kind, AUDIT__AUDIT_KIND__VALUE__USER_SUSPENDED);
    assert_int_equal(stamp_ms(entry->user_suspended->until), w.now_ms + hour_ms);
    assert_non_null(suspend(mira, w.now_ms + hour_ms)); // said once more
    newest(1);
    assert_non_null(suspend(mira, 0));
    assert_null(newest(2)->user_suspended->until);
    assert_non_null(of_user("auth.UnsuspendUser", mira));
    assert_int_equal(newest(3)->kind, AUDIT__AUDIT_KIND__VALUE__USER_READMITTED);
    assert_non_null(of_user("auth.UnsuspendUser", mira));
    newest(3);
}

static void who_ends_sessions_is_told_by_their_log_in(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id, *dora = be_dev();
    assert_non_null(of_user("auth.EndUserSessions", mira));
    const Audit__Entry *entry = newest(2);
    assert_int_equal(entry->kind, AUDIT__AUDIT_KIND__VALUE__SESSIONS_ENDED);
    assert_string_equal(entry->target, mira);
    assert_string_equal(entry->actor->user_id, dora);
    assert_string_equal(entry->actor->session_id, w.caller.session_id);
    assert_int_equal(entry->actor->way, AUDIT__AUDIT_WAY__VALUE__SESSION);
}

static void who_unlocks_an_account_is_told(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id, *dora = be_dev();
    assert_non_null(of_user("auth.UnlockUser", mira));
    const Audit__Entry *entry = newest(2);
    assert_int_equal(entry->kind, AUDIT__AUDIT_KIND__VALUE__USER_UNLOCKED);
    assert_string_equal(entry->target, mira);
    assert_string_equal(entry->actor->user_id, dora);
}

static const char *report(const char *user_id)
{
    Auth__ReportRequest request = AUTH__REPORT_REQUEST__INIT;
    request.user_id = user_id;
    request.reason = AUTH__REPORT_REASON__VALUE__INSULT;
    return ((Auth__ReportReply *)ask("auth.CreateReport", &request))->report->id;
}

static void a_report_tells_whom_it_was_about_and_what_was_done(void **state)
{
    (void)state;
    const char *mallory = sign_up("mallory", "")->id;
    be_dev();
    Auth__ResolveReportRequest request = AUTH__RESOLVE_REPORT_REQUEST__INIT;
    request.id = report(mallory);
    request.resolution = AUTH__RESOLUTION__VALUE__WARNED;
    request.note = "her number is +989121234567";
    for (int again = 0; again < 2; again++) {
        assert_non_null(ask("auth.ResolveReport", &request));
        const Audit__Entry *entry = newest(2);
        assert_int_equal(entry->kind, AUDIT__AUDIT_KIND__VALUE__REPORT_RESOLVED);
        assert_string_equal(entry->target, request.id);
        assert_string_equal(entry->report_resolved->user_id, mallory);
        assert_string_equal(entry->report_resolved->resolution, "WARNED");
    }
}

struct needle {
    const char *texts[4];
    size_t looked_at;
};

static bool look_for(void *arg, const struct store_item *item, struct err *err)
{
    struct needle *needle = arg;
    (void)err;
    if (item->table || strcmp(item->id, "auth.audit") != 0) return true;
    needle->looked_at++;
    for (const char *const *text = needle->texts; *text; text++)
        if (memmem(item->bytes.data, item->bytes.len, *text, strlen(*text)))
            fail_msg("the audit has \"%s\"", *text);
    return true;
}

static void it_has_no_names_texts_or_numbers_of_people(void **state)
{
    (void)state;
    struct needle needle = {.texts = {"mallory", "insults", "+98912", NULL}};
    const char *mallory = sign_up("mallory", "+989121234568")->id;
    be_dev();
    assert_non_null(suspend(mallory, w.now_ms + hour_ms));
    assert_non_null(of_user("auth.EndUserSessions", mallory));
    assert_true(store_each(w.auth.store, look_for, &needle, &w.err));
    assert_int_equal(needle.looked_at, 3);
}

// Stored, and killed before the entry is in the stream.
static void change_and_die(struct auth *auth, const char *id)
{
    struct account account;
    struct rpc_call call = {.arena = &w.arena, .service = auth, .caller = &w.caller, .now_ms = w.now_ms};
    Audit__Entry *entry = audit_act(auth->audit, &call, AUDIT__AUDIT_KIND__VALUE__LEVEL_SET, id);
    assert_true(account_get(auth, id, &w.arena, &account, &w.err));
    account_set_level(&account, AUTH__LEVEL__VALUE__GOD);
    assert_true(account_act(&account, entry, &w.arena, &w.err));
    assert_true(auth_save(auth, AUTH_ACCOUNTS, &account.row->base, account.version, &w.err));
}

static void what_was_done_before_a_crash_is_told_after_it(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    change_and_die(&w.auth, mira);
    auth_close(&w.auth);
    open_world();
    assert_int_equal(entries()->n_entries, 0);
    for (int again = 0; again < 2; again++) {
        assert_true(audit_collect(w.auth.audit, &w.err));
        assert_string_equal(newest(1)->target, mira);
    }
    assert_non_null(set_level(mira, AUTH__LEVEL__VALUE__PLAYER));
    newest(2);
}

static void another_process_tells_what_a_dead_one_did(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    change_and_die(&other, mira);
    assert_true(audit_collect(w.auth.audit, &w.err));
    assert_true(audit_collect(other.audit, &w.err));
    assert_string_equal(newest(1)->target, mira);
}

static bool collect_too(struct arena *arena, struct err *err)
{
    (void)arena;
    return audit_collect(other.audit, err);
}

static void two_processes_tell_it_at_once_and_it_is_told_once(void **state)
{
    (void)state;
    struct meanwhile meanwhile;
    const char *mira = sign_up("mira", "")->id;
    change_and_die(&other, mira);
    meanwhile_hold(&meanwhile, collect_too);
    assert_true(audit_collect(w.auth.audit, &w.err));
    meanwhile_release(&meanwhile);
    assert_true(meanwhile.ok);
    newest(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_level_tells_what_it_was_and_what_it_is),
        TEST(a_suspension_and_its_end_are_told),
        TEST(who_ends_sessions_is_told_by_their_log_in),
        TEST(who_unlocks_an_account_is_told),
        TEST(a_report_tells_whom_it_was_about_and_what_was_done),
        TEST(it_has_no_names_texts_or_numbers_of_people),
        TEST(what_was_done_before_a_crash_is_told_after_it),
        BOTH(another_process_tells_what_a_dead_one_did),
        BOTH(two_processes_tell_it_at_once_and_it_is_told_once),
    };
    return RUN(tests);
}
