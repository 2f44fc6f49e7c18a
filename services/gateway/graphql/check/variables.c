#include <string.h>

#include "services/gateway/graphql/check/checking.h"

static void declaration_check_type(struct checking *checking, struct ast_variable *variable)
{
    const struct ast_type *named = variable->type;
    while (named->item) named = named->item;
    variable->input = gql_schema_type(checking->schema, named->name);
    if (!variable->input)
        check_fault(checking, "KnownTypeNames", named->at, "there is no such type");
    else if (!gql_type_is_input(variable->input))
        check_fault(checking, "VariablesAreInputTypes", named->at, "%s is no type of variables",
                    variable->input->name);
}

static void declaration_check(struct checking *checking, struct ast_variable *variable)
{
    declaration_check_type(checking, variable);
    if (variable->preset) {
        bool known = variable->input && gql_type_is_input(variable->input);
        struct check_wanted wanted = {.of = {known ? variable->input : NULL, 0}, .declared = variable->type};
        check_value(checking, variable->preset, wanted);
    }
    check_directives(checking, variable->directives, GQL_ON_VARIABLE);
}

void check_declare(struct checking *checking, const struct ast_definition *operation)
{
    checking->stamp++;
    for (const struct ast_variable *each = operation->variables; each; each = each->next) {
        checking->seen[each->name] = checking->stamp;
        checking->variables[each->name] = each;
    }
}

void check_declarations(struct checking *checking, const struct ast_definition *operation)
{
    checking->stamp++;
    for (const struct ast_variable *each = operation->variables; each; each = each->next) {
        if (check_has(checking, each->name))
            check_fault(checking, "UniqueVariableNames", each->at, "another variable has this name");
        checking->seen[each->name] = checking->stamp;
    }
    for (struct ast_variable *each = operation->variables; each; each = each->next)
        declaration_check(checking, each);
}

// Whether a variable's type is that of the place, or stricter; that both may be null is judged before.
static bool position_fits(const struct ast_type *type, const struct gql_type *named, struct gql_ref wanted)
{
    if (!(wanted.wraps & GQL_LIST)) return !type->item && named == wanted.type;
    if (!type->item || type->item->item || named != wanted.type) return false;
    return type->item->required || !(wanted.wraps & GQL_ITEM_REQUIRED);
}

static bool position_may_be_null(const struct ast_variable *variable, const struct check_wanted *wanted)
{
    bool preset = variable->preset && variable->preset->kind != AST_NULL;
    return !(wanted->of.wraps & GQL_REQUIRED) || variable->type->required || preset || wanted->has_default;
}

static void use_check(struct checking *checking, const struct check_use *use, bool *used)
{
    if (!check_has(checking, use->name)) {
        check_fault(checking, "NoUndefinedVariables", use->at, "this variable is not declared");
        return;
    }
    const struct ast_variable *variable = checking->variables[use->name];
    used[use->name] = true;
    if (!use->wanted.of.type) return;
    if (!position_may_be_null(variable, &use->wanted) ||
        !position_fits(variable->type, variable->input, use->wanted.of))
        check_fault(checking, "VariablesInAllowedPosition", use->at,
                    "a variable of type %s should stand here", check_type_name(checking, use->wanted.of));
    if (use->wanted.within_one_of && !variable->type->required)
        check_fault(checking, "VariablesInAllowedPosition", use->at, "this variable must not be null");
}

static void uses_check(struct checking *checking, const struct check_uses *uses, bool *used)
{
    for (const struct check_use *use = uses->variables; use; use = use->next) use_check(checking, use, used);
}

static void operation_check(struct checking *checking, const struct ast_definition *operation, bool *reached,
                            bool *used)
{
    uint32_t fragments = checking->document->fragments;
    memset(reached, 0, fragments * sizeof *reached);
    check_declare(checking, operation);
    check_reach(checking, operation, reached);
    uses_check(checking, &checking->operation_uses[operation->place], used);
    for (uint32_t i = 0; i < fragments; i++)
        if (reached[i]) uses_check(checking, &checking->fragment_uses[i], used);
    for (const struct ast_variable *each = operation->variables; each; each = each->next) {
        if (!used[each->name])
            check_fault(checking, "NoUnusedVariables", each->at, "this variable is not used");
        used[each->name] = false; // for the next operation
    }
}

bool check_variables(struct checking *checking)
{
    bool *reached = check_alloc(checking, checking->document->fragments, sizeof *reached);
    bool *used = check_alloc(checking, gql_names_count(&checking->document->names), sizeof *used);
    if (!reached || !used) return false;
    for (const struct ast_definition *each = checking->document->definitions; each; each = each->next)
        if (each->kind != AST_FRAGMENT) operation_check(checking, each, reached, used);
    return check_is_good(checking);
}
