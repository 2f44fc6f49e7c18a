// What a subscription tells does not depend on variables that say only what is followed: viewers of different
// events, from different cursors, share the rest.
#include <stdlib.h>

#include "services/gateway/graphql/run/running.h"

struct count { // of the places where a variable is used
    uint32_t name;
    size_t uses;
};

static void count_value(struct count *count, const struct ast_value *value);

static void count_arguments(struct count *count, const struct ast_argument *argument)
{
    for (; argument; argument = argument->next) count_value(count, argument->value);
}

static void count_value(struct count *count, const struct ast_value *value)
{
    count->uses += value->kind == AST_VARIABLE && value->name == count->name;
    if (value->kind == AST_OBJECT) count_arguments(count, value->fields);
    for (const struct ast_value *item = value->kind == AST_LIST ? value->items : NULL; item;
         item = item->next)
        count_value(count, item);
}

static void count_directives(struct count *count, const struct ast_directive *directive)
{
    for (; directive; directive = directive->next) count_arguments(count, directive->arguments);
}

static void count_selections(struct count *count, const struct ast_selection *selection)
{
    for (; selection; selection = selection->next) {
        count_arguments(count, selection->arguments);
        count_directives(count, selection->directives);
        if (selection->kind != AST_SPREAD) count_selections(count, selection->inner);
    }
}

static bool names_the_followed(const struct gql_run *run, uint32_t name)
{
    for (const struct ast_argument *each = run->plan->fields->selection->arguments; each; each = each->next)
        if (each->value->kind == AST_VARIABLE && each->value->name == name) return true;
    return false;
}

// Whether it stands in one place, an argument of the root.
static bool shapes_nothing(const struct gql_run *run, uint32_t name)
{
    struct count count = {.name = name};
    for (const struct ast_definition *each = run->document->definitions; each; each = each->next) {
        count_directives(&count, each->directives);
        count_selections(&count, each->selections);
    }
    return count.uses == 1 && names_the_followed(run, name);
}

void gql_run_shape(const struct gql_run *run, struct buf *out)
{
    const struct gql_name *operation = run->operation->name == GQL_NO_NAME
                                           ? NULL
                                           : gql_names_get(&run->document->names, run->operation->name);
    if (operation) buf_append(out, operation->text, operation->len);
    for (const struct ast_variable *each = run->operation->variables; each; each = each->next) {
        const json_t *value = run->variables[each->name];
        if (shapes_nothing(run, each->name)) continue;
        char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
        buf_char(out, '\n');
        buf_str(out, text ? text : "");
        free(text);
    }
}
