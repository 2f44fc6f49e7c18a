// The clients of the services, one each, inside the gateway's loop.
#ifndef GATEWAY_CALL_BACKEND_H
#define GATEWAY_CALL_BACKEND_H

#include "lib/rpc/client.h"
#include "lib/service/service.h"
#include "lib/net/loop.h"
#include "services/gateway/api/routes.h"

enum { BACKENDS_MOST = 8 };

struct backend {
    char name[16]; // "auth"
    struct rpc_client *client;
    struct loop_source source;
    struct loop *loop;
};

struct backends {
    struct backend all[BACKENDS_MOST];
    size_t count;
};

// One for every service that a route names.
MUST_CHECK bool backends_open(struct backends *backends, struct service *service, struct loop *loop,
                              struct err *err);
void backends_close(struct backends *backends);
void backends_flush(struct backends *backends);                            // sends what this turn gathered
struct backend *backend_find(struct backends *backends, const char *name); // NULL when there is none

#endif
