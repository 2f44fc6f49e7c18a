#include "lib/rpc/nng/socket.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define IPC "ipc://"

enum { SILENT_MS = 2000, PROBE_S = 1, PROBES = 2, MOST_CANDIDATES = 256 };
enum { LOOK_MIN_MS = 50, LOOK_MAX_MS = 500, LOOK_PART = 16 }; // of the time somebody is away

struct ends { // of a connection
    nng_sockaddr local, remote;
    bool accepted; // this process listens
    pid_t peer;    // over ipc: the other process; 0: not known
};

struct candidate {
    int fd;
    ino_t inode;
};

struct candidates {
    struct candidate all[MOST_CANDIDATES];
    size_t count;
};

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

// The path is of the side that listens.
static bool is_path(int fd, const struct ends *ends)
{
    struct sockaddr_un here = {0}, there = {0};
    socklen_t here_len = sizeof here, there_len = sizeof there;
    if (ends->remote.s_family != NNG_AF_IPC || getsockname(fd, (struct sockaddr *)&here, &here_len) != 0 ||
        getpeername(fd, (struct sockaddr *)&there, &there_len) != 0 || here.sun_family != AF_UNIX)
        return false;
    const char *path = ends->accepted ? here.sun_path : there.sun_path;
    return strncmp(path, ends->remote.s_ipc.sa_path, sizeof here.sun_path) == 0;
}

// A process that came after it listens at the same path.
static bool is_peer(int fd, pid_t peer)
{
    struct ucred who;
    socklen_t len = sizeof who;
    return peer == 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0 || who.pid == peer;
}

static bool is_between(int fd, const struct ends *ends)
{
    struct sockaddr_storage at = {0};
    socklen_t len = sizeof at;
    if (is_path(fd, ends)) return is_peer(fd, ends->peer);
    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0 || !is_address(&at, &ends->local)) return false;
    len = sizeof at;
    return getpeername(fd, (struct sockaddr *)&at, &len) == 0 && is_address(&at, &ends->remote);
}

static ino_t inode_of(int fd)
{
    struct stat about;
    return fstat(fd, &about) == 0 ? about.st_ino : 0;
}

static struct candidates list_candidates(const struct ends *ends)
{
    struct candidates list = {0};
    DIR *descriptors = opendir("/proc/self/fd");
    for (const struct dirent *entry; descriptors && (entry = readdir(descriptors));) {
        int fd = atoi(entry->d_name);
        if (list.count < MOST_CANDIDATES && is_between(fd, ends))
            list.all[list.count++] = (struct candidate){fd, inode_of(fd)};
    }
    if (descriptors) closedir(descriptors);
    return list;
}

enum { UNASKED = 1, GOES_ON = 2 };

// The likeliest is one that goes on and of which there is no copy yet, as there is of every socket in use.
static int candidate_likelihood(const struct candidates *list, const struct candidate *candidate)
{
    size_t copies = 0;
    for (size_t i = 0; i < list->count; i++) copies += list->all[i].inode == candidate->inode;
    return (rpc_socket_ended(candidate->fd) ? 0 : GOES_ON) + (copies == 1 ? UNASKED : 0);
}

static const struct candidate *pick_likeliest(const struct candidates *list)
{
    const struct candidate *best = NULL;
    for (size_t i = 0; i < list->count; i++)
        if (!best || candidate_likelihood(list, &list->all[i]) > candidate_likelihood(list, best))
            best = &list->all[i];
    return best;
}

// Checked again when it is ours: NNG may have closed it meanwhile, and another file taken its number.
static int socket_copy(const struct candidate *candidate, const struct ends *ends)
{
    int own = fcntl(candidate->fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0 || (inode_of(own) == candidate->inode && is_between(own, ends))) return own;
    close(own);
    return -1;
}

// Of several connections that one process has made to a path, the one by which the most is not taken.
static const struct candidate *pick_fullest(const struct candidates *list)
{
    const struct candidate *fullest = list->count == 1 ? &list->all[0] : NULL;
    for (int i = 0, unsent, most = 0; list->count > 1 && i < (int)list->count; i++)
        if (ioctl(list->all[i].fd, SIOCOUTQ, &unsent) == 0 && unsent > most)
            most = unsent, fullest = &list->all[i];
    return fullest;
}

static int find_likely(nng_pipe pipe, int least)
{
    struct ends ends = {.accepted = nng_listener_id(nng_pipe_listener(pipe)) > 0};
    uint64_t peer;
    if (nng_pipe_get_addr(pipe, NNG_OPT_LOCADDR, &ends.local) != 0 ||
        nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &ends.remote) != 0)
        return -1;
    if (ends.remote.s_family == NNG_AF_INPROC) return -1;
    if (nng_pipe_get_uint64(pipe, NNG_OPT_IPC_PEER_PID, &peer) == 0) ends.peer = (pid_t)peer;
    struct candidates list = list_candidates(&ends);
    bool by_path = ends.accepted && ends.remote.s_family == NNG_AF_IPC;
    const struct candidate *found = by_path ? pick_fullest(&list) : pick_likeliest(&list);
    bool likely = found && (by_path || candidate_likelihood(&list, found) >= least);
    return likely ? socket_copy(found, &ends) : -1;
}

int rpc_socket_find(nng_pipe pipe) { return find_likely(pipe, 0); }

int rpc_socket_find_unasked(nng_pipe pipe) { return find_likely(pipe, UNASKED + GOES_ON); }

static bool is_tcp(nng_pipe pipe)
{
    nng_sockaddr remote;
    if (nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &remote) != 0) return true; // which is no more
    return remote.s_family == NNG_AF_INET || remote.s_family == NNG_AF_INET6;
}

void rpc_socket_cut(nng_pipe pipe)
{
    int fd = rpc_socket_find(pipe);
    if (fd < 0 && !is_tcp(pipe)) nng_pipe_close(pipe);
    if (fd < 0) return; // over tcp it has ended already
    shutdown(fd, SHUT_RDWR);
    close(fd);
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

// A listener is of streams, so a connection of another type is refused in one way when there is one, and in
// others when there is none.
bool rpc_socket_is_bound(const char *address)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const char *path = address + strlen(IPC);
    if (strncmp(address, IPC, strlen(IPC)) != 0 || strlen(path) >= sizeof at.sun_path) return true;
    memcpy(at.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return true;
    bool absent =
        connect(fd, (struct sockaddr *)&at, sizeof at) != 0 && (errno == ENOENT || errno == ECONNREFUSED);
    close(fd);
    return !absent;
}

int64_t rpc_socket_look_ms(int64_t since_ms, int64_t now_ms)
{
    int64_t look_ms = (now_ms - since_ms) / LOOK_PART;
    if (look_ms < LOOK_MIN_MS) return LOOK_MIN_MS;
    return look_ms < LOOK_MAX_MS ? look_ms : LOOK_MAX_MS;
}

bool rpc_socket_ended(int fd)
{
    struct pollfd ended = {.fd = fd, .events = POLLRDHUP};
    return poll(&ended, 1, 0) == 1;
}
