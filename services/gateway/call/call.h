// One request on its way: admitted by its headers, assembled, sent to a service, answered. A call lives as
// long as its HTTP exchange; all its memory is in its arena.
#ifndef GATEWAY_CALL_CALL_H
#define GATEWAY_CALL_CALL_H

#include "lib/base/cursor.h"
#include "lib/cache/cache.h"
#include "services/gateway/access/access.h"
#include "services/gateway/access/caller.h"
#include "services/gateway/access/limits.h"
#include "services/gateway/access/proof.h"
#include "services/gateway/ask/ask.h"
#include "services/gateway/http/http.h"
#include "services/gateway/api/negotiate.h"
#include "services/gateway/api/routes.h"
#include "services/gateway/call/cookies.h"
#include "services/gateway/call/state.h"
#include "services/gateway/ask/trace.h"

struct calls_lent;
struct desk_order;
struct opening;
struct calls;
struct graph;
struct looking;
struct proxy_prefix;
struct waiting;

struct call {
    struct calls *calls; // of the loop it lives on
    const struct calls_lent *lent;
    struct http_exchange *http;
    struct call *next, **link; // in the pool, among those that wait for keys, or those to be emptied
    struct arena arena;
    struct target target;
    struct route_match match; // route NULL until found
    const struct schema_method *method;
    struct caller caller;
    struct trace trace;
    const char *key; // Idempotency-Key, where one counts
    uint64_t *acts;  // named by If-Match, for the service
    size_t acts_count;
    enum call_state state;
    enum media reply_media;
    struct bucket bucket; // the one that counted this request; burst 0: none did
    struct bucket_state bucket_state;
    enum limit_class limit_class;
    const char *limit_key;
    int64_t wanted_keys_ms;     // when its token had an unknown key
    uint64_t ask_id;            // of the last question
    ProtobufCBinaryData packed; // the request
    char cursor[CURSOR_TEXT];   // where a stream goes on from the reply; or ""
    struct session_cookies cookies;
    struct proof_wish *wish;            // where a proof of work is wanted; or NULL
    struct waiting *waiting;            // for news, or NULL
    struct opening *opening;            // of a stream by a ticket, or NULL
    struct desk_order *order;           // the ticket that is made or used; or NULL
    struct looking *looking;            // at a stream, or NULL
    ProtobufCMessage *said;             // by a page of itself, or NULL
    struct graph *graph;                // of GraphQL, or NULL
    const struct proxy_prefix *proxied; // by which it goes on to another server, or NULL
    bool tunnels;                       // by CONNECT, to the upstream
    size_t upstream;
    bool handed; // its connection is no longer ours to answer
};

bool call_is_graphql(const struct call *call);     // by its route
bool call_writes(const struct call *call);         // it may change something
int64_t call_deadline_ms(const struct call *call); // for services
// Sends the packed request.
void call_send(struct call *call);
// Continues when the body is complete.
void call_dispatch(struct call *call);

#endif
