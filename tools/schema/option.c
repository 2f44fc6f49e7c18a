#include "tools/schema/option.h"

enum { RULE = 50001, PASSPORT = 50002, PACKED = 50003, STREAM = 50003 };

static const ProtobufCMessageUnknownField *option_find(const ProtobufCMessage *options, uint32_t tag)
{
    for (unsigned i = options ? options->n_unknown_fields : 0; i > 0; i--)
        if (options->unknown_fields[i - 1].tag == tag) return &options->unknown_fields[i - 1];
    return NULL;
}

unsigned option_number(const void *options, uint32_t tag)
{
    const ProtobufCMessageUnknownField *option = option_find(options, tag);
    unsigned value = 0;
    for (size_t i = 0; option && i < option->len && i < 4; i++) value |= (option->data[i] & 0x7fU) << (7 * i);
    return value;
}

static void *option_unpack(const ProtobufCMessageUnknownField *option, const ProtobufCMessageDescriptor *type)
{
    size_t prefix = 0; // the length of what follows
    while (option && prefix < option->len && option->data[prefix] & 0x80) prefix++;
    if (!option || ++prefix > option->len) return NULL;
    return protobuf_c_message_unpack(type, NULL, option->len - prefix, option->data + prefix);
}

const Conse__Rule *option_rule(const Field *field)
{
    return option_unpack(option_find((const ProtobufCMessage *)field->options, RULE),
                         &conse__rule__descriptor);
}

const Conse__Packed *option_packed(const Field *field)
{
    return option_unpack(option_find((const ProtobufCMessage *)field->options, PACKED),
                         &conse__packed__descriptor);
}

size_t option_passports(const Method *method)
{
    const ProtobufCMessage *options = (const ProtobufCMessage *)method->options;
    size_t count = 0;
    for (unsigned i = 0; options && i < options->n_unknown_fields; i++)
        count += options->unknown_fields[i].tag == PASSPORT;
    return count;
}

const Conse__Method *option_passport(const Method *method)
{
    return option_unpack(option_find((const ProtobufCMessage *)method->options, PASSPORT),
                         &conse__method__descriptor);
}

const Conse__Stream *option_stream(const Service *service, size_t i)
{
    const ProtobufCMessage *options = (const ProtobufCMessage *)service->options;
    for (unsigned u = 0; options && u < options->n_unknown_fields; u++)
        if (options->unknown_fields[u].tag == STREAM && i-- == 0)
            return option_unpack(&options->unknown_fields[u], &conse__stream__descriptor);
    return NULL;
}
