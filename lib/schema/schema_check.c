// Checks a request against the rules in proto/: lengths, ranges, formats. Recursion follows the types, which
// are not recursive.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "google/protobuf/duration.pb-c.h"
#include "lib/base/ids.h"
#include "lib/schema/schema.h"
#include "lib/base/text.h"
#include "lib/schema/field_place.h"

enum { DEFAULT_MAX_LEN = 256, DEFAULT_MAX_ITEMS = 100 };

static bool schema_check_refuse(struct err *err, const struct field_place *place, const char *why)
{
    char field[sizeof err->field] = "";
    field_place_print(place, field, sizeof field);
    return err_field(err, INVALID_FIELD, field, "%s %s", field, why);
}

static bool refuse_limit(struct err *err, const struct field_place *place, const char *what, uint64_t limit)
{
    char why[96];
    snprintf(why, sizeof why, what, limit);
    return schema_check_refuse(err, place, why);
}

static const char *format_fault(Conse__Rule__Format format, const char *text)
{
    switch (format) {
    case CONSE__RULE__FORMAT__UUID:
        return uuid_check(text) ? NULL : "is not an id";
    case CONSE__RULE__FORMAT__UUID_OR_NONE:
        return uuid_check(text) || strcmp(text, "NONE") == 0 ? NULL : "is neither an id nor NONE";
    case CONSE__RULE__FORMAT__ROOM:
        return text_is_room(text) ? NULL : "is not the id of a room";
    case CONSE__RULE__FORMAT__USERNAME:
        return text_is_username(text) ? NULL : "must be 3 to 32 of A-Z a-z 0-9 _ . -";
    case CONSE__RULE__FORMAT__PHONE:
        return text_is_phone(text) ? NULL : "is not a phone number in E.164 form";
    case CONSE__RULE__FORMAT__LOCAL_TIME:
        return text_is_local_time(text) ? NULL : "is not a time like 2026-12-01T20:30:00";
    case CONSE__RULE__FORMAT__ZONE:
        return text_is_zone_name(text) ? NULL : "is not an IANA time zone";
    case CONSE__RULE__FORMAT__ADDRESS:
        return text_is_base58(text, 32, 44) ? NULL : "is not a Solana address";
    case CONSE__RULE__FORMAT__SLUG:
        return text_is_slug(text) ? NULL : "must be 1 to 64 of a-z 0-9 -";
    case CONSE__RULE__FORMAT__TEXT:
        return text_has_controls(text, true) ? "has control characters" : NULL;
    default:
        return text_has_controls(text, false) ? "has control characters" : NULL;
    }
}

static bool check_length(const struct schema_rule *rule, size_t len, uint32_t max,
                         const struct field_place *place, struct err *err)
{
    if (len < rule->min_len)
        return refuse_limit(err, place, "must have at least %" PRIu64 " bytes", rule->min_len);
    if (max && len > max) return refuse_limit(err, place, "may have at most %" PRIu64 " bytes", max);
    return true;
}

// A rule counts characters, of which each has at most four bytes.
static bool check_characters(const struct schema_rule *rule, const char *text,
                             const struct field_place *place, struct err *err)
{
    uint32_t max = rule->max_len ? rule->max_len : DEFAULT_MAX_LEN;
    size_t count = text_characters(text);
    if (count < rule->min_len)
        return refuse_limit(err, place, "must have at least %" PRIu64 " characters", rule->min_len);
    if (count > max) return refuse_limit(err, place, "may have at most %" PRIu64 " characters", max);
    return true;
}

static bool check_string(const struct schema_rule *rule, const char *text, const struct field_place *place,
                         struct err *err)
{
    size_t len = strlen(text);
    if (len == 0) return !rule->required || schema_check_refuse(err, place, "is required");
    if (!text_is_utf8(text, len)) return schema_check_refuse(err, place, "is not UTF-8");
    if (!check_characters(rule, text, place, err)) return false;
    const char *fault = format_fault(rule->format, text);
    return !fault || schema_check_refuse(err, place, fault);
}

static bool check_bytes(const struct schema_rule *rule, const ProtobufCBinaryData *bytes,
                        const struct field_place *place, struct err *err)
{
    if (bytes->len == 0) return !rule->required || schema_check_refuse(err, place, "is required");
    return check_length(rule, bytes->len, rule->max_len, place, err);
}

static bool check_range(const struct schema_rule *rule, uint64_t value, const struct field_place *place,
                        struct err *err)
{
    if (value == 0) return !rule->required || schema_check_refuse(err, place, "is required");
    if (value < rule->min) return refuse_limit(err, place, "must be at least %" PRIu64, rule->min);
    if (rule->max && value > rule->max) return refuse_limit(err, place, "may be at most %" PRIu64, rule->max);
    return true;
}

static bool check_signed(const struct schema_rule *rule, int64_t value, const struct field_place *place,
                         struct err *err)
{
    return value < 0 ? schema_check_refuse(err, place, "may not be negative")
                     : check_range(rule, (uint64_t)value, place, err);
}

static bool check_enum(const struct schema_rule *rule, const ProtobufCEnumDescriptor *type, int value,
                       const struct field_place *place, struct err *err)
{
    if (value == 0) return !rule->required || schema_check_refuse(err, place, "is required");
    return protobuf_c_enum_descriptor_get_value(type, value) ||
           schema_check_refuse(err, place, "is not one of its values");
}

