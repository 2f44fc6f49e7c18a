#include <string.h>

#include "services/gateway/graphql/check/checking.h"

enum { MOST_SCHEMA_LISTS = 3 };

static bool limit_text(struct checking *checking, uint32_t count, uint32_t most, Conse__Reason__Value reason,
                       const char *what)
{
    if (count > most)
        gql_faults_add(checking->faults, reason, NULL, 0, "there are more than %u %s", most, what);
    return count <= most;
}

bool check_text_limits(struct checking *checking)
{
    const struct ast_document *document = checking->document;
    const struct gql_limits *limits = checking->limits;
    return limit_text(checking, document->aliases, limits->aliases,
                      CONSE__REASON__VALUE__GRAPHQL_TOO_MANY_ALIASES, "aliases") &&
           limit_text(checking, document->directives, limits->directives,
                      CONSE__REASON__VALUE__GRAPHQL_TOO_MANY_DIRECTIVES, "directives") &&
           limit_text(checking, document->fragments, limits->fragments,
                      CONSE__REASON__VALUE__GRAPHQL_TOO_MANY_FRAGMENTS, "fragments") &&
           limit_text(checking, document->operations, limits->operations,
                      CONSE__REASON__VALUE__GRAPHQL_TOO_MANY_OPERATIONS, "operations");
}

static uint32_t measure_add(uint32_t one, uint32_t two)
{
    return one + two < CHECK_MOST ? one + two : CHECK_MOST;
}
static void measure_raise(uint32_t *most, uint32_t value) { *most = value > *most ? value : *most; }

// Beside one another.
static void measure_join(struct check_measure *all, const struct check_measure *part)
{
    all->fields = measure_add(all->fields, part->fields);
    all->roots = measure_add(all->roots, part->roots);
    all->schemas = measure_add(all->schemas, part->schemas);
    measure_raise(&all->depth, part->depth);
    measure_raise(&all->schema_depth, part->schema_depth);
    measure_raise(&all->below, part->below);
    measure_raise(&all->lists, part->lists);
}

static bool measure_is_list(const struct ast_selection *field)
{
    const struct gql_field *of = field->field;
    if (!(of->of.wraps & GQL_LIST)) return false;
    static const char *const names[] = {"fields", "interfaces", "possibleTypes", "inputFields"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(of->name, names[i]) == 0) return true;
    return false;
}

static struct check_measure measure_field(struct checking *checking, const struct ast_selection *field,
                                          const struct check_measure *inner)
{
    const struct gql_schema *schema = checking->schema;
    bool is_schema = field->field == schema->schema_field;
    bool begins = is_schema || field->field == schema->type_field;
    struct check_measure measure = {.fields = measure_add(inner->fields, 1),
                                    .roots = 1,
                                    .schemas = is_schema,
                                    .below = measure_add(inner->below, 1),
                                    .lists = measure_add(inner->lists, measure_is_list(field)),
                                    .schema_depth = inner->schema_depth};
    if (begins)
        measure_raise(&measure.schema_depth, measure.below);
    else
        measure.depth = measure_add(inner->depth, 1);
    if (begins && inner->lists >= MOST_SCHEMA_LISTS)
        check_fault(checking, "MaxIntrospectionDepth", field->at, "lists of introspection are %d deep",
                    MOST_SCHEMA_LISTS);
    return measure;
}

static struct check_measure measure_selections(struct checking *checking,
                                               const struct ast_selection *selection)
{
    struct check_measure all = {0};
    for (; selection; selection = selection->next) {
        struct check_measure part = selection->kind == AST_SPREAD
                                        ? checking->measures[selection->fragment->place]
                                        : measure_selections(checking, selection->inner);
        if (selection->kind == AST_FIELD) part = measure_field(checking, selection, &part);
        measure_join(&all, &part);
    }
    return all;
}

static bool measure_judge(struct checking *checking, const struct ast_definition *operation,
                          const struct check_measure *measure)
{
    const struct gql_limits *limits = checking->limits;
    if (measure->depth > limits->depth)
        return gql_fault(checking->faults, GRAPHQL_TOO_DEEP, NULL, operation->at,
                         "fields are more than %u deep", limits->depth);
    if (measure->schema_depth > limits->schema_depth)
        return gql_fault(checking->faults, GRAPHQL_TOO_DEEP, NULL, operation->at,
                         "fields of introspection are more than %u deep", limits->schema_depth);
    if (measure->roots > limits->roots)
        return gql_fault(checking->faults, GRAPHQL_TOO_MANY_ROOTS, NULL, operation->at,
                         "the operation begins with more than %u fields", limits->roots);
    return measure->schemas <= limits->schemas || gql_fault(checking->faults, GRAPHQL_TOO_MANY_ROOTS, NULL,
                                                            operation->at, "__schema stands there too often");
}

// Fragments are measured before what spreads them, so no fragment is walked twice.
bool check_measures(struct checking *checking)
{
    uint32_t fields = 0;
    for (uint32_t i = 0; i < checking->document->fragments; i++) {
        struct ast_definition *fragment = checking->inner_first[i];
        checking->measures[fragment->place] = measure_selections(checking, fragment->selections);
    }
    for (struct ast_definition *each = checking->document->definitions; each; each = each->next) {
        if (each->kind == AST_FRAGMENT) continue;
        struct check_measure measure = measure_selections(checking, each->selections);
        fields = measure_add(fields, measure.fields);
        if (!check_is_good(checking) || !measure_judge(checking, each, &measure)) return false;
    }
    return fields <= checking->limits->fields ||
           gql_fault(checking->faults, GRAPHQL_TOO_WIDE, NULL, 0,
                     "there are more than %u fields with all fragments", checking->limits->fields);
}
