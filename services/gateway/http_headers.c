// Sorts the headers that the gateway knows into their places.
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "services/gateway/http.h"

#define AT(field) offsetof(struct http_headers, field)

static const struct known {
    const char *name;
    size_t offset;
    bool single; // counts once: a second one makes the request ambiguous
} known[] = {
    {"host", AT(host), true},
    {"authorization", AT(authorization), true},
    {"accept", AT(accept), false},
    {"accept-encoding", AT(accept_encoding), false},
    {"user-agent", AT(user_agent), false},
    {"content-type", AT(content_type), true},
    {"content-length", AT(content_length), true},
    {"transfer-encoding", AT(transfer_encoding), true},
    {"if-none-match", AT(if_none_match), false},
    {"idempotency-key", AT(idempotency_key), true},
    {"origin", AT(origin), false},
    {"traceparent", AT(traceparent), false},
    {"access-control-request-method", AT(preflight_method), false},
};

void http_headers_take(struct http_headers *headers, const char *name, const char *value)
{
    if ((name[0] | 0x20) == 'x' && strcasecmp(name, "x-forwarded-for") == 0)
        return forwarded_add(&headers->forwarded_for, value);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if ((name[0] | 0x20) != known[i].name[0] || strcasecmp(name, known[i].name) != 0) continue;
        const char **slot = (const char **)((char *)headers + known[i].offset);
        if (*slot && known[i].single)
            headers->ambiguous = true;
        else
            *slot = value;
        return;
    }
}
