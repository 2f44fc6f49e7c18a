#include "services/gateway/proxy/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "services/gateway/api/routes.h"

#define SCHEME "http://"

enum { ENTRY = 512, SHOWN = 80, PORT_DIGITS = 5, PORT_MOST = 65535 };

// ---- Servers

static bool is_name(const char *text, size_t len)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    for (size_t i = 0; i < len; i++)
        if (!text[i] || !strchr(letters, text[i])) return false;
    return len > 0 && len < PROXY_HOST && text[0] != '.' && text[0] != '-';
}

static bool is_address(const char *text, size_t len)
{
    return len > 1 && len < PROXY_HOST && strspn(text, "0123456789abcdefABCDEF:.") >= len;
}

static bool read_port(const char *text, size_t len, uint16_t *port)
{
    unsigned long value = 0;
    if (len == 0 || len > PORT_DIGITS || strspn(text, "0123456789") < len) return false;
    for (size_t i = 0; i < len; i++) value = value * 10 + (unsigned long)(text[i] - '0');
    *port = (uint16_t)value;
    return value > 0 && value <= PORT_MOST;
}

// "10.0.0.5:8080", "panel", "[::1]:80"; port 0 as fallback: one must be said.
static bool read_server(struct proxy_upstream *server, const char *text, size_t len, uint16_t fallback)
{
    bool six = len > 0 && text[0] == '[';
    const char *stop = six ? memchr(text, ']', len) : memchr(text, ':', len), *end = text + len;
    const char *host = six ? text + 1 : text;
    if (six && !stop) return false;
    size_t host_len = (size_t)((stop ? stop : end) - host);
    const char *colon = six ? stop + 1 : stop ? stop : end;
    *server = (struct proxy_upstream){.port = fallback};
    if (!(six ? is_address(host, host_len) : is_name(host, host_len))) return false;
    if (colon < end && (*colon != ':' || !read_port(colon + 1, (size_t)(end - colon - 1), &server->port)))
        return false;
    snprintf(server->host, sizeof server->host, "%.*s", (int)host_len, host);
    snprintf(server->authority, sizeof server->authority, six ? "[%s]:%u" : "%s:%u", server->host,
             server->port);
    return server->port != 0;
}

static bool add_server(struct proxy_rules *rules, const struct proxy_upstream *server, size_t *place,
                       struct err *err)
{
    for (*place = 0; *place < rules->upstreams_count; ++*place)
        if (strcasecmp(rules->upstreams[*place].authority, server->authority) == 0) return true;
    if (rules->upstreams_count == PROXY_UPSTREAMS_MOST)
        return err_fail(err, INVALID_FIELD, "there may be at most %d servers", PROXY_UPSTREAMS_MOST);
    rules->upstreams[rules->upstreams_count++] = *server;
    return true;
}

// ---- Prefixes

static bool is_dots(const char *segment, size_t len)
{
    return segment[0] == '.' && (len == 1 || (len == 2 && segment[1] == '.'));
}

// "/", "/media/", "/a/b/": plain letters, so that there is one way to write it.
static bool is_path(const char *path, size_t len)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    if (len == 0 || len >= PROXY_PATH || path[0] != '/' || path[len - 1] != '/') return false;
    for (const char *at = path + 1, *end = path + len, *stop; at < end; at = stop + 1) {
        stop = memchr(at, '/', (size_t)(end - at));
        size_t segment = (size_t)(stop - at);
        if (segment == 0 || is_dots(at, segment) || strspn(at, letters) < segment) return false;
    }
    return true;
}

static bool is_taken(const struct proxy_rules *rules, const char *path)
{
    for (size_t i = 0; i < rules->prefixes_count; i++)
        if (strcmp(rules->prefixes[i].path, path) == 0) return true;
    return false;
}

// Behind the prefix: "http://10.0.0.5:8080/base/,authorization".
static bool read_upstream(struct proxy_prefix *prefix, struct proxy_upstream *server, const char *text)
{
    const char *comma = strchrnul(text, ',');
    prefix->authorization = strcmp(comma, ",authorization") == 0;
    if ((*comma && !prefix->authorization) || strncmp(text, SCHEME, strlen(SCHEME)) != 0) return false;
    text += strlen(SCHEME);
    size_t server_len = strcspn(text, "/,"), base_len = (size_t)(comma - text) - server_len;
    if (base_len && !is_path(text + server_len, base_len)) return false;
    snprintf(prefix->base, sizeof prefix->base, "%.*s", (int)base_len, text + server_len);
    return read_server(server, text, server_len, 80);
}

