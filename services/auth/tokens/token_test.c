#include <jansson.h>
#include <sodium.h>

#include "lib/base/clock.h"
#include "services/auth/tokens/token.h"
#include "tests/test.h"
#include "lib/keys/testing/master.h"

enum { BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING, SETTLED_MS = 10000 };

static const struct store_table tables[] = {KEYRING_TABLE, {0}};
static char folder[TEST_FOLDER_BYTES];
static struct store *store;
static struct keyring *ring;
static struct token_keys *keys;
static struct arena arena;
static const int64_t span_ms = 1000000, now_ms = 5500000;

static bool open_ring(struct keyring **opened, struct err *err)
{
    const struct keyring_options options = {
        .service = "auth", .folder = folder, .store = store, .table = tables};
    return keyring_open(opened, &options, err);
}

static int set_up(void **state)
{
    (void)state;
    struct err err;
    arena_init(&arena, 1 << 20);
    test_folder_make(folder);
    char url[64];
    snprintf(url, sizeof url, "sqlite:%s/auth.db", folder);
    if (!store_open(&store, &(struct store_options){.url = url, .tables = tables}, &err)) return 1;
    return !(sodium_init() >= 0 && open_ring(&ring, &err) && token_keys_open(&keys, ring, span_ms, &err));
}

static int tear_down(void **state)
{
    (void)state;
    token_keys_close(keys);
    keyring_close(ring);
    store_close(store);
    test_folder_remove(folder);
    arena_finish(&arena);
    return 0;
}

static void issue(char token[TOKEN_MAX])
{
    struct err err;
    const struct token_claims claims = {"017f22e2-79b0-7fff-bfff-ffffffffffff",
                                        "mira",
                                        "017f22e2-79b0-7fff-bfff-000000000000",
                                        AUTH__LEVEL__VALUE__GOD,
                                        7,
                                        now_ms / 1000,
                                        now_ms / 1000 + 900,
                                        NULL,
                                        false};
    assert_true(token_issue(keys, &claims, token, &err));
}

static json_t *decode(const char *from, const char *to)
{
    uint8_t bytes[1024];
    size_t len;
    assert_int_equal(
        sodium_base642bin(bytes, sizeof bytes, from, (size_t)(to - from), NULL, &len, NULL, BASE64), 0);
    return json_loadb((const char *)bytes, len, 0, NULL);
}

static void a_token_carries_its_claims(void **state)
{
    (void)state;
    char token[TOKEN_MAX];
    issue(token);
    const char *first = strchr(token, '.'), *second = strchr(first + 1, '.');
    json_t *header = decode(token, first), *claims = decode(first + 1, second);
    assert_string_equal(json_string_value(json_object_get(header, "alg")), "EdDSA");
    assert_string_equal(json_string_value(json_object_get(claims, "iss")), "conse");
    assert_string_equal(json_string_value(json_object_get(claims, "sub")),
                        "017f22e2-79b0-7fff-bfff-ffffffffffff");
    assert_string_equal(json_string_value(json_object_get(claims, "name")), "mira");
    assert_int_equal(json_integer_value(json_object_get(claims, "lvl")), 2);
    assert_int_equal(json_integer_value(json_object_get(claims, "gen")), 7);
    assert_int_equal(json_integer_value(json_object_get(claims, "exp")) -
                         json_integer_value(json_object_get(claims, "iat")),
                     900);
    json_decref(header);
    json_decref(claims);
}

static void a_published_key_verifies_it(void **state)
{
    (void)state;
    char token[TOKEN_MAX];
    uint8_t public[32], signature[64];
    struct err err;
    Auth__Jwks jwks = AUTH__JWKS__INIT;
    issue(token);
    const char *last = strrchr(token, '.');
    assert_true(token_jwks(keys, now_ms, &arena, &jwks, &err));
    assert_int_equal(
        sodium_base642bin(public, 32, jwks.keys[1]->x, strlen(jwks.keys[1]->x), NULL, NULL, NULL, BASE64), 0);
    assert_int_equal(sodium_base642bin(signature, 64, last + 1, strlen(last + 1), NULL, NULL, NULL, BASE64),
                     0);
    assert_int_equal(
        crypto_sign_verify_detached(signature, (const uint8_t *)token, (size_t)(last - token), public), 0);
}

