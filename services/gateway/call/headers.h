// The headers that answers have in common.
#ifndef GATEWAY_CALL_HEADERS_H
#define GATEWAY_CALL_HEADERS_H

#include "services/gateway/api/etag.h"
#include "services/gateway/api/routes.h"
#include "services/gateway/http/http.h"

struct call;

// Texts of their values; live until the answer is given.
struct headers {
    char limit[16], remaining[16], reset[16], retry[16], allow[ROUTE_ALLOW_SIZE], etag[ETAG_SIZE];
};

const char *headers_number(char out[16], uint32_t value);
// The trace, the rest of the limit, and the CORS headers.
void headers_common(const struct call *call, struct http_answer *answer, struct headers *headers);
void headers_type(struct http_answer *answer, const char *type);
// Caching rules of the answer; etag is NULL when it has none.
void headers_caching(const struct call *call, struct http_answer *answer, const char *etag);

#endif
