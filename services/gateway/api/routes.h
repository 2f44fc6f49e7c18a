// The HTTP routes as data: verb, path, service method, who may call it. Matching walks a tree of path
// segments. Pure; one table for all threads.
#ifndef GATEWAY_API_ROUTES_H
#define GATEWAY_API_ROUTES_H

#include "lib/base/schema.h"
#include "services/gateway/api/target.h"

enum { ROUTE_MAX_PARAMS = 4, ROUTE_ALLOW_SIZE = 64 };

enum verb { VERB_GET, VERB_POST, VERB_PUT, VERB_PATCH, VERB_DELETE, VERB_COUNT };

enum route_access {
    ROUTE_REFUSED,  // what a row does not say
    ROUTE_PUBLIC,   // anybody; a token is not looked at
    ROUTE_OPTIONAL, // anybody; a token, when given, must be valid and shows more
    ROUTE_USER,
    ROUTE_SELF, // the user named by user_id, or a god
    ROUTE_GOD,  // a god or a dev; the service checks ownership
    ROUTE_DEV,
};

enum {
    ROUTE_AUTH = 1,      // rate class of sign-up and log-in, by address
    ROUTE_RAW_BODY = 2,  // the body is the request's bytes field "image"
    ROUTE_RAW_REPLY = 4, // the reply is a File, sent as it is
    ROUTE_WAIT = 8,      // may wait for news
    ROUTE_NO_STORE = 16, // the reply must not be kept by anybody
    ROUTE_NO_KEY = 32,   // Idempotency-Key has no meaning here
    ROUTE_EXISTING = 64, // the reply's field "existing" turns 201 into 200
};

enum route_page { PAGE_NONE, PAGE_OPENAPI, PAGE_DOCS, PAGE_ROOT };

struct route {
    enum verb verb;
    const char *path;   // "/events/{event_id}": names of request fields in braces; NULL ends the table
    const char *method; // "events.GetEvent", NULL for a page of the gateway's own
    enum route_access access;
    int status; // on success
    unsigned flags;
    enum route_page page;
};

const struct route *routes_table(size_t *count);

struct route_match {
    const struct route *route;            // NULL: no such path, or (when verbs is set) not by this verb
    unsigned verbs;                       // bits of those that the path has
    const char *params[ROUTE_MAX_PARAMS]; // in the order of the path, as in the target
};

struct routes;

// Asserts that every row's parameters are fields of its request, that its method exists and that no two rows
// are the same.
struct routes *routes_create(void);
void routes_destroy(struct routes *routes);
const struct schema_method *routes_method(const struct routes *routes, const struct route *route);
// Names of the path parameters, ended by NULL.
const char *const *routes_params(const struct routes *routes, const struct route *route);
struct route_match routes_match(const struct routes *routes, const char *verb, const struct target *target);

bool verb_parse(const char *text, enum verb *verb); // HEAD is GET
const char *verb_name(enum verb verb);
void routes_allow(unsigned verbs, char out[ROUTE_ALLOW_SIZE]);      // "GET, HEAD, OPTIONS"
const char *route_service(const struct route *route, char out[16]); // "events"

#endif