static void keys_survive_a_restart(void **state)
{
    (void)state;
    struct keyring *other;
    struct token_keys *again;
    struct err err;
    Auth__Jwks before = AUTH__JWKS__INIT, after = AUTH__JWKS__INIT;
    assert_true(token_jwks(keys, now_ms, &arena, &before, &err));
    assert_true(open_ring(&other, &err));
    assert_true(token_keys_open(&again, other, span_ms, &err));
    assert_true(token_jwks(again, now_ms, &arena, &after, &err));
    for (int i = 0; i < TOKEN_KEYS; i++) assert_string_equal(before.keys[i]->kid, after.keys[i]->kid);
    token_keys_close(again);
    keyring_close(other);
}

// ---- Several processes, whose keys are rows of one store

struct pod {
    struct keyring *ring;
    struct token_keys *keys;
};

static struct pod start_pod(void)
{
    struct pod pod;
    struct err err;
    char master[64];
    test_master_key(master, sizeof master, folder, 'a');
    const struct keyring_options options = {.service = "auth",
                                            .folder = folder,
                                            .masters = master,
                                            .store = store,
                                            .table = tables,
                                            .shared = true};
    assert_true(keyring_open(&pod.ring, &options, &err));
    assert_true(token_keys_open(&pod.keys, pod.ring, span_ms, &err));
    return pod;
}

static void stop_pod(struct pod *pod)
{
    token_keys_close(pod->keys);
    keyring_close(pod->ring);
}

// The key that the pod signs with now.
static const char *signing_kid(struct pod *pod)
{
    char token[TOKEN_MAX];
    struct err err;
    const struct token_claims claims = {
        .user_id = "u", .username = "mira", .session_id = "s", .issued_s = now_ms / 1000};
    assert_true(token_issue(pod->keys, &claims, token, &err));
    json_t *header = decode(token, strchr(token, '.'));
    const char *kid = arena_str(&arena, json_string_value(json_object_get(header, "kid")));
    json_decref(header);
    return kid;
}

static size_t published(struct pod *pod, const char *kid)
{
    struct err err;
    Auth__Jwks jwks = AUTH__JWKS__INIT;
    assert_true(token_jwks(pod->keys, now_ms, &arena, &jwks, &err));
    assert_true(jwks.n_keys <= 8); // the gateway keeps no more
    size_t found = 0;
    for (size_t i = 0; i < jwks.n_keys; i++) found += strcmp(jwks.keys[i]->kid, kid) == 0;
    return found;
}

static void processes_sign_with_one_key(void **state)
{
    (void)state;
    struct pod a = start_pod(), b = start_pod();
    const char *kid = signing_kid(&a);
    assert_string_equal(signing_kid(&b), kid);
    assert_int_equal(published(&b, kid), 1);
    stop_pod(&a);
    stop_pod(&b);
}

static void a_rotated_key_is_published_before_it_signs(void **state)
{
    (void)state;
    char ids[TOKEN_ROTATED][64];
    size_t count;
    struct err err;
    int64_t mono_ms = 1000000;
    clock_hold_mono(mono_ms);
    struct pod a = start_pod(), b = start_pod();
    const char *old = signing_kid(&a);
    assert_string_equal(signing_kid(&b), old);
    assert_true(token_keys_rotate(a.keys, &(struct rotation){.now_ms = now_ms, .at_once = false}, 1000, ids,
                                  &count, &err));
    assert_string_equal(ids[0], "token/5/2");
    assert_string_equal(ids[1], "token/6/2");
    assert_string_equal(signing_kid(&a), old); // the other process does not publish it yet
    assert_true(keyring_read(b.ring, &err));
    assert_string_equal(signing_kid(&b), old);
    Auth__Jwks jwks = AUTH__JWKS__INIT;
    assert_true(token_jwks(b.keys, now_ms, &arena, &jwks, &err));
    assert_int_equal(jwks.n_keys, 5);
    clock_hold_mono(mono_ms + SETTLED_MS);
    const char *new = signing_kid(&a);
    assert_string_not_equal(new, old);
    assert_string_equal(signing_kid(&b), new);
    bool was_published = false;
    for (size_t i = 0; i < jwks.n_keys; i++) was_published |= strcmp(jwks.keys[i]->kid, new) == 0;
    assert_true(was_published);
    assert_int_equal(published(&a, old), 1); // its tokens live on
    assert_int_equal(published(&b, old), 1);
    stop_pod(&a);
    stop_pod(&b);
    clock_hold_mono(-1);
}

