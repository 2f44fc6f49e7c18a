#include "services/gateway/graphql/types/testing/sdl_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/graphql/text/lexer.h"

enum { MOST_TYPES = 1024, MOST_PARTS = 1024, MOST_BYTES = 1 << 20 };

struct sdl {
    struct gql_lexer lexer;
    struct gql_token token;
    struct arena *arena;
    struct gql_type *types[MOST_TYPES];
    uint16_t count;
};

static const char introspection[] =
    "type __Schema { description: String types: [__Type!]! queryType: __Type! mutationType: __Type"
    "  subscriptionType: __Type directives(includeDeprecated: Boolean! = false): [__Directive!]! }\n"
    "type __Type { kind: __TypeKind! name: String description: String specifiedByURL: String"
    "  fields(includeDeprecated: Boolean = false): [__Field!] interfaces: [__Type!] possibleTypes: [__Type!]"
    "  enumValues(includeDeprecated: Boolean = false): [__EnumValue!]"
    "  inputFields(includeDeprecated: Boolean = false): [__InputValue!] ofType: __Type isOneOf: Boolean }\n"
    "enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }\n"
    "type __Field { name: String! description: String args(includeDeprecated: Boolean = false): "
    "[__InputValue!]!"
    "  type: __Type! isDeprecated: Boolean! deprecationReason: String }\n"
    "type __InputValue { name: String! description: String type: __Type! defaultValue: String"
    "  isDeprecated: Boolean! deprecationReason: String }\n"
    "type __EnumValue { name: String! description: String isDeprecated: Boolean! deprecationReason: String "
    "}\n"
    "type __Directive { name: String! description: String isRepeatable: Boolean! isDeprecated: Boolean!"
    "  deprecationReason: String locations: [__DirectiveLocation!]!"
    "  args(includeDeprecated: Boolean = false): [__InputValue!]! }\n"
    "enum __DirectiveLocation { QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD"
    "  INLINE_FRAGMENT VARIABLE_DEFINITION SCHEMA SCALAR OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION "
    "INTERFACE"
    "  UNION ENUM ENUM_VALUE INPUT_OBJECT INPUT_FIELD_DEFINITION DIRECTIVE_DEFINITION }\n";

// A query that has the fields beside all others, and the arguments of the directives.
static const char meta[] =
    "type __Meta { __typename: String! __schema: __Schema! __type(name: String!): __Type"
    "  skip(if: Boolean!): String include(if: Boolean!): String"
    "  deprecated(reason: String! = \"No longer supported\"): String"
    "  specifiedBy(url: String!): String oneOf: String }\n";

static void sdl_fail(const struct sdl *sdl, const char *what)
{
    fprintf(stderr, "the schema, at byte %u: %s\n", sdl->token.at, what);
    exit(2);
}

static void sdl_next(struct sdl *sdl)
{
    if (!gql_lexer_next(&sdl->lexer, &sdl->token)) sdl_fail(sdl, "no token");
}

static bool sdl_take(struct sdl *sdl, int kind)
{
    if (sdl->token.kind != kind) return false;
    sdl_next(sdl);
    return true;
}

static void sdl_expect(struct sdl *sdl, int kind)
{
    if (!sdl_take(sdl, kind)) sdl_fail(sdl, "another token is expected");
}

static const char *sdl_name(struct sdl *sdl)
{
    if (sdl->token.kind != GQL_TOKEN_NAME) sdl_fail(sdl, "a name is expected");
    const char *name = arena_strn(sdl->arena, sdl->token.text, sdl->token.len);
    sdl_next(sdl);
    return name;
}

static bool sdl_take_word(struct sdl *sdl, const char *word)
{
    bool is = sdl->token.kind == GQL_TOKEN_NAME && sdl->token.len == strlen(word) &&
              memcmp(sdl->token.text, word, sdl->token.len) == 0;
    if (is) sdl_next(sdl);
    return is;
}

static void sdl_description(struct sdl *sdl)
{
    if (sdl->token.kind == GQL_TOKEN_STRING || sdl->token.kind == GQL_TOKEN_BLOCK) sdl_next(sdl);
}

