// What introspection tells, estimated before it is told: by how many types there are, and how many fields,
// inputs and values one has on average; of the type that `__type` names, by its own.
#include <string.h>

#include "services/gateway/graphql/run/running.h"

enum { WEIGHT_TEXT = 5, WEIGHT_OF_COST = 80 };

// How many of each a type has, a field, or the schema.
struct averages {
    double fields, inputs, values, members, interfaces, args, types, directives;
};

static struct averages averages_of(const struct gql_schema *schema)
{
    struct averages sum = {.types = (double)schema->types_count,
                           .directives = (double)schema->directives_count};
    for (size_t i = 0; i < schema->types_count; i++) {
        const struct gql_type *type = schema->types[i];
        sum.fields += (double)type->fields_count;
        sum.inputs += (double)type->inputs_count;
        sum.values += (double)type->values_count;
        sum.members += (double)type->members_count;
        sum.interfaces += (double)type->interfaces_count;
        for (size_t k = 0; k < type->fields_count; k++) sum.args += (double)type->fields[k].args_count;
    }
    sum.args = sum.fields > 0 ? sum.args / sum.fields : 0;
    sum.fields /= sum.types;
    sum.inputs /= sum.types;
    sum.values /= sum.types;
    sum.members /= sum.types;
    sum.interfaces /= sum.types;
    return sum;
}

static double length_of(const struct gql_field *list, const struct averages *average)
{
    switch (list->meta) {
    case GQL_META_TYPES:
        return average->types;
    case GQL_META_FIELDS:
        return average->fields;
    case GQL_META_VALUES:
        return average->values;
    case GQL_META_MEMBERS:
        return average->members;
    case GQL_META_INTERFACES:
        return average->interfaces;
    case GQL_META_DIRECTIVES:
        return average->directives;
    case GQL_META_INPUTS:
        return strcmp(list->name, "args") == 0 ? average->args : average->inputs;
    default:
        return 1;
    }
}

// Half of what has a type has one within another.
static double times_of(const struct gql_field *field, const struct averages *average)
{
    if (field->meta == GQL_META_OF) return 0.5;
    return field->of.wraps & GQL_LIST ? length_of(field, average) : 1;
}

static double weigh_object(struct gql_run *run, const struct plan_object *object, const struct averages *here,
                           const struct averages *average)
{
    double weight = 1;
    for (struct plan_field *field = object ? object->fields : NULL; field; field = field->next) {
        const struct gql_field *of = field->field;
        if (gql_type_is_leaf(of->of.type))
            weight += of->meta == GQL_META_DOC ? WEIGHT_TEXT : 1;
        else
            weight += 1 + times_of(of, here) *
                              weigh_object(run, plan_below(run, field, of->of.type), average, average);
    }
    return weight;
}

uint64_t cost_introspection(struct gql_run *run, struct plan_field *field)
{
    const struct averages average = averages_of(run->schema);
    const struct gql_type *named = field->named;
    struct averages here = average;
    if (named) {
        here.fields = (double)named->fields_count;
        here.inputs = (double)named->inputs_count;
        here.values = (double)named->values_count;
        here.members = (double)named->members_count;
    }
    const struct plan_object *below = plan_below(run, field, field->field->of.type);
    double weight = weigh_object(run, below, &here, &average);
    return (uint64_t)(weight / WEIGHT_OF_COST);
}
