// Sorts the headers that the gateway knows into their places.
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "services/gateway/http/http.h"

#define AT(field) offsetof(struct http_headers, field)

enum { LIST_MOST = 1 << 20 }; // more than headers may have together

enum repeated {
    AMBIGUOUS, // it counts once: a reader of the first and a reader of the last would differ
    LIST,      // several lines are one list
    NOTHING,   // as if it had not come
};

static const struct known {
    const char *name;
    size_t offset;
    enum repeated repeated;
} known[] = {
    {"host", AT(host), AMBIGUOUS},
    {"authorization", AT(authorization), AMBIGUOUS},
    {"accept", AT(accept), LIST},
    {"accept-encoding", AT(accept_encoding), LIST},
    {"user-agent", AT(user_agent), NOTHING},
    {"content-type", AT(content_type), AMBIGUOUS},
    {"content-length", AT(content_length), AMBIGUOUS},
    {"content-encoding", AT(content_encoding), AMBIGUOUS},
    {"transfer-encoding", AT(transfer_encoding), AMBIGUOUS},
    {"expect", AT(expect), LIST},
    {"if-match", AT(if_match), LIST},
    {"if-none-match", AT(if_none_match), LIST},
    {"if-unmodified-since", AT(if_unmodified_since), AMBIGUOUS},
    {"cookie", AT(cookie), NOTHING},
    {"conse-proof", AT(conse_proof), AMBIGUOUS},
    {"conse-session", AT(conse_session), NOTHING},
    {"idempotency-key", AT(idempotency_key), AMBIGUOUS},
    {"origin", AT(origin), NOTHING},
    {"last-event-id", AT(last_event_id), NOTHING},
    {"traceparent", AT(traceparent), NOTHING},
    {"x-signature-ed25519", AT(signature), AMBIGUOUS},
    {"x-signature-timestamp", AT(signature_timestamp), AMBIGUOUS},
    {"proxy-authorization", AT(proxy_authorization), AMBIGUOUS},
    {"x-forwarded-proto", AT(forwarded_proto), NOTHING},
    {"connection", AT(connection), LIST},
    {"upgrade", AT(upgrade), LIST},
    {"sec-websocket-key", AT(websocket_key), AMBIGUOUS},
    {"sec-websocket-protocol", AT(websocket_protocol), LIST},
    {"sec-websocket-version", AT(websocket_version), AMBIGUOUS},
    {"access-control-request-method", AT(preflight_method), NOTHING},
};

enum { KNOWN = sizeof known / sizeof *known };

// Lists that came in several lines, each at the place of its header.
struct http_joined {
    struct buf lists[KNOWN];
};

static const char *headers_join(struct http_headers *headers, size_t at, const char *first, const char *next)
{
    if (!headers->joined) headers->joined = calloc(1, sizeof *headers->joined);
    if (!headers->joined) abort();
    struct buf *list = &headers->joined->lists[at];
    if (list->max == 0) {
        buf_init(list, LIST_MOST);
        buf_str(list, first);
    }
    buf_str(list, ", ");
    buf_str(list, next);
    return list->bytes;
}

static void take_known(struct http_headers *headers, size_t at, const char *value)
{
    const char **slot = (const char **)((char *)headers + known[at].offset);
    if (!*slot)
        *slot = value;
    else if (known[at].repeated == LIST)
        *slot = headers_join(headers, at, *slot, value);
    else if (known[at].repeated == NOTHING)
        *slot = "";
    else
        headers->ambiguous = true;
}

void http_headers_take(struct http_headers *headers, const char *name, const char *value)
{
    if ((name[0] | 0x20) == 'x' && strcasecmp(name, "x-forwarded-for") == 0)
        return forwarded_add(&headers->forwarded_for, value);
    for (size_t i = 0; i < KNOWN; i++)
        if ((name[0] | 0x20) == known[i].name[0] && strcasecmp(name, known[i].name) == 0)
            return take_known(headers, i, value);
}

const char *const *http_headers_find(const struct http_headers *headers, const char *name)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (strcmp(name, known[i].name) == 0)
            return (const char *const *)((const char *)headers + known[i].offset);
    return NULL;
}

void http_headers_finish(struct http_headers *headers)
{
    for (size_t i = 0; headers->joined && i < KNOWN; i++)
        if (headers->joined->lists[i].max) buf_finish(&headers->joined->lists[i]);
    free(headers->joined);
    headers->joined = NULL;
}
