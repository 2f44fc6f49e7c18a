#include "services/gateway/api/cookie.h"

#include <string.h>

#define PREFIX "__Secure-conse-" // browsers take such cookies only from TLS, or from the same machine

enum { KEPT_S = 180 * 24 * 3600 }; // as long as the longest of them is good; the service knows when each ends

enum cookie_kind cookie_of(const char *method, const char *field)
{
    if (strncmp(method, "auth.", 5) != 0) return COOKIE_NONE;
    if (strcmp(field, "refresh_token") == 0) return COOKIE_USED;
    return strcmp(field, "device_token") == 0 ? COOKIE_KEPT : COOKIE_NONE;
}

bool cookie_has(const struct schema_method *method)
{
    const ProtobufCMessageDescriptor *const types[] = {method->request, method->reply};
    for (size_t t = 0; t < 2; t++)
        for (unsigned i = 0; i < types[t]->n_fields; i++)
            if (cookie_of(method->name, types[t]->fields[i].name)) return true;
    return false;
}

// A browser gives a cookie without a name back as its value alone, which may look like another one.
bool cookie_is_ours(const char *pair)
{
    return strncmp(pair + strspn(pair, "= \t"), PREFIX, strlen(PREFIX)) == 0;
}

const char *cookie_find(const char *header, const char *field, struct arena *arena)
{
    size_t prefix = strlen(PREFIX), len = strlen(field);
    for (const char *at = header; at && *at; at += strcspn(at, ";")) {
        at += strspn(at, "; \t");
        if (strncmp(at, PREFIX, prefix) != 0 || strncmp(at + prefix, field, len) != 0) continue;
        const char *text = at + prefix + len;
        if (*text++ != '=') continue;
        size_t text_len = strcspn(text, "; \t");
        return text_len ? arena_strn(arena, text, text_len) : NULL;
    }
    return NULL;
}

// What RFC 6265 lets a cookie's value have, without quotes around it.
static bool cookie_may_have(const char *text)
{
    for (const char *c = text; *c; c++)
        if (*c <= 0x20 || *c == 0x7f || strchr("\",;\\", *c)) return false;
    return true;
}

const char *cookie_make(const char *field, const char *text, struct arena *arena)
{
    if (!cookie_may_have(text)) return NULL;
    return arena_printf(arena, PREFIX "%s=%s; Path=/auth; Max-Age=%d; HttpOnly; Secure; SameSite=Strict",
                        field, text, *text ? KEPT_S : 0);
}
