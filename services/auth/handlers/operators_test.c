// What operators do and see: users, levels, keys, identity, upkeep.
#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/replica/replica.h"
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

// ---- Processes

static const char process_id[] = "0123456789abcdef0123456789abcdef";

static bool tell(Conse__Asker__Value asker, const char *id)
{
    Replica__TellRequest request = REPLICA__TELL_REQUEST__INIT;
    Replica__Statement statement = REPLICA__STATEMENT__INIT;
    Google__Protobuf__Timestamp started = stamp_of(w.now_ms);
    request.statement = &statement;
    Replica__Health health = REPLICA__HEALTH__INIT;
    Replica__Health__Time time = REPLICA__HEALTH__TIME__INIT, *times[] = {&time};
    time.class_ = "WRITE";
    health.ready = true;
    health.queue = 5;
    health.times = times;
    health.n_times = 1;
    request.health = &health;
    request.config = "CONSE_A=x=(y) (default)\nno setting\nCONSE_B= (file /b)\n";
    statement.service = "auth"; // it would like to be
    statement.id = id;
    statement.version = "1.2.3";
    statement.commit = "unknown";
    statement.sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    statement.started_at = &started;
    struct rpc_call call = {.arena = &w.arena, .service = &w.auth, .asker = asker, .now_ms = w.now_ms};
    return rpc_run_here(&call, auth_methods, "auth.TellProcess", &request.base, &w.err) != NULL;
}

static int64_t clock_told_to(const char *id, int64_t clock_ms)
{
    Replica__TellRequest request = REPLICA__TELL_REQUEST__INIT;
    Replica__Statement statement = REPLICA__STATEMENT__INIT;
    Google__Protobuf__Timestamp started = stamp_of(w.now_ms);
    request.statement = &statement;
    request.clock_ms = clock_ms;
    statement.service = "events";
    statement.id = id;
    statement.version = "1.2.3";
    statement.commit = "unknown";
    statement.sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    statement.started_at = &started;
    struct rpc_call call = {
        .arena = &w.arena, .service = &w.auth, .asker = CONSE__ASKER__VALUE__EVENTS, .now_ms = w.now_ms};
    const ProtobufCMessage *reply =
        rpc_run_here(&call, auth_methods, "auth.TellProcess", &request.base, &w.err);
    if (reply) return ((const Replica__TellReply *)reply)->clock_ms;
    fail_msg("%s", w.err.message);
    return 0;
}

// The reply to a user of this level, whom the gateway names.
static const void *services_for(Auth__Level__Value level)
{
    const Auth__ListServicesRequest request = AUTH__LIST_SERVICES_REQUEST__INIT;
    w.caller.user_id = "01890000-0000-7000-8000-000000000001";
    w.caller.level = level;
    struct rpc_call call = {.arena = &w.arena,
                            .service = &w.auth,
                            .asker = CONSE__ASKER__VALUE__GATEWAY,
                            .caller = &w.caller,
                            .now_ms = w.now_ms};
    return rpc_run_here(&call, auth_methods, "auth.ListServices", &request.base, &w.err);
}

static bool is_signed(const Auth__Identity *identity, const Auth__Identity__Replica *replica)
{
    uint8_t text[1024] = "conse/process/1";
    size_t before = strlen((char *)text), len = replica->statement_bytes.len;
    assert_true(before + len <= sizeof text);
    memcpy(text + before, replica->statement_bytes.data, len);
    return crypto_sign_verify_detached(replica->signature.data, text, before + len,
                                       identity->public_key.data) == 0;
}

static void must_open_replica(void)
{
    static const char *const leases[] = {AUTH_SWEEP, NULL};
    const struct replica_options options = {w.auth.store, auth_tables, "auth", "ipc:///ours", leases, {0}};
    if (!replica_open(&w.auth.replica, &options, &w.err)) fail_msg("%s", w.err.message);
}

static void a_process_is_told_the_clock_of_most(void **state)
{
    (void)state;
    static const char first[] = "0123456789abcdef0123456789abcd01",
                      second[] = "0123456789abcdef0123456789abcd02";
    must_open_replica();
    assert_int_equal(clock_told_to(first, 0), 0); // an older program does not say its own
    assert_int_equal(clock_told_to(first, w.now_ms + 9000), w.now_ms);
    assert_int_equal(clock_told_to(second, w.now_ms + 8000), w.now_ms + 8000);
    assert_int_equal(clock_told_to(first, w.now_ms), w.now_ms);
}

