// The data, written from the replies: null rises to the next place where it may stand.
#include <string.h>

#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "lib/json/json.h"
#include "services/gateway/graphql/run/running.h"

bool message_has(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED) return true;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF &&
        *(const uint32_t *)((const char *)message + field->quantifier_offset) != field->id)
        return false;
    return field->type != PROTOBUF_C_TYPE_MESSAGE || *(void *const *)message_at(message, field);
}

void write_key(struct gql_run *run, uint32_t key, bool first, struct buf *out)
{
    const struct gql_name *name = gql_names_get(&run->document->names, key);
    char *room = buf_room(out, name->len + (first ? 3 : 4)), *at = room;
    if (!room) return;
    if (!first) *at++ = ',';
    *at++ = '"';
    memcpy(at, name->text, name->len);
    memcpy(at + name->len, "\":", 2);
}

static bool write_null(struct buf *out) { return buf_str(out, "null"), true; }

static bool write_fault(struct gql_run *run, const struct plan_field *field, const struct run_path *path,
                        const char *what)
{
    struct err err;
    err_fail(&err, INTERNAL_ERROR, "GraphQL: %s: %s", field->field->name, what);
    run_fail(run, field, path, &err);
    return false;
}

// ---- Values

static bool write_enum(struct gql_run *run, const struct plan_field *field, const struct gql_ref of,
                       const struct run_path *path, int value, struct buf *out)
{
    for (size_t i = 0; i < of.type->values_count; i++)
        if (of.type->values[i].number == value)
            return buf_printf(out, "\"%s\"", of.type->values[i].name), true;
    return of.wraps & GQL_REQUIRED ? write_fault(run, field, path, "an unknown value") : write_null(out);
}

static bool is_time(const ProtobufCFieldDescriptor *values)
{
    return values->descriptor == &google__protobuf__timestamp__descriptor ||
           values->descriptor == &google__protobuf__duration__descriptor;
}

static bool write_value(struct gql_run *run, struct plan_field *field, const struct gql_ref of,
                        const ProtobufCFieldDescriptor *values, const void *value,
                        const struct run_path *path, struct buf *out)
{
    if (values->type == PROTOBUF_C_TYPE_ENUM)
        return write_enum(run, field, of, path, *(const int *)value, out);
    if (values->type == PROTOBUF_C_TYPE_UINT32 && *(const uint32_t *)value > INT32_MAX)
        return write_fault(run, field, path, "more than an Int holds");
    if (values->type != PROTOBUF_C_TYPE_MESSAGE || is_time(values))
        return json_write_value(out, values, value), true;
    const struct plan_object *below = plan_below(run, field, of.type);
    return below && write_object(run, below, *(const ProtobufCMessage *const *)value, path, out);
}

// One that is null where it may be is null alone.
static bool write_item(struct gql_run *run, struct plan_field *field, const ProtobufCFieldDescriptor *values,
                       const void *value, const struct run_path *path, struct buf *out)
{
    bool required = field->field->of.wraps & GQL_ITEM_REQUIRED;
    struct gql_ref item = {field->field->of.type, required ? GQL_REQUIRED : 0};
    size_t from = out->len;
    if (write_value(run, field, item, values, value, path, out)) return true;
    out->len = from;
    return !required && write_null(out);
}

static bool write_list(struct gql_run *run, struct plan_field *field, const ProtobufCFieldDescriptor *values,
                       const ProtobufCMessage *message, const struct run_path *path, struct buf *out)
{
    const char *items = *(char *const *)message_at(message, values);
    size_t size = json_element_size(values->type);
    buf_char(out, '[');
    for (size_t i = 0; i < message_count(message, values); i++) {
        struct run_path item = {.outer = path, .index = i, .element = true};
        if (i) buf_char(out, ',');
        if (!write_item(run, field, values, items + i * size, &item, out)) return false;
    }
    buf_char(out, ']');
    return true;
}

static bool write_values(struct gql_run *run, struct plan_field *field,
                         const ProtobufCFieldDescriptor *values, const ProtobufCMessage *message,
                         const struct run_path *path, struct buf *out)
{
    if (!message_has(message, values)) return write_null(out);
    if (values->label == PROTOBUF_C_LABEL_REPEATED) return write_list(run, field, values, message, path, out);
    return write_value(run, field, field->field->of, values, message_at(message, values), path, out);
}

// ---- Questions

static bool write_reply(struct gql_run *run, struct plan_field *field, const struct question *question,
                        const struct run_path *path, struct buf *out)
{
    const struct gql_field *of = field->field;
    if (question->state == QUESTION_FAILED) return run_fail(run, field, path, question->err), false;
    if (question->state != QUESTION_GOOD) return write_fault(run, field, path, "not answered");
    if (of->field) return write_values(run, field, of->field, question->reply, path, out);
    const struct plan_object *below = plan_below(run, field, of->of.type);
    return below && write_object(run, below, question->reply, path, out);
}

