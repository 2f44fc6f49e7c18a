#include "services/chain/solana/http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 200, REQUEST_TIMEOUT = 408, TOO_MANY = 429, SERVER_ERROR = 500, RETRY_AFTER_MAX_S = 86400 };

struct solana_http {
    CURL *curl;
    struct curl_slist *headers;
    struct buf reply;
};

static size_t take_bytes(char *bytes, size_t size, size_t count, void *arg)
{
    struct buf *reply = arg;
    buf_append(reply, bytes, size * count);
    return reply->failed ? 0 : size * count;
}

static bool set_options(struct solana_http *http, const char *url)
{
    CURL *c = http->curl;
    return curl_easy_setopt(c, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_HTTPHEADER, http->headers) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_bytes) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEDATA, &http->reply) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "") == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK;
}

bool solana_http_create(struct solana_http **out, const char *url, size_t reply_max,
                        struct solana_fault *fault)
{
    struct solana_http *http = calloc(1, sizeof *http);
    if (!http) return solana_fault_set(fault, SOLANA_NO_MEMORY, "no memory for an HTTP client");
    buf_init(&http->reply, reply_max);
    http->curl = curl_easy_init();
    http->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (!http->curl || !http->headers || !set_options(http, url)) {
        solana_http_destroy(http);
        return solana_fault_set(fault, SOLANA_NO_MEMORY, "no HTTP client could be made");
    }
    *out = http;
    return true;
}

void solana_http_destroy(struct solana_http *http)
{
    if (!http) return;
    curl_easy_cleanup(http->curl);
    curl_slist_free_all(http->headers);
    buf_finish(&http->reply);
    free(http);
}

static bool transport_fault(const struct solana_http *http, CURLcode result, struct solana_fault *fault)
{
    if (http->reply.failed) return solana_fault_set(fault, SOLANA_BAD_REPLY, "the reply is too large");
    if (result == CURLE_OPERATION_TIMEDOUT)
        return solana_fault_set(fault, SOLANA_DEADLINE, "the node did not answer in time");
    if (result == CURLE_OUT_OF_MEMORY)
        return solana_fault_set(fault, SOLANA_NO_MEMORY, "no memory for a request");
    return solana_fault_set(fault, SOLANA_UNREACHABLE, "%s", curl_easy_strerror(result));
}

static enum solana_code code_of_status(long status)
{
    if (status == TOO_MANY) return SOLANA_RATE_LIMITED;
    return status == REQUEST_TIMEOUT || status >= SERVER_ERROR ? SOLANA_NODE_DOWN : SOLANA_HTTP_REFUSED;
}

static bool status_fault(struct solana_http *http, long status, struct solana_fault *fault)
{
    curl_off_t seconds = 0;
    curl_easy_getinfo(http->curl, CURLINFO_RETRY_AFTER, &seconds); // from seconds and from a date alike
    if (seconds > RETRY_AFTER_MAX_S) seconds = RETRY_AFTER_MAX_S;
    solana_fault_set(fault, code_of_status(status), "the node answered HTTP %ld", status);
    fault->http_status = (int)status;
    fault->retry_after_ms = seconds > 0 ? (uint32_t)seconds * 1000 : 0;
    return false;
}

bool solana_http_post(struct solana_http *http, const char *body, uint32_t timeout_ms,
                      const struct buf **reply, struct solana_fault *fault)
{
    buf_reset(&http->reply);
    curl_easy_setopt(http->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body));
    curl_easy_setopt(http->curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(http->curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    CURLcode result = curl_easy_perform(http->curl);
    if (result != CURLE_OK) return transport_fault(http, result, fault);
    long status = 0;
    curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != OK) return status_fault(http, status, fault);
    *reply = &http->reply;
    return true;
}
