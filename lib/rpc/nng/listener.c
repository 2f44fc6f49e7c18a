#include "lib/rpc/nng/listener.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/base/log.h"
#include "lib/rpc/nng/secure.h"

struct rpc_listener {
    nng_socket socket;
    nng_listener listener;
    nng_aio *timer;
    char address[256];
    const char *path; // of an ipc address, else NULL
    bool secure;      // tls+tcp://
    bool listening;
    uint64_t accepted, failed; // handshakes by the last check
    uint64_t excused;          // failures after which a connection was accepted
    uint32_t suspicions;       // checks at which connections waited after one that is not excused
};

static int listen_at(struct rpc_listener *listener)
{
    int rv = rpc_secure_listener(&listener->listener, listener->socket, listener->address);
    if (rv == 0 && listener->path)
        rv = nng_listener_set_int(listener->listener, NNG_OPT_IPC_PERMISSIONS, 0600);
    if (rv == 0) rv = nng_listener_start(listener->listener, 0);
    return rv;
}

static bool is_connection(int fd, const char *path)
{
    struct sockaddr_un at = {0};
    socklen_t len = sizeof at - 1, size = sizeof(int);
    int listens = 0;
    struct pollfd ended = {.fd = fd, .events = POLLRDHUP};
    return getsockname(fd, (struct sockaddr *)&at, &len) == 0 && at.sun_family == AF_UNIX &&
           strcmp(at.sun_path, path) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && !listens &&
           poll(&ended, 1, 0) == 0;
}

// Established connections to the path, taken by NNG or not. Costs a system call for each open descriptor.
static uint64_t count_connections(const char *path)
{
    DIR *descriptors = opendir("/proc/self/fd");
    uint64_t count = 0;
    for (const struct dirent *entry; descriptors && (entry = readdir(descriptors));)
        count += is_connection(atoi(entry->d_name), path);
    if (descriptors) closedir(descriptors);
    return count;
}

// Searches all listeners of the process; nng_stat_find_listener of 1.5.2 finds the first, whichever is asked
// for.
static nng_stat *find_own(nng_stat *all, nng_listener listener)
{
    for (nng_stat *stat = nng_stat_child(all); stat; stat = nng_stat_next(stat)) {
        nng_stat *id = strcmp(nng_stat_name(stat), "listener") == 0 ? nng_stat_find(stat, "id") : NULL;
        if (id && nng_stat_value(id) == (uint64_t)nng_listener_id(listener)) return stat;
    }
    return NULL;
}

static uint64_t value_of(nng_stat *listener, const char *name)
{
    nng_stat *stat = nng_stat_find(listener, name);
    return stat ? nng_stat_value(stat) : 0;
}

// Whether a handshake has failed and none has ended well since. Most failures do no harm.
static bool seems_deaf(struct rpc_listener *listener, nng_stat *stat)
{
    uint64_t accepted = value_of(stat, "accept");
    bool accepts = accepted != listener->accepted;
    if (accepts) listener->excused = listener->failed;
    listener->accepted = accepted;
    listener->failed = value_of(stat, "other");
    return !accepts && listener->failed > listener->excused;
}

// Of all listeners by TLS.
static uint64_t count_secure_pipes(nng_stat *all)
{
    uint64_t count = 0;
    for (nng_stat *stat = nng_stat_child(all); stat; stat = nng_stat_next(stat)) {
        bool listens = strcmp(nng_stat_name(stat), "listener") == 0;
        nng_stat *url = listens ? nng_stat_find(stat, "url") : NULL;
        if (url && rpc_secure_is(nng_stat_string(url))) count += value_of(stat, "pipes");
    }
    return count;
}

// By TLS only programs of ours count, so nobody else has anything cut off.
static bool has_untaken(const struct rpc_listener *listener, nng_stat *all, nng_stat *stat)
{
    if (listener->secure) return rpc_secure_accepted() > count_secure_pipes(all);
    return count_connections(listener->path) > value_of(stat, "pipes");
}

// True when connections have waited for some checks after a handshake that failed, and none was taken
// meanwhile.
static bool is_deaf(struct rpc_listener *listener)
{
    nng_stat *all;
    if (nng_stats_get(&all) != 0) return false;
    nng_stat *stat = find_own(all, listener->listener);
    bool waiting = stat && seems_deaf(listener, stat) && has_untaken(listener, all, stat);
    listener->suspicions = waiting ? listener->suspicions + 1 : 0;
    nng_stats_free(all);
    return listener->suspicions >= RPC_LISTENER_CHECKS;
}

static void listen_again(struct rpc_listener *listener)
{
    if (listener->listening)
        log_warn("NNG has stopped accepting: listening anew", F_STR("address", listener->address));
    nng_listener_close(listener->listener);
    int rv = listen_at(listener);
    if (rv && listener->listening)
        log_error("cannot listen", F_STR("address", listener->address), F_STR("error", nng_strerror(rv)));
    listener->listening = rv == 0; // if not, the next time
    listener->accepted = listener->failed = listener->excused = listener->suspicions = 0;
}

static void on_time(void *arg)
{
    struct rpc_listener *listener = arg;
    if (nng_aio_result(listener->timer) != 0) return; // it is being closed
    if (!listener->listening || is_deaf(listener)) listen_again(listener);
    bool calm = listener->listening && listener->suspicions == 0;
    nng_sleep_aio(calm ? RPC_LISTENER_CALM_MS : RPC_LISTENER_CHECK_MS, listener->timer);
}

bool rpc_listener_open(struct rpc_listener **out, nng_socket socket, const char *address, struct err *err)
{
    static const char ipc[] = "ipc://";
    struct rpc_listener *listener = calloc(1, sizeof *listener);
    if (!listener) return err_fail(err, INTERNAL_ERROR, "out of memory");
    listener->socket = socket;
    snprintf(listener->address, sizeof listener->address, "%s", address);
    bool local = strncmp(address, ipc, strlen(ipc)) == 0;
    if (local) listener->path = listener->address + strlen(ipc);
    listener->secure = rpc_secure_is(address);
    bool watched = local || listener->secure;
    int rv = watched ? nng_aio_alloc(&listener->timer, on_time, listener) : 0;
    if (rv == 0) rv = listen_at(listener);
    if (rv) {
        rpc_listener_close(listener);
        return err_fail(err, INTERNAL_ERROR, "cannot listen at %s: %s", address, nng_strerror(rv));
    }
    listener->listening = true;
    if (watched) nng_sleep_aio(RPC_LISTENER_CALM_MS, listener->timer);
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
