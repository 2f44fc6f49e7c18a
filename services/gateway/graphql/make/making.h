// What the parts of the maker share. They go on after a fault, which is told at the end.
#ifndef GATEWAY_GRAPHQL_MAKE_MAKING_H
#define GATEWAY_GRAPHQL_MAKE_MAKING_H

#include "lib/schema/schema.h"
#include "services/gateway/graphql/make/make.h"

enum { MAKING_MOST_TYPES = 1024, MAKING_MOST_PARTS = 512 };

struct making {
    const struct routes *routes;
    struct arena *arena;
    struct err *err; // filled once `failed`
    bool failed;
    struct gql_type *types[MAKING_MOST_TYPES];
    const void *origins[MAKING_MOST_TYPES]; // the descriptor that a type was made from; NULL: none
    uint16_t count;
    const struct gql_type *page_info, *done; // NULL until they are needed
};

void making_refuse(struct making *making, const char *what, const char *of);
void *making_alloc(struct making *making, size_t count, size_t size); // not NULL: ends in a fault otherwise

// A new type at the end of the list.
struct gql_type *making_add(struct making *making, enum gql_kind kind, const char *name, const void *origin);
// That was made from the descriptor; NULL: not yet.
struct gql_type *making_find(const struct making *making, enum gql_kind kind, const void *origin);
const struct gql_type *making_scalar(struct making *making, const char *name); // "String"

// ---- Names: naming.c

const char *name_camel(struct making *making, const char *snake); // "groupId" of "group_id"
// "EventState" of events.Event.State; "Reserve" of events.ReserveRequest and ReserveReply.
const char *name_message(struct making *making, const ProtobufCMessageDescriptor *type);
const char *name_enum(struct making *making, const ProtobufCEnumDescriptor *type); // `Value` is dropped
bool name_is_of(const char *name, const char *end);                                // "ListReply" of "Reply"
const char *name_mutation(struct making *making, const struct schema_method *method); // "castBallot"
const char *name_query(struct making *making, const struct schema_method *method); // "events" of ListEvents
bool name_is_id(const char *field);                                                // id, x_id, x_ids

// ---- Parts of types

// As it is given, or taken. The wraps are those of a value that is no member of a list or of a oneof.
// values.c
struct gql_ref making_value(struct making *making, const ProtobufCFieldDescriptor *field, bool taken);
const char *making_doc(const ProtobufCMessageDescriptor *type, unsigned field);

const struct gql_type *making_object(struct making *making, const ProtobufCMessageDescriptor *type,
                                     const char *name); // objects.c; name NULL: the message's
const struct gql_type *making_input(struct making *making,
                                    const ProtobufCMessageDescriptor *type); // inputs.c
// The arguments of a question to the method: all fields of its request that nothing fills. noun: whose id is
// `id`; NULL: none. inputs.c
void making_arguments(struct making *making, struct gql_field *field, const struct schema_method *method,
                      const struct schema_link *link, const char *noun);
// What a question gives: the list of a page, the one field of a reply, or the reply. replies.c
void making_reply(struct making *making, struct gql_field *field, const struct route *route);
uint16_t making_cost(const struct schema_method *method);
const struct route *making_route(struct making *making, const char *method); // by GET, as JSON; NULL: none
bool route_is_shown(const struct route *route);                              // roots.c

void making_roots(struct making *making, struct gql_schema *schema);         // roots.c
void making_streams(struct making *making, struct gql_schema *schema);       // streams.c
void making_introspection(struct making *making, struct gql_schema *schema); // introspection.c

#endif
