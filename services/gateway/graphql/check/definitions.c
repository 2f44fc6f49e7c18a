#include "services/gateway/graphql/check/checking.h"

static void definition_check_name(struct checking *checking, const struct ast_definition *operation)
{
    if (operation->name == GQL_NO_NAME) {
        if (checking->document->operations > 1)
            check_fault(checking, "LoneAnonymousOperation", operation->at,
                        "an operation without a name must be the only one");
    } else if (check_has(checking, operation->name)) {
        check_fault(checking, "UniqueOperationNames", operation->at, "another operation has this name");
    } else {
        checking->seen[operation->name] = checking->stamp;
    }
}

static void definition_add_fragment(struct checking *checking, struct ast_definition *fragment)
{
    checking->fragments[fragment->place] = fragment;
    if (checking->by_name[fragment->name])
        check_fault(checking, "UniqueFragmentNames", fragment->at, "another fragment has this name");
    checking->by_name[fragment->name] = fragment;
}

static void definition_begin_uses(struct check_uses *uses)
{
    uses->variables_end = &uses->variables;
    uses->spreads_end = &uses->spreads;
}

bool check_definitions(struct checking *checking)
{
    checking->stamp++;
    for (struct ast_definition *each = checking->document->definitions; each; each = each->next) {
        if (each->kind == AST_FRAGMENT)
            definition_add_fragment(checking, each);
        else
            definition_check_name(checking, each);
        definition_begin_uses(each->kind == AST_FRAGMENT ? &checking->fragment_uses[each->place]
                                                         : &checking->operation_uses[each->place]);
    }
    return check_is_good(checking);
}

static void reach_spreads(const struct check_uses *uses, bool *reached)
{
    for (const struct check_spread *spread = uses->spreads; spread; spread = spread->next)
        reached[spread->fragment->place] = true;
}

void check_reach(const struct checking *checking, const struct ast_definition *operation, bool *reached)
{
    reach_spreads(&checking->operation_uses[operation->place], reached);
    for (uint32_t i = checking->document->fragments; i-- > 0;) {
        uint32_t place = checking->inner_first[i]->place;
        if (reached[place]) reach_spreads(&checking->fragment_uses[place], reached);
    }
}

bool check_used_fragments(struct checking *checking)
{
    bool *reached = check_alloc(checking, checking->document->fragments, sizeof *reached);
    if (!reached) return false;
    for (const struct ast_definition *each = checking->document->definitions; each; each = each->next)
        if (each->kind != AST_FRAGMENT) check_reach(checking, each, reached);
    for (uint32_t i = 0; i < checking->document->fragments; i++)
        if (!reached[i])
            check_fault(checking, "NoUnusedFragments", checking->fragments[i]->at,
                        "no operation uses this fragment");
    return check_is_good(checking);
}
