#include "services/gateway/proxy/request_head.h"

#include <string.h>
#include <strings.h>

#include "services/gateway/api/cookie.h"
#include "services/gateway/proxy/hops.h"
#include "services/gateway/proxy/rules.h"

// ---- The path

const char *request_path(const char *target)
{
    size_t scheme = strncasecmp(target, "http://", 7) == 0    ? 7
                    : strncasecmp(target, "https://", 8) == 0 ? 8
                                                              : 0;
    if (!scheme) return target;
    const char *path = target + scheme + strcspn(target + scheme, "/?#");
    return *path == '/' ? path : "/";
}

static bool path_malformed(struct err *err, const char *what)
{
    return err_fail(err, MALFORMED, "the path %s", what);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// One byte of the path as a reader that unescapes has it; -1: the escape is bad.
static int path_byte(const char *at, size_t *len)
{
    *len = 1;
    if (*at != '%') return (unsigned char)*at;
    int high = hex_digit(at[1]), low = high < 0 ? -1 : hex_digit(at[2]);
    *len = 3;
    return low < 0 ? -1 : high << 4 | low;
}

static bool path_check_byte(const char *at, int byte, struct err *err)
{
    bool escaped = *at == '%';
    if (byte < 0) return path_malformed(err, "has a bad escape");
    if (byte == '\\' || (escaped && byte == '/')) return path_malformed(err, "has a slash that is none");
    return (byte >= 0x20 && byte != 0x7f) || path_malformed(err, "has a control character");
}

static bool path_is_visible(const char *path)
{
    for (; *path; path++)
        if ((unsigned char)*path <= 0x20 || (unsigned char)*path >= 0x7f || *path == '#') return false;
    return true;
}

// Servers take ";" behind dots for parameters of the segment.
bool request_path_check(const char *path, struct err *err)
{
    size_t dots = 0, others = 0, len;
    if (*path != '/') return path_malformed(err, "does not begin with a slash");
    if (!path_is_visible(path)) return path_malformed(err, "has a character that must be escaped");
    for (const char *at = path + 1;; at += len) {
        bool ends = !*at || *at == '?' || *at == '/' || *at == ';';
        if (ends && !others && (dots == 1 || dots == 2)) return path_malformed(err, "has a segment of dots");
        if (!*at || *at == '?') return true;
        int byte = path_byte(at, &len);
        if (!path_check_byte(at, byte, err)) return false;
        if (ends)
            dots = 0, others = *at == ';';
        else if (byte == '.')
            dots++;
        else
            others++;
    }
}

static void write_path(struct buf *out, const struct request_head_source *source)
{
    const struct proxy_prefix *prefix = source->prefix;
    if (!*prefix->base) return buf_str(out, source->path);
    buf_str(out, prefix->base);
    buf_str(out, source->path + strlen(prefix->path));
}

// ---- Headers

// What is said anew, or is no other server's business. Servers that know headers as variables take "_" for
// "-".
static bool is_replaced(const char *name)
{
    static const char *const replaced[] = {"host",          "content-length", "expect",      "forwarded",
                                           "traceparent",   "x-real-ip",      "conse-proof", "conse-session",
                                           "via",           "x-forwarded",    "x-client-ip", "x-original-url",
                                           "x-rewrite-url", "true-client-ip"};
    for (size_t i = 0; i < sizeof replaced / sizeof *replaced; i++)
        if (strcasecmp(name, replaced[i]) == 0) return true;
    return strncasecmp(name, "x-forwarded-", 12) == 0 || strchr(name, '_');
}

// Pairs between semicolons, without Conse's own.
static void write_cookies(struct buf *out, const char *value)
{
    const char *between = "Cookie: ";
    for (size_t len; *value; value += len + (value[len] == ';')) {
        value += strspn(value, " \t");
        len = strcspn(value, ";");
        if (len == 0 || cookie_is_ours(value)) continue;
        buf_str(out, between);
        buf_append(out, value, len);
        between = "; ";
    }
    if (*between == ';') buf_str(out, "\r\n");
}

void request_head_begin(struct buf *out, const struct request_head_source *source)
{
    buf_printf(out, "%s ", source->method);
    write_path(out, source);
    buf_printf(out, " HTTP/1.1\r\nHost: %s\r\n", source->upstream->authority);
}

void request_head_take(struct buf *out, const struct request_head_source *source, const char *name,
                       const char *value)
{
    if (strcasecmp(name, "via") == 0) buf_printf(out, "Via: %s\r\n", value); // ours comes behind
    if (hops_ends(name) || hops_names(source->connection, name) || is_replaced(name)) return;
    if (strcasecmp(name, "authorization") == 0 && !source->prefix->authorization) return;
    if (strcasecmp(name, "cookie") == 0) return write_cookies(out, value);
    buf_printf(out, "%s: %s\r\n", name, value);
}

static void write_forwarded(struct buf *out, const struct request_head_source *source)
{
    bool six = strchr(source->client, ':');
    buf_printf(out, "X-Forwarded-For: %s\r\nX-Forwarded-Proto: %s\r\n", source->client, source->scheme);
    if (source->host) buf_printf(out, "X-Forwarded-Host: %s\r\n", source->host);
    buf_printf(out, six ? "Forwarded: for=\"[%s]\";proto=%s" : "Forwarded: for=%s;proto=%s", source->client,
               source->scheme);
    if (source->host) buf_printf(out, ";host=\"%s\"", source->host);
    buf_str(out, "\r\n");
}

void request_head_end(struct buf *out, const struct request_head_source *source)
{
    write_forwarded(out, source);
    buf_printf(out, "Via: 1.1 conse\r\ntraceparent: %s\r\n", source->traceparent);
    if (source->length >= 0) buf_printf(out, "Content-Length: %lld\r\n", (long long)source->length);
    buf_str(out, source->upgrade ? "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                                 : "Connection: close\r\n\r\n");
}
