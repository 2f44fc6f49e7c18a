// What the commands of consectl share: how they were asked to answer, and how they reach a service or its
// files.
#ifndef CONSECTL_H
#define CONSECTL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/rpc_server.h"
#include "lib/store.h"

// Exit statuses.
enum { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_ABSENT = 3, STATUS_HELD = 4 };

struct ctl {
    bool json;            // --json: one JSON document (or line) instead of words
    const char *data_dir; // CONSE_DATA
    const char *run_dir;  // CONSE_RUN
    const char *url;      // CONSE_URL: the gateway
    struct arena arena;
};

struct command {
    const char *name;  // "user level"
    const char *usage; // "NAME dev|god|player"
    const char *help;
    int least, most; // arguments
    int (*run)(struct ctl *ctl, int argc, char **argv);
};

extern const struct command user_commands[], topic_commands[], content_commands[], verify_commands[],
    log_commands[];

// A service as a tool sees it: a socket while it runs, files while it does not.
struct office {
    const char *name;
    const struct store_table *tables;
    const struct rpc_method *methods;
    // Opens its files as the service itself would; *context is what its handlers get.
    bool (*open)(const char *data_dir, void **context, struct store **store, struct err *err);
    void (*close)(void *context);
    const char *trimmed; // the stream whose oldest entries are dropped in time, or NULL
};

extern const struct office offices[]; // ended by a NULL name
const struct office *office_find(const char *name);

// Calls a method as dev: through the service's socket, or, when nobody listens there, by the same handler on
// its files.
MUST_CHECK bool ctl_ask(struct ctl *ctl, const char *method, const ProtobufCMessage *request,
                        ProtobufCMessage **reply, struct err *err);
// The store of a service that is not running; SERVICE_BUSY while it is.
MUST_CHECK bool ctl_open_store(struct ctl *ctl, const struct office *office, struct store **store,
                               struct err *err);

// Prints a message as one line of JSON.
void ctl_print_json(const ProtobufCMessage *message);
// Prints the error to stderr; returns the exit status that fits.
int ctl_fail(const struct ctl *ctl, const struct err *err);
int ctl_usage(const char *command, const char *what);

#endif
