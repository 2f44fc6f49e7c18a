// Sorts the headers that the gateway knows into their places.
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "services/gateway/http/http.h"

#define AT(field) offsetof(struct http_headers, field)

static const struct known {
    const char *name;
    size_t offset;
    // What counts when it comes again: something that asks for nothing. NULL: the request is ambiguous.
    const char *repeated;
} known[] = {
    {"host", AT(host), NULL},
    {"authorization", AT(authorization), NULL},
    {"accept", AT(accept), "*/*"},
    {"accept-encoding", AT(accept_encoding), ""},
    {"user-agent", AT(user_agent), ""},
    {"content-type", AT(content_type), NULL},
    {"content-length", AT(content_length), NULL},
    {"content-encoding", AT(content_encoding), NULL},
    {"transfer-encoding", AT(transfer_encoding), NULL},
    {"if-none-match", AT(if_none_match), ""},
    {"idempotency-key", AT(idempotency_key), NULL},
    {"origin", AT(origin), ""},
    {"traceparent", AT(traceparent), ""},
    {"access-control-request-method", AT(preflight_method), ""},
};

static void take_known(struct http_headers *headers, const struct known *header, const char *value)
{
    const char **slot = (const char **)((char *)headers + header->offset);
    if (*slot && !header->repeated) headers->ambiguous = true;
    *slot = *slot && header->repeated ? header->repeated : value;
}

void http_headers_take(struct http_headers *headers, const char *name, const char *value)
{
    if ((name[0] | 0x20) == 'x' && strcasecmp(name, "x-forwarded-for") == 0)
        return forwarded_add(&headers->forwarded_for, value);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((name[0] | 0x20) == known[i].name[0] && strcasecmp(name, known[i].name) == 0)
            return take_known(headers, &known[i], value);
}
