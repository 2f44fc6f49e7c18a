// One service as a child process: started, watched, started again when it dies, stopped.
#ifndef CONSE_UP_CHILD_H
#define CONSE_UP_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tools/conse-up/lines.h"
#include "tools/conse-up/ports.h"

enum { CHILD_TOLD = 4, CHILD_WORDS = 16 };

struct child {
    const char *program;        // "auth"
    char name[16];              // "auth-2"
    char admin[PORTS_ADDRESS];  // address of its operators' port, or of whatever answers to the probe
    const char *probe;          // the path there that is answered by 200 once it is ready
    char listen[PORTS_ADDRESS]; // of a gateway: where HTTP is served; else ""
    char *told[CHILD_TOLD];     // NAME=VALUE, beside the environment; the plan's
    int told_count;
    char *words[CHILD_WORDS]; // its arguments; the plan's
    int words_count;
    struct lines lines; // its output, printed with its name
    pid_t pid;          // 0: not running
    bool comes_back;    // it is started again when it ends
    bool stopping;      // it was asked to
    int deaths;         // in a row
    int64_t started_ms, start_at_ms;
};

// folder has the programs. Does nothing before start_at_ms, or while the child runs.
void child_start_due(struct child *child, const char *folder, int64_t now_ms);
// The child has ended with this status of waitpid: prints the rest of its output and how it ended. A child
// that comes back is started at once when it ran for a while, else after growing pauses. False when it ended
// by a fault.
bool child_ended(struct child *child, int status, int64_t now_ms);
// Whether its probe says that it is ready. Blocks for half a second at most.
bool child_ready(const struct child *child);

#endif
