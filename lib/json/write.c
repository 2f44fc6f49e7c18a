#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "lib/json/json.h"
#include "lib/json/time.h"
#include "lib/base/text.h"
#include "lib/schema/schema.h"

enum { UNPACKED_MOST = 16 << 20 }; // memory of a packed message

static const char digits[] = "0123456789abcdef";

#define EACH_BYTE(c) ((c)*0x0101010101010101ULL)

// Whether one of eight bytes is a control character, a quote, a backslash or beyond ASCII.
static bool is_special(uint64_t eight)
{
    uint64_t quote = eight ^ EACH_BYTE('"'), backslash = eight ^ EACH_BYTE('\\');
    uint64_t below = (eight - EACH_BYTE(0x20)) | (quote - EACH_BYTE(1)) | (backslash - EACH_BYTE(1));
    return ((below | eight) & EACH_BYTE(0x80)) != 0;
}

// Length of the piece that needs no escape.
static size_t plain_len(const unsigned char *text, size_t len, bool *ascii)
{
    size_t at = 0;
    unsigned char seen = 0;
    for (uint64_t eight; at + sizeof eight <= len; at += sizeof eight) {
        memcpy(&eight, text + at, sizeof eight);
        if (is_special(eight)) break;
    }
    for (; at < len && text[at] >= 0x20 && text[at] != '"' && text[at] != '\\'; at++) seen |= text[at];
    if (seen & 0x80) *ascii = false;
    return at;
}

static void write_escape(struct buf *buf, unsigned char c)
{
    static const char *const named[] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
    if (c == '"' || c == '\\')
        buf_append(buf, (char[]){'\\', (char)c}, 2);
    else if (c < sizeof named / sizeof *named && named[c])
        buf_append(buf, named[c], 2);
    else
        buf_append(buf, (char[]){'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]}, 6);
}

static void write_escaped(struct buf *buf, const unsigned char *text, size_t len, bool *ascii)
{
    for (size_t at = 0; at < len;) {
        size_t plain = plain_len(text + at, len - at, ascii);
        buf_append(buf, text + at, plain);
        at += plain;
        if (at < len) write_escape(buf, text[at++]);
    }
}

// Invalid UTF-8 is never written: its bytes beyond ASCII become question marks.
static void write_mend(struct buf *buf, size_t from)
{
    if (buf->failed || text_is_utf8(buf->bytes + from, buf->len - from)) return;
    for (size_t at = from; at < buf->len; at++)
        if (buf->bytes[at] & 0x80) buf->bytes[at] = '?';
}

static void write_plain(struct buf *buf, const char *text, size_t len)
{
    char *room = buf_room(buf, len + 2);
    if (!room) return;
    room[0] = room[len + 1] = '"';
    memcpy(room + 1, text, len);
}

void json_write_textn(struct buf *buf, const char *text, size_t len)
{
    bool ascii = true;
    size_t plain = plain_len((const unsigned char *)text, len, &ascii);
    if (plain == len && ascii) return write_plain(buf, text, len);
    buf_char(buf, '"');
    size_t from = buf->len;
    write_escaped(buf, (const unsigned char *)text, len, &ascii);
    if (!ascii) write_mend(buf, from);
    buf_char(buf, '"');
}

void json_write_text(struct buf *buf, const char *text) { json_write_textn(buf, text, strlen(text)); }

static void write_bytes(struct buf *buf, const ProtobufCBinaryData *bytes)
{
    size_t len = sodium_base64_encoded_len(bytes->len, sodium_base64_VARIANT_ORIGINAL); // with the NUL
    buf_char(buf, '"');
    char *room = buf_room(buf, len);
    if (!room) return;
    sodium_bin2base64(room, len, bytes->data, bytes->len, sodium_base64_VARIANT_ORIGINAL);
    room[len - 1] = '"';
}

static void write_enum(struct buf *buf, const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *named = protobuf_c_enum_descriptor_get_value(type, value);
    if (named)
        write_plain(buf, named->name, strlen(named->name));
    else
        buf_i64(buf, value);
}

// The shortest decimal that reads back as the same value.
static void write_double(struct buf *buf, double value, bool single)
{
    char text[32];
    if (isnan(value)) return buf_str(buf, "\"NaN\"");
    if (isinf(value)) return buf_str(buf, value < 0 ? "\"-Infinity\"" : "\"Infinity\"");
    for (int precision = single ? 6 : 15; precision <= 17; precision++) {
        snprintf(text, sizeof text, "%.*g", precision, value);
        if (single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value) break;
    }
    buf_str(buf, text);
}

static void write_u64(struct buf *buf, uint64_t value)
{
    buf_char(buf, '"');
    buf_u64(buf, value);
    buf_char(buf, '"');
}

static void write_i64(struct buf *buf, int64_t value)
{
    buf_char(buf, '"');
    buf_i64(buf, value);
    buf_char(buf, '"');
}

static void write_time(struct buf *buf, const ProtobufCMessage *message)
{
    char text[JSON_TIME_SIZE];
    bool printed;
    if (message->descriptor == &google__protobuf__timestamp__descriptor) {
        const Google__Protobuf__Timestamp *time = (const Google__Protobuf__Timestamp *)message;
        printed = json_timestamp_print(&(struct json_time){time->seconds, time->nanos}, text);
    } else {
        const Google__Protobuf__Duration *time = (const Google__Protobuf__Duration *)message;
        printed = json_duration_print(&(struct json_time){time->seconds, time->nanos}, text);
    }
    if (printed)
        write_plain(buf, text, strlen(text));
    else
        buf_str(buf, "null");
}

static void write_message(struct buf *buf, const ProtobufCMessage *message,
                          const struct json_selection *selection)
{
    if (message->descriptor == &google__protobuf__timestamp__descriptor ||
        message->descriptor == &google__protobuf__duration__descriptor)
        write_time(buf, message);
    else
        json_write(buf, message, selection);
}

static void write_value(struct buf *buf, const ProtobufCFieldDescriptor *field, const void *value,
                        const struct json_selection *inner)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        json_write_text(buf, *(const char *const *)value);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        write_bytes(buf, value);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        write_message(buf, *(const ProtobufCMessage *const *)value, inner);
        break;
    case PROTOBUF_C_TYPE_ENUM:
        write_enum(buf, field->descriptor, *(const int *)value);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        buf_str(buf, *(const protobuf_c_boolean *)value ? "true" : "false");
        break;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        buf_u64(buf, *(const uint32_t *)value);
        break;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        buf_i64(buf, *(const int32_t *)value);
        break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        write_u64(buf, *(const uint64_t *)value);
        break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        write_i64(buf, *(const int64_t *)value);
        break;
    case PROTOBUF_C_TYPE_FLOAT:
        write_double(buf, (double)*(const float *)value, true);
        break;
    case PROTOBUF_C_TYPE_DOUBLE:
        write_double(buf, *(const double *)value, false);
        break;
    }
}

