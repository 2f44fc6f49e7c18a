// What an operation costs, told before it runs: each object one, times the length of the lists that it is in,
// each question what its method's class costs, and introspection by how much it tells.
#include <string.h>

#include "services/gateway/graphql/run/running.h"

enum { USUAL = 8, USUAL_ENTRIES = 100, DEAREST = 1000 * 1000 * 1000 };

static uint64_t cost_object(struct gql_run *run, const struct plan_object *object, uint64_t page);

static uint64_t cost_bound(uint64_t cost) { return cost < DEAREST ? cost : DEAREST; }

static uint64_t number_of(const ProtobufCMessage *request, const char *name, uint64_t preset)
{
    const ProtobufCFieldDescriptor *field =
        request ? protobuf_c_message_descriptor_get_field_by_name(request->descriptor, name) : NULL;
    if (!field) return 0;
    int32_t value = *(const int32_t *)message_at(request, field);
    return value > 0 ? (uint64_t)value : preset;
}

// How many a question may give at most; 0: nothing says it.
static uint64_t page_of(const struct plan_field *field)
{
    uint64_t size = number_of(field->request, "page_size", USUAL);
    return size ? size : number_of(field->request, "limit", USUAL_ENTRIES);
}

static uint64_t cost_field(struct gql_run *run, struct plan_field *field, uint64_t page)
{
    const struct gql_field *of = field->field;
    uint64_t times = 1;
    if (gql_type_is_leaf(of->of.type)) return of->cost;
    if (of->source == GQL_SCHEMA) return cost_bound(of->cost + cost_introspection(run, field));
    if (of->of.wraps & GQL_LIST) times = of->size ? of->size : page ? page : USUAL;
    const struct plan_object *below = plan_below(run, field, of->of.type);
    bool asks = of->source == GQL_ROOT || of->source == GQL_LINK;
    if (!below) return 0;
    return cost_bound(of->cost + times * (1 + cost_object(run, below, asks ? page_of(field) : 0)));
}

static uint64_t cost_object(struct gql_run *run, const struct plan_object *object, uint64_t page)
{
    uint64_t cost = 0;
    for (struct plan_field *field = object->fields; field; field = field->next)
        cost = cost_bound(cost + cost_field(run, field, page));
    return cost;
}

bool run_judge_cost(struct gql_run *run)
{
    run->cost = (uint32_t)cost_object(run, run->plan, 0);
    if (run->cost <= run->request->limits->cost) return true;
    return gql_fault(run->faults, GRAPHQL_TOO_COSTLY, NULL, run->operation->at,
                     "the operation costs %u, more than %u", run->cost, run->request->limits->cost);
}
