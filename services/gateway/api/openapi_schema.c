#include "services/gateway/api/openapi_schema.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "lib/schema/schema.h"
#include "services/gateway/api/openapi_pattern.h"

enum { DEFAULT_MAX_LEN = 256, DEFAULT_MAX_ITEMS = 100 };

static const struct schema_field no_rule = {.doc = ""};

static const struct schema_field *rule_of(const ProtobufCMessageDescriptor *type, unsigned index)
{
    const struct schema_message *schema = schema_message(type);
    return schema ? &schema->fields[index] : &no_rule;
}

const char *openapi_doc(const ProtobufCMessageDescriptor *type, unsigned index)
{
    return rule_of(type, index)->doc;
}

bool openapi_required(const ProtobufCMessageDescriptor *type, unsigned index)
{
    const ProtobufCFieldDescriptor *field = &type->fields[index];
    const struct schema_rule *rule = &rule_of(type, index)->rule;
    return rule->present || (rule->required && !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF));
}

bool openapi_listed(const char *name, const char *const *names)
{
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0) return true;
    return false;
}

static json_t *openapi_schema_plain(const char *type) { return json_pack("{s:s}", "type", type); }

static void set_text(json_t *schema, const char *name, const char *text)
{
    if (text && *text) json_object_set_new(schema, name, json_string(text));
}

// "^x$" as "^(?:x)?$": an optional text may be empty.
static void set_pattern(json_t *schema, const char *pattern, bool optional)
{
    char text[OPENAPI_PATTERN_SIZE + 8];
    if (!optional) return set_text(schema, "pattern", pattern);
    snprintf(text, sizeof text, "^(?:%.*s)?$", (int)strlen(pattern) - 2, pattern + 1);
    set_text(schema, "pattern", text);
}

static bool is_free(const struct schema_rule *rule)
{
    return rule->format == CONSE__RULE__FORMAT__LINE || rule->format == CONSE__RULE__FORMAT__TEXT ||
           rule->format == CONSE__RULE__FORMAT__SECRET;
}

static void set_length(json_t *schema, const struct schema_rule *rule)
{
    uint32_t least = rule->required && !rule->min_len ? 1 : rule->min_len;
    if (least) json_object_set_new(schema, "minLength", json_integer(least));
    json_object_set_new(schema, "maxLength", json_integer(rule->max_len ? rule->max_len : DEFAULT_MAX_LEN));
}

static json_t *string_schema(const struct schema_rule *rule, enum openapi_side side)
{
    json_t *schema = openapi_schema_plain("string");
    const char *pattern = openapi_pattern_of(rule->format);
    if (side == OPENAPI_REPLY) return schema;
    if (rule->format == CONSE__RULE__FORMAT__SECRET) set_text(schema, "format", "password");
    if (!pattern) return set_length(schema, rule), schema;
    if (!is_free(rule)) {
        set_pattern(schema, pattern, !rule->required);
        if (rule->max_len) json_object_set_new(schema, "maxLength", json_integer(rule->max_len));
        return schema;
    }
    if (rule->required || !rule->min_len)
        return set_pattern(schema, pattern, false), set_length(schema, rule), schema;
    json_t *given = json_pack("{s:s}", "pattern", pattern);
    set_length(given, rule);
    json_object_set_new(schema, "anyOf", json_pack("[{s:i}, o]", "maxLength", 0, given));
    return schema;
}

static json_t *bytes_schema(const struct schema_rule *rule, enum openapi_side side)
{
    char pattern[OPENAPI_PATTERN_SIZE];
    json_t *schema = json_pack("{s:s, s:s}", "type", "string", "contentEncoding", "base64");
    if (side == OPENAPI_REPLY) return schema;
    openapi_pattern_base64(pattern, rule->min_len == rule->max_len ? rule->max_len : 0);
    set_pattern(schema, pattern, !rule->required);
    return schema;
}

