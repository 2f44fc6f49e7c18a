// The HTTP routes: verb, path, service method and status as data, with what the method's passport says.
// Matching walks a tree of path segments. Pure; one table for all threads.
#ifndef GATEWAY_API_ROUTES_H
#define GATEWAY_API_ROUTES_H

#include "lib/base/err.h"
#include "lib/schema/schema.h"
#include "services/gateway/api/target.h"

enum { ROUTE_MAX_PARAMS = 4, ROUTE_ALLOW_SIZE = 64, ROUTE_SERVICES_MOST = 8, ROUTE_SERVICE_SIZE = 16 };

enum verb { VERB_GET, VERB_POST, VERB_PUT, VERB_PATCH, VERB_DELETE, VERB_COUNT };

// PAGE_EVENT: of a method whose reply has an event_id; a browser is led to that event instead.
// PAGE_CONSOLE and PAGE_FILE: of the console, which is one page at many paths; the files it is made of.
// PAGE_STREAM and PAGE_EVENT_STREAM: answers that go on.
enum route_page {
    PAGE_NONE,
    PAGE_OPENAPI,
    PAGE_DOCS,
    PAGE_ROOT,
    PAGE_CONSOLE,
    PAGE_FILE,
    PAGE_EVENT,
    PAGE_SCHEMA,
    PAGE_GRAPHQL,
    PAGE_STREAM,
    PAGE_EVENT_STREAM,
    PAGE_TICKET,
    PAGE_PRESENCE
};

struct route_row {
    enum verb verb;
    const char *path;   // "/events/{event_id}": names of request fields in braces
    const char *method; // "events.GetEvent"; NULL for a page of the gateway's own
    int status;         // on success
    enum route_page page;
};

const struct route_row *routes_table(size_t *count);

// A row in use: all that a request needs to know of its method, found at start.
struct route {
    enum verb verb;
    const char *path;
    int status;
    enum route_page page;
    const struct schema_method *method;       // NULL for a page
    const char *params[ROUTE_MAX_PARAMS + 1]; // their names, ended by NULL
    uint8_t peer_param;                       // the parameter that chooses a peer, from 1; 0: none
    uint8_t service;                          // the method's, by its place among routes_service
    Conse__Method__Level level;               // PUBLIC for a page, OPTIONAL for a stream
    bool takes_body;
    bool raw_body;      // the body goes into the request unchanged
    bool raw_reply;     // the reply is sent unchanged, with its type
    bool keyed;         // an Idempotency-Key counts
    bool auth_limited;  // counted with sign-ups and log-ins, per address
    bool join_limited;  // counted with tries at codes, per address
    bool has_acts;      // it writes to what has acts
    bool has_revisions; // those acts are revisions of a message
};

struct route_match {
    const struct route *route;            // NULL: no such path, or (when verbs is set) not with this verb
    unsigned verbs;                       // bits of those that the path has
    const char *params[ROUTE_MAX_PARAMS]; // in the order of the path, as in the target
};

struct routes;

// Refuses two equal rows, and a row whose method is unknown, not for the gateway, internal, or lacks a
// parameter.
MUST_CHECK bool routes_create(struct routes **routes, const struct route_row *rows, size_t count,
                              struct err *err);
// Refuses a method that no route may name: one that is internal, or not for the gateway.
MUST_CHECK bool route_may_call(const struct schema_method *method, struct err *err);
void routes_destroy(struct routes *routes);
const char *route_who(const struct route *route); // may ask: "Any user."
const struct route *routes_all(const struct routes *routes, size_t *count);
// The services that the rows name, "auth"; NULL after the last.
const char *routes_service(const struct routes *routes, size_t i);
struct route_match routes_match(const struct routes *routes, const char *verb, const struct target *target);
// The parameter of the match that chooses a peer; NULL: any peer.
const char *route_peer(const struct route *route, const struct route_match *match);

bool route_streams(const struct route *route);   // its answer goes on
bool route_described(const struct route *route); // it is of the API

bool verb_parse(const char *text, enum verb *verb); // HEAD is GET
const char *verb_name(enum verb verb);
void routes_allow(unsigned verbs, char out[ROUTE_ALLOW_SIZE]); // "GET, HEAD, OPTIONS"

#endif
