#include "services/gateway/graphql/trust/trust.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/graphql/check/check.h"
#include "services/gateway/graphql/text/parser.h"

enum { MEMORY = 4 << 20 }; // to check one document

static const char prefix[] = "sha256:";

struct document {
    uint8_t digest[crypto_hash_sha256_BYTES];
    const char *text; // in the manifest
    size_t len;
};

struct gql_trust {
    json_t *manifest;
    struct document *documents; // by digest
    size_t count;
};

static int by_digest(const void *one, const void *two)
{
    return memcmp(((const struct document *)one)->digest, ((const struct document *)two)->digest,
                  crypto_hash_sha256_BYTES);
}

static bool digest_of_id(const char *id, uint8_t digest[crypto_hash_sha256_BYTES])
{
    size_t len;
    const char *hex = id + strlen(prefix);
    if (strncmp(id, prefix, strlen(prefix)) != 0 || strlen(hex) != 2 * crypto_hash_sha256_BYTES) return false;
    return sodium_hex2bin(digest, crypto_hash_sha256_BYTES, hex, strlen(hex), NULL, &len, NULL) == 0 &&
           len == crypto_hash_sha256_BYTES;
}

static bool document_check(const struct document *document, const struct gql_schema *schema, const char *id,
                           struct err *err)
{
    struct arena arena;
    arena_init(&arena, MEMORY);
    struct gql_faults faults = {.arena = &arena};
    const struct gql_reading reading = {&schema->names, &gql_limits_trusted, &arena, &faults};
    struct ast_document *read = gql_parse(document->text, document->len, &reading);
    bool good = read && gql_check(read, schema, &gql_limits_trusted, &arena, &faults);
    if (!good)
        err_fail(err, INVALID_FIELD, "%s: %s", id, faults.count ? faults.faults[0].message : "no memory");
    arena_finish(&arena);
    return good;
}

static bool document_add(struct gql_trust *trust, const char *id, const json_t *text,
                         const struct gql_schema *schema, struct err *err)
{
    struct document *document = &trust->documents[trust->count];
    uint8_t digest[crypto_hash_sha256_BYTES];
    if (!json_is_string(text)) return err_fail(err, INVALID_FIELD, "%s: not a text", id);
    document->text = json_string_value(text);
    document->len = json_string_length(text);
    crypto_hash_sha256(document->digest, (const unsigned char *)document->text, document->len);
    if (!digest_of_id(id, digest) || memcmp(digest, document->digest, sizeof digest) != 0)
        return err_fail(err, INVALID_FIELD, "%s: not the id of its text", id);
    trust->count++;
    return document_check(document, schema, id, err);
}

static bool trust_fill(struct gql_trust *trust, const struct gql_schema *schema, struct err *err)
{
    const char *id;
    json_t *text;
    trust->documents = calloc(json_object_size(trust->manifest) + 1, sizeof *trust->documents);
    if (!trust->documents) abort();
    json_object_foreach(trust->manifest, id, text)
    {
        if (!document_add(trust, id, text, schema, err)) return false;
    }
    qsort(trust->documents, trust->count, sizeof *trust->documents, by_digest);
    return true;
}

bool gql_trust_load(struct gql_trust **out, const char *path, const struct gql_schema *schema,
                    struct err *err)
{
    json_error_t fault = {0};
    struct gql_trust *trust = calloc(1, sizeof *trust);
    if (!trust) abort();
    trust->manifest = *path ? json_load_file(path, JSON_REJECT_DUPLICATES, &fault) : json_object();
    bool ok = json_is_object(trust->manifest) || err_fail(err, INVALID_FIELD, "%s: %s", path,
                                                          *fault.text ? fault.text : "not an object of JSON");
    if (ok && trust_fill(trust, schema, err)) return *out = trust, true;
    gql_trust_free(trust);
    return false;
}

void gql_trust_free(struct gql_trust *trust)
{
    if (!trust) return;
    free(trust->documents);
    json_decref(trust->manifest);
    free(trust);
}

static const struct document *find_digest(const struct gql_trust *trust, const struct document *wanted)
{
    if (trust->count == 0) return NULL;
    return bsearch(wanted, trust->documents, trust->count, sizeof *trust->documents, by_digest);
}

struct gql_trusted gql_trust_find(const struct gql_trust *trust, const char *id)
{
    struct document wanted = {.len = 0};
    const struct document *found = digest_of_id(id, wanted.digest) ? find_digest(trust, &wanted) : NULL;
    return found ? (struct gql_trusted){found->text, found->len} : (struct gql_trusted){NULL, 0};
}

bool gql_trust_has(const struct gql_trust *trust, const char *text, size_t len)
{
    struct document wanted = {.len = 0};
    if (trust->count == 0) return false;
    crypto_hash_sha256(wanted.digest, (const unsigned char *)text, len);
    return find_digest(trust, &wanted);
}
