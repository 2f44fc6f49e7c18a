// Header lines of a client ("name: value", one per line, below a path), and what goes to an upstream: one
// head that ends at its end, with one Host and one length, whose path has nothing that leads elsewhere; and
// the settings that lead there.
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "services/gateway/proxy/request_head.h"
#include "services/gateway/proxy/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static size_t count_of(const char *head, const char *start)
{
    size_t count = 0;
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
        count += strncasecmp(line + 2, start, strlen(start)) == 0;
    return count;
}

static void check_cookies(const char *head)
{
    static const char ours[] = "__Secure-conse-";
    for (const char *line = strstr(head, "\r\nCookie: "); line; line = strstr(line + 2, "\r\nCookie: ")) {
        const char *end = strstr(line + 2, "\r\n"),
                   *found = memmem(line, (size_t)(end - line), ours, sizeof ours - 1);
        assert(!found || found != line + 10);
        assert(!memmem(line, (size_t)(end - line), "; __Secure-conse-", 17));
    }
}

static void check_head(const struct buf *head)
{
    const char *end = strstr(head->bytes, "\r\n\r\n");
    assert(end && end + 4 == head->bytes + head->len);
    assert(count_of(head->bytes, "host:") == 1 && count_of(head->bytes, "content-length:") == 1);
    assert(count_of(head->bytes, "connection:") == 1 && count_of(head->bytes, "transfer-encoding:") == 0);
    assert(count_of(head->bytes, "authorization:") == 0 && count_of(head->bytes, "x-forwarded-for:") == 1);
    check_cookies(head->bytes);
}

// As framing.c lets it through: no control characters, a token as the name.
static bool is_header(const char *line, const char *colon)
{
    for (const char *at = line; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f) return false;
    return colon > line && !memchr(line, ' ', (size_t)(colon - line));
}

static void take_lines(struct buf *head, const struct request_head_source *source, char *lines)
{
    for (char *line = lines, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        char *colon = strchr(line, ':');
        if (!colon || !is_header(line, colon)) continue;
        *colon = 0;
        request_head_take(head, source, line, colon + 1 + strspn(colon + 1, " "));
    }
}

static void check_settings(const char *text)
{
    static struct proxy_rules rules;
    struct err err;
    memset(&rules, 0, sizeof rules);
    if (!proxy_rules_parse(&rules, text, &err)) assert(err_is(&err, INVALID_FIELD));
    if (!proxy_rules_parse_targets(&rules, text, &err)) assert(err_is(&err, INVALID_FIELD));
    assert(rules.prefixes_count <= PROXY_PREFIXES_MOST && rules.upstreams_count <= PROXY_UPSTREAMS_MOST);
    for (size_t i = 0; i < rules.prefixes_count; i++)
        assert(proxy_rules_find(&rules, rules.prefixes[i].path) &&
               rules.prefixes[i].upstream < rules.upstreams_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct proxy_prefix prefix = {.path = "/m/", .base = "/n/"};
    static const struct proxy_upstream upstream = {.authority = "x:80"};
    struct buf head;
    struct err err;
    char *text = strndup((const char *)bytes, len);
    if (!text) abort();
    check_settings(text);
    char *lines = strchr(text, '\n');
    if (lines) *lines++ = 0;
    const char *path = request_path(text);
    bool taken = strncmp(path, prefix.path, 3) == 0 && request_path_check(path, &err);
    const struct request_head_source source = {.prefix = &prefix,
                                               .upstream = &upstream,
                                               .method = "POST",
                                               .path = path,
                                               .client = "::1",
                                               .scheme = "http",
                                               .traceparent = "00",
                                               .length = 5};
    buf_init(&head, 4 * len + REQUEST_HEAD_ADDED);
    if (taken) {
        assert(!memmem(path, strcspn(path, "?"), "/../", 4));
        request_head_begin(&head, &source);
        take_lines(&head, &source, lines);
        request_head_end(&head, &source);
        assert(!head.failed);
        check_head(&head);
    }
    buf_finish(&head);
    free(text);
    return 0;
}
