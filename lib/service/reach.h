// Where a service answers, publishes and stores, by the environment. The owner's settings say where it
// listens (LISTEN, SLOW_LISTEN, BUS); PEERS, SLOW_PEERS and TOPICS say where others find it and are the
// owner's when they are not set. Texts are written to the caller's memory. Errors name the variable.
#ifndef LIB_SERVICE_REACH_H
#define LIB_SERVICE_REACH_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/service/config.h"

enum { REACH_BYTES = 8192, REACH_VARIABLE = 64 };

// From where one reaches, which decides the defaults and what may be used.
struct reach {
    const char *data_dir, *run_dir;
    bool has_keys; // of the bus; see rpc_address_check
};

// CONSE_AUTH_PEERS for ("auth", "PEERS"); NULL when it is not set or empty.
const char *reach_setting(const char *service, const char *what);
// The owner's address: CONSE_AUTH_LISTEN or ipc://RUN/auth.ipc for "LISTEN", ipc://RUN/auth-bus.ipc for
// "BUS".
MUST_CHECK bool reach_own(const struct reach *reach, const char *service, const char *what, char *out,
                          size_t size, struct err *err);
// Where others reach a process that listens at this address: a host of 0.0.0.0, [::] or * is replaced by the
// address of this machine's name. Asks the system's resolver.
void reach_self(const char *listen, char *out, size_t size);
// The addresses of all that answer for a service, for rpc_client_create. Without PEERS they are where it
// listens.
MUST_CHECK bool reach_peers(const struct reach *reach, const char *service, char *out, size_t size,
                            struct err *err);
// The addresses where they publish, for a subscriber.
MUST_CHECK bool reach_topics(const struct reach *reach, const char *service, char *out, size_t size,
                             struct err *err);

// CONSE_STORE, and a service's own variable before it; both may be in a file. A general "sqlite:" is a file
// per service, and a general mongodb: URL a database per service.
struct reach_store {
    const char *general, *own; // own: "" when not set
};
extern const struct config_var reach_store_vars[2]; // of general and own; own's name is without CONSE_AUTH_
MUST_CHECK bool reach_store_url(const struct reach *reach, const struct reach_store *store,
                                const char *service, char *out, size_t size, struct err *err);
// The same, with the variables read from the environment.
MUST_CHECK bool reach_store_find(const struct reach *reach, const char *service, char *out, size_t size,
                                 struct err *err);

#endif
