#include "services/gateway/call/cookies.h"

#include <string.h>

#include "services/gateway/api/cookie.h"
#include "services/gateway/call/call.h"

static bool cookies_wanted(const struct call *call)
{
    const char *asked = call->http->headers.conse_session;
    return asked && strcmp(asked, "cookie") == 0;
}

static void fill_field(struct call *call, ProtobufCMessage *request, unsigned i)
{
    const char *name = request->descriptor->fields[i].name;
    const enum cookie_kind kind = cookie_of(call->method->name, name);
    if (kind == COOKIE_NONE) return;
    if (*schema_text(request, (uint8_t)(i + 1))) return;
    const char *text = cookie_find(call->http->headers.cookie, name, &call->arena);
    if (!text) return;
    schema_set_text(request, (uint8_t)(i + 1), text);
    if (kind == COOKIE_USED) call->cookies.used = name;
}

bool cookies_fill(struct call *call, ProtobufCMessage *request, struct err *err)
{
    if (!call->http->headers.conse_session || !cookie_has(call->method)) return true;
    if (!cookies_wanted(call))
        return err_field(err, INVALID_FIELD, "Conse-Session", "is \"cookie\", or not there");
    for (unsigned i = 0; i < request->descriptor->n_fields; i++) fill_field(call, request, i);
    return true;
}

static bool add_cookie(struct call *call, const char *field, const char *text)
{
    const char *made = cookie_make(field, text, &call->arena);
    if (!made || call->cookies.count == COOKIES_MOST) return false;
    call->cookies.set[call->cookies.count++] = made;
    if (call->cookies.used && strcmp(call->cookies.used, field) == 0) call->cookies.used = NULL;
    return true;
}

// *taken: the message is another one now.
static bool take_fields(struct call *call, ProtobufCMessage *reply, bool *taken)
{
    for (unsigned i = 0; i < reply->descriptor->n_fields; i++) {
        const char *name = reply->descriptor->fields[i].name;
        if (cookie_of(call->method->name, name) == COOKIE_NONE) continue;
        const char *text = schema_text(reply, (uint8_t)(i + 1));
        if (!*text) continue;
        if (!add_cookie(call, name, text)) return false;
        schema_set_text(reply, (uint8_t)(i + 1), "");
        *taken = true;
    }
    return true;
}

bool cookies_take(struct call *call, const uint8_t **bytes, size_t *len)
{
    bool taken = false;
    if (!cookies_wanted(call)) return true;
    ProtobufCMessage *reply =
        protobuf_c_message_unpack(call->method->reply, &call->arena.allocator, *len, *bytes);
    if (!reply || !take_fields(call, reply, &taken)) return false;
    cookies_forget(call);
    if (!taken) return true;
    uint8_t *packed = arena_alloc(&call->arena, protobuf_c_message_get_packed_size(reply));
    if (!packed) return false;
    *len = protobuf_c_message_pack(reply, packed);
    *bytes = packed;
    return true;
}

void cookies_forget(struct call *call)
{
    if (call->cookies.used) add_cookie(call, call->cookies.used, "");
}

void cookies_add(const struct call *call, struct http_answer *answer)
{
    for (size_t i = 0; i < call->cookies.count; i++)
        http_answer_add(answer, "Set-Cookie", call->cookies.set[i]);
}
