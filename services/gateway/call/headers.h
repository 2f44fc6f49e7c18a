// The headers that answers have in common.
#ifndef GATEWAY_CALL_HEADERS_H
#define GATEWAY_CALL_HEADERS_H

#include "services/gateway/api/etag.h"
#include "services/gateway/api/routes.h"
#include "services/gateway/http/http.h"

struct call;

enum { NUMBER_SIZE = 24 };

// Texts of their values; live until the answer is given.
struct headers {
    char limit[NUMBER_SIZE], remaining[NUMBER_SIZE], reset[NUMBER_SIZE], retry[NUMBER_SIZE];
    char allow[ROUTE_ALLOW_SIZE], etag[ETAG_SIZE];
};

const char *headers_number(char out[NUMBER_SIZE], uint64_t value);
// Conse-Time, by this server's clock: every answer has it. The text lives until the answer is given.
void headers_time(struct http_answer *answer, char text[NUMBER_SIZE]);
// The trace, the rest of the limit, and the CORS headers.
void headers_common(const struct call *call, struct http_answer *answer, struct headers *headers);
void headers_type(struct http_answer *answer, const char *type);
// Caching rules of the answer; etag is NULL when it has none.
void headers_caching(const struct call *call, struct http_answer *answer, const char *etag);

#endif
