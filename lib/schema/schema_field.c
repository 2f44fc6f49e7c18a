// A message's fields by their place in its descriptor, as passports name them.
#include <assert.h>

#include "lib/schema/schema.h"

static const ProtobufCFieldDescriptor *schema_field_of(const ProtobufCMessage *message, uint8_t field)
{
    assert(field && field <= message->descriptor->n_fields);
    return &message->descriptor->fields[field - 1];
}

static void *schema_field_at(const ProtobufCMessage *message, uint8_t field, ProtobufCType type)
{
    const ProtobufCFieldDescriptor *found = schema_field_of(message, field);
    assert(found->type == type);
    (void)type;
    return (char *)message + found->offset;
}

const char *schema_text(const ProtobufCMessage *message, uint8_t field)
{
    return *(const char *const *)schema_field_at(message, field, PROTOBUF_C_TYPE_STRING);
}

ProtobufCBinaryData schema_bytes(const ProtobufCMessage *message, uint8_t field)
{
    return *(const ProtobufCBinaryData *)schema_field_at(message, field, PROTOBUF_C_TYPE_BYTES);
}

void schema_set_bytes(ProtobufCMessage *message, uint8_t field, ProtobufCBinaryData bytes)
{
    *(ProtobufCBinaryData *)schema_field_at(message, field, PROTOBUF_C_TYPE_BYTES) = bytes;
}

void schema_set_text(ProtobufCMessage *message, uint8_t field, const char *text)
{
    *(const char **)schema_field_at(message, field, PROTOBUF_C_TYPE_STRING) = text;
}

bool schema_is_true(const ProtobufCMessage *message, uint8_t field)
{
    return *(const protobuf_c_boolean *)schema_field_at(message, field, PROTOBUF_C_TYPE_BOOL);
}

size_t schema_count(const ProtobufCMessage *message, uint8_t field)
{
    const ProtobufCFieldDescriptor *list = schema_field_of(message, field);
    assert(list->label == PROTOBUF_C_LABEL_REPEATED);
    return *(const size_t *)((const char *)message + list->quantifier_offset);
}

bool schema_has(const ProtobufCMessage *message, uint8_t field)
{
    return *(ProtobufCMessage *const *)schema_field_at(message, field, PROTOBUF_C_TYPE_MESSAGE);
}

ProtobufCMessage *schema_take_message(ProtobufCMessage *message, uint8_t field)
{
    ProtobufCMessage **at = schema_field_at(message, field, PROTOBUF_C_TYPE_MESSAGE), *taken = *at;
    *at = NULL;
    return taken;
}
