// The head of a request as it goes to an upstream: what the client said, without what ends at this hop, what
// is Conse's, and what only we may say of the client, which is said anew. Pure.
#ifndef GATEWAY_PROXY_REQUEST_HEAD_H
#define GATEWAY_PROXY_REQUEST_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

enum { REQUEST_HEAD_ADDED = 2048 }; // beside what the client sent and what the rules have

struct proxy_prefix;
struct proxy_upstream;

struct request_head_source {
    const struct proxy_prefix *prefix;
    const struct proxy_upstream *upstream;
    const char *method, *path; // as received, with the query
    const char *host;          // as received; or NULL
    const char *connection;    // its list; or NULL
    const char *client;        // its address
    const char *scheme;        // "http", "https"
    const char *traceparent;
    int64_t length; // of the body; -1: none was said
    bool upgrade;   // to a WebSocket
};

// "http://host/path?query" counts as "/path?query".
const char *request_path(const char *target);
// Refuses, with MALFORMED, a path that another server may take for another one: with "." or ".." as segments,
// escaped or not, an escaped slash, a backslash, an escaped NUL, or what is no visible ASCII.
MUST_CHECK bool request_path_check(const char *path, struct err *err);

// In this order; take for each header of the client. out has room for all, or has failed.
void request_head_begin(struct buf *out, const struct request_head_source *source);
void request_head_take(struct buf *out, const struct request_head_source *source, const char *name,
                       const char *value);
void request_head_end(struct buf *out, const struct request_head_source *source);

#endif
