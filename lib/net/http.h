// HTTP requests to other servers, with a deadline and a bound on the reply. They block: for SLOW handlers and
// tools. A proxy that the environment names (http_proxy) is for other machines than this.
#ifndef LIB_NET_HTTP_H
#define LIB_NET_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

// A header of the reply that is asked for.
enum { HTTP_VALUE = 80 };
struct http_wanted {
    const char *name;
    char value[HTTP_VALUE]; // the first; "" when it did not come, or is longer
};

struct http_request {
    const char *method;         // "GET", "POST"
    const char *url;            // http or https; redirects are not followed
    const char *body;           // text, or NULL
    const char *content_type;   // of the body
    const char *bearer;         // token, or NULL or ""
    const char *const *headers; // others, "Name: value", NULL-ended; or NULL
    struct http_wanted *wanted; // filled when a reply came
    size_t wanted_count;
    bool compressed; // the reply may be; max_reply_bytes counts the unpacked bytes
    bool unproven;   // of any certificate: for who wants to know no more than whether somebody answers
    const atomic_bool *stopping; // ends it soon, as one that got no reply; or NULL
    int64_t timeout_ms;
    size_t max_reply_bytes;
};

struct http_reply {
    long status;
    int64_t
        retry_after_s; // from the header, which may be a date; 0: none, at most six hours, as libcurl has it
    struct buf body;
};

// When no complete reply came: DEADLINE_PASSED, REPLY_TOO_LARGE, INTERNAL_ERROR without memory, else
// SERVICE_AWAY. Finish the reply after success.
MUST_CHECK bool http_do(const struct http_request *request, struct http_reply *reply, struct err *err);
void http_reply_finish(struct http_reply *reply);

// Keeps connections open between requests. One thread at a time.
struct http_client;
MUST_CHECK bool http_client_create(struct http_client **client, struct err *err);
void http_client_destroy(struct http_client *client); // NULL is fine
MUST_CHECK bool http_client_do(struct http_client *client, const struct http_request *request,
                               struct http_reply *reply, struct err *err);

// The address at which this machine reaches a server that listens at "127.0.0.1:7438", ":7438" or
// "[::]:7438".
void http_listener_url(char *url, size_t size, const char *address, bool tls);

#endif
