// One service as a child process: started, watched, started again when it dies, stopped.
#ifndef CONSE_UP_CHILD_H
#define CONSE_UP_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tools/conse-up/lines.h"

struct child {
    const char *admin_name, *admin; // the variable of its operators' port, and its default
    struct lines lines;             // of its output; they know its name
    pid_t pid;                      // 0: not running
    bool comes_back;                // it is started again when it ends
    bool stopping;                  // it was asked to
    int deaths;                     // in a row
    int64_t started_ms, start_at_ms;
};

// folder has the programs. Does nothing before start_at_ms, or while it runs.
void child_start_due(struct child *child, const char *folder, int64_t now_ms);
// It has ended with this status of waitpid: prints the rest of its output and how it ended. What comes back
// does so at once after it ran for a while, else more and more slowly. False when it ended by a fault.
bool child_ended(struct child *child, int status, int64_t now_ms);
// Whether it says on its operators' port that it is ready. Blocks for half a second at most.
bool child_ready(const struct child *child);

#endif
