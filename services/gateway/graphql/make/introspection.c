// The types by which a schema tells of itself, and its directives: as GraphQL's specification has them.
#include <string.h>

#include "services/gateway/graphql/make/making.h"

enum { COST_SCHEMA = 100, COST_TYPE = 5 };

// A row begins a type where it says one.
static const struct row {
    const char *type, *name, *of;
    enum gql_meta meta;
    bool deprecated; // has the argument includeDeprecated
} rows[] = {
    {"__Schema", "description", "String", GQL_META_NULL, 0},
    {"", "types", "[__Type!]!", GQL_META_TYPES, 0},
    {"", "queryType", "__Type!", GQL_META_QUERY, 0},
    {"", "mutationType", "__Type", GQL_META_MUTATION, 0},
    {"", "subscriptionType", "__Type", GQL_META_SUBSCRIPTION, 0},
    {"", "directives", "[__Directive!]!", GQL_META_DIRECTIVES, 0},
    {"__Type", "kind", "__TypeKind!", GQL_META_KIND, 0},
    {"", "name", "String", GQL_META_NAME, 0},
    {"", "description", "String", GQL_META_DOC, 0},
    {"", "specifiedByURL", "String", GQL_META_NULL, 0},
    {"", "fields", "[__Field!]", GQL_META_FIELDS, 1},
    {"", "interfaces", "[__Type!]", GQL_META_INTERFACES, 0},
    {"", "possibleTypes", "[__Type!]", GQL_META_MEMBERS, 0},
    {"", "enumValues", "[__EnumValue!]", GQL_META_VALUES, 1},
    {"", "inputFields", "[__InputValue!]", GQL_META_INPUTS, 1},
    {"", "ofType", "__Type", GQL_META_OF, 0},
    {"", "isOneOf", "Boolean", GQL_META_ONE_OF, 0},
    {"__Field", "name", "String!", GQL_META_NAME, 0},
    {"", "description", "String", GQL_META_DOC, 0},
    {"", "args", "[__InputValue!]!", GQL_META_INPUTS, 1},
    {"", "type", "__Type!", GQL_META_TYPE_OF, 0},
    {"", "isDeprecated", "Boolean!", GQL_META_FALSE, 0},
    {"", "deprecationReason", "String", GQL_META_NULL, 0},
    {"__InputValue", "name", "String!", GQL_META_NAME, 0},
    {"", "description", "String", GQL_META_DOC, 0},
    {"", "type", "__Type!", GQL_META_TYPE_OF, 0},
    {"", "defaultValue", "String", GQL_META_DEFAULT, 0},
    {"", "isDeprecated", "Boolean!", GQL_META_FALSE, 0},
    {"", "deprecationReason", "String", GQL_META_NULL, 0},
    {"__EnumValue", "name", "String!", GQL_META_NAME, 0},
    {"", "description", "String", GQL_META_DOC, 0},
    {"", "isDeprecated", "Boolean!", GQL_META_FALSE, 0},
    {"", "deprecationReason", "String", GQL_META_NULL, 0},
    {"__Directive", "name", "String!", GQL_META_NAME, 0},
    {"", "description", "String", GQL_META_DOC, 0},
    {"", "isRepeatable", "Boolean!", GQL_META_FALSE, 0},
    {"", "locations", "[__DirectiveLocation!]!", GQL_META_PLACES, 0},
    {"", "args", "[__InputValue!]!", GQL_META_INPUTS, 1},
};

static const char *const kinds[] = {"SCALAR", "OBJECT",       "INTERFACE", "UNION",
                                    "ENUM",   "INPUT_OBJECT", "LIST",      "NON_NULL"};
static const char *const locations[] = {"QUERY",
                                        "MUTATION",
                                        "SUBSCRIPTION",
                                        "FIELD",
                                        "FRAGMENT_DEFINITION",
                                        "FRAGMENT_SPREAD",
                                        "INLINE_FRAGMENT",
                                        "VARIABLE_DEFINITION",
                                        "SCHEMA",
                                        "SCALAR",
                                        "OBJECT",
                                        "FIELD_DEFINITION",
                                        "ARGUMENT_DEFINITION",
                                        "INTERFACE",
                                        "UNION",
                                        "ENUM",
                                        "ENUM_VALUE",
                                        "INPUT_OBJECT",
                                        "INPUT_FIELD_DEFINITION"};

static void meta_enum(struct making *making, const char *name, const char *const *values, size_t count)
{
    struct gql_type *type = making_add(making, GQL_ENUM, name, NULL);
    type->values = making_alloc(making, count, sizeof *type->values);
    for (size_t i = 0; i < count; i++)
        type->values[type->values_count++] = (struct gql_enum_value){.name = values[i], .number = (int32_t)i};
}

static struct gql_type *meta_find(const struct making *making, const char *name, size_t len)
{
    for (size_t i = 0; i < making->count; i++)
        if (strlen(making->types[i]->name) == len && memcmp(making->types[i]->name, name, len) == 0)
            return making->types[i];
    return NULL;
}

