// Which pages of other origins may call the API. Pure.
#ifndef GATEWAY_ACCESS_CORS_H
#define GATEWAY_ACCESS_CORS_H

#include <stdbool.h>

#include "services/gateway/http/http.h"

struct cors {
    const char *origins; // "https://a.example,https://b.example", "*" or ""
};

bool cors_allows(const struct cors *cors, const char *origin);
// Whether a page of this origin may keep a connection open: its own host's, or one that may call. No origin
// is fine: then it is no page of a browser that asks.
bool cors_admits(const struct cors *cors, const char *origin, const char *host);
// Headers of an ordinary answer. origin may be NULL.
void cors_answer(const struct cors *cors, const char *origin, struct http_answer *answer);
// Headers of the answer to a preflight; methods as in Allow.
void cors_preflight(const struct cors *cors, const char *origin, const char *methods,
                    struct http_answer *answer);

#endif
