#include "services/gateway/graphql/check/checking.h"

bool check_is_good(const struct checking *checking)
{
    return checking->faults->count == 0 && !checking->arena->failed;
}

void *check_alloc(struct checking *checking, size_t count, size_t size)
{
    return arena_array(checking->arena, count, size); // that it failed is told at the end
}

const char *check_type_name(const struct checking *checking, struct gql_ref ref)
{
    const char *name = gql_ref_print(ref, checking->arena);
    return name ? name : ref.type->name;
}

static bool check_begin(struct checking *checking)
{
    const struct ast_document *document = checking->document;
    uint32_t names = gql_names_count(&document->names);
    checking->fragments = check_alloc(checking, document->fragments, sizeof *checking->fragments);
    checking->inner_first = check_alloc(checking, document->fragments, sizeof *checking->inner_first);
    checking->measures = check_alloc(checking, document->fragments, sizeof *checking->measures);
    checking->fragment_uses = check_alloc(checking, document->fragments, sizeof *checking->fragment_uses);
    checking->operation_uses = check_alloc(checking, document->operations, sizeof *checking->operation_uses);
    checking->by_name = check_alloc(checking, names, sizeof *checking->by_name);
    checking->seen = check_alloc(checking, names, sizeof *checking->seen);
    checking->variables = check_alloc(checking, names, sizeof *checking->variables);
    return !checking->arena->failed;
}

// A rule runs when those before it found nothing, so each may rest on them.
static bool check_all(struct checking *checking)
{
    static bool (*const rules[])(struct checking *) = {
        check_text_limits,    check_begin,     check_definitions, check_fields,        check_cycles,
        check_used_fragments, check_variables, check_measures,    check_subscriptions, check_overlap,
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (!rules[i](checking)) return false;
    return true;
}

bool gql_check(struct ast_document *document, const struct gql_schema *schema,
               const struct gql_limits *limits, struct arena *arena, struct gql_faults *faults)
{
    struct checking checking = {
        .schema = schema, .limits = limits, .document = document, .arena = arena, .faults = faults};
    bool good = check_all(&checking);
    if (arena->failed && faults->count == 0)
        return gql_fault(faults, CALL_TOO_LARGE, NULL, 0, "the document takes too much memory");
    return good;
}
