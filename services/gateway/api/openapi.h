// The API described as OpenAPI 3.1, made from the routes, the messages they carry and the rules of their
// fields.
#ifndef GATEWAY_API_OPENAPI_H
#define GATEWAY_API_OPENAPI_H

#include "lib/base/err.h"
#include "services/gateway/api/routes.h"

// JSON text, which the caller frees.
MUST_CHECK bool openapi_make(const struct routes *routes, char **text, size_t *len, struct err *err);

#endif
