// A message's fields by their place in its descriptor, as passports name them.
#include <assert.h>

#include "lib/base/schema.h"

static const void *schema_field_at(const ProtobufCMessage *message, uint8_t field, ProtobufCType type)
{
    assert(field && field <= message->descriptor->n_fields &&
           message->descriptor->fields[field - 1].type == type);
    (void)type;
    return (const char *)message + message->descriptor->fields[field - 1].offset;
}

const char *schema_text(const ProtobufCMessage *message, uint8_t field)
{
    return *(const char *const *)schema_field_at(message, field, PROTOBUF_C_TYPE_STRING);
}
