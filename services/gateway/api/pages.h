// Documents that the gateway sends as they are, and its own ones, made once at start: the OpenAPI
// description, and GraphQL's schema.
#ifndef GATEWAY_API_PAGES_H
#define GATEWAY_API_PAGES_H

#include "lib/base/err.h"
#include "services/gateway/api/routes.h"

struct page_form {
    char *body; // NULL: there is no such form
    size_t len;
    char etag[32];
};

struct page {
    const char *type;
    struct page_form plain, gzipped, brotli;
    const char *policy; // Content-Security-Policy, or NULL
    bool immutable;     // what has its path never changes
};

struct pages {
    struct page openapi, schema;
};

MUST_CHECK bool pages_make(struct pages *pages, const struct routes *routes, struct err *err);
// GraphQL's schema in its language. The text becomes the pages'.
MUST_CHECK bool pages_take_schema(struct pages *pages, char *text, size_t len, struct err *err);
void pages_finish(struct pages *pages);
void page_tag(struct page *page); // names its forms by what the plain one is

#endif
