// A subscription has one field. Which fields it has is known before its variables are, so @skip and @include
// of a field that it may begin with have no variables.
#include <string.h>

#include "services/gateway/graphql/check/checking.h"

static const char RULE[] = "SingleFieldSubscriptions";

struct subscription {
    struct checking *checking;
    const struct ast_definition *operation;
    bool *visited; // fragments by their place
    uint32_t key;  // of the one field; GQL_NO_NAME: none yet
};

// 1: true, 0: false; a variable is a fault.
static int condition_value(struct subscription *subscription, const struct ast_directive *directive)
{
    const struct ast_value *value = directive->arguments->value;
    if (value->kind == AST_VARIABLE)
        check_fault(subscription->checking, RULE, value->at, "no variable may stand here in a subscription");
    return value->kind == AST_TRUE;
}

static const struct ast_directive *directive_find(const struct ast_directive *directive, uint32_t name)
{
    while (directive && directive->name != name) directive = directive->next;
    return directive;
}

static bool selection_counts(struct subscription *subscription, const struct ast_selection *selection)
{
    const struct gql_schema *schema = subscription->checking->schema;
    const struct ast_directive *skip = directive_find(selection->directives, schema->skip);
    const struct ast_directive *include = directive_find(selection->directives, schema->include);
    if (skip && condition_value(subscription, skip)) return false;
    return !include || condition_value(subscription, include);
}

static void subscription_field(struct subscription *subscription, const struct ast_selection *field)
{
    struct checking *checking = subscription->checking;
    const struct gql_schema *schema = checking->schema;
    const struct gql_field *of = field->field;
    if (subscription->key != GQL_NO_NAME && subscription->key != field->key)
        check_fault(checking, RULE, field->at, "a subscription has one field");
    if (of == schema->typename_field || of == schema->schema_field || of == schema->type_field)
        check_fault(checking, RULE, field->at, "a subscription does not begin with introspection");
    subscription->key = field->key;
}

static void subscription_collect(struct subscription *subscription, const struct ast_selection *selection);

static void subscription_fragment(struct subscription *subscription, const struct gql_type *type,
                                  const struct ast_selection *inner)
{
    if (gql_type_may_be(type, subscription->operation->type)) subscription_collect(subscription, inner);
}

static void subscription_spread(struct subscription *subscription, const struct ast_selection *spread)
{
    bool *visited = &subscription->visited[spread->fragment->place];
    if (*visited || !selection_counts(subscription, spread)) return;
    *visited = true;
    subscription_fragment(subscription, spread->fragment->type, spread->fragment->selections);
}

static void subscription_collect(struct subscription *subscription, const struct ast_selection *selection)
{
    for (; selection; selection = selection->next) {
        if (selection->kind == AST_SPREAD)
            subscription_spread(subscription, selection);
        else if (!selection_counts(subscription, selection))
            continue;
        else if (selection->kind == AST_INLINE)
            subscription_fragment(subscription, selection->type, selection->inner);
        else
            subscription_field(subscription, selection);
    }
}

bool check_subscriptions(struct checking *checking)
{
    uint32_t fragments = checking->document->fragments;
    for (const struct ast_definition *each = checking->document->definitions; each; each = each->next) {
        if (each->kind != AST_SUBSCRIPTION) continue;
        struct subscription subscription = {.checking = checking, .operation = each, .key = GQL_NO_NAME};
        subscription.visited = check_alloc(checking, fragments, sizeof *subscription.visited);
        if (!subscription.visited) return false;
        subscription_collect(&subscription, each->selections);
    }
    return check_is_good(checking);
}