static void each_process_has_a_signed_statement(void **state)
{
    (void)state;
    Auth__IdentityRequest request = AUTH__IDENTITY_REQUEST__INIT;
    clock_hold_mono(1000000);
    must_open_replica();
    Auth__Identity *identity = ask("auth.GetIdentity", &request);
    assert_int_equal(identity->n_replicas, 1);
    assert_string_equal(identity->replicas[0]->statement->id, replica_id(w.auth.replica));
    assert_string_equal(identity->replicas[0]->statement->sha256, identity->statement->binaries[0]->sha256);

    assert_false(tell(CONSE__ASKER__VALUE__OPERATOR, process_id));
    assert_true(err_is(&w.err, CALLER_REFUSED));
    assert_false(tell(CONSE__ASKER__VALUE__EVENTS, "short"));
    assert_true(tell(CONSE__ASKER__VALUE__EVENTS, process_id));
    assert_false(tell(CONSE__ASKER__VALUE__GATEWAY, process_id));
    Auth__Identity *kept = ask("auth.GetIdentity", &request);
    assert_int_equal(kept->n_replicas, 1); // what was signed within the second
    assert_memory_equal(kept->signature.data, identity->signature.data, 64);

    clock_hold_mono(1001000);
    w.now_ms += 1000;
    identity = ask("auth.GetIdentity", &request);
    assert_int_equal(identity->n_replicas, 2);
    for (size_t i = 0; i < identity->n_replicas; i++) {
        const Auth__Identity__Replica *replica = identity->replicas[i];
        uint8_t packed[1024];
        assert_true(is_signed(identity, replica));
        assert_int_equal(stamp_ms(replica->statement->signed_at), w.now_ms);
        assert_int_equal(protobuf_c_message_pack(&replica->statement->base, packed),
                         replica->statement_bytes.len);
        assert_memory_equal(packed, replica->statement_bytes.data, replica->statement_bytes.len);
    }
    assert_string_equal(identity->replicas[1]->statement->service, "events"); // not its word
    assert_string_equal(identity->replicas[1]->statement->id, process_id);
    assert_null(services_for(AUTH__LEVEL__VALUE__GOD));
    assert_true(err_is(&w.err, LEVEL_TOO_LOW));
    assert_non_null(services_for(AUTH__LEVEL__VALUE__DEV));
    const Auth__ListServicesReply *all = // an operator's tool names no user
        ask("auth.ListServices", &(Auth__ListServicesRequest)AUTH__LIST_SERVICES_REQUEST__INIT);
    assert_int_equal(all->n_services, 2);
    assert_string_equal(all->services[0]->name, "auth");
    assert_string_equal(all->services[1]->name, "events");
    assert_string_equal(all->services[1]->version, "1.2.3");
    assert_true(all->services[1]->ready);
    assert_int_equal(all->services[1]->health->queue, 5);
    assert_string_equal(all->services[1]->health->times[0]->class_, "WRITE");
    const Auth__ListConfigReply *told =
        ask("auth.ListConfig", &(Auth__ListConfigRequest)AUTH__LIST_CONFIG_REQUEST__INIT);
    assert_int_equal(told->n_services, 2);
    assert_int_equal(told->services[0]->n_settings, 0);
    const Auth__ServiceConfig *config = told->services[1];
    assert_string_equal(config->id, process_id);
    assert_int_equal(config->n_settings, 2);
    assert_string_equal(config->settings[0]->name, "CONSE_A");
    assert_string_equal(config->settings[0]->value, "x=(y)");
    assert_string_equal(config->settings[0]->source, "default");
    assert_string_equal(config->settings[1]->value, "");
    assert_string_equal(config->settings[1]->source, "file /b");
    clock_hold_mono(-1);
}

static void a_process_is_of_the_program_that_tells(void **state)
{
    (void)state;
    static const struct {
        Conse__Asker__Value asker;
        const char *id, *service;
    } tells[] = {
        {CONSE__ASKER__VALUE__CHAIN, "0123456789abcdef0123456789abcd01", "chain"},
        {CONSE__ASKER__VALUE__GATEWAY, "0123456789abcdef0123456789abcd02", "gateway"},
    };
    must_open_replica();
    for (size_t i = 0; i < sizeof tells / sizeof *tells; i++) {
        Auth__IdentityRequest request = AUTH__IDENTITY_REQUEST__INIT;
        assert_true(tell(tells[i].asker, tells[i].id));
        clock_hold_mono(clock_mono_ms() + 1000);
        const Auth__Identity *identity = ask("auth.GetIdentity", &request);
        const Replica__Statement *found = NULL;
        for (size_t k = 0; k < identity->n_replicas; k++)
            if (strcmp(identity->replicas[k]->statement->id, tells[i].id) == 0)
                found = identity->replicas[k]->statement;
        assert_non_null(found);
        if (found) assert_string_equal(found->service, tells[i].service);
    }
    clock_hold_mono(-1);
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
        TEST(a_process_is_told_the_clock_of_most),
        TEST(each_process_has_a_signed_statement),
        TEST(a_process_is_of_the_program_that_tells),
        TEST(keys_overlap_when_they_change),
        TEST(an_operator_changes_the_key_early),
        TEST(a_next_key_that_cannot_be_made_keeps_the_others_published),
        TEST(a_key_that_cannot_be_read_leaves_the_old_ones),
        TEST(the_sweep_removes_what_has_served),
    };
    return RUN(tests);
}
