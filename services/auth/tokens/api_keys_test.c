// API keys: what a token of one can do, what ends a key, and what is never shown.
#include "services/auth/tokens/api_keys.h"
#include "services/auth/testing/world.h"

static const int64_t hour_ms = 3600 * 1000;

static Auth__CreateApiKeyReply *create(const Auth__CreateApiKeyRequest *request)
{
    show();
    return ask("auth.CreateApiKey", request);
}

static Auth__CreateApiKeyReply *create_named(const char *name)
{
    Auth__CreateApiKeyRequest request = AUTH__CREATE_API_KEY_REQUEST__INIT;
    request.name = name;
    return create(&request);
}

static Auth__ApiKeyToken *exchange(const char *key)
{
    Auth__ApiKeyTokenRequest request = AUTH__API_KEY_TOKEN_REQUEST__INIT;
    request.key = key;
    return ask("auth.GetApiKeyToken", &request);
}

static Auth__ListApiKeysReply *list(void)
{
    Auth__ListApiKeysRequest request = AUTH__LIST_API_KEYS_REQUEST__INIT;
    return ask("auth.ListApiKeys", &request);
}

static void *delete (const char *id)
{
    Auth__DeleteApiKeyRequest request = AUTH__DELETE_API_KEY_REQUEST__INIT;
    request.id = id;
    return ask("auth.DeleteApiKey", &request);
}

