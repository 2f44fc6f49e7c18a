#include "lib/net/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/net/curl_start.h"

enum { MOST_RETRY_AFTER_S = 6 * 3600 };

struct http_client {
    CURL *curl;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void init_curl(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

void curl_start(void) { pthread_once(&once, init_curl); }

// Returning less than was given makes curl fail the transfer.
static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct buf *body = arg;
    buf_append(body, bytes, size * count);
    return body->failed ? 0 : size * count;
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
    char line[4096];
    int n = snprintf(line, sizeof line, "%s%s", name, value);
    if (n < 0 || (size_t)n >= sizeof line) return list;
    struct curl_slist *longer = curl_slist_append(list, line);
    return longer ? longer : list;
}

// Asked about once a second, and whenever something happens.
static int is_stopping(void *arg, curl_off_t total, curl_off_t now, curl_off_t sent, curl_off_t sent_now)
{
    (void)total, (void)now, (void)sent, (void)sent_now;
    return atomic_load((const atomic_bool *)arg);
}

static bool is_of_this_machine(const char *host)
{
    struct in_addr in;
    if (inet_pton(AF_INET, host, &in) == 1) return ntohl(in.s_addr) >> 24 == 127;
    return strcmp(host, "[::1]") == 0 || strcasecmp(host, "localhost") == 0;
}

// A proxy that the environment names does not know what listens here.
static bool needs_no_proxy(const char *url)
{
    CURLU *parts = curl_url();
    char *host = NULL;
    bool own = parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
               curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK && is_of_this_machine(host);
    curl_free(host);
    curl_url_cleanup(parts);
    return own;
}

static void http_prepare(CURL *curl, const struct http_request *request, struct curl_slist *headers,
                         struct buf *body)
{
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    if (needs_no_proxy(request->url)) curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    if (request->compressed) curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    if (request->unproven) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (request->stopping) {
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, is_stopping);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)request->stopping);
    }
    if (!request->body) return;
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(request->body));
}

static void take_wanted(CURL *curl, const struct http_request *request)
{
    for (size_t i = 0; i < request->wanted_count; i++) {
        struct http_wanted *wanted = &request->wanted[i];
        struct curl_header *header;
        wanted->value[0] = 0;
        if (curl_easy_header(curl, wanted->name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK &&
            strlen(header->value) < HTTP_VALUE)
            snprintf(wanted->value, HTTP_VALUE, "%s", header->value);
    }
}

static CURLcode http_perform(CURL *curl, const struct http_request *request, struct http_reply *reply)
{
    struct curl_slist *headers = NULL;
    curl_off_t retry_after_s = 0;
    if (request->content_type) headers = add_header(headers, "Content-Type: ", request->content_type);
    if (request->bearer && *request->bearer)
        headers = add_header(headers, "Authorization: Bearer ", request->bearer);
    for (size_t i = 0; request->headers && request->headers[i]; i++)
        headers = add_header(headers, request->headers[i], "");
    curl_easy_reset(curl); // its connections stay
    http_prepare(curl, request, headers, &reply->body);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after_s);
    reply->retry_after_s = retry_after_s < MOST_RETRY_AFTER_S ? retry_after_s : MOST_RETRY_AFTER_S;
    take_wanted(curl, request);
    curl_slist_free_all(headers);
    return code;
}

static bool http_fail(const struct http_request *request, CURLcode code, bool too_large, struct err *err)
{
    const char *why = curl_easy_strerror(code);
    if (too_large) return err_fail(err, REPLY_TOO_LARGE, "%s: the reply is too large", request->url);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return err_fail(err, DEADLINE_PASSED, "%s: no reply in time", request->url);
    if (code == CURLE_OUT_OF_MEMORY) return err_fail(err, INTERNAL_ERROR, "%s: %s", request->url, why);
    return err_fail(err, SERVICE_AWAY, "%s: %s", request->url, why);
}

bool http_client_create(struct http_client **out, struct err *err)
{
    curl_start();
    struct http_client *client = calloc(1, sizeof *client);
    if (client) client->curl = curl_easy_init();
    if (client && client->curl) return *out = client, true;
    http_client_destroy(client);
    return err_fail(err, INTERNAL_ERROR, "no memory for an HTTP client");
}

void http_client_destroy(struct http_client *client)
{
    if (!client) return;
    curl_easy_cleanup(client->curl);
    free(client);
}

bool http_client_do(struct http_client *client, const struct http_request *request, struct http_reply *reply,
                    struct err *err)
{
    *reply = (struct http_reply){0};
    buf_init(&reply->body, request->max_reply_bytes);
    CURLcode code = http_perform(client->curl, request, reply);
    if (code == CURLE_OK) return true;
    bool too_large = reply->body.failed;
    http_reply_finish(reply);
    return http_fail(request, code, too_large, err);
}

bool http_do(const struct http_request *request, struct http_reply *reply, struct err *err)
{
    struct http_client *client;
    if (!http_client_create(&client, err)) return false;
    bool ok = http_client_do(client, request, reply, err);
    http_client_destroy(client);
    return ok;
}

void http_reply_finish(struct http_reply *reply) { buf_finish(&reply->body); }

void http_listener_url(char *url, size_t size, const char *address, bool tls)
{
    const char *scheme = tls ? "https" : "http", *colon = strrchr(address, ':');
    size_t len = colon ? (size_t)(colon - address) : 0;
    if (colon && (len == 0 || (len == 7 && strncmp(address, "0.0.0.0", len) == 0)))
        snprintf(url, size, "%s://127.0.0.1%s", scheme, colon);
    else if (len == 4 && strncmp(address, "[::]", len) == 0)
        snprintf(url, size, "%s://[::1]%s", scheme, colon);
    else
        snprintf(url, size, "%s://%s", scheme, address);
}
