// A request of GraphQL: the object that clients send, and the document that it means.
#ifndef GATEWAY_GRAPH_REQUEST_H
#define GATEWAY_GRAPH_REQUEST_H

#include <jansson.h>

#include "services/gateway/graph/graphs.h"
#include "services/gateway/graphql/run/run.h"

// From {query, documentId, operationName, variables, extensions}; texts are the object's. MALFORMED or
// GRAPHQL_UNTRUSTED.
MUST_CHECK bool request_read(struct gql_request *request, const json_t *object, const struct graphs *graphs,
                             struct err *err);
// The document that is meant by the request's text or this id, with the limits that it has.
MUST_CHECK bool request_choose(struct gql_request *request, const char *id, const struct graphs *graphs,
                               struct err *err);
bool request_refuse(struct err *err, const char *name, const char *what); // "query must be given"; false

#endif