// The claims of an access token, as JSON.
static const char *claims_of(const char *token)
{
    const char *body = strchr(token, '.') + 1;
    char *json = arena_alloc(&w.arena, 1024);
    size_t len;
    assert_int_equal(sodium_base642bin((uint8_t *)json, 1023, body, strcspn(body, "."), NULL, &len, NULL,
                                       sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     0);
    json[len] = 0;
    return json;
}

static void assert_claims(const char *token, const char *part)
{
    if (!strstr(claims_of(token), part)) fail_msg("%s is not in %s", part, claims_of(token));
}

static void set_level(const char *user_id, Auth__Level__Value level)
{
    Auth__SetLevelRequest request = AUTH__SET_LEVEL_REQUEST__INIT;
    request.user_id = user_id;
    request.level = level;
    assert_non_null(ask("auth.SetLevel", &request));
}

static void a_key_gives_tokens_that_say_so(void **state)
{
    (void)state;
    sign_up("mira", "");
    enter("mira");
    Auth__CreateApiKeyRequest request = AUTH__CREATE_API_KEY_REQUEST__INIT;
    request.name = "bot";
    request.read_only = true;
    const Auth__CreateApiKeyReply *made = create(&request);
    assert_int_equal(made->api_key->level, AUTH__LEVEL__VALUE__PLAYER);
    const Auth__ApiKeyToken *token = exchange(made->key);
    assert_int_equal(token->expires_in, w.settings.access_ms / 1000);
    assert_claims(token->access_token, "\"ro\":true");
    assert_claims(token->access_token, arena_printf(&w.arena, "\"key\":\"%s\"", made->api_key->id));
    assert_claims(token->access_token, "\"name\":\"mira\"");
    assert_null(strstr(claims_of(log_in("mira", PASSWORD)->access_token), "\"key\""));
    const Auth__ApiKeyToken *another = exchange(made->key);
    assert_string_not_equal(strstr(claims_of(token->access_token), "\"sid\""),
                            strstr(claims_of(another->access_token), "\"sid\""));
}

static void only_the_whole_key_is_one(void **state)
{
    (void)state;
    sign_up("mira", "");
    enter("mira");
    const char *key = create_named("bot")->key;
    for (size_t i = 0; i < strlen(key); i++) {
        char *wrong = arena_str(&w.arena, key);
        wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
        refused(exchange(wrong), "KEY_INVALID");
        refused(exchange(arena_printf(&w.arena, "%.*s", (int)i, key[i] ? key : "")),
                i ? "KEY_INVALID" : "INVALID_FIELD");
    }
    refused(exchange(arena_printf(&w.arena, "%sA", key)), "KEY_INVALID");
    refused(exchange(
                "conse-key.01890000-0000-7000-8000-000000000999.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            "KEY_INVALID");
    assert_non_null(exchange(key));
}

static bool is_without(void *arg, const struct store_item *item, struct err *err)
{
    const char *secret = arg;
    (void)err;
    return !memmem(item->bytes.data, item->bytes.len, secret, strlen(secret));
}

static void nobody_reads_the_secret_again(void **state)
{
    (void)state;
    sign_up("mira", "");
    enter("mira");
    const char *key = create_named("bot")->key;
    assert_true(store_each(w.auth.store, is_without, strrchr(key, '.') + 1, &w.err));
    const Auth__ListApiKeysReply *keys = list();
    assert_int_equal(keys->n_api_keys, 1);
    assert_string_equal(keys->api_keys[0]->name, "bot");
    assert_null(keys->api_keys[0]->last_used_at);
    assert_non_null(exchange(key));
    assert_int_equal(stamp_ms(list()->api_keys[0]->last_used_at), w.now_ms);
    w.now_ms += hour_ms - 1;
    assert_non_null(exchange(key));
    assert_int_equal(stamp_ms(list()->api_keys[0]->last_used_at), w.now_ms - hour_ms + 1); // to the hour
}

static void a_key_needs_a_proof_of_its_own(void **state)
{
    (void)state;
    Auth__CreateApiKeyRequest request = AUTH__CREATE_API_KEY_REQUEST__INIT;
    request.name = "bot";
    sign_up("mira", "");
    enter("mira");
    refused(ask("auth.CreateApiKey", &request), "PROOF_NEEDED");
    show();
    request.level = AUTH__LEVEL__VALUE__GOD;
    refused(ask("auth.CreateApiKey", &request), "INVALID_FIELD");
    assert_string_equal(w.err.field, "level");
    request.level = 0;
    request.expires_at = stamp_new(&w.arena, w.now_ms);
    refused(ask("auth.CreateApiKey", &request), "INVALID_FIELD");
    assert_string_equal(w.err.field, "expires_at");
    request.expires_at = NULL;
    assert_non_null(ask("auth.CreateApiKey", &request)); // the proof was left
    refused(ask("auth.CreateApiKey", &request), "PROOF_NEEDED");
}

static void a_demoted_gods_key_is_a_players(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    set_level(mira, AUTH__LEVEL__VALUE__GOD);
    enter("mira");
    const char *key = create_named("god's")->key;
    Auth__CreateApiKeyRequest request = AUTH__CREATE_API_KEY_REQUEST__INIT;
    request.name = "small";
    request.level = AUTH__LEVEL__VALUE__PLAYER;
    const char *small = create(&request)->key;
    assert_claims(exchange(key)->access_token, "\"lvl\":2");
    assert_claims(exchange(small)->access_token, "\"lvl\":3");
    set_level(mira, AUTH__LEVEL__VALUE__PLAYER);
    assert_claims(exchange(key)->access_token, "\"lvl\":3");
    set_level(mira, AUTH__LEVEL__VALUE__DEV);
    assert_claims(exchange(key)->access_token, "\"lvl\":2"); // not more than it was given
}

static void a_key_ends_by_time_and_its_tokens_with_it(void **state)
{
    (void)state;
    sign_up("mira", "");
    enter("mira");
    Auth__CreateApiKeyRequest request = AUTH__CREATE_API_KEY_REQUEST__INIT;
    request.name = "bot";
    request.expires_at = stamp_new(&w.arena, w.now_ms + 60500);
    const char *key = create(&request)->key;
    assert_int_equal(exchange(key)->expires_in, 60);
    w.now_ms += 60100;
    refused(exchange(key), "KEY_INVALID"); // no token of less than a second
    w.now_ms += 400;
    refused(exchange(key), "KEY_INVALID");
    assert_int_equal(list()->n_api_keys, 1); // the owner sees why it fails
}

static void a_deleted_key_and_its_tokens_end(void **state)
{
    (void)state;
    sign_up("mira", "");
    sign_up("lena", "");
    enter("lena");
    const char *others = create_named("hers")->api_key->id;
    enter("mira");
    const Auth__CreateApiKeyReply *made = create_named("bot");
    const uint64_t before = revocations();
    refused(delete (others), "NOT_FOUND");
    assert_int_equal(revocations(), before);
    assert_non_null(delete (made->api_key->id));
    assert_int_equal(revocations(), before + 1);
    refused(exchange(made->key), "KEY_INVALID");
    refused(delete (made->api_key->id), "NOT_FOUND");
    assert_int_equal(list()->n_api_keys, 0);
}

static void a_suspended_persons_key_waits(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    Auth__SuspendRequest request = AUTH__SUSPEND_REQUEST__INIT;
    enter("mira");
    const char *key = create_named("bot")->key;
    request.user_id = mira;
    request.reason = "spam";
    request.until = stamp_new(&w.arena, w.now_ms + hour_ms);
    assert_non_null(ask("auth.SuspendUser", &request));
    refused(exchange(key), "SUSPENDED");
    w.now_ms += hour_ms;
    assert_non_null(exchange(key));
}

// As a new password does.
static void what_ends_all_sessions_ends_keys_and_makes_room(void **state)
{
    (void)state;
    struct account account;
    const char *mira = sign_up("mira", "")->id;
    enter("mira");
    const char *key = NULL;
    for (int i = 0; i < API_KEYS_MOST; i++) key = create_named("bot")->key;
    refused(create_named("one more"), "LIMIT_REACHED");
    assert_true(account_get(&w.auth, mira, &w.arena, &account, &w.err));
    account_void_sessions(&account, &w.arena, w.now_ms);
    assert_true(account_save(&w.auth, &account, &w.err));
    refused(exchange(key), "KEY_INVALID");
    enter("mira");
    assert_int_equal(list()->n_api_keys, 0);
    assert_non_null(create_named("again"));
    assert_int_equal(list()->n_api_keys, 1);
}

static void keys_survive_a_restart_but_not_another_refresh_key(void **state)
{
    (void)state;
    sign_up("mira", "");
    enter("mira");
    const char *key = create_named("bot")->key;
    auth_close(&w.auth);
    open_world();
    assert_non_null(exchange(key));
    auth_close(&w.auth);
    assert_true(key_file_remove(arena_printf(&w.arena, "%s/keys", w.folder), "refresh", &w.err));
    uint8_t other[KEY_BYTES];
    assert_true(key_file_load(arena_printf(&w.arena, "%s/keys", w.folder), "refresh", other, &w.err));
    open_world();
    refused(exchange(key), "KEY_INVALID");
}

static void a_log_out_ends_the_token_and_not_the_key(void **state)
{
    (void)state;
    Auth__LogoutRequest request = AUTH__LOGOUT_REQUEST__INIT;
    sign_up("mira", "");
    enter("mira");
    const char *key = create_named("bot")->key;
    const uint64_t before = revocations();
    w.caller.key = true;
    w.caller.session_id = "01890000-0000-7000-8000-000000000999";
    assert_non_null(ask("auth.Logout", &request));
    assert_int_equal(revocations(), before + 1);
    assert_non_null(exchange(key));
}

static void removing_a_persons_keys_leaves_others(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    sign_up("lena", "");
    enter("lena");
    const char *hers = create_named("hers")->key;
    enter("mira");
    const char *key = create_named("bot")->key;
    create_named("another");
    assert_true(api_keys_remove(&w.auth, mira, &w.err));
    refused(exchange(key), "KEY_INVALID");
    assert_int_equal(list()->n_api_keys, 0);
    assert_non_null(exchange(hers));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_key_gives_tokens_that_say_so),
        TEST(only_the_whole_key_is_one),
        TEST(nobody_reads_the_secret_again),
        TEST(a_key_needs_a_proof_of_its_own),
        TEST(a_demoted_gods_key_is_a_players),
        TEST(a_key_ends_by_time_and_its_tokens_with_it),
        TEST(a_deleted_key_and_its_tokens_end),
        TEST(a_suspended_persons_key_waits),
        TEST(what_ends_all_sessions_ends_keys_and_makes_room),
        TEST(keys_survive_a_restart_but_not_another_refresh_key),
        TEST(a_log_out_ends_the_token_and_not_the_key),
        TEST(removing_a_persons_keys_leaves_others),
    };
    return RUN(tests);
}
