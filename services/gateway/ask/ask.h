// Asking services, independent of the asker: HTTP exchanges ask here, and so does the gateway itself. One
// struct asks per loop, for its thread. Each question checks again that the caller is still let in. Life:
// create, connect, disconnect, destroy.
#ifndef GATEWAY_ASK_ASK_H
#define GATEWAY_ASK_ASK_H

#include "lib/schema/schema.h"
#include "lib/net/loop.h"
#include "services/gateway/access/access.h"
#include "services/gateway/access/caller.h"
#include "services/gateway/api/routes.h"

enum { ASKS_SERVICES_MOST = ROUTE_SERVICES_MOST };

struct asks;
struct bus_keys;

struct asks_service {
    const char *name, *address; // "auth"; both stay
};

struct ask {                     // all of it is borrowed until done, or gateway_ask_cancel
    const struct caller *caller; // NULL: the gateway itself
    const struct schema_method *method;
    size_t service;   // the method's, by its place among those of asks_connect
    const char *name; // NULL: method->name; "auth.feed.ListHeads"
    ProtobufCBinaryData payload;
    const char *key, *trace; // Idempotency-Key and traceparent, or NULL
    const char *stream;      // calls with the same stream go to the same peer; NULL: to the least busy one
    const uint64_t *acts;    // see rpc.proto
    size_t acts_count;
    int64_t deadline_ms; // of the loop's clock
    bool tells_address;  // the service counts failures per address
    bool fresh;          // there was news of it
};

struct ask_reply {
    const struct err *err; // NULL: success
    const uint8_t *payload;
    size_t len;
    const char *cursor; // where a stream goes on from it; "" when none does. All is borrowed for the callback
    int64_t again_ms;   // unix, when there is more without any news; 0: unknown
};

typedef void ask_done(void *arg, const struct ask_reply *reply);

void asks_create(struct asks **asks, struct loop *loop, struct access *access);
// Opens a client of each service.
MUST_CHECK bool asks_connect(struct asks *asks, const struct asks_service *services, size_t count,
                             struct bus_keys *bus_keys, struct err *err);
// Once per turn of the loop, before anything that may ask in it: reports refusals and sends large reads whose
// turn it is.
void asks_turn(struct asks *asks);
void asks_flush(struct asks *asks); // at the end of the turn: sends what it gathered
bool asks_connected(const struct asks *asks, size_t service);
// Fails open questions and later ones with SERVICE_DRAINING.
void asks_disconnect(struct asks *asks);
void asks_destroy(struct asks *asks); // NULL is fine

// Large reads (BULK) for callers wait for a place, addresses by turns; too many of them fail with
// SERVICE_BUSY. done is called once, never from within this call. A read may be asked of another peer when
// one goes away; a write never is, and its outcome is then unknown.
uint64_t gateway_ask(struct asks *asks, const struct ask *ask, ask_done *done, void *arg);
// done is not called any more. Ids of finished questions, and 0, are fine.
void gateway_ask_cancel(struct asks *asks, uint64_t id);

#endif
