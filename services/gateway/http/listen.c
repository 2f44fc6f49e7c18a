#include "services/gateway/http/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "services/gateway/address/address.h"

enum {
    BACKLOG = 4096,
    UNSENT_BYTES = 64 * 1024, // that the kernel takes beyond what the client's window lets it send
};

// "host:port" or "[host]:port" into its parts.
static bool listen_split(const char *address, char host[64], char port[8])
{
    const char *colon = strrchr(address, ':');
    if (!colon || strlen(colon + 1) > 5 || colon[1] == 0) return false;
    size_t len = (size_t)(colon - address);
    if (len >= 2 && address[0] == '[' && address[len - 1] == ']') address++, len -= 2;
    if (len >= 64) return false;
    snprintf(host, 64, "%.*s", (int)len, address);
    snprintf(port, 8, "%s", colon + 1);
    return true;
}

static bool listen_set(int fd, int option)
{
    int on = 1;
    return setsockopt(fd, SOL_SOCKET, option, &on, sizeof on) == 0;
}

// Accepted sockets inherit it: a client that does not read costs the kernel no megabytes.
static bool bound_unsent(int fd)
{
    int most = UNSENT_BYTES;
    return setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most) == 0;
}

// The first one binds before it shares, so that a second gateway is refused like any other program.
static bool bind_one(int fd, const struct addrinfo *info, enum listen_mode mode)
{
    return listen_set(fd, SO_REUSEADDR) && bound_unsent(fd) &&
           (mode != LISTEN_FURTHER || listen_set(fd, SO_REUSEPORT)) &&
           bind(fd, info->ai_addr, info->ai_addrlen) == 0 &&
           (mode != LISTEN_FIRST || listen_set(fd, SO_REUSEPORT)) && listen(fd, BACKLOG) == 0;
}

static int open_one(const struct addrinfo *info, enum listen_mode mode)
{
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind_one(fd, info, mode)) return fd;
    int fault = errno;
    close(fd);
    errno = fault;
    return -1;
}

static void print_bound(int fd, char bound[LISTEN_ADDRESS_SIZE])
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.v6 = {0}};
    socklen_t size = sizeof address;
    char host[ADDRESS_SIZE];
    getsockname(fd, &address.any, &size);
    bool six = address.any.sa_family == AF_INET6;
    struct address numeric = address_of(&address.any);
    address_print(&numeric, host);
    snprintf(bound, LISTEN_ADDRESS_SIZE, six ? "[%s]:%u" : "%s:%u", host,
             ntohs(six ? address.v6.sin6_port : address.v4.sin_port));
}

bool listen_open(int *fd, const char *address, enum listen_mode mode, char bound[LISTEN_ADDRESS_SIZE],
                 struct err *err)
{
    char host[64] = "", port[8] = "";
    struct addrinfo *found = NULL,
                    hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    if (!listen_split(address, host, port))
        return err_fail(err, INVALID_FIELD, "%s is not an address like 127.0.0.1:7438", address);
    int fault = getaddrinfo(*host ? host : NULL, port, &hints, &found);
    if (fault) return err_fail(err, INVALID_FIELD, "%s: %s", address, gai_strerror(fault));
    *fd = open_one(found, mode);
    freeaddrinfo(found);
    if (*fd < 0) return err_errno(err, errno, address);
    print_bound(*fd, bound);
    return true;
}