static bool check_message(const ProtobufCMessage *message, const struct field_place *outer, struct err *err);

// The only messages whose rule has a maximum are durations; theirs is in seconds.
static bool check_duration(const struct schema_rule *rule, const Google__Protobuf__Duration *duration,
                           const struct field_place *place, struct err *err)
{
    if (duration->seconds < 0 || duration->nanos < 0)
        return schema_check_refuse(err, place, "may not be negative");
    uint64_t seconds = (uint64_t)duration->seconds + (duration->nanos > 0);
    return seconds <= rule->max || refuse_limit(err, place, "may be at most %" PRIu64 " s", rule->max);
}

static bool check_submessage(const struct schema_rule *rule, const ProtobufCMessage *message,
                             const struct field_place *place, struct err *err)
{
    if (!message) return !rule->required || schema_check_refuse(err, place, "is required");
    if (rule->max) return check_duration(rule, (const Google__Protobuf__Duration *)message, place, err);
    return check_message(message, place, err);
}

static bool check_value(const ProtobufCFieldDescriptor *field, const struct schema_rule *rule,
                        const void *value, const struct field_place *place, struct err *err)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return check_string(rule, *(const char *const *)value, place, err);
    case PROTOBUF_C_TYPE_BYTES:
        return check_bytes(rule, value, place, err);
    case PROTOBUF_C_TYPE_MESSAGE:
        return check_submessage(rule, *(ProtobufCMessage *const *)value, place, err);
    case PROTOBUF_C_TYPE_ENUM:
        return check_enum(rule, field->descriptor, *(const int *)value, place, err);
    case PROTOBUF_C_TYPE_UINT32:
        return check_range(rule, *(const uint32_t *)value, place, err);
    case PROTOBUF_C_TYPE_UINT64:
        return check_range(rule, *(const uint64_t *)value, place, err);
    case PROTOBUF_C_TYPE_INT32:
        return check_signed(rule, *(const int32_t *)value, place, err);
    case PROTOBUF_C_TYPE_INT64:
        return check_signed(rule, *(const int64_t *)value, place, err);
    default:
        return true; // bool has nothing to check
    }
}

static size_t element_size(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_INT64:
        return sizeof(uint64_t);
    default:
        return sizeof(uint32_t);
    }
}

static bool check_repeated(const ProtobufCFieldDescriptor *field, const struct schema_rule *rule,
                           const ProtobufCMessage *message, const struct field_place *place, struct err *err)
{
    size_t count = *(const size_t *)((const char *)message + field->quantifier_offset);
    uint32_t max = rule->max_items ? rule->max_items : DEFAULT_MAX_ITEMS;
    if (count == 0) return !rule->required || schema_check_refuse(err, place, "is required");
    if (count > max) return refuse_limit(err, place, "may have at most %" PRIu64 " items", max);
    const char *items = *(char *const *)((const char *)message + field->offset);
    for (size_t i = 0; i < count; i++) {
        struct field_place element = *place;
        element.element = true;
        element.index = i;
        if (!check_value(field, rule, items + i * element_size(field->type), &element, err)) return false;
    }
    return true;
}

static bool is_set(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message)
{
    return !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
           *(const uint32_t *)((const char *)message + field->quantifier_offset) == field->id;
}

static bool check_message(const ProtobufCMessage *message, const struct field_place *outer, struct err *err)
{
    const struct schema_message *schema = schema_message(message->descriptor);
    for (unsigned i = 0; schema && i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        const struct schema_rule *rule = &schema->fields[i].rule;
        struct field_place place = {.outer = outer, .name = field->name};
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            if (!check_repeated(field, rule, message, &place, err)) return false;
        } else if (is_set(field, message)) {
            if (!check_value(field, rule, (const char *)message + field->offset, &place, err)) return false;
        } else if (rule->present) {
            return schema_check_refuse(err, &place, "is required");
        }
    }
    return true;
}

bool schema_check(const ProtobufCMessage *message, struct err *err)
{
    return check_message(message, NULL, err);
}

static bool is_id(const struct schema_rule *rule)
{
    return rule->format == CONSE__RULE__FORMAT__UUID || rule->format == CONSE__RULE__FORMAT__UUID_OR_NONE;
}

static void lower_value(const ProtobufCFieldDescriptor *field, const struct schema_rule *rule, void *value)
{
    if (field->type == PROTOBUF_C_TYPE_MESSAGE && *(ProtobufCMessage **)value)
        schema_lower_ids(*(ProtobufCMessage **)value);
    else if (field->type == PROTOBUF_C_TYPE_STRING && is_id(rule))
        uuid_lower(*(char **)value);
}

static void lower_repeated(const ProtobufCFieldDescriptor *field, const struct schema_rule *rule,
                           ProtobufCMessage *message)
{
    size_t count = *(const size_t *)((const char *)message + field->quantifier_offset);
    char *items = *(char **)((char *)message + field->offset);
    for (size_t i = 0; i < count; i++) lower_value(field, rule, items + i * element_size(field->type));
}

void schema_lower_ids(ProtobufCMessage *message)
{
    const struct schema_message *schema = schema_message(message->descriptor);
    for (unsigned i = 0; schema && i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        const struct schema_rule *rule = &schema->fields[i].rule;
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            lower_repeated(field, rule, message);
        else if (is_set(field, message))
            lower_value(field, rule, (char *)message + field->offset);
    }
}