// "[__Type!]!"
static struct gql_ref meta_ref(struct making *making, const char *text)
{
    bool list = *text == '[';
    size_t len = strcspn(text + list, "!]");
    const char *end = text + list + len;
    struct gql_ref ref = {meta_find(making, text + list, len), list ? GQL_LIST : 0};
    if (list && *end == '!') ref.wraps |= GQL_ITEM_REQUIRED, end++;
    if (list) end++;
    if (*end == '!') ref.wraps |= GQL_REQUIRED;
    if (!ref.type) making_refuse(making, "no such type", text);
    return ref;
}

static struct gql_input *meta_input(struct making *making, const char *name, const char *of,
                                    const char *preset)
{
    struct gql_input *input = making_alloc(making, 1, sizeof *input);
    *input = (struct gql_input){.name = name, .of = meta_ref(making, of), .default_text = preset};
    return input;
}

static struct gql_field meta_field(struct making *making, const struct row *row)
{
    struct gql_field field = {
        .name = row->name, .of = meta_ref(making, row->of), .source = GQL_SCHEMA, .meta = row->meta};
    if (row->deprecated) {
        field.args = meta_input(making, "includeDeprecated", "Boolean", "false");
        field.args_count = 1;
    }
    return field;
}

static void meta_types(struct making *making)
{
    struct gql_type *type = NULL;
    size_t count = sizeof rows / sizeof *rows;
    for (size_t i = 0; i < count; i++)
        if (*rows[i].type) making_add(making, GQL_OBJECT, rows[i].type, NULL);
    for (size_t i = 0; i < count; i++) {
        if (*rows[i].type) {
            type = meta_find(making, rows[i].type, strlen(rows[i].type));
            type->fields = making_alloc(making, count, sizeof *type->fields);
        }
        type->fields[type->fields_count++] = meta_field(making, &rows[i]);
    }
}

static void meta_directives(struct making *making, struct gql_schema *schema)
{
    static const char *const of_deprecated[] = {"FIELD_DEFINITION", "ARGUMENT_DEFINITION",
                                                "INPUT_FIELD_DEFINITION", "ENUM_VALUE", NULL};
    static const char *const of_scalar[] = {"SCALAR", NULL}, *const of_input[] = {"INPUT_OBJECT", NULL};
    uint16_t runs = GQL_ON_FIELD | GQL_ON_SPREAD | GQL_ON_INLINE;
    const struct gql_directive all[] = {
        {.name = "include",
         .doc = "What is behind it is in the answer only if `if` is true.",
         .args = meta_input(making, "if", "Boolean!", NULL),
         .args_count = 1,
         .places = runs},
        {.name = "skip",
         .doc = "What is behind it is left out of the answer if `if` is true.",
         .args = meta_input(making, "if", "Boolean!", NULL),
         .args_count = 1,
         .places = runs},
        {.name = "deprecated",
         .doc = "It is no longer supported.",
         .args = meta_input(making, "reason", "String!", "\"No longer supported\""),
         .args_count = 1,
         .type_places = of_deprecated},
        {.name = "specifiedBy",
         .doc = "Where a scalar is described.",
         .args = meta_input(making, "url", "String!", NULL),
         .args_count = 1,
         .type_places = of_scalar},
        {.name = "oneOf", .doc = "Exactly one field is given.", .type_places = of_input},
    };
    schema->directives_count = sizeof all / sizeof *all;
    schema->directives = making_alloc(making, schema->directives_count, sizeof *schema->directives);
    memcpy(schema->directives, all, sizeof all);
}

static void meta_beside(struct making *making, struct gql_schema *schema)
{
    struct gql_field *fields = making_alloc(making, 3, sizeof *fields);
    fields[0] =
        (struct gql_field){.name = "__typename", .of = meta_ref(making, "String!"), .source = GQL_TYPENAME};
    fields[1] = (struct gql_field){.name = "__schema",
                                   .of = meta_ref(making, "__Schema!"),
                                   .source = GQL_SCHEMA,
                                   .meta = GQL_META_SCHEMA,
                                   .cost = COST_SCHEMA};
    fields[2] = (struct gql_field){.name = "__type",
                                   .of = meta_ref(making, "__Type"),
                                   .args = meta_input(making, "name", "String!", NULL),
                                   .args_count = 1,
                                   .source = GQL_SCHEMA,
                                   .meta = GQL_META_TYPE,
                                   .cost = COST_TYPE};
    schema->typename_field = &fields[0];
    schema->schema_field = &fields[1];
    schema->type_field = &fields[2];
}

void making_introspection(struct making *making, struct gql_schema *schema)
{
    making_scalar(making, "String");
    making_scalar(making, "Boolean");
    meta_enum(making, "__TypeKind", kinds, sizeof kinds / sizeof *kinds);
    meta_enum(making, "__DirectiveLocation", locations, sizeof locations / sizeof *locations);
    meta_types(making);
    meta_directives(making, schema);
    meta_beside(making, schema);
}