// Known by its name, maybe before it is described.
static struct gql_type *sdl_type(struct sdl *sdl, const char *name)
{
    static const char *const scalars[] = {[GQL_STRINGS] = "String",
                                          [GQL_IDS] = "ID",
                                          [GQL_INTS] = "Int",
                                          [GQL_FLOATS] = "Float",
                                          [GQL_BOOLEANS] = "Boolean"};
    for (uint16_t i = 0; i < sdl->count; i++)
        if (strcmp(sdl->types[i]->name, name) == 0) return sdl->types[i];
    if (sdl->count == MOST_TYPES) sdl_fail(sdl, "too many types");
    struct gql_type *type = arena_new(sdl->arena, struct gql_type);
    type->name = name;
    for (int i = GQL_STRINGS; i <= GQL_BOOLEANS; i++)
        if (strcmp(scalars[i], name) == 0) type->literals = (enum gql_literals)i;
    return sdl->types[sdl->count++] = type;
}

static struct gql_ref sdl_ref(struct sdl *sdl)
{
    struct gql_ref ref = {0};
    bool list = sdl_take(sdl, '[');
    ref.type = sdl_type(sdl, sdl_name(sdl));
    bool required = sdl_take(sdl, '!');
    if (list) {
        sdl_expect(sdl, ']');
        ref.wraps = GQL_LIST | (required ? GQL_ITEM_REQUIRED : 0);
        required = sdl_take(sdl, '!');
    }
    if (required) ref.wraps |= GQL_REQUIRED;
    return ref;
}

// As it is written.
static const char *sdl_default(struct sdl *sdl)
{
    const char *begin = sdl->lexer.text + sdl->token.at, *end;
    int depth = 0;
    do {
        if (sdl->token.kind == '[' || sdl->token.kind == '{') depth++;
        if (sdl->token.kind == ']' || sdl->token.kind == '}') depth--;
        end = sdl->lexer.at;
        sdl_next(sdl);
    } while (depth > 0);
    return arena_strn(sdl->arena, begin, (size_t)(end - begin));
}

static struct gql_input *sdl_inputs(struct sdl *sdl, int close, uint16_t *count)
{
    struct gql_input inputs[MOST_PARTS];
    for (*count = 0; !sdl_take(sdl, close); ++*count) {
        sdl_description(sdl);
        struct gql_input *input = &inputs[*count];
        *input = (struct gql_input){.name = sdl_name(sdl)};
        sdl_expect(sdl, ':');
        input->of = sdl_ref(sdl);
        if (sdl_take(sdl, '=')) input->default_text = sdl_default(sdl);
    }
    return arena_copy(sdl->arena, inputs, *count * sizeof *inputs);
}

static void sdl_fields(struct sdl *sdl, struct gql_type *type)
{
    struct gql_field fields[MOST_PARTS];
    for (sdl_expect(sdl, '{'); !sdl_take(sdl, '}'); type->fields_count++) {
        sdl_description(sdl);
        struct gql_field *field = &fields[type->fields_count];
        *field = (struct gql_field){.name = sdl_name(sdl)};
        if (sdl_take(sdl, '(')) field->args = sdl_inputs(sdl, ')', &field->args_count);
        sdl_expect(sdl, ':');
        field->of = sdl_ref(sdl);
    }
    type->fields = arena_copy(sdl->arena, fields, type->fields_count * sizeof *fields);
}

static void sdl_add_member(struct sdl *sdl, struct gql_type *type, struct gql_type *member)
{
    struct gql_type **members = arena_array(sdl->arena, type->members_count + 1, sizeof *members);
    if (type->members_count) memcpy(members, type->members, type->members_count * sizeof *members);
    members[type->members_count++] = member;
    type->members = members;
}

static void sdl_object(struct sdl *sdl, enum gql_kind kind)
{
    struct gql_type *type = sdl_type(sdl, sdl_name(sdl));
    type->kind = kind;
    if (sdl_take_word(sdl, "implements")) {
        do {
            struct gql_type *interface = sdl_type(sdl, sdl_name(sdl));
            if (kind == GQL_OBJECT) sdl_add_member(sdl, interface, type);
        } while (sdl_take(sdl, '&'));
    }
    sdl_fields(sdl, type);
}

static void sdl_union(struct sdl *sdl)
{
    struct gql_type *type = sdl_type(sdl, sdl_name(sdl));
    type->kind = GQL_UNION;
    sdl_expect(sdl, '=');
    do sdl_add_member(sdl, type, sdl_type(sdl, sdl_name(sdl)));
    while (sdl_take(sdl, '|'));
}

