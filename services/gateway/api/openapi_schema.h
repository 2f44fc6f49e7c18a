// JSON Schemas of messages, for the API's description. Types are collected into a table of components as they
// occur.
#ifndef GATEWAY_API_OPENAPI_SCHEMA_H
#define GATEWAY_API_OPENAPI_SCHEMA_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

// A request's body, where null means that a field is absent; its path and query; a reply.
enum openapi_side { OPENAPI_REQUEST, OPENAPI_PARAMETER, OPENAPI_REPLY };

// {"$ref": ...} to the type's component in `components`, which is made when it is absent. `without` names
// top-level fields to leave out, ended by NULL; or NULL. The caller owns the result.
json_t *openapi_type(json_t *components, const ProtobufCMessageDescriptor *type, enum openapi_side side,
                     const char *const *without);
// The schema of one field, inline.
json_t *openapi_field(json_t *components, const ProtobufCMessageDescriptor *type, unsigned index,
                      enum openapi_side side);
const char *openapi_doc(const ProtobufCMessageDescriptor *type, unsigned index); // comment of a field, or ""
bool openapi_required(const ProtobufCMessageDescriptor *type, unsigned index);
bool openapi_listed(const char *name, const char *const *names);

#endif
