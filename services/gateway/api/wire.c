#include "services/gateway/api/wire.h"

#include <stdio.h>

#include "lib/base/text.h"

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

struct reader {
    const uint8_t *at, *end;
    const char *path; // of the message, "" at the top
    struct err *err;
};

static bool wire_refuse(const struct reader *reader, const char *name, const char *why)
{
    char field[sizeof reader->err->field];
    snprintf(field, sizeof field, "%s%s%s", reader->path, *reader->path ? "." : "", name);
    return err_field(reader->err, MALFORMED, field, "%s %s", field, why);
}

static bool wire_broken(const struct reader *reader)
{
    return err_fail(reader->err, MALFORMED, "the body is not protobuf");
}

static bool read_varint(struct reader *reader, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; shift < 70 && reader->at < reader->end; shift += 7) {
        uint8_t byte = *reader->at++;
        if (shift < 64) *value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) return true;
    }
    return false;
}

static bool wire_skip(struct reader *reader, uint64_t len)
{
    if (len > (uint64_t)(reader->end - reader->at)) return false;
    reader->at += len;
    return true;
}

static bool check_fields(const ProtobufCMessageDescriptor *type, struct reader *reader);

static bool check_bytes(const struct reader *reader, const ProtobufCFieldDescriptor *field,
                        const uint8_t *bytes, size_t len)
{
    if (field->type == PROTOBUF_C_TYPE_STRING && !text_is_utf8((const char *)bytes, len))
        return wire_refuse(reader, field->name, "is not UTF-8 without NUL");
    if (field->type != PROTOBUF_C_TYPE_MESSAGE) return true;
    char path[96];
    snprintf(path, sizeof path, "%s%s%s", reader->path, *reader->path ? "." : "", field->name);
    struct reader inner = {bytes, bytes + len, path, reader->err};
    return check_fields(field->descriptor, &inner);
}

static bool check_varint(const struct reader *reader, const ProtobufCFieldDescriptor *field, uint64_t value)
{
    bool named = field->type != PROTOBUF_C_TYPE_ENUM ||
                 (value != 0 && protobuf_c_enum_descriptor_get_value(field->descriptor, (int)value));
    return named || wire_refuse(reader, field->name, "is not one of its values");
}

static bool check_field(struct reader *reader, const ProtobufCFieldDescriptor *field, unsigned wire_type)
{
    uint64_t value;
    switch (wire_type) {
    case WIRE_VARINT:
        return read_varint(reader, &value) ? check_varint(reader, field, value) : wire_broken(reader);
    case WIRE_64:
        return wire_skip(reader, 8) || wire_broken(reader);
    case WIRE_32:
        return wire_skip(reader, 4) || wire_broken(reader);
    case WIRE_BYTES:
        if (!read_varint(reader, &value) || !wire_skip(reader, value)) return wire_broken(reader);
        return check_bytes(reader, field, reader->at - value, (size_t)value);
    default:
        return wire_broken(reader);
    }
}

static bool check_fields(const ProtobufCMessageDescriptor *type, struct reader *reader)
{
    while (reader->at < reader->end) {
        uint64_t tag;
        char number[24];
        if (!read_varint(reader, &tag) || tag >> 3 == 0 || tag >> 3 > 0x1FFFFFFF) return wire_broken(reader);
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(type, (unsigned)(tag >> 3));
        snprintf(number, sizeof number, "#%u", (unsigned)(tag >> 3));
        if (!field) return wire_refuse(reader, number, "is not a field");
        if (!check_field(reader, field, tag & 7)) return false;
    }
    return true;
}

bool wire_check(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t len, struct err *err)
{
    if (len == 0) return true; // bytes may be NULL
    struct reader reader = {bytes, bytes + len, "", err};
    return check_fields(type, &reader);
}