static void sdl_enum(struct sdl *sdl)
{
    struct gql_enum_value values[MOST_PARTS];
    struct gql_type *type = sdl_type(sdl, sdl_name(sdl));
    type->kind = GQL_ENUM;
    for (sdl_expect(sdl, '{'); !sdl_take(sdl, '}'); type->values_count++) {
        sdl_description(sdl);
        values[type->values_count] = (struct gql_enum_value){.name = sdl_name(sdl)};
    }
    type->values = arena_copy(sdl->arena, values, type->values_count * sizeof *values);
}

static void sdl_input(struct sdl *sdl)
{
    struct gql_type *type = sdl_type(sdl, sdl_name(sdl));
    type->kind = GQL_INPUT;
    type->one_of = sdl_take(sdl, '@') && sdl_take_word(sdl, "oneOf");
    sdl_expect(sdl, '{');
    type->inputs = sdl_inputs(sdl, '}', &type->inputs_count);
}

static void sdl_definition(struct sdl *sdl)
{
    sdl_description(sdl);
    if (sdl_take_word(sdl, "type"))
        sdl_object(sdl, GQL_OBJECT);
    else if (sdl_take_word(sdl, "interface"))
        sdl_object(sdl, GQL_INTERFACE);
    else if (sdl_take_word(sdl, "union"))
        sdl_union(sdl);
    else if (sdl_take_word(sdl, "enum"))
        sdl_enum(sdl);
    else if (sdl_take_word(sdl, "input"))
        sdl_input(sdl);
    else if (sdl_take_word(sdl, "scalar"))
        sdl_type(sdl, sdl_name(sdl))->kind = GQL_SCALAR;
    else
        sdl_fail(sdl, "a definition is expected");
}

static void sdl_read(struct sdl *sdl, const char *text)
{
    struct gql_faults faults = {.arena = sdl->arena};
    sdl->lexer = (struct gql_lexer){.text = text,
                                    .at = text,
                                    .end = text + strlen(text),
                                    .most = UINT32_MAX,
                                    .arena = sdl->arena,
                                    .faults = &faults};
    sdl_next(sdl);
    while (sdl->token.kind != GQL_TOKEN_END) sdl_definition(sdl);
}

static void sdl_directives(struct sdl *sdl, struct gql_schema *schema, struct gql_field *field, size_t count)
{
    schema->directives_count = (uint16_t)count;
    schema->directives = arena_array(sdl->arena, count, sizeof *schema->directives);
    for (size_t i = 0; i < count; i++) {
        bool runs = strcmp(field[i].name, "skip") == 0 || strcmp(field[i].name, "include") == 0;
        schema->directives[i] =
            (struct gql_directive){.name = field[i].name,
                                   .args = (struct gql_input *)field[i].args,
                                   .args_count = field[i].args_count,
                                   .places = runs ? GQL_ON_FIELD | GQL_ON_SPREAD | GQL_ON_INLINE : 0};
    }
}

const struct gql_schema *sdl_schema(const char *text, struct arena *arena)
{
    static const uint8_t key[GQL_NAMES_KEY] = {1, 2, 3};
    struct err err;
    struct sdl *sdl = arena_new(arena, struct sdl);
    struct gql_schema *schema = arena_new(arena, struct gql_schema);
    sdl->arena = arena;
    sdl_read(sdl, text);
    sdl_read(sdl, introspection);
    schema->types = sdl->types;
    schema->query = sdl_type(sdl, "Query");
    schema->mutation = sdl_type(sdl, "Mutation");
    schema->subscription = sdl_type(sdl, "Subscription");
    schema->types_count = sdl->count;
    sdl_read(sdl, meta);
    struct gql_type *beside = sdl_type(sdl, "__Meta");
    schema->typename_field = &beside->fields[0];
    schema->schema_field = &beside->fields[1];
    schema->type_field = &beside->fields[2];
    sdl_directives(sdl, schema, beside->fields + 3, beside->fields_count - 3);
    if (!gql_schema_finish(schema, key, arena, &err)) sdl_fail(sdl, err.message);
    return schema;
}

const struct gql_schema *sdl_schema_load(const char *path, struct arena *arena)
{
    FILE *file = fopen(path, "r");
    char *text = arena_alloc(arena, MOST_BYTES);
    if (!file || !text || fread(text, 1, MOST_BYTES - 1, file) == 0) {
        perror(path);
        exit(2);
    }
    fclose(file);
    return sdl_schema(text, arena);
}
