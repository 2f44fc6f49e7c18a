#include "lib/net/outside.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/net/curl_start.h"
#include "lib/net/public_address.h"
#include "lib/net/resolver.h"

// One request on its way.
struct going {
    const struct outside *outside;
    const struct outside_request *request;
    struct outside_url url;
    bool to_loopback; // every address is this machine's
    struct buf *body;
    size_t head_bytes;
    char pinned[OUTSIDE_HOST + 16 + OUTSIDE_ADDRESSES * (INET6_ADDRSTRLEN + 3)]; // for CURLOPT_RESOLVE
};

static const struct sockaddr *address_at(const struct outside_addresses *addresses, size_t i)
{
    return (const struct sockaddr *)&addresses->all[i];
}

// ---- Where it goes

// All public; or, for tests, all of this machine.
static bool judge_addresses(struct going *going, const struct outside_addresses *addresses, struct err *err)
{
    size_t of_loopback = 0, of_public = 0;
    for (size_t i = 0; i < addresses->count; i++) {
        of_loopback += address_is_loopback(address_at(addresses, i));
        of_public += address_is_public(address_at(addresses, i));
    }
    going->to_loopback = going->outside->loopback && of_loopback == addresses->count;
    if (!going->to_loopback && of_public != addresses->count)
        return err_field(err, INVALID_FIELD, "url", "url leads to an address that is not public");
    bool usual = going->url.tls && (going->url.port == 443 || going->url.port == 8443);
    return usual || going->to_loopback ||
           err_field(err, INVALID_FIELD, "url", "url must be https on port 443 or 8443");
}

static void add_pin(struct going *going, const struct sockaddr *address)
{
    char text[INET6_ADDRSTRLEN];
    size_t len = strlen(going->pinned);
    bool six = address->sa_family == AF_INET6;
    const void *bytes = six ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
                            : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
    if (!inet_ntop(address->sa_family, bytes, text, sizeof text)) return;
    snprintf(going->pinned + len, sizeof going->pinned - len, "%s%s%s%s",
             going->pinned[len - 1] == ':' ? "" : ",", six ? "[" : "", text, six ? "]" : "");
}

static bool find_addresses(struct going *going, int64_t until_ms, struct err *err)
{
    struct outside_addresses addresses = {.count = 0};
    const struct outside *outside = going->outside;
    outside_resolve *resolve = outside->resolve ? outside->resolve : resolver_ask;
    if (going->url.literal)
        addresses = (struct outside_addresses){{going->url.address}, 1};
    else if (!resolve(outside->arg, going->url.host, until_ms, &addresses, err))
        return false;
    if (!judge_addresses(going, &addresses, err)) return false;
    if (going->url.literal) return true;
    snprintf(going->pinned, sizeof going->pinned, "%s:%u:", going->url.host, going->url.port);
    for (size_t i = 0; i < addresses.count; i++) add_pin(going, address_at(&addresses, i));
    return true;
}

// ---- On the way

// The last check, of the address that is connected to.
static curl_socket_t open_checked(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    const struct going *going = arg;
    (void)purpose;
    bool may = going->to_loopback ? address_is_loopback(&address->addr) : address_is_public(&address->addr);
    if (!may) return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int is_stopped(void *arg, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
    const struct going *going = arg;
    (void)down_all, (void)down, (void)up_all, (void)up;
    return going->outside->stopping && atomic_load(going->outside->stopping);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct going *going = arg;
    buf_append(going->body, bytes, size * count);
    return going->body->failed ? 0 : size * count;
}

static size_t count_head(char *bytes, size_t size, size_t count, void *arg)
{
    struct going *going = arg;
    (void)bytes;
    going->head_bytes += size * count;
    return going->head_bytes > OUTSIDE_REPLY_MOST ? 0 : size * count;
}

static struct curl_slist *add_line(struct curl_slist *list, const char *line)
{
    struct curl_slist *longer = list || line ? curl_slist_append(list, line) : NULL;
    if (!longer) curl_slist_free_all(list);
    return longer;
}

static struct curl_slist *make_headers(const struct outside_request *request)
{
    struct curl_slist *list = add_line(NULL, "Expect:");
    for (size_t i = 0; list && request->headers[i]; i++) list = add_line(list, request->headers[i]);
    return list;
}

static void going_prepare(struct going *going, CURL *curl)
{
    const struct outside_request *request = going->request;
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, going->to_loopback ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "conse");
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_checked);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, going);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, is_stopped);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, going);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, going);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, count_head);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, going);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->len);
}

static bool going_fail(const struct going *going, CURLcode code, struct err *err)
{
    const char *host = going->url.host;
    if (going->body->failed || going->head_bytes > OUTSIDE_REPLY_MOST)
        return err_fail(err, REPLY_TOO_LARGE, "%s: the reply is too large", host);
    if (code == CURLE_OPERATION_TIMEDOUT) return err_fail(err, DEADLINE_PASSED, "%s: no reply in time", host);
    if (code == CURLE_OUT_OF_MEMORY) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return err_fail(err, SERVICE_AWAY, "%s: %s", host, curl_easy_strerror(code));
}

static bool going_run(struct going *going, int64_t until_ms, struct http_reply *reply, struct err *err)
{
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = make_headers(going->request);
    struct curl_slist *pins = going->pinned[0] ? add_line(NULL, going->pinned) : NULL;
    curl_off_t retry_after_s = 0;
    CURLcode code = CURLE_OUT_OF_MEMORY;
    int64_t left_ms = until_ms - clock_mono_ms();
    if (curl && headers && (pins || !going->pinned[0])) {
        going_prepare(going, curl);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_RESOLVE, pins);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(left_ms > 1 ? left_ms : 1));
        code = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
        curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after_s);
        reply->retry_after_s = retry_after_s;
    }
    if (curl) curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    curl_slist_free_all(pins);
    return code == CURLE_OK || going_fail(going, code, err);
}

bool outside_post(const struct outside *outside, const struct outside_request *request,
                  struct http_reply *reply, struct err *err)
{
    struct going going = {.outside = outside, .request = request, .body = &reply->body};
    int64_t until_ms = clock_mono_ms() + (request->timeout_ms ? request->timeout_ms : OUTSIDE_TIMEOUT_MS);
    const char *fault = outside_url_parse(&going.url, request->url, outside->loopback);
    if (fault) return err_field(err, INVALID_FIELD, "url", "url %s", fault);
    curl_start();
    *reply = (struct http_reply){0};
    if (!find_addresses(&going, until_ms, err)) return false;
    buf_init(&reply->body, OUTSIDE_REPLY_MOST);
    if (going_run(&going, until_ms, reply, err)) return true;
    http_reply_finish(reply);
    return false;
}
