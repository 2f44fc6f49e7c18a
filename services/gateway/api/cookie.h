// Cookies by which a browser keeps its session: read by no script, sent to /auth alone, by pages of this
// origin alone. Pure.
#ifndef GATEWAY_API_COOKIE_H
#define GATEWAY_API_COOKIE_H

#include "lib/base/arena.h"
#include "lib/schema/schema.h"

// What becomes of a field in a session that is kept in cookies.
enum cookie_kind {
    COOKIE_NONE, // it travels in bodies
    COOKIE_KEPT, // good for many calls
    COOKIE_USED, // good for one: an answer without another one, or 401, takes the cookie away
};

// Of a method's request or reply: "auth.Refresh", "refresh_token".
enum cookie_kind cookie_of(const char *method, const char *field);
bool cookie_has(const struct schema_method *method); // whether one of its fields may be in a cookie

// Whether the pair ("name=value") of a Cookie or Set-Cookie header has the name of one of these.
bool cookie_is_ours(const char *pair);
// Of the field with this name, from a Cookie header; NULL when it has none, or an empty one.
const char *cookie_find(const char *header, const char *field, struct arena *arena);
// A Set-Cookie header. "" takes the cookie away. NULL without memory, or when the text cannot be in a cookie.
const char *cookie_make(const char *field, const char *text, struct arena *arena);

#endif
