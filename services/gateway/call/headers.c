#include "services/gateway/call/headers.h"

#include "lib/base/clock.h"
#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"
#include "services/gateway/call/cookies.h"

const char *headers_number(char out[NUMBER_SIZE], uint64_t value)
{
    char *at = &out[NUMBER_SIZE - 1];
    *at = 0;
    do *--at = (char)('0' + value % 10);
    while (value /= 10);
    return at;
}

void headers_time(struct http_answer *answer, char text[NUMBER_SIZE])
{
    http_answer_add(answer, "Conse-Time", headers_number(text, (uint64_t)clock_unix_ms()));
}

static void add_limits(const struct call *call, struct http_answer *answer, struct headers *headers)
{
    if (call->bucket.burst == 0) return;
    http_answer_add(answer, "RateLimit-Limit", headers_number(headers->limit, (uint32_t)call->bucket.burst));
    http_answer_add(answer, "RateLimit-Remaining",
                    headers_number(headers->remaining, call->bucket_state.remaining));
    http_answer_add(answer, "RateLimit-Reset", headers_number(headers->reset, call->bucket_state.reset_s));
}

void headers_common(const struct call *call, struct http_answer *answer, struct headers *headers)
{
    http_answer_add(answer, "traceparent", call->trace.parent);
    add_limits(call, answer, headers);
    cors_answer(call->lent->cors, call->http->headers.origin, answer);
    cookies_add(call, answer);
}

void headers_type(struct http_answer *answer, const char *type)
{
    http_answer_add(answer, "Content-Type", type);
    http_answer_add(answer, "X-Content-Type-Options", "nosniff");
}

static const char *cache_control(const struct call *call)
{
    const struct route *route = call->match.route;
    if (route->verb != VERB_GET) return "no-store";
    return route->level == CONSE__METHOD__LEVEL__PUBLIC ? "no-cache" : "private, no-cache";
}

void headers_caching(const struct call *call, struct http_answer *answer, const char *etag)
{
    http_answer_add(answer, "Cache-Control", cache_control(call));
    if (*call->cursor) http_answer_add(answer, "Conse-Cursor", call->cursor);
    if (!etag) return;
    http_answer_add(answer, "ETag", etag);
    http_answer_add(answer, "Vary",
                    *call->lent->cors->origins ? "Accept, Accept-Encoding, Authorization, Origin"
                                               : "Accept, Accept-Encoding, Authorization");
}
