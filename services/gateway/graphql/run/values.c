#include <stdlib.h>
#include <string.h>

#include "services/gateway/graphql/run/running.h"

static json_t *value_name(struct gql_run *run, uint32_t id)
{
    const struct gql_name *name = gql_names_get(&run->document->names, id);
    return json_stringn(name->text, name->len);
}

// An Int is a number; those that have 64 bits, and ids, are texts.
static json_t *value_number(const struct ast_value *value, const struct gql_type *type)
{
    char text[64];
    size_t len = value->len < sizeof text - 1 ? value->len : sizeof text - 1;
    memcpy(text, value->text, len);
    text[len] = 0;
    if (type->literals == GQL_INTS) return json_integer(strtoll(text, NULL, 10));
    if (type->literals == GQL_FLOATS) return json_real(strtod(text, NULL));
    return json_stringn(value->text, value->len);
}

static json_t *value_object(struct gql_run *run, const struct ast_value *value, const struct gql_type *type)
{
    json_t *object = json_object();
    for (const struct ast_argument *each = value->fields; each && type->kind == GQL_INPUT;
         each = each->next) {
        json_t *inner = value_of(run, each->value, each->input->of);
        if (inner) json_object_set_new(object, each->input->into->name, inner);
    }
    return object;
}

static json_t *value_list(struct gql_run *run, const struct ast_value *value, struct gql_ref of)
{
    json_t *list = json_array();
    struct gql_ref item = {of.type, of.wraps & GQL_ITEM_REQUIRED ? GQL_REQUIRED : 0};
    if (value->kind != AST_LIST) return json_array_append_new(list, value_of(run, value, item)), list;
    for (const struct ast_value *each = value->items; each; each = each->next) {
        json_t *inner = value_of(run, each, item);
        json_array_append_new(list, inner ? inner : json_null());
    }
    return list;
}

// Lists where the type has none are for scalars of our own, which refuse them later.
static json_t *value_alone(struct gql_run *run, const struct ast_value *value, const struct gql_type *type)
{
    switch (value->kind) {
    case AST_INT:
    case AST_FLOAT:
        return value_number(value, type);
    case AST_STRING:
    case AST_BLOCK:
        return json_stringn(value->text, value->len);
    case AST_TRUE:
    case AST_FALSE:
        return json_boolean(value->kind == AST_TRUE);
    case AST_ENUM:
        return value_name(run, value->name);
    case AST_OBJECT:
        return value_object(run, value, type);
    default:
        return json_array();
    }
}

json_t *value_of(struct gql_run *run, const struct ast_value *value, struct gql_ref of)
{
    if (value->kind == AST_VARIABLE) return json_incref(run->variables[value->name]);
    if (value->kind == AST_NULL) return json_null();
    return of.wraps & GQL_LIST ? value_list(run, value, of) : value_alone(run, value, of.type);
}

bool value_is_true(struct gql_run *run, const struct ast_value *value)
{
    return value->kind == AST_TRUE ||
           (value->kind == AST_VARIABLE && json_is_true(run->variables[value->name]));
}
