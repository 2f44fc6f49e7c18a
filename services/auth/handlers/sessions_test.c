// A person's sessions, as they see and end them, and as operators end them.
#include "services/auth/tokens/sessions.h"
#include "services/auth/testing/world.h"

static void *end(const char *session_id)
{
    Auth__EndSessionRequest request = AUTH__END_SESSION_REQUEST__INIT;
    request.session_id = session_id;
    return ask("auth.EndSession", &request);
}

static Auth__Session *end_others(void)
{
    Auth__EndOtherSessionsRequest request = AUTH__END_OTHER_SESSIONS_REQUEST__INIT;
    return ask("auth.EndOtherSessions", &request);
}

// As a dev.
static void *ask_of(const char *method, const char *user_id)
{
    Auth__UserRequest request = AUTH__USER_REQUEST__INIT;
    const Rpc__Caller before = w.caller;
    w.caller.user_id = "017f22e2-79b0-7fff-bfff-00000000000d";
    w.caller.level = LEVEL_DEV;
    request.user_id = user_id;
    void *reply = ask(method, &request);
    w.caller = before;
    return reply;
}

static void they_are_listed_the_one_used_last_first(void **state)
{
    (void)state;
    sign_up("mira", "");
    sign_up("nora", "");
    log_in("nora", PASSWORD);
    w.caller.address = "203.0.113.9";
    const char *first = log_in("mira", PASSWORD)->refresh_token;
    const int64_t opened_ms = w.now_ms;
    w.now_ms += 1000;
    w.caller.address = "2001:db8:1:2::3";
    enter("mira");
    w.now_ms += 1000;
    w.caller.address = "203.0.114.77";
    refresh(first);
    const Auth__ListSessionsReply *list = list_sessions();
    assert_int_equal(list->n_sessions, 2);
    const Auth__OpenSession *other = list->sessions[0], *own = list->sessions[1];
    assert_string_equal(own->id, w.caller.session_id);
    assert_true(own->current && !other->current);
    assert_int_equal(stamp_ms(other->created_at), opened_ms);
    assert_int_equal(stamp_ms(other->last_used_at), w.now_ms);
    assert_int_equal(stamp_ms(other->expires_at), w.now_ms + w.settings.refresh_ms);
    assert_int_equal(other->kind, AUTH__LOGIN_KIND__VALUE__PASSWORD);
    assert_string_equal(other->network, "203.0.114.0");
    assert_string_equal(own->network, "2001:db8:1::");
}

static void what_has_ended_is_not_listed(void **state)
{
    (void)state;
    Auth__LogoutRequest leaving = AUTH__LOGOUT_REQUEST__INIT;
    sign_up("mira", "");
    enter("mira");
    assert_non_null(ask("auth.Logout", &leaving));
    log_in("mira", PASSWORD);
    w.now_ms += w.settings.refresh_ms;
    enter("mira");
    assert_int_equal(list_sessions()->n_sessions, 1);
    be_in(change_password(PASSWORD, "another password"));
    assert_int_equal(list_sessions()->n_sessions, 1);
    assert_true(list_sessions()->sessions[0]->current);
}

static void one_of_ones_own_is_ended(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *token = enter("mira")->refresh_token, *lost = w.caller.session_id;
    enter("mira");
    assert_non_null(end(lost));
    refused(refresh(token), "REFRESH_INVALID");
    assert_int_equal(revocations(), 1);
    refused(end(lost), "NOT_FOUND");
    refused(end("017f22e2-79b0-7fff-bfff-ffffffffffff"), "NOT_FOUND");
    assert_non_null(end(w.caller.session_id));
}

static void anothers_is_as_if_it_did_not_exist(void **state)
{
    (void)state;
    sign_up("mira", "");
    sign_up("nora", "");
    const char *token = enter("mira")->refresh_token, *hers = w.caller.session_id;
    enter("nora");
    refused(end(hers), "NOT_FOUND");
    assert_non_null(refresh(token));
}

