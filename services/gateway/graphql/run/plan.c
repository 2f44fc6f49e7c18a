// What an operation selects: fragments in their places, fields of one name joined, conditions decided.
#include "services/gateway/graphql/run/running.h"

static bool condition_holds(struct gql_run *run, const struct ast_directive *first)
{
    for (const struct ast_directive *each = first; each; each = each->next) {
        bool skip = each->name == run->schema->skip, include = each->name == run->schema->include;
        if ((skip || include) && value_is_true(run, each->arguments->value) == skip) return false;
    }
    return true;
}

// A field's own request, and the type that __type names, follow from its first arguments.
static void field_prepare(struct gql_run *run, struct plan_field *field)
{
    const struct gql_field *of = field->field;
    if (of->source == GQL_ROOT || of->source == GQL_LINK) run_fill_request(run, field);
    if (of != run->schema->type_field) return;
    json_t *name = value_of(run, field->selection->arguments->value, of->args[0].of);
    const char *text = json_string_value(name);
    uint32_t id = text ? gql_names_find(&run->schema->names, text, json_string_length(name)) : GQL_NO_NAME;
    field->named = gql_schema_type(run->schema, id);
    json_decref(name);
}

static struct plan_field *object_add(struct gql_run *run, struct plan_object *object,
                                     const struct ast_selection *selection)
{
    struct plan_field *field = run_alloc(run, sizeof *field);
    if (!field) return NULL;
    field->key = selection->key;
    // Of an interface it is the object's own.
    field->field = gql_schema_field(run->schema, object->type, selection->name);
    if (!field->field) field->field = selection->field;
    field->selection = selection;
    field->parts_end = &field->parts;
    *object->fields_end = field;
    object->fields_end = &field->next;
    field_prepare(run, field);
    return field;
}

static void field_add_part(struct gql_run *run, struct plan_field *field, const struct ast_selection *inner)
{
    struct plan_part *part = inner ? run_alloc(run, sizeof *part) : NULL;
    if (!part) return;
    part->inner = inner;
    *field->parts_end = part;
    field->parts_end = &part->next;
}

static void collect_field(struct gql_run *run, struct plan_object *object,
                          const struct ast_selection *selection)
{
    bool known = run->seen[selection->key] == run->stamp;
    struct plan_field *field = known ? run->seen_field[selection->key] : object_add(run, object, selection);
    if (!field) return;
    run->seen[selection->key] = run->stamp;
    run->seen_field[selection->key] = field;
    field_add_part(run, field, selection->inner);
}

// A union's own plan has what any of its members may give: its cost is judged by it.
static bool object_fits(const struct gql_type *condition, const struct plan_object *object)
{
    return !condition || object->type->kind != GQL_OBJECT || gql_type_may_be(condition, object->type);
}

static void collect_all(struct gql_run *run, struct plan_object *object,
                        const struct ast_selection *selection);

static void collect_spread(struct gql_run *run, struct plan_object *object,
                           const struct ast_selection *spread)
{
    const struct ast_definition *fragment = spread->fragment;
    if (run->seen_fragment[fragment->place] == run->stamp || !object_fits(fragment->type, object)) return;
    run->seen_fragment[fragment->place] = run->stamp;
    collect_all(run, object, fragment->selections);
}

static void collect_all(struct gql_run *run, struct plan_object *object,
                        const struct ast_selection *selection)
{
    for (; selection; selection = selection->next) {
        if (!condition_holds(run, selection->directives)) continue;
        if (selection->kind == AST_FIELD)
            collect_field(run, object, selection);
        else if (selection->kind == AST_SPREAD)
            collect_spread(run, object, selection);
        else if (object_fits(selection->type, object))
            collect_all(run, object, selection->inner);
    }
}

static struct plan_object *plan_begin(struct gql_run *run, const struct gql_type *type)
{
    struct plan_object *object = run_alloc(run, sizeof *object);
    if (!object) return NULL;
    object->type = type;
    object->fields_end = &object->fields;
    run->stamp++;
    return object;
}

struct plan_object *plan_below(struct gql_run *run, struct plan_field *field, const struct gql_type *type)
{
    for (struct plan_object *object = field->objects; object; object = object->next)
        if (object->type == type) return object;
    struct plan_object *object = plan_begin(run, type);
    for (const struct plan_part *part = field->parts; object && part; part = part->next)
        collect_all(run, object, part->inner);
    if (!object) return NULL;
    object->next = field->objects;
    return field->objects = object;
}

bool run_plan(struct gql_run *run)
{
    uint32_t names = gql_names_count(&run->document->names);
    run->seen = run_alloc(run, names * sizeof *run->seen);
    run->seen_field = run_alloc(run, names * sizeof(struct plan_field *));
    run->seen_fragment = run_alloc(run, (run->document->fragments + 1) * sizeof *run->seen_fragment);
    run->requests = run_alloc(run, run->document->fields * sizeof *run->requests);
    if (!run->seen || !run->seen_field || !run->seen_fragment || !run->requests) return false;
    run->plan = plan_begin(run, run->operation->type);
    if (run->plan) collect_all(run, run->plan, run->operation->selections);
    return run->plan;
}
