// What a program takes from itself when it starts: rights by files that set them (no_new_privs), files
// outside its own places (Landlock), system calls that it has no use for (seccomp), and core dumps. Before
// any thread starts: Landlock holds for the thread that asks, and for those that it starts then. What is
// given up does not come back.
#ifndef LIB_GUARD_GUARD_H
#define LIB_GUARD_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

// LOG refuses nothing; the kernel's log has the system calls that ON would refuse. It knows nothing of files.
enum guard_mode { GUARD_ON, GUARD_LOG, GUARD_OFF };
enum guard_right { GUARD_READ, GUARD_WRITE }; // WRITE: read, write, make and remove

struct guard_place {
    const char *path; // a folder with all that is in it, or a file; one that is not there is left out
    enum guard_right right;
};

struct guard_options {
    const char *service;              // "auth", or another program of the table in calls.c
    const struct guard_place *places; // besides the system's own, as /usr and /etc
    size_t count;
};

// Files are then guarded, when *fenced says so: a kernel without Landlock is no failure. In OFF nothing but
// core dumps is given up.
MUST_CHECK bool guard_start(enum guard_mode mode, const struct guard_options *options, bool *fenced,
                            struct err *err);
// Tries, each in a process of its own, what a program that was taken over might, and prints what came of it:
// true when all of it was refused. `foreign` is a file that the service has no use for.
bool guard_try(const struct guard_options *options, const char *foreign);

#endif
