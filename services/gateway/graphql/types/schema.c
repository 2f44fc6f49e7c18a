#include <string.h>

#include "services/gateway/graphql/types/types.h"

enum { BITS = 64 };

static size_t schema_words(const struct gql_schema *schema)
{
    return (schema->types_count + BITS - 1) / BITS;
}

static bool schema_refuse(struct err *err, const char *what, const char *of)
{
    return err_fail(err, INTERNAL_ERROR, "GraphQL: %s in %s", what, of);
}

static bool schema_name(struct gql_schema *schema, const char *name, uint32_t *id)
{
    *id = gql_names_add(&schema->names, name, strlen(name));
    return *id != GQL_NO_NAME;
}

static bool schema_name_inputs(struct gql_schema *schema, struct gql_input *inputs, size_t count)
{
    bool named = true;
    for (size_t i = 0; i < count; i++) named = schema_name(schema, inputs[i].name, &inputs[i].id) && named;
    return named;
}

static bool schema_name_fields(struct gql_schema *schema, struct gql_field *fields, size_t count)
{
    bool named = true;
    for (size_t i = 0; i < count; i++) {
        named = schema_name(schema, fields[i].name, &fields[i].id) && named;
        // The builder made them; only readers see them as constant.
        named = schema_name_inputs(schema, (struct gql_input *)fields[i].args, fields[i].args_count) && named;
    }
    return named;
}

static bool schema_name_type(struct gql_schema *schema, struct gql_type *type)
{
    bool named = schema_name(schema, type->name, &type->id);
    for (size_t i = 0; i < type->values_count; i++)
        named = schema_name(schema, type->values[i].name, &type->values[i].id) && named;
    return schema_name_fields(schema, type->fields, type->fields_count) &&
           schema_name_inputs(schema, type->inputs, type->inputs_count) && named;
}

static bool schema_name_all(struct gql_schema *schema)
{
    bool named =
        schema_name(schema, "skip", &schema->skip) && schema_name(schema, "include", &schema->include) &&
        schema_name(schema, "if", &schema->if_) && schema_name_fields(schema, schema->typename_field, 1) &&
        schema_name_fields(schema, schema->schema_field, 1) &&
        schema_name_fields(schema, schema->type_field, 1);
    for (size_t i = 0; named && i < schema->types_count; i++)
        named = schema_name_type(schema, schema->types[i]);
    for (size_t i = 0; named && i < schema->directives_count; i++)
        named = schema_name(schema, schema->directives[i].name, &schema->directives[i].id) &&
                schema_name_inputs(schema, schema->directives[i].args, schema->directives[i].args_count);
    return named;
}

static size_t type_count(const struct gql_type *type)
{
    return type->fields_count + type->inputs_count + type->values_count; // it has one sort of them
}

static uint32_t type_id_at(const struct gql_type *type, size_t place)
{
    if (type->fields_count) return type->fields[place].id;
    return type->inputs_count ? type->inputs[place].id : type->values[place].id;
}

// The place from 1; 0: none.
static uint16_t type_find(const struct gql_type *type, uint32_t name)
{
    if (!type->slots) return 0;
    for (uint16_t at = name & type->slot_mask; type->slots[at]; at = (at + 1) & type->slot_mask)
        if (type_id_at(type, type->slots[at] - 1) == name) return type->slots[at];
    return 0;
}

static bool type_index(struct gql_type *type, struct arena *arena, struct err *err)
{
    size_t count = type_count(type), size = 4;
    if (count == 0) return true;
    while (size < count * 2) size *= 2;
    type->slots = arena_array(arena, size, sizeof *type->slots);
    if (!type->slots) return schema_refuse(err, "no memory", type->name);
    type->slot_mask = (uint16_t)(size - 1);
    for (size_t i = 0; i < count; i++) {
        uint32_t id = type_id_at(type, i);
        uint16_t at = id & type->slot_mask;
        if (type_find(type, id)) return schema_refuse(err, "a name is there twice", type->name);
        while (type->slots[at]) at = (at + 1) & type->slot_mask;
        type->slots[at] = (uint16_t)(i + 1);
    }
    return true;
}

static bool schema_index_names(struct gql_schema *schema, struct arena *arena, struct err *err)
{
    schema->by_name = arena_array(arena, gql_names_count(&schema->names), sizeof *schema->by_name);
    if (!schema->by_name) return schema_refuse(err, "no memory", "the schema");
    for (size_t i = 0; i < schema->types_count; i++) {
        struct gql_type *type = schema->types[i];
        if (schema->by_name[type->id]) return schema_refuse(err, "a type is there twice", type->name);
        schema->by_name[type->id] = type;
        type->place = (uint16_t)i;
        if (!type_index(type, arena, err)) return false;
    }
    return true;
}

