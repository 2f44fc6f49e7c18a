// What operators do and see: users, levels, keys, identity, upkeep.
#include <sys/stat.h>

#include "services/auth/testing/world.h"
#include "services/auth/sweeper.h"

static void a_level_change_is_published_once(void **state)
{
    (void)state;
    Auth__User *user = sign_up("mira", "");
    Auth__SetLevelRequest request = AUTH__SET_LEVEL_REQUEST__INIT;
    request.user_id = user->id;
    request.level = AUTH__LEVEL__VALUE__GOD;
    Auth__UserReply *reply = ask("auth.SetLevel", &request);
    assert_int_equal(reply->user->level, AUTH__LEVEL__VALUE__GOD);
    assert_int_equal(revocations(), 1);
    assert_non_null(ask("auth.SetLevel", &request)); // nothing changes, nothing is said
    assert_int_equal(revocations(), 1);
    assert_true(revocations_catch_up(&w.auth, w.now_ms + 60000, &w.err));
    assert_int_equal(revocations(), 1);
}

static void a_level_change_is_published_after_a_crash(void **state)
{
    (void)state;
    struct account account;
    const char *ids[] = {sign_up("mira", "")->id, sign_up("nora", "")->id};
    for (int i = 0; i < 2; i++) {
        assert_true(account_get(&w.auth, ids[i], &w.arena, &account, &w.err));
        account_set_level(&account, AUTH__LEVEL__VALUE__GOD);
        account_void_tokens(&account, &w.arena, w.now_ms);
        assert_true(account_save(&w.auth, &account, &w.err)); // and killed here
        w.now_ms += w.settings.access_ms;
    }
    assert_true(revocations_catch_up(&w.auth, w.now_ms, &w.err));
    assert_int_equal(revocations(), 1); // of the second: every token of the first has expired
    assert_true(revocations_catch_up(&w.auth, w.now_ms, &w.err));
    assert_int_equal(revocations(), 1);
}

static void operators_list_users_by_name_and_level(void **state)
{
    (void)state;
    char name[16];
    for (int i = 0; i < 7; i++) {
        snprintf(name, sizeof name, "user-%d", i);
        sign_up(name, "");
    }
    sign_up("other", "");
    Auth__ListUsersRequest request = AUTH__LIST_USERS_REQUEST__INIT;
    request.username = "USER-";
    request.page_size = 5;
    Auth__ListUsersReply *page = ask("auth.ListUsers", &request);
    assert_int_equal(page->n_users, 5);
    assert_string_equal(page->users[0]->username, "user-0");
    request.page_token = page->next_page_token;
    page = ask("auth.ListUsers", &request);
    assert_int_equal(page->n_users, 2);
    assert_string_equal(page->next_page_token, "");
    request = (Auth__ListUsersRequest)AUTH__LIST_USERS_REQUEST__INIT;
    request.level = AUTH__LEVEL__VALUE__GOD;
    assert_int_equal(((Auth__ListUsersReply *)ask("auth.ListUsers", &request))->n_users, 0);
    request.page_token = "nonsense";
    refused(ask("auth.ListUsers", &request), "BAD_PAGE_TOKEN");
}

static void the_identity_verifies(void **state)
{
    (void)state;
    Auth__IdentityRequest request = AUTH__IDENTITY_REQUEST__INIT;
    Auth__Identity *identity = ask("auth.GetIdentity", &request);
    assert_int_equal(crypto_sign_verify_detached(identity->signature.data, identity->statement_bytes.data,
                                                 identity->statement_bytes.len, identity->public_key.data),
                     0);
    assert_true(identity->statement->n_binaries >= 1);
    assert_int_equal(strlen(identity->statement->binaries[0]->sha256), 64);
}

static const Auth__Jwks *published(void)
{
    Auth__JwksRequest request = AUTH__JWKS_REQUEST__INIT;
    return ask("auth.GetJwks", &request);
}

static bool has_kid(const Auth__Jwks *jwks, const char *kid)
{
    for (size_t i = 0; i < jwks->n_keys; i++)
        if (strcmp(jwks->keys[i]->kid, kid) == 0) return true;
    return false;
}

