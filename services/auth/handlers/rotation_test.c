// Keys that are rotated or thrown away: what earlier ones made, by the methods that check it.
#include "lib/keys/certificate.h"
#include "services/auth/testing/world.h"
#include "services/auth/tokens/device.h"
#include "services/auth/tokens/sessions.h"

// From now on keys are rows.
static int set_up_sealed(void **state)
{
    set_up(state);
    auth_close(&w.auth);
    test_master_key(w.masters, sizeof w.masters, w.folder, 'a');
    open_world();
    return 0;
}

static Keys__Rotated *rotate(const char *name, bool at_once)
{
    Keys__RotateRequest request = KEYS__ROTATE_REQUEST__INIT;
    request.name = name;
    request.at_once = at_once;
    return ask("auth.keys.Rotate", &request);
}

static const char *create_key(void)
{
    Auth__CreateApiKeyRequest request = AUTH__CREATE_API_KEY_REQUEST__INIT;
    request.name = "bot";
    show();
    Auth__CreateApiKeyReply *reply = ask("auth.CreateApiKey", &request);
    assert_non_null(reply);
    return reply->key;
}

static Auth__ApiKeyToken *exchange(const char *key)
{
    Auth__ApiKeyTokenRequest request = AUTH__API_KEY_TOKEN_REQUEST__INIT;
    request.key = key;
    return ask("auth.GetApiKeyToken", &request);
}

static bool knows_device(const char *token)
{
    struct account account;
    struct uuid id;
    assert_true(account_load(&w.auth, w.caller.user_id, &w.arena, &account, &w.err));
    return device_is_known(&w.auth, &account, token, w.now_ms, &id);
}

static void assert_in_use(const char *name, uint32_t number)
{
    struct key key;
    keyring_in_use(w.auth.keys, name, &key);
    assert_int_equal(key.number, number);
}

static void refresh_tokens_and_api_keys_outlive_a_rotation(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *first = enter("mira")->refresh_token, *old = create_key();
    assert_string_equal(rotate("refresh", false)->ids[0], "refresh/2");
    assert_in_use("refresh", 2);
    const char *second = refresh(first)->refresh_token, *new = create_key();
    assert_non_null(refresh(second));
    assert_non_null(exchange(old));
    assert_non_null(exchange(new));
    auth_close(&w.auth);
    open_world();
    assert_non_null(exchange(old));
    assert_non_null(exchange(new));
}

static void a_rotation_is_in_the_audit(void **state)
{
    (void)state;
    const Audit__ListRequest request = AUDIT__LIST_REQUEST__INIT;
    rotate("refresh", false);
    rotate("refresh", true);
    for (int restarted = 0; restarted < 2; restarted++) {
        const Audit__ListReply *reply = ask("auth.ListAudit", &request);
        assert_int_equal(reply->n_entries, 2);
        const Audit__Entry *entry = reply->entries[0]->entry;
        assert_int_equal(entry->kind, AUDIT__AUDIT_KIND__VALUE__KEY_ROTATED);
        assert_string_equal(entry->target, "refresh/3");
        assert_true(entry->key_rotated->at_once && !reply->entries[1]->entry->key_rotated->at_once);
        auth_close(&w.auth);
        open_world();
        assert_true(audit_collect(w.auth.audit, &w.err));
    }
}

// Whoever has an old key makes nothing with it when its tokens have ended; API keys do not end.
static void an_old_key_is_not_believed_for_ever(void **state)
{
    (void)state;
    struct key first;
    char forged[REFRESH_MAX], session_id[40];
    uint32_t counter;
    sign_up("mira", "");
    const char *token = enter("mira")->refresh_token, *key = create_key();
    keyring_in_use(w.auth.keys, AUTH_KEY_REFRESH, &first);
    rotate("refresh", false);
    for (int i = 0; i < 2; i++) {
        w.now_ms += w.settings.refresh_ms / 2 + 60000;
        token = refresh(token)->refresh_token;
    }
    assert_true(session_token_read(&w.auth, token, w.now_ms, session_id, &counter));
    refresh_make(first.bytes, session_id, counter, forged);
    refused(refresh(forged), "REFRESH_INVALID");
    assert_non_null(refresh(token));
    assert_non_null(exchange(key));
}

