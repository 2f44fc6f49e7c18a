#include "services/gateway/access/cors.h"

#include <string.h>
#include <strings.h>

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

bool cors_admits(const struct cors *cors, const char *origin, const char *host)
{
    const char *authority = origin ? strstr(origin, "://") : NULL;
    if (!origin || (*cors->origins && cors_allows(cors, origin))) return true;
    return authority && host && strcasecmp(authority + 3, host) == 0;
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
    http_answer_add(
        answer, "Access-Control-Expose-Headers",
        "Conse-Cursor, Conse-Time, ETag, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
        "traceparent, WWW-Authenticate");
}

void cors_preflight(const struct cors *cors, const char *origin, const char *methods,
                    struct http_answer *answer)
{
    if (!name_origin(cors, origin, answer)) return;
    http_answer_add(answer, "Access-Control-Allow-Methods", methods);
    http_answer_add(answer, "Access-Control-Allow-Headers",
                    "authorization, conse-proof, content-type, idempotency-key, if-match, if-none-match, "
                    "last-event-id, traceparent");
    http_answer_add(answer, "Access-Control-Max-Age", "600");
}
