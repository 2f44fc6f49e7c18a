// What the commands of consectl share: the form of the answer, and ways to reach a service or its files.
#ifndef CONSECTL_H
#define CONSECTL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/rpc/server.h"
#include "lib/service/reach.h"
#include "lib/store/store.h"

// Exit statuses.
enum { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_ABSENT = 3, STATUS_HELD = 4 };

struct ctl {
    bool json;                 // --json: one JSON document (or line) instead of words
    bool help;                 // --help
    const char *option;        // of the command's own, in the given form; or NULL
    bool held;                 // the files are locked by a running service
    const char *data_dir;      // CONSE_DATA
    const char *run_dir;       // CONSE_RUN
    const char *url;           // CONSE_URL: the gateway
    bool url_follows;          // from CONSE_LISTEN, since nobody gave it: it may be of another machine
    struct bus_keys *bus_keys; // once place_keys has found some
    int64_t patience_ms;       // for an answer; 0: half a minute
    struct arena arena;
};

struct ctl_command {
    const char *name;   // "user level"
    const char *usage;  // "NAME dev|god|player"
    const char *help;   // a clause
    const char *more;   // sentences, shown by the command's own --help
    const char *option; // "--from-start", or NULL
    int least, most;    // arguments
    int (*run)(struct ctl *ctl, int argc, char **argv);
};

extern const struct ctl_command user_commands[], topic_commands[], content_commands[], verify_commands[],
    log_commands[], ledger_commands[], list_commands[], market_commands[], service_commands[], key_commands[],
    rating_commands[], discord_commands[], release_commands[], drill_commands[], doctor_commands[];

// A service as a tool sees it: a socket while it runs, files while it does not.
struct office {
    const char *name;
    const struct store_table *tables;
    const struct rpc_method *const *methods;
    // Opens its files like the service itself; *context is what its handlers get.
    bool (*open)(const struct ctl *ctl, void **context, struct store **store, struct err *err);
    void (*close)(void *context);
    const char *trimmed; // the stream whose oldest entries are dropped in time, or NULL
    const struct store_table
        *passing; // what no dump or copy keeps: sessions, which must not come back; or NULL
};

extern const struct office offices[]; // ended by a NULL name
const struct office *office_find(const char *name);

// Where a service is called, publishes, and stores, as the other services see it (lib/service/reach.h).
enum { PLACE = REACH_BYTES };
MUST_CHECK bool place_peers(struct ctl *ctl, char out[PLACE], const char *service, struct err *err);
MUST_CHECK bool place_topics(struct ctl *ctl, char out[PLACE], const char *service, struct err *err);
MUST_CHECK bool place_store(const struct ctl *ctl, char out[PLACE], const char *service, struct err *err);
const char *place_masters(void); // CONSE_MASTER_KEY_FILE, or ""
// NOT_FOUND, naming the places searched, when there are no files of the service.
MUST_CHECK bool place_has_store(const struct ctl *ctl, const char *service, struct err *err);
// Fills ctl->bus_keys as a service finds them; NULL when none are set.
MUST_CHECK bool place_keys(struct ctl *ctl, struct err *err);

// Calls a method as the operator: through the service's socket, or, when nobody listens there, by the same
// handler on its files.
MUST_CHECK bool ctl_ask(struct ctl *ctl, const char *method, const ProtobufCMessage *request,
                        ProtobufCMessage **reply, struct err *err);
// The same through the socket alone; SERVICE_AWAY when nobody listens there.
MUST_CHECK bool ctl_ask_running(struct ctl *ctl, const char *method, const ProtobufCMessage *request,
                                ProtobufCMessage **reply, struct err *err);
// The store of a service that is not running; SERVICE_BUSY while it is.
MUST_CHECK bool ctl_open_store(struct ctl *ctl, const struct office *office, struct store **store,
                               struct err *err);

int ledger_check_url(struct ctl *ctl, int argc, char **argv); // ledger check

// Prints a message as one line of JSON.
void ctl_print_json(const ProtobufCMessage *message);
// Prints the error to stderr; returns the matching exit status. A busy service does not count as a held
// store.
int ctl_fail(const struct ctl *ctl, const struct err *err);
int ctl_usage(const char *command, const char *what);

#endif