static void all_others_end_and_ones_own_goes_on(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *lost = log_in("mira", PASSWORD)->refresh_token, *own = enter("mira")->refresh_token;
    show();
    Auth__Session *reply = end_others();
    assert_true(*reply->access_token);
    assert_string_equal(reply->refresh_token, ""); // or a thief of an access token would have one
    assert_string_equal(reply->device_token, "");
    refused(refresh(lost), "REFRESH_INVALID");
    assert_int_equal(list_sessions()->n_sessions, 1);
    assert_non_null(rename_to(reply->user->id, "lena"));
    assert_non_null(refresh(own));
    assert_int_equal(revocations(), 1);
}

// Or who has stolen an access token could trade it for the next one for ever.
static void the_token_given_then_ends_when_the_one_before_does(void **state)
{
    (void)state;
    sign_up("mira", "");
    enter("mira");
    const int32_t whole = end_others()->expires_in;
    assert_int_equal(whole, w.settings.access_ms / 1000);
    w.caller.expires_s = w.now_ms / 1000 + 100;
    assert_int_equal(end_others()->expires_in, 100);
    w.caller.expires_s = w.now_ms / 1000 + whole + 100;
    assert_int_equal(end_others()->expires_in, whole);
    w.caller.expires_s = w.now_ms / 1000 - 1;
    assert_int_equal(end_others()->expires_in, 0);
}

static void a_log_in_under_way_ends_with_the_account(void **state)
{
    (void)state;
    struct account early;
    Auth__Session reply = AUTH__SESSION__INIT;
    Auth__DeleteMeRequest leaving = AUTH__DELETE_ME_REQUEST__INIT;
    const struct session_start start = {AUTH__LOGIN_KIND__VALUE__PASSWORD, ""};
    sign_up("mira", "");
    enter("mira");
    show();
    assert_true(account_by_username(&w.auth, "mira", &w.arena, &early, &w.err)); // the password was right
    assert_non_null(ask("auth.DeleteMe", &leaving));
    assert_false(session_open(&w.auth, &early, &start, &w.arena, w.now_ms, &reply, &w.err));
    assert_string_equal(err_name(&w.err), "CONFLICT");
}

static void a_log_in_under_way_ends_with_the_others(void **state)
{
    (void)state;
    struct account early;
    Auth__Session reply = AUTH__SESSION__INIT;
    const struct session_start start = {AUTH__LOGIN_KIND__VALUE__PASSWORD, ""};
    sign_up("mira", "");
    enter("mira");
    assert_true(account_by_username(&w.auth, "mira", &w.arena, &early, &w.err)); // the password was right
    assert_non_null(end_others());
    assert_false(session_open(&w.auth, &early, &start, &w.arena, w.now_ms, &reply, &w.err));
    assert_string_equal(err_name(&w.err), "CONFLICT");
}

static void a_session_that_has_ended_ends_no_others(void **state)
{
    (void)state;
    sign_up("mira", "");
    enter("mira");
    const Rpc__Caller stale = w.caller;
    Auth__Session *own = enter("mira");
    assert_non_null(end_others());
    w.caller = stale;
    refused(end_others(), "PROOF_NEEDED");
    assert_non_null(refresh(own->refresh_token));
}

static void there_are_a_hundred_at_most(void **state)
{
    (void)state;
    struct account account;
    const struct session_start start = {AUTH__LOGIN_KIND__VALUE__PASSWORD, ""};
    sign_up("mira", "");
    const char *token = enter("mira")->refresh_token, *oldest = w.caller.session_id;
    assert_true(account_by_username(&w.auth, "mira", &w.arena, &account, &w.err));
    for (int i = 1; i < SESSIONS_MOST + 1; i++) {
        Auth__Session reply = AUTH__SESSION__INIT;
        w.now_ms++;
        assert_true(session_open(&w.auth, &account, &start, &w.arena, w.now_ms, &reply, &w.err));
    }
    assert_int_equal(list_sessions()->n_sessions, SESSIONS_MOST);
    refused(refresh(token), "REFRESH_INVALID");
    refused(end(oldest), "NOT_FOUND");
}

static void operators_end_those_of_a_user(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    const char *token = enter("mira")->refresh_token;
    sign_up("nora", "");
    const char *other = log_in("nora", PASSWORD)->refresh_token;
    assert_non_null(ask_of("auth.EndUserSessions", mira));
    refused(refresh(token), "REFRESH_INVALID");
    assert_non_null(refresh(other));
    assert_int_equal(revocations(), 1);
    refused(ask_of("auth.EndUserSessions", "017f22e2-79b0-7fff-bfff-ffffffffffff"), "NOT_FOUND");
}

