// The type of one value, from its field.
#include <string.h>

#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "services/gateway/graphql/make/making.h"

static struct gql_ref making_enum(struct making *making, const ProtobufCEnumDescriptor *origin)
{
    struct gql_type *type = making_find(making, GQL_ENUM, origin);
    if (type) return (struct gql_ref){type, 0};
    type = making_add(making, GQL_ENUM, name_enum(making, origin), origin);
    type->enumeration = origin;
    type->values = making_alloc(making, origin->n_values, sizeof *type->values);
    for (unsigned i = 0; i < origin->n_values; i++)
        if (origin->values[i].value != 0)
            type->values[type->values_count++] =
                (struct gql_enum_value){.name = origin->values[i].name, .number = origin->values[i].value};
    return (struct gql_ref){type, 0};
}

static struct gql_ref making_message(struct making *making, const ProtobufCMessageDescriptor *type,
                                     bool taken)
{
    if (type == &google__protobuf__timestamp__descriptor)
        return (struct gql_ref){making_scalar(making, "DateTime"), 0};
    if (type == &google__protobuf__duration__descriptor)
        return (struct gql_ref){making_scalar(making, "Duration"), 0};
    return (struct gql_ref){taken ? making_input(making, type) : making_object(making, type, NULL), 0};
}

static const char *number_name(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return "UInt64";
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return "Int64";
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return "Float";
    default:
        return "Int";
    }
}

// Messages and enums may be unset; the rest always has a value.
struct gql_ref making_value(struct making *making, const ProtobufCFieldDescriptor *field, bool taken)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        return making_message(making, field->descriptor, taken);
    case PROTOBUF_C_TYPE_ENUM:
        return making_enum(making, field->descriptor);
    case PROTOBUF_C_TYPE_STRING:
        return (struct gql_ref){making_scalar(making, name_is_id(field->name) ? "ID" : "String"),
                                GQL_REQUIRED};
    case PROTOBUF_C_TYPE_BYTES:
        return (struct gql_ref){making_scalar(making, "Bytes"), GQL_REQUIRED};
    case PROTOBUF_C_TYPE_BOOL:
        return (struct gql_ref){making_scalar(making, "Boolean"), GQL_REQUIRED};
    default:
        return (struct gql_ref){making_scalar(making, number_name(field->type)), GQL_REQUIRED};
    }
}

const char *making_doc(const ProtobufCMessageDescriptor *type, unsigned field)
{
    const struct schema_message *known = schema_message(type);
    return known && *known->fields[field].doc ? known->fields[field].doc : NULL;
}