static void type_add_object(struct gql_type *type, const struct gql_type *object)
{
    type->may_be[object->place / BITS] |= UINT64_C(1) << object->place % BITS;
}

static bool schema_index_members(struct gql_schema *schema, struct arena *arena, struct err *err)
{
    for (size_t i = 0; i < schema->types_count; i++) {
        struct gql_type *type = schema->types[i];
        if (!gql_type_is_composite(type)) continue;
        type->may_be = arena_array(arena, schema_words(schema), sizeof *type->may_be);
        if (!type->may_be) return schema_refuse(err, "no memory", type->name);
        if (type->kind == GQL_OBJECT) type_add_object(type, type);
        for (size_t m = 0; m < type->members_count; m++) {
            if (type->members[m]->kind != GQL_OBJECT)
                return schema_refuse(err, "a member is no object", type->name);
            type_add_object(type, type->members[m]);
        }
    }
    return true;
}

bool gql_schema_finish(struct gql_schema *schema, const uint8_t key[GQL_NAMES_KEY], struct arena *arena,
                       struct err *err)
{
    memcpy(schema->names_key, key, GQL_NAMES_KEY);
    gql_names_init_first(&schema->names, schema->names_key, arena);
    if (!schema_name_all(schema)) return schema_refuse(err, "no memory", "the names");
    return schema_index_names(schema, arena, err) && schema_index_members(schema, arena, err);
}

const struct gql_type *gql_schema_type(const struct gql_schema *schema, uint32_t name)
{
    return name < gql_names_count(&schema->names) ? schema->by_name[name] : NULL;
}

const struct gql_directive *gql_schema_directive(const struct gql_schema *schema, uint32_t name)
{
    for (size_t i = 0; i < schema->directives_count; i++)
        if (schema->directives[i].id == name) return &schema->directives[i];
    return NULL;
}

const struct gql_field *gql_schema_field(const struct gql_schema *schema, const struct gql_type *type,
                                         uint32_t name)
{
    if (name == schema->typename_field->id) return schema->typename_field;
    if (type == schema->query && name == schema->schema_field->id) return schema->schema_field;
    if (type == schema->query && name == schema->type_field->id) return schema->type_field;
    uint16_t place = type->fields_count ? type_find(type, name) : 0;
    return place ? &type->fields[place - 1] : NULL;
}

const struct gql_input *gql_type_input(const struct gql_type *type, uint32_t name)
{
    uint16_t place = type->inputs_count ? type_find(type, name) : 0;
    return place ? &type->inputs[place - 1] : NULL;
}

const struct gql_enum_value *gql_type_value(const struct gql_type *type, uint32_t name)
{
    uint16_t place = type->values_count ? type_find(type, name) : 0;
    return place ? &type->values[place - 1] : NULL;
}

const struct gql_input *gql_input_find(const struct gql_input *inputs, size_t count, uint32_t name)
{
    for (size_t i = 0; i < count; i++)
        if (inputs[i].id == name) return &inputs[i];
    return NULL;
}

bool gql_type_is_leaf(const struct gql_type *type)
{
    return type->kind == GQL_SCALAR || type->kind == GQL_ENUM;
}

bool gql_type_is_composite(const struct gql_type *type)
{
    return type->kind == GQL_OBJECT || type->kind == GQL_INTERFACE || type->kind == GQL_UNION;
}

bool gql_type_is_input(const struct gql_type *type)
{
    return gql_type_is_leaf(type) || type->kind == GQL_INPUT;
}

bool gql_types_overlap(const struct gql_schema *schema, const struct gql_type *one,
                       const struct gql_type *two)
{
    if (one == two) return true;
    for (size_t i = 0; i < schema_words(schema); i++)
        if (one->may_be[i] & two->may_be[i]) return true;
    return false;
}

bool gql_type_may_be(const struct gql_type *type, const struct gql_type *object)
{
    return type->may_be[object->place / BITS] >> object->place % BITS & 1;
}

char *gql_ref_print(struct gql_ref ref, struct arena *arena)
{
    const char *whole = ref.wraps & GQL_REQUIRED ? "!" : "";
    if (!(ref.wraps & GQL_LIST)) return arena_printf(arena, "%s%s", ref.type->name, whole);
    return arena_printf(arena, "[%s%s]%s", ref.type->name, ref.wraps & GQL_ITEM_REQUIRED ? "!" : "", whole);
}

bool gql_input_is_required(const struct gql_input *input)
{
    return input->of.wraps & GQL_REQUIRED && !input->default_text;
}
