// Parsing goes through jansson into messages in an arena. A scan before it bounds depth and number of values,
// so that a small body cannot make a large tree.
#include <errno.h>
#include <jansson.h>
#include <limits.h>
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
#include "lib/schema/field_place.h"

struct parse {
    struct arena *arena;
    struct err *err;
};

static bool parse_refuse(const struct parse *parse, const struct field_place *place, const char *why)
{
    char field[sizeof parse->err->field] = "";
    field_place_print(place, field, sizeof field);
    return err_field(parse->err, MALFORMED, field, "%s %s", field, why);
}

static bool out_of_memory(const struct parse *parse)
{
    return err_fail(parse->err, BODY_TOO_LARGE, "the request needs too much memory");
}

ProtobufCMessage *json_message_new(const ProtobufCMessageDescriptor *type, struct arena *arena)
{
    ProtobufCMessage *message = arena_alloc(arena, type->sizeof_message);
    if (message) protobuf_c_message_init(type, message);
    return message;
}

// ---- Numbers: as JSON numbers or as decimal strings.

static bool is_decimal(const char *text)
{
    if (*text == '-') text++;
    size_t len = strspn(text, "0123456789");
    return len > 0 && text[len] == 0;
}

static bool signed_of(const json_t *value, int64_t *number)
{
    if (json_is_integer(value)) return *number = json_integer_value(value), true;
    if (json_is_real(value)) {
        double real = json_real_value(value);
        *number = fabs(real) <= 9007199254740992.0 ? (int64_t)real : 0;
        return (double)*number == real;
    }
    if (!json_is_string(value) || !is_decimal(json_string_value(value))) return false;
    errno = 0;
    *number = strtoll(json_string_value(value), NULL, 10);
    return errno == 0;
}

static bool unsigned_of(const json_t *value, uint64_t *number)
{
    int64_t small;
    if (!json_is_string(value))
        return signed_of(value, &small) && small >= 0 && (*number = (uint64_t)small, true);
    if (!is_decimal(json_string_value(value)) || json_string_value(value)[0] == '-') return false;
    errno = 0;
    *number = strtoull(json_string_value(value), NULL, 10);
    return errno == 0;
}

static bool real_of(const json_t *value, double *number)
{
    if (json_is_number(value)) return *number = json_number_value(value), true;
    if (!json_is_string(value)) return false;
    const char *text = json_string_value(value);
    if (strcmp(text, "NaN") == 0) return *number = (double)NAN, true;
    if (strcmp(text, "Infinity") == 0) return *number = (double)INFINITY, true;
    if (strcmp(text, "-Infinity") == 0) return *number = -(double)INFINITY, true;
    char *end;
    *number = strtod(text, &end);
    return *text && strchr("-0123456789", *text) && *end == 0 && isfinite(*number);
}

static bool parse_signed(const struct parse *parse, const struct field_place *place, const json_t *value,
                         bool wide, void *out)
{
    int64_t number;
    if (!signed_of(value, &number)) return parse_refuse(parse, place, "must be an integer");
    if (wide) return *(int64_t *)out = number, true;
    if (number < INT32_MIN || number > INT32_MAX) return parse_refuse(parse, place, "is out of range");
    return *(int32_t *)out = (int32_t)number, true;
}

static bool parse_unsigned(const struct parse *parse, const struct field_place *place, const json_t *value,
                           bool wide, void *out)
{
    uint64_t number;
    if (!unsigned_of(value, &number)) return parse_refuse(parse, place, "must be an integer of zero or more");
    if (wide) return *(uint64_t *)out = number, true;
    if (number > UINT32_MAX) return parse_refuse(parse, place, "is out of range");
    return *(uint32_t *)out = (uint32_t)number, true;
}

static bool parse_real(const struct parse *parse, const struct field_place *place, const json_t *value,
                       bool wide, void *out)
{
    double number;
    if (!real_of(value, &number)) return parse_refuse(parse, place, "must be a number");
    if (wide)
        *(double *)out = number;
    else
        *(float *)out = (float)number;
    return true;
}

// ---- Text, bytes, enums, times.

static bool parse_string(const struct parse *parse, const struct field_place *place, const json_t *value,
                         char **out)
{
    if (!json_is_string(value)) return parse_refuse(parse, place, "must be a string");
    *out = arena_strn(parse->arena, json_string_value(value), json_string_length(value));
    return *out || out_of_memory(parse);
}

