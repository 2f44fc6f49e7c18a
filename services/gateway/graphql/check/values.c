#include <stdlib.h>
#include <string.h>

#include "services/gateway/graphql/check/checking.h"

static const char VALUES[] = "ValuesOfCorrectType";

bool check_has(const struct checking *checking, uint32_t name)
{
    return checking->seen[name] == checking->stamp;
}

void check_unique_arguments(struct checking *checking, const struct ast_argument *first, const char *rule)
{
    checking->stamp++;
    for (const struct ast_argument *each = first; each; each = each->next) {
        if (check_has(checking, each->name))
            check_fault(checking, rule, each->at, "this name is there before");
        checking->seen[each->name] = checking->stamp;
    }
}

static bool wanted_is_list(const struct check_wanted *wanted)
{
    return wanted->declared ? wanted->declared->item != NULL : wanted->of.wraps & GQL_LIST;
}

static bool wanted_is_required(const struct check_wanted *wanted)
{
    return wanted->declared ? wanted->declared->required : wanted->of.wraps & GQL_REQUIRED;
}

// Of an item. What is no list wants one of itself, which may be null.
static struct check_wanted wanted_item(const struct check_wanted *wanted)
{
    struct check_wanted item = {.of = {wanted->of.type, 0}, .silent = wanted->silent};
    if (wanted->declared) item.declared = wanted->declared->item;
    if (wanted->of.wraps & GQL_LIST && wanted->of.wraps & GQL_ITEM_REQUIRED) item.of.wraps = GQL_REQUIRED;
    return item;
}

static bool value_is_int(const struct ast_value *value)
{
    char digits[16];
    if (value->kind != AST_INT || value->len >= sizeof digits) return false;
    memcpy(digits, value->text, value->len);
    digits[value->len] = 0;
    long long number = strtoll(digits, NULL, 10);
    return number >= INT32_MIN && number <= INT32_MAX;
}

static bool value_is_string(const struct ast_value *value)
{
    return value->kind == AST_STRING || value->kind == AST_BLOCK;
}

static bool value_fits_scalar(const struct ast_value *value, enum gql_literals literals)
{
    switch (literals) {
    case GQL_ANY:
        return true;
    case GQL_STRINGS:
        return value_is_string(value);
    case GQL_IDS:
        return value_is_string(value) || value->kind == AST_INT;
    case GQL_INTS:
        return value_is_int(value);
    case GQL_FLOATS:
        return value->kind == AST_FLOAT || value->kind == AST_INT;
    case GQL_BOOLEANS:
        return value->kind == AST_TRUE || value->kind == AST_FALSE;
    }
    return false;
}

static bool value_fits(const struct ast_value *value, const struct gql_type *type)
{
    if (type->kind == GQL_ENUM) return value->kind == AST_ENUM && gql_type_value(type, value->name);
    return type->kind == GQL_SCALAR && value_fits_scalar(value, type->literals);
}

// A literal as a whole: one that stands for a list of itself, too.
static void value_judge(struct checking *checking, const struct ast_value *value,
                        const struct check_wanted *wanted)
{
    const struct gql_type *type = wanted->of.type;
    if (type && !wanted->silent && !value_fits(value, type))
        check_fault(checking, VALUES, value->at, "a value of type %s should stand here", type->name);
}

static void value_use(struct checking *checking, const struct ast_value *value,
                      const struct check_wanted *wanted)
{
    struct check_use *use = check_alloc(checking, 1, sizeof *use);
    if (!use) return;
    *use = (struct check_use){.name = value->name, .at = value->at, .wanted = *wanted};
    *checking->uses->variables_end = use;
    checking->uses->variables_end = &use->next;
}

static void value_null(struct checking *checking, const struct ast_value *value,
                       const struct check_wanted *wanted)
{
    if (wanted->of.type && !wanted->silent && wanted_is_required(wanted))
        check_fault(checking, VALUES, value->at, "a value of type %s should stand here, not null",
                    wanted->of.type->name);
}