// Of the key that signs tokens now.
static const char *signing_kid(void)
{
    const char *token = log_in("mira", PASSWORD)->access_token;
    char header[256], *kid;
    size_t len;
    assert_int_equal(sodium_base642bin((uint8_t *)header, sizeof header - 1, token, strcspn(token, "."), NULL,
                                       &len, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     0);
    header[len] = 0;
    kid = strstr(header, "\"kid\":\"") + 7;
    return arena_printf(&w.arena, "%.*s", (int)strcspn(kid, "\""), kid);
}

static void keys_overlap_when_they_change(void **state)
{
    (void)state;
    sign_up("mira", "");
    const int64_t span_ms = w.settings.token_key_ms;
    w.now_ms = (w.now_ms / span_ms + 1) * span_ms - 1; // the last moment of a key
    const Auth__Jwks *before = published();
    const char *last = signing_kid();
    assert_int_equal(before->n_keys, 3);
    w.now_ms++;
    const char *first = signing_kid();
    assert_string_not_equal(first, last);
    assert_true(has_kid(before, first)); // a verifier that remembers keys knows the new one
    w.now_ms += w.settings.access_ms;
    assert_true(has_kid(published(), last)); // while tokens of the old one live
    w.now_ms += span_ms;
    assert_false(has_kid(published(), last));
}

static const char *key_file(int64_t span)
{
    return arena_printf(&w.arena, "%s/keys/token-%lld.key", w.folder, (long long)span);
}

static void an_operator_changes_the_key_early(void **state)
{
    (void)state;
    sign_up("mira", "");
    const int64_t span = w.now_ms / w.settings.token_key_ms;
    const Auth__Jwks *before = published();
    const char *old = signing_kid();
    assert_int_equal(rename(key_file(span), key_file(span - 1)), 0);
    assert_int_equal(rename(key_file(span + 1), key_file(span)), 0);
    assert_string_equal(signing_kid(), old); // until the operator says so
    assert_true(token_keys_reload(w.auth.tokens, w.now_ms, &w.err));
    const char *new = signing_kid();
    assert_string_not_equal(new, old);
    assert_true(has_kid(before, new));
    assert_true(has_kid(published(), old));
    assert_int_equal(published()->n_keys, 3);
}

static void a_next_key_that_cannot_be_made_keeps_the_others_published(void **state)
{
    (void)state;
    const char *path = key_file(w.now_ms / w.settings.token_key_ms + 1);
    assert_int_equal(mkdir(path, 0700), 0);
    sign_up("mira", "");
    assert_true(has_kid(published(), signing_kid()));
    assert_int_equal(published()->n_keys, 2);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(published()->n_keys, 3);
}

static void a_key_that_cannot_be_read_leaves_the_old_ones(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *old = signing_kid();
    published();
    assert_int_equal(truncate(key_file(w.now_ms / w.settings.token_key_ms), 31), 0);
    assert_false(token_keys_reload(w.auth.tokens, w.now_ms, &w.err));
    assert_string_equal(signing_kid(), old);
}

static void the_sweep_removes_what_has_served(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    sign_up("mira", "");
    const char *token = log_in("mira", PASSWORD)->refresh_token;
    const char *message = challenge(&wallet);
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_non_null(refresh(token));
    w.now_ms += w.settings.refresh_ms + 2 * 86400000LL;
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    struct store_rows rows;
    const struct store_query all = {.page_token = ""};
    assert_true(store_find(w.auth.store, &auth_tables[AUTH_SESSIONS], &all, &w.arena, &rows, &w.err));
    assert_int_equal(rows.count, 0);
    assert_true(store_find(w.auth.store, &auth_tables[AUTH_CHALLENGES], &all, &w.arena, &rows, &w.err));
    assert_int_equal(rows.count, 0);
    assert_true(strlen(message) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_level_change_is_published_once),
        TEST(a_level_change_is_published_after_a_crash),
        TEST(operators_list_users_by_name_and_level),
        TEST(the_identity_verifies),
        TEST(keys_overlap_when_they_change),
        TEST(an_operator_changes_the_key_early),
        TEST(a_next_key_that_cannot_be_made_keeps_the_others_published),
        TEST(a_key_that_cannot_be_read_leaves_the_old_ones),
        TEST(the_sweep_removes_what_has_served),
    };
    return RUN(tests);
}