static void a_stolen_refresh_key_ends_what_it_made(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *token = enter("mira")->refresh_token, *key = create_key();
    assert_string_equal(rotate("refresh", true)->ids[0], "refresh/2");
    refused(refresh(token), "REFRESH_INVALID");
    refused(exchange(key), "KEY_INVALID");
    assert_non_null(refresh(log_in("mira", PASSWORD)->refresh_token));
    assert_non_null(exchange(create_key()));
    auth_close(&w.auth);
    open_world(); // the key that is left is enough
    refused(exchange(key), "KEY_INVALID");
}

static void devices_stay_known(void **state)
{
    (void)state;
    sign_up("mira", "");
    const char *old = enter("mira")->device_token;
    rotate("device", false);
    const char *new = enter("mira")->device_token;
    assert_true(knows_device(old));
    assert_true(knows_device(new));
    rotate("device", true);
    assert_false(knows_device(old));
    assert_false(knows_device(new));
    assert_true(knows_device(enter("mira")->device_token));
}

static void a_code_on_its_way_works(void **state)
{
    (void)state;
    static const char phone[] = "+989121234567";
    assert_non_null(send_code(phone));
    const char *code = code_of(phone);
    rotate("otp", false);
    assert_in_use("otp", 2);
    refused(use_code(phone, strcmp(code, "111111") ? "111111" : "222222", ""), "OTP_INVALID");
    assert_non_null(use_code(phone, code, ""));
}

static void only_names_that_rotate_do(void **state)
{
    (void)state;
    refused(rotate("identity", false), "INVALID_FIELD");
    refused(rotate("deal", false), "INVALID_FIELD");
    refused(rotate("refresh/2", false), "INVALID_FIELD");
    assert_int_equal(rotate("token", false)->n_ids, 2);
    refused(rotate("token", false), "IN_USE");
    assert_int_equal(rotate("token", true)->n_ids, 3);
}

static void the_identity_certifies_keys(void **state)
{
    (void)state;
    uint8_t public_key[PUBLIC_KEY] = {7};
    Auth__IdentityRequest who = AUTH__IDENTITY_REQUEST__INIT;
    Auth__CertifyRequest request = AUTH__CERTIFY_REQUEST__INIT;
    const Auth__Identity *identity = ask("auth.GetIdentity", &who);
    request.public_key = (ProtobufCBinaryData){sizeof public_key, public_key};
    struct rpc_call call = {
        .arena = &w.arena, .service = &w.auth, .asker = CONSE__ASKER__VALUE__EVENTS, .now_ms = w.now_ms};
    const Auth__Certificate *reply = (const Auth__Certificate *)rpc_run_here(
        &call, auth_methods, "auth.CertifyKey", &request.base, &w.err);
    assert_non_null(reply);
    assert_memory_equal(reply->identity.data, identity->public_key.data, PUBLIC_KEY);
    assert_true(certificate_check(identity->public_key.data, CERTIFIES_CHECKPOINTS, public_key,
                                  reply->certificate.data));
    public_key[0]++;
    assert_false(certificate_check(identity->public_key.data, CERTIFIES_CHECKPOINTS, public_key,
                                   reply->certificate.data));
    call.asker = CONSE__ASKER__VALUE__CHAIN;
    reply = (const Auth__Certificate *)rpc_run_here(&call, auth_methods, "auth.CertifyKey", &request.base,
                                                    &w.err);
    assert_non_null(reply);
    assert_true(certificate_check(identity->public_key.data, CERTIFIES_LEDGER, request.public_key.data,
                                  reply->certificate.data));
    assert_false(certificate_check(identity->public_key.data, CERTIFIES_CHECKPOINTS, request.public_key.data,
                                   reply->certificate.data));
    call = (struct rpc_call){
        .arena = &w.arena, .service = &w.auth, .asker = CONSE__ASKER__VALUE__GATEWAY, .caller = &w.caller};
    refused(rpc_run_here(&call, auth_methods, "auth.CertifyKey", &request.base, &w.err), "CALLER_REFUSED");
}

#define SEALED(name) cmocka_unit_test_setup_teardown(name, set_up_sealed, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SEALED(refresh_tokens_and_api_keys_outlive_a_rotation),
        SEALED(an_old_key_is_not_believed_for_ever),
        SEALED(a_stolen_refresh_key_ends_what_it_made),
        SEALED(a_rotation_is_in_the_audit),
        SEALED(devices_stay_known),
        SEALED(a_code_on_its_way_works),
        SEALED(only_names_that_rotate_do),
        SEALED(the_identity_certifies_keys),
    };
    return RUN(tests);
}
