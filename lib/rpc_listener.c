#include "lib/rpc_listener.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

struct rpc_listener {
    nng_socket socket;
    nng_listener listener;
    nng_aio *timer;
    uint64_t faults; // that NNG has counted so far
    bool listening;
    char address[256];
};

static int listen_at(struct rpc_listener *listener)
{
    int rv = nng_listener_create(&listener->listener, listener->socket, listener->address);
    if (rv == 0 && strncmp(listener->address, "ipc://", 6) == 0)
        rv = nng_listener_set_int(listener->listener, NNG_OPT_IPC_PERMISSIONS, 0600);
    if (rv == 0) rv = nng_listener_start(listener->listener, 0);
    return rv;
}

// Of the kinds after which NNG may have stopped: it says "closed", and has no counter of its own for that.
static uint64_t count_faults(const struct rpc_listener *listener)
{
    nng_stat *all, *ours;
    uint64_t count = listener->faults;
    if (nng_stats_get(&all) != 0) return count;
    ours = nng_stat_find_listener(all, listener->listener);
    if (ours) ours = nng_stat_find(ours, "other");
    if (ours) count = nng_stat_value(ours);
    nng_stats_free(all);
    return count;
}

static void listen_again(struct rpc_listener *listener)
{
    if (listener->listening)
        log_warn("NNG may have stopped accepting: listening anew", F_STR("address", listener->address));
    nng_listener_close(listener->listener);
    int rv = listen_at(listener);
    if (rv && listener->listening)
        log_error("cannot listen", F_STR("address", listener->address), F_STR("error", nng_strerror(rv)));
    listener->listening = rv == 0; // if not, the next time
    listener->faults = 0;
}

static void on_time(void *arg)
{
    struct rpc_listener *listener = arg;
    if (nng_aio_result(listener->timer) != 0) return; // it is being closed
    if (!listener->listening || count_faults(listener) != listener->faults) listen_again(listener);
    nng_sleep_aio(RPC_LISTENER_CHECK_MS, listener->timer);
}

bool rpc_listener_open(struct rpc_listener **out, nng_socket socket, const char *address, struct err *err)
{
    struct rpc_listener *listener = calloc(1, sizeof *listener);
    if (!listener) return err_fail(err, INTERNAL_ERROR, "out of memory");
    listener->socket = socket;
    snprintf(listener->address, sizeof listener->address, "%s", address);
    int rv = nng_aio_alloc(&listener->timer, on_time, listener);
    if (rv == 0) rv = listen_at(listener);
    if (rv) {
        rpc_listener_close(listener);
        return err_fail(err, INTERNAL_ERROR, "cannot listen at %s: %s", address, nng_strerror(rv));
    }
    listener->listening = true;
    nng_sleep_aio(RPC_LISTENER_CHECK_MS, listener->timer);
    *out = listener;
    return true;
}

void rpc_listener_close(struct rpc_listener *listener)
{
    if (!listener) return;
    if (listener->timer) {
        nng_aio_stop(listener->timer);
        nng_aio_free(listener->timer);
    }
    free(listener);
}
