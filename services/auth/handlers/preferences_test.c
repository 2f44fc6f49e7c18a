// What of an account is used is its person's to say, and told to other services.
#include "services/auth/handlers/shown.h"
#include "services/auth/names.h"
#include "services/auth/testing/world.h"

static const Auth__AccountPreferences *shown(const Auth__AccountPreferencesReply *reply)
{
    if (reply) return reply->preferences;
    fail_msg("%s", w.err.message);
    return NULL;
}

static const Auth__AccountPreferences *get(void)
{
    Auth__GetAccountPreferencesRequest request = AUTH__GET_ACCOUNT_PREFERENCES_REQUEST__INIT;
    return shown(ask("auth.GetAccountPreferences", &request));
}

static Auth__SetAccountPreferencesRequest all(void)
{
    Auth__SetAccountPreferencesRequest request = AUTH__SET_ACCOUNT_PREFERENCES_REQUEST__INIT;
    request.show_rating__case = AUTH__SET_ACCOUNT_PREFERENCES_REQUEST__SHOW_RATING__SHOW_RATING;
    request.tips__case = AUTH__SET_ACCOUNT_PREFERENCES_REQUEST__TIPS__TIPS;
    request.suggestions__case = AUTH__SET_ACCOUNT_PREFERENCES_REQUEST__SUGGESTIONS__SUGGESTIONS;
    request.llm__case = AUTH__SET_ACCOUNT_PREFERENCES_REQUEST__LLM__LLM;
    request.show_rating = request.tips = request.suggestions = request.llm = true;
    return request;
}

static const Auth__AccountPreferences *set(Auth__SetAccountPreferencesRequest request)
{
    return shown(ask("auth.SetAccountPreferences", &request));
}

static void come_in(void)
{
    assert_non_null(sign_up("mira", ""));
    enter("mira");
}

static void all_is_used_at_first(void **state)
{
    (void)state;
    come_in();
    const Auth__AccountPreferences *first = get();
    assert_true(first->show_rating && first->tips && first->suggestions && first->llm);
    assert_null(newest_name()->opted_out);
}

static void what_is_not_to_be_used_is_kept_and_told(void **state)
{
    (void)state;
    Auth__SetAccountPreferencesRequest request = all();
    come_in();
    request.show_rating = request.llm = false;
    const Auth__AccountPreferences *told = set(request);
    assert_true(!told->show_rating && told->tips && told->suggestions && !told->llm);
    auth_close(&w.auth);
    open_world();
    told = get();
    assert_true(!told->show_rating && told->tips && told->suggestions && !told->llm);
    const Auth__OptOuts *out = newest_name()->opted_out;
    assert_true(out && out->rating && !out->tips && !out->suggestions && out->llm);
}

static void what_is_left_out_is_named(void **state)
{
    static const char *const fields[] = {"show_rating", "tips", "suggestions", "llm"};
    (void)state;
    come_in();
    for (int i = 0; i < 4; i++) {
        Auth__SetAccountPreferencesRequest request = all();
        request.show_rating = request.tips = request.suggestions = request.llm = false;
        if (i == 0) request.show_rating__case = 0;
        if (i == 1) request.tips__case = 0;
        if (i == 2) request.suggestions__case = 0;
        if (i == 3) request.llm__case = 0;
        assert_null(ask("auth.SetAccountPreferences", &request));
        assert_int_equal(w.err.reason, IS(INVALID_FIELD));
        assert_string_equal(w.err.field, fields[i]);
    }
    const Auth__AccountPreferences *told = get();
    assert_true(told->show_rating && told->tips && told->suggestions && told->llm);
}

static void names_say_it_to_who_comes_later(void **state)
{
    (void)state;
    Auth__SetAccountPreferencesRequest request = all();
    come_in();
    request.llm = false;
    set(request);
    assert_true(names_compact_now(&w.auth, &w.err));
    assert_true(newest_name()->opted_out && newest_name()->opted_out->llm);
    assert_true(names_catch_up(&w.auth, &w.err)); // nothing is missing
    uint64_t head;
    assert_true(store_head(w.auth.store, NAMES_STREAM, &head, &w.err));
    assert_true(names_catch_up(&w.auth, &w.err));
    uint64_t after;
    assert_true(store_head(w.auth.store, NAMES_STREAM, &after, &w.err));
    assert_int_equal(head, after);
}

static void nothing_of_it_stays_with_a_tombstone(void **state)
{
    (void)state;
    Auth__SetAccountPreferencesRequest request = all();
    struct account account;
    come_in();
    request.tips = false;
    set(request);
    assert_true(account_get(&w.auth, w.caller.user_id, &w.arena, &account, &w.err));
    account_bury(&account, &w.arena, w.now_ms);
    assert_null(account.row->opted_out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_is_used_at_first),
        TEST(what_is_not_to_be_used_is_kept_and_told),
        TEST(what_is_left_out_is_named),
        TEST(names_say_it_to_who_comes_later),
        TEST(nothing_of_it_stays_with_a_tombstone),
    };
    return RUN(tests);
}