static void operators_unlock(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id, *device = log_in("mira", PASSWORD)->device_token;
    sign_up("nora", "");
    for (int i = 0; i < 5; i++) refused(log_in("mira", "wrong password"), "BAD_CREDENTIALS");
    for (int i = 0; i < 5; i++) refused(log_in("nora", "wrong password"), "BAD_CREDENTIALS");
    w.device_token = device;
    for (int i = 0; i < 5; i++) refused(log_in("mira", "wrong password"), "BAD_CREDENTIALS");
    refused(log_in("mira", PASSWORD), "ACCOUNT_LOCKED");
    assert_non_null(ask_of("auth.UnlockUser", mira));
    assert_non_null(log_in("mira", PASSWORD));
    w.device_token = "";
    assert_non_null(log_in("mira", PASSWORD));
    refused(log_in("nora", PASSWORD), "ACCOUNT_LOCKED");
    refused(ask_of("auth.UnlockUser", "017f22e2-79b0-7fff-bfff-ffffffffffff"), "NOT_FOUND");
}

// ---- A store of an earlier program

static void put(struct store *store, const struct store_table *table, const ProtobufCMessage *row)
{
    uint64_t ticket = store_put(store, table, row, 0, &(struct store_write){0});
    assert_true(store_wait(store, ticket, &w.err));
}

static void remove_store(void)
{
    char path[160];
    for (const char *const *end = (const char *const[]){"", "-wal", "-shm", NULL}; *end; end++) {
        snprintf(path, sizeof path, "%s/auth.db%s", w.folder, *end);
        remove(path);
    }
}

static void those_of_an_earlier_program_are_listed(void **state)
{
    (void)state;
    struct account account;
    struct store_table tables[AUTH_TABLES + 1];
    struct store *store;
    ProtobufCMessage *row;
    uint64_t version;
    sign_up("mira", "");
    const char *token = enter("mira")->refresh_token;
    assert_true(account_by_username(&w.auth, "mira", &w.arena, &account, &w.err));
    assert_true(store_get(w.auth.store, &auth_tables[AUTH_SESSIONS], w.caller.session_id, &w.arena, &row,
                          &version, &w.err));
    Accounts__Session *session = (Accounts__Session *)row;
    session->created_at = NULL;
    session->kind = AUTH__LOGIN_KIND__VALUE__LOGIN_KIND_UNSPECIFIED;
    session->network = "";
    auth_close(&w.auth);
    remove_store();
    memcpy(tables, auth_tables, sizeof tables);
    tables[AUTH_SESSIONS].version = 2;
    tables[AUTH_SESSIONS].indexes[2] = (struct store_index){0};
    assert_true(store_open(&store, &(struct store_options){.url = w.url, .tables = tables}, &w.err));
    put(store, &tables[AUTH_ACCOUNTS], &account.row->base);
    put(store, &tables[AUTH_SESSIONS], row);
    store_close(store);
    open_world();
    const Auth__ListSessionsReply *list = list_sessions();
    assert_int_equal(list->n_sessions, 1);
    assert_true(list->sessions[0]->current && !list->sessions[0]->created_at);
    assert_non_null(refresh(token));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(they_are_listed_the_one_used_last_first),
        TEST(what_has_ended_is_not_listed),
        TEST(one_of_ones_own_is_ended),
        TEST(anothers_is_as_if_it_did_not_exist),
        TEST(all_others_end_and_ones_own_goes_on),
        TEST(the_token_given_then_ends_when_the_one_before_does),
        TEST(a_log_in_under_way_ends_with_the_account),
        TEST(a_log_in_under_way_ends_with_the_others),
        TEST(a_session_that_has_ended_ends_no_others),
        TEST(there_are_a_hundred_at_most),
        TEST(operators_end_those_of_a_user),
        TEST(operators_unlock),
        TEST(those_of_an_earlier_program_are_listed),
    };
    return RUN(tests);
}
