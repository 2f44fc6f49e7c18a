// Query and Mutation, from the routes.
#include <string.h>

#include "google/protobuf/empty.pb-c.h"
#include "services/gateway/api/streams.h"
#include "services/gateway/graphql/make/making.h"

// Bodies that are no messages do not travel here.
bool route_is_shown(const struct route *route)
{
    return route->method && !route->raw_body && !route->raw_reply;
}

const struct route *making_route(struct making *making, const char *method)
{
    size_t count;
    const struct route *all = routes_all(making->routes, &count);
    for (size_t i = 0; i < count; i++)
        if (route_is_shown(&all[i]) && all[i].verb == VERB_GET && strcmp(all[i].method->name, method) == 0)
            return &all[i];
    return NULL;
}

static void root_doc(struct making *making, struct gql_field *field, const struct route *route)
{
    field->doc = arena_printf(making->arena, "%s %s", route->method->doc, route_who(route));
}

static struct gql_field root_query(struct making *making, const struct route *route)
{
    const char *name = name_query(making, route->method);
    struct gql_field field = {.name = name, .source = GQL_ROOT, .route = route};
    root_doc(making, &field, route);
    making_reply(making, &field, route);
    making_arguments(making, &field, route->method, NULL, name);
    return field;
}

static const struct gql_type *making_done(struct making *making)
{
    if (making->done) return making->done;
    struct gql_type *type = making_add(making, GQL_OBJECT, "Done", NULL);
    type->doc = "It is done, and there is nothing to tell.";
    type->fields = making_alloc(making, 1, sizeof *type->fields);
    type->fields[type->fields_count++] = (struct gql_field){
        .name = "done", .of = {making_scalar(making, "Boolean"), GQL_REQUIRED}, .source = GQL_DONE};
    return making->done = type;
}

// A reply that was made for one method, and what others reply too.
static const struct gql_type *making_payload(struct making *making, const ProtobufCMessageDescriptor *reply)
{
    if (reply == &google__protobuf__empty__descriptor) return making_done(making);
    if (!name_is_of(reply->name, "Reply")) return making_object(making, reply, NULL);
    return making_object(making, reply,
                         arena_printf(making->arena, "%sPayload", name_message(making, reply)));
}

static void mutation_arguments(struct making *making, struct gql_field *field, const struct route *route)
{
    struct gql_input *inputs = making_alloc(making, 2, sizeof *inputs);
    if (route->method->request->n_fields)
        inputs[field->args_count++] = (struct gql_input){
            .name = "input", .of = {making_input(making, route->method->request), GQL_REQUIRED}};
    if (route->keyed)
        inputs[field->args_count++] = (struct gql_input){
            .name = "idempotencyKey",
            .doc = "A repeated request with the same key gets the first reply again, for 24 hours.",
            .of = {making_scalar(making, "String"), 0}};
    field->args = inputs;
}

static struct gql_field root_mutation(struct making *making, const struct route *route)
{
    struct gql_field field = {
        .name = name_mutation(making, route->method), .source = GQL_ROOT, .route = route};
    root_doc(making, &field, route);
    field.cost = making_cost(route->method);
    field.of = (struct gql_ref){making_payload(making, route->method->reply), 0};
    mutation_arguments(making, &field, route);
    return field;
}

// Of the gateway itself.
static struct gql_field root_renewal(struct making *making)
{
    const struct route *route = streams_renewal();
    struct gql_field field = {
        .name = name_mutation(making, route->method), .source = GQL_ROOT, .route = route};
    root_doc(making, &field, route);
    field.cost = making_cost(route->method);
    field.of = (struct gql_ref){making_object(making, route->method->reply, NULL), 0};
    making_arguments(making, &field, route->method, NULL, NULL);
    return field;
}

void making_roots(struct making *making, struct gql_schema *schema)
{
    size_t count;
    const struct route *all = routes_all(making->routes, &count);
    struct gql_type *query = making_add(making, GQL_OBJECT, "Query", NULL),
                    *mutation = making_add(making, GQL_OBJECT, "Mutation", NULL);
    query->fields = making_alloc(making, count, sizeof *query->fields);
    mutation->fields = making_alloc(making, count + 2, sizeof *mutation->fields);
    for (size_t i = 0; i < count; i++) {
        if (!route_is_shown(&all[i])) continue;
        if (all[i].verb == VERB_GET)
            query->fields[query->fields_count++] = root_query(making, &all[i]);
        else
            mutation->fields[mutation->fields_count++] = root_mutation(making, &all[i]);
    }
    mutation->fields[mutation->fields_count++] = root_mutation(making, streams_saying());
    mutation->fields[mutation->fields_count++] = root_renewal(making);
    schema->query = query;
    schema->mutation = mutation;
}