static void value_list(struct checking *checking, const struct ast_value *list,
                       const struct check_wanted *wanted)
{
    struct check_wanted item = wanted_item(wanted);
    if (!wanted_is_list(wanted)) {
        value_judge(checking, list, wanted);
        item.silent = true;
    }
    for (const struct ast_value *each = list->items; each; each = each->next)
        check_value(checking, each, item);
}

static void object_check_one_of(struct checking *checking, const struct ast_value *object,
                                const struct gql_type *type)
{
    const struct ast_argument *only = object->fields;
    if (!only || only->next)
        check_fault(checking, VALUES, object->at, "%s has exactly one field", type->name);
    else if (only->value->kind == AST_NULL)
        check_fault(checking, VALUES, object->at, "the field of %s is not null", type->name);
}

static void object_check_required(struct checking *checking, const struct ast_value *object,
                                  const struct gql_type *type)
{
    for (size_t i = 0; i < type->inputs_count; i++)
        if (gql_input_is_required(&type->inputs[i]) && !check_has(checking, type->inputs[i].id))
            check_fault(checking, VALUES, object->at, "%s.%s is missing", type->name, type->inputs[i].name);
    if (type->one_of) object_check_one_of(checking, object, type);
}

static void object_field(struct checking *checking, struct ast_argument *field, const struct gql_type *type,
                         const struct check_wanted *wanted)
{
    struct check_wanted inner = {.silent = wanted->silent || !type};
    field->input = type ? gql_type_input(type, field->name) : NULL;
    if (field->input) {
        inner.of = field->input->of;
        inner.has_default = field->input->default_text != NULL;
        inner.within_one_of = type->one_of && !wanted->of.wraps && !wanted->declared;
    } else if (type && !wanted->silent) {
        check_fault(checking, VALUES, field->at, "%s has no such field", type->name);
    }
    check_value(checking, field->value, inner);
}

static void value_object(struct checking *checking, const struct ast_value *object,
                         const struct check_wanted *wanted)
{
    const struct gql_type *type =
        wanted->of.type && wanted->of.type->kind == GQL_INPUT ? wanted->of.type : NULL;
    check_unique_arguments(checking, object->fields, "UniqueInputFieldNames");
    if (type && !wanted->silent) object_check_required(checking, object, type);
    if (!type) value_judge(checking, object, wanted);
    for (struct ast_argument *each = object->fields; each; each = each->next)
        object_field(checking, each, type, wanted);
}

void check_value(struct checking *checking, const struct ast_value *value, struct check_wanted wanted)
{
    switch (value->kind) {
    case AST_VARIABLE:
        value_use(checking, value, &wanted);
        return;
    case AST_NULL:
        value_null(checking, value, &wanted);
        return;
    case AST_LIST:
        value_list(checking, value, &wanted);
        return;
    case AST_OBJECT:
        value_object(checking, value, &wanted);
        return;
    default:
        value_judge(checking, value, &wanted);
        return;
    }
}

static void argument_check(struct checking *checking, struct ast_argument *argument,
                           const struct gql_input *inputs, size_t count, const char *owner)
{
    struct check_wanted wanted = {0};
    argument->input = gql_input_find(inputs, count, argument->name);
    if (argument->input) {
        wanted.of = argument->input->of;
        wanted.has_default = argument->input->default_text != NULL;
    } else if (owner) {
        check_fault(checking, "KnownArgumentNames", argument->at, "%s has no such argument", owner);
    }
    check_value(checking, argument->value, wanted);
}

void check_arguments(struct checking *checking, struct ast_argument *first, const struct gql_input *inputs,
                     size_t count, const char *owner, uint32_t at)
{
    check_unique_arguments(checking, first, "UniqueArgumentNames");
    for (size_t i = 0; i < count; i++)
        if (gql_input_is_required(&inputs[i]) && !check_has(checking, inputs[i].id))
            check_fault(checking, "ProvidedRequiredArguments", at, "%s needs the argument %s", owner,
                        inputs[i].name);
    for (struct ast_argument *each = first; each; each = each->next)
        argument_check(checking, each, inputs, count, owner);
}
