// For tests that kill a peer: a server of rpc_world in a process of its own, which is the test's own program,
// run as `x_test serve ADDRESS open|shut|away|full|strict`. Its main begins with process_serve.
#ifndef LIB_RPC_TESTING_PROCESS_H
#define LIB_RPC_TESTING_PROCESS_H

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/rpc/address.h"
#include "lib/rpc/testing/keys.h"
#include "lib/rpc/testing/world.h"

// Over tcp; they stay as long as the process.
static inline struct bus_keys *process_keys_of(const char *address)
{
    static struct bus_keys *keys;
    if (!keys) keys = keys_of(1, 0);
    return rpc_address_is_tcp(address) ? keys : NULL;
}

// Returns when this process is the test itself, or when the server can't start: *status is then main's
// result.
static inline bool process_serve(int argc, char **argv, int *status)
{
    if (argc != 4 || strcmp(argv[1], "serve") != 0) return false;
    struct world world = {0};
    struct rpc_server_options options = world_options(&world, argv[2]);
    struct err err = {0};
    options.bus_keys = process_keys_of(argv[2]);
    world.gate.shut = strcmp(argv[3], "shut") == 0;
    world.gate.away = strcmp(argv[3], "away") == 0;
    world.gate.full = strcmp(argv[3], "full") == 0;
    world.gate.strict = strcmp(argv[3], "strict") == 0;
    if (rpc_server_start(&world.server, &options, &err))
        for (;;) pause();
    fprintf(stderr, "%s\n", err.message);
    *status = 1;
    return true;
}

static inline pid_t process_spawn(const char *address, const char *gate)
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); // when a test fails
        execl("/proc/self/exe", "peer", "serve", address, gate, (char *)NULL);
        _exit(127);
    }
    assert_true(pid > 0);
    return pid;
}

static inline void process_kill(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

#endif
