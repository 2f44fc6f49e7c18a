// A message as people read it in a shell, beside the packed bytes that count. It is for looking alone: left
// out are secrets, bytes, floating point, and fields at their default.
#include <stdio.h>
#include <string.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "lib/schema/schema.h"
#include "lib/store/mongo/mongo.h"

enum { MAX_DEPTH = 8, MAX_READABLE = 256 << 10 };

static bool is_secret(const ProtobufCMessageDescriptor *type, size_t at)
{
    const struct schema_message *message = schema_message(type);
    return message &&
           (message->fields[at].secret || message->fields[at].rule.format == CONSE__RULE__FORMAT__SECRET);
}

static void append_message(bson_t *document, const ProtobufCMessage *message, int depth);

static void append_inner(bson_t *document, const char *key, const ProtobufCMessage *message, int depth)
{
    bson_t inner;
    if (!message || depth == MAX_DEPTH) return;
    if (message->descriptor == &google__protobuf__timestamp__descriptor) {
        const Google__Protobuf__Timestamp *time = (const Google__Protobuf__Timestamp *)message;
        bson_append_date_time(document, key, -1, time->seconds * 1000 + time->nanos / 1000000);
        return;
    }
    bson_append_document_begin(document, key, -1, &inner);
    append_message(&inner, message, depth + 1);
    bson_append_document_end(document, &inner);
}

static void append_text(bson_t *document, const char *key, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (len && bson_utf8_validate(text, len, false)) bson_append_utf8(document, key, -1, text, (int)len);
}

static void append_enum(bson_t *document, const char *key, const ProtobufCFieldDescriptor *field,
                        int32_t value)
{
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(field->descriptor, value);
    if (!value) return;
    if (known)
        bson_append_utf8(document, key, -1, known->name, -1);
    else
        bson_append_int32(document, key, -1, value);
}

static void append_number(bson_t *document, const char *key, int64_t value)
{
    if (value) bson_append_int64(document, key, -1, value);
}

// One value of a field, at its place in memory.
static void append_member(bson_t *document, const char *key, const ProtobufCFieldDescriptor *field,
                          const void *at, int depth)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        append_text(document, key, *(const char *const *)at);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        append_inner(document, key, *(ProtobufCMessage *const *)at, depth);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        if (*(const protobuf_c_boolean *)at) bson_append_bool(document, key, -1, true);
        break;
    case PROTOBUF_C_TYPE_ENUM:
        append_enum(document, key, field, *(const int32_t *)at);
        break;
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        append_number(document, key, *(const int64_t *)at);
        break;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        append_number(document, key, *(const uint32_t *)at);
        break;
    default:
        append_number(document, key, *(const int32_t *)at);
    }
}

static size_t member_size(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return 8;
    default:
        return 4;
    }
}

static void append_list(bson_t *document, const ProtobufCFieldDescriptor *field, const char *base, int depth)
{
    size_t count = *(const size_t *)(base + field->quantifier_offset);
    const char *items = *(const char *const *)(base + field->offset);
    bson_t array;
    if (!count) return;
    bson_append_array_begin(document, field->name, -1, &array);
    for (size_t i = 0; i < count; i++) {
        char key[24];
        snprintf(key, sizeof key, "%u", bson_count_keys(&array));
        append_member(&array, key, field, items + i * member_size(field), depth);
    }
    bson_append_array_end(document, &array);
}

static bool is_chosen(const ProtobufCFieldDescriptor *field, const char *base)
{
    return !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
           *(const uint32_t *)(base + field->quantifier_offset) == field->id;
}

static void append_message(bson_t *document, const ProtobufCMessage *message, int depth)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    const char *base = (const char *)message;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (is_secret(type, i) || !is_chosen(field, base) || document->len > MAX_READABLE) continue;
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            append_list(document, field, base, depth);
        else
            append_member(document, field->name, field, base + field->offset, depth);
    }
}

void mongo_append_readable(bson_t *document, const char *key, const ProtobufCMessage *message)
{
    bson_t *readable = bson_new();
    append_message(readable, message, 0);
    if (readable->len <= MAX_READABLE) bson_append_document(document, key, -1, readable);
    bson_destroy(readable);
}