// Both alphabets, with or without padding.
static int base64_variant(const char *text)
{
    bool url = strpbrk(text, "-_") != NULL, padded = strchr(text, '=') != NULL;
    if (url) return padded ? sodium_base64_VARIANT_URLSAFE : sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    return padded ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
}

static bool parse_bytes(const struct parse *parse, const struct field_place *place, const json_t *value,
                        ProtobufCBinaryData *out)
{
    if (!json_is_string(value)) return parse_refuse(parse, place, "must be a string of base64");
    const char *text = json_string_value(value), *end;
    size_t len = json_string_length(value), size = len / 4 * 3 + 3;
    out->data = arena_alloc(parse->arena, size);
    if (!out->data) return out_of_memory(parse);
    if (sodium_base642bin(out->data, size, text, len, NULL, &out->len, &end, base64_variant(text)) != 0 ||
        *end)
        return parse_refuse(parse, place, "is not base64");
    return true;
}

static bool parse_enum(const struct parse *parse, const struct field_place *place, const json_t *value,
                       const ProtobufCEnumDescriptor *type, int *out)
{
    if (!json_is_string(value)) return parse_refuse(parse, place, "must be the name of a value");
    const ProtobufCEnumValue *named =
        protobuf_c_enum_descriptor_get_value_by_name(type, json_string_value(value));
    if (!named || named->value == 0) return parse_refuse(parse, place, "is not one of its values");
    *out = named->value;
    return true;
}

static bool parse_timestamp(const struct parse *parse, const struct field_place *place, const json_t *value,
                            ProtobufCMessage *message)
{
    struct json_time time;
    if (!json_is_string(value) || !json_timestamp_parse(json_string_value(value), &time))
        return parse_refuse(parse, place, "is not a time like 2026-12-01T17:00:00Z");
    Google__Protobuf__Timestamp *stamp = (Google__Protobuf__Timestamp *)message;
    stamp->seconds = time.seconds;
    stamp->nanos = time.nanos;
    return true;
}

static bool parse_duration(const struct parse *parse, const struct field_place *place, const json_t *value,
                           ProtobufCMessage *message)
{
    struct json_time time;
    if (!json_is_string(value) || !json_duration_parse(json_string_value(value), &time))
        return parse_refuse(parse, place, "is not a duration like 3.5s");
    Google__Protobuf__Duration *duration = (Google__Protobuf__Duration *)message;
    duration->seconds = time.seconds;
    duration->nanos = time.nanos;
    return true;
}

// ---- Messages.

static bool parse_object(const struct parse *parse, const struct field_place *place, json_t *value,
                         ProtobufCMessage *message);

static bool parse_message(const struct parse *parse, const struct field_place *place, json_t *value,
                          const ProtobufCMessageDescriptor *type, ProtobufCMessage **out)
{
    ProtobufCMessage *message = json_message_new(type, parse->arena);
    if (!message) return out_of_memory(parse);
    *out = message;
    if (type == &google__protobuf__timestamp__descriptor)
        return parse_timestamp(parse, place, value, message);
    if (type == &google__protobuf__duration__descriptor) return parse_duration(parse, place, value, message);
    return parse_object(parse, place, value, message);
}

static bool parse_value(const struct parse *parse, const struct field_place *place, json_t *value,
                        const ProtobufCFieldDescriptor *field, void *out)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return parse_string(parse, place, value, out);
    case PROTOBUF_C_TYPE_BYTES:
        return parse_bytes(parse, place, value, out);
    case PROTOBUF_C_TYPE_ENUM:
        return parse_enum(parse, place, value, field->descriptor, out);
    case PROTOBUF_C_TYPE_MESSAGE:
        return parse_message(parse, place, value, field->descriptor, out);
    case PROTOBUF_C_TYPE_BOOL:
        if (!json_is_boolean(value)) return parse_refuse(parse, place, "must be true or false");
        return *(protobuf_c_boolean *)out = json_is_true(value), true;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return parse_unsigned(parse, place, value, false, out);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return parse_unsigned(parse, place, value, true, out);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return parse_signed(parse, place, value, true, out);
    case PROTOBUF_C_TYPE_FLOAT:
        return parse_real(parse, place, value, false, out);
    case PROTOBUF_C_TYPE_DOUBLE:
        return parse_real(parse, place, value, true, out);
    default:
        return parse_signed(parse, place, value, false, out);
    }
}

