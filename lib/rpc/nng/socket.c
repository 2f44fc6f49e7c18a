#include "lib/rpc/nng/socket.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SILENT_MS = 2000, PROBE_S = 1, PROBES = 2 };

static bool is_address(const struct sockaddr_storage *at, const nng_sockaddr *wanted)
{
    if (at->ss_family == AF_INET && wanted->s_family == NNG_AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)at;
        return v4->sin_port == wanted->s_in.sa_port && v4->sin_addr.s_addr == wanted->s_in.sa_addr;
    }
    if (at->ss_family != AF_INET6 || wanted->s_family != NNG_AF_INET6) return false;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)at;
    return v6->sin6_port == wanted->s_in6.sa_port && memcmp(&v6->sin6_addr, wanted->s_in6.sa_addr, 16) == 0;
}

static bool is_between(int fd, const nng_sockaddr *local, const nng_sockaddr *remote)
{
    struct sockaddr_storage at = {0};
    socklen_t len = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0 || !is_address(&at, local)) return false;
    len = sizeof at;
    return getpeername(fd, (struct sockaddr *)&at, &len) == 0 && is_address(&at, remote);
}

// Checked again when it is ours: NNG may have closed it meanwhile, and another file taken its number.
static int socket_copy(int fd, const nng_sockaddr *local, const nng_sockaddr *remote)
{
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0 || is_between(own, local, remote)) return own;
    close(own);
    return -1;
}

int rpc_socket_find(nng_pipe pipe)
{
    nng_sockaddr local, remote;
    if (nng_pipe_get_addr(pipe, NNG_OPT_LOCADDR, &local) != 0 ||
        nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &remote) != 0)
        return -1;
    if (local.s_family != NNG_AF_INET && local.s_family != NNG_AF_INET6) return -1;
    DIR *descriptors = opendir("/proc/self/fd");
    int found = -1;
    for (const struct dirent *entry; descriptors && found < 0 && (entry = readdir(descriptors));) {
        int fd = atoi(entry->d_name);
        if (is_between(fd, &local, &remote)) found = socket_copy(fd, &local, &remote);
    }
    if (descriptors) closedir(descriptors);
    return found;
}

static void socket_set(int fd, int level, int option, int value)
{
    setsockopt(fd, level, option, &value, sizeof value); // without it an end is noticed later
}

void rpc_socket_guard(int fd)
{
    socket_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    socket_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, PROBE_S);
    socket_set(fd, IPPROTO_TCP, TCP_KEEPINTVL, PROBE_S);
    socket_set(fd, IPPROTO_TCP, TCP_KEEPCNT, PROBES);
    socket_set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, SILENT_MS);
}

bool rpc_socket_ended(int fd)
{
    struct pollfd ended = {.fd = fd, .events = POLLRDHUP};
    return poll(&ended, 1, 0) == 1;
}
