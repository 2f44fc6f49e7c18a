// One walk over the whole text, each fragment once, with the type that is selected from.
#include "services/gateway/graphql/check/checking.h"

static void walk_selections(struct checking *checking, struct ast_selection *selection,
                            const struct gql_type *parent);

static void field_check_leaf(struct checking *checking, const struct ast_selection *field)
{
    bool leaf = gql_type_is_leaf(field->type);
    if (leaf && field->inner)
        check_fault(checking, "ScalarLeafs", field->at, "%s has nothing to select", field->type->name);
    if (!leaf && !field->inner)
        check_fault(checking, "ScalarLeafs", field->at, "fields of %s must be selected", field->type->name);
}

static void walk_field(struct checking *checking, struct ast_selection *field, const struct gql_type *parent)
{
    const struct gql_field *known = parent ? gql_schema_field(checking->schema, parent, field->name) : NULL;
    field->field = known;
    field->type = known ? known->of.type : NULL;
    if (parent && !known)
        check_fault(checking, "FieldsOnCorrectType", field->at, "%s has no such field", parent->name);
    if (known) {
        check_arguments(checking, field->arguments, known->args, known->args_count, known->name, field->at);
        field_check_leaf(checking, field);
    } else {
        check_arguments(checking, field->arguments, NULL, 0, NULL, field->at);
    }
    check_directives(checking, field->directives, GQL_ON_FIELD);
    bool goes_on = field->type && gql_type_is_composite(field->type);
    walk_selections(checking, field->inner, goes_on ? field->type : NULL);
}

// The type of a fragment: NULL with a fault when it is none that has fields.
static const struct gql_type *fragment_type(struct checking *checking, uint32_t name, uint32_t at)
{
    const struct gql_type *type = gql_schema_type(checking->schema, name);
    if (!type) {
        check_fault(checking, "KnownTypeNames", at, "there is no such type");
        return NULL;
    }
    if (gql_type_is_composite(type)) return type;
    check_fault(checking, "FragmentsOnCompositeTypes", at, "%s has no fields", type->name);
    return NULL;
}

static void fragment_check_possible(struct checking *checking, const struct gql_type *type,
                                    const struct gql_type *parent, uint32_t at)
{
    if (type && parent && !gql_types_overlap(checking->schema, type, parent))
        check_fault(checking, "PossibleFragmentSpreads", at, "a %s is never a %s", parent->name, type->name);
}

static void walk_inline(struct checking *checking, struct ast_selection *fragment,
                        const struct gql_type *parent)
{
    fragment->type =
        fragment->name == GQL_NO_NAME ? parent : fragment_type(checking, fragment->name, fragment->at);
    fragment_check_possible(checking, fragment->type, parent, fragment->at);
    check_directives(checking, fragment->directives, GQL_ON_INLINE);
    walk_selections(checking, fragment->inner, fragment->type);
}

static void spread_keep(struct checking *checking, struct ast_definition *fragment)
{
    struct check_spread *spread = check_alloc(checking, 1, sizeof *spread);
    if (!spread) return;
    spread->fragment = fragment;
    *checking->uses->spreads_end = spread;
    checking->uses->spreads_end = &spread->next;
}

static void walk_spread(struct checking *checking, struct ast_selection *spread,
                        const struct gql_type *parent)
{
    struct ast_definition *fragment = checking->by_name[spread->name];
    spread->fragment = fragment;
    if (fragment) {
        const struct gql_type *type = gql_schema_type(checking->schema, fragment->on);
        bool composite = type && gql_type_is_composite(type);
        fragment_check_possible(checking, composite ? type : NULL, parent, spread->at);
        spread_keep(checking, fragment);
    } else {
        check_fault(checking, "KnownFragmentNames", spread->at, "there is no such fragment");
    }
    check_directives(checking, spread->directives, GQL_ON_SPREAD);
}

static void walk_selections(struct checking *checking, struct ast_selection *selection,
                            const struct gql_type *parent)
{
    for (; selection; selection = selection->next) {
        switch (selection->kind) {
        case AST_FIELD:
            walk_field(checking, selection, parent);
            break;
        case AST_INLINE:
            walk_inline(checking, selection, parent);
            break;
        case AST_SPREAD:
            walk_spread(checking, selection, parent);
            break;
        }
    }
}

static const struct gql_type *operation_type(const struct checking *checking,
                                             const struct ast_definition *operation)
{
    if (operation->kind == AST_QUERY) return checking->schema->query;
    return operation->kind == AST_MUTATION ? checking->schema->mutation : checking->schema->subscription;
}

static void walk_operation(struct checking *checking, struct ast_definition *operation)
{
    checking->uses = &checking->operation_uses[operation->place];
    operation->type = operation_type(checking, operation);
    if (!operation->type)
        check_fault(checking, "KnownOperationTypes", operation->at, "there are no operations of this kind");
    check_declarations(checking, operation);
    check_directives(checking, operation->directives, GQL_ON_QUERY << operation->kind);
    walk_selections(checking, operation->selections, operation->type);
}

static void walk_fragment(struct checking *checking, struct ast_definition *fragment)
{
    checking->uses = &checking->fragment_uses[fragment->place];
    fragment->type = fragment_type(checking, fragment->on, fragment->at);
    check_directives(checking, fragment->directives, GQL_ON_FRAGMENT);
    walk_selections(checking, fragment->selections, fragment->type);
}

bool check_fields(struct checking *checking)
{
    for (struct ast_definition *each = checking->document->definitions; each; each = each->next) {
        if (each->kind == AST_FRAGMENT)
            walk_fragment(checking, each);
        else
            walk_operation(checking, each);
    }
    return check_is_good(checking);
}
