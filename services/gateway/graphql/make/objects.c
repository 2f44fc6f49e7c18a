// Types of what is given, from messages.
#include <ctype.h>

#include "services/gateway/graphql/make/making.h"

static bool is_member(const ProtobufCFieldDescriptor *field)
{
    return field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
}

static struct gql_ref object_ref(struct making *making, const ProtobufCFieldDescriptor *field)
{
    struct gql_ref ref = making_value(making, field, false);
    if (field->label == PROTOBUF_C_LABEL_REPEATED) ref.wraps = GQL_LIST | GQL_ITEM_REQUIRED | GQL_REQUIRED;
    if (is_member(field)) ref.wraps = 0;
    return ref;
}

static struct gql_field object_field(struct making *making, const ProtobufCMessageDescriptor *type,
                                     unsigned place)
{
    const ProtobufCFieldDescriptor *field = &type->fields[place];
    return (struct gql_field){.name = name_camel(making, field->name),
                              .doc = making_doc(type, place),
                              .of = object_ref(making, field),
                              .source = GQL_FIELD,
                              .field = field};
}

// ---- What packed bytes hold

static bool is_all_members(const ProtobufCMessageDescriptor *type)
{
    for (unsigned i = 0; i < type->n_fields; i++)
        if (is_member(&type->fields[i]) && type->fields[i].type != PROTOBUF_C_TYPE_MESSAGE) return false;
    return true;
}

static const struct gql_type *making_union(struct making *making, const ProtobufCMessageDescriptor *packed,
                                           const char *beside)
{
    struct gql_type *type = making_find(making, GQL_UNION, packed);
    if (type) return type;
    char *name = arena_printf(making->arena, "%s%c%s", name_message(making, packed),
                              toupper((unsigned char)beside[0]), beside + 1);
    type = making_add(making, GQL_UNION, name, packed);
    if (!is_all_members(packed)) making_refuse(making, "a union is of messages", packed->name);
    type->members = making_alloc(making, packed->n_fields, sizeof *type->members);
    for (unsigned i = 0; i < packed->n_fields; i++)
        if (is_member(&packed->fields[i]))
            type->members[type->members_count++] =
                (struct gql_type *)making_object(making, packed->fields[i].descriptor, NULL);
    return type;
}

static struct gql_field beside_field(struct making *making, const struct schema_packed *packed,
                                     const struct schema_beside *beside)
{
    struct gql_field field = {.name = name_camel(making, beside->name), .source = GQL_BESIDE};
    if (!beside->field) {
        field.of.type = making_union(making, packed->packed, beside->name);
        return field;
    }
    field.field = &packed->packed->fields[beside->field - 1];
    field.of = making_value(making, field.field, false);
    if (name_is_id(beside->name)) field.of.type = making_scalar(making, "ID");
    field.of.wraps = 0; // the bytes may be none
    field.doc = making_doc(packed->packed, beside->field - 1U);
    return field;
}

// ---- Links

static struct gql_field link_field(struct making *making, const struct schema_link *link)
{
    struct gql_field field = {.name = name_camel(making, link->name), .source = GQL_LINK, .link = link};
    const struct route *route = making_route(making, link->method);
    if (!route) return making_refuse(making, "a link to what has no route", link->method), field;
    field.route = route;
    field.doc = *route->method->doc ? route->method->doc : NULL;
    making_reply(making, &field, route);
    making_arguments(making, &field, route->method, link, NULL);
    return field;
}

// ---- Objects

static size_t object_most(const ProtobufCMessageDescriptor *message)
{
    size_t most = message->n_fields + 1;
    const struct schema_packed *packed = schema_packed(message);
    for (size_t i = 0; packed && packed->beside[i].name; i++) most++;
    const struct schema_link *link = schema_links(message);
    for (; link && link->name; link++) most++;
    return most;
}

// A type needs a field, and GraphQL has no objects without.
static struct gql_field empty_field(struct making *making)
{
    return (struct gql_field){.name = "empty",
                              .doc = "There is nothing else to tell.",
                              .of = {making_scalar(making, "Boolean"), GQL_REQUIRED},
                              .source = GQL_DONE};
}

static void object_fill(struct making *making, struct gql_type *type,
                        const ProtobufCMessageDescriptor *message)
{
    const struct schema_packed *packed = schema_packed(message);
    for (unsigned i = 0; i < message->n_fields; i++) {
        type->fields[type->fields_count++] = object_field(making, message, i);
        for (size_t b = 0; packed && packed->field == i + 1 && packed->beside[b].name; b++)
            type->fields[type->fields_count++] = beside_field(making, packed, &packed->beside[b]);
        for (const struct schema_link *link = schema_links(message); link && link->name; link++)
            if (link->field == i + 1) type->fields[type->fields_count++] = link_field(making, link);
    }
    if (type->fields_count == 0) type->fields[type->fields_count++] = empty_field(making);
}

const struct gql_type *making_object(struct making *making, const ProtobufCMessageDescriptor *message,
                                     const char *name)
{
    const struct schema_message *known = schema_message(message);
    struct gql_type *type = making_find(making, GQL_OBJECT, message);
    if (type) return type;
    type = making_add(making, GQL_OBJECT, name ? name : name_message(making, message), message);
    type->message = message;
    type->doc = known && *known->doc ? known->doc : NULL;
    type->fields = making_alloc(making, object_most(message), sizeof *type->fields);
    object_fill(making, type, message);
    return type;
}
