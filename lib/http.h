// One HTTP request to the outside, with a deadline and a bound on the reply. Blocks; for SLOW handlers and
// tools.
#ifndef LIB_HTTP_H
#define LIB_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"

struct http_request {
    const char *method;       // "GET", "POST"
    const char *url;          // http or https; redirects are not followed
    const char *body;         // text, or NULL
    const char *content_type; // of the body
    const char *bearer;       // token, or NULL or ""
    int64_t timeout_ms;
    size_t max_reply_bytes;
};

struct http_reply {
    long status;
    struct buf body;
};

// UNAVAILABLE-type err (SERVICE_AWAY) when no complete reply came. Finish the reply after success.
MUST_CHECK bool http_do(const struct http_request *request, struct http_reply *reply, struct err *err);
void http_reply_finish(struct http_reply *reply);

// Where a server listening at an address ("127.0.0.1:7438", ":7438", "[::]:7438") is reached from this
// machine.
void http_listener_url(char *url, size_t size, const char *address, bool tls);

#endif
