// A request message made from its path, query and body, by the method's descriptor alone. Pure except for the
// arena.
#ifndef GATEWAY_API_ASSEMBLE_H
#define GATEWAY_API_ASSEMBLE_H

#include "lib/schema/schema.h"
#include "services/gateway/api/negotiate.h"
#include "services/gateway/api/target.h"

struct assembly {
    const struct schema_method *method;
    const char *const *param_names; // ended by NULL
    const char *const *param_values;
    const struct target *target;
    bool takes_body;
    enum media media; // of the body, when the method does not take it raw
    const void *body;
    size_t body_len;
    const char *const *headers; // values of those that the method takes beside a raw body, as it lists them
};

// Ids in upper case are the same ids. Fields of the path may come only from the path; query parameters are
// taken only when there is no body.
MUST_CHECK bool assemble(const struct assembly *assembly, struct arena *arena, ProtobufCMessage **message,
                         struct err *err);

#endif
