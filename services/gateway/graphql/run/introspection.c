// What a schema tells of itself, from the same structs that everything else reads.
#include <string.h>

#include "lib/json/json.h"
#include "services/gateway/graphql/run/running.h"

enum thing_kind {
    THING_NONE,
    THING_SCHEMA,
    THING_TYPE,
    THING_FIELD,
    THING_INPUT,
    THING_VALUE,
    THING_DIRECTIVE
};

struct thing {
    enum thing_kind kind;
    const void *it;
    uint8_t wraps; // of a type
};

static void write_thing(struct gql_run *run, struct plan_field *field, struct thing thing, struct buf *out);

static void write_text_or_null(const char *text, struct buf *out)
{
    if (text)
        json_write_text(out, text);
    else
        buf_str(out, "null");
}

// ---- Lists: the i-th of what a thing has

typedef struct thing nth_of(const void *it, size_t i);

static struct thing nth_type(const void *it, size_t i)
{
    return (struct thing){THING_TYPE, ((const struct gql_schema *)it)->types[i], 0};
}
static struct thing nth_directive(const void *it, size_t i)
{
    return (struct thing){THING_DIRECTIVE, &((const struct gql_schema *)it)->directives[i], 0};
}
static struct thing nth_field(const void *it, size_t i)
{
    return (struct thing){THING_FIELD, &((const struct gql_type *)it)->fields[i], 0};
}
static struct thing nth_interface(const void *it, size_t i)
{
    return (struct thing){THING_TYPE, ((const struct gql_type *)it)->interfaces[i], 0};
}
static struct thing nth_member(const void *it, size_t i)
{
    return (struct thing){THING_TYPE, ((const struct gql_type *)it)->members[i], 0};
}
static struct thing nth_value(const void *it, size_t i)
{
    return (struct thing){THING_VALUE, &((const struct gql_type *)it)->values[i], 0};
}
static struct thing nth_input(const void *it, size_t i)
{
    return (struct thing){THING_INPUT, &((const struct gql_input *)it)[i], 0};
}

static void write_list_of(struct gql_run *run, struct plan_field *field, nth_of *nth, const void *it,
                          size_t count, struct buf *out)
{
    buf_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i) buf_char(out, ',');
        write_thing(run, field, nth(it, i), out);
    }
    buf_char(out, ']');
}

// ---- Types

static const char *const kinds[] = {
    [GQL_SCALAR] = "SCALAR", [GQL_OBJECT] = "OBJECT", [GQL_INTERFACE] = "INTERFACE",
    [GQL_UNION] = "UNION",   [GQL_ENUM] = "ENUM",     [GQL_INPUT] = "INPUT_OBJECT"};

static const char *kind_of(const struct thing *thing)
{
    if (thing->wraps & GQL_REQUIRED) return "NON_NULL";
    return thing->wraps & GQL_LIST ? "LIST" : kinds[((const struct gql_type *)thing->it)->kind];
}

static struct thing type_within(const struct thing *thing)
{
    if (thing->wraps & GQL_REQUIRED)
        return (struct thing){THING_TYPE, thing->it, (uint8_t)(thing->wraps & ~GQL_REQUIRED)};
    if (thing->wraps & GQL_LIST)
        return (struct thing){THING_TYPE, thing->it, thing->wraps & GQL_ITEM_REQUIRED ? GQL_REQUIRED : 0};
    return (struct thing){THING_NONE, NULL, 0};
}

static void write_type_list(struct gql_run *run, struct plan_field *field, const struct gql_type *type,
                            struct buf *out)
{
    bool has_fields = type->kind == GQL_OBJECT || type->kind == GQL_INTERFACE;
    bool has_members = type->kind == GQL_UNION || type->kind == GQL_INTERFACE;
    enum gql_meta meta = field->field->meta;
    if (meta == GQL_META_FIELDS && has_fields)
        write_list_of(run, field, nth_field, type, type->fields_count, out);
    else if (meta == GQL_META_INTERFACES && has_fields)
        write_list_of(run, field, nth_interface, type, type->interfaces_count, out);
    else if (meta == GQL_META_MEMBERS && has_members)
        write_list_of(run, field, nth_member, type, type->members_count, out);
    else if (meta == GQL_META_VALUES && type->kind == GQL_ENUM)
        write_list_of(run, field, nth_value, type, type->values_count, out);
    else if (meta == GQL_META_INPUTS && type->kind == GQL_INPUT)
        write_list_of(run, field, nth_input, type->inputs, type->inputs_count, out);
    else
        buf_str(out, "null");
}

static void write_of_type(struct gql_run *run, struct plan_field *field, const struct thing *thing,
                          struct buf *out)
{
    const struct gql_type *type = thing->it;
    switch (field->field->meta) {
    case GQL_META_KIND:
        return json_write_text(out, kind_of(thing));
    case GQL_META_OF:
        return write_thing(run, field, type_within(thing), out);
    case GQL_META_NAME:
        return write_text_or_null(thing->wraps ? NULL : type->name, out);
    case GQL_META_DOC:
        return write_text_or_null(thing->wraps ? NULL : type->doc, out);
    case GQL_META_ONE_OF:
        return buf_str(out, thing->wraps || type->kind != GQL_INPUT ? "null"
                            : type->one_of                          ? "true"
                                                                    : "false");
    default:
        break;
    }
    if (thing->wraps)
        buf_str(out, "null");
    else
        write_type_list(run, field, type, out);
}

