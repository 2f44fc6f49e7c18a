#include "services/chain/solana/http.h"

#include <stdlib.h>
#include <string.h>

#include "lib/net/http.h"

enum { OK = 200, REQUEST_TIMEOUT = 408, TOO_MANY = 429, SERVER_ERROR = 500 };

struct solana_http {
    struct http_client *client;
    char *url;
    size_t reply_max;
    struct http_reply reply; // of the last call
};

bool solana_http_create(struct solana_http **out, const char *url, size_t reply_max,
                        struct solana_fault *fault)
{
    struct err err;
    struct solana_http *http = calloc(1, sizeof *http);
    if (!http) return solana_fault_set(fault, SOLANA_NO_MEMORY, "no memory for an HTTP client");
    http->url = strdup(url);
    http->reply_max = reply_max;
    buf_init(&http->reply.body, reply_max);
    if (!http->url || !http_client_create(&http->client, &err)) {
        solana_http_destroy(http);
        return solana_fault_set(fault, SOLANA_NO_MEMORY, "no HTTP client could be made");
    }
    *out = http;
    return true;
}

void solana_http_destroy(struct solana_http *http)
{
    if (!http) return;
    http_client_destroy(http->client);
    http_reply_finish(&http->reply);
    free(http->url);
    free(http);
}

static bool transport_fault(const struct err *err, struct solana_fault *fault)
{
    if (err_is(err, REPLY_TOO_LARGE))
        return solana_fault_set(fault, SOLANA_BAD_REPLY, "the reply is too large");
    if (err_is(err, DEADLINE_PASSED))
        return solana_fault_set(fault, SOLANA_DEADLINE, "the node did not answer in time");
    if (err_is(err, INTERNAL_ERROR))
        return solana_fault_set(fault, SOLANA_NO_MEMORY, "no memory for a request");
    return solana_fault_set(fault, SOLANA_UNREACHABLE, "%s", err->message);
}

static enum solana_code code_of_status(long status)
{
    if (status == TOO_MANY) return SOLANA_RATE_LIMITED;
    return status == REQUEST_TIMEOUT || status >= SERVER_ERROR ? SOLANA_NODE_DOWN : SOLANA_HTTP_REFUSED;
}

static bool status_fault(const struct http_reply *reply, struct solana_fault *fault)
{
    solana_fault_set(fault, code_of_status(reply->status), "the node answered HTTP %ld", reply->status);
    fault->http_status = (int)reply->status;
    fault->retry_after_ms = (uint32_t)reply->retry_after_s * 1000;
    return false;
}

bool solana_http_post(struct solana_http *http, const char *body, uint32_t timeout_ms,
                      const struct buf **reply, struct solana_fault *fault)
{
    struct err err;
    const struct http_request request = {.method = "POST",
                                         .url = http->url,
                                         .body = body,
                                         .content_type = "application/json",
                                         .compressed = true,
                                         .timeout_ms = timeout_ms,
                                         .max_reply_bytes = http->reply_max};
    http_reply_finish(&http->reply);
    if (!http_client_do(http->client, &request, &http->reply, &err)) return transport_fault(&err, fault);
    if (http->reply.status != OK) return status_fault(&http->reply, fault);
    *reply = &http->reply.body;
    return true;
}