static bool add_prefix(struct proxy_rules *rules, const char *entry, struct err *err)
{
    struct proxy_prefix prefix = {.path = ""};
    struct proxy_upstream server;
    const char *equals = strchr(entry, '=');
    size_t len = equals ? (size_t)(equals - entry) : 0;
    if (len < 2 || !is_path(entry, len))
        return err_fail(err, INVALID_FIELD, "\"%.*s\" does not begin with a prefix like /media/=", SHOWN,
                        entry);
    snprintf(prefix.path, sizeof prefix.path, "%.*s", (int)len, entry);
    if (!read_upstream(&prefix, &server, equals + 1))
        return err_fail(err, INVALID_FIELD, "\"%.*s\" does not lead to a server like http://10.0.0.5:8080",
                        SHOWN, entry);
    if (is_taken(rules, prefix.path)) return err_fail(err, INVALID_FIELD, "%s comes twice", prefix.path);
    if (rules->prefixes_count == PROXY_PREFIXES_MOST)
        return err_fail(err, INVALID_FIELD, "there may be at most %d prefixes", PROXY_PREFIXES_MOST);
    if (!add_server(rules, &server, &prefix.upstream, err)) return false;
    rules->prefixes[rules->prefixes_count++] = prefix;
    return true;
}

// ---- Settings

static bool add_target(struct proxy_rules *rules, const char *entry, struct err *err)
{
    struct proxy_upstream server;
    size_t place;
    if (!read_server(&server, entry, strlen(entry), 0))
        return err_fail(err, INVALID_FIELD, "\"%.*s\" is not a target like db.example:443", SHOWN, entry);
    if (proxy_rules_find_target(rules, server.authority, &place))
        return err_fail(err, INVALID_FIELD, "%s comes twice", server.authority);
    if (!add_server(rules, &server, &place, err)) return false;
    rules->targets[rules->targets_count++] = place;
    return true;
}

static bool each_entry(struct proxy_rules *rules, const char *text, const char *between,
                       bool (*add)(struct proxy_rules *rules, const char *entry, struct err *err),
                       struct err *err)
{
    char entry[ENTRY];
    while (*(text += strspn(text, between))) {
        size_t len = strcspn(text, between);
        if (len >= sizeof entry) return err_fail(err, INVALID_FIELD, "\"%.*s\" is too long", SHOWN, text);
        snprintf(entry, sizeof entry, "%.*s", (int)len, text);
        if (!add(rules, entry, err)) return false;
        text += len;
    }
    return true;
}

bool proxy_rules_parse(struct proxy_rules *rules, const char *text, struct err *err)
{
    return each_entry(rules, text, " \t", add_prefix, err);
}

bool proxy_rules_parse_targets(struct proxy_rules *rules, const char *text, struct err *err)
{
    return each_entry(rules, text, ", \t", add_target, err);
}

static size_t first_segment(const char *path) { return strcspn(path + 1, "/"); }

bool proxy_rules_check(const struct proxy_rules *rules, const struct routes *routes, struct err *err)
{
    size_t count;
    const struct route *all = routes_all(routes, &count);
    for (size_t p = 0; p < rules->prefixes_count; p++) {
        const char *path = rules->prefixes[p].path;
        size_t len = first_segment(path);
        for (size_t i = 0; i < count; i++)
            if (first_segment(all[i].path) == len && strncasecmp(all[i].path + 1, path + 1, len) == 0)
                return err_fail(err, INVALID_FIELD, "%s begins as %s does, which is Conse's", path,
                                all[i].path);
    }
    return true;
}

// ---- Use

const struct proxy_prefix *proxy_rules_find(const struct proxy_rules *rules, const char *path)
{
    const struct proxy_prefix *found = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < rules->prefixes_count; i++) {
        size_t len = strlen(rules->prefixes[i].path);
        if (len <= longest || strncmp(path, rules->prefixes[i].path, len) != 0) continue;
        found = &rules->prefixes[i];
        longest = len;
    }
    return found;
}

bool proxy_rules_find_target(const struct proxy_rules *rules, const char *authority, size_t *upstream)
{
    for (size_t i = 0; i < rules->targets_count; i++) {
        *upstream = rules->targets[i];
        if (strcasecmp(rules->upstreams[*upstream].authority, authority) == 0) return true;
    }
    return false;
}
