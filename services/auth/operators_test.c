// What operators do and see: users, levels, keys, identity, upkeep.
#include "services/auth/auth_world.h"

#include "services/auth/sweeper.h"

static void a_level_change_is_published_and_said_again_after_a_crash(void **state)
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
    assert_int_equal(revocations(), 2);
    assert_true(revocations_catch_up(&w.auth, w.now_ms + w.settings.access_ms + 1, &w.err));
    assert_int_equal(revocations(), 2); // every such token has expired by now
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

static void keys_overlap_when_they_change(void **state)
{
    (void)state;
    Auth__JwksRequest request = AUTH__JWKS_REQUEST__INIT;
    Auth__Jwks *before = ask("auth.GetJwks", &request);
    w.now_ms += w.settings.token_key_ms;
    Auth__Jwks *after = ask("auth.GetJwks", &request);
    assert_int_equal(before->n_keys, 3);
    assert_string_equal(before->keys[1]->kid, after->keys[0]->kid);
    assert_string_equal(before->keys[2]->kid, after->keys[1]->kid);
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
        TEST(a_level_change_is_published_and_said_again_after_a_crash),
        TEST(operators_list_users_by_name_and_level),
        TEST(the_identity_verifies),
        TEST(keys_overlap_when_they_change),
        TEST(the_sweep_removes_what_has_served),
    };
    return RUN(tests);
}
