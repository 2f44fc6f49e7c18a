// Finds what servers between the client and us could read differently, before anything else is looked at. The
// library's texts lie in its read buffer as they came, so their places show what it cut or joined.
#include <stdint.h>
#include <string.h>

#include "lib/base/text.h"
#include "services/gateway/http/connection.h"

enum {
    ENTRY_BYTES = 64, // that the library notes of a header
    MOST_BLANKS = 1 << 20,
};

struct request_head {
    const char *method, *version;
    size_t bytes; // from the method to the end of the empty line
};

struct walk { // over the headers, in their order
    struct http_headers *headers;
    const char *end; // of what came last: a header's value, or the request line
    const char *fault;
};

// A line ends with CR LF. From 1.0 on the library cuts blanks off a value itself (and refuses NULs), so they
// may lie between.
static bool framing_follows(const char *end, const char *next)
{
    uintptr_t gap = (uintptr_t)next - (uintptr_t)end;
    bool trims = MHD_VERSION >= 0x01000000;
    if (!trims || gap < 2 || gap > MOST_BLANKS) return gap == 2;
    while (end < next - 2 && (*end == 0 || *end == ' ' || *end == '\t')) end++;
    return end == next - 2;
}

static bool is_token(const char *text)
{
    static const char marks[] = "!#$%&'*+.^_`|~";
    const char *at = text;
    while (*at == '-' || (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
           (*at >= '0' && *at <= '9') || (*at && strchr(marks, *at)))
        at++;
    return at > text && *at == 0;
}

// The library leaves blanks behind a value, which do not belong to it; they lie in its buffer, which we may
// cut.
static void framing_trim(const char *value, const char *end)
{
    while (end > value && (end[-1] == ' ' || end[-1] == '\t')) end--;
    if (*end) *(char *)end = 0;
}

// Some readers take a bare CR in a value for an end of line; no other control character except the tab has a
// meaning either.
static bool has_controls(const char *value, size_t len)
{
    for (size_t at = text_plain(value, len); at < len; at++)
        if (((unsigned char)value[at] < 0x20 && value[at] != '\t') || value[at] == 0x7f) return true;
    return false;
}

static enum MHD_Result on_header(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct walk *walk = arg;
    (void)kind;
    if (!is_token(name)) walk->fault = "the name of a header is malformed";
    if (!value || !framing_follows(walk->end, name))
        walk->fault = "a line has a NUL, goes on in another or ends without CR LF";
    size_t len = value ? strlen(value) : 0;
    if (has_controls(value, len)) walk->fault = "a header has a control character";
    if (walk->fault) return MHD_NO;
    walk->end = value + len;
    framing_trim(value, walk->end);
    http_headers_take(walk->headers, name, value);
    return MHD_YES;
}

// An empty line ends the headers.
static bool ends_at(const struct walk *walk, const char *end) { return framing_follows(walk->end, end - 2); }

static bool is_host(const char *host) { return host[strcspn(host, " \t/\\@?#<>\"")] == 0; }

static const char *framing_malformed(const struct connection *connection, const struct walk *walk,
                                     const struct request_head *head)
{
    const struct http_headers *h = walk->headers;
    if (!is_token(head->method) || head->method + strlen(head->method) + 1 != connection->raw_target)
        return "the request line is not a method, a target and a version";
    if ((size_t)(head->version - connection->raw_target) != connection->target.len + 1)
        return "the target has a NUL";
    if (has_controls(connection->target.bytes, connection->target.len))
        return "the target has a control character";
    if (walk->fault) return walk->fault;
    if (!ends_at(walk, head->method + head->bytes))
        return "a line has a NUL, goes on in another or ends without CR LF";
    if (connection->is_1_1 && !h->host) return "Host is missing";
    if (h->host && !is_host(h->host)) return "Host is not a host";
    if (h->transfer_encoding && h->content_length)
        return "both Content-Length and Transfer-Encoding are given";
    return h->ambiguous ? "a header that counts once is given twice" : NULL;
}

// Headers so large that the library's memory has no room for a reply beside them.
static bool is_large(const struct connection *connection, const struct request_head *head)
{
    size_t most = connection->server->front->options.max_header_bytes;
    int entries = MHD_get_connection_values(
        connection->mhd, MHD_HEADER_KIND | MHD_GET_ARGUMENT_KIND | MHD_COOKIE_KIND, NULL, NULL);
    const char *cookies = MHD_lookup_connection_value(connection->mhd, MHD_HEADER_KIND, "Cookie");
    size_t notes = (size_t)entries * ENTRY_BYTES + (cookies ? strlen(cookies) : 0);
    return head->bytes > most || head->bytes + notes > most + HTTP_ENTRIES_BYTES;
}

// Digits alone, which the library has checked; a number beyond any body counts as the largest there is.
static int64_t length_of(const char *digits)
{
    int64_t length = 0;
    for (; digits && *digits; digits++)
        length = length > INT64_MAX / 100 ? INT64_MAX : length * 10 + (*digits - '0');
    return length;
}

static void framing_fault(struct http_exchange *exchange, int status, const char *text)
{
    exchange->fault = text;
    exchange->fault_status = status;
}

void framing_take(struct connection *connection, const char *method, const char *version)
{
    struct http_exchange *exchange = &connection->exchange;
    connection->is_1_1 = strcmp(version, "HTTP/1.1") == 0;
    struct walk walk = {.headers = &exchange->headers, .end = version + strlen(version)};
    struct request_head head = {
        method, version,
        MHD_get_connection_info(connection->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size};
    MHD_get_connection_values(connection->mhd, MHD_HEADER_KIND, on_header, &walk);
    const char *text = framing_malformed(connection, &walk, &head);
    exchange->content_length = length_of(exchange->headers.content_length);
    if (connection->target.failed)
        framing_fault(exchange, 414, "the path and query are too long");
    else if (is_large(connection, &head))
        framing_fault(exchange, 431, "the headers are too many, or too large together");
    else if (text)
        framing_fault(exchange, 400, text);
}
