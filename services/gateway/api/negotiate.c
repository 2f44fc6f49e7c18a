#include "services/gateway/api/negotiate.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char json[] = "application/json", protobuf[] = "application/x-protobuf";

// One element of a comma-separated header: its value without parameters, and its weight in thousandths.
struct element {
    const char *value;
    size_t len;
    const char *parameters; // up to `end`
    const char *end;
    int weight;
};

// "0.8" as 800; what is no number from 0 to 1 counts as the nearer bound.
static int negotiate_thousandths(const char *text)
{
    double weight = strtod(text, NULL);
    return weight >= 1 ? 1000 : weight > 0 ? (int)(weight * 1000) : 0;
}

static int weight_of(const char *at, const char *end)
{
    for (; at < end; at++) {
        if (*at != ';') continue;
        const char *name = at + 1 + strspn(at + 1, " \t");
        if ((*name == 'q' || *name == 'Q') && name[1] == '=') return negotiate_thousandths(name + 2);
    }
    return 1000;
}

static bool next_element(const char **at, struct element *element)
{
    *at += strspn(*at, ", \t");
    if (**at == 0) return false;
    element->value = *at;
    element->end = *at + strcspn(*at, ",");
    element->len = strcspn(*at, ";, \t");
    element->parameters = element->value + element->len;
    element->weight = weight_of(element->parameters, element->end);
    *at = element->end;
    return true;
}

static bool negotiate_is(const struct element *element, const char *text)
{
    return element->len == strlen(text) && strncasecmp(element->value, text, element->len) == 0;
}

// The weight that the header gives a type: its most specific range decides.
static int weight_for(const char *accept, const char *type)
{
    struct element element;
    int weight = 0, rank = 0;
    while (next_element(&accept, &element)) {
        int found = negotiate_is(&element, type)              ? 3
                    : negotiate_is(&element, "application/*") ? 2
                    : negotiate_is(&element, "*/*")           ? 1
                                                              : 0;
        if (found > rank) rank = found, weight = element.weight;
    }
    return weight;
}

enum media negotiate_accept(const char *accept)
{
    if (!accept || strcmp(accept, "*/*") == 0) return MEDIA_JSON;
    int as_json = weight_for(accept, json), as_protobuf = weight_for(accept, protobuf);
    if (as_json <= 0 && as_protobuf <= 0) return MEDIA_NONE;
    return as_protobuf > as_json ? MEDIA_PROTOBUF : MEDIA_JSON;
}

static int weight_named(const char *accept, const char *type)
{
    struct element element;
    int named = 0;
    for (const char *at = accept; at && next_element(&at, &element);)
        if (negotiate_is(&element, type)) named = element.weight;
    return named;
}

// What stands for any type stands for JSON, which every client reads.
enum media negotiate_graphql(const char *accept)
{
    int as_json = accept ? weight_for(accept, json) : 1;
    int named = weight_named(accept, "application/graphql-response+json");
    int events = weight_named(accept, "text/event-stream");
    if (events > as_json && events > named) return MEDIA_EVENTS;
    if (named <= 0 && as_json <= 0) return MEDIA_NONE;
    return named > 0 && named >= as_json ? MEDIA_GRAPHQL : MEDIA_JSON;
}

bool negotiate_html(const char *accept)
{
    int html = weight_named(accept, "text/html");
    return html > 0 && html > weight_for(accept, json);
}

// Whether a Content-Type is exactly the type: a list, or text behind it, is not.
static bool is_type(const char *content_type, const char *type)
{
    size_t len = strlen(type);
    if (!content_type || strchr(content_type, ',') || strncasecmp(content_type, type, len) != 0) return false;
    const char *rest = content_type + len + strspn(content_type + len, " \t");
    return *rest == 0 || *rest == ';';
}

static bool is_utf8(const char *value)
{
    static const char *const names[] = {"utf-8", "\"utf-8\"", "utf8"};
    size_t len = strcspn(value, "; \t");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (len == strlen(names[i]) && strncasecmp(value, names[i], len) == 0) return true;
    return false;
}

static bool charset_is_utf8(const char *content_type)
{
    for (const char *at = strchr(content_type, ';'); at; at = strchr(at, ';')) {
        at += 1 + strspn(at + 1, " \t");
        if (strncasecmp(at, "charset=", 8) == 0) return is_utf8(at + 8);
    }
    return true;
}

enum media negotiate_content_type(const char *content_type)
{
    if (is_type(content_type, protobuf)) return MEDIA_PROTOBUF;
    return is_type(content_type, json) && charset_is_utf8(content_type) ? MEDIA_JSON : MEDIA_NONE;
}

bool negotiate_is_one_of(const char *content_type, const char *const *types)
{
    for (; *types; types++)
        if (is_type(content_type, *types)) return true;
    return is_type(content_type, "application/octet-stream");
}

// Weights of an Accept-Encoding header; -1: it is not named.
struct codings {
    int gzip, brotli, identity, any;
};

static struct codings negotiate_codings(const char *accept_encoding)
{
    struct codings codings = {-1, -1, -1, -1};
    struct element element;
    while (accept_encoding && next_element(&accept_encoding, &element)) {
        if (negotiate_is(&element, "gzip") || negotiate_is(&element, "x-gzip"))
            codings.gzip = element.weight;
        else if (negotiate_is(&element, "br"))
            codings.brotli = element.weight;
        else if (negotiate_is(&element, "identity"))
            codings.identity = element.weight;
        else if (negotiate_is(&element, "*"))
            codings.any = element.weight;
    }
    return codings;
}

// When the header names neither, plain bytes are acceptable, but no better than anything.
bool negotiate_gzip(const char *accept_encoding)
{
    struct codings codings = negotiate_codings(accept_encoding);
    int gzip = codings.gzip < 0 ? codings.any : codings.gzip;
    return gzip > 0 && gzip >= codings.identity;
}

bool negotiate_brotli(const char *accept_encoding)
{
    struct codings codings = negotiate_codings(accept_encoding);
    return codings.brotli > 0 && codings.brotli >= codings.identity && codings.brotli >= codings.gzip;
}

bool negotiate_matches(const char *if_none_match, const char *etag)
{
    size_t len = strlen(etag);
    for (const char *at = if_none_match; at && *at; at += strcspn(at, ",")) {
        at += strspn(at, ", \t");
        if (*at == '*') return true;
        if (strncmp(at, "W/", 2) == 0) at += 2;
        if (strncmp(at, etag, len) == 0 && strspn(at + len, " \t") == strcspn(at + len, ",")) return true;
    }
    return false;
}
