#include "services/gateway/graphql/check/checking.h"

static void directive_check(struct checking *checking, const struct ast_directive *directive, unsigned place)
{
    const struct gql_directive *known = gql_schema_directive(checking->schema, directive->name);
    if (!known) {
        check_fault(checking, "KnownDirectives", directive->at, "there is no such directive");
        check_arguments(checking, directive->arguments, NULL, 0, NULL, directive->at);
        return;
    }
    if (!(known->places & place))
        check_fault(checking, "KnownDirectives", directive->at, "@%s may not stand here", known->name);
    check_arguments(checking, directive->arguments, known->args, known->args_count, known->name,
                    directive->at);
}

// None of our directives may be repeated; unknown ones are refused anyway.
static void directives_are_unique(struct checking *checking, const struct ast_directive *first)
{
    checking->stamp++;
    for (const struct ast_directive *each = first; each; each = each->next) {
        if (check_has(checking, each->name))
            check_fault(checking, "UniqueDirectivesPerLocation", each->at, "this directive is there before");
        checking->seen[each->name] = checking->stamp;
    }
}

void check_directives(struct checking *checking, const struct ast_directive *first, unsigned place)
{
    if (!first) return;
    directives_are_unique(checking, first);
    for (const struct ast_directive *each = first; each; each = each->next)
        directive_check(checking, each, place);
}
