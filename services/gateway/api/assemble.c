#include "services/gateway/api/assemble.h"

#include <string.h>

#include "lib/json/json.h"
#include "services/gateway/api/wire.h"

static bool is_param(const struct assembly *assembly, const char *name)
{
    for (size_t i = 0; assembly->param_names[i]; i++)
        if (strcmp(assembly->param_names[i], name) == 0) return true;
    return false;
}

static bool refuse_param(const struct assembly *assembly, const ProtobufCMessage *message, struct err *err)
{
    for (size_t i = 0; assembly->param_names[i]; i++) {
        const char *name = assembly->param_names[i];
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
        if (**(const char *const *)((const char *)message + field->offset))
            return err_field(err, MALFORMED, name, "%s is given by the path", name);
    }
    return true;
}

static bool from_protobuf(const struct assembly *assembly, struct arena *arena, ProtobufCMessage **message,
                          struct err *err)
{
    const ProtobufCMessageDescriptor *type = assembly->method->request;
    if (!wire_check(type, assembly->body, assembly->body_len, err)) return false;
    *message = protobuf_c_message_unpack(type, &arena->allocator, assembly->body_len, assembly->body);
    if (!*message) return err_fail(err, MALFORMED, "the body is not protobuf");
    return refuse_param(assembly, *message, err);
}

static bool from_raw(const struct assembly *assembly, ProtobufCMessage *message)
{
    const ProtobufCBinaryData body = {assembly->body_len, (uint8_t *)assembly->body};
    schema_set_bytes(message, assembly->method->raw_body.body, body);
    return true;
}

static void take_headers(const struct assembly *assembly, ProtobufCMessage *message)
{
    const struct schema_header *header = assembly->method->raw_body.headers;
    for (size_t i = 0; header && header[i].name; i++)
        if (assembly->headers[i]) schema_set_text(message, header[i].field, assembly->headers[i]);
}

static bool take_body(const struct assembly *assembly, struct arena *arena, ProtobufCMessage **message,
                      struct err *err)
{
    if (assembly->body_len == 0) return true;
    if (!assembly->takes_body) return err_fail(err, MALFORMED, "this request takes no body");
    if (assembly->method->raw_body.body) return from_raw(assembly, *message);
    if (assembly->media == MEDIA_PROTOBUF) return from_protobuf(assembly, arena, message, err);
    return json_parse(assembly->body, assembly->body_len, *message, assembly->param_names, arena, err);
}

static bool take_params(const struct assembly *assembly, struct arena *arena, ProtobufCMessage *message,
                        struct err *err)
{
    for (size_t i = 0; assembly->param_names[i]; i++)
        if (!json_set(message, assembly->param_names[i], assembly->param_values[i], arena, err)) return false;
    return true;
}

static bool seen_before(const struct target *target, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(target->parameters[i].name, target->parameters[at].name) == 0) return true;
    return false;
}

static bool take_query(const struct assembly *assembly, struct arena *arena, ProtobufCMessage *message,
                       struct err *err)
{
    const struct target *target = assembly->target;
    for (size_t i = 0; i < target->parameter_count; i++) {
        const struct target_parameter *p = &target->parameters[i];
        if (assembly->takes_body)
            return err_field(err, MALFORMED, p->name, "this request has no query parameters");
        if (is_param(assembly, p->name))
            return err_field(err, MALFORMED, p->name, "%s is given by the path", p->name);
        if (seen_before(target, i)) return err_field(err, MALFORMED, p->name, "%s is given twice", p->name);
        if (!json_set(message, p->name, p->value, arena, err)) return false;
    }
    return true;
}

bool assemble(const struct assembly *assembly, struct arena *arena, ProtobufCMessage **out, struct err *err)
{
    *out = json_message_new(assembly->method->request, arena);
    if (!*out) return err_fail(err, BODY_TOO_LARGE, "the request needs too much memory");
    take_headers(assembly, *out);
    bool ok = take_body(assembly, arena, out, err) && take_params(assembly, arena, *out, err) &&
              take_query(assembly, arena, *out, err);
    if (ok) schema_lower_ids(*out);
    if (ok && arena->failed) return err_fail(err, BODY_TOO_LARGE, "the request needs too much memory");
    return ok;
}
