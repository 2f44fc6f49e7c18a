#include "services/gateway/proxy/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static int dial_open(const struct sockaddr_storage *address)
{
    const int at_once = 1;
    socklen_t len = address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    if (connect(fd, (const struct sockaddr *)address, len) == 0 || errno == EINPROGRESS) return fd;
    close(fd);
    return -1;
}

int dial_next(struct dial *dial)
{
    int fd = -1;
    while (fd < 0 && dial->next < dial->addresses.count) fd = dial_open(&dial->addresses.all[dial->next++]);
    return fd;
}

bool dial_is_connected(int fd)
{
    int fault = 0;
    socklen_t size = sizeof fault;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &size) == 0 && fault == 0;
}
