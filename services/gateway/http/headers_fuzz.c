// Header lines of a request, one per line of the input ("name: value"), and what the gateway makes of them:
// nothing is read past its end, a client named by a proxy is the peer or an address in the header, and the
// results about media, encodings and tags are valid ones.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/access/cors.h"
#include "services/gateway/access/limits.h"
#include "services/gateway/api/etag.h"
#include "services/gateway/api/negotiate.h"
#include "services/gateway/ask/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { MOST_LINES = 64 };

static const char NETWORKS[] = "127.0.0.0/8, 10.1.0.0/16, fd00::/8, 192.0.2.7";

// Each line in memory of its own, exactly as long as it is.
static size_t take_lines(const char *text, struct http_headers *headers, char *kept[MOST_LINES])
{
    size_t count = 0;
    for (const char *at = text; *at && count < MOST_LINES; at += strcspn(at, "\n"), at += *at == '\n') {
        char *line = strndup(at, strcspn(at, "\n"));
        if (!line) abort();
        char *colon = strchr(line, ':');
        kept[count++] = line;
        if (!colon) continue;
        *colon = 0;
        http_headers_take(headers, line, colon + 1 + strspn(colon + 1, " \t"));
    }
    return count;
}

static void check_client(const struct http_headers *headers)
{
    struct proxies proxies;
    struct address peer, client, again;
    struct err err;
    char text[ADDRESS_SIZE];
    bool parsed = proxies_parse(NETWORKS, &proxies, &err) && address_parse("127.0.0.1", 9, &peer);
    assert(parsed);
    client = proxies_client(&proxies, &peer, &headers->forwarded_for);
    address_print(&client, text);
    parsed = address_parse(text, strlen(text), &again);
    assert(parsed && memcmp(&again, &client, sizeof client) == 0);
    assert(headers->forwarded_for.count > 0 || memcmp(&client, &peer, sizeof client) == 0);
    address_household(&client);
}

// Whatever a list names, what is found in it is the tag of the form that it was found for.
static void check_tags(const char *list)
{
    static const unsigned char key[16] = {1}, hash[ETAG_HASH] = {2};
    static const struct etag_source source = {key, hash};
    struct etag_form form;
    char etag[ETAG_SIZE];
    etag_is_any(list);
    if (!list || !etag_find(list, &source, 0, ETAG_WEAK, &form)) return;
    etag_make(&source, &form, etag);
    assert(strstr(list, etag));
}

static void check_agreement(const struct http_headers *headers)
{
    enum media media = negotiate_accept(headers->accept);
    assert(media == MEDIA_NONE || media == MEDIA_JSON || media == MEDIA_PROTOBUF);
    if (headers->accept_encoding) negotiate_gzip(headers->accept_encoding);
    static const char *const images[] = {"image/png", "image/jpeg", "image/webp", NULL};
    if (headers->content_type) {
        negotiate_content_type(headers->content_type);
        negotiate_is_one_of(headers->content_type, images);
    }
    if (headers->if_none_match) negotiate_matches(headers->if_none_match, "W/\"5e\"");
    check_tags(headers->if_match);
    check_tags(headers->if_none_match);
}

static void check_trace(const struct http_headers *headers)
{
    struct trace_source source = {.state = {1, 2}};
    struct trace trace;
    trace_begin(&source, headers->traceparent, &trace);
    assert(strlen(trace.id) == TRACE_ID_LEN && strspn(trace.id, "0123456789abcdef") == TRACE_ID_LEN);
    assert(strlen(trace.parent) == TRACEPARENT_LEN && strncmp(trace.parent + 3, trace.id, TRACE_ID_LEN) == 0);
}

// The operator's own lists are parsed by the same rules: whatever is taken can be asked.
static void check_lists(const char *text)
{
    struct proxies proxies;
    struct bucket bucket;
    struct address address;
    struct err err;
    const struct cors cors = {"https://a.example,https://b.example"};
    if (proxies_parse(text, &proxies, &err) && address_parse("10.1.2.3", 8, &address))
        proxies_trust(&proxies, &address);
    if (limits_parse(text, &bucket, &err)) assert(bucket.burst >= 1 && bucket.per_second > 0);
    if (cors_allows(&cors, text))
        assert(strcmp(text, "https://a.example") == 0 || strcmp(text, "https://b.example") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct http_headers headers = {0};
    char *kept[MOST_LINES];
    char *text = strndup((const char *)bytes, len);
    if (!text) abort();
    size_t count = take_lines(text, &headers, kept);
    check_client(&headers);
    check_agreement(&headers);
    check_trace(&headers);
    check_lists(text);
    http_headers_finish(&headers);
    while (count) free(kept[--count]);
    free(text);
    return 0;
}
