#include "services/gateway/api/target.h"

#include <string.h>

#include "lib/base/text.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Decodes in place; false for a bad escape or an escaped NUL.
static bool target_unescape(char *text, bool plus_is_space)
{
    char *out = text;
    for (const char *in = text; *in; in++) {
        if (*in != '%') {
            *out++ = plus_is_space && *in == '+' ? ' ' : *in;
            continue;
        }
        int high = hex_digit(in[1]), low = high < 0 ? -1 : hex_digit(in[2]);
        if (low < 0 || (high | low) == 0) return false;
        *out++ = (char)(high << 4 | low);
        in += 2;
    }
    *out = 0;
    return true;
}

static bool target_decode(char *text, bool plus_is_space)
{
    return target_unescape(text, plus_is_space) && text_is_utf8(text, strlen(text));
}

static bool target_malformed(struct err *err, const char *what)
{
    return err_fail(err, MALFORMED, "%s", what);
}

static bool parse_path(char *path, struct target *target, struct err *err)
{
    char *at = path + 1;
    if (*path != '/') return target_malformed(err, "the target must be a path");
    for (target->segment_count = 0; *at; target->segment_count++) {
        char *slash = strchrnul(at, '/');
        bool last = *slash == 0;
        // An empty or surplus segment matches no route.
        if (target->segment_count == TARGET_MAX_SEGMENTS)
            return err_fail(err, NO_ROUTE, "there is no such route");
        *slash = 0;
        if (!target_decode(at, false))
            return target_malformed(err, "the path has a bad escape or is not UTF-8");
        target->segments[target->segment_count] = at;
        if (!last && slash[1] == 0) return err_fail(err, NO_ROUTE, "there is no such route");
        at = last ? slash : slash + 1;
    }
    return true;
}

static bool parse_query(char *query, struct target *target, struct err *err)
{
    for (char *next; query; query = next) {
        char *end = strchr(query, '&');
        next = end ? end + 1 : NULL;
        if (end) *end = 0;
        if (*query == 0) continue;
        char *value = strchr(query, '=');
        if (value)
            *value++ = 0;
        else
            value = query + strlen(query);
        if (!target_decode(query, true) || !target_decode(value, true))
            return target_malformed(err, "the query has a bad escape or is not UTF-8");
        if (target->parameter_count == TARGET_MAX_PARAMETERS)
            return target_malformed(err, "the query has too many parameters");
        target->parameters[target->parameter_count++] = (struct target_parameter){query, value};
    }
    return true;
}

// "http://host/path" counts as "/path".
static const char *origin_form(const char *raw)
{
    if (strncmp(raw, "http://", 7) != 0 && strncmp(raw, "https://", 8) != 0) return raw;
    const char *path = strchr(strstr(raw, "//") + 2, '/');
    return path ? path : "/";
}

bool target_parse(const char *raw, struct target *target, struct arena *arena, struct err *err)
{
    raw = origin_form(raw);
    size_t path_len = strcspn(raw, "?#");
    target->segment_count = target->parameter_count = 0;
    target->path = arena_strn(arena, raw, path_len);
    char *path = arena_strn(arena, raw, path_len);
    char *query = raw[path_len] == '?' ? arena_str(arena, raw + path_len + 1) : NULL;
    if (arena->failed) return err_fail(err, INTERNAL_ERROR, "no memory for the target");
    for (const char *p = raw; *p; p++)
        if ((unsigned char)*p <= 0x20 || *p == 0x7f || *p == '#')
            return target_malformed(err, "the target has a space, a fragment or a control character");
    return parse_path(path, target, err) && parse_query(query, target, err);
}
