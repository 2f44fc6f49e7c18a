#include "lib/schema/known.h"

static bool value_is_known(const ProtobufCFieldDescriptor *field, const void *member)
{
    if (field->type == PROTOBUF_C_TYPE_ENUM)
        return protobuf_c_enum_descriptor_get_value(field->descriptor, *(const int *)member);
    const ProtobufCMessage *within = *(ProtobufCMessage *const *)member;
    return !within || message_is_known(within);
}

static bool all_are_known(const ProtobufCFieldDescriptor *field, const char *message)
{
    size_t count = *(const size_t *)(message + field->quantifier_offset);
    size_t size = field->type == PROTOBUF_C_TYPE_ENUM ? sizeof(int) : sizeof(ProtobufCMessage *);
    const char *first = *(const char *const *)(message + field->offset);
    for (size_t i = 0; i < count; i++)
        if (!value_is_known(field, first + i * size)) return false;
    return true;
}

static bool field_is_known(const ProtobufCFieldDescriptor *field, const char *message)
{
    bool may_hold_more = field->type == PROTOBUF_C_TYPE_ENUM || field->type == PROTOBUF_C_TYPE_MESSAGE;
    bool another = field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF &&
                   *(const uint32_t *)(message + field->quantifier_offset) != field->id;
    if (!may_hold_more || another) return true;
    return field->label == PROTOBUF_C_LABEL_REPEATED ? all_are_known(field, message)
                                                     : value_is_known(field, message + field->offset);
}

bool message_is_known(const ProtobufCMessage *message)
{
    if (message->n_unknown_fields) return false;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++)
        if (!field_is_known(&message->descriptor->fields[i], (const char *)message)) return false;
    return true;
}
