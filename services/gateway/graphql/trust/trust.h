// Documents that the operator trusts, by the SHA-256 of their text: read once at start from a manifest, then
// constant and shared by all loops. A client names one by its id, or sends its text.
#ifndef GATEWAY_GRAPHQL_TRUST_TRUST_H
#define GATEWAY_GRAPHQL_TRUST_TRUST_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "services/gateway/graphql/types/types.h"

struct gql_trust;

struct gql_trusted {
    const char *text; // NULL: it is not trusted
    size_t len;
};

// The manifest is a JSON object: {"sha256:<64 hex digits>": "<text>", ...}; "" stands for an empty one.
// Refuses (INVALID_FIELD) ids that are not those of their texts, and documents that the schema or the limits
// refuse.
MUST_CHECK bool gql_trust_load(struct gql_trust **trust, const char *path, const struct gql_schema *schema,
                               struct err *err);
void gql_trust_free(struct gql_trust *trust); // NULL is fine

struct gql_trusted gql_trust_find(const struct gql_trust *trust, const char *id); // "sha256:..."
bool gql_trust_has(const struct gql_trust *trust, const char *text, size_t len);

#endif