// A number, or its digits as a string; of 64 bits the digits come first.
static json_t *number_schema(const struct schema_rule *rule, enum openapi_side side, bool wide)
{
    char pattern[OPENAPI_PATTERN_SIZE];
    if (side == OPENAPI_REPLY)
        return wide ? json_pack("{s:s, s:s}", "type", "string", "pattern", "^[0-9]+$")
                    : json_pack("{s:s, s:s}", "type", "integer", "format", "int32");
    uint64_t most = rule->max ? rule->max : wide ? UINT64_MAX : INT32_MAX, least = rule->min;
    if (rule->required && !least) least = 1;
    openapi_pattern_number(pattern, rule->required, most);
    json_t *schema = side == OPENAPI_PARAMETER ? openapi_schema_plain(wide ? "string" : "integer")
                                               : json_pack("{s:[s,s]}", "type", "integer", "string");
    if (wide || side != OPENAPI_PARAMETER) set_text(schema, "pattern", pattern);
    json_object_set_new(schema, "minimum", json_integer((json_int_t)least));
    json_object_set_new(schema, "maximum", json_integer(most > INT64_MAX ? INT64_MAX : (json_int_t)most));
    return schema;
}

// Zero values are never accepted, so requests do not list them.
static json_t *enum_schema(const ProtobufCEnumDescriptor *type, enum openapi_side side)
{
    json_t *names = json_array();
    for (unsigned i = 0; i < type->n_values; i++)
        if (type->values[i].value != 0 || side == OPENAPI_REPLY)
            json_array_append_new(names, json_string(type->values[i].name));
    return json_pack("{s:s, s:o}", "type", "string", "enum", names);
}

static json_t *duration_schema(const struct schema_rule *rule, enum openapi_side side)
{
    char pattern[OPENAPI_PATTERN_SIZE];
    json_t *schema = json_pack("{s:s, s:[s]}", "type", "string", "examples", "90s");
    if (side == OPENAPI_REPLY) return set_text(schema, "pattern", "^-?[0-9]+(\\.[0-9]{1,9})?s$"), schema;
    openapi_pattern_duration(pattern, rule->max);
    set_text(schema, "pattern", pattern);
    return schema;
}

static json_t *message_schema(json_t *components, const ProtobufCMessageDescriptor *type,
                              const struct schema_rule *rule, enum openapi_side side)
{
    if (type == &google__protobuf__timestamp__descriptor)
        return json_pack("{s:s, s:s}", "type", "string", "format", "date-time");
    if (type == &google__protobuf__duration__descriptor) return duration_schema(rule, side);
    return openapi_type(components, type, side, NULL);
}

static json_t *value_schema(json_t *components, const ProtobufCFieldDescriptor *field,
                            const struct schema_rule *rule, enum openapi_side side)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return string_schema(rule, side);
    case PROTOBUF_C_TYPE_BYTES:
        return bytes_schema(rule, side);
    case PROTOBUF_C_TYPE_BOOL:
        return openapi_schema_plain("boolean");
    case PROTOBUF_C_TYPE_ENUM:
        return enum_schema(field->descriptor, side);
    case PROTOBUF_C_TYPE_MESSAGE:
        return message_schema(components, field->descriptor, rule, side);
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return openapi_schema_plain("number");
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return number_schema(rule, side, true);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return json_pack("{s:s, s:s}", "type", "string", "pattern", "^-?[0-9]+$");
    default:
        return number_schema(rule, side, false);
    }
}

static json_t *array_schema(json_t *items, const struct schema_rule *rule, enum openapi_side side)
{
    json_t *schema = json_pack("{s:s, s:o}", "type", "array", "items", items);
    if (side == OPENAPI_REPLY) return schema;
    if (rule->required) json_object_set_new(schema, "minItems", json_integer(1));
    json_object_set_new(schema, "maxItems",
                        json_integer(rule->max_items ? rule->max_items : DEFAULT_MAX_ITEMS));
    return schema;
}

// In a body null stands for an absent field.
static json_t *or_null(json_t *schema)
{
    json_t *type = json_object_get(schema, "type"), *names = json_object_get(schema, "enum");
    if (!type) return json_pack("{s:[o, {s:s}]}", "anyOf", schema, "type", "null");
    if (json_is_array(type))
        json_array_append_new(type, json_string("null"));
    else
        json_object_set_new(schema, "type", json_pack("[O, s]", type, "null"));
    if (names) json_array_append_new(names, json_null());
    return schema;
}

