// The common main of a service: settings, log, folders, signals, start, readiness, drain, stop. A service
// describes itself in a struct service_program and its main.c calls service_main; the order of stopping is
// the same for all.
#ifndef LIB_SERVICE_SERVICE_H
#define LIB_SERVICE_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/service/config.h"
#include "lib/service/known.h"
#include "lib/base/err.h"
#include "lib/base/metrics.h"
#include "lib/rpc/server.h"

struct bus_keys;
struct service_program;
struct store;

// Filled before open; texts live as long as the process.
struct service {
    const struct service_program *program;
    const char *data_dir;      // CONSE_DATA, mode 0700
    const char *run_dir;       // CONSE_RUN, mode 0700: the ipc sockets
    const char *store_url;     // "sqlite:DATA/auth.db", or as CONSE_AUTH_STORE or CONSE_STORE says
    const char *master_keys;   // CONSE_MASTER_KEY_FILE, or ""
    const char *listen;        // the RPC address
    const char *slow_listen;   // of slow calls, or NULL: beside it
    const char *self;          // where others call this process: listen, with a host that they can use
    const char *bus;           // the publisher's address
    struct bus_keys *bus_keys; // of CONSE_BUS_KEY_FILE or CONSE_BUS_KEY, or NULL; replaced in place at SIGHUP
    struct metrics *metrics;
    char *config; // the settings in force, as --check tells them, without secrets

    // Set by open: the handlers' call->service, and the store whose tickets replies wait for (or NULL).
    void *context;
    struct store *store;
};

struct service_program {
    const char *name;    // "auth"
    const char *summary; // one line for --help
    uint16_t admin_port; // default of CONSE_<NAME>_ADMIN on 127.0.0.1
    uint16_t slow_queue; // default of CONSE_<NAME>_SLOW_QUEUE
    const struct config_var
        *vars; // the service's own settings, NULL-ended, filled into `settings`; may be NULL
    void *settings;
    const struct known_program *programs;    // whose variables may be set; NULL: any may
    const struct rpc_method *const *methods; // tables; NULL: the service answers no calls (the gateway)

    // Opens what the service owns; the RPC server starts after it. On failure nothing may be left open.
    bool (*open)(struct service *service, struct err *err);
    // The text of /readyz once started; NULL: ready. Any thread, never blocks.
    bool (*ready)(struct service *service);
    // A line that /readyz says besides: what an operator has to mend while the service goes on. NULL:
    // nothing. Once started; any thread, never blocks. May be NULL.
    const char *(*note)(struct service *service);
    // At SIGHUP: reads certificates and the like again. May be NULL.
    void (*reload)(struct service *service);
    // Finishes what is in flight beside the RPC server's calls, in at most timeout_ms. May be NULL.
    void (*drain)(struct service *service, int64_t timeout_ms);
    // All calls have ended: what others have to know of that. NNG, which is closed next, can hang, and then
    // the process ends without close. May be NULL.
    void (*leave)(struct service *service);
    // Closes what open opened; all calls have ended before.
    void (*close)(struct service *service);
};

// Runs until SIGTERM or SIGINT; returns the exit status. Threads are started only after signals are blocked.
int service_main(const struct service_program *program, int argc, char **argv);
// What /readyz tells of a struct service. Any thread; never blocks.
bool service_is_ready(void *service);
// Asks for a stop, as SIGTERM does. Any thread.
void service_quit(struct service *service);

// The addresses where all that answer for a service are called (CONSE_AUTH_PEERS, else CONSE_AUTH_LISTEN,
// else ipc://RUN/auth.ipc) and where they publish (CONSE_AUTH_TOPICS, else CONSE_AUTH_BUS). NULL: an address
// is refused, or needs the key.
const char *service_peers_of(struct service *service, const char *name, struct err *err);
const char *service_topics_of(struct service *service, const char *name, struct err *err);

#endif