static void rotating_too_soon_is_refused(void **state)
{
    (void)state;
    char ids[TOKEN_ROTATED][64];
    size_t count;
    struct err err;
    struct pod pod = start_pod();
    assert_true(token_keys_rotate(pod.keys, &(struct rotation){.now_ms = now_ms, .at_once = false}, 900000,
                                  ids, &count, &err));
    assert_false(token_keys_rotate(pod.keys, &(struct rotation){.now_ms = now_ms, .at_once = false}, 900000,
                                   ids, &count, &err));
    assert_true(err_is(&err, IN_USE));
    stop_pod(&pod);
}

static void a_stolen_key_is_no_longer_published(void **state)
{
    (void)state;
    char ids[TOKEN_ROTATED][64];
    size_t count;
    struct err err;
    struct pod a = start_pod(), b = start_pod();
    const char *stolen = signing_kid(&a);
    assert_int_equal(published(&b, stolen), 1);
    assert_true(token_keys_rotate(a.keys, &(struct rotation){.now_ms = now_ms, .at_once = true}, 1000, ids,
                                  &count, &err));
    assert_int_equal(count, 3);
    assert_int_equal(published(&a, stolen), 0);
    const char *new = signing_kid(&a);
    assert_string_not_equal(new, stolen);
    assert_true(keyring_read(b.ring, &err));
    assert_int_equal(published(&b, stolen), 0);
    assert_string_equal(signing_kid(&b), new);
    stop_pod(&a);
    stop_pod(&b);
}

static void keys_of_spans_long_over_are_dropped(void **state)
{
    (void)state;
    struct err err;
    struct pod pod = start_pod();
    struct key_set set;
    published(&pod, "");
    assert_true(token_keys_sweep(pod.keys, now_ms + span_ms, &err));
    keyring_get(pod.ring, "token/5", &set); // of tokens that may live on
    ProtobufCMessage *row;
    uint64_t version;
    assert_true(store_get(store, tables, "token/4", &arena, &row, &version, &err));
    assert_null(row);
    stop_pod(&pod);
}

static void refresh_tokens_belong_to_their_key(void **state)
{
    (void)state;
    const uint8_t key[32] = {1}, other[32] = {2};
    char token[REFRESH_MAX], id[40];
    uint32_t counter;
    refresh_make(key, "017f22e2-79b0-7fff-bfff-ffffffffffff", 41, token);
    assert_true(refresh_read(key, token, id, &counter));
    assert_string_equal(id, "017f22e2-79b0-7fff-bfff-ffffffffffff");
    assert_int_equal(counter, 41);
    assert_false(refresh_read(other, token, id, &counter));
    token[strcspn(token, ".") + 1] = '5'; // 51
    assert_false(refresh_read(key, token, id, &counter));
    assert_false(refresh_read(key, "", id, &counter));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_token_carries_its_claims),
        TEST(a_published_key_verifies_it),
        TEST(keys_survive_a_restart),
        TEST(processes_sign_with_one_key),
        TEST(a_rotated_key_is_published_before_it_signs),
        TEST(rotating_too_soon_is_refused),
        TEST(a_stolen_key_is_no_longer_published),
        TEST(keys_of_spans_long_over_are_dropped),
        TEST(refresh_tokens_belong_to_their_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