// ---- The others

static struct thing ref_thing(struct gql_ref ref) { return (struct thing){THING_TYPE, ref.type, ref.wraps}; }

static void write_of_field(struct gql_run *run, struct plan_field *field, const struct gql_field *of,
                           struct buf *out)
{
    switch (field->field->meta) {
    case GQL_META_NAME:
        return write_text_or_null(of->name, out);
    case GQL_META_DOC:
        return write_text_or_null(of->doc, out);
    case GQL_META_INPUTS:
        return write_list_of(run, field, nth_input, of->args, of->args_count, out);
    default:
        return write_thing(run, field, ref_thing(of->of), out);
    }
}

static void write_of_input(struct gql_run *run, struct plan_field *field, const struct gql_input *of,
                           struct buf *out)
{
    switch (field->field->meta) {
    case GQL_META_NAME:
        return write_text_or_null(of->name, out);
    case GQL_META_DOC:
        return write_text_or_null(of->doc, out);
    case GQL_META_DEFAULT:
        return write_text_or_null(of->default_text, out);
    default:
        return write_thing(run, field, ref_thing(of->of), out);
    }
}

static void write_places(const struct gql_directive *of, struct buf *out)
{
    static const char *const names[] = {
        "QUERY",           "MUTATION",        "SUBSCRIPTION",       "FIELD", "FRAGMENT_DEFINITION",
        "FRAGMENT_SPREAD", "INLINE_FRAGMENT", "VARIABLE_DEFINITION"};
    const char *between = "";
    buf_char(out, '[');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (of->places >> i & 1) buf_printf(out, "%s\"%s\"", between, names[i]), between = ",";
    for (const char *const *name = of->type_places; name && *name; name++)
        buf_printf(out, "%s\"%s\"", between, *name), between = ",";
    buf_char(out, ']');
}

static void write_of_directive(struct gql_run *run, struct plan_field *field, const struct gql_directive *of,
                               struct buf *out)
{
    switch (field->field->meta) {
    case GQL_META_NAME:
        return write_text_or_null(of->name, out);
    case GQL_META_DOC:
        return write_text_or_null(of->doc, out);
    case GQL_META_PLACES:
        return write_places(of, out);
    default:
        return write_list_of(run, field, nth_input, of->args, of->args_count, out);
    }
}

static struct thing root_thing(const struct gql_type *type)
{
    return (struct thing){type ? THING_TYPE : THING_NONE, type, 0};
}

static void write_of_schema(struct gql_run *run, struct plan_field *field, const struct gql_schema *of,
                            struct buf *out)
{
    switch (field->field->meta) {
    case GQL_META_TYPES:
        return write_list_of(run, field, nth_type, of, of->types_count, out);
    case GQL_META_DIRECTIVES:
        return write_list_of(run, field, nth_directive, of, of->directives_count, out);
    case GQL_META_QUERY:
        return write_thing(run, field, root_thing(of->query), out);
    case GQL_META_MUTATION:
        return write_thing(run, field, root_thing(of->mutation), out);
    default:
        return write_thing(run, field, root_thing(of->subscription), out);
    }
}

static void write_of(struct gql_run *run, struct plan_field *field, const struct thing *thing,
                     struct buf *out)
{
    const struct gql_enum_value *value = thing->it;
    if (field->field->meta == GQL_META_NULL) return buf_str(out, "null");
    if (field->field->meta == GQL_META_FALSE) return buf_str(out, "false");
    switch (thing->kind) {
    case THING_SCHEMA:
        return write_of_schema(run, field, thing->it, out);
    case THING_TYPE:
        return write_of_type(run, field, thing, out);
    case THING_FIELD:
        return write_of_field(run, field, thing->it, out);
    case THING_INPUT:
        return write_of_input(run, field, thing->it, out);
    case THING_DIRECTIVE:
        return write_of_directive(run, field, thing->it, out);
    default:
        return write_text_or_null(field->field->meta == GQL_META_NAME ? value->name : value->doc, out);
    }
}

static void write_thing(struct gql_run *run, struct plan_field *field, struct thing thing, struct buf *out)
{
    const struct plan_object *object = plan_below(run, field, field->field->of.type);
    if (thing.kind == THING_NONE || !object) return buf_str(out, "null");
    buf_char(out, '{');
    for (struct plan_field *each = object->fields; each; each = each->next) {
        write_key(run, each->key, each == object->fields, out);
        if (each->field->source == GQL_TYPENAME)
            json_write_text(out, object->type->name);
        else
            write_of(run, each, &thing, out);
    }
    buf_char(out, '}');
}

void write_meta_root(struct gql_run *run, struct plan_field *field, struct buf *out)
{
    if (field->field->meta == GQL_META_SCHEMA)
        write_thing(run, field, (struct thing){THING_SCHEMA, run->schema, 0}, out);
    else
        write_thing(run, field, root_thing(field->named), out);
}
