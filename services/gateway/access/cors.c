#include "services/gateway/access/cors.h"

#include <string.h>

bool cors_allows(const struct cors *cors, const char *origin)
{
    size_t len = strlen(origin);
    if (strcmp(cors->origins, "*") == 0) return true;
    for (const char *at = cors->origins; *at; at += strcspn(at, ",")) {
        at += strspn(at, ", ");
        if (strcspn(at, ", ") == len && len > 0 && strncmp(at, origin, len) == 0) return true;
    }
    return false;
}

static bool name_origin(const struct cors *cors, const char *origin, struct http_answer *answer)
{
    if (!*cors->origins || !origin || !cors_allows(cors, origin)) return false;
    bool any = strcmp(cors->origins, "*") == 0;
    http_answer_add(answer, "Access-Control-Allow-Origin", any ? "*" : origin);
    return true;
}

void cors_answer(const struct cors *cors, const char *origin, struct http_answer *answer)
{
    if (!name_origin(cors, origin, answer)) return;
    http_answer_add(answer, "Access-Control-Expose-Headers",
                    "Conse-Cursor, Conse-Time, ETag, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
                    "traceparent, WWW-Authenticate");
}

void cors_preflight(const struct cors *cors, const char *origin, const char *methods,
                    struct http_answer *answer)
{
    if (!name_origin(cors, origin, answer)) return;
    http_answer_add(answer, "Access-Control-Allow-Methods", methods);
    http_answer_add(answer, "Access-Control-Allow-Headers",
                    "authorization, content-type, idempotency-key, if-match, if-none-match, traceparent");
    http_answer_add(answer, "Access-Control-Max-Age", "600");
}