void json_write_value(struct buf *buf, const ProtobufCFieldDescriptor *field, const void *value)
{
    write_value(buf, field, value, NULL);
}

size_t json_element_size(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    default:
        return 4;
    }
}

static void write_repeated(struct buf *buf, const ProtobufCFieldDescriptor *field,
                           const ProtobufCMessage *message, const struct json_selection *inner)
{
    size_t count = *(const size_t *)((const char *)message + field->quantifier_offset);
    const char *items = *(char *const *)((const char *)message + field->offset);
    buf_char(buf, '[');
    for (size_t i = 0, size = json_element_size(field->type); i < count; i++) {
        if (i) buf_char(buf, ',');
        write_value(buf, field, items + i * size, inner);
    }
    buf_char(buf, ']');
}

static bool is_present(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message)
{
    const char *base = (const char *)message;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) return true;
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
        *(const uint32_t *)(base + field->quantifier_offset) != field->id)
        return false;
    return field->type != PROTOBUF_C_TYPE_MESSAGE || *(void *const *)(base + field->offset) != NULL;
}

static void write_name(struct buf *buf, const char *name, bool first)
{
    size_t len = strlen(name);
    char *room = buf_room(buf, len + 3 + !first);
    if (!room) return;
    if (!first) *room++ = ',';
    room[0] = '"';
    memcpy(room + 1, name, len);
    memcpy(room + 1 + len, "\":", 2);
}

static void write_field(struct buf *buf, const ProtobufCFieldDescriptor *field,
                        const ProtobufCMessage *message, const struct json_selection *inner)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        write_repeated(buf, field, message, inner);
    else
        write_value(buf, field, (const char *)message + field->offset, inner);
}

static const ProtobufCFieldDescriptor *member_of(const ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *field = message->descriptor->fields;
    for (unsigned left = message->descriptor->n_fields; field && left; left--, field++)
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) && is_present(field, message)) return field;
    return NULL;
}

static void write_unpacked(struct buf *buf, const struct schema_beside *beside,
                           const ProtobufCMessage *message)
{
    for (; beside->name; beside++) {
        const ProtobufCFieldDescriptor *field =
            beside->field ? &message->descriptor->fields[beside->field - 1] : member_of(message);
        if (!field || !is_present(field, message)) continue;
        write_name(buf, beside->name, false);
        write_field(buf, field, message, NULL);
    }
}

// Behind the bytes, what is packed in them.
static void write_beside(struct buf *buf, const struct schema_packed *packed, const ProtobufCMessage *message)
{
    ProtobufCBinaryData bytes = schema_bytes(message, packed->field);
    struct arena arena;
    if (bytes.len == 0) return;
    arena_init(&arena, UNPACKED_MOST);
    const ProtobufCMessage *inner =
        protobuf_c_message_unpack(packed->packed, &arena.allocator, bytes.len, bytes.data);
    if (inner) write_unpacked(buf, packed->beside, inner);
    arena_finish(&arena);
}

static void write_all(struct buf *buf, const ProtobufCMessage *message)
{
    const struct schema_packed *packed = schema_packed(message->descriptor);
    bool first = true;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (!is_present(field, message)) continue;
        write_name(buf, field->name, first);
        first = false;
        write_field(buf, field, message, NULL);
        if (packed && packed->field == i + 1) write_beside(buf, packed, message);
    }
}

static void write_picked(struct buf *buf, const ProtobufCMessage *message,
                         const struct json_selection *selection)
{
    for (size_t i = 0; i < selection->count; i++) {
        const struct json_pick *pick = &selection->picks[i];
        write_name(buf, pick->name, i == 0);
        if (!pick->field)
            buf_str(buf, pick->text);
        else if (is_present(pick->field, message))
            write_field(buf, pick->field, message, pick->inner);
        else
            buf_str(buf, "null");
    }
}

void json_write(struct buf *buf, const ProtobufCMessage *message, const struct json_selection *selection)
{
    buf_char(buf, '{');
    if (selection)
        write_picked(buf, message, selection);
    else
        write_all(buf, message);
    buf_char(buf, '}');
}
