// A backup put back into a folder of its own, where the services start and are asked whether all of it holds.
// Nobody outside is reached: the process is in a network of its own by then.
#ifndef CONSECTL_DRILL_H
#define CONSECTL_DRILL_H

#include "tools/consectl/manifest.h"

struct drill_child {
    const char *service;
    pid_t pid; // 0: does not run
};

struct drill {
    struct ctl world;                   // whose folders, and whose settings, are the drill's
    char folder[64], programs[PLACE];   // where it is tried, and where the programs are
    char data[PLACE];                   // CONSE_DATA of the installation, whose keys/ are used
    char places[MANIFEST_PARTS][PLACE]; // the stores of the installation, by URL; "" when not to be known
    char masters[PLACE];                // CONSE_MASTER_KEY_FILE as absolute paths
    struct drill_child children[MANIFEST_PARTS];
    char **events; // their ids
    size_t events_count, events_room;
};

// Leaves the network, or fails. Before threads start.
MUST_CHECK bool drill_isolate(struct err *err);
// Makes the folder, copies the keys, and puts the drill's settings into the environment in place of all
// others.
MUST_CHECK bool drill_settle(struct drill *drill, const struct ctl *ctl, struct err *err);
// Starts the service; its log is in the folder. Blocks until it answers; with its last words when it ends.
MUST_CHECK bool drill_start(struct drill *drill, const char *service, struct err *err);
// Ends what was started, and removes the folder.
void drill_clear(struct drill *drill);
// True once somebody wants this process to end.
bool drill_is_stopped(void);

struct drill_found {
    size_t events, deals; // deals: opened ones
    uint64_t entries, blocks;
};
// Asks the services: each event's hash chain, each deal that is open, and the whole ledger.
MUST_CHECK bool drill_ask(struct drill *drill, struct drill_found *found, struct err *err);

#endif