json_t *openapi_field(json_t *components, const ProtobufCMessageDescriptor *type, unsigned index,
                      enum openapi_side side)
{
    const ProtobufCFieldDescriptor *field = &type->fields[index];
    const struct schema_field *known = rule_of(type, index);
    json_t *schema = value_schema(components, field, &known->rule, side);
    if (field->label == PROTOBUF_C_LABEL_REPEATED) schema = array_schema(schema, &known->rule, side);
    if (side == OPENAPI_REQUEST && !openapi_required(type, index)) schema = or_null(schema);
    set_text(schema, "description", known->doc);
    return schema;
}

// A reply has every field except unset messages and members of a oneof; a request has those that its rules
// require.
static bool is_required(const ProtobufCMessageDescriptor *type, unsigned index, enum openapi_side side)
{
    const ProtobufCFieldDescriptor *field = &type->fields[index];
    if (side == OPENAPI_REQUEST) return openapi_required(type, index);
    if (field->label == PROTOBUF_C_LABEL_REPEATED) return true;
    return field->type != PROTOBUF_C_TYPE_MESSAGE && !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF);
}

// "PHASE_OPENED" for the member phase_opened, as the kinds of entries are named.
static void title_of(char out[64], const char *name)
{
    size_t i = 0;
    for (; i < 63 && name[i]; i++) out[i] = (char)toupper((unsigned char)name[i]);
    out[i] = 0;
}

// Any of the members of a oneof.
static json_t *members_schema(json_t *components, const ProtobufCMessageDescriptor *type)
{
    char title[64];
    json_t *members = json_array();
    for (unsigned i = 0; i < type->n_fields; i++) {
        if (!(type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) continue;
        json_t *member = openapi_field(components, type, i, OPENAPI_REPLY);
        title_of(title, type->fields[i].name);
        set_text(member, "title", title);
        json_array_append_new(members, member);
    }
    return json_pack("{s:s, s:o}", "type", "object", "anyOf", members);
}

// What JSON has beside packed bytes; absent where there are none.
static void add_beside(json_t *components, json_t *properties, const struct schema_packed *packed)
{
    if (!packed) return;
    for (const struct schema_beside *beside = packed->beside; beside->name; beside++)
        json_object_set_new(properties, beside->name,
                            beside->field
                                ? openapi_field(components, packed->packed, beside->field - 1U, OPENAPI_REPLY)
                                : members_schema(components, packed->packed));
}

static json_t *object_schema(json_t *components, const ProtobufCMessageDescriptor *type,
                             enum openapi_side side, const char *const *without)
{
    const struct schema_message *schema = schema_message(type);
    json_t *object = openapi_schema_plain("object"), *properties = json_object(), *required = json_array();
    for (unsigned i = 0; i < type->n_fields; i++) {
        const char *name = type->fields[i].name;
        if (openapi_listed(name, without)) continue;
        json_object_set_new(properties, name, openapi_field(components, type, i, side));
        if (is_required(type, i, side)) json_array_append_new(required, json_string(name));
    }
    if (side == OPENAPI_REPLY) add_beside(components, properties, schema_packed(type));
    if (schema) set_text(object, "description", schema->doc);
    json_object_set_new(object, "properties", properties);
    if (json_array_size(required)) json_object_set(object, "required", required);
    json_decref(required);
    if (side == OPENAPI_REQUEST) json_object_set_new(object, "additionalProperties", json_false());
    return object;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

json_t *openapi_type(json_t *components, const ProtobufCMessageDescriptor *type, enum openapi_side side,
                     const char *const *without)
{
    char name[128], ref[160];
    bool shared = side == OPENAPI_REQUEST && !ends_with(type->name, "Request");
    snprintf(name, sizeof name, "%s%s", type->name, shared ? ".Input" : "");
    snprintf(ref, sizeof ref, "#/components/schemas/%s", name);
    if (!json_object_get(components, name)) {
        json_object_set_new(components, name, json_object()); // holds the place
        json_object_set_new(components, name, object_schema(components, type, side, without));
    }
    return json_pack("{s:s}", "$ref", ref);
}