static bool parse_array(const struct parse *parse, struct field_place place, json_t *value,
                        const ProtobufCFieldDescriptor *field, ProtobufCMessage *message)
{
    if (!json_is_array(value)) return parse_refuse(parse, &place, "must be an array");
    size_t count = json_array_size(value), size = json_element_size(field->type);
    char *items = arena_array(parse->arena, count, size);
    if (!items) return out_of_memory(parse);
    *(size_t *)((char *)message + field->quantifier_offset) = count;
    *(char **)((char *)message + field->offset) = items;
    place.element = true;
    for (place.index = 0; place.index < count; place.index++)
        if (!parse_value(parse, &place, json_array_get(value, place.index), field,
                         items + place.index * size))
            return false;
    return true;
}

// Marks the member of a oneof as the one that is set.
static bool parse_choose(const struct parse *parse, const struct field_place *place,
                         const ProtobufCFieldDescriptor *field, ProtobufCMessage *message)
{
    if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) return true;
    uint32_t *chosen = (uint32_t *)((char *)message + field->quantifier_offset);
    if (*chosen != 0) return parse_refuse(parse, place, "excludes another field that is given too");
    *chosen = field->id;
    return true;
}

static bool parse_field(const struct parse *parse, const struct field_place *place, json_t *value,
                        const ProtobufCFieldDescriptor *field, ProtobufCMessage *message)
{
    if (json_is_null(value)) return true;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) return parse_array(parse, *place, value, field, message);
    return parse_choose(parse, place, field, message) &&
           parse_value(parse, place, value, field, (char *)message + field->offset);
}

static bool parse_object(const struct parse *parse, const struct field_place *place, json_t *value,
                         ProtobufCMessage *message)
{
    const char *name;
    json_t *member;
    if (!json_is_object(value)) return parse_refuse(parse, place, "must be an object");
    json_object_foreach(value, name, member)
    {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
        struct field_place inner = {.outer = place, .name = name};
        if (!field) return parse_refuse(parse, &inner, "is not a field");
        if (!parse_field(parse, &inner, member, field, message)) return false;
    }
    return true;
}

// ---- Text to tree.

bool json_check_size(const char *text, size_t len, struct err *err)
{
    size_t depth = 0, values = 0;
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        if (quoted) continue;
        if (c == '{' || c == '[')
            depth++, values++;
        else if (c == ',')
            values++;
        else if ((c == '}' || c == ']') && depth > 0)
            depth--;
        if (depth > JSON_MAX_DEPTH)
            return err_fail(err, MALFORMED, "the body is nested deeper than %d", JSON_MAX_DEPTH);
        if (values > JSON_MAX_VALUES)
            return err_fail(err, MALFORMED, "the body has more than %d values", JSON_MAX_VALUES);
    }
    return true;
}

static bool refuse_taken(const json_t *tree, const char *const *taken, struct err *err)
{
    for (; taken && *taken; taken++)
        if (json_object_get(tree, *taken))
            return err_field(err, MALFORMED, *taken, "%s is given by the path", *taken);
    return true;
}

bool json_parse(const char *text, size_t len, ProtobufCMessage *message, const char *const *taken,
                struct arena *arena, struct err *err)
{
    json_error_t fault;
    if (!json_check_size(text, len, err)) return false;
    json_t *tree = json_loadb(text, len, JSON_REJECT_DUPLICATES, &fault);
    if (!tree)
        return err_fail(err, MALFORMED, "the body is not JSON: %s at line %d, column %d", fault.text,
                        fault.line, fault.column);
    struct parse parse = {arena, err};
    bool ok = json_is_object(tree) || err_fail(err, MALFORMED, "the body must be a JSON object");
    ok = ok && refuse_taken(tree, taken, err) && parse_object(&parse, NULL, tree, message);
    json_decref(tree);
    return ok;
}

// A parameter has no JSON type of its own, so true and false become booleans where the field is one.
bool json_set(ProtobufCMessage *message, const char *name, const char *text, struct arena *arena,
              struct err *err)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
    struct field_place place = {.name = name};
    struct parse parse = {arena, err};
    if (!field || field->label == PROTOBUF_C_LABEL_REPEATED)
        return parse_refuse(&parse, &place, "is not a parameter");
    if (!text_is_utf8(text, strlen(text))) return parse_refuse(&parse, &place, "is not UTF-8");
    bool is_true = strcmp(text, "true") == 0;
    json_t *value = field->type == PROTOBUF_C_TYPE_BOOL && (is_true || strcmp(text, "false") == 0)
                        ? json_boolean(is_true)
                        : json_string(text);
    bool ok = value ? parse_field(&parse, &place, value, field, message) : out_of_memory(&parse);
    json_decref(value);
    return ok;
}
