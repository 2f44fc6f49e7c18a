// Requests of GraphQL over HTTP: what is in their query or body, the run of their operation, and its answer.
// The draft of the GraphQL foundation says which status an answer has: with application/json a document that
// is refused is 200 too.
#ifndef GATEWAY_CALL_GRAPHQL_H
#define GATEWAY_CALL_GRAPHQL_H

#include <stdbool.h>

#include "lib/base/err.h"

struct call;

bool graphql_is_socket(const struct call *call);                // it asks for one
void graphql_begin(struct call *call);                          // its body is complete
void graphql_end(struct call *call);                            // when it is answered, or given up
bool graphql_writes(const struct call *call);                   // it runs a mutation
void graphql_problem(struct call *call, const struct err *err); // an answer with this error alone

#endif