static bool write_root(struct gql_run *run, struct plan_field *field, const struct run_path *path,
                       struct buf *out)
{
    if (field->refused) return run_fail(run, field, path, field->refused), false;
    if (!field->question) return write_fault(run, field, path, "no memory");
    return write_reply(run, field, field->question, path, out);
}

static bool write_link(struct gql_run *run, struct plan_field *field, const ProtobufCMessage *message,
                       const struct run_path *path, struct buf *out)
{
    if (field->refused) return run_fail(run, field, path, field->refused), false;
    if (!*schema_text(message, field->field->link->field)) return write_null(out);
    const struct question *question = run_link(run, field, message);
    return question ? write_reply(run, field, question, path, out)
                    : write_fault(run, field, path, "no memory");
}

// ---- What is beside packed bytes

static const struct gql_type *member_type(const struct gql_type *type, const ProtobufCFieldDescriptor *member)
{
    for (size_t i = 0; i < type->members_count; i++)
        if (type->members[i]->message == member->descriptor) return type->members[i];
    return NULL;
}

static bool write_member(struct gql_run *run, struct plan_field *field, const ProtobufCMessage *packed,
                         const struct run_path *path, struct buf *out)
{
    const ProtobufCFieldDescriptor *member = run_member(packed);
    const struct gql_type *type = member ? member_type(field->field->of.type, member) : NULL;
    const struct plan_object *below = type ? plan_below(run, field, type) : NULL;
    if (!below) return write_null(out); // an entry of a newer program
    return write_object(run, below, *(ProtobufCMessage *const *)message_at(packed, member), path, out);
}

static bool write_beside(struct gql_run *run, struct plan_field *field, const ProtobufCMessage *message,
                         const struct run_path *path, struct buf *out)
{
    const ProtobufCMessage *packed = run_unpack(run, message);
    if (!packed) return write_null(out);
    if (!field->field->field) return write_member(run, field, packed, path, out);
    return write_values(run, field, field->field->field, packed, path, out);
}

// ---- Pages

static bool write_page_info(struct gql_run *run, struct plan_field *field, const ProtobufCMessage *message,
                            struct buf *out)
{
    const char *token = message_text(message, field->field->field);
    const struct plan_object *below = plan_below(run, field, field->field->of.type);
    buf_char(out, '{');
    for (struct plan_field *each = below ? below->fields : NULL; each; each = each->next) {
        write_key(run, each->key, each == below->fields, out);
        if (each->field->source == GQL_HAS_NEXT)
            buf_str(out, *token ? "true" : "false");
        else if (each->field->source == GQL_TYPENAME)
            buf_printf(out, "\"%s\"", below->type->name);
        else if (*token)
            json_write_text(out, token);
        else
            buf_str(out, "null");
    }
    buf_char(out, '}');
    return true;
}

// ---- Objects

static bool write_source(struct gql_run *run, const struct plan_object *object, struct plan_field *field,
                         const ProtobufCMessage *message, const struct run_path *path, struct buf *out)
{
    switch (field->field->source) {
    case GQL_FIELD:
        return write_values(run, field, field->field->field, message, path, out);
    case GQL_LINK:
        return write_link(run, field, message, path, out);
    case GQL_BESIDE:
        return write_beside(run, field, message, path, out);
    case GQL_PAGE_INFO:
        return write_page_info(run, field, message, out);
    case GQL_ROOT:
        return write_root(run, field, path, out);
    case GQL_DONE:
        return buf_str(out, "true"), true;
    case GQL_TYPENAME:
        return buf_printf(out, "\"%s\"", object->type->name), true;
    case GQL_SCHEMA:
        return write_meta_root(run, field, out), true;
    case GQL_STREAM:
        return write_stream(run, field, path, out);
    case GQL_TOLD:
        return write_told(run, field, path, out);
    default:
        return write_fault(run, field, path, "no source");
    }
}

static bool write_field(struct gql_run *run, const struct plan_object *object, struct plan_field *field,
                        const ProtobufCMessage *message, const struct run_path *path, struct buf *out)
{
    size_t from = out->len;
    if (write_source(run, object, field, message, path, out)) return true;
    out->len = from;
    return !(field->field->of.wraps & GQL_REQUIRED) && write_null(out);
}

bool write_object(struct gql_run *run, const struct plan_object *object, const ProtobufCMessage *message,
                  const struct run_path *path, struct buf *out)
{
    buf_char(out, '{');
    for (struct plan_field *field = object->fields; field; field = field->next) {
        struct run_path inner = {.outer = path, .key = field->key};
        write_key(run, field->key, field == object->fields, out);
        if (!write_field(run, object, field, message, &inner, out)) return false;
    }
    buf_char(out, '}');
    return true;
}
