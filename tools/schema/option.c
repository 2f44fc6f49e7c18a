#include "tools/schema/option.h"

#include <string.h>

enum { RULE = 50001, TITLE = 50001, PASSPORT = 50002, PACKED = 50003, STREAM = 50003, LINK = 50005 };

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

// The length of the length in front; 0: there is none.
static size_t option_prefix(const ProtobufCMessageUnknownField *option)
{
    size_t prefix = 0;
    while (option && prefix < option->len && option->data[prefix] & 0x80) prefix++;
    return option && ++prefix <= option->len ? prefix : 0;
}

static void *option_unpack(const ProtobufCMessageUnknownField *option, const ProtobufCMessageDescriptor *type)
{
    size_t prefix = option_prefix(option);
    if (!prefix) return NULL;
    return protobuf_c_message_unpack(type, NULL, option->len - prefix, option->data + prefix);
}

// The i-th of those with the tag.
static void *option_unpack_one(const ProtobufCMessage *options, uint32_t tag, size_t i,
                               const ProtobufCMessageDescriptor *type)
{
    for (unsigned u = 0; options && u < options->n_unknown_fields; u++)
        if (options->unknown_fields[u].tag == tag && i-- == 0)
            return option_unpack(&options->unknown_fields[u], type);
    return NULL;
}

static const char *option_text(const void *options, uint32_t tag)
{
    const ProtobufCMessageUnknownField *option = option_find(options, tag);
    size_t prefix = option_prefix(option);
    char *text = prefix ? strndup((const char *)option->data + prefix, option->len - prefix) : NULL;
    return text ? text : "";
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

const Conse__Link *option_link(const Field *field, size_t i)
{
    return option_unpack_one((const ProtobufCMessage *)field->options, LINK, i, &conse__link__descriptor);
}

const char *option_title(const Message *message) { return option_text(message->options, TITLE); }
const char *option_titles(const File *file) { return option_text(file->options, TITLE); }

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
    return option_unpack_one((const ProtobufCMessage *)service->options, STREAM, i,
                             &conse__stream__descriptor);
}
