// What a route's method asks of its call, said once: the rest of the gateway reads it here and nowhere else.
// Pure.
#ifndef GATEWAY_CALL_FACTS_H
#define GATEWAY_CALL_FACTS_H

#include "services/gateway/api/routes.h"

struct call_facts {
    bool takes_body;
    bool raw_body;      // the body is bytes that go into the request as they are
    bool raw_reply;     // the reply holds bytes that are sent as they are, and their type
    bool keyed;         // an Idempotency-Key counts
    bool auth_limited;  // counted with sign-ups and log-ins, per address
    bool no_store;      // nobody may keep the reply
    bool waits;         // may wait for news
    bool on_event;      // writes to an event, which has acts
    bool tells_address; // the service counts failures per address
    const ProtobufCFieldDescriptor *existing; // of the reply: an earlier call made it; NULL: never
    const ProtobufCFieldDescriptor *news;     // of the reply: a list, empty when there is no news; NULL: none
};

// method is NULL for pages of the gateway's own.
struct call_facts call_facts_of(const struct route *route, const struct schema_method *method);

#endif
