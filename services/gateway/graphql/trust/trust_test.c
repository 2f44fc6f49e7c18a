#include "services/gateway/graphql/trust/trust.h"

#include <sodium.h>

#include "services/gateway/graphql/types/testing/sdl_schema.h"
#include "tests/test.h"

static char folder[TEST_FOLDER_BYTES], path[64];
static struct arena arena;
static const struct gql_schema *schema;
static struct gql_trust *trust;
static struct err err;

static int set_up(void **state)
{
    (void)state;
    test_folder_make(folder);
    snprintf(path, sizeof path, "%s/m.json", folder);
    arena_init(&arena, 8 << 20);
    schema =
        sdl_schema("type Query { a: Int } type Mutation { b: Int } type Subscription { c: Int }", &arena);
    trust = NULL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    gql_trust_free(trust);
    arena_finish(&arena);
    test_folder_remove(folder);
    return 0;
}

static const char *id_of(const char *text)
{
    static char id[80];
    uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, (const unsigned char *)text, strlen(text));
    strcpy(id, "sha256:");
    sodium_bin2hex(id + 7, sizeof id - 7, digest, sizeof digest);
    return id;
}

static bool load(const char *manifest)
{
    FILE *file = fopen(path, "w");
    fputs(manifest, file);
    fclose(file);
    gql_trust_free(trust);
    trust = NULL;
    return gql_trust_load(&trust, path, schema, &err);
}

static bool load_text(const char *id, const char *text)
{
    char manifest[512];
    snprintf(manifest, sizeof manifest, "{\"%s\":\"%s\"}", id, text);
    return load(manifest);
}

static void a_document_is_found_by_its_id_and_its_text(void **state)
{
    (void)state;
    assert_true(load_text(id_of("{ a }"), "{ a }"));
    struct gql_trusted found = gql_trust_find(trust, id_of("{ a }"));
    assert_int_equal(found.len, 5);
    assert_string_equal(found.text, "{ a }");
    assert_true(gql_trust_has(trust, "{ a }", 5));
    assert_false(gql_trust_has(trust, "{ a  }", 6));
    assert_null(gql_trust_find(trust, id_of("{ a  }")).text);
    assert_null(gql_trust_find(trust, "").text);
    assert_null(gql_trust_find(trust, "sha256:zz").text);
    assert_null(gql_trust_find(trust, id_of("{ a }") + 7).text);
}

static void without_a_manifest_nothing_is_trusted(void **state)
{
    (void)state;
    assert_true(gql_trust_load(&trust, "", schema, &err));
    assert_null(gql_trust_find(trust, id_of("{ a }")).text);
    assert_false(gql_trust_has(trust, "{ a }", 5));
}

static void what_is_not_as_it_says_is_refused(void **state)
{
    (void)state;
    assert_false(load_text(id_of("{ a }"), "{ a  }"));
    assert_non_null(strstr(err.message, "not the id of its text"));
    assert_false(load_text(id_of("{ nothing }"), "{ nothing }"));
    assert_non_null(strstr(err.message, "Query has no such field"));
    assert_false(load("{\"sha256:aa\":7}"));
    assert_false(load("[]"));
    assert_false(load("{"));
    strcat(path, "x");
    assert_false(gql_trust_load(&trust, path, schema, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_document_is_found_by_its_id_and_its_text),
        TEST(without_a_manifest_nothing_is_trusted),
        TEST(what_is_not_as_it_says_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
