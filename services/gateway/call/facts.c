#include "services/gateway/call/facts.h"

#include <string.h>

static const ProtobufCFieldDescriptor *existing_field(const struct schema_method *method)
{
    return protobuf_c_message_descriptor_get_field_by_name(method->reply, "existing");
}

static bool takes_body(const struct route *route)
{
    return route->verb == VERB_POST || route->verb == VERB_PUT || route->verb == VERB_PATCH;
}

struct call_facts call_facts_of(const struct route *route, const struct schema_method *method)
{
    unsigned flags = route->flags;
    return (struct call_facts){
        .takes_body = takes_body(route),
        .raw_body = flags & ROUTE_RAW_BODY,
        .raw_reply = flags & ROUTE_RAW_REPLY,
        .keyed = route->verb == VERB_POST && !(flags & ROUTE_NO_KEY),
        .auth_limited = flags & ROUTE_AUTH,
        .no_store = flags & ROUTE_NO_STORE,
        .waits = flags & ROUTE_WAIT,
        .on_event = route->verb != VERB_GET && strncmp(route->path, "/events/", 8) == 0,
        .tells_address = flags & ROUTE_AUTH,
        .existing = flags & ROUTE_EXISTING ? existing_field(method) : NULL,
        .news = flags & ROUTE_WAIT ? &method->reply->fields[0] : NULL,
    };
}
